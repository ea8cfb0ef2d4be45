"""Commands about rooms: JOIN, PART, TOPIC, KICK, NAMES."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from chatroom.chat.commands.moderation import Kick
from chatroom.chat.commands.rooms import SetTopic
from chatroom.chat.fair_queue import NAMES_A_LINE
from chatroom.chat.refusals import (
    BadInput,
    BadName,
    BannedHere,
    NotAllowed,
    Refusal,
    RoomFull,
    RoomLocked,
    TooLong,
    TooMany,
)
from chatroom.chat.rules.roles import Role, role_in
from chatroom.chat.syntax import names
from chatroom.chat.syntax.conversations import name_of
from chatroom.dialects.irc.message import Message
from chatroom.dialects.irc.names import channel
from chatroom.dialects.sanitize import clean

from ..actions import MAX_NAMED, irc, lacks
from ..entering import members, topic
from ..server import MAX_TARGETS

if TYPE_CHECKING:
    from chatroom.chat.rooms.room import Room, Seat

    from ..client import Client


def room_called(door: Client, name: str) -> str:
    """
    Return the room that the channel *name* is.

    :raises BadName: if it is none.
    """
    if not name.startswith("#"):
        raise BadName("A channel begins with #.")
    return names.room(name, door.hub.core.limits.room)


def known_room(door: Client, name: str) -> Room | None:
    """Return the room that the channel *name* is, if somebody is in it and the client may know that."""
    try:
        found: Room | None = door.hub.rooms.get(room_called(door, name))
    except Refusal:
        return None
    if found is not None and found.seats and found.may_know(door.session.person):
        return found
    return None


def place_called(door: Client, target: str) -> str | None:
    """Return the room of the channel *target* that the client is in, or its conversation with this nick; or None."""
    person = door.session.person
    if target.startswith("#"):
        try:
            name = room_called(door, target)
        except Refusal:
            return None
        return name if name in person.seats else None
    other, account = door.hub.core.people.meant(target), door.hub.core.accounts.of(names.key(target))
    if other is not None:
        return door.hub.direct_messages.name_of(person, other)
    return None if account is None else name_of(person.party, account.id)


async def in_use(door: Client, place: str, act: Callable[[Room], Coroutine[Any, Any, None]]) -> None:
    """
    Let *act* use the room or conversation *place*.

    :raises NotHere: if the person is not, or no longer, in it.
    """
    if place.startswith("@"):
        await door.hub.direct_messages.in_use(door.session, place, act)
    else:
        await act(door.session.room(place))


def no_room(door: Client, name: str) -> None:
    """Answer that there is no such channel."""
    door.tell("403", name[:MAX_NAMED] or "*", "No such channel")


def own_room(door: Client, name: str) -> Room | None:
    """Return the room that the channel *name* is, if the client is in it; else answer why not."""
    try:
        called = room_called(door, name)
    except Refusal:
        no_room(door, name)
        return None
    seat: Seat | None = door.session.person.seats.get(called)
    if seat is not None and not seat.leaving:
        return seat.room
    if known_room(door, name) is None:
        no_room(door, name)
    else:
        door.tell("442", name, "You're not on that channel")
    return None


@irc("JOIN", least=1)
async def join(door: Client, message: Message) -> None:
    """Enter rooms, or with ``0`` leave them all."""
    if message.params[0] == "0":
        for name in door.session.person.room_names():
            await _leave(door, channel(name), "")
        return
    named, keys = message.named(0), message.param(1).split(",")
    if not named:
        lacks(door, message)
    for place, name in enumerate(named):
        await _join(door, name, clean(keys[place]) if place < len(keys) else "")
        if door.session.gone:
            return


async def _join(door: Client, name: str, key: str) -> None:
    try:
        room = room_called(door, name)
        if room in door.session.person.seats:
            return
        try:
            await door.hub.joining.join(door.session, room, key)
        except BadInput:
            if not key:
                raise
            # Clients send keys that they remember to channels that have none by now.
            await door.hub.joining.join(door.session, room)
    except (BadName, TooLong):
        no_room(door, name)
    except BannedHere as refusal:
        door.tell("474", name, f"Cannot join channel (+b): {refusal}")
    except RoomLocked as refusal:
        found = door.hub.rooms.get(room)
        keyed = found is not None and found.state.settings.get("lock") == "key" and not found.private
        door.tell("475" if keyed else "473", name, f"Cannot join channel (+{'k' if keyed else 'i'}): {refusal}")
    except RoomFull as refusal:
        door.tell("471", name, f"Cannot join channel (+l): {refusal}")
    except TooMany as refusal:
        door.tell("405", name, str(refusal))
    except Refusal as refusal:
        door.tell("437", name, str(refusal))


@irc("PART", least=1)
async def part(door: Client, message: Message) -> None:
    """Leave rooms."""
    reason = clean(message.param(1))[: door.hub.core.limits.topic]
    named = message.named(0)
    if not named:
        lacks(door, message)
    for name in named:
        await _leave(door, name, reason)
        if door.session.gone:
            return


async def _leave(door: Client, name: str, reason: str) -> None:
    room = own_room(door, name)
    if room is not None:
        await door.hub.membership.leave(door.session, room, reason)


@irc("TOPIC", least=1)
async def show_or_set_topic(door: Client, message: Message) -> None:
    """Show the topic of a channel, or set it."""
    name = message.params[0]
    if len(message.params) == 1:
        room = known_room(door, name)
        if room is None:
            no_room(door, name)
        elif door.session.person.identity not in room.seats and room.closed:
            door.tell("442", name, "You're not on that channel")
        else:
            door.write(*topic(door, room))
        return
    room = own_room(door, name)
    if room is None:
        return
    text = clean(message.params[1]).strip()
    if text == room.topic and (
        not door.server.protects_topic(room) or role_in(door.session.person, room) >= Role.OPERATOR
    ):
        return
    try:
        await SetTopic(text or "-", room.name).run(door.hub, door.session)
        await door.session.flushed()
    except NotAllowed as refusal:
        door.tell("482", name, str(refusal))


@irc("KICK", least=2)
async def kick(door: Client, message: Message) -> None:
    """Remove people from a channel; it may be named once for each of them."""
    name, reason = message.params[0].split(",")[0], clean(message.param(2))[: door.hub.core.limits.topic]
    if any(one != name for one in message.params[0].split(",")):
        no_room(door, message.params[0])
        return
    nicks = message.named(1)
    if not (name and nicks):
        lacks(door, message)
        return
    for nick in nicks[:MAX_TARGETS]:
        room = own_room(door, name)
        if room is None:
            return
        target = door.hub.core.nicks.get(names.key(nick))
        if door.hub.core.api_tokens.of(names.key(nick)) is None:
            if target is None or not target.nick:
                door.tell("401", nick[:MAX_NAMED], "No such nick/channel")
                continue
            if target.identity not in room.seats:
                door.tell("441", target.nick, name, "They aren't on that channel")
                continue
        try:
            await Kick(nick, reason, room.name).run(door.hub, door.session)
        except Refusal as refusal:
            door.tell("482", name, str(refusal))
            return


@irc("NAMES", shows=True)
async def list_names(door: Client, message: Message) -> None:
    """List who is in channels."""
    for name in message.named(0):
        room = known_room(door, name)
        if room is not None:
            await door.session.work(len(room.seats) / NAMES_A_LINE)
            room = known_room(door, name)
        if room is not None:
            door.write(*members(door, room))
    door.tell("366", message.param(0) or "*", "End of /NAMES list")
