"""Tests of the nick to start with."""

from __future__ import annotations

import getpass
from collections.abc import Callable

import pytest

from chatroom.client.nick import find_nick, nick_from_login


@pytest.mark.parametrize(
    ("login", "nick"),
    [
        ("ann", "ann"),
        ("Ann Smith", "Ann-Smith"),
        ("ann@example.org", "ann"),
        ("DOMAIN\\ann", "DOMAIN-ann"),
        ("-.-", ""),
        ("root", ""),
        ("a" * 50, "a" * 32),
        ("аnn", ""),  # Cyrillic and Latin
    ],
)
def test_a_login_name_is_made_a_nick(login: str, nick: str):
    """Or else there is none."""
    assert nick_from_login(login) == nick


class Person:
    """Somebody at a keyboard, who answers with *answers*."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.heard: list[str] = []

    def ask(self, question: str) -> str:
        self.heard.append(question)
        if not self.answers:
            raise EOFError
        return self.answers.pop(0)


def unknown() -> str:
    raise KeyError("no such user")


@pytest.mark.parametrize(
    ("login", "why"),
    [
        (lambda: "root", "Your login name, root, can't be a nick"),
        (lambda: "Админ admin аdmin", "Your login name, Админ admin аdmin, can't be a nick"),
        (lambda: "\x1b\u202e", "You have no login name"),
        (unknown, "You have no login name"),
    ],
)
def test_who_cannot_have_their_login_name_is_asked(
    monkeypatch: pytest.MonkeyPatch, login: Callable[[], str], why: str
):
    """Until it is one that can be had; nobody is made a guest silently."""
    monkeypatch.setattr(getpass, "getuser", login)
    person = Person("all", " ann \n")
    assert find_nick(person.ask, person.heard.append) == "ann"
    notice, *rest = person.heard
    assert notice.startswith(f"-- {why}")
    assert rest == ["Your nick: ", "!! The nick all is reserved. Please choose another one.", "Your nick: "]


def test_who_gives_no_nick_need_not(monkeypatch: pytest.MonkeyPatch):
    """Ctrl-D."""
    monkeypatch.setattr(getpass, "getuser", lambda: "root")
    with pytest.raises(EOFError):
        find_nick(Person().ask, lambda line: None)


def test_a_pipeline_is_told_what_it_is_called(monkeypatch: pytest.MonkeyPatch):
    """It cannot be asked."""
    monkeypatch.setattr(getpass, "getuser", lambda: "root")
    heard: list[str] = []
    assert find_nick(None, heard.append) == "guest"
    assert heard == ["-- Your login name, root, can't be a nick: you are guest. Choose a nick with --nick."]


def test_nobody_is_asked_who_has_a_login_name(monkeypatch: pytest.MonkeyPatch):
    """It is the nick."""
    monkeypatch.setattr(getpass, "getuser", lambda: "Ann Smith")
    person = Person()
    assert find_nick(person.ask, person.heard.append) == "Ann-Smith"
    assert not person.heard
