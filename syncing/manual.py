"""Offline spend from the editable grid: only the days that were changed are written, as a batch of their own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from typing import Any

from errors import BadInput
from spreadsheets.reading import understand_rows
from spreadsheets.understanding import Answers
from store.batches import Slice
from store.db import Connection
from syncing import imports
from syncing.normalising import Account

PLATFORM = "offline"
MOST_DAYS = 366
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Entry:
    """Spend of one offline channel (and campaign) on one day."""

    day: date
    channel: str
    campaign: str
    currency: str
    spend: Decimal
    impressions: int | None

    @property
    def place(self) -> tuple[str, str, date]:
        """What is replaced as a whole: a channel's day in one currency."""
        return self.channel, self.currency, self.day


def _text(value: Any) -> str:
    return "" if value is None or value != value else " ".join(str(value).split())  # a missing cell is NaN


def _day(value: Any, row: int, name: str) -> date | None:
    if value is None or value != value:  # a missing day is not equal to itself
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if not _text(value) or _text(value) == "NaT":
        return None
    try:
        return date.fromisoformat(_text(value)[:10])
    except ValueError:
        raise BadInput(f"Row {row}, {name}: “{_text(value)}” is not a day. Nothing was saved.") from None


def _amount(value: Any, row: int) -> Decimal:
    try:
        amount = Decimal(_text(value).replace(" ", ""))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or abs(amount) >= Decimal(10) ** 12:
        raise BadInput(
            f"Row {row}, Spend: “{_text(value)}” is not an amount. Write it like 1250 or 1250.50. Nothing was saved."
        )
    return amount


def spread(amount: Decimal, days: int) -> list[Decimal]:
    """An amount over days, to the cent; what is left over goes to the first days, a cent each. Sums exactly."""
    each = (amount / days).quantize(_CENT, ROUND_DOWN)
    parts = [each] * days
    left = amount - each * days
    cent = _CENT if left > 0 else -_CENT
    for n in range(int(abs(left) // _CENT)):
        parts[n] += cent
    parts[0] += amount - sum(parts, Decimal(0))
    return parts


def _spread_count(count: int | None, days: int) -> list[int | None]:
    if count is None:
        return [None] * days
    return [count // days + (1 if n < count % days else 0) for n in range(days)]


def entries(rows: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """The grid's rows by single day. Raises BadInput that names row and column."""
    found: list[Entry] = []
    for n, row in enumerate(rows, start=1):
        first = _day(row.get("day"), n, "Day")
        channel, currency = _text(row.get("channel")), _text(row.get("currency")).upper()
        if first is None or not channel or len(currency) != 3:
            raise BadInput(f"Row {n} needs a day, a channel and a currency. Nothing was saved.")
        last = _day(row.get("last_day"), n, "Last day") or first
        days = (last - first).days + 1
        if not 1 <= days <= MOST_DAYS:
            raise BadInput(
                f"Row {n}: the last day must lie up to a year after the first one. Nothing was saved."
            )
        seen = row.get("impressions")
        count = None if seen is None or seen != seen else int(seen)
        amounts = spread(_amount(row.get("spend"), n), days)
        for k, (amount, part) in enumerate(zip(amounts, _spread_count(count, days), strict=True)):
            found.append(
                Entry(first + timedelta(days=k), channel, _text(row.get("campaign")), currency, amount, part)
            )
    return found


def save(
    connection: Connection,
    project_id: int,
    before: Sequence[Mapping[str, Any]],
    after: Sequence[Mapping[str, Any]],
    person_id: int | None,
) -> int | None:
    """Write what changed between two states of the grid; the batch's id, None when nothing did."""
    old, new = _by_place(entries(before)), _by_place(entries(after))
    changed = {place for place in {*old, *new} if old.get(place) != new.get(place)}
    if not changed:
        return None
    speaks_for: dict[Account, set[Slice]] = defaultdict(set)
    for channel, currency, day in changed:
        speaks_for[_account(channel, currency)].add((day, 1))
    kept = sorted((e for place in changed for e in new.get(place, [])), key=lambda e: (e.day, e.channel))
    table = understand_rows([_cells(entry) for entry in kept], "Offline spend", Answers(platform="unified"))
    if table.problems:
        first = table.problems[0]
        raise BadInput(f"{first.column}: “{first.value}”: {first.reason} Nothing was saved.")
    table.platform, table.grain, table.kind = PLATFORM, "campaign", "metrics"
    days = sorted(day for _, _, day in changed)
    table.date_from, table.date_to = days[0], days[-1]
    table.name = f"Offline spend, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    slices = {account: frozenset(found) for account, found in speaks_for.items()}
    return imports.write(connection, project_id, table, {}, None, person_id, lambda *_: None, slices)


def _account(channel: str, currency: str) -> Account:
    return Account(channel, "", channel, currency)


def _by_place(found: Sequence[Entry]) -> dict[tuple[str, str, date], list[Entry]]:
    places: dict[tuple[str, str, date], list[Entry]] = defaultdict(list)
    for entry in sorted(found, key=lambda e: (e.campaign, e.spend)):
        places[entry.place].append(entry)
    return places


def _cells(entry: Entry) -> dict[str, str]:
    return {
        "Date": entry.day.isoformat(),
        "Channel": entry.channel,
        "Campaign": entry.campaign,
        "Currency": entry.currency,
        "Spend": str(entry.spend),
        "Impressions": "" if entry.impressions is None else str(entry.impressions),
    }
