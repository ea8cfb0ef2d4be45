"""Status messages: only the operators of a room hear what is said to ``@#room``, and those with a voice ``+#room``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatroom.chat.events import Acted, Said
from chatroom.chat.fair_queue import NAMES_A_LINE
from chatroom.chat.replies import Notice
from chatroom.chat.rooms import speech
from chatroom.dialects.irc.names import channel
from chatroom.dialects.irc.talk import talk_lines

from ..server import STATUSES

if TYPE_CHECKING:
    from chatroom.chat.people.person import Person
    from chatroom.chat.rooms.room import Seat

    from ..client import Client

_CALLED = {"@": "the operators", "+": "those with a voice"}


def has_status(target: str) -> bool:
    """Return whether *target* is a channel with a status before it."""
    return target[:1] in _CALLED and target[1:2] == "#"


async def say_to_some(door: Client, target: str, text: str, acted: bool) -> None:
    """
    Say *text* to those in a room who have the status of *target*, or a higher one; nothing of it is stored.

    At other doors it is a notice.

    :raises Refusal: if that person may not speak there now.
    """
    session, status = door.session, target[0]
    room = session.room(target[2:])
    speech.check_words(room, text)
    speech.check_may_speak(room, session)
    session.charge(len(room.seats) / NAMES_A_LINE)
    me, target = session.person, f"{status}{channel(room.name)}"
    # It is of no room, so its id is not that of a message in one.
    event = (Acted if acted else Said)(target, door.hub.core.runtime.now(), me.identity, me.nick, text)
    number: int = next(door.server.status_numbers)
    clients = {one.session: one for one in door.server.presence.clients}
    heard = STATUSES[: STATUSES.index(status) + 1]
    people: list[Person[Seat]] = room.people()
    meant = [people[place] for place, prefix in door.server.prefixes(room).items() if set(prefix) & set(heard)]
    for person in meant:
        if person.hides(event):
            continue
        for one in person.sessions:
            client = clients.get(one)
            if client is None:
                for line in text.split("\n"):
                    one.tell(Notice(f"{me.nick} to {_CALLED[status]} of #{room.name}: {line}"))
            elif client is not door:
                client.show(*talk_lines(client.viewer.look, number, event, target))
    if door.viewer.look.echo:
        door.write(*talk_lines(door.viewer.look, number, event, target))
