"""Bare people: they ask with command objects, and keep the event and reply objects that they are shown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from chatroom.chat.command_table import Command
from chatroom.chat.commands.identity import Hello
from chatroom.chat.commands.messages import Say
from chatroom.chat.events import AUDIT, AuditEntry, Batch, Event
from chatroom.chat.hub import Hub
from chatroom.chat.limits import Limits
from chatroom.chat.people.accounts import Account
from chatroom.chat.people.person import Person
from chatroom.chat.policy import Policy
from chatroom.chat.ports import RecordChange
from chatroom.chat.refusals import Refusal
from chatroom.chat.replies import Numbered, Preferences, Refused, Reply, Welcome
from chatroom.chat.rooms.catchup import CatchUp
from chatroom.chat.rooms.room import Room
from chatroom.server.runtime import TwistedRuntime
from tests.stand_ins import PlainPasswords, SlowReads

START = 1_767_322_800.0
"""A Friday in January, 2026-01-02 03:00 UTC."""

PASSWORD = "correct horse"
"""The password of everybody who has an account here."""

Shown = TypeVar("Shown", bound=Event | Reply)


class RecordingOutlet:
    """An outlet that keeps what it is given."""

    def __init__(
        self,
        *,
        resumes: bool = False,
        address: str = "",
        secure: bool = True,
        door: str = "bare",
        asks: bool = False,
        link: Any = None,
    ) -> None:
        self.door = door
        self.resumes = resumes
        self.viewer = self.session = ""
        self.address = address
        self.secure = secure
        self.asks, self.keeps_nick, self.link = asks, False, link
        self.full = False
        """Whether the other end has had enough after each batch, until `drain`."""
        self.closed = False
        self.catch_up: CatchUp | None = None
        """What is told that the other end has had enough; set once there is a session."""
        self.everything: list[Event | Reply] = []
        """All that was shown, in order."""
        self.events: list[Numbered] = []
        """The events among it, each with its seq."""
        self.refs: list[str | None] = []
        """The mark that came with each reply."""
        self.rooms = 0
        """How many rooms the person is in."""
        self.together_counts: list[int] = []
        """How many things were shown at once, each time that some were."""
        self.preferences = Preferences()
        """How the person wants to be shown things."""
        self.ignored: Container[str] = ()
        """Whose words they do not want to be shown."""
        self.ready_count = 0
        """How often a next command could be taken."""

    @property
    def reads(self) -> bool:
        return self.asks

    def deliver(self, batch: Batch) -> bool:
        self.events += list(batch)
        self.everything += batch.events
        if self.full and self.catch_up is not None:
            self.catch_up.fall_behind()
        return not self.full

    def drain(self) -> None:
        """Take more from now on."""
        assert self.catch_up is not None
        self.full = False
        self.catch_up.drained()

    def reply(self, reply: Reply, ref: str | None = None) -> None:
        self.everything.append(reply)
        self.refs.append(ref)

    @contextmanager
    def together(self) -> Iterator[None]:
        before = len(self.everything)
        yield
        self.together_counts.append(len(self.everything) - before)

    def in_rooms(self, count: int) -> None:
        self.rooms = count

    def prefer(self, preferences: Preferences, nick: str, ignored: Container[str]) -> None:
        self.preferences, self.ignored = preferences, ignored

    def ready(self) -> None:
        self.ready_count += 1

    def close(self) -> None:
        self.closed = True


def fan_out(live: Mapping[str, Any], batch: Batch) -> None:
    """Deliver *batch* to everyone who is up to date."""
    for outlet in list(live.values()):
        outlet.deliver(batch)


class LoudRuntime(TwistedRuntime):
    """A runtime that keeps every bug, for the test to fail of it."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock, clock.seconds)
        self.clock = clock
        self.bugs: list[Failure] = []
        self.stopped: list[str] = []
        """Why the server was asked to shut down, each time that it was."""
        self.dead = False
        """Whether the process has been killed: nothing that it waits for happens any more."""

    def later(self, seconds: float, call: Callable[[], object]) -> Any:
        return super().later(seconds, lambda: None if self.dead else call())

    def spawn(self, task: Coroutine[Any, Any, None]) -> None:
        Deferred.fromCoroutine(task).addErrback(self.bugs.append)

    def bug(self) -> None:
        self.bugs.append(Failure())

    def stop(self, reason: str) -> None:
        self.stopped.append(reason)

    def reload(self) -> str:
        return "Reloaded."


class BareHouse:
    """The real hub on a journal in memory, without any door; `advance` is the only time there is."""

    def __init__(
        self,
        *,
        policy: Policy | None = None,
        journal: SlowReads | None = None,
        clock: Clock | None = None,
        keep: bool = False,
        **limits: float,
    ) -> None:
        """:param keep: go on with the people of the last house."""
        self.clock = clock or Clock()
        if clock is None:
            self.clock.rightNow = START
        self.journal = journal or SlowReads(self.clock.callLater, secret=b"s" * 32, now=self.clock.seconds)
        self.policy = replace(policy or Policy(), limits=replace(Limits(), **limits))
        self.limits = self.policy.limits
        self.passwords = PlainPasswords()
        self.runtime = LoudRuntime(self.clock)
        self.hub = Hub(self.runtime, self.journal, self.policy, "chatroom 1.2", fan_out, self.passwords)
        self.core = self.hub.core
        self.hub.open(keep=keep)
        if keep:
            self.runtime.spawn(self.hub.restore())
            self.settle()

    def settle(self) -> None:
        """Let everything happen that is due now; raise the first bug that this shows."""
        self.clock.advance(0)
        for bug in self.runtime.bugs:
            bug.raiseException()

    def advance(self, seconds: float) -> None:
        """Let time pass, a second at a time."""
        whole = int(seconds)
        for step in (*[1.0] * whole, seconds - whole):
            self.clock.advance(step)
            self.settle()

    def connect(self, **outlet: Any) -> Bare:
        """Open a connection that has sent nothing yet; *outlet* is for the `RecordingOutlet`."""
        return Bare(self, **outlet)

    def join(self, nick: str, *rooms: str, password: str | None = None, **outlet: Any) -> Bare:
        """Let *nick* in, into *rooms* or else the lobby."""
        person = self.connect(**outlet)
        person.asks(Hello(nick, rooms or None, password=password))
        return person

    def owner(self, nick: str, *rooms: str, admin: bool = False, **outlet: Any) -> Bare:
        """Add a person who is logged in to an account."""
        if self.core.accounts.of(nick) is None:
            self.account(nick, admin=admin)
        return self.join(nick, *rooms, password=PASSWORD, **outlet)

    def account(self, nick: str, *, admin: bool = False) -> Account:
        """Make an account as ``chatroom-admin`` does."""
        now = self.clock.seconds()
        account = Account(f"{nick}-id", nick, nick, f"plain:{PASSWORD}", admin=admin, since=now, seen=None)
        self.change_from_outside(account.kept())
        return account

    def change_from_outside(self, *changes: RecordChange) -> None:
        """Let another program commit *changes*."""
        self.journal.change_from_outside(changes)
        self.settle()

    def stored(self, room: str = "lobby") -> list[Event]:
        """All that the journal has of *room*."""
        return list(self.journal.after(room, 0, 1_000_000).result.events)

    def kinds(self, room: str = "lobby") -> list[type[Event]]:
        """What kinds of events the journal has of *room*, in order."""
        return [type(event) for event in self.stored(room)]

    def audited(self) -> list[tuple[str, str, str]]:
        """Every entry of the audit log: who ruled, with which command, and in which room."""
        return [(one.nick, one.act, one.where) for one in self.stored(AUDIT) if isinstance(one, AuditEntry)]

    def room(self, name: str = "lobby") -> Room:
        """The room *name*, which is in use."""
        room = self.hub.rooms.get(name)
        assert room is not None, f"#{name} is not in use"
        return room

    def restarted(self) -> BareHouse:
        """Start a new process on the same journal."""
        return BareHouse(policy=self.policy, journal=self.journal, clock=self.clock, **asdict(self.limits))

    def replaced(self) -> BareHouse:
        """Kill the process, and start another one that goes on with its people."""
        self.runtime.dead = True
        return BareHouse(policy=self.policy, journal=self.journal, clock=self.clock, keep=True, **asdict(self.limits))


class Bare:
    """A person without a door: a session, and an outlet that records what is shown."""

    def __init__(self, house: BareHouse, **outlet: Any) -> None:
        self.house = house
        self.outlet = RecordingOutlet(**outlet)
        self.session = house.hub.connect(self.outlet)
        self.outlet.catch_up = self.session.catch_up

    @property
    def person(self) -> Person[Any]:
        """The person of the session."""
        return self.session.person

    @property
    def nick(self) -> str:
        return self.person.nick

    def begins(self, command: Command, ref: str | None = None) -> None:
        """Ask for *command* in the same moment as whatever is done next."""
        self.session.receive(command, ref)

    def asks(self, command: Command, ref: str | None = None) -> list[Event | Reply]:
        """Ask for *command*, wait for what comes of it, and return all that was shown meanwhile."""
        before = len(self.outlet.everything)
        self.begins(command, ref)
        self.house.settle()
        return self.outlet.everything[before:]

    def says(self, *texts: str, room: str | None = None) -> None:
        """Say something, line after line."""
        for text in texts:
            self.asks(Say(text, room))

    def answer(self, command: Command, kind: type[Shown]) -> Shown:
        """Ask for *command*, and return the one thing of this *kind* that comes of it."""
        [found] = [one for one in self.asks(command) if type(one) is kind]
        return found

    def refusal(self, command: Command) -> str:
        """Ask for *command*, of which nothing must come but a refusal; return its code."""
        [refused] = self.asks(command)
        assert isinstance(refused, Refused), refused
        return refused.code

    def shown(self, kind: type[Shown], room: str | None = None) -> list[Shown]:
        """Everything of this *kind* that was ever shown, of *room* only if that is given."""
        found = [one for one in self.outlet.everything if type(one) is kind]
        return [one for one in found if room in (None, getattr(one, "room", None))]

    def seqs(self, room: str = "lobby") -> list[int]:
        """The seq of every event of *room* that was shown."""
        return [seq for seq, event in self.outlet.events if event.room == room]

    def texts(self, room: str = "lobby") -> list[str]:
        """The texts said in *room* that were shown as events."""
        return [event.text for _, event in self.outlet.events if event.room == room and hasattr(event, "text")]

    def is_in(self, room: str) -> bool:
        """Whether they have a seat in *room*."""
        return room in self.person.seats

    @property
    def card(self) -> str:
        """What a door keeps for the session."""
        cards = self.house.hub.cards
        return cards.sign(cards.of(self.session))

    @property
    def seen(self) -> dict[str, int]:
        """How far the session was shown each room that it ever followed."""
        return {event.room: seq for seq, event in self.outlet.events} | {
            name: cursor.position for name, cursor in self.session.catch_up.cursors.items()
        }

    @property
    def token(self) -> str:
        """What proves that one is this person."""
        return self.shown(Welcome)[-1].resume

    def breaks(self) -> None:
        """Lose the connection."""
        self.house.hub.disconnect(self.session, "the connection was lost")
        self.house.settle()

    def returns(self, house: BareHouse | None = None, seen: Mapping[str, int] | None = None, **outlet: Any) -> Bare:
        """Carry on from another connection."""
        again = (house or self.house).connect(**{"resumes": True, **outlet})
        again.asks(Hello(self.nick, resume=self.token, seen=seen))
        return again

    def attaches(
        self,
        house: BareHouse,
        *,
        card: str | None = None,
        seen: Mapping[str, int] | None = None,
        unsettled: Collection[str] = (),
        since: float = START,
        **outlet: Any,
    ) -> Attached:
        """Go on in the next *house*, by what the door has kept."""
        kept = self.seen if seen is None else seen
        attached = Attached(house, self.card if card is None else card, kept, unsettled, since, **outlet)
        house.settle()
        return attached


class Attached(Bare):
    """A person whose door has outlived the last house."""

    def __init__(
        self,
        house: BareHouse,
        card: str,
        seen: Mapping[str, int],
        unsettled: Collection[str] = (),
        since: float = START,
        **outlet: Any,
    ) -> None:
        self.house = house
        self.outlet = RecordingOutlet(**outlet)
        self.refused: Refusal | None = None
        """Why the session could not go on."""
        self.settled: list[str] | None = None
        """The commands that were stored."""
        house.runtime.spawn(self._attach(card, seen, unsettled, since))

    async def _attach(self, card: str, seen: Mapping[str, int], unsettled: Collection[str], since: float) -> None:
        hub = self.house.hub
        session = hub.connect(self.outlet)
        try:
            self.settled = await hub.attaching.attach(session, hub.cards.read(card), seen, unsettled, since)
        except Refusal as refusal:
            hub.end(session, "")
            self.refused = refusal
        else:
            self.session = session
            self.outlet.catch_up = session.catch_up
