"""Person: identity, names, and what others may know."""

from __future__ import annotations

from chatroom.chat.commands.messages import Whisper
from chatroom.chat.commands.preferences import GoAway, Ignore
from chatroom.chat.commands.rooms import Join, Leave
from chatroom.chat.commands.server import Ping, Quit, ShowTime
from chatroom.chat.replies import PersonLine, Pong
from chatroom.chat.rules.roles import Role


def test_the_party_is_the_account_or_else_the_identity(house):
    ann, bob = house.join("ann").person, house.owner("bob").person
    assert ann.party == ann.identity and bob.party == "bob-id" != bob.identity


def test_bans_know_people_by_key_party_and_address(house):
    ann = house.join("Ann", address="192.0.2.7").person
    assert ann.marks == ("ann", ann.identity, ("192.0.2.7",))


def test_a_place_is_where_they_are_counted_together(house):
    assert house.join("ann", address="2001:db8::7").person.place == "2001:db8::/64"
    assert house.join("bob").person.place == ""


def test_a_registered_nick_is_its_owners_to_use(house):
    house.account("ann")
    accounts = house.core.accounts
    assert not house.join("ann").person.may_use_nick(accounts)
    assert house.join("bob").person.may_use_nick(accounts)
    owner = house.owner("ann").person
    assert owner.may_use_nick(accounts) and owner.owns(accounts.of("ann"))
    assert not house.owner("carol").person.owns(accounts.of("ann"))


def test_what_others_see(house):
    ann = house.join("ann", resumes=True)
    house.advance(90)
    now = house.clock.seconds()
    assert ann.person.described(Role.GUEST, now + 0.9) == PersonLine("ann", "bare", 90, True, "guest", None, ("bare",))
    ann.asks(GoAway("lunch"))
    ann.breaks()
    assert ann.person.described(Role.ADMIN, now) == PersonLine("ann", "bare", 0, False, "admin", "lunch")
    assert ann.person.described(Role.GUEST, now - 100).idle == 0, "a clock that was set back"


def test_whatever_they_ask_is_activity_but_for_what_programs_send_by_themselves(house):
    ann = house.join("ann")
    house.advance(10)
    ann.asks(Ping())
    assert ann.person.active == house.clock.seconds() - 10
    ann.asks(ShowTime())
    assert ann.person.active == house.clock.seconds() and ann.person.since == house.clock.seconds() - 10


def test_an_ignored_nick_and_identity_are_both_ignored(house):
    ann, bob, carol = house.join("ann"), house.join("bob"), house.join("carol")
    ann.asks(Ignore("bob"))
    assert ann.person.ignores(bob.person) and not ann.person.ignores(carol.person)
    assert not bob.person.ignores(ann.person)


def test_rooms_and_conversations_are_counted_apart(house):
    ann, bob = house.join("ann"), house.join("bob")
    ann.asks(Join("dev"))
    ann.asks(Whisper("bob", "hi"))
    assert (ann.person.public, ann.person.conversations) == (2, 1)
    assert list(ann.person.room_names()) == ["lobby", "dev"]
    assert (bob.person.public, bob.person.conversations) == (1, 1)
    ann.asks(Leave("dev"))
    bob.asks(Quit())
    assert (ann.person.public, ann.person.conversations) == (1, 0)
    assert (bob.person.public, bob.person.conversations) == (0, 0)


def test_an_answer_has_the_mark_of_the_asker_unless_another_connection_carries_on(house):
    ann = house.join("ann", resumes=True)
    ann.session.ref = "r"
    ann.person.answer(ann.session, Pong())
    assert ann.outlet.refs[-1] == "r"
    ann.session.ref = None
    again = ann.returns()
    again.session.ref, ann.session.ref = "other", "r"
    again.person.answer(ann.session, Pong())
    assert isinstance(again.outlet.everything[-1], Pong) and again.outlet.refs[-1] is None


def test_a_budget_from_before_goes_on_at_the_place_of_now(house):
    ann = house.join("ann", address="192.0.2.7").session
    before = house.join("bob", address="192.0.2.8").session.budget
    before.spend(10)
    own = ann.budget
    ann.take_budget(None)
    assert ann.budget is own
    ann.take_budget(before)
    assert ann.budget.level == before.level and ann.place == "192.0.2.7"
