"""The people: what each sends through a door, and how they read the answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from chatroom.chat.events import EVENTS
from chatroom.chat.session import Session

from .network import SimWire

WORDS = re.compile(r"w\d+")
"""What people say is one of these, each said once."""

_HEARD = re.compile(r"(?:<\S+> |\S\] |\* \S+ )(w\d+)")
"""How that looks at the text door."""

_HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


class Guest:
    """
    One end of one connection.

    :param watch: is told of what is read.
    """

    door = "line"

    def __init__(self, wire: SimWire, address: str, watch: Any) -> None:
        self.wire = wire
        self.number = wire.number
        self.address = address
        self.watch = watch
        self.session: Session | None = None
        """Their session, as the server has it."""
        self.token_used = ""
        self.attaches = self.proves = False
        """Whether they became a further session by the token, and whether they gave a password."""
        self.deleted: set[tuple[str, int]] = set()
        """The messages of which they know that they were deleted."""
        self.identities: set[str] = set()
        """Everybody that they have been."""
        self.sent: dict[str, str] = {}
        """What they have typed, by its ref; other people, and other sessions of theirs, use the same refs."""
        self.parted: set[str] = set()
        """The rooms of somebody whose session this was: it need not be in them since it has logged out."""
        self.typed: list[str] = []
        """What was typed on this connection, and may have been said."""
        self.named = False
        """Whether they have been seen to have a name."""
        self.tokens: list[str] = []
        """All tokens that they were ever given."""
        self.seen: dict[str, int] = {}
        """The last seq that was read, by room."""
        self.followed: set[str] = set()
        """The rooms that were shown on this connection."""
        self.expected: dict[str, int] = {}
        """The seq that must come next, by room."""
        self.parties: set[str] = set()
        """Their identities: the guest's, and every account's."""
        self.pongs = 0
        self.up_to_date = 0
        """How often they have been told that they have been shown all that they had missed."""
        self.attached = False
        """Whether their session has gone on in another house."""
        self.lost = False
        """Whether the server has taken them for somebody else: who says nothing for long is a person with nc."""
        self.ignores = self.admin = False
        """Whether they ever ignored anybody, and were ever an admin."""
        self.said: dict[str, str] = {}
        """The words that they have said and that nobody has checked yet, by ref."""
        self.refused: set[str] = set()
        """The refs of what was refused."""
        self._rest = b""

    def read(self, data: bytes) -> None:
        """Read *data*, which may end anywhere."""
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            self.see(line)

    def hello(self, nick: str, **values: Any) -> None:
        """Say who they are."""
        self.wire.carry(f"{nick}\n".encode())

    def type(self, text: str) -> None:
        """Type a line."""
        self.wire.carry(f"{text}\n".encode())

    def ping(self) -> None:
        """Ask for a sign that all before has been answered."""
        self.type("/help time")

    def see(self, line: bytes) -> None:
        """Make something of one line."""
        # The offer to echo, before the question for a password, is none.
        text = line.decode(errors="replace")
        if text.endswith("the server's time"):
            self.pongs += 1
        for word in _HEARD.findall(text):
            self.watch.overheard(self, word)


class JsonGuest(Guest):
    """A program."""

    door = "json"

    def hello(self, nick: str, **values: Any) -> None:
        self.token_used = values.get("resume") or ""
        self.attaches, self.proves = bool(values.get("attach")), values.get("password") is not None
        self.sends(type="hello", nick=nick, **{name: value for name, value in values.items() if value is not None})

    def type(self, text: str) -> None:
        ref = f"r{len(self.sent) + 1}"
        self.sent[ref] = text
        if not text.startswith("/search"):
            self.typed.append(text)
        if WORDS.match(text):
            self.said[ref] = text.split()[0]
        self.sends(type="line", text=text, ref=ref)

    def ping(self) -> None:
        self.sends(type="ping")

    def sends(self, **values: Any) -> None:
        """Send one object."""
        self.send(json.dumps(values).encode())

    def send(self, data: bytes) -> None:
        """Send one line."""
        self.wire.carry(data + b"\n")

    def see(self, line: bytes) -> None:
        if line.startswith(b"--") or self.lost:
            self._give_up()
            return
        values = json.loads(line)
        kind = values["type"]
        if kind in EVENTS:
            self.watch.shown(self, values)
        elif kind in _REPLIES:
            _REPLIES[kind](self, values)

    def _give_up(self) -> None:
        self.lost = True
        self.wire.half_close()

    # What else is read.

    def _pong(self, values: dict[str, Any]) -> None:
        self.pongs += 1

    def _live(self, values: dict[str, Any]) -> None:
        self.up_to_date += 1

    def _refused(self, values: dict[str, Any]) -> None:
        if "ref" in values:
            self.refused.add(values["ref"])

    def _token(self, values: dict[str, Any]) -> None:
        self.tokens.append(values["resume"])

    def _logged_out(self, values: dict[str, Any]) -> None:
        self._token(values)
        self.parted = set(self.expected)

    def _room(self, values: dict[str, Any]) -> None:
        self.watch.entered(self, values)

    def _gap(self, values: dict[str, Any]) -> None:
        self.watch.skipped(self, values)

    def _quoted(self, values: dict[str, Any]) -> None:
        self.watch.quoted(self, values["events"])


_REPLIES: dict[str, Callable[[Any, dict[str, Any]], None]] = {
    "pong": JsonGuest._pong,
    "live": JsonGuest._live,
    "refused": JsonGuest._refused,
    "welcome": JsonGuest._token,
    "logged_in": JsonGuest._token,
    "logged_out": JsonGuest._logged_out,
    "room": JsonGuest._room,
    "gap": JsonGuest._gap,
    "history": JsonGuest._quoted,
    "found": JsonGuest._quoted,
}


class WebGuest(JsonGuest):
    """Somebody with a browser."""

    door = "web"

    def __init__(self, wire: SimWire, address: str, watch: Any) -> None:
        super().__init__(wire, address, watch)
        self._open = self._closed = False
        wire.carry(_HANDSHAKE)

    def send(self, data: bytes) -> None:
        if self._closed:
            return
        size = len(data)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
        mask = b"mask" * (size // 4 + 1)
        body = bytes(a ^ b for a, b in zip(data, mask, strict=False))
        self.wire.carry(b"\x81" + length + b"mask" + body)

    def read(self, data: bytes) -> None:
        data = self._rest + data
        if not self._open:
            if data[:1] != b"H":
                self._give_up()
                return
            head, found, rest = data.partition(b"\r\n\r\n")
            if not found:
                self._rest = data
                return
            if not head.startswith(b"HTTP/1.1 101"):
                # The server is shutting down.
                self._give_up()
                return
            self._open, data = True, rest
        while (end := _frame_end(data)) is not None:
            frame, data = data[:end], data[end:]
            self._take(frame)
        self._rest = data

    def _take(self, frame: bytes) -> None:
        opcode = frame[0] & 15
        start = {126: 4, 127: 10}.get(frame[1], 2)
        if opcode == 1:
            for line in frame[start:].split(b"\n"):
                self.see(line)
        elif opcode == 9:
            self.wire.carry(b"\x8a\x80mask")
        elif opcode == 8:
            self._closed = True
            self.wire.carry(b"\x88\x80mask")


def _frame_end(data: bytes) -> int | None:
    """Find where the first frame ends, if all of it is there."""
    if len(data) < 2:
        return None
    more = {126: 2, 127: 8}.get(data[1], 0)
    if len(data) < 2 + more:
        return None
    end = 2 + more + (int.from_bytes(data[2 : 2 + more], "big") if more else data[1])
    return end if len(data) >= end else None


DOORS: dict[str, type[Guest]] = {kind.door: kind for kind in (Guest, JsonGuest, WebGuest)}
