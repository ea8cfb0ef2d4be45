"""The text dialect: one event a line, as people read and type it in nc and telnet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from chatroom.chat.commands import is_command, parse_line
from chatroom.chat.commands.identity import Hello
from chatroom.chat.events import (
    TALK,
    Acted,
    Batch,
    Delivered,
    Event,
    Joined,
    Left,
    Noticed,
    Renamed,
    Said,
    Whispered,
    names_of,
)
from chatroom.chat.refusals import Refusal
from chatroom.chat.replies import PasswordWanted, Reply
from chatroom.chat.syntax.blanks import is_blank, without_mark

from ..base import Decoded, View
from ..sanitize import decode
from ..views import Unsaid, ViewPreferences
from .colours import coloured
from .events import event_lines
from .history import numbered
from .replies import reply_lines
from .screen_reader import PlainWords, plain_reply

_TYPED = (Said, Acted, Noticed)
"""Events that are not shown to their author's session: the terminal shows what was typed."""

_TOLD = (Joined, Left, Renamed, Delivered)
"""Events that are not shown to any session of their author: a reply says it."""

_NICKS = ("to", "new", "target")
"""The fields of events that contain nicks, besides the author's."""

_SECRETS = {"old": "Current password", "new": "New password"}
"""What secrets are called in a question, by field."""

_VISIBLE = "visible unless you use telnet"


class TextDialect:
    """
    The text dialect.

    :param rooms: name the room in every line, because the person is in several.
    :param newline: ``\\n``, or ``\\r\\n`` for a telnet client.
    :param visible: says beside a question that its answer can be seen; "": it cannot, as with telnet.
    """

    def __init__(self, *, rooms: bool = False, newline: str = "\n", visible: str = _VISIBLE) -> None:
        self.rooms = rooms
        self.newline = newline
        self.visible = "" if newline == "\r\n" else visible
        self._lines = (self, "lines")
        """The cache key for a batch's lines."""

    def decode(self, line: bytes, named: bool) -> Decoded:
        """Read what was typed: at first a nick, unless it is a command; an empty line is ignored."""
        try:
            text = decode(line)
            if named or is_blank(text) or is_command(text):
                return Decoded(parse_line(text))
            return Decoded(Hello(without_mark(text).strip()))
        except Refusal as refusal:
            return Decoded(refusal)

    def encode(self, batch: Batch, viewer: str = "", session: str = "") -> bytes:
        """Render each event as one line, or several if it was pasted; runs of joins and of leaves share one."""
        session = session or viewer
        # The commonest case by far, and one rendering for each person who spoke: the lines are shared.
        lines = self._talk_lines(batch) if viewer else batch.renderings.get(self._lines)
        if lines is not None:
            return self.to_bytes(
                [line for line, one in zip(lines, batch.events, strict=True) if (one.session or one.by) != session]
            )
        shown = [one for one in batch.events if not is_known(one, viewer, session)]
        if viewer and len(shown) == len(batch.events) and Whispered not in map(type, shown):
            # Only what is said privately reads differently to those who took part.
            return batch.rendered(self)
        return self.to_bytes(event_lines(shown, viewer, rooms=self.rooms))

    def _talk_lines(self, batch: Batch) -> list[str] | None:
        """Return a line for each event, rendered once; None if any needs several, or depends on who reads it."""
        if self._lines not in batch.renderings:
            lines = event_lines(batch.events, rooms=self.rooms) if batch.talk else []
            batch.renderings[self._lines] = lines if len(lines) == len(batch.events) else None
        found: list[str] | None = batch.renderings[self._lines]
        return found

    def encode_reply(self, reply: Reply, ref: str | None = None) -> bytes:
        """Render *reply* as one line or more; the answer to a question for a password is typed behind it."""
        if type(reply) is PasswordWanted:
            return f"-- {self.question(reply)}: ".encode()
        return self.to_bytes(reply_lines(reply))

    def personal(self, preferences: ViewPreferences) -> TextView | None:
        """Make a view for a person who ignores somebody, or wants a bell, colours or plain words."""
        chosen = preferences.chosen
        wanted = chosen.notify in ("all", "mentions") or chosen.color or chosen.plain or chosen.numbers
        return TextView(self, preferences) if wanted or preferences.ignored else None

    def question(self, wanted: PasswordWanted) -> str:
        """Ask for the password that is *wanted*."""
        notes = [self.visible] if self.visible else []
        if wanted.command == "hello":
            notes.append("Enter alone for another nick")
        whose = f" for {wanted.nick}" if wanted.nick else ""
        return f"{_SECRETS.get(wanted.missing, 'Password')}{whose}" + (f" ({'; '.join(notes)})" if notes else "")

    def to_bytes(self, lines: Sequence[str]) -> bytes:
        """Put *lines* together as this kind of client expects them."""
        return self.newline.join([*lines, ""]).encode() if lines else b""


def is_known(event: Event, viewer: str, session: str) -> bool:
    """Return whether this session of *viewer* knows of *event* without being shown it."""
    kind = type(event)
    return (kind in _TYPED and event.origin == session) or (kind in _TOLD and event.by == viewer)


class TextView(View):
    """Plain text as one person prefers it: without some people, with a bell, in colours, for a screen reader."""

    base: TextDialect

    def __init__(self, base: TextDialect, preferences: ViewPreferences) -> None:
        super().__init__(base, preferences)
        self._words = PlainWords()

    @property
    def unsaid(self) -> Unsaid:
        """What it remembers, for a screen reader."""
        return self._words.unsaid

    def recall(self, unsaid: Unsaid) -> None:
        """Remember what another view of the same person did."""
        self._words.recall(unsaid)

    def encode(self, batch: Batch, viewer: str = "", session: str = "") -> bytes:
        """Render what is not hidden, with a bell after each line that this person wants one for."""
        events = [
            (seq, event)
            for seq, event in batch
            if not (is_known(event, viewer, session or viewer) or self.preferences.hides(event))
        ]
        lines: list[str] = []
        for talk, run in groupby(events, lambda one: isinstance(one[1], TALK)):
            if not talk:
                lines += self._lines([event for _, event in run], viewer)
                continue
            for seq, event in run:
                shown = self._lines([event], viewer)
                # A number that was shown while another place is current would mean another message there.
                numbers = self.preferences.chosen.numbers and type(event) is not Whispered
                lines += numbered(seq, event, shown) if numbers else shown
                if event.by != viewer and self.preferences.rings(event):
                    lines[-1] += "\a"
        return self.base.to_bytes(lines)

    def encode_reply(self, reply: Reply, ref: str | None = None) -> bytes:
        """Render *reply*; events that it quotes ring no bell."""
        reply = self.preferences.visible(reply)
        if type(reply) is PasswordWanted:
            question = self.base.question(reply)
            return f"{question}: ".encode() if self.preferences.chosen.plain else self.base.encode_reply(reply)
        if self.preferences.chosen.plain:
            lines = reply_lines(reply, self._quoted_plain, numbers=self.preferences.chosen.numbers)
            return self.base.to_bytes(plain_reply(reply, lines))
        return self.base.to_bytes(reply_lines(reply, self._quoted, numbers=self.preferences.chosen.numbers))

    def _lines(self, events: Iterable[Event], viewer: str) -> list[str]:
        render = self._words.lines if self.preferences.chosen.plain else event_lines
        return render(map(self._coloured, events), viewer, rooms=self.base.rooms)

    def _quoted(self, events: Iterable[Event], viewer: str | None = "", *, rooms: bool = False) -> list[str]:
        return event_lines(map(self._coloured, events), viewer, rooms=rooms)

    def _quoted_plain(self, events: Iterable[Event], viewer: str | None = "", *, rooms: bool = False) -> list[str]:
        return PlainWords().lines(map(self._coloured, events), viewer, rooms=rooms)

    def _coloured(self, event: Event) -> Event:
        if not self.preferences.chosen.color:
            return event
        others: dict[str, Any] = {name: coloured(getattr(event, name)) for name in names_of(event) if name in _NICKS}
        return replace(event, nick=coloured(event.nick), **others)
