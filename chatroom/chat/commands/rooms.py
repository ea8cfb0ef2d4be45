"""Commands about rooms: going in and out, who is there, what was said."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..refusals import BadInput
from ..replies import RoomLine, Rooms, Topic, Who
from .table import command, number, rest, word

if TYPE_CHECKING:
    from ..session import Session


@command("join", help="enter a room, or make one you are in the current one")
@dataclass(frozen=True, slots=True)
class Join:
    room: str = word("ROOM")

    async def run(self, session: Session) -> None:
        await session.hub.seating.join(session, self.room)


@command("leave", help="leave the current room, or the one named")
@dataclass(frozen=True, slots=True)
class Leave:
    room: str | None = word("ROOM", default=None)

    async def run(self, session: Session) -> None:
        await session.hub.seating.leave(session, session.room(self.room))


@command("rooms", help="list the rooms that have people in them")
@dataclass(frozen=True, slots=True)
class ListRooms:
    async def run(self, session: Session) -> None:
        rooms = [
            RoomLine(room.name, len(room.seats), room.topic)
            for room in session.hub.rooms
            if not room.private and room.seats
        ]
        rooms.sort(key=lambda row: (-row.people, row.room))
        session.reply(Rooms(tuple(rooms)))


@command("who", help="list who is in the current room, or in the one named")
@dataclass(frozen=True, slots=True)
class ListPeople:
    room: str | None = word("ROOM", default=None)

    async def run(self, session: Session) -> None:
        room = session.hub.active_room(self.room) if self.room else session.room(None)
        session.reply(Who(room.name, tuple(person.described() for person in room.people())))


@command("topic", help="show the topic of the current room, or set it; - removes it")
@dataclass(frozen=True, slots=True)
class SetTopic:
    topic: str | None = rest("TEXT", default=None)
    room: str | None = field(default=None)

    async def run(self, session: Session) -> None:
        room = session.room(self.room)
        if self.topic is None:
            session.reply(Topic(room.name, room.topic))
        else:
            room.set_topic(session, "" if self.topic == "-" else self.topic)


@command("history", help="show the last lines said in the current room")
@dataclass(frozen=True, slots=True)
class History:
    """*all* asks for every event, not only what was said; *before* for what is older than that seq."""

    count: int = number("N", default=20)
    room: str | None = field(default=None)
    before: int | None = field(default=None)
    all: bool = field(default=False)

    async def run(self, session: Session) -> None:
        most = session.hub.limits.page
        if self.count > most:
            raise BadInput(f"At most {most} lines at a time.")
        room = session.room(self.room, private=True)
        session.reply(await room.past.history(self.count, self.before, talk_only=not self.all))
