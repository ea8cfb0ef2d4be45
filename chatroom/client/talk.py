"""The talk: the parts of a conversation that the server's answers change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from .activity import Activity
from .credentials import Credentials
from .other_nick import OtherNick
from .recent_messages import RecentMessages
from .rendering import Renderer
from .requests import Requests
from .rooms import JoinedRooms
from .typed_input import TypedInput
from .ui_port import ConnectionState, UserInterface


class Talk(Protocol):
    """A conversation, as those see it who apply what the server answers; `Conversation` says what each part is."""

    nick: str
    state: ConnectionState
    commands: Mapping[str, str]
    greeted: bool
    caught_up: int
    leaving: bool
    failed: bool
    called_back: bool
    """Whether the server has asked us to connect again at once: the person is told nothing of it."""
    ui: UserInterface
    rooms: JoinedRooms
    activity: Activity
    renderer: Renderer
    recent: RecentMessages
    requests: Requests
    typed: TypedInput
    credentials: Credentials
    other_nick: OtherNick

    def say_hello(self) -> None:
        """Say hello on the connection, if there is one."""

    def fail(self, why: str) -> None:
        """End because of an error: *why*, for people."""

    def drop(self) -> None:
        """Close the connection, if there is one."""
