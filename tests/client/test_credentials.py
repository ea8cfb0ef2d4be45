"""Tests of what lets one in."""

from __future__ import annotations

import pytest

from chatroom.chat.replies import LoggedIn, LoggedOut
from chatroom.client.credentials import Next, Papers


def test_the_first_hello_shows_the_password_and_later_ones_the_token():
    """The token continues the login."""
    papers = Papers(["dev"], "s3cret12")
    assert papers.hello("ann", {}) == {"type": "hello", "nick": "ann", "password": "s3cret12", "rooms": ("dev",)}
    papers.resume = "TOKEN"
    assert papers.hello("ann", {"dev": 4}) == {"type": "hello", "nick": "ann", "resume": "TOKEN", "seen": {"dev": 4}}


def test_a_login_changes_the_token():
    """And so does a logout, after which the password is no use either."""
    papers = Papers(password="s3cret12")
    papers.resume = "OLD"
    assert papers.logged_in(LoggedIn("ann", "admin", "NEW"))
    assert not papers.logged_in(LoggedIn("ann", "admin", "NEWER"))
    assert (papers.resume, papers.account, papers.role) == ("NEWER", "ann", "admin")
    papers.logged_out(LoggedOut("bye", "GUEST"))
    assert (papers.resume, papers.account, papers.role) == ("GUEST", "", "")
    papers.resume = ""
    assert "password" not in papers.hello("ann", {})


def test_a_token_that_is_no_good_leaves_the_password():
    """The server may be another one by now."""
    papers = Papers(["dev"], "s3cret12")
    papers.logged_in(LoggedIn("ann", "account", "TOKEN"))
    papers.been_in(["lobby", "tea"])
    assert papers.refused("cannot_resume", greeted=True) is Next.OTHERWISE
    assert papers.role == ""
    hello = papers.hello("ann", {"lobby": 4})
    assert hello == {"type": "hello", "nick": "ann", "password": "s3cret12", "rooms": ("lobby", "tea")}


@pytest.mark.parametrize(
    ("code", "greeted", "following"),
    [
        ("nick_taken", False, Next.RENAMED),
        ("bad_name", True, Next.RENAMED),
        ("banned", True, Next.NEVER),
        ("not_allowed", True, Next.NEVER),
        ("wrong_password", False, Next.NEVER),
        ("too_many", False, Next.NEVER),
        ("too_many", True, Next.LATER),
        ("not_now", True, Next.LATER),
        ("too_soon", True, Next.LATER),
        ("cannot_resume", False, Next.NEVER),
    ],
)
def test_what_follows_depends_on_why(code: str, greeted: bool, following: Next):
    """Some things another nick mends, some things time, some nothing."""
    assert Papers().refused(code, greeted=greeted) is following


def test_another_nick_has_another_password():
    """That of the first would be refused."""
    papers = Papers(password="s3cret12")
    papers.refused("nick_taken", greeted=False)
    assert papers.hello("anna", {}) == {"type": "hello", "nick": "anna"}


def test_what_one_is_called_in_a_room_tells_whether_one_is_logged_in():
    """The token may have lost its login while we were away; a room's operator may be either."""
    papers = Papers()
    papers.logged_in(LoggedIn("ann", "admin", "TOKEN"))
    papers.entered("operator")
    assert papers.role == "admin"
    papers.entered("account")
    assert papers.role == "account"
    papers.entered("guest")
    assert (papers.account, papers.role) == ("", "")
