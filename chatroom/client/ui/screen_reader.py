"""The user interface for screen readers: lines in, lines out, and nothing is ever redrawn."""

from __future__ import annotations

from collections.abc import Callable

from chatroom.chat.refusals import Refusal
from chatroom.dialects.sanitize import clean, decode

from ..conversation import Conversation
from ..ui_port import ConnectionState
from .pipe import MAX_UNANSWERED, Pipe


class ScreenReader(Pipe):
    """
    Lets a person chat line by line.

    Unlike `Pipe` it waits for a server that went away, takes lines meanwhile, and asks for another nick and
    for passwords.

    :param echo: switches the echo of the terminal; None: there is no terminal.
    """

    def __init__(self, echo: Callable[[bool], object] | None) -> None:
        super().__init__(self.show)
        self._echo = echo
        self._asks_password = False
        self._asked_nick = False

    @property
    def status(self) -> int:
        """The exit status: 0 unless the conversation failed; the person has seen every refusal."""
        return int(self._conversation is None or self._conversation.failed)

    # What the conversation calls.

    def want_password(self, question: str) -> None:
        """Take the next line as the password, and hide it."""
        if self._echo is None:
            super().want_password(question)
        else:
            self.show(f"{clean(question)}please type it now. It is not shown; an empty line cancels.")
            self._asks_password = True
            self._echo(False)

    def ring(self) -> None:
        """Ring the bell, if there is a terminal."""
        self.escape("\a")

    def escape(self, sequence: str) -> None:
        """Send *sequence* to the terminal, if there is one."""
        if self._echo is not None and not self._closed:
            self.transport.write(sequence.encode())

    def changed(self) -> None:
        """Ask for another nick if necessary, and send more lines if possible."""
        talk = self._conversation
        asks = talk is not None and talk.state is ConnectionState.ASKING
        if asks and not self._asked_nick:
            self.show("Please type another nick.")
        self._asked_nick = asks
        self._send()

    def end(self) -> None:
        """Restore the terminal, and stop."""
        self._show_typing()
        super().end()

    # Standard input.

    def _takes(self, talk: Conversation) -> bool:
        return talk.state is not ConnectionState.ENDED and len(talk.outbox) < MAX_UNANSWERED

    def _type(self, talk: Conversation, line: bytes) -> None:
        if not self._asks_password:
            super()._type(talk, line)
            return
        self._show_typing()
        try:
            talk.requests.give_password(decode(line.removesuffix(b"\r")))
        except Refusal as refusal:
            talk.requests.give_password("")
            talk.requests.refuse(refusal)

    def _show_typing(self) -> None:
        if self._asks_password and self._echo is not None:
            self._asks_password = False
            self._echo(True)
