"""Coming in: gives an SSH client a nick and an identity, by what it has proven, without asking anything."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chatroom.chat.access.entry import HelloRequest
from chatroom.chat.command_table import SPECS, Spec
from chatroom.chat.refusals import BadName, CannotResume, NickTaken, Refusal, TooLong
from chatroom.chat.replies import Notice
from chatroom.chat.syntax import names

from .identity import Identity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatroom.chat.hub import Hub
    from chatroom.chat.session import Session

_ANYBODY = "guest"
"""What somebody is called whose name can be no nick."""

_FIRST = (
    "You came by this key for the first time: somebody has added it to the account {nick}. If that was not you, the "
    "account is theirs, and they read what you are sent."
)


@dataclass(frozen=True, slots=True)
class ComeIn:
    """
    Let the person of *identity* in.

    Whoever signed by a key of an account is its owner; a guest's key stands for the guest.  A name that is taken, or
    no nick, must not keep anybody out: their user name may be ``root``.

    :param rooms: the rooms to enter; None: those of last time, or the lobby.
    """

    identity: Identity
    rooms: Sequence[str] | None = None

    async def run(self, hub: Hub, session: Session) -> None:
        """Come in, or tell why not and hang up."""
        session.key = self.identity.key
        try:
            await self._hello(hub, session, self._request(hub))
        except Refusal as refusal:
            if session.person.nick:
                raise
            session.hang_up(str(refusal), "")
        finally:
            hub.key_guests.arrived(self.identity.key.fingerprint)

    def _request(self, hub: Hub) -> HelloRequest:
        identity, core = self.identity, hub.core
        fingerprint = identity.key.fingerprint
        account = identity.account or core.keys.owner_coming(fingerprint, identity.nick)
        if account is not None:
            return HelloRequest(account.nick, self.rooms, proof=account, lobby=self.rooms is None)
        guest = hub.key_guests.of(fingerprint)
        nick = guest.nick if guest is not None and guest.asked == identity.nick else identity.nick
        rooms = guest.rooms if guest is not None and self.rooms is None else self.rooms
        registered = core.accounts.of(names.key(nick)) is not None
        return HelloRequest(
            nick,
            rooms,
            attach=True,
            password="" if registered else None,
            guest=hub.key_guests.identity(fingerprint) if fingerprint else identity.guest,
            lobby=self.rooms is None,
        )

    async def _hello(self, hub: Hub, session: Session, request: HelloRequest) -> None:
        wanted = self.identity.nick
        because = (
            ""
            if request.password is None
            else f"The nick {request.nick} is registered; /login proves that it is yours. "
        )
        try:
            await hub.entry.hello(session, request)
        except (NickTaken, BadName, TooLong) as refusal:
            if session.person.nick:
                raise
            because = f"{refusal} "
            nick = hub.core.nicks.free_like(_possible(request.nick, hub.core.limits.nick))
            await hub.entry.hello(session, replace(request, nick=nick))
        except CannotResume:
            # The guest of that key has logged in, and so is somebody else now.
            if session.person.nick:
                raise
            await self._hello(hub, session, replace(request, guest="", attach=False))
            return
        if session.gone:
            return
        nick = session.person.nick
        if request.proof is None and wanted != nick and not session.outlet.keeps_nick:
            session.reply(Notice(f"{because}You are {nick}; /nick changes that."))
        fingerprint, account = self.identity.key.fingerprint, session.person.account
        if not fingerprint:
            return
        if account is None:
            hub.key_guests.came(fingerprint, wanted, session.person, stays=self.rooms != ())
        elif hub.account_keys.came(fingerprint, account):
            session.reply(Notice(_FIRST.format(nick=nick)))


def _possible(nick: str, longest: int) -> str:
    """Return *nick*, or another one if it can be none."""
    try:
        return names.nick(nick, longest)[0]
    except Refusal:
        return _ANYBODY


SPECS[ComeIn] = Spec("ssh", group="server", help="", typed=False, before_hello=True)
