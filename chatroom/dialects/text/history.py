"""How plain text words replies that hold events of the past: history, what a search has found, the audit log."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import groupby

from chatroom.chat import replies
from chatroom.chat.replies import Numbered, Reply

Render = Callable[..., list[str]]
"""What makes lines of events: `text_events.event_lines`, or what a person prefers to that."""


def past(events: Sequence[Numbered], render: Render) -> list[str]:
    """Word *events* as they were shown, with the day wherever it is not today's."""
    lines = []
    today = time.localtime()[:3]
    for day, run in groupby((event for _, event in events), lambda event: time.localtime(event.at)[:3]):
        shown = list(run)
        if day != today:
            lines.append(time.strftime("-- %A, %Y-%m-%d", time.localtime(shown[0].at)))
        lines += render(shown)
    return lines


def _recalled(reply: replies.Recalled, render: Render) -> list[str]:
    if not reply.events:
        return [f"-- Nothing has been said in #{reply.room} yet."]
    return [f"-- #{reply.room}, the last {len(reply.events)}:", *past(reply.events, render), "-- That was it."]


def _found(reply: replies.Found, render: Render) -> list[str]:
    if not reply.events:
        return ["-- There is no more." if reply.page > 1 else f"-- Nothing was found for: {reply.words}"]
    lines = []
    for _, event in reply.events:
        day = time.strftime("%Y-%m-%d", time.localtime(event.at))
        first, *further = render([event], None, rooms=True)
        lines += [f"{day} {first}", *further]
    more = f"-- More: /search page:{reply.page + 1} {reply.words}" if reply.more else "-- That was it."
    return [f"-- Found, newest first, for: {reply.words}", *lines, more]


def _audit(reply: replies.AuditLog, render: Render) -> list[str]:
    if not reply.events:
        return ["-- The audit log is empty."]
    end = "-- That was it; there are older entries." if reply.more else "-- That was it."
    return [f"-- The audit log, the last {len(reply.events)}:", *past(reply.events, render), end]


PAST: dict[type[Reply], Callable[..., list[str]]] = {
    replies.Recalled: _recalled,
    replies.Found: _found,
    replies.AuditLog: _audit,
}
