"""Tests of the line editor as a whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.terminal.actions import Answer, Block, EndOfInput, Interrupt, Line
from chatroom.terminal.editor import LineEditor

from .footprint import footprint
from .sitting import BACKSPACE, ENTER, LEFT, TAB, UP, Sitting, ctrl, pasted

FORTY = "\n".join(f"line {number}: 漢字 and more" for number in range(40))


def test_forty_pasted_lines_are_one_message():
    """Bracketed, in one piece or byte by byte."""
    for pieces in ([pasted(FORTY)], [bytes([one]) for one in pasted(FORTY)]):
        ann = Sitting()
        assert ann.types(*pieces) == []
        assert ann.types(ENTER) == [Block(FORTY)]
        assert ann.types(UP, ENTER) == [Block(FORTY)]


def test_forty_lines_without_the_marks_of_a_paste_are_forty_lines():
    ann = Sitting()
    assert ann.types(FORTY.replace("\n", "\r") + "\r") == [Line(line) for line in FORTY.split("\n")]


def test_a_line_that_comes_in_does_not_touch_what_is_half_typed():
    ann = Sitting(20, 6)
    ann.types("half", LEFT)
    ann.hears("12:34 <bob> hello")
    ann.types("!")
    assert ann.rows == ["12:34 <bob> hello", "> hal!f"]


def test_colours_pass_and_nothing_else_does():
    ann = Sitting(40, 6)
    ann.hears("\x1b[31mred\x1b[2J\x1b[H")
    assert b"\x1b[31mred\x1b[0m" in ann.written
    assert ann.rows == ["red", ">"]
    ann.editor.set_prompt("\x1b[2J#a> ")
    ann.editor.set_status("\x1b[7mann\x1b[2J")
    ann.look()
    assert b"\x1b[2J" not in ann.written
    assert ann.rows == ["red", "#a>", "ann"]


def test_a_password_is_asked_for_and_the_half_typed_line_comes_back():
    ann = Sitting()
    ann.types("half", LEFT)
    ann.editor.ask("Password for ann: ")
    ann.hears("12:34 <bob> hello")
    assert ann.types("se", "cret", ENTER) == [Answer("secret")]
    ann.editor.ask(None)
    assert ann.types("", "!", ENTER) == [Line("hal!f")]
    assert b"secret" not in ann.written
    assert ann.rows == ["12:34 <bob> hello", ">"]


def test_keys_after_an_answer_wait_for_the_next_question():
    """Until it is known whether there is one."""
    ann = Sitting()
    ann.editor.ask("Password: ")
    assert ann.types("one\rtwo\rthree") == [Answer("one")]
    ann.editor.ask("Again: ")
    assert ann.types("") == [Answer("two")]
    ann.editor.ask(None)
    assert ann.types("", ENTER) == [Line("")]
    assert ann.terminal.bells == 1, "the rest may be a password, and is dropped"


@pytest.mark.parametrize(("key", "action"), [(ctrl("c"), Interrupt()), (ctrl("d"), EndOfInput())])
def test_one_can_leave_while_an_answer_is_looked_at(key: str, action: Interrupt | EndOfInput):
    ann = Sitting()
    ann.editor.ask("Password: ")
    ann.types("one\r")
    assert ann.types("abc" + key) == [action]


def test_the_terminal_is_left_clean():
    ann = Sitting(20, 6)
    ann.editor.set_status("ann")
    ann.hears("one")
    ann.feed(ann.editor.close())
    assert ann.written.startswith(b"\x1b[?2004h")
    assert ann.written.endswith(b"\x1b[?2004l\x1b[0m\x1b[?25h")
    assert ann.rows == ["one"]
    assert ann.terminal.at == (1, 0)


@pytest.mark.parametrize("then", ["", ctrl("a"), ctrl("r") + "one"])
def test_what_was_half_typed_is_left_on_the_terminal(then: str):
    """It may be all that there is of it, when the server stops."""
    ann = Sitting(20, 6)
    ann.editor.set_status("ann")
    ann.types("one\r", "x" * 30, then)
    ann.hears("-- Goodbye.")
    ann.feed(ann.editor.close())
    assert ann.rows == ["-- Goodbye.", "> " + "x" * 18, "x" * 12]
    assert ann.terminal.at == (3, 0)


def test_no_question_is_left_on_the_terminal():
    ann = Sitting(20, 6)
    ann.types("half")
    ann.editor.ask("Password: ")
    ann.types("secret")
    ann.feed(ann.editor.close())
    assert ann.rows == ["> half"]


def test_a_size_that_is_not_known_is_80_by_24():
    editor = LineEditor(columns=0, rows=0)
    for _ in editor.receive(b"x" * 79):
        pass
    assert b"\n" not in editor.take()
    for _ in editor.receive(b"xx"):
        pass
    assert b"\n" in editor.take()


@pytest.mark.parametrize("asked", ["nothing", "a question", "an answer"])
@pytest.mark.parametrize(
    ("prefix", "more"),
    [
        (b"", b"x" * 1000),
        (b"", "漢".encode() * 300),
        (b"", "e\u0301\u0301".encode() * 200),
        (b"", b"x" * 3000 + b"\r"),
        (b"", b"\r" * 1000),
        (b"", b"y\x1b[A" * 300),
        (b"", b"\x12x\x12" * 300),
        (b"", b"abc\x15\x19\x19\x0b" * 100),
        (b"\x1b[200~", b"paste\r" * 200),
        (b"\x1b]0;", b"title" * 200),
        (b"\x1b[", b"1;" * 500),
    ],
)
def test_what_is_kept_is_bounded(asked: str, prefix: bytes, more: bytes):
    """However much is typed, and nobody takes the actions for answers."""
    ann = Sitting(80, 24)
    if asked != "nothing":
        ann.editor.ask("Password: ")
    if asked == "an answer":
        ann.types(ENTER)
    for _ in ann.editor.receive(prefix):
        pass
    for _ in range(150):
        for _ in ann.editor.receive(more):
            pass
        ann.editor.take()
    # The history has 256 KiB of UTF-8, which may be twice that much in memory.
    assert footprint(ann.editor) < 1_500_000


KEYS = st.one_of(
    st.binary(max_size=20),
    st.text(max_size=20).map(str.encode),
    st.sampled_from([key.encode() for key in (ENTER, TAB, UP, LEFT, BACKSPACE, ctrl("r"), ctrl("k"), ctrl("y"))]),
    st.text(max_size=20).map(pasted),
)


@given(st.lists(st.one_of(KEYS, st.text(max_size=30), st.tuples(st.integers(0, 30), st.integers(0, 9))), max_size=20))
def test_nothing_that_happens_raises(steps: list[bytes | str | tuple[int, int]]):
    """Any bytes, any text, any size; and whatever is typed then is typed as always."""
    editor = LineEditor(columns=20, rows=5, limit=200)
    for step in steps:
        if isinstance(step, bytes):
            for _ in editor.receive(step):
                pass
        elif isinstance(step, str):
            editor.show(step)
        else:
            editor.resize(*step)
        editor.take()
    for _ in editor.receive(b"\x1b[201~\x18\x07\x03\x1b[201~\x03"):
        pass
    assert list(editor.receive("hallo 漢字\r".encode())) == [Line("hallo 漢字")]


LETTERS = st.one_of(
    st.sampled_from(["👨‍👩‍👧‍👦", "🇩🇪", "👍🏽", "e\u0301", "한", "漢", " "]),
    # Without marks, which are bounded, and what is removed because it damages a screen.
    st.characters(exclude_categories=["Cc", "Cs", "M", "Zl", "Zp"], exclude_characters="\ufff9\ufffa\ufffb").filter(
        lambda one: not "\u202a" <= one <= "\u202e" and not "\u2066" <= one <= "\u2069"
    ),
)


@given(st.lists(LETTERS, min_size=1, max_size=40).map("".join), st.integers(1, 12), st.data())
def test_text_is_sent_as_it_was_typed(text: str, size: int, data: st.DataObject):
    """Emoji included, in any pieces, with lines that come in between."""
    editor = LineEditor(columns=16, rows=5)
    sent = text.encode()
    for start in range(0, len(sent), size):
        assert list(editor.receive(sent[start : start + size])) == []
        if data.draw(st.booleans()):
            editor.show("12:34 <bob> hello")
        editor.take()
    assert list(editor.receive(b"\r")) == [Line(text)]
