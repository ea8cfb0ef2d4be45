"""A person with an SSH client, in memory: without a terminal, or with one whose screen is looked at."""

from __future__ import annotations

import re
import struct
from typing import Any, ClassVar

import pyte
from twisted.conch.ssh.channel import SSHChannel
from twisted.conch.ssh.common import NS
from twisted.conch.ssh.connection import SSHConnection
from twisted.conch.ssh.keys import Key
from twisted.conch.ssh.transport import SSHClientTransport
from twisted.conch.ssh.userauth import SSHUserAuthClient
from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import ConnectionDone

from tests.house import House, Person
from tests.wires import HERE

_TIME = re.compile(r"^\d\d:\d\d ")
_PROMPT = re.compile(r"(#\S+|@\S+)?> ?")
_HEAD = re.compile(r"(\d\d:\d\d )?(<\S+> |\* \S+ |-- |!! )")


class SshClient(SSHClientTransport):
    """
    A client over one connection in memory.

    :param user: the user name.
    :param password: what is answered to every question.
    :param keys: offered one after the other.
    """

    def __init__(self, person: SshPerson, user: str, password: str = "", keys: tuple[Key, ...] = ()) -> None:
        self.person = person
        self.user, self.password, self.keys = user, password, keys
        self.refused: list[bytes] = []
        """Why the server disconnected."""
        self._read = 0
        self._secured = False
        person.wire.taken = self._take
        self.makeConnection(self)

    # What Conch writes to.

    def write(self, data: bytes) -> None:
        self.person.wire.carry(data)

    def loseConnection(self) -> None:
        self.person.wire.vanish(ConnectionDone)

    def setTcpNoDelay(self, on: bool) -> None:
        """Nothing is delayed here."""

    def logPrefix(self) -> str:
        return "client"

    def _take(self) -> None:
        wire = self.person.wire
        new = bytes(wire.received[self._read :])
        self._read += len(new)
        if new:
            self.dataReceived(new)

    # What Conch asks for.

    def verifyHostKey(self, pubKey: bytes, fingerprint: bytes) -> Deferred[bool]:
        return succeed(True)

    def connectionSecure(self) -> None:
        # Conch calls this after every key exchange.
        if not self._secured:
            self._secured = True
            self.requestService(_Login(self.user.encode(), _Connection(self.person)))

    def receiveError(self, reasonCode: int, description: bytes) -> None:
        self.refused.append(description)


class _Login(SSHUserAuthClient):
    preferredOrder = [b"publickey", b"keyboard-interactive", b"password"]

    def serviceStarted(self) -> None:
        self._keys = list(self.transport.keys)
        super().serviceStarted()

    def getPublicKey(self) -> Key | None:
        self._key = self._keys.pop(0) if self._keys else None
        return None if self._key is None else self._key.public()

    def getPrivateKey(self) -> Deferred[Key]:
        return succeed(self._key)

    def getGenericAnswers(self, name: bytes, instruction: bytes, prompts: list[Any]) -> Deferred[list[str]]:
        return succeed([self.transport.password for _ in prompts])

    def getPassword(self, prompt: bytes | None = None) -> Deferred[bytes] | None:
        return None


class _Connection(SSHConnection):
    def __init__(self, person: SshPerson) -> None:
        super().__init__()
        self.person = person

    def serviceStarted(self) -> None:
        self.openChannel(self.person.channel_class(self.person, conn=self))


class _Channel(SSHChannel):
    name = b"session"

    def __init__(self, person: SshPerson, **more: Any) -> None:
        super().__init__(**more)
        self.person = person
        person.channel = self

    def channelOpen(self, specificData: bytes) -> None:
        person = self.person
        for name, value in person.environment.items():
            self.conn.sendRequest(self, b"env", NS(name) + NS(value))
        if person.size is not None:
            size = struct.pack(">4L", *person.size, 0, 0)
            self.conn.sendRequest(self, b"pty-req", NS(person.term) + size + NS(b""))
        if person.subsystem is not None:
            self.conn.sendRequest(self, b"subsystem", NS(person.subsystem), wantReply=True)
        elif person.command is None:
            self.conn.sendRequest(self, b"shell", b"", wantReply=True)
        else:
            self.conn.sendRequest(self, b"exec", NS(person.command), wantReply=True)

    def dataReceived(self, data: bytes) -> None:
        self.person.shown += data

    def extReceived(self, dataType: int, data: bytes) -> None:
        self.person.errors += data

    def request_exit_status(self, data: bytes) -> None:
        self.person.status = struct.unpack(">L", data)[0]

    def closed(self) -> None:
        self.conn.transport.loseConnection()


class SshPerson(Person):
    """A person who pipes lines through an SSH client."""

    echoes = False
    channel_class = _Channel
    term = b"xterm"
    size: tuple[int, int] | None = None
    """Columns and rows of the terminal; None: there is none."""
    command: bytes | None = None
    subsystem: bytes | None = None
    environment: ClassVar[dict[bytes, bytes]] = {}

    def __init__(self, house: House, address: object = HERE) -> None:
        super().__init__(house, address)
        self.client: SshClient | None = None
        self.channel: Any = None
        self.shown = bytearray()
        self.errors = bytearray()
        self.status: int | None = None

    def joins(self, nick: str, *rooms: str, **more: Any) -> None:
        self.nick = nick
        self.client = SshClient(self, nick, **more)
        self.waits()
        self.types(*(f"/join {room}" for room in rooms))

    def waits(self) -> None:
        """Let everything happen that is due now, and what comes of it, at both ends."""
        for _ in range(30):
            self.house.settle()

    def types(self, *lines: str) -> None:
        for line in lines:
            self.sends_line(line)
            self.waits()

    def opens_another(self) -> SshPerson:
        """Open another session on this connection; it may be refused."""
        other = type(self).__new__(type(self))
        other.__dict__.update(self.__dict__, shown=bytearray(), errors=bytearray(), status=None, channel=None)
        if not self.gone:
            self.channel.conn.openChannel(_Channel(other, conn=self.channel.conn))
            self.waits()
        return other

    def sends_line(self, line: str) -> None:
        self.channel.write(line.encode() + b"\n")

    def sends(self, data: bytes) -> None:
        self.channel.write(data)
        self.waits()

    @property
    def everything(self) -> list[str]:
        return [_TIME.sub("", line) for line in self.shown.decode().split("\n")[:-1]]


class TerminalPerson(SshPerson):
    """A person at a terminal that can be scrolled back."""

    echoes = True
    size = 240, 60

    def __init__(self, house: House, address: object = HERE) -> None:
        super().__init__(house, address)
        assert self.size is not None
        self.screen = pyte.HistoryScreen(*self.size, history=10_000)
        self._stream = pyte.ByteStream(self.screen)
        self._looked = 0

    def sends_line(self, line: str) -> None:
        self.channel.write(line.encode() + b"\r")

    def resizes(self, columns: int, rows: int) -> None:
        """Make the window larger or smaller."""
        self.screen.resize(rows, columns)
        self.channel.conn.sendRequest(self.channel, b"window-change", struct.pack(">4L", columns, rows, 0, 0))
        self.waits()

    @property
    def rows(self) -> list[str]:
        """What stands on the screen, down to the last row that is not empty, and above it if one scrolls back."""
        self._stream.feed(bytes(self.shown[self._looked :]))
        self._looked = len(self.shown)
        columns = self.screen.columns
        above = ["".join(row[column].data for column in range(columns)) for row in self.screen.history.top]
        rows = [row.rstrip() for row in above + self.screen.display]
        while rows and not rows[-1]:
            rows.pop()
        return rows

    @property
    def everything(self) -> list[str]:
        rows = self.rows
        bottom = next((place for place, row in enumerate(rows) if _PROMPT.match(row)), len(rows))
        return [_TIME.sub("", line) for line in _joined(rows[:bottom], self.screen.columns)]


def _joined(rows: list[str], columns: int) -> list[str]:
    """Put together what goes on in further rows, below its text."""
    lines: list[str] = []
    indent = full = 0
    for row in rows:
        if indent and row[:indent].isspace() and row[indent : indent + 1].strip():
            lines[-1] += ("" if full else " ") + row[indent:]
        else:
            lines.append(row)
            head = _HEAD.match(row)
            indent = len(head[0]) if head is not None else 0
        full = len(row) == columns
    return lines
