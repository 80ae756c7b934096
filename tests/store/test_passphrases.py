from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import BadInput
from store import passphrases
from tests import accounts

ANN = {"email": "ann.lee@example.com", "name": "Ann Lee Longname"}
text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=128)
assert accounts.PASSPHRASE  # its import makes hashing cheap


@settings(max_examples=25, deadline=None)
@given(text)
def test_what_was_kept_matches_and_nothing_else(passphrase):
    kept = passphrases.keep(passphrase)
    assert passphrases.matches(passphrase, kept)
    assert passphrases.matches(f"  {passphrase} ", kept)
    assert not passphrases.matches(passphrase + "x", kept)


def test_all_128_characters_count():
    kept = passphrases.keep("é" * 127 + "a")
    assert not passphrases.matches("é" * 127 + "b", kept)


def test_nobody_never_matches():
    assert not passphrases.matches("the passphrase of nobody", None)


def test_composed_and_decomposed_letters_are_the_same():
    assert passphrases.matches("cafe\u0301 au lait", passphrases.keep("caf\u00e9 au lait"))


@pytest.mark.parametrize(
    ("passphrase", "word"),
    [
        ("elevenchars", "12 to 128"),
        ("x" * 64 + "yz" * 33, "12 to 128"),
        ("ANN.LEE@example.com", "name or e-mail"),
        ("ann lee longname", "name or e-mail"),
        ("Password1234", "first that an attacker"),
        ("correct horse battery staple", "first that an attacker"),
        ("ababababababab", "first that an attacker"),
    ],
)
def test_weak_passphrases_are_refused(passphrase, word):
    with pytest.raises(BadInput, match=word):
        passphrases.check(passphrase, passphrase, **ANN)


def test_no_rule_on_kinds_of_characters():
    for good in ("all lower case words", "1029384756 74", "ünïcödé ist auch gut", "abcd" * 32):
        passphrases.check(good, good, **ANN)
