"""Who somebody is that comes by SSH: by nothing, by a password, or by a key."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from twisted.conch.ssh.keys import Key

from chatroom.chat.syntax.public_keys import parse
from chatroom.doors.factory import NAME_TIMEOUT
from chatroom.doors.ssh.userauth import MAX_PASSWORDS, MAX_TRIES
from tests.doors.ssh.conftest import PASSWORD
from tests.house import JsonPerson
from tests.ssh_person import SshClient, SshPerson

LAPTOP, OTHER = Key(ed25519.Ed25519PrivateKey.generate()), Key(ed25519.Ed25519PrivateKey.generate())
KEYS = {"ed25519": LAPTOP, "ecdsa": Key(ec.generate_private_key(ec.SECP384R1()))}
"""Conch's client would sign by RSA with SHA-1 only; see tests/wire for the others."""


def line_of(key: Key) -> str:
    return key.public().toString("OPENSSH").decode()


def add_key(owner: JsonPerson, key: Key = LAPTOP) -> None:
    [added] = owner.asks("keys", action="add", public_key=line_of(key))
    assert added["text"].startswith("Added: ")


# By nothing.


@pytest.mark.parametrize(
    ("nick", "given", "because"),
    [
        ("ANN", "ANN2", "The nick ANN is taken. ANN2 is free."),
        ("server", "guest2", "The nick server is reserved. Please choose another one."),
        ("", "guest2", "A nick cannot be empty."),
        ("a" * 33, "guest2", "A nick has at most 32 characters."),
        ("a" * 3000, "guest2", "A nick has at most 32 characters."),
        ("ann bob", "guest2", "A nick cannot contain spaces."),
        ("'; drop", "guest2", "A nick cannot contain spaces."),
        ("pаypal", "guest2", "That nick mixes Cyrillic and Latin letters, so it could pass for another."),
    ],
)
def test_a_name_that_cannot_be_ones_nick_keeps_nobody_out(house, comes, nick, given, because):
    house.join("ann")
    house.join("guest")
    person = comes(nick)

    assert person.heard(f"-- {because} You are {given}; /nick changes that.")
    assert person.heard(f"-- Welcome, {given}. Type to talk; /help lists the commands, exit leaves.")


def test_a_guest_needs_no_password_and_no_key(comes):
    zoe = comes("Zoë")

    assert zoe.lines[0].startswith("-- Welcome, Zoë.") and not zoe.heard_of("You are Zoë;")


# By a password.


def test_a_registered_nick_is_had_by_its_password(house, comes, ann):
    person = comes("ann", password=PASSWORD)

    assert person.heard_of("Welcome, ann.")
    [here] = house.hub.core.people.with_accounts()
    assert len(here.sessions) == 2


def test_who_says_nothing_at_its_question_is_somebody_else(comes, ann):
    person = comes("ann", password="")

    assert person.heard(
        "-- The nick ann is registered; /login proves that it is yours. You are ann2; /nick changes that."
    )


def test_who_says_something_wrong_stays_outside(house, comes, ann):
    person = comes("ann", password="wrong horse")

    assert person.client.refused and not person.lines and len(house.hub.core.people) == 1


def test_guesses_here_are_slowed_together_with_those_at_all_doors(house, comes, ann):
    for _ in range(MAX_PASSWORDS + 4):
        comes("ann", password="wrong horse")

    # Another door, the same place.
    bob = house.join("bob", JsonPerson)
    [refused] = bob.asks("login", nick="ann", password=PASSWORD)
    assert refused["type"] == "refused" and refused["code"] == "too_soon"


def test_nobody_hears_what_was_wrong_with_a_password(house, comes, ann):
    ann.forget()
    comes("ann", password="wrong horse")

    assert not ann.heard_of("wrong") and b"wrong horse" not in bytes(ann.wire.received)


def test_what_a_password_has_proven_ends_with_the_password(house, comes, ann):
    """A connection may open another session hours after it has logged in."""
    person = comes("ann", password=PASSWORD)
    ann.asks("password", old=PASSWORD, new="another horse")
    person.waits()

    again = person.opens_another()
    assert person.gone or not again.lines


# By a key.


@pytest.mark.parametrize("kind", KEYS)
def test_the_key_of_an_account_opens_it(house, comes, ann, kind):
    add_key(ann, KEYS[kind])
    person = comes("ann", keys=(OTHER, KEYS[kind]))

    assert person.heard_of("Welcome, ann.") and len(house.hub.core.people) == 1


def test_another_key_does_not(house, comes, ann):
    add_key(ann)
    person = comes("ann", keys=(OTHER,), password="wrong horse")

    assert person.client.refused and not person.lines


def test_who_has_come_by_a_key_once_comes_under_any_name(house, comes, ann):
    add_key(ann)
    comes("ann", keys=(LAPTOP,)).leaves()

    assert comes("root", keys=(LAPTOP,)).heard_of("Welcome, ann.")


def test_who_comes_by_a_key_for_the_first_time_is_told_that_somebody_has_added_it(comes, ann):
    """The account may be a trap: named like its victim, with the victim's key, which is public."""
    add_key(ann)
    first, second = comes("ann", keys=(LAPTOP,)), comes("ann", keys=(LAPTOP,))

    told = "-- You came by this key for the first time: somebody has added it to the account ann."
    assert first.heard_of(told) and not second.heard_of(told)


def test_who_adds_a_guests_key_to_their_own_account_does_not_get_the_guest(comes, ann):
    add_key(ann)

    assert comes("bob", keys=(LAPTOP,)).heard_of("Welcome, bob.")


def test_a_removed_key_opens_nothing_and_ends_its_sessions(comes, ann):
    add_key(ann)
    person = comes("ann", keys=(LAPTOP,))
    ann.asks("keys", action="remove", public_key="1")
    person.waits()

    assert person.heard("-- The key that you came with is no longer one of your account. Goodbye.") and person.gone
    assert comes("ann", keys=(LAPTOP,), password="wrong").client.refused


def test_a_session_that_is_ended_from_elsewhere_takes_the_connection_along(comes, ann):
    """Another session on it would need no password."""
    person = comes("ann", password=PASSWORD)
    person.opens_another()
    ann.asks("line", text="/sessions end 2")
    person.waits()

    third = person.opens_another()
    assert not third.lines


def test_of_many_keys_the_right_one_may_come_late(comes, ann):
    add_key(ann)
    keys = [Key(ed25519.Ed25519PrivateKey.generate()) for _ in range(20)]

    assert comes("ann", keys=(*keys, LAPTOP)).heard_of("Welcome, ann.")


def test_two_hundred_keys_are_too_many(house, comes, ann):
    keys = tuple(Key(ed25519.Ed25519PrivateKey.generate()) for _ in range(MAX_TRIES + 10))
    person = comes("ann", keys=keys, password="wrong")

    assert person.client.refused == [b"Too many attempts."]
    house.advance(10)
    assert person.gone


# Guests with a key.


def test_the_same_key_is_the_same_guest(house, comes):
    bob = comes("bob", keys=(LAPTOP,))
    bob.types("/join dev", "/nick bobby")
    identity = house.hub.core.nicks.get("bobby").identity
    bob.types("exit")
    house.advance(60)

    again = SshPerson(house.restarted())
    again.joins("bob", keys=(LAPTOP,))
    assert again.heard_of("Welcome, bobby.") and again.heard_of("You are in #dev.")
    assert again.house.hub.core.nicks.get("bobby").identity == identity


def test_two_sessions_by_one_key_are_one_guest(house, comes):
    comes("bob", keys=(LAPTOP,))
    comes("bob", keys=(LAPTOP,))

    assert [len(person.sessions) for person in house.hub.core.people.values()] == [2]


@pytest.mark.parametrize("keys", [(), (LAPTOP,)], ids=["no key", "a key"])
def test_the_sessions_of_a_connection_are_one_guest(house, comes, keys):
    bob = comes("bob", keys=keys)
    again = bob.opens_another()

    assert again.lines[0].startswith("-- Welcome, bob.")
    assert [len(person.sessions) for person in house.hub.core.people.values()] == [2]


def test_whoever_comes_several_times_at_once_by_a_new_key_is_one_guest(house):
    """As scripts do that start several commands at a time."""
    several = [SshPerson(house) for _ in range(3)]
    for person in several:
        person.nick = "bob"
        person.client = SshClient(person, "bob", keys=(LAPTOP,))
    several[0].waits()

    assert [person.lines[0][:16] for person in several] == ["-- Welcome, bob."] * 3
    assert [len(person.sessions) for person in house.hub.core.people.values()] == [3]


def test_a_guest_who_has_logged_in_is_not_who_comes_next(house, comes, ann):
    """Who knows a password in one session has not said it in the next."""
    bob = comes("bob")
    bob.types("/login ann", PASSWORD)
    assert bob.heard_of("Logged in as ann")
    again = bob.opens_another()

    assert again.lines and not again.heard_of("Logged in as ann")


def test_offering_a_key_is_not_signing_by_it(house, comes):
    """The public half is known to many."""
    comes("bob", keys=(LAPTOP,)).types("exit")

    class Thief(Key):
        def sign(self, data, signatureType=None):
            return OTHER.sign(data)

    comes("bob", keys=(Thief(LAPTOP._keyObject),))
    guest = house.hub.key_guests.of(parse(line_of(LAPTOP)).fingerprint)
    assert house.hub.core.nicks.get("bob").identity != guest.identity


# Nobody waits for long.


def test_who_does_not_come_in_is_sent_away(house):
    wire = house.connect()
    wire.carry(b"SSH-2.0-x\r\n")
    house.advance(NAME_TIMEOUT + 10)

    assert wire.cut and not house.ssh.unfinished


def test_a_question_without_a_terminal_is_text_only(comes, ann):
    """What telnet would be asked to do is garbage here."""
    bob = comes("bob")
    bob.shown.clear()
    bob.types("/login ann")

    assert bytes(bob.shown) == b"-- Password for ann (visible unless you use ssh -t): "
    bob.types("")
    assert b"\xff" not in bob.shown
