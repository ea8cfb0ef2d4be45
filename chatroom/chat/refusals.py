"""How a rule says no: exceptions for people, always shown to the asker in one clear line."""

from __future__ import annotations

from typing import ClassVar


class Refusal(Exception):
    """Something was asked that the rules do not allow; the text is one line for the asker."""

    code: ClassVar[str] = "refused"
    """For programs: stays the same whatever the text says."""


class BadInput(Refusal):
    """What was sent cannot be understood."""

    code = "bad_input"


class TooLong(BadInput):
    """A line, a nick, a room's name, a topic: more than its limit."""

    code = "too_long"


class UnknownCommand(BadInput):
    """There is no such command."""

    code = "unknown_command"


class BadName(Refusal):
    """A nick or a room's name that nobody may have."""

    code = "bad_name"


class NickTaken(Refusal):
    """Somebody else has this nick; the text suggests another."""

    code = "nick_taken"


class NotHere(Refusal):
    """The asker is not in that room, or nobody of that name is here."""

    code = "not_here"


class TooMany(Refusal):
    """The asker has reached a limit on a number of things."""

    code = "too_many"


class NotStored(Refusal):
    """The journal cannot store events now, so what was asked has not happened."""

    code = "not_stored"

    @classmethod
    def because(cls, error: Exception) -> NotStored:
        """Word the refusal of what cannot be stored because of *error*."""
        return cls(f"Not sent: messages cannot be stored now ({error}). Please try again later.")


class CannotResume(Refusal):
    """The token is not one of ours, or it is too old; say hello without it."""

    code = "cannot_resume"


class NotNow(Refusal):
    """Right in itself, but not at this point: no name yet, a name already, shutting down."""

    code = "not_now"


class NotAllowed(Refusal):
    """The asker does not have the role that this needs; see ``docs/rules.md``."""

    code = "not_allowed"


class BannedHere(Refusal):
    """The asker is banned, from the room or from the server; the text says why and until when."""

    code = "banned"


class MutedHere(Refusal):
    """The asker may say nothing here now."""

    code = "muted"


class TooSoon(Refusal):
    """The room is slow, or something was tried too often: the text says how long to wait."""

    code = "too_soon"


class TooSlow(Refusal):
    """What was asked took too long and was given up; ask for less."""

    code = "too_slow"


class RoomLocked(Refusal):
    """The room lets in only who knows its key, or was invited."""

    code = "locked"


class WrongPassword(Refusal):
    """The nick and the password do not go together; nothing tells which of them is wrong."""

    code = "wrong_password"


class Insecure(Refusal):
    """A password would be, or was, sent over a network that others can read."""

    code = "insecure"


class TlsOnly(Refusal):
    """This server is spoken to by TLS only, and this connection has none; the text says how."""

    code = "tls_only"
