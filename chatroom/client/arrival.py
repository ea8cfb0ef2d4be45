"""Arrival: what follows the server's answer to the hello, until everything that was missed is shown."""

from __future__ import annotations

from dataclasses import replace

from chatroom.chat.replies import PasswordWanted, Refused, RoomEntered, Welcome
from chatroom.chat.syntax.names import key

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
    if talk.greeted:
        talk.renderer.complain("-- Reconnected.")
    else:
        talk.renderer.reply(welcome)
    talk.greeted = True


def entered(talk: Talk, room: RoomEntered, *, asked: bool) -> None:
    """
    Note that this person is in *room*.

    :param asked: by this client, not by another device of theirs.
    """
    greeting = talk.state is ConnectionState.REPLAYING
    talk.credentials.entered(room.role)
    news = talk.rooms.enter(room, greeting, asked=asked)
    here = talk.rooms.current
    if not greeting and here != room.room:
        room = replace(room, elsewhere=here)
    if news or not greeting or room.recent:
        talk.renderer.reply(room)


def ask_for_password(talk: Talk, wanted: PasswordWanted) -> None:
    """Ask for the password of the registered nick that this person came with, or take another nick."""
    whose = f"-- {wanted.nick} is a registered nick."
    if talk.ui.answers_at_hello:
        stays = f"and you stay {talk.nick}" if key(wanted.nick) != key(talk.nick) else "and you get another nick"
        talk.renderer.complain(f"{whose} If it is yours, type its password. If not, press Enter, {stays}.")
        talk.requests.want_password(wanted, declined=lambda: _decline(talk, wanted.nick))
    else:
        talk.renderer.complain(f"{whose} --login logs in to it.")
        _decline(talk, wanted.nick)


def _decline(talk: Talk, nick: str) -> None:
    # While its owner is here, the server has given this person another one already.
    if key(nick) == key(talk.nick):
        talk.other_nick.instead_of(nick)
