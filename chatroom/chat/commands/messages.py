"""Message commands: say, me, msg, reply."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..command_table import command, remainder, word
from ..refusals import NotHere
from ..rooms import speech

if TYPE_CHECKING:
    from ..hub import Hub
    from ..session import Session


@command("say", group="messages", help="say something to the room", typed=False, appends=True, multiline=True)
@dataclass(frozen=True, slots=True)
class Say:
    text: str = remainder("TEXT")
    room: str | None = field(default=None)

    def run(self, hub: Hub, session: Session) -> None:
        speech.say(session.room(self.room), session, self.text)


@command("me", group="messages", help="say what you do: /me waves", appends=True)
@dataclass(frozen=True, slots=True)
class Act:
    text: str = remainder("TEXT")
    room: str | None = field(default=None)

    def run(self, hub: Hub, session: Session) -> None:
        speech.act(session.room(self.room), session, self.text)


@command("msg", group="messages", help="send someone a private message", multiline=True)
@dataclass(frozen=True, slots=True)
class Whisper:
    to: str = word("NICK")
    text: str = remainder("TEXT")

    async def run(self, hub: Hub, session: Session) -> None:
        await hub.direct_messages.whisper(session, self.to, self.text)


@command("reply", group="messages", help="answer the last private message you received", multiline=True)
@dataclass(frozen=True, slots=True)
class Answer:
    text: str = remainder("TEXT")

    async def run(self, hub: Hub, session: Session) -> None:
        if not session.person.correspondent:
            raise NotHere("Nobody has sent you a private message yet.")
        to = hub.core.people.get(session.person.correspondent)
        if to is None:
            raise NotHere("The person who sent you the last private message has left.")
        await hub.direct_messages.say(session, to, self.text)
