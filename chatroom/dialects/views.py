"""The chat as one person prefers to read it: in colours, with a bell, in plain words, without some people."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from chatroom.chat import names
from chatroom.chat.events import TALK, Batch, Event, Whispered, names_of
from chatroom.chat.replies import PasswordWanted, Reply

from .base import Asked, Dialect
from .json.dialect import JsonDialect
from .mentions import mentions
from .text.colours import coloured
from .text.dialect import OWN_UNSHOWN, TextDialect
from .text.events import event_lines
from .text.replies import reply_lines
from .text.screen_reader import PlainWords, plain_reply

_NICKS = ("to", "new", "target")
"""What events call those whom they are about."""


@dataclass(frozen=True, slots=True)
class Taste:
    """
    What somebody prefers.

    :param nick: what they are called now.
    :param ignored: the identities and the keys of nicks whose words they are not shown.
    :param notify: ring for ``all`` that others say, or for ``mentions`` of them; anything else: never.
        A person at a text door who has chosen nothing never asked for a bell.
    """

    nick: str
    ignored: Container[str] = frozenset()
    notify: str = ""
    color: bool = False
    plain: bool = False

    def hides(self, event: Event) -> bool:
        """Tell whether *event* is the words of somebody who is ignored."""
        ignored = self.ignored
        return isinstance(event, TALK) and bool(ignored) and (event.by in ignored or names.key(event.nick) in ignored)

    def rings(self, event: Event) -> bool:
        """Tell whether to ring for *event*, something that somebody else said."""
        if self.notify == "mentions":
            return isinstance(event, Whispered) or mentions(self.nick, event.text)  # type: ignore[attr-defined]
        return self.notify == "all"

    def visible(self, reply: Reply) -> Reply:
        """Take out of *reply* what it quotes of those who are ignored."""
        for name in ("events", "recent"):
            quoted = getattr(reply, name, ())
            left = tuple((seq, event) for seq, event in quoted if not self.hides(event))
            if len(left) < len(quoted):
                reply = replace(reply, **{name: left})
        return reply


class View:
    """
    One person's own dialect over one that others share.

    Nothing that it renders is kept with a batch: nobody else could use it.
    """

    def __init__(self, base: Any, taste: Taste) -> None:
        self.base = base
        self.taste = taste

    def decode(self, line: bytes, named: bool) -> Asked:
        """Read one line, as anyone's."""
        asked: Asked = self.base.decode(line, named)
        return asked


class JsonView(View):
    """JSON lines without those of people who are ignored; what remains has its true seq."""

    base: JsonDialect

    def encode(self, batch: Batch, viewer: str = "") -> bytes:
        """Render what is not hidden."""
        lines = self.base.lines(batch, viewer)
        shown = [line for line, event in zip(lines, batch.events, strict=True) if not self.taste.hides(event)]
        return self.base.wire(shown)

    def encode_reply(self, reply: Reply, ref: str | None = None) -> bytes:
        """Render *reply* without what is hidden."""
        return self.base.encode_reply(self.taste.visible(reply), ref)


class TextView(View):
    """Plain text as one person prefers it."""

    base: TextDialect

    def __init__(self, base: TextDialect, taste: Taste) -> None:
        super().__init__(base, taste)
        self._words = PlainWords()

    def encode(self, batch: Batch, viewer: str = "") -> bytes:
        """Render what is not hidden, with a bell behind what the person wants to be called for."""
        events = [
            event
            for event in batch.events
            if not (event.by == viewer and type(event) in OWN_UNSHOWN) and not self.taste.hides(event)
        ]
        lines: list[str] = []
        for talk, run in groupby(events, lambda event: isinstance(event, TALK)):
            if not talk:
                lines += self._lines(run, viewer)
                continue
            for event in run:
                lines += self._lines([event], viewer)
                if event.by != viewer and self.taste.rings(event):
                    lines[-1] += "\a"
        return self.base.wire(lines)

    def encode_reply(self, reply: Reply, ref: str | None = None) -> bytes:
        """Render *reply*; what it quotes rings no bell."""
        reply = self.taste.visible(reply)
        if type(reply) is PasswordWanted:
            question = self.base.question(reply)
            return f"{question}: ".encode() if self.taste.plain else self.base.encode_reply(reply)
        if self.taste.plain:
            return self.base.wire(plain_reply(reply, reply_lines(reply, self._quoted)))
        return self.base.wire(reply_lines(reply, self._painted))

    def _lines(self, events: Iterable[Event], viewer: str) -> list[str]:
        render = self._words.lines if self.taste.plain else event_lines
        return render(map(self._paint, events), viewer, rooms=self.base.rooms)

    def _painted(self, events: Iterable[Event], viewer: str | None = "", *, rooms: bool = False) -> list[str]:
        return event_lines(map(self._paint, events), viewer, rooms=rooms)

    def _quoted(self, events: Iterable[Event], viewer: str | None = "", *, rooms: bool = False) -> list[str]:
        return PlainWords().lines(map(self._paint, events), viewer, rooms=rooms)

    def _paint(self, event: Event) -> Event:
        if not self.taste.color:
            return event
        others: dict[str, Any] = {name: coloured(getattr(event, name)) for name in names_of(event) if name in _NICKS}
        return replace(event, nick=coloured(event.nick), **others)


def view(base: Dialect, taste: Taste) -> View | None:
    """Make a view over *base*; None if *taste* changes nothing there."""
    if isinstance(base, TextDialect) and (taste.ignored or taste.notify in ("all", "mentions")):
        return TextView(base, taste)
    if isinstance(base, TextDialect) and (taste.color or taste.plain):
        return TextView(base, taste)
    return JsonView(base, taste) if isinstance(base, JsonDialect) and taste.ignored else None
