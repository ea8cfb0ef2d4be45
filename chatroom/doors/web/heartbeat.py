"""Heartbeat: asks those of whom nothing was heard for a sign of life, and gives up on who gives none."""

from __future__ import annotations

from typing import Protocol

from twisted.internet.interfaces import IReactorTime

from chatroom.doors.timeouts import Timeouts

PING_INTERVAL = 30.0
"""Seconds after which somebody of whom nothing was heard is asked for a sign of life."""

PONG_TIMEOUT = 20.0
"""Seconds that they may take to give it."""


class Pinged(Protocol):
    """Somebody whose heart is listened to."""

    def ping(self) -> bool:
        """Ask for a sign of life; False: who does not read could not answer."""

    def give_up_on_silent(self) -> bool:
        """There was no sign of life, so hang up; False: it may have come, as nothing is read for now."""


class Heartbeat:
    """The signs of life of all connections of one door."""

    def __init__(self, clock: IReactorTime) -> None:
        self._quiet: Timeouts[Pinged] = Timeouts(clock, PING_INTERVAL, self._ask)
        self._silent: Timeouts[Pinged] = Timeouts(clock, PONG_TIMEOUT, self._give_up)

    def heard(self, who: Pinged) -> None:
        """Something was heard of *who*, or they have just come."""
        self._silent.end(who)
        self._quiet.begin(who)

    def renew(self, who: Pinged) -> None:
        """Give *who* the whole time once more if they were asked: a sign of life may not have been read yet."""
        self._silent.renew(who)

    def end(self, who: Pinged) -> None:
        """Ask *who* no more."""
        self._quiet.end(who)
        self._silent.end(who)

    def _ask(self, who: Pinged) -> None:
        (self._silent if who.ping() else self._quiet).begin(who)

    def _give_up(self, who: Pinged) -> None:
        if not who.give_up_on_silent():
            self._silent.begin(who)
