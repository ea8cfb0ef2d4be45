"""What happens in rooms, besides talk, as IRC says it: who comes, goes, and is moderated."""

from __future__ import annotations

from collections.abc import Callable

from chatroom.chat.events import (
    Banned,
    Event,
    Invited,
    Joined,
    Kicked,
    Left,
    Muted,
    Renamed,
    RoleChanged,
    SettingChanged,
    TopicChanged,
    Unbanned,
    Unmuted,
)
from chatroom.chat.syntax.names import is_address

from ..text.sentences import sentence
from .look import Look
from .message import line, with_tags
from .names import channel


def ban_mask(target: str) -> str:
    """Write the target of a ban as IRC writes it: ``bob!*@*``, ``*!*@192.0.2.0/24``, ``$a:bob``."""
    kind, colon, name = target.partition(":")
    if colon and kind == "account":
        return f"$a:{name}"
    if "/" in target or target.count(":") > 1 or is_address(target) or (colon and kind == "address"):
        return f"*!*@{target}"
    return f"{target}!*@*"


def happening(look: Look, event: Event, *, quit: bool = False) -> list[str]:
    """
    Write *event*, which is no talk.

    :param quit: somebody who left a room has left altogether.
    """
    who, _ = look.source(event)
    if quit and isinstance(event, Left):
        return [line(who, "QUIT", event.reason or "Quit")]
    return _LINES[type(event)](look, event, who) if type(event) in _LINES else _told(look, event, who)


def happened(look: Look, seq: int, event: Event, *, quit: bool = False) -> list[str]:
    """Write *event* as `happening` does, with its tags."""
    lines, tags = [], look.event_tags(event, seq, message=True)
    for one in happening(look, event, quit=quit):
        lines.append(with_tags(one, tags))
        # What else is said of it cannot share its id.
        tags.pop("msgid", None)
    return lines


def joined_lines(look: Look, seq: int, event: Joined) -> list[str]:
    """Write that somebody else came in, with which roles, and that they are away if the client wants to know."""
    lines = happened(look, seq, event)
    if given := look.people.status(event.room, event.by):
        # Roles are the account's, so they last while it is away.
        modes = line(look.server, "MODE", channel(event.room), f"+{given}", *[event.nick] * len(given))
        lines.append(with_tags(modes, look.event_tags(event, seq)))
    return lines + look.away(event) if "away-notify" in look.capabilities else lines


def _joined(look: Look, event: Joined, who: str) -> list[str]:
    if look.extended_join:
        account = look.people.account(event.by) or "*"
        return [line(who, "JOIN", channel(event.room), account, look.people.realname(event.by) or event.nick)]
    return [line(who, "JOIN", channel(event.room))]


def _left(look: Look, event: Left, who: str) -> list[str]:
    return [line(who, "PART", channel(event.room), *([event.reason] if event.reason else []))]


def _renamed(look: Look, event: Renamed, who: str) -> list[str]:
    return [line(who, "NICK", event.new)]


def _topic(look: Look, event: TopicChanged, who: str) -> list[str]:
    return [f":{who} TOPIC {channel(event.room)} :{event.topic}"]


def _kicked(look: Look, event: Kicked, who: str) -> list[str]:
    return [line(who, "KICK", channel(event.room), event.target, event.reason or event.nick)]


def _mode(look: Look, event: Event, who: str, *change: str) -> list[str]:
    return [line(who, "MODE", channel(event.room), *change)]


def _banned(look: Look, event: Banned, who: str) -> list[str]:
    return _mode(look, event, who, "+b", ban_mask(event.target)) + _told(look, event, who)


def _unbanned(look: Look, event: Unbanned, who: str) -> list[str]:
    return _mode(look, event, who, "-b", ban_mask(event.target))


def _muted(look: Look, event: Muted, who: str) -> list[str]:
    return _mode(look, event, who, "+q", ban_mask(event.target)) + _told(look, event, who)


def _unmuted(look: Look, event: Unmuted, who: str) -> list[str]:
    return _mode(look, event, who, "-q", ban_mask(event.target))


def _role(look: Look, event: RoleChanged, who: str) -> list[str]:
    change = {"operator": "+o", "voice": "+v", "no voice": "-v"}.get(event.role, "-o")
    return _mode(look, event, who, change, event.target)


def _setting(look: Look, event: SettingChanged, who: str) -> list[str]:
    # A room has one lock.
    former = look.people.former_lock(event.room) if event.setting == "lock" else ""
    change = {
        ("lock", "key"): ("-i+k" if former == "invited" else "+k", "*"),
        ("lock", "invited"): ("-k+i", "*") if former == "key" else ("+i",),
        ("lock", ""): ("-ik", "*"),
        ("private", "on"): ("+is",),
        ("private", ""): ("-is",),
        ("unlisted", "on"): ("+s",),
        ("unlisted", ""): ("-s",),
        ("freetopic", "on"): ("-t",),
        ("freetopic", ""): ("+t",),
        ("moderated", "on"): ("+m",),
        ("moderated", ""): ("-m",),
        ("limit", ""): ("-l",),
        ("limit", event.value): ("+l", event.value) if event.value else ("-l",),
    }.get((event.setting, event.value))
    if change is None:
        return _told(look, event, who)
    modes, *parameters = change
    if "-" in modes:
        # A private room has "i" and "s", whatever else of it has them.
        modes = _without_held(look, event.room, modes)
    if "k" not in modes and parameters == ["*"]:
        parameters = []
    return _mode(look, event, who, modes, *parameters) if modes else []


def _without_held(look: Look, room: str, modes: str) -> str:
    """Leave out of *modes* those that are taken from *room*, which has them still."""
    taken, plus, given = modes.removeprefix("-").partition("+")
    gone = "".join(letter for letter in taken if letter in given or not look.people.holds(room, letter))
    return (f"-{gone}" if gone else "") + plus + given


def _invited(look: Look, event: Invited, who: str) -> list[str]:
    return [line(who, "INVITE", event.target, channel(event.room))] if look.invite_notify else []


def _told(look: Look, event: Event, who: str) -> list[str]:
    """Say in words what no message of IRC says, or not all of it; a mode says the rest."""
    plain = isinstance(event, (Banned, Muted)) and not event.reason and event.until is None
    return [] if plain else [line(look.server, "NOTICE", channel(event.room), sentence(event))]


_LINES: dict[type[Event], Callable[..., list[str]]] = {
    Joined: _joined,
    Left: _left,
    Renamed: _renamed,
    TopicChanged: _topic,
    Kicked: _kicked,
    Banned: _banned,
    Unbanned: _unbanned,
    Muted: _muted,
    Unmuted: _unmuted,
    RoleChanged: _role,
    SettingChanged: _setting,
    Invited: _invited,
}
