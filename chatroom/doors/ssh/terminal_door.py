"""The door for SSH clients with a terminal: a line to type in, and above it what happens."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from chatroom.chat.command_table import Command, secrets
from chatroom.chat.commands import parse_line
from chatroom.chat.commands.typed import SLASHES
from chatroom.chat.refusals import Refusal
from chatroom.chat.replies import Notice, PasswordWanted, Preferences
from chatroom.chat.session import Session
from chatroom.dialects.base import Decoded
from chatroom.dialects.sanitize import clean_lines
from chatroom.doors.door import TURN
from chatroom.doors.outlets.stream import StreamOutlet
from chatroom.doors.password_prompt import NONE_GIVEN, given, is_new
from chatroom.doors.typed_ahead import TypingDoor
from chatroom.terminal.actions import Action, Answer, Block, EndOfInput, Interrupt, Line, TooLong
from chatroom.terminal.colours import colour_line, has_colours
from chatroom.terminal.completion import Completion
from chatroom.terminal.editor import LineEditor

from . import status_command
from .channel import Pty, SessionChannel
from .coming_in import ComeIn
from .environment import dialects_in, other_charset, rooms_of, zone_of
from .identity import Identity
from .status_lines import StatusLines, prompt_of, status_of
from .tab_completion import complete
from .terminal_outlet import TerminalOutlet

_MAX_KEYS = 1024
"""Bytes of keys that are looked at in one reactor turn, in some 5 ms at most, while little is typed."""

_SHORT = 128
"""Characters that are typed for which a key costs twice as much: many keys go through them all."""

_KEYS_LINES, _KEY_LINES, _DRAWN_LINES = 8.0, 0.25, 1 / 400
"""Cost of all those keys in lines, the least of any, and that of drawing a character that is typed."""

_DRAWN_BYTES = 1 / 16
"""What drawing a character that is typed costs in bytes: some 1 µs."""

_TAB_LINES = 2.0
"""Cost of completing a word, in lines: among ten thousand people it takes a millisecond."""

_OTHER_CHARSET = "Your locale says that this terminal has {}; everything here is UTF-8."

_AGAIN = "Once more: "
"""The question after a new password, which nobody has seen."""

_NO_MATCH = "The passwords don't match; nothing has changed."


@implementer(IHalfCloseableProtocol)
class TerminalDoor(TypingDoor, Protocol):
    """
    One session at a terminal.

    What was typed is shown once it is stored, as everything else is.
    """

    transport: SessionChannel
    factory: Any
    _outlet: TerminalOutlet
    _session: Session

    def __init__(self, factory: Any, identity: Identity, status_lines: StatusLines) -> None:
        super().__init__(factory)
        self._identity = identity
        self._status_lines = status_lines
        self._typed: deque[str] = deque()
        """Lines and blocks that are still to be run."""
        self._unread = b""
        """Keys that are left for later turns."""
        self._wanted: PasswordWanted | None = None
        self._first = ""
        """A new password that has been given once."""
        self._status = True
        self._shown: tuple[str, str | None] = ("", None)
        """The prompt and the status line that are shown."""
        self._completed = False
        """Whether a word was completed in this turn: another one must wait for the next."""

    def connectionMade(self) -> None:
        """Show a prompt, connect a session, and come in."""
        pty, environment = self._pty, self.transport.environment
        self._coloured = self._has_colours = has_colours({"TERM": pty.term, **environment})
        self.plain = self._dumb = pty.term in ("", "dumb", "unknown")
        self._editor = LineEditor(
            columns=pty.columns,
            rows=pty.rows,
            completer=self._complete,
            limit=self.factory.hub.core.limits.line,
            keeps=_may_be_kept,
            plain=self._dumb,
            reflows=pty.term != "linux",
        )
        self.open()
        charset = other_charset(environment)
        if charset:
            self._outlet.reply(Notice(_OTHER_CHARSET.format(charset)))
        self._run(Decoded(ComeIn(self._identity, rooms_of(environment))))

    @property
    def _pty(self) -> Pty:
        pty = self.transport.pty
        assert pty is not None, "this door is for terminals"
        return pty

    def _make_outlet(self) -> StreamOutlet:
        factory, zone = self.factory, zone_of(self.transport.environment)
        dialects = dialects_in(zone, visible="")
        return TerminalOutlet(self.transport, self, dialects, factory.name, factory.resumes, factory.typed, zone=zone)

    @property
    def secure(self) -> bool:
        """Whether the connection is private: always."""
        return True

    # Input.

    def dataReceived(self, data: bytes) -> None:
        """Take the keys in *data*, some per turn."""
        self._unread += data
        if not self._waits:
            self._press_some()
        self._charge_bytes(len(data))

    def _press_some(self) -> None:
        most = 1 + _MAX_KEYS // (1 + self._editor.length // _SHORT)
        keys, self._unread = self._unread[:most], self._unread[most:]
        self._press(keys)
        self._let_others(_KEYS_LINES * len(keys) / most)

    def _let_others(self, lines: float) -> None:
        """Let others have their turn after *lines* lines' worth of work, and after drawing what is typed."""
        drawn = self._editor.length
        self._unpaid += int(drawn * _DRAWN_BYTES)
        if not self._session.gone:
            self._wait_for_turn(max(_KEY_LINES, lines + drawn * _DRAWN_LINES))

    def _press(self, keys: bytes) -> None:
        self._completed = False
        for action in self._editor.receive(keys):
            if self._session.gone:
                return
            self._act(action)
        self._run_typed()
        self._draw()

    def _act(self, action: Action) -> None:
        if isinstance(action, (Line, Block)):
            self._typed.append(action.text)
        elif isinstance(action, Answer):
            self._answer(action.text)
        elif isinstance(action, (Interrupt, EndOfInput)) and self._wanted is not None:
            self._answer("")
        elif isinstance(action, (Interrupt, EndOfInput)):
            self._typed.append("exit")
        elif isinstance(action, TooLong):
            self._editor.show(f"!! That has more than {self.factory.hub.core.limits.line} bytes; it was not taken.")

    def _run_typed(self) -> None:
        while self._typed and not (self._waits or self._session.gone):
            typed = self._typed.popleft()
            if self._wanted is not None:
                # It was typed ahead, as a line that may be recalled.
                self._editor.forget(typed)
                self._answer(typed)
                continue
            text = clean_lines(typed)
            words = text.lower().split()
            if words[:1] == [status_command.NAME]:
                self._switch_status(words[1:])
                continue
            if status_command.asks_for_help(words):
                self._outlet.reply(status_command.EXPLAINED)
                continue
            try:
                decoded = Decoded(parse_line(text))
            except Refusal as refusal:
                decoded = Decoded(refusal)
            checked = self._without_secret(decoded)
            if checked is not decoded:
                self._editor.forget(typed)
            self._run(checked)

    def _switch_status(self, words: Sequence[str]) -> None:
        switch = {(): not self._status, ("on",): True, ("off",): False}.get(tuple(words))
        if switch is None:
            self._outlet.reply(Notice(f"Usage: {status_command.USAGE}"))
        else:
            self._status = switch

    def ask(self, wanted: PasswordWanted) -> None:
        """Ask for a password; nothing of it is shown."""
        self._wanted = wanted

    def _answer(self, password: str) -> None:
        wanted, self._wanted = self._wanted, None
        first, self._first = self._first, ""
        if wanted is None:
            self._editor.ask(None)
            return
        if password and not first and is_new(wanted):
            self._wanted, self._first = wanted, password
            self._editor.ask(_AGAIN)
            return
        if first and password != first:
            self._editor.ask(None)
            self._outlet.reply(Notice(_NO_MATCH))
            return
        command: Command | Refusal | PasswordWanted | None
        try:
            command = given(wanted, password)
        except Refusal as refusal:
            command = refusal
        if isinstance(command, PasswordWanted):
            self._outlet.reply(command)
            return
        self._editor.ask(None)
        if command is None:
            self._outlet.reply(Notice(NONE_GIVEN))
        else:
            self._run(Decoded(command))

    def _complete(self, text: str, cursor: int) -> Completion | None:
        if self._completed or not self.named:
            return None
        self._completed = True
        self._charge_lines(int(_TAB_LINES))
        return complete(self.factory.hub, self._session, text, cursor)

    # Output.

    def show(self, text: bytes) -> None:
        """Show *text* above the line that is being typed; a question becomes the prompt."""
        shown = text.decode()
        if self._wanted is not None and not shown.endswith("\n"):
            self._editor.ask(f"{shown.removeprefix('-- ')}")
            self._draw()
            return
        if "\a" in shown:
            self._editor.ring()
        lines = shown.removesuffix("\n")
        if self._coloured and "\x1b" not in lines:
            me = self._session.person.nick
            lines = "\n".join([colour_line(line, me) for line in lines.split("\n")])
        self._editor.show(lines)
        self._draw()

    def prefer(self, preferences: Preferences) -> None:
        """Write for a screen reader, or not."""
        self.plain = self._dumb or preferences.plain
        self._editor.plain(self.plain)
        self._coloured = self._has_colours and not preferences.plain

    def count_again(self) -> None:
        """Show soon how many people there are."""
        self._status_lines.add(self)

    def redraw(self) -> None:
        """Show what has changed meanwhile."""
        if not self._session.gone:
            self._draw()

    def resized(self) -> None:
        """Adapt to the new size of the terminal; if it changes again in this turn, only the last one is drawn."""
        self._editor.resize(self._pty.columns, self._pty.rows)
        if not self._waits & TURN:
            self._draw()
            self._let_others(0.0)

    def _draw(self) -> None:
        """Write what has changed on the screen."""
        shown = prompt_of(self._session), status_of(self._session) if self._status else None
        if shown != self._shown:
            if shown[0] != self._shown[0]:
                self._editor.set_prompt(shown[0])
            if shown[1] != self._shown[1]:
                self._editor.set_status(shown[1])
            self._shown = shown
        data = self._editor.take()
        if data:
            self.transport.write(data)

    # Flow control.

    def pauseProducing(self) -> None:
        """Stop reading."""
        self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """Run what was typed meanwhile, and read on."""
        self.transport.resumeProducing()
        self._read_on()

    def _read_on(self) -> None:
        if self._unread:
            self._press_some()
        else:
            self._press(b"")

    # The end.

    def hang_up(self) -> None:
        """Leave the terminal clean, and close."""
        self.transport.write(self._editor.take() + self._editor.close())
        super().hang_up()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Disconnect the session."""
        self._typed.clear()
        self._unread = b""
        super().connectionLost(reason)


def _may_be_kept(line: str) -> bool:
    """Return whether *line* may be in the history: not if it holds a password or a key."""
    words = line.split()
    if not words or words[0][:1] not in SLASHES:
        return True
    first = secrets().get(f"/{words[0][1:].lower()}")
    return first is None or len(words) <= first
