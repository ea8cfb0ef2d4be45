"""The client on a terminal: a prompt that incoming lines leave alone, a status line, colours and a bell."""

from __future__ import annotations

import sys
from collections.abc import Callable

from prompt_toolkit import PromptSession
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.shortcuts import CompleteStyle

from chatroom.dialects.clean import clean

from .completion import ChatCompleter
from .conversation import Conversation
from .face import Face, State
from .paint import paint


class Screen(Face):
    """
    The face of a conversation whose person sits at a terminal.

    :param where: the server's address, for people.
    :param coloured: whether to colour anything.
    """

    def __init__(self, where: str, *, coloured: bool) -> None:
        self._where = where
        self._coloured = coloured
        self._conversation: Conversation | None = None
        self._prompt: PromptSession[str] | None = None
        self._ended = False
        self._wake: Callable[[], object] = lambda: None

    async def run(self, conversation: Conversation) -> None:
        """Read lines from the person until the conversation is over."""
        # The history stays in memory: private messages are typed here too.
        self._conversation = conversation
        self._prompt = PromptSession(
            message=self._invitation,
            history=InMemoryHistory(),
            completer=ChatCompleter(conversation),
            complete_style=CompleteStyle.READLINE_LIKE,
            complete_while_typing=False,
            bottom_toolbar=self._status,
            key_bindings=_keys(),
            erase_when_done=True,
            reserve_space_for_menu=0,
        )
        with patch_stdout(raw=True):
            while not self._ended:
                await self._read(conversation, self._prompt)

    async def _read(self, conversation: Conversation, prompt: PromptSession[str]) -> None:
        try:
            # Signals are the reactor's to take.
            text = await prompt.prompt_async(pre_run=self._stop_if_ended, handle_sigint=False)
        except EOFError:
            if not self._ended:
                conversation.leave()
            return
        # What was pasted may be several lines.
        for line in text.splitlines():
            conversation.type(line)

    # What the conversation tells.

    def show(self, line: str) -> None:
        """Print one line above the prompt."""
        line = clean(line)
        me = self._conversation.nick if self._conversation is not None else ""
        print(paint(line, me) if self._coloured else line)

    def complain(self, line: str) -> None:
        """Print a line about trouble above the prompt."""
        self.show(line)

    def ring(self) -> None:
        """Sound the bell."""
        sys.stdout.write("\a")
        sys.stdout.flush()

    def changed(self) -> None:
        """Draw the status line anew."""
        if self._prompt is not None:
            self._prompt.app.invalidate()

    def end(self) -> None:
        """Let the prompt go."""
        self._ended = True
        self._stop_if_ended()

    def _stop_if_ended(self) -> None:
        if not self._ended or self._prompt is None:
            return
        future = self._prompt.app.future
        if future is not None and not future.done():
            self._prompt.app.exit(exception=EOFError)

    # What the prompt shows.

    def _invitation(self) -> str:
        talk = self._conversation
        if talk is not None and talk.state is State.ASKING:
            return "Your nick: "
        return f"#{talk.where.current}> " if talk is not None and talk.where.current else "> "

    def _status(self) -> str:
        talk = self._conversation
        if talk is None:
            return ""
        parts = [talk.nick]
        if talk.where.current:
            people = len(talk.where.here)
            parts += [f"#{talk.where.current}", f"{people:,} {'person' if people == 1 else 'people'}"]
        state = "saying goodbye" if talk.leaving else talk.state.value
        parts.append(f"{state}{' to' if talk.state is not State.ASKING else ','} {self._where}")
        waiting = len(talk.outbox)
        if waiting and talk.state is not State.LIVE:
            parts.append(f"{waiting:,} {'line' if waiting == 1 else 'lines'} waiting")
        return clean(" " + " · ".join(parts))


def _keys() -> KeyBindings:
    keys = KeyBindings()

    @keys.add("c-c")
    def clear(event: KeyPressEvent) -> None:
        """Start the line anew."""
        event.current_buffer.reset()

    return keys
