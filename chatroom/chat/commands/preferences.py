"""Preference commands: ignore, away, notify, color, plain, others, numbers, correct."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..command_table import command, remainder, word
from ..refusals import BadInput, TooLong
from ..replies import Notice

if TYPE_CHECKING:
    from ..hub import Hub
    from ..session import Session

_NOTIFY = ("all", "mentions", "none")
_SWITCH = {"on": True, "off": False}


@command("ignore", group="preferences", help="hide someone's messages; without NICK, list whom you ignore")
@dataclass(frozen=True, slots=True)
class Ignore:
    nick: str | None = word("NICK", default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        if self.nick is None:
            session.reply(replace(session.person.preferences, asked=("ignore",)))
        else:
            await hub.preferences.ignore(session, self.nick)


@command("unignore", group="preferences", help="show someone's messages again")
@dataclass(frozen=True, slots=True)
class Unignore:
    nick: str = word("NICK")

    async def run(self, hub: Hub, session: Session) -> None:
        await hub.preferences.unignore(session, self.nick)


@command("away", group="preferences", help="mark yourself as away, or as back")
@dataclass(frozen=True, slots=True)
class GoAway:
    text: str = remainder("TEXT", default="")

    async def run(self, hub: Hub, session: Session) -> None:
        longest = hub.core.limits.topic
        if len(self.text) > longest:
            raise TooLong(f"An away message has at most {longest} characters.")
        back = not self.text and session.person.away is not None
        hub.preferences.away(session, None if back else self.text)


@command("notify", group="preferences", help="ring the bell for every line, for mentions, or never")
@dataclass(frozen=True, slots=True)
class Notify:
    when: str | None = word("all|mentions|none", default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        if self.when is None:
            now = session.person.preferences.notify or "none"
            session.reply(Notice(f"Notifications: {now}. Change with /notify all, mentions or none."))
            return
        if self.when not in _NOTIFY:
            raise BadInput("Usage: /notify all, /notify mentions or /notify none")
        await hub.preferences.change(session, notify=self.when)


@command("color", group="preferences", help="show each nick in its own colour, or not")
@dataclass(frozen=True, slots=True)
class Color:
    switch: str | None = word("on|off", default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        await _switch(hub, session, "color", self.switch)


@command("plain", group="preferences", help="use plain words for screen readers, or not")
@dataclass(frozen=True, slots=True)
class Plain:
    switch: str | None = word("on|off", default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        await _switch(hub, session, "plain", self.switch)


@command("others", group="preferences", help="show the lines of your other rooms, too, or only how many are new")
@dataclass(frozen=True, slots=True)
class ShowOthers:
    switch: str | None = word("on|off", default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        await _switch(hub, session, "others", self.switch)


@command("numbers", group="preferences", help="show the number of each message, for /delete, /edit and the like")
@dataclass(frozen=True, slots=True)
class Numbers:
    switch: str | None = word("on|off", default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        await _switch(hub, session, "numbers", self.switch)


@command("correct", group="preferences", help="let s/old/new/, typed alone, correct your last message, or not")
@dataclass(frozen=True, slots=True)
class Correct:
    switch: str | None = word("on|off", default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        await _switch(hub, session, "correct", self.switch)


async def _switch(hub: Hub, session: Session, name: str, switch: str | None) -> None:
    """Turn the preference *name* ``on`` or ``off``; None: the other way."""
    if switch is not None and switch not in _SWITCH:
        raise BadInput(f"Usage: /{name} on, or /{name} off")
    on = not getattr(session.person.preferences, name) if switch is None else _SWITCH[switch]
    await hub.preferences.change(session, **{name: on})
