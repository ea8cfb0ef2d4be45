"""Moderation commands: each makes an event of the room and an entry of the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..command_table import ROWS_PER_PAGE, SPECS, Command, command, duration, remainder, require, word
from ..events import Banned, Event, Kicked, Muted, RoleChanged, Unbanned, Unmuted
from ..ports import RecordChange
from ..refusals import BadInput, NotAllowed, NotHere, TooMany
from ..replies import Bans
from ..rules.masks import Masks
from ..rules.roles import Role, role_in, role_of
from ..syntax import durations, names
from .targets import (
    check_outranks,
    check_reason,
    duration_phrase,
    literal_masks,
    masks_of,
    party_of,
    quoted,
    reason_phrase,
    record_value,
    removals,
)

if TYPE_CHECKING:
    from ..hub import Hub
    from ..people.api_tokens import ApiToken
    from ..ports import Value
    from ..rooms.room import Room
    from ..rules.ban_list import BanList
    from ..session import Session


@command("kick", group="moderation", help="remove someone from the current room", needs=Role.OPERATOR)
@dataclass(frozen=True, slots=True)
class Kick:
    nick: str = word("NICK")
    reason: str = remainder("REASON", default="")
    room: str | None = field(default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        room = session.room(self.room)
        require(session, self, room)
        if (bot := hub.core.api_tokens.of(names.key(self.nick))) is not None:
            self._kick_bot(hub, session, room, bot)
            return
        seat = room.seats.get(hub.core.people.named(self.nick).identity)
        if seat is None or seat.leaving:
            raise NotHere(f"{self.nick[: hub.core.limits.nick]} is not in #{room.name}.")
        target = seat.person
        check_outranks(session.person, target, room)
        check_reason(hub, self.reason)
        uninvited = [RecordChange(room.name, "invite", target.party, None)]
        did = f"kicked {target.nick}{reason_phrase(self.reason)}"
        act(hub, session, room, self, did, Kicked, uninvited, target=target.nick, reason=self.reason)
        notice = f"You were kicked from #{room.name} by {session.person.nick}{reason_phrase(self.reason)}"
        # In the same turn, so both are recorded or neither, and nothing comes between them.
        await hub.membership.remove(session, [seat], f"removed by {session.person.nick}", notice)

    def _kick_bot(self, hub: Hub, session: Session, room: Room, bot: ApiToken) -> None:
        """
        Kick a bot, which has no seat: end its streams.

        Where people would need a new invitation it is banned, because nobody can invite it.
        """
        value = record_value(hub, session, bot.nick, None, self.reason)
        followed = hub.bots.followers.remove(room.name, bot.key)
        if not (followed or room.closed):
            raise NotHere(f"{bot.nick} is a bot and does not follow #{room.name}; /ban or /mute keep it from posting.")
        banned = [RecordChange(room.name, "ban", f"nick:{bot.key}", value)] if room.closed else []
        did = f"kicked {bot.nick}{reason_phrase(self.reason)}"
        act(hub, session, room, self, did, Kicked, banned, target=bot.nick, reason=self.reason)


@command(
    "ban",
    group="moderation",
    help="ban a nick, account:NICK, address:NICK or network; for 10m, 2h, 1d, or forever",
    needs=Role.OPERATOR,
)
@dataclass(frozen=True, slots=True)
class Ban:
    target: str = word("NICK")
    duration: str | None = duration("DURATION")
    reason: str = remainder("REASON", default="")
    room: str | None = field(default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        room = session.room(self.room)
        changes = _list(hub, session, self, room, "ban", Banned)
        banned = Masks()
        for change in changes:
            if change.value is not None:
                banned.add(change.key)
        seats = [
            seat
            for seat in room.seats.values()
            if not seat.leaving
            and any(banned.matching(seat.person.marks))
            and role_in(seat.person, room) < Role.OPERATOR
        ]
        notice = f"You were banned from #{room.name} by {session.person.nick}{reason_phrase(self.reason)}"
        # In the same turn, so both are recorded or neither, and nothing comes between them.
        await hub.membership.remove(session, seats, f"removed by {session.person.nick}", notice)


@command("unban", group="moderation", help="lift a ban", needs=Role.OPERATOR)
@dataclass(frozen=True, slots=True)
class Unban:
    target: str = word("NICK")
    room: str | None = field(default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        await _unlist(hub, session, self, session.room(self.room), "ban", Unbanned)


@command(
    "bans",
    group="moderation",
    help="list the bans and mutes of the current room",
    needs=Role.OPERATOR,
    shows=True,
)
@dataclass(frozen=True, slots=True)
class ListBans:
    room: str | None = field(default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        room = session.room(self.room)
        require(session, self, room)
        now, standing = hub.core.runtime.now(), room.state
        bans, banned = await standing.bans.newest_in_turns("ban", now, ROWS_PER_PAGE, session.work)
        mutes, muted = await standing.mutes.newest_in_turns("mute", now, ROWS_PER_PAGE, session.work)
        require(session, self, session.room(room.name))
        shown = (*bans, *mutes)[:ROWS_PER_PAGE]
        session.reply(Bans(room.name, shown, banned + muted - len(shown)))


@command(
    "mute",
    group="moderation",
    help="mute someone here; for 10m, 2h, 1d, or forever",
    needs=Role.OPERATOR,
)
@dataclass(frozen=True, slots=True)
class Mute:
    target: str = word("NICK")
    duration: str | None = duration("DURATION")
    reason: str = remainder("REASON", default="")
    room: str | None = field(default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        _list(hub, session, self, session.room(self.room), "mute", Muted)
        await session.flushed()


@command("unmute", group="moderation", help="lift a mute", needs=Role.OPERATOR)
@dataclass(frozen=True, slots=True)
class Unmute:
    target: str = word("NICK")
    room: str | None = field(default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        await _unlist(hub, session, self, session.room(self.room), "mute", Unmuted)


@command("op", group="moderation", help="make someone an operator of the current room", needs=Role.OPERATOR)
@dataclass(frozen=True, slots=True)
class Op:
    nick: str = word("NICK")
    room: str | None = field(default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        room = session.room(self.room)
        require(session, self, room)
        party, shown = party_of(hub, self.nick, room)
        if party in room.state.operators:
            raise BadInput(f"{shown} is already an operator of #{room.name}.")
        changes = [RecordChange(room.name, "operator", party, {"nick": shown})]
        did = f"made {shown} an operator"
        act(hub, session, room, self, did, RoleChanged, changes, target=shown, role="operator")
        await session.flushed()


@command("deop", group="moderation", help="remove someone as an operator", needs=Role.OPERATOR)
@dataclass(frozen=True, slots=True)
class Deop:
    nick: str = word("NICK")
    room: str | None = field(default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        room = session.room(self.room)
        require(session, self, room)
        party, shown = party_of(hub, self.nick, room)
        if party not in room.state.operators:
            raise BadInput(f"{shown} is not an operator of #{room.name}.")
        if room.operators == [party] and role_of(session.person) < Role.ADMIN:
            raise NotAllowed("That's the last operator here; /op someone else first.")
        changes = [RecordChange(room.name, "operator", party, None)]
        did = f"removed {shown} as an operator"
        act(hub, session, room, self, did, RoleChanged, changes, target=shown, role="")
        await session.flushed()
        for seat in [seat for seat in room.seats.values() if seat.person.party == party]:
            hub.server_bans.look_again(seat.person)


def act(
    hub: Hub,
    actor: Session,
    room: Room,
    asked: Command,
    did: str,
    kind: type[Event],
    changes: Sequence[RecordChange],
    **fields: Any,
) -> None:
    """Append the event with *changes*, and log what *actor* *did* with *asked* in the audit log."""
    person, now = actor.person, hub.core.runtime.now()
    ref, mark, ask = actor.ref, actor.mark, actor.ask
    event = kind(room.name, now, person.identity, person.nick, ref=ref, session=mark, ask=ask, **fields)
    room.append(actor, event, changes)
    hub.ledger.audit(actor, SPECS[type(asked)].name, room.name, did)


def seconds(duration: str | None) -> float | None:
    """
    Parse an optional duration; without it, the result means forever.

    :raises BadInput: if it is invalid.
    """
    return None if duration is None else durations.parse(duration)


def _list(
    hub: Hub, actor: Session, asked: Ban | Mute, room: Room, kind: str, event: type[Event]
) -> list[RecordChange]:
    """Build the changes that ban or mute the target of *asked*."""
    require(actor, asked, room)
    length = seconds(asked.duration)
    masks = masks_of(hub, actor, asked.target, room)
    listed = _listed(room, kind)
    gone = listed.expired(hub.core.runtime.now())
    if len(listed) - len(gone) + len(masks) > hub.core.limits.bans:
        raise TooMany(f"The list of #{room.name} is full: at most {hub.core.limits.bans:,}.")
    value: Value = record_value(hub, actor, asked.target, length, asked.reason)
    changes = removals(room.name, kind, gone) + [RecordChange(room.name, kind, mask, value) for mask in masks]
    verb = "banned" if kind == "ban" else "muted"
    did = f"{verb} {asked.target}{duration_phrase(length)}{reason_phrase(asked.reason)}"
    act(hub, actor, room, asked, did, event, changes, target=asked.target, reason=asked.reason, until=value["until"])
    return changes


async def _unlist(hub: Hub, actor: Session, asked: Unban | Unmute, room: Room, kind: str, event: type[Event]) -> None:
    """Remove the target of *asked* from the bans or mutes."""
    require(actor, asked, room)
    target = asked.target
    masks = _listed(room, kind).named(target, literal_masks(hub, target))
    if not masks:
        raise NotHere(f"{quoted(target)} is not {'banned from' if kind == 'ban' else 'muted in'} #{room.name}.")
    verb = "unbanned" if kind == "ban" else "unmuted"
    act(hub, actor, room, asked, f"{verb} {target}", event, removals(room.name, kind, masks), target=target)
    await actor.flushed()


def _listed(room: Room, kind: str) -> BanList:
    return room.state.bans if kind == "ban" else room.state.mutes
