"""What is left over at both ends of the links when all is calm: nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatroom.link.house import DoorLink
from chatroom.link.session import RemoteSession

from .broken import Broken
from .doors import SimDoor

if TYPE_CHECKING:
    from .linked import LinkedSimulation


def check_links(simulation: LinkedSimulation) -> None:
    """
    Check that doors and the house hold the same sessions, those of who is connected, and nothing that waits.

    :raises Broken: if not.
    """
    core = simulation.house.hub.core
    for person in core.people.values():
        _require(core.nicks.get(person.key) is person, f"{person.nick} has somebody else's nick")
    links = {link.name: link for link in simulation.house.links.links}
    _require(len(links) == len(simulation.house.links.links), "two links of one door are open")
    for door in simulation.doors:
        link = links.get(f"door {door.number}")
        if link is None:
            raise Broken(f"door {door.number} has no link to the house")
        here = {
            sid
            for sid, number in simulation.sids.items()
            if simulation.at[number] is door and not simulation.guests[number].wire.cut
        }
        _check_door(door, here)
        _check_house(door, link, here)


def _check_door(door: SimDoor, here: set[str]) -> None:
    house, name = door.house, f"door {door.number}"
    _require(set(house.sessions) <= here, f"{name} has sessions of people who are gone")
    _require(not house._spent, f"{name} has costs that nobody is charged")
    _require(not door.world.tasks, f"{name} waits for something for ever")
    rooms = house.rooms
    followed = {(name, session) for name, room in rooms._rooms.items() for session in room.following}
    _require(all(room.following for room in rooms._rooms.values()), f"{name} shows a room that nobody follows")
    _require(followed == {(one, session) for session, those in rooms._of.items() for one in those}, f"{name} is wrong")
    for session in rooms._of:
        assert isinstance(session, RemoteSession)
        _require(house.sessions.get(session.sid) is session, f"{name} shows rooms to a session that is over")
    for session in [one for one in house.sessions.values() if not one.gone]:
        _check_session(session, name)


def _check_session(session: RemoteSession, name: str) -> None:
    _require(not session._held, f"{session.sid} at {name} waits for the house")
    _require(not session.unanswered, f"{session.sid} at {name} waits for {len(session.unanswered)} answers")


def _check_house(door: SimDoor, link: DoorLink, here: set[str]) -> None:
    name = f"door {door.number}"
    more, fewer = set(link.sessions) - set(door.house.sessions), set(door.house.sessions) - set(link.sessions)
    _require(not more and not fewer, f"the house has the sessions {sorted(more)} of {name}, and not {sorted(fewer)}")
    for sid, asks in link.sessions.items():
        session, remote = asks.session, door.house.sessions[sid]
        if remote.gone:
            # The connection ends when its client has read everything.
            continue
        _require(not session.gone, f"{sid} at {name} is over in the house")
        # Somebody who owes waits for their next turn.
        left = 0 if asks._resting is not None else len(asks._waiting)
        _require(not left, f"the house has {left} commands of {sid} that it does not run")
        _require(not asks.outlet._pages, f"the house waits for {sid} to take {asks.outlet._pages} pages")
        # A room that is not shown, on a screen with another one, is live in the house only.
        cursors = session.catch_up.cursors.items()
        live = {one for one, cursor in cursors if cursor.live and cursor.outlet is session.outlet}
        shown = door.house.rooms.positions(remote)
        _require(set(shown) == live, f"{sid} is live in {sorted(live)}, and at {name} in {sorted(shown)}")
        known = {*session.catch_up.cursors}
        kept = {*remote.positions, *shown}
        _require(kept <= known, f"{name} keeps {sorted(kept - known)} for {sid} for nothing")
        for room, seq in shown.items():
            position = session.catch_up.position(room)
            _require(seq == position, f"{sid} is shown {room} up to {position}, and at {name} up to {seq}")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Broken(otherwise)
