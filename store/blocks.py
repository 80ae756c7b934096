"""Rows on their way into the store: checked, and brought into columns a block at a time.

A column is checked and converted by one call where a row takes twenty, and a block at a time keeps
memory flat. What a load may not contain is refused here, before anything is written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain, islice
from operator import itemgetter
from typing import Any

import msgspec
import polars as pl

from errors import BadInput
from store.entities import identity
from store.models import AMOUNTS, COUNTS, MEASURES
from store.windows import Window

KEY = ("day", "days", "entity_id", "segment")
_BLOCK = 5_000
_STRIDE = 1_000
_KNOWN_IDS = 500_000
_FIELDS = {"day", "days", "entity", "campaign", "segment", "more", *MEASURES}
_EPOCH = date(1970, 1, 1).toordinal()
_PLAIN = {int, str, bool, type(None)}
_encode_lines = msgspec.json.Encoder().encode_lines
_NUMBER = r"^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_NOTHING = "Nothing was written."


class _Ids(dict[object, int]):
    """Entity ids by key, derived at first sight."""

    def __init__(self, level: str) -> None:
        super().__init__()
        self.level = level

    def __missing__(self, key: object) -> int:
        if key is None:
            found = identity("account", "")
        elif isinstance(key, str):
            found = identity(self.level, key)
        elif isinstance(key, tuple) and len(key) == 2:
            found = identity(*key)
        else:
            raise TypeError
        self[key] = found
        return found


# --- rows to blocks ------------------------------------------------------------------------------


def of_rows(window: Window, rows: Iterable[Mapping[str, object]]) -> Iterator[pl.DataFrame]:
    """Checked columns of `rows`, a block at a time. Raises BadInput that names the first offender."""
    entities, campaigns = _Ids(window.level), _Ids("campaign")
    source, start = iter(rows), 0
    while block := list(islice(source, _BLOCK)):
        for ids in (entities, campaigns):
            if len(ids) > _KNOWN_IDS:
                ids.clear()
        yield _inside(window, _block(window, block, start, entities, campaigns), start)
        start += len(block)


def _transposed(rows: Sequence[Mapping[str, object]]) -> dict[str, list[object]]:
    """Columns of the rows, in strides that stay in the processor's cache."""
    names = tuple(dict.fromkeys(chain.from_iterable(rows)))
    columns: list[list[object]] = [[] for _ in names]
    for start in range(0, len(rows), _STRIDE):
        some = rows[start : start + _STRIDE]
        for column, values in zip(columns, _columns(some, names), strict=True):
            column.extend(values)
    return dict(zip(names, columns, strict=True))


def _columns(rows: Sequence[Mapping[str, object]], names: tuple[str, ...]) -> Iterator[Sequence[object]]:
    """The values of each name; None where a row lacks it."""
    if len(names) > 1 and set(map(len, rows)) == {len(names)}:
        return zip(*map(itemgetter(*names), rows), strict=True)
    return ([row.get(name) for row in rows] for name in names)


def _block(
    window: Window, rows: Sequence[Mapping[str, object]], start: int, entities: _Ids, campaigns: _Ids
) -> pl.DataFrame:
    given = _transposed(rows)
    if unknown := next((name for name in given if name not in _FIELDS), None):
        row = start + next(n for n, r in enumerate(rows, 1) if unknown in r)
        raise BadInput(f"Row {row}: there is no metric {unknown!r}. {_NOTHING}")
    nothing: Sequence[object] = [None] * len(rows)
    entity = _ids(given.get("entity", nothing), entities, start, "entity")
    made = [
        _column("day", given.get("day", nothing), start, "a day", _days),
        _column("days", given.get("days", [1] * len(rows)), start, "a number of days", _lengths),
        entity,
        _segments(given.get("segment", nothing), start),
        _campaigns(window, given, entity, campaigns, start),
    ]
    for name, values in given.items():
        if name in _COUNTS:
            made.append(_column(name, values, start, "a whole number", _counts))
        elif name in _AMOUNTS:
            made.append(_column(name, values, start, "an exact and finite number (Decimal or int)", _amounts))
    if "more" in given:
        made.append(_column("more", given["more"], start, "a mapping of plain, finite values", _extras))
    return pl.DataFrame(made)


_COUNTS, _AMOUNTS = frozenset(COUNTS), frozenset(AMOUNTS)


def _campaigns(
    window: Window, given: Mapping[str, Sequence[object]], entity: pl.Series, ids: _Ids, start: int
) -> pl.Series:
    named = pl.Series("campaign_id", [None] * len(entity), dtype=pl.Int64)
    if "campaign" in given:
        named = _ids(given["campaign"], ids, start, "campaign", absent=None).alias("campaign_id")
    if window.grain // 100 != _CAMPAIGN_LEVEL:
        return named
    return pl.select(pl.coalesce(named, entity).alias("campaign_id")).to_series()


_CAMPAIGN_LEVEL = 2


def _ids(values: Sequence[object], ids: _Ids, start: int, name: str, absent: object = 0) -> pl.Series:
    def convert(some: Sequence[object]) -> pl.Series:
        if absent is None and None in some:
            return pl.Series([None if v is None else ids[v] for v in some], dtype=pl.Int64)
        return pl.Series(list(map(ids.__getitem__, some)), dtype=pl.Int64)

    return _column(f"{name}_id", values, start, "a key or (level, key)", convert)


def _segments(values: Sequence[object], start: int) -> pl.Series:
    def convert(some: Sequence[object]) -> pl.Series:
        return pl.Series(some, dtype=pl.String).fill_null("")

    return _column("segment", values, start, "a text", convert)


def _days(values: Sequence[object]) -> pl.Series:
    if set(map(type, values)) != {date}:
        raise TypeError
    return pl.Series([value.toordinal() - _EPOCH for value in values], dtype=pl.Int32).cast(pl.Date)  # type: ignore[attr-defined]


def _lengths(values: Sequence[object]) -> pl.Series:
    return pl.Series([1 if value is None else value for value in values], dtype=pl.Int16)


def _counts(values: Sequence[object]) -> pl.Series:
    return pl.Series(values, dtype=pl.Int64)


def _amounts(values: Sequence[object]) -> pl.Series:
    types = set(map(type, values))
    if not types <= {Decimal, int, type(None)}:
        raise TypeError
    texts = (
        list(map(str, values)) if type(None) not in types else [None if v is None else str(v) for v in values]
    )
    made = pl.Series(texts, dtype=pl.String)
    if made.str.contains("[NnIi]").any():
        raise ValueError
    return made


def _extras(values: Sequence[object]) -> pl.Series:
    """JSON texts: by one call where all of it is plain, value by value where something has to be looked at."""
    given: list[Any] = [value for value in values if value is not None]
    if set(map(type, given)) <= {dict} and _PLAIN.issuperset(
        map(type, chain.from_iterable(map(dict.values, given)))
    ):
        texts = iter(_encode_lines(given).decode().split("\n"))
        return pl.Series([None if v is None else next(texts) for v in values], dtype=pl.String)
    return pl.Series([None if v is None else _as_json(v) for v in values], dtype=pl.String)


def _as_json(value: object) -> str:
    if not isinstance(value, Mapping):
        raise TypeError
    return json.dumps(dict(value), sort_keys=True, allow_nan=False, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueError
    return str(value)


def _column(
    name: str,
    values: Sequence[object],
    start: int,
    wanted: str,
    convert: Callable[[Sequence[object]], pl.Series],
) -> pl.Series:
    """Convert a column; if that fails, convert value by value to name the first one that is wrong."""
    try:
        return convert(values).alias(name)
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
        for row, value in enumerate(values, start + 1):
            try:
                convert([value])
            except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
                shown = "missing" if value is None else repr(value)[:60]
                raise BadInput(f"Row {row}: {name} is {shown}; it has to be {wanted}. {_NOTHING}") from None
        raise


# --- frames to blocks ----------------------------------------------------------------------------


def of_frame(window: Window, frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The same for columns that are typed already: day, days, entity_id, campaign_id, segment, measures, more."""
    allowed = {*KEY, "campaign_id", "more", *MEASURES}
    if unknown := next((name for name in frame.columns if name not in allowed), None):
        raise BadInput(f"There is no metric {unknown!r}. {_NOTHING}")
    for start in range(0, len(frame), _BLOCK):
        yield _inside(window, _typed(window, frame.slice(start, _BLOCK), start), start)


def _typed(window: Window, frame: pl.DataFrame, start: int) -> pl.DataFrame:
    own = pl.col("entity_id") if window.grain // 100 == _CAMPAIGN_LEVEL else pl.lit(None, pl.Int64)
    if "campaign_id" in frame.columns:
        own = pl.coalesce(pl.col("campaign_id").cast(pl.Int64), own)
    optional = {"days": pl.lit(1, pl.Int16), "segment": pl.lit("", pl.String)}
    made = frame.with_columns(
        *(value.alias(name) for name, value in optional.items() if name not in frame.columns),
        own.alias("campaign_id"),
    ).with_columns(pl.col("segment").cast(pl.String).fill_null(""))
    for name in ("day", "days", "entity_id"):
        if made[name].null_count():
            raise BadInput(f"Row {start + _first(made[name].is_null())}: {name} is missing. {_NOTHING}")
    measures = [_measure(made[name], start) for name in made.columns if name in MEASURES]
    more = [made["more"]] if "more" in made.columns else []
    return pl.DataFrame([*(made[name] for name in (*KEY, "campaign_id")), *measures, *more])


def _measure(column: pl.Series, start: int) -> pl.Series:
    kind, name = column.dtype, column.name
    if kind.is_integer() or kind == pl.Null:
        return column.cast(pl.Int64)
    if name in _AMOUNTS and kind.is_decimal():
        return column
    if name in _AMOUNTS and kind == pl.String:
        wrong = ~column.str.contains(_NUMBER)
        if wrong.any():
            row = _first(wrong)
            raise BadInput(
                f"Row {start + row}: {name} is {column[row - 1]!r}, not a finite number. {_NOTHING}"
            )
        return column
    wanted = "whole numbers" if name in _COUNTS else "exact numbers (Decimal, int or text)"
    raise BadInput(f"The column {name} holds {kind}; it has to hold {wanted}. {_NOTHING}")


def _first(flags: pl.Series) -> int:
    """Position of the first true value, from 1."""
    found = flags.arg_true()
    return int(found[0]) + 1


def _inside(window: Window, frame: pl.DataFrame, start: int) -> pl.DataFrame:
    """The block, if all its rows lie in the window."""
    for day, days in frame.select("day", "days").unique(maintain_order=True).iter_rows():
        if (day, days) not in window.slices:
            row = start + _first((frame["day"] == day) & (frame["days"] == days))
            span = f"The {days} days from {day}" if days != 1 else f"The day {day}"
            raise BadInput(f"Row {row}: {span} is not part of this load's window. {_NOTHING}")
    return frame
