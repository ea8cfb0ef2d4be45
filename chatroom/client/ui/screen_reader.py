"""The user interface for screen readers: lines in, lines out, and nothing is ever redrawn."""

from __future__ import annotations

from collections.abc import Callable

from chatroom.dialects.sanitize import clean

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
        # Without a terminal nobody is here to press Enter again, or to mistype anything.
        self.keeps_typed = self.repeats_passwords = self.answers_at_hello = self.is_typed = echo is not None
        self._echoes = True
        self._asked_nick = False
        self._given_back = ""

    @property
    def status(self) -> int:
        """The exit status: 0 unless the conversation failed; the person has seen every refusal."""
        return int(self._conversation is None or self._conversation.failed)

    # What the conversation calls.

    def want_password(self, question: str) -> None:
        """Take the next line as the password, and hide it."""
        if self._echo is not None:
            self.show(f"{clean(question)}please type it now. It is not shown; an empty line cancels.")
        super().want_password(question)
        self._show_typing()

    def give_back(self, text: str) -> None:
        """Keep *text*, which an empty line enters again."""
        self._given_back = text

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
        self._show_typing()
        self._send()

    def end(self) -> None:
        """Restore the terminal, and stop."""
        self._asks_password = False
        self._show_typing()
        super().end()

    # Standard input.

    def _takes(self, talk: Conversation) -> bool:
        return talk.state is not ConnectionState.ENDED and talk.waiting < MAX_UNANSWERED

    def _give_password(self, talk: Conversation, line: bytes) -> None:
        super()._give_password(talk, line)
        self._show_typing()

    def _enter(self, talk: Conversation, line: bytes) -> None:
        given_back, self._given_back = self._given_back, ""
        super()._enter(talk, line if line.strip() or not given_back else given_back.encode())

    def _show_typing(self) -> None:
        """Let the terminal show what is typed, unless it may be a secret."""
        talk = self._conversation
        shows = not (
            self._asks_password or (talk is not None and talk.state is not ConnectionState.ENDED and talk.typed.hides)
        )
        if self._echo is not None and shows is not self._echoes:
            self._echoes = shows
            self._echo(shows)
