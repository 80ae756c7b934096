"""Channel groups: which channel a visit counts for, by its source, medium and campaign.

Rules stand in order and the first that matches wins; all conditions of a rule must hold, and a channel may
have several rules. What no rule takes is Unassigned. Letter case does not matter. The rules that a project
starts with are those of Google Analytics 4 (support.google.com/analytics/answer/9756891), in its order.

Regular expressions are those of Rust's `regex` through polars: they run in time linear in the text, so no
rule can hang a page, and know neither look-around nor back-references.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import and_, or_
from typing import NamedTuple

import polars as pl

from analytics import sources

UNASSIGNED = "Unassigned"
FIELDS = {"source": "Source", "medium": "Medium", "campaign": "Campaign", "category": "Source category"}
OPERATORS = ("is", "is one of", "contains", "starts with", "ends with", "matches")
_KEPT = 200_000


class Triple(NamedTuple):
    """Where a visit came from, as it was tagged or derived."""

    source: str
    medium: str
    campaign: str


@dataclass(frozen=True)
class Condition:
    """One thing that must hold; with several values, for one of them. Field `category`: a slug of sources.CATEGORIES."""

    field: str
    operator: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        named = [sources.CATEGORIES.get(v, v) if self.field == "category" else v for v in self.values]
        return f"{FIELDS[self.field].lower()} {self.operator} {' or '.join(f'“{v}”' for v in named)}"


@dataclass(frozen=True)
class Rule:
    """What goes into a channel. No conditions: everything that is left."""

    channel: str
    conditions: tuple[Condition, ...] = ()

    def __str__(self) -> str:
        return " and ".join(str(c) for c in self.conditions) or "everything that is left"


@dataclass(frozen=True)
class Grouping:
    """A project's rules, and its own categories of sources (source, slug), which go before the list's."""

    rules: tuple[Rule, ...]
    categories: tuple[tuple[str, str], ...] = ()

    def category(self, source: str) -> str:
        """Slug of a source's category; empty for none."""
        wanted = plain(source)
        own = next((kind for name, kind in self.categories if name == wanted), None)
        found = sources.category(wanted) if own is None else own
        return "" if found == "none" else found


# --- GA4's default ---------------------------------------------------------------------------------

PAID = "^(.*cp.*|ppc|retargeting|paid.*)$"
"""Mediums of paid traffic; those of `DISPLAY` are paid too."""
DISPLAY = ("display", "banner", "expandable", "interstitial", "cpm")
_PAID = Condition("medium", "matches", (PAID,))
_SHOP = Condition("campaign", "matches", ("^(.*(([^a-df-z]|^)shop|shopping).*)$",))
_EMAIL = ("email", "e-mail", "e_mail", "e mail")


def _of(*kinds: str) -> Condition:
    return Condition("category", "is", kinds)


def _one_of(field: str, *values: str) -> Condition:
    return Condition(field, "is" if len(values) == 1 else "is one of", values)


DEFAULT = Grouping((
    Rule("Direct", (_one_of("source", "(direct)"), _one_of("medium", "(none)", "(not set)"))),
    Rule("Cross-network", (Condition("campaign", "contains", ("cross-network",)),)),
    Rule("Paid Shopping", (_of("shopping"), _PAID)),
    Rule("Paid Shopping", (_SHOP, _PAID)),
    Rule("Paid Search", (_of("search"), _PAID)),
    Rule("Paid Social", (_of("social"), _PAID)),
    Rule("Paid Video", (_of("video"), _PAID)),
    Rule("Display", (_one_of("medium", *DISPLAY),)),
    Rule("Paid Other", (_PAID,)),
    Rule("Organic Shopping", (_of("shopping"),)),
    Rule("Organic Shopping", (_SHOP,)),
    Rule("Organic Social", (_of("social"),)),
    Rule("Organic Social", (_one_of("medium", "social", "social-network", "social-media", "sm", "social network", "social media"),)),
    Rule("Organic Video", (_of("video"),)),
    Rule("Organic Video", (Condition("medium", "contains", ("video",)),)),
    Rule("Organic Search", (_of("search"),)),
    Rule("Organic Search", (_one_of("medium", "organic"),)),
    Rule("Referral", (_one_of("medium", "referral", "app", "link"),)),
    Rule("Email", (_one_of("source", *_EMAIL),)),
    Rule("Email", (_one_of("medium", *_EMAIL),)),
    Rule("Affiliates", (_one_of("medium", "affiliate"),)),
    Rule("Audio", (_one_of("medium", "audio"),)),
    Rule("SMS", (_one_of("source", "sms"),)),
    Rule("SMS", (_one_of("medium", "sms"),)),
    Rule("Mobile Push Notifications", (Condition("medium", "ends with", ("push",)),)),
    Rule("Mobile Push Notifications", (Condition("medium", "contains", ("mobile", "notification")),)),
    Rule("Mobile Push Notifications", (_one_of("source", "firebase"),)),
))  # fmt: skip
AI_ASSISTANTS = Rule("AI Assistants", (_of("ai"),))
"""Not Google's: chatgpt.com and the like, which GA4 counts as Referral. Belongs before Organic Search."""


# --- assigning -------------------------------------------------------------------------------------


def assign(grouping: Grouping, triples: Iterable[Triple]) -> dict[Triple, str]:
    """The channel of each. What was worked out once is kept, so a new period costs only its new triples."""
    wanted, known = set(triples), _known(grouping)
    found = {triple: channel for triple in wanted if (channel := known.get(triple)) is not None}
    if new := [triple for triple in wanted if triple not in found]:
        names = [rule.channel for rule in grouping.rules]
        fresh = {
            triple: UNASSIGNED if place is None else names[place]
            for triple, place in zip(new, places(grouping, new), strict=True)
        }
        found |= fresh
        if len(known) + len(fresh) > _KEPT:
            known.clear()
        known.update(fresh)
    return found


@lru_cache(maxsize=64)
def _known(grouping: Grouping) -> dict[Triple, str]:
    """What is known of these rules; equal rules share it, whatever project they belong to."""
    return {}


def places(grouping: Grouping, triples: Sequence[Triple]) -> list[int | None]:
    """Which rule takes each, by its place from 0; None where none does."""
    if not grouping.rules or not triples:
        return [None] * len(triples)
    found = [
        pl.when(_mask(rule)).then(pl.lit(n, pl.Int32)).otherwise(None)
        for n, rule in enumerate(grouping.rules)
    ]
    return _table(grouping, triples).select(pl.coalesce(found).alias("place"))["place"].to_list()


def matching(grouping: Grouping, triples: Sequence[Triple]) -> list[list[bool]]:
    """By rule, which triples it would take if it stood first."""
    if not grouping.rules:
        return []
    masks = [_mask(rule).alias(str(n)) for n, rule in enumerate(grouping.rules)]
    table = _table(grouping, triples).select(masks)
    return [table[str(n)].to_list() for n in range(len(grouping.rules))]


def _table(grouping: Grouping, triples: Sequence[Triple]) -> pl.DataFrame:
    kinds = {source: grouping.category(source) for source in {t.source for t in triples}}
    columns = {name: [plain(getattr(t, name)) for t in triples] for name in Triple._fields}
    columns["category"] = [kinds[t.source] for t in triples]
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def plain(text: str) -> str:
    """A tag without spaces around it and without upper case."""
    return text.strip().lower()


def _mask(rule: Rule) -> pl.Expr:
    # A rule without conditions holds for every row, so its mask is made from a column.
    return reduce(and_, map(_holds, rule.conditions), pl.col("source").is_not_null())


def _holds(condition: Condition) -> pl.Expr:
    column, values = pl.col(condition.field), [plain(v) for v in condition.values]
    if condition.operator in {"is", "is one of"}:
        return column.is_in(values)
    if condition.operator == "matches":
        return reduce(or_, [column.str.contains(f"(?i){v.strip()}") for v in condition.values])
    if condition.operator == "contains":
        return reduce(or_, [column.str.contains(v, literal=True) for v in values])
    test = column.str.starts_with if condition.operator == "starts with" else column.str.ends_with
    return reduce(or_, [test(v) for v in values])
