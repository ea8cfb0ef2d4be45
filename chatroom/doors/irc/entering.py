"""Entering rooms: what a client is told about a room that it has just come into, and who is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatroom.dialects.irc.message import line, lists
from chatroom.dialects.irc.names import channel

from .metadata import batch, synchronized, tell_entered

if TYPE_CHECKING:
    from chatroom.chat.replies import RoomEntered
    from chatroom.chat.rooms.room import Room

    from .client import Client


def entered(door: Client, reply: RoomEntered, *, answers: bool) -> list[str]:
    """
    Write that the client has come into a room: its own JOIN, the topic, and the members.

    :param answers: whether that belongs to the answer to the running command.

    Past lines come only to clients that know they are past, and cannot ask for them.
    """
    look, lines = door.viewer.look, _as_whom(door)
    if reply.room in door.viewer.rooms:
        # After a login: a second JOIN would make clients forget who is there.
        return lines
    door.viewer.rooms.add(reply.room)
    room = door.hub.rooms.get(reply.room)
    where = channel(reply.room)
    person = door.session.person
    account = "*" if person.account is None else person.account.nick
    more = [account, person.realname or person.nick] if look.extended_join else []
    lines.append(line(door.viewer.mask, "JOIN", where, *more))
    if room is None:
        return lines
    if reply.topic:
        lines += topic(door, room)
    if "draft/read-marker" in look.capabilities:
        # It is told at once if nothing has to be read for it; and it stands behind the JOIN.
        (door.write if answers else door.show)(*lines)
        door.tell_read(room.name, answers=answers)
        lines = []
    if "draft/no-implicit-names" not in look.capabilities:
        lines += members(door, room)
        lines.append(door.viewer.numeric("366", where, "End of /NAMES list"))
    lines += _metadata(door, room)
    if look.batches and look.times and reply.recent and "draft/chathistory" not in look.capabilities:
        lines += door.viewer.history(where, reply.recent)
    return lines


def _as_whom(door: Client) -> list[str]:
    """
    Write the nick that the client has since it has logged in: its rooms, which come now, list its person under that.

    Where that person was a member beside the guest that the client has been, it cannot be two.
    """
    person, viewer = door.session.person, door.viewer
    if viewer.nick == person.nick:
        return []
    both = person.others(door.session) and not viewer.rooms.isdisjoint(person.seats)
    ended = [line(door.server.mask(person), "QUIT", "You are logged in as them now")] if both else []
    return ended + viewer.renamed(person.nick)


def _metadata(door: Client, room: Room) -> list[str]:
    """Write what the client wants to know of the people in *room*, who are told of its own person in turn."""
    tell_entered(door, room)
    found = synchronized(door, [room], sorted(door.subscribed))
    return batch(door, channel(room.name), found) if found else []


def topic(door: Client, room: Room) -> list[str]:
    """Write the topic of *room*, or that it has none."""
    say, where = door.viewer.numeric, channel(room.name)
    if not room.topic:
        return [say("331", where, "No topic is set")]
    lines = [f":{door.server.name} 332 {door.viewer.nick} {where} :{room.topic}"]
    if room.topic_by is not None:
        by, at = room.topic_by
        lines.append(say("333", where, by, str(int(at))))
    return lines


def members(door: Client, room: Room) -> list[str]:
    """Write who is in *room* (RPL_NAMREPLY)."""
    server, where, capabilities = door.server, channel(room.name), door.viewer.look.capabilities
    full, most = "userhost-in-names" in capabilities, 2 if "multi-prefix" in capabilities else 1
    words = list(map(server.mask, room.people())) if full else list(room.nicks())
    for place, prefix in server.prefixes(room).items():
        words[place] = prefix[:most] + words[place]
    params = [door.viewer.nick, "@" if room.hidden else "=", where]
    return list(lists(server.name, "353", params, words))
