"""Invariants of the house after every step, and at rest."""

from __future__ import annotations

from collections.abc import Iterable, Sized

from chatroom.chat.events import BOT, TALK
from chatroom.chat.hub import Hub
from chatroom.chat.people.accounts import accounts_in
from chatroom.chat.people.person import Connection, Person
from chatroom.chat.rooms.cursor import NEVER
from chatroom.chat.rooms.room import Room
from chatroom.chat.rules.room_state import RoomState
from chatroom.chat.session import Session

from .broken import Broken
from .disk import Disk, Kept
from .house import SimHouse
from .model import Model


def check_seats(hub: Hub) -> None:
    """Everyone here has at most one seat per room, which the room knows; nobody else has any."""
    people, rooms, nicks = hub.core.people, hub.rooms, hub.core.nicks
    seats = 0
    for identity, person in people.items():
        if person.gone or person.identity != identity:
            raise Broken(f"{person.nick} is gone, or somebody else, and is among the people")
        if nicks.get(person.key) is not person and identity not in hub.kept:  # type: ignore[attr-defined]
            raise Broken(f"{person.nick} does not have that nick")
        seats += len(person.seats)
        if person.public != len(person.room_names()):
            raise Broken(f"{person.nick} is in {len(person.room_names())} rooms, and counted in {person.public}")
        _check_sessions(person)
        if person.account is not None and people.owner(person.account) is not person:
            raise Broken(f"{person.nick} is logged in to an account that somebody else has, too")
        for name, seat in person.seats.items():
            room = seat.room
            if rooms.get(name) is not room:
                raise Broken(f"{person.nick} has a seat in a #{name} that is not in use")
            if seat.person is not person or room.seats.get(identity) is not seat:
                raise Broken(f"{person.nick} has another seat in #{name} than the room thinks")
            for session in person.sessions:
                _check_cursor(session, room, name)
    for room in rooms:
        seats -= len(room.seats)
        if room.pending < 0:
            raise Broken(f"#{room.name} waits for {room.pending} events")
        seated = {session.id for seat in room.seats.values() for session in seat.person.sessions}
        # Scripts follow rooms without a seat.
        live = {**room.subscribers, **room.subscribers._linked}
        if not {one for one in live if not one.startswith(BOT)} <= seated:
            raise Broken(f"somebody is shown #{room.name} who has no seat there")
    if seats:
        raise Broken("there is a seat in a room that nobody has")


def _check_sessions(person: Person) -> None:
    """Whoever is here has sessions, each only once and of nobody else."""
    sessions = person.sessions
    if not sessions or person.session not in sessions:
        raise Broken(f"{person.nick} is here without a session")
    if any(session.gone or session.person is not person for session in sessions):
        raise Broken(f"{person.nick} has a session that is over, or somebody else's")
    if len({session.id for session in sessions}) < len(sessions) > len({session.number for session in sessions}):
        raise Broken(f"{person.nick} has two sessions that nobody can tell apart")


def _check_cursor(session: Connection, room: Room, name: str) -> None:
    """A session is shown a room live exactly if it is up to date."""
    cursor = session.catch_up.cursors.get(name)
    shown = room.subscribers.get(session.id) or room.subscribers._linked.get(session.id)
    seat = session.person.seats[name]
    if cursor is None and seat.leaving and seat.upto != NEVER:
        # It came when they had left, which others of their sessions were still to be shown.
        return
    if cursor is None:
        raise Broken(f"a session of {session.person.nick} does not follow #{name}")
    if (shown is not None) is not cursor.live or (shown is not None and shown is not cursor.outlet):
        raise Broken(f"a session of {session.person.nick} is half live in #{name}")


def check_gone(sessions: Iterable[Session], hub: Hub) -> None:
    """People who are gone hold no resources."""
    for session in sessions:
        person = session.person
        name = person.nick or "somebody nameless"
        if session.gone:
            _require(session.parting is None, f"a session of {name} is over, and has a timer")
            _require(session not in hub._sessions, f"a session of {name} is over, and is among the sessions")
            _require(not session.busy, f"a session of {name} is over, and is busy")
        if person.gone:
            _require(not any(one.person is person for one in person.sessions), f"{name} is gone, and has a session")
            _require(not person.seats, f"{name} is gone, and has a seat in {', '.join(person.seats)}")
            _require(person.unproven is None, f"{name} is gone, and has a timer")


def check_quiet(house: SimHouse, disk: Disk, model: Model) -> None:
    """When nothing is pending, nothing is held, and memory equals the stored records."""
    hub, world = house.hub, house.world
    _require(not world.tasks, f"these wait for ever: {', '.join(task.label for task in world.tasks)}")
    rooms, ledger = hub.rooms, hub.ledger
    held: dict[str, Sized] = {name: getattr(ledger, name) for name in ("_authors", "_owed", "_changes")}
    held["_loading"] = rooms._loading
    for name, what in held.items():
        _require(not what, f"the rooms hold {len(what)} {name.strip('_')}")
    for room in rooms:
        _require(not room.pending, f"#{room.name} waits for {room.pending} events")
        _require(bool(room.seats), f"#{room.name} is in use, and nobody is in it")
        kept = disk.rooms.get(room.name)
        _require((kept.last if kept else 0) == room.shown, f"not all of #{room.name} has been shown")
        _check_talk(room, kept or Kept())
        _same(f"#{room.name}", room.state, RoomState(disk.of_scope(room.name)))
    seats = {(room.name, identity) for room in rooms if not room.conversation for identity in room.seats}
    _require(seats == set(disk.inside), f"inside are {sorted(seats)}, and stored as inside are {sorted(disk.inside)}")
    for key in hub.core.nicks:
        holder = hub.core.nicks.get(key)
        _require(holder is not None and holder.key == key, f"the nick {key} is held by somebody of another name")
        assert holder is not None
        _require(hub.core.people.get(holder.identity) is holder, f"the nick {key} is held by somebody who is not here")
    _same("the server", hub.core.server_state, RoomState(disk.of_scope("")))
    stored = {account.id: account for account in accounts_in(disk.of_scope(""))}
    for account in stored.values():
        known = hub.core.accounts.known(account.id)
        _require(known is not None, f"the account {account.nick} is stored, and not known")
        assert known is not None
        same = (known.nick, known.hash, known.admin) == (account.nick, account.hash, account.admin)
        _require(same, f"the account {account.nick} is stored as {account}, and known as {known}")
    _require(len(hub.core.accounts) == len(stored), "there are accounts that are not stored")
    for person in hub.core.people.values():
        _check_person(person, hub, model)


def _check_talk(room: Room, kept: Kept) -> None:
    """All messages that a room has in memory are as they are stored, and none is missing."""
    history = room.history
    after = max(history._talk_since, history.sealed, kept.first - 1)
    here = [one for one in history._talk if one[0] > after]
    there = [one for one in enumerate(kept.events, 1) if one[0] > after and type(one[1]) in TALK]
    _require(here == there, f"in memory, #{room.name} has other messages than are stored")


def _check_person(person: Person, hub: Hub, model: Model) -> None:
    account = person.account
    if account is not None:
        _require(
            hub.core.accounts.known(account.id) is not None, f"{person.nick} is logged in to an account that is none"
        )
    guests = [hub.guest_of(session) for session in person.sessions]  # type: ignore[attr-defined]
    # Whoever was here before this house is judged when they are back.
    back = any(guests)
    _require(not (back and model.banned_for_sure("", person)), f"{person.nick} is here, and banned from the server")
    for name in person.seats:
        banned = back and not name.startswith("@") and model.banned_for_sure(name, person)
        _require(not banned, f"{person.nick} is in #{name}, and banned there")
    _require(not person.becoming, f"{person.nick} is becoming {person.becoming} for ever")
    most = hub.core.limits.sessions_per_person
    _require(len(person.sessions) <= most, f"{person.nick} has {len(person.sessions)} sessions")
    for session, guest in zip(person.sessions, guests, strict=True):
        known = guest is not None and model.outdated(guest)
        _require(not known, f"a session of {person.nick} is logged in since before the password changed")
        _require(not session.outstanding, f"{person.nick} waits for {session.outstanding} events")


def _same(where: str, known: RoomState, stored: RoomState) -> None:
    for name in ("operators", "invited", "settings", "unread"):
        mine, theirs = getattr(known, name), getattr(stored, name)
        _require(mine == theirs, f"of {where}, {name} are stored as {theirs}, and known as {mine}")
    for name in ("bans", "mutes"):
        mine, theirs = getattr(known, name)._values, getattr(stored, name)._values
        _require(mine == theirs, f"of {where}, {name} are stored as {theirs}, and known as {mine}")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Broken(otherwise)
