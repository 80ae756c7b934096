"""Which channel the tag of a visit belongs to: source, medium and campaign as links carry them.

An advertising platform is named by the source and needs a paid medium; a source that names the ads themselves
(`adwords`, `facebook_ads`) needs none. Without either, a visit from the platform is no advertising: people also
find a shop by its posts and in search results.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from analytics import channels

_SOURCES = {
    "google_ads": {"google", "adwords", "gads", "googleads", "youtube", "yt", "doubleclick", "dv360"},
    "meta_ads": {"facebook", "instagram", "fb", "ig", "meta", "messenger", "facebookads", "fbads", "metaads"},
    "tiktok_ads": {"tiktok", "tiktokads", "tt"},
    "pinterest_ads": {"pinterest", "pin", "pinterestads"},
    "linkedin_ads": {"linkedin", "lnkd", "linkedinads"},
    "microsoft_ads": {"bing", "microsoft", "msn", "bingads", "msads", "microsoftads"},
    "x_ads": {"x", "twitter", "twitterads", "xads"},
    "amazon_ads": {"amazon", "amazonads", "amzn"},
    "spotify_ads": {"spotify", "spotifyads"},
}
_ADS_THEMSELVES = re.compile(
    r"(^|[^a-z])ads?([^a-z]|$)|adwords|gads|(google|facebook|fb|meta|tiktok|bing|ms|x)ads$|dv360"
)
_PAID = re.compile(r"cp[acmvl]|ppc|paid|retarget|remarket|display|banner|sponsor|promoted|^ads?$|[_-]ads?$")
_EMAIL = {"email", "e-mail", "e_mail", "mail", "newsletter", "klaviyo", "mailchimp", "mailerlite", "hubspot"}
_SIGNS = re.compile(r"[^a-z0-9]+")


@lru_cache(16_384)
def channel(tag: str, known: frozenset[str]) -> str:
    """The channel that `source / medium / campaign` belongs to, of the `known` ones for e-mail and offline media;
    empty where it is nobody's. Upper case and lower case are the same."""
    source, medium, _ = parts(tag)
    words = [word for word in _SIGNS.split(source) if word]
    if source in _EMAIL or medium in _EMAIL:
        return _mailer(words, known)
    for own in known:
        if own.casefold() == source and own not in channels.PLATFORMS:
            return own
    if _PAID.search(medium) or _ADS_THEMSELVES.search(source):
        return _advertiser(source, words)
    return ""


def parts(tag: str) -> tuple[str, str, str]:
    """Source, medium and campaign of a tag, in lower case; empty where there is none."""
    pieces = [piece.strip() for piece in tag.casefold().split(" / ", 2)]
    source, medium, campaign = [*pieces, "", "", ""][:3]
    return source.strip("/ "), medium.strip("/ "), campaign


def _advertiser(source: str, words: Collection[str]) -> str:
    if source == "t.co":
        return "x_ads"
    found = [slug for slug, names in _SOURCES.items() if names.intersection(words)]
    return found[0] if found else ""


def _mailer(words: Collection[str], known: Collection[str]) -> str:
    """The e-mail tool that is named, else the only one that the project has."""
    tools = sorted(one for one in known if channels.kind(one) == "email")
    named = [one for one in tools if one in words]
    if named:
        return named[0]
    return tools[0] if len(tools) == 1 else ""
