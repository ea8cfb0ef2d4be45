"""Commands about the server: MOTD, LUSERS, VERSION, TIME, ADMIN, LINKS, INFO, HELP, OPER, KILL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from chatroom.chat.commands.targets import check_outranks
from chatroom.chat.refusals import Refusal
from chatroom.chat.syntax import names
from chatroom.dialects.irc.message import Message
from chatroom.dialects.sanitize import clean

from ..actions import MAX_NAMED, TABLE, irc
from ..welcome import counts, message_of_the_day, supported, version

if TYPE_CHECKING:
    from ..client import Client


def _is_other_server(door: Client, name: str) -> bool:
    if not name or name.lower() in (door.server.name.lower(), "*") or name.lower() == door.viewer.nick.lower():
        return False
    door.tell("402", name[:MAX_NAMED], "No such server")
    return True


@irc("MOTD")
async def motd(door: Client, message: Message) -> None:
    """Show the message of the day."""
    if not _is_other_server(door, message.param(0)):
        door.write(*message_of_the_day(door))


@irc("LUSERS")
async def lusers(door: Client, message: Message) -> None:
    """Count people and rooms."""
    door.write(*counts(door))


@irc("VERSION")
async def show_version(door: Client, message: Message) -> None:
    """Show the server's version."""
    if not _is_other_server(door, message.param(0)):
        door.tell("351", version(door), door.server.name, "One chat server for whatever is installed")
        door.write(*supported(door))


@irc("TIME")
async def time(door: Client, message: Message) -> None:
    """Show the server's time."""
    if not _is_other_server(door, message.param(0)):
        now = door.hub.core.runtime.now()
        spoken = datetime.fromtimestamp(now, UTC).strftime("%A, %Y-%m-%d %H:%M:%S UTC")
        door.tell("391", door.server.name, spoken)


@irc("ADMIN")
async def admin(door: Client, message: Message) -> None:
    """Say whom to ask."""
    if _is_other_server(door, message.param(0)):
        return
    door.tell("256", door.server.name, "Administrative info")
    door.tell("257", f"This is {door.hub.core.server}")
    door.tell("258", "Ask somebody with a star in WHO, or whoever gave you the address")
    door.tell("259", "There is no address of an administrator")


@irc("LINKS")
async def links(door: Client, message: Message) -> None:
    """List other servers: there are none."""
    door.tell("365", message.param(0) or "*", "End of /LINKS list: this server is linked to no other")


@irc("INFO")
async def info(door: Client, message: Message) -> None:
    """Say what this is."""
    if _is_other_server(door, message.param(0)):
        return
    for text in (
        f"{door.hub.core.server}: one chat server for nc, telnet, browsers, IRC clients, curl and programs,",
        "on one port, in the same rooms.  What is said is stored, and can be read later.",
    ):
        door.tell("371", text)
    door.tell("374", "End of INFO list")


_HELP = {
    "": (
        "Commands of this server",
        "JOIN, PART, PRIVMSG, TOPIC, KICK, INVITE and MODE work as on every IRC server.",
        "Messages are stored: CHATHISTORY, or your client's scrollback, shows what was said before.",
        "/msg NickServ HELP explains accounts, /msg ChanServ HELP channels.",
        "/quote CHAT help lists the commands that all doors of this server have.",
    ),
}


@irc("HELP", "HELPOP")
async def show_help(door: Client, message: Message) -> None:
    """Explain the server, or say that a command is known."""
    subject = message.param(0).upper()
    if subject and subject not in TABLE:
        door.tell("524", message.param(0)[:MAX_NAMED], "There is no help on that")
        return
    first, *more = _HELP[""] if not subject else (f"{subject}: {TABLE[subject].handle.__doc__}".replace("``", ""),)
    name = message.param(0) or "*"
    door.tell("704", name, first)
    for text in more:
        door.tell("705", name, text)
    door.tell("706", name, "End of /HELP")


@irc("OPER", least=2)
async def oper(door: Client, message: Message) -> None:
    """Log in to an account of an admin, without another nick."""
    person, name = door.session.person, message.params[0]
    try:
        account = await door.hub.logins.prove(door.session, name, message.params[1])
    except Refusal as refusal:
        door.tell("464", str(refusal))
        return
    if not account.admin:
        door.tell("491", f"{account.nick} is no admin of this server")
        return
    try:
        if not person.owns(account):
            await door.hub.logins.finish(door.session, account)
    except Refusal as refusal:
        door.tell("491", str(refusal))
        return
    door.tell("381", "You are now an IRC operator")
    door.write(f":{door.viewer.mask} MODE {door.viewer.nick} +o")


@irc("KILL", least=2)
async def kill(door: Client, message: Message) -> None:
    """Disconnect somebody."""
    actor = door.session.person
    if not door.server.is_admin(actor):
        door.tell("481", "Permission Denied - You're not an IRC operator")
        return
    target = door.hub.core.nicks.get(names.key(message.params[0]))
    if target is None or not target.nick:
        door.tell("401", message.params[0][:MAX_NAMED] or "*", "No such nick/channel")
        return
    reason = clean(message.params[1])[: door.hub.core.limits.topic]
    try:
        check_outranks(actor, target, None)
    except Refusal as refusal:
        door.tell("483", str(refusal))
        return
    door.hub.ledger.audit(door.session, "kill", "", f"disconnected {target.nick} ({reason})")
    for one in list(target.sessions):
        one.hang_up(f"Killed ({actor.nick} ({reason}))", f"Killed ({actor.nick} ({reason}))", ended=True)
