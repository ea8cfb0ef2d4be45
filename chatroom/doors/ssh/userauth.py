"""User authentication (RFC 4252, RFC 4256): guests walk in, and a registered nick needs its key or its password."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from twisted.conch.ssh import userauth as conch
from twisted.conch.ssh.common import NS, getNS
from twisted.conch.ssh.keys import Key
from twisted.conch.ssh.service import SSHService
from twisted.conch.ssh.transport import DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE
from twisted.python.failure import Failure

from chatroom.chat.people.accounts import Account
from chatroom.chat.ports.null_outlet import NullOutlet
from chatroom.chat.refusals import Refusal, WrongPassword
from chatroom.chat.syntax import names, public_keys
from chatroom.chat.syntax.public_keys import NO_KEY, PublicKey

from .algorithms import SIGNATURES, key_type
from .connection import SshConnection
from .identity import Identity
from .silence import SILENT
from .transport import CHECKING, SshTransport

if TYPE_CHECKING:
    from .server import Server

METHODS = b"publickey,keyboard-interactive,password"
"""What is offered; not ``none``: clients to whom that is granted never offer a key."""

MAX_TRIES = 40
"""Refused attempts; agents hold many keys."""

MAX_PASSWORDS = 6
"""Wrong passwords, besides what slows guesses on all doors."""

SIGNATURE_LINES = 2.0
"""Cost of checking a signature, in lines: 1 ms for RSA with 8,192 bits."""

_MAX_USER = 256
"""Bytes of a user name that are looked at."""

_HIDDEN = b"\0"
"""Says of a prompt that what is typed is not to be echoed (RFC 4256, section 3.2)."""

_USER_PRESENT = 1
"""The flag of a signature by a security key that somebody touched it (OpenSSH, PROTOCOL.u2f)."""


class Nobody(NullOutlet):
    """The outlet of who checks a password before there is a session to come in."""

    door = "ssh"
    secure = True

    def __init__(self, address: str) -> None:
        self.address = address


class UserAuth(SSHService):
    """
    One client's way in.

    Who has no account only says a name.  A registered nick is given to who signs by one of its keys, or knows its
    password; whoever says nothing at its question gets another nick.
    """

    name = b"ssh-userauth"
    protocolMessages = conch.SSHUserAuthServer.protocolMessages
    _log = SILENT
    transport: SshTransport

    def __init__(self, factory: Server) -> None:
        self._factory = factory
        self._tries = self._wrong = 0
        self._asked: tuple[str, bool] | None = None
        """The nick whose client was asked something, and whether that was for its password."""

    def congestion_changed(self) -> None:
        """Do nothing: what is written here is short."""

    def connection_lost(self, reason: Failure) -> None:
        """Do nothing: nobody has come in."""

    def ssh_USERAUTH_REQUEST(self, packet: bytes) -> None:
        """Read ``string user, string service, string method, …``."""
        user, service, method, rest = getNS(packet, 3)
        self._asked = None
        self._factory.refresh()
        if service != SshConnection.name or (self._factory.authorized.restricting and method != b"publickey"):
            self._refuse(counted=method != b"none")
            return
        nick = user[:_MAX_USER].decode("utf-8", "replace").strip()
        if method == b"publickey":
            self._public_key(packet, nick, user, rest)
        elif method == b"keyboard-interactive":
            self._ask(nick)
        elif method == b"password":
            changes, password = rest[0], getNS(rest[1:])[0]
            if changes:
                self._refuse()
            else:
                self._password(nick, password)
        else:
            self._refuse(counted=method != b"none")

    # Public keys (RFC 4252, section 7).

    def _public_key(self, packet: bytes, nick: str, user: bytes, rest: bytes) -> None:
        signs = rest[0]
        algorithm, blob, rest = getNS(rest[1:], 2)
        key = public_keys.of_blob(blob) if algorithm in SIGNATURES else None
        if key is None or key.kind.encode() != key_type(algorithm) or not self._may_use(nick, key.fingerprint):
            self._refuse()
        elif not signs:
            self.transport.sendPacket(conch.MSG_USERAUTH_PK_OK, NS(algorithm) + NS(blob))
        else:
            signature = getNS(rest)[0]
            # What is signed is the request without the signature at its end.
            signed = bytes([conch.MSG_USERAUTH_REQUEST]) + packet[: len(packet) - len(rest)]
            assert self.transport.sessionID is not None
            self.transport.price += SIGNATURE_LINES
            if self._verifies(Key.fromString(blob), algorithm, signature, NS(self.transport.sessionID) + signed):
                self._succeed(nick, key=key)
            else:
                self._refuse()

    def _may_use(self, nick: str, fingerprint: str) -> bool:
        """Return whether the key may be the way in of *nick*: a registered one has its own keys only."""
        core = self._factory.hub.core
        if not self._factory.authorized.admits(fingerprint):
            return False
        account = core.accounts.of(names.key(nick))
        return account is None or core.keys.owner(fingerprint) == account

    def _verifies(self, key: Any, algorithm: bytes, signature: bytes, signed: bytes) -> bool:
        if getNS(signature)[0] != algorithm:
            return False
        if key.isSecurityKey():
            if not getNS(signature, 2)[2][0] & _USER_PRESENT:
                return False
            signed = conch.SSHUserAuthServer._wrapMessageWithSKMetadata(signature, signed, key.application)
        return bool(key.verify(signature, signed))

    # Questions and passwords.

    def _ask(self, nick: str) -> None:
        """Ask for the password of a registered nick, and others nothing (RFC 4256, section 3.2)."""
        account = self._factory.hub.core.accounts.of(names.key(nick))
        self._asked = nick, account is not None
        if account is None:
            prompts = struct.pack(">L", 0)
        else:
            question = f"Password for {account.nick} (Enter alone for another nick): "
            prompts = struct.pack(">L", 1) + NS(question.encode()) + _HIDDEN
        self.transport.sendPacket(conch.MSG_USERAUTH_INFO_REQUEST, 3 * NS(b"") + prompts)

    def ssh_USERAUTH_INFO_RESPONSE(self, packet: bytes) -> None:
        """Read ``uint32 number, string response, …``."""
        asked, self._asked = self._asked, None
        (count,) = struct.unpack(">L", packet[:4])
        if asked is None or count != int(asked[1]):
            self._refuse()
            return
        nick, password_wanted = asked
        password = getNS(packet[4:])[0] if password_wanted else b""
        if password:
            self._password(nick, password)
        else:
            self._succeed(nick)

    def _password(self, nick: str, password: bytes) -> None:
        """Check a password; who has no account needs none, and so none can be wrong."""
        if self._factory.hub.core.accounts.of(names.key(nick)) is None:
            self._succeed(nick)
            return
        self.transport.hold(CHECKING)
        self._factory.hub.core.runtime.spawn(self._check(nick, password))

    async def _check(self, nick: str, password: bytes) -> None:
        transport = self.transport
        try:
            account = await self._prove(nick, password)
            if transport.ended:
                return
            if account is None:
                self._wrong += 1
                self._refuse()
            else:
                self._succeed(nick, account=account)
        finally:
            transport.release(CHECKING)

    async def _prove(self, nick: str, password: bytes) -> Account | None:
        try:
            text = password.decode()
        except UnicodeDecodeError:
            return None
        guest = self._factory.hub.connect(Nobody(self.transport.address))
        try:
            return await self._factory.hub.logins.prove(guest, nick, text)
        except WrongPassword:
            return None
        except Refusal as refusal:
            self._banner(str(refusal))
            return None
        finally:
            self._factory.hub.end(guest, "")

    # Outcomes.

    @property
    def _methods(self) -> bytes:
        return b"publickey" if self._factory.authorized.restricting else METHODS

    def _banner(self, text: str) -> None:
        """Show *text* before the client is in (RFC 4252, section 5.4)."""
        self.transport.sendPacket(conch.MSG_USERAUTH_BANNER, NS(f"{text}\r\n".encode()) + NS(b""))

    def _refuse(self, *, counted: bool = True) -> None:
        self._tries += counted
        if self._tries > MAX_TRIES or self._wrong >= MAX_PASSWORDS:
            self.transport.sendDisconnect(DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE, b"Too many attempts.")
        else:
            self.transport.sendPacket(conch.MSG_USERAUTH_FAILURE, NS(self._methods) + b"\0")

    def _succeed(self, nick: str, *, key: PublicKey = NO_KEY, account: Account | None = None) -> None:
        transport = self.transport
        transport.identity = Identity(nick, key, account, self._factory.hub.core.runtime.token())
        transport.sendPacket(conch.MSG_USERAUTH_SUCCESS, b"")
        transport.setService(SshConnection(self._factory))
