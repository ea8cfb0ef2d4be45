"""Connections in memory that carry lines in a WebSocket, with an independent client, that of ``websockets``."""

from __future__ import annotations

from typing import Any, ClassVar

from twisted.internet.task import Clock
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from tests.wires import HERE, SecureWire, Wire


class WebSocketWire(Wire):
    """A WebSocket, with plain lines inside: each that is sent is a message, and each message that comes a line."""

    subprotocol: ClassVar[str | None] = "text.ircv3.net"
    path: ClassVar[str] = "/ws"

    def __init__(self, clock: Clock, address: object = HERE, *more: Any) -> None:
        super().__init__(clock, address, *more)
        named = None if self.subprotocol is None else [Subprotocol(self.subprotocol)]
        uri = parse_uri(f"ws://localhost:2428{self.path}")
        self.client = ClientProtocol(uri, origin="http://localhost:2428", subprotocols=named, max_size=None)
        self.response: Response | None = None
        """What the server has answered."""
        self.frames: list[Frame] = []
        """All that was read, pings and closes too."""
        self._early: list[bytes] = []
        """Messages that are sent once the WebSocket is open."""

    @property
    def close_code(self) -> int | None:
        """With which code the server has closed; None: it has not."""
        return self.client.close_rcvd and self.client.close_rcvd.code

    def begin(self) -> None:
        super().begin()
        self.client.send_request(self.client.connect())
        self._pass_on()

    def carry(self, data: bytes) -> None:
        """Send a message for each line in *data*."""
        for line in data.split(b"\r\n"):
            if line:
                self.carry_message(line)

    def carry_message(self, message: bytes) -> None:
        """Send one message of the kind that the subprotocol has."""
        if self.client.state is State.CONNECTING:
            self._early.append(message)
        elif self.client.state is State.OPEN:
            send = self.client.send_binary if self.subprotocol == "binary.ircv3.net" else self.client.send_text
            send(message)
            self._pass_on()

    def carry_frame(self, opcode: int, data: bytes = b"", *, fin: bool = True, mask: bool = True) -> None:
        """Send one frame as it is, right or wrong."""
        super().carry(Frame(Opcode(opcode), data, fin).serialize(mask=mask))

    def read(self, data: bytes) -> None:
        """Parse frames, and answer pings and closes."""
        if data:
            self.client.receive_data(data)
        for event in self.client.events_received():
            if isinstance(event, Response):
                self.response = event
                self._clock.callLater(0, self._send_early)
            elif isinstance(event, Frame):
                self.frames.append(event)
                if event.opcode in (Opcode.TEXT, Opcode.BINARY):
                    assert event.fin, "the server sends whole messages"
                    super().read(bytes(event.data) + b"\r\n")
        # Nothing reaches the server while it is still writing.
        self._clock.callLater(0, self._pass_on)

    def _send_early(self) -> None:
        early, self._early = self._early, []
        for message in early:
            self.carry_message(message)

    def _pass_on(self) -> None:
        data = b"".join(self.client.data_to_send())
        if data and not self.cut:
            super().carry(data)


class BinaryWebSocketWire(WebSocketWire):
    """The same with binary messages."""

    subprotocol = "binary.ircv3.net"


class SecureWebSocketWire(WebSocketWire, SecureWire):
    """A WebSocket over TLS."""
