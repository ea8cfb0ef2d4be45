"""Room commands: join, leave, rooms, who, topic, history, search."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..command_table import ROWS_PER_PAGE, command, flag, number, page_of, remainder, require, word
from ..fair_queue import ROWS_A_LINE
from ..refusals import BadInput, NotHere
from ..replies import Rooms, Topic, Who
from ..rooms import speech
from ..rules.roles import Role, role_in
from ..syntax import datetimes, names

if TYPE_CHECKING:
    from ..hub import Hub
    from ..rooms.room import Room
    from ..session import Session


@command(
    "join",
    group="rooms",
    help="enter a room, or switch to one you are in; KEY opens a locked one",
    aliases=("j",),
    moves=True,
)
@dataclass(frozen=True, slots=True)
class Join:
    room: str = word("ROOM")
    key: str = word("KEY", default="", secret=True)

    async def run(self, hub: Hub, session: Session) -> None:
        await hub.joining.join(session, self.room, self.key)


@command("leave", group="rooms", help="leave the current room, or the named one", aliases=("part",), moves=True)
@dataclass(frozen=True, slots=True)
class Leave:
    room: str | None = word("ROOM", default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        await hub.membership.leave(session, session.room(self.room))


@command("rooms", group="rooms", help="list the rooms with people in them", aliases=("list",), shows=True)
@dataclass(frozen=True, slots=True)
class ListRooms:
    page: int = number("PAGE", default=1)

    async def run(self, hub: Hub, session: Session) -> None:
        rows = await hub.room_list.rows(session)
        shown, more = page_of(rows, self.page)
        await session.work(len(shown) / ROWS_A_LINE)
        session.reply(Rooms(tuple(shown), self.page, more))


@command(
    "who",
    group="rooms",
    help="list who is in the current room, or in the named one",
    aliases=("names", "w"),
    shows=True,
)
@dataclass(frozen=True, slots=True)
class ListPeople:
    room: str | None = word("ROOM", default=None)
    page: int = number("PAGE", default=1)

    async def run(self, hub: Hub, session: Session) -> None:
        people, _ = page_of(self._room(hub, session).people(), self.page)
        await session.work(len(people) / ROWS_A_LINE)
        room = self._room(hub, session)
        people, more = page_of(room.people(), self.page)
        now = hub.core.runtime.now()
        # After the last of the people.
        last = not more and (people or self.page == 1)
        bots = hub.bots.followers.inside(room.name) if last else []
        rows = [*(person.described(role_in(person, room), now) for person in people), *bots[:ROWS_PER_PAGE]]
        session.reply(Who(room.name, tuple(rows), self.page, more + len(bots[ROWS_PER_PAGE:])))

    def _room(self, hub: Hub, session: Session) -> Room:
        if not self.room or self.room.startswith("@"):
            return session.room(self.room)
        name = names.room(self.room, hub.core.limits.room)
        room = hub.rooms.get(name)
        anyone = room is not None and (room.seats or hub.bots.followers.inside(name))
        if room is None or not anyone or not room.may_know(session.person):
            raise NotHere(f"Nobody is in #{name}.")
        return room


@command(
    "topic",
    group="rooms",
    help="show or set the topic of the current room; - removes it",
    needs_where_ruled=Role.OPERATOR,
)
@dataclass(frozen=True, slots=True)
class SetTopic:
    topic: str | None = remainder("TEXT", default=None)
    room: str | None = field(default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        room = session.room(self.room)
        if self.topic is None:
            session.reply(Topic(room.name, room.topic))
        else:
            if not room.state.free_topic:
                require(session, self, room)
            speech.set_topic(room, session, "" if self.topic == "-" else self.topic)


@command(
    "history",
    group="rooms",
    help="show the last lines of the current room, or those before a day or time; -n: with numbers",
    shows=True,
)
@dataclass(frozen=True, slots=True)
class History:
    """Show past lines, with their *numbers* or not: *all* includes every kind of event; *before* is a seq."""

    count: int = number("N", default=20, unless=datetimes.begins)
    until: str | None = remainder("BEFORE", default=None)
    room: str | None = field(default=None)
    before: int | None = field(default=None)
    all: bool = field(default=False)
    numbers: bool = flag("-n")

    async def run(self, hub: Hub, session: Session) -> None:
        most = hub.core.limits.page
        if self.count > most:
            raise BadInput(f"At most {most} lines at a time.")
        if self.room is not None and self.room.startswith("@"):
            await hub.direct_messages.in_use(session, self.room, lambda room: self._show(hub, session, room))
            return
        room = session.room(self.room, private=True)
        await self._show(hub, session, room)

    async def _show(self, hub: Hub, session: Session, room: Room) -> None:
        before = self.before
        if self.until is not None:
            before = await room.history.seq_at(datetimes.parse(self.until, hub.core.runtime.now()))
        found = await room.history.history(self.count, before, session.work, talk_only=not self.all)
        # They may have been removed from it meanwhile.
        if room.conversation:
            hub.direct_messages.check_party(session, room.name)
        else:
            session.room(room.name)
        session.reply(replace(found, numbers=self.numbers, earlier_than=self.until or ""))


@command(
    "search",
    group="rooms",
    help='find what was said: words, "phrases", from:NICK, in:ROOM, before:DAY, after:DAY, page:N',
    shows=True,
)
@dataclass(frozen=True, slots=True)
class Search:
    words: str = remainder("WORDS")

    async def run(self, hub: Hub, session: Session) -> None:
        await hub.search.search(session, self.words)
