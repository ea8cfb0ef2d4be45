"""The conversation of one person with a server: what to send, what to show, what has been answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chatroom.chat import replies
from chatroom.chat.events import Event, Left
from chatroom.chat.refusals import TooLong
from chatroom.chat.replies import Reply, RoomEntered, Welcome
from chatroom.dialects.json.decoder import decode_message

from .activity import Activity
from .command_names import leaves
from .credentials import AfterRefusal, Credentials
from .day_line import DayLine
from .local_commands import LocalCommands
from .outbox import Line
from .rendering import Renderer
from .requests import Requests
from .rooms import JoinedRooms
from .secrets import Secrets
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
    ) -> None:
        self.nick = nick
        self.state = ConnectionState.OFFLINE
        self.rooms = JoinedRooms()
        self._ui = ui
        self.activity = Activity(self.rooms)
        self._renderer = Renderer(ui, echo=echo, plain=plain, days=days)
        self.requests = Requests(ui, self._renderer.complain, self._ask)
        self._local = LocalCommands(ui, self.activity, self.go, self._renderer.complain, self.requests.refuse)
        self.outbox = self.requests.outbox
        self.typed = TypedInput(ui, self.requests, self.rooms, rooms, self._renderer.complain)
        self.credentials = Credentials(rooms, password)
        self.commands: Mapping[str, str] = {}
        """The server's commands: each usage, with what it does."""
        self.greeted = False
        """Whether the server has let us in at least once."""
        self.caught_up = 0
        """How many connections have caught up with everything that was missed."""
        self.progress = 0
        """How often the server has answered a line, or had none to answer once everything was shown."""
        self.failed = self.leaving = False
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
                self._say_hello()
            if more:
                self.type(more)
        elif more or self.typed.hides or not self._local.run(first):
            # Neither a block nor what may be a secret is a command of our own.
            self.typed.type(text, self.rooms.current if room is None else room)
        self._ui.changed()

    @property
    def waiting(self) -> int:
        """How many lines have not been answered, or not even sent."""
        return len(self.outbox) + len(self.typed)

    def _ask(self, line: Line) -> None:
        if self.state is ConnectionState.LIVE:
            self._send(line)
        self._ui.changed()

    def leave(self) -> None:
        """Say goodbye to the server, or just end: the second time, or when there is no connection."""
        if self.leaving or self.state is not ConnectionState.LIVE or self._server is None:
            self.end()
        else:
            self.leaving = True
            self._server.send({"type": "quit"})
            self._ui.changed()

    def fail(self, why: str) -> None:
        """End because of an error: *why*, for people."""
        if self.state is not ConnectionState.ENDED:
            self.failed = True
            self._renderer.complain(f"!! {why}")
            self.end()

    def go(self, place: str | None) -> None:
        """Make *place* the one that typed text goes to, if it is one of `Activity.places`."""
        if self.activity.go(place):
            self.typed.follow(asked=True)
            self._ui.changed()

    def warn(self, why: str) -> None:
        """Show an error that does not end the conversation."""
        self._renderer.complain(f"!! {why}")

    def end(self) -> None:
        """End, and say how many lines were not acknowledged."""
        if self.state is ConnectionState.ENDED:
            return
        self.flush()
        let_in = self.state in (ConnectionState.LIVE, ConnectionState.REPLAYING)
        if let_in and self._server is not None and not self.leaving:
            self._server.send({"type": "quit"})
        self.state = ConnectionState.ENDED
        if self.waiting and not self.leaving:
            count = self.waiting
            self.failed = True
            self._renderer.complain(f"!! {count:,} {'line was' if count == 1 else 'lines were'} not acknowledged.")
        if self._server is not None:
            self._server.drop()
        self._renderer.stop()
        self._ui.end()

    @property
    def secrets(self) -> Secrets:
        """Where the server's commands have secrets."""
        return self.typed.secrets

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
            self._say_hello()

    def receive(self, values: Mapping[str, Any]) -> None:
        """Take one object from the server."""
        if self.state is ConnectionState.ENDED:
            return
        what, seq, ref = decode_message(values)
        # A session that expired while we were away has left, but not because of a request.
        expired = isinstance(what, Left) and self.state is not ConnectionState.LIVE
        if ref is None and _is_unread(what) and self.state is ConnectionState.LIVE:
            ref = self.outbox.longest()
        answered = None if expired else self.outbox.answered(ref)
        self.progress += answered is not None
        if isinstance(what, Event):
            if self.rooms.apply_event(seq, what, self.nick, live=self.state is ConnectionState.LIVE):
                self.activity.note(what, self.nick)
                self._renderer.add(what, self.nick)
        elif what is not None:
            self.flush()
            self._reply(what, answered)
        # Only what we asked for carries a ref.
        self.typed.follow(asked=ref is not None)
        if ref is not None and not expired:
            self.typed.answered(ref, what)
        self.activity.mark_read()
        self._ui.changed()

    def flush(self) -> None:
        """Show the events that have arrived since the last time."""
        self._renderer.flush(self.nick, rooms=len(self.rooms.people) > 1)

    def lost(self) -> None:
        """Note that the connection is lost."""
        self.flush()
        self._server = None
        self.typed.go_offline()
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
        if self.state in (ConnectionState.LIVE, ConnectionState.REPLAYING):
            self._renderer.complain("-- Connection lost; reconnecting …")
        if self.state is not ConnectionState.ASKING:
            self.state = ConnectionState.OFFLINE
        self._ui.changed()

    # Coming in.

    def _say_hello(self) -> None:
        if self._server is None:
            self.state = ConnectionState.OFFLINE
            return
        self.state = ConnectionState.GREETING
        self.rooms.greet()
        self._server.send(self.credentials.hello(self.nick, self.rooms.seen))
        self._ui.changed()

    def _turned_away(self, refused: replies.Refused) -> None:
        following = self.credentials.refused(refused.code, greeted=self.greeted)
        if following is AfterRefusal.GIVE_UP:
            self.fail(refused.text)
        elif following is AfterRefusal.RETRY:
            self.rooms.forget()
            self._say_hello()
        elif following is AfterRefusal.OTHER_NICK:
            self.state = ConnectionState.ASKING
            self._renderer.complain(f"!! {refused.text}")
        elif self._server is not None:
            self._server.drop()

    def _not_logged_in(self, refused: replies.Refused) -> None:
        if self.caught_up:
            self._renderer.reply(refused)
        else:
            self.fail(refused.text)

    def _welcomed(self, welcome: Welcome) -> None:
        self.nick, self.credentials.resume, self.commands = welcome.nick, welcome.resume, welcome.commands
        self.typed.welcomed(welcome)
        self.state = ConnectionState.REPLAYING
        if self.greeted:
            self._renderer.complain("-- Reconnected.")
        else:
            self._renderer.reply(welcome)
        self.greeted = True

    def _entered(self, entered: RoomEntered) -> None:
        greeting = self.state is ConnectionState.REPLAYING
        self.credentials.entered(entered.role)
        news = self.rooms.enter(entered, greeting)
        if news or not greeting or entered.recent:
            self._renderer.reply(entered)

    def _go_live(self) -> None:
        self.rooms.live()
        self.state = ConnectionState.LIVE
        self.caught_up += 1
        self.progress += not self.outbox
        for line in self.outbox:
            self._send(line)
        self.typed.go_live()

    def _send(self, line: Line) -> None:
        if self._server is not None:
            self.leaving = self.leaving or leaves(line.text)
            self._server.send(line.object())

    # Replies: what the server says to us only.

    def _reply(self, reply: Reply, answered: Line | None) -> None:
        match reply:
            case replies.Refused() if self.state is ConnectionState.GREETING:
                self._turned_away(reply)
            case Welcome():
                self._welcomed(reply)
            case RoomEntered():
                self._entered(reply)
            case replies.CaughtUp():
                self._go_live()
            case replies.Refused() if self.state is ConnectionState.REPLAYING and self.credentials.login_refused(
                reply.code
            ):
                self._not_logged_in(reply)
            case replies.PasswordWanted():
                if answered is not None:
                    self.requests.want_password(reply)
            case _:
                if self._noted(reply, answered):
                    self._renderer.reply(reply)
        if isinstance(reply, replies.Goodbye) and (answered is not None or self.leaving):
            self.leaving = True
            self.end()

    def _noted(self, reply: Reply, answered: Line | None) -> bool:
        """Apply *reply*; return whether to show it."""
        match reply:
            case replies.Pong():
                return False
            case replies.Refused() if answered is not None:
                self.requests.refusals += 1
                self.leaving = False
            case replies.NickChanged():
                self.nick = reply.nick
            case replies.LoggedIn():
                # A resumed session gets this again.
                return self.credentials.logged_in(reply) or answered is not None
            case replies.LoggedOut():
                self.credentials.logged_out(reply)
            case replies.Preferences():
                self._renderer.prefer(reply, answered.text if answered is not None else "")
                return answered is not None
            case _:
                self.rooms.apply_reply(reply)
        return True


def _is_unread(what: Event | Reply | None) -> bool:
    """Whether the server refused a line that was too long to read, so that it cannot say which one."""
    return isinstance(what, replies.Refused) and what.code == TooLong.code
