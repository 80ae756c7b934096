"""What Meta's answers say besides figures: how much of the limits is used, and what an error means.

Codes after Meta's "Marketing API rate limiting" and "Graph API error handling"; the numbers decide, never the
HTTP status, which is mostly 400.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from connectors._redaction import clean
from errors import (
    AccessMissing,
    DayLimitReached,
    NeedsReconnect,
    RateLimited,
    Refused,
    SoundingsError,
    TooMuchData,
    Unreachable,
)

_RATE_CODES = {4, 17, 32, 613, *range(80000, 80007), 80008}
_PASSING = {1, 2, 960}
_LONG_MINUTES = 60
_SIGNED_OUT = {102, 190}
_NOT_ALLOWED = {3, 10, 294, *range(200, 300)}
_WHY_SIGNED_OUT = {
    458: "the app was removed from the Facebook account",
    460: "the Facebook password was changed",
    463: "it expired",
    467: "it was withdrawn",
}
_SAFE = "What is stored stays as it is."


def usage(headers: Mapping[str, str]) -> tuple[int, int]:
    """The highest percentage in Meta's usage headers, and minutes until access comes back, if it says."""
    used = minutes = 0
    for name in (
        "X-Business-Use-Case-Usage",
        "X-FB-Ads-Insights-Throttle",
        "X-App-Usage",
        "X-Ad-Account-Usage",
    ):
        try:
            found = json.loads(headers.get(name) or "{}")
        except ValueError:
            continue
        nested = found.values() if name.startswith("X-Business") and isinstance(found, dict) else [[found]]
        for one in (each for group in nested if isinstance(group, list) for each in group):
            shares = [
                value for field, value in one.items()
                if isinstance(value, (int, float)) and field.endswith(("_count", "_cputime", "_time", "_pct"))
            ]  # fmt: skip
            used = max([used, *(int(share) for share in shares)])
            minutes = max(minutes, int(one.get("estimated_time_to_regain_access") or 0))
    return used, minutes


def meaning(error: dict[str, Any], headers: Mapping[str, str]) -> SoundingsError:
    """The error of an error body."""
    code, sub = error.get("code"), error.get("error_subcode")
    said = clean(str(error.get("error_user_msg") or error.get("message") or ""))[:200].rstrip(". ")
    if code in _RATE_CODES:
        minutes = usage(headers)[1]
        if minutes > _LONG_MINUTES:
            return DayLimitReached(
                f"Meta answers no more for {minutes // 60} hours. It goes on by itself. {_SAFE}", 60 * minutes
            )
        return RateLimited(
            "Meta asked us to slow down. Nothing to do: it goes on by itself.", 60 * minutes or 300
        )
    if "reduce the amount of data" in said.lower() or (code, sub) == (100, 1487534):
        return TooMuchData("Meta says that this is too much data at once. It is asked for in smaller parts.")
    if code in _SIGNED_OUT:
        why = _WHY_SIGNED_OUT.get(sub or 0, said)
        return NeedsReconnect(f"Meta ended this sign-in: {why}. Press Reconnect. What is stored is safe.")
    if code in _NOT_ALLOWED:
        return AccessMissing(
            f"Meta does not let this sign-in read that ({said}). Ask the ad account's owner for access, with "
            "ads_read. What is stored is safe."
        )
    if error.get("is_transient") or code in _PASSING or sub == 99:
        return Unreachable(f"Meta has a problem of its own ({said}). {_SAFE}")
    if code == 2635:
        return Refused(f"Meta no longer answers this version of its API. Update Soundings. {_SAFE}")
    return Refused(f"Meta refused the question: {said} (code {code}). {_SAFE}")
