"""Viewers: what one IRC client is shown, which depends on who it is and on what it has been shown before."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from chatroom.chat import replies
from chatroom.chat.events import Batch, Delivered, Event, Joined, Kicked, Left, Renamed, Whispered
from chatroom.chat.replies import Numbered, Reply
from chatroom.chat.syntax.conversations import is_with_oneself

from ..text.events import event_lines
from ..text.replies import reply_lines
from ..text.sentences import sentence
from .happenings import happened, joined_lines
from .look import Look
from .message import MAX_LINE, line, pieces, with_tags
from .names import channel, mask
from .numeric import Lines, Numeric, Past
from .talk import TALKING, talk_lines

_REMEMBERED = 256
"""People whose going or new nick is remembered: it comes once for each room that they share with the client."""

_AT_ONCE = 0.05
"""Seconds between events of one departure, or one new nick, in several rooms: they are made in one turn."""

_BATCHED = re.compile("@(?:[^ ;]*;)*batch=")
"""A line that is in a batch; values of tags that clients choose may have those letters, too."""

_SHOW_NOTHING = frozenset({"left", "removed", "is away"})
"""What notices are about that the client learns otherwise."""

AWAY = {
    "away": ("306", "You have been marked as being away"),
    "back": ("305", "You are no longer marked as being away"),
}
"""The numeric replies for whoever is away or back, by what notices are about."""


class Shown(NamedTuple):
    """What an event is written as; ``own``: this very session did it, with this ``ref``."""

    lines: list[str]
    own: bool = False
    ref: str | None = None


class Viewer:
    """One client; ``nick`` and ``identity`` are those of its person, and ``session`` its id among several."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self.nick = "*"
        self.identity = self.session = self.account = ""
        self.rooms: set[str] = set()
        """The rooms that the client has been told it is in."""
        self.on_behalf = False
        """Whether the server runs a command that made the client show nothing of its own: CHAT."""
        self._shown_once: dict[tuple[str, str, str], tuple[float, set[str]]] = {}
        """When, and in which rooms, somebody left altogether or changed their nick, by the identity and both nicks."""
        self._kicked: tuple[str, str] | None = None
        self._batches = 0

    @property
    def echoes(self) -> bool:
        """Whether the client is shown what it says itself: otherwise, that is on its screen already."""
        return self.look.echo or self.on_behalf

    @property
    def mask(self) -> str:
        """Who the client is, as messages begin with it."""
        return mask(self.nick, self.identity, self.look.people.username(self.identity))

    # Events.

    def shown(self, batch: Batch, hides: Callable[[Event], bool] | None = None) -> Iterator[Shown]:
        """
        Write the events of *batch* that this client is shown.

        :param hides: tells which events are not, because their author is ignored.
        """
        for seq, event in batch:
            if hides is not None and hides(event):
                continue
            mine = event.by == self.identity
            own = mine and event.origin == (self.session or self.identity)
            if isinstance(event, TALKING) and is_with_oneself(event.room):
                # Who writes is also who receives it; with an echo, both.
                lines = talk_lines(self.look, seq, event, self.nick)
                if own and self.look.echo:
                    yield Shown(lines, own, event.ref)
                yield Shown(lines)
                continue
            lines = (
                self._talk(seq, event, mine, own) if isinstance(event, TALKING) else self._happening(seq, event, mine)
            )
            if lines:
                yield Shown(lines, own, event.ref if own else None)

    def _talk(self, seq: int, event: Event, mine: bool, own: bool) -> list[str]:
        private = event.room.startswith("@")
        if mine and (own or private) and not self.look.echo:
            if not (own and self.on_behalf):
                # What was typed is on the screen; of private messages from elsewhere, few could tell to whom they are.
                return []
            if private:
                return self.notices([one.partition(" ")[2] for one in event_lines([event], self.identity)])
        return talk_lines(self.look, seq, event, self.target(event, mine))

    def target(self, event: Event, mine: bool) -> str:
        """Return where this client sees *event*."""
        if not event.room.startswith("@"):
            return channel(event.room)
        if not mine or is_with_oneself(event.room):
            return self.nick
        if isinstance(event, Whispered):
            return event.to
        return self.look.people.correspondent(event.room, event.by) or self.nick

    def _happening(self, seq: int, event: Event, mine: bool) -> list[str]:
        kicked, self._kicked = self._kicked, None
        if isinstance(event, Kicked):
            self._kicked = event.room, event.target
            if event.target == self.nick:
                self.rooms.discard(event.room)
        elif isinstance(event, Left):
            if mine:
                self.rooms.discard(event.room)
            if kicked == (event.room, event.nick):
                return []
            if not mine and not self.look.people.is_here(event.by):
                if self._again(event):
                    return []
                return happened(self.look, seq, event, quit=True)
        elif isinstance(event, Renamed):
            if mine or self._again(event, event.new):
                return []
        elif isinstance(event, Delivered):
            return [] if mine else self.notices([sentence(event)])
        elif mine and isinstance(event, Joined):
            # `RoomEntered` has said it.
            return []
        if isinstance(event, Joined):
            return joined_lines(self.look, seq, event)
        return happened(self.look, seq, event)

    def _again(self, event: Event, new: str = "") -> bool:
        """Return whether the client has just been told this, because it happened in another room at the same time."""
        key = event.by, event.nick, new
        at, rooms = self._shown_once.pop(key, (event.at, set()))
        again = bool(rooms) and event.room not in rooms and abs(event.at - at) <= _AT_ONCE
        self._shown_once[key] = (at, {*rooms, event.room}) if again else (event.at, {event.room})
        if len(self._shown_once) > _REMEMBERED:
            del self._shown_once[next(iter(self._shown_once))]
        return again

    # History.

    def history(self, target: str, events: tuple[Numbered, ...]) -> list[str]:
        """Write past *events* of *target*: as one batch, if the client knows those."""
        lines: list[str] = []
        for seq, event in events:
            if isinstance(event, TALKING):
                mine = event.by == self.identity or self._wrote(event)
                lines += talk_lines(self.look, seq, event, self.target(event, mine))
            else:
                lines += happened(self.look, seq, event)
        return self.batch("chathistory", [target], lines) if self.look.batches else lines

    def _wrote(self, event: Event) -> bool:
        """Return whether the private message *event* is by this person, under an earlier identity."""
        return isinstance(event, Whispered) and event.to != self.nick and event.nick == self.nick

    def batch(self, kind: str, params: list[str], lines: list[str], tags: dict[str, str] | None = None) -> list[str]:
        """Put *lines* into a batch of this *kind* (IRCv3)."""
        self._batches += 1
        name, server = f"b{self._batches}", self.look.server
        begin = with_tags(line(server, "BATCH", f"+{name}", kind, *params), tags or {})
        # A batch inside this one has its name on its own lines.
        inside = [one if _BATCHED.match(one) else with_tags(one, {"batch": name}) for one in lines]
        return [begin, *inside, line(server, "BATCH", f"-{name}")]

    # Replies.

    def reply(self, reply: Reply) -> list[str]:
        """Write *reply*."""
        write = _REPLIES.get(type(reply))
        return self.notices(_plainly(reply)) if write is None else write(self, reply)

    def notices(self, texts: list[str], source: str = "") -> list[str]:
        """Write *texts* as notices to the client, by the server or another *source*."""
        start = f":{source or self.look.server} NOTICE {self.nick} :"
        room = MAX_LINE - 2 - len(start.encode())
        return [start + piece for text in texts for piece in pieces(text, room)]

    def renamed(self, nick: str) -> list[str]:
        """Write that the client has this *nick* from now on, unless it knows that."""
        if nick == self.nick:
            return []
        former, self.nick = self.mask, nick
        return [line(former, "NICK", nick)]

    def numeric(self, number: str, *params: str) -> str:
        """Write a numeric reply."""
        return line(self.look.server, number, self.nick, *params)


def _plainly(reply: Reply) -> list[str]:
    """Word *reply* as at the text door, without the marks of its notices."""
    return [one.removeprefix("-- ").removeprefix("!! ") for one in reply_lines(reply)]


def _nothing(me: Viewer, reply: Reply) -> list[str]:
    return []


def _if_asked(me: Viewer, reply: Reply) -> list[str]:
    # Of what happens elsewhere, such as at another client of theirs, nothing is told.
    return me.notices(_plainly(reply)) if me.on_behalf else []


def _numeric(me: Viewer, reply: Numeric) -> list[str]:
    return [me.numeric(reply.number, *reply.params)]


def _lines(me: Viewer, reply: Lines) -> list[str]:
    return list(reply.lines)


def _notice(me: Viewer, reply: replies.Notice) -> list[str]:
    if reply.about in _SHOW_NOTHING:
        return []
    if reply.about in AWAY:
        return [me.numeric(*AWAY[reply.about])]
    if reply.about == "registered":
        nick, within = reply.names
        how = f"If it is yours, /msg NickServ IDENTIFY PASSWORD within {within}"
        return me.notices([f"The nick {nick} is registered. {how}; if not, choose another one with /nick."])
    if reply.about == "invited":
        nick, room = reply.names
        return [me.look.invitation(nick, me.nick, channel(room))]
    return me.notices([reply.text])


def _refused(me: Viewer, reply: replies.Refused) -> list[str]:
    if "standard-replies" in me.look.capabilities:
        return [line(me.look.server, "FAIL", "*", reply.code.upper(), reply.text)]
    return me.notices([reply.text])


def _renamed(me: Viewer, reply: replies.NickChanged) -> list[str]:
    return me.renamed(reply.nick)


def _logged_in(me: Viewer, reply: replies.LoggedIn) -> list[str]:
    if reply.new_password:
        return _if_asked(me, reply)
    if me.account == reply.account:
        return []
    me.account = reply.account
    return [me.numeric("900", me.mask, reply.account, f"You are now logged in as {reply.account}")]


def _logged_out(me: Viewer, reply: replies.LoggedOut) -> list[str]:
    me.account = ""
    return [me.numeric("901", me.mask, reply.reason)]


_SERVED = {
    "register": "REGISTER PASSWORD registers your nick",
    "password": "SET PASSWORD OLD NEW changes your password",
    "account": "DROP PASSWORD deletes your account",
}
"""What people say to NickServ instead of commands that ask for a password, which IRC cannot ask for."""


def _password_wanted(me: Viewer, reply: replies.PasswordWanted) -> list[str]:
    if reply.command in _SERVED:
        return me.notices([f"/msg NickServ {_SERVED[reply.command]}."])
    return me.notices([f"The nick {reply.nick} is registered: /msg NickServ IDENTIFY {reply.nick} PASSWORD"])


def _goodbye(me: Viewer, reply: replies.Goodbye) -> list[str]:
    return [f"ERROR :{reply.text}"]


def _past(me: Viewer, reply: Past) -> list[str]:
    return me.history(reply.target, reply.events)


def _page(me: Viewer, reply: replies.HistoryPage) -> list[str]:
    if me.on_behalf:
        # Who types /history reads it; as messages, it would be taken for what is said now.
        return me.notices(_plainly(reply))
    return me.history(me.nick if reply.room.startswith("@") else channel(reply.room), reply.events)


_REPLIES: dict[type[Reply], Callable[..., list[str]]] = {
    Numeric: _numeric,
    Lines: _lines,
    Past: _past,
    replies.Notice: _notice,
    replies.Refused: _refused,
    replies.NickChanged: _renamed,
    replies.LoggedIn: _logged_in,
    replies.LoggedOut: _logged_out,
    replies.PasswordWanted: _password_wanted,
    replies.Goodbye: _goodbye,
    replies.HistoryPage: _page,
    replies.CaughtUp: _nothing,
    replies.Preferences: _if_asked,
    replies.Unread: _if_asked,
    replies.ReadUpTo: _nothing,
}
"""The replies that IRC has messages for; all others are worded."""
