"""`python -m benchmarks` lists the questions; `python -m benchmarks QUESTION --help` explains one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module

QUESTIONS = {
    "dashboards": "How long does each report take at 1, 10 and 100 million facts, beside plain SQL and DuckDB?",
    "load": "How fast are new, unchanged and changed rows loaded, beside COPY, pandas and dlt?",
    "pages": "How long until a page is drawn, and how many people can change filters at once?",
    "sync": "What does a two-year backfill wait for: the platform's quota, or our parsing and loading?",
}
"""Question and module of this package that answers it with `main(arguments)`."""


def main(arguments: Sequence[str]) -> int:
    """Run one question; without one, list them."""
    if not arguments or arguments[0] not in QUESTIONS:
        print("python -m benchmarks QUESTION [--json] [--runs N] …\n")
        for name, asks in QUESTIONS.items():
            print(f"  {name:12}{asks}")
        return 0 if not arguments or arguments[0] in {"-h", "--help"} else 2
    answer: Callable[[Sequence[str]], int] = import_module(f"benchmarks.{arguments[0]}").main
    return answer(arguments[1:])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
