"""Typed input: what a person enters becomes requests, at once or when it is known what it is and where it goes."""

from __future__ import annotations

from collections.abc import Callable, Collection

from chatroom.chat.events import Event, Joined
from chatroom.chat.refusals import BadInput, TooMany
from chatroom.chat.replies import Refused, Reply, Welcome

from .command_names import command_name, leaves
from .destination import Destination
from .held_input import ASKS, HeldInput, Typed
from .paste import trimmed_lines
from .requests import Requests
from .rooms import JoinedRooms
from .secrets import Secrets, holds_secret
from .ui_port import UserInterface


class TypedInput:
    """
    Takes what a person enters.

    :param requests: sends it.
    :param rooms: where the person is.
    :param wanted: the rooms to enter at first; none: the server's choice.
    :param tell: shows the person a line about what was typed.
    """

    def __init__(
        self,
        ui: UserInterface,
        requests: Requests,
        rooms: JoinedRooms,
        wanted: Collection[str],
        tell: Callable[[str], object],
    ) -> None:
        self.secrets: Secrets = None
        self.secret_refused = False
        """Whether the last command that may ask for a secret was refused, so that what was typed after it is one."""
        self._ui = ui
        self._requests = requests
        self._rooms = rooms
        self._tell = tell
        self._held = HeldInput()
        self._destination = Destination(rooms, wanted)
        self._entered: Typed | None = None
        """What is being entered now."""
        self._room = ""
        self._live = self._ever_live = False
        self.waits: Callable[[], bool] = lambda: False
        """Whether nothing can be said yet: who does not own a registered nick is getting another one."""
        requests.typed_ahead, requests.settled = self._typed_ahead, self.release

    @property
    def hides(self) -> bool:
        """Whether what is typed now may be a secret."""
        return self._held.hides

    def __len__(self) -> int:
        return len(self._held)

    # The person.

    def type(self, text: str, room: str) -> None:
        """Take *text*, which was entered while *room* was shown as the current one."""
        # What is pasted where a password is expected is no block.
        parts = text.split("\n") if self._held.hides else [text]
        for part in parts:
            where = room if room and self._ever_live and not self._held.moving else None
            self._entered = Typed(part, where)
            if not self._held.keep(self._entered):
                self._requests.refuse(TooMany("Too much is waiting for the server; that was not kept."))
        self.release()
        self._entered = None

    def release(self) -> None:
        """Send what is held, up to the next line whose answer must come first."""
        while self._live and self._held.awaited is None and not (self._requests.asking or self.waits()):
            typed = self._held.take()
            if typed is None:
                return
            self._send(typed)

    def _send(self, typed: Typed) -> None:
        lines = trimmed_lines(typed.text)
        if not lines:
            return
        objection = self._objection(typed, lines)
        if objection:
            self._give_back(typed.text, objection)
        elif len(lines) > 1:
            self._requests.paste(lines, self._rooms.current)
        else:
            line = self._requests.line(lines[0], self._rooms.current)
            if line is not None:
                self._held.sent(line)

    def _objection(self, typed: Typed, lines: list[str]) -> str:
        """Say why *typed*, which has these *lines*, must not be sent; "": it may."""
        if len(lines) > 1:
            if any(line.startswith("/") and self._is_secret(line) for line in lines):
                return "Not sent: a line of it may hold a password. Type that line alone."
        elif leaves(lines[0]) or self._held.may_move(lines[0]) or (command_name(lines[0]) and not self._rooms.current):
            return ""
        again = self._ui.keeps_typed
        # Only Enter shows that they have seen the change, not what was held until now.
        return self._destination.objection(typed, again=again, seen=again and typed is self._entered)

    def _is_secret(self, line: str) -> bool:
        return self._held.may_ask(line) or holds_secret(line, self.secrets)

    def _give_back(self, text: str, why: str) -> None:
        if self._ui.keeps_typed:
            self._tell(f"-- {why}")
            self._ui.give_back(text)
        else:
            self._requests.refuse(BadInput(why))

    def _typed_ahead(self) -> str | None:
        typed = self._held.take()
        return typed.text if typed is not None else None

    # The server.

    def welcomed(self, welcome: Welcome) -> None:
        """Learn which commands hold secrets, ask for them, or move."""
        self.secrets, self._held.moves = welcome.secrets, welcome.moves
        self._held.asks = ASKS if welcome.asks is None else welcome.asks

    def go_live(self) -> None:
        """Send what was held until the rooms were known."""
        self.follow(asked=False)
        if not self._ever_live:
            self._destination.arrived()
        self._live = self._ever_live = True
        self.release()

    def go_offline(self) -> None:
        """Hold everything until the connection is back."""
        self._live = False

    def follow(self, *, asked: bool) -> None:
        """Note the current room, if it has changed; *asked*: the person asked for what changed it."""
        before, self._room = self._room, self._rooms.current
        if before != self._room:
            notice = self._destination.changed(before, asked=asked)
            if notice:
                self._tell(f"-- {notice}")

    def answered(self, ref: str, what: Event | Reply | None) -> None:
        """Note that *what* answers the line with this *ref*."""
        line = self._held.awaited
        # After the event that one has joined, the room itself follows.
        if line is None or line.ref != ref or (isinstance(what, Joined) and self._live):
            return
        self._held.awaited = None
        refused = isinstance(what, Refused)
        if self._held.may_move(line.text):
            self._destination.led(astray=refused)
        if self._held.may_ask(line.text):
            self.secret_refused = refused
            if self.secret_refused and self._typed_ahead() is not None:
                self.drop_secret()
        self.release()

    def drop_secret(self) -> None:
        """Say that what was typed after a refused command is not sent."""
        self._requests.refuse(BadInput("The line after it was not sent, because it may be a password."))
