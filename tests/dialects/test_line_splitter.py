"""Streams are split into lines, however they are cut into pieces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.dialects.line_splitter import LineSplitter


def lines(splitter: LineSplitter, *pieces: bytes) -> list[bytes]:
    found = []
    for piece in pieces:
        splitter.add(piece)
        found += iter(splitter.next_line, None)
    return found


def test_a_line_ends_with_lf_or_cr_lf():
    splitter = LineSplitter(10)

    assert lines(splitter, b"one\ntwo\r\n\nth") == [b"one", b"two", b""]
    assert lines(splitter, b"ree\r\n\r") == [b"three"] and splitter.rest == b"\r"


@pytest.mark.parametrize("ended", [True, False])
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_of_a_line_that_is_too_long_one_byte_too_many_is_seen_and_the_rest_passed_over(size, ended):
    data = b"x" * 10 + b"\n" + b"y" * 50 + b"\nz"
    data += b"\n" if ended else b""
    splitter = LineSplitter(10)

    found = lines(splitter, *(data[n : n + size] for n in range(0, len(data), size)))

    assert found == [b"x" * 10, b"y" * 11, *([b"z"] if ended else [])] and splitter.rest == (b"" if ended else b"z")


def test_of_a_line_without_end_nothing_is_held():
    splitter = LineSplitter(10)

    assert lines(splitter, *[b"x" * 100] * 100) == [b"x" * 11]
    assert splitter.rest == b"" and lines(splitter, b"x\nshort\n") == [b"short"]


def test_what_has_been_split_is_not_held():
    splitter = LineSplitter(10)

    assert lines(splitter, b"one\n" * 1000 + b"two") == [b"one"] * 1000
    assert splitter.buffer == b"two"


def test_what_is_not_split_yet_can_be_taken():
    splitter = LineSplitter(10)
    splitter.add(b"one\ntwo\nthree\nfour")
    assert splitter.next_line() == b"one" and splitter.rest == b"two\nthree\nfour"

    assert splitter.take(4) == b"two\n" and splitter.next_line() == b"three"
    assert splitter.take() == b"four" and splitter.rest == b"" and lines(splitter, b"five\n") == [b"five"]


def test_a_line_can_begin_in_the_middle_of_another():
    splitter = LineSplitter(10)
    assert lines(splitter, b"x" * 50) == [b"x" * 11]

    splitter.begin_line()

    assert lines(splitter, b"one\ntw") == [b"one"]
    splitter.begin_line()
    assert lines(splitter, b"two\n") == [b"two"]


@given(st.lists(st.text("ab\n", max_size=12).map(str.encode), max_size=8))
def test_pieces_make_no_difference(pieces):
    assert lines(LineSplitter(5), *pieces) == lines(LineSplitter(5), b"".join(pieces))


@given(st.lists(st.sampled_from([b"a", b"abcdef", b"\n", b"\r\n", b"abc\nd"])), st.integers(0, 30))
def test_another_process_can_split_on(pieces, at):
    """The state can be restored after any piece."""

    def split(restored):
        splitter, lines = LineSplitter(4), []
        for count, piece in enumerate(pieces):
            splitter.add(piece)
            if count == at and restored:
                saved, splitter = splitter.saved(), LineSplitter(4)
                splitter.restore(saved)
            while (line := splitter.next_line()) is not None:
                lines.append(line)
        return lines, splitter.rest

    assert split(True) == split(False)
