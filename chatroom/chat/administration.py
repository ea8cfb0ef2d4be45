"""Ruling on the whole server: what its admins do, each act an entry of the audit log."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from .countdown import Countdown
from .durations import spoken
from .ports import Change
from .refusals import BannedHere, NotHere, NotStored, TooMany
from .replies import Notice, Refused
from .roles import Role, role_of
from .targets import because, lasting, lifted, quoted

if TYPE_CHECKING:
    from .accounts import Account
    from .ban_list import Marks
    from .hub import Hub
    from .session import Session


class Administration:
    """
    Acts on the whole server of *hub*.

    :raises Refusal: every act, if the one who asks for it may not, or it makes no sense.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._targets = hub.targets
        self.countdown = Countdown(hub)

    async def ban(self, ruler: Session, target: str, seconds: float | None, reason: str) -> None:
        """Keep *target* off the server, for *seconds* or for good, and hang up on whom that is about."""
        masks = self._targets.masks(ruler, target, None)
        gone = self._hub.standing.bans.expired(self._hub.world.now())
        if len(self._hub.standing.bans) - len(gone) + len(masks) > self._hub.limits.bans:
            raise TooMany("The server's list of bans is full.")
        value = self._targets.value(ruler, target, seconds, reason)
        self._hub.record(ruler, "gban", "", f"banned {target} from the server{lasting(seconds)}{because(reason)}")
        parties = {mask.removeprefix("party:") for mask in masks if mask.startswith("party:")}
        accounts = filter(None, map(self._hub.accounts.known, parties))
        ended = [self._hub.accounts.proofs(one).without_any().kept(one.id) for one in accounts]
        bans = [Change("", "ban", mask, value) for mask in masks]
        await self._hub.keep([*lifted("", "ban", gone), *bans, *ended])
        ruler.reply(Notice(f"{target} is banned from this server{lasting(seconds)}."))
        await self.enforce()

    async def unban(self, ruler: Session, target: str) -> None:
        """Let *target* onto the server again."""
        masks = self._hub.standing.bans.named(target, self._targets.literal(target))
        if not masks:
            raise NotHere(f"{quoted(target)} is not banned from this server.")
        self._hub.record(ruler, "gunban", "", f"unbanned {target} from the server")
        await self._hub.keep(lifted("", "ban", masks))
        ruler.reply(Notice(f"{target} is banned from this server no longer."))

    def announce(self, ruler: Session, text: str) -> None:
        """Tell everyone *text*."""
        self._hub.record(ruler, "announce", "", text)
        self._hub.announce(Notice(f"{ruler.nick} announces: {text}"), ruler)

    def shut_down(self, ruler: Session, seconds: float | None, reason: str) -> None:
        """Shut the server down in *seconds*; None: do not after all."""
        if seconds is None:
            self.countdown.stop(ruler)
            self._hub.record(ruler, "shutdown", "", "cancelled the shutdown")
            return
        reason = self._targets.reason(reason) or f"{ruler.nick} ended it"
        self.countdown.begin(ruler, seconds, reason)
        self._hub.record(ruler, "shutdown", "", f"shut the server down in {spoken(seconds)}: {reason}")

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
            text = f"You are banned from this server{because(ban['reason'])}."
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
