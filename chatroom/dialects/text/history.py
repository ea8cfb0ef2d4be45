"""Past events in the text dialect: history, search results, the moderation log."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import groupby

from chatroom.chat import replies
from chatroom.chat.replies import Numbered, Reply

_INDEXING = "-- Older messages are still being indexed; please search again in a few minutes."

Render = Callable[..., list[str]]
"""Makes lines of events: `events.event_lines`, or what a person prefers to that."""


def past(events: Sequence[Numbered], render: Render, *, numbers: bool = False) -> list[str]:
    """
    Word *events* as they were shown, with the day above those that are not of today.

    :param numbers: put the seq of each before it.
    """
    lines = []
    today = time.localtime()[:3]
    for day, run in groupby(events, lambda one: time.localtime(one[1].at)[:3]):
        shown = list(run)
        if day != today:
            lines.append(time.strftime("-- %A, %Y-%m-%d", time.localtime(shown[0][1].at)))
        if numbers:
            for seq, event in shown:
                first, *further = render([event])
                lines += [f"{seq} {first}", *further]
        else:
            lines += render([event for _, event in shown])
    return lines


def _recalled(reply: replies.HistoryPage, render: Render) -> list[str]:
    of = "your conversation" if reply.room.startswith("@") else f"#{reply.room}"
    if not reply.events:
        return [f"-- Nothing has been said in {of} yet."]
    lines = past(reply.events, render, numbers=reply.numbers)
    return [f"-- History of {of} ({len(reply.events)}):", *lines, "-- End of history."]


def _found(reply: replies.SearchResults, render: Render) -> list[str]:
    note = [_INDEXING] if reply.indexing else []
    if not reply.events:
        return ["-- No more results." if reply.page > 1 else f"-- No results for: {reply.words}", *note]
    lines = []
    for _, event in reply.events:
        day = time.strftime("%Y-%m-%d", time.localtime(event.at))
        first, *further = render([event], None, rooms=True)
        lines += [f"{day} {first}", *further]
    more = f"-- More: /search page:{reply.page + 1} {reply.words}" if reply.more else "-- No more results."
    return [f"-- Results, newest first, for: {reply.words}", *lines, more, *note]


def _audit(reply: replies.AuditLog, render: Render) -> list[str]:
    if not reply.events:
        return ["-- The moderation log is empty."]
    end = "-- There are older entries." if reply.more else "-- End of the log."
    return [f"-- Moderation log ({len(reply.events)}):", *past(reply.events, render), end]


PAST: dict[type[Reply], Callable[..., list[str]]] = {
    replies.HistoryPage: _recalled,
    replies.SearchResults: _found,
    replies.AuditLog: _audit,
}
