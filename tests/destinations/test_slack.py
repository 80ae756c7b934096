"""Webhooks: which addresses are called, and what an answer means."""

from __future__ import annotations

import socket

import pytest

import settings
from destinations import _addresses, slack
from errors import BadInput, NeedsReconnect, RateLimited, Refused, UnexpectedAnswer, Unreachable
from tests.destinations.loopback import hook


@pytest.fixture
def receiver(monkeypatch):
    here = settings.read({"SOUNDINGS_WEBHOOK_HOSTS": "127.0.0.1"})
    monkeypatch.setattr(settings, "current", lambda: here)
    with hook() as found:
        yield found


def lead(monkeypatch, *numbers):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, 443)) for number in numbers]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)


@pytest.mark.parametrize(
    "wrong",
    [
        "", "hooks.slack.com/services/x", "ftp://hooks.slack.com/x", "http://hooks.slack.com/x", "https://", "https:///x",
        "https://user:pass@hooks.slack.com/x", "https://hooks.slack.com/" + "x" * 500, "https://hooks.slack.com/a b",
        "https://hooks.slack.com/x\r\nHost: other", "https://hooks.slack.com:99999/x", "https://[::1/x", "https://exämple.com/x",
        "javascript:alert(1)",
    ],
)  # fmt: skip
def test_what_is_no_webhook_is_refused_without_a_look_up(wrong, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", None)
    with pytest.raises(BadInput):
        slack.check(wrong)


@pytest.mark.parametrize(
    "number",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "::1", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"],
)  # fmt: skip
def test_a_name_that_leads_into_a_private_network_is_refused(monkeypatch, number):
    lead(monkeypatch, "93.184.216.34", number)
    for act in (
        lambda: slack.check("https://nice.example/x"),
        lambda: slack.post("https://nice.example/x", {}),
    ):
        with pytest.raises(BadInput, match="private network"):
            act()


def test_a_name_is_called_at_the_number_that_was_judged(monkeypatch):
    lead(monkeypatch, "93.184.216.34")
    target = _addresses.resolve("https://hooks.slack.com/services/x?y=1")
    assert (target.url, target.host, target.allowed) == (
        "https://93.184.216.34/services/x?y=1",
        "hooks.slack.com",
        False,
    )
    lead(monkeypatch, "2606:2800:220:1::1")
    assert _addresses.resolve("https://a.example:8443/x").url == "https://[2606:2800:220:1::1]:8443/x"


def test_an_unknown_name_is_tried_again_later(monkeypatch):
    def fail(*_, **__):
        raise socket.gaierror("no")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    assert slack.check("https://hooks.slack.com/x") == "https://hooks.slack.com/x"
    with pytest.raises(Unreachable):
        slack.post("https://hooks.slack.com/x", {})


def test_a_post_arrives_as_json(receiver):
    slack.post(receiver.url, {"text": "Spend é"})
    assert receiver.posts == [{"text": "Spend é"}]
    assert slack.shown(receiver.url) == "127.0.0.1 …WXYZ"


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        ((404, "no_service", {}), NeedsReconnect, "switched off or removed"),
        ((410, "channel_is_archived", {}), NeedsReconnect, "archived"),
        ((403, "action_prohibited", {}), NeedsReconnect, "paused"),
        ((400, "invalid_blocks", {}), Refused, "status 400"),
        ((302, "", {"Location": "http://169.254.169.254/"}), UnexpectedAnswer, "not followed"),
        ((500, "", {}), Unreachable, "problem of its own"),
        ((429, "rate_limited", {"Retry-After": "77"}), RateLimited, "slow down"),
    ],
)  # fmt: skip
def test_what_an_answer_means(receiver, answer, error, said):
    receiver.answers.append(answer)
    with pytest.raises(error, match=said) as raised:
        slack.post(receiver.url, {"text": "x"})
    assert receiver.posts == []
    assert "secret" not in str(raised.value)
    if error is RateLimited:
        assert raised.value.seconds == 77
