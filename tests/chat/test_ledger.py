"""Ledger: events on their way to the journal and to people."""

from __future__ import annotations

from dataclasses import replace

import pytest
from twisted.internet.defer import Deferred

from chatroom.chat.commands.identity import Hello
from chatroom.chat.commands.messages import Say
from chatroom.chat.commands.moderation import Ban
from chatroom.chat.commands.rooms import Join
from chatroom.chat.commands.server import Quit
from chatroom.chat.events import AUDIT, AuditEntry, Batch, Joined, Left, Said
from chatroom.chat.ports import JournalError, RecordChange
from chatroom.chat.refusals import NotStored
from chatroom.chat.replies import Notice, Refused
from chatroom.chat.rooms.ledger import _RETRY
from chatroom.chat.rooms.originator import DEPARTED
from tests.processor_time import ProcessorTime

FULL = JournalError("the disk is full")
SLOW = RecordChange("dev", "setting", "slow", {"value": "5", "digest": ""})


@pytest.fixture
def ann(house):
    return house.join("ann", "dev")


@pytest.fixture
def bob(house, ann):
    return house.join("bob", "dev")


def test_nobody_is_shown_what_is_not_stored_yet(house, ann, bob):
    ann.begins(Say("hi"))
    assert bob.texts("dev") == [] and house.room("dev").pending == 1 and ann.session.outstanding == 1
    house.settle()
    assert bob.texts("dev") == ["hi"] and house.room("dev").pending == 0 and ann.session.outstanding == 0


def test_what_cannot_be_stored_has_not_happened_and_everyone_is_told_once(house, ann, bob):
    house.journal.broken = FULL
    ann.says("one", "two")
    assert bob.texts("dev") == [] == house.stored("dev")[2:] and house.room("dev").pending == 0
    assert [one.code for one in bob.shown(Refused)] == [NotStored.code]
    assert len(ann.shown(Refused)) == 3 and not house.hub.ledger.storing


def test_everyone_is_told_when_it_goes_on(house, ann, bob):
    house.journal.broken = FULL
    ann.says("one")
    house.journal.broken = None
    ann.says("two", "three")
    assert bob.texts("dev") == ["two", "three"] and len(bob.shown(Notice)) == 1 and house.hub.ledger.storing


def test_a_change_holds_at_once_and_is_undone_if_it_cannot_be_stored(house, ann):
    room = house.room("dev")
    event = Said("dev", 0.0, "x", "x", "with a change")
    room.append(ann.session, event, [SLOW])
    assert room.state.settings == {"slow": "5"}
    house.settle()
    assert room.state.settings == {"slow": "5"}

    house.journal.broken = FULL
    room.append(ann.session, Said("dev", 0.0, "x", "x", "again"), [SLOW._replace(value=None)])
    assert room.state.settings == {}
    house.settle()
    assert room.state.settings == {"slow": "5"}


def test_changes_without_an_event_likewise(house, ann):
    room = house.room("dev")
    kept = Deferred.fromCoroutine(house.hub.ledger.keep([SLOW]))
    assert room.state.settings == {"slow": "5"} and not kept.called
    house.settle()
    assert kept.called and room.state.settings == {"slow": "5"}
    house.journal.broken = FULL
    failed = []
    Deferred.fromCoroutine(house.hub.ledger.keep([SLOW._replace(value=None)])).addErrback(failed.append)
    house.settle()
    assert failed[0].check(JournalError) and room.state.settings == {"slow": "5"}


def test_the_audit_log_is_shown_to_nobody_and_names_who_ruled_and_where(house, ann, bob):
    shown = len(bob.outlet.everything)
    house.hub.ledger.audit(ann.session, "kick", "dev", "kicked bob")
    house.settle()
    [entry] = house.stored(AUDIT)
    assert isinstance(entry, AuditEntry) and entry.at == house.clock.seconds()
    assert (entry.by, entry.nick, entry.act, entry.where) == (ann.person.identity, "ann", "kick", "dev")
    assert entry.text == "kicked bob" and len(bob.outlet.everything) == shown


def test_an_audit_entry_that_is_lost_breaks_nothing(house, ann):
    house.journal.broken = FULL
    ann.asks(Ban("carol"))
    house.journal.broken = None
    assert house.audited() == [] and not house.room("dev").state.bans
    ann.says("hi")
    assert ann.texts("dev") == ["hi"]


def test_that_somebody_left_is_recorded_later_if_it_cannot_be_now(house, ann, bob):
    house.journal.broken = FULL
    bob.asks(Quit("bye"))
    house.journal.broken = None
    house.advance(_RETRY - 0.5)
    assert Left not in house.kinds("dev")
    house.advance(0.5)
    assert [event.reason for event in ann.shown(Left)] == ["bye"] and house.room("dev").pending == 0


def test_it_is_tried_again_and_again(house, ann, bob):
    house.journal.broken = FULL
    bob.asks(Quit())
    house.advance(3 * _RETRY)
    house.journal.broken = None
    house.advance(_RETRY)
    assert house.kinds("dev").count(Left) == 1


def test_or_as_soon_as_anything_else_can_be_stored(house, ann, bob):
    house.journal.broken = FULL
    bob.asks(Quit())
    house.journal.broken = None
    ann.says("hi")
    assert house.kinds("dev")[-2:] == [Said, Left]
    house.advance(3 * _RETRY)
    assert house.kinds("dev").count(Left) == 1


def test_who_comes_back_before_that_has_left_before(house, ann):
    bob = house.join("bob", "dev", resumes=True)
    token, identity = bob.token, bob.person.identity
    house.journal.broken = FULL
    bob.asks(Quit())
    house.journal.broken = None
    again = house.connect(resumes=True)
    again.asks(Hello("bob", ("dev",), resume=token))
    house.advance(2 * _RETRY)
    events = [type(one) for one in house.stored("dev") if one.by == identity]
    assert again.person.identity == identity and again.is_in("dev")
    assert events == [Joined, Left, Joined]
    assert house.room("dev").pending == 0


def test_a_coming_that_cannot_be_recorded_is_refused_and_leaves_nothing(house, ann):
    house.journal.broken = FULL
    assert NotStored.code in [one.code for one in ann.asks(Join("den")) if isinstance(one, Refused)]
    assert not ann.is_in("den") and house.hub.rooms.get("den") is None
    house.journal.broken = None
    ann.asks(Join("den"))
    assert ann.is_in("den")


def test_what_another_program_changes_holds(house, ann):
    house.change_from_outside(SLOW)
    assert house.room("dev").state.settings == {"slow": "5"}
    house.account("bob")
    assert house.core.accounts.of("bob") is not None


def test_people_are_told_of_it_only_once_their_own_change_of_it_has_failed(house):
    bob = house.owner("bob", "dev")
    account = bob.person.account
    house.journal.change_from_outside([replace(account, admin=True).kept()])
    house.core.runtime.spawn(change_password(house, replace(account, hash="new")))
    house.journal.broken = FULL
    house.settle()
    assert bob.person.account.admin and bob.person.account.hash == account.hash


async def change_password(house, account):
    with pytest.raises(JournalError):
        await house.hub.ledger.keep([account.kept()])


def test_who_made_it_is_told_after_everyone_has_been_shown_it(house, ann, bob):
    order = []
    deliver = bob.outlet.deliver
    bob.outlet.deliver = lambda batch: order.append("shown") or deliver(batch)

    class Author:
        gone, outstanding = False, 0

        def stored(self, room, seq):
            order.append((room, seq))

    author = Author()
    house.room("dev").append(author, Said("dev", 0.0, "x", "x", "hi"))
    assert author.outstanding == 1
    house.settle()
    assert order == ["shown", ("dev", house.room("dev").shown)]


def test_who_is_back_for_sure_need_not_be_recorded_as_having_left(house, ann, bob):
    ledger, room, identity, party = house.hub.ledger, house.room("dev"), ann.person.identity, ann.person.party
    appended = []
    house.journal.append = lambda event, changes=(): appended.append(event)
    house.hub.end(ann.session, "bye")
    assert list(room.state.operators) == [bob.person.party]
    joined = Joined("dev", 0.0, identity, "ann")
    appended[:] = [event for event in appended if isinstance(event, Left)]
    room.append(bob.session, joined)
    left = appended[0]
    assert appended == [left, joined] and isinstance(left, Left)

    # The first commit fails while the second is under way, which does not.
    ledger.failed([left], FULL)
    house.advance(_RETRY)
    assert appended == [left, joined], "what becomes of that is waited for"
    ledger.committed([Batch("dev", room.shown + 1, [joined])])
    house.advance(2 * _RETRY)
    assert appended == [left, joined]
    assert party in room.state.operators, "nor do they let go of anything"


def test_what_a_guest_lets_go_of_by_leaving_is_recorded_later_too(house, ann, bob):
    house.journal.broken = FULL
    ann.asks(Quit())
    assert list(house.room("dev").state.operators) == [bob.person.party], "it holds already"
    house.journal.broken = None
    house.advance(_RETRY)
    stored = {record.key for record in house.journal.standing("dev") if record.kind == "operator"}
    assert stored == {bob.person.party} and house.kinds("dev").count(Left) == 1


def test_thousands_of_departures_that_are_stored_later_are_each_looked_at_once(house, ann):
    room = house.room("dev")
    left = [Left("dev", 0.0, f"id{number}", f"n{number}", "") for number in range(5_000)]
    house.journal.broken = FULL
    for event in left:
        room.append(DEPARTED, event)
    house.settle()
    with ProcessorTime() as again:
        house.hub.ledger._store_owed(house.hub.ledger._all_owed())
    house.settle()
    assert again.seconds < 0.5, "comparing each with each takes ten times as long"
    house.journal.broken = None
    house.advance(_RETRY)
    assert [event for event in house.stored("dev") if type(event) is Left] == left
