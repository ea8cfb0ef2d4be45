"""The policy: rooms that are always there, and who is appointed in them."""

from __future__ import annotations

from chatroom.chat.policy import LOBBY, DefaultRoom, Policy

POLICY = Policy(rooms=(DefaultRoom("dev", "Code", ("Ann", "bob")), DefaultRoom("tea", operators=("carol",))))


def test_the_lobby_and_what_is_configured_are_always_there():
    assert POLICY.is_default(LOBBY) and POLICY.is_default("dev") and POLICY.is_default("tea")
    assert not POLICY.is_default("den")
    assert Policy().is_default(LOBBY) and not Policy().is_default("dev")


def test_a_room_has_the_topic_that_is_configured():
    assert POLICY.first_topic("dev") == "Code"
    assert POLICY.first_topic("tea") == POLICY.first_topic("den") == ""


def test_appointed_are_the_keys_of_nicks_in_their_room_only():
    assert POLICY.appointed("dev") == {"ann", "bob"}
    assert POLICY.appointed("tea") == {"carol"}
    assert POLICY.appointed("den") == frozenset()


def test_who_is_appointed_anywhere_is_known_by_the_key():
    assert POLICY.appoints("ann") and POLICY.appoints("carol")
    assert not POLICY.appoints("Ann") and not POLICY.appoints("dave")
