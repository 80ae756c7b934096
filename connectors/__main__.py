"""Ask a platform from the command line, without a database: `python -m connectors --help`.

One JSON object a line with `--json`, else lines to read. Ends with 0, or with 2 and one line that says why.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from datetime import date
from typing import NoReturn

import settings
from connectors import _commands
from connectors._redaction import clean, install
from errors import SoundingsError

_log = logging.getLogger("connectors")
_FAILED = 2


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(_FAILED, f"{message}. Try: python -m connectors --help\n")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date such as 2026-11-01") from None


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m connectors", description="See exactly what a platform answers.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    lines = _Parser(add_help=False)
    lines.add_argument("--json", action="store_true", help="one JSON object a line, exact numbers as text")
    platform = _Parser(add_help=False)
    platform.add_argument("platform", metavar="PLATFORM", help="such as meta_ads; see the command platforms")
    signed = _Parser(add_help=False)
    signed.add_argument(
        "--credentials", required=True, metavar="FILE", help="a JSON file; - is standard input"
    )
    signed.add_argument("--save", action="store_true", help="write renewed credentials back to the file")
    account = _Parser(add_help=False)
    account.add_argument("--account", metavar="ID", help="which account; not needed where there is only one")
    commands.add_parser(
        "platforms", parents=[lines], help="what can be connected, and the fields of a sign-in"
    )
    commands.add_parser("streams", parents=[platform, lines], help="the grains of a platform")
    everything = [platform, signed, lines]
    commands.add_parser("check", parents=everything, help="test the sign-in step by step")
    commands.add_parser("accounts", parents=everything, help="the accounts that it sees")
    commands.add_parser("entities", parents=[*everything, account], help="campaigns, ads … of an account")
    pull = commands.add_parser("pull", parents=[*everything, account], help="figures or orders of an account")
    pull.add_argument(
        "--from", dest="first", type=_day, metavar="DAY", help="first day; 6 days before the last"
    )
    pull.add_argument("--to", dest="last", type=_day, metavar="DAY", help="last day; today in UTC")
    pull.add_argument("--grain", metavar="STREAM", help="see the command streams; the first of them")
    return parser


def main(given: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    install()
    options = _parser().parse_args(given)
    try:
        logging.basicConfig(
            level=settings.current().log_level,
            format="%(levelname)s %(name)s: %(message)s",
            stream=sys.stderr,
        )
        _commands.COMMANDS[options.command](options)
        sys.stdout.flush()
    except SoundingsError as error:
        return _failed(str(error))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read us has seen enough
    except KeyboardInterrupt:
        return _failed("Stopped.")
    except Exception as error:
        _log.debug("Unexpected error", exc_info=True)
        return _failed(f"An error of ours ({type(error).__name__}); SOUNDINGS_LOG_LEVEL=DEBUG shows more.")
    return 0


def _failed(why: str) -> int:
    sys.stderr.write(clean(" ".join(why.split())) + "\n")
    return _FAILED


if __name__ == "__main__":
    sys.exit(main())
