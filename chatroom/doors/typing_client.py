"""Typing client: the telnet commands of a person's terminal, and password prompts without an echo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatroom.chat.commands import Command
from chatroom.chat.refusals import Refusal
from chatroom.chat.replies import Notice, PasswordWanted
from chatroom.dialects.sanitize import decode_typed
from chatroom.dialects.telnet import SavedTelnet, Telnet

from .password_prompt import NONE_GIVEN, given

if TYPE_CHECKING:
    from .outlets.stream import StreamOutlet


@dataclass(frozen=True, slots=True)
class SavedClient:
    """The state of a `TypingClient`; a pending prompt has passwords in it."""

    telnet: SavedTelnet
    speaks_telnet: bool
    wanted: PasswordWanted | None


class TypingClient:
    """
    The client's terminal.

    It is created once a telnet command has come, or a password has been asked for.

    :param negotiates: whether it may be telnet, so that it is asked to hide a password.
    """

    __slots__ = ("_negotiates", "_outlet", "_telnet", "speaks_telnet", "wanted")

    def __init__(self, outlet: StreamOutlet, *, negotiates: bool = True) -> None:
        self._outlet = outlet
        self._negotiates = negotiates
        self._telnet = Telnet()
        self.speaks_telnet = False
        """Whether a telnet command has been received, so this is not nc."""
        self.wanted: PasswordWanted | None = None
        """The pending password prompt."""

    def saved(self) -> SavedClient:
        """Return the state, for `restore`."""
        return SavedClient(self._telnet.saved(), self.speaks_telnet, self.wanted)

    def restore(self, saved: SavedClient) -> None:
        """Continue in another one's state, with the same connection: nothing is written."""
        self._telnet.restore(saved.telnet)
        self.speaks_telnet, self.wanted = saved.speaks_telnet, saved.wanted

    @property
    def left(self) -> bool:
        """Whether the person pressed a key that quits, such as Ctrl-C; nothing after it is read."""
        return self._telnet.left

    def read(self, data: bytes) -> bytes:
        """Remove telnet commands from *data*, and answer them."""
        text, answer = self._telnet.receive(data)
        if answer:
            self._outlet.write(answer)
        return text

    def ask(self, wanted: PasswordWanted) -> None:
        """Treat the next line as a password; the question follows."""
        if self.left:
            # The next line makes that visible.
            return
        self.wanted = wanted
        if not self._negotiates:
            return
        hide = self._telnet.hide()
        # nc shows these bytes as they are, and then the question over them.
        self._outlet.write(hide if self.speaks_telnet else hide + b"\r")

    def forget(self) -> None:
        """Stop asking, and show what is typed again."""
        self.wanted = None
        show = self._telnet.show()
        if show:
            self._outlet.write(show + b"\r\n")

    def answer(self, line: bytes) -> Command | Refusal | None:
        """Make the command that wanted the password *line*; None if no password was given."""
        wanted = self.wanted
        assert wanted is not None
        try:
            outcome = given(wanted, decode_typed(line))
        except Refusal as refusal:
            self.forget()
            return refusal
        if isinstance(outcome, PasswordWanted):
            self._ask_next(outcome)
            return None
        self.forget()
        if outcome is None:
            self._outlet.reply(Notice(NONE_GIVEN))
        return outcome

    def _ask_next(self, wanted: PasswordWanted) -> None:
        """Ask for what is still missing; what is typed stays hidden."""
        if self.speaks_telnet:
            self._outlet.write(b"\r\n")
        self._outlet.reply(wanted)
