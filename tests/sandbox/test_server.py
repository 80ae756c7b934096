"""The server around the stand-ins: faults, log, sign-in pages, tokens that outlive a restart, the command line."""

from __future__ import annotations

import base64
import json
import logging
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from sandbox import keys, platforms, server, serving
from sandbox.__main__ import main
from sandbox.credentials import credentials, ways
from sandbox.faults import KINDS, Faults
from sandbox.tokens import Tokens
from sandbox.world import World
from tests.sandbox.conftest import NOW, Clock, Sandbox

TOKEN = credentials("meta_ads")["access_token"]


def _accounts(sandbox: Sandbox) -> Any:
    query = {"access_token": TOKEN, "fields": "account_id,currency"}
    return sandbox.ask("meta_ads", "GET", "/v26.0/me/adaccounts", params=query)


def test_a_fault_strikes_as_often_as_it_was_told_and_only_where(sandbox: Sandbox):
    sandbox.faults.add("server_error", "meta_ads", "adaccounts", count=2, skip=1, status=502)
    sandbox.faults.add("server_error", "tiktok_ads", count=None)
    assert [_accounts(sandbox).status_code for _ in range(5)] == [200, 502, 502, 200, 200]
    assert [entry["fault"] for entry in sandbox.faults.log("meta_ads")] == [
        "",
        "server_error",
        "server_error",
        "",
        "",
    ]


def test_a_fault_of_a_probability_follows_the_seed():
    struck = []
    for _ in range(2):
        faults = Faults(seed=3)
        faults.add("slow", chance=0.5, count=None)
        struck.append([faults.find("x", "/") is not None for _ in range(40)])
    assert struck[0] == struck[1]
    assert 8 < sum(struck[0]) < 32


def test_unknown_faults_are_refused(sandbox: Sandbox):
    with pytest.raises(ValueError, match="the kinds are"):
        sandbox.faults.add("nonsense")


@pytest.mark.parametrize(("given", "shown"), [(None, None), (7, "7")])
def test_retry_after_in_seconds_or_not_at_all(sandbox: Sandbox, given: int | None, shown: str | None):
    sandbox.faults.add("rate_limited", "meta_ads", retry_after=given)
    assert _accounts(sandbox).headers.get("retry-after") == shown


def test_retry_after_as_a_date(sandbox: Sandbox):
    sandbox.faults.add("rate_limited", "meta_ads", retry_after="date")
    assert parsedate_to_datetime(_accounts(sandbox).headers["retry-after"]) == NOW + timedelta(seconds=2)


def test_bodies_are_damaged_once_and_whole_again(sandbox: Sandbox):
    whole = _accounts(sandbox).json()
    sandbox.faults.add("truncated_json", "meta_ads")
    with pytest.raises(json.JSONDecodeError):
        _accounts(sandbox).json()
    sandbox.faults.add("html", "meta_ads")
    assert _accounts(sandbox).text.startswith("<!DOCTYPE html>")
    sandbox.faults.add("server_error", "meta_ads", html=True, status=504)
    assert "<html>" in _accounts(sandbox).text
    sandbox.faults.add("missing_field", "meta_ads", name="currency")
    assert "currency" not in _accounts(sandbox).json()["data"][0]
    sandbox.faults.add("field_type", "meta_ads", name="currency")
    assert isinstance(_accounts(sandbox).json()["data"][0]["currency"], dict)
    sandbox.faults.add("unknown_currency", "meta_ads")
    assert _accounts(sandbox).json()["data"][0]["currency"] == "ZZZ"
    assert _accounts(sandbox).json() == whole


def test_an_ended_access_token_can_still_be_renewed(sandbox: Sandbox):
    sandbox.faults.add("expired", "google_ads")
    form = credentials("google_ads") | {"grant_type": "refresh_token"}
    token = sandbox.ask("google_ads", "POST", "/token", data=form).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    path = "/v26/customers:listAccessibleCustomers"
    assert [sandbox.ask("google_ads", "GET", path, headers=headers).status_code for _ in range(2)] == [
        401,
        200,
    ]


def test_a_fault_waits_for_an_answer_that_it_can_damage(sandbox: Sandbox):
    sandbox.faults.add("empty", "meta_ads")
    assert _accounts(sandbox).json()["data"]
    path = "/v26.0/act_903100220011/insights"
    assert sandbox.ask("meta_ads", "GET", path, params={"access_token": TOKEN}).json() == {"data": []}
    assert sandbox.ask("meta_ads", "GET", path, params={"access_token": TOKEN}).json()["data"]


def test_the_same_page_comes_again(sandbox: Sandbox):
    query = {"access_token": TOKEN, "fields": "id", "limit": "1"}
    path = "/v26.0/act_903100220011/campaigns"
    first = sandbox.ask("meta_ads", "GET", path, params=query).json()
    after = first["paging"]["cursors"]["after"]
    sandbox.faults.add("same_page", "meta_ads")
    again = sandbox.ask("meta_ads", "GET", path, params=query | {"after": after}).json()
    assert again["paging"]["cursors"]["after"] == after


def test_the_log_has_no_secrets(sandbox: Sandbox):
    _accounts(sandbox)
    assert TOKEN not in json.dumps(sandbox.faults.log())
    (entry,) = sandbox.faults.log()
    assert (entry["method"], entry["path"], entry["status"]) == ("GET", "/v26.0/me/adaccounts", 200)


def test_faults_and_log_over_http(sandbox: Sandbox):
    ask = sandbox.client("meta_ads").request
    assert (
        ask(
            "POST", "http://sandbox/_sandbox/faults", json={"kind": "reset", "platform": "shopify"}
        ).status_code
        == 200
    )
    assert ask("POST", "http://sandbox/_sandbox/faults", json={"kind": "nonsense"}).status_code == 400
    assert ask("GET", "http://sandbox/_sandbox/faults").json()["faults"][0]["kind"] == "reset"
    assert ask("DELETE", "http://sandbox/_sandbox/faults").json()["faults"] == []
    ask("POST", "http://sandbox/_sandbox/faults", json={"kind": "revoked", "platform": "meta_ads"})
    assert _accounts(sandbox).status_code == 400
    ask("POST", "http://sandbox/_sandbox/faults", json={"reconnect": "meta_ads"})
    _accounts(sandbox)
    assert ask("GET", "http://sandbox/_sandbox/log", params={"platform": "meta_ads"}).json()["log"]
    assert "meta_ads" in ask("GET", "http://sandbox/").text


def test_on_a_port_connections_break_and_gzip_ends_early():
    with serving.local(World(now=Clock())) as running:
        url = running.base_urls["meta_ads"] + "/v26.0/me/adaccounts"
        query = {"access_token": TOKEN, "fields": "account_id,name,currency,timezone_name"}
        running.faults.add("reset", "meta_ads")
        with pytest.raises(httpx.TransportError):
            httpx.get(url, params=query)
        running.faults.add("truncated_gzip", "meta_ads")
        answer = httpx.get(url, params=query)
        assert answer.headers["content-encoding"] == "gzip"
        with pytest.raises(json.JSONDecodeError):
            answer.json()
        running.faults.add("slow", "meta_ads", seconds=0.05)
        answer = httpx.get(url, params=query)
        assert answer.json()["data"]
        assert answer.elapsed >= timedelta(seconds=0.05)


def test_one_shared_sandbox_a_process():
    assert serving.shared() == serving.shared()
    assert httpx.get(serving.shared()).status_code == 200


@pytest.mark.parametrize("platform", platforms.NAMES)
def test_pasted_credentials_are_the_same_in_every_process_with_one_seed(platform: str):
    assert ways(platform) == ways(platform)
    assert all(isinstance(way, dict) and way for way in ways(platform))
    if platform not in {"ga4"}:
        assert ways(platform, seed=7) != ways(platform, seed=8)


@pytest.mark.parametrize("platform", platforms.NAMES)
def test_every_stand_in_answers_an_unknown_path_and_every_fault(sandbox: Sandbox, platform: str):
    assert sandbox.ask(platform, "GET", "/no/such/path").status_code >= 400
    for kind in KINDS:
        if kind not in {"reset", "revoked"}:
            sandbox.faults.clear()
            sandbox.faults.add(kind, platform, name="x", seconds=0)
            assert sandbox.ask(platform, "GET", "/no/such/path").status_code in range(200, 600)


def test_tokens_outlive_a_restart_and_other_platforms_refuse_them(clock: Clock):
    token = Tokens(World(now=clock)).issue("meta_ads", "access", timedelta(hours=1))
    again = Tokens(World(now=clock))
    assert again.read("meta_ads", token, "access").problem == ""
    assert again.read("meta_ads", token, "refresh") is None
    assert again.read("tiktok_ads", token, "access") is None
    assert again.read("meta_ads", token[:-1] + ("0" if token[-1] != "0" else "1"), "access") is None
    assert Tokens(World(seed=8, now=clock)).read("meta_ads", token, "access") is None
    clock.now += timedelta(hours=1)
    assert again.read("meta_ads", token, "access").problem == "expired"


def test_revoking_ends_old_tokens_and_leaves_new_ones(clock: Clock):
    tokens = Tokens(World(now=clock))
    pasted, old = tokens.fixed("meta_ads", "access"), tokens.issue("meta_ads", "access")
    tokens.revoke("meta_ads")
    new = tokens.issue("meta_ads", "access")
    assert [tokens.read("meta_ads", text, "access").problem for text in (pasted, old, new)] == [
        "revoked",
        "revoked",
        "",
    ]
    tokens.restore("meta_ads")
    assert tokens.read("meta_ads", pasted, "access").problem == ""


def _jwt(claims: dict[str, Any], pem: str) -> str:
    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    text = f"{part({'alg': 'RS256', 'typ': 'JWT'})}.{part(claims)}"
    key = serialization.load_pem_private_key(pem.encode(), None)
    sign = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{text}.{base64.urlsafe_b64encode(sign).rstrip(b'=').decode()}"


def test_a_service_account_signs_in_with_its_key(sandbox: Sandbox):
    account = keys.service_account(7)
    now = int(NOW.timestamp())
    claims = {"iss": account["client_email"], "scope": "https://www.googleapis.com/auth/adwords", "iat": now, "exp": now + 3600,
              "aud": "https://oauth2.googleapis.com/token"}  # fmt: skip

    def ask(assertion: str) -> Any:
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
        return sandbox.ask("google_ads", "POST", "/token", data=form)

    assert ask(_jwt(claims, account["private_key"])).json()["expires_in"] == 3599
    assert (
        ask(_jwt(claims, keys.service_account(8)["private_key"])).json()["error_description"]
        == "Invalid JWT Signature."
    )
    assert ask(_jwt(claims | {"exp": now + 7200}, account["private_key"])).status_code == 400
    assert ask("a.b.c").json()["error"] == "invalid_grant"


def test_a_code_needs_its_verifier_and_works_once(sandbox: Sandbox):
    verifier = "v" * 43
    challenge = (
        base64.urlsafe_b64encode(__import__("hashlib").sha256(verifier.encode()).digest())
        .rstrip(b"=")
        .decode()
    )
    app = {"client_id": credentials("google_ads")["client_id"], "redirect_uri": "https://app.example/back"}
    query = app | {"state": "abc", "access_type": "offline", "scope": "https://www.googleapis.com/auth/adwords",
                   "code_challenge": challenge, "code_challenge_method": "S256"}  # fmt: skip
    page = sandbox.ask("google_ads", "GET", "/o/oauth2/v2/auth", params=query).text
    links = [part.split('"')[0].replace("&amp;", "&") for part in page.split('href="')[1:]]
    allowed, denied = (parse_qs(urlsplit(link).query) for link in links)
    assert denied == {"error": ["access_denied"], "state": ["abc"]}

    def token(code: str, **more: str) -> Any:
        form = app | {
            "client_secret": credentials("google_ads")["client_secret"],
            "grant_type": "authorization_code",
            "code": code,
        }
        return sandbox.ask("google_ads", "POST", "/token", data=form | more)

    code = allowed["code"][0]
    assert token(code, code_verifier="wrong").status_code == 400
    assert token(code, code_verifier=verifier, redirect_uri="https://other.example").status_code == 400
    assert "refresh_token" in token(code, code_verifier=verifier).json()
    assert token(code, code_verifier=verifier).json()["error"] == "invalid_grant"


def test_the_command_prints_credentials(capsys: pytest.CaptureFixture[str]):
    assert main(["credentials", "shopify", "--way", "1"]) == 0
    assert json.loads(capsys.readouterr().out) == ways("shopify")[1]
    assert main(["credentials", "shopify", "--way", "9"]) == 2


def test_the_command_says_that_a_port_is_taken(capsys: pytest.CaptureFixture[str]):
    with serving.local() as running:
        port = running.address.rpartition(":")[2]
        assert main(["serve", "--port", port, "--today", "2026-11-20"]) == 2
    assert "Choose another with --port" in capsys.readouterr().err


def test_an_application_without_settings_has_every_platform():
    assert set(server.application().state.platforms) == set(platforms.NAMES)


def test_what_is_asked_shows_in_no_log_whoever_set_up_logging(caplog):
    log = logging.getLogger("uvicorn.access")
    log.addHandler(caplog.handler)
    try:
        with serving.local() as server:
            httpx.get(f"{server.address}/meta_ads/v26.0/me?access_token={TOKEN}", timeout=10)
    finally:
        log.removeHandler(caplog.handler)
    assert TOKEN not in caplog.text
