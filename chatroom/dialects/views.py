"""Views: how one person prefers to see the chat, whatever the dialect."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace

from chatroom.chat.changes import Edited, Reacted
from chatroom.chat.events import TALK, Event, Whispered
from chatroom.chat.replies import Preferences, Reply
from chatroom.chat.syntax import names
from chatroom.chat.syntax.mentions import mentions

_WORDS = (*TALK, Edited, Reacted)
"""The events that carry what a person says; that something was deleted is shown whoever did it."""


@dataclass(frozen=True, slots=True)
class Unsaid:
    """
    What a view remembers between two renderings, for a connection that goes on in another process.

    :param quarter: the quarter of an hour that was said last, counted since the epoch; -1: none.
    :param moved: who has come (True) or gone (False) and is still to be named, by room and nick.
    """

    quarter: int
    moved: Mapping[str, Mapping[str, bool]]


@dataclass(frozen=True, slots=True)
class ViewPreferences:
    """
    One person's preferences, as far as they change what is rendered for them.

    :param nick: this person's current nick.
    :param ignored: the identities and the keys of nicks whose words are hidden.
    :param chosen: all that they have chosen.  People at a text door have no bell unless they ask for one.
    """

    nick: str
    ignored: Container[str] = frozenset()
    chosen: Preferences = field(default_factory=Preferences)

    def hides(self, event: Event) -> bool:
        """Return whether *event* is something that an ignored person said."""
        ignored = self.ignored
        return (
            isinstance(event, _WORDS)
            and bool(ignored)
            and (event.by in ignored or names.speaker_key(event.nick) in ignored)
        )

    def rings(self, event: Event) -> bool:
        """Return whether to ring for *event*, something that somebody else said."""
        if self.chosen.notify == "mentions":
            return isinstance(event, Whispered) or mentions(self.nick, event.text)  # type: ignore[attr-defined]
        return self.chosen.notify == "all"

    def visible(self, reply: Reply) -> Reply:
        """Remove quotes of ignored people from *reply*."""
        for name in ("events", "recent"):
            quoted = getattr(reply, name, ())
            left = tuple((seq, event) for seq, event in quoted if not self.hides(event))
            if len(left) < len(quoted):
                reply = replace(reply, **{name: left})
        return reply
