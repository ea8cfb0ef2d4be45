"""A person at the web door, with an independent WebSocket client, that of ``websockets``."""

from __future__ import annotations

import json
from typing import Any

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.uri import parse_uri

from tests.house import HERE, House, JsonPerson

SITE = "localhost:2428"


class WebPerson(JsonPerson):
    """
    A person with a browser.

    :param headers: of the request, beside those that are needed.
    :param origin: of the page; None: it is no page that asks, but a program.
    """

    def __init__(
        self,
        house: House,
        address: object = HERE,
        *,
        origin: str | None = f"http://{SITE}",
        path: str = "/ws",
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(house, address)
        self._taken = 0
        self.client = ClientProtocol(parse_uri(f"ws://{SITE}{path}"), origin=origin, max_size=None)
        self.response: Response | None = None
        """What the server has answered."""
        self.frames: list[Frame] = []
        """All that was read, pings and closes too."""
        self.wire.taken = self.read
        request = self.client.connect()
        request.headers.update(headers or {})
        self.client.send_request(request)
        self._send()
        house.settle()

    @property
    def opened(self) -> bool:
        """Whether the server has let them in."""
        return self.client.state is not State.CONNECTING and self.client.handshake_exc is None

    @property
    def close_code(self) -> int | None:
        """With which code the server has closed; None: it has not."""
        self.read()
        return self.client.close_rcvd and self.client.close_rcvd.code

    def sends_object(self, values: Any) -> None:
        self.sends_text(json.dumps(values))

    def sends_text(self, text: str) -> None:
        """Send one message."""
        if self.client.state is State.OPEN:
            self.client.send_text(text.encode())
            self._send()

    def sends_frame(self, opcode: int, data: bytes = b"", *, fin: bool = True, mask: bool = True) -> None:
        """Send one frame as it is, right or wrong."""
        frame = Frame(Opcode(opcode), data, fin)
        self.sends(frame.serialize(mask=mask))

    def closes(self, code: int = 1001) -> None:
        """Close the tab."""
        self.client.send_close(code)
        self._send()
        self.house.settle()

    def read(self) -> None:
        """Parse received frames, and answer pings and closes."""
        if len(self.wire.received) > self._taken:
            piece = bytes(self.wire.received[self._taken :])
            self._taken += len(piece)
            self.client.receive_data(piece)
        for event in self.client.events_received():
            if isinstance(event, Response):
                self.response = event
            elif isinstance(event, Frame):
                self._see(event)
        self._send()

    def _see(self, frame: Frame) -> None:
        self.frames.append(frame)
        if frame.opcode is Opcode.TEXT:
            assert frame.fin, "the server sends whole messages"
            self._objects += [json.loads(line) for line in bytes(frame.data).decode().split("\n")]

    @property
    def objects(self) -> list[dict[str, Any]]:
        self.read()
        return self._objects

    def _send(self) -> None:
        data = b"".join(self.client.data_to_send())
        if data and not self.wire.cut:
            self.wire.carry(data)
