"""Commands that say something to others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..refusals import NotHere
from .table import command, rest, word

if TYPE_CHECKING:
    from ..session import Session


@command("say", help="say something to the room", typed=False)
@dataclass(frozen=True, slots=True)
class Say:
    text: str = rest("TEXT")
    room: str | None = field(default=None)

    def run(self, session: Session) -> None:
        session.room(self.room).say(session, self.text)


@command("me", help="say what you do: /me waves")
@dataclass(frozen=True, slots=True)
class Act:
    text: str = rest("TEXT")
    room: str | None = field(default=None)

    def run(self, session: Session) -> None:
        session.room(self.room).act(session, self.text)


@command("msg", help="say something to one person only")
@dataclass(frozen=True, slots=True)
class Whisper:
    to: str = word("NICK")
    text: str = rest("TEXT")

    async def run(self, session: Session) -> None:
        await session.hub.talks.whisper(session, self.to, self.text)


@command("reply", help="answer whoever sent you the last private message")
@dataclass(frozen=True, slots=True)
class Answer:
    text: str = rest("TEXT")

    async def run(self, session: Session) -> None:
        if not session.correspondent:
            raise NotHere("Nobody has sent you a private message yet.")
        to = session.hub.people.get(session.correspondent)
        if to is None:
            raise NotHere("The one who sent you the last private message has left.")
        await session.hub.talks.say(session, to, self.text)
