"""INVITE: asking somebody into a channel, and the channels to which one is invited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatroom.chat.command_table import ROWS_PER_PAGE
from chatroom.chat.commands.room_settings import Invite
from chatroom.chat.fair_queue import ROWS_A_LINE
from chatroom.chat.refusals import NotAllowed
from chatroom.dialects.irc.message import Message
from chatroom.dialects.irc.names import channel

from ..actions import MAX_NAMED, irc, lacks
from .rooms import own_room

if TYPE_CHECKING:
    from ..client import Client


@irc("INVITE")
async def invite(door: Client, message: Message) -> None:
    """Invite somebody to a channel; without any words, list the channels to which you are invited."""
    if not message.params:
        await _list(door)
        return
    if len(message.params) < 2:
        lacks(door, message)
        return
    nick, name = message.params[:2]
    room = own_room(door, name)
    if room is None:
        return
    target = door.hub.core.people.meant(nick)
    if target is None:
        door.tell("401", nick[:MAX_NAMED] or "*", "No such nick/channel")
    elif target.identity in room.seats:
        door.tell("443", target.nick, name, "is already on channel")
    else:
        try:
            await Invite(nick, room.name).run(door.hub, door.session)
        except NotAllowed as refusal:
            door.tell("482", name, str(refusal))
            return
        door.tell("341", target.nick, channel(room.name))
        if target.away is not None:
            door.tell("301", target.nick, target.away or "Away")


async def _list(door: Client) -> None:
    """List the channels that the client may enter by invitation, and is not in."""
    person = door.session.person
    await door.session.work(ROWS_PER_PAGE / ROWS_A_LINE)
    for record in await door.hub.core.journal.find("invite", person.party, ROWS_PER_PAGE):
        if record.scope not in person.seats:
            door.tell("336", channel(record.scope))
    door.tell("337", "End of /INVITE list")
