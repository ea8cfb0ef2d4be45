"""Asks: the commands of one session behind a link, run in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from chatroom.chat.access.cards import Card, Cards
from chatroom.chat.command_table import Command
from chatroom.chat.events import Event
from chatroom.chat.fair_queue import FairQueue
from chatroom.chat.people.person import CatchingUp
from chatroom.chat.ports import JournalError, RoomLink, Timer
from chatroom.chat.refusals import Refusal
from chatroom.chat.session import Session

from .codec import BadFrame
from .outlet import UNANSWERED, Frame, LinkedOutlet

_MAX_WAITING = 2 * UNANSWERED
"""What may wait for its turn: the commands that a door sends at most, each with what the one before has cost."""

_ANSWER_LINES = 0.25
"""Cost of going on after an answer, in lines: some 100 µs, as at a door of this process."""


class LinkedSession(Session):
    """A session behind a link: it tells when all that it said is stored."""

    __slots__ = ("asks",)

    asks: Asks

    def stored(self, room: str, seq: int) -> None:
        """Note that an event is stored and has been shown to everyone up to date."""
        super().stored(room, seq)
        if not self.outstanding:
            self.asks.settled()

    def lost(self, event: Event, error: JournalError) -> None:
        """Note that an event could not be stored: the command had no effect, and is not sent to the next house."""
        own, outlet = self._own, self.outlet
        with outlet.together():
            super().lost(event, error)
            if not own and outlet is self.asks.outlet:
                self.asks.refused(event.ask)
        if not self.outstanding:
            self.asks.settled()


def _nothing(place: str | None) -> None:
    """Do nothing: it has been done."""


class Ask(NamedTuple):
    """A command that the door has sent, or why it could not be read; *n* counts those of the session."""

    n: int
    command: Command | Refusal
    ref: str | None


class Cost(NamedTuple):
    """What the person has spent at the door."""

    lines: float
    size: int


class Asks:
    """
    The house's end of a session: runs what the door asks for, one command after another.

    :param cards: make what the session's door has to keep for the next house.
    :param ended: called with *place* when the connection is gone.
    :param place: where the connection is counted.
    """

    __slots__ = (
        "_card",
        "_cards",
        "_ended",
        "_fair_queue",
        "_finishing",
        "_in_queue",
        "_last",
        "_place",
        "_received",
        "_resting",
        "_told",
        "_waiting",
        "outlet",
        "session",
    )

    def __init__(
        self,
        session: LinkedSession,
        outlet: LinkedOutlet,
        fair_queue: FairQueue,
        cards: Cards,
        ended: Callable[[str | None], object],
        place: str | None,
    ) -> None:
        self._ended = ended
        self._place = place
        self.session = session
        self.outlet = outlet
        self._fair_queue = fair_queue
        self._cards = cards
        self._card: Card | None = None
        """The card that the door has."""
        self._waiting: list[Ask | Cost] = []
        """What comes next, first; mostly nothing: an empty deque would have ten times the size."""
        self._last = self._told = self._received = 0
        """The last command that was run, that of which the door has been told what became of it, and that came."""
        self._in_queue = self._finishing = False
        self._resting: Timer | None = None
        """The pause of somebody who was over their budget."""
        session.asks = self
        outlet.owner = self

    @property
    def catch_up(self) -> CatchingUp:
        """What the session still has to be shown."""
        return self.session.catch_up

    def add(self, ask: Ask) -> None:
        """
        Run *ask* when it is its turn.

        :raises BadFrame: if it has come before, or too many are waiting.
        """
        if ask.n <= self._received or len(self._waiting) > _MAX_WAITING:
            raise BadFrame("a command out of turn")
        self._received = ask.n
        self._waiting.append(ask)
        self._run()

    def arrive(self, link: RoomLink, send: Callable[[Frame], object]) -> None:
        """Go on at another door, or again at the same."""
        self.outlet.arrive(link, send, self._received)

    def finish(self) -> None:
        """Close when everything has been answered."""
        self._finishing = True
        self._run()

    def ready(self) -> None:
        """Tell the door that the last command is answered, and go on in a later turn."""
        session = self.session
        self.show_card()
        self._told = self._last
        self.outlet.send(["ready", self.outlet.sid, self._last, session.owed()])
        if not self._in_queue and (self._waiting or self._finishing):
            self._in_queue = True
            self._fair_queue.call(self._take_turn, _ANSWER_LINES)

    def settled(self) -> None:
        """Tell the door that all that was said is stored, or lost."""
        if self._told < self._last and not self.session.busy:
            self._told = self._last
            self.outlet.send(["done", self.outlet.sid, self._last])

    def refused(self, ask: str) -> None:
        """Tell the door that the command *ask*, see `Event.ask`, and all before it are answered."""
        sid, _, n = ask.partition(".")
        if sid == self.outlet.sid:
            self.outlet.send(["done", sid, int(n)])

    def show_card(self) -> None:
        """Give the door a new card, if it differs from the one that it has."""
        session = self.session
        if not session.person.nick or session.gone:
            return
        card = self._cards.of(session)
        known, self._card = self._card, card
        # If it is the same, this one is kept: it has the strings of the person, and the other its own.
        if card != known:
            self.outlet.send(["card", self.outlet.sid, self._cards.sign(card)])

    def has_card(self, card: Card) -> None:
        """Note that the door has *card* already."""
        self._card = card

    def spend(self, cost: Cost) -> None:
        """Charge the person when what came before has been run, and pause if they owe; the door stops reading, too."""
        last = self._waiting[-1] if self._waiting else None
        if isinstance(last, Cost):
            self._waiting.pop()
            cost = Cost(cost.lines + last.lines, cost.size + last.size)
        self._waiting.append(cost)
        self._run()

    def end(self) -> None:
        """Run nothing more: the connection is gone, or its door."""
        ended, self._ended = self._ended, _nothing
        ended(self._place)
        self._waiting.clear()
        self._finishing = False
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None

    def _charge(self, lines: float, size: int) -> None:
        session = self.session
        owed = session.budget.spend(lines, size)
        if owed and not session.gone:
            self.outlet.send(["rest", self.outlet.sid, owed])
            if self._resting is not None:
                self._resting.cancel()
            self._resting = session.house.core.runtime.later(owed, self._rested)

    def _rested(self) -> None:
        self._resting = None
        self._run()

    def _take_turn(self) -> None:
        self._in_queue = False
        self._run()

    def _run(self) -> None:
        session = self.session
        while self._waiting and not (self._in_queue or self._resting or session.busy or session.gone):
            following = self._waiting.pop(0)
            if isinstance(following, Cost):
                self._charge(*following)
                continue
            n, command, ref = following
            self._last = n
            if isinstance(command, Refusal):
                session.refuse(command, ref)
            else:
                session.receive(command, ref, f"{self.outlet.sid}.{n}")
        if self._finishing and not (self._waiting or self._in_queue or session.busy):
            self._finishing = False
            session.finish()
