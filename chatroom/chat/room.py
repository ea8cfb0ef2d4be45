"""A room: who is in it, its rules, and its events shown to its members in journal order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING

from .events import TALK, Acted, Batch, Event, Joined, Left, Renamed, Said, TopicChanged, Whispered
from .refusals import BadInput, TooLong
from .replies import Numbered, Recalled

if TYPE_CHECKING:
    from .hub import Hub
    from .ports import RoomRecord
    from .session import Session

TAIL = 200
"""Events that a room keeps at hand: whoever comes in or has fallen just behind costs no disk read."""

PAGE = 200
"""Events read from the journal at a time for someone who is behind."""

PAGE_TEXT = 16_384
"""Characters said in one such page: a page is what a reader who stalls makes the server hold."""


class Seat:
    """
    One person's place in one room.

    A *live* seat is shown every batch as it is committed, so its position is the room's.  Any other
    seat belongs to someone reading the journal: ``position`` is the last seq they were shown, ``since``
    the one before the first that they were to be shown here.  Who is *leaving* has said so already.
    """

    __slots__ = ("leaving", "live", "position", "room", "session", "since")

    def __init__(self, room: Room, session: Session, position: int) -> None:
        self.room = room
        self.session = session
        self.position = self.since = position
        self.live = self.leaving = False

    def go_live(self) -> None:
        """From now on, show this seat every batch; it has seen all there is."""
        self.live = True
        self.room.live[self.session.identity] = self.session

    def fall_behind(self) -> None:
        """Show this seat no more batches; it reads on from here when it can."""
        if self.live:
            self.live = False
            self.position = self.room.shown
            del self.room.live[self.session.identity]


class Room:
    """
    One room that is in use.

    ``shown`` is the seq of the last event handed to the outlets.  A *private* room is the conversation
    of two people: it is in no list, and nobody joins or leaves it.
    """

    __slots__ = ("_hub", "live", "name", "pending", "private", "seats", "shown", "tail", "topic")

    def __init__(self, hub: Hub, name: str, record: RoomRecord, tail: Iterable[Event]) -> None:
        self._hub = hub
        self.name = name
        self.private = name.startswith("@")
        self.topic = record.topic
        self.pending = 0
        """Events on their way to the journal; a room with any stays in use."""
        self.shown = record.last
        self.tail: deque[Event] = deque(tail, TAIL)
        """The last events that were shown; the newest has the seq ``shown``."""
        self.seats: dict[str, Seat] = {}
        self.live: dict[str, Session] = {}

    def people(self) -> list[Session]:
        """Everyone in the room, in the order of their nicks."""
        return sorted((seat.session for seat in self.seats.values()), key=lambda one: one.key)

    # What people do here.

    def say(self, speaker: Session, text: str) -> None:
        """
        Let everyone here hear *speaker*.

        :raises Refusal: if the text is empty or longer than a line may be.
        """
        self._check_words(text)
        said = Said(self.name, speaker.active, speaker.identity, speaker.nick, text, ref=speaker.ref)
        self._hub.rooms.append(self, speaker, said)

    def act(self, speaker: Session, text: str) -> None:
        """
        Let everyone here see what *speaker* does.

        :raises Refusal: if the text is empty or longer than a line may be.
        """
        self._check_words(text)
        self.append(speaker, Acted(self.name, speaker.active, speaker.identity, speaker.nick, text, ref=speaker.ref))

    def whisper(self, speaker: Session, to: str, text: str) -> None:
        """
        Say something to *to*, the other person of this conversation.

        :raises Refusal: if the text is empty or longer than a line may be.
        """
        self._check_words(text)
        event = Whispered(self.name, self._now(), speaker.identity, speaker.nick, text, to, ref=speaker.ref)
        self.append(speaker, event)

    def enter(self, session: Session) -> None:
        """Let *session* in; it has its seat once this is stored."""
        self.append(session, Joined(self.name, self._now(), session.identity, session.nick, ref=session.ref))

    def depart(self, session: Session, reason: str) -> None:
        """Record that *session* goes."""
        event = Left(self.name, self._now(), session.identity, session.nick, reason, ref=session.ref)
        self.append(session, event)

    def rename(self, session: Session, new: str) -> None:
        """Record that *session* calls itself *new* from here on."""
        self.append(session, Renamed(self.name, self._now(), session.identity, session.nick, new, ref=session.ref))

    def set_topic(self, session: Session, topic: str) -> None:
        """
        Set the topic; an empty one removes it.

        :raises TooLong: if it is longer than a topic may be.
        """
        longest = self._hub.limits.topic
        if len(topic) > longest:
            raise TooLong(f"A topic has at most {longest} characters.")
        event = TopicChanged(self.name, self._now(), session.identity, session.nick, topic, ref=session.ref)
        self.append(session, event)

    def append(self, author: Session, event: Event) -> None:
        """Put *event* in the journal; *author* is told what became of it, and so is the room."""
        self._hub.rooms.append(self, author, event)

    def _now(self) -> float:
        return self._hub.world.now()

    def _check_words(self, text: str) -> None:
        if not text or text.isspace():
            raise BadInput("There is nothing to say in an empty line.")
        longest = self._hub.limits.line
        # No character takes more than four bytes, so most lines need no counting.
        if len(text) * 4 > longest and len(text.encode()) > longest:
            raise TooLong(f"A line has at most {longest} bytes.")

    # What the journal says has happened.

    def show(self, batch: Batch) -> None:
        """Hand *batch*, which follows what was shown before, to everyone who is up to date."""
        self.shown = batch.last
        self.pending -= len(batch)
        self.tail.extend(batch.events)
        for event in batch.events:
            if type(event) is TopicChanged:
                self.topic = event.topic
        self._hub.fan_out([session.outlet for session in self.live.values()], batch)

    # What has happened before.

    async def after(self, seq: int) -> Batch:
        """
        Read a page of the events that follow *seq*.

        :returns: a batch whose ``first`` is greater than ``seq + 1`` if older events are gone; it may be
            empty, and then reaches up to what was shown.
        :raises JournalError: if the journal cannot be read now.
        """
        oldest = self.shown - len(self.tail) + 1
        if seq + 1 >= oldest:
            skip = seq + 1 - oldest
            return Batch(self.name, seq + 1, _page(islice(self.tail, skip, None)))
        shown = self.shown
        found = await self._hub.journal.after(self.name, seq, PAGE)
        if not found.events:
            return Batch(self.name, shown + 1, ())
        # The journal may hold more than has been shown: that is still to come to everyone.
        return Batch(self.name, found.first, _page(found.events[: shown - found.first + 1]))

    async def history(self, count: int, before: int | None, *, talk_only: bool) -> Recalled:
        """
        Read the newest *count* events below *before* (None: of all that was shown).

        :param talk_only: pass over all but what was said; at most ten pages are searched for it.
        :raises JournalError: if the journal cannot be read now.
        """
        below = min(before or self.shown + 1, self.shown + 1)
        found: list[Numbered] = []
        for _ in range(10):
            page = await self._before(below, PAGE if talk_only else count)
            kept = [(seq, event) for seq, event in page if not talk_only or type(event) in TALK]
            found = kept + found
            below = page.first if page.events else 1
            if len(found) >= count or below <= 1:
                break
        more = below > 1 or len(found) > count
        return Recalled(self.name, tuple(found[-count:]), more)

    def recent(self, count: int, upto: int) -> tuple[Numbered, ...]:
        """The last *count* things said up to the seq *upto*, as far as they are at hand."""
        oldest = self.shown - len(self.tail) + 1
        said = [(seq, one) for seq, one in enumerate(self.tail, oldest) if seq <= upto and type(one) in TALK]
        return tuple(said[-count:])

    async def _before(self, seq: int, limit: int) -> Batch:
        oldest = self.shown - len(self.tail) + 1
        if seq - limit >= oldest or oldest == 1:
            first = max(seq - limit, oldest)
            return Batch(self.name, first, list(islice(self.tail, first - oldest, seq - oldest)))
        return await self._hub.journal.before(self.name, seq, limit)


def _page(events: Iterable[Event]) -> list[Event]:
    """Take what fits into one page: at least one event, then up to `PAGE` of them and `PAGE_TEXT` characters."""
    page: list[Event] = []
    size = 0
    for event in events:
        text, _ = event.words
        size += len(getattr(event, text)) if text else 0
        if page and (size > PAGE_TEXT or len(page) == PAGE):
            break
        page.append(event)
    return page
