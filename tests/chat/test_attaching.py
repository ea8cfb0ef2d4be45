"""Attaching: after a restart of the house, everybody goes on whose door has kept them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatroom.chat.commands.accounts import LogIn, LogOut
from chatroom.chat.commands.devices import ListSessions
from chatroom.chat.commands.identity import Hello, Rename
from chatroom.chat.commands.messages import Say, Whisper
from chatroom.chat.commands.moderation import Ban, Kick
from chatroom.chat.commands.preferences import GoAway, Ignore, ShowOthers
from chatroom.chat.commands.rooms import Join, Leave, ListPeople
from chatroom.chat.commands.server_admin import BanFromServer
from chatroom.chat.events import Joined, Kicked, Left, Renamed, Said, Whispered
from chatroom.chat.ports import JournalError
from chatroom.chat.refusals import BannedHere, CannotResume
from chatroom.chat.replies import NickChanged, Notice, Refused, RoomEntered, Who
from chatroom.chat.syntax.conversations import other_party

from .bare import PASSWORD, Attached, BareHouse


def test_who_is_attached_is_shown_what_was_missed_once_and_nothing_else(house: BareHouse) -> None:
    ann, bob = house.join("ann"), house.join("bob")
    bob.says("one")
    seen = ann.seen
    bob.says("two")
    later = house.replaced()
    ann, bob = ann.attaches(later, seen=seen), bob.attaches(later)
    assert [getattr(event, "text", event) for event in ann.outlet.everything] == ["two"]
    assert bob.outlet.everything == []
    bob.says("three")
    assert ann.texts() == ["two", "three"] and bob.texts() == ["three"]
    assert later.kinds() == [Joined, Joined, Said, Said, Said]


def test_nothing_is_delivered_before_the_next_turn(house: BareHouse) -> None:
    ann, bob = house.join("ann"), house.join("bob")
    seen = ann.seen
    bob.says("one")
    later = house.replaced()
    again = Attached(later, ann.card, seen)
    assert again.settled == [] and again.outlet.everything == []
    later.settle()
    assert again.texts() == ["one"]


def test_nobody_comes_or_goes_until_the_time_to_come_back_is_over(house: BareHouse) -> None:
    ann, bob = house.join("ann", "lobby", "den"), house.join("bob")
    later = house.replaced()
    ann = ann.attaches(later)
    listed = ann.answer(ListPeople("lobby"), Who)
    assert [(one.nick, one.connected) for one in listed.people] == [("ann", True), ("bob", False)]
    later.advance(later.limits.grace - 1)
    assert later.kinds() == [Joined, Joined]
    later.advance(2)
    assert later.stored()[2:] == [
        Left("lobby", later.clock.seconds() - 1, bob.person.identity, "bob", "connection lost")
    ]
    assert later.kinds("den") == [Joined] and set(later.core.people) == {ann.person.identity}
    assert ann.shown(Left) and later.core.nicks.get("bob") is None
    assert not later.hub.absent.since < later.clock.seconds()


def test_who_they_are_is_as_it_was(house: BareHouse) -> None:
    ann, bob = house.join("ann", "lobby", "den", asks=True), house.join("bob")
    ann.asks(GoAway("tea"))
    ann.asks(Ignore("eve"))
    ann.asks(ShowOthers("off"))
    ann.asks(Join("lobby"))
    bob.asks(Whisper("ann", "psst"))
    ann.person.bot, ann.person.username, ann.person.realname = True, "a", "Ann Arbor"
    before = ann.session
    house.advance(5)
    later = house.replaced()
    ann, bob = ann.attaches(later, asks=True), bob.attaches(later)
    session, person = ann.session, ann.person
    assert (session.current, session.number, session.since) == (before.current, 1, before.since)
    assert session.current == "lobby" and person.since == before.person.since
    assert (person.away, person.preferences) == ("tea", before.person.preferences)
    assert (person.bot, person.username, person.realname) == (True, "a", "Ann Arbor")
    assert person.ignored == {"eve": "eve"} and ann.outlet.preferences == person.preferences
    assert (ann.outlet.viewer, ann.outlet.session, ann.outlet.rooms) == (person.identity, "", 2)
    assert not ann.outlet.everything
    ann.asks(Whisper("bob", "what?"))
    assert bob.shown(Whispered)[-1].text == "what?"
    assert person.correspondent == bob.person.identity


def test_an_account_gets_what_its_records_have_and_all_its_sessions_in_any_order(house: BareHouse) -> None:
    boss, tab = (house.owner("boss", "lobby", "dev") for _ in range(2))
    boss.asks(Ignore("eve"))
    boss.asks(ListSessions())
    later = house.replaced()
    absent = next(iter(later.core.people.values()))
    assert absent.account is None
    tab_again, boss_again = tab.attaches(later), boss.attaches(later)
    person = boss_again.person
    assert person is tab_again.person is absent and person.account is later.core.accounts.of("boss")
    assert len(person.sessions) == 2 and set(person.seats) == {"lobby", "dev"}
    for one, former in ((boss_again, boss), (tab_again, tab)):
        assert not one.outlet.everything and one.outlet.session == one.session.mark
        assert (one.session.mark, one.session.number) == (former.session.mark, former.session.number)
        assert one.session.login == former.session.login and later.core.accounts.proven(
            later.hub.tokens.proof_of(one.session)
        )
    assert person.ignored == {"eve": "eve"} and boss_again.outlet.preferences.ignore == ("eve",)
    boss_again.says("one", room="lobby")
    assert tab_again.texts() == ["one"]
    later.advance(later.limits.grace + 1)
    assert len(person.sessions) == 2 and later.kinds() == [Joined, Said]


def test_a_moderator_still_is_one(house: BareHouse) -> None:
    ann, bob = house.join("ann", "den"), house.join("bob", "den")
    later = house.replaced()
    ann, bob = ann.attaches(later), bob.attaches(later)
    ann.asks(Kick("bob"))
    assert later.kinds("den")[-2:] == [Kicked, Left] and not bob.person.seats


@pytest.mark.parametrize("asks", [True, False])
def test_who_was_removed_stays_out_and_is_shown_that(house: BareHouse, asks: bool) -> None:
    ann, bob = house.join("ann", "den"), house.join("bob", "lobby", "den", asks=asks)
    card, seen = bob.card, bob.seen
    ann.says("go")
    ann.asks(Kick("bob"))
    ann.says("gone")
    later = house.replaced()
    bob = bob.attaches(later, card=card, seen=seen, asks=asks)
    shown = [event for _, event in bob.outlet.events]
    assert [type(event) for event in shown] == [Said, Kicked, Left] and not bob.is_in("den")
    assert [one.text for one in bob.shown(Notice)] == [
        "You are no longer in #den. You have no current room: /join one to go on. You are still in #lobby."
    ] * asks
    assert bob.session.current == ""
    ann.attaches(later).says("still")
    assert "still" not in bob.texts("den") and not later.room("den").seats.get(bob.person.identity)


def test_a_room_that_was_left_long_ago_is_shown_no_further(house: BareHouse) -> None:
    ann, bob = house.join("ann", "den"), house.join("bob", "den", "lobby")
    bob.asks(Leave("den"))
    ann.says("gone")
    seen = bob.seen
    assert "den" in seen
    later = house.replaced()
    assert not bob.attaches(later, seen=seen, asks=True).outlet.everything


def test_who_is_banned_may_not_go_on(house: BareHouse) -> None:
    root, ann = house.owner("root1", admin=True), house.join("ann", address="192.0.2.1")
    card = ann.card
    root.asks(BanFromServer("192.0.2.0/24"))
    later = house.replaced()
    again = ann.attaches(later, card=card, seen={}, address="192.0.2.1")
    assert type(again.refused) is BannedHere and "banned" in str(again.refused)
    assert [one.person.nick for one in later.hub.sessions if one.connected] == []


def test_who_is_banned_from_a_room_leaves_it(house: BareHouse) -> None:
    ann, bob = house.join("ann", "den"), house.join("bob", "den", "lobby", address="192.0.2.1")
    later = house.replaced()
    ann = ann.attaches(later)
    ann.asks(Ban("192.0.2.0/24"))
    bob = bob.attaches(later, address="192.0.2.1")
    assert not bob.is_in("den") and bob.is_in("lobby")


def test_a_login_that_has_ended_stays_ended(house: BareHouse) -> None:
    boss, tab = (house.owner("boss", "lobby") for _ in range(2))
    cards = tab.card, boss.card
    boss.asks(ListSessions("end", "others"))
    boss.asks(LogOut())
    later = house.replaced()
    for card in cards:
        assert type(boss.attaches(later, card=card, seen={}).refused) is CannotResume
    assert boss.attaches(later).refused is None


def test_a_guests_card_from_before_the_login_is_worth_nothing_after(house: BareHouse) -> None:
    house.account("boss")
    ann = house.join("ann")
    card = ann.card
    ann.asks(LogIn("boss", PASSWORD))
    later = house.replaced()
    again = ann.attaches(later)
    assert again.refused is None and again.person.account is not None
    assert type(ann.attaches(later, card=card, seen={}).refused) is CannotResume


def test_no_two_sessions_have_one_id_when_a_guest_goes_on_who_has_logged_in_elsewhere(house: BareHouse) -> None:
    boss, ann = house.owner("boss"), house.join("ann")
    card, seen = ann.card, ann.seen
    ann.asks(LogIn("boss", PASSWORD))
    assert ann.session.id == ann.session.mark != boss.session.id
    later = house.replaced()
    guest = ann.attaches(later, card=card, seen=seen)
    guest.asks(Join("lobby"))
    boss_again, ann_again = boss.attaches(later), ann.attaches(later)
    assert guest.session.id == ann.session.id and guest.person.account is None
    assert ann_again.person is boss_again.person is not guest.person
    everyone = [guest, boss_again, ann_again]
    assert len({one.session.id for one in everyone}) == 3
    boss_again.says("one")
    assert [one.texts() for one in everyone] == [["one"]] * 3


@pytest.mark.parametrize("broken", [False, True])
def test_who_becomes_somebody_else_stays_in_their_rooms(house: BareHouse, broken: bool) -> None:
    house.account("boss")
    ann, bob = house.join("ann", "lobby", "den", resumes=True), house.join("bob", "den")
    guest, tab = house.hub.tokens.of(ann.session), house.connect(resumes=True)
    tab.asks(Hello("ann", resume=guest, attach=True))
    seen = tab.seen
    tab.asks(LogIn("boss", PASSWORD))
    bob.says("one", room="den")
    card = tab.card
    house.advance(5)
    later = house.replaced()
    taken = later.connect(resumes=True)
    taken.asks(Hello("ann", resume=guest))
    later.journal.broken = JournalError("the disk is full") if broken else None
    again = tab.attaches(later, card=card, seen=seen)
    assert again.person is not taken.person and again.person.account is not None
    assert again.is_in("den") is not broken
    if broken:
        assert {one.code for one in again.shown(Refused)} == {"not_stored"}
        return
    bob.attaches(later).says("two", room="den")
    assert again.texts("den") == ["one", "two"] and again.session.current == "den"
    assert [event for event in again.outlet.events if type(event[1]) is Joined]


def test_a_session_that_was_resumed_meanwhile_is_not_taken_away_again(house: BareHouse) -> None:
    ann = house.join("ann", resumes=True)
    later = house.replaced()
    resumed = ann.returns(later, seen=ann.seen)
    assert type(ann.attaches(later).refused) is CannotResume
    assert resumed.session.connected and resumed.nick == "ann"


def test_a_token_continues_an_account_that_nobody_has_proven_yet(house: BareHouse) -> None:
    boss = house.owner("boss", "lobby", resumes=True)
    later = house.replaced()
    again = later.connect(resumes=True)
    again.asks(Hello("boss", resume=later.hub.tokens.of(boss.session), seen=boss.seen))
    assert again.person.account is not None and again.nick == "boss" and again.is_in("lobby")
    assert later.kinds() == [Joined]


def test_an_owner_who_logs_in_first_is_one_with_who_comes_back(house: BareHouse) -> None:
    boss = house.owner("boss", "lobby")
    later = house.replaced()
    owner = later.owner("boss")
    again = boss.attaches(later)
    assert again.person is owner.person and len(owner.person.sessions) == 2
    assert [one.person for one in later.hub.absent._sessions] == []
    later.advance(later.limits.grace + 1)
    inside = {event.by for event in later.stored() if type(event) is Joined}
    inside -= {event.by for event in later.stored() if type(event) is Left}
    assert inside == {owner.person.identity} == set(later.room().seats)


@pytest.mark.parametrize("card", ["", "x", "0" * 32 + "{}"])
def test_what_no_house_has_signed_is_no_card(house: BareHouse, card: str) -> None:
    later = house.replaced()
    assert type(Attached(later, card, {}).refused) is CannotResume
    assert not later.hub.sessions


def test_who_was_in_no_room_is_somebody_still(house: BareHouse) -> None:
    ann = house.join("ann")
    ann.asks(Leave("lobby"))
    later = house.replaced()
    again = ann.attaches(later)
    assert again.nick == "ann" and again.person.identity == ann.person.identity and not again.person.seats
    assert not again.outlet.everything
    again.asks(Join("den"))
    assert again.shown(Joined)


def test_a_nick_that_another_has_taken_is_replaced(house: BareHouse) -> None:
    ann = house.join("ann")
    ann.asks(Leave("lobby"))
    later = house.replaced()
    later.join("ann")
    again = ann.attaches(later)
    assert again.nick == "ann2" and again.shown(NickChanged) == [NickChanged("ann2")]


def test_of_two_who_have_one_nick_in_the_journal_the_second_is_renamed(house: BareHouse) -> None:
    ann = house.join("ann")
    house.journal.append(Joined("lobby", 1.0, "zzz", "ann"))
    house.settle()
    later = house.replaced()
    later.settle()
    assert sorted(one.nick for one in later.core.people.values()) == ["ann", "ann2"]
    assert later.kinds()[-1] is Renamed
    assert ann.attaches(later).nick in ("ann", "ann2")


def test_a_stranger_under_a_registered_nick_is_asked_to_log_in_again(house: BareHouse) -> None:
    house.account("boss")
    stranger = house.join("boss")
    later = house.replaced()
    again = stranger.attaches(later)
    assert [one.about for one in again.shown(Notice)] == ["registered"]
    later.advance(later.limits.login_within + 1)
    assert again.nick == "boss2"


# What was asked and not answered.


@pytest.mark.parametrize(
    "asked",
    [Say("hi"), Join("den"), Leave("lobby"), Rename("anna"), Whisper("bob", "psst"), Kick("bob", "", "dev")],
    ids=lambda one: type(one).__name__,
)
@pytest.mark.parametrize("set_back", [0, 1000])
def test_what_was_stored_is_settled_and_what_was_not_is_not(house: BareHouse, asked: Any, set_back: float) -> None:
    ann, bob = house.join("ann", "dev", "lobby"), house.join("bob", "dev", "lobby")
    card, seen = ann.card, ann.seen
    since = house.clock.seconds() + set_back
    ann.session.receive(asked, None, "sid.1")
    house.settle()
    for _ in range(250):
        bob.begins(Say("chat", "lobby"))
    house.settle()
    later = house.replaced()
    again = ann.attaches(later, card=card, seen=seen, unsettled=["sid.1", "sid.2"], since=since)
    assert again.settled == ["sid.1"]
    assert ann.person.nick == again.nick
    seqs = [(event.room, seq) for seq, event in again.outlet.events]
    assert len(seqs) == len(set(seqs))
    asks = {(event.room, event.ask) for _, event in again.outlet.events if event.ask}
    assert len(asks) == len([event for _, event in again.outlet.events if event.ask]) >= 1


def test_what_was_on_its_way_when_the_house_was_killed_is_not_settled(house: BareHouse) -> None:
    ann = house.join("ann")
    card, seen = ann.card, ann.seen
    ann.session.receive(Say("hi"), None, "sid.1")
    again = ann.attaches(house.replaced(), card=card, seen=seen, unsettled=["sid.1"])
    assert again.settled == [] and not again.texts()


@pytest.mark.parametrize("decided", [True, False])
def test_who_is_back_before_their_departure_could_be_stored_has_not_left(house: BareHouse, decided: bool) -> None:
    ann, bob = house.join("ann", "den"), house.join("bob", "den")
    card, seen = ann.card, ann.seen
    house.journal.broken = JournalError("the disk is full")
    house.hub.end(ann.session, "connection lost")
    if decided:
        house.settle()
    again = Attached(house, card, seen)
    house.settle()
    assert again.settled == [] and again.is_in("den") and again.nick == "ann"
    house.journal.broken = None
    house.advance(10)
    again.says("one")
    bob.says("two")
    assert house.kinds("den") == [Joined, Joined, Said, Said]
    assert again.texts("den") == bob.texts("den") == ["one", "two"]
    den = house.room("den")
    assert den.is_operator(again.person) and not den.is_operator(bob.person)


class DoorLink:
    """A link to a door, which remembers what it is told of rooms."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def follow(self, outlet: Any, room: str, seq: int) -> None:
        self.told.append(("live", room))

    def unfollow(self, outlet: Any, room: str) -> None:
        self.told.append(("unlive", room))

    def leave(self, outlet: Any, room: str) -> None:
        self.told.append(("left", room))


def test_a_door_does_not_forget_a_room_in_which_somebody_is_seated_again(house: BareHouse) -> None:
    ann, link = house.join("ann"), DoorLink()
    card, seen = ann.card, ann.seen
    house.journal.broken = JournalError("the disk is full")
    house.hub.end(ann.session, "connection lost")
    house.settle()
    Attached(house, card, seen, link=link)
    house.settle()
    assert link.told == [("live", "lobby")]


def test_who_was_just_coming_into_a_room_is_shown_it_from_there_on(house: BareHouse) -> None:
    bob, ann = house.join("bob", "den"), house.join("ann")
    card, seen = ann.card, ann.seen
    bob.says("before", room="den")
    ann.session.receive(Join("den"), None, "sid.1")
    house.settle()
    bob.says("after", room="den")
    later = house.replaced()
    again = ann.attaches(later, card=card, seen=seen, unsettled=["sid.1"])
    assert again.settled == ["sid.1"] and again.session.current == "den"
    [entered] = again.shown(RoomEntered)
    assert (entered.room, entered.recent) == ("den", ())
    assert [type(event) for _, event in again.outlet.events] == [Joined, Said]


def test_a_first_private_message_that_was_never_delivered_is(house: BareHouse) -> None:
    ann, bob = house.join("ann"), house.join("bob")
    seen = bob.seen
    ann.asks(Whisper("bob", "psst"))
    later = house.replaced()
    bob, ann = bob.attaches(later, seen=seen), ann.attaches(later)
    assert [one.text for one in bob.shown(Whispered)] == ["psst"]
    ann.asks(Whisper("bob", "well?"))
    assert [one.text for one in bob.shown(Whispered)] == ["psst", "well?"]
    assert [one.text for one in ann.shown(Whispered)] == ["well?"]


def test_conversations_go_on_after_what_was_shown(house: BareHouse) -> None:
    ann, bob = house.join("ann"), house.join("bob")
    ann.asks(Whisper("bob", "one"))
    seen = bob.seen
    ann.asks(Whisper("bob", "two"))
    later = house.replaced()
    ann, bob = ann.attaches(later), bob.attaches(later, seen=seen)
    assert [one.text for one in bob.shown(Whispered)] == ["two"] and not ann.shown(Whispered)


def test_a_journal_that_cannot_be_read_for_a_while_delays_it(house: BareHouse) -> None:
    ann = house.join("ann")
    later = house.replaced()
    later.journal.unreadable = True
    again = ann.attaches(later, unsettled=["sid.1"])
    later.advance(2)
    assert again.settled is None and again.refused is None
    later.journal.unreadable = False
    later.advance(2)
    assert again.settled == [] and later.kinds() == [Joined]
    again.says("hi")
    assert again.texts() == ["hi"]


# Anything.

ROOMS = ("lobby", "den", "dev")


class Evening:
    """People who do anything, in a house that is killed, and in the next one."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice
        self.house = BareHouse()
        self.people = [self.house.join(nick, *dice.sample(ROOMS, 2)) for nick in ("ann", "bob", "eve")]
        self.people += [self.house.owner("boss", "lobby", "den") for _ in range(2)]
        self.words = 0

    def acts(self, what: Sequence[str]) -> None:
        """Let somebody do one of these."""
        if not self.people:
            return
        one = self.dice.choice(self.people)
        if one.session.gone or one.session.house is not self.house.hub or not one.session.connected:
            return
        others = [other.nick for other in self.people if other.person.identity != one.person.identity]
        rooms = [*one.person.room_names()]
        self.words += 1
        act = self.dice.choice(what)
        if not others and act in ("whisper", "kick"):
            return
        if act == "whisper":
            one.asks(Whisper(self.dice.choice(others), f"w{self.words}"))
        elif act == "rename":
            one.asks(Rename(f"nick{self.words}"))
        elif act == "join":
            one.asks(Join(self.dice.choice(ROOMS)))
        elif act == "log in":
            one.asks(LogIn("boss", PASSWORD))
        elif rooms and act == "leave":
            one.asks(Leave(self.dice.choice(rooms)))
        elif rooms and act == "kick":
            one.asks(Kick(self.dice.choice(others), "", self.dice.choice(rooms)))
        elif rooms:
            one.asks(Say(f"s{self.words}", self.dice.choice(rooms)))


TALK = ("say", "say", "whisper", "rename", "kick", "leave")


@pytest.mark.slow
@given(st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_everybody_sees_everything_once_and_in_order_whatever_happens(seed: int) -> None:
    dice = Random(seed)
    evening = Evening(dice)
    for _ in range(dice.randrange(25)):
        evening.acts((*TALK, "join", "log in"))
    # From here on nothing reaches a door.
    kept = [(one, one.card, one.seen) for one in evening.people]
    for _ in range(dice.randrange(15)):
        evening.acts((*TALK, "join"))
    former = {name: len(evening.house.stored(name)) for name in ROOMS}
    house = evening.house = evening.house.replaced()
    assert {name: len(house.stored(name)) for name in ROOMS} == former
    dice.shuffle(kept)
    evening.people = []
    attached: list[tuple[Attached, dict[str, int]]] = []
    for one, card, seen in kept:
        again = one.attaches(house, card=card, seen=seen)
        assert again.refused is None
        attached.append((again, seen))
        evening.people.append(again)
        for _ in range(dice.randrange(4)):
            evening.acts(TALK)
    house.advance(house.limits.grace + 1)
    for again, seen in attached:
        check_shown(house, again, seen)
    for name in ROOMS:
        present = {one.identity for one in house.journal.open(house.hub.ledger, keep=True) if one.room == name}
        seated = house.hub.rooms.get(name)
        assert present == set(seated.seats if seated else ())
        assert all(one.reason != "connection lost" for one in house.stored(name) if type(one) is Left)


def check_shown(house: BareHouse, one: Attached, seen: Mapping[str, int]) -> None:
    """Check that *one* was shown all that came after *seen*: elsewhere than where they are, until they left."""
    identity = one.person.identity
    talks = [name for name in house.journal._rooms if other_party(name, one.person.party)]
    for name in (*ROOMS, *talks):
        events = list(enumerate(house.stored(name), 1))
        moves = [(seq, event) for seq, event in events if event.by == identity and type(event) in (Joined, Left)]
        start = seen.get(name, 0 if name in talks else moves[-1][0] - 1 if moves else len(events))
        left = bool(moves) and type(moves[-1][1]) is Left
        end = moves[-1][0] if left else len(events) if moves or name in talks else start
        wanted = [seq for seq, _ in events if start < seq <= end]
        if left and (name not in seen or (start, Left) in [(seq, type(event)) for seq, event in moves]):
            # No door had heard that they were in it, unless they left it in this house.
            came = [seq for seq, event in moves if type(event) is Joined][-1]
            assert one.seqs(name) in ([], list(range(came, end + 1)), wanted), name
        else:
            assert one.seqs(name) == wanted, name
        assert one.is_in(name) or left or not moves
