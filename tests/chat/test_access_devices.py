"""Devices: further sessions of one person, how they come and go, and what each is shown."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred

from chatroom.chat.commands.accounts import ChangePassword, LogIn, LogOut
from chatroom.chat.commands.devices import ListSessions
from chatroom.chat.commands.identity import Hello, Rename
from chatroom.chat.commands.messages import Say, Whisper
from chatroom.chat.commands.moderation import Ban, Kick
from chatroom.chat.commands.preferences import GoAway, Ignore
from chatroom.chat.commands.rooms import Join, Leave
from chatroom.chat.commands.server import Quit
from chatroom.chat.commands.server_admin import BanFromServer
from chatroom.chat.events import Batch, Joined, Left, Said
from chatroom.chat.ports import JournalError
from chatroom.chat.replies import (
    Gap,
    Goodbye,
    LoggedIn,
    LoggedOut,
    NickChanged,
    Notice,
    PasswordWanted,
    Preferences,
    Refused,
    RoomEntered,
    Welcome,
)

from .bare import PASSWORD, Bare, BareHouse


@pytest.fixture
def ann(house: BareHouse) -> Bare:
    return house.join("ann", "lobby", "dev", resumes=True, address="192.0.2.1")


@pytest.fixture
def bob(house: BareHouse) -> Bare:
    return house.join("bob", "lobby", "dev")


def attached(house: BareHouse, to: Bare, **outlet: object) -> Bare:
    """Let a further session of *to* come in."""
    further = house.connect(**{"resumes": True, **outlet})
    further.asks(Hello("x", resume=to.token, attach=True))
    return further


def marks(one: Bare) -> list[tuple[str, str | None, bool]]:
    """What was said that *one* was shown: the text, its ref, and whether this session said it."""
    return [
        (event.text, event.ref, event.origin == one.session.id)
        for _, event in one.outlet.events
        if isinstance(event, Said)
    ]


def test_a_further_session_is_the_same_person_in_the_same_rooms(house, ann, bob):
    tab = attached(house, ann)
    assert tab.person is ann.person and [one.number for one in ann.person.sessions] == [1, 2]
    assert {one.room for one in tab.shown(RoomEntered)} == {"lobby", "dev"}
    assert not tab.shown(Welcome)[0].resumed and tab.token != ann.token
    assert house.kinds().count(Joined) == 2, "nobody hears of it"


def test_what_one_says_the_other_knows_to_be_anothers(house, ann):
    tab = attached(house, ann)
    ann.asks(Say("one", "dev"), "a")
    tab.asks(Say("two", "dev"), "a")
    assert marks(ann) == [("one", "a", True), ("two", "a", False)]
    assert marks(tab) == [("one", "a", False), ("two", "a", True)]


def test_rooms_nick_away_and_ignoring_follow_and_the_current_room_does_not(house, ann, bob):
    tab = attached(house, ann)
    ann.asks(Join("attic"))
    assert tab.is_in("attic") and tab.session.current == "dev" and ann.session.current == "attic"
    tab.asks(Rename("anna"))
    assert ann.shown(NickChanged)[-1].nick == "anna"
    ann.asks(GoAway("lunch"))
    assert "away" in tab.shown(Notice)[-1].text
    tab.asks(Ignore("bob"))
    assert "bob" in ann.outlet.ignored and ann.shown(Preferences)[-1].ignore == ("bob",)
    tab.asks(Leave("attic"))
    assert not ann.is_in("attic") and ann.session.current == ""


def test_private_messages_reach_every_session(house, ann, bob):
    tab = attached(house, ann)
    bob.asks(Whisper("ann", "psst"))
    tab.asks(Whisper("bob", "what?"))
    for one in (ann, tab):
        assert [event.text for _, event in one.outlet.events if event.room[0] == "@"] == ["psst", "what?"]


def test_a_token_takes_its_own_session_over_and_no_other(house, ann):
    tab = attached(house, ann)
    again = tab.returns()
    assert again.shown(Welcome)[0].resumed and tab.session.gone and not ann.session.gone
    assert again.session.mark == tab.session.mark and len(ann.person.sessions) == 2


def test_a_session_whose_grace_is_over_comes_back_as_itself_while_others_stay(house, ann):
    tab = attached(house, ann)
    tab.asks(Say("one"), "a")
    seen = house.room().shown
    tab.breaks()
    house.advance(house.limits.grace + 1)
    assert ann.person.sessions == (ann.session,)
    ann.says("two", room="lobby")
    again = tab.returns(seen={"lobby": seen})
    assert again.session.mark == tab.session.mark and not again.shown(Welcome)[0].resumed
    assert again.texts() == ["two"] and house.kinds().count(Left) == 0


def test_the_last_session_takes_the_person_with_it(house, ann, bob):
    tab = attached(house, ann)
    goodbye = ann.answer(Quit(), Goodbye)
    assert "still here" in goodbye.text and not ann.person.gone and not bob.shown(Left)
    tab.asks(Quit("bye"))
    assert ann.person.gone and [left.reason for left in bob.shown(Left, "lobby")] == ["bye"]


def test_there_are_ten_and_broken_ones_make_room(house, ann):
    tabs = [attached(house, ann) for _ in range(9)]
    assert house.connect(resumes=True).refusal(Hello("x", resume=ann.token, attach=True)) == "too_many"
    tabs[3].breaks()
    more = attached(house, ann)
    assert more.person is ann.person and tabs[3].session.gone and len(ann.person.sessions) == 10


def test_budgets_are_the_persons(house):
    house = BareHouse(rate=1.0, burst=100)
    ann = house.join("ann", resumes=True)
    tab = attached(house, ann)
    before = ann.session.budget.level
    tab.session.budget.spend(30.0)
    assert ann.session.budget.level == pytest.approx(before - 30)


# Logging in and out.


def test_a_guest_who_logs_in_leaves_and_becomes_the_person(house, bob):
    boss = house.owner("boss", "lobby")
    guest = house.join("carl", "lobby", "den")
    guest.asks(LogIn("boss", PASSWORD))
    assert guest.person is boss.person and boss.is_in("den")
    assert [(left.nick, left.reason) for left in bob.shown(Left)] == [("carl", "logged in as boss")]
    assert guest.shown(NickChanged)[-1].nick == "boss" and not boss.shown(NickChanged)
    assert sorted(house.core.nicks) == ["bob", "boss"]


def test_all_tabs_of_the_guest_go_along(house, ann):
    boss, tab = house.owner("boss"), attached(house, ann)
    tab.asks(LogIn("boss", PASSWORD))
    assert ann.person is tab.person is boss.person and len(boss.person.sessions) == 3
    assert len({one.login for one in boss.person.sessions}) == 3
    assert house.connect().refusal(Hello("x", resume=ann.token)) == "cannot_resume"


def test_a_password_in_hello_attaches_at_once(house, bob):
    boss, second = house.owner("boss"), house.owner("boss")
    assert second.person is boss.person and second.shown(Welcome)[0].nick == "boss"
    assert [joined.nick for joined in bob.shown(Joined)].count("boss") == 1


def test_while_the_owner_is_here_the_nick_is_asked_for_first(house):
    boss = house.owner("boss")
    second = house.connect()
    wanted = second.answer(Hello("boss"), PasswordWanted)
    assert (wanted.command, wanted.nick, second.nick) == ("hello", "boss", "")
    second.asks(Hello("boss", password=""))
    assert second.nick == "boss2" and second.person is not boss.person


def test_logging_out_of_one_of_several_splits_it_off(house, bob):
    boss, second = house.owner("boss", "lobby"), house.owner("boss")
    out = second.answer(LogOut(), LoggedOut)
    assert second.person is not boss.person and boss.person.account is not None
    assert second.nick == "boss2" and second.is_in("lobby") and out.reason
    boss.says("still the boss", room="lobby")
    assert second.texts()[-1] == "still the boss"


def test_a_new_password_ends_the_others(house):
    boss, second = house.owner("boss", resumes=True), house.owner("boss", resumes=True)
    token = second.shown(LoggedIn)[-1].resume
    boss.asks(ChangePassword(PASSWORD, "another horse"))
    assert second.session.gone and second.shown(Goodbye)[-1].ended and not boss.session.gone
    assert house.connect().refusal(Hello("x", resume=token)) == "cannot_resume"


def test_an_account_that_is_deleted_elsewhere_makes_guests_of_all(house):
    boss, second = house.owner("boss"), house.owner("boss")
    house.change_from_outside(*boss.person.account.forgotten())
    assert boss.person is second.person and boss.person.account is None
    assert boss.shown(LoggedOut) and second.shown(LoggedOut)


def test_sessions_that_are_ended_do_not_come_back(house, ann):
    tab, other = attached(house, ann), attached(house, ann)
    ann.asks(ListSessions("end", "2"))
    assert tab.session.gone and not other.session.gone
    assert house.connect().refusal(Hello("x", resume=tab.token)) == "cannot_resume"
    ann.asks(ListSessions("end", "others"))
    assert other.session.gone and ann.person.sessions == (ann.session,)


# Being removed.


def test_a_kick_reaches_all_and_they_are_shown_nothing_more(house, ann, bob):
    tab = attached(house, ann)
    house.room("dev").state.operators = {bob.person.party: "bob"}
    bob.asks(Kick("ann", room="dev"))
    bob.says("without ann", room="dev")
    for one in (ann, tab):
        assert not one.is_in("dev") and one.texts("dev") == [] and one.session.current == ""


def test_bans_by_address_look_at_every_session(house, ann, bob):
    attached(house, ann, address="192.0.2.9")
    house.room("dev").state.operators = {bob.person.party: "bob"}
    bob.asks(Ban("192.0.2.9", room="dev"))
    assert not ann.is_in("dev") and ann.is_in("lobby")
    tab = attached(house, ann, address="198.51.100.7")
    house.owner("root1", admin=True).asks(BanFromServer("198.51.100.7"))
    assert ann.session.gone and tab.session.gone and ann.person.gone


def test_who_leaves_on_one_shows_another_that_is_behind_the_room_up_to_there(house, ann, bob):
    tab = attached(house, ann)
    tab.outlet.full = True
    bob.says("one", "two", room="dev")
    ann.asks(Leave("dev"))
    bob.says("after", room="dev")
    tab.outlet.drain()
    house.settle()
    assert tab.texts("dev") == ["one", "two"] and [left.nick for left in tab.shown(Left)] == ["ann"]


def test_a_session_that_comes_when_its_person_has_left_a_room_is_not_told_of_that(house, ann, bob):
    """Another session is still to be shown the departure."""
    ann.outlet.full = True
    bob.says("one", room="dev")
    ann.asks(Leave("dev"))
    tab = attached(house, ann)
    assert "dev" in ann.person.seats and "dev" not in [found.room for found in tab.shown(RoomEntered)]
    ann.outlet.drain()
    house.settle()
    assert not tab.is_in("dev") and not tab.shown(Left) and [left.nick for left in ann.shown(Left)] == ["ann"]


def test_who_comes_back_before_that_is_told_of_a_gap(house, ann, bob):
    tab = attached(house, ann)
    tab.outlet.full = True
    bob.says("one", "two", room="dev")
    ann.asks(Leave("dev"))
    ann.asks(Join("dev"))
    tab.outlet.drain()
    house.settle()
    [gap] = tab.shown(Gap, "dev")
    assert gap.first <= gap.last and tab.seqs("dev")[-1] == house.room("dev").shown


def test_the_disk_is_full_when_somebody_becomes_the_owner(house, bob):
    boss, guest = house.owner("boss", "lobby"), house.join("carl", "den")
    house.journal.broken = JournalError("the disk is full")
    guest.asks(LogIn("boss", PASSWORD))
    house.journal.broken = None
    house.advance(6)
    assert guest.shown(Refused) and not boss.person.gone
    assert guest.person in (boss.person, house.core.people.get(guest.person.identity))


def test_nobody_is_left_out_when_the_disk_is_full_while_they_become_the_owner(house):
    boss, _ = house.owner("boss", "lobby"), house.join("dora", "den")
    guest = house.join("carl", "lobby", "den", resumes=True)
    tab = attached(house, guest)
    guest.begins(LogIn("boss", PASSWORD))
    house.journal.broken = JournalError("the disk is full")
    house.settle()
    house.journal.broken = None
    house.advance(6)
    assert guest.person is boss.person is tab.person
    boss.says("hello")
    assert "hello" in guest.texts() and "hello" in tab.texts()


def test_a_command_that_waited_runs_only_when_its_person_has_become_the_owner(house, bob):
    boss, guest = house.owner("boss", "lobby"), house.join("carl", "lobby", resumes=True)
    tab = attached(house, guest)
    tab.outlet.full = True
    bob.says("enough", room="lobby")
    tab.asks(Say("late", "lobby"))
    tab.asks(ListSessions("end", "Others"))
    assert tab.session.busy, "it waits until it is shown its own line"
    guest.asks(LogIn("boss", PASSWORD))
    assert not tab.session.busy and boss.session.gone
    assert tab.person.account is not None and tab.person.sessions == (tab.session,)


def test_a_ref_comes_back_to_its_session_after_that_has_become_somebody_elses(house):
    house.owner("boss", "den")
    guest = house.join("carl", "lobby", resumes=True)
    tab = attached(house, guest)
    tab.asks(Say("mine"), ref="r1")
    [line] = [(seq, event) for seq, event in tab.outlet.events if isinstance(event, Said)]
    batch = Batch("lobby", line[0], [line[1]])
    tab.asks(LogIn("boss", PASSWORD))
    assert tab.session.outlet.viewer not in batch.authors and tab.session.id in batch.authors


def test_tokens_of_two_sessions_survive_a_restart(house, ann):
    tab = attached(house, ann)
    later = house.restarted()
    first = ann.returns(later)
    second = tab.returns(later)
    assert first.person is second.person and first.nick == "ann"
    assert (first.session.mark, second.session.mark) == ("", tab.session.mark)


# A session that ends while its command is on the way to the journal: no other one takes what was meant for it.


@pytest.fixture
def laptop(house: BareHouse) -> Bare:
    return house.owner("dora", "lobby", "dev")


@pytest.fixture
def phone(house: BareHouse, laptop: Bare) -> Bare:
    return house.owner("dora")


def test_logging_out_and_ending_at_once_logs_no_other_out(house, laptop, phone):
    laptop.begins(LogOut())
    laptop.breaks()
    assert not phone.shown(LoggedOut) and phone.person.account is not None and phone.nick == "dora"


def test_a_session_that_ends_as_it_is_ended_takes_no_other_along(house, laptop, phone):
    tablet = house.owner("dora")
    laptop.begins(ListSessions("end", str(phone.session.number)))
    tablet.begins(Say("the last one that was active", "lobby"))
    phone.breaks()
    assert phone.session.gone and not tablet.outlet.closed and not laptop.outlet.closed


def test_the_current_room_of_another_does_not_change_when_one_joins_and_ends(house, laptop, phone):
    phone.asks(Join("dev"))
    laptop.begins(Join("ops"))
    laptop.breaks()
    assert phone.is_in("ops") and phone.session.current == "dev"


def test_no_room_is_chosen_for_another_when_one_leaves_and_ends(house, laptop, phone):
    phone.asks(Join("dev"))
    laptop.begins(Leave("dev"))
    laptop.breaks()
    assert not phone.is_in("dev") and phone.session.current == ""


def test_a_room_that_was_left_since_is_not_entered_again(house, ann, bob):
    session = ann.session
    session.catch_up.know({"den": 0, "attic": 0})
    ann.asks(Join("den"))
    ann.asks(Leave("den"))
    Deferred.fromCoroutine(house.hub.devices.enter_again(session))
    house.settle()
    assert ann.is_in("attic") and not ann.is_in("den")
    assert ann.seqs("den") == [1, 2]


def test_who_comes_again_is_shown_nothing_again_of_what_another_connection_had_missed(house, ann, bob):
    bob.asks(Join("den"))
    bob.says("one", "two")
    session = ann.session
    # As while it comes in, when another session of the same person may enter a room and leave it.
    session.missed_since = {"den": 1, "attic": 0}
    for command in (Join("den"), Leave("den"), Join("den")):
        ann.asks(command)
    assert ann.seqs("den") == [2, 3, 4, 5, 6]
    assert session.missed_since == {"attic": 0}
