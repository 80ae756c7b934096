"""How complete a day's figures are some hours after the day began: today grows, recent days restate.

Points are (hours since the day began in the account's zone, part of the final figure). Between points the
part grows evenly, and within the day as traffic does. The length of the tails follows what platforms
document as their restatement windows, shortened to ten days at most so that a short test sees the end.
"""

from __future__ import annotations

import numpy as np

HOURS = np.cumsum(np.r_[0, 1.6, 1.0, 0.7, 0.5, 0.5, 0.9, 2, 3.3, 4.2, 4.8, 5, 5.2, 5.4, 5.1, 4.9, 5, 5.3, 5.8,
                        6.6, 7.4, 7.8, 7.0, 5.2, 3.3])  # fmt: skip
"""Traffic that has happened after each hour of the day."""

TAILS: dict[tuple[str, str], tuple[tuple[int, float], ...]] = {
    ("google_ads", "delivery"): ((24, 0.955), (27, 0.99), (48, 0.998), (72, 1.0)),
    ("google_ads", "conversions"): ((24, 0.46), (48, 0.71), (96, 0.88), (168, 0.97), (240, 1.0)),
    ("meta_ads", "delivery"): ((24, 0.97), (30, 0.995), (60, 1.0)),
    ("meta_ads", "conversions"): ((24, 0.6), (48, 0.8), (72, 0.9), (168, 0.985), (216, 1.0)),
    ("tiktok_ads", "delivery"): ((24, 0.94), (36, 1.0)),
    ("tiktok_ads", "conversions"): ((24, 0.5), (48, 0.74), (120, 0.93), (192, 1.0)),
    ("pinterest_ads", "delivery"): ((24, 0.92), (36, 0.99), (72, 1.0)),
    ("pinterest_ads", "conversions"): ((24, 0.4), (72, 0.75), (168, 0.95), (240, 1.0)),
    ("ga4", "delivery"): ((24, 0.9), (36, 0.97), (48, 1.0)),
    ("ga4", "conversions"): ((24, 0.88), (48, 0.98), (72, 1.0)),
    ("klaviyo", "delivery"): ((24, 1.0),),
    ("klaviyo", "conversions"): ((24, 1.0),),
    ("tiktok_organic", "delivery"): ((24, 0.0), (40, 1.0)),
}
"""By platform and family of metrics: delivery (impressions, clicks, spend …) or conversions (with value)."""

CREDIT_FROM, CREDIT_SIZE, CREDIT_CHANCE = 84, 0.03, 0.04
"""Some days have clicks that are found invalid and credited after 84 hours: those figures fall."""


def part(platform: str, family: str, hours: int) -> float:
    """The part of the final figure that shows `hours` after the day began: 0 before it, 1 in the end."""
    tail = TAILS[platform, family]
    if hours <= 0:
        return 0.0
    if hours < 24:
        return float(tail[0][1] * HOURS[hours] / HOURS[24])
    return float(np.interp(hours, [point[0] for point in tail], [point[1] for point in tail]))


def final_after(platform: str) -> int:
    """Hours after the beginning of a day from which nothing changes any more."""
    longest = max(tail[-1][0] for (name, _), tail in TAILS.items() if name == platform)
    return max(longest, CREDIT_FROM)
