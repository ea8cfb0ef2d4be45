"""Room settings commands: slow, lock, private, unlisted, freetopic, limit, and invite."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..command_table import SPECS, Command, command, number, require, word
from ..events import Invited, SettingChanged
from ..ports import RecordChange
from ..refusals import BadInput, NotAllowed, NotHere
from ..replies import Notice
from ..rooms.speech import check_may_speak
from ..rules.roles import Role
from ..rules.room_state import key_digest
from .moderation import act

if TYPE_CHECKING:
    from typing import Any

    from ..hub import Hub
    from ..people.person import Person
    from ..rooms.room import Room
    from ..session import Session

MAX_SLOW_SECONDS = 3600
"""The longest wait between two lines of one person in slow mode."""


@command(
    "slow",
    group="moderation",
    help="slow mode: one line per person every SECONDS; off, or nothing, ends it",
    needs=Role.OPERATOR,
)
@dataclass(frozen=True, slots=True)
class Slow:
    seconds: int | None = number("SECONDS|off", default=None)
    room: str | None = field(default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        room = session.room(self.room)
        require(session, self, room)
        if self.seconds is not None and self.seconds > MAX_SLOW_SECONDS:
            raise BadInput(f"At most {MAX_SLOW_SECONDS} seconds.")
        await set_setting(hub, session, room, self, "slow", str(self.seconds or ""))


@command(
    "lock",
    group="moderation",
    help="make the current room invite-only, or with KEY, open to those who know it",
    needs=Role.OPERATOR,
)
@dataclass(frozen=True, slots=True)
class Lock:
    key: str = word("KEY", default="", secret=True)
    room: str | None = field(default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        room = session.room(self.room)
        require(session, self, room)
        _check_closable(hub, room)
        digest = key_digest(hub.core.journal.secret, room.name, self.key) if self.key else ""
        await set_setting(hub, session, room, self, "lock", "key" if self.key else "invited", digest)


@command("unlock", group="moderation", help="open the current room to everyone again", needs=Role.OPERATOR)
@dataclass(frozen=True, slots=True)
class Unlock:
    room: str | None = field(default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        room = session.room(self.room)
        require(session, self, room)
        await set_setting(hub, session, room, self, "lock", "")


@command(
    "private",
    group="moderation",
    help="hide the current room and make it invite-only; off undoes that",
    needs=Role.OPERATOR,
)
@dataclass(frozen=True, slots=True)
class Private:
    switch: str = word("on|off", default="on")
    room: str | None = field(default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        room = session.room(self.room)
        require(session, self, room)
        _check_closable(hub, room)
        await set_switch(hub, session, room, self, "private", self.switch)


@command(
    "unlisted",
    group="moderation",
    help="leave the current room out of lists, though anyone may come in; off undoes that",
    needs=Role.OPERATOR,
)
@dataclass(frozen=True, slots=True)
class Unlisted:
    switch: str = word("on|off", default="on")
    room: str | None = field(default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        room = session.room(self.room)
        require(session, self, room)
        _check_closable(hub, room)
        await set_switch(hub, session, room, self, "unlisted", self.switch)


@command(
    "freetopic",
    group="moderation",
    help="let everyone set the topic of the current room; off undoes that",
    needs=Role.OPERATOR,
)
@dataclass(frozen=True, slots=True)
class FreeTopic:
    switch: str = word("on|off", default="on")
    room: str | None = field(default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        room = session.room(self.room)
        require(session, self, room)
        await set_switch(hub, session, room, self, "freetopic", self.switch)


@command(
    "limit",
    group="moderation",
    help="let at most N people into the current room; off, or nothing: any number",
    needs=Role.OPERATOR,
)
@dataclass(frozen=True, slots=True)
class Limit:
    people: int | None = number("N|off", default=None)
    room: str | None = field(default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        room = session.room(self.room)
        require(session, self, room)
        _check_closable(hub, room)
        await set_setting(hub, session, room, self, "limit", str(self.people or ""))


@command(
    "invite",
    group="people",
    help="invite someone to the current room, even if it is locked",
    needs_where_closed=Role.OPERATOR,
)
@dataclass(frozen=True, slots=True)
class Invite:
    nick: str = word("NICK")
    room: str | None = field(default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        room = session.room(self.room)
        require(session, self, room)
        guest = hub.core.people.meant(self.nick)
        if guest is None:
            raise NotHere(f"{self.nick[: hub.core.limits.nick]} isn't here, or hasn't logged in yet.")
        if guest.identity in room.seats:
            raise BadInput(f"{guest.nick} is already in #{room.name}.")
        check_may_speak(room, session)
        host, now = session.person, hub.core.runtime.now()
        ref, mark, ask = session.ref, session.mark, session.ask
        event = Invited(room.name, now, host.identity, host.nick, guest.nick, ref=ref, session=mark, ask=ask)
        room.append(session, event, [_invitation(room, guest)])
        if room.closed:
            # Where everyone may come in, it is no act of moderation.
            hub.ledger.audit(session, SPECS[Invite].name, room.name, f"invited {guest.nick}")
        await session.flushed()
        if not guest.ignores(host):
            invitation = f"{host.nick} invites you to #{room.name}: /join {room.name}"
            guest.tell(Notice(invitation, "invited", (host.nick, room.name)))


async def set_switch(hub: Hub, actor: Session, room: Room, asked: Command, setting: str, switch: str) -> None:
    """
    Turn a *setting* of *room* on or off.

    :param switch: ``on`` or ``off``.
    :raises BadInput: if it is neither, or what the setting is already.
    """
    if switch not in ("on", "off"):
        raise BadInput(f"Usage: /{setting}, or /{setting} off")
    await set_setting(hub, actor, room, asked, setting, "on" if switch == "on" else "")


async def set_setting(
    hub: Hub, actor: Session, room: Room, asked: Command, setting: str, value: str, digest: str = ""
) -> None:
    """
    Change a *setting* of *room*; an empty *value* is the default.

    :param digest: of the key, for a lock that has one.
    :raises BadInput: if it has that value already.
    """
    if room.state.settings.get(setting, "") == value and not digest:
        raise BadInput(f"That's already set in #{room.name}.")
    changes = [RecordChange(room.name, "setting", setting, {"value": value, "digest": digest} if value else None)]
    if value and setting in ("lock", "private"):
        # Everyone inside may come back, also after a restart of the server.
        changes += [_invitation(room, seat.person) for seat in room.seats.values()]
    did = f"set {setting} to {value or 'off'}"
    act(hub, actor, room, asked, did, SettingChanged, changes, setting=setting, value=value)
    await actor.flushed()


def _invitation(room: Room, guest: Person[Any]) -> RecordChange:
    return RecordChange(room.name, "invite", guest.party, {"nick": guest.nick})


def _check_closable(hub: Hub, room: Room) -> None:
    if hub.core.policy.is_default(room.name):
        raise NotAllowed(f"#{room.name} is open to everyone.")
