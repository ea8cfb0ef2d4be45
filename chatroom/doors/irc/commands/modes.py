"""MODE: what IRC says with letters, the house with commands: operators, bans, mutes, locks, private rooms."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from chatroom.chat.command_table import ROWS_PER_PAGE, Command
from chatroom.chat.commands.moderation import Ban, Deop, Mute, Op, Unban, Unmute
from chatroom.chat.commands.room_settings import FreeTopic, Limit, Lock, Private, Unlisted, Unlock
from chatroom.chat.commands.targets import party_of
from chatroom.chat.commands.voices import Devoice, Moderated, Voice
from chatroom.chat.ports import JournalError
from chatroom.chat.refusals import BadInput, NotAllowed, NotHere, Refusal
from chatroom.chat.rules.roles import Role, role_in
from chatroom.chat.syntax import names
from chatroom.dialects.irc.happenings import ban_mask
from chatroom.dialects.irc.message import Message, split_mask
from chatroom.dialects.irc.names import channel, cloak
from chatroom.dialects.sanitize import clean

from ..actions import MAX_NAMED, irc
from ..server import LIST_MODES, SWITCHES
from .rooms import known_room, no_room, own_room

if TYPE_CHECKING:
    from chatroom.chat.rooms.room import Room

    from ..client import Client

_MAX_CHANGES = 12
"""Changes in one MODE."""

_WITH_PARAMETER = {"+": "obqklv", "-": "obqkv"}
_LISTS = {"b": ("367", "368", "End of channel ban list"), "q": ("728", "729", "End of channel quiet list")}


class _Change(NamedTuple):
    sign: str
    letter: str
    parameter: str


@irc("MODE", least=1)
async def mode(door: Client, message: Message) -> None:
    """Show or change the modes of a channel, or show one's own."""
    target = message.params[0]
    if not target.startswith("#"):
        _own_mode(door, target, message.params[1:])
        return
    if len(message.params) == 1:
        await _show(door, target)
        return
    changes = list(_changes(message.params[1], message.params[2:]))[:_MAX_CHANGES]
    for change in changes:
        if change.letter in LIST_MODES and not change.parameter:
            await _list(door, target, change.letter)
            continue
        room = own_room(door, target)
        if room is None or not await _apply(door, room, target, change):
            return


def _own_mode(door: Client, target: str, asked: Sequence[str]) -> None:
    person = door.session.person
    other = door.hub.core.nicks.get(names.key(target))
    if other is None or not other.nick:
        door.tell("401", target[:MAX_NAMED] or "*", "No such nick/channel")
    elif other is not person:
        door.tell("502", "Can't change mode for other users")
    elif not asked:
        set_here = {"o": door.server.is_admin(person), "B": person.bot, "w": door.wallops}
        flags = "i" + "".join(letter for letter, on in set_here.items() if on)
        door.tell("221", f"+{flags}")
    else:
        _set_own(door, asked[0])


def _set_own(door: Client, letters: str) -> None:
    """Set one's own modes: that one is a program, and that one hears what admins tell all."""
    person, sign = door.session.person, "+"
    before = {"B": person.bot, "w": door.wallops}
    wanted = dict(before)
    for letter in letters:
        if letter in "+-":
            sign = letter
        elif letter in wanted:
            wanted[letter] = sign == "+"
        elif letter not in "io":
            door.tell("501", "Unknown MODE flag")
            break
    person.bot, door.wallops = wanted["B"], wanted["w"]
    if changes := "".join(f"{'+' if on else '-'}{letter}" for letter, on in wanted.items() if on != before[letter]):
        door.write(f":{door.viewer.mask} MODE {person.nick} :{changes}")


async def _show(door: Client, target: str) -> None:
    room = known_room(door, target)
    if room is None:
        no_room(door, target)
        return
    inside = door.session.person.identity in room.seats
    door.tell("324", channel(room.name), *door.server.modes(room, inside=inside))
    # It can be asked for again.
    with suppress(JournalError):
        door.tell("329", channel(room.name), str(int(await door.server.creations.of(room))))


def _changes(letters: str, parameters: Sequence[str]) -> Iterator[_Change]:
    sign, left = "+", list(parameters)
    for letter in letters:
        if letter in "+-":
            sign = letter
        else:
            takes = letter in _WITH_PARAMETER[sign] and left
            yield _Change(sign, letter, clean(left.pop(0)) if takes else "")


async def _list(door: Client, target: str, letter: str) -> None:
    room = known_room(door, target)
    if room is None:
        no_room(door, target)
        return
    row, end, text = _LISTS[letter]
    listed = room.state.bans if letter == "b" else room.state.mutes
    found, _ = await listed.newest_in_turns(letter, door.hub.core.runtime.now(), ROWS_PER_PAGE, door.session.work)
    if door.session.person.identity not in room.seats or role_in(door.session.person, room) < Role.OPERATOR:
        # There may be addresses in it; and clients ask for it on joining, and wait for its end.
        found, text = [], f"{text}: only operators see it"
    mode = ("q",) if letter == "q" else ()
    for one in found:
        door.tell(row, channel(room.name), *mode, ban_mask(one.target), one.by, str(int(one.at)))
    door.tell(end, channel(room.name), *mode, text)


async def _apply(door: Client, room: Room, target: str, change: _Change) -> bool:
    """Apply one *change*; answer why not if it is refused, and return whether to go on."""
    sign, letter, parameter = change
    if letter not in _COMMANDS and letter not in SWITCHES:
        door.tell("472", letter, "is unknown mode char to me")
        return True
    if role_in(door.session.person, room) < Role.OPERATOR:
        door.tell("482", target, "You're not channel operator")
        return False
    try:
        made = _COMMANDS[letter](door, room, sign == "+", parameter) if letter in _COMMANDS else None
        if made is not None:
            task: Coroutine[Any, Any, None] = made.run(door.hub, door.session)
            await task
    except NotAllowed as refusal:
        door.tell("482", target, str(refusal))
        return False
    except NotHere as refusal:
        if letter in "ov":
            known = door.hub.core.nicks.get(names.key(parameter))
            number, text = ("401", "No such nick/channel") if known is None else ("441", "They aren't on that channel")
            door.tell(number, parameter[:MAX_NAMED], *([] if known is None else [target]), text)
        elif sign == "+":
            door.tell("696", target, letter, _shown(parameter), str(refusal))
    except Refusal as refusal:
        door.tell("696", target, letter, _shown(parameter), str(refusal))
    return True


def _shown(parameter: str) -> str:
    """Return *parameter* as an answer may repeat it."""
    return parameter[:MAX_NAMED] if parameter and " " not in parameter and not parameter.startswith(":") else "*"


def _operator(door: Client, room: Room, on: bool, nick: str) -> Command | None:
    if not nick or (party_of(door.hub, nick, room)[0] in room.state.operators) == on:
        return None
    return Op(nick, room.name) if on else Deop(nick, room.name)


def _voice(door: Client, room: Room, on: bool, nick: str) -> Command | None:
    if not nick or (party_of(door.hub, nick, room)[0] in room.state.voiced) == on:
        return None
    return Voice(nick, room.name) if on else Devoice(nick, room.name)


def _moderated(door: Client, room: Room, on: bool, _: str) -> Command | None:
    return None if ("moderated" in room.state.settings) == on else Moderated("on" if on else "off", room.name)


def _ban(door: Client, room: Room, on: bool, mask: str) -> Command:
    target = target_of(door, room, mask, "b")
    return Ban(target, room=room.name) if on else Unban(target, room.name)


def _mute(door: Client, room: Room, on: bool, mask: str) -> Command:
    target = target_of(door, room, mask, "q")
    return Mute(target, room=room.name) if on else Unmute(target, room.name)


def _key(door: Client, room: Room, on: bool, key: str) -> Command | None:
    if on and (not key or " " in key or key.startswith(":")):
        raise BadInput("A key is one word.")
    if on:
        return Lock(key, room.name)
    return Unlock(room.name) if room.state.settings.get("lock") == "key" else None


def _invite_only(door: Client, room: Room, on: bool, _: str) -> Command | None:
    invited = room.state.settings.get("lock") == "invited"
    if on:
        return None if invited else Lock("", room.name)
    if room.private:
        return Private("off", room.name)
    return Unlock(room.name) if invited else None


def _limit(door: Client, room: Room, on: bool, most: str) -> Command | None:
    if not on:
        return Limit(None, room.name) if "limit" in room.state.settings else None
    if not (most.isdecimal() and len(most) < 10 and int(most)):
        raise BadInput("The limit is a number from 1 up.")
    return None if room.state.settings.get("limit") == str(int(most)) else Limit(int(most), room.name)


def _secret(door: Client, room: Room, on: bool, _: str) -> Command | None:
    if room.private:
        return None if on else Private("off", room.name)
    return None if ("unlisted" in room.state.settings) == on else Unlisted("on" if on else "off", room.name)


def _protected_topic(door: Client, room: Room, on: bool, _: str) -> Command | None:
    return (
        None
        if door.server.protects_topic(room) == on or not room.ruled
        else FreeTopic("off" if on else "on", room.name)
    )


def _fixed(door: Client, room: Room, on: bool, _: str) -> Command | None:
    if not on:
        raise BadInput("That is how rooms are here, and cannot be changed.")
    return None


# What each letter asks of the house; None: nothing, because that is how it is already.
_COMMANDS: dict[str, Callable[[Client, Room, bool, str], Command | None]] = {
    "o": _operator,
    "v": _voice,
    "m": _moderated,
    "b": _ban,
    "q": _mute,
    "k": _key,
    "i": _invite_only,
    "s": _secret,
    "l": _limit,
    "n": _fixed,
    "t": _protected_topic,
}


def target_of(door: Client, room: Room, mask: str, letter: str) -> str:
    """
    Return whom *mask* means, as the house names targets.

    :raises BadInput: if the house cannot ban that.
    """
    if mask.startswith(("$a:", "~a:")):
        return f"account:{mask[3:]}"
    nick, _, host = split_mask(mask)
    if nick and "*" not in nick and "?" not in nick:
        return nick
    for seat in room.seats.values():
        if host == cloak(seat.person.identity):
            return seat.person.nick
    if "*" not in host and "?" not in host and not host.endswith(".cloak") and ("." in host or ":" in host):
        return host
    raise BadInput("Only nicks, accounts ($a:NICK), hosts as they are shown, addresses and networks can be banned.")
