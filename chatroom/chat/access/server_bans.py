"""Server bans: checked when people come in, and enforced on those who are already here."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..refusals import BannedHere, NotStored
from ..replies import Refused
from ..rules.roles import Role, role_of

if TYPE_CHECKING:
    from ..core import Core
    from ..people.accounts import Account
    from ..people.person import Person
    from ..rooms.membership import Membership


class ServerBans:
    """Checks and enforces server bans, and room bans of the rooms that a person is in."""

    def __init__(self, core: Core, membership: Membership) -> None:
        self._core = core
        self._membership = membership

    async def enforce(self) -> None:
        """Disconnect everyone here who is banned from the server."""
        await self._core.people.everyone(self._enforce_on)

    def look_again(self, person: Person[Any]) -> None:
        """Recheck all bans on *person* after their nick, account or role changed."""
        self._enforce_on(person)
        if not person.gone:
            self._core.runtime.spawn(self._remove_banned(person))

    async def _remove_banned(self, person: Person[Any]) -> None:
        # If it cannot be recorded now, each of their commands is refused with the reason.
        with suppress(NotStored):
            await self._membership.remove_banned(person)

    def _enforce_on(self, person: Person[Any]) -> None:
        ban = self._core.server_state.bans.match(person.marks, self._core.runtime.now())
        if ban is not None and role_of(person) < Role.ADMIN:
            reason = f" ({ban['reason']})" if ban["reason"] else ""
            for session in person.sessions:
                session.tell(Refused("banned", f"You are banned from this server{reason}."))
                session.hang_up("Goodbye.", "banned from this server")

    def check_not_banned(self, person: Person[Any], account: Account | None, address: str | None = None) -> None:
        """
        Check that *person*, logged in to *account* if given, is not banned from the server.

        :param address: their current address; None: the one they came from.
        :raises BannedHere: if they are.
        """
        if account is None or not account.admin:
            party = account.id if account is not None else person.identity
            marks = person.marks._replace(party=party)
            marks = marks if address is None else marks._replace(addresses=(address,))
            self._core.server_state.check_not_banned(marks, "this server", self._core.runtime.now())

    def check_nick_not_banned(self, person: Person[Any], key: str) -> None:
        """
        Check that the nick with this *key* is not banned on the server or in the person's rooms.

        :raises BannedHere: if it is banned.
        """
        now = self._core.runtime.now()
        if person.account is not None and person.account.admin:
            return
        marks = person.marks._replace(key=key)
        standings = [self._core.server_state, *(seat.room.state for seat in person.seats.values())]
        if any(standing.bans.match(marks, now) for standing in standings):
            raise BannedHere("That nick is banned here.")
