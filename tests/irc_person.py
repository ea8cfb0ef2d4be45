"""A person with an IRC client, who reads what it says in the words of the text door."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatroom.chat.syntax import names
from chatroom.dialects.irc.message import Message, parse, pieces
from chatroom.dialects.text.events import join_names
from tests.house import House, Person
from tests.websocket_wires import SecureWebSocketWire, WebSocketWire
from tests.wires import HERE

_PIECE = 300
"""Bytes of a line that are sent in one message; longer ones are sent in a batch."""

_PAST = re.compile(r"(\d+ )?\d\d:\d\d ")
"""How a line of the history begins: with its time, behind its number or not."""


class IrcPerson(Person):
    """A person with an IRC client that shows notices of the server and failures as such."""

    echoes = True
    capabilities = "standard-replies echo-message batch draft/multiline server-time"

    def __init__(self, house: House, address: object = HERE) -> None:
        super().__init__(house, address)
        self._heard = self._parsed = 0
        self._messages: list[Message] = []
        self._called = ""
        """Its nick by now."""
        self.wire.taken = self._answer

    def _answer(self) -> None:
        """Answer each ping."""
        new = bytes(self.wire.received[self._heard :])
        self._heard += len(new)
        if b"\nPING " in b"\n" + new:
            self.house.clock.callLater(0, self.wire.carry, b"PONG :here\r\n")

    def joins(self, nick: str, *rooms: str) -> None:
        self.nick = nick
        if not self.wire.received:
            self.sends(f"CAP REQ :{self.capabilities}\r\nUSER me 0 * :Somebody\r\nCAP END\r\n".encode())
        self.sends(f"NICK :{nick}\r\n".encode())
        for room in ("lobby", *rooms):
            self.sends(f"JOIN #{room}\r\n".encode())

    def sends_line(self, line: str) -> None:
        # As every client does: a bare CR would end the line.
        line = line.replace("\r", "")
        if line.startswith("//"):
            self.wire.carry(f"PRIVMSG #{self.current} :{line[1:]}\r\n".encode())
        elif line.startswith("/") or line == "exit":
            self.wire.carry(f"CHAT :{line}\r\n".encode())
        elif len(line.encode()) <= _PIECE:
            self.wire.carry(f"PRIVMSG #{self.current} :{line}\r\n".encode())
        else:
            self._sends_batch(f"#{self.current}", line)

    def _sends_batch(self, target: str, line: str) -> None:
        said = [f"PRIVMSG {target} :{piece}" for piece in pieces(line, _PIECE)]
        inside = [f"@batch=1{';draft/multiline-concat' if n else ''} {one}" for n, one in enumerate(said)]
        lines = [f"BATCH +1 draft/multiline {target}", *inside, "BATCH -1"]
        self.wire.carry("".join(f"{one}\r\n" for one in lines).encode())

    @property
    def current(self) -> str:
        """The room that the house takes for the current one."""
        # Reads what nick it has.
        _ = self.messages
        person = self.house.hub.core.nicks.get(names.key(self._called))
        return person.session.current or "nowhere" if person is not None else "nowhere"

    @property
    def messages(self) -> list[Message]:
        """Every line that was read."""
        end = self.wire.received.rfind(b"\n") + 1
        for message in map(parse, filter(None, bytes(self.wire.received[self._parsed : end]).decode().split("\r\n"))):
            self._messages.append(message)
            if message.command == "001" or _is_by(message, "NICK", self._called):
                self._called = message.params[0]
        self._parsed = end
        return self._messages

    @property
    def everything(self) -> list[str]:
        me = "*"
        worded: list[str] = []
        self._names: list[str] = []
        rooms: list[str] = []
        for message in joined(self.messages):
            if message.command == "001":
                me = message.params[0]
            if message.command == "353":
                self._names += [one.removeprefix("@") for one in message.params[-1].split()]
                continue
            if message.command == "366" and self._names:
                worded.append(_here(message.params[1], self._names))
                self._names = []
                continue
            worded += _worded(message, me)
            if _is_by(message, "JOIN", me):
                rooms.append(message.params[0])
            elif message.params[:1] and message.params[0] in rooms and _removes(message, me):
                rooms.remove(message.params[0])
                if message.command == "PART":
                    # The window of another channel comes to the front.
                    worded[-1] += f" You are {f'in {rooms[0]} now' if rooms else 'not in any room now'}."
            if _is_by(message, "NICK", me):
                me = message.params[0]
        return worded


class IrcWebPerson(IrcPerson):
    """A person with an IRC client on a page, such as gamja or Kiwi."""

    wires = WebSocketWire
    secure_wires = SecureWebSocketWire

    def __init__(self, house: House, address: object = HERE) -> None:
        super().__init__(house, address)
        house.settle()


def joined(messages: list[Message]) -> Iterator[Message]:
    """Put the lines of each message of several lines together again."""
    begun: Message | None = None
    lines: list[str] = []
    first = Message("")
    for message in messages:
        if message.command == "BATCH" and message.params[0].startswith("+") and "draft/multiline" in message.params:
            begun, lines = message, []
        elif message.command == "BATCH" and begun is not None and lines:
            yield Message(first.command, (first.params[0], "\n".join(lines)), first.source, begun.tags)
            begun = None
        elif begun is not None:
            if "draft/multiline-concat" in message.tags:
                lines[-1] += message.params[-1]
            else:
                lines.append(message.params[-1])
            first = message
        elif message.command != "BATCH":
            yield message


def _removes(message: Message, me: str) -> bool:
    """Return whether *message* says that the person called *me* is not in a room any more."""
    return message.params[1] == me if message.command == "KICK" else _is_by(message, "PART", me)


def _is_by(message: Message, command: str, nick: str) -> bool:
    return message.command == command and message.source.partition("!")[0] == nick


def _here(channel: str, nicks: list[str]) -> str:
    others = len(nicks) - 1
    alone = "You are alone here." if not others else f"{len(nicks):,} people: {join_names(nicks, 20)}."
    return f"-- You are in {channel}. {alone}"


def _worded(message: Message, me: str) -> list[str]:
    """Word *message* as the text door does for somebody called *me*."""
    nick, bang, _ = message.source.partition("!")
    command, params = message.command, message.params
    last = params[-1] if params else ""
    why = f" ({params[-1]})" if len(params) > 1 else ""
    if command in ("PRIVMSG", "NOTICE") and bang:
        return _talk(command, nick, params[0], last, me).replace("\n", "\n      | ").split("\n")
    if command == "NOTICE":
        # What was said before has the time.
        return [_PAST.sub(r"\1", last) if _PAST.match(last) else f"-- {last}"]
    if command in ("FAIL", "ERROR") or (command.isdigit() and command[0] in "45" and command != "422"):
        return [f"-- {last}" if command == "ERROR" else f"!! {last}"]
    if command == "JOIN":
        return [] if nick == me else [f"-- {nick} joined {params[0]}"]
    if command == "PART":
        return [f"-- You left {params[0]}."] if nick == me else [f"-- {nick} left {params[0]}{why}"]
    if command == "QUIT":
        return [f"-- {nick} left #lobby{f' ({last})' if last != 'Quit' else ''}"]
    if command == "NICK":
        return [f"-- You are now known as {last}." if nick == me else f"-- {nick} is now known as {last}"]
    if command == "KICK":
        return [f"-- {nick} kicked {params[1]}{'' if last == nick else f' ({last})'}"]
    if command == "TOPIC":
        done = f"set the topic of {params[0]}: {last}" if last else f"removed the topic of {params[0]}"
        return [f"-- {nick} {done}"]
    if command == "332":
        return [f"-- Topic: {last}"]
    if command == "001":
        return [f"-- Welcome, {params[0]}. Type to talk; /help lists the commands, exit leaves."]
    return []


def _talk(command: str, nick: str, target: str, text: str, me: str) -> str:
    if text.startswith("\1ACTION "):
        return f"* {nick} {text[8:-1]}"
    if nick == me == target:
        return f"[you -> yourself] {text}"
    if not target.startswith("#"):
        return f"[you -> {target}] {text}" if nick == me else f"[{nick} -> you] {text}"
    return f"-{nick}- {text}" if command == "NOTICE" else f"<{nick}> {text}"
