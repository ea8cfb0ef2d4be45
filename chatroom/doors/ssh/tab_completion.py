"""Tab completion at an SSH terminal: commands, nicks and rooms, whichever fits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from chatroom.chat.command_table import usages
from chatroom.chat.refusals import Refusal
from chatroom.chat.syntax.emoji import NAMES
from chatroom.terminal.completion import Completion

from .status_command import USAGE

if TYPE_CHECKING:
    from chatroom.chat.hub import Hub
    from chatroom.chat.session import Session

_BEFORE_NICKS = "@([{<\"'“‘„«¿¡*_~"
"""What may stand before a nick without a space; no name begins with any of it."""

_MOST = 200
"""Names that are offered; of more, whoever types one more letter gets fewer."""


def complete(hub: Hub, session: Session, text: str, cursor: int) -> Completion | None:
    """Offer what the word before the *cursor* in *text* may become."""
    *before, word = text[:cursor].replace("\n", " ").split(" ")
    offers = sorted(_offers(hub, session, before, word))[:_MOST]
    if text[cursor : cursor + 1] == " ":
        offers = [offer.rstrip() for offer in offers]
    return Completion(cursor - len(word), offers) if offers else None


def _offers(hub: Hub, session: Session, before: list[str], word: str) -> Iterable[str]:
    if not before and word.startswith("/"):
        return _spaced(word, (usage.split()[0] for usage in (*usages(), USAGE)))
    if len(word) > 1 and word.startswith(":"):
        return {f"{NAMES[name]} " for name in NAMES if name.startswith(word[1:].rstrip(":"))}
    kind = _argument(before)
    if kind.islower():
        return _spaced(word, kind.split("|"))
    if kind == "ROOM" or word.startswith("#"):
        return _rooms(hub, session, word)
    return _people(session, word, first=not before)


def _argument(before: list[str]) -> str:
    """Name the argument at the cursor as the usage of the command does: ``NICK`` in ``/msg NICK TEXT``."""
    if before and before[0].startswith("/"):
        for usage in (*usages(), USAGE):
            name, *arguments = usage.split()
            if name == before[0].lower() and arguments:
                return arguments[min(len(before), len(arguments)) - 1].strip("[]")
    return ""


def _rooms(hub: Hub, session: Session, word: str) -> Iterable[str]:
    mark = "#" if word.startswith("#") else ""
    known = (room for room in hub.rooms if not room.conversation and room.may_know(session.person))
    return _spaced(word, (mark + room.name for room in known))


def _people(session: Session, word: str, *, first: bool) -> Iterable[str]:
    nick = word.lstrip(_BEFORE_NICKS)
    mark = word.removesuffix(nick) if nick else word
    try:
        room = session.room(None, private=True)
    except Refusal:
        return []
    if not nick and not mark.endswith("@"):
        return []
    after = ": " if first and not mark else " "
    others = (seat.person.nick for seat in room.seats.values() if seat.person is not session.person)
    return (f"{mark}{one}{after}" for one in _starting(nick, others))


def _spaced(word: str, names: Iterable[str]) -> Iterable[str]:
    return (f"{name} " for name in _starting(word, names))


def _starting(word: str, names: Iterable[str]) -> Iterable[str]:
    return (name for name in names if name.casefold().startswith(word.casefold()))
