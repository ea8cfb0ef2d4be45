"""The conversation of one person with a server: what to send, what to show, what has been answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twisted.internet.interfaces import IReactorTime

from chatroom.chat import replies
from chatroom.chat.events import Event, Left
from chatroom.chat.replies import Reply, RoomEntered, Welcome
from chatroom.dialects.json.decoder import decode_message

from . import arrival
from .activity import Activity
from .command_names import leaves
from .credentials import Credentials
from .day_line import DayLine
from .local_commands import LocalCommands
from .noted import is_last, noted
from .other_nick import OtherNick
from .outbox import Line
from .reading import Reading
from .recent_messages import RecentMessages
from .rendering import Renderer
from .requests import Requests
from .rooms import JoinedRooms
from .typed_input import TypedInput
from .ui_port import ConnectionState, ServerConnection, UserInterface


class Conversation:
    """
    The client without a socket and without a terminal.

    The connection calls `connected`, `receive` for each object, `flush` after each chunk of objects, and
    `lost`; the user interface calls `type` and `leave`.

    :param ui: shows the person what happens.
    :param nick: the name to start with.
    :param rooms: the rooms to enter; none: the server's choice.
    :param password: the password of the nick's account; "": enter as a guest.
    :param echo: show what this person says once the server has it; otherwise the terminal shows it as typed.
    :param plain: word everything for a screen reader, whatever is preferred later.
    :param days: shows the date between two days; None: nobody needs it.
    :param clock: paces what the server is told about reading; None: nobody reads, as in a pipeline.
    """

    def __init__(
        self,
        ui: UserInterface,
        nick: str,
        rooms: Sequence[str] = (),
        *,
        password: str = "",
        echo: bool = False,
        plain: bool = False,
        days: DayLine | None = None,
        clock: IReactorTime | None = None,
    ) -> None:
        self.nick = nick
        self.state = ConnectionState.OFFLINE
        self.rooms = JoinedRooms()
        self.ui = ui
        self.activity = Activity(self.rooms)
        self.renderer = Renderer(ui, echo=echo, plain=plain, days=days)
        self.requests = Requests(ui, self.renderer.complain, self._ask)
        self._local = LocalCommands(ui, self.activity, self.go, self.renderer.complain, self.requests.refuse)
        self.recent = RecentMessages()
        self.reading = Reading(self.rooms, self.activity, clock, self.send)
        self.outbox = self.requests.outbox
        self.other_nick = OtherNick(self.requests.ask, self.outbox)
        self.typed = TypedInput(ui, self.requests, self.rooms, rooms, self.renderer.complain)
        self.typed.waits = lambda: self.other_nick.tries
        self.credentials = Credentials(rooms, password)
        self.commands: Mapping[str, str] = {}
        """The server's commands: each usage, with what it does."""
        self.greeted = False
        """Whether the server has let us in at least once."""
        self.caught_up = 0
        """How many connections have caught up with everything that was missed."""
        self.progress = 0
        """How often the server has answered a line, or had none to answer once everything was shown."""
        self.failed = self.leaving = self.called_back = False
        self._server: ServerConnection | None = None

    # The person.

    def type(self, text: str, room: str | None = None) -> None:
        """
        Take what the person entered: the server parses it.

        :param room: the room that was shown as the current one; None: the one that is.
        """
        if self.state is ConnectionState.ENDED:
            return
        first, _, more = text.lstrip("\n").partition("\n")
        if leaves(first) and not more and (self.leaving or self.state is not ConnectionState.LIVE):
            self.end()
        elif self.state is ConnectionState.ASKING:
            self.nick = first.strip() or self.nick
            if first.strip():
                self.say_hello()
            if more:
                self.type(more)
        elif more or self.typed.hides or not self._local.run(first):
            # Neither a block nor what may be a secret is a command of our own.
            self.typed.type(text, self.rooms.current if room is None else room)
        self.reading.typed()
        self.ui.changed()

    @property
    def waiting(self) -> int:
        """How many lines have not been answered, or not even sent."""
        return len(self.outbox) + len(self.typed)

    def _ask(self, line: Line) -> None:
        if self.state is ConnectionState.LIVE:
            self._send(line)
        self.ui.changed()

    def leave(self) -> None:
        """Say goodbye to the server, or just end: the second time, or when there is no connection."""
        if self.leaving or self.state is not ConnectionState.LIVE:
            self.end()
        else:
            self.leaving = True
            self.send({"type": "quit"})
            self.ui.changed()

    def fail(self, why: str) -> None:
        """End because of an error: *why*, for people."""
        if self.state is not ConnectionState.ENDED:
            self.failed = True
            self.renderer.complain(f"!! {why}")
            self.end()

    def go(self, place: str | None) -> None:
        """Make *place* the one that typed text goes to, if it is one of `Activity.places`."""
        if self.activity.go(place):
            self.typed.follow(asked=True)
            self.reading.typed()
            self.ui.changed()

    def warn(self, why: str) -> None:
        """Show an error that does not end the conversation."""
        self.renderer.complain(f"!! {why}")

    def end(self) -> None:
        """End, and say how many lines were not acknowledged."""
        if self.state is ConnectionState.ENDED:
            return
        self.flush()
        let_in = self.state in (ConnectionState.LIVE, ConnectionState.REPLAYING)
        if let_in and not self.leaving:
            self.send({"type": "quit"})
        self.state = ConnectionState.ENDED
        self.reading.stop()
        if self.waiting and not self.leaving:
            count = self.waiting
            self.failed = True
            self.renderer.complain(f"!! {count:,} {'line was' if count == 1 else 'lines were'} not acknowledged.")
        self.drop()
        self.renderer.stop()
        self.ui.end()

    @property
    def role(self) -> str:
        """This person's role in the current room, in short."""
        return self.credentials.role_in(operator=self.rooms.operator)

    # The connection.

    def connected(self, server: ServerConnection) -> None:
        """Say hello on a new connection."""
        self._server = server
        if self.state is ConnectionState.ENDED:
            server.drop()
        else:
            self.say_hello()

    def receive(self, values: Mapping[str, Any]) -> None:
        """Take one object from the server."""
        if self.state is ConnectionState.ENDED:
            return
        if self.reading.take(values):
            self.ui.changed()
            return
        what, seq, ref = decode_message(values)
        # A session that expired while we were away has left, but not because of a request.
        expired = isinstance(what, Left) and self.state is not ConnectionState.LIVE
        if ref is None and self.state is ConnectionState.LIVE:
            ref = self.requests.unread(what)
        answered = None if expired else self.outbox.answered(ref)
        self.progress += answered is not None
        if isinstance(what, Event):
            if self.rooms.apply_event(seq, what, self.nick, live=self.state is ConnectionState.LIVE):
                counted = self.state is not ConnectionState.LIVE and self.reading.knows(what.room)
                self.activity.note(what, self.nick, counted=counted)
                self.recent.note(seq, what)
                self.renderer.add(seq, what, self.nick)
        elif what is not None:
            self.flush()
            self._reply(what, answered, asked=ref is not None)
        # Only what we asked for carries a ref.
        self.typed.follow(asked=ref is not None)
        if ref is not None and not expired:
            self.typed.answered(ref, what)
            # They may have got the nick for which everything waited.
            self.typed.release()
        self.activity.mark_read()
        self.ui.changed()

    def flush(self) -> None:
        """Show the events that have arrived since the last time."""
        self.renderer.flush(self.nick, rooms=len(self.rooms.people) > 1)
        self.reading.shown()

    def lost(self) -> None:
        """Note that the connection is lost."""
        self.flush()
        self._server = None
        self.typed.go_offline()
        self.reading.stop()
        if self.state is ConnectionState.ENDED:
            return
        unanswered = next(iter(self.outbox), None)
        if self.leaving and (unanswered is None or leaves(unanswered.text)):
            self.end()
            return
        # Reconnect for the answers to lines that were sent before the goodbye.
        self.leaving = False
        if self.state is ConnectionState.LIVE:
            self.credentials.remember_rooms(tuple(self.rooms.people))
        if self.state in (ConnectionState.LIVE, ConnectionState.REPLAYING) and not self.called_back:
            self.renderer.complain("-- Connection lost; reconnecting …")
        if self.state is not ConnectionState.ASKING:
            self.state = ConnectionState.OFFLINE
        self.ui.changed()

    # Coming in.

    def say_hello(self) -> None:
        """Say hello on the connection, if there is one."""
        if self._server is None:
            self.state = ConnectionState.OFFLINE
            return
        self.state = ConnectionState.GREETING
        self.rooms.greet()
        self._server.send(self.credentials.hello(self.nick, self.rooms.seen))
        self.ui.changed()

    def _go_live(self) -> None:
        self.rooms.live()
        self.reading.go_live()
        self.state = ConnectionState.LIVE
        self.caught_up += 1
        self.progress += not self.outbox
        for line in self.outbox:
            self._send(line)
        self.typed.go_live()

    def _send(self, line: Line) -> None:
        if self._server is not None:
            self.leaving = self.leaving or leaves(line.text)
            self.send(line.object())

    def send(self, values: Mapping[str, Any]) -> None:
        """Send one object, whose answer is not awaited, if there is a connection."""
        if self._server is not None:
            self._server.send(values)

    def drop(self) -> None:
        """Close the connection, if there is one."""
        if self._server is not None:
            self._server.drop()

    # Replies: what the server says to us only.

    def _reply(self, reply: Reply, answered: Line | None, *, asked: bool) -> None:
        match reply:
            case replies.Refused() if self.state is ConnectionState.GREETING:
                arrival.turned_away(self, reply)
            case Welcome():
                arrival.welcomed(self, reply)
            case RoomEntered():
                arrival.entered(self, reply, asked=asked)
            case replies.CaughtUp():
                self._go_live()
            case replies.Refused() if self.state is ConnectionState.REPLAYING and self.credentials.login_refused(
                reply.code
            ):
                arrival.not_logged_in(self, reply)
            case replies.PasswordWanted():
                if answered is not None:
                    self.requests.want_password(reply)
                elif self.state in (ConnectionState.GREETING, ConnectionState.REPLAYING):
                    arrival.ask_for_password(self, reply)
            case _:
                if noted(self, reply, answered):
                    self.renderer.reply(reply)
        if isinstance(reply, replies.Goodbye) and is_last(self, reply, answered):
            self.leaving = True
            self.end()
