"""The telnet protocol's commands, taken out of a byte stream."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.dialects.telnet import (
    ABORT,
    AYT,
    BRK,
    DO,
    DONT,
    ECHO,
    EL,
    EOF,
    IAC,
    IP,
    NOP,
    SB,
    SE,
    SUSP,
    WILL,
    WONT,
    Telnet,
)

telling = st.sampled_from([IAC, DO, DONT, WILL, WONT, SB, SE, NOP, AYT, IP, 13, 10, 0, 3, 6, 24, 97])
streams = st.lists(telling | st.integers(0, 255)).map(lambda codes: bytes(code for code in codes if code != EL))
"""Bytes that mean something to telnet more often than not.  EL is about what came in one piece."""


def read(*pieces: bytes) -> tuple[bytes, bytes, bool]:
    telnet = Telnet()
    text, answers = zip(*map(telnet.receive, pieces), strict=True)
    return b"".join(text), b"".join(answers), telnet.left


@given(streams, st.lists(st.integers(0, 60)))
def test_it_does_not_matter_how_the_bytes_are_cut(data, cuts):
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[start:end] for start, end in pairwise(edges)]

    assert read(*pieces) == read(data)


@given(st.binary().map(lambda data: data.replace(b"\xff", b"").replace(b"\r", b"")))
def test_what_holds_no_command_is_text_as_it_stands(data):
    assert read(data) == (data, b"", False)


@given(streams)
def test_answers_never_ask_for_anything_that_was_not_asked_about(data):
    text, answers, _ = read(data)

    assert len(text) <= len(data)
    assert read(answers)[1].count(bytes([IAC, DO])) <= data.count(bytes([IAC]))


@given(streams)
def test_two_of_us_talking_to_each_other_come_to_an_end(data):
    said = data
    for _ in range(5):
        said = read(said)[1]
        said = said.replace(b"\r\n-- Yes, the chat is here.\r\n", b"")
        # A refusal is never answered; the two that are agreed to are agreed to for good.
        said = said.replace(bytes([IAC, WILL, 3]), b"").replace(bytes([IAC, DO, 3]), b"")
        said = said.replace(bytes([IAC, WILL, 6]), b"")
    assert said == b""


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ([DO, 1], [WONT, 1]),
        ([DO, 3], [WILL, 3]),
        ([DO, 6], [WILL, 6]),
        ([WILL, 31], [DONT, 31]),
        ([WILL, 3], [DO, 3]),
        ([DONT, 1], []),
        ([WONT, 1], []),
        ([NOP], []),
        ([SE], []),
    ],
)
def test_each_request_has_its_answer(asked, answer):
    text, answers, _ = read(bytes([IAC, *asked]))

    assert text == b"" and answers == (bytes([IAC, *answer]) if answer else b"")


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        (b"a\r\nb", b"a\nb"),
        (b"a\r\0b", b"a\nb"),
        (b"a\rb", b"a\nb"),
        (b"a\r\r\nb", b"a\n\nb"),
        (b"a\nb", b"a\nb"),
        (b"a\r\xff\xf1\nb", b"a\n\nb"),
    ],
)
def test_every_way_to_end_a_line_ends_it(sent, text):
    assert read(sent)[0] == text


def test_two_iac_are_one_byte_of_text():
    assert read(b"a\xff\xffb")[0] == b"a\xffb"


def test_are_you_there():
    assert read(bytes([IAC, AYT]))[1] == b"\r\n-- Yes, the chat is here.\r\n"


def test_the_current_line_is_erased_and_no_other():
    assert read(b"one\ntwo" + bytes([IAC, EL]) + b"three")[0] == b"one\nthree"


@pytest.mark.parametrize("code", [IP, BRK, ABORT, SUSP, EOF])
def test_ways_to_ask_to_be_let_out(code):
    assert read(b"before" + bytes([IAC, code]) + b"after", b"after") == (b"before", b"", True)


def test_subnegotiation_is_passed_over():
    inside = bytes([IAC, SB, 31, 0, 80, IAC, IAC, 0, 24, IAC, SE])

    assert read(b"a" + inside + b"b") == (b"ab", b"", False)


def test_a_subnegotiation_without_end_does_not_swallow_everything():
    text, _, _ = read(bytes([IAC, SB]) + b"x" * 1025 + b"hello\n")

    assert text == b"hello\n"


# Hiding typed text.


def heard(telnet: Telnet, *codes: int) -> bytes:
    return telnet.receive(bytes([IAC, *codes]))[1]


def test_a_client_that_agrees_lets_go_of_its_echo_until_it_may_have_it_again():
    telnet = Telnet()

    assert telnet.hide() == bytes([IAC, WILL, ECHO]) and heard(telnet, DO, ECHO) == b""
    assert telnet.hide() == b""
    assert telnet.show() == bytes([IAC, WONT, ECHO]) and heard(telnet, DONT, ECHO) == b""
    assert telnet.show() == b"" and telnet.hide() == bytes([IAC, WILL, ECHO])


def test_a_client_that_declines_keeps_its_echo():
    telnet = Telnet()
    telnet.hide()

    assert heard(telnet, DONT, ECHO) == b"" and telnet.show() == b""
    assert telnet.hide() == bytes([IAC, WILL, ECHO])


def test_a_client_that_agrees_too_late_gets_its_echo_back():
    telnet = Telnet()
    telnet.hide()
    assert telnet.show() == b""

    assert heard(telnet, DO, ECHO) == bytes([IAC, WONT, ECHO]) and heard(telnet, DONT, ECHO) == b""


def test_who_never_answers_is_offered_it_once():
    telnet = Telnet()

    assert [telnet.hide(), telnet.show(), telnet.hide(), telnet.show()] == [bytes([IAC, WILL, ECHO]), b"", b"", b""]


def test_hiding_again_waits_for_the_answer_to_the_last_time():
    telnet = Telnet()
    telnet.hide()
    heard(telnet, DO, ECHO)
    telnet.show()

    assert telnet.hide() == b""
    assert heard(telnet, DONT, ECHO) == bytes([IAC, WILL, ECHO]) and heard(telnet, DO, ECHO) == b""
    assert telnet.show() == bytes([IAC, WONT, ECHO])


def test_a_client_that_thinks_better_of_it_is_let_have_its_echo():
    telnet = Telnet()
    telnet.hide()
    heard(telnet, DO, ECHO)

    assert heard(telnet, DONT, ECHO) == bytes([IAC, WONT, ECHO]) and telnet.show() == b""


@given(st.lists(st.sampled_from([DO, DONT, "hide", "show"]), max_size=30))
def test_whatever_happens_no_request_has_more_than_one_answer_and_the_end_is_agreed_on(steps):
    telnet = Telnet()
    for step in steps:
        if isinstance(step, str):
            assert len(getattr(telnet, step)()) in (0, 3)
        else:
            assert len(heard(telnet, step, ECHO)) in (0, 3)

    # A well-behaved client from here on, which agrees to everything.
    said = telnet.show()
    for _ in range(3):
        said = heard(telnet, DO if said[1] == WILL else DONT, ECHO) if said else heard(telnet, DONT, ECHO)
    assert telnet.show() == b"" and heard(telnet, DONT, ECHO) == b""


class Counted(Telnet):
    """Counts the bytes that it looks at one by one."""

    steps = 0

    def _step(self, *given):
        self.steps += 1
        super()._step(*given)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"a" * 65_536, b"a" * 65_536),
        (b"\r\n" * 30_000, b"\n" * 30_000),
        (bytes([IAC, NOP]) * 30_000, b""),
        (bytes([IAC, DO, 99]) * 20_000, b""),
    ],
    ids=["text", "lines", "nops", "options"],
)
def test_what_comes_in_bulk_is_not_read_byte_by_byte(data, text):
    telnet = Counted()

    assert telnet.receive(data)[0] == text and telnet.steps < 10


@given(streams, st.data())
def test_another_process_can_read_on(stream: bytes, data: st.DataObject):
    """The state can be restored after any byte: the same is read and answered as if nothing had happened."""
    at = data.draw(st.integers(0, len(stream)))
    hidden = data.draw(st.booleans())
    whole, first, second = Telnet(), Telnet(), Telnet()
    for telnet in (whole, first):
        if hidden:
            telnet.hide()
        telnet.receive(b"")
    expected = whole.receive(stream[:at]), whole.receive(stream[at:]), whole.show()

    begun = first.receive(stream[:at])
    second.restore(first.saved())

    assert (begun, second.receive(stream[at:]), second.show()) == expected
    assert second.left == whole.left
