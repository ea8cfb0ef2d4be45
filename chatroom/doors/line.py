"""The line doors: one text line or one JSON object at a time, from nc, telnet, scripts and our client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.interfaces import IDelayedCall, IHalfCloseableProtocol
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from chatroom.chat.commands.talk import Say
from chatroom.chat.refusals import Refusal, TooLong
from chatroom.chat.replies import PasswordWanted
from chatroom.dialects.dialect import Asked
from chatroom.dialects.pasted import FEWEST, pasted
from chatroom.dialects.telnet import IAC
from chatroom.dialects.text import TextDialect

from .cutting import Cutter
from .keyboard import Keyboard
from .outlet import Dialects
from .pacing import Pacing
from .sockets import outlet_for

if TYPE_CHECKING:
    from .factories import LineFactory

log = Logger(namespace="chatroom")

BUSY, RESTING, FULL = 1, 2, 4
"""Why a door reads nothing now: a command is being run; too many lines came; the other end does not read."""

NAME_WITHIN = 60.0
"""Seconds that someone may take to say who they are (IRC servers give 20 to 60)."""

_DUE = 512
"""Bytes that are paid for together: with every short line it would cost as much as the line's own pace."""

_TELNET: Dialects = (TextDialect(newline="\r\n"), TextDialect(rooms=True, newline="\r\n"))


@implementer(IHalfCloseableProtocol)
class LineDoor(Cutter):
    """
    One connection that speaks in lines: translates, delegates, paces.

    Plain lines that a person's client sends in one piece were pasted, and are said as one.
    """

    def __init__(self, factory: LineFactory) -> None:
        super().__init__(factory.longest)
        self.factory = factory
        self._waits = 0
        self._resting: IDelayedCall | None = None
        self._input_over = False
        self._unpaid = 0
        """Bytes that have come and have not been taken off their budget yet."""
        self._together = False
        """Whether what is being read came in one piece, so that it may hold a pasted block."""
        self._keyboard: Keyboard | None = None

    def connectionMade(self) -> None:
        """Let the house know that somebody is at the door, and greet them."""
        factory = self.factory
        self._outlet = outlet_for(self.transport, self, factory.dialects, factory.name, factory.resumes, factory.typed)
        self._session = factory.hub.connect(self._outlet)
        self._pacing = Pacing(factory.hub.limits, factory.clock.seconds)
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
        size = len(data)
        if self.factory.typed and size:
            if IAC in data or (self._keyboard is not None and self._keyboard.speaks_telnet):
                data = self._without_telnet(data)
            blocks = self.factory.hub.limits.paste >= FEWEST
            self._together = blocks and data.count(b"\n") >= FEWEST and self.named
        super().dataReceived(data)
        self._unpaid += size
        if self._unpaid >= _DUE:
            unpaid, self._unpaid = self._unpaid, 0
            self._rest(self._pacing.spend_bytes(unpaid))

    def lineReceived(self, line: bytes) -> None:
        """Read one line as a command and let the session run it."""
        session = self._session
        if session.gone:
            return
        line = line.removesuffix(b"\r")
        if len(line) > self.factory.longest:
            self.lineTooLong()
            return
        command, ref = self._read(line)
        if isinstance(command, Refusal):
            session.refuse(command, ref)
        elif command is not None:
            session.receive(command, ref)
        if type(command) is Say and "\n" in command.text:
            self._spend(command.text.count("\n") + 1)
        else:
            self._spend()

    def _read(self, line: bytes) -> Asked:
        """Read a line as a command; it may be a password, or the first of a pasted block."""
        if self._keyboard is not None and self._keyboard.wanted is not None:
            return Asked(self._keyboard.answer(line))
        if self._together:
            limits = self.factory.hub.limits
            rest = self.take_back()
            block = pasted(line, rest, lines=limits.paste, size=limits.line)
            self.put_back(rest if block is None else rest[block.length :])
            if block is not None:
                return Asked(Say(block.text))
        return self.factory.dialects[0].decode(line, bool(self._session.nick))

    def lineTooLong(self) -> None:
        """Refuse a line that is too long."""
        if self._keyboard is not None:
            self._keyboard.forget()
        self._session.refuse(TooLong(f"That line has more than {self.factory.longest} bytes; nobody was shown it."))
        self._spend()

    def readConnectionLost(self) -> None:
        """The other end has sent all it will, and may still be reading: answer everything, then close."""
        self._input_over = True
        self._end_input()

    def ask(self, wanted: PasswordWanted) -> None:
        """Take the next line for a password."""
        self._keyboard = self._keyboard or Keyboard(self._outlet)
        self._keyboard.ask(wanted)

    def _without_telnet(self, data: bytes) -> bytes:
        keyboard = self._keyboard = self._keyboard or Keyboard(self._outlet)
        if not keyboard.speaks_telnet:
            keyboard.speaks_telnet = True
            self._outlet.speak(_TELNET)
        text = keyboard.read(data)
        if keyboard.left:
            # Ctrl-C and its like; whatever was typed before it on this line is forgotten.
            text = self.take_back() + text
            text = text[: text.rfind(b"\n") + 1]
            if not text:
                keyboard.forget()
                self.setLineMode()
            return text + b"/quit\n"
        return text

    def _end_input(self) -> None:
        if self._waits or self._session.gone:
            return
        rest = self.clearLineBuffer()
        if rest and self.line_mode and not getattr(self.transport, "truncated", False):
            # A last line need not have an end; but over TLS somebody else may have cut it off.
            self.lineReceived(rest)
        if self._waits:
            return
        if self._outlet.broken_off:
            # No goodbye: whoever can resume may yet do so.
            self.transport.abortConnection()
        else:
            self._session.finish()

    # When to read.

    def _spend(self, lines: int = 1) -> None:
        owed = self._pacing.lines.spend() if lines == 1 else self._pacing.spend_lines(lines)
        if owed:
            self._rest(owed)
        if self._session.busy:
            self._wait(BUSY)

    def _rest(self, owed: float) -> None:
        """Read nothing for *owed* seconds, or longer if there is more to rest for."""
        if not owed or self._session.gone:
            return
        owed = self._pacing.slow(owed)
        if self._pacing.flooded:
            self._give_up_on_flood()
        elif self._resting is None:
            self._resting = self.factory.clock.callLater(owed, self._rested)
            self._wait(RESTING)
        else:
            self._resting.reset(owed)

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

    def _give_up_on_flood(self) -> None:
        """Hang up on someone who sends too much, and is not slowed by being slowed."""
        log.info(
            "Hung up on a flood at the {door} door: over its limits for {within:g} seconds.",
            door=self.factory.name,
            within=self.factory.hub.limits.flood_kick,
        )
        self._session.hang_up("You sent too much for too long. Goodbye.", "sent too much")

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
