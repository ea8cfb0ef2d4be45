"""The user interface for pipelines: reads lines from standard input, writes lines to standard output."""

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
from chatroom.dialects.line_splitter import LineSplitter
from chatroom.dialects.sanitize import decode

from ..conversation import Conversation
from ..paste import MAX_LINE_BYTES
from ..ui_port import ConnectionState, UserInterface

MAX_UNANSWERED = 64
"""Unanswered lines at which standard input is paused, so that ``yes | chatroom`` needs no memory."""


@implementer(IHalfCloseableProtocol)
class Pipe(Protocol, UserInterface):
    """
    Lets a program chat.

    It shows what the text door would show.  Refusals and errors go to *errors*, a line each.  After the end
    of standard input it says goodbye once every line has been answered.  ``done`` fires when everything has
    been written.
    """

    transport: Any

    is_typed = repeats_passwords = answers_at_hello = False

    def __init__(self, errors: Callable[[str], object]) -> None:
        self.done: Deferred[None] = Deferred()
        self._errors = errors
        self._conversation: Conversation | None = None
        self._lines = LineSplitter(MAX_LINE_BYTES)
        self._unsent: deque[bytes] = deque()
        self._all_in = False
        self._sending = False
        self._reading = True
        self._closed = False
        self._asks_password = False

    def begin(self, conversation: Conversation) -> None:
        """Connect *conversation* to standard input and output."""
        self._conversation = conversation

    def pace(self, source: IPushProducer) -> None:
        """Apply backpressure: pause *source* while standard output is full."""
        self.transport.registerProducer(source, True)

    @property
    def status(self) -> int:
        """The exit status: 0 if every line was answered and none refused."""
        talk = self._conversation
        return int(talk is None or talk.failed or bool(talk.requests.refusals))

    # Standard input.

    def dataReceived(self, data: bytes) -> None:
        """Handle bytes of standard input."""
        self._lines.add(data)
        self._unsent += iter(self._lines.next_line, None)
        self._send()

    def readConnectionLost(self) -> None:
        """Handle the end of standard input."""
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
        if self._all_in and not self._unsent and self._asks_password:
            self._no_password(talk)
        if (
            self._all_in
            and not self._unsent
            and not talk.waiting
            and talk.state is ConnectionState.LIVE
            and not talk.leaving
        ):
            talk.leave()
        self._pace()

    def _takes(self, talk: Conversation) -> bool:
        """Return whether another line can be sent now."""
        return talk.state is ConnectionState.LIVE and talk.waiting < MAX_UNANSWERED

    def _no_password(self, talk: Conversation) -> None:
        self._asks_password = False
        talk.requests.give_password("")
        talk.requests.refuse(BadInput("There is no terminal to ask for the password: give it in the next line."))

    def _type(self, talk: Conversation, line: bytes) -> None:
        if self._asks_password:
            self._give_password(talk, line)
        else:
            self._enter(talk, line)

    def _give_password(self, talk: Conversation, line: bytes) -> None:
        self._asks_password = False
        try:
            talk.requests.give_password(decode(line.removesuffix(b"\r")))
        except Refusal as refusal:
            talk.requests.give_password("")
            talk.requests.refuse(refusal)

    def _enter(self, talk: Conversation, line: bytes) -> None:
        try:
            # A line that is too long was cut, perhaps within a character.
            talk.type(decode(line) if len(line) <= MAX_LINE_BYTES else "x" * len(line))
        except Refusal as refusal:
            talk.requests.refuse(refusal)

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
        """Write one line to the errors."""
        self._errors(line)

    def want_password(self, question: str) -> None:
        """Take the next line as the password, as the text door does."""
        self._asks_password = True
        self._send()

    def clear(self) -> None:
        """Say that there is nothing to clear."""
        self.complain("Nothing is redrawn here, so there is nothing to clear.")

    def changed(self) -> None:
        """Send more if possible; fail if another nick is needed, because nobody is here to choose one."""
        talk = self._conversation
        if talk is not None and talk.state is ConnectionState.ASKING:
            talk.fail("Choose another nick with --nick.")
        else:
            self._send()

    def end(self) -> None:
        """Write what is left, and stop."""
        if not self._closed:
            self._closed = True
            self.transport.unregisterProducer()
            self.transport.loseConnection()

    def writeConnectionLost(self) -> None:
        """Leave quietly when nobody reads our output any more, as programs in a pipeline do."""
        self._closed = True
        self._errors = lambda line: None
        talk = self._conversation
        if talk is not None and talk.state is not ConnectionState.ENDED:
            talk.failed = talk.failed or bool(talk.outbox or self._unsent)
            talk.leave()
            talk.end()
        self._finish()

    def connectionLost(self, reason: Failure | None = None) -> None:
        """Note that everything is written."""
        self._finish()

    def _finish(self) -> None:
        self._closed = True
        if not self.done.called:
            self.done.callback(None)
