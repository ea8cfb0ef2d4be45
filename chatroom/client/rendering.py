"""Rendering: events and replies become lines for the user interface, worded as the text door words them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chatroom.chat.events import TALK, Acted, Event, Joined, Left, Renamed, Said, Whispered
from chatroom.chat.replies import Help, Numbered, Preferences, Refused, Reply, RoomEntered
from chatroom.chat.syntax.mentions import mentions
from chatroom.dialects.json.decoder import ME
from chatroom.dialects.text.events import event_lines
from chatroom.dialects.text.history import rendered
from chatroom.dialects.text.replies import reply_lines
from chatroom.dialects.text.screen_reader import PlainWords, plain_reply

from .day_line import DayLine
from .local_commands import with_local
from .ui_port import UserInterface

_SHOWN_BY_REPLY = (Joined, Left, Renamed)
"""Events that are not shown to their author: a reply says the same."""
_ABOUT_COLOURS = re.compile(r"/color\b", re.IGNORECASE)


class Renderer:
    """
    Collects events and replies, and shows them in order.

    :param echo: show what this person says once the server has it; otherwise the terminal shows it as typed.
    :param plain: word everything for a screen reader, whatever is preferred later.
    :param days: shows the date between the lines of two days; None: nobody needs it.
    """

    def __init__(self, ui: UserInterface, *, echo: bool, plain: bool, days: DayLine | None = None) -> None:
        self._ui = ui
        self._days = days
        if days is not None:
            days.start(self._show_day)
        self._always_plain = self._plain = plain
        self._words = PlainWords()
        self._notify = "mentions"
        self._echo = echo
        self._numbers = False
        self._unread: list[Numbered] = []

    def add(self, seq: int, event: Event, nick: str) -> None:
        """Queue *event*, which has this *seq*, to be shown to *nick* with the next `flush`."""
        # Events that nobody asked for have no ref: entering with a hello, being removed, being renamed.
        own = event.by == ME or (isinstance(event, _SHOWN_BY_REPLY) and event.nick == nick)
        # What was typed here is on the screen; what was typed on another device isn't.
        typed = own and event.ref is not None and isinstance(event, (Said, Acted)) and not self._echo
        if not typed and not (own and isinstance(event, _SHOWN_BY_REPLY)):
            self._unread.append((seq, event))

    def flush(self, nick: str, *, rooms: bool) -> None:
        """Show the queued events: together, so that many people who come or go at once share one line."""
        events, self._unread = self._unread, []
        render = self._words.lines if self._plain else event_lines
        for day, run in self._by_day(events):
            if day is not None:
                self._show_day(day)
            for line in rendered(run, render, ME, rooms=rooms, numbers=self._numbers):
                self._ui.show(line)
        calls = [event for _, event in events if self._rings(nick, event)]
        if calls:
            self._ui.ring()
            where = "" if isinstance(calls[-1], Whispered) else f" in #{calls[-1].room}"
            self._ui.notify(f"{calls[-1].nick}{where}", getattr(calls[-1], "text", ""))

    def prefer(self, preferences: Preferences, asked: str) -> None:
        """
        Follow *preferences* from now on.

        :param asked: the line that this answers.  Colours follow only an explicit ``/color``: otherwise the
            command line and the terminal have decided.
        """
        self._notify, self._numbers = preferences.notify, preferences.numbers
        self._plain = preferences.plain or self._always_plain
        self._ui.prefer(coloured=preferences.color if _ABOUT_COLOURS.match(asked) else None, plain=self._plain)

    def reply(self, reply: Reply) -> None:
        """Show an answer."""
        if self._days is not None and isinstance(reply, RoomEntered) and reply.recent:
            # Its lines have dates of their own; what follows is of another day, perhaps.
            self._days.shown(reply.recent[-1][1].at)
        if isinstance(reply, Help):
            reply = with_local(reply)
        lines = reply_lines(reply, PlainWords().lines if self._plain else event_lines, numbers=self._numbers)
        if self._plain:
            lines = plain_reply(reply, lines)
        tell = self._ui.complain if isinstance(reply, Refused) else self._ui.show
        for line in lines:
            tell(line)

    def stop(self) -> None:
        """Show no dates any more."""
        if self._days is not None:
            self._days.stop()

    def complain(self, line: str) -> None:
        """Show *line* about something that failed here; a screen reader gets it without the mark in front."""
        self._ui.complain(line[3:] if self._plain else line)

    def _by_day(self, events: Sequence[Numbered]) -> Iterator[tuple[str | None, list[Numbered]]]:
        """Split *events* where a day ends; each part comes with the date to show above it."""
        part: list[Numbered] = []
        above = None
        for seq, event in events:
            day = self._days.turn(event.at) if self._days is not None else None
            if day is not None:
                yield above, part
                above, part = day, []
            part.append((seq, event))
        yield above, part

    def _show_day(self, day: str) -> None:
        self._ui.show(f"Date: {day}" if self._plain else f"-- {day}")

    def _rings(self, nick: str, event: Event) -> bool:
        if event.by == ME or self._notify == "none" or not isinstance(event, TALK):
            return False
        return self._notify == "all" or isinstance(event, Whispered) or mentions(nick, event.text)
