"""Abandoned rooms: closed, all their guests gone; the name is free again, and the history sealed."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred

from chatroom.chat.events import AUDIT
from chatroom.chat.people.accounts import Account
from chatroom.chat.ports import JournalError, RecordChange
from chatroom.chat.refusals import NotNow
from tests.house import START, House, JsonPerson, failures

PASSWORD = "correct horse"
SECRETS = ("treasure", "gold", "mallory", "island")
"""Words of what was said in the room, of its topic and of its lists."""


@pytest.fixture
def house():
    with failures() as broken:
        yield House(rate=0, token_lasts=3600.0, grace=10.0)
    assert not broken, broken[0]


def closes(house, *closing, nick="ann"):
    """Have a person create #den, lock it, speak there and leave."""
    ann = house.join(nick, JsonPerson)
    ann.asks("join", room="den")
    for line in closing or ("/private",):
        ann.types(line)
    ann.types("the treasure is on the island", "/topic gold", "/ban mallory stole the treasure")
    return ann


def goes(person):
    person.asks("quit")
    person.house.advance(11)


def waits(house, seconds=3601.0):
    """Let *seconds* pass in which nobody does anything."""
    house.clock.advance(seconds)


def comes(house, nick="bob", **more):
    bob = house.join(nick, JsonPerson)
    bob.forget()
    bob.answers = bob.asks("join", room="den", **more)
    return bob


def refused(person):
    return person.answers[-1]["type"] == "refused" and "den" not in person.seen


def read(person):
    """Everything that a person can read by any command."""
    for kind, values in (
        ("history", {"room": "den", "count": 200, "all": True}),
        ("history", {"room": "den", "count": 200, "all": True, "before": 5}),
        ("history", {"room": "den", "count": 200, "until": "today"}),
        ("history", {"room": "den", "count": 200, "until": "23:59"}),
        ("search", {"words": "treasure in:den"}),
        ("search", {"words": "from:ann in:den"}),
        ("search", {"words": "island"}),
        ("topic", {"room": "den"}),
        ("bans", {"room": "den"}),
        ("who", {"room": "den"}),
        ("rooms", {}),
    ):
        person.asks(kind, **values)
    # What was searched for is repeated.
    return str([{**one, "words": ""} for one in person.objects])


@pytest.mark.parametrize("closing", [("/private",), ("/lock",), ("/lock sesame", "/private")])
def test_the_next_who_comes_opens_it_anew_and_rules_it(house, closing):
    goes(closes(house, *closing))
    waits(house)

    bob = comes(house)
    carol = comes(house, "carol")

    [room] = [one for one in bob.answers if one["type"] == "room"]
    assert (room["role"], room["settings"], room["topic"], room["recent"]) == ("operator", {}, "", [])
    assert carol.answers[-1]["type"] in ("room", "joined") and not refused(carol)
    bob.asks("kick", nick="carol", room="den")
    assert bob.heard_of("bob kicked carol")
    assert [event.text for _, event in house.stored(AUDIT) if event.act == "join"] == [
        "reopened the room, which its guests had abandoned"
    ]


def test_nothing_of_what_was_said_there_can_be_got_at(house):
    goes(closes(house))
    waits(house)
    bob = comes(house)
    bob.asks("say", room="den", text="hello")
    seen = read(bob)
    bob.leaves()
    again = bob.returns(seen={"den": 0, "lobby": 0})
    carol = JsonPerson(house)
    carol.joins("carol", seen={"den": 1})

    for text in (seen, read(again), read(carol)):
        assert "hello" in text and not any(word in text for word in SECRETS)
    assert again.seqs("den")[0] > 5 and not again.of_type("gap") and not carol.of_type("gap")
    [page] = [one for one in again.of_type("history") if "hello" in str(one)][:1]
    assert page["more"] is False


def test_nor_when_it_is_closed_and_left_again(house):
    goes(closes(house))
    waits(house)
    bob = comes(house)
    bob.types("/private", "another island", "/topic more gold")
    goes(bob)
    waits(house)
    house.journal.broken = JournalError("disk full")
    comes(house, "carol")
    house.journal.broken = None

    assert not any(word in read(comes(house, "dora")) for word in SECRETS)


def test_nor_after_a_restart(house):
    goes(closes(house))
    waits(house)
    bob = comes(house)
    bob.asks("say", room="den", text="hello")
    goes(bob)

    after = house.restarted()
    dora = comes(after, "dora")
    seen = read(dora)

    assert "hello" in seen and not any(word in seen for word in SECRETS)


def test_a_search_does_not_tell_how_much_there_was(house):
    ann = closes(house)
    ann.types(*["the treasure is on the island"] * 30)
    goes(ann)
    waits(house)
    bob = comes(house)
    bob.asks("say", room="den", text="what treasure?")

    for words in ("treasure in:den", "treasure"):
        [found] = bob.asks("search", words=words)
        assert [one["text"] for one in found["events"]] == ["what treasure?"] and not found["more"]
        assert bob.asks("search", words=f"{words} page:2")[0]["events"] == []


def test_the_journal_keeps_it_for_the_admins(house):
    goes(closes(house))
    waits(house)
    comes(house)

    assert "the treasure is on the island" in house.words("den")


def test_those_who_can_come_back_find_it_as_it_was(house):
    ann = closes(house)
    token, nick = ann.token, ann.nick
    goes(ann)
    waits(house, 3400)

    assert refused(comes(house))
    again = JsonPerson(house)
    again.joins(nick, "den", resume=token)
    assert again.asks("history", room="den")[-1]["events"][0]["text"] == "the treasure is on the island"


@pytest.mark.parametrize("who", ["operator", "invite"])
def test_a_room_that_an_account_belongs_to_stays_closed(house, who):
    goes(closes(house))
    account = Account("dora's", "dora", "dora", f"plain:{PASSWORD}", admin=False, since=START, seen=START)
    change = RecordChange("den", who, account.id, {"nick": "dora"})
    house.journal.change_from_outside([account.kept(), change])
    house.settle()
    waits(house)

    assert refused(comes(house))


def test_a_room_stays_closed_while_an_invited_guest_is_anywhere_on_the_server(house):
    ann, carol = closes(house), house.join("carol", JsonPerson)
    ann.asks("invite", nick="carol", room="den")
    goes(ann)
    waits(house)

    assert refused(comes(house))
    goes(carol)
    waits(house)
    assert not refused(comes(house, "dora"))


def test_a_room_with_people_in_it_or_with_a_key_that_somebody_knows_stays_closed(house):
    ann = closes(house)
    waits(house)
    assert refused(comes(house))
    ann.types("/private off", "/lock sesame")
    goes(ann)
    waits(house)

    assert refused(comes(house, "carol"))
    assert not refused(comes(house, "dora", key="sesame"))


def test_two_who_come_at_once_do_not_both_open_it(house):
    goes(closes(house))
    waits(house)
    bob, carol = house.join("bob", JsonPerson), house.join("carol", JsonPerson)
    hub = house.hub
    Deferred.fromCoroutine(hub.rooms.use("den"))
    house.settle()

    # In one turn: the first is not recorded yet when the second comes.
    sessions = [hub.core.people.named(nick).session for nick in ("bob", "carol")]
    outcomes = [Deferred.fromCoroutine(hub.joining.join(session, "den")) for session in sessions]
    outcomes[1].addErrback(lambda failure: failure.trap(NotNow))
    house.settle()
    assert "den" not in carol.seen
    carol.answers = carol.asks("join", room="den")

    operators = [one["nick"] for one in bob.asks("who", room="den")[-1]["people"] if one["role"] == "operator"]
    assert operators == ["bob"] and not refused(carol)
    assert not any(word in read(carol) for word in SECRETS)


def test_what_cannot_be_stored_leaves_it_closed(house):
    goes(closes(house))
    waits(house)
    house.journal.broken = JournalError("disk full")
    bob = comes(house)
    house.journal.broken = None

    assert bob.answers[-1]["code"] == "not_stored"
    assert house.hub.rooms.get("den") is None
    assert not any(word in read(bob) for word in SECRETS)
    assert "operator" in str(comes(house, "carol").answers)


def test_an_admin_comes_in_without_ending_anything(house):
    goes(closes(house))
    waits(house)
    admin = Account("dora's", "dora", "dora", f"plain:{PASSWORD}", admin=True, since=START, seen=START)
    house.journal.change_from_outside([admin.kept()])
    house.settle()
    dora = JsonPerson(house)
    dora.joins("dora", password=PASSWORD)
    dora.asks("join", room="den")

    assert "the treasure is on the island" in str(dora.asks("history", room="den"))
    goes(dora)
    waits(house)
    assert refused(comes(house))
