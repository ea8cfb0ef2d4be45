"""Commands that change messages: delete, edit, react; and answer, which points to one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..command_table import command, number, remainder
from ..refusals import BadInput
from ..syntax import names
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
    typed: bool = field(default=False)

    async def run(self, hub: Hub, session: Session) -> None:
        place = _place_of_own(hub, session, self, self.seq)
        await hub.changing.delete(session, place, self.seq, self.reason)


@command("edit", group="messages", help="correct your last message, or the one with this number", multiline=True)
@dataclass(frozen=True, slots=True)
class EditMessage:
    text: str = remainder("[NUMBER] TEXT")
    seq: int | None = field(default=None)
    room: str | None = field(default=None)
    typed: bool = field(default=False)

    async def run(self, hub: Hub, session: Session) -> None:
        seq, text = _numbered(self, self.text)
        place = _place_of_own(hub, session, self, seq)
        await hub.changing.edit(session, place, seq, text)


@command("react", group="messages", help="react to the last message, or to one; again takes it back: /react :+1:")
@dataclass(frozen=True, slots=True)
class ReactToMessage:
    emoji: str = remainder("[NUMBER] EMOJI")
    seq: int | None = field(default=None)
    room: str | None = field(default=None)
    typed: bool = field(default=False)

    async def run(self, hub: Hub, session: Session) -> None:
        seq, text = _numbered(self, self.emoji)
        await hub.changing.react(session, place_of(session, self.room), seq, emoji(text))


@command("answer", group="messages", help="answer a message: of a nick, with a number, or the last", multiline=True)
@dataclass(frozen=True, slots=True)
class AnswerMessage:
    text: str = remainder("[NUMBER|NICK] TEXT")
    seq: int | None = field(default=None)
    room: str | None = field(default=None)
    typed: bool = field(default=False)

    async def run(self, hub: Hub, session: Session) -> None:
        seq, text = _numbered(self, self.text)
        place = place_of(session, self.room)
        to: int | str | None = seq
        if self.typed and seq is None:
            first, _, rest = text.partition(" ")
            whom = hub.core.nicks.get(names.key(first.removesuffix(":")))
            if rest and whom is not None and place in whom.seats:
                to, text = whom.nick, rest.lstrip()
        await hub.changing.answer(session, place, to, text)


def _place_of_own(hub: Hub, session: Session, command: DeleteMessage | EditMessage, seq: int | None) -> str:
    """Return where the message is that the person means; who types means what they said last, maybe privately."""
    if not command.typed or seq is not None:
        return place_of(session, command.room)
    nowhere = command.room is None and not session.current
    place = session.conversation if nowhere and session.conversation else place_of(session, command.room)
    return hub.changing.place_of_last(session, place)


def place_of(session: Session, room: str | None) -> str:
    """
    Return the name of *room* (None: the current one), which may be a private conversation.

    :raises NotHere: if the person is not in that room.
    """
    return room if room is not None and room.startswith("@") else session.room(room).name


def _numbered(command: EditMessage | ReactToMessage | AnswerMessage, text: str) -> tuple[int | None, str]:
    """Take the number that may stand before *text* from it, if it was typed; programs have a field for that."""
    first, _, rest = text.partition(" ")
    if command.typed and command.seq is None and first.isascii() and first.isdigit() and rest.strip():
        if len(first) > 18:
            raise BadInput("That is no number of a message.")
        return int(first), rest.lstrip()
    return command.seq, text
