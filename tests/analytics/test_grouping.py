"""Channel rules: Google's default in its order, rules of one's own, and rules that cannot or should not be."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import grouping, rules, sources
from analytics.grouping import DEFAULT, UNASSIGNED, Condition, Grouping, Rule, Triple
from analytics.rules import WrongRule


def channel(source: str, medium: str = "", campaign: str = "", of: Grouping = DEFAULT) -> str:
    triple = Triple(source, medium, campaign)
    return grouping.assign(of, [triple])[triple]


@pytest.mark.parametrize(
    ("source", "medium", "campaign", "expected"),
    [
        ("facebook", "cpm", "", "Paid Social"),
        ("dv360", "cpm", "", "Display"),
        ("newsletter", "email", "", "Email"),
        ("google", "organic", "", "Organic Search"),
        ("google", "referral", "", "Organic Search"),
        ("youtube.com", "referral", "", "Organic Video"),
        ("chatgpt.com", "referral", "", "Referral"),
        ("newsletter", "newsletter", "", UNASSIGNED),
        ("facebook", "", "", "Organic Social"),
        ("email", "referral", "", "Referral"),
        ("(direct)", "(none)", "", "Direct"),
        ("(direct)", "(not set)", "", "Direct"),
        ("(direct)", "cpc", "", "Paid Other"),
        ("google", "cpc", "Cross-Network", "Cross-network"),
        ("google", "cpc", "brand", "Paid Search"),
        ("google", "cpc", "summer_shopping", "Paid Shopping"),
        ("any", "cpc", "eshop", "Paid Shopping"),
        ("any", "cpc", "workshop", "Paid Other"),
        ("any", "referral", "shop now", "Organic Shopping"),
        ("amazon.de", "paid", "", "Paid Shopping"),
        ("youtube", "cpv", "", "Paid Video"),
        ("any", "mcp", "", "Paid Other"),
        ("any", "retargeting", "", "Paid Other"),
        ("any", "Banner", "", "Display"),
        ("any", "Social-Network", "", "Organic Social"),
        ("any", "video-ad", "", "Organic Video"),
        ("any", "link", "", "Referral"),
        ("e_mail", "blast", "", "Email"),
        ("any", "affiliate", "", "Affiliates"),
        ("any", "audio", "", "Audio"),
        ("sms", "", "", "SMS"),
        ("any", "webpush", "", "Mobile Push Notifications"),
        ("any", "app-notification", "", "Mobile Push Notifications"),
        ("firebase", "x", "", "Mobile Push Notifications"),
        ("", "", "", UNASSIGNED),
    ],
)
def test_googles_default_is_kept_to(source, medium, campaign, expected):
    assert channel(source, medium, campaign) == expected
    assert channel(f" {source.upper()} ", medium.title(), campaign.upper()) == expected


def test_the_order_of_rules_decides():
    email = [rule for rule in DEFAULT.rules if rule.channel == "Email"]
    first = Grouping((*email, *(rule for rule in DEFAULT.rules if rule not in email)))
    assert channel("email", "referral") == "Referral"
    assert channel("email", "referral", of=first) == "Email"


def test_ai_assistants_are_a_rule_that_can_be_added():
    found = Grouping((grouping.AI_ASSISTANTS, *DEFAULT.rules))
    assert channel("chatgpt.com", "referral", of=found) == "AI Assistants"
    assert channel("perplexity.ai", "referral", of=found) == "AI Assistants"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("google", "search"), ("www.google.co.uk", "search"), ("de.search.yahoo.com", "search"), ("m.baidu.com", "search"),
        ("mail.google.com", ""), ("docs.google.com", ""), ("l.facebook.com", "social"), ("m.facebook.com", "social"),
        ("pinterest.at", "social"), ("t.co", "social"), ("m.youtube.com", "video"), ("amazon.com.br", "shopping"),
        ("ebay.de", "shopping"), ("so", "search"), ("so.example.de", ""), ("ask.de", ""), ("notgoogle.com", ""),
        ("google.example.com", ""), ("shop.example", ""), ("", ""), ("claude.ai", "ai"), ("Facebook.com/", "social"),
    ],
)  # fmt: skip
def test_sources_have_a_category_by_name_and_by_host(source, expected):
    assert sources.category(source) == expected


def test_a_projects_own_category_goes_before_the_list():
    found = rules.check(Grouping(DEFAULT.rules, ((" OurForum.example ", "social"), ("google", "none"))))
    assert channel("ourforum.example", "", of=found) == "Organic Social"
    assert channel("google", "referral", of=found) == "Referral"


OPERATORS = [
    ("is", ("Google",), "google", "googles"),
    ("is one of", ("bing", "google"), "GOOGLE", "oogle"),
    ("contains", (".+",), "a.+b", "aab"),
    ("starts with", ("goo",), "google", "agoo"),
    ("ends with", ("gle", "x"), "google", "glee"),
    ("matches", ("^goo+gle$",), "GOOOGLE", "gogle"),
    ("matches", (r"\d{3}\S",), "a1234", "12 3"),
]


@pytest.mark.parametrize(("operator", "values", "hit", "miss"), OPERATORS)
def test_each_operator_takes_what_it_says(operator, values, hit, miss):
    found = rules.check(Grouping((Rule("Mine", (Condition("source", operator, values),)),)))
    assert channel(hit, of=found) == "Mine"
    assert channel(miss, of=found) == UNASSIGNED


def test_all_conditions_of_a_rule_must_hold():
    both = (Condition("source", "is", ("google",)), Condition("campaign", "contains", ("brand",)))
    found = Grouping((Rule("Brand", both),))
    assert channel("google", "cpc", "de_brand", of=found) == "Brand"
    assert channel("google", "cpc", "de", of=found) == UNASSIGNED


TEXTS = st.one_of(
    st.sampled_from(
        ["google", "(direct)", "(none)", "cpc", "email", "facebook.com", "Shopping", "push", "", "(not set)"]
    ),
    st.text(max_size=12),
)
TRIPLES = st.builds(Triple, TEXTS, TEXTS, TEXTS)
CONDITIONS = st.builds(
    Condition,
    st.sampled_from(["source", "medium", "campaign"]),
    st.sampled_from(["is", "is one of", "contains", "starts with", "ends with"]),
    st.lists(st.text(min_size=1, max_size=4).filter(str.strip), min_size=1, max_size=3).map(tuple),
)
GROUPINGS = st.lists(
    st.builds(Rule, st.sampled_from("ABC"), st.lists(CONDITIONS, min_size=1, max_size=2).map(tuple)),
    max_size=5,
).map(lambda found: Grouping(tuple(found)))


@settings(deadline=None)
@given(GROUPINGS, st.lists(TRIPLES, max_size=20))
def test_every_triple_gets_exactly_one_channel_the_first_that_matches(found, triples):
    found = rules.check(found)
    assigned = grouping.assign(found, triples)
    masks = rules.matching(found, triples)
    assert set(assigned) == set(triples)
    for n, triple in enumerate(triples):
        first = next((k for k, mask in enumerate(masks) if mask[n]), None)
        assert assigned[triple] == (UNASSIGNED if first is None else found.rules[first].channel)
    assert grouping.assign(found, triples) == assigned


@settings(deadline=None)
@given(TRIPLES)
def test_the_default_puts_every_triple_somewhere(triple):
    names = {rule.channel for rule in DEFAULT.rules} | {UNASSIGNED}
    assert grouping.assign(DEFAULT, [triple])[triple] in names


@settings(deadline=None)
@given(GROUPINGS)
def test_what_is_kept_reads_back_the_same(found):
    found = rules.check(found)
    assert rules.from_content(rules.as_content(found)) == found


def test_the_default_is_kept_and_checked_as_it_stands():
    assert rules.check(DEFAULT) == DEFAULT == rules.from_content(rules.as_content(DEFAULT))


WRONG = [
    (Rule("", (Condition("source", "is", ("a",)),)), "needs a channel"),
    (Rule("unassigned", (Condition("source", "is", ("a",)),)), "is what no rule takes"),
    (Rule("A", (Condition("referrer", "is", ("a",)),)), "no condition"),
    (Rule("A", (Condition("source", "sounds like", ("a",)),)), "no condition"),
    (Rule("A", (Condition("source", "contains", ("",)),)), "needs a value"),
    (Rule("A", (Condition("source", "is", ()),)), "needs a value"),
    (Rule("A", (Condition("category", "is", ("sea",)),)), "no source category"),
    (Rule("A", (Condition("category", "contains", ("search",)),)), "can only be asked for"),
    (Rule("A", (Condition("source", "matches", ("(a",)),)), "cannot be read"),
    (Rule("A", (Condition("source", "matches", (r"(a)\1",)),)), "back-reference"),
    (Rule("A", (Condition("source", "matches", ("(?<=a)b",)),)), "look-behind"),
    (Rule("A", (Condition("source", "matches", ("((a{1000}){1000}){1000}",)),)), "too large"),
    (Rule("A", (Condition("source", "is", tuple(map(str, range(101)))),)), "100 values"),
    (Rule("A" * 61, ()), "1 to 60 characters"),
]


@pytest.mark.parametrize(("rule", "said"), WRONG)
def test_a_rule_that_cannot_be_is_refused_in_words(rule, said):
    with pytest.raises(WrongRule, match=said):
        rules.check(Grouping((rule,)))


def test_a_rule_without_conditions_stands_last_or_is_refused():
    everything = Rule("All the rest")
    assert rules.check(Grouping((*DEFAULT.rules, everything))).rules[-1] == everything
    with pytest.raises(WrongRule, match="would take everything"):
        rules.check(Grouping((everything, *DEFAULT.rules)))
    assert channel("whatever", "x", of=Grouping((*DEFAULT.rules, everything))) == "All the rest"


@pytest.mark.parametrize(
    "content", [None, [], {}, {"rules": 3}, {"rules": [{}]}, {"rules": [{"channel": "A", "when": [3]}]}]
)
def test_what_was_kept_otherwise_is_refused(content):
    with pytest.raises(WrongRule):
        rules.from_content(content)


SEEN = [Triple("google", "cpc", ""), Triple("google", "organic", ""), Triple("x", "email", "")]


def test_a_rule_that_takes_everything_is_told():
    all_ = Rule("All", (Condition("medium", "matches", (".*",)),))
    found = rules.warnings(Grouping((all_, *DEFAULT.rules)), SEEN)
    assert "Rule 1, “All”, matches everything that reaches it: the 27 rules below it never match." in found


def test_a_rule_that_takes_all_traffic_here_is_told():
    found = rules.warnings(
        Grouping((Rule("E", (Condition("medium", "contains", ("c", "e")),)), DEFAULT.rules[0])), SEEN
    )
    assert "takes 100 % of the traffic that reaches it here" in found[0]
    assert "the rule below it never matches here" in found[0]


def test_a_rule_that_can_never_match_is_named():
    one = Rule("A", (Condition("medium", "is", ("cpc",)),))
    narrower = Rule("B", (Condition("medium", "is", ("cpc",)), Condition("source", "is", ("google",))))
    found = rules.warnings(Grouping((one, narrower, Rule("C", (Condition("source", "is", ("y",)),)))), SEEN)
    assert found == ["Rule 2, “B”, can never match: rule 1, “A”, takes all of it before."]


def test_a_rule_that_gets_nothing_here_is_named():
    one, other = (Rule(n, (Condition("medium", "contains", (v,)),)) for n, v in (("A", "cp"), ("B", "cpc")))
    found = rules.warnings(Grouping((one, other, DEFAULT.rules[0])), SEEN)
    assert found == ["Rule 2, “B”, gets nothing here: what it matches is taken before by rule 1."]


def test_the_default_is_not_warned_of():
    assert rules.warnings(DEFAULT, SEEN) == []


def test_a_regular_expression_takes_time_linear_in_the_text():
    hard = Grouping((Rule("A", (Condition("campaign", "matches", ("(a+)+$",)),)),))
    triples = [Triple("", "", "a" * 20_000 + f"{n}b") for n in range(50)]
    start = time.perf_counter()
    grouping.places(hard, triples)
    assert time.perf_counter() - start < 2
