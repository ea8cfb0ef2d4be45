"""Registration: what an IRC client says before it has a nick, and the capabilities that it asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatroom.chat.access.entry import HelloRequest
from chatroom.chat.people.accounts import Account
from chatroom.chat.people.directory import PersonChange
from chatroom.chat.refusals import BadName, BannedHere, NickTaken, Refusal, TooLong
from chatroom.chat.replies import Notice
from chatroom.chat.syntax import names
from chatroom.dialects.sanitize import clean

from .metadata import batch, wanted

if TYPE_CHECKING:
    from chatroom.chat.people.person import Person
    from chatroom.chat.rooms.room import Seat

    from .client import Client

MAX_REALNAME = 150
"""Characters of a real name."""
_MAX_USERNAME = 16
"""Characters of a user name."""


_FIRST = (
    "This certificate logs you in for the first time: somebody has added it to the account {nick}. If that was not "
    "you, the account is theirs, and they read what you are sent."
)


class Registration:
    """
    What is known of a client so far.

    It comes in once it has given a nick and USER, and is not in the middle of asking for capabilities.
    """

    def __init__(self, door: Client) -> None:
        self._door = door
        self.nick = self.username = self.realname = self.password = self.away = ""
        self.user = False
        self.version = 301
        """The version of the capability negotiation that the client knows."""
        self.negotiating = self.done = False
        self.proof: Account | None = None
        """The account whose password the client has given, or whose certificate it has shown."""
        self.certified = False
        """Whether it was the certificate."""
        self.sasl: list[str] | None = None
        """The pieces of what the client says about who it is; None: it is not asked."""
        self.mechanism = ""
        """The SASL mechanism by which it says that."""

    @property
    def complete(self) -> bool:
        """Whether the client can come in now."""
        return bool(self.nick and self.user) and not (self.negotiating or self.done)

    def name(self, username: str, realname: str) -> None:
        """Note what a client has said in USER."""
        self.user = True
        self.username = "".join(letter for letter in username if letter.isalnum() or letter in "-_.")[:_MAX_USERNAME]
        self.realname = clean(realname)[:MAX_REALNAME].strip()

    async def come_in(self) -> None:
        """Let the client into the house, or answer why it has to choose another nick."""
        door, session = self._door, self._door.session
        nick, self.nick = self.nick, ""
        if self.password:
            await self._prove(nick)
        self._check_certificate()
        owner = door.hub.core.accounts.of(names.key(nick))
        proven = owner is None or (self.proof is not None and self.proof.id == owner.id)
        if owner is not None and not proven and door.hub.core.people.owner(owner) is not None:
            door.tell("433", nick, "Nickname is registered, and its owner is here; log in, or choose another one")
            return
        before = session.person
        before.username, before.realname = self.username, self.realname
        request = HelloRequest(nick, rooms=None, proof=self.proof, lobby=False)
        try:
            await door.hub.entry.hello(session, request)
        except NickTaken as refusal:
            door.tell("433", nick, str(refusal))
        except (BadName, TooLong) as refusal:
            door.tell("432", nick, str(refusal))
        except BannedHere as refusal:
            door.tell("465", str(refusal))
            session.hang_up(str(refusal), "")
        except Refusal as refusal:
            if self.done:
                raise
            door.tell("437", nick, str(refusal))
        else:
            if not session.gone:
                person, former = session.person, session.person.realname
                person.username, person.realname = self.username, self.realname
                if person.others(session) and former != self.realname:
                    door.hub.core.people.notify(person, PersonChange.REALNAME)
                if self.away:
                    self.go_away(self.away)
                self._tell_metadata(before)
                if self.certified:
                    came_by_certificate(door)

    def prove(self, account: Account, *, certified: bool = False) -> None:
        """Note that the client has proven to be the owner of *account*, by a password or as one with a certificate."""
        self.proof, self.certified = account, certified

    def _check_certificate(self) -> None:
        """Forget a proof by a certificate that is no longer the account's."""
        if self.certified:
            owner = self._door.hub.core.keys.owner(self._door.session.key.fingerprint)
            if owner is None or self.proof is None or owner.id != self.proof.id:
                self.proof, self.certified = None, False
            self._door.session.by_key = self.certified

    def _tell_metadata(self, before: Person[Seat]) -> None:
        """Take over the metadata that the client has set before it came in, and tell it so."""
        door, person = self._door, self._door.session.person
        door.server.metadata.move(before, person)
        if lines := wanted(door, person, door.server.metadata.of(person)):
            door.write(*batch(door, person.nick, lines))

    def go_away(self, text: str) -> bool:
        """
        Mark the person as away with *text*, or as back if it is empty; return whether that was done, and told.

        ``*`` means that nobody sits at this client (IRCv3, draft/pre-away), which says nothing of their others.
        """
        session = self._door.session
        if text == "*" and any(one.connected for one in session.person.others(session)):
            return False
        self._door.hub.preferences.away(session, "" if text == "*" else text or None)
        return True

    async def _prove(self, nick: str) -> None:
        """Check the password of PASS, which may have the account's name and a colon before it."""
        given, self.password = self.password, ""
        account, colon, password = given.partition(":")
        if not colon or self._door.hub.core.accounts.of(names.key(account)) is None:
            account, password = nick, given
        try:
            self.prove(await self._door.hub.logins.prove(self._door.session, account, password))
        except Refusal as refusal:
            self._door.tell("464", str(refusal))


def came_by_certificate(door: Client) -> None:
    """Follow a login by a certificate: it may have been removed meanwhile, or have been somebody else's."""
    session = door.session
    door.hub.account_keys.check_session(session)
    account = session.person.account
    if account is not None and not session.gone and door.hub.account_keys.came(session.key.fingerprint, account):
        session.reply(Notice(_FIRST.format(nick=account.nick)))
