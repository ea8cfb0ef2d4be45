"""Arrival: what follows the server's answer to the hello, until everything that was missed is shown."""

from __future__ import annotations

from dataclasses import replace

from chatroom.chat.replies import PasswordWanted, Refused, RoomEntered, Welcome

from .credentials import AfterRefusal
from .talk import Talk
from .ui_port import ConnectionState


def turned_away(talk: Talk, refused: Refused) -> None:
    """Try again, with another nick perhaps, or give up."""
    following = talk.credentials.refused(refused.code, greeted=talk.greeted)
    if following is AfterRefusal.GIVE_UP:
        talk.fail(refused.text)
    elif following is AfterRefusal.RETRY:
        talk.rooms.forget()
        talk.say_hello()
    elif following is AfterRefusal.OTHER_NICK:
        talk.state = ConnectionState.ASKING
        talk.renderer.complain(f"!! {refused.text}")
    else:
        talk.drop()


def not_logged_in(talk: Talk, refused: Refused) -> None:
    """Go on as a guest if this person was here before; otherwise they mistyped the password."""
    if talk.caught_up:
        talk.renderer.reply(refused)
    else:
        talk.fail(refused.text)


def welcomed(talk: Talk, welcome: Welcome) -> None:
    """Note the nick and the token."""
    talk.nick, talk.credentials.resume, talk.commands = welcome.nick, welcome.resume, welcome.commands
    talk.typed.welcomed(welcome)
    talk.state = ConnectionState.REPLAYING
    if not talk.greeted:
        talk.renderer.reply(welcome)
    elif not talk.called_back:
        talk.renderer.complain("-- Reconnected.")
    talk.greeted, talk.called_back = True, False


def entered(talk: Talk, room: RoomEntered, *, asked: bool) -> None:
    """
    Note that this person is in *room*.

    :param asked: by this client, not by another device of theirs.
    """
    greeting = talk.state is ConnectionState.REPLAYING
    talk.credentials.entered(room.role)
    talk.recent.note_all(room.recent)
    news = talk.rooms.enter(room, greeting, asked=asked)
    here = talk.rooms.current
    if not greeting and here != room.room:
        room = replace(room, elsewhere=here)
    if news or not greeting or room.recent:
        talk.renderer.reply(room)


def ask_for_password(talk: Talk, wanted: PasswordWanted) -> None:
    """Ask for the password of the registered nick that this person came with, or take another nick."""
    before = wanted.command == "hello"
    whose = f"-- {wanted.nick} is a registered nick."
    given = (lambda password: _say_hello(talk, password)) if before else None
    if talk.ui.answers_at_hello:
        talk.renderer.complain(
            f"{whose} If it is yours, type its password. If not, press Enter, and you get another nick."
        )
        talk.requests.want_password(wanted, lambda: _decline(talk, wanted.nick, before=before), given)
    else:
        talk.renderer.complain(f"{whose} --login logs in to it.")
        _decline(talk, wanted.nick, before=before)


def _say_hello(talk: Talk, password: str) -> None:
    talk.credentials.log_in(password)
    talk.say_hello()


def _decline(talk: Talk, nick: str, *, before: bool) -> None:
    """Take another nick than *nick*; *before*: the server has not let this person in yet."""
    if before:
        _say_hello(talk, "")
    else:
        talk.other_nick.instead_of(nick)
