"""Campaign names by agreement, aliases of tags, and tagged links."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analytics import aliases, naming, utm
from analytics.aliases import Alias
from analytics.naming import Convention, Part
from analytics.rules import WrongRule
from analytics.utm import Vocabulary

MARKETS = Convention(
    "_", (Part("market", ("de", "at", "ch")), Part("kind"), Part("year", (), r"20\d\d", True))
)


def read(name: str, convention: Convention = MARKETS):
    return naming.parse(convention, [name])[name]


def test_a_name_is_read_into_its_dimensions():
    assert dict(read("DE_search_2026").values) == {"market": "de", "kind": "search", "year": "2026"}
    assert read(" at _ brand ").follows
    assert read("at_brand").value("year") == ""


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("ger_search", "part 1 *market* is 'ger'; allowed: de, at, ch"),
        ("de", "too few parts at “_”: 1 instead of 2 to 3"),
        ("de_a_2026_x", "too many parts at “_”: 4 instead of 2 to 3"),
        ("de__2026", "part 2 *kind* is empty"),
        ("de_a_26", r"part 3 *year* is '26', which does not match 20\d\d"),
        ("de_a_x2026x", r"part 3 *year* is 'x2026x', which does not match 20\d\d"),
        ("", "too few parts at “_”: 1 instead of 2 to 3"),
        ("_a", "part 1 *market* is empty"),
    ],
)
def test_a_violation_says_which_part_and_what_would_do(name, problem):
    assert problem in read(name).problems


def test_right_parts_of_a_wrong_name_still_count():
    assert dict(read("de_search_26").values) == {"market": "de", "kind": "search"}


TEXT = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8)


@st.composite
def conventions(draw) -> Convention:
    count = draw(st.integers(1, 5))
    needed = draw(st.integers(0, count))
    parts = [
        Part(f"p{n}", tuple(draw(st.lists(TEXT, max_size=3, unique_by=str.casefold))), "", n >= needed)
        for n in range(count)
    ]
    return naming.check(Convention(draw(st.sampled_from(["_", "|", " - ", "::"])), tuple(parts)))


@settings(deadline=None)
@given(st.data())
def test_a_composed_name_reads_back_to_the_same(data):
    convention = data.draw(conventions())
    values = {
        part.name: data.draw(st.sampled_from(part.allowed) if part.allowed else TEXT)
        for part in convention.parts
    }
    name = naming.compose(convention, values)
    found = read(name, convention)
    assert found.follows
    assert dict(found.values) == values


@settings(deadline=None)
@given(conventions(), st.text(max_size=20))
def test_any_text_is_read_without_failing(convention, name):
    found = read(name, convention)
    assert found.follows or found.problems


@settings(deadline=None)
@given(conventions())
def test_a_convention_that_was_kept_reads_back_the_same(convention):
    assert naming.from_content(naming.as_content(convention)) == convention


def test_a_name_that_could_not_be_read_back_is_not_composed():
    with pytest.raises(WrongRule, match="holds the separator"):
        naming.compose(MARKETS, {"market": "de", "kind": "a_b"})
    with pytest.raises(WrongRule, match="is 'fr'; allowed"):
        naming.compose(MARKETS, {"market": "fr", "kind": "a"})


@pytest.mark.parametrize(
    ("convention", "said"),
    [
        (Convention("", (Part("a"),)), "The separator"),
        (Convention("x", (Part("a"),)), "The separator"),
        (Convention("_", ()), "1 to 12 parts"),
        (Convention("_", (Part(" "),)), "needs a name"),
        (Convention("_", (Part("a"), Part("A"))), "Two parts are called"),
        (Convention("_", (Part("a", optional=True), Part("b"))), "put optional parts last"),
        (Convention("_", (Part("a", ("x_y",)),)), "holds the separator"),
        (Convention("_", (Part("a", ("x",), "y"),)), "Keep one of them"),
        (Convention("_", (Part("a", (), "(?=x)"),)), "look-ahead"),
        (Convention("_", (Part("a", (), "a)|(b"),)), "cannot be read"),
    ],
)
def test_a_convention_that_cannot_be_is_refused_in_words(convention, said):
    with pytest.raises(WrongRule, match=said.replace("(", r"\(")):
        naming.check(convention)


def test_the_most_common_separator_and_count_are_suggested():
    names = [
        f"{market}_{kind}_{n}" for market in ("DE", "AT") for kind in ("search", "video") for n in range(3)
    ]
    found = naming.suggest([*names, "Old | Name", "Brand"])
    assert found is not None
    assert found.convention.separator == "_"
    assert [part.allowed for part in found.convention.parts][:2] == [("AT", "DE"), ("search", "video")]
    assert (found.following, found.names) == (12, 14)


def test_names_without_a_common_form_suggest_nothing():
    assert naming.suggest(["Brand", "Sale", "x", "Summer"]) is None
    assert naming.suggest([]) is None


# --- aliases ---------------------------------------------------------------------------------------


def test_names_that_differ_in_signs_case_and_order_are_the_same():
    assert aliases.likeness("Spring Sale – DE", "spring_sale-de") == 1
    assert aliases.likeness("Sale DE", "de-sale") == 1
    assert aliases.likeness("Brand", "Retargeting") < 0.3


@settings(deadline=None)
@given(st.text(max_size=15), st.text(max_size=15))
def test_likeness_is_a_share_and_the_same_both_ways(one, other):
    assert 0 <= aliases.likeness(one, other) == aliases.likeness(other, one) <= 1


def test_each_name_is_offered_once_with_its_best_pair():
    found = aliases.suggest(
        ["us-prospecting-brod", "retarget_us", "qqq"], ["US_Prospecting_Broad", "US_Retargeting", "Other"]
    )
    assert [(pair.raw, pair.canonical) for pair in found] == [
        ("us-prospecting-brod", "US_Prospecting_Broad"), ("retarget_us", "US_Retargeting"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ([Alias("campaign", "a", "A")], "stand for itself"),
        ([Alias("campaign", "a", "b"), Alias("campaign", "A", "c")], "would stand for"),
        ([Alias("campaign", "a", "b"), Alias("campaign", "b", "c")], "is an alias itself"),
        ([Alias("campaign", "a", "b"), Alias("campaign", "b", "a")], "is an alias itself"),
        ([Alias("content", "a", "b")], "has no aliases"),
        ([Alias("campaign", "", "b")], "needs two values"),
    ],
)
def test_aliases_that_contradict_or_run_in_a_circle_are_refused(given_, said):
    with pytest.raises(WrongRule, match=said):
        aliases.check(given_)


# --- links -----------------------------------------------------------------------------------------

GOOD = {"source": "google", "medium": "cpc", "campaign": "spring"}
VALUE = st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=20).filter(
    lambda text: text == text.lower() and not utm._MACRO.search(text) and text.isprintable()
)


@settings(deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(utm.PARAMETERS, VALUE)))
def test_values_come_back_from_the_link_as_they_were(values):
    assume(all(value == value.strip() for value in values.values()))
    link = utm.build("https://shop.example.com/a?x=1#top", values)
    assert utm.tags(link) == values
    assert dict(parse_qsl(urlsplit(link).query, strict_parsing=True))["x"] == "1"
    assert urlsplit(link).fragment == "top"


def test_a_link_that_is_built_twice_stays_the_same():
    once = utm.build("https://a.example/%20x?b=%2B&UTM_Source=old&c#f?utm_source=no", GOOD)
    assert (
        once
        == "https://a.example/%20x?b=%2B&c&utm_source=google&utm_medium=cpc&utm_campaign=spring#f?utm_source=no"
    )
    assert utm.build(once, GOOD) == once


@pytest.mark.parametrize(
    "address",
    ["", "shop.example", "ftp://a.example", "https://", "https://x", "javascript:alert(1)", "https://[::1",
     "https://a.example:99999", "https://u:p@a.example", "https://a .example", "https://a.example/{{x}}", "https://a.example/%7B%7Bx%7D%7D",
     "https://a.example/" + "x" * 2000],
)  # fmt: skip
def test_an_address_that_no_browser_opens_is_refused(address):
    with pytest.raises(WrongRule):
        utm.build(address, GOOD)


@pytest.mark.parametrize(
    "value",
    [
        "Google",
        "a b",
        "{campaignid}",
        "{{ad.name}}",
        "__CAMPAIGN_NAME__",
        "%%x%%",
        "a\tb",
        "x" * 201,
        "a\u200bb",
    ],
)
def test_a_value_that_tools_would_read_differently_is_refused(value):
    with pytest.raises(WrongRule):
        utm.build("https://a.example", {**GOOD, "campaign": value})


def test_a_vocabulary_is_kept_to():
    locked = Vocabulary(("google",), ("cpc", "email"))
    assert utm.build("https://a.example", GOOD, locked)
    with pytest.raises(WrongRule, match="not in the vocabulary: cpc, email"):
        utm.build("https://a.example", {**GOOD, "medium": "ppc"}, locked)
    assert utm.from_content(utm.as_content(locked)) == locked
