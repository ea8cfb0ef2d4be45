"""Reading commands: read, unread, catchup, conversations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..command_table import command, word
from ..refusals import BadInput

if TYPE_CHECKING:
    from ..hub import Hub
    from ..session import Session


@command("read", group="rooms", help="mark everything as read", keepalive=True)
@dataclass(frozen=True, slots=True)
class MarkRead:
    """Set the reading position of one room or conversation to *seq*; without both, mark everything as read."""

    room: str | None = field(default=None)
    seq: int | None = field(default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        if self.room is None and self.seq is None:
            await hub.reading.read_all(session)
        elif self.room is not None and self.seq is not None:
            await hub.reading.read(session, self.room, self.seq)
        else:
            raise BadInput('A "read" needs both a "room" and a "seq", or neither.')


@command("unread", group="rooms", help="list the rooms and people with something you have not read", shows=True)
@dataclass(frozen=True, slots=True)
class ListUnread:
    async def run(self, hub: Hub, session: Session) -> None:
        session.reply(await hub.reading.unread(session, session.work))


@command("catchup", group="rooms", help="show what you have not read in the current room, a named one, or from NICK")
@dataclass(frozen=True, slots=True)
class CatchUpWithRoom:
    room: str | None = word("ROOM", default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        name = None
        if self.room is not None:
            name = hub.reading.conversation(session.person, self.room)
            if name is None and self.room.lower().removeprefix("#") not in session.person.seats:
                name = await hub.reading.former_conversation(session, self.room)
        if name is None:
            await hub.reading.catch_up(session, session.room(self.room, private=True))
        else:
            await hub.direct_messages.in_use(session, name, lambda room: hub.reading.catch_up(session, room))


@command("conversations", group="people", help="list your private conversations", typed=False, shows=True)
@dataclass(frozen=True, slots=True)
class ListConversations:
    async def run(self, hub: Hub, session: Session) -> None:
        session.reply(await hub.reading.conversations(session, session.work))
