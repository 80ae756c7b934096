#!/bin/sh
# Install what tests need and run them all. Arguments go to pytest: ./test.sh tests/store -k load
# The browser tests need Chromium and its driver (Debian: apt-get install chromium chromium-driver).
set -eu
cd "$(dirname "$0")"
./run.sh --setup

wanted=$(cat requirements-dev.txt constraints.txt | cksum)
if [ "$(cat .venv/.installed-dev 2>/dev/null || true)" != "$wanted" ]; then
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt -c constraints.txt
    echo "$wanted" > .venv/.installed-dev
fi

if [ $# -gt 0 ]; then
    exec .venv/bin/python -m pytest "$@"
fi
.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/mypy .
exec .venv/bin/python -m pytest -n "${TEST_WORKERS:-2}" --dist loadfile
