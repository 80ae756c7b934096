"""The funnel as its link has it, and as a table with a line for each stage: for the page, downloads and mails."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from analytics import channels
from analytics.funnel import KINDS, Stage, Step
from reports import exports, formats, links, palette
from reports.coverage import Coverage
from reports.funnel import MOST_PERIODS, Asked, By, Group
from reports.links import Params
from reports.view import View

LABELS = {stage: stage.capitalize() for stage in Stage}
"""Stages, as people call them."""
ALL = "Everything"
BYS: dict[str, By] = {
    "Nothing": "", "Channels": "channel", "Campaigns": "campaign", "Countries": "country",
    "Devices": "device", "Periods": "period",
}  # fmt: skip
NAMES = {
    "channel": "Channel",
    "campaign": "Campaign",
    "country": "Country",
    "device": "Device",
    "period": "Period",
}


def kinds(coverage: Sequence[Coverage]) -> dict[str, str]:
    """What a funnel can be of: words → kind of channel, empty for everything."""
    there = {channels.kind(c.channel) for c in coverage}
    return {ALL: "", **{label: kind for kind, label in KINDS.items() if kind in there}}


def from_link(params: Params, view: View, coverage: Sequence[Coverage]) -> Asked:
    """The funnel of a link; what it asks for that is not there is left out."""
    by = BYS.get(links.first(params, "by"), "")
    given = links.first(params, "earlier", "1")
    earlier = min(max(int(given), 1), MOST_PERIODS) if given.isascii() and given.isdigit() else 1
    kind = kinds(coverage).get(links.first(params, "of"), "")
    periods = by == "period"
    return Asked(view, kind, by, earlier if periods else 1, periods and links.is_on(params, "year"))


def color(asked: Asked, group: Group) -> str:
    """A channel's own colour; the same for all groups that are no channels."""
    return (
        palette.color(group.key.partition("\n")[0]) if asked.by in {"channel", "campaign"} else palette.SPEND
    )


def name(asked: Asked, group: Group) -> str:
    """What a group is called: a period by its days."""
    if asked.by != "period":
        return group.label
    first, _, last = group.label.partition("/")
    return formats.days(date.fromisoformat(first), date.fromisoformat(last))


def told(steps: Sequence[Step]) -> list[Step]:
    """The stages to draw: repeat orders only where they are known."""
    return [step for step in steps if step.stage is not Stage.REPEAT or step.count is not None]


def sheet(groups: Sequence[Group], asked: Asked) -> pl.DataFrame:
    """A line for each group and stage, to download; rates as parts of 1."""
    lines = [(group, step, group.step_before(step.stage)) for group in groups for step in group.steps]
    view: View = asked.view
    dates = [
        g.label.partition("/")[::2] if asked.by == "period" else (view.start, view.end) for g, *_ in lines
    ]
    number = exports.numbers
    return pl.DataFrame(
        {
            NAMES.get(asked.by, "Funnel"): [name(asked, group) for group, *_ in lines],
            "From": [str(first) for first, _ in dates],
            "To": [str(last) for _, last in dates],
            "Stage": [LABELS[step.stage] for _, step, _ in lines],
            "Count": number([step.count for _, step, _ in lines]),
            "Count of the compared period": number([b.count if b else None for *_, b in lines]),
            "Step rate": number([step.rate for _, step, _ in lines]),
            "Step rate of the compared period": number([b.rate if b else None for *_, b in lines]),
            "Of first": number([step.of_first for _, step, _ in lines]),
            "Drop-off": number([step.drop for _, step, _ in lines]),
            "Lost": number([step.lost for _, step, _ in lines]),
            f"Spend ({view.currency})": number([group.spend for group, *_ in lines]),
            f"Cost per step ({view.currency})": number([step.cost for _, step, _ in lines]),
        }
    )
