"""Deletions that another program asks for."""

from __future__ import annotations

import pytest

from chatroom.chat.changes import Deleted
from chatroom.chat.commands.rooms import History
from chatroom.chat.event import Marks
from chatroom.chat.ports import JournalError, RecordChange
from chatroom.chat.replies import HistoryPage
from chatroom.chat.rooms.deletion_requests import _RETRY, DELETION


def request(room: str, seq: object) -> RecordChange:
    return RecordChange("", DELETION, f"{room} {seq}", {"reason": "a password", "nick": "root"})


@pytest.fixture
def ann(house):
    ann = house.join("ann", "dev")
    ann.says("hello", "secret")
    return ann


def deleted(house) -> list[Deleted]:
    return [event for event in house.stored("dev") if isinstance(event, Deleted)]


def test_a_request_is_carried_out_in_front_of_everyone_and_forgotten(house, ann):
    house.journal.change_from_outside([request("dev", 3)])
    house.settle()

    [one] = deleted(house)
    assert (one.re, one.author, one.nick, one.reason, one.by_author) == (3, "ann", "root", "a password", False)
    assert one in ann.shown(Deleted)
    assert house.stored("dev")[2].marks == Marks(deleted="root")
    assert [event.text for _, event in ann.answer(History(10), HistoryPage).events] == ["hello", ""]
    assert house.journal.standing() == []


@pytest.mark.parametrize("seq", [1, 99])
def test_what_is_no_message_is_left_alone(house, ann, seq):
    house.journal.change_from_outside([request("dev", seq)])
    house.settle()
    assert deleted(house) == [] and house.journal.standing() == []


def test_a_message_is_deleted_once(house, ann):
    for _ in range(2):
        house.journal.change_from_outside([request("dev", 3)])
        house.settle()
    assert len(deleted(house)) == 1 and house.journal.standing() == []


def test_what_a_request_of_another_version_means_is_not_guessed(house, ann):
    house.journal.change_from_outside(
        [RecordChange("dev", DELETION, "dev 3", {}), request("dev", 3)._replace(value=None)]
    )
    house.settle()
    assert deleted(house) == []


def test_it_is_tried_again_when_it_cannot_be_stored(house, ann):
    house.journal.change_from_outside([request("dev", 3)])
    house.journal.broken = JournalError("the disk is full")
    house.settle()
    assert deleted(house) == []
    house.journal.broken = None
    house.clock.advance(_RETRY)
    house.settle()
    assert len(deleted(house)) == 1


def test_a_server_that_was_stopped_meanwhile_does_it_when_it_starts(house, ann):
    house.journal.change_from_outside([request("dev", 3)], noticed_after=1000.0)
    house.hub.deletion_requests.follow(house.journal.standing())
    house.settle()
    assert len(deleted(house)) == 1 and house.journal.standing() == []
