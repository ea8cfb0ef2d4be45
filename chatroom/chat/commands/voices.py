"""Voice commands: voice, devoice and moderated, for rooms in which only some may speak."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..command_table import Command, command, require, word
from ..events import RoleChanged
from ..ports import RecordChange
from ..refusals import BadInput
from ..rules.roles import Role
from .moderation import act
from .room_settings import set_switch
from .targets import party_of

if TYPE_CHECKING:
    from ..hub import Hub
    from ..session import Session


@command("voice", group="moderation", help="let someone speak where only some may", needs=Role.OPERATOR)
@dataclass(frozen=True, slots=True)
class Voice:
    nick: str = word("NICK")
    room: str | None = field(default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        await _give(hub, session, self, self.nick, self.room, on=True)


@command("devoice", group="moderation", help="take that back", needs=Role.OPERATOR)
@dataclass(frozen=True, slots=True)
class Devoice:
    nick: str = word("NICK")
    room: str | None = field(default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        await _give(hub, session, self, self.nick, self.room, on=False)


@command(
    "moderated",
    group="moderation",
    help="let only operators and those with a voice speak in the current room; off undoes that",
    needs=Role.OPERATOR,
)
@dataclass(frozen=True, slots=True)
class Moderated:
    switch: str = word("on|off", default="on")
    room: str | None = field(default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        room = session.room(self.room)
        require(session, self, room)
        await set_switch(hub, session, room, self, "moderated", self.switch)


async def _give(hub: Hub, session: Session, asked: Command, nick: str, where: str | None, *, on: bool) -> None:
    room = session.room(where)
    require(session, asked, room)
    party, shown = party_of(hub, nick, room)
    if (party in room.state.voiced) == on:
        raise BadInput(f"{shown} has {'a' if on else 'no'} voice in #{room.name} already.")
    changes = [RecordChange(room.name, "voice", party, {"nick": shown} if on else None)]
    did = f"gave {shown} a voice" if on else f"took the voice of {shown}"
    act(hub, session, room, asked, did, RoleChanged, changes, target=shown, role="voice" if on else "no voice")
    await session.flushed()
