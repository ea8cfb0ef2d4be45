"""One person's conversation with a server: what to send, what to show, and what has been answered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from chatroom.chat.events import Event, Left
from chatroom.chat.refusals import BadName, CannotResume, NickTaken, Refusal, TooLong
from chatroom.chat.replies import Entered, Gap, Goodbye, Live, Named, Pong, Refused, Reply, Rooms, Welcome, Who
from chatroom.dialects.clean import clean

from .face import Face, State, Wire
from .outbox import Line, Outbox
from .rooms import Whereabouts
from .showing import Showing
from .wire import read

_ABOUT_THE_NICK = (NickTaken.code, BadName.code, TooLong.code)
"""Refusals of a hello that another nick can mend."""

_LEAVING = re.compile(r"exit|/(?i:exit|quit)(?: .*)?")
"""What the server reads as goodbye."""

LONGEST = 7_000
"""
Bytes of a line that are sent.

The server refuses what is over its own limit, usually 4,096; but an object of more than 16,384 bytes it
does not read at all, and so cannot tell which line that was.  An escaped byte takes two.
"""


class Conversation:
    """
    The client without its socket and its terminal.

    Whoever has the connection calls `connected`, `receive` for each object, `settle` after each chunk
    of them, and `lost`; whoever has the person calls `type` and `leave`.

    :param face: where the person sees what happens.
    :param nick: the name to come in with.
    :param rooms: the rooms to enter; none: the server's choice.
    :param echo: show what oneself says when it has arrived; otherwise whatever was typed stands already.
    """

    def __init__(self, face: Face, nick: str, rooms: Sequence[str] = (), *, echo: bool = False) -> None:
        self.nick = nick
        self.state = State.OFFLINE
        self.where = Whereabouts()
        self.outbox = Outbox()
        self.commands: Mapping[str, str] = {}
        """What can be typed, as usage, and what it does."""
        self.greeted = False
        """Whether the server has ever let us in."""
        self.caught_up = 0
        """How many times a connection came as far as live."""
        self.refusals = 0
        """Lines of ours that were refused."""
        self.failed = False
        self.leaving = False
        self._face = face
        self._rooms = tuple(rooms)
        self._showing = Showing(face, echo=echo)
        self._wire: Wire | None = None
        self._resume = ""

    # The person.

    def type(self, text: str) -> None:
        """Take one line as the person typed it: the server reads it, and we only when it cannot."""
        text = clean(text).strip()
        if not text or self.state is State.ENDED:
            return
        if _LEAVING.fullmatch(text) and (self.leaving or self.state is not State.LIVE):
            self.end()
        elif self.state is State.ASKING:
            self.nick = text
            self._say_hello()
        elif len(text.encode(errors="replace")) > LONGEST:
            self.refuse(TooLong(f"A line of more than {LONGEST:,} bytes cannot be sent."))
        else:
            line = self.outbox.put(text, self.where.current)
            if self.state is State.LIVE:
                self._send(line)
            self._face.changed()

    def refuse(self, refusal: Refusal) -> None:
        """Say no to a line without asking the server."""
        self.refusals += 1
        self._face.complain(f"!! {refusal}")

    def leave(self) -> None:
        """Say goodbye; who wishes it twice, or while there is nobody to say it to, just goes."""
        if self.leaving or self.state is not State.LIVE or self._wire is None:
            self.end()
        else:
            self.leaving = True
            self._wire.send({"type": "quit"})
            self._face.changed()

    def fail(self, why: str) -> None:
        """Be done, because of *why*."""
        if self.state is not State.ENDED:
            self.failed = True
            self._face.complain(f"!! {why}")
            self.end()

    def end(self) -> None:
        """Be done, and tell what was left behind."""
        if self.state is State.ENDED:
            return
        self.settle()
        if self.state is State.LIVE and self._wire is not None and not self.leaving:
            self._wire.send({"type": "quit"})
        self.state = State.ENDED
        if self.outbox and not self.leaving:
            count = len(self.outbox)
            self.failed = True
            self._face.complain(f"!! {count:,} {'line was' if count == 1 else 'lines were'} not acknowledged.")
        if self._wire is not None:
            self._wire.drop()
        self._face.end()

    # The connection.

    def connected(self, wire: Wire) -> None:
        """There is a connection: say hello on it."""
        self._wire = wire
        if self.state is State.ENDED:
            wire.drop()
        else:
            self._say_hello()

    def receive(self, values: Mapping[str, Any]) -> None:
        """Take in one object from the server."""
        if self.state is State.ENDED:
            return
        what, seq, ref = read(values)
        # A session that ran out while we were away has left, but not because it was asked to.
        expired = isinstance(what, Left) and self.state is not State.LIVE
        answered = not expired and self.outbox.answered(ref)
        if isinstance(what, Event):
            if self.where.saw(seq, what, self.state is State.LIVE):
                self._showing.add(what, self.nick)
        elif what is not None:
            self.settle()
            self._told(what, answered)
        self._face.changed()

    def settle(self) -> None:
        """Show the events that have come since the last time."""
        self._showing.settle(self.nick, rooms=len(self.where.people) > 1)

    def lost(self) -> None:
        """The connection is gone."""
        self.settle()
        self._wire = None
        if self.state is State.ENDED:
            return
        unanswered = next(iter(self.outbox), None)
        if self.leaving and (unanswered is None or _LEAVING.fullmatch(unanswered.text)):
            self.end()
            return
        # Who left with lines unanswered comes back for the answers: the goodbye is among them.
        self.leaving = False
        if self.state in (State.LIVE, State.REPLAYING):
            self._face.complain("-- The connection is lost; reconnecting …")
        if self.state is not State.ASKING:
            self.state = State.OFFLINE
        self._face.changed()

    # Coming in.

    def _say_hello(self) -> None:
        if self._wire is None:
            self.state = State.OFFLINE
            return
        self.state = State.GREETING
        self.where.greet()
        hello: dict[str, Any] = {"type": "hello", "nick": self.nick}
        if self._resume:
            hello |= {"resume": self._resume, "seen": self.where.seen}
        elif self._rooms:
            hello["rooms"] = self._rooms
        self._wire.send(hello)
        self._face.changed()

    def _turned_away(self, refused: Refused) -> None:
        if refused.code == CannotResume.code and self._resume:
            self._resume = ""
            self._rooms = tuple(self.where.people) or self._rooms
            self.where.forget()
            self._say_hello()
        elif refused.code in _ABOUT_THE_NICK:
            self.state = State.ASKING
            self._face.complain(f"!! {refused.text}")
        elif not self.greeted:
            self.fail(refused.text)
        elif self._wire is not None:
            # Full, or shutting down: it may be otherwise later.
            self._wire.drop()

    def _welcomed(self, welcome: Welcome) -> None:
        self.nick, self._resume, self.commands = welcome.nick, welcome.resume, welcome.commands
        self.state = State.REPLAYING
        if self.greeted:
            self._face.complain("-- Connected again.")
        else:
            self._showing.reply(welcome)
        self.greeted = True

    def _entered(self, entered: Entered) -> None:
        greeting = self.state is State.REPLAYING
        news = self.where.enter(entered, greeting)
        if news or not greeting or entered.recent:
            self._showing.reply(entered)

    def _go_live(self) -> None:
        self.where.live()
        self.state = State.LIVE
        self.caught_up += 1
        for line in self.outbox:
            self._send(line)

    def _send(self, line: Line) -> None:
        if self._wire is not None:
            self.leaving = self.leaving or _LEAVING.fullmatch(line.text) is not None
            self._wire.send(line.object())

    # What the server tells us alone.

    def _told(self, reply: Reply, answered: bool) -> None:
        match reply:
            case Pong():
                return
            case Refused() if self.state is State.GREETING:
                self._turned_away(reply)
                return
            case Welcome():
                self._welcomed(reply)
                return
            case Entered():
                self._entered(reply)
                return
            case Live():
                self._go_live()
                return
            case Refused() if answered:
                self.refusals += 1
                self.leaving = False
            case Named():
                self.nick = reply.nick
            case Gap():
                self.where.skipped(reply)
            case Who():
                self.where.counted(reply)
            case Rooms():
                self.where.known |= {row.room for row in reply.rooms}
            case _:
                pass
        self._showing.reply(reply)
        if isinstance(reply, Goodbye) and (answered or self.leaving):
            self.leaving = True
            self.end()
