"""The user interface on a terminal: a prompt below the incoming lines, a status line, colours and a bell."""

from __future__ import annotations

import sys
from enum import Enum, auto

from prompt_toolkit import PromptSession
from prompt_toolkit.document import Document
from prompt_toolkit.history import DummyHistory, InMemoryHistory
from prompt_toolkit.input import Input
from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.shortcuts import CompleteStyle

from chatroom.dialects.sanitize import clean
from chatroom.terminal.colours import colour_line
from chatroom.terminal.wrap import wrap_line

from ..conversation import Conversation
from ..secrets import holds_secret
from ..ui_port import ConnectionState, UserInterface
from .chat_keys import chat_keys
from .completion import ChatCompleter
from .keys import enter_key
from .status import status
from .suspension import Suspension
from .terminal_mode import TerminalMode


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
        if not holds_secret(string, self._conversation.typed.secrets):
            super().append_string(string)


class _Kind(Enum):
    """The kinds of prompts."""

    LINES = auto()
    HIDDEN = auto()
    """For what may be a password, until the server says whether it is."""
    PASSWORD = auto()


class Terminal(UserInterface):
    """
    Lets a person chat at a terminal.

    :param where: the server's address, for people.
    :param mode: the settings of the terminal; None: it has none.
    :param keyboard: where keys come from; None: as prompt_toolkit finds it.
    :param coloured: whether to colour anything.
    """

    keeps_typed = True

    def __init__(
        self, where: str, mode: TerminalMode | None = None, keyboard: Input | None = None, *, coloured: bool
    ) -> None:
        self._where = where
        self._suspension = Suspension(mode)
        self._keyboard = keyboard
        self._coloured = coloured
        self._plain = False
        self._conversation: Conversation | None = None
        self._lines: PromptSession[str] | None = None
        self._prompt: PromptSession[str] | None = None
        """The prompt that is shown."""
        self._kind = _Kind.LINES
        self._half_typed = Document()
        self._half_hidden = Document()
        """What was typed at the hidden prompt when it was closed."""
        self._closed = False
        """Whether the prompt was closed because another one is to be shown, not by the person."""
        self._question = ""
        self._room = ""
        """The room that the prompt shows."""
        self._room_at_enter = ""
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
            key_bindings=self._suspension.keys(
                chat_keys(conversation, self._go, self.show), enter_key(self._note_room)
            ),
            input=self._keyboard,
            erase_when_done=True,
            reserve_space_for_menu=0,
        )
        self._lines = lines
        self._suspension.begin()
        with patch_stdout(raw=True):
            while not self._ended:
                self._kind = self._wanted_kind(conversation)
                if self._kind is _Kind.PASSWORD:
                    await self._read_password(conversation)
                elif self._kind is _Kind.HIDDEN:
                    await self._read_hidden(conversation)
                else:
                    await self._read(conversation, lines)

    def _wanted_kind(self, conversation: Conversation) -> _Kind:
        if self._question:
            return _Kind.PASSWORD
        return _Kind.HIDDEN if conversation.typed.hides else _Kind.LINES

    async def _read(self, conversation: Conversation, lines: PromptSession[str]) -> None:
        text = await self._ask(lines, self._half_typed)
        self._half_typed = Document()
        if text is not None:
            conversation.type(text, self._room_at_enter)
        elif self._closed:
            # It comes back after the question.
            self._half_typed = lines.default_buffer.document
        else:
            conversation.leave()

    async def _read_hidden(self, conversation: Conversation) -> None:
        prompt = self._hidden("Waiting for the server: ")
        text = await self._ask(prompt, Document())
        if text is None and not self._closed:
            conversation.leave()
        elif text is None and self._question:
            self._half_hidden = prompt.default_buffer.document
        elif text is None:
            self.give_back(prompt.default_buffer.text)
        elif self._question:
            # The question came while Enter was pressed.
            self._question = ""
            conversation.requests.give_password(text)
        elif conversation.typed.secret_refused and not conversation.typed.hides:
            conversation.typed.drop_secret()
        else:
            conversation.type(text)

    async def _read_password(self, conversation: Conversation) -> None:
        text, self._half_hidden = self._half_hidden, Document()
        password = await self._ask(self._hidden(self._question), text)
        self._question = ""
        conversation.requests.give_password(password or "")

    def _hidden(self, message: str) -> PromptSession[str]:
        # A separate prompt, so that its history, undo and clipboard disappear with it.
        return PromptSession(
            message=message,
            is_password=True,
            history=DummyHistory(),
            bottom_toolbar=None if self._plain else self._status,
            key_bindings=self._suspension.keys(),
            interrupt_exception=EOFError if self._question else _Discarded,
            input=self._keyboard,
            erase_when_done=True,
            reserve_space_for_menu=0,
        )

    async def _ask(self, prompt: PromptSession[str], text: Document) -> str | None:
        """Show *prompt* with *text* in it; return what was entered, or None."""
        self._prompt, self._closed = prompt, False
        self._suspension.follow(prompt)
        try:
            # The reactor handles signals.
            return await prompt.prompt_async(default=text, pre_run=self._close_prompt, handle_sigint=False)
        except EOFError:
            return None
        except _Discarded:
            return ""

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
        """Redraw the status line, and show another prompt if one is due."""
        self._close_prompt()
        if self._prompt is not None:
            self._prompt.app.invalidate()

    def give_back(self, text: str) -> None:
        """Put *text* back into the prompt, before what is half typed."""
        buffer = self._lines.default_buffer if self._lines is not None and self._prompt is self._lines else None
        if buffer is not None and self._lines is not None and self._lines.app.is_running:
            buffer.document = _joined(text, buffer.text)
        else:
            self._half_typed = _joined(self._half_typed.text, text)

    def end(self) -> None:
        """Close the prompt."""
        self._ended = True
        self._close_prompt()

    def _close_prompt(self) -> None:
        """Close the prompt if another one should be shown now, or none."""
        prompt, conversation = self._prompt, self._conversation
        if prompt is None or conversation is None:
            return
        wanted = self._wanted_kind(conversation)
        if not self._ended and (wanted is self._kind or (wanted is _Kind.LINES and self._may_be_secret(conversation))):
            return
        future = prompt.app.future
        if future is not None and not future.done():
            self._closed = True
            prompt.app.exit(exception=EOFError)

    def _may_be_secret(self, conversation: Conversation) -> bool:
        """Whether what is half typed is a password that nobody asked for; it must not be shown."""
        prompt = self._prompt
        return bool(
            prompt and prompt.default_buffer.text and self._kind is _Kind.HIDDEN and conversation.typed.secret_refused
        )

    def _go(self, place: str | None) -> None:
        """Go to *place*, because of a key: whoever presses it knows where they are before the prompt is redrawn."""
        if self._conversation is not None:
            self._conversation.go(place)
            self._room = self._conversation.rooms.current

    def _note_room(self) -> None:
        self._room_at_enter = self._room

    # What the prompt shows.

    def _invitation(self) -> str:
        talk = self._conversation
        if talk is not None and talk.state is ConnectionState.ASKING:
            return "Your nick: "
        self._room = talk.rooms.current if talk is not None else ""
        return f"{clean(talk.activity.name(self._room))}> " if talk is not None and self._room else "> "

    def _status(self) -> str:
        if self._conversation is None:
            return ""
        return status(self._conversation, self._where, self._columns)

    @property
    def _columns(self) -> int:
        return self._prompt.app.output.get_size().columns if self._prompt is not None else 0


class _Discarded(Exception):
    """Ctrl-C at the hidden prompt."""


def _joined(one: str, other: str) -> Document:
    return Document("\n".join(filter(None, (one, other))))
