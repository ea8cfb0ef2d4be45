"""Resume tokens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.chat.access.resume_tokens import Tokens
from chatroom.chat.refusals import CannotResume

NOW = 1_767_322_800.5
tokens = Tokens(b"k" * 32, 60.0)
urlsafe = st.text("abcXYZ019-_", min_size=1, max_size=30)


@given(urlsafe, st.text("abcXYZ019-_~", max_size=30))
def test_a_token_proves_what_it_was_issued_for(identity, login):
    assert tokens.read(tokens.issue(identity, login, "", NOW), NOW + 59, ()) == (identity, login, "")


def test_a_token_is_worth_nothing_when_its_time_is_over():
    with pytest.raises(CannotResume, match="too old"):
        tokens.read(tokens.issue("ann", "", "", NOW), NOW + 61, ())


def test_a_token_does_not_grow_old_while_its_owner_is_here():
    assert tokens.read(tokens.issue("ann", "", "", NOW), NOW + 61, {"ann"}) == ("ann", "", "")


@given(urlsafe, st.integers(0), st.characters(codec="utf-8"))
def test_a_token_that_was_changed_anywhere_is_none(identity, place, other):
    token = tokens.issue(identity, "", "", NOW)
    place %= len(token)
    forged = token[:place] + other + token[place + 1 :]
    if forged != token:
        with pytest.raises(CannotResume, match="not valid here"):
            tokens.read(forged, NOW, ())


@given(st.text(st.characters(codec="utf-8")))
def test_any_other_text_is_none_either(text):
    with pytest.raises(CannotResume):
        tokens.read(text, NOW, ())


def test_another_servers_token_is_none():
    with pytest.raises(CannotResume):
        tokens.read(Tokens(b"x" * 32, 60.0).issue("ann", "", "", NOW), NOW, ())
