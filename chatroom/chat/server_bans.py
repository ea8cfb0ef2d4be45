"""Server bans: whoever is banned from the whole server is hung up on, and not let in."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from .refusals import BannedHere, NotStored
from .replies import Refused
from .roles import Role, role_of

if TYPE_CHECKING:
    from .accounts import Account
    from .ban_list import Marks
    from .hub import Hub
    from .session import Session


class ServerBans:
    """Enforces the bans that hold on the whole server of *hub*."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def look_again(self, session: Session) -> None:
        """Enforce all bans on *session*, whose nick, account or role has changed."""
        self._enforce_on(session)
        if not session.gone:
            self._hub.world.spawn(self._put_out_banned(session))

    async def _put_out_banned(self, session: Session) -> None:
        # When it cannot be recorded now, they are told so by everything that they ask.
        with suppress(NotStored):
            await self._hub.seating.put_out_banned(session)

    async def enforce(self) -> None:
        """Hang up on whoever is banned from the server, and is here."""
        await self._hub.everyone(self._enforce_on)

    def _enforce_on(self, session: Session) -> None:
        ban = self._hub.standing.bans.about(session.marks, self._hub.world.now())
        if ban is not None and role_of(session) < Role.ADMIN:
            why = f" ({ban['reason']})" if ban["reason"] else ""
            text = f"You are banned from this server{why}."
            session.outlet.reply(Refused("banned", text))
            session.hang_up("Goodbye.", "banned from this server")

    def check_not_banned(self, session: Session, account: Account | None, address: str | None = None) -> None:
        """
        Make sure that *session*, if it is logged in to *account*, is not banned from the server.

        :param address: where they come from now; None: from where they came.
        :raises BannedHere: if it is.
        """
        if account is None or not account.admin:
            party = account.id if account is not None else session.identity
            marks: Marks = (session.key, party, session.address if address is None else address)
            self._hub.standing.check_not_banned(marks, "this server", self._hub.world.now())

    def check_nick_not_banned(self, session: Session, key: str) -> None:
        """
        Make sure that *session* may have the nick with this *key*, here and in the rooms where they are.

        :raises BannedHere: if it is banned.
        """
        now = self._hub.world.now()
        if session.account is not None and session.account.admin:
            return
        marks: Marks = (key, session.party, session.address)
        standings = [self._hub.standing, *(seat.room.standing for seat in session.seats.values())]
        if any(standing.bans.about(marks, now) for standing in standings):
            raise BannedHere("That nick is banned here.")
