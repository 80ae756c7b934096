"""Colours of charts: one a channel, the same on every page, in both themes, in downloads and in mails.

They are Paul Tol's "muted" and "bright" schemes (https://personal.sro.nl/~pault/), which stay apart for
colour-blind readers.
"""

from __future__ import annotations

import zlib

_SET = {
    "google_ads": "#4477AA",
    "meta_ads": "#CC6677",
    "tiktok_ads": "#44AA99",
    "pinterest_ads": "#AA4499",
    "linkedin_ads": "#88CCEE",
    "microsoft_ads": "#DDCC77",
    "amazon_ads": "#EE7733",
    "x_ads": "#999933",
    "spotify_ads": "#117733",
    "search_console": "#66CCEE",
    "ga4": "#EE8866",
    "klaviyo": "#BBCC33",
    "mailchimp": "#FFAABB",
    "shopify": "#77AADD",
}
_OTHERS = ("#AAAA00", "#99DDFF", "#EEDD88", "#882255", "#6699CC", "#997700", "#EE99AA", "#994455")
SPEND, SALES, FALLING, OTHER = "#4477AA", "#44AA99", "#CC6677", "#8C8C8C"
SEVERAL = ("#4477AA", "#44AA99", "#CC6677", "#DDCC77", "#AA4499", "#88CCEE", "#117733", "#EE8866")
"""For what is no channel, one after the other."""


def color(channel: str) -> str:
    """The channel's colour; a name that is not a platform gets one that depends on the name alone."""
    return _SET.get(channel) or _OTHERS[zlib.crc32(channel.encode()) % len(_OTHERS)]


def pale(color: str, times: int) -> str:
    """The colour with a third of the way to white gone, so many times (three at most)."""
    parts = [int(color[n : n + 2], 16) for n in (1, 3, 5)]
    left = (2 / 3) ** min(times, 3)
    return "#" + "".join(f"{round(255 - (255 - part) * left):02X}" for part in parts)
