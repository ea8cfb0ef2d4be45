"""Tests of the history of typed lines."""

from __future__ import annotations

from chatroom.terminal.history import History

from .footprint import footprint


def of(*lines: str) -> History:
    history = History(lambda line: "secret" not in line)
    for line in lines:
        history.add(line)
    return history


def test_lines_are_recalled_and_what_was_half_typed_comes_back():
    history = of("one", "two")
    assert history.earlier("half") == "two"
    assert history.earlier("two") == "one"
    assert history.earlier("one") is None
    assert history.later("one") == "two"
    assert history.later("two") == "half"
    assert history.later("half") is None


def test_a_changed_line_stays_changed_until_enter():
    history = of("one", "two")
    assert history.earlier("") == "two"
    assert history.earlier("two!") == "one"
    assert history.later("one") == "two!"
    assert history.at(1) == "two"
    history.add("two!")
    assert [history.earlier(""), history.earlier("two!"), history.earlier("two")] == ["two!", "two", "one"]


def test_blank_lines_repeated_lines_and_passwords_are_not_kept():
    history = of("one", "one", "", "  ", "/login secret", "two", "one")
    recalled = [history.earlier("")]
    while recalled[-1] is not None:
        recalled.append(history.earlier(recalled[-1]))
    assert recalled == ["one", "two", "one", None]


def test_the_last_line_that_contains_something_is_found_in_any_case():
    history = of("Straße", "one two", "ONE")
    assert history.find("one") == 2
    assert history.find("One", 2) == 1
    assert history.find("one", 1) is None
    assert history.find("STRASSE") == 0
    assert history.find("three") is None


def test_only_so_many_lines_are_kept():
    history = of(*(f"line {number}" for number in range(150)))
    assert history.at(0) == "line 50"
    assert history.go(100, "") == ""
    assert history.go(101, "") is None


def test_what_is_kept_is_bounded():
    """Long lines, and the ones that were changed but not sent."""
    history = of(*(f"{number} {'漢' * 1300}" for number in range(150)))
    assert 60 < history.find("149 漢") < 100
    first = history.earlier("half typed")
    for number in range(60):
        assert history.earlier(f"{number} {'字' * 2000}")
    assert footprint(history) < 1_500_000
    recalled = [history.later("")]
    while recalled[-1] is not None:
        recalled.append(history.later(recalled[-1]))
    assert recalled[-2:] == ["half typed", None], "what can be recalled from nowhere else is kept"
    assert first in recalled, "the oldest change isn't"


def test_what_has_turned_out_to_be_a_password_is_forgotten():
    history = History(lambda line: True)
    for line in ("one", "correct horse", "two", "correct horse"):
        history.add(line)
    history.forget("correct horse")
    history.forget("never there")
    assert history.earlier("") == "two" and history.earlier("two") == "one" and history.earlier("one") is None
    assert history.find("horse") is None and history.find("one") == 0
