"""Telnet (RFC 854): a pure state machine that takes commands out of a byte stream and answers them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

IAC, DONT, DO, WONT, WILL, SB = 255, 254, 253, 252, 251, 250
EL, AYT, IP, BRK, NOP, SE, ABORT, SUSP, EOF = 248, 246, 244, 243, 241, 240, 238, 237, 236

ECHO = 1
TIMING_MARK = 6
SUPPRESS_GO_AHEAD = 3

_LEAVES = frozenset({IP, BRK, ABORT, SUSP, EOF})
"""Commands that a telnet client sends when a person wants to quit."""

_RUN = re.compile(rb"([^\xff\r]+)|((?:\r\n)+)|(?:\xff\xf1)+|\xff([\xfb-\xfe].)", re.DOTALL)
"""Text, line ends, NOPs or a whole option, read at once: byte by byte, 64 KiB take 7 to 20 ms."""

_MAX_SUBNEGOTIATION = 1024
"""Bytes that are skipped; anything longer is read as text, so that text cannot vanish behind it forever."""


class _State(Enum):
    TEXT = auto()
    COMMAND = auto()
    OPTION = auto()
    SUBNEGOTIATION = auto()
    SUBNEGOTIATION_COMMAND = auto()
    AFTER_CR = auto()


class _Echo(Enum):
    """The states of RFC 1143, section 7, for our side of the echo option."""

    NO = auto()
    YES = auto()
    WANT_NO = auto()
    WANT_NO_THEN_YES = auto()
    WANT_YES = auto()
    WANT_YES_THEN_NO = auto()


_WILL_ECHO, _WONT_ECHO = bytes((IAC, WILL, ECHO)), bytes((IAC, WONT, ECHO))

_OFFERED = {
    _Echo.NO: (_Echo.WANT_YES, _WILL_ECHO),
    _Echo.WANT_NO: (_Echo.WANT_NO_THEN_YES, b""),
    _Echo.WANT_YES_THEN_NO: (_Echo.WANT_YES, b""),
}
_WITHDRAWN = {
    _Echo.YES: (_Echo.WANT_NO, _WONT_ECHO),
    _Echo.WANT_NO_THEN_YES: (_Echo.WANT_NO, b""),
    _Echo.WANT_YES: (_Echo.WANT_YES_THEN_NO, b""),
}
_AGREED = {
    _Echo.NO: (_Echo.NO, _WONT_ECHO),
    _Echo.WANT_NO: (_Echo.NO, b""),
    _Echo.WANT_NO_THEN_YES: (_Echo.YES, b""),
    _Echo.WANT_YES: (_Echo.YES, b""),
    _Echo.WANT_YES_THEN_NO: (_Echo.WANT_NO, _WONT_ECHO),
}
_DECLINED = {
    _Echo.YES: (_Echo.NO, _WONT_ECHO),
    _Echo.WANT_NO: (_Echo.NO, b""),
    _Echo.WANT_NO_THEN_YES: (_Echo.WANT_YES, _WILL_ECHO),
    _Echo.WANT_YES: (_Echo.NO, b""),
    _Echo.WANT_YES_THEN_NO: (_Echo.NO, b""),
}
"""The next state after each, and what to send; a state that is not listed stays, and nothing is sent."""


@dataclass(frozen=True, slots=True)
class SavedTelnet:
    """The state of a `Telnet`, with its enumerations by name."""

    echo: str
    state: str
    verb: int
    skipped: int
    left: bool


class Telnet:
    """
    The telnet state of one connection.

    We request nothing, and offer only to echo (RFC 857), so that a client shows no password.  We agree to
    two requests that cost nothing and that clients wait for: timing marks (RFC 860) and suppress-go-ahead
    (RFC 858).  Every other request is refused (RFC 1143: a refusal needs no memory and cannot loop, because
    it is never answered).
    """

    __slots__ = ("_echo", "_skipped", "_state", "_verb", "left")

    def __init__(self) -> None:
        self._echo = _Echo.NO
        self._state = _State.TEXT
        self._verb = 0
        self._skipped = 0
        self.left = False
        """Whether the person asked to quit, for example with Ctrl-C; nothing after that is read."""

    def receive(self, data: bytes) -> tuple[bytes, bytes]:
        """
        Read *data*.

        :returns: the text in it, with line ends as ``\\n``, and what to answer at once.
        """
        text, answer = bytearray(), bytearray()
        place = 0
        while place < len(data) and not self.left:
            if self._state is _State.SUBNEGOTIATION:
                place += self._skip_to_command(data, place)
                continue
            run = _RUN.match(data, place) if self._state is _State.TEXT else None
            if run is None:
                self._step(data[place], text, answer)
                place += 1
            else:
                place = run.end()
                if run.lastindex == 1:
                    text += run[1]
                elif run.lastindex == 2:
                    text += b"\n" * (len(run[2]) // 2)
                elif run.lastindex == 3:
                    self._verb = data[place - 2]
                    self._answer_option(data[place - 1], answer)
        return bytes(text), bytes(answer)

    def saved(self) -> SavedTelnet:
        """Return the state, for `restore`."""
        return SavedTelnet(self._echo.name, self._state.name, self._verb, self._skipped, self.left)

    def restore(self, saved: SavedTelnet) -> None:
        """
        Continue in another one's state.

        :raises KeyError: if this version does not know that state.
        """
        self._echo, self._state = _Echo[saved.echo], _State[saved.state]
        self._verb, self._skipped, self.left = saved.verb, saved.skipped, saved.left

    def hide(self) -> bytes:
        """Offer to echo, so that the client does not; return what to send."""
        return self._turn(_OFFERED)

    def show(self) -> bytes:
        """Let the client echo again; return what to send: nothing if it never stopped."""
        return self._turn(_WITHDRAWN)

    def _turn(self, table: Mapping[_Echo, tuple[_Echo, bytes]]) -> bytes:
        self._echo, sent = table.get(self._echo, (self._echo, b""))
        return sent

    def _step(self, byte: int, text: bytearray, answer: bytearray) -> None:
        if self._state is _State.TEXT:
            if byte == IAC:
                self._state = _State.COMMAND
            elif byte == 13:
                self._state = _State.AFTER_CR
            else:
                text.append(byte)
        elif self._state is _State.AFTER_CR:
            # RFC 854: a return is CR LF, or CR NUL where a client sends single characters.
            self._state = _State.TEXT
            text.append(10)
            if byte not in (0, 10):
                self._step(byte, text, answer)
        elif self._state is _State.COMMAND:
            self._command(byte, text, answer)
        elif self._state is _State.OPTION:
            self._state = _State.TEXT
            self._answer_option(byte, answer)
        else:
            self._skip(byte)

    def _command(self, byte: int, text: bytearray, answer: bytearray) -> None:
        self._state = _State.TEXT
        if byte == IAC:
            text.append(IAC)
        elif byte in (DO, DONT, WILL, WONT):
            self._verb = byte
            self._state = _State.OPTION
        elif byte == SB:
            self._skipped = 0
            self._state = _State.SUBNEGOTIATION
        elif byte == AYT:
            answer += b"\r\n-- Yes, the chat is here.\r\n"
        elif byte == EL:
            # Only what arrived in this piece can be erased; clients edit their line themselves.
            del text[text.rfind(10) + 1 :]
        elif byte in _LEAVES:
            self.left = True

    def _answer_option(self, option: int, answer: bytearray) -> None:
        if option == ECHO and self._verb in (DO, DONT):
            answer += self._turn(_AGREED if self._verb == DO else _DECLINED)
        elif self._verb == DO:
            agreed = option in (TIMING_MARK, SUPPRESS_GO_AHEAD)
            answer += bytes((IAC, WILL if agreed else WONT, option))
        elif self._verb == WILL:
            answer += bytes((IAC, DO if option == SUPPRESS_GO_AHEAD else DONT, option))

    def _skip_to_command(self, data: bytes, place: int) -> int:
        """Skip a subnegotiation up to what may end it; return how many bytes that is."""
        most = _MAX_SUBNEGOTIATION + 1 - self._skipped
        found = data.find(IAC, place, place + most)
        count = min(most, len(data) - place) if found < 0 else found + 1 - place
        self._skipped += count
        if self._skipped > _MAX_SUBNEGOTIATION:
            self._state = _State.TEXT
        elif found >= 0:
            self._state = _State.SUBNEGOTIATION_COMMAND
        return count

    def _skip(self, byte: int) -> None:
        """Read what follows an IAC in a subnegotiation: the end, or more of it."""
        self._skipped += 1
        if self._skipped > _MAX_SUBNEGOTIATION:
            self._state = _State.TEXT
        else:
            self._state = _State.TEXT if byte == SE else _State.SUBNEGOTIATION
