"""NickServ and ChanServ: what people from other IRC networks say to services, answered in sentences."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from chatroom.chat.command_table import Command
from chatroom.chat.commands.accounts import ChangePassword, LogOut, ShowAccount
from chatroom.chat.commands.identity import ShowSeen
from chatroom.chat.commands.keys import Keys
from chatroom.chat.commands.moderation import Ban, Deop, Kick, Mute, Op, Unban, Unmute
from chatroom.chat.commands.room_settings import Invite
from chatroom.chat.commands.rooms import SetTopic
from chatroom.chat.commands.voices import Devoice, Voice
from chatroom.chat.refusals import Refusal
from chatroom.chat.syntax import names
from chatroom.dialects.irc.message import Message
from chatroom.dialects.sanitize import clean

from ..actions import MAX_NAMED, check_may_use_nick, irc

if TYPE_CHECKING:
    from ..client import Client

_NAMES = {"nickserv": "NickServ", "chanserv": "ChanServ", "saslserv": "SaslServ", "histserv": "HistServ"}

_NICKSERV_HELP = (
    "IDENTIFY [NICK] PASSWORD logs you in.",
    "REGISTER PASSWORD registers the nick that you have; no address is needed.",
    "CERT ADD has the certificate of your client log it in (SASL EXTERNAL); CERT LIST and CERT DEL N list and remove.",
    "LOGOUT makes you a guest again, SET PASSWORD OLD NEW changes the password.",
    "INFO NICK tells when somebody was here, DROP PASSWORD deletes your account.",
)
_CHANSERV_HELP = (
    "Whoever opens a channel is its operator; nothing needs to be registered, and all messages are kept.",
    "OP, DEOP, VOICE, DEVOICE, KICK, BAN, UNBAN, QUIET, UNQUIET, INVITE #CHANNEL NICK do what they say,",
    "and so does TOPIC #CHANNEL TEXT.",
)


@irc("NICKSERV", "NS", always=True)
def nickserv(door: Client, message: Message) -> Coroutine[Any, Any, None] | None:
    """Ask NickServ."""
    return serve(door, "nickserv", " ".join(message.params))


@irc("CHANSERV", "CS", always=True)
def chanserv(door: Client, message: Message) -> Coroutine[Any, Any, None] | None:
    """Ask ChanServ."""
    return serve(door, "chanserv", " ".join(message.params))


@irc("IDENTIFY", always=True)
def identify(door: Client, message: Message) -> Coroutine[Any, Any, None] | None:
    """Log in."""
    return serve(door, "nickserv", " ".join(["IDENTIFY", *message.params]))


def serve(door: Client, service: str, text: str) -> Coroutine[Any, Any, None] | None:
    """Answer *text*, which was said to *service*; nobody else is ever shown it."""
    if not door.named:
        door.tell("451", "You have not registered")
        return None
    if service == "chanserv":
        # As the commands that it stands for.
        check_may_use_nick(door)
    return _serve(door, service, clean(text).split())


async def _serve(door: Client, service: str, words: list[str]) -> None:
    said, *rest = words or ["HELP"]
    table = _CHANNELS if service == "chanserv" else _NICKS
    handle = table.get(said.upper())
    name = _NAMES[service]

    def answer(*texts: str) -> None:
        door.write(*door.viewer.notices(list(texts), f"{name}!services@{door.server.name}"))

    if handle is None:
        answer(f"There is no {said[:MAX_NAMED].upper()} here; HELP lists what there is.")
        return
    try:
        await handle(door, rest, answer)
    except Refusal as refusal:
        answer(str(refusal))


Answer = Callable[..., None]


async def _help_nicks(door: Client, rest: list[str], answer: Answer) -> None:
    answer(*_NICKSERV_HELP)


async def _help_channels(door: Client, rest: list[str], answer: Answer) -> None:
    answer(*_CHANSERV_HELP)


async def _identify(door: Client, rest: list[str], answer: Answer) -> None:
    nick, password = (rest[0], " ".join(rest[1:])) if len(rest) > 1 else (None, " ".join(rest))
    if nick is not None and door.hub.core.accounts.of(names.key(nick)) is None:
        nick, password = None, " ".join(rest)
    if not password:
        answer("Usage: IDENTIFY [NICK] PASSWORD")
        return
    await door.hub.logins.login(door.session, nick, password)
    account = door.session.person.account
    if account is not None:
        answer(f"You are logged in as {account.nick}.")


async def _register(door: Client, rest: list[str], answer: Answer) -> None:
    # People from other networks put an address behind the password.
    password = " ".join(rest[:-1]) if len(rest) > 1 and "@" in rest[-1] else " ".join(rest)
    if not password:
        answer("Usage: REGISTER PASSWORD")
        return
    await door.hub.registration.register(door.session, password)
    answer(f"The nick {door.session.person.nick} is registered, and you are logged in.")


async def _logout(door: Client, rest: list[str], answer: Answer) -> None:
    await _run(door, LogOut())
    answer("You are logged out.")


async def _set(door: Client, rest: list[str], answer: Answer) -> None:
    if len(rest) < 3 or rest[0].upper() != "PASSWORD":
        answer("Usage: SET PASSWORD OLD NEW")
        return
    await _run(door, ChangePassword(rest[1], " ".join(rest[2:])))
    answer("Your password is changed.")


async def _cert(door: Client, rest: list[str], answer: Answer) -> None:
    what, which = rest[0].upper() if rest else "LIST", " ".join(rest[1:]) or None
    if what not in _KEYS or (what == "DEL" and which is None):
        answer("Usage: CERT ADD [FINGERPRINT], CERT LIST, or CERT DEL N")
        return
    await _run(door, Keys(_KEYS[what], which))


async def _drop(door: Client, rest: list[str], answer: Answer) -> None:
    if not rest:
        answer("Usage: DROP PASSWORD")
        return
    await _run(door, ShowAccount("delete", " ".join(rest)))


async def _info(door: Client, rest: list[str], answer: Answer) -> None:
    await _run(door, ShowSeen(rest[0] if rest else door.session.person.nick))


def _about_channel(usage: str, make: Callable[[str, str, str], Command]) -> Callable[..., Coroutine[Any, Any, None]]:
    """Make what runs a command about a channel; *make* takes the room, the next word and the rest."""

    async def handle(door: Client, rest: list[str], answer: Answer) -> None:
        if len(rest) < 2:
            answer(f"Usage: {usage}")
            return
        await _run(door, make(rest[0].removeprefix("#"), rest[1], " ".join(rest[2:])))

    return handle


async def _run(door: Client, command: Command) -> None:
    task = command.run(door.hub, door.session)
    if task is not None:
        await task
    await door.session.flushed()


_KEYS = {"ADD": "add", "LIST": None, "DEL": "remove"}
"""What ``/keys`` calls what CERT does."""

_NICKS: dict[str, Callable[..., Coroutine[Any, Any, None]]] = {
    "HELP": _help_nicks,
    "IDENTIFY": _identify,
    "ID": _identify,
    "LOGIN": _identify,
    "REGISTER": _register,
    "LOGOUT": _logout,
    "SET": _set,
    "CERT": _cert,
    "DROP": _drop,
    "INFO": _info,
}
_CHANNELS: dict[str, Callable[..., Coroutine[Any, Any, None]]] = {
    "HELP": _help_channels,
    "OP": _about_channel("OP #CHANNEL NICK", lambda room, nick, _: Op(nick, room)),
    "DEOP": _about_channel("DEOP #CHANNEL NICK", lambda room, nick, _: Deop(nick, room)),
    "VOICE": _about_channel("VOICE #CHANNEL NICK", lambda room, nick, _: Voice(nick, room)),
    "DEVOICE": _about_channel("DEVOICE #CHANNEL NICK", lambda room, nick, _: Devoice(nick, room)),
    "KICK": _about_channel("KICK #CHANNEL NICK [REASON]", lambda room, nick, why: Kick(nick, why, room)),
    "BAN": _about_channel("BAN #CHANNEL NICK [REASON]", lambda room, nick, why: Ban(nick, None, why, room)),
    "UNBAN": _about_channel("UNBAN #CHANNEL NICK", lambda room, nick, _: Unban(nick, room)),
    "QUIET": _about_channel("QUIET #CHANNEL NICK [REASON]", lambda room, nick, why: Mute(nick, None, why, room)),
    "UNQUIET": _about_channel("UNQUIET #CHANNEL NICK", lambda room, nick, _: Unmute(nick, room)),
    "INVITE": _about_channel("INVITE #CHANNEL NICK", lambda room, nick, _: Invite(nick, room)),
    "TOPIC": _about_channel("TOPIC #CHANNEL TEXT", lambda room, word, rest: SetTopic(f"{word} {rest}".strip(), room)),
}
