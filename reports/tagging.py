"""Advertising against the tags of web traffic: spend that no visit is tagged with, visits of unknown campaigns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection

from analytics import aliases, channels, grouping
from analytics.aliases import Pair, plain
from reports import figures as figures_of
from reports import wording
from reports.checks import Hit, Outcome, Severity, is_online
from reports.figures import Campaign, Figures, Tagged

_PAID = re.compile(f"{grouping.PAID}|^({'|'.join(grouping.DISPLAY)})$")
"""Mediums of paid traffic, as Google Analytics defines them: support.google.com/analytics/answer/9756891."""
_ID = re.compile(r"\d{6,}")
_ELSEWHERE = frozenset({"amazon_ads", "spotify_ads"})
"""Platforms whose ads lead to no site of one's own."""
_SERIOUS = Decimal("0.05")
_NONE = frozenset({"", "(not set)", "(none)", "(other)", "(direct)"})
_COMPARED = 300
"""How many of each side, the largest first, are looked at for pairs."""


@dataclass(frozen=True)
class Side:
    """What was looked at on one side, and what of it has nothing on the other; the largest first."""

    campaigns: tuple[Campaign, ...] = ()
    tags: tuple[Tagged, ...] = ()
    examined: int = 0
    whole: Decimal = Decimal(0)
    part: Decimal = Decimal(0)

    @property
    def severity(self) -> Severity:
        """A warning from a twentieth of the spend or sessions on."""
        return "warning" if self.whole and self.part / self.whole >= _SERIOUS else "info"


@dataclass(frozen=True)
class Audit:
    """Both sides of the recent days, money in `figures.currency`, and which of them look like one campaign.

    `why`: why they cannot be compared; empty where they can.
    """

    figures: Figures
    silent: Side = Side()
    lost: Side = Side()
    pairs: tuple[Pair, ...] = ()
    why: str = ""

    def channel(self, campaign: Campaign) -> str:
        """The platform that a campaign runs on."""
        return next(one.source.channel for one in self.figures.health if one.source.id == campaign.source_id)


def audit(connection: Connection, project_id: int, currency: str) -> Audit:
    """The audit of the 35 days up to the newest day that a source covers."""
    return judge(figures_of.read(connection, project_id, currency))


def judge(figures: Figures) -> Audit:
    """The same over figures that are at hand."""
    if why := _cannot(figures):
        return Audit(figures, why=why)
    no_visit, lost = silent(figures), stray(figures)
    tags = [one.campaign for one in lost.tags if one.campaign not in _NONE][:_COMPARED]
    names = [one.name or one.key for one in no_visit.campaigns][:_COMPARED]
    return Audit(figures, no_visit, lost, tuple(aliases.suggest(tags, names)))


def _tags(campaigns: Iterable[Campaign]) -> set[str]:
    return {plain(text) for one in campaigns for text in (one.name, one.key) if plain(text)}


def _says(tag: str, known: set[str]) -> bool:
    """True if a tag is a campaign's name or id, or holds an id."""
    return plain(tag) in known or any(number in known for number in _ID.findall(tag))


def _cannot(figures: Figures) -> str:
    """Why spend and traffic cannot be held against each other; empty if they can."""
    if not figures.of_kind("web"):
        return "This project has no web analytics."
    if figures.traffic is None:
        return "The web analytics brings no sessions by source, medium and campaign in these weeks."
    if not figures.campaigns:
        return "No advertising campaign has figures in these weeks."
    return ""


def silent(figures: Figures) -> Side:
    """Campaigns that cost money and were clicked, and whose name or id no session carries."""
    known = {one.source.id: one for one in figures.of_kind("paid")}
    ours = [
        one
        for one in figures.campaigns
        if is_online(known[one.source_id]) and known[one.source_id].source.channel not in _ELSEWHERE
    ]
    spending = [one for one in ours if (one.spend or 0) > 0 and one.clicks]
    tags = {plain(tagged.campaign) for tagged in figures.traffic or ()}
    ids = {number for tagged in figures.traffic or () for number in _ID.findall(tagged.campaign)}
    missing = [
        one
        for one in spending
        if not ({plain(one.name), plain(one.key)} - {""}) & tags and one.key not in ids
    ]
    return Side(tuple(missing), (), len(spending), _spend(spending), _spend(missing))


def _spend(campaigns: Iterable[Campaign]) -> Decimal:
    return sum((one.spend or Decimal(0) for one in campaigns), Decimal(0))


def stray(figures: Figures) -> Side:
    """Tags of a paid medium whose campaign is missing, or is none that we know."""
    known = _tags(figures.campaigns)
    paid = [
        tagged
        for tagged in figures.traffic or ()
        if _PAID.match(tagged.source_medium.rpartition("/")[2].strip().casefold()) and tagged.sessions
    ]
    lost = [tagged for tagged in paid if tagged.campaign in _NONE or not _says(tagged.campaign, known)]
    sessions = (Decimal(sum(t.sessions for t in tags)) for tags in (paid, lost))
    return Side((), tuple(lost), len(paid), *sessions)


def spend_without_traffic(figures: Figures) -> Outcome:
    """The monitor over campaigns that no session carries."""
    if why := _cannot(figures):
        return Outcome(0, (), [why])
    found, channel = silent(figures), {one.source.id: one.source.channel for one in figures.health}
    hits = [
        Hit(
            f"{channels.label(channel[one.source_id])}: “{one.name or one.key}” cost "
            f"{wording.figure('spend', one.spend, figures.currency)} for {one.clicks:,} clicks, and no session carries its name.",
            found.severity,
        )
        for one in found.campaigns
    ]
    return Outcome(found.examined, hits)


def said(tagged: Tagged) -> str:
    """What is the matter with a tag."""
    if tagged.campaign in _NONE:
        return "without a campaign."
    return f"of “{tagged.campaign}”, which no campaign is called."


def traffic_without_campaign(figures: Figures) -> Outcome:
    """The monitor over sessions of a paid medium that belong to no campaign."""
    if why := _cannot(figures):
        return Outcome(0, (), [why])
    found = stray(figures)
    hits = [
        Hit(f"{one.source_medium}: {wording.count(one.sessions, 'session')} {said(one)}", found.severity)
        for one in found.tags
    ]
    return Outcome(found.examined, hits, [] if found.examined else ["No session came by a paid medium."])
