"""The WebSocket door: JSON in text messages, from browsers and from whatever else speaks RFC 6455."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from wsproto.connection import ConnectionState
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, Pong, TextMessage
from wsproto.frame_protocol import CloseReason

from chatroom.doors.door import FULL, Door

if TYPE_CHECKING:
    from .factory import WebFactory
    from .upgrading import Upgrade

log = Logger(namespace="chatroom")


class WebSocketDoor(Door, Protocol):
    """One connection that speaks in messages, each of one object or several."""

    factory: WebFactory

    def __init__(self, factory: WebFactory, upgrade: Upgrade) -> None:
        super().__init__(factory)
        self._upgrade = upgrade
        self._connection = upgrade.connection
        self._message = bytearray()
        """What has come of a message that is not complete yet."""
        self._lines: deque[bytes] = deque()
        """What has yet to be read of a message that is."""
        self._closing = False
        self._why = CloseConnection(CloseReason.NORMAL_CLOSURE)

    def connectionMade(self) -> None:
        """Let the house know that somebody is at the door, and the other end that it may speak."""
        self.open()
        # Whatever was answered before may not be written out yet, and must not be overtaken.
        self._outlet.hold(self._upgrade.accepting, 0)
        self.factory.quiet.begin(self)

    @property
    def address(self) -> str:
        """The address of the other end; "" if it has none."""
        return self._upgrade.address

    @property
    def secure(self) -> bool:
        """Whether nobody on the way can read along."""
        return self._upgrade.secure

    # What comes in.

    def dataReceived(self, data: bytes) -> None:
        """Take frames apart."""
        self._connection.receive_data(data)
        self._read_on()
        self._pay_for(len(data))

    def _read_on(self) -> None:
        while not self._waits:
            if self._closing:
                self._lines.clear()
            if self._lines:
                self._run(self._outlet.dialect.decode(self._lines.popleft(), bool(self._session.nick)))
                continue
            event = next(self._connection.events(), None)
            if event is None:
                return
            self._take(event)

    def _take(self, event: Event) -> None:
        if isinstance(event, CloseConnection):
            self._see_closed(event)
        elif self._closing:
            # Whatever it is, it comes too late.
            return
        elif isinstance(event, TextMessage):
            self._add(event.data.encode(), event.message_finished)
        elif isinstance(event, BytesMessage):
            self._fail(CloseReason.UNSUPPORTED_DATA, "Messages must be text.")
        elif isinstance(event, Ping):
            self._outlet.write(self._connection.send(event.response()))
        elif isinstance(event, Pong):
            self.factory.unanswered.end(self)
            self.factory.quiet.begin(self)

    def _add(self, part: bytes, finished: bool) -> None:
        self._message += part
        if len(self._message) > self.factory.longest:
            self._fail(CloseReason.MESSAGE_TOO_BIG, f"A message has at most {self.factory.longest} bytes.")
        elif finished:
            self._lines.extend(bytes(self._message).split(b"\n"))
            self._message.clear()

    # When to read.

    def pauseProducing(self) -> None:
        """Read nothing."""
        self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """Read what has come already, and what comes from now on."""
        self.transport.resumeProducing()
        self._read_on()

    # Who is still there.

    def ask_for_sign_of_life(self) -> None:
        """Nothing has been heard for a while; who does not read could not answer."""
        if self._waits & FULL:
            self.factory.quiet.begin(self)
        else:
            self._outlet.write(self._connection.send(Ping()))
            self.factory.unanswered.begin(self)

    def give_up_on_silent(self) -> None:
        """There was no answer; unless it has not been read, as nothing is for now."""
        if self._waits:
            self.factory.unanswered.begin(self)
        else:
            log.info("Hung up on somebody at the {door} door who gave no sign of life.", door=self.factory.name)
            self.transport.abortConnection()

    # Going.

    def _see_closed(self, event: CloseConnection) -> None:
        """The other end closes, or has spoken in a way that cannot go on."""
        state = self._connection.state
        if state is ConnectionState.REMOTE_CLOSING:
            self._why = event.response()
            self._outlet.close()
        elif state is ConnectionState.OPEN:
            self._fail(event.code, event.reason or "")
        else:
            self.transport.loseConnection()

    def _fail(self, code: int, reason: str) -> None:
        """Close because of what the other end has sent; their session may be carried on."""
        self._why = CloseConnection(code, reason)
        self._outlet.close()

    def hang_up(self) -> None:
        """Close the WebSocket; the connection goes when the other end has answered, or not for a while."""
        self._closing = True
        self._waits = 0
        self.factory.seen_out(self)
        answered = self._connection.state is ConnectionState.REMOTE_CLOSING or self._input_over
        self.transport.write(self._connection.send(self._why))
        if answered:
            self.transport.loseConnection()
        else:
            self.factory.closing.begin(self)
            self.transport.resumeProducing()

    def close_unanswered(self) -> None:
        """The other end does not answer that the WebSocket is closed."""
        self.transport.loseConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell the house."""
        self._closing = True
        self.factory.seen_out(self)
        self.factory.closing.end(self)
        super().connectionLost(reason)
