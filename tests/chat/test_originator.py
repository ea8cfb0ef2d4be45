"""Originators: events about a person who sent no command, and who waits for them."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from chatroom.chat.events import Left
from chatroom.chat.ports import JournalError
from chatroom.chat.refusals import NotStored
from chatroom.chat.rooms.originator import Pending

from .bare import LoudRuntime

LEFT = Left("lobby", 0.0, "id", "ann")


def waiting(pending):
    return Deferred.fromCoroutine(pending.flushed())


def test_nothing_to_wait_for_is_over_at_once():
    assert waiting(Pending(LoudRuntime(Clock()))).called


def test_all_are_waited_for_and_the_seqs_are_those_of_the_last_in_each_room():
    pending = Pending(LoudRuntime(Clock()))
    pending.outstanding = 3
    done = waiting(pending)
    pending.stored("lobby", 7)
    pending.stored("dev", 1)
    assert not done.called
    pending.stored("lobby", 8)
    assert done.called and pending.seqs == {"lobby": 8, "dev": 1} and pending.outstanding == 0


def test_one_that_is_lost_is_told_when_nothing_is_on_its_way_any_more():
    pending = Pending(LoudRuntime(Clock()))
    pending.outstanding = 2
    done = waiting(pending)
    pending.lost(LEFT, JournalError("the disk is full"))
    assert not done.called
    pending.stored("lobby", 3)
    failed = []
    done.addErrback(failed.append)
    assert failed[0].check(NotStored)


def test_who_waits_when_all_is_lost_already_is_told_too():
    pending = Pending(LoudRuntime(Clock()))
    pending.outstanding = 1
    pending.lost(LEFT, JournalError("the disk is full"))
    failed = []
    waiting(pending).addErrback(failed.append)
    assert failed[0].check(NotStored)
