"""The user interface on a terminal: a prompt below the incoming lines, a status line, colours and a bell."""

from __future__ import annotations

import sys

from prompt_toolkit import PromptSession
from prompt_toolkit.document import Document
from prompt_toolkit.history import DummyHistory, InMemoryHistory
from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.shortcuts import CompleteStyle

from chatroom.dialects.sanitize import clean

from ..conversation import Conversation
from ..secrets import holds_secret
from ..ui_port import ConnectionState, UserInterface
from .chat_keys import chat_keys
from .colours import colour_line
from .completion import ChatCompleter
from .status import status
from .wrap import wrap_line


class History(InMemoryHistory):
    """
    The history of typed lines, without passwords; only in memory, because private messages are in it.

    :param conversation: knows which commands have one.
    """

    def __init__(self, conversation: Conversation) -> None:
        super().__init__()
        self._conversation = conversation

    def append_string(self, string: str) -> None:
        """Keep *string*, if it may be kept."""
        if not holds_secret(string, self._conversation.secrets):
            super().append_string(string)


class Terminal(UserInterface):
    """
    Lets a person chat at a terminal.

    :param where: the server's address, for people.
    :param coloured: whether to colour anything.
    """

    def __init__(self, where: str, *, coloured: bool) -> None:
        self._where = where
        self._coloured = coloured
        self._plain = False
        self._conversation: Conversation | None = None
        self._lines: PromptSession[str] | None = None
        self._prompt: PromptSession[str] | None = None
        """The prompt that is shown: for lines, or for a password."""
        self._half_typed = Document()
        self._question = ""
        self._ended = False

    async def run(self, conversation: Conversation) -> None:
        """Read lines from the person until the conversation is over."""
        self._conversation = conversation
        lines: PromptSession[str] = PromptSession(
            message=self._invitation,
            history=History(conversation),
            completer=ChatCompleter(conversation),
            complete_style=CompleteStyle.READLINE_LIKE,
            complete_while_typing=False,
            bottom_toolbar=None if self._plain else self._status,
            key_bindings=chat_keys(conversation, conversation.go, self.show),
            erase_when_done=True,
            reserve_space_for_menu=0,
        )
        self._lines = lines
        with patch_stdout(raw=True):
            while not self._ended:
                if self._question:
                    await self._read_password(conversation)
                else:
                    await self._read(conversation, lines)

    async def _read(self, conversation: Conversation, lines: PromptSession[str]) -> None:
        text = await self._ask(lines, self._half_typed)
        self._half_typed = Document()
        if text is not None:
            conversation.type(text)
        elif self._question:
            # It comes back after the question.
            self._half_typed = lines.default_buffer.document
        elif not self._ended:
            conversation.leave()

    async def _read_password(self, conversation: Conversation) -> None:
        # A separate prompt, so that its history, undo and clipboard disappear with it.
        prompt: PromptSession[str] = PromptSession(
            message=self._question,
            is_password=True,
            history=DummyHistory(),
            bottom_toolbar=None if self._plain else self._status,
            interrupt_exception=EOFError,
            erase_when_done=True,
            reserve_space_for_menu=0,
        )
        password = await self._ask(prompt, Document())
        self._question = ""
        conversation.requests.give_password(password or "")

    async def _ask(self, prompt: PromptSession[str], text: Document) -> str | None:
        """Show *prompt* with *text* in it; return what was entered, or None."""
        self._prompt = prompt
        try:
            # The reactor handles signals.
            return await prompt.prompt_async(default=text, pre_run=self._close_prompt, handle_sigint=False)
        except EOFError:
            return None

    # What the conversation calls.

    def show(self, line: str) -> None:
        """Print one line above the prompt."""
        line = clean(line)
        me = self._conversation.nick if self._conversation is not None else ""
        if self._plain:
            print(line)
        else:
            print("\n".join(wrap_line(colour_line(line, me) if self._coloured else line, self._columns)))

    def complain(self, line: str) -> None:
        """Print a line about an error above the prompt."""
        self.show(line)

    def ring(self) -> None:
        """Ring the bell."""
        self.escape("\a")

    def escape(self, sequence: str) -> None:
        """Send *sequence* to the terminal, between the lines."""
        sys.stdout.write(sequence)
        sys.stdout.flush()

    def want_password(self, question: str) -> None:
        """Ask with a prompt that hides what is typed; a half-typed line comes back afterwards."""
        self._question = clean(question)
        self._close_prompt()

    def prefer(self, *, coloured: bool | None, plain: bool) -> None:
        """Switch colours and the status line on or off."""
        self._coloured = self._coloured if coloured is None else coloured
        self._plain = plain
        if self._lines is not None:
            self._lines.bottom_toolbar = None if plain else self._status

    def clear(self) -> None:
        """Clear the screen, and have the prompt at its top."""
        if self._prompt is None:
            return
        if self._prompt.app.is_running:
            self._prompt.app.renderer.clear()
        else:
            # Nobody would read the terminal's answer to the question where the cursor is, which that asks.
            output = self._prompt.app.output
            output.erase_screen()
            output.cursor_goto(0, 0)
            output.flush()

    def changed(self) -> None:
        """Redraw the status line."""
        if self._prompt is not None:
            self._prompt.app.invalidate()

    def end(self) -> None:
        """Close the prompt."""
        self._ended = True
        self._close_prompt()

    def _close_prompt(self) -> None:
        """Close the prompt if another one should be shown now, or none."""
        prompt = self._prompt
        if prompt is None or not (self._ended or (self._question and prompt is self._lines)):
            return
        future = prompt.app.future
        if future is not None and not future.done():
            prompt.app.exit(exception=EOFError)

    # What the prompt shows.

    def _invitation(self) -> str:
        talk = self._conversation
        if talk is not None and talk.state is ConnectionState.ASKING:
            return "Your nick: "
        if talk is None or not talk.rooms.current:
            return "> "
        return f"{clean(talk.activity.name(talk.rooms.current))}> "

    def _status(self) -> str:
        if self._conversation is None:
            return ""
        return status(self._conversation, self._where, self._columns)

    @property
    def _columns(self) -> int:
        return self._prompt.app.output.get_size().columns if self._prompt is not None else 0
