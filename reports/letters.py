"""A rendered view as a mail (text, and HTML with its charts inside) and as a message for Slack's webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from reports.rendered import Figure, Rendered, Table

MOST_LINES = 40
"""Lines of a table in a mail; the workbook has all."""
MOST_POSTED = 20
_MOST_COLUMNS = 10
_WIDEST = 24  # characters of a cell in a post
_BLOCKS, _HEADER, _TEXT, _FIELDS = 50, 150, 3_000, 10  # Slack's limits
_FONT = "font-family:Arial,Helvetica,sans-serif"


def subject(found: Rendered, why: str = "", *, is_test: bool = False) -> str:
    """'Weekly paid review · Shop'; with a condition, what crossed its line."""
    return ("Test: " if is_test else "") + f"{found.name} · {found.project}" + (f": {why}" if why else "")


def file_name(found: Rendered) -> str:
    """A workbook's name that any computer can keep."""
    stem = "".join(c if c.isalnum() and c.isascii() else " " for c in f"{found.name} {found.view.end}")
    return "-".join(stem.lower().split())[:80] + ".xlsx"


def chart_name(number: int) -> str:
    """What a chart is called inside of a mail."""
    return f"chart-{number}"


def text(found: Rendered, why: str = "") -> str:
    """The mail for those who read plain text."""
    lines = [found.name, f"{found.title} · {found.project}", found.said, *([why] if why else []), ""]
    lines += [f"{one.label}: {one.text}{_moved(one)}" for one in found.figures]
    for table in found.tables:
        lines += ["", table.title, *_aligned(table, MOST_LINES)]
    lines += [
        "",
        *found.notes,
        "Data: " + "; ".join(found.health) if found.health else "",
        f"Open: {found.link}",
    ]
    return "\n".join(lines) + "\n"


def _moved(one: Figure) -> str:
    return f" ({one.change})" if one.change else ""


def _aligned(table: Table, most: int) -> list[str]:
    """The table in columns of equal width."""
    rows = [tuple(_cut(cell) for cell in row[:_MOST_COLUMNS]) for row in (table.header, *table.rows[:most])]
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) if n == 0 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    more = len(table.rows) - most
    return [*lines, *([f"… and {more:,} more lines"] if more > 0 else [])]


def _cut(cell: str) -> str:
    flat = " ".join(cell.split())
    return flat if len(flat) <= _WIDEST else flat[: _WIDEST - 1] + "…"


# --- HTML --------------------------------------------------------------------------------------------


def html(found: Rendered, why: str = "") -> str:
    """The mail as HTML; its charts are `cid:chart-1` and so on. Whatever people wrote is escaped."""
    parts = [
        f'<h1 style="font-size:22px;margin:0 0 4px">{escape(found.name)}</h1>',
        _small(f"{found.title} · {found.project}"),
        _small(found.said),
        f'<p style="font-size:16px"><b>{escape(why)}</b></p>' if why else "",
        _tiles(found.figures),
        *(_chart(n, picture.title) for n, picture in enumerate(found.charts, 1)),
        *(_table(table) for table in found.tables),
        *(_small(note) for note in found.notes),
        _small("Data: " + "; ".join(found.health)) if found.health else "",
        f'<p><a href="{escape(found.link, quote=True)}" style="color:#0b5c73">Open this view in Soundings</a></p>',
    ]
    body = "\n".join(part for part in parts if part)
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"></head>'
        f'<body style="{_FONT};color:#1d2b33;background:#ffffff;max-width:760px;margin:0 auto;padding:16px">\n{body}\n</body></html>\n'
    )


def _small(words: str) -> str:
    return f'<p style="font-size:13px;color:#55646d;margin:2px 0">{escape(words)}</p>'


def _tiles(found: Sequence[Figure]) -> str:
    cells = "".join(
        '<div style="display:inline-block;vertical-align:top;box-sizing:border-box;width:48%;max-width:180px;'
        "margin:4px 1% 4px 0;padding:8px 10px;"
        f'border:1px solid #d7dee2;border-radius:6px"><div style="font-size:12px;color:#55646d">{escape(one.label)}</div>'
        f'<div style="font-size:19px;font-weight:bold">{escape(one.text)}</div>'
        f'<div style="font-size:12px;color:#55646d">{escape(one.change) or "&nbsp;"}</div></div>'
        for one in found
    )
    return f'<div style="margin:12px 0">{cells}</div>' if cells else ""


def _chart(number: int, title: str) -> str:
    words = escape(title, quote=True)
    return (
        f'<h2 style="font-size:16px;margin:16px 0 4px">{escape(title)}</h2>'
        f'<img src="cid:{chart_name(number)}" alt="{words}" style="width:100%;max-width:720px;height:auto">'
    )


def _table(table: Table) -> str:
    head = "".join(f'<th style="text-align:{"right" if n else "left"};vertical-align:bottom;padding:4px 6px;border-bottom:2px solid #d7dee2">{escape(cell)}</th>'
                   for n, cell in enumerate(table.header))  # fmt: skip
    rows = "".join(
        "<tr>"
        + "".join(f'<td style="{_side(n, cell)};padding:4px 6px;border-bottom:1px solid #eceff1">{escape(cell)}</td>'
                  for n, cell in enumerate(row))
        + "</tr>"
        for row in table.rows[:MOST_LINES]
    )  # fmt: skip
    more = len(table.rows) - MOST_LINES
    rest = _small(f"… and {more:,} more lines in the attached workbook.") if more > 0 else ""
    return (
        f'<h2 style="font-size:16px;margin:16px 0 4px">{escape(table.title)}</h2><div style="overflow-x:auto">'
        f'<table style="border-collapse:collapse;font-size:12px"><tr>{head}</tr>{rows}</table></div>{rest}'
    )


def _side(column: int, cell: str) -> str:
    """Numbers on the right; only a long name is broken into lines."""
    side = "text-align:right" if column else "text-align:left"
    return side if column == 0 and len(cell) > _WIDEST else f"{side};white-space:nowrap"


# --- Slack -------------------------------------------------------------------------------------------


def slack(found: Rendered, why: str = "", *, is_test: bool = False) -> dict[str, Any]:
    """A message of blocks with a text beside them. Slack's webhooks take no files: the charts and the workbook are
    behind the link."""
    heading = ("Test: " if is_test else "") + found.name
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": _short(heading, _HEADER)}},
        _context(f"{found.title} · {found.project} · {found.said}"),
    ]
    if why:
        blocks.append(_section(f"*{_marked(why)}*"))
    for first in range(0, len(found.figures), _FIELDS):
        part = found.figures[first : first + _FIELDS]
        fields = [f"*{_marked(one.label)}*\n{_marked(one.text + _moved(one))}" for one in part]
        blocks.append(
            {"type": "section", "fields": [{"type": "mrkdwn", "text": one[:2000]} for one in fields]}
        )
    for table in found.tables[:3]:
        blocks.append(_section(f"*{_marked(_short(table.title, _HEADER))}*\n{_code(table)}"))
    blocks += [_context(_short(line, _TEXT // 2)) for line in found.notes[:5]]
    if found.health:
        blocks.append(_context("Data: " + "; ".join(found.health)))
    open_ = {
        "type": "button",
        "text": {"type": "plain_text", "text": "Open in Soundings"},
        "url": found.link[:_TEXT],
    }
    blocks.append({"type": "actions", "elements": [open_]})
    return {"text": _short(_marked(subject(found, why, is_test=is_test)), _TEXT), "blocks": blocks[:_BLOCKS]}


def _section(words: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": words[:_TEXT]}}


def _context(words: str) -> dict[str, Any]:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": _short(_marked(words), _TEXT)}]}


def _code(table: Table) -> str:
    """The first lines as a block of code that stays within a text's limit."""
    most = MOST_POSTED
    while True:
        body = _marked("\n".join(_aligned(table, most))).replace("`", "'")
        if len(body) < _TEXT - 2 * _HEADER or most <= 1:
            return f"```{body[: _TEXT - 2 * _HEADER]}```"
        most -= 1


def _marked(words: str) -> str:
    """Escaped as https://docs.slack.dev/messaging/formatting-message-text asks: nobody's name becomes a mention."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"
