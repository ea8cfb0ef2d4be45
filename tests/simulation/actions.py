"""Actions of people and the environment: plain values that can be recorded, omitted and replayed."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any

from .house import POLICIES
from .journal import password_of
from .typed import COMMANDS, PASSWORDS, PROVING, RULING

if TYPE_CHECKING:
    from .simulation import Simulation

Action = tuple[Any, ...]
"""The name of what is done, and with what."""

Table = list[tuple[Callable[[Any], Action | None], float]]

NICKS = ("ann", "bob", "cat", "dan", "eve")
ROOMS = ("lobby", "den", "attic")
ADDRESSES = ("192.0.2.1", "192.0.2.2", "127.0.0.1")
_BLOB = b"\0\0\0\x0bssh-ed25519\0\0\0\x20"
KEYS = tuple(f"ssh-ed25519 {b64encode(_BLOB + bytes([number]) * 32).decode()}" for number in range(3))
SPANS = ("", " 5s", " 1m", " 10m")
MOST = 7
"""Connections at a time."""


class Actions:
    """Makes up what happens next in *simulation*."""

    def __init__(self, simulation: Simulation, random: Random) -> None:
        self._simulation = simulation
        self.random = random
        self.words = 0
        self._next: list[Action] = []
        self._comes = 0
        calls, weights = zip(*self.table(), strict=True)
        self._calls: tuple[Callable[[Any], Action | None], ...] = calls
        self._weights = [sum(weights[: place + 1]) for place in range(len(weights))]

    def table(self) -> Table:
        """Return what there is to do, and how often."""
        return _TABLE

    def choose(self) -> Action:
        """Make up one action."""
        while True:
            if self._next:
                return self._next.pop()
            [call] = self.random.choices(self._calls, cum_weights=self._weights)
            action = call(self)
            if action is not None:
                return action

    # Of people.

    def come(self) -> Action | None:
        """Connect or reconnect a person; perhaps twice at once."""
        random = self.random
        if len(self._simulation.here) >= MOST:
            return None
        door = random.choice(("json", "json", "web", "line"))
        nick, address = random.choice(NICKS), random.choice(ADDRESSES)
        rooms = random.choice((None, None, ["lobby"], ["lobby", "den"], ["attic"], list(ROOMS)))
        password = self.password(nick) if random.random() < 0.3 else None
        token = seen = None
        known = [guest.number for guest in self._simulation.lately if guest.tokens]
        if known and door != "line" and random.random() < 0.7:
            former = random.choice(known)
            tokens = len(self._simulation.guests[former].tokens)
            token = former, random.choice((tokens - 1, tokens - 1, random.randrange(tokens)))
            seen = former if random.random() < 0.8 else None
            if random.random() < 0.3:
                self._next.append(self._coming(door, address, nick, rooms, token, seen, password))
            if random.random() < 0.4:
                # One more tab or device beside the others.
                return self._coming(door, address, nick, None, token, None, None, True)
        return self._coming(door, address, nick, rooms, token, seen, password)

    def _coming(self, *how: Any) -> Action:
        self._comes += 1
        return "come", self._comes, *how

    def hurry_back(self) -> Action | None:
        """Let an operator leave while that cannot be stored, and return before the house gets the result."""
        rulers = [guest for guest in self._simulation.here if guest.tokens and self._simulation.may_rule(guest)]
        if not rulers:
            return None
        guest, address = self.random.choice(rulers), self.random.choice(ADDRESSES)
        token = guest.number, len(guest.tokens) - 1
        assert guest.session is not None
        coming = self._coming("json", address, self.nick(), [guest.session.current], token, None, None)
        number = coming[1]
        leaving: list[Action] = [("type", guest.number, "/quit"), ("go", f"bring {guest.number}"), ("go", "write")]
        back: list[Action] = [
            coming,
            ("go", f"bring {number}"),
            ("go", f"read conversations for Session._attend/{number}"),
        ]
        self._next = [*leaving, *back, ("go", f"resume Session._attend/{number}"), ("disk", False, False)][::-1]
        return "disk", True, False

    def say(self) -> Action | None:
        """Have a person speak, sometimes at length."""
        long = " " + "x" * length if (length := self.random.choice((0, 0, 0, 0, 60, 300))) else ""
        return self._typed(self.word() + long)

    def whisper(self) -> Action | None:
        """Have a person send a private message."""
        return self._typed(f"/msg {self.nick()} {self.word()}")

    def reply(self) -> Action | None:
        """Have a person reply."""
        return self._typed(f"/reply {self.word()}")

    def command(self) -> Action | None:
        """Have a person send any other command."""
        return self._typed(self.random.choice(COMMANDS)(self))

    def request(self) -> Action | None:
        """Have a program ask for what cannot be typed: about a conversation, mostly."""
        here = [guest for guest in self._simulation.here if guest.expected]
        if not here:
            return None
        guest = self.random.choice(here)
        room = self.random.choice(sorted(guest.expected))
        seq = self.random.randrange(guest.expected[room] + 1)
        what: list[dict[str, Any]] = [
            {"type": "read", "room": room, "seq": seq},
            {"type": "history", "room": room, "count": 3},
            {"type": "conversations"},
            {"type": "answer", "room": room, "seq": seq or 1, "text": self.word()},
            {"type": "delete", "room": room, "seq": seq or 1},
            {"type": "line", "room": room, "text": "s/nothing/c/"},
        ]
        return "send", guest.number, self.random.choice(what)

    def prove(self) -> Action | None:
        """Have a person send an account command."""
        return self._typed(self.random.choice(PROVING)(self))

    def rule(self) -> Action | None:
        """Have a person moderate, mostly one with the right to."""
        text = self.random.choice(RULING)(self)
        rulers = [guest for guest in self._simulation.here if self._simulation.may_rule(guest)]
        if rulers and self.random.random() < 0.7:
            return "type", self.random.choice(rulers).number, text
        return self._typed(text)

    def come_home(self) -> Action | None:
        """Have an address or an account banned, and then somebody, perhaps from there, log in to that account."""
        rulers = [guest for guest in self._simulation.here if self._simulation.may_rule(guest)]
        if not rulers:
            return None
        nick = self.nick()
        home = self._typed(f"/login {self.proof(nick)}")
        if home is not None:
            self._next.append(home)
        whom = self.random.choice((self.address(), f"account:{nick}"))
        return "type", self.random.choice(rulers).number, f"/ban {whom}"

    def _typed(self, text: str) -> Action | None:
        here = self._simulation.here
        return ("type", self.random.choice(here).number, text) if here else None

    # What is typed is made of these.

    def word(self) -> str:
        """A word that nobody has said."""
        self.words += 1
        return f"w{self.words}"

    def proof(self, nick: str) -> str:
        """The nick and its password."""
        return f"{nick} {self.password(nick)}"

    def nick(self) -> str:
        """Somebody's nick, perhaps."""
        return self.random.choice(NICKS)

    def room(self) -> str:
        """The name of a room."""
        return self.random.choice(ROOMS)

    def target(self) -> str:
        """The target and duration of a ban or mute."""
        kind = self.random.choice(("", "", "", "account:", "address:"))
        return kind + self.nick() + self.random.choice(SPANS)

    def address(self) -> str:
        """Where somebody comes from, perhaps."""
        return self.random.choice(ADDRESSES)

    def key(self) -> str:
        """A public key, as it is pasted."""
        return self.random.choice(KEYS)

    def password(self, nick: str) -> str:
        """A password that is right, mostly."""
        record = self._simulation.disk.records.get(("", "account", nick))
        if record is None or self.random.random() < 0.1:
            return self.random.choice(PASSWORDS)
        hashed: str = json.loads(record)["hash"]
        return password_of(hashed)

    # Of connections and the world.

    def connection(self) -> Action | None:
        """Let something happen to a connection."""
        here = self._simulation.here
        if not here:
            return None
        what = self.random.choice(("break", "break", "break", "half", "stall", "stall", "drain", "drain", "drain"))
        return what, self.random.choice(here).number

    def wait(self) -> Action:
        """Let time pass: a moment mostly."""
        return "wait", self.random.choice((0.01, 0.1, 0.1, 0.3, 0.3, 1.0, 1.0, 2.5, 6.0, 11.0, 21.0))

    def clock(self) -> Action:
        """Set the clock."""
        return "clock", self.random.choice((-1000.0, 1000.0))

    def disk(self) -> Action:
        """Let the disk be full or broken, or well again."""
        disk = self._simulation.disk
        if disk.full or disk.unreadable:
            return "disk", False, False
        return "disk", self.random.random() < 0.5, self.random.random() < 0.3

    def restart(self) -> Action:
        """Let the process end: at once mostly."""
        if self.random.random() < 0.5 and not self._simulation.house.hub.closing:
            return "close", "it was told to"
        return "crash", self.random.random() < 0.5

    def configure(self) -> Action:
        """Change the configuration, or have old events forgotten."""
        if self.random.random() < 0.3:
            return "govern", self.random.randrange(len(POLICIES))
        return (
            "trim",
            self.random.choice(list(self._simulation.disk.rooms) or ["lobby"]),
            self.random.choice((2, 10)),
        )

    def write_beside(self) -> Action:
        """Let another program write."""
        what = self.random.choice(("ban", "unban", "password", "role", "role", "delete", "add", "erase"))
        return "beside", what, self.nick(), self.random.choice(PASSWORDS)

    def script(self) -> Action:
        """Let a script post, read or follow."""
        random = self.random
        what, number, room = random.choice(("post", "post", "read", "follow")), random.randrange(8), self.room()
        seq = random.choice((None, 0, 0, random.randrange(1, 40)))
        if what == "post":
            # A pasted block is charged by its lines.
            text = "\n".join([self.word()] * random.choice((1, 1, 1, 35)))
            posting = "script", what, number, room, text, random.choice((None, "1", "2")), random.random() < 0.5
            if random.random() < 0.6:
                # Impatient scripts send it again; patient ones go on, and wait in slow mode.
                self._next.append(random.choice((posting, ("script", what, number, room, self.word(), None, True))))
            return posting
        if what == "read":
            return "script", what, number, room, *random.choice(((seq, None), (None, seq)))
        return "script", what, number, room, seq, random.random() < 0.7

    def sign(self) -> Action | None:
        """Let somebody turn out to have come by a key."""
        here = self._simulation.here
        return ("sign", self.random.choice(here).number, self.key()) if here else None

    def settle(self) -> Action:
        """Let everything come to rest; perhaps without anybody beginning to read again."""
        return (self.random.choice(("rest", "settle")),)


_TABLE: Table = [
    (Actions.come, 10),
    (Actions.hurry_back, 0.5),
    (Actions.say, 22),
    (Actions.whisper, 9),
    (Actions.reply, 3),
    (Actions.command, 20),
    (Actions.request, 4),
    (Actions.prove, 7),
    (Actions.rule, 10),
    (Actions.connection, 10),
    (Actions.wait, 10),
    (Actions.clock, 0.3),
    (Actions.disk, 1),
    (Actions.restart, 0.4),
    (Actions.configure, 1),
    (Actions.write_beside, 1),
    (Actions.script, 6),
    (Actions.come_home, 4),
    (Actions.sign, 1),
    (lambda actions: actions.settle(), 1.5),
]
