"""Nicks: claimed, released, and suggested."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatroom.chat.refusals import BadName, NickTaken, Refusal, TooLong
from chatroom.chat.syntax import names


@pytest.fixture
def nicks(house):
    return house.core.nicks


@pytest.fixture
def ann(house):
    return house.join("ann").person


@pytest.fixture
def stranger(house):
    return house.connect().person


def refused(nicks, person, text):
    with pytest.raises(Refusal) as refusal:
        nicks.claim(person, text)
    return type(refusal.value)


def test_a_claimed_nick_is_shown_as_it_was_written_and_found_by_its_key(nicks, stranger):
    assert nicks.claim(stranger, "BoB") == ("BoB", "bob")
    assert nicks.get("bob") is stranger and nicks.get("BoB") is None
    assert list(nicks) == ["bob"] and len(nicks) == 1


def test_a_nick_that_somebody_has_is_taken_in_any_case_and_by_its_looks(nicks, ann, stranger):
    for text in ("ann", "ANN"):
        assert refused(nicks, stranger, text) is NickTaken
    nicks.claim(stranger, "modem")
    assert refused(nicks, ann, "rnodem") is NickTaken


def test_who_has_it_may_claim_it_again_and_one_like_it(nicks, stranger):
    nicks.claim(stranger, "modem")
    assert nicks.claim(stranger, "MODEM") == ("MODEM", "modem")
    assert nicks.claim(stranger, "rnodem") == ("rnodem", "rnodem")


def test_a_nick_like_a_registered_one_is_taken(house, nicks, stranger):
    house.account("modem")
    assert refused(nicks, stranger, "rnodem") is NickTaken
    assert nicks.claim(stranger, "modem") == ("modem", "modem"), "that itself may be: they may be its owner"


def test_reserved_nicks_are_nobodys(house, nicks, stranger):
    house.core.set_policy(replace(house.policy, reserved=frozenset({"boss"})))
    assert refused(nicks, stranger, "Boss") is BadName and refused(nicks, stranger, "admin") is BadName
    assert nicks.get("boss") is None


def test_a_nick_is_as_long_as_the_bound_and_no_longer(house, nicks, stranger):
    longest = house.limits.nick
    assert nicks.claim(stranger, "a" * longest) == ("a" * longest,) * 2
    assert refused(nicks, stranger, "a" * (longest + 1)) is TooLong


def test_a_released_nick_and_its_looks_are_free(nicks, ann, stranger):
    nicks.claim(stranger, "modem")
    nicks.release(stranger, "modem", "modem")
    assert nicks.get("modem") is None and nicks.claim(ann, "rnodem")


def test_nobody_releases_what_somebody_else_has(nicks, ann, stranger):
    nicks.release(stranger, "ann", "ann")
    assert nicks.get("ann") is ann and refused(nicks, stranger, "ann") is NickTaken


def test_a_nick_can_be_put_back(nicks, ann, stranger):
    nicks.release(ann, "ann", "ann")
    nicks.put(ann)
    assert nicks.get("ann") is ann and refused(nicks, stranger, "ANN") is NickTaken


def test_what_is_suggested_can_be_had(house, nicks, ann, stranger):
    house.account("ann2")
    house.join("ann3")
    house.core.set_policy(replace(house.policy, reserved=frozenset({"ann4"})))
    assert nicks.free_like("ann") == "ann5"
    assert nicks.claim(stranger, "ann5")


def test_if_all_are_taken_a_number_is_made_up_that_is_free(monkeypatch, nicks, stranger):
    monkeypatch.setattr(names, "alternatives", lambda shown, longest: iter([]))
    monkeypatch.setattr(nicks, "_token", iter(["a", "a", "b"]).__next__)
    first = nicks.free_like("ann")
    nicks.claim(stranger, first)
    assert first == "guest97" and nicks.free_like("ann") == "guest98"


@pytest.mark.parametrize("nick", ["0perator", "m0derator", "systern", "heIp", "Sas1Serv", "b0ss"])
def test_what_looks_like_a_reserved_nick_is_nobodys_either(house, nicks, stranger, nick):
    house.core.set_policy(replace(house.policy, reserved=frozenset({"boss"})))
    with pytest.raises(BadName, match="reserved"):
        nicks.claim(stranger, nick)
    with pytest.raises(BadName, match="reserved"):
        nicks.unused(nick)


@pytest.mark.parametrize("nick", ["8.8.8.8", "127.0.0.1", "999.1.1.1", "٨.٨.٨.٨"])
def test_no_nick_looks_like_an_address(nicks, stranger, nick):
    with pytest.raises(BadName, match="looks like a network address"):
        nicks.claim(stranger, nick)
