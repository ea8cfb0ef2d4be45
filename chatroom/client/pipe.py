"""The client in a shell pipeline: plain lines in from standard input, plain lines out to standard output."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IHalfCloseableProtocol, IPushProducer
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure
from zope.interface import implementer

from chatroom.chat.refusals import BadInput, Refusal
from chatroom.dialects.clean import decode
from chatroom.dialects.line_splitter import LineSplitter

from .blocks import LONGEST
from .conversation import Conversation
from .face import Face, State

MOST_UNANSWERED = 64
"""Lines on their way; with more, standard input waits, so ``yes | chatroom`` needs no memory."""


@implementer(IHalfCloseableProtocol)
class Pipe(Protocol, Face):
    """
    The face of a conversation whose person is a program.

    It shows what the text door would show.  Refusals and troubles go to *errors*, a line each.  When
    standard input has ended and all of it has been answered, it says goodbye.  ``done`` fires when
    everything has been written.
    """

    transport: Any

    def __init__(self, errors: Callable[[str], object]) -> None:
        self.done: Deferred[None] = Deferred()
        self._errors = errors
        self._conversation: Conversation | None = None
        self._lines = LineSplitter(LONGEST)
        self._unsent: deque[bytes] = deque()
        self._all_in = False
        self._sending = False
        self._reading = True
        self._closed = False

    def begin(self, conversation: Conversation) -> None:
        """Show *conversation*, and send to it what is piped to us."""
        self._conversation = conversation

    def pace(self, source: IPushProducer) -> None:
        """Pause *source* while standard output takes no more."""
        self.transport.registerProducer(source, True)

    @property
    def status(self) -> int:
        """The exit status: 0 if all that came in was answered, and nothing refused."""
        talk = self._conversation
        return int(talk is None or talk.failed or bool(talk.asking.refusals))

    # Standard input.

    def dataReceived(self, data: bytes) -> None:
        """Take in what was piped to us."""
        self._lines.add(data)
        self._unsent += iter(self._lines.next_line, None)
        self._send()

    def readConnectionLost(self) -> None:
        """Standard input has ended."""
        last = self._lines.take()
        if last:
            self._unsent.append(last)
        self._all_in = True
        self._send()

    def _send(self) -> None:
        talk = self._conversation
        if talk is None or self._sending:
            return
        self._sending = True
        while self._unsent and not talk.leaving and self._takes(talk):
            self._type(talk, self._unsent.popleft())
        self._sending = False
        if self._all_in and not self._unsent and not talk.outbox and talk.state is State.LIVE and not talk.leaving:
            talk.leave()
        self._pace()

    def _takes(self, talk: Conversation) -> bool:
        """Tell whether the next line can be typed now."""
        return talk.state is State.LIVE and len(talk.outbox) < MOST_UNANSWERED

    def _type(self, talk: Conversation, line: bytes) -> None:
        try:
            # What is too long was cut short, maybe within a character.
            talk.type(decode(line) if len(line) <= LONGEST else "x" * len(line))
        except Refusal as refusal:
            talk.asking.refuse(refusal)

    def _pace(self) -> None:
        if self._all_in or self._closed or self._reading is not bool(self._unsent):
            return
        self._reading = not self._reading
        if self._reading:
            self.transport.resumeProducing()
        else:
            self.transport.pauseProducing()

    # Standard output.

    def show(self, line: str) -> None:
        """Write one line."""
        if not self._closed:
            self.transport.write(line.encode(errors="replace") + b"\n")

    def complain(self, line: str) -> None:
        """Write one line to where troubles go."""
        self._errors(line)

    def want_password(self, question: str) -> None:
        """Nobody is here to type one."""
        talk = self._conversation
        if talk is not None:
            talk.asking.confide("")
            talk.asking.refuse(BadInput("Without a terminal to ask at, the password belongs into the command."))

    def changed(self) -> None:
        """Send on, if there is room again; nobody is here to give another nick."""
        talk = self._conversation
        if talk is not None and talk.state is State.ASKING:
            talk.fail("Choose another nick with --nick.")
        else:
            self._send()

    def end(self) -> None:
        """Write out what is left, and be done."""
        if not self._closed:
            self._closed = True
            self.transport.unregisterProducer()
            self.transport.loseConnection()

    def writeConnectionLost(self) -> None:
        """Nobody reads our output any more: leave quietly, as programs in a pipeline do."""
        self._closed = True
        self._errors = lambda line: None
        talk = self._conversation
        if talk is not None and talk.state is not State.ENDED:
            talk.failed = talk.failed or bool(talk.outbox or self._unsent)
            talk.leave()
            talk.end()
        self._finish()

    def connectionLost(self, reason: Failure | None = None) -> None:
        """All is written."""
        self._finish()

    def _finish(self) -> None:
        self._closed = True
        if not self.done.called:
            self.done.callback(None)
