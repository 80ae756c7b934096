"""The way back from a platform's sign-in page: once, by whoever left, and nothing is stored by halves."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest
import sqlalchemy as sa

import connectors
import settings
from api import oauth
from connectors import _limits
from sandbox import credentials as invented
from sandbox.platforms import _meta_graph
from sandbox.serving import Server, local
from store import connections, db
from store.access import Person
from store.models import connections as table
from syncing import connecting
from tests import accounts

CODE = "planted-code-of-a-callback-0815"
BACK = "/api/v1/oauth/callback"
PLATFORMS = [slug for slug in connectors.REGISTRY if connectors.find(slug).oauth]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with local() as made:
        yield made


@pytest.fixture
def sandbox(server: Server, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The stand-ins in place of the platforms; nothing is asked twice."""
    monkeypatch.setenv("PLATFORM_BASE_URLS", json.dumps(server.base_urls))
    monkeypatch.setenv("ANALYTICS_MAX_RETRIES", "0")
    settings.current.cache_clear()
    _limits._limiters.clear()
    server.faults.clear()
    yield server
    server.faults.clear()
    monkeypatch.undo()
    settings.current.cache_clear()


@dataclass
class Way:
    """A sign-in that was begun, by the owner of a project whose browser is `client`."""

    client: Any
    project_id: int
    owner: Person
    platform: str
    id: int

    def page(self) -> str:
        """Leave for the platform; what its page shows."""
        address = connecting.address_to_allow(self.owner, self.project_id, self.id, oauth.redirect_uri())
        with urlopen(address) as answer:  # the sandbox's own page
            return answer.read().decode()

    def link(self, which: str = "allow") -> str:
        """Path and query of a link of that page, which leads back to us."""
        found = re.search(rf'id="{which}" href="([^"]+)"', self.page())
        assert found
        parts = urlsplit(html.unescape(found[1]))
        assert parts.path == BACK
        return f"{parts.path}?{parts.query}"

    def back(self, link: str) -> dict[str, str]:
        """Follow a link; where it leads, as parameters of the Connections page."""
        answer = self.client.get(link, follow_redirects=False)
        assert answer.status_code == 303
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.text == ""
        parts = urlsplit(answer.headers["location"])
        assert (parts.netloc, parts.path) == ("", "/connections")
        whole = str(answer.headers.multi_items()) + answer.text
        assert not [secret for secret in self.secrets() if secret in whole]
        return {name: value[0] for name, value in parse_qs(parts.query).items()}

    def stored(self) -> dict[str, Any]:
        with db.project(self.project_id) as connection:
            return connections.credentials(connection, self.project_id, self.id)

    def secrets(self) -> list[str]:
        kept = self.stored()
        names = ("app_secret", "client_secret", "secret", "access_token", "refresh_token", "_verifier")
        return [CODE, *(str(kept[name]) for name in names if kept.get(name))]

    def login(self) -> connections.Login:
        with db.project(self.project_id) as connection:
            return connections.read(connection, self.project_id, self.id)

    def has_nothing(self) -> bool:
        """No token is stored and the sign-in is not finished."""
        kept = self.stored()
        return self.login().state == "signing_in" and not {"access_token", "refresh_token"} & set(kept)

    def become(self, person: Person) -> None:
        self.client.cookies.set("soundings_session", accounts.sign_in(person)[1])


def app_of(platform: str) -> dict[str, str]:
    """What the team types in: the fields of the sign-in by the platform's own page."""
    if platform == "meta_ads":
        return {"app_id": _meta_graph.APP_ID, "app_secret": _meta_graph.APP_SECRET}
    fields = {f.name for way in connectors.find(platform).sign_ins if way.oauth for f in way.fields}
    given = next(
        way
        for way in invented.ways(platform)
        if fields & {"client_secret", "secret", "app_secret"} & set(way)
    )
    return {name: value for name, value in given.items() if name in fields}


def ours(caplog: pytest.LogCaptureFixture) -> str:
    """What we logged: the platform's own server, which is in this process too, may log what it likes."""
    return "\n".join(one.getMessage() for one in caplog.records if not one.name.startswith("uvicorn"))


@pytest.fixture
def begin(client, make_project, sandbox):
    def make(platform: str = "pinterest_ads", name: str = "Shop", email: str = "owner@example.com") -> Way:
        project_id = make_project(name)
        owner = accounts.join(accounts.add(email), project_id, "owner")
        made = connecting.begin(owner, project_id, platform, "oauth", app_of(platform))
        way = Way(client, project_id, owner, platform, made)
        way.become(owner)
        return way

    return make


@pytest.mark.parametrize("platform", PLATFORMS)
def test_somebody_who_allowed_it_comes_back_with_a_sign_in_that_works(begin, platform):
    way = begin(platform)
    assert way.back(way.link()) == {"project": str(way.project_id), "connection": str(way.id)}
    assert way.stored()["access_token"]
    assert not [name for name in way.stored() if name.startswith("_")]
    steps = list(connecting.test(way.owner, way.project_id, way.id))
    assert [step.error for step in steps if step.error] == []
    assert way.login().state == "healthy"
    assert any(not one.why_not for one in connecting.choices(way.owner, way.project_id, way.id))


@pytest.mark.parametrize("platform", PLATFORMS)
def test_somebody_who_denied_it_is_told_so(begin, platform):
    way = begin(platform)
    assert way.back(way.link("deny"))["problem"] == "failed"
    assert way.has_nothing()
    assert "was not connected: access_denied" in way.login().diagnosis


@pytest.mark.parametrize(
    "state",
    [
        "",
        "&state=",
        "&state=short",
        "&state=" + "A" * 43,
        "&state=" + "A" * 3_000,
        "&state=%00%00" + "A" * 30,
    ],
)
def test_a_state_that_is_not_ours_changes_nothing_and_names_nothing(begin, state):
    way = begin()
    way.link()
    assert way.back(f"{BACK}?code={CODE}{state}") == {"problem": "expired"}
    assert way.has_nothing()


def test_a_state_works_once(begin):
    way = begin()
    link = way.link()
    way.back(link)
    kept = way.stored()
    assert way.back(link) == {"problem": "expired"}
    assert way.stored() == kept


def test_only_the_newest_state_counts(begin):
    way = begin()
    older = way.link()
    newer = way.link()
    assert way.back(older) == {"problem": "expired"}
    assert "problem" not in way.back(newer)


def test_after_half_an_hour_the_way_back_is_closed(begin):
    way = begin()
    link = way.link()
    with db.instance() as connection:
        connection.execute(sa.update(table).values(oauth_expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    assert way.back(link) == {"problem": "expired"}
    assert way.has_nothing()


@pytest.mark.parametrize("role", ["viewer", "editor", "owner", "stranger"])
def test_the_state_of_somebody_else_is_of_no_use(begin, role):
    way = begin()
    other = accounts.add("other@example.com")
    if role != "stranger":
        accounts.join(other, way.project_id, role)
    link = way.link()
    way.become(other)
    assert way.back(link)["problem"] == "failed"
    assert way.has_nothing()
    way.become(way.owner)
    assert way.back(link) == {"problem": "expired"}


def test_somebody_who_was_signed_out_meanwhile_is_asked_to_sign_in(begin):
    way = begin()
    link = way.link()
    way.client.cookies.clear()
    assert way.back(link)["problem"] == "signed_out"
    assert way.has_nothing()


def test_an_owner_who_lost_the_role_meanwhile_stores_nothing(begin):
    way = begin()
    link = way.link()
    with db.instance() as connection:
        connection.execute(sa.text("UPDATE members SET role = 'editor'"))
    assert way.back(link)["problem"] == "failed"
    assert way.has_nothing()


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_code_that_the_platform_refuses_is_told_and_not_repeated(begin, platform, caplog):
    way = begin(platform)
    name = "auth_code" if platform == "tiktok_ads" else "code"
    forged = re.sub(rf"([?&]){name}=[^&]+", rf"\g<1>{name}={CODE}", way.link())
    assert CODE in forged
    before = way.stored()
    assert way.back(forged)["problem"] == "failed"
    assert way.stored() == before
    assert way.has_nothing()
    assert way.login().diagnosis
    assert not [secret for secret in way.secrets() if secret in way.login().diagnosis + ours(caplog)]


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("server_error", {}), ("server_error", {"html": True}), ("html", {}), ("truncated_json", {}), ("reset", {}),
        ("rate_limited", {"retry_after": 7_200}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("platform", ["pinterest_ads", "google_ads", "tiktok_ads"])
def test_a_platform_in_trouble_leaves_the_sign_in_to_be_tried_again(
    begin, sandbox, caplog, platform, kind, more
):
    way = begin(platform)
    link = way.link()
    sandbox.faults.add(kind, platform, count=None, **more)
    assert way.back(link)["problem"] == "failed"
    assert way.has_nothing()
    said = way.login().diagnosis + ours(caplog)
    assert "Traceback" not in said
    assert not [secret for secret in way.secrets() if secret in said]
    sandbox.faults.clear()
    assert "problem" not in way.back(way.link())
    assert way.stored()["access_token"]


def test_what_comes_back_decides_nothing_but_the_code(begin):
    way = begin()
    more = "&project=99&connection=99&problem=nothing&redirect_uri=https://evil.example&next=//evil.example"
    found = way.back(way.link() + more)
    assert found == {"project": str(way.project_id), "connection": str(way.id)}


def test_what_the_platform_says_of_a_failure_is_kept_short(begin):
    way = begin()
    state = re.search(r"state=([^&]+)", way.link("deny"))
    assert state
    way.back(f"{BACK}?error=server_error&error_description={'x' * 5_000}&state={state[1]}")
    assert len(way.login().diagnosis) < 400
