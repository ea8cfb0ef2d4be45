"""The ports of a conversation: the user interface, the connection to the server, and the states it goes through."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Protocol


class ConnectionState(Enum):
    """The state of the connection; the value is shown to people."""

    OFFLINE = "reconnecting"
    GREETING = "connecting"
    ASKING = "waiting for a nick"
    REPLAYING = "catching up"
    LIVE = "connected"
    ENDED = "gone"


class ServerConnection(Protocol):
    """What a conversation needs of the connection to the server."""

    def send(self, values: Mapping[str, Any]) -> None:
        """Send one object."""

    def drop(self) -> None:
        """Close the connection at once."""


class UserInterface:
    """The user interface port: what a conversation asks for; each method does nothing unless it is overridden."""

    keeps_typed = False
    """Whether it can give a person back what was not sent, to enter it again."""
    is_typed = True
    """Whether a person types what it takes in; otherwise, a program writes it."""
    repeats_passwords = True
    """Whether a new password is asked for twice: a person may mistype it."""

    answers_at_hello = True
    """Whether somebody is here to say whether a registered nick is theirs."""

    def show(self, line: str) -> None:
        """Show one line of the chat."""

    def complain(self, line: str) -> None:
        """Show a line about something that failed, or about the connection."""

    def ring(self) -> None:
        """Ring the bell: one of the lines just shown is meant for this person."""

    def notify(self, title: str, text: str) -> None:
        """Show what is meant for this person outside of the terminal: *title* says who and where."""

    def escape(self, sequence: str) -> None:
        """Send an escape sequence that moves nothing to the terminal, if there is one."""

    def want_password(self, question: str) -> None:
        """Ask *question*, hide what is typed, and pass it to `Requests.give_password`."""

    def give_back(self, text: str) -> None:
        """Let the person enter *text* again, which was not sent; only if `keeps_typed`."""

    def prefer(self, *, coloured: bool | None, plain: bool) -> None:
        """
        Change how things are shown from now on.

        :param coloured: with colours or without; None: no change.
        :param plain: for a screen reader: no colours, and nothing is redrawn.
        """

    def clear(self) -> None:
        """Clear the screen."""

    def changed(self) -> None:
        """Update what shows the state, the rooms or the number of unanswered lines: any may have changed."""

    def end(self) -> None:
        """Stop: the conversation is over; called once."""
