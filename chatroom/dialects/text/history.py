"""Past events in the text dialect: history, search results, the moderation log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from chatroom.chat import replies
from chatroom.chat.events import Acted, Event, Noticed, Said, Whispered
from chatroom.chat.replies import Numbered, Reply

from .zone import local, recent

_INDEXING = "-- Older messages are still being indexed; please search again in a few minutes."

Render = Callable[..., list[str]]
"""Makes lines of events: `events.event_lines`, or what a person prefers to that."""


def past(events: Sequence[Numbered], render: Render, *, numbers: bool = False) -> list[str]:
    """
    Word *events* as they were shown, with the day above those that are not of today.

    :param numbers: put the seq of each before it.
    """
    lines = []
    today = local()[:3]
    for day, run in groupby(events, lambda one: local(one[1].at)[:3]):
        shown = list(run)
        if day != today:
            lines.append(time.strftime("-- %A, %Y-%m-%d", local(shown[0][1].at)))
        if numbers:
            for seq, event in shown:
                lines += numbered(seq, event, render([event]))
        else:
            lines += render([event for _, event in shown])
    return lines


def numbered(seq: int, event: Event, lines: list[str]) -> list[str]:
    """Put the number of *event* before its own line among *lines*, which others may precede, or parts of it follow."""
    own = len(lines) - 1 - str(getattr(event, "text", "")).count("\n")
    return [f"{seq} {line}" if place == own else line for place, line in enumerate(lines)]


def rendered(
    events: Iterable[Numbered], render: Render, viewer: str | None, *, rooms: bool, numbers: bool
) -> list[str]:
    """
    Word *events* as they happen, for *viewer*.

    :param rooms: name the room in each line.
    :param numbers: put the number of each message before it; but not of private ones, since the same number means
        another message in the room that is current.
    """
    if not numbers:
        return render([event for _, event in events], viewer, rooms=rooms)
    lines = []
    for talk, run in groupby(events, lambda one: isinstance(one[1], (Said, Acted, Noticed))):
        if talk:
            for seq, event in run:
                lines += numbered(seq, event, render([event], viewer, rooms=rooms))
        else:
            lines += render([event for _, event in run], viewer, rooms=rooms)
    return lines


def _recalled(reply: replies.HistoryPage, render: Render, numbers: bool) -> list[str]:
    of = "your conversation" if reply.room.startswith("@") else f"#{reply.room}"
    if not reply.events and reply.earlier_than:
        return [f"-- Nothing was said in {of} before {reply.earlier_than}."]
    if not reply.events:
        return [f"-- Nothing new has been said in {of}." if reply.more else f"-- Nothing has been said in {of} yet."]
    # In a room, the number of a private message would mean another one; who asks for it knows where it is.
    lines = past(reply.events, render, numbers=reply.numbers or (numbers and reply.room[:1] != "@"))
    end = "-- End of history."
    if reply.more:
        end = f"-- End of history; there is more before {recent(reply.events[0][1].at)}."
    return [f"-- History of {of} ({len(reply.events)}):", *lines, end]


def _found(reply: replies.SearchResults, render: Render, numbers: bool) -> list[str]:
    note = [_INDEXING] if reply.indexing else []
    if not reply.events:
        return ["-- No more results." if reply.page > 1 else f"-- No results for: {reply.words}", *note]
    lines = []
    for seq, event in reply.events:
        day = time.strftime("%Y-%m-%d", local(event.at))
        shown = render([event], None, rooms=True)
        first, *further = numbered(seq, event, shown) if numbers and type(event) is not Whispered else shown
        lines += [f"{day} {first}", *further]
    more = f"-- More: /search page:{reply.page + 1} {reply.words}" if reply.more else "-- No more results."
    return [f"-- Results, newest first, for: {reply.words}", *lines, more, *note]


def _audit(reply: replies.AuditLog, render: Render, numbers: bool) -> list[str]:
    if not reply.events:
        return ["-- The moderation log is empty."]
    end = "-- There are older entries." if reply.more else "-- End of the log."
    return [f"-- Moderation log ({len(reply.events)}):", *past(reply.events, render), end]


PAST: dict[type[Reply], Callable[..., list[str]]] = {
    replies.HistoryPage: _recalled,
    replies.SearchResults: _found,
    replies.AuditLog: _audit,
}
