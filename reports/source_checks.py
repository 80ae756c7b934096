"""Data-quality checks of sources: the same account twice, late figures, changed terms, unexplained differences."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

from reports import wording
from reports.checks import Hit, Outcome, counted, number, without_days
from reports.figures import RECENT, Figures
from reports.health import SourceHealth

SAME_DAYS = 3
"""Days with the very same figures that make two sources one account."""
OLD = RECENT
"""Days after which an upload is called old."""
_IDENTITY = ("spend", "impressions", "clicks", "sessions", "delivered", "views", "orders", "revenue_gross")


def duplicates(figures: Figures) -> Outcome:
    """The same account through two sources, both in totals: equal figures on many days, or one name twice."""
    known = {one.source.id: one for one in counted(figures) if figures.of(one)}
    where: dict[tuple[date, tuple[Decimal, ...]], list[int]] = defaultdict(list)
    active: dict[int, set[date]] = defaultdict(set)
    for source_id, one in known.items():
        for day, totals in figures.of(one):
            identity = tuple(number(totals, name) for name in _IDENTITY)
            if sum(identity) >= 20:  # less would be equal by chance
                where[day, identity].append(source_id)
                active[source_id].add(day)
    same: dict[tuple[int, int], list[date]] = defaultdict(list)
    for (day, _), alike in where.items():
        for n, one_id in enumerate(alike):
            for other in alike[n + 1 :]:
                same[one_id, other].append(day)
    hits, told = [], set()
    for (a, b), days in same.items():
        if len(days) >= SAME_DAYS and 2 * len(days) >= len(active[a] & active[b]):
            text = f"{_told_apart(known[a])} and {_told_apart(known[b])} give the same figures on {wording.days(days)}."
            hits.append(Hit(text, "error", len(days)))
            told.add((a, b))
    hits += _namesakes(list(known.values()), active, told)
    return Outcome(len(known), hits, without_days(figures, counted(figures)))


def _namesakes(
    found: list[SourceHealth], active: dict[int, set[date]], told: set[tuple[int, int]]
) -> list[Hit]:
    """Sources of one platform, name and currency whose days overlap, though their figures differ by now."""
    hits = []
    for n, one in enumerate(found):
        for other in found[n + 1 :]:
            a, b = one.source, other.source
            if (a.channel, a.name.casefold(), a.currency) != (b.channel, b.name.casefold(), b.currency):
                continue
            days = sorted(active[a.id] & active[b.id])
            if days and (a.id, b.id) not in told:
                text = f"{_told_apart(one)} and {_told_apart(other)} have the same name, and both have figures for {wording.days(days)}."
                hits.append(Hit(text, "warning", len(days)))
    return hits


def _told_apart(one: SourceHealth) -> str:
    return f"{one.label} ({'uploaded' if one.is_uploaded else 'connected'})"


def timeliness(figures: Figures) -> Outcome:
    """Sources whose figures end before the day that their schedule should have brought, or long ago."""
    hits, unchecked = [], []
    for one in figures.health:
        reach = one.source.covers_through
        if one.is_uploaded:
            age = (figures.last - reach).days if reach else 0
            if age <= OLD:
                unchecked.append(f"{one.label} is uploaded: no schedule says when it should go on.")
            else:
                text = f"{one.label} was uploaded and ends {age} days before the newest figures, on {wording.day(reach)}."
                hits.append(Hit(text, "info"))
        elif one.expected_through is None or reach is None:
            unchecked.append(f"{one.label}: {one.diagnosis}")
        elif one.days_behind > 1:
            text = f"{one.label} ends on {wording.day(reach)}; its schedule should have brought {wording.day(one.expected_through)}."
            hits.append(Hit(text, "error" if one.days_behind > 3 else "warning"))
    return Outcome(len(figures.health) - len(unchecked), hits, unchecked)


def terms(figures: Figures) -> Outcome:
    """Accounts that changed their currency or the time zone of their days."""
    hits = []
    by_account: dict[tuple[str, str, str], list[SourceHealth]] = defaultdict(list)
    for one in figures.health:
        if one.source.currency:
            by_account[one.source.platform, one.source.channel, one.source.account_key].append(one)
    for found in by_account.values():
        if len(found) > 1:
            parts = ", ".join(f"{o.source.currency} to {wording.day(o.source.covers_through)}" for o in found)
            hits.append(Hit(f"{found[0].label} comes in more than one currency: {parts}.", "warning"))
    unknown = []
    for one in figures.health:
        zones = [zone for zone in figures.zones if zone.source_id == one.source.id]
        names = list(dict.fromkeys([*(z.time_zone for z in zones), *filter(None, [one.source.time_zone])]))
        if len(names) > 1:
            text = f"{one.label}: days to {wording.day(zones[0].last)} are in {names[0]}, later ones in {names[-1]}."
            hits.append(Hit(text, "warning"))
        elif not names:
            unknown.append(f"{one.label} does not say its time zone.")
    return Outcome(len(figures.health), hits, unknown)


def differences(figures: Figures) -> Outcome:
    """Totals that differ from the platform's own without a reason that we know."""
    known = {one.source.id: one for one in figures.health}
    compared = {d.source_id for d in figures.compared}
    hits = [
        Hit(
            f"{known[found.source_id].label}: {wording.label(found.metric)} differs from the platform's own on "
            f"{wording.days(found.unexplained)}.",
            "warning",
            len(found.unexplained),
        )
        for found in figures.compared
        if found.unexplained and found.source_id in known
    ]
    alone = [one for one in figures.health if one.source.id not in compared]
    why = {True: "was uploaded", False: "offers no total of its own, or was not read in these weeks"}
    return Outcome(
        len(compared),
        hits,
        [f"{one.label} {why[one.is_uploaded]}: nothing to compare with." for one in alone],
    )
