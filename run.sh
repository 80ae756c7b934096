#!/bin/sh
# Install Soundings into .venv and start everything: embedded PostgreSQL, sidecar and web app.
#   ./run.sh           install what is missing, then start
#   ./run.sh --setup   install and stop
# PORT and SOUNDINGS_DATA choose the port (8501) and the data folder (./data); see docs/settings.md.
set -eu
cd "$(dirname "$0")"

PYTHON=${PYTHON:-python3}
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Soundings needs Python 3.11 or newer; $PYTHON is $("$PYTHON" --version 2>&1). Set PYTHON to a newer one." >&2
    exit 1
}
[ -x .venv/bin/python ] || "$PYTHON" -m venv .venv

wanted=$(cat requirements.txt constraints.txt | cksum)
if [ "$(cat .venv/.installed 2>/dev/null || true)" != "$wanted" ]; then
    echo "Installing packages into .venv (once) …"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -c constraints.txt
    echo "$wanted" > .venv/.installed
fi
[ "${1:-}" = "--setup" ] && exit 0

exec .venv/bin/python app.py
