"""Guests with a key are the same guests next time."""

from __future__ import annotations

import pytest

from chatroom.chat.access import key_guests
from chatroom.chat.access.key_guests import KEY_GUEST, LASTS
from chatroom.chat.commands.identity import Rename
from chatroom.chat.commands.rooms import Join, Leave
from chatroom.chat.commands.server import Quit
from chatroom.chat.syntax.public_keys import PublicKey

from .bare import BareHouse

KEY = PublicKey("SHA256:key", "ssh-ed25519")


@pytest.fixture
def ann(house: BareHouse):
    """A guest who came by a key."""
    ann = house.join("ann")
    ann.session.key = KEY
    house.hub.key_guests.came(KEY.fingerprint, "ann", ann.person)
    return ann


def test_a_key_stands_for_one_identity(house, ann):
    assert house.hub.key_guests.identity(KEY.fingerprint) == ann.person.identity

    new = house.hub.key_guests.identity("SHA256:other")
    assert new != ann.person.identity and house.hub.key_guests.identity("SHA256:other") == new
    house.hub.key_guests.arrived("SHA256:other")
    assert house.hub.key_guests.identity("SHA256:other") != new


def test_when_they_leave_it_is_noted_where_they_were_and_what_they_were_called(house, ann):
    ann.asks(Join("dev"))
    ann.asks(Leave("lobby"))
    ann.asks(Rename("anna"))
    ann.breaks()
    house.advance(60)

    guest = house.restarted().hub.key_guests.of(KEY.fingerprint)
    assert (guest.asked, guest.nick, guest.rooms) == ("ann", "anna", ("dev",))


def test_after_a_month_they_are_forgotten(house, ann):
    house.clock.advance(LASTS - 1)
    assert house.hub.key_guests.of(KEY.fingerprint) is not None

    house.clock.advance(2)
    assert house.hub.key_guests.of(KEY.fingerprint) is None
    assert house.hub.key_guests.identity(KEY.fingerprint) != ann.person.identity


def test_of_too_many_those_who_have_been_away_longest_are_forgotten(house, ann, monkeypatch):
    monkeypatch.setattr(key_guests, "MAX_GUESTS", 3)
    for n in range(4):
        house.clock.advance(1)
        house.hub.key_guests.came(f"SHA256:{n}", "x", ann.person)
    house.settle()

    kept = house.restarted().hub.key_guests
    assert [kept.of(f"SHA256:{n}") is not None for n in range(4)] == [False, True, True, True]
    assert kept.of(KEY.fingerprint) is None and kept.value("SHA256:0") is None


def test_somebody_who_has_logged_in_meanwhile_is_no_guest_any_more(house, ann):
    before = house.hub.key_guests.of(KEY.fingerprint)
    owner = house.owner("bob")
    owner.session.key = KEY
    house.hub.key_guests.left(KEY.fingerprint, owner.person)

    assert house.hub.key_guests.of(KEY.fingerprint) == before
    assert house.hub.key_guests.value(KEY.fingerprint) == before.kept(KEY.fingerprint).value
    assert before.kept(KEY.fingerprint).kind == KEY_GUEST


@pytest.mark.parametrize(("stays", "rooms"), [(False, {"dev", "ops"}), (True, {"den"})])
def test_who_passes_through_for_one_command_keeps_their_rooms(house, stays, rooms):
    guests = house.hub.key_guests
    for nick, where, how in (("ann", ("dev", "ops"), True), ("ann2", ("den",), stays)):
        ann = house.join(nick, *where)
        ann.session.key = KEY
        guests.came(KEY.fingerprint, "ann", ann.person, stays=how)
        ann.asks(Quit())
    assert set(guests.of(KEY.fingerprint).rooms) == rooms
