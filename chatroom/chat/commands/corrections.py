"""Commands that change messages: delete, edit, react; and answer, which points to one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..command_table import command, number, remainder
from ..refusals import BadInput
from ..syntax.emoji import emoji

if TYPE_CHECKING:
    from ..hub import Hub
    from ..session import Session


@command("delete", group="messages", help="take back your last message, or the one with this number")
@dataclass(frozen=True, slots=True)
class DeleteMessage:
    seq: int | None = number("NUMBER", default=None)
    reason: str = remainder("REASON", default="")
    room: str | None = field(default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        await hub.changing.delete(session, _place(session, self.room), self.seq, self.reason)


@command("edit", group="messages", help="correct your last message, or the one with this number", multiline=True)
@dataclass(frozen=True, slots=True)
class EditMessage:
    text: str = remainder("[NUMBER] TEXT")
    seq: int | None = field(default=None)
    room: str | None = field(default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        seq, text = _numbered(self.seq, self.text)
        await hub.changing.edit(session, _place(session, self.room), seq, text)


@command("react", group="messages", help="react to the last message, or to one; again takes it back: /react :+1:")
@dataclass(frozen=True, slots=True)
class ReactToMessage:
    emoji: str = remainder("[NUMBER] EMOJI")
    seq: int | None = field(default=None)
    room: str | None = field(default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        seq, text = _numbered(self.seq, self.emoji)
        await hub.changing.react(session, _place(session, self.room), seq, emoji(text))


@command("answer", group="messages", help="answer a message: of a nick, with a number, or the last", multiline=True)
@dataclass(frozen=True, slots=True)
class AnswerMessage:
    text: str = remainder("[NUMBER|NICK] TEXT")
    seq: int | None = field(default=None)
    room: str | None = field(default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        to: int | str | None
        to, text = _numbered(self.seq, self.text)
        first, _, rest = text.partition(" ")
        room = None if to is not None or self.room is not None else session.room(None)
        if room is not None and rest and any(first.removesuffix(":") == one.nick for one in room.people()):
            to, text = first.removesuffix(":"), rest.lstrip()
        await hub.changing.answer(session, _place(session, self.room), to, text)


def _place(session: Session, room: str | None) -> str:
    """Return the name of *room* (None: the current one), which may be a private conversation."""
    return room if room is not None and room.startswith("@") else session.room(room).name


def _numbered(seq: int | None, text: str) -> tuple[int | None, str]:
    """Take the number that may stand before *text* from it, unless *seq* is given."""
    first, _, rest = text.partition(" ")
    if seq is None and first.isascii() and first.isdigit() and rest.strip():
        if len(first) > 18:
            raise BadInput("That is no number of a message.")
        return int(first), rest.lstrip()
    return seq, text
