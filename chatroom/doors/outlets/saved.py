"""Saved outlets: what an outlet knows of its client, for a connection that goes on in another process."""

from __future__ import annotations

from dataclasses import dataclass

from chatroom.chat.replies import Preferences
from chatroom.dialects.views import Unsaid


@dataclass(frozen=True, slots=True)
class SavedView:
    """How one person prefers to see the chat: see `ViewPreferences`."""

    nick: str
    ignored: tuple[str, ...]
    chosen: Preferences
    unsaid: Unsaid | None


@dataclass(frozen=True, slots=True)
class SavedOutlet:
    """
    The state of a `StreamOutlet` that has nothing buffered.

    :param several: whether the person is in several rooms.
    :param logged: the kinds of refusals that have been logged.
    :param view: None: they see the chat as everybody does.
    """

    viewer: str
    session: str
    several: bool
    logged: tuple[str, ...]
    view: SavedView | None
