"""The search queue: one search at a time, in turns between people."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred, succeed

from chatroom.chat.ports import Busy, JournalError
from chatroom.journal._search_queue import MAX_WAITING, MAX_WAITING_EACH, SearchQueue


class Desk:
    """Accepts searches, and completes them one by one."""

    def __init__(self) -> None:
        self.queue = SearchQueue()
        self.begun: list[str] = []
        self._running: list[Deferred[str]] = []

    def asks(self, asker: str) -> Deferred[str]:
        def search() -> Deferred[str]:
            self.begun.append(asker)
            self._running.append(Deferred())
            return self._running[-1]

        return self.queue.run(asker, search)

    def ends(self, result: object = "found") -> None:
        [running] = self._running
        self._running = []
        running.callback(result)


def test_only_one_search_is_under_way_and_each_gets_its_own_answer():
    desk = Desk()
    answers = [desk.asks("ann") for _ in range(3)]
    for n in range(3):
        assert desk.begun == ["ann"] * (n + 1)
        desk.ends(n)
        assert answers[n].result == n


def test_who_asks_once_waits_for_one_search_of_whoever_asks_often():
    desk = Desk()
    for asker in ["ann"] * 5 + ["bob", "cat"]:
        desk.asks(asker)
    for _ in range(6):
        desk.ends()
    assert desk.begun == ["ann", "ann", "bob", "cat", "ann", "ann", "ann"]


def test_too_many_are_refused_at_once_and_what_was_taken_is_answered():
    desk = Desk()
    answers = [desk.asks("ann") for _ in range(MAX_WAITING_EACH + 5)]
    refused = [answer for answer in answers if answer.called]
    assert len(refused) == 4
    for answer in refused:
        answer.addErrback(lambda failure: failure.trap(Busy))
    others = [desk.asks(f"other {n}") for n in range(MAX_WAITING)]
    refused = [answer for answer in others if answer.called]
    assert len(refused) == MAX_WAITING_EACH
    for answer in refused:
        answer.addErrback(lambda failure: failure.trap(Busy))
    for _ in range(MAX_WAITING + 1):
        desk.ends()
    assert len(desk.begun) == MAX_WAITING + 1
    assert all(answer.called for answer in answers + others)


def test_a_search_that_fails_does_not_keep_the_next_from_its_turn():
    desk = Desk()
    first, second = desk.asks("ann"), desk.asks("ann")
    desk._running[0].errback(JournalError("the disk is on fire"))
    desk._running = desk._running[1:]
    with pytest.raises(JournalError, match="on fire"):
        first.result.raiseException()
    first.addErrback(lambda _: None)
    desk.ends("found")
    assert second.result == "found"


def test_a_thousand_answers_at_once_are_no_recursion():
    queue = SearchQueue()
    held: Deferred[None] = Deferred()
    queue.run("ann", lambda: held)
    for n in range(MAX_WAITING):
        queue.run(str(n), lambda: succeed(None))
    held.callback(None)
    assert queue.run("ann", lambda: succeed(1)).result == 1


def test_when_it_stops_all_who_wait_are_told():
    desk = Desk()
    asked = [desk.asks(asker) for asker in ("ann", "ann", "bob")]
    desk.queue.stop()
    for answer in asked[1:]:
        with pytest.raises(JournalError, match="closed"):
            answer.result.raiseException()
        answer.addErrback(lambda _: None)
    desk.ends()
    assert asked[0].result == "found" and desk.begun == ["ann"]
