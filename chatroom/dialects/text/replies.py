"""Replies in the text dialect."""

from __future__ import annotations

import time
from collections.abc import Callable

from chatroom.chat import replies
from chatroom.chat.ports import MOST_UNREAD
from chatroom.chat.replies import Reply, UnreadRoom

from .events import event_lines, join_names
from .history import PAST, Render, past
from .people import PEOPLE
from .sentences import describe_setting
from .zone import local


def reply_lines(reply: Reply, render: Render = event_lines, *, numbers: bool = False) -> list[str]:
    """
    Word *reply*, in the local time zone.

    :param render: makes lines of the events in it.
    :param numbers: put the number of each message before it.
    """
    kind = type(reply)
    return _WITH_EVENTS[kind](reply, render, numbers) if kind in _WITH_EVENTS else _LINES[kind](reply)


def _notice(reply: replies.Notice) -> list[str]:
    return [f"-- {reply.text}"]


def _refused(reply: replies.Refused) -> list[str]:
    return [f"!! {reply.text}"]


def _welcome(reply: replies.Welcome) -> list[str]:
    return [f"-- Welcome, {reply.nick}. Type to talk; /help lists the commands, exit leaves."]


def _entered(reply: replies.RoomEntered, render: Render, numbers: bool) -> list[str]:
    if reply.elsewhere is not None:
        goes = f"goes to #{reply.elsewhere}" if reply.elsewhere else "goes nowhere yet"
        return [f"-- You are also in #{reply.room}. What you type {goes}; /join {reply.room} changes that."]
    others = len(reply.people) - 1
    alone = "You are alone here." if not others else f"{len(reply.people):,} people: {join_names(reply.people, 20)}."
    lines = [f"-- You are in #{reply.room}. {alone}"]
    if reply.topic:
        lines.append(f"-- Topic: {reply.topic}")
    if reply.role in _ROLES:
        lines.append(f"-- {_ROLES[reply.role]}")
    lines += [f"-- {describe_setting(name, value)}" for name, value in reply.settings.items() if value]
    return lines + past(reply.recent, render, numbers=numbers)


def _live(reply: replies.CaughtUp) -> list[str]:
    return []


def _named(reply: replies.NickChanged) -> list[str]:
    return [f"-- You are now known as {reply.nick}."]


def _rooms(reply: replies.Rooms) -> list[str]:
    if not reply.rooms:
        return ["-- No more rooms." if reply.page > 1 else "-- Nobody is in any room."]
    widest = max(len(row.room) for row in reply.rooms) + 1
    rows = [f"-- {'#' + row.room:<{widest}}  {row.people:>5,}  {row.topic}".rstrip() for row in reply.rooms]
    return [*rows, f"-- … and {reply.more:,} more: /rooms {reply.page + 1}"] if reply.more else rows


def _topic(reply: replies.Topic) -> list[str]:
    return [f"-- The topic of #{reply.room}: {reply.topic}" if reply.topic else f"-- #{reply.room} has no topic."]


def _gap(reply: replies.Gap) -> list[str]:
    return [f"-- … {reply.last - reply.first + 1:,} lines of #{reply.room} skipped"]


def _unread(reply: replies.Unread) -> list[str]:
    return [f"-- {' · '.join(map(_waiting, reply.rooms))}" if reply.rooms else "-- You have read everything."]


def _waiting(row: UnreadRoom) -> str:
    count = f"{row.unread:,}{'+' if row.unread >= MOST_UNREAD else ''}"
    if row.room.startswith("@"):
        return f"{row.nick or 'somebody'}: {count} private"
    mentions = f", {row.mentions:,} mention{'s' if row.mentions == 1 else ''} you" if row.mentions else ""
    return f"#{row.room}: {count} new{mentions}"


def _read_up_to(reply: replies.ReadUpTo) -> list[str]:
    # On another device, or by what was typed: nobody at a terminal needs to know.
    return []


def _conversations(reply: replies.Conversations) -> list[str]:
    names = join_names([row.nick for row in reply.conversations])
    return [f"-- You have private conversations with {names}." if names else "-- You have no private conversations."]


def _time(reply: replies.Time) -> list[str]:
    return [time.strftime("-- %A, %Y-%m-%d %H:%M:%S %Z", local(reply.at))]


def _help(reply: replies.Help) -> list[str]:
    if len(reply.commands) == 1:
        [(usage, does)] = reply.commands
        return [f"-- {usage}: {does}"]
    widest = max(len(usage) for usage, _ in reply.commands)
    groups = reply.groups or ("",) * len(reply.commands)
    rows = []
    for (usage, does), group, before in zip(reply.commands, groups, ("", *groups), strict=False):
        if group != before:
            rows.append(f"-- {group}:")
        rows.append(f"-- {usage:<{widest}}  {does}")
    rows += [f"-- {'//TEXT':<{widest}}  say a line that begins with /", f"-- {'exit':<{widest}}  leave the chat"]
    return [*rows, f"-- /help all lists {reply.more} more, for other roles."] if reply.more else rows


def _pong(reply: replies.Pong) -> list[str]:
    return ["-- pong"]


def _goodbye(reply: replies.Goodbye) -> list[str]:
    return [f"-- {reply.text}"]


_LINES: dict[type[Reply], Callable[..., list[str]]] = {
    replies.Notice: _notice,
    replies.Refused: _refused,
    replies.Welcome: _welcome,
    replies.CaughtUp: _live,
    replies.NickChanged: _named,
    replies.Rooms: _rooms,
    replies.Topic: _topic,
    replies.Gap: _gap,
    replies.Unread: _unread,
    replies.ReadUpTo: _read_up_to,
    replies.Conversations: _conversations,
    replies.Time: _time,
    replies.Help: _help,
    replies.Pong: _pong,
    replies.Goodbye: _goodbye,
    **PEOPLE,
}

_WITH_EVENTS: dict[type[Reply], Callable[..., list[str]]] = {replies.RoomEntered: _entered, **PAST}

_ROLES = {"operator": "You are an operator here.", "admin": "You are an admin of this server."}
