"""A session channel (RFC 4254, section 6): the transport of a door, as a TCP connection is elsewhere."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from twisted.conch.ssh.channel import SSHChannel
from twisted.conch.ssh.common import getNS
from twisted.internet.interfaces import IAddress, IPushProducer, ITransport
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from .silence import SILENT

WINDOW = 2**15
"""Bytes that a client may send ahead of what was read; also the longest of its packets."""

MAX_VARIABLES = 16
"""Environment variables of one session that are kept."""

MAX_VALUE = 256
"""Bytes of the value of one; of the name of a terminal, too."""

VARIABLES = ("LANG", "LC_ALL", "LC_CTYPE", "TZ", "NO_COLOR", "CHATROOM_ROOM")
"""Those that mean something here."""

MAX_SIZE = 1000
"""Columns and rows of the largest terminal."""

_MAX_SENT = 2**15
"""Bytes of the longest packet that is sent."""

_STDERR = 1
"""The type of extended data (RFC 4254, section 5.2)."""


@dataclass(slots=True)
class Pty:
    """A terminal: its name, such as ``xterm-256color``, and its size in characters."""

    term: str
    columns: int
    rows: int


@implementer(ITransport, IPushProducer)
class SessionChannel(SSHChannel):
    """
    One session of a client.

    What a client has sent is given back to its window once the door has read it.  What it does not take is held here,
    and the door's producer is paused as long as there is any.
    """

    name = b"session"
    _log = SILENT
    conn: Any
    id: Any

    def __init__(self, connection: Any, window: int, max_packet: int) -> None:
        super().__init__(WINDOW, WINDOW, window, min(max_packet, _MAX_SENT), connection)
        self.pty: Pty | None = None
        self.environment: dict[str, str] = {}
        self.command: bytes | None = None
        """The command line to be run; None: a conversation."""
        self.subsystem = False
        """Whether the command names a subsystem instead."""
        self.exit_status = 0
        self._wanted = False
        """Whether the client has said what is to be run."""
        self._door: Any = None
        self._unread = b""
        self._pending = b""
        """What the client has not taken yet."""
        self._paused = self._input_over = self._over = self._full = False
        self._due = False
        """Whether what is unread is given to the door in a later turn."""
        self._producer: IPushProducer | None = None

    # The door's transport.

    def getPeer(self) -> IAddress:
        """Return the address of the client."""
        address: IAddress = self.conn.transport.transport.getPeer()
        return address

    def getHost(self) -> IAddress:
        """Return the address of the server."""
        address: IAddress = self.conn.transport.transport.getHost()
        return address

    def write(self, data: bytes) -> None:
        """Send *data*, as far as the client takes it."""
        if self._over or self.localClosed:
            return
        if self._pending or self.conn.transport.congested or len(data) > self.remoteWindowLeft:
            self._pending += data
            self.look()
        else:
            self._send(data)

    def write_error(self, text: str) -> None:
        """Send *text* for people, apart from the output: to standard error."""
        data = text.encode()
        if not (self._over or self.localClosed) and len(data) <= self.remoteWindowLeft:
            self.remoteWindowLeft -= len(data)
            self.conn.sendExtendedData(self, _STDERR, data)

    def _send(self, data: bytes) -> None:
        size, most, send = len(data), self.remoteMaxPacket, self.conn.sendData
        self.remoteWindowLeft -= size
        self.conn.transport.note_written(size)
        if size <= most:
            send(self, data)
        else:
            for start in range(0, size, most):
                send(self, data[start : start + most])

    def look(self) -> None:
        """Send what can be sent now, and tell the producer whether it may go on."""
        transport = self.conn.transport
        while self._pending and self.remoteWindowLeft and not transport.congested:
            size = min(self.remoteWindowLeft, self.remoteMaxPacket)
            data, self._pending = self._pending[:size], self._pending[size:]
            self._send(data)
        full = transport.congested or bool(self._pending)
        if full != self._full:
            self._full = full
            if self._producer is not None and full:
                self._producer.pauseProducing()
            elif self._producer is not None:
                self._producer.resumeProducing()
        if self.closing and not self._pending:
            self._close()

    def addWindowBytes(self, data: int) -> None:
        """Send more: the client takes so many bytes more."""
        self.remoteWindowLeft += data
        self.look()

    def registerProducer(self, producer: IPushProducer, streaming: bool) -> None:
        """Pause and resume *producer* as the client takes what is sent."""
        self._producer = producer
        if self._full:
            producer.pauseProducing()

    def unregisterProducer(self) -> None:
        """Forget the producer."""
        self._producer = None

    @property
    def dataBuffer(self) -> bytes:
        """What the client has not taken: see `stall_detector.held`."""
        return self._pending

    @property
    def socket(self) -> Any:
        """The socket of the connection: see `stall_detector`."""
        return getattr(self.conn.transport.transport, "socket", None)

    def loseConnection(self) -> None:
        """Close once the client has taken everything."""
        self.closing = 1
        if not self._pending:
            self._close()

    def abortConnection(self) -> None:
        """Close the whole connection at once: the client does not read."""
        self.conn.transport.abort()

    def _close(self) -> None:
        if self.localClosed:
            return
        self.conn.sendRequest(self, b"exit-status", struct.pack(">L", self.exit_status))
        self.conn.sendEOF(self)
        self._end(connectionDone)
        self.conn.sendClose(self)

    # Input.

    def pauseProducing(self) -> None:
        """Give the door nothing more."""
        self._paused = True

    def resumeProducing(self) -> None:
        """Give the door what has come meanwhile, in a later turn."""
        self._paused = False
        if self._unread and not self._due:
            self._due = True
            self.conn.factory.clock.callLater(0, self._give)

    def stopProducing(self) -> None:
        """Close."""
        self.loseConnection()

    def receive(self, data: bytes) -> None:
        """
        Give the door *data*, or keep it until it reads on.

        :raises ValueError: if that is more than the client may send.
        """
        if len(data) > self.localWindowLeft or self._input_over:
            raise ValueError("more than the window")
        self.localWindowLeft -= len(data)
        if self.runs and data and not (self._paused or self._unread):
            self._guarded(self._door.dataReceived, data)
            self._give_back()
            return
        self.conn.transport.note_barren()
        if not self._over:
            self._unread += data

    def drop(self, size: int) -> None:
        """Take *size* bytes that mean nothing."""
        if size > self.localWindowLeft:
            raise ValueError("more than the window")
        self.localWindowLeft -= size
        self._give_back()

    def _give(self) -> None:
        self._due = False
        if self._unread and not (self._paused or self._over):
            data, self._unread = self._unread, b""
            self._guarded(self._door.dataReceived, data)
        if not self._over:
            self._give_back()

    def _give_back(self) -> None:
        """Let the client send as much more as was read."""
        read = WINDOW - self.localWindowLeft - len(self._unread)
        if read >= WINDOW // 2 and not self._input_over:
            self.conn.adjustWindow(self, read)

    def eofReceived(self) -> None:
        """End the input: the client sends no more."""
        self._input_over = True
        if self._door is not None and not self._over:
            self._end_input()

    def _end_input(self) -> None:
        data, self._unread = self._unread, b""
        if data:
            self._guarded(self._door.dataReceived, data)
        if not self._over:
            self._guarded(self._door.readConnectionLost)

    def _guarded(self, call: Callable[..., Any], *arguments: Any) -> None:
        """Call the door; a bug in it ends this connection, and is logged as what it is."""
        try:
            call(*arguments)
        except Exception:
            self.conn.factory.log.failure("A bug in the SSH door.")
            self.conn.transport.hang_up("Something went wrong here. It has been logged.")

    # The end.

    def closeReceived(self) -> None:
        """Close: the client has closed its end."""
        self._end(connectionDone)
        self.conn.sendClose(self)

    def connection_lost(self, reason: Failure) -> None:
        """End the session: the connection is gone."""
        self._end(reason)

    def closed(self) -> None:
        """Do nothing: both ends have been told."""

    @property
    def runs(self) -> bool:
        """Whether there is a session: it has begun, and has not ended."""
        return self._door is not None and not self._over

    def _end(self, reason: Failure) -> None:
        ran, self._over = self.runs, True
        self._unread = self._pending = b""
        if ran:
            self._guarded(self._door.connectionLost, reason)
            self.conn.look()

    # Requests.

    def request(self, name: bytes, data: bytes) -> bool:
        """Do what a client asks, as far as it is offered; return whether that was done."""
        if name == b"env":
            return self._set_variable(data)
        if name == b"pty-req":
            return self._be_terminal(data)
        if name == b"window-change":
            return self._resize(data)
        if name in (b"shell", b"exec", b"subsystem") and not self._wanted:
            self._wanted, self.subsystem = True, name == b"subsystem"
            self.command = None if name == b"shell" else getNS(data)[0]
            return True
        return False

    def begin(self) -> None:
        """Open the door, once the client has been told that what it wants is run."""
        if self._wanted and self._door is None and not self._over:
            self._guarded(self._open)
            if self._input_over and not self._over:
                self._end_input()
            elif self._unread and not (self._paused or self._over):
                self._give()

    def _open(self) -> None:
        self._door = self.conn.factory.door_for(self)
        self.conn.look()
        self._door.makeConnection(self)

    def _set_variable(self, data: bytes) -> bool:
        name, value, _ = getNS(data, 2)
        key = name.decode("ascii", "replace")
        if key not in VARIABLES or len(value) > MAX_VALUE or len(self.environment) >= MAX_VARIABLES:
            return False
        self.environment[key] = value.decode("utf-8", "replace")
        return True

    def _be_terminal(self, data: bytes) -> bool:
        term, rest = getNS(data)
        columns, rows = struct.unpack(">2L", rest[:8])
        if self._wanted:
            return False
        self.pty = Pty(term[:MAX_VALUE].decode("ascii", "replace"), *_size(columns, rows))
        return True

    def _resize(self, data: bytes) -> bool:
        if self.pty is None:
            return False
        self.pty.columns, self.pty.rows = _size(*struct.unpack(">2L", data[:8]))
        resized = getattr(self._door, "resized", None)
        if resized is not None:
            self._guarded(resized)
        return True


def _size(columns: int, rows: int) -> tuple[int, int]:
    """Bound a size; 0 stands for one that is not known."""
    return min(columns or 80, MAX_SIZE), min(rows or 24, MAX_SIZE)
