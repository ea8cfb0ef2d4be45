"""Absent people: who is in rooms by the journal is there after a restart, and nothing is stored for it."""

from __future__ import annotations

import gc

from chatroom.chat.commands.identity import Hello
from chatroom.chat.commands.messages import Whisper
from chatroom.chat.commands.rooms import Join
from chatroom.chat.events import Joined, Left

from .bare import PASSWORD, BareHouse


def test_everybody_is_where_the_journal_has_them(house: BareHouse) -> None:
    ann, bob = house.join("ann", "lobby", "den"), house.join("bob")
    later = house.replaced()
    people = {one.nick: one for one in later.core.people.values()}
    assert {nick: set(one.seats) for nick, one in people.items()} == {"ann": {"lobby", "den"}, "bob": {"lobby"}}
    assert people["ann"].identity == ann.person.identity and people["bob"].identity == bob.person.identity
    assert all(later.hub.absent.of(one) is one.session and not one.session.connected for one in people.values())
    assert later.hub.membership.occupied == 2 and gc.isenabled()
    assert later.kinds() == [Joined, Joined]


def test_a_house_that_does_not_go_on_has_nobody(house: BareHouse) -> None:
    house.join("ann")
    later = house.restarted()
    assert not later.core.people and later.kinds() == [Joined, Left]


def test_the_first_in_a_room_that_is_not_empty_does_not_become_its_operator(house: BareHouse) -> None:
    ann = house.join("ann", "den")
    later = house.replaced()
    eve = later.join("eve", "den")
    room = later.room("den")
    assert room.is_operator(later.core.people[ann.person.identity]) and not room.is_operator(eve.person)


def test_a_guest_who_returns_with_a_token_takes_their_own_place(house: BareHouse) -> None:
    ann = house.join("ann", resumes=True)
    later = house.replaced()
    again = ann.returns(later, seen=ann.seen)
    assert len(again.person.sessions) == 1 and later.hub.absent.of(again.person) is None
    assert later.kinds() == [Joined]


def test_what_is_written_to_an_absent_account_waits_for_it(house: BareHouse) -> None:
    boss, ann = house.owner("boss"), house.join("ann")
    later = house.replaced()
    ann = ann.attaches(later)
    ann.asks(Whisper("boss", "psst"))
    boss = boss.attaches(later)
    shown = [str(one) for one in boss.outlet.everything]
    assert any("psst" in one for one in shown)


def test_the_end_of_one_who_is_back_is_not_theirs(house: BareHouse) -> None:
    """Somebody proves who they are by another session than the first, which is absent until its time is over."""
    boss, tab = house.owner("boss", resumes=True), house.owner("boss", resumes=True)
    later = house.replaced()
    again = later.connect(resumes=True)
    again.asks(Hello("boss", resume=later.hub.tokens.of(tab.session), seen=tab.seen))
    later.advance(later.limits.grace + 1)
    assert again.session.connected and len(again.person.sessions) == 1 and again.is_in("lobby")
    assert later.kinds() == [Joined] and boss.person.identity == again.person.identity


def test_who_comes_with_a_password_first_ends_the_absent_one_once_it_is_known(house: BareHouse) -> None:
    boss = house.owner("boss", resumes=True)
    later = house.replaced()
    owner = later.join("boss", password=PASSWORD)
    assert later.hub.absent.found(
        boss.person.identity, later.core.accounts.proven(later.hub.tokens.proof_of(boss.session))
    )
    later.settle()
    left = [one for one in later.stored() if type(one) is Left]
    assert [(one.by, one.reason) for one in left] == [(boss.person.identity, "logged in as boss")]
    assert owner.is_in("lobby")


def test_a_guest_who_is_back_by_an_earlier_token_is_not_logged_in_by_a_later_one(house: BareHouse) -> None:
    boss = house.owner("boss", resumes=True)
    earlier = house.hub.tokens.read(house.hub.tokens.of(boss.session))._replace(login="")
    proven = house.core.accounts.proven(house.hub.tokens.proof_of(boss.session))
    later = house.replaced()
    guest = later.connect(resumes=True)
    guest.asks(
        Hello("stranger", resume=later.hub.tokens._tokens.issue(earlier.identity, "", "", later.clock.seconds()))
    )
    assert guest.person.identity == earlier.identity and guest.person.account is None
    assert later.hub.absent.found(earlier.identity, proven) is None and guest.person.account is None


def test_hundreds_who_do_not_come_back_leave(house: BareHouse) -> None:
    house.join("ann")
    for number in range(350):
        house.journal.append(Joined("den", 1.0, f"identity{number}", f"guest{number}"))
        house.core.journal = house.journal
    house.journal._listener, listener = _Nobody(), house.journal._listener
    house.settle()
    house.journal._listener = listener
    later = house.replaced()
    while len(later.hub.sessions) < 351:
        later.settle()
    later.settle()
    assert len(later.room("den").seats) == 350
    later.advance(later.limits.grace + 5)
    assert not later.core.people and later.kinds("den").count(Left) == 350
    assert later.join("ann").asks(Join("den"))


class _Nobody:
    """Listens to what is stored, and does nothing."""

    def committed(self, batches: object) -> None:
        pass
