"""Where the shop's visitors come from on a day: ads that were clicked, e-mails, search, links, nobody.

Both the shop's orders and the web analytics' sessions are drawn from these sources, so that they agree with
the clicks that the ad platforms report.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from sandbox import delivery, emails
from sandbox.world import World

COUNTRIES = ("DE", "US", "GB", "SE")
DEVICES = ("mobile", "desktop", "tablet")
DEVICE_PARTS = (0.63, 0.32, 0.05)


@dataclass(frozen=True)
class Source:
    """One source of visits on one day. `orders` is how many orders to expect from its `visits`; `channel`
    is the default channel group of web analytics. utm values are None for what carries none."""

    source: str
    medium: str
    campaign: str | None
    channel: str
    visits: int
    orders: float
    countries: tuple[float, float, float, float]
    contents: tuple[str, ...] = ()
    platform: str = ""
    campaign_id: str = ""
    message_id: str = ""

    @property
    def tagged(self) -> bool:
        """Whether its links carry utm parameters."""
        return self.campaign is not None


_EVERYWHERE = (0.55, 0.2, 0.15, 0.1)
_FREE: tuple[tuple[str, str, str, float, float], ...] = (
    ("google", "organic", "Organic Search", 610, 0.017),
    ("(direct)", "(none)", "Direct", 380, 0.021),
    ("tiktok", "social", "Organic Social", 150, 0.006),
    ("trailjournal.example", "referral", "Referral", 95, 0.012),
    ("bing", "organic", "Organic Search", 60, 0.016),
)
"""Visits that nobody pays for: source, medium, channel, visits a day, orders for a visit."""
_PAID = {"google_ads": "Paid Search", "meta_ads": "Paid Social", "tiktok_ads": "Paid Social",
         "pinterest_ads": "Paid Social"}  # fmt: skip


@lru_cache(1024)
def day(world: World, day: date) -> tuple[Source, ...]:
    """The day's sources, final figures."""
    if day < world.start:
        return ()
    return (*_ads(world, day), *_mails(world, day), *_free(world, day))


def _ads(world: World, day: date) -> list[Source]:
    found = []
    for account in world.accounts:
        clicks = delivery.final(world, account, day)["clicks"]
        by_campaign = np.bincount(account.campaign_of, clicks, len(account.campaigns))
        buying = np.bincount(account.campaign_of, clicks * account.rates["cvr"], len(account.campaigns))
        home = tuple(0.94 if country == account.country else 0.02 for country in COUNTRIES)
        for place in np.flatnonzero(by_campaign):
            campaign = account.campaigns[place]
            channel = _PAID[account.platform]
            if campaign.kind in {"shopping", "pmax"}:
                channel = "Paid Shopping" if campaign.kind == "shopping" else "Cross-network"
            ads = [ad.name for ad in account.ads if account.groups[ad.group].campaign == place][:5]
            visits, orders = int(by_campaign[place] * 0.9), float(buying[place])
            found.append(
                Source(*account.utm, campaign.name(day), channel, visits, orders, home, tuple(ads),  # type: ignore[arg-type]
                       account.platform, campaign.id)
            )  # fmt: skip
    return found


def _mails(world: World, day: date) -> list[Source]:
    return [
        Source("klaviyo", "email", row.message.parent_name, "Email", row.clicked, row.clicked_unique * 0.06,
               _EVERYWHERE, (row.message.name,), "klaviyo", row.message.parent_id, row.message.id)
        for row in emails.final(world, day)
        if row.clicked
    ]  # fmt: skip


def _free(world: World, day: date) -> list[Source]:
    random = world.chance("free", day)
    found = []
    for source, medium, channel, size, rate in _FREE:
        visits = int(random.poisson(size * world.demand(day)))
        found.append(Source(source, medium, None, channel, visits, visits * rate, _EVERYWHERE))
    return found
