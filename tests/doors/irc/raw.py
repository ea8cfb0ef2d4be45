"""An IRC client without any program: what it sends, and what it reads."""

from __future__ import annotations

from base64 import b64encode

from chatroom.dialects.irc.message import Message, parse
from tests.house import House
from tests.wires import HERE, Wire


class Irc:
    """
    One IRC connection.

    :param nick: comes in under this nick; "": does not come in yet.
    :param capabilities: asks for these first.
    """

    def __init__(
        self, house: House, nick: str = "", *capabilities: str, address: object = HERE, kind: type[Wire] = Wire
    ) -> None:
        self.house = house
        self.wire = house.connect(address, kind)
        self._read = 0
        if capabilities:
            self.says(f"CAP REQ :{' '.join(capabilities)}")
        if nick:
            self.says(f"NICK {nick}", f"USER {nick} 0 * :{nick.title()}", "CAP END")
            self.new()

    def says(self, *lines: str) -> list[Message]:
        """Send *lines*, one after the other, and return what comes of them; forget what came before."""
        self.new_lines()
        for line in lines:
            self.wire.carry(f"{line}\r\n".encode())
            self.house.settle()
        return self.new()

    def new(self) -> list[Message]:
        """Return what was read since the last time."""
        return [parse(line) for line in self.new_lines()]

    def new_lines(self) -> list[str]:
        """Return the lines that were read since the last time."""
        self.house.settle()
        data = bytes(self.wire.received[self._read :])
        self._read += len(data)
        return [line for line in data.decode().split("\r\n") if line]

    def asks(self, line: str) -> list[tuple[str, ...]]:
        """Send *line*, and return the commands and parameters of what comes of it."""
        return [(one.command, *one.params) for one in self.says(line)]

    def numbers(self, line: str) -> list[str]:
        """Send *line*, and return the commands of what comes of it."""
        return [one.command for one in self.says(line)]

    @property
    def gone(self) -> bool:
        """Whether the server has closed the connection."""
        return self.wire.cut


def plain(name: str, password: str) -> str:
    """Write what SASL PLAIN says."""
    return b64encode(f"\0{name}\0{password}".encode()).decode()
