"""The client for a screen reader: lines in, lines out, and nothing that is ever drawn again."""

from __future__ import annotations

from collections.abc import Callable

from chatroom.chat.refusals import Refusal
from chatroom.dialects.sanitize import clean, decode

from ..conversation import Conversation
from ..ui_port import ConnectionState
from .pipe import MAX_UNANSWERED, Pipe


class ScreenReader(Pipe):
    """
    The face of a person whose terminal, or whatever reads it out, shows each line once.

    Unlike a pipeline's, theirs waits for a server that went away, takes lines meanwhile, and asks:
    for another nick, and for a password.

    :param echo: switches the terminal's echo; None: what is typed does not come from a terminal.
    """

    def __init__(self, echo: Callable[[bool], object] | None) -> None:
        super().__init__(self.show)
        self._echo = echo
        self._asks_password = False
        self._asked_nick = False

    @property
    def status(self) -> int:
        """The exit status: 0 if nothing went wrong but what the person saw themselves."""
        return int(self._conversation is None or self._conversation.failed)

    # What the conversation tells.

    def want_password(self, question: str) -> None:
        """Take the next line for it, and hide that."""
        if self._echo is None:
            super().want_password(question)
        else:
            self.show(f"{clean(question)}please type it now. It is not shown, and an empty line cancels.")
            self._asks_password = True
            self._echo(False)

    def ring(self) -> None:
        """Sound the bell, if there is a terminal to do it."""
        if self._echo is not None and not self._closed:
            self.transport.write(b"\a")

    def changed(self) -> None:
        """Ask for another nick, or send on."""
        talk = self._conversation
        asks = talk is not None and talk.state is ConnectionState.ASKING
        if asks and not self._asked_nick:
            self.show("Please type another nick.")
        self._asked_nick = asks
        self._send()

    def end(self) -> None:
        """Leave the terminal as it was."""
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
            talk.requests.confide(decode(line.removesuffix(b"\r")))
        except Refusal as refusal:
            talk.requests.confide("")
            talk.requests.refuse(refusal)

    def _show_typing(self) -> None:
        if self._asks_password and self._echo is not None:
            self._asks_password = False
            self._echo(True)
