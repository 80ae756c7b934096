"""The link builder: links by the vocabulary, one and many, and where their visits will count."""

from __future__ import annotations

import polars as pl
import pytest

from analytics.naming import Convention, Part
from analytics.utm import Vocabulary
from errors import UnreadableFile
from spreadsheets import link_tables, writing
from store import agreements, db
from tests.opening import buttons, press, text
from tests.pages.links import follow


def fill(found, **values):
    for name, value in values.items():
        field = (
            found.text_input(key=f"link-{name}")
            if name != "addresses"
            else found.text_area(key="link-addresses")
        )
        field.set_value(value)
    return found.run()


@pytest.mark.parametrize("role", ["viewer", "editor", "owner", "admin"])
def test_everybody_builds_a_link_and_sees_its_channel(house, role):
    found = fill(
        house.open(role, "utm"), source="google", medium="cpc", campaign="spring",
        address="https://shop.example.com/sale?x=1&utm_source=old#top",
    )  # fmt: skip
    assert found.code[0].value == (
        "https://shop.example.com/sale?x=1&utm_source=google&utm_medium=cpc&utm_campaign=spring#top"
    )
    assert "will count for **Paid Search**" in text(found)
    assert "which were replaced: utm\\_source=old" in text(found)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("source", "Google", "Write “google”"),
        ("campaign", "spring sale", "Write “spring-sale”"),
        ("campaign", "{{campaign.name}}", "holds a placeholder"),
        ("campaign", "", "utm_campaign still has no value"),
        ("address", "shop.example.com", "has to begin with https://"),
        ("address", "https://shop .com", "holds a space"),
    ],
)
def test_what_would_read_differently_elsewhere_is_refused_in_words(house, field, value, said):
    values = {"source": "google", "medium": "cpc", "campaign": "a", "address": "https://shop.example.com"}
    found = fill(house.open("viewer", "utm"), **{**values, field: value})
    assert said in text(found)
    assert not found.code


def test_a_source_that_no_rule_takes_is_told(house):
    found = fill(
        house.open("viewer", "utm"), source="newsletter", medium="newsletter", campaign="a", address="https://a.example"
    )  # fmt: skip
    assert "will be Unassigned" in text(found)


def test_an_editor_locks_the_vocabulary_and_links_follow_it(house):
    found = house.open("editor", "utm")
    found.text_area(key="vocabulary-source-0").set_value("google\nnewsletter\n")
    found.text_area(key="vocabulary-medium-0").set_value("cpc\nemail")
    found = press(found, "Save vocabulary")
    assert "The vocabulary is saved" in text(found)
    found = house.open("viewer", "utm")
    assert "Source: google, newsletter" in text(found)
    assert "Save vocabulary" not in buttons(found)
    found.selectbox(key="link-source").set_value("newsletter")
    found.selectbox(key="link-medium").set_value("email")
    found = fill(found, campaign="may", address="https://shop.example.com")
    assert "will count for **Email**" in text(found)


def test_a_value_that_no_link_can_have_is_refused_in_the_vocabulary(house):
    found = house.open("editor", "utm")
    found.text_area(key="vocabulary-source-0").set_value("Google Ads")
    assert "holds a space" in text(press(found, "Save vocabulary"))
    with db.project(house.project_id) as connection:
        assert agreements.read_vocabulary(connection, house.project_id).version == 0


def test_campaigns_are_made_by_the_naming_convention(house):
    person, project = house.people["editor"], house.project_id
    agreements.save_convention(
        person, project, Convention("_", (Part("market", ("DE", "AT")), Part("topic"))), seen=0
    )
    agreements.save_vocabulary(person, project, Vocabulary(by_convention=True), seen=0)
    found = house.open("viewer", "utm")
    found.selectbox(key="link-part-0").set_value("DE")
    found.text_input(key="link-part-1").set_value("spring")
    found = fill(found, source="google", medium="cpc", address="https://a.example")
    assert found.code[0].value.endswith("utm_campaign=de_spring")


def test_many_addresses_become_links_and_wrong_ones_are_named(house):
    found = follow(house, "viewer", "utm", how="Many links")
    found = fill(
        found,
        source="google",
        medium="cpc",
        campaign="a",
        addresses="https://a.example\nb\n\nhttps://c.example/x",
    )
    table = found.dataframe[0].value
    assert list(table["Link"]) == [
        "https://a.example/?utm_source=google&utm_medium=cpc&utm_campaign=a",
        "",
        "https://c.example/x?utm_source=google&utm_medium=cpc&utm_campaign=a",
    ]
    assert "1 of 3 have no link" in text(found)


def test_a_link_with_nonsense_still_opens(house):
    assert follow(house, "viewer", "utm", how="zzz").text_input


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_table_of_addresses_is_read_with_its_own_values(kind):
    frame = pl.DataFrame(
        {
            "Landing page": ["https://a.example", "https://b.example"],
            "utm_source": ["x", None],
            "Owner": ["Ann", ""],
        }
    )
    data = writing.write_csv(frame) if kind == "csv" else writing.write_xlsx({"Links": frame})
    assert link_tables.read(f"links.{kind}", data) == [
        {"url": "https://a.example", "source": "x"},
        {"url": "https://b.example"},
    ]


def test_a_table_without_addresses_is_refused_in_words():
    with pytest.raises(UnreadableFile, match="no column called url"):
        link_tables.read("links.csv", b"name,owner\na,b\n")
