"""Paste detection: which lines become one message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.dialects.sanitize import clean_lines
from chatroom.dialects.text.paste import Pasted, pasted


def read(data: bytes, *, lines: int = 40, size: int = 4096) -> Pasted | None:
    first, _, rest = data.partition(b"\n")
    return pasted(first, rest, lines=lines, size=size)


@pytest.mark.parametrize(
    ("data", "text", "left"),
    [
        (b"a\nb\nc\n", "a\nb\nc", b""),
        (b"a\r\nb\r\nc\r\n", "a\nb\nc", b""),
        (b"a\nb\nc\nhalf a li", "a\nb\nc", b"half a li"),
        (b"def f():\n    if x:\n\treturn\n", "def f():\n    if x:\n return", b""),
        (b"  a  \nb\nc\n", "  a  \nb\nc", b""),
        (b"a\n\n \nb\nc\n\n\n", "a\n\n \nb\nc", b"\n\n"),
        (b"a\nb\nc\n/quit\nd\n", "a\nb\nc", b"/quit\nd\n"),
        (b"a\nb\nc\n  /me x\n", "a\nb\nc\n  /me x", b""),
        (b"a\nb\nc\n\nexit\n", "a\nb\nc", b"\nexit\n"),
        (b"a\nb\nc\nexit now\n", "a\nb\nc\nexit now", b""),
        (b"a\nb\nc\n/ME x\n", "a\nb\nc", b"/ME x\n"),
        ("a\nb\nc\n／me x\n".encode(), "a\nb\nc", "／me x\n".encode()),
        (b"//a\n  //b\nc // d\n", "//a\n  //b\nc // d", b""),
        (b"/* a\n * b\n */\n", "/* a\n * b\n */", b""),
        (b"f() {\n    // say hello\n}\n/* end */\n", "f() {\n    // say hello\n}\n/* end */", b""),
        (b"#!/bin/sh\nif x; then\n  exit\nfi\n", "#!/bin/sh\nif x; then\n  exit\nfi", b""),
        (b"a\nb\n/c\nd\n", "a\nb\n/c\nd", b""),
        (b"a\nb\nc\n\xfe\nd\n", "a\nb\nc", b"\xfe\nd\n"),
    ],
)
def test_plain_lines_that_came_together_are_one_text(data, text, left):
    found = read(data)

    assert found is not None and found.text == text
    assert data.partition(b"\n")[2][found.length :] == left


@pytest.mark.parametrize(
    "data",
    [
        b"a\n",
        b"a\nb\n",
        b"a\nb\nc",
        b"a\n\n\nb\n",
        b"\na\nb\nc\n",
        b"/me a\nb\nc\nd\n",
        b"exit\nb\nc\nd\n",
        b"a\nb\n/me c\nd\n",
    ],
)
def test_what_may_have_been_typed_is_no_block(data):
    assert read(data) is None


def test_a_block_has_only_so_many_lines_and_bytes():
    data = b"".join(b"line %d\n" % n for n in range(10))

    assert read(data, lines=4).text == "line 0\nline 1\nline 2\nline 3"
    assert read(data, size=20).text == "line 0\nline 1\nline 2"
    assert read(data, size=19) is None and read(data, lines=2) is None


@given(
    st.lists(st.sampled_from([b"a", b" b", b"", b"/c", b"//d", b"exit", b"\xfe", "é\r".encode()])).map(b"\n".join),
    st.integers(0, 6),
    st.integers(0, 20),
)
def test_a_block_keeps_its_bounds_and_takes_whole_lines(data, lines, size):
    found = read(data, lines=lines, size=size)

    if found is not None:
        taken = data.partition(b"\n")[2][: found.length]
        assert taken.endswith(b"\n") and taken.count(b"\n") == found.text.count("\n")
        assert found.text.count("\n") < lines and len(found.text.encode()) <= size
        assert clean_lines(found.text) == found.text
