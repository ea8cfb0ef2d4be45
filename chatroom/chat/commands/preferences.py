"""Commands about how one wants things: whom not to hear, when to be called, how lines look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..refusals import BadInput, TooLong
from .registry import command, remainder, word

if TYPE_CHECKING:
    from ..hub import Hub
    from ..session import Session

_NOTIFY = ("all", "mentions", "none")
_SWITCH = {"on": True, "off": False}


@command("ignore", group="preferences", help="hear nothing of someone, or list whom you ignore")
@dataclass(frozen=True, slots=True)
class Ignore:
    nick: str | None = word("NICK", default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        if self.nick is None:
            session.reply(session.preferences)
        else:
            await hub.preferring.ignore(session, self.nick)


@command("unignore", group="preferences", help="hear someone again")
@dataclass(frozen=True, slots=True)
class Unignore:
    nick: str = word("NICK")

    async def run(self, hub: Hub, session: Session) -> None:
        await hub.preferring.unignore(session, self.nick)


@command("away", group="preferences", help="tell others that you are away, or if you are, that you are back")
@dataclass(frozen=True, slots=True)
class GoAway:
    text: str = remainder("TEXT", default="")

    async def run(self, hub: Hub, session: Session) -> None:
        longest = hub.limits.topic
        if len(self.text) > longest:
            raise TooLong(f"That has more than {longest} characters.")
        back = not self.text and session.away is not None
        hub.preferring.away(session, None if back else self.text)


@command(
    "notify", group="preferences", help="have the bell rung for all lines, for those that mention you, or for none"
)
@dataclass(frozen=True, slots=True)
class Notify:
    when: str = word("all|mentions|none")

    async def run(self, hub: Hub, session: Session) -> None:
        if self.when not in _NOTIFY:
            raise BadInput("Usage: /notify all, /notify mentions or /notify none")
        await hub.preferring.change(session, notify=self.when)


@command("color", group="preferences", help="have each nick in a colour of its own, or not")
@dataclass(frozen=True, slots=True)
class Color:
    switch: str | None = word("on|off", default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        on = _switched("color", self.switch, session.preferences.color)
        await hub.preferring.change(session, color=on)


@command("plain", group="preferences", help="have everything in plain words, for screen readers, or not")
@dataclass(frozen=True, slots=True)
class Plain:
    switch: str | None = word("on|off", default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        on = _switched("plain", self.switch, session.preferences.plain)
        await hub.preferring.change(session, plain=on)


def _switched(name: str, switch: str | None, now: bool) -> bool:
    if switch is None:
        return not now
    if switch not in _SWITCH:
        raise BadInput(f"Usage: /{name} on, or /{name} off")
    return _SWITCH[switch]
