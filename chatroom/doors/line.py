"""The line doors: read text lines or JSON objects, one per line, from nc, telnet, scripts and our client."""

from __future__ import annotations

from dataclasses import replace

from twisted.internet.interfaces import (
    IAddress,
    IHalfCloseableProtocol,
    IProtocolFactory,
    IReactorTime,
    ISSLTransport,
)
from twisted.internet.protocol import Protocol
from zope.interface import implementer

from chatroom.chat.commands import parse_line
from chatroom.chat.commands.messages import Say
from chatroom.chat.refusals import TlsOnly, TooLong
from chatroom.chat.replies import PasswordWanted, Refused
from chatroom.dialects.base import Decoded
from chatroom.dialects.json.dialect import JsonDialect
from chatroom.dialects.line_splitter import LineSplitter
from chatroom.dialects.telnet import IAC
from chatroom.dialects.text.dialect import TextDialect
from chatroom.dialects.text.paste import MIN_BLOCK_LINES, pasted

from .closed import TLS_ONLY, ClosedFactory
from .factory import DoorFactory
from .house import House
from .moving import MovingDoor
from .outlets.stream import Dialects
from .typing_client import TypingClient

_TEXT: Dialects = (TextDialect(), TextDialect(rooms=True))
_TELNET: Dialects = (TextDialect(newline="\r\n"), TextDialect(rooms=True, newline="\r\n"))

_MAX_TELNET_BYTES = 8192
"""Telnet bytes read per turn, in 4 ms at most; a pasted block is shorter."""

_AFTER_NC = b"-- If no prompt appears now, press Enter: nc on Debian and Ubuntu waits for one more line.\n"
"""They notice the end of a connection only when they read from the terminal again."""

_TYPED_APART = 0.5
"""Seconds after the last line in which nobody types another one."""

_TELNET_LINES = 8.0
"""Cost of that, in lines."""


@implementer(IHalfCloseableProtocol)
class LineDoor(MovingDoor, Protocol):
    """
    One connection that sends and receives lines.

    Plain lines that arrive together were pasted, and become one message.
    """

    factory: LineFactory

    _negotiates = True
    """Whether a client may be telnet, and is asked to hide a password that is typed."""

    def __init__(self, factory: LineFactory) -> None:
        super().__init__(factory)
        self._lines = LineSplitter(factory.longest)
        self._together = False
        """Whether the current input arrived in one piece, and so may be a pasted block."""
        self._by_hand = True
        """Whether lines come one by one, as a person types them."""
        self._client: TypingClient | None = None
        self._unread = b""
        """Telnet input that is left for later turns."""

    def connectionMade(self) -> None:
        """Connect a session, and greet people who type."""
        self.open()
        if self.factory.greeting:
            self._outlet.write(self.factory.greeting)

    # Input.

    def dataReceived(self, data: bytes) -> None:
        """Remove telnet commands, split the rest into lines, and run those."""
        size = len(data)
        if self._unread:
            self._unread += data
            self._read_typed(b"")
            if not self._waits:
                self._read_telnet()
        elif size > _MAX_TELNET_BYTES and self._is_telnet(data):
            self._unread = data
            self._wait_for_turn(_TELNET_LINES)
        else:
            self._read_typed(data)
        self._charge_bytes(size)

    def _read_telnet(self) -> None:
        """Read some telnet input, and the rest in later turns."""
        data, self._unread = self._unread[:_MAX_TELNET_BYTES], self._unread[_MAX_TELNET_BYTES:]
        self._read_typed(data)
        if self._client is not None and self._client.left:
            self._unread = b""
        elif self._unread:
            self._wait_for_turn(_TELNET_LINES)

    def _read_typed(self, data: bytes) -> None:
        if self.factory.typed and data:
            if self._is_telnet(data):
                data = self._without_telnet(data)
            count = data.count(b"\n")
            self._by_hand = count <= 1
            blocks = self.factory.hub.core.limits.paste >= MIN_BLOCK_LINES
            self._together = blocks and count >= MIN_BLOCK_LINES and self.named
        lines = self._lines
        lines.add(data)
        while lines.buffer and not self._waits and (line := lines.next_line()) is not None:
            self._read_line(line)

    def _is_telnet(self, data: bytes) -> bool:
        return self.factory.typed and (IAC in data or (self._client is not None and self._client.speaks_telnet))

    def _read_line(self, line: bytes) -> None:
        """Decode one line and let the session run it."""
        if self._session.gone:
            return
        if len(line) > self.factory.longest:
            self._refuse_long_line()
        else:
            decoded = self._decode(line)
            command = decoded.command
            if type(command) is not Say or self._asked or self._no_talk_until:
                decoded = self._without_secret(decoded)
            elif command.typed and not self._is_alone():
                decoded = Decoded(replace(command, typed=False), decoded.ref)
            self._run(decoded)

    def _is_alone(self) -> bool:
        """Return whether the current line came alone, as people type: not pasted, and not from a program's output."""
        if not self.factory.typed:
            # JSON says itself what was typed.
            return True
        return self._by_hand and self.factory.hub.core.runtime.now() - self._session.active >= _TYPED_APART

    def _decode(self, line: bytes) -> Decoded:
        """Decode a line, which may be a password, or the first of a pasted block."""
        if self._client is not None and self._client.wanted is not None:
            return Decoded(self._client.answer(line))
        if self._together:
            limits = self.factory.hub.core.limits
            block = pasted(line, self._lines.rest, lines=limits.paste, size=limits.line)
            if block is not None:
                self._lines.take(block.length)
                return Decoded(parse_line(block.text))
        return self.factory.dialects[0].decode(line, bool(self._session.person.nick))

    def _refuse_long_line(self) -> None:
        if self._client is not None:
            self._client.forget()
        self._session.refuse(TooLong(f"That line has more than {self.factory.longest} bytes; it was not sent."))
        self._charge_lines()

    def hang_up(self) -> None:
        """Close the connection, after a word on what some versions of nc do then."""
        if self.factory.typed and self._may_wait_for_enter():
            self.transport.write(_AFTER_NC)
        super().hang_up()

    def _may_wait_for_enter(self) -> bool:
        """Return whether the client may be an nc that waits for one more line: not telnet, TLS or a script."""
        telnet = self._client is not None and self._client.speaks_telnet
        return self._by_hand and not (telnet or self._input_over or ISSLTransport.providedBy(self.transport))

    def ask(self, wanted: PasswordWanted) -> None:
        """Treat the next line as a password."""
        self._client = self._client or self._make_client()
        self._client.ask(wanted)

    def _make_client(self) -> TypingClient:
        return TypingClient(self._outlet, negotiates=self._negotiates)

    def _speak_telnet(self) -> None:
        self._outlet.use_dialects(_TELNET)

    def _without_telnet(self, data: bytes) -> bytes:
        client = self._client = self._client or self._make_client()
        if not client.speaks_telnet:
            client.speaks_telnet = True
            self._speak_telnet()
        text = client.read(data)
        if client.left:
            # Ctrl-C and the like; the unfinished line is dropped.
            text = self._lines.take() + text
            text = text[: text.rfind(b"\n") + 1]
            if not text:
                client.forget()
                self._lines.begin_line()
            return text + b"/quit\n"
        return text

    # Flow control.

    def pauseProducing(self) -> None:
        """Stop reading."""
        self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """Read what has arrived, and continue."""
        self.transport.resumeProducing()
        self._read_on()

    def _read_on(self) -> None:
        self.dataReceived(b"")

    def _read_last(self) -> None:
        """Read an unterminated last line."""
        rest = self._lines.take()
        if rest and not getattr(self.transport, "truncated", False):
            # A last line needs no newline; but over TLS it may have been truncated.
            self._read_line(rest.removesuffix(b"\r"))


class LineFactory(DoorFactory):
    """
    Builds doors for one dialect of lines.

    :param longest: bytes in a line, without its end.
    :param greeting: written to each new connection.
    """

    def __init__(self, hub: House, clock: IReactorTime, dialects: Dialects, longest: int, greeting: bytes) -> None:
        super().__init__(hub, clock, dialects)
        self.longest = longest
        self.greeting = greeting

    def buildProtocol(self, addr: IAddress | None) -> Protocol:
        """Build a door for one connection."""
        return LineDoor(self)


class TextFactory(LineFactory):
    """The text door, for nc and telnet."""

    name = "line"
    resumes = False
    typed = True
    openings = (bytes([IAC]),)

    def __init__(self, hub: House, clock: IReactorTime) -> None:
        greeting = f"-- Welcome to {hub.core.server}. What is your nick?\n"
        super().__init__(hub, clock, _TEXT, hub.core.limits.line, greeting.encode())

    def without_tls(self) -> IProtocolFactory:
        """Build the door that refuses connections without TLS; with CR LF, for terminals that need it."""
        return ClosedFactory(_TELNET[0].encode_reply(Refused(TlsOnly.code, TLS_ONLY)))


class JsonFactory(LineFactory):
    """
    The JSON door, for programs.

    Lines may be four times as long as text lines, for the names of fields and escaped characters.
    """

    name = "json"
    resumes = True
    openings = (b"{",)
    padded = True

    def __init__(self, hub: House, clock: IReactorTime) -> None:
        dialect = JsonDialect(hub.core.limits.ref)
        super().__init__(hub, clock, (dialect, dialect), 4 * hub.core.limits.line, b"")
