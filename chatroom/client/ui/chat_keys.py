"""Keys of the terminal beyond line editing: Ctrl-C, and Alt with a number or A."""

from __future__ import annotations

from collections.abc import Callable

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from ..conversation import Conversation

LEAVE_HINT = "-- To leave, press Ctrl-C again or Ctrl-D, or type exit."


def chat_keys(
    conversation: Conversation, go: Callable[[str | None], object], show: Callable[[str], object]
) -> KeyBindings:
    """Bind the keys of *conversation*: *go* goes to a place, and *show* shows hints."""
    keys = KeyBindings()
    leaving = _Leaving(conversation, show)

    @keys.add("c-c")
    def interrupt(event: KeyPressEvent) -> None:
        leaving.press(event.current_buffer)

    def to_number(number: str) -> None:
        @keys.add("escape", number)
        def to_place(event: KeyPressEvent) -> None:
            go(conversation.activity.find(number))

    for number in "123456789":
        to_number(number)

    @keys.add("escape", "a")
    def to_most_urgent(event: KeyPressEvent) -> None:
        go(conversation.activity.most_urgent)

    return keys


class _Leaving:
    """Ctrl-C empties the line; on an empty line it says how to leave, and the second time in a row it leaves."""

    def __init__(self, conversation: Conversation, show: Callable[[str], object]) -> None:
        self._conversation = conversation
        self._show = show
        self._hinted = False

    def press(self, line: Buffer) -> None:
        if line.text:
            line.reset()
        elif self._hinted:
            self._conversation.leave()
        else:
            self._hinted = True
            line.on_text_changed += self._forget
            self._show(LEAVE_HINT)

    def _forget(self, line: Buffer) -> None:
        self._hinted = False
