"""Requests to the server: lines, pasted blocks and passwords, kept until they are answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chatroom.chat.events import Event
from chatroom.chat.refusals import Refusal, TooLong
from chatroom.chat.replies import PasswordWanted, Refused, Reply

from .outbox import Line, Outbox
from .paste import line_size, split_blocks
from .secrets import PasswordQuestion
from .ui_port import UserInterface


class Requests:
    """
    Sends what the person asks for.

    :param complain: tells the person what failed.
    :param send: sends a line if that is possible now; it waits in the outbox for its answer either way.
    """

    def __init__(self, ui: UserInterface, complain: Callable[[str], object], send: Callable[[Line], object]) -> None:
        self.outbox = Outbox()
        self.refusals = 0
        """How many lines were refused, here or by the server."""
        self._ui = ui
        self._complain = complain
        self._send = send
        self._question: PasswordQuestion | None = None
        self._declined: Callable[[], object] | None = None
        self._given: Callable[[str], object] | None = None
        self.typed_ahead: Callable[[], str | None] = lambda: None
        """Takes what was typed before a question could be shown; None: nothing."""
        self.settled: Callable[[], object] = lambda: None
        """Called when a question has been answered, or cancelled."""

    def line(self, text: str, room: str) -> Line | None:
        """Send *text*, as it was typed in *room*, for the server to parse; return None if it is refused here."""
        try:
            line_size(text)
        except Refusal as refusal:
            self.refuse(refusal)
            return None
        line = self.outbox.put(text, room, typed=self._ui.is_typed)
        self._send(line)
        return line

    def paste(self, lines: Sequence[str], room: str) -> None:
        """Say *lines* in *room* as they are: none of them is parsed as a command."""
        try:
            made = split_blocks(lines)
        except Refusal as refusal:
            self.refuse(refusal)
        else:
            for block in made:
                self._send(self.outbox.say(block, room))

    def unread(self, what: Event | Reply | None) -> str | None:
        """Return the ref of what the server refused as too long to read, so that it cannot say which; or None."""
        too_long = isinstance(what, Refused) and what.code == TooLong.code
        return self.outbox.longest() if too_long else None

    def refuse(self, refusal: Refusal) -> None:
        """Refuse a line without asking the server."""
        self.refusals += 1
        self._complain(f"!! {refusal}")

    # Passwords.

    def ask(self, values: Mapping[str, Any]) -> Line:
        """Send the command *values*."""
        line = self.outbox.ask(values)
        self._send(line)
        return line

    def want_password(
        self,
        wanted: PasswordWanted,
        declined: Callable[[], object] | None = None,
        given: Callable[[str], object] | None = None,
    ) -> None:
        """
        Ask for the password that the server wants, unless another one is being asked for.

        :param declined: called when none is given; without it, what was typed ahead is the answer.
        :param given: called with the password; without it, the command that wanted it is sent.
        """
        if self._question is None:
            self._declined, self._given = declined, given
            self._ask_for(PasswordQuestion(wanted, repeats=self._ui.repeats_passwords))

    @property
    def asking(self) -> bool:
        """Whether a password is being asked for."""
        return self._question is not None

    def give_password(self, password: str) -> None:
        """Take the answer to `UserInterface.want_password`; an empty one cancels."""
        question, self._question = self._question, None
        if question is not None and password:
            self._answer(question, password)
        elif question is not None and self._declined is not None:
            self._declined()
        if self._question is None:
            self.settled()

    def _answer(self, question: PasswordQuestion, password: str) -> None:
        try:
            command = question.answer(password)
        except ValueError as mistake:
            self._complain(f"!! {mistake}")
        else:
            if command is None:
                self._ask_for(question)
            elif self._given is not None:
                self._given(command["password"])
            else:
                self.ask(command)

    def _ask_for(self, question: PasswordQuestion) -> None:
        self._question = question
        # Nobody knew of a question at the hello when they typed what is held.
        typed = self.typed_ahead() if self._declined is None else None
        if typed is None:
            self._ui.want_password(question.prompt)
        else:
            self.give_password(typed)
