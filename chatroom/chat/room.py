"""A room: who is in it, its rules, and its events shown to its members in journal order."""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

from .events import Acted, Batch, Event, Joined, Left, Received, Renamed, Said, TopicChanged, Whispered
from .live import Live
from .past import Past
from .ports import Change, Promise
from .refusals import BadInput, TooLong
from .roles import Role, role_in
from .standing import Standing

if TYPE_CHECKING:
    from .accounts import Account
    from .errands import Author
    from .hub import Hub
    from .session import Session
    from .someone import Someone


_NEVER = 2**63
"""A seq that no room ever comes to."""

_SEEN_OFF_AT_ONCE = 50
"""
Events of one batch that those who leave with it are shown at once: each of them needs a rendering of their own.

If hundreds leave together, those who come later in the batch read on up to where they left, in turns.
"""

_ENDED_AT_ONCE = 1000
"""Records of a room that are looked at, and ended in one commit, when somebody opens it anew."""

_KEY = attrgetter("key")


class Seat:
    """
    One person's place in one room.

    A *live* seat is shown every batch as it is committed, so its position is the room's.  Any other
    seat belongs to someone reading the journal: ``position`` is the last seq they were shown, ``since``
    the one before the first that they were to be shown here.  Who is *leaving* has said so already.
    """

    __slots__ = ("ended", "leaving", "live", "position", "room", "session", "since", "upto")

    def __init__(self, room: Room, session: Session, position: int) -> None:
        self.room = room
        self.session = session
        self.position = self.since = position
        self.live = self.leaving = False
        self.upto = _NEVER
        """The seq of the last event that they are to be shown here: that they have left."""
        self.ended: Promise[None] | None = None
        """Waited for until the seat is taken away."""

    def missing(self, seen: Mapping[str, int]) -> int:
        """Count what has happened here since the seq that *seen* names."""
        return max(0, self.room.shown - seen.get(self.room.name, self.since))

    def end(self) -> None:
        """Wake whoever waits for this seat to be taken away."""
        ended, self.ended = self.ended, None
        if ended is not None:
            ended.callback(None)

    def go_live(self) -> None:
        """From now on, show this seat every batch; it has seen all there is."""
        self.live = True
        self.room.live.add(self.session.identity, self.session.outlet)

    def fall_behind(self) -> None:
        """Show this seat no more batches; it reads on from here when it can."""
        if self.live:
            self.live = False
            self.position = self.room.shown
            self.room.live.remove(self.session.identity)


class Room:
    """
    One room that is in use: its `past`, who has a seat, and who of them is `live`.

    A *conversation* is the room of two people: it is in no list, and nobody joins or leaves it.
    """

    __slots__ = (
        "_hub",
        "_people",
        "_topic",
        "conversation",
        "live",
        "name",
        "past",
        "pending",
        "seats",
        "standing",
        "users",
    )

    def __init__(self, hub: Hub, name: str, topic: str, past: Past, standing: Standing) -> None:
        self._hub = hub
        self._topic = topic
        self.name = name
        self.conversation = name.startswith("@")
        self.past = past
        self.standing = standing
        self.pending = 0
        """Events on their way to the journal; a room with any stays in use."""
        self.users = 0
        """How many are doing something with it; it stays in use for them, too."""
        self.seats: dict[str, Seat] = {}
        self.live = Live()
        self._people: list[Session] | None = None

    @property
    def topic(self) -> str:
        """What somebody has set; else what the configuration says."""
        return self._topic or self._hub.first_topic(self.name)

    @property
    def shown(self) -> int:
        """The seq of the last event that was handed to the outlets."""
        return self.past.last

    def people(self) -> list[Session]:
        """Everyone in the room, in the order of their nicks; not to be changed."""
        if self._people is None:
            self._people = sorted([seat.session for seat in self.seats.values()], key=_KEY)
        return self._people

    def person_came(self, session: Session) -> None:
        """*session* has taken a seat."""
        people = self._people
        self.people_changed()
        if people is not None:
            # A thousand who come one by one would else have the list sorted anew for each of them.
            self._people = people.copy()
            insort(self._people, session, key=_KEY)

    def people_changed(self) -> None:
        """Somebody has come, gone, or is another session or has another nick than before."""
        self._people = None
        self._hub.rooms.version += 1

    # What people do here.

    def say(self, speaker: Session, text: str) -> None:
        """
        Let everyone here hear *speaker*.

        :raises Refusal: if the text is empty or too long, or *speaker* may not speak here now.
        """
        self._check_words(text)
        if self.standing.restricts:
            self.check_may_speak(speaker)
        said = Said(self.name, speaker.active, speaker.identity, speaker.nick, text, ref=speaker.ref)
        self._hub.rooms.append(self, speaker, said)

    def act(self, speaker: Session, text: str) -> None:
        """
        Let everyone here see what *speaker* does.

        :raises Refusal: if the text is empty or too long, or *speaker* may not speak here now.
        """
        self._check_words(text)
        if self.standing.restricts:
            self.check_may_speak(speaker)
        self.append(speaker, Acted(self.name, speaker.active, speaker.identity, speaker.nick, text, ref=speaker.ref))

    def whisper(self, speaker: Session, to: str, text: str, changes: Sequence[Change] = ()) -> None:
        """
        Say something to *to*, the other person of this conversation.

        :raises Refusal: if the text is empty or longer than a line may be.
        """
        self._check_words(text)
        event = Whispered(self.name, self._now(), speaker.identity, speaker.nick, text, to, ref=speaker.ref)
        self.append(speaker, event, changes)

    def receive(self, session: Session, author: Author) -> None:
        """Record that *session* has been given what was said to them while they were away, on behalf of *author*."""
        event = Received(self.name, self._now(), session.identity, session.nick)
        self.append(author, event, [Change(self.name, "unread", session.party, None)])

    def enter(self, session: Session, author: Author, changes: Sequence[Change] = ()) -> None:
        """Record that *session* comes in, which *author* waits for; it has its seat once this is stored."""
        self.append(author, Joined(self.name, self._now(), session.identity, session.nick, ref=session.ref), changes)

    def depart(self, session: Session, reason: str, changes: Sequence[Change] = ()) -> None:
        """Record that *session* goes."""
        self.append(session, self.left(session, reason, session.ref), changes)

    def left(self, session: Session, reason: str, ref: str | None = None) -> Left:
        """Build the event that says so."""
        return Left(
            self.name,
            self._now(),
            session.identity,
            session.becoming[0] if session.becoming else session.nick,
            reason,
            ref=ref,
        )

    def rename(self, session: Session, new: str, author: Author, ref: str | None) -> None:
        """Record that *session* is called *new* from here on, which *author* waits for."""
        self.append(author, Renamed(self.name, self._now(), session.identity, session.nick, new, ref=ref))

    def set_topic(self, session: Session, topic: str) -> None:
        """
        Set the topic; an empty one removes it.

        :raises Refusal: if it is longer than a topic may be, or *session* may say nothing here now.
        """
        longest = self._hub.limits.topic
        if len(topic) > longest:
            raise TooLong(f"A topic has at most {longest} characters.")
        self.check_may_speak(session)
        event = TopicChanged(self.name, self._now(), session.identity, session.nick, topic, ref=session.ref)
        self.append(session, event)

    def append(self, author: Author, event: Event, changes: Sequence[Change] = ()) -> None:
        """Put *event* in the journal; *author* is told what became of it, and so is the room."""
        self._hub.rooms.append(self, author, event, changes)

    def _now(self) -> float:
        return self._hub.world.now()

    def _check_words(self, text: str) -> None:
        if not text or text.isspace():
            raise BadInput("There is nothing to say in an empty line.")
        longest = self._hub.limits.line
        if "\n" in text and text.count("\n") >= self._hub.limits.paste:
            raise TooLong(f"At most {self._hub.limits.paste} lines at a time.")
        # No character takes more than four bytes, so most lines need no counting.
        if len(text) * 4 > longest and len(text.encode()) > longest:
            raise TooLong(f"A line has at most {longest} bytes.")

    def check_may_speak(self, speaker: Session) -> None:
        """
        Make sure that *speaker* may show others here something of their own now.

        :raises Refusal: if they are muted, or the room is slow and they spoke just before.
        """
        if self.standing.restricts and role_in(speaker, self) < Role.OPERATOR:
            self.standing.check_may_speak(speaker, self.name, self._now(), self._hub.world.monotonic())

    # Who is who here.

    @property
    def operators(self) -> list[str]:
        """
        The parties that were made operators here, and can still be somebody.

        An account may have been deleted since, and a crash ends the sessions of guests without a word.
        """
        return [party for party in self.standing.operators if self._hub.is_somebody(party)]

    @property
    def ruled(self) -> bool:
        """Whether there is anybody who is an operator here."""
        return bool(self._hub.appointed(self.name) or self.operators)

    def is_operator(self, session: Someone) -> bool:
        """Whether *session* is an operator here: was made one, or is one by the configuration."""
        return session.party in self.standing.operators or (
            session.account is not None and self.is_ruled_by(session.account)
        )

    def is_ruled_by(self, account: Account) -> bool:
        """Whether who is logged in to *account* is an operator here."""
        return account.id in self.standing.operators or account.key in self._hub.appointed(self.name)

    @property
    def private(self) -> bool:
        """Whether only members may know of this room; one that the configuration has opened is never."""
        return self.standing.private and not self._hub.is_default(self.name)

    @property
    def closed(self) -> bool:
        """Whether not everyone may come in; the same goes."""
        return self.standing.closed and not self._hub.is_default(self.name)

    def is_banned(self, session: Someone) -> bool:
        """Whether *session* is kept out by a ban; who rules here never is."""
        listed = self.standing.bans.about(session.marks, self._now())
        return listed is not None and role_in(session, self) < Role.OPERATOR

    def is_muted(self, session: Someone) -> bool:
        """Whether *session* may say nothing here; who rules here always may."""
        listed = self.standing.mutes.about(session.marks, self._now())
        return listed is not None and role_in(session, self) < Role.OPERATOR

    def may_know(self, session: Someone) -> bool:
        """Whether *session* may know that this room exists, and who is in it."""
        return not self.private or session.identity in self.seats or role_in(session, self) >= Role.OPERATOR

    def shows_to(self, session: Someone) -> bool:
        """Whether *session* may know of somebody else that they are in this room."""
        return not self.conversation and self.may_know(session)

    def may_read(self, session: Someone) -> bool:
        """Whether *session* may read what was said here without coming in: whoever might come in."""
        if session.identity in self.seats or role_in(session, self) >= Role.OPERATOR:
            return True
        let_in = not self.closed or session.party in self.standing.invited
        return let_in and not self.conversation and not self.is_banned(session)

    @property
    def abandoned(self) -> bool:
        """
        Whether guests who are gone for good have closed this room, so that only an admin could ever come in.

        A guest can come back for as long as their token lasts.  Whoever knows the key of a locked room need not.
        """
        standing = self.standing
        if self.seats or self.pending or not (self.private or (self.closed and standing.settings["lock"] != "key")):
            return False
        if self.past.last_at > self._now() - self._hub.limits.token_lasts:
            return False
        parties = [*standing.operators, *standing.invited]
        few = len(parties) + len(standing.bans) + len(standing.mutes) <= _ENDED_AT_ONCE
        return few and not any(map(self._hub.is_somebody, parties))

    # What the journal says has happened.

    def apply(self, change: Change) -> None:
        """Let *change* of what stands here hold."""
        self.standing.apply(change)
        if change.kind == "seal":
            self.past.seal(self.standing.sealed)

    def _see_off(self, left: Event, seq: int, batch: Batch) -> None:
        """Show the person who leaves, as *left* with this *seq* says, the room up to that and no further."""
        seat = self.seats.get(left.by)
        if seat is None or not seat.leaving:
            return
        seat.upto = seq
        if seat.live:
            seat.fall_behind()
            if seq - batch.first < _SEEN_OFF_AT_ONCE:
                seat.position = seq
                seat.session.outlet.deliver(batch.until(seq))

    def show(self, batch: Batch) -> None:
        """Hand *batch*, which follows what was shown before, to everyone who is up to date."""
        for seq, event in enumerate(batch.events, batch.first):
            if type(event) is Said:
                continue
            if type(event) is TopicChanged:
                self._topic = event.topic
                self._hub.rooms.version += 1
            if type(event) is Left:
                self._see_off(event, seq, batch)
        self.past.extend(batch)
        for door, count in self.live.doors.items():
            self._hub.delivered[door] += count * len(batch.events)
        self._hub.fan_out(self.live, batch)
