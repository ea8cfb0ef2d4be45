"""CHATHISTORY: messages of a channel or a conversation that were said before (IRCv3, draft/chathistory)."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, nextafter
from typing import TYPE_CHECKING, NamedTuple

from chatroom.chat.ports import JournalError
from chatroom.chat.refusals import Refusal
from chatroom.chat.syntax import names
from chatroom.dialects.irc.message import Message, line
from chatroom.dialects.irc.names import channel, position_of
from chatroom.dialects.irc.numeric import Past
from chatroom.dialects.json.encoder import iso

from ..actions import MAX_NAMED, irc
from ..moments import MILLISECOND, moment
from ..past import first, last
from ..server import CHATHISTORY
from .rooms import in_use, place_called

if TYPE_CHECKING:
    from chatroom.chat.events import Event
    from chatroom.chat.rooms.room import Room

    from ..client import Client

_ARGUMENTS = {"LATEST": 2, "BEFORE": 2, "AFTER": 2, "AROUND": 2, "BETWEEN": 3, "TARGETS": 3}
"""What comes behind the subcommand and the target: points in time, and the limit; for TARGETS there is no target."""


class _Wrong(Exception):
    """The command cannot be answered: the code of the failure, what it is about, and a sentence."""


class _Point(NamedTuple):
    """A point in a history: everything below the position *before* is earlier, everything from *after* on is later."""

    before: float
    after: float


@irc("CHATHISTORY", shows=True)
async def chathistory(door: Client, message: Message) -> None:
    """Show past messages: the latest, or those before, after, around or between points; or where there are any."""
    what = message.param(0).upper()
    try:
        if what not in _ARGUMENTS:
            raise _Wrong("INVALID_PARAMS", what[:MAX_NAMED] or "*", "There is no such subcommand")
        if len(message.params) < 1 + _ARGUMENTS[what] + (what != "TARGETS"):
            raise _Wrong("INVALID_PARAMS", what, "Too few parameters")
        limit = _limit(what, message.params[-1])
        if what == "TARGETS":
            await _targets(door, message, limit)
        else:
            await _show(door, message, what, limit)
    except _Wrong as wrong:
        door.write(line(door.server.name, "FAIL", "CHATHISTORY", *wrong.args))
    except (Refusal, JournalError) as error:
        door.write(line(door.server.name, "FAIL", "CHATHISTORY", "MESSAGE_ERROR", what, str(error)))


def _limit(what: str, text: str) -> int:
    if not text.isdecimal() or len(text) > 9 or not int(text):
        raise _Wrong("INVALID_PARAMS", what, "The limit is a number from 1 up")
    return min(int(text), CHATHISTORY)


async def _show(door: Client, message: Message, what: str, limit: int) -> None:
    target = message.params[1]
    place = place_called(door, target) or await _conversation_with(door, target)
    if place is None:
        raise _Wrong("INVALID_TARGET", what, target[:MAX_NAMED] or "*", "You are not there")

    async def show(room: Room) -> None:
        with room.history.watch() as watch:
            placed = await _read(door, room, what, message.params[2:-1], limit)
            found = watch.lines((int(at), event) for at, event in placed)
        # They may have been removed from it meanwhile.
        if room.conversation:
            door.hub.direct_messages.check_party(door.session, room.name)
        else:
            door.session.room(room.name)
        door.reply(Past(target, tuple(found)))

    await in_use(door, place, show)


async def _conversation_with(door: Client, target: str) -> str | None:
    """Return the client's conversation with somebody who is gone and was called *target*, as TARGETS does; or None."""
    if not target or target.startswith("#"):
        return None
    key = names.key(target)
    listed = await door.hub.reading.conversations(door.session, door.session.work)
    return next((one.room for one in listed.conversations if names.key(one.nick) == key), None)


async def _read(
    door: Client, room: Room, what: str, written: Sequence[str], limit: int
) -> Sequence[tuple[float, Event]]:
    if what == "LATEST" and written[0] == "*":
        return await last(door, room, 0, inf, limit)
    points = [await _point(room, what, one) for one in written]
    one, other = points[0], points[-1]
    if what == "LATEST":
        return await last(door, room, one.after, inf, limit)
    if what == "BEFORE":
        return await last(door, room, 0, one.before, limit)
    if what == "AFTER":
        return await first(door, room, one.after, inf, limit)
    if what == "AROUND":
        earlier = await last(door, room, 0, one.before, limit // 2)
        return [*earlier, *await first(door, room, one.before, inf, limit - len(earlier))]
    if one.before <= other.before:
        return await first(door, room, one.after, other.before, limit)
    return await last(door, room, other.after, one.before, limit)


async def _point(room: Room, what: str, written: str) -> _Point:
    kind, _, value = written.partition("=")
    if kind == "msgid":
        at = position_of(room.name, value)
        if at is None:
            raise _Wrong("INVALID_MSGREFTYPE" if not value else "MESSAGE_ERROR", what, "There is no such message")
        return _Point(at, nextafter(at, inf))
    if kind == "timestamp":
        time = _moment(what, value)
        return _Point(await room.history.seq_at(time), await room.history.seq_at(time + MILLISECOND))
    raise _Wrong("INVALID_PARAMS", what, written[:MAX_NAMED] or "*", "A point is timestamp=TIME or msgid=ID")


def _moment(what: str, value: str) -> float:
    found = moment(value)
    if found is None:
        raise _Wrong("INVALID_PARAMS", what, value[:MAX_NAMED] or "*", "That is no time")
    return found


async def _targets(door: Client, message: Message, limit: int) -> None:
    """List where something was said between two times, with the time of the last message."""
    times = []
    for one in message.params[1:3]:
        kind, _, value = one.partition("=")
        if kind != "timestamp":
            raise _Wrong("INVALID_PARAMS", "TARGETS", one[:MAX_NAMED] or "*", "That is no time")
        times.append(_moment("TARGETS", value))
    since, until = sorted(times)
    found: list[tuple[float, str]] = []
    for name in door.session.person.room_names():
        seat = door.session.person.seats.get(name)
        if seat is not None:
            page = await seat.room.history.history(1, None, door.session.work, talk_only=True)
            found += [(event.at, channel(name)) for _, event in page.events]
    listed = await door.hub.reading.conversations(door.session, door.session.work)
    found += [(one.at, one.nick) for one in listed.conversations if one.nick]
    rows = sorted(one for one in found if since + MILLISECOND <= one[0] < until)[:limit]
    server = door.server.name
    lines = [line(server, "CHATHISTORY", "TARGETS", target, iso(at)) for at, target in rows]
    door.write(*door.viewer.batch("draft/chathistory-targets", [], lines))
