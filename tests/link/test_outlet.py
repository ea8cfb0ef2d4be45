"""The linked outlet: what it sends of a session, in which order, and what it waits for."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from chatroom.chat.events import Batch, Said
from chatroom.chat.replies import Notice, Preferences
from chatroom.link.codec import BadFrame, pack, pack_batch
from chatroom.link.outlet import LinkedOutlet, Traits

SID = "SID"
BATCH = Batch("lobby", 1, [Said(room="lobby", at=0.0, by="x", nick="x", text="hi")])


class Cursor:
    """How far the session has been shown the room, in which more has been said."""

    live = False
    room = SimpleNamespace(shown=100)


class Owner:
    """The house's end of the session."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.cursors = {"lobby": Cursor()}
        self.catch_up = self

    def __getattr__(self, name: str):
        return lambda: self.told.append(name)


class Case:
    def __init__(self) -> None:
        self.sent: list[list] = []
        traits = Traits(
            door="json", address="192.0.2.7", secure=True, resumes=True, asks=False, reads=False, keeps_nick=False
        )
        self.outlet = LinkedOutlet(SID, traits, object(), self.sent.append)
        self.outlet.owner = self.owner = Owner()


@pytest.fixture
def case():
    return Case()


def test_a_page_waits_until_the_door_has_taken_it(case):
    assert not case.outlet.deliver(BATCH)
    assert case.sent == [["page", SID, pack_batch(BATCH), True]] and case.owner.told == ["wait"]
    case.outlet.taken()
    assert case.owner.told == ["wait", "drained"]


def test_nothing_waits_for_a_short_page_that_is_the_last(case):
    case.owner.cursors["lobby"].room = SimpleNamespace(shown=BATCH.last)
    assert case.outlet.deliver(BATCH)
    assert case.sent == [["page", SID, pack_batch(BATCH), False]] and not case.owner.told


def test_it_waits_for_all_pages_and_for_the_client(case):
    case.outlet.deliver(BATCH)
    case.outlet.deliver(BATCH)
    case.outlet.full()
    case.outlet.taken()
    case.outlet.taken()
    assert case.owner.told == ["wait", "wait", "fall_behind"]
    case.outlet.drained()
    assert case.owner.told[3:] == ["drained"]
    case.outlet.deliver(BATCH)
    case.outlet.full()
    case.outlet.drained()
    assert "drained" not in case.owner.told[4:]


def test_no_page_is_taken_that_was_not_sent(case):
    with pytest.raises(BadFrame):
        case.outlet.taken()
    case.outlet.deliver(BATCH)
    case.outlet.taken()
    with pytest.raises(BadFrame):
        case.outlet.taken()


def test_a_glimpse_of_a_room_that_is_live_waits_for_nothing(case):
    case.owner.cursors["lobby"].live = True
    assert case.outlet.deliver(BATCH)
    assert case.sent == [["glimpse", SID, pack_batch(BATCH)]] and case.owner.told == []


def test_what_is_sent_together_goes_in_one_frame(case):
    with case.outlet.together():
        case.outlet.reply(Notice("a"), "ref")
        with case.outlet.together():
            case.outlet.in_rooms(2)
        assert case.sent == []
    with case.outlet.together():
        pass
    case.outlet.close()
    assert case.sent == [
        ["together", SID, [["reply", SID, pack(Notice("a")), "ref"], ["rooms", SID, 2]]],
        ["close", SID],
    ]


def test_who_it_is_for_goes_before_what_follows(case):
    case.outlet.viewer = "ann"
    case.outlet.session = "mark"
    case.outlet.session = "mark"
    case.outlet.prefer(Preferences(), "ann", {"b", "a"})
    assert case.sent == [
        ["viewer", SID, "ann", ""],
        ["viewer", SID, "ann", "mark"],
        ["prefer", SID, pack(Preferences()), "ann", ["a", "b"]],
    ]


def test_what_is_for_a_session_on_its_way_is_kept(case):
    case.outlet.deliver(BATCH)
    case.outlet.depart()
    case.outlet.reply(Notice("kept"))
    assert case.sent[1:] == [["handed", SID]]
    there: list[list] = []
    case.outlet.arrive(object(), there.append, 5)
    assert there == [["moved", SID, 5], ["reply", SID, pack(Notice("kept")), None]]
    assert case.owner.told[-1] == "drained"
