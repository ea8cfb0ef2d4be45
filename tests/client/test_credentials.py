"""Tests of credentials."""

from __future__ import annotations

import pytest

from chatroom.chat.replies import LoggedIn, LoggedOut
from chatroom.client.credentials import AfterRefusal, Credentials


def test_the_first_hello_shows_the_password_and_later_ones_the_token():
    """The token continues the login."""
    credentials = Credentials(["dev"], "s3cret12")
    assert credentials.hello("ann", {}) == {"type": "hello", "nick": "ann", "password": "s3cret12", "rooms": ("dev",)}
    credentials.resume = "TOKEN"
    assert credentials.hello("ann", {"dev": 4}) == {
        "type": "hello",
        "nick": "ann",
        "resume": "TOKEN",
        "seen": {"dev": 4},
    }


def test_a_login_changes_the_token():
    """And so does a logout, after which the password is no use either."""
    credentials = Credentials(password="s3cret12")
    credentials.resume = "OLD"
    assert credentials.logged_in(LoggedIn("ann", "admin", "NEW"))
    assert not credentials.logged_in(LoggedIn("ann", "admin", "NEWER"))
    assert (credentials.resume, credentials.account, credentials.role) == ("NEWER", "ann", "admin")
    credentials.logged_out(LoggedOut("bye", "GUEST"))
    assert (credentials.resume, credentials.account, credentials.role) == ("GUEST", "", "")
    credentials.resume = ""
    assert "password" not in credentials.hello("ann", {})


def test_a_token_that_is_no_good_leaves_the_password():
    """The server may be another one by now."""
    credentials = Credentials(["dev"], "s3cret12")
    credentials.logged_in(LoggedIn("ann", "account", "TOKEN"))
    credentials.remember_rooms(["lobby", "tea"])
    assert credentials.refused("cannot_resume", greeted=True) is AfterRefusal.RETRY
    assert credentials.role == ""
    hello = credentials.hello("ann", {"lobby": 4})
    assert hello == {"type": "hello", "nick": "ann", "password": "s3cret12", "rooms": ("lobby", "tea")}


@pytest.mark.parametrize(
    ("code", "greeted", "following"),
    [
        ("nick_taken", False, AfterRefusal.OTHER_NICK),
        ("bad_name", True, AfterRefusal.OTHER_NICK),
        ("banned", True, AfterRefusal.GIVE_UP),
        ("not_allowed", True, AfterRefusal.GIVE_UP),
        ("wrong_password", False, AfterRefusal.GIVE_UP),
        ("too_many", False, AfterRefusal.GIVE_UP),
        ("too_many", True, AfterRefusal.RETRY_LATER),
        ("not_now", True, AfterRefusal.RETRY_LATER),
        ("too_soon", True, AfterRefusal.RETRY_LATER),
        ("cannot_resume", False, AfterRefusal.GIVE_UP),
    ],
)
def test_what_follows_depends_on_why(code: str, greeted: bool, following: AfterRefusal):
    """Some things another nick mends, some things time, some nothing."""
    assert Credentials().refused(code, greeted=greeted) is following


def test_another_nick_has_another_password():
    """That of the first would be refused."""
    credentials = Credentials(password="s3cret12")
    credentials.refused("nick_taken", greeted=False)
    assert credentials.hello("anna", {}) == {"type": "hello", "nick": "anna"}


def test_what_one_is_called_in_a_room_tells_whether_one_is_logged_in():
    """The token may have lost its login while we were away; a room's operator may be either."""
    credentials = Credentials()
    credentials.logged_in(LoggedIn("ann", "admin", "TOKEN"))
    credentials.entered("operator")
    assert credentials.role == "admin"
    credentials.entered("account")
    assert credentials.role == "account"
    credentials.entered("guest")
    assert (credentials.account, credentials.role) == ("", "")
