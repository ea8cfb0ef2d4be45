"""Tests of the keys that a terminal sends."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.terminal.keys import Alt, Key, KeyReader, Paste, Pressed, Text

from .footprint import footprint
from .sitting import pasted


def read(*pieces: bytes, longest_paste: int = 4096) -> list[Pressed]:
    reader = KeyReader(longest_paste)
    return joined(pressed for piece in pieces for pressed in reader.read(piece))


def joined(pressed: Iterable[Pressed]) -> list[Pressed]:
    """Join text that was read in several pieces."""
    keys: list[Pressed] = []
    for one in pressed:
        last = keys[-1] if keys else None
        if isinstance(one, Text) and isinstance(last, Text):
            keys[-1] = Text(last.text + one.text)
        else:
            keys.append(one)
    return keys


KEYS: dict[bytes, list[Pressed]] = {
    b"a": [Text("a")],
    "é漢👍".encode(): [Text("é漢👍")],
    b"\r": [Key.ENTER],
    b"\n": [Key.ENTER],
    b"\r\n": [Key.ENTER],
    b"\r\0": [Key.ENTER],
    b"\n\n": [Key.ENTER, Key.ENTER],
    b"\r\r": [Key.ENTER, Key.ENTER],
    b"a\0b": [Text("ab")],
    # xterm, in both of its modes.
    b"\x1b[A\x1bOA": [Key.UP, Key.UP],
    b"\x1b[D\x1bOD": [Key.LEFT, Key.LEFT],
    b"\x1b[H\x1bOH\x1b[1~\x1b[7~": [Key.HOME] * 4,
    b"\x1b[F\x1bOF\x1b[4~\x1b[8~": [Key.END] * 4,
    b"\x1b[3~\x1b[3;5~": [Key.DELETE, Key.KILL_WORD_RIGHT],
    # Ctrl, Alt and Shift; rxvt; the modifiers of SS3.
    b"\x1b[1;5D\x1b[1;3D\x1b[1;2D": [Key.WORD_LEFT, Key.WORD_LEFT, Key.LEFT],
    b"\x1b[1;5H": [Key.TEXT_START],
    b"\x1bOd\x1bOc": [Key.WORD_LEFT, Key.WORD_RIGHT],
    b"\x1bO5C\x1bO1;5C": [Key.WORD_RIGHT, Key.WORD_RIGHT],
    b"\x1bOM": [Key.ENTER],
    b"\x1bb\x1bF\x1bd": [Key.WORD_LEFT, Key.WORD_RIGHT, Key.KILL_WORD_RIGHT],
    b"\x1b\x7f\x1b\b": [Key.KILL_WORD_LEFT] * 2,
    b"\x1b5\x1bq": [Alt("5"), Alt("q")],
    # Escape alone means nothing.
    b"\x1b\x1b[A": [Key.UP],
    b"\x1b\r": [Key.ENTER],
    b"\x1b\x03": [Key.INTERRUPT],
    # What means nothing is swallowed as a whole, with its end.
    b"\x1b[15~\x1b[[A\x1b[1;99A\x1b[?1;2cx": [Key.UP, Text("x")],
    b"\x1b[I\x1b[Ox": [Text("x")],
    b"\x1b[<0;10;20Mx": [Text("x")],
    b"\x1b]11;rgb:0000/0000/0000\x07x": [Text("x")],
    b"\x1b]11;rgb:0000/0000/0000\x1b\\x": [Text("x")],
    b"\x1bP1+r544e=78\x1b\\x": [Text("x")],
    # Alt with what begins a string in another place.
    b"\x1b]hello": [Text("hello")],
    # A key that comes in the middle counts.
    b"\x1b[12\x03": [Key.INTERRUPT],
    b"\x1b]0;title\r": [Key.ENTER],
    # Not UTF-8.
    b"a\xffb": [Text("a\ufffdb")],
    b"\xc3\r": [Text("\ufffd"), Key.ENTER],
    # C1 controls mean nothing.
    "a\x9bb".encode(): [Text("ab")],
    pasted("one\ntwo\x03\x1b[Aé"): [Paste("one\ntwo\x03\x1b[Aé", 12)],
    b"\x1b[200~a\r\nb\n\x1b[201~c": [Paste("a\nb\n", 5), Text("c")],
    b"\x1b[200~\x1b[20\x1b[201~": [Paste("\x1b[20", 4)],
    b"\x1b[201~x": [Text("x")],
    b"\x01\x02\x05\x06\x08\x09\x0b\x0c\x0e\x10\x12\x14\x15\x17\x19": [
        *(Key.HOME, Key.LEFT, Key.END, Key.RIGHT, Key.BACKSPACE, Key.TAB, Key.KILL_TO_END, Key.CLEAR_SCREEN),
        *(Key.LATER, Key.EARLIER, Key.SEARCH, Key.TRANSPOSE, Key.KILL_TO_START, Key.KILL_BLANK_WORD, Key.YANK),
    ],
}


@pytest.mark.parametrize("sent", list(KEYS), ids=repr)
def test_keys(sent: bytes):
    assert read(sent) == KEYS[sent]
    assert read(*(bytes([one]) for one in sent)) == KEYS[sent], "byte by byte"


@given(st.lists(st.sampled_from(list(KEYS)), min_size=1, max_size=8).map(b"".join), st.data())
def test_it_makes_no_difference_how_bytes_are_split(sent: bytes, data: st.DataObject):
    place = data.draw(st.integers(0, len(sent)))
    assert read(sent[:place], sent[place:]) == read(sent)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_text_is_read_as_it_was_typed(text: str):
    assert read(text.encode()) == ([Text(text)] if text else [])


@given(st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"])))
def test_a_paste_is_read_as_it_was_copied(text: str):
    """Whatever is in it, but for the sequence at its end."""
    text = text.replace("\x1b[201~", "")
    assert read(pasted(text)) == [Paste(text, len(text))]


def test_a_long_paste_is_only_counted():
    assert read(pasted("x" * 50), longest_paste=49) == [Paste("", 50)]
    assert read(pasted("x" * 49), longest_paste=49) == [Paste("x" * 49, 49)]


@given(st.lists(st.one_of(st.binary(), st.sampled_from(list(KEYS))), max_size=20))
def test_whatever_comes_the_line_goes_on(pieces: list[bytes]):
    """After the end of what may have begun, Enter is Enter, and text is text."""
    assert read(*pieces, b"\x1b[201~", b"\x18\x18", b"\x1b[201~\r\rok\r")[-3:] == [Key.ENTER, Text("ok"), Key.ENTER]


@pytest.mark.parametrize(
    "opening", [b"", b"\x1b[", b"\x1b[1;", b"\x1bO1", b"\x1b]0;", b"\x1bP1", b"\x1b_G", b"\x1b[200~"]
)
@pytest.mark.parametrize("more", [b"1", b"\x1b[20", "漢".encode(), b"\xff"])
def test_what_is_kept_is_bounded(opening: bytes, more: bytes):
    """However long something goes on."""
    reader = KeyReader(4096)
    for _ in reader.read(opening):
        pass
    for _ in range(200):
        for _ in reader.read(more * 1000):
            pass
    assert footprint(reader) < 100_000
