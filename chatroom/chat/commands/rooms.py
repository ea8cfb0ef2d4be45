"""Commands about rooms: going in and out, who is there, what was said."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .. import moments, searching
from ..refusals import BadInput
from ..replies import RoomLine, Rooms, Topic, Who
from ..roles import require
from .table import command, number, rest, word

if TYPE_CHECKING:
    from ..session import Session


@command("join", help="enter a room, or make one you are in the current one; KEY opens a locked one")
@dataclass(frozen=True, slots=True)
class Join:
    room: str = word("ROOM")
    key: str = field(default="", repr=False, metadata={"shown": "KEY", "kind": "word"})

    async def run(self, session: Session) -> None:
        await session.hub.seating.join(session, self.room, self.key)


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
        hub = session.hub
        rooms = {default.name: RoomLine(default.name, 0, default.topic) for default in hub.defaults()}
        for room in hub.rooms:
            if room.seats and room.shows_to(session):
                rooms[room.name] = RoomLine(room.name, len(room.seats), room.topic)
        session.reply(Rooms(tuple(sorted(rooms.values(), key=lambda row: (-row.people, row.room)))))


@command("who", help="list who is in the current room, or in the one named")
@dataclass(frozen=True, slots=True)
class ListPeople:
    room: str | None = word("ROOM", default=None)

    async def run(self, session: Session) -> None:
        room = session.hub.active_room(self.room, session) if self.room else session.room(None)
        session.reply(Who(room.name, tuple(person.described(room) for person in room.people())))


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
            require(session, "topic", room)
            room.set_topic(session, "" if self.topic == "-" else self.topic)


@command("history", help="show the last lines said in the current room, or those before a day or a time")
@dataclass(frozen=True, slots=True)
class History:
    """*all* asks for every event, not only what was said; *before* for what is older than that seq."""

    count: int = number("N", default=20)
    until: str | None = rest("BEFORE", default=None)
    room: str | None = field(default=None)
    before: int | None = field(default=None)
    all: bool = field(default=False)

    async def run(self, session: Session) -> None:
        most = session.hub.limits.page
        if self.count > most:
            raise BadInput(f"At most {most} lines at a time.")
        room = session.room(self.room, private=True)
        before = self.before
        if self.until is not None:
            before = await room.past.seq_at(moments.parse(self.until, session.hub.world.now()))
        session.reply(await room.past.history(self.count, before, talk_only=not self.all))


@command("search", help='find what was said: words, "phrases", from:NICK, in:ROOM, before:DAY, after:DAY, page:N')
@dataclass(frozen=True, slots=True)
class Search:
    words: str = rest("WORDS")

    async def run(self, session: Session) -> None:
        await searching.search(session, self.words)
