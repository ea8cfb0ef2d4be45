"""Tests of passwords at the person's end."""

from __future__ import annotations

import pytest

from chatroom.chat.command_table import secrets
from chatroom.chat.limits import Limits
from chatroom.chat.replies import PasswordWanted
from chatroom.client.secrets import PASSWORD_VARIABLE, PasswordQuestion, holds_secret, login_password
from tests.processor_time import ProcessorTime


@pytest.mark.parametrize(
    "text",
    [
        "/login s3cret12",
        "  /LOGIN ann s3cret12",
        "/register\ts3cret12",
        "/password old new",
        "/lock sesame",
        "/join dev sesame",
        "/account delete s3cret12",
        "/login\ns3cret12",
        "one\n/login s3cret12\ntwo",
    ],
)
def test_what_holds_a_secret_is_known(text: str):
    """Passwords, and the keys of rooms."""
    assert holds_secret(text, secrets())


@pytest.mark.parametrize(
    "text",
    [
        "/login",
        "/register ",
        "/lock",
        "/join dev",
        "/account delete",
        "//login ann",
        "say /login ann",
        "/loginx y",
        "",
    ],
)
def test_what_holds_none_may_be_found_again(text: str):
    """Typing it again is what a history is for."""
    assert not holds_secret(text, secrets())


@pytest.mark.parametrize("text", ["/login s3cret12", "/sesame s3cret12", "  /JOIN dev", "hello\n/me waves"])
def test_until_the_server_tells_anything_behind_a_command_may_be_a_secret(text: str):
    """So nothing that is typed while it cannot be reached is kept by mistake."""
    assert holds_secret(text, None)


@pytest.mark.parametrize("text", ["/login", "/help ", "//login ann", "say /login ann", "hello there", "", "\n"])
def test_talk_and_bare_commands_never_hold_one(text: str):
    """Whatever the server would tell."""
    assert not holds_secret(text, None)


@pytest.mark.parametrize("place", [0, 1, 2**52])
def test_a_server_may_tell_any_place(place: int):
    """It is only compared."""
    assert holds_secret("/open sesame", {"/open": place}) is (place < 2)


@pytest.mark.parametrize("blank", ["\n", " ", "\r\n", "\n /join "])
def test_whether_a_long_paste_holds_a_secret_is_known_at_once(blank: str):
    """If the time grew with the square of the length, it would be seconds."""
    with ProcessorTime() as taken:
        holds_secret(blank * (60_000 // len(blank)), secrets())

    assert taken.seconds < 0.5


def test_a_password_makes_the_command():
    """With the nick that it was asked for."""
    question = PasswordQuestion(PasswordWanted("login", "ann"))
    assert question.prompt == "Password for ann: "
    assert question.answer(" s3cret12\t") == {"type": "login", "nick": "ann", "password": "s3cret12"}


def test_a_new_password_is_asked_for_twice():
    """Nobody sees what they type."""
    question = PasswordQuestion(PasswordWanted("register", ""))
    assert question.prompt == "New password: "
    assert question.answer("s3cret12") is None
    assert question.prompt == "Repeat it: "
    assert question.answer("s3cret12") == {"type": "register", "password": "s3cret12"}


def test_two_different_passwords_are_none():
    """One of them was mistyped."""
    question = PasswordQuestion(PasswordWanted("register", ""))
    question.answer("s3cret12")
    with pytest.raises(ValueError, match="nothing was sent"):
        question.answer("s3cret21")


def test_a_password_that_is_too_long_is_not_sent():
    """Bytes count."""
    longest = Limits().password
    assert PasswordQuestion(PasswordWanted("login", "ann")).answer("ß" * (longest // 2)) is not None
    with pytest.raises(ValueError, match=f"at most {longest} bytes"):
        PasswordQuestion(PasswordWanted("login", "ann")).answer("ß" * (longest // 2 + 1))


def test_the_environment_comes_before_the_terminal():
    """Scripts have no one to ask."""
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return "typed-it"

    assert login_password("ann", {PASSWORD_VARIABLE: "s3cret12"}, ask) == "s3cret12"
    assert (login_password("ann", {}, ask), asked) == ("typed-it", ["Password for ann: "])


def test_no_password_at_all_is_explained():
    """In one clear line."""
    with pytest.raises(ValueError, match=PASSWORD_VARIABLE):
        login_password("ann", {PASSWORD_VARIABLE: ""}, None)
    with pytest.raises(ValueError, match="No password was given"):
        login_password("ann", {}, lambda question: " ")
