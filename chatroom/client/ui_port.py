"""The ports of a conversation: the face that shows it to a person, the wire to the server, and its states."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Protocol


class ConnectionState(Enum):
    """How far a conversation has come; the value is for people."""

    OFFLINE = "reconnecting"
    GREETING = "connecting"
    ASKING = "waiting for a nick"
    REPLAYING = "catching up"
    LIVE = "connected"
    ENDED = "gone"


class ServerConnection(Protocol):
    """The way to the server."""

    def send(self, values: Mapping[str, Any]) -> None:
        """Send one object."""

    def drop(self) -> None:
        """Close the connection at once."""


class UserInterface:
    """What a conversation tells whoever shows it to a person; each does nothing unless it is overridden."""

    def show(self, line: str) -> None:
        """Here is one line of the chat."""

    def complain(self, line: str) -> None:
        """Here is a line about something that did not work, or about the connection."""

    def ring(self) -> None:
        """Among the lines just shown is one that is meant for this person."""

    def want_password(self, question: str) -> None:
        """Ask *question*, do not show what is typed, and let `Conversation.confide` have it."""

    def prefer(self, *, coloured: bool | None, plain: bool) -> None:
        """
        Show things so from now on.

        :param coloured: with colours or without; None: as before.
        :param plain: for a screen reader: no colours, nothing that is drawn again and again.
        """

    def changed(self) -> None:
        """The state, the rooms or the number of unanswered lines may have changed."""

    def end(self) -> None:
        """It is over; called once."""
