"""Message commands: say, me, notice, msg, reply."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..command_table import command, remainder, word
from ..events import Noticed
from ..refusals import NotHere
from ..rooms import speech
from ..syntax import substitution
from .corrections import place_of

if TYPE_CHECKING:
    from ..hub import Hub
    from ..session import Session


@command("say", group="messages", help="say something to the room", typed=False, appends=True, multiline=True)
@dataclass(frozen=True, slots=True)
class Say:
    """Say *text*; what is *typed*, alone in its line, may be a correction: ``s/old/new/``."""

    text: str = remainder("TEXT")
    room: str | None = field(default=None)
    typed: bool = field(default=False)

    def run(self, hub: Hub, session: Session) -> Coroutine[Any, Any, None] | None:
        if self.typed and session.person.preferences.correct:
            return self._correct_or_say(hub, session)
        if self.room is not None and self.room.startswith("@"):
            return hub.direct_messages.say_in(session, self.room, self.text)
        speech.say(session.room(self.room), session, self.text)
        return None

    async def _correct_or_say(self, hub: Hub, session: Session) -> None:
        correction = substitution.parse(self.text)
        if correction is not None:
            if await hub.changing.substitute(session, place_of(session, self.room), correction):
                return
            hub.changing.check_may_go_on(session)
        said = replace(self, typed=False).run(hub, session)
        if said is not None:
            await said


@command("me", group="messages", help="say what you do: /me waves", appends=True)
@dataclass(frozen=True, slots=True)
class Act:
    text: str = remainder("TEXT")
    room: str | None = field(default=None)

    def run(self, hub: Hub, session: Session) -> Coroutine[Any, Any, None] | None:
        if self.room is not None and self.room.startswith("@"):
            return hub.direct_messages.say_in(session, self.room, f"* {session.person.nick} {self.text}")
        speech.act(session.room(self.room), session, self.text)
        return None


@command(
    "notice",
    group="messages",
    help="say something that no program may answer",
    typed=False,
    appends=True,
    multiline=True,
)
@dataclass(frozen=True, slots=True)
class GiveNotice:
    text: str = remainder("TEXT")
    room: str | None = field(default=None)

    def run(self, hub: Hub, session: Session) -> Coroutine[Any, Any, None] | None:
        if self.room is not None and self.room.startswith("@"):
            return hub.direct_messages.say_in(session, self.room, self.text)
        speech.act(session.room(self.room), session, self.text, Noticed)
        return None


@command("msg", group="messages", help="send someone a private message", aliases=("m", "query"), multiline=True)
@dataclass(frozen=True, slots=True)
class Whisper:
    to: str = word("NICK")
    text: str = remainder("TEXT")

    async def run(self, hub: Hub, session: Session) -> None:
        await hub.direct_messages.whisper(session, self.to, self.text)


@command(
    "reply", group="messages", help="answer the last private message you received", aliases=("r",), multiline=True
)
@dataclass(frozen=True, slots=True)
class Answer:
    text: str = remainder("TEXT")

    async def run(self, hub: Hub, session: Session) -> None:
        if not session.person.correspondent:
            raise NotHere("Nobody who is here has sent you a private message.")
        to = hub.core.people.get(session.person.correspondent)
        if to is None:
            raise NotHere("The person who sent you the last private message has left.")
        await hub.direct_messages.say(session, to, self.text)
