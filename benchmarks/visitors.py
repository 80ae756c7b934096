"""Sessions of the app without a browser's drawing: they speak Streamlit's own protocol over a websocket.

Each opens a page, then changes a filter at a steady pace and waits until the script has run and all its elements
have arrived. What a browser then draws is its own machine's work, and is measured by `benchmarks pages` apart.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

_PATIENCE = 30.0
_MOST = 64_000_000
FILTERS = {"Currency": ("EUR", "USD"), "Compare with": ("Year before", "Previous period")}
"""Filters that a visitor changes, by label, with the values that it alternates between."""


@dataclass
class Visit:
    """What a session saw: milliseconds of its opening and of each change, and how many answers failed."""

    opening: float = 0.0
    changes: list[float] = field(default_factory=list)
    failed: int = 0


@dataclass(frozen=True)
class Door:
    """Where a visitor goes: the app's address, its cookie, a page and the link's parameters."""

    address: str
    cookie: str
    page: str
    query: str


class Visitor:
    """One session."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.widgets: dict[str, str] = {}
        self.chosen: dict[str, str] = {}
        self.seen = Visit()

    async def stay(self, every: float, changes: int, begin: float) -> Visit:
        """Open the page, wait for one's turn, change a filter every so many seconds."""
        headers = {"Cookie": self.door.cookie}
        address = self.door.address.replace("http", "ws", 1) + "/_stcore/stream"
        connect = websockets.connect(
            address, subprotocols=["streamlit"], additional_headers=headers, max_size=_MOST
        )
        async with connect as self.socket:
            self.seen.opening = await self._run()
            await asyncio.sleep(begin)
            for n in range(changes):
                next_at = time.perf_counter() + every
                self._choose(n)
                self.seen.changes.append(await self._run())
                await asyncio.sleep(max(0.0, next_at - time.perf_counter()))
        return self.seen

    def _choose(self, n: int) -> None:
        label = sorted(FILTERS)[n % len(FILTERS)]
        if (widget := self.widgets.get(label)) is not None:
            values = FILTERS[label]
            self.chosen[widget] = next(value for value in values if value != self.chosen.get(widget))

    async def _run(self) -> float:
        """Ask for a run of the script; milliseconds until it has finished."""
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_name = self.door.query, self.door.page
        for widget, value in self.chosen.items():
            known = state.widget_states.widgets.add()
            known.id, known.string_value = widget, value
        start = time.perf_counter()
        await self.socket.send(message.SerializeToString())
        try:
            async with asyncio.timeout(_PATIENCE):
                while not self._is_last(await self.socket.recv()):
                    pass
        except TimeoutError:
            self.seen.failed += 1
        return (time.perf_counter() - start) * 1000

    def _is_last(self, content: bytes | str) -> bool:
        message = ForwardMsg()
        message.ParseFromString(content if isinstance(content, bytes) else content.encode())
        kind = message.WhichOneof("type")
        if kind == "delta":
            element = message.delta.new_element
            if element.WhichOneof("type") == "selectbox":
                self.widgets[element.selectbox.label] = element.selectbox.id
            elif element.WhichOneof("type") == "exception":
                self.seen.failed += 1
        return kind == "script_finished"


async def crowd(doors: Sequence[Door], every: float, changes: int) -> list[Visit]:
    """As many sessions as doors at once, each at a moment of its own within the pace."""
    moments = random.Random(7)
    visitors = [Visitor(door).stay(every, changes, moments.uniform(0, every)) for door in doors]
    return list(await asyncio.gather(*visitors))
