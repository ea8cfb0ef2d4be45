"""Editing keys: what each does to the text."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .edited_text import EditedText
from .keys import Key


def _moves(place: Callable[[EditedText], int]) -> Callable[[EditedText], bool]:
    def move(text: EditedText) -> bool:
        text.go(place(text))
        return True

    return move


def _deletes(place: Callable[[EditedText], int]) -> Callable[[EditedText], bool]:
    def delete(text: EditedText) -> bool:
        text.delete(place(text))
        return True

    return delete


def _kills(place: Callable[[EditedText], int]) -> Callable[[EditedText], bool]:
    def kill(text: EditedText) -> bool:
        text.kill(place(text))
        return True

    return kill


EDITS: Mapping[Key, Callable[[EditedText], bool]] = {
    Key.LEFT: _moves(EditedText.left),
    Key.RIGHT: _moves(EditedText.right),
    Key.HOME: _moves(EditedText.line_start),
    Key.END: _moves(EditedText.line_end),
    Key.WORD_LEFT: _moves(EditedText.word_left),
    Key.WORD_RIGHT: _moves(EditedText.word_right),
    Key.TEXT_START: _moves(lambda text: 0),
    Key.TEXT_END: _moves(lambda text: len(text.text)),
    Key.BACKSPACE: _deletes(EditedText.left),
    Key.DELETE: _deletes(EditedText.right),
    Key.END_OF_INPUT: _deletes(EditedText.right),
    # At the end of a line, what parts it from the next one.
    Key.KILL_TO_END: _kills(lambda text: max(text.line_end(), text.right())),
    Key.KILL_TO_START: _kills(lambda text: min(text.line_start(), text.left())),
    Key.KILL_BLANK_WORD: _kills(EditedText.blank_word_left),
    Key.KILL_WORD_LEFT: _kills(EditedText.word_left),
    Key.KILL_WORD_RIGHT: _kills(EditedText.word_right),
    Key.YANK: EditedText.yank,
    Key.TRANSPOSE: EditedText.transpose,
}
"""What keys do to a text; each function returns whether it could."""

PLAIN_KEYS = {
    *(Key.BACKSPACE, Key.KILL_TO_START, Key.KILL_BLANK_WORD, Key.KILL_WORD_LEFT, Key.YANK, Key.END_OF_INPUT),
    *(Key.UP, Key.DOWN, Key.EARLIER, Key.LATER, Key.TAB),
}
"""The keys that leave the cursor at the end of the text."""
