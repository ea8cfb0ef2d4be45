"""The line doors: one text line or one JSON object at a time, from nc, telnet, scripts and our client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.interfaces import IDelayedCall, IHalfCloseableProtocol
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure
from zope.interface import implementer

from chatroom.chat.limits import Pace
from chatroom.chat.refusals import Refusal, TooLong
from chatroom.dialects.telnet import IAC, Telnet
from chatroom.dialects.text import TextDialect

from .outlet import Dialects, outlet_for

if TYPE_CHECKING:
    from .factories import LineFactory

log = Logger(namespace="chatroom")

BUSY, RESTING, FULL = 1, 2, 4
"""Why a door reads nothing now: a command is being run; too many lines came; the other end does not read."""

NAME_WITHIN = 60.0
"""Seconds that someone may take to say who they are (IRC servers give 20 to 60)."""

_TELNET: Dialects = (TextDialect(newline="\r\n"), TextDialect(rooms=True, newline="\r\n"))


@implementer(IHalfCloseableProtocol)
class LineDoor(LineReceiver):
    """
    One connection that speaks in lines: translates, delegates, paces.

    ``\\n`` ends a line, with or without a ``\\r`` before it.  A line that is too long is refused and
    passed over up to its end, wherever that is; the connection goes on.
    """

    delimiter = b"\n"

    def __init__(self, factory: LineFactory) -> None:
        self.factory = factory
        # Room for the carriage return, and one byte to see that a line is too long.
        self.MAX_LENGTH = factory.longest + 2
        self._waits = 0
        self._resting: IDelayedCall | None = None
        self._surplus = b""
        self._input_over = False
        self._telnet: Telnet | None = None

    def connectionMade(self) -> None:
        """Let the house know that somebody is at the door, and greet them."""
        factory = self.factory
        self._outlet = outlet_for(self.transport, self, factory.dialects, factory.name, factory.resumes)
        self._session = factory.hub.connect(self._outlet)
        self._pace = Pace(factory.hub.limits.rate, factory.hub.limits.burst, factory.clock.seconds)
        factory.arrived(self)
        if factory.greeting:
            self._outlet.write(factory.greeting)

    @property
    def named(self) -> bool:
        """Whether this is somebody yet, or has gone already."""
        return bool(self._session.nick) or self._session.gone

    # What comes in.

    def dataReceived(self, data: bytes) -> None:
        """Take telnet's commands out, then cut into lines."""
        if self._telnet is not None or (IAC in data and self.factory.telnet):
            data = self._without_telnet(data)
        # What follows a line that was too long comes before anything newer.
        data, self._surplus = self._surplus + data, b""
        super().dataReceived(data)
        while self._surplus and not self.paused:
            surplus, self._surplus = self._surplus, b""
            super().dataReceived(surplus)

    def lineReceived(self, line: bytes) -> None:
        """Read one line as a command and let the session run it."""
        if self._session.gone:
            return
        line = line.removesuffix(b"\r")
        if len(line) > self.factory.longest:
            self._refuse_long_line()
        else:
            command, ref = self.factory.dialects[0].decode(line, bool(self._session.nick))
            if isinstance(command, Refusal):
                self._session.refuse(command, ref)
            elif command is not None:
                self._session.receive(command, ref)
        self._spend()

    def lineLengthExceeded(self, line: bytes) -> None:
        """Refuse a line that is too long, and pass over it up to its end."""
        _, newline, self._surplus = line.partition(self.delimiter)
        self._refuse_long_line()
        self._spend()
        if not newline:
            self.setRawMode()

    def rawDataReceived(self, data: bytes) -> None:
        """Pass over the rest of a line that was too long."""
        _, newline, self._surplus = data.partition(self.delimiter)
        if newline:
            self.setLineMode()

    def readConnectionLost(self) -> None:
        """The other end has sent all it will, and may still be reading: answer everything, then close."""
        self._input_over = True
        self._end_input()

    def _refuse_long_line(self) -> None:
        self._session.refuse(TooLong(f"That line has more than {self.factory.longest} bytes; nobody was shown it."))

    def _spend(self) -> None:
        owed = self._pace.spend()
        if owed:
            self._wait(RESTING)
            self._resting = self.factory.clock.callLater(owed, self._rested)
        if self._session.busy:
            self._wait(BUSY)

    def _without_telnet(self, data: bytes) -> bytes:
        if self._telnet is None:
            self._telnet = Telnet()
            self._outlet.speak(_TELNET)
        text, answer = self._telnet.receive(data)
        if answer:
            self._outlet.write(answer)
        if self._telnet.left:
            # Ctrl-C and its like; whatever was typed before it on this line is forgotten.
            text, self._surplus = self._surplus + self.clearLineBuffer() + text, b""
            text = text[: text.rfind(b"\n") + 1]
            if not text:
                self.setLineMode()
            return text + b"/quit\n"
        return text

    def _end_input(self) -> None:
        if self._waits or self._session.gone:
            return
        rest = self.clearLineBuffer()
        if rest and self.line_mode:
            # A last line need not have an end.
            self.lineReceived(rest)
        if self._waits:
            return
        if self._outlet.broken_off:
            # No goodbye: whoever can resume may yet do so.
            self.transport.abortConnection()
        else:
            self._session.finish()

    # When to read.

    def _wait(self, why: int) -> None:
        if not self._waits:
            self.pauseProducing()
        self._waits |= why

    def _go_on(self, why: int) -> None:
        if not self._waits & why:
            return
        self._waits &= ~why
        if self._waits or self._session.gone:
            return
        if self._input_over:
            # To read on would only find the end once more.
            self.paused = False
            self.dataReceived(b"")
            self._end_input()
        else:
            self.resumeProducing()

    def _rested(self) -> None:
        self._resting = None
        self._go_on(RESTING)

    def ready(self) -> None:
        """The session can take the next command."""
        if self.named:
            self.factory.nameless.end(self)
        self._go_on(BUSY)

    def outlet_full(self) -> None:
        """Who does not read is not read from: so replies cannot pile up."""
        self._session.fall_behind()
        self.factory.stalled.begin(self)
        self._wait(FULL)

    def outlet_drained(self) -> None:
        """The other end has read all that was held for it."""
        self.factory.stalled.end(self)
        self._session.drained()
        self._go_on(FULL)

    # Going.

    def give_up_on_nameless(self) -> None:
        """Hang up on someone who has not said who they are."""
        log.info("Hung up on someone at the {door} door who did not say who they are.", door=self.factory.name)
        self._session.hang_up(f"You did not say who you are within {NAME_WITHIN:.0f} seconds. Goodbye.", "")

    def give_up_on_stalled(self) -> None:
        """Hang up on someone who has read nothing for too long; what they missed stays in the journal."""
        within = self.factory.hub.limits.stall
        log.info(
            "Hung up on a reader at the {door} door: nothing taken for {within:g} seconds.",
            door=self.factory.name,
            within=within,
        )
        self.transport.abortConnection()

    def writeConnectionLost(self) -> None:
        """We never close our half only."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell the house; a session with a resume token may come back by another connection."""
        if self._resting is not None:
            self._resting.cancel()
        self._outlet.lost()
        self.factory.departed(self)
        self.factory.hub.disconnect(
            self._session, "" if reason.check(type(connectionDone.value)) else "connection lost"
        )
