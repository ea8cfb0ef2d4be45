"""Another nick: the next free one, for somebody who asked for a registered nick and is not its owner."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from itertools import islice
from typing import Any

from chatroom.chat.limits import Limits
from chatroom.chat.refusals import NickTaken
from chatroom.chat.replies import Refused, Reply
from chatroom.chat.syntax import names

from .outbox import Line

_MAX_ATTEMPTS = 5
"""Nicks that are tried; then the person chooses, or the server does after a while."""


class OtherNick:
    """
    Tries one nick after the other.

    :param ask: sends a command.
    :param unanswered: what has been sent, and not been answered yet.
    """

    def __init__(self, ask: Callable[[Mapping[str, Any]], Line], unanswered: Container[Line]) -> None:
        self._ask = ask
        self._unanswered = unanswered
        self._nicks: Iterator[str] = iter(())
        self._line: Line | None = None

    @property
    def tries(self) -> bool:
        """Whether it is not known yet if the person has the nick that was asked for last."""
        return self._line is not None and self._line in self._unanswered

    def instead_of(self, nick: str) -> None:
        """Ask for the first alternative to *nick*."""
        self._nicks = islice(names.alternatives(nick, Limits().nick), _MAX_ATTEMPTS)
        self._try_next()

    def goes_on(self, line: Line | None, reply: Reply) -> bool:
        """Return whether *reply* to *line* only means that the next nick is tried."""
        if line is None or line is not self._line:
            return False
        self._line = None
        return isinstance(reply, Refused) and reply.code == NickTaken.code and self._try_next()

    def _try_next(self) -> bool:
        nick = next(self._nicks, None)
        self._line = self._ask({"type": "nick", "nick": nick}) if nick is not None else None
        return nick is not None
