"""Capabilities and identity: CAP (IRCv3), AUTHENTICATE (SASL, RFC 4422 and 4616), REGISTER (account-registration)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from chatroom.chat.refusals import BadInput, NickTaken, Refusal, TooLong
from chatroom.chat.syntax import names
from chatroom.chat.syntax.public_keys import NO_KEY
from chatroom.dialects.irc.framing import in_lines
from chatroom.dialects.irc.message import MAX_LINE, Message, line

from ...addresses import is_encrypted, is_secure
from ..actions import MAX_NAMED, irc
from ..registration import came_by_certificate
from ..server import CAPABILITIES, Sts
from .connection import come_in

if TYPE_CHECKING:
    from chatroom.chat.people.accounts import Account

    from ..client import Client

_PIECE = 400
"""Characters of one piece of what AUTHENTICATE says; a shorter one is the last."""

_MAX_PIECES = 6
"""Pieces in all: names and passwords have bounds, too."""

_NEW = 302
"""The version of the negotiation in which capabilities have values, and are announced when they change."""


@irc("CAP", least=1, always=True)
def cap(door: Client, message: Message) -> Coroutine[Any, Any, None] | None:
    """Negotiate capabilities; until CAP END, a new client does not come in."""
    what, rest = message.params[0].upper(), message.param(1)
    if what == "LS":
        _begin(door)
        if rest.isdecimal() and len(rest) < 6:
            door.registration.version = max(door.registration.version, int(rest))
            if door.registration.version >= _NEW:
                door.use(door.viewer.look.capabilities | {"cap-notify"})
        _list(door, "LS", _offered(door))
    elif what == "LIST":
        _list(door, "LIST", sorted(door.viewer.look.capabilities))
    elif what == "REQ":
        _begin(door)
        _request(door, rest)
    elif what == "END":
        if not door.registration.done:
            return come_in(door)
    else:
        door.tell("410", what[:MAX_NAMED], "Invalid CAP command")
    return None


def _begin(door: Client) -> None:
    door.registration.negotiating = not door.registration.done


def _offered(door: Client) -> list[str]:
    if door.registration.version < _NEW:
        return list(CAPABILITIES)
    values = {**CAPABILITIES, "sasl": ",".join(_mechanisms(door))}
    offered = [f"{name}={value}" if value else name for name, value in values.items()]
    return offered + _strict_transport_security(door)


def _mechanisms(door: Client) -> list[str]:
    """Return how this client can log in by SASL: EXTERNAL needs a certificate, which TLS has asked it for."""
    return ["PLAIN"] if door.session.key is NO_KEY else ["PLAIN", "EXTERNAL"]


def _strict_transport_security(door: Client) -> list[str]:
    """
    Write that clients are to use TLS only, and where, or for how long (IRCv3, sts).

    What is local needs none, and the address of a WebSocket says it.
    """
    sts: Sts = door.server.sts
    if not sts.seconds or door.framing is not in_lines:
        return []
    if is_encrypted(door.transport):
        return [f"sts=duration={sts.seconds}"]
    return [] if is_secure(door.transport) else [f"sts=port={sts.port}"]


def _list(door: Client, what: str, words: list[str]) -> None:
    """List *words* in as many lines as they need; only newer clients know that more follow."""
    nick, server = door.viewer.nick, door.server.name
    many = what != "LS" or door.registration.version >= _NEW
    room = MAX_LINE - len(f":{server} CAP {nick} {what} * :\r\n".encode()) if many else 10 * MAX_LINE
    lines: list[str] = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + 1 + len(word) > room:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    for held in lines[:-1]:
        door.write(f":{server} CAP {nick} {what} * :{held}")
    door.write(f":{server} CAP {nick} {what} :{lines[-1]}")


def _request(door: Client, asked: str) -> None:
    """Grant all that is *asked* for, or nothing."""
    wanted = set(door.viewer.look.capabilities)
    for word in asked.split():
        name = word.removeprefix("-")
        if name not in CAPABILITIES or (word == "-cap-notify" and door.registration.version >= _NEW):
            door.write(f":{door.server.name} CAP {door.viewer.nick} NAK :{asked}")
            return
        if word.startswith("-"):
            wanted.discard(name)
        else:
            wanted.add(name)
    door.write(f":{door.server.name} CAP {door.viewer.nick} ACK :{asked}")
    door.use(frozenset(wanted))


@irc("AUTHENTICATE", least=1, always=True)
def authenticate(door: Client, message: Message) -> Coroutine[Any, Any, None] | None:
    """Take one step of a login: the mechanism, then what it says in pieces."""
    registration, said = door.registration, message.params[0]
    if "sasl" not in door.viewer.look.capabilities:
        door.tell("904", "SASL authentication failed")
    elif said == "*":
        registration.sasl = None
        door.tell("906", "SASL authentication aborted")
    elif registration.sasl is None and door.session.person.account is not None:
        door.tell("907", f"You are logged in as {door.session.person.account.nick} already")
    elif registration.sasl is None:
        if said.upper() in _mechanisms(door):
            registration.mechanism, registration.sasl = said.upper(), []
            door.write("AUTHENTICATE +")
        else:
            door.tell("908", ",".join(_mechanisms(door)), "are available SASL mechanisms")
            door.tell("904", "SASL authentication failed")
    elif len(said) > _PIECE:
        registration.sasl = None
        door.tell("905", "SASL message too long")
    elif len(registration.sasl) >= _MAX_PIECES:
        registration.sasl = None
        door.tell("904", "SASL authentication failed: that is too long")
    else:
        if said != "+":
            registration.sasl.append(said)
        if len(said) < _PIECE:
            whole, registration.sasl = "".join(registration.sasl), None
            return _LOGINS[registration.mechanism](door, whole)
    return None


async def _log_in_by_password(door: Client, written: str) -> None:
    """Check what the client says about who it is: ``authzid NUL authcid NUL password`` (RFC 4616, section 2)."""
    try:
        parts = base64.b64decode(written, validate=True).decode().split("\0")
        other, name, password = parts
    except (binascii.Error, ValueError):
        door.tell("904", "SASL authentication failed: that is not PLAIN")
        return
    if other and names.key(other) != names.key(name):
        door.tell("904", "SASL authentication failed: nobody can act for another account")
        return
    try:
        if door.registration.done:
            await door.hub.logins.login(door.session, name, password)
        else:
            _prove(door, await door.hub.logins.prove(door.session, name, password))
    except Refusal as refusal:
        door.tell("904", f"SASL authentication failed: {refusal}")
    else:
        door.tell("903", "SASL authentication successful")


async def _log_in_by_certificate(door: Client, written: str) -> None:
    """Log in by the certificate of this connection: the client says to which account, or nothing (RFC 4422, A)."""
    session, hub = door.session, door.hub
    try:
        name = base64.b64decode(written, validate=True).decode()
    except ValueError:
        door.tell("904", "SASL authentication failed: that is not EXTERNAL")
        return
    nick = door.registration.nick or session.person.nick
    account = hub.core.keys.owner_coming(session.key.fingerprint, name or nick)
    if account is None or (name and names.key(name) != account.key):
        why = "your certificate is not that account's; NickServ CERT ADD adds it"
        door.tell("904", f"SASL authentication failed: {why}")
        return
    if not door.registration.done:
        _prove(door, account, certified=True)
    else:
        session.by_key = True
        try:
            await hub.logins.finish(session, account)
        except Refusal as refusal:
            session.by_key = False
            door.tell("904", f"SASL authentication failed: {refusal}")
            return
        came_by_certificate(door)
    door.tell("903", "SASL authentication successful")


def _prove(door: Client, account: Account, *, certified: bool = False) -> None:
    """Note that a client that has yet to come in is the owner of *account*, and tell it."""
    door.registration.prove(account, certified=certified)
    door.viewer.account = account.nick
    door.tell("900", door.viewer.mask, account.nick, f"You are now logged in as {account.nick}")


_LOGINS = {"PLAIN": _log_in_by_password, "EXTERNAL": _log_in_by_certificate}
"""What takes what the client says about who it is, by the mechanism."""


@irc("REGISTER", least=3, always=True)
async def register(door: Client, message: Message) -> None:
    """Register the nick as an account."""
    name, _, password = message.params[:3]
    server = door.server.name

    def fail(code: str, why: str) -> None:
        door.write(line(server, "FAIL", "REGISTER", code, name, why))

    if not door.registration.done:
        fail("COMPLETE_CONNECTION_REQUIRED", "Come in with a nick first")
        return
    person = door.session.person
    if name != "*" and names.key(name) != person.key:
        fail("ACCOUNT_NAME_MUST_BE_NICK", f"You can only register the nick that you have: {person.nick}")
        return
    if person.account is not None:
        fail("ALREADY_AUTHENTICATED", f"You are logged in as {person.account.nick} already")
        return
    try:
        await door.hub.registration.register(door.session, password)
    except NickTaken as refusal:
        fail("ACCOUNT_EXISTS", str(refusal))
    except (BadInput, TooLong) as refusal:
        fail("UNACCEPTABLE_PASSWORD", str(refusal))
    except Refusal as refusal:
        fail("TEMPORARILY_UNAVAILABLE", str(refusal))
    else:
        nick = person.nick
        door.write(line(server, "REGISTER", "SUCCESS", nick, "Your nick is registered"))


@irc("VERIFY", always=True)
async def verify(door: Client, message: Message) -> None:
    """Answer that no account waits to be verified."""
    why = "Accounts need no verification here"
    door.write(line(door.server.name, "FAIL", "VERIFY", "INVALID_CODE", message.param(0) or "*", why))
