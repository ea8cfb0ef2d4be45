"""Refusals: each has a distinct code, for programs."""

from __future__ import annotations

from chatroom.chat.refusals import BadInput, NotStored, Refusal, TooLong


def kinds(kind=Refusal):
    for one in kind.__subclasses__():
        yield one
        yield from kinds(one)


def test_each_kind_has_a_code_of_its_own():
    codes = [kind.code for kind in (Refusal, *kinds())]
    assert len(codes) == len(set(codes)) > 15


def test_what_is_too_long_is_bad_input():
    assert issubclass(TooLong, BadInput) and TooLong.code != BadInput.code


def test_what_could_not_be_stored_tells_why():
    refusal = NotStored.because(OSError("the disk is full"))
    assert isinstance(refusal, NotStored) and "the disk is full" in str(refusal)
