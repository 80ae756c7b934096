"""`python -m sandbox serve` starts the stand-ins; `python -m sandbox credentials PLATFORM` prints what to paste."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time

from sandbox import platforms
from sandbox.credentials import ways
from sandbox.serving import Server
from sandbox.world import World


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="serve every platform on 127.0.0.1")
    serve.add_argument("--port", type=int, default=8700)
    serve.add_argument("--today", type=date.fromisoformat, help="begin at noon (UTC) of this day")
    serve.add_argument("--scale", choices=["small", "large"], default="small")
    paste = commands.add_parser("credentials", help="print a credentials file")
    paste.add_argument("platform", choices=platforms.NAMES)
    paste.add_argument("--way", type=int, default=0, help="0 is the usual way to connect")
    for command in (serve, paste):
        command.add_argument("--seed", type=int, default=7)
    return parser


def _clock(today: date | None) -> Callable[[], datetime] | None:
    """A clock that starts at noon of that day and goes on."""
    if today is None:
        return None
    begin, began = datetime.now(UTC), datetime.combine(today, time(12), UTC)
    return lambda: began + (datetime.now(UTC) - begin)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; its exit code."""
    chosen = _parser().parse_args(arguments)
    if chosen.command == "credentials":
        found = ways(chosen.platform, chosen.seed)
        if chosen.way not in range(len(found)):
            print(f"{chosen.platform} has ways 0 to {len(found) - 1}.", file=sys.stderr)
            return 2
        print(json.dumps(found[chosen.way], indent=2))
        return 0
    world = World(chosen.seed, _clock(chosen.today), scale=chosen.scale)
    try:
        server = Server(world, port=chosen.port)
    except OSError as error:
        print(
            f"Port {chosen.port} can't be used: {error.strerror}. Choose another with --port.",
            file=sys.stderr,
        )
        return 2
    print(f"Sandbox: {server.address}, today is {world.now:%Y-%m-%d}")
    print(f"PLATFORM_BASE_URLS='{json.dumps(server.base_urls)}'")
    print("What to paste: python -m sandbox credentials PLATFORM", flush=True)
    try:
        server.wait()
    except KeyboardInterrupt:
        server.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
