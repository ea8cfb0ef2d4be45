"""Commands about people: WHO, WHOIS, WHOWAS, ISON, USERHOST."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from chatroom.chat.fair_queue import NAMES_A_LINE, ROWS_A_LINE
from chatroom.chat.rules.roles import Role, role_of
from chatroom.chat.syntax import names
from chatroom.chat.syntax.public_keys import NO_KEY
from chatroom.dialects.irc.message import Message, line, lists, mask_pattern
from chatroom.dialects.irc.names import USER, channel, cloak

from ..actions import MAX_NAMED, irc
from ..metadata import METADATA
from .rooms import known_room

if TYPE_CHECKING:
    from chatroom.chat.people.person import Person
    from chatroom.chat.rooms.room import Room, Seat

    from ..client import Client

_MOST = 500
"""Rows of WHO for a mask; a channel is listed in full."""

_SLICE = 200
"""People compared with a mask, or listed, in one turn."""

_FIELDS = "tcuihsnfdlaor"
"""The fields of WHOX, in the order in which they are sent."""


@irc("WHO", shows=True)
async def who(door: Client, message: Message) -> None:
    """List people: of a channel, with a nick, or whose name matches a mask; with ``%fields``, those fields (WHOX)."""
    mask, options = message.param(0) or "*", message.param(1)
    fields, _, token = options.partition("%")[2].partition(",")
    admins = "o" in options.partition("%")[0].lower()
    room = known_room(door, mask) if mask.startswith("#") else None
    found: Sequence[Person[Seat]] = ()
    if room is not None:
        found = list(room.people())
    elif not mask.startswith("#"):
        found = await _matching(door, mask)
    for at in range(0, len(found), _SLICE):
        some = found[at : at + _SLICE]
        await door.session.work(len(some) / ROWS_A_LINE)
        await door.session.catch_up.taking()
        if door.session.gone:
            return
        if room is not None and not room.may_know(door.session.person):
            break
        lines = []
        for person in some:
            if person.gone or (admins and not door.server.is_admin(person)):
                continue
            shared = room or _common_room(door, person)
            lines.append(_whox(door, person, shared, fields, token) if fields else _who(door, person, shared))
        door.write(*lines)
    door.tell("315", mask[:MAX_NAMED], "End of WHO list")


async def _matching(door: Client, mask: str) -> Sequence[Person[Seat]]:
    """Find whom *mask* means, one person or many: by nick, host or real name."""
    exact = door.hub.core.nicks.get(names.key(mask))
    if exact is not None and exact.nick:
        return [exact]
    if "*" not in mask and "?" not in mask:
        return []
    wanted, found = mask_pattern(mask.lower()), []
    me = door.session.person
    everyone: list[Person[Seat]] = list(door.hub.core.people.values())
    if not door.server.is_admin(me):
        # Strangers are found by their nick only.
        await door.session.work(sum(len(seat.room.seats) for seat in me.seats.values()) / NAMES_A_LINE)
        shared = {one.person: None for seat in me.seats.values() for one in seat.room.seats.values()}
        everyone = list({me: None, **shared})
    for at in range(0, len(everyone), _SLICE):
        await door.session.work(1.0)
        found += [person for person in everyone[at : at + _SLICE] if not person.gone and _is_meant(person, wanted)]
        if len(found) >= _MOST:
            break
    return found[:_MOST]


def _is_meant(person: Person[Seat], wanted: re.Pattern[str]) -> bool:
    texts = (person.nick, cloak(person.identity), person.realname, _user(person))
    return any(wanted.fullmatch(text.lower()) for text in texts)


def _common_room(door: Client, person: Person[Seat]) -> Room | None:
    """Return a room in which the client may know that *person* is."""
    me = door.session.person
    return next((seat.room for seat in person.seats.values() if seat.room.shows_to(me)), None)


def _flags(door: Client, person: Person[Seat], room: Room | None) -> str:
    away = ("H" if person.away is None else "G") + ("B" if person.bot else "")
    admin = "*" if door.server.is_admin(person) else ""
    return away + admin + (_prefix(door, person, room) if room is not None else "")


def _prefix(door: Client, person: Person[Seat], room: Room) -> str:
    prefix: str = door.server.prefix(person, room)
    return prefix if "multi-prefix" in door.viewer.look.capabilities else prefix[:1]


def _user(person: Person[Seat]) -> str:
    return f"~{person.username or USER}"


def _realname(person: Person[Seat]) -> str:
    return person.realname or person.nick


def _who(door: Client, person: Person[Seat], room: Room | None) -> str:
    where = "*" if room is None else channel(room.name)
    server, me, flags, host = door.server.name, door.viewer.nick, _flags(door, person, room), cloak(person.identity)
    return f":{server} 352 {me} {where} {_user(person)} {host} {server} {person.nick} {flags} :0 {_realname(person)}"


def _whox(door: Client, person: Person[Seat], room: Room | None, fields: str, token: str) -> str:
    account = person.account
    values = {
        "t": token or "0",
        "c": "*" if room is None else channel(room.name),
        "u": _user(person),
        "i": "255.255.255.255",
        "h": cloak(person.identity),
        "s": door.server.name,
        "n": person.nick,
        "f": _flags(door, person, room),
        "d": "0",
        "l": str(max(0, int(door.hub.core.runtime.now() - person.active))),
        "a": "0" if account is None else account.nick,
        "o": "n/a",
        "r": _realname(person),
    }
    return door.viewer.numeric("354", *(values[one] for one in _FIELDS if one in fields))


@irc("WHOIS", shows=True)
async def whois(door: Client, message: Message) -> None:
    """Tell about one person."""
    asked = (message.param(1) or message.param(0)).split(",")[0]
    if not asked:
        door.tell("431", "No nickname given")
        return
    if len(message.params) > 1 and message.params[0].lower() != door.server.name.lower():
        target = door.hub.core.nicks.get(names.key(message.params[0]))
        if target is None or not target.nick:
            door.tell("402", message.params[0][:MAX_NAMED], "No such server")
            return
    person = door.hub.core.nicks.get(names.key(asked))
    bot = door.hub.core.api_tokens.of(names.key(asked))
    if person is not None and person.nick:
        _tell_about(door, person)
        asked = person.nick
    elif bot is not None and (owner := door.hub.core.api_tokens.owner(bot)) is not None:
        door.tell("311", bot.nick, "~bot", "bot", "*", f"a bot of {owner.nick}")
        door.tell("335", bot.nick, "is a bot")
    else:
        door.tell("401", asked[:MAX_NAMED], "No such nick/channel")
    door.tell("318", asked[:MAX_NAMED], "End of /WHOIS list")


def _tell_about(door: Client, person: Person[Seat]) -> None:
    me, nick = door.session.person, person.nick
    door.tell("311", nick, _user(person), cloak(person.identity), "*", _realname(person))
    rooms = [seat.room for seat in person.seats.values() if seat.room.shows_to(me)]
    if rooms:
        words = [_prefix(door, person, room) + channel(room.name) for room in rooms]
        door.write(*lists(door.server.name, "319", [door.viewer.nick, nick], words))
    door.tell("312", nick, door.server.name, door.hub.core.server)
    if person.away is not None:
        door.tell("301", nick, person.away or "Away")
    if METADATA in door.viewer.look.capabilities:
        for key, value in door.server.metadata.of(person).items():
            door.tell("760", nick, key, "*", value)
    if person.bot:
        door.tell("335", nick, "is a bot")
    if door.server.is_admin(person):
        door.tell("313", nick, "is an IRC operator")
    if person.account is not None:
        door.tell("330", nick, person.account.nick, "is logged in as")
    addresses = ", ".join(filter(None, person.addresses))
    if addresses and (person is me or role_of(me) is Role.ADMIN):
        door.tell("378", nick, f"is connecting from {addresses}")
    if all(one.outlet.secure for one in person.sessions if one.connected) and person.doors:
        door.tell("671", nick, "is using a secure connection")
    if person is me and door.session.key is not NO_KEY:
        # It lets nobody in, but would tell others which device somebody uses.
        door.tell("276", nick, f"has client certificate fingerprint {door.session.key.fingerprint}")
    idle = max(0, int(door.hub.core.runtime.now() - person.active))
    door.tell("317", nick, str(idle), str(int(person.since)), "seconds idle, signon time")


@irc("WHOWAS", shows=True)
async def whowas(door: Client, message: Message) -> None:
    """Tell who was here lately under a nick."""
    asked = message.param(0)
    if not asked:
        door.tell("431", "No nickname given")
        return
    nick, count = asked.split(",")[0], message.param(1)
    found = door.server.presence.departures.of(nick)
    if count.isdecimal() and int(count[:9]) > 0:
        found = found[: int(count[:9])]
    for one in found:
        door.tell("314", one.nick, f"~{one.username or USER}", cloak(one.identity), "*", one.realname)
        _tell_when(door, one.nick, one.at)
    if not found:
        left = door.hub.core.last_seen.of(names.key(nick))
        if left is None:
            door.tell("406", nick[:MAX_NAMED], "There was no such nickname")
        else:
            door.tell("314", left[0], f"~{USER}", cloak(""), "*", left[0])
            _tell_when(door, *left)
    door.tell("369", nick[:MAX_NAMED], "End of WHOWAS")


def _tell_when(door: Client, nick: str, at: float) -> None:
    when = datetime.fromtimestamp(at, UTC).strftime("%a %b %d %H:%M:%S %Y")
    door.tell("312", nick, door.server.name, when)


def _present(door: Client, nicks: Iterable[str]) -> Iterable[Person[Seat]]:
    for nick in nicks:
        person = door.hub.core.nicks.get(names.key(nick))
        if person is not None and person.nick:
            yield person


@irc("ISON", least=1)
async def ison(door: Client, message: Message) -> None:
    """Tell which of these people are here."""
    nicks = " ".join(message.params).split()
    found = " ".join(person.nick for person in _present(door, nicks))
    door.write(f":{door.server.name} 303 {door.viewer.nick} :{found}")


@irc("USERHOST", least=1)
async def userhost(door: Client, message: Message) -> None:
    """Tell the hosts of these people."""
    found = [
        f"{person.nick}{'*' if door.server.is_admin(person) else ''}="
        f"{'+' if person.away is None else '-'}{_user(person)}@{cloak(person.identity)}"
        for person in _present(door, message.params[:5])
    ]
    door.write(f":{door.server.name} 302 {door.viewer.nick} :{' '.join(found)}")


@irc("USERIP", "STATS", "TRACE", "SUMMON", "USERS")
async def disabled(door: Client, message: Message) -> None:
    """Answer that the server tells nobody that."""
    door.write(line(door.server.name, "421", door.viewer.nick, message.command, "That is not told here"))
