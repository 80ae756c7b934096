"""The invented business is the same on every run, and different for another seed."""

from __future__ import annotations

from datetime import date

import pytest

from sandbox.business import ACCOUNTS, DAYS, Business
from sandbox.exports import FILES

LAST = date(2026, 11, 19)


@pytest.mark.parametrize("name", FILES)
def test_an_export_is_the_same_on_every_run(name: str):
    assert FILES[name](Business(LAST, days=40)) == FILES[name](Business(LAST, days=40))


def test_another_seed_is_another_business():
    assert Business(LAST, seed=1, days=40).ads("meta_ads") != Business(LAST, seed=2, days=40).ads("meta_ads")


def test_it_lasts_eighteen_months_and_ends_on_the_day_asked_for():
    business = Business(LAST)
    assert len(business.days) == DAYS
    assert business.days[-1] == LAST


@pytest.mark.parametrize("platform", ACCOUNTS)
def test_nobody_clicks_without_an_impression_or_buys_without_a_click(platform: str):
    for row in Business(LAST, days=30).ads(platform):
        assert 0 <= row.conversions <= row.clicks <= row.impressions
        assert row.reach <= row.impressions
