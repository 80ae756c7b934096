"""Videos of the shop's own TikTok account: lifetime totals as they stand now, and the account by day.

A video collects most of its views in the first days. Days are UTC; a day's figures are the growth of all
videos' totals on that day, so the two agree.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from sandbox.world import World

EVERY = 3
"""Days between two videos."""
SPEED = 4.0
"""Days in which a video collects about two thirds of its views."""
_LIFE = 60
"""Days after which a video collects nothing more."""
PARTS = {"likes": 0.058, "comments": 0.0031, "shares": 0.0042, "favorites": 0.0065, "reach": 0.81,
         "new_followers": 0.0019, "profile_views": 0.011, "website_clicks": 0.0026}  # fmt: skip
"""About how much of each a view brings."""


@dataclass(frozen=True)
class Post:
    """A video: what does not change. `final` is the views that it will have had in the end."""

    id: str
    created_at: datetime
    caption: str
    duration: float
    final: int
    taste: float
    watched: float
    completion: float


@dataclass(frozen=True)
class Totals:
    """A video's lifetime figures; seconds watched in all."""

    views: int
    likes: int
    comments: int
    shares: int
    favorites: int
    reach: int
    new_followers: int
    profile_views: int
    website_clicks: int
    seconds: int


@lru_cache(2048)
def _post(world: World, n: int) -> Post:
    day = world.start + timedelta(days=n * EVERY)
    random = world.chance("post", day)
    at = datetime.combine(day, time(int(random.integers(7, 20)), int(random.integers(0, 60))), UTC)
    caption = ("Rain test #harbourandpine", "Coffee on the pine stove", "Pack with us", "Campfire at dusk")[
        n % 4
    ]
    length = float(random.integers(9, 46))
    watched = round(length * float(random.uniform(0.22, 0.6)), 3)
    return Post(
        str(7_300_000_000_000_000_001 + n * 7_919), at, caption, length, int(random.lognormal(8.1, 0.9)),
        float(random.uniform(0.7, 1.3)), watched, round(float(random.uniform(0.03, 0.24)), 4),
    )  # fmt: skip


def posts(world: World) -> list[Post]:
    """Every video that is out now, newest first."""
    count = (world.now.date() - world.start).days // EVERY + 1
    found = [_post(world, n) for n in range(count)]
    return [post for post in reversed(found) if post.created_at <= world.now]


def totals(post: Post, at: datetime) -> Totals:
    """The video's lifetime figures at that time."""
    age = (at - post.created_at).total_seconds() / 86_400
    part = 0.0 if age <= 0 else 1.0 if age >= _LIFE else 1 - math.exp(-age / SPEED)
    views = int(post.final * part)
    counts = {
        name: int(views * ratio * (post.taste if name != "reach" else 1)) for name, ratio in PARTS.items()
    }
    return Totals(views=views, seconds=int(views * post.watched), **counts)


def day(world: World, day: date) -> dict[str, int]:
    """What the account gained on that day (UTC) in all: views, likes, comments, shares, favorites, profile_views,
    new_followers, lost_followers, website_clicks; `followers` is how many it had at the day's end. Empty until
    the figures of the day are out (a day and a half later at most) and before the world began."""
    if day < world.start or world.part("tiktok_organic", "delivery", day, "UTC") < 1:
        return {}
    return dict(final(world, day))


@lru_cache(1024)
def final(world: World, day: date) -> dict[str, int]:
    """The same for a day whose figures are all in."""
    found = _growth(world, day)
    lost = found["new_followers"] // 3
    before = 4_200 + sum(
        _kept(world, day - timedelta(days=n)) for n in range(1, (day - world.start).days + 1)
    )
    return found | {"lost_followers": lost, "followers": before + found["new_followers"] - lost}


def _kept(world: World, day: date) -> int:
    gained = _growth(world, day)["new_followers"]
    return gained - gained // 3


@lru_cache(4096)
def _growth(world: World, day: date) -> dict[str, int]:
    """What all videos' totals grew by on that day."""
    begin = datetime.combine(day, time(), UTC)
    end = begin + timedelta(days=1)
    last = (day - world.start).days // EVERY
    names = ("views", "likes", "comments", "shares", "favorites", "reach", "profile_views", "new_followers",
             "website_clicks")  # fmt: skip
    found = dict.fromkeys(names, 0)
    for n in range(max(last - _LIFE // EVERY - 1, 0), last + 1):
        post = _post(world, n)
        before, after = totals(post, begin), totals(post, end)
        for name in names:
            found[name] += getattr(after, name) - getattr(before, name)
    return found
