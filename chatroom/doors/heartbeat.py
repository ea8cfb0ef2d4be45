"""Heartbeat: pings quiet connections, and disconnects those that don't answer."""

from __future__ import annotations

from typing import Protocol

from twisted.internet.interfaces import IReactorTime

from .timeouts import Timeouts

PING_INTERVAL = 30.0
"""Seconds of silence before a ping, unless a door has another."""

PONG_TIMEOUT = 20.0
"""Seconds to wait for the pong, likewise."""


class Pinged(Protocol):
    """A connection that can be pinged."""

    def ping(self) -> bool:
        """Send a ping; False if the other end doesn't read, and so couldn't answer."""

    def give_up_on_silent(self) -> bool:
        """Disconnect after a missing pong; False if reading is paused, so a pong may be unread."""


class Heartbeat:
    """
    The pings and pongs of all connections of one door.

    :param interval: seconds of silence before a ping.
    :param within: seconds to wait for the pong.
    """

    def __init__(self, clock: IReactorTime, interval: float = PING_INTERVAL, within: float = PONG_TIMEOUT) -> None:
        self._quiet: Timeouts[Pinged] = Timeouts(clock, interval, self._ask)
        self._silent: Timeouts[Pinged] = Timeouts(clock, within, self._give_up)

    def heard(self, who: Pinged) -> None:
        """Note that *who* is alive."""
        self._silent.end(who)
        self._quiet.begin(who)

    def renew(self, who: Pinged) -> None:
        """Restart the pong timeout of *who*, if pinged: a pong may be unread."""
        self._silent.renew(who)

    def end(self, who: Pinged) -> None:
        """Stop pinging *who*."""
        self._quiet.end(who)
        self._silent.end(who)

    def _ask(self, who: Pinged) -> None:
        (self._silent if who.ping() else self._quiet).begin(who)

    def _give_up(self, who: Pinged) -> None:
        if not who.give_up_on_silent():
            self._silent.begin(who)
