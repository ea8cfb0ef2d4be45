"""The service of a door process: listens, and ends when the server stops or when a successor listens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import uniform
from typing import Any

from twisted.internet.defer import Deferred, DeferredList, maybeDeferred
from twisted.internet.interfaces import IListeningPort, IProtocolFactory, IReactorTime
from twisted.internet.task import LoopingCall, deferLater
from twisted.logger import Logger

from chatroom.doors.door import UPGRADED
from chatroom.doors.factory import CannotOpen, DoorFactory

from .errors import CannotStart
from .listeners import Listener

FLUSH_TIMEOUT = 5.0
"""Time limit for sending goodbyes, in seconds, once the house has said them."""

HOUSE_TIMEOUT = 20.0
"""Time limit for the house to say goodbye to everyone and to end, in seconds."""

RESUME_WINDOW = 30.0
"""Seconds over which those that can resume are asked to do so at a successor."""

RETIRED_TIMEOUT = 3600.0
"""Seconds after which those that cannot resume are disconnected, too."""

LOOK_INTERVAL = 1.0
"""Seconds between two looks at who is still there, once a successor listens."""

log = Logger(namespace="chatroom")


class DoorService:
    """
    The doors of one process.

    :param listeners: where to listen.
    :param front: the factory that listens there.
    :param doors: their connections are waited for at the end.
    :param others: counts the connections that may be at none of *doors*: nobody knows yet which is theirs, the house
        speaks with them, or they are being handed over.
    :param linked: asked whether there is a house.
    :param end: ends sessions without the house, with a text.
    :param over: called when everything has ended.
    :param uniform: for tests.
    """

    def __init__(
        self,
        clock: IReactorTime,
        listeners: Sequence[Listener],
        front: IProtocolFactory,
        doors: Sequence[DoorFactory],
        others: Callable[[], int],
        linked: Callable[[], bool],
        end: Callable[[str], object],
        over: Callable[[], object],
        uniform: Callable[[float, float], float] = uniform,
    ) -> None:
        self._clock = clock
        self._listeners = listeners
        self._front = front
        self._doors = doors
        self._others = others
        self._linked = linked
        self._end = end
        self._over = over
        self._uniform = uniform
        self._ports: list[IListeningPort] = []
        self._called_back: set[Any] = set()
        """Those that have been asked to resume at a successor, or will be."""
        self._stopping: str | None = None
        self._house_gone: Deferred[None] = Deferred()

    def start(self) -> None:
        """
        Listen.

        :raises CannotStart: if that fails.
        """
        try:
            for door in self._doors:
                door.open()
        except CannotOpen as error:
            raise CannotStart(error) from None
        for listener in self._listeners:
            port = listener.open(self._front)
            if port is not None:
                self._ports.append(port)

    def retire(self) -> None:
        """Stop listening, ask those that can resume to do so, and end when everyone has gone."""
        Deferred.fromCoroutine(self._retire()).addErrback(self._failed)

    def stop(self, reason: str) -> None:
        """Stop listening, and end when the house has said goodbye to everyone; or say it, if there is none."""
        if self._stopping is None:
            self._stopping = reason
            Deferred.fromCoroutine(self._stop()).addErrback(self._failed)

    def house_lost(self) -> None:
        """Note that the house is gone."""
        if self._stopping is not None and not self._house_gone.called:
            self._house_gone.callback(None)

    async def _retire(self) -> None:
        await self._close_ports()
        calling = LoopingCall(self._call_back)
        calling.clock = self._clock
        calling.start(LOOK_INTERVAL)
        gone = await self._within(RETIRED_TIMEOUT, Deferred.fromCoroutine(self._all_gone()))
        if calling.running:
            calling.stop()
        if self._stopping is None:
            if not gone:
                log.info("Disconnecting those that have stayed at a door that was replaced an hour ago.")
                self._end(UPGRADED)
                await self._within(FLUSH_TIMEOUT, self._everyone_gone())
            self._over()

    def _call_back(self) -> None:
        """Ask those that can resume to do so, also who was just coming in when this door was replaced."""
        for factory in self._doors:
            for door in factory.connected if factory.resumes else ():
                # Who has no name yet has nothing to resume; a person may be typing a password.
                if door not in factory.nameless and door not in self._called_back:
                    self._called_back.add(door)
                    self._clock.callLater(self._uniform(0, RESUME_WINDOW), _ask_to_resume, factory, door)

    async def _stop(self) -> None:
        await self._close_ports()
        if self._linked():
            # It says goodbye to everyone, and waits for those that are carried.
            await self._within(HOUSE_TIMEOUT, self._house_gone)
        self._end(f"The server is shutting down: {self._stopping}. You have been disconnected.")
        await self._within(FLUSH_TIMEOUT, self._everyone_gone())
        self._over()

    async def _close_ports(self) -> None:
        ports, self._ports = self._ports, []
        await DeferredList([maybeDeferred(port.stopListening) for port in ports], consumeErrors=True)

    def _everyone_gone(self) -> Deferred[Any]:
        return DeferredList([factory.all_gone() for factory in self._doors], consumeErrors=True)

    async def _all_gone(self) -> None:
        """Wait until nobody is connected, at *doors* or otherwise."""
        await self._everyone_gone()
        while self._others():
            await deferLater(self._clock, LOOK_INTERVAL)
            # Somebody has come in, or what could not be handed over comes back.
            await self._everyone_gone()

    async def _within(self, seconds: float, waiting: Deferred[Any]) -> bool:
        """Wait for *waiting*, for *seconds* at most; return whether it came."""
        late: Deferred[None] = deferLater(self._clock, seconds)
        # A list that is cancelled, as `addTimeout` does, would take that for an answer.
        _, first = await DeferredList([waiting, late], fireOnOneCallback=True, consumeErrors=True)
        late.cancel()
        return bool(first == 0)

    def _failed(self, failure: Any) -> None:
        log.failure("An error while a door ended.", failure)
        self._over()


def _ask_to_resume(factory: DoorFactory, door: Any) -> None:
    if door in factory.connected:
        door.call_back()
