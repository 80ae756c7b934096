"""Advertising against the tags of web traffic: spend that no visit is tagged with, visits of unknown campaigns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from analytics import channels
from reports import wording
from reports.checks import Hit, Outcome, Severity, is_online
from reports.figures import Campaign, Figures

_PAID = re.compile(r"^(.*cp.*|ppc|retargeting|paid.*|display|banner|expandable|interstitial)$")
"""Mediums of paid traffic, as Google Analytics defines them: support.google.com/analytics/answer/9756891."""
_ID = re.compile(r"\d{6,}")
_ELSEWHERE = frozenset({"amazon_ads", "spotify_ads"})
"""Platforms whose ads lead to no site of one's own."""
_SERIOUS = Decimal("0.05")
_NONE = frozenset({"", "(not set)", "(none)", "(other)", "(direct)"})


def _plain(name: str) -> str:
    """Letters and digits alone: 'Spring Sale – DE' and 'spring_sale-de' are one tag."""
    return "".join(sign for sign in name.casefold() if sign.isalnum())


def _tags(campaigns: Iterable[Campaign]) -> set[str]:
    return {_plain(text) for one in campaigns for text in (one.name, one.key) if _plain(text)}


def _says(tag: str, known: set[str]) -> bool:
    """True if a tag is a campaign's name or id, or holds an id."""
    return _plain(tag) in known or any(number in known for number in _ID.findall(tag))


def _cannot(figures: Figures) -> str:
    """Why spend and traffic cannot be held against each other; empty if they can."""
    if not figures.of_kind("web"):
        return "This project has no web analytics."
    if figures.traffic is None:
        return "The web analytics brings no sessions by source, medium and campaign in these weeks."
    if not figures.campaigns:
        return "No advertising campaign has figures in these weeks."
    return ""


def _severity(part: Decimal, whole: Decimal) -> Severity:
    return "warning" if whole and part / whole >= _SERIOUS else "info"


def spend_without_traffic(figures: Figures) -> Outcome:
    """Campaigns that cost money and were clicked, and whose name or id no session carries."""
    if why := _cannot(figures):
        return Outcome(0, (), [why])
    known = {one.source.id: one for one in figures.of_kind("paid")}
    ours = [
        one
        for one in figures.campaigns
        if is_online(known[one.source_id]) and known[one.source_id].source.channel not in _ELSEWHERE
    ]
    spending = [one for one in ours if (one.spend or 0) > 0 and one.clicks]
    tags = {_plain(tagged.campaign) for tagged in figures.traffic or ()}
    ids = {number for tagged in figures.traffic or () for number in _ID.findall(tagged.campaign)}
    missing = [
        one
        for one in spending
        if not ({_plain(one.name), _plain(one.key)} - {""}) & tags and one.key not in ids
    ]
    whole = sum((one.spend or Decimal(0) for one in spending), Decimal(0))
    part = sum((one.spend or Decimal(0) for one in missing), Decimal(0))
    severity = _severity(part, whole)
    hits = [
        Hit(
            f"{channels.label(known[one.source_id].source.channel)}: “{one.name or one.key}” cost "
            f"{wording.figure('spend', one.spend, figures.currency)} for {one.clicks:,} clicks, and no session carries its name.",
            severity,
        )
        for one in missing
    ]
    return Outcome(len(spending), hits)


def traffic_without_campaign(figures: Figures) -> Outcome:
    """Sessions of a paid medium whose campaign is not tagged, or is none that we know."""
    if why := _cannot(figures):
        return Outcome(0, (), [why])
    known = _tags(figures.campaigns)
    paid = [
        tagged
        for tagged in figures.traffic or ()
        if _PAID.match(tagged.source_medium.rpartition("/")[2].strip().casefold()) and tagged.sessions
    ]
    lost = [tagged for tagged in paid if tagged.campaign in _NONE or not _says(tagged.campaign, known)]
    severity = _severity(Decimal(sum(t.sessions for t in lost)), Decimal(sum(t.sessions for t in paid)))
    hits = [
        Hit(
            f"{tagged.source_medium}: {wording.count(tagged.sessions, 'session')} "
            + (
                "without a campaign."
                if tagged.campaign in _NONE
                else f"of “{tagged.campaign}”, which no campaign is called."
            ),
            severity,
        )
        for tagged in lost
    ]
    return Outcome(len(paid), hits, [] if paid else ["No session came by a paid medium."])
