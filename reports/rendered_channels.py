"""Overview, Channels, Channel and Campaigns as the parts of a rendered view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from analytics import channels, metrics
from errors import BadInput
from reports import campaigns as lists
from reports import (
    courses,
    detail,
    formats,
    kinds,
    links,
    palette,
    places,
    rendered,
)
from reports import overview as overviews
from reports.campaigns import TABLE, Row
from reports.desk import MOST_ROWS, Desk, Parts, kept, said_gone
from reports.exports import Sheet
from reports.links import Params
from reports.pictures import Picture
from reports.rendered import Table
from reports.view import View

_TILES = 8


def overview(desk: Desk) -> Parts:
    """Sixteen figures, spend and net sales, and the channels."""
    view, notes = desk.choice(desk.coverage)
    found = overviews.overview(desk.connection, desk.project.id, view, desk.project.refund_policy)
    tiles = [
        rendered.figure(tile.slug, tile.value, tile.before, view.currency)
        for group in found.groups.values() for tile in group if tile.value is not None
    ]  # fmt: skip
    marks, slugs = desk.marks(view), {"Spend": "spend", "Net sales": "revenue_net"}
    series = kept({"Spend": found.spend, "Net sales": found.net_sales})
    settled = {name: desk.settled(view, slugs[name]) for name in series}
    colors = {"Spend": palette.SPEND, "Net sales": palette.SALES}
    charts = [courses.course("Spend and net sales by day", series, colors, view.currency, settled, marks)]
    if found.spend_by_channel:
        final = desk.settled(view, "spend")
        title = "Spend by channel by day"
        charts.append(courses.by_channel(title, found.spend_by_channel, view.currency, final, marks))
    return Parts(
        "Overview", links.said(view), view, tiles, charts, _overview_tables(found, view), desk.coverage, notes,
        found, found.is_empty,
    )  # fmt: skip


def _overview_tables(found: overviews.Overview, view: View) -> list[Table]:
    made = []
    if found.paid:
        names = {"Channel": [*(channels.label(row.channel) for row in found.paid), "Total"]}
        totals = [*(row.now for row in found.paid), found.paid_total]
        made.append(Sheet("Advertising channels", names, totals, overviews.SLUGS, view.currency))
    for kind, rows in {"shop": found.shops, **found.others}.items():
        title, slugs = overviews.OTHERS.get(kind, ("", ()))
        if rows and title:
            names = {"Channel": [channels.label(row.channel) for row in rows]}
            made.append(Sheet(title, names, [row.now for row in rows], slugs, view.currency))
    return [rendered.of_sheet(sheet) for sheet in made]


def channels_of_kind(desk: Desk) -> Parts:
    """All channels of a kind."""
    covered = [c for c in desk.coverage if c.covers_through]
    there = [kind for kind in channels.KINDS if any(channels.kind(c.channel) == kind for c in covered)]
    if not there:
        raise BadInput("This project has no figures yet, so there is nothing to send.")
    kind = links.chosen({one: channels.KINDS[one] for one in there}, desk.params, "kind", there[0])
    mine = [c for c in covered if channels.kind(c.channel) == kind]
    view, notes = desk.choice(mine)
    if kind in {"shop", "web", "search"}:
        view = replace(view, campaigns=())
    found = kinds.of_kind(desk.connection, desk.project.id, view, kind, desk.project.refund_policy)
    lead = metrics.metric(channels.LEADING[kind])
    title = f"{lead.label} by channel by day"
    unit = view.currency if lead.unit == "money" else ""
    final, marks = desk.settled(view, lead.slug), desk.marks(view)
    charts = [courses.by_channel(title, found.course, unit, final, marks)] if found.course else []
    several = len(found.rows) > 1
    names = {
        "Channel": [*(channels.label(row.channel) for row in found.rows), *(["Total"] if several else [])]
    }
    totals = [*(row.now for row in found.rows), *([found.now] if several else [])]
    sheet = Sheet(channels.KINDS[kind], names, totals, channels.METRICS[kind], view.currency)
    return Parts(
        f"Channels: {channels.KINDS[kind]}", links.said(view), view,
        rendered.figures(channels.METRICS[kind], found.now, found.before, view.currency)[:_TILES], charts,
        [rendered.of_sheet(sheet)] if found.rows else [], mine, notes, found, found.is_empty,
    )  # fmt: skip


def channel(desk: Desk) -> Parts:
    """One channel with its campaigns."""
    there = sorted(
        {
            c.channel
            for c in desk.coverage
            if c.covers_through and channels.kind(c.channel) not in {"shop", "crm"}
        },
        key=channels.label,
    )
    if not there:
        raise BadInput("This project has no channel with figures yet, so there is nothing to send.")
    labels = {one: channels.label(one) for one in there}
    one = links.chosen(labels, desk.params, "channel", there[0])
    mine = [c for c in desk.coverage if c.channel == one]
    view, notes = desk.choice(mine, channel=one)
    notes += said_gone(links.missing(desk.params, "channel", list(labels.values())))
    found = overviews.overview(desk.connection, desk.project.id, view, desk.project.refund_policy)
    row, kind = found.channel(one), channels.kind(one)
    lead = metrics.metric(channels.LEADING[kind])
    points = overviews.course(lead.slug, overviews.by_day(desk.connection, desk.project.id, view))
    title = f"{lead.label} by day: {labels[one]}"
    unit = view.currency if lead.unit == "money" else ""
    series, marks = kept({lead.label: points}), desk.marks(view)
    colors = {lead.label: palette.color(one)}
    charts = (
        [courses.course(title, series, colors, unit, desk.settled(view, lead.slug), marks)] if series else []
    )
    rows = detail.details(desk.connection, desk.project.id, view, None)
    slugs = tuple(channels.measured(one, [r.totals for r in rows]))
    sheet = Sheet(
        "Campaigns", {"Name": [r.name or r.account for r in rows[:MOST_ROWS]]}, [r.totals for r in rows[:MOST_ROWS]], slugs,
        view.currency,
    )  # fmt: skip
    now, before = (row.now, row.before) if row else ({}, {})
    return Parts(
        labels[one], links.said(view), view,
        rendered.figures(channels.METRICS[kind][:_TILES], now, before, view.currency), charts,
        [rendered.of_sheet(sheet)] if rows else [], mine, [*notes, *_shortened(len(rows))], found, row is None,
    )  # fmt: skip


def _shortened(count: int) -> list[str]:
    return (
        [f"Only the first {MOST_ROWS} of {count:,} lines are sent; the total has all."]
        if count > MOST_ROWS
        else []
    )


# --- campaigns -------------------------------------------------------------------------------------

_LISTS = ("Platforms", "Campaigns")
_LEVELS = {"platform": "Platforms", "campaign": "Campaigns", "ad_group": "Ad groups", "ad": "Ads"}


def _of(params: Params, name: str, depth: int) -> Sequence[str]:
    return params.get(f"{name}-{depth}" if depth else name, ())


def check_list(params: Params) -> None:
    """Raises BadInput for lists of campaigns that are put together by name or tag."""
    for depth in range(2):
        if any(text not in _LISTS for text in _of(params, "list", depth)) or _of(params, "labelled", depth):
            raise BadInput(
                "Campaigns put together or filtered by name parts, naming or tags cannot be sent. Choose the list "
                "Platforms or Campaigns without “Named or tagged”, and save that view."
            )


def campaigns(desk: Desk) -> Parts:
    """The list of a place in the drill, with its filters and order."""
    paid = [c for c in desk.coverage if channels.kind(c.channel) == "paid"]
    trail = places.trail(desk.connection, desk.project.id, links.first(desk.params, "at"))
    at, depth = (trail[-1] if trail else None), len(trail)
    channel = trail[0].channel if trail else ""
    mine = [c for c in paid if not channel or c.channel == channel]
    view, notes = desk.choice(mine, channel=channel)
    of_platforms = not trail and (list(_of(desk.params, "list", 0)) or ["Platforms"])[0] == "Platforms"
    args = (desk.connection, desk.project.id, view)
    found = lists.platforms(*args) if of_platforms else lists.listing(*args, at)
    rows = _ordered(desk.params, found.rows, depth, of_platforms=of_platforms)
    total = Row(
        "", "Total", "", "", now=lists.total(r.now for r in rows), before=lists.total(r.before for r in rows)
    )
    keys = tuple(row.key for row in rows)
    whole = len(rows) == len(found.rows) and not of_platforms
    course = (
        lists.platform_course(*args, keys)
        if of_platforms
        else lists.course(*args, at, None if whole else keys)
    )
    words = " and ".join(dict.fromkeys(_LEVELS.get(row.level, row.level) for row in rows)) or "Campaigns"
    title = f"{words} of {trail[-1].name}" if trail else words
    color = palette.color(channel) if channel else palette.SPEND
    lines = [total, *rows[:MOST_ROWS]]
    sheet = Sheet(title, _names(lines, view), [row.now for row in lines], TABLE, view.currency)
    return Parts(
        title, links.said(view), view, rendered.figures(TABLE, total.now, total.before, view.currency),
        _course(desk, course, view, title, color), [rendered.of_sheet(sheet)] if rows else [], mine,
        [*notes, *_shortened(len(rows))], overviews.overview(*args, desk.project.refund_policy), not rows,
    )  # fmt: skip


def _ordered(params: Params, rows: list[Row], depth: int, *, of_platforms: bool) -> list[Row]:
    statuses = ["" if text == "unknown" else text for text in _of(params, "status", depth)]
    search = (list(_of(params, "find", depth)) or [""])[0]
    found = lists.matching(rows, search, [] if of_platforms else statuses, lambda row: "")
    names = {slug: metrics.metric(slug).label for slug in TABLE} | {
        "pace": "Pace of the budget",
        "name": "Name",
    }
    by = links.chosen(names, params, "sort", "spend")
    return lists.in_order(found, by, smallest=links.is_on(params, "smallest"))


def _names(lines: Sequence[Row], view: View) -> dict[str, list[str]]:
    names = {
        "Name": [row.name or row.account for row in lines],
        "Platform": [channels.label(row.channel) if row.channel else "" for row in lines],
        "Account": [row.account for row in lines],
        "Status": [row.status for row in lines],
    }
    if view.compared:
        names["Spend change"] = [formats.change(row.change("spend")) or formats.NONE for row in lines]
    return {name: values for name, values in names.items() if any(values)}


def _course(desk: Desk, course: lists.Course, view: View, title: str, color: str) -> list[Picture]:
    labels = {slug: metrics.metric(slug).label for slug in TABLE}
    found = metrics.metric(links.chosen(labels, desk.params, "chart", "spend"))
    scale = 100 if found.unit == "percent" else 1
    both = {"This period": course.now, "Compared period": course.before}
    series = kept(
        {
            name: [
                (day, None if (v := metrics.evaluate(found.slug, t)) is None else v * scale)
                for day, t in days
            ]
            for name, days in both.items()
        }
    )
    if not series:
        return []
    colors = {"This period": color, "Compared period": palette.OTHER}
    unit = {"money": view.currency, "percent": "%", "multiple": "×"}.get(found.unit, "")
    named, final = f"{found.label} by day: {title}", desk.settled(view, found.slug)
    return [courses.course(named, series, colors, unit, final, desk.marks(view), sums=not found.is_ratio)]
