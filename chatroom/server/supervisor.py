"""The supervisor: a server as several processes, one house and its doors, which it starts, keeps running and stops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext
from typing import Any, TextIO

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IListeningPort
from twisted.internet.protocol import Factory
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from chatroom.tls.pair import BadPair
from chatroom.tls.renewal import Certificate

from .child import READY, Child, ChildEnded
from .errors import CannotStart
from .installed import installed
from .keeper import Keeper
from .link_folder import LinkFolder
from .listeners import Listener
from .open_files import raise_open_files_limit
from .replacement import ended, replace_door, replace_house
from .shared_ports import Binder

HOUSE_TIMEOUT = 20.0
"""Seconds that the house has for its goodbyes and for closing the journal."""

DOORS_TIMEOUT = 10.0
"""Seconds that doors have for what they still have to send after that."""

log = Logger(namespace="chatroom")

Asked = Callable[[Child, Sequence[Any]], object]
Spawn = Callable[[int | None, Asked, Callable[[Child], object]], Child]
"""Start the door with that number, from 0, or None: the house; with what is called for its wishes, and at its end."""


class Supervisor(Service):
    """
    A server as several processes.

    :param binder: binds the sockets of *chatting* and *others*, for all doors.
    :param chatting: where to listen for all protocols.
    :param others: where to listen for some only.
    :param link: where the house listens for the doors.
    :param spawn: starts a process.
    :param doors: how many doors to start.
    :param announce: called once all is open, with the ports of *chatting* and what the house has said of itself.
    :param halt: stops the whole server.
    :param certificates: checked before anything is opened.
    :param errors: where to write why it cannot start, besides the log; closed when it has started.
    :param house: whether there is a house here; if not, it is on another machine.
    :param spare: whether a spare house is kept, which takes over at once.
    :param code: describes the code that is installed now.
    :param begun: what a process has said when nothing more is waited for: `READY`, or `LOADED`.
    """

    name = "chatroom"

    def __init__(
        self,
        clock: Any,
        binder: Binder,
        chatting: Sequence[Listener],
        others: Sequence[Listener],
        link: LinkFolder,
        spawn: Spawn,
        doors: int,
        announce: Callable[[Sequence[IListeningPort], Any], object],
        halt: Callable[[], object],
        certificates: Sequence[Certificate] = (),
        errors: TextIO | None = None,
        *,
        house: bool = True,
        spare: bool = False,
        begun: str = READY,
        code: Callable[[], object] = installed,
    ) -> None:
        self._clock = clock
        self._code = code
        self._running = code()
        """The code that the processes run."""
        self._binder = binder
        self._chatting = chatting
        self._others = others
        self._link = link
        self._announce = announce
        self._halt = halt
        self._certificates = certificates
        self._begun = begun
        self._errors = errors
        self.house = Keeper(clock, "the house", lambda over: spawn(None, self._asked, over), spared=spare)
        self.doors = [
            Keeper(clock, f"door {number + 1}", lambda over, number=number: spawn(number, self._asked, over))  # type: ignore[misc]
            for number in range(doors)
        ]
        self._keepers = [self.house, *self.doors] if house else self.doors
        self.reason = "it was asked to stop"
        """The reason for the shutdown, shown to everyone."""
        self._looking = LoopingCall(self._look)
        self._looking.clock = clock
        self._replacing = False

    # Start.

    def startService(self) -> None:
        """
        Bind the sockets, start all processes, and wait until they are ready.

        :raises CannotStart: with a clear line, if any of these fails.
        """
        raise_open_files_limit()
        with closing(self._errors) if self._errors is not None else nullcontext():
            try:
                ports, house = self._open()
            except CannotStart as error:
                self._abandon()
                if self._errors is not None:
                    print(error, file=self._errors)
                raise
        self._looking.start(1.0)
        super().startService()  # type: ignore[no-untyped-call]
        self._announce(ports, house)

    def _open(self) -> tuple[list[IListeningPort], Any]:
        """Open everything; return the ports for all protocols, and what the house has said of itself."""
        try:
            for certificate in self._certificates:
                certificate.open()
        except BadPair as error:
            raise CannotStart(error) from None
        self._link.open()
        nobody = Factory()
        ports = [port for each in self._chatting if (port := each.open(nobody)) is not None]
        for each in self._others:
            each.open(nobody)
        # Doors load while the house opens its journal, for which it may wait until another server ends.
        here = self.house in self._keepers
        if here:
            self.house.start()
        for door in self.doors:
            door.load()
        house = self._wait_for(self.house) if here else None
        self._binder.listen()
        for door in self.doors:
            if door.current is not None:
                door.current.send("go")
        for door in self.doors:
            self._wait_for(door)
        return ports, house

    def _wait_for(self, keeper: Keeper) -> Any:
        try:
            if keeper.current is None:
                raise CannotStart(f"{keeper.name} cannot be started; the log says why")
            return keeper.current.wait(self._begun)
        except ChildEnded as error:
            raise CannotStart(error) from None

    def _abandon(self) -> None:
        """Close what was opened before something failed."""
        for keeper in self._keepers:
            keeper.stop()
            for child in list(keeper.children):
                child.kill()
                child.wait_over()
        self._binder.close()
        self._link.close()

    # While it runs.

    def reload(self) -> None:
        """Let all processes read the configuration again, and go on with new code if it is installed."""
        for keeper in self._keepers:
            keeper.tell("reload")
        if self._code() != self._running:
            self.replace()
        else:
            self.house.spare.refresh()

    def replace(self) -> None:
        """Replace all processes by those of the code that is installed now, one after the other."""
        if self._replacing:
            log.warn("The processes are being replaced already.")
            return
        self._replacing = True
        self._running = self._code()
        Deferred.fromCoroutine(self._replace()).addErrback(
            lambda failure: log.failure("An error while processes were replaced.", failure)
        )

    async def _replace(self) -> None:
        log.info("Replacing all processes by those of the code that is installed now.")
        try:
            if self.house in self._keepers:
                await replace_house(self._clock, self.house, self._begun)
            for keeper in self.doors:
                if keeper.stopped:
                    return
                await replace_door(keeper)
            log.info("All processes have been replaced.")
        except (ChildEnded, OSError) as error:
            # So the next reload tries it again.
            self._running = None
            if not self.house.stopped:
                log.error("Not all processes could be replaced: {why}. Those that run go on.", why=error)
        finally:
            self._replacing = False

    def _asked(self, child: Child, message: Sequence[Any]) -> None:
        match message:
            case ["stop", str(reason)] if child is self.house.current:
                self.reason = reason
                self._halt()
            case ["reload"] if child is self.house.current:
                # It has done so itself.
                for keeper in self.doors:
                    keeper.tell("reload")
                self.house.spare.refresh()
            case _:
                log.warn("{child} has said something unknown: {message}", child=child.name, message=message)

    def _look(self) -> None:
        for keeper in self._keepers:
            keeper.look()

    # End.

    def stopService(self) -> Deferred[None]:
        """Stop accepting connections, let the house say goodbye and close the journal, then end the doors."""
        super().stopService()  # type: ignore[no-untyped-call]
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        if self._looking.running:
            self._looking.stop()
        doors = [child for keeper in self.doors for child in keeper.children]
        for keeper in (self.house, *self.doors):
            keeper.stop()
        for child in doors:
            child.send("stop", self.reason)
        self._binder.close()
        for child in list(self.house.children):
            # One that is closing its journal for its successor does so anyway.
            child.send("stop", self.reason)
            await ended(self._clock, child, HOUSE_TIMEOUT)
        for child in doors:
            await ended(self._clock, child, DOORS_TIMEOUT)
        self._link.close()
        log.info("All processes have ended.")
