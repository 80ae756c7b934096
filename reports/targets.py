"""Targets with what came of them so far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from analytics import channels, metrics, pace
from analytics.metrics import Kind
from analytics.pace import Pace
from reports import explore
from reports.coverage import coverage
from reports.questions import Question
from reports.settling import Settling, settling
from reports.view import Compare, View
from store.targets import Content, Target


@dataclass(frozen=True)
class Followed:
    """A target, how it goes, the last day whose figures count in it (None: none yet), and the account that reaches
    least far, where it keeps the others waiting."""

    target: Target
    pace: Pace
    through: date | None
    late: str = ""


def adds_up(slug: str) -> bool:
    """Whether a target of a metric is expected day by day; else it is a ratio."""
    return metrics.metric(slug).kind is not Kind.RATIO


def follow(
    connection: Connection,
    project_id: int,
    targets: Iterable[Target],
    today: date,
    currency: str,
    refund_policy: str,
) -> list[Followed]:
    """How each target goes, as of a day. Money is in the target's currency; `currency` is the project's."""
    found = coverage(connection, project_id)
    followed = []
    for target in targets:
        content = target.content
        chosen = (content.channel,) if content.channel else ()
        settled = settling(found, chosen, [content.metric], today)
        followed.append(_one(connection, project_id, target, settled, today, currency, refund_policy))
    return followed


def _one(
    connection: Connection,
    project_id: int,
    target: Target,
    settled: Settling,
    today: date,
    currency: str,
    refund_policy: str,
) -> Followed:
    content = target.content
    complete = settled.open_from - timedelta(1)
    until = pace.through(content.first, content.last, complete)
    actual = None
    if until is not None and _can_be_told(content):
        chosen = (content.channel,) if content.channel else ()
        view = View(content.first, until, content.currency or currency, Compare.NONE, chosen)
        question = Question((content.metric,), by="month")
        actual = explore.explore(connection, project_id, view, question, refund_policy).total[content.metric]
    going = pace.pace(
        content.value, content.first, content.last, complete, today, actual, adds_up=adds_up(content.metric)
    )
    return Followed(target, going, until, settled.late)


def _can_be_told(content: Content) -> bool:
    """False for the shop's sales by an advertising channel: orders do not say which channel brought them."""
    sales = set(metrics.parts(content.metric)) & set(metrics.SHOP)
    return not (sales and content.channel and channels.kind(content.channel) != "shop")
