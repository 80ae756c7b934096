from __future__ import annotations

import dataclasses

import pytest

import settings
from store import sessions
from tests import accounts

URL = "/api/v1/session"
OWN = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}


def sign_in(client, headers=OWN, ticket=None):
    return client.post(URL, json={"ticket": ticket or accounts.ticket(accounts.add())}, headers=headers)


def cookie_of(answer):
    return answer.headers["set-cookie"]


def test_ticket_becomes_a_cookie_that_scripts_cannot_read(client):
    answer = sign_in(client)
    assert (answer.status_code, answer.json()) == (200, {"status": "signed_in"})
    cookie = cookie_of(answer)
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "Secure" not in cookie
    assert sessions.find(client.cookies["soundings_session"]).email == "ann@example.com"


def test_cookie_is_secure_under_https(client, monkeypatch):
    here = dataclasses.replace(settings.current(), base_url="https://soundings.example.com")
    monkeypatch.setattr(settings, "current", lambda: here)
    answer = sign_in(client, {"Origin": "https://soundings.example.com"})
    assert cookie_of(answer).startswith("__Host-soundings=")
    assert "Secure" in cookie_of(answer)
    assert "Strict-Transport-Security" in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://evil.example.com"},
        {"Origin": "null"},
        {"Origin": "http://testserver", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://testserver", "Sec-Fetch-Site": "same-site"},
        {"Origin": "http://testserver.evil.example.com"},
        {"Sec-Fetch-Site": "none"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_request_of_another_site_changes_nothing(client, headers, method):
    _, token = accounts.sign_in(accounts.add())
    client.cookies.set("soundings_session", token)
    answer = client.request(method, URL, json={"ticket": "x"}, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "not_allowed"
    assert sessions.find(token)


def test_plain_form_cannot_sign_in(client):
    data = {"ticket": accounts.ticket(accounts.add())}
    assert client.post(URL, data=data, headers=OWN).status_code == 403
    text = {"Content-Type": "text/plain"}
    assert client.post(URL, content='{"ticket": "x"}', headers=OWN | text).status_code == 403


def test_ticket_works_once_and_a_forged_one_never(client):
    ticket = accounts.ticket(accounts.add())
    assert sign_in(client, ticket=ticket).status_code == 200
    for bad in (ticket, "forged"):
        answer = sign_in(client, ticket=bad)
        assert answer.status_code == 400
        assert "set-cookie" not in answer.headers


def test_sign_out_ends_the_session_and_forgets_the_cookie(client):
    sign_in(client)
    token = client.cookies["soundings_session"]
    answer = client.request("DELETE", URL, json={}, headers=OWN)
    assert answer.status_code == 200
    assert sessions.find(token) is None
    assert "soundings_session" not in client.cookies
    assert client.request("DELETE", URL, json={}, headers=OWN).status_code == 200


def test_session_keeps_address_and_browser(client):
    sign_in(client, OWN | {"User-Agent": "Firefox on Linux"})
    person = sessions.find(client.cookies["soundings_session"])
    (found,) = sessions.list_own(person)
    assert (found.address, found.browser) == ("testclient", "Firefox on Linux")
