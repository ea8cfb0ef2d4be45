"""Commands for admins of the server: WALLOPS, REHASH."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatroom.chat.commands.server_admin import Reload
from chatroom.dialects.irc.message import Message, line
from chatroom.dialects.sanitize import clean

from ..actions import irc, lacks

if TYPE_CHECKING:
    from ..client import Client


def is_admin(door: Client) -> bool:
    """Return whether the client's person is an admin; if not, say so."""
    admin: bool = door.server.is_admin(door.session.person)
    if not admin:
        door.tell("481", "Permission Denied - You're not an IRC operator")
    return admin


@irc("WALLOPS", least=1)
async def wallops(door: Client, message: Message) -> None:
    """Tell something to all IRC clients that want to hear it (``MODE NICK +w``); only admins may."""
    if not is_admin(door):
        return
    text = clean(message.params[0])[: door.hub.core.limits.topic].strip()
    if not text:
        lacks(door, message)
        return
    door.hub.ledger.audit(door.session, "wallops", "", text)
    for other in list(door.server.presence.clients):
        if other.wallops:
            other.show(line(door.viewer.mask, "WALLOPS", text))


@irc("REHASH")
async def rehash(door: Client, message: Message) -> None:
    """Read the configuration again."""
    if is_admin(door):
        door.tell("382", "*", "Rehashing")
        await Reload().run(door.hub, door.session)
