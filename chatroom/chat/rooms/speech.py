"""Speech: checks what people say in a room and appends it to the journal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..events import Acted, Noticed, Said, TopicChanged, Whispered
from ..ports import MENTION, RecordChange
from ..refusals import BadInput, TooLong
from ..rules.roles import Role, role_in
from ..syntax.blanks import is_blank

if TYPE_CHECKING:
    from ..event import Marks
    from ..people.person import Connection
    from .room import Room


def say(room: Room, speaker: Connection, text: str, marks: Marks | None = None) -> None:
    """
    Say *text* to the room.

    :param marks: of an answer: what it answers.
    :raises Refusal: if the text is empty or too long, or *speaker* may not speak here now.
    """
    check_words(room, text)
    if room.state.restricts:
        check_may_speak(room, speaker)
    person = speaker.person
    ref, session, ask = speaker.ref, speaker.mark, speaker.ask
    speaker.conversation = ""
    by, nick = person.identity, person.nick
    said = Said(room.name, speaker.active, by, nick, text, ref=ref, session=session, ask=ask, marks=marks)
    room.append(speaker, said, _mentions(room, text))


def act(room: Room, speaker: Connection, text: str, kind: type[Acted | Noticed] = Acted) -> None:
    """
    Show an action of *speaker* to the room, or a notice.

    :raises Refusal: if the text is empty or too long, or *speaker* may not speak here now.
    """
    check_words(room, text)
    if room.state.restricts:
        check_may_speak(room, speaker)
    person = speaker.person
    ref, session, ask = speaker.ref, speaker.mark, speaker.ask
    speaker.conversation = ""
    acted = kind(room.name, speaker.active, person.identity, person.nick, text, ref=ref, session=session, ask=ask)
    room.append(speaker, acted, _mentions(room, text))


def whisper(
    room: Room,
    speaker: Connection,
    to: str,
    text: str,
    changes: Sequence[RecordChange] = (),
    marks: Marks | None = None,
) -> None:
    """
    Send a private message to *to*, the other party of this conversation.

    :param marks: of an answer: what it answers.
    :raises Refusal: if the text is empty or too long.
    """
    check_words(room, text)
    person = speaker.person
    event = Whispered(
        *(room.name, room.core.runtime.now(), person.identity, person.nick, text, to),
        ref=speaker.ref,
        session=speaker.mark,
        ask=speaker.ask,
        marks=marks,
    )
    room.append(speaker, event, changes)


def set_topic(room: Room, session: Connection, topic: str) -> None:
    """
    Set the topic; an empty one removes it.

    :raises Refusal: if it is too long, or *session* may not speak here now.
    """
    longest = room.core.limits.topic
    if len(topic) > longest:
        raise TooLong(f"A topic has at most {longest} characters.")
    check_may_speak(room, session)
    person, now = session.person, room.core.runtime.now()
    ref, mark, ask = session.ref, session.mark, session.ask
    event = TopicChanged(room.name, now, person.identity, person.nick, topic, ref=ref, session=mark, ask=ask)
    room.append(session, event)


def _mentions(room: Room, text: str) -> Sequence[RecordChange]:
    """Return the changes that count *text* as a mention of each account in it."""
    index = room.core.accounts.mentions
    return [RecordChange(room.name, MENTION, account, {}) for account in index.find(text)] if index.accounts else ()


def check_words(room: Room, text: str) -> None:
    """
    Check that *text* can be said in *room*.

    :raises Refusal: if it is empty or too long.
    """
    if is_blank(text):
        raise BadInput("That line is empty.")
    longest = room.core.limits.line
    if "\n" in text and text.count("\n") >= room.core.limits.paste:
        raise TooLong(f"At most {room.core.limits.paste} lines at a time.")
    # A character takes at most four bytes, so most lines need no counting.
    if len(text) * 4 > longest and len(text.encode()) > longest:
        raise TooLong(f"A line has at most {longest} bytes.")


def check_may_speak(room: Room, speaker: Connection) -> None:
    """
    Check that *speaker* may speak in this room now.

    :raises Refusal: if they are muted, or slow mode applies and they have just spoken.
    """
    if room.state.restricts and role_in(speaker.person, room) < Role.OPERATOR:
        room.state.check_may_speak(speaker.person, room.name, room.core.runtime.now(), room.core.runtime.monotonic())
