"""What replies change on this side: the nick, the login, the preferences and the rooms."""

from __future__ import annotations

from chatroom.chat import replies
from chatroom.chat.refusals import WrongPassword
from chatroom.chat.replies import Reply

from .outbox import Line
from .talk import Talk


def noted(talk: Talk, reply: Reply, answered: Line | None) -> bool:
    """Apply *reply*, which answers the line *answered*, to *talk*; return whether to show it."""
    match reply:
        case replies.Pong():
            return False
        case replies.Goodbye(again=True):
            talk.called_back = True
            return False
        case replies.Notice() if answered is None and talk.rooms.left_elsewhere:
            room, talk.rooms.left_elsewhere = talk.rooms.left_elsewhere, ""
            if reply.text.startswith(f"You left #{room}. "):
                # The rest is where the server would send a line without a room; ours name one.  If it was the current
                # one, the person knows already.
                if not talk.rooms.left_current:
                    talk.renderer.reply(replies.Notice(f"You left #{room} on another device."))
                return False
        case replies.Refused() if answered is not None:
            if talk.other_nick.goes_on(answered, reply):
                return False
            talk.requests.refusals += 1
            talk.leaving = False
            if reply.code == WrongPassword.code and answered.values.get("type") == "login":
                talk.renderer.reply(reply)
                talk.renderer.complain(f"-- Try again with /login {answered.values.get('nick') or talk.nick}.")
                return False
        case replies.NickChanged():
            talk.nick = reply.nick
        case replies.LoggedIn():
            # A resumed session gets this again.
            return talk.credentials.logged_in(reply) or answered is not None
        case replies.LoggedOut():
            talk.credentials.logged_out(reply)
            talk.activity.forget_conversations()
        case replies.Preferences():
            talk.renderer.prefer(reply, answered.text if answered is not None else "")
            # Without an answer they were restored, or one of them was changed on another device.
            return answered is not None or bool(reply.changed)
        case _:
            talk.rooms.apply_reply(reply)
    return True


def is_last(talk: Talk, goodbye: replies.Goodbye, answered: Line | None) -> bool:
    """Return whether *talk* is over, rather than the server about to be gone for a while."""
    talk.failed = talk.failed or goodbye.ended
    return goodbye.ended or talk.leaving or answered is not None
