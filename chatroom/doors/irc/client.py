"""The client port: one IRC connection, as far as the commands and everything else beside the door use it."""

from __future__ import annotations

from typing import Any, Protocol

from chatroom.chat.hub import Hub
from chatroom.chat.replies import Reply
from chatroom.chat.session import Session
from chatroom.dialects.irc.framing import Framing
from chatroom.dialects.irc.viewer import Viewer


class Client(Protocol):
    """
    One IRC connection.

    ``label`` is that of the running command, and ``held`` what answers it so far (None: it has no label).  ``watched``
    has the nicks that the client watches, by their keys, and ``block`` is the message of several lines that it is
    sending; ``wallops`` says whether it hears what admins tell all, and ``subscribed`` has the keys of metadata whose
    changes it is told.  ``server`` is the `IrcServer`, and ``registration`` the `Registration`.
    """

    transport: Any
    framing: Framing
    viewer: Viewer
    server: Any
    registration: Any
    block: Any
    label: str
    held: list[str] | None
    watched: dict[str, str]
    wallops: bool
    subscribed: set[str]

    @property
    def hub(self) -> Hub:
        """The house."""

    @property
    def session(self) -> Session:
        """The session of this connection."""

    @property
    def named(self) -> bool:
        """Whether this person has a nick, or has gone already."""

    @property
    def unnamed(self) -> int:
        """The number of other connections that have no nick yet."""

    def reply(self, *replies: Reply) -> None:
        """Answer the running command."""

    def tell(self, number: str, *params: str) -> None:
        """Answer the running command with a numeric."""

    def write(self, *lines: str) -> None:
        """Answer the running command with whole *lines*."""

    def show(self, *lines: str) -> None:
        """Write *lines*, which answer nothing."""

    def use(self, capabilities: frozenset[str]) -> None:
        """Write as these *capabilities* ask for from now on."""

    def tell_read(self, place: str, *, answers: bool) -> None:
        """Tell the client how far the person has read the room or conversation *place*, if it wants to know."""

    def hold(self, label: str | None) -> str | None:
        """Hold what answers the running command, which has this *label*, if any, until it is complete."""

    def release(self) -> None:
        """Write what was held: the command is complete."""
