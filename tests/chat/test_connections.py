"""Connections, as the hub sees them: made, broken, carried on or given up, and all of them closed at last."""

from __future__ import annotations

import pytest
from twisted.internet.defer import CancelledError, Deferred

from chatroom.chat.commands.identity import ShowSeen
from chatroom.chat.commands.messages import Say
from chatroom.chat.commands.server import Quit
from chatroom.chat.commands.server_admin import ShutDown
from chatroom.chat.events import Left, Said
from chatroom.chat.hub import LAST_LINES
from chatroom.chat.people.budgets import LOCAL_TIMES
from chatroom.chat.ports import JournalError
from chatroom.chat.refusals import NotNow
from chatroom.chat.replies import Goodbye, Seen
from chatroom.chat.rooms.speech import say

from .bare import BareHouse


def closes(house, reason="maintenance"):
    closing = Deferred.fromCoroutine(house.hub.close(reason))
    house.settle()
    return closing


def test_who_cannot_come_back_has_left_at_once(house):
    bob, ann = house.join("bob"), house.join("ann")
    ann.breaks()
    assert [event.reason for event in bob.shown(Left)] == ["the connection was lost"]
    assert ann.session.gone and house.hub.broken == 0 and house.core.nicks.get("ann") is None


def test_who_can_stays_for_the_grace_and_has_then_left(house):
    bob, ann = house.join("bob"), house.join("ann", resumes=True)
    ann.breaks()
    house.advance(house.limits.grace - 1)
    assert bob.shown(Left) == [] and house.hub.broken == 1 and not ann.session.gone
    house.advance(1)
    assert [event.nick for event in bob.shown(Left)] == ["ann"] and house.hub.broken == 0 and ann.session.gone


def test_who_has_no_name_yet_is_gone_at_once(house):
    nobody = house.connect(resumes=True)
    nobody.breaks()
    assert nobody.session.gone and house.hub.broken == 0


def test_nobody_is_waited_for_when_everyone_is_sent_home(house):
    ann = house.join("ann", resumes=True)
    house.core.closing = True
    ann.breaks()
    assert ann.session.gone


def test_who_carries_on_is_waited_for_no_more(house):
    ann = house.join("ann", resumes=True)
    ann.breaks()
    again = ann.returns()
    assert house.hub.broken == 0
    house.advance(2 * house.limits.grace)
    assert not again.session.gone and house.kinds().count(Left) == 0


def test_what_is_over_ends_only_once(house):
    bob, ann = house.join("bob"), house.join("ann")
    for _ in range(2):
        house.hub.end(ann.session, "bye")
        ann.breaks()
    assert len(bob.shown(Left)) == 1


@pytest.mark.parametrize(("address", "times"), [("192.0.2.7", 1), ("", LOCAL_TIMES)])
def test_a_place_has_so_many_broken_connections_and_the_oldest_is_given_up(address, times):
    house = BareHouse(persons_per_address=2)
    other = house.join("other", address="192.0.2.8", resumes=True)
    other.breaks()
    crowd = [house.join(f"p{number}", address=address, resumes=True) for number in range(2 * times + 1)]
    for person in crowd[:-1]:
        person.breaks()
    assert house.hub.evictions == 0 and house.hub.broken == 2 * times + 1
    crowd[-1].breaks()
    assert house.hub.evictions == 1 and house.hub.broken == 2 * times + 1
    assert [person.session.gone for person in crowd] == [True] + [False] * 2 * times and not other.session.gone


def test_who_left_is_remembered_with_what_they_had_used_up(house):
    bob = house.join("bob")
    ann = house.owner("ann", address="192.0.2.7")
    ann.session.charge(40)
    level = ann.session.budget.level
    ann.breaks()
    at = house.clock.seconds()
    again = house.owner("ann", address="192.0.2.8")
    assert again.session.budget.level <= level
    again.breaks()
    house.core.accounts.drop(house.core.accounts.of("ann"))
    assert bob.answer(ShowSeen("ann"), Seen) == Seen("ann", here=False, at=at)


def test_what_is_stored_by_a_command_that_had_begun_is_shown_before_that(house):
    ann, bob = house.join("ann"), house.join("bob")
    flush = house.journal.flush

    def flushed_once():
        house.journal.flush = flush
        return flush().addCallback(lambda _: say(house.room(), ann.session, "last words"))

    house.journal.flush = flushed_once
    ann.begins(Say("words"))
    assert closes(house).called
    assert bob.texts() == ["words", "last words"] and isinstance(bob.outlet.everything[-1], Goodbye)


def test_who_asks_for_something_then_is_refused_and_may_quit(house):
    ann, bob = house.join("ann"), house.join("bob")
    house.journal.flush = Deferred
    ann.begins(Say("last words"))
    closes(house)
    assert bob.refusal(Say("too late")) == NotNow.code and bob.texts() == ["last words"]
    assert isinstance(bob.asks(Quit(""))[-1], Goodbye) and bob.session.gone


def behind(house):
    """Return somebody, and a person who has had enough after the first line of two."""
    ann, bob = house.join("ann"), house.join("bob")
    bob.outlet.full = True
    for text in ("one", "two"):
        ann.begins(Say(text))
        house.settle()
    assert bob.texts() == ["one"]
    return ann, bob


def test_who_is_behind_is_shown_the_rest_before_everyone_is_sent_home(house):
    ann, bob = behind(house)
    closing = closes(house)
    assert not closing.called and not bob.session.gone
    ann.asks(Say("three"))
    bob.outlet.drain()
    house.advance(LAST_LINES / 2)
    assert closing.called and bob.texts() == ["one", "two", "three"] and isinstance(bob.outlet.everything[-1], Goodbye)


def test_who_takes_nothing_keeps_nobody_waiting_for_long(house):
    _, bob = behind(house)
    closing = closes(house)
    house.advance(LAST_LINES / 2)
    assert not closing.called
    house.advance(LAST_LINES / 2)
    assert closing.called and bob.texts() == ["one"] and isinstance(bob.outlet.everything[-1], Goodbye)


def test_who_is_gone_meanwhile_is_not_waited_for(house):
    _, bob = behind(house)
    closing = closes(house)
    bob.breaks()
    house.advance(LAST_LINES / 2)
    assert closing.called


def test_if_nobody_waits_for_the_rest_any_more_everyone_is_sent_home_at_once(house):
    _, bob = behind(house)
    closing = closes(house)
    closing.addErrback(lambda failure: failure.trap(CancelledError))
    closing.cancel()
    assert isinstance(bob.outlet.everything[-1], Goodbye)
    house.advance(LAST_LINES)


def test_what_was_said_is_stored_and_shown_before_everyone_is_sent_home(house):
    ann, bob = house.join("ann"), house.join("bob", resumes=True)
    nobody = house.connect()
    bob.breaks()
    ann.begins(Say("last words"))
    assert closes(house).called and house.hub.closing
    assert isinstance(ann.outlet.everything[-1], Goodbye) and ann.texts() == ["last words"]
    assert ann.outlet.closed and nobody.outlet.closed and isinstance(nobody.outlet.everything[-1], Goodbye)
    assert all(person.session.gone for person in (ann, bob, nobody)) and len(house.core.people) == 0
    assert house.kinds()[-3:] == [Said, Left, Left]


def test_also_if_the_journal_fails(house):
    ann = house.join("ann")
    house.journal.flush = lambda: Deferred.fromCoroutine(broken())

    async def broken():
        raise JournalError("the disk is full")

    failed = []
    ann.begins(Say("last words"))
    closes(house).addErrback(failed.append)
    assert ann.outlet.closed and failed[0].check(JournalError)


def test_a_shutdown_that_was_counted_down_is_counted_no_further(house):
    house.owner("root1", admin=True).asks(ShutDown("1m"))
    closes(house)
    house.advance(100)
    assert house.runtime.stopped == []


def test_a_new_policy_goes_for_everyone(house):
    other = BareHouse(nick=3)
    house.hub.set_policy(other.policy)
    assert house.core.limits.nick == 3
