"""Ruling in a room: what its operators do, each act an event of the room and an entry of the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .events import (
    Banned,
    Event,
    Invited,
    Kicked,
    Muted,
    RoleChanged,
    SettingChanged,
    Unbanned,
    Unmuted,
)
from .masks import Masks
from .ports import Change
from .refusals import BadInput, NotAllowed, NotHere, TooMany
from .replies import Notice
from .roles import Role, require, role_in, role_of
from .standing import key_digest
from .targets import because, lasting, lifted, quoted

if TYPE_CHECKING:
    from .hub import Hub
    from .room import Room, Seat
    from .session import Session

SLOWEST = 3600
"""Seconds between two lines in the slowest of rooms."""


class Ruling:
    """
    Acts on the rooms of *hub*, and on who is in them.

    :raises Refusal: every act, if the one who asks for it may not, or it makes no sense.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._targets = hub.targets

    async def kick(self, ruler: Session, room: Room, nick: str, reason: str) -> None:
        """Put *nick* out of *room*; they may come back."""
        require(ruler, "kick", room)
        seat = self._seat_of(room, nick)
        self._targets.check_over(ruler, seat.session, room)
        event = self._event(Kicked, ruler, room, target=seat.session.nick, reason=self._targets.reason(reason))
        forgotten = [Change(room.name, "invite", seat.session.party, None)]
        self._append(ruler, room, "kick", event, forgotten, f"kicked {seat.session.nick}", reason)
        await self._put_out(ruler, [seat], f"You were kicked from #{room.name} by {ruler.nick}", reason)

    async def ban(self, ruler: Session, room: Room, target: str, seconds: float | None, reason: str) -> None:
        """Keep *target* out of *room*, for *seconds* or for good, and put out whom that is about."""
        require(ruler, "ban", room)
        event, changes = self._listing(Banned, "ban", ruler, room, target, seconds, reason)
        banned = Masks()
        for change in changes:
            if change.value is not None:
                banned.add(change.key)
        seats = [
            seat
            for seat in room.seats.values()
            if any(banned.matching(*seat.session.marks))
            and role_in(seat.session, room) < Role.OPERATOR
            and not seat.leaving
        ]
        self._append(ruler, room, "ban", event, changes, f"banned {target}{lasting(seconds)}", reason)
        await self._put_out(ruler, seats, f"You were banned from #{room.name} by {ruler.nick}", reason)

    async def unban(self, ruler: Session, room: Room, target: str) -> None:
        """Let *target* into *room* again."""
        require(ruler, "unban", room)
        masks = self._listed(room, "bans", target)
        event = self._event(Unbanned, ruler, room, target=target)
        self._append(ruler, room, "unban", event, lifted(room.name, "ban", masks), f"unbanned {target}")
        await ruler.settled()

    async def mute(self, ruler: Session, room: Room, target: str, seconds: float | None, reason: str) -> None:
        """Let *target* say nothing in *room*, for *seconds* or for good."""
        require(ruler, "mute", room)
        event, changes = self._listing(Muted, "mute", ruler, room, target, seconds, reason)
        self._append(ruler, room, "mute", event, changes, f"muted {target}{lasting(seconds)}", reason)
        await ruler.settled()

    async def unmute(self, ruler: Session, room: Room, target: str) -> None:
        """Let *target* speak in *room* again."""
        require(ruler, "unmute", room)
        masks = self._listed(room, "mutes", target)
        event = self._event(Unmuted, ruler, room, target=target)
        self._append(ruler, room, "unmute", event, lifted(room.name, "mute", masks), f"unmuted {target}")
        await ruler.settled()

    async def slow(self, ruler: Session, room: Room, seconds: int) -> None:
        """Let each person say one line every so many *seconds* in *room*; 0: as many as they like."""
        require(ruler, "slow", room)
        if seconds > SLOWEST:
            raise BadInput(f"At most {SLOWEST} seconds.")
        await self._set(ruler, room, "slow", "slow", str(seconds) if seconds else "")

    async def lock(self, ruler: Session, room: Room, key: str) -> None:
        """Let only those into *room* who know *key*, or without one, who are invited."""
        require(ruler, "lock", room)
        self._check_closable(room)
        digest = key_digest(self._hub.journal.secret, room.name, key) if key else ""
        await self._set(ruler, room, "lock", "lock", "key" if key else "invited", digest)

    async def unlock(self, ruler: Session, room: Room) -> None:
        """Let everyone into *room* again."""
        require(ruler, "unlock", room)
        await self._set(ruler, room, "unlock", "lock", "")

    async def private(self, ruler: Session, room: Room, on: bool) -> None:
        """Let only its members know that *room* exists, and only the invited come in; or end that."""
        require(ruler, "private", room)
        self._check_closable(room)
        await self._set(ruler, room, "private", "private", "on" if on else "")

    async def invite(self, ruler: Session, room: Room, nick: str) -> None:
        """Ask *nick* into *room*, whether it is locked or not."""
        require(ruler, "invite", room)
        guest = self._hub.meant(nick)
        if guest is None:
            raise NotHere(f"{nick[: self._hub.limits.nick]} is not here, or has not logged in yet.")
        if guest.identity in room.seats:
            raise BadInput(f"{guest.nick} is in #{room.name} already.")
        room.check_may_speak(ruler)
        change = Change(room.name, "invite", guest.party, {"nick": guest.nick})
        room.append(ruler, self._event(Invited, ruler, room, target=guest.nick), [change])
        if room.closed:
            # Where everyone may come in, it is no act of ruling.
            self._hub.record(ruler, "invite", room.name, f"invited {guest.nick}")
        await ruler.settled()
        # Another session, if they carry on from another connection meanwhile.
        guest = guest.by_now()
        if not self._hub.preferring.ignores(guest, ruler):
            guest.outlet.reply(Notice(f"{ruler.nick} invites you to #{room.name}: /join {room.name}"))

    async def appoint(self, ruler: Session, room: Room, nick: str, operator: bool) -> None:
        """Make *nick* an operator of *room*, or no longer."""
        require(ruler, "op" if operator else "deop", room)
        party, shown = self._targets.party(nick, room)
        if operator is (party in room.standing.operators):
            raise BadInput(f"{shown} is {'an' if operator else 'no'} operator of #{room.name}.")
        if not operator and room.operators == [party] and role_of(ruler) < Role.ADMIN:
            raise NotAllowed("That is the last operator here; /op somebody else first.")
        event = self._event(RoleChanged, ruler, room, target=shown, role="operator" if operator else "")
        changes = [Change(room.name, "operator", party, {"nick": shown} if operator else None)]
        did = f"made {shown} an operator" if operator else f"made {shown} an operator no longer"
        self._append(ruler, room, "op" if operator else "deop", event, changes, did)
        await ruler.settled()
        if not operator:
            for seat in [seat for seat in room.seats.values() if seat.session.party == party]:
                self._hub.administration.look_again(seat.session)

    # How.

    def _append(
        self,
        ruler: Session,
        room: Room,
        act: str,
        event: Event,
        changes: Sequence[Change],
        did: str,
        reason: str = "",
    ) -> None:
        room.append(ruler, event, changes)
        self._hub.record(ruler, act, room.name, did + because(reason))

    async def _set(self, ruler: Session, room: Room, act: str, setting: str, value: str, digest: str = "") -> None:
        if room.standing.settings.get(setting, "") == value and not digest:
            raise BadInput(f"That is so in #{room.name} already.")
        kept = {"value": value, "digest": digest} if value else None
        changes = [Change(room.name, "setting", setting, kept)]
        if value and setting in ("lock", "private"):
            # Who is inside may come back, also after a restart of the server.
            sessions = [seat.session for seat in room.seats.values()]
            changes += [Change(room.name, "invite", one.party, {"nick": one.nick}) for one in sessions]
        event = self._event(SettingChanged, ruler, room, setting=setting, value=value)
        self._append(ruler, room, act, event, changes, f"set {setting} to {value or 'off'}")
        await ruler.settled()

    def _listing(
        self,
        kind: type[Banned | Muted],
        act: str,
        ruler: Session,
        room: Room,
        target: str,
        seconds: float | None,
        reason: str,
    ) -> tuple[Event, list[Change]]:
        """Build the event and the records of a ban or a mute."""
        masks = self._targets.masks(ruler, target, room)
        listed = room.standing.bans if act == "ban" else room.standing.mutes
        gone = listed.expired(self._hub.world.now())
        if len(listed) - len(gone) + len(masks) > self._hub.limits.bans:
            raise TooMany(f"The list of #{room.name} is full: at most {self._hub.limits.bans:,}.")
        value = self._targets.value(ruler, target, seconds, reason)
        event = self._event(kind, ruler, room, target=target, reason=value["reason"], until=value["until"])
        return event, [*lifted(room.name, act, gone), *(Change(room.name, act, mask, value) for mask in masks)]

    def _listed(self, room: Room, which: str, target: str) -> list[str]:
        listed = room.standing.bans if which == "bans" else room.standing.mutes
        masks = listed.named(target, self._targets.literal(target))
        if not masks:
            raise NotHere(f"{quoted(target)} is not {'banned from' if which == 'bans' else 'muted in'} #{room.name}.")
        return masks

    async def _put_out(self, ruler: Session, seats: Sequence[Seat], text: str, reason: str) -> None:
        # In the same turn as the act, so that both are recorded or neither, and nobody says anything in between.
        await self._hub.seating.put_out(ruler, seats, f"removed by {ruler.nick}", f"{text}{because(reason)}")

    def _event(self, kind: type[Event], ruler: Session, room: Room, **more: object) -> Event:
        return kind(room.name, self._hub.world.now(), ruler.identity, ruler.nick, ref=ruler.ref, **more)

    def _seat_of(self, room: Room, nick: str) -> Seat:
        seat = room.seats.get(self._hub.person(nick).identity)
        if seat is None or seat.leaving:
            raise NotHere(f"{nick[: self._hub.limits.nick]} is not in #{room.name}.")
        return seat

    def _check_closable(self, room: Room) -> None:
        if self._hub.is_default(room.name):
            raise NotAllowed(f"#{room.name} is open to everyone.")
