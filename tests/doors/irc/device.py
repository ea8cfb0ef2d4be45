"""An IRC client that is asked in the words of JSON: commands become lines of IRC, and what comes of them objects."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from chatroom.dialects.irc.message import Message, parse
from tests.doors.irc.raw import plain
from tests.house import House

_CAPABILITIES = "sasl standard-replies batch server-time message-tags draft/chathistory"
_ROOM_OF = {"353": 2, "352": 1, "332": 1, "322": 1, "324": 1}
"""Where numerics have a channel, by their number."""

_DONE = {
    "op": "MODE",
    "deop": "MODE",
    "kick": "KICK",
    "ban": "MODE",
    "unban": "MODE",
    "mute": "MODE",
    "unmute": "MODE",
    "lock": "MODE",
    "invite": "341",
}
"""What a client is sent when a command has done something; by IRC, nothing at all says that it was so already."""

_REPEATED = re.compile(r"(?<=esults for: ).*|(?<=first, for: ).*|(?<=More: /search ).*")
"""The words of a search, which its answer repeats."""

Values = dict[str, Any]


class IrcDevice:
    """
    One connection of somebody, as `JsonPerson` is, as far as the state machine of the people uses that.

    The types of its objects are those of JSON, but each has only what tells where something was said.
    """

    def __init__(self, house: House, address: object) -> None:
        self.house = house
        self.wire = house.connect(address)
        self.nick = ""
        self.wire.taken = self._answer_pings
        self._read = self._heard = 0
        self._objects: list[Values] = []

    @property
    def gone(self) -> bool:
        """Whether the server has closed the connection."""
        return bool(self.wire.cut)

    @property
    def objects(self) -> list[Values]:
        """What was read so far."""
        for message in self._new():
            self._objects.append(self._object(message))
        return self._objects

    def asks(self, kind: str, **values: Any) -> list[Values]:
        """Send a command, and return what comes of it."""
        before = len(self.objects)
        self._send(LINES.get(kind, _typed)(kind, {name: one for name, one in values.items() if one is not None}))
        if kind == "login" and any(one.get("number") == "907" for one in self.objects[before:]):
            # Who is logged in may say so again, though not by SASL.
            self._send(_typed(kind, values))
        found = self.objects[before:]
        done = _DONE.get(kind)
        if done is not None and not any(one.get("number") == done for one in found):
            found = [*found, {"type": "refused", "code": "nothing"}]
        return found

    def _answer_pings(self) -> None:
        if b"PING " in self.wire.received[self._heard :]:
            self.house.clock.callLater(0, self.wire.carry, b"PONG :here\r\n")
        self._heard = len(self.wire.received)

    def _send(self, line: str) -> None:
        self.wire.carry(f"{line}\r\n".encode())
        self.house.settle()

    def _new(self) -> list[Message]:
        end = self.wire.received.rfind(b"\n") + 1
        lines = bytes(self.wire.received[self._read : end]).decode().split("\r\n")
        self._read = end
        return [parse(line) for line in lines if line]

    def _object(self, message: Message) -> Values:
        command, params = message.command, message.params
        values: Values = {"type": "line", "number": command, "line": _REPEATED.sub("", " ".join(params))}
        room = params[0].removeprefix("#") if params and params[0].startswith("#") else ""
        if command == "001":
            self.nick = params[0]
            return {"type": "welcome", "nick": self.nick}
        if command == "NICK" and message.source.partition("!")[0] == self.nick:
            self.nick = params[0]
            return {"type": "nick", "nick": self.nick}
        if command == "FAIL":
            return {**values, "type": "refused", "code": params[1].lower()}
        if command == "904":
            return {**values, "type": "refused", "code": "too_soon" if "wrong passwords" in params[-1] else "denied"}
        if (command.isdigit() and command[0] in "45" and command != "422") or command == "696":
            return {**values, "type": "refused", "code": command}
        if "batch" in message.tags:
            return {**values, "type": "history"}
        if command in ("PRIVMSG", "NOTICE") and room and "!" in message.source:
            return {**values, "type": "said"}
        if command == "319":
            return {**values, "type": "whois", "rooms": [one.lstrip("@+#") for one in params[-1].split()]}
        if command in _ROOM_OF and params[_ROOM_OF[command]].startswith("#"):
            return {**values, "type": "who", "room": params[_ROOM_OF[command]][1:]}
        return values


def _typed(kind: str, values: Values) -> str:
    """Write the command as people type it."""
    words = " ".join(str(one) for name, one in values.items() if name != "room" and one is not None)
    return f"CHAT {'#' if 'room' in values else ''}{values.get('room', '')} :/{kind} {words}"


def _mask(target: str) -> str:
    return f"$a:{target[8:]}" if target.startswith("account:") else f"{target}!*@*"


def _mode(letters: str, name: str) -> Callable[[str, Values], str]:
    def write(kind: str, values: Values) -> str:
        return f"MODE #{values['room']} {letters} {values[name]}"

    return write


def _list_mode(letters: str) -> Callable[[str, Values], str]:
    def write(kind: str, values: Values) -> str:
        if "duration" in values or values["target"].startswith("address:"):
            return _typed(kind, values)
        return f"MODE #{values['room']} {letters} {_mask(values['target'])}"

    return write


LINES: dict[str, Callable[[str, Values], str]] = {
    "hello": lambda _, one: f"CAP REQ :{_CAPABILITIES}\r\nUSER me 0 * :Me\r\nCAP END\r\nNICK {one['nick']}",
    "login": lambda _, one: f"AUTHENTICATE PLAIN\r\nAUTHENTICATE {plain(one['nick'], one['password'])}",
    "register": lambda _, one: f"REGISTER * * {one['password']}",
    "nick": lambda _, one: f"NICK {one['nick']}",
    "quit": lambda *_: "QUIT",
    "join": lambda _, one: f"JOIN #{one['room']} {one.get('key', '')}",
    "leave": lambda _, one: f"PART #{one['room']}",
    "say": lambda _, one: f"PRIVMSG #{one['room']} :{one['text']}",
    "me": lambda _, one: f"PRIVMSG #{one['room']} :\1ACTION {one['text']}\1",
    "msg": lambda _, one: f"PRIVMSG {one['to'] or '*'} :{one['text']}",
    "topic": lambda _, one: f"TOPIC #{one['room']} :{one['topic']}",
    "history": lambda _, one: f"CHATHISTORY LATEST #{one['room']} * 50",
    "who": lambda _, one: f"WHO #{one['room']}\r\nNAMES #{one['room']}\r\nMODE #{one['room']}\r\nTOPIC #{one['room']}",
    "whois": lambda _, one: f"WHOIS {one['nick']}\r\nWHO {one['nick']}",
    "rooms": lambda *_: "LIST",
    "kick": lambda _, one: f"KICK #{one['room']} {one['nick']}",
    "invite": lambda _, one: f"INVITE {one['nick']} #{one['room']}",
    "op": _mode("+o", "nick"),
    "deop": _mode("-o", "nick"),
    "ban": _list_mode("+b"),
    "unban": _list_mode("-b"),
    "mute": _list_mode("+q"),
    "unmute": _list_mode("-q"),
    "lock": lambda _, one: f"MODE #{one['room']} " + (f"+k {one['key']}" if "key" in one else "+i"),
}
"""The commands that IRC has; all others are typed."""
