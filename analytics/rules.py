"""Channel rules as people write them: checked in words, judged for rules that never match, and kept as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from analytics import sources
from analytics.grouping import (
    DEFAULT,
    FIELDS,
    OPERATORS,
    UNASSIGNED,
    Condition,
    Grouping,
    Rule,
    Triple,
    matching,
    places,
    plain,
)

MOST_RULES, MOST_CONDITIONS, MOST_VALUES, LONGEST = 200, 10, 100, 500


class WrongRule(ValueError):
    """A rule that cannot be used; the text is for the person who wrote it."""


def check(grouping: Grouping) -> Grouping:
    """The same, tidied: spaces and letter case. WrongRule names the rule and what is wrong with it."""
    if len(grouping.rules) > MOST_RULES:
        raise WrongRule(f"{len(grouping.rules)} rules are too many: {MOST_RULES} at most.")
    rules = tuple(_checked(rule, n) for n, rule in enumerate(grouping.rules, 1))
    for n, rule in enumerate(rules[:-1], 1):
        if not rule.conditions:
            raise WrongRule(
                f"Rule {n}, “{rule.channel}”, has no condition and would take everything: the rules below it could never "
                "match. Give it a condition, or move it to the end."
            )
    return Grouping(rules, _checked_categories(grouping.categories))


def _checked(rule: Rule, n: int) -> Rule:
    channel = " ".join(rule.channel.split())
    if not 1 <= len(channel) <= 60:
        raise WrongRule(f"Rule {n} needs a channel of 1 to 60 characters.")
    if channel.lower() == UNASSIGNED.lower():
        raise WrongRule(f"Rule {n}: “{UNASSIGNED}” is what no rule takes. Choose another name.")
    if len(rule.conditions) > MOST_CONDITIONS:
        raise WrongRule(f"Rule {n}, “{channel}”, has more than {MOST_CONDITIONS} conditions.")
    try:
        return Rule(channel, tuple(_checked_condition(c) for c in rule.conditions))
    except WrongRule as error:
        raise WrongRule(f"Rule {n}, “{channel}”: {error}") from error


def _checked_condition(condition: Condition) -> Condition:
    if condition.field not in FIELDS or condition.operator not in OPERATORS:
        raise WrongRule(f"there is no condition “{condition.field} {condition.operator}”.")
    values = tuple(dict.fromkeys(v.strip() for v in condition.values))
    if condition.operator != "matches":
        values = tuple(dict.fromkeys(map(plain, values)))
    # A tag may be empty, and a rule may ask for that; nothing else can be asked of an empty value.
    if not values or ("" in values and condition.operator not in {"is", "is one of"}):
        raise WrongRule(f"{FIELDS[condition.field].lower()} {condition.operator} … needs a value.")
    if len(values) > MOST_VALUES or any(len(v) > LONGEST for v in values):
        raise WrongRule(f"{MOST_VALUES} values of {LONGEST} characters each are the most.")
    if condition.field == "category":
        _check_category(condition.operator, values)
    if condition.operator == "matches":
        for pattern in values:
            compile_pattern(pattern)
    return Condition(condition.field, condition.operator, values)


def _check_category(operator: str, values: Iterable[str]) -> None:
    if operator not in {"is", "is one of"}:
        raise WrongRule("a source category can only be asked for by “is” or “is one of”.")
    if unknown := [v for v in values if v not in sources.CATEGORIES]:
        raise WrongRule(
            f"there is no source category “{unknown[0]}”. There are {', '.join(sources.CATEGORIES)}."
        )


def compile_pattern(pattern: str) -> None:
    """Raises WrongRule, in words, for a regular expression that cannot be computed."""
    try:
        pl.Series([""]).str.contains(f"(?i){pattern}")
    except pl.exceptions.PolarsError as error:
        why = _why(str(error))
        raise WrongRule(f"the regular expression “{pattern[:80]}” {why}") from error


def _why(said: str) -> str:
    if "look-around" in said or "backreferences" in said:
        return "uses look-ahead, look-behind or a back-reference, which are not offered here."
    if "size limit" in said:
        return "is too large to compute. Make its repetitions smaller."
    return "cannot be read: look at its brackets and repetitions."


def _checked_categories(given: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for name, kind in given:
        if kind not in sources.CATEGORIES:
            raise WrongRule(f"There is no source category “{kind}”.")
        if source := plain(name):
            found[source] = kind
    if len(found) > 1000:
        raise WrongRule("More than 1,000 sources with a category of their own are too many.")
    return tuple(sorted(found.items()))


def warnings(grouping: Grouping, triples: Sequence[Triple]) -> list[str]:
    """Rules that can never match, or take all that reaches them, by what they say and by the traffic at hand."""
    taken, masks = places(grouping, triples), matching(grouping, [*triples, *_PROBES])
    found = []
    for n, rule in enumerate(grouping.rules):
        rest = len(grouping.rules) - n - 1
        reaching = [k for k, place in enumerate(taken) if place is None or place >= n]
        what = f"Rule {n + 1}, “{rule.channel}”,"
        if rest and all(masks[n][len(triples) :]):
            found.append(f"{what} matches everything that reaches it: {_below(rest)}.")
        elif rest and len(reaching) > 1 and all(masks[n][k] for k in reaching):
            found.append(f"{what} takes 100 % of the traffic that reaches it here: {_below(rest)} here.")
        if (why := _unreachable(grouping.rules, n, taken, masks[n])) is not None:
            found.append(f"{what} {why}")
    return found


def _unreachable(
    rules: Sequence[Rule], n: int, taken: Sequence[int | None], mine: Sequence[bool]
) -> str | None:
    """Why a rule gets nothing; the default's own rules overlap on purpose and are judged by what they say alone."""
    asked = set(rules[n].conditions)
    above = next((k for k in range(n) if set(rules[k].conditions) <= asked), None)
    if above is not None:
        return f"can never match: rule {above + 1}, “{rules[above].channel}”, takes all of it before."
    by = {place for place, matches in zip(taken, mine, strict=False) if matches}
    if not by or n in by or rules[n] in DEFAULT.rules:
        return None
    named = ", ".join(str(place + 1) for place in sorted(p for p in by if p is not None))
    return f"gets nothing here: what it matches is taken before by rule {named}."


_PROBES = [
    Triple("", "", ""),
    Triple("zq", "7", "—"),
    Triple("(direct)", "(none)", "(not set)"),
    Triple("a.b", "cpc", "x y"),
]
"""Tags with nothing in common: what matches them all matches everything."""


def _below(count: int) -> str:
    return "the rule below it never matches" if count == 1 else f"the {count} rules below it never match"


def _covered_by(rules: Sequence[Rule], n: int) -> int | None:
    """An earlier rule that asks for nothing that this one does not ask for too."""
    mine = set(rules[n].conditions)
    return next((k for k in range(n) if set(rules[k].conditions) <= mine), None)


# --- as JSON ---------------------------------------------------------------------------------------


def as_content(grouping: Grouping) -> dict[str, Any]:
    """What is kept of it."""
    rules = [
        {"channel": r.channel, "when": [{"field": c.field, "operator": c.operator, "values": list(c.values)} for c in r.conditions]}
        for r in grouping.rules
    ]  # fmt: skip
    return {"rules": rules, "categories": dict(grouping.categories)}


def from_content(content: Any) -> Grouping:
    """What was kept. WrongRule for anything else."""
    try:
        rules = tuple(
            Rule(str(r["channel"]), tuple(Condition(str(c["field"]), str(c["operator"]), tuple(map(str, c["values"]))) for c in r["when"]))
            for r in content["rules"]
        )  # fmt: skip
        kept: Mapping[str, str] = content.get("categories") or {}
        return check(Grouping(rules, tuple((str(k), str(v)) for k, v in kept.items())))
    except (KeyError, TypeError, AttributeError) as error:
        raise WrongRule("The stored channel rules cannot be read.") from error
