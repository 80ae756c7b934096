"""Keeps secrets out of every text that leaves the process: log lines, tracebacks, error messages.

Whoever holds a secret calls `hide` with it before using it. `install` makes the logging of the whole
process pass through `clean`, whichever library wrote the line.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus

HIDDEN = "•••"
_SHORTEST = 6
_MOST = 4_000
_lock = threading.Lock()
_known: dict[str, None] = {}
_pattern: re.Pattern[str] | None = None


def hide(*values: object) -> None:
    """Never show these values again; also not percent-encoded, as JSON text or as base64.

    Values of fewer than six characters are no secrets: hiding them would only eat ordinary words.
    """
    global _pattern
    with _lock:
        before = len(_known)
        for value in values:
            text = str(value or "")
            if len(text) < _SHORTEST:
                continue
            for form in _forms(text):
                _known.setdefault(form)
        while len(_known) > _MOST:
            del _known[next(iter(_known))]
        if len(_known) != before:
            longest_first = sorted(_known, key=len, reverse=True)
            _pattern = re.compile("|".join(map(re.escape, longest_first)))


def _forms(text: str) -> set[str]:
    escaped = text.encode("unicode_escape").decode()
    lines = {line for line in text.splitlines() if len(line) >= 2 * _SHORTEST}
    return {text, escaped, quote(text, safe=""), quote_plus(text), b64encode(text.encode()).decode(), *lines}


def clean(text: str) -> str:
    """The text with every known secret replaced."""
    pattern = _pattern
    return pattern.sub(HIDDEN, text) if pattern else text


def install() -> None:
    """Clean every log record of this process and every traceback of an uncaught error. Twice does no harm."""
    make = logging.getLogRecordFactory()
    if not getattr(make, "cleans", False):
        logging.setLogRecordFactory(_cleaning(make))
    sys.excepthook = lambda *raised: _print(raised)
    threading.excepthook = lambda raised: _print(raised[:3])


def _print(raised: Any) -> None:
    sys.stderr.write(clean("".join(traceback.format_exception(*raised))))


def _cleaning(make: Callable[..., logging.LogRecord]) -> Callable[..., logging.LogRecord]:
    def made(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        if _pattern is None:
            return record
        try:
            record.msg, record.args = clean(record.getMessage()), ()
        except (TypeError, ValueError):
            return record  # a malformed log call: logging itself reports it
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = clean("".join(traceback.format_exception(*record.exc_info)).rstrip("\n"))
        return record

    made.cleans = True  # type: ignore[attr-defined]
    return made
