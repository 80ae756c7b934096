import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncing import segments


@pytest.mark.parametrize(
    ("breakdown", "values", "segment"),
    [
        ("device", "mobile", "device=mobile"),
        ("age_gender", "25-34 | female", "age=25-34|gender=female"),
        ("source_medium", "google / cpc", "source_medium=google / cpc"),
        ("source_medium_campaign", "google / cpc | brand", "source_medium=google / cpc|campaign=brand"),
        ("placement", "facebook | feed", "placement=facebook / feed"),
        ("age_gender", "25-34", "age=25-34|gender="),
    ],
)
def test_a_breakdowns_values_are_stored_under_their_names(breakdown, values, segment):
    assert segments.stored(breakdown, values) == segment


@given(st.sampled_from(["device", "age_gender", "source_medium_campaign"]), st.text())
def test_whatever_a_platform_calls_a_value_the_names_stay_readable(breakdown, value):
    pieces = [piece.split("=") for piece in segments.stored(breakdown, value).split("|")]
    assert all(len(piece) == 2 for piece in pieces)
    assert ["_".join(name for name, _ in pieces)] == [breakdown]


def test_a_row_without_its_value_is_told_apart():
    assert [row["segment"] for row in segments.named([{"day": None}, {"segment": "tv"}], "device")] == [
        "device=(none)",
        "device=tv",
    ]
