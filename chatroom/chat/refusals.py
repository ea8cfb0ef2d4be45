"""Refusals: exceptions for people, shown as one clear line to the person who sent the command."""

from __future__ import annotations

from typing import ClassVar


class Refusal(Exception):
    """A command was refused; the text is one line for the person who sent it."""

    code: ClassVar[str] = "refused"
    """A stable code for programs, independent of the text."""


class BadInput(Refusal):
    """The input is malformed."""

    code = "bad_input"


class TooLong(BadInput):
    """A line, nick, room name, topic or other input exceeds its limit."""

    code = "too_long"


class UnknownCommand(BadInput):
    """The command does not exist."""

    code = "unknown_command"


class BadName(Refusal):
    """The nick or room name is not allowed."""

    code = "bad_name"


class NickTaken(Refusal):
    """The nick is in use; the text suggests another."""

    code = "nick_taken"


class NotHere(Refusal):
    """The person is not in that room, or nobody here has that nick."""

    code = "not_here"


class TooMany(Refusal):
    """A limit on a number of things is reached."""

    code = "too_many"


class NotStored(Refusal):
    """The journal cannot store events now, so the command had no effect."""

    code = "not_stored"

    @classmethod
    def because(cls, error: Exception) -> NotStored:
        """Build the refusal for a failure to store, with *error* as the reason."""
        return cls(f"Not sent: messages cannot be stored now ({error}). Please try again later.")


class CannotResume(Refusal):
    """The resume token is invalid or expired; say hello without it."""

    code = "cannot_resume"


class NotNow(Refusal):
    """The command is not possible now: before hello, after hello, or during shutdown."""

    code = "not_now"


class NotAllowed(Refusal):
    """The person lacks the role for this; see ``docs/rules.md``."""

    code = "not_allowed"


class BannedHere(Refusal):
    """The person is banned from the room or the server; the text says why and for how long."""

    code = "banned"


class MutedHere(Refusal):
    """The person is muted in this room."""

    code = "muted"


class TooSoon(Refusal):
    """
    Slow mode or too many attempts: the text says how long to wait.

    :param wait: the same in seconds; 0.0: unknown.
    """

    code = "too_soon"

    def __init__(self, text: str, wait: float = 0.0) -> None:
        super().__init__(text)
        self.wait = wait


class TooSlow(Refusal):
    """The command took too long and was aborted; ask for less."""

    code = "too_slow"


class RoomLocked(Refusal):
    """The room is locked: it needs a key or an invitation."""

    code = "locked"


class RoomFull(Refusal):
    """The room has as many people as its operators let in."""

    code = "full"


class WrongPassword(Refusal):
    """Wrong nick or password; the text does not say which."""

    code = "wrong_password"


class WrongToken(Refusal):
    """The API token is wrong, or has been revoked."""

    code = "wrong_token"


class Insecure(Refusal):
    """A password or token was, or would be, sent over an unencrypted connection."""

    code = "insecure"


class TlsOnly(Refusal):
    """The server accepts only TLS; the text says how to connect."""

    code = "tls_only"
