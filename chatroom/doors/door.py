"""The base of every door: connects a session, limits its rate, and disconnects it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure

from chatroom.chat.command_table import SPECS, Command
from chatroom.chat.refusals import Refusal
from chatroom.chat.replies import Goodbye, PasswordWanted
from chatroom.dialects.base import Decoded
from chatroom.system.quiet_log import QuietLog

from .addresses import address_of, is_secure
from .factory import NAME_TIMEOUT, DoorFactory
from .outlets.direct_socket import outlet_for
from .outlets.stream import StreamOutlet
from .rate_limit import Throttle, log_slowed
from .stall_detector import is_reset

BUSY, RESTING, FULL, TURN, LOST, MOVING = 1, 2, 4, 8, 16, 32
"""
Why a door isn't reading now: a command is running; rate limited; the client doesn't read; others have their turn
first; the connection is lost; it is moving to another process.
"""

UPGRADED = "The server has been upgraded. Please connect again."
"""What people are told who cannot be kept."""

_REPLY_LINES = 0.25
"""Cost of answering a command, in lines, besides what the command itself charges: some 100 µs."""

_READ_BYTES = 16
"""Extra cost of each read, in bytes: single bytes cost more than many at once."""

_MIN_CHARGE = 512
"""Bytes charged together: charging each short line would double the cost of rate limiting."""


def _lines_of(command: Command | Refusal | None) -> int:
    """Count the lines that *command* says: each of a pasted block is charged."""
    spec = SPECS.get(type(command))
    return command.text.count("\n") + 1 if spec is not None and spec.multiline else 1  # type: ignore[union-attr]


class Door:
    """
    One connection: decodes commands, hands them to the session, and reads no faster than the budget allows.

    A subclass is the protocol for one wire.  It calls `open` once connected, `_run` with each command that
    it has read unless it `_waits`, and `_charge_bytes` with the bytes that came.
    """

    factory: DoorFactory
    transport: Any
    pauseProducing: Callable[[], None]
    """Stop reading."""
    resumeProducing: Callable[[], None]
    """Read what has arrived, and continue."""
    _read_on: Callable[[], None]
    """Read only what has arrived already: the input has ended."""
    _outlet: StreamOutlet

    def __init__(self, factory: DoorFactory) -> None:
        self.factory = factory
        self._waits = 0
        self._throttle: Throttle | None = None
        self._input_over = self._finished = False
        self._unpaid = 0
        """Bytes received and not charged yet."""

    def open(self) -> None:
        """Connect a new session."""
        factory = self.factory
        self._outlet = self._make_outlet()
        self._session = factory.hub.connect(self._outlet)
        factory.arrived(self)

    def _make_outlet(self) -> StreamOutlet:
        """Build what writes to the client."""
        factory = self.factory
        return outlet_for(self.transport, self, factory.dialects, factory.name, factory.resumes, factory.typed)

    @property
    def named(self) -> bool:
        """Whether this person has a nick, or has gone already."""
        return bool(self._session.person.nick) or self._session.gone

    @property
    def address(self) -> str:
        """The client's address, without a port; "" if it has none."""
        return address_of(self.transport)

    @property
    def secure(self) -> bool:
        """Whether the connection is private: this machine, or TLS."""
        return is_secure(self.transport)

    @property
    def log(self) -> QuietLog:
        """The log for events that clients can cause."""
        return self.factory.log

    # Input.

    def _run(self, decoded: Decoded) -> None:
        """Hand a decoded command to the session."""
        session, (command, ref) = self._session, decoded
        self.factory.lines += 1
        if isinstance(command, Refusal):
            session.refuse(command, ref)
        elif command is not None and not (SPECS[type(command)].shows and self._is_gone()):
            session.receive(command, ref)
        self._charge_lines(_lines_of(command))

    def ask(self, wanted: PasswordWanted) -> None:
        """Treat the next line as a password, if people type here."""

    def readConnectionLost(self) -> None:
        """Half-close: answer everything, then close; the client may still be reading."""
        self._input_over = True
        self._end_input()

    def _end_input(self) -> None:
        if self._waits or self._finished or self._session.gone:
            return
        self._read_last()
        if self._waits:
            return
        self._finished = True
        if self._outlet.broken:
            # No goodbye: a resumable session may be resumed.
            self.transport.abortConnection()
        else:
            self._session.finish()

    def _read_last(self) -> None:
        """Read an unterminated last line, if that makes sense."""

    def refused(self) -> None:
        """Note that a command was refused."""
        self.factory.refusals += 1

    # Flow control.

    def _charge_bytes(self, size: int) -> None:
        self._unpaid += size + _READ_BYTES
        if self._unpaid >= _MIN_CHARGE:
            unpaid, self._unpaid = self._unpaid, 0
            self.rest(self._session.budget.spend(0.0, unpaid))

    def _charge_lines(self, lines: int = 1) -> None:
        owed = self._session.budget.spend(lines)
        if owed:
            self.rest(owed)
        if self._session.busy and not self._session.gone:
            self._wait(BUSY)

    def rest(self, owed: float) -> None:
        """Pause reading for at least *owed* seconds."""
        if not owed or self._session.gone or self._waits & LOST:
            return
        factory, place = self.factory, self._session.budget.place
        if place.in_debt:
            log_slowed(place, factory.clock.seconds(), self.log)
        if self._throttle is None:
            self._throttle = self._make_throttle()
        if self._throttle.rest(owed):
            self._wait(RESTING)
        else:
            self._give_up_on_flood()

    def _make_throttle(self) -> Throttle:
        factory = self.factory
        return Throttle(factory.clock, factory.hub.core.limits.flood_kick, self._rested, self._abort_if_gone)

    def _rested(self) -> None:
        self._resume(RESTING)

    def _abort_if_gone(self) -> bool:
        gone = self._is_gone()
        if gone:
            # What they had sent doesn't matter now.
            self.transport.abortConnection()
        return gone

    def _is_gone(self) -> bool:
        """Return whether the client is known to be gone, though its input may not all be read yet."""
        return self._outlet.broken or is_reset(self.transport)

    def _wait(self, why: int) -> None:
        if not self._waits:
            self.pauseProducing()
        self._waits |= why

    def _resume(self, why: int) -> None:
        if not self._waits & why:
            return
        self._waits &= ~why
        if self._waits or self._session.gone:
            return
        if self._input_over:
            self._read_on()
            self._end_input()
        else:
            self.resumeProducing()

    def ready(self) -> None:
        """Read the next command in a later turn: the session has answered the last one."""
        if self.named:
            self.factory.nameless.end(self)
        self.rest(self._session.owed())
        self._wait_for_turn(_REPLY_LINES)
        self._resume(BUSY)

    def _wait_for_turn(self, lines: float) -> None:
        """Pause reading until a turn of the fair queue for *lines* lines' worth of work."""
        self._wait(TURN)
        self.factory.hub.core.fair_queue.call(self._take_turn, lines)

    def _take_turn(self) -> None:
        self._resume(TURN)

    def outlet_full(self) -> None:
        """Stop reading from a client that doesn't read, so that replies can't pile up (backpressure)."""
        self._session.catch_up.fall_behind()
        self.factory.stalled.begin(self)
        self._wait(FULL)

    def outlet_drained(self) -> None:
        """Resume: the client has read everything that was buffered."""
        self.factory.stalled.end(self)
        self._session.catch_up.drained()
        self._resume(FULL)

    # Disconnecting.

    def give_back(self) -> bool:
        """
        Leave the connection, of which nothing has been read yet, to another door.

        :returns: False if it is being closed.
        """
        if self._session.gone:
            return False
        self.transport.unregisterProducer()
        self.connectionLost()
        return True

    def hang_up(self) -> None:
        """Close the connection after everything buffered has been written."""
        self.transport.loseConnection()

    def call_back(self) -> None:
        """Close the connection, and have its client go on at another process, at once and by its token."""
        if not self._session.gone:
            self._outlet.reply(Goodbye(UPGRADED, again=True))
            self._outlet.close()

    def give_up_on_nameless(self) -> None:
        """Disconnect a client that hasn't given a nick in time; who has, and waits for the answer, may wait on."""
        if self._session.busy:
            self.factory.nameless.begin(self)
            return
        self.factory.count_hang_up("no name", "Disconnected a client (door: {door}) that gave no nick.")
        self._disconnect(f"You gave no nick within {NAME_TIMEOUT:.0f} seconds. Goodbye.", "")

    def _give_up_on_flood(self) -> None:
        """Disconnect a client that keeps flooding although it is slowed."""
        within = self.factory.hub.core.limits.flood_kick
        message = "Disconnected a client (door: {door}) that was over its limits for {within:g} seconds."
        self.factory.count_hang_up("flood", message, within=within)
        self._disconnect("You sent too much for too long. Goodbye.", "sent too much")

    def _disconnect(self, text: str, reason: str) -> None:
        """End the session, because the client violates the protocol."""
        self._session.hang_up(text, reason)

    def give_up_on_overflow(self) -> None:
        """Disconnect a client for which too much is buffered; what it missed stays in the journal."""
        self.factory.count_hang_up("stalled", "Disconnected a client (door: {door}) that read too slowly.")
        self.transport.abortConnection()

    def give_up_on_stalled(self) -> None:
        """Disconnect a client that has read nothing for too long; what it missed stays in the journal."""
        within = self.factory.hub.core.limits.stall
        message = "Disconnected a client (door: {door}) that read nothing for {within:g} seconds."
        self.factory.count_hang_up("stalled", message, within=within)
        self.transport.abortConnection()

    def writeConnectionLost(self) -> None:
        """Do nothing: we never close only our half."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Disconnect the session, which may be resumed on another connection if it has a token."""
        self._waits |= LOST
        if self._throttle is not None:
            self._throttle.cancel()
        self._outlet.lost()
        self.factory.departed(self)
        self.factory.hub.disconnect(
            self._session, "" if reason.check(type(connectionDone.value)) else "connection lost"
        )
