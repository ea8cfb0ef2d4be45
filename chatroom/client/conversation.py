"""One person's conversation with a server: what to send, what to show, and what has been answered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from chatroom.chat import replies
from chatroom.chat.events import Event, Left
from chatroom.chat.replies import Entered, Reply, Welcome
from chatroom.dialects.json.decoder import read

from .credentials import Next, Papers
from .outbox import Line
from .paste import trimmed
from .rendering import Showing
from .requests import Asking
from .rooms import Whereabouts
from .ui_port import Face, State, Wire

_LEAVING = re.compile(r"exit|/(?i:exit|quit)(?: .*)?")
"""What the server reads as goodbye."""


class Conversation:
    """
    The client without its socket and its terminal.

    Whoever has the connection calls `connected`, `receive` for each object, `settle` after each chunk
    of them, and `lost`; whoever has the person calls `type` and `leave`.

    :param face: where the person sees what happens.
    :param nick: the name to come in with.
    :param rooms: the rooms to enter; none: the server's choice.
    :param password: the password of the nick's account; "": come in as a guest.
    :param echo: show what oneself says when it has arrived; otherwise whatever was typed stands already.
    :param plain: word everything for a screen reader, whatever is preferred later.
    """

    def __init__(
        self,
        face: Face,
        nick: str,
        rooms: Sequence[str] = (),
        *,
        password: str = "",
        echo: bool = False,
        plain: bool = False,
    ) -> None:
        self.nick = nick
        self.state = State.OFFLINE
        self.where = Whereabouts()
        self._face = face
        self._showing = Showing(face, echo=echo, plain=plain)
        self.asking = Asking(face, self._showing.complain, self._ask)
        self.outbox = self.asking.outbox
        self.papers = Papers(rooms, password)
        self.commands: Mapping[str, str] = {}
        """What can be typed, as usage, and what it does."""
        self.greeted = False
        """Whether the server has ever let us in."""
        self.caught_up = 0
        """How many times a connection came as far as live."""
        self.failed = False
        self.leaving = False
        self._wire: Wire | None = None

    # The person.

    def type(self, text: str) -> None:
        """Take what the person typed: the server reads it, and we only when it cannot."""
        first, *more = trimmed(text) or [""]
        if self.state is State.ENDED:
            return
        if not more:
            self._type_line(first.strip())
        elif self.state is State.ASKING:
            self._type_line(first.strip())
            self.type("\n".join(more))
        else:
            self.asking.paste([first, *more], self.where.current)

    def _type_line(self, text: str) -> None:
        if not text:
            return
        if _LEAVING.fullmatch(text) and (self.leaving or self.state is not State.LIVE):
            self.end()
        elif self.state is State.ASKING:
            self.nick = text
            self._say_hello()
        else:
            self.asking.line(text, self.where.current)

    def _ask(self, line: Line) -> None:
        if self.state is State.LIVE:
            self._send(line)
        self._face.changed()

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
            self._showing.complain(f"!! {why}")
            self.end()

    def warn(self, of: str) -> None:
        """Tell *of* something that the person should know, but that is not the end."""
        self._showing.complain(f"!! {of}")

    def end(self) -> None:
        """Be done, and tell what was left behind."""
        if self.state is State.ENDED:
            return
        self.settle()
        if self.state in (State.LIVE, State.REPLAYING) and self._wire is not None and not self.leaving:
            self._wire.send({"type": "quit"})
        self.state = State.ENDED
        if self.outbox and not self.leaving:
            count = len(self.outbox)
            self.failed = True
            self._showing.complain(f"!! {count:,} {'line was' if count == 1 else 'lines were'} not acknowledged.")
        if self._wire is not None:
            self._wire.drop()
        self._face.end()

    @property
    def standing(self) -> str:
        """What one is here, in a few characters: ``admin``, ``op`` (of the current room), ``account`` or nothing."""
        if self.papers.role == "admin":
            return "admin"
        return "op" if self.where.operator else self.papers.role

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
        answered = None if expired else self.outbox.answered(ref)
        if isinstance(what, Event):
            if self.where.saw(seq, what, self.nick, live=self.state is State.LIVE):
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
        if self.state is State.LIVE:
            self.papers.been_in(tuple(self.where.people))
        if self.state in (State.LIVE, State.REPLAYING):
            self._showing.complain("-- The connection is lost; reconnecting …")
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
        self._wire.send(self.papers.hello(self.nick, self.where.seen))
        self._face.changed()

    def _turned_away(self, refused: replies.Refused) -> None:
        following = self.papers.refused(refused.code, greeted=self.greeted)
        if following is Next.NEVER:
            self.fail(refused.text)
        elif following is Next.OTHERWISE:
            self.where.forget()
            self._say_hello()
        elif following is Next.RENAMED:
            self.state = State.ASKING
            self._showing.complain(f"!! {refused.text}")
        elif self._wire is not None:
            self._wire.drop()

    def _not_logged_in(self, refused: replies.Refused) -> None:
        if self.caught_up:
            self._showing.reply(refused)
        else:
            self.fail(refused.text)

    def _welcomed(self, welcome: Welcome) -> None:
        self.nick, self.papers.resume, self.commands = welcome.nick, welcome.resume, welcome.commands
        self.state = State.REPLAYING
        if self.greeted:
            self._showing.complain("-- Connected again.")
        else:
            self._showing.reply(welcome)
        self.greeted = True

    def _entered(self, entered: Entered) -> None:
        greeting = self.state is State.REPLAYING
        self.papers.entered(entered.role)
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

    def _told(self, reply: Reply, answered: Line | None) -> None:
        match reply:
            case replies.Refused() if self.state is State.GREETING:
                self._turned_away(reply)
            case Welcome():
                self._welcomed(reply)
            case Entered():
                self._entered(reply)
            case replies.Live():
                self._go_live()
            case replies.Refused() if self.state is State.REPLAYING and self.papers.login_refused(reply.code):
                self._not_logged_in(reply)
            case replies.PasswordWanted():
                if answered is not None:
                    self.asking.want(reply)
            case _:
                if self._noted(reply, answered):
                    self._showing.reply(reply)
        if isinstance(reply, replies.Goodbye) and (answered is not None or self.leaving):
            self.leaving = True
            self.end()

    def _noted(self, reply: Reply, answered: Line | None) -> bool:
        """Draw the conclusions from *reply*; return whether it is to be shown."""
        match reply:
            case replies.Pong():
                return False
            case replies.Refused() if answered is not None:
                self.asking.refusals += 1
                self.leaving = False
            case replies.Named():
                self.nick = reply.nick
            case replies.LoggedIn():
                # A resumed session is told again.
                return self.papers.logged_in(reply) or answered is not None
            case replies.LoggedOut():
                self.papers.logged_out(reply)
            case replies.Preferences():
                self._showing.prefer(reply, answered.text if answered is not None else "")
                return answered is not None
            case _:
                self.where.told(reply)
        return True
