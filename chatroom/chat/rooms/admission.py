"""Admission: checks who may enter a room, and updates its records as people enter and leave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..events import Left, RoleChanged, TopicChanged
from ..ports import RecordChange
from ..refusals import BadInput, NotNow, RoomFull
from ..rules.ban_list import NOBODY
from ..rules.roles import Role, role_in
from ..rules.room_state import key_digest
from .originator import DEPARTED

if TYPE_CHECKING:
    from ..core import Core
    from ..people.person import Connection, Person
    from .ledger import Ledger
    from .originator import Originator
    from .room import Room, Seat

_ENDED_AT_ONCE = 1000
"""Records ended in one commit when an abandoned room is reopened."""


class Admission:
    """Applies the rules of rooms to people who enter or leave; never waits."""

    def __init__(self, core: Core, ledger: Ledger) -> None:
        self._core = core
        self._ledger = ledger

    def let_in(self, session: Connection, room: Room, key: str, joining: Originator) -> list[RecordChange]:
        """Check that the person may enter; return the changes that come with it."""
        person, standing = session.person, room.state
        if standing.bans is not NOBODY:
            check_not_banned(person, room, self._core.runtime.now())
        if key and standing.settings.get("lock") != "key":
            raise BadInput(f"#{room.name} has no key, and room names have no spaces.")
        if room.history.sealed > room.shown:
            raise NotNow(f"#{room.name} is just being opened; please try again.")
        empty = not (room.seats or room.pending)
        if empty and self._abandoned(room) and role_in(person, room) < Role.ADMIN:
            return self._opened_anew(session, room, joining)
        first = empty and not room.ruled and not self._core.policy.is_default(room.name)
        # The first person to join becomes its operator.
        changes = [_operator(room, person)] if first else []
        if not standing.settings:
            # Most rooms: neither locked, nor for so many only.
            return changes
        check_not_full(person, room)
        if not room.closed or role_in(person, room) >= Role.OPERATOR or person.party in standing.invited:
            return changes
        digest = key_digest(self._core.journal.secret, room.name, key) if key else ""
        standing.check_may_enter(person, room.name, digest)
        # People who gave the key once need not give it again, for example after a restart.
        return [*changes, RecordChange(room.name, "invite", person.party, {"nick": person.nick})]

    def _opened_anew(self, session: Connection, room: Room, author: Originator) -> list[RecordChange]:
        """
        Reopen an abandoned room as if it were new; return the changes.

        Its earlier history and records belonged to others, so nobody is shown any of it.
        """
        person, upto = session.person, room.shown
        if room.topic:
            now = self._core.runtime.now()
            room.append(author, TopicChanged(room.name, now, person.identity, person.nick, ""))
            upto += 1
        self._ledger.audit(session, "join", room.name, "reopened the room, which its guests had abandoned")
        ended = room.state.ended(room.name)
        return [*ended, RecordChange(room.name, "seal", "upto", {"upto": upto}), _operator(room, person)]

    def _abandoned(self, room: Room) -> bool:
        """
        Return whether *room*, which is empty, is closed to all but admins: its operators were guests who are gone.

        A guest can come back while their token lasts.  With the key of a locked room there is no need.
        """
        standing = room.state
        if not (room.private or (room.closed and standing.settings["lock"] != "key")):
            return False
        if room.history.last_at > self._core.runtime.now() - self._core.limits.token_lasts:
            return False
        parties = [*standing.operators, *standing.invited]
        few = len(parties) + len(standing.bans) + len(standing.mutes) <= _ENDED_AT_ONCE
        return few and not any(map(self._core.people.is_somebody, parties))

    def depart(
        self, seat: Seat, left: Left, changes: Sequence[RecordChange] = (), author: Originator = DEPARTED
    ) -> None:
        """
        Append *left*, the departure from *seat*, with *changes* and the end of a guest's roles in the room.

        Nobody can later prove to be that guest.  If no operator is left, the longest-present member becomes one.

        :param author: waits for the record.
        """
        room, person = seat.room, seat.person
        if person.account is not None or room.conversation:
            room.append(author, left, changes)
            return
        party = person.party
        ended = [RecordChange(room.name, "voice", party, None)] if party in room.state.voiced else []
        if party not in room.state.operators:
            room.append(author, left, [*ended, *changes])
            return
        ended.append(RecordChange(room.name, "operator", party, None))
        heir = next((one.person for one in room.seats.values() if one is not seat and not one.leaving), None)
        others = self._core.policy.appointed(room.name) or [one for one in room.operators if one != party]
        if heir is None or others:
            room.append(author, left, [*ended, *changes])
            return
        room.append(author, left, [*ended, _operator(room, heir), *changes])
        now = self._core.runtime.now()
        # Nobody waits for this: who has left is shown the room up to there.
        room.append(DEPARTED, RoleChanged(room.name, now, person.identity, person.nick, heir.nick, "operator"))


def check_not_full(person: Person[Any], room: Room) -> None:
    """
    Check that *room* takes one more; operators, admins and those who are invited may always come in.

    :raises RoomFull: if not.
    """
    most = room.state.settings.get("limit")
    if most is None or len(room.seats) < int(most) or room.core.policy.is_default(room.name):
        return
    if role_in(person, room) < Role.OPERATOR and person.party not in room.state.invited:
        people = "1 person" if most == "1" else f"{most} people"
        raise RoomFull(f"#{room.name} is full: at most {people}.")


def check_not_banned(person: Person[Any], room: Room, now: float) -> None:
    """
    Check that *person* is not banned from *room*.

    :raises BannedHere: if they are.
    """
    if room.state.bans is not NOBODY and room.is_banned(person):
        room.state.check_not_banned(person.marks, f"#{room.name}", now)


def _operator(room: Room, person: Person[Any]) -> RecordChange:
    return RecordChange(room.name, "operator", person.party, {"nick": person.nick})
