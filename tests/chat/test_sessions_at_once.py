"""Several sessions of one person: whatever happens in the same moment as one comes, no ghost is left."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from twisted.internet.task import Clock

from chatroom.chat.commands.accounts import ChangePassword, LogIn, LogOut, Register, ShowAccount
from chatroom.chat.commands.devices import ListSessions
from chatroom.chat.commands.identity import Hello, Rename
from chatroom.chat.commands.moderation import Ban, Kick
from chatroom.chat.commands.reading import MarkRead
from chatroom.chat.commands.rooms import Join, Leave
from chatroom.chat.commands.server import Quit
from chatroom.chat.commands.server_admin import BanFromServer
from chatroom.chat.events import Left
from chatroom.chat.fair_queue import FairQueue
from chatroom.chat.ports import JournalError
from chatroom.chat.replies import LoggedIn, Refused, RoomEntered

from .bare import PASSWORD, Bare, BareHouse, LoudRuntime

MEANWHILE: dict[str, Callable[[BareHouse, Bare, Bare], None]] = {
    "kicked": lambda house, ann, boss: ann.begins(Kick("boss", room="dev")),
    "banned": lambda house, ann, boss: ann.begins(Ban("boss", room="dev")),
    "banned by account": lambda house, ann, boss: ann.begins(Ban("account:boss", room="dev")),
    "banned from the server": lambda house, ann, boss: house.owner("root1", admin=True).begins(
        BanFromServer("account:boss")
    ),
    "deleted": lambda house, ann, boss: boss.begins(ShowAccount("delete", PASSWORD)),
    "deleted by another program": lambda house, ann, boss: house.change_from_outside(
        *house.core.accounts.of("boss").forgotten()
    ),
    "another password": lambda house, ann, boss: boss.begins(ChangePassword(PASSWORD, "another horse")),
    "logged out": lambda house, ann, boss: boss.begins(LogOut()),
    "ending the others": lambda house, ann, boss: boss.begins(ListSessions("end", "others")),
    "leaving": lambda house, ann, boss: boss.begins(Leave("dev")),
    "joining": lambda house, ann, boss: boss.begins(Join("attic")),
    "quitting": lambda house, ann, boss: boss.begins(Quit()),
    "renamed": lambda house, ann, boss: boss.begins(Rename("chief")),
    "taken over": lambda house, ann, boss: house.connect(resumes=True).begins(Hello("boss", resume=boss.token)),
    "a broken disk": lambda house, ann, boss: setattr(house.journal, "broken", JournalError("the disk is full")),
    "read": lambda house, ann, boss: boss.begins(MarkRead("dev", 1)),
}
"""What may happen in the moment in which a further session of boss comes."""

COMING: dict[str, Callable[[BareHouse, Bare, Bare], Bare]] = {
    "by a password": lambda house, boss, guest: begun(house.connect(resumes=True), Hello("boss", password=PASSWORD)),
    "by a token": lambda house, boss, guest: begun(
        house.connect(resumes=True), Hello("boss", resume=boss.token, attach=True, seen={"dev": 1})
    ),
    "as a guest who logs in": lambda house, boss, guest: begun(guest, LogIn("boss", PASSWORD)),
}
"""How the further session may come."""


def begun(one: Bare, command: object) -> Bare:
    one.begins(command)
    return one


def check_no_ghosts(house: BareHouse, *everybody: Bare) -> None:
    """Check that sessions, people, seats and what everybody was shown agree."""
    for person in house.core.people.values():
        assert person.sessions and not any(one.gone or one.person is not person for one in person.sessions)
        assert all(house.room(name).seats[person.identity] is seat for name, seat in person.seats.items())
    for room in house.hub.rooms:
        assert all(house.core.people.get(identity) is seat.person for identity, seat in room.seats.items())
        assert not (room.users or room.pending)
    for one in everybody:
        if one.session.gone or not one.session.connected:
            continue
        assert not one.session.busy
        assert set(one.session.catch_up.cursors) == set(one.person.seats)
        assert one.session.current in ("", *one.person.seats)
        # Nothing is shown twice or left out: after a room is entered, its events come one after another.
        for name in one.person.seats:
            seqs = one.seqs(name)
            assert seqs == sorted(set(seqs)) and seqs[-1:] in ([house.room(name).shown], [])
            assert name in {found.room for found in one.shown(RoomEntered)}


@pytest.mark.parametrize("first", ["comes first", "comes second"])
@pytest.mark.parametrize("coming", COMING)
@pytest.mark.parametrize("meanwhile", MEANWHILE)
def test_a_session_may_come_in_any_moment(house: BareHouse, coming: str, meanwhile: str, first: str) -> None:
    ann = house.join("ann", "dev")
    boss = house.owner("boss", "lobby", "dev", resumes=True)
    tab = house.owner("boss", resumes=True)
    guest = house.join("guest", "dev", "den", resumes=True)
    if first == "comes first":
        further = COMING[coming](house, boss, guest)
        MEANWHILE[meanwhile](house, ann, boss)
    else:
        MEANWHILE[meanwhile](house, ann, boss)
        further = COMING[coming](house, boss, guest)
    house.settle()
    house.journal.broken = None
    house.advance(40)
    everybody = (ann, boss, tab, guest, further)
    check_no_ghosts(house, *everybody)
    for one in everybody:
        one.session.quit("")
    house.settle()
    house.advance(40)
    assert all(one.session.gone for one in everybody)
    for room in ("lobby", "dev", "den", "attic"):
        inside: dict[str, int] = {}
        for event in house.stored(room):
            inside[event.by] = inside.get(event.by, 0) + {"joined": 1, "left": -1}.get(event.type, 0)
        present = house.hub.rooms.get(room)
        assert {by for by, count in inside.items() if count} == set(present.seats if present else ())


def test_ten_sessions_come_at_once_and_the_eleventh_is_refused(house: BareHouse) -> None:
    house.account("boss")
    many = [house.connect(resumes=True) for _ in range(11)]
    for one in many:
        one.begins(Hello("boss", ("lobby", "dev"), password=PASSWORD))
    house.settle()
    inside = [one for one in many if one.person.account is not None]
    assert len(inside) == 10 and {one.person for one in inside} == {inside[0].person}
    assert house.stored("dev")[0].by == inside[0].person.identity and len(house.stored("dev")) == 1
    check_no_ghosts(house, *inside)


def test_two_guests_log_in_to_one_account_at_once(house: BareHouse) -> None:
    house.account("boss")
    one, other = house.join("one", "lobby", "dev"), house.join("other", "dev", "den")
    for guest in (one, other):
        guest.begins(LogIn("boss", PASSWORD))
    house.settle()
    assert one.person is other.person and set(one.person.seats) == {"lobby", "dev", "den"}
    assert [left.by for left in house.stored("dev") if type(left) is Left] == [house.stored("dev")[1].by]
    check_no_ghosts(house, one, other)


def test_the_owner_leaves_while_a_guest_logs_in(house: BareHouse) -> None:
    boss, guest = house.owner("boss", "lobby"), house.join("guest", "dev")
    guest.begins(LogIn("boss", PASSWORD))
    boss.begins(Quit())
    house.settle()
    assert boss.session.gone and guest.person.account is not None and guest.shown(LoggedIn)
    check_no_ghosts(house, guest)


@pytest.mark.parametrize("act", [Leave("dev"), LogOut(), Join("attic"), ListSessions("end", "others")])
def test_a_disk_that_is_full_changes_nothing(house: BareHouse, act: object) -> None:
    boss, tab = (house.owner("boss", "dev", resumes=True) for _ in range(2))
    house.journal.broken = JournalError("the disk is full")
    assert type(boss.asks(act)[-1]) is Refused
    house.journal.broken = None
    house.advance(40)
    assert boss.person is tab.person and boss.person.account is not None and set(boss.person.seats) == {"dev"}
    check_no_ghosts(house, boss, tab)


def test_rooms_and_sessions_go_on_after_a_restart(house: BareHouse) -> None:
    boss, tab = (house.owner("boss", "lobby", "dev", resumes=True) for _ in range(2))
    boss.says("one", room="dev")
    seen = {"lobby": house.room().shown, "dev": house.room("dev").shown}
    tokens = [one.shown(LoggedIn)[-1].resume for one in (boss, tab)]
    later = house.restarted()
    again = [later.connect(resumes=True) for _ in tokens]
    for one, token in zip(again, tokens, strict=True):
        one.begins(Hello("boss", resume=token, seen=seen))
    later.settle()
    assert again[0].person is again[1].person and set(again[0].person.seats) == {"lobby", "dev"}
    for one in again:
        assert one.texts("dev") == [] and one.seqs("dev")[0] == seen["dev"] + 1
    check_no_ghosts(later, *again)


def test_who_registers_on_one_is_logged_in_on_all(house: BareHouse) -> None:
    ann = house.join("ann", "dev", resumes=True)
    tab = house.connect(resumes=True)
    tab.asks(Hello("x", resume=ann.token, attach=True))
    ann.begins(Register(PASSWORD))
    tab.begins(Join("den"))
    house.settle()
    assert ann.person is tab.person and ann.person.account is not None and tab.shown(LoggedIn)
    check_no_ghosts(house, ann, tab)


def test_a_guest_who_has_left_a_room_becomes_somebody_who_is_just_entering_it(house: BareHouse) -> None:
    """They have seen more of it than the owner had when they entered."""
    boss, guest = house.owner("boss", "lobby"), house.join("guest", "dev", "lobby")
    # The turn in which the owner is seated comes later, because others have theirs first.
    other_clock = Clock()
    turns, house.core.fair_queue = house.core.fair_queue, FairQueue(LoudRuntime(other_clock))
    boss.begins(Join("dev"))
    house.settle()
    house.core.fair_queue = turns
    guest.asks(Leave("dev"))
    guest.asks(LogIn("boss", PASSWORD))
    assert guest.person is boss.person and "dev" not in boss.person.seats
    other_clock.advance(0)
    house.settle()
    assert "dev" in boss.person.seats
    check_no_ghosts(house, boss, guest)
