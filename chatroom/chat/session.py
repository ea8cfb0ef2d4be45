"""A session: one connection of a person, running one command after another."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Protocol

from .command_table import SPECS, Command, Spec
from .people.person import NOTHING_SEEN, Person
from .ports import JournalError, NotKept
from .refusals import NotHere, NotNow, NotStored, Refusal, TooLong
from .replies import Goodbye, Refused, Reply, spoken_doors
from .rooms.catchup import CatchUp
from .rooms.whereabouts import why_nowhere
from .syntax.names import room as room_name
from .syntax.public_keys import NO_KEY

if TYPE_CHECKING:
    from .core import Core
    from .events import Event
    from .people.budgets import Budget
    from .people.person import Connection
    from .ports import Future, Outlet, Timer
    from .rooms.reading import Reading
    from .rooms.room import Room, Seat


_TOLD_AT_MOST = 200
"""
Replies to what other sessions do, shown to a client that takes nothing; then it is disconnected.

The longest, on entering a room, have some kilobytes.
"""


class House(Protocol):
    """The part of the hub that a session uses."""

    core: Core
    reading: Reading

    def end(self, session: Session, reason: str) -> None:
        """End *session*; with the last one, its person leaves every room."""


class Session:
    """
    One connection of a person.  The door calls `receive` with one command at a time and, while the session is `busy`,
    waits for `Outlet.ready`: so nothing is queued, and replies come in the order of the commands.
    """

    __slots__ = (
        "_current",
        "_failure",
        "_owed",
        "_own",
        "_settling",
        "_told",
        "active",
        "address",
        "ask",
        "budget",
        "busy",
        "by_key",
        "catch_up",
        "conversation",
        "door",
        "gone",
        "house",
        "key",
        "login",
        "mark",
        "missed_since",
        "number",
        "outlet",
        "outstanding",
        "parting",
        "person",
        "ref",
        "since",
    )

    catch_up_class = CatchUp
    """The class that shows what was missed."""

    def __init__(self, house: House, outlet: Outlet) -> None:
        core = house.core
        self.house = house
        self.outlet: Outlet = outlet
        self.door, self.address = outlet.door, outlet.address
        """The door's name and the client's address, even while the connection is broken."""
        self.budget = core.budgets.newcomer(outlet.address)
        """The budget of the person, at the place of this connection."""
        self.login = ""
        """The id of the login that this session was made in, for resume tokens; empty for a guest."""
        self.key = NO_KEY
        """The key that the client has proven to have on this connection."""
        self.by_key = True
        """Whether its login, if it has one, rests on that key, and ends with it."""
        self.mark = ""
        """Tells the events of this session from those of the person's others; empty for the first."""
        self.number = 1
        """What the person calls it; no two of theirs have the same."""
        self.since = self.active = core.runtime.now()
        """The times of its beginning and of its last command, in seconds since the epoch."""
        self.person: Person[Any] = Person(self, self.since, core.runtime.monotonic())
        """The person; replaced when a broken connection is resumed, or this becomes a session of somebody here."""
        self.catch_up = self.catch_up_class(core, self, self._own_events_shown)
        self.gone = False
        """Whether this session is over: the person has left or resumed on another connection."""
        self._current = self.conversation = ""
        self.ref: str | None = None
        """The mark on the running command."""
        self.ask = ""
        """What `Event.ask` is of what the running command does; that of the last one while none runs."""
        self.busy = False
        self.missed_since = NOTHING_SEEN
        """The last seq received before this connection, by room."""
        self.parting: Timer | None = None
        """The timer that ends the session after a broken connection, unless it is resumed."""
        self.outstanding = 0
        """The number of events of this session on their way to the journal."""
        self._settling: Future[None] | None = None
        self._own = False
        self._failure: Refusal | None = None
        self._owed = 0.0
        """Seconds to pause after the running command."""
        self._told = 0
        """Replies shown to a client that takes nothing, because of what other sessions did."""

    @property
    def id(self) -> str:
        """The id that its events have: the mark, or else the identity of the person."""
        return self.mark or self.person.identity

    @property
    def current(self) -> str:
        """The current room, which plain text goes to; "" if there is none."""
        return self._current

    @current.setter
    def current(self, room: str) -> None:
        before, self._current = self._current, room
        if self.outlet.asks and before != room:
            self.catch_up.look(before)
            self.catch_up.look(room)

    def shows(self, room: str) -> bool:
        """
        Return whether the session shows everything of *room*, and not only what concerns the person.

        On one screen, the lines of many rooms cannot be read: where people type, it is the current room.
        """
        if not self.outlet.asks or room == self._current or room.startswith("@"):
            return True
        others: bool = self.person.preferences.others
        return others

    def now(self) -> float:
        """Return the time in seconds; it never steps back."""
        return self.house.core.runtime.monotonic()

    @property
    def connected(self) -> bool:
        """Whether the connection is up; a broken one may be resumed."""
        return self.outlet is not self.house.core.null_outlet

    @property
    def behind(self) -> bool:
        """Whether the client has yet to be shown something of its rooms."""
        return self.connected and self.catch_up.behind and bool(self.catch_up.cursors)

    @property
    def place(self) -> str:
        """The place that the connection shares limits with: an address, an IPv6 /64, or this machine."""
        return self.budget.place.name

    def take_budget(self, budget: Budget | None) -> None:
        """Continue with an earlier *budget* of the person, if there is one."""
        if budget is not None:
            # The place belongs to the connection.
            self.budget = budget.at(self.budget.place)

    # Commands.

    def receive(self, command: Command, ref: str | None = None, ask: str = "") -> None:
        """
        Run *command*; never raises, and must not be called while `busy`.

        :param ref: the client's mark on it.
        :param ask: its name and number, where its door is a process of its own: see `Event.ask`.
        """
        if self.gone:
            return
        self.ref = ref
        self.ask = ask
        core, person = self.house.core, self.person
        spec = SPECS[type(command)]
        if not spec.keepalive:
            self.active = core.runtime.now()
            person.session = self
        try:
            owner = core.accounts.of(person.key)
            if not person.nick or (owner is not None and not person.owns(owner)):
                self._check_may_ask(spec)
            if core.silent and not spec.before_hello:
                core.check_open()
            task = command.run(self.house, self)
        except Refusal as refusal:
            self.refuse(refusal, ref)
        except Exception as bug:
            self._run_exclusive(_raise(bug))
        else:
            if task is None:
                self.ref = None
            else:
                self._run_exclusive(task)

    def _check_may_ask(self, spec: Spec) -> None:
        nick = self.person.nick
        if not nick:
            if not spec.before_hello:
                raise NotNow("Please say who you are first.")
        elif not spec.before_login:
            raise NotNow(f"The nick {nick} is registered: /login first, or take another one with /nick.")

    async def work(self, lines: float) -> None:
        """
        Charge for work and wait for a turn to do it.

        Earlier checks may be outdated when this returns, and the session may be gone.

        :param lines: the cost in lines: 1 is half a millisecond at most, or some 50 rendered rows.
        """
        self.charge(lines)
        await self.house.core.fair_queue.next(lines)

    def charge(self, lines: float) -> None:
        """Charge for work with the cost of *lines* lines; the debt is paid by a pause after the command."""
        self._owed = max(self._owed, self.budget.spend(lines))

    def owed(self) -> float:
        """Return the seconds owed so far, and clear them."""
        owed, self._owed = self._owed, 0.0
        return owed

    def finish(self) -> None:
        """
        Answer outstanding commands, then close: the client sends nothing more.

        A person who cannot resume has left; one who can may be back soon, because only `Quit` is a goodbye.
        """
        if not self.gone:
            self.ref = None
            self._run_exclusive(self._finish())

    async def _finish(self) -> None:
        if self.outlet.resumes:
            self.outlet.close()
        else:
            self.quit("")

    def refuse(self, refusal: Refusal, ref: str | None = None) -> None:
        """Send a refusal after the replies to all earlier commands."""
        self.ref = ref
        self._run_exclusive(_raise(refusal))

    def reply(self, reply: Reply) -> None:
        """Reply to the running command."""
        self.outlet.reply(reply, self.ref)

    def tell(self, reply: Reply, asker: Connection | None = None) -> None:
        """
        Show *reply*; it answers the command of *asker*, if that is this session.

        A client that takes nothing is told a little of what the person does elsewhere, and is disconnected then.
        """
        self.outlet.reply(reply, self.ref if asker is self else None)
        if asker is not self:
            self._told = self._told + 1 if self.catch_up.stalled else 0
            if self._told > _TOLD_AT_MOST:
                self.outlet.close()

    def room(self, name: str | None, *, private: bool = False) -> Room:
        """
        Return the room that a command concerns: *name*, or the current one.

        :param private: whether it may be a private conversation.
        :raises NotHere: if the person is not in that room.
        """
        seats: dict[str, Seat] = self.person.seats
        seat = seats.get(name or self._current)
        if seat is None and name:
            seat = seats.get(room_name(name, self.house.core.limits.room))
        if seat is None or seat.leaving:
            raise NotHere(f"You are not in #{name}." if name else why_nowhere(self))
        if seat.room.conversation and not private:
            raise NotHere("That is for rooms, and this is a private conversation.")
        return seat.room

    def quit(self, reason: str) -> None:
        """
        Disconnect in good order; with the last session, the person leaves every room.

        :raises TooLong: if the reason is too long.
        """
        core = self.house.core
        longest = core.limits.topic
        if len(reason) > longest:
            raise TooLong(f"A reason has at most {longest} characters.")
        # Nobody may speak under a registered nick before login.
        reason = reason if self.person.may_use_nick(core.accounts) else ""
        doors = spoken_doors([one.door for one in self.person.others(self) if one.connected])
        self.hang_up(f"Goodbye. You are still here by {doors}." if doors else "Goodbye.", reason)

    def hang_up(self, text: str, reason: str, *, ended: bool = False) -> None:
        """Disconnect: send a last line, then close."""
        self.outlet.reply(Goodbye(text, ended), self.ref)
        outlet = self.outlet
        self.house.end(self, reason)
        outlet.close()

    def _run_exclusive(self, task: Coroutine[Any, Any, None]) -> None:
        self.busy = True
        self.house.core.runtime.spawn(self._run_task(task))

    async def _run_task(self, task: Coroutine[Any, Any, None]) -> None:
        try:
            await self.flushed()
            if self.gone:
                return
            self._own = True
            await task
            await self.flushed()
        except Refusal as refusal:
            self.reply(Refused(refusal.code, str(refusal)))
        except NotKept as error:
            self.reply(
                Refused(NotStored.code, f"Not done: nothing can be stored now ({error}). Please try again later.")
            )
        except JournalError as error:
            self.reply(Refused(NotStored.code, f"The history cannot be read now: {error}"))
        except Exception:
            self.house.core.runtime.bug()
            self.reply(Refused("bug", "Something went wrong here. It has been logged; please try something else."))
        finally:
            task.close()
            self.ref = None
            self._own = self.busy = False
            self.outlet.ready()

    async def flushed(self) -> None:
        """
        Wait until all events of this session are stored and shown, to itself as well.

        :raises NotStored: if an event of the running command could not be stored.
        """
        if (self.outstanding or self.catch_up.unseen) and not self.gone:
            self._settling = self.house.core.runtime.future()
            await self._settling
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    # Results from the journal.

    def stored(self, room: str, seq: int) -> None:
        """Note that an event of this session is stored and has been shown to everyone up to date."""
        self.outstanding -= 1
        if self.outlet.reads:
            self.house.reading.typed(self, room, seq)
        if self.catch_up.behind:
            cursor = self.catch_up.cursors.get(room)
            if cursor is not None and not cursor.live and cursor.position < seq:
                self.catch_up.has_yet_to_see(room, seq)
        if not self.outstanding and self._settling is not None:
            self._own_events_shown()

    def lost(self, event: Event, error: JournalError) -> None:
        """Note that an event of this session could not be stored: the command had no effect."""
        refusal = NotStored.because(error)
        if self._own:
            self._failure = refusal
        else:
            self.outlet.reply(Refused(refusal.code, str(refusal)), event.ref)
        self.outstanding -= 1
        self._own_events_shown()

    def _own_events_shown(self) -> None:
        """Continue once all own events are stored and shown."""
        if not self.outstanding and not self.catch_up.unseen:
            self._settle()

    def _settle(self) -> None:
        settling, self._settling = self._settling, None
        if settling is not None:
            settling.callback(None)

    # Coming and going.

    def carry_on(self, former: Connection) -> None:
        """Continue *former*, whose connection is broken or about to close."""
        person = self.person = former.person
        person.sessions = tuple([self if one is former else one for one in person.sessions])
        person.session = self
        self._be_marked(former.mark)
        self.number, self.since = former.number, former.since
        self.current, self.conversation, self.login = former.current, former.conversation, former.login
        self.take_budget(former.budget)

    def belong_to(self, person: Person[Any], mark: str) -> None:
        """Become a session of *person*, with this *mark*."""
        self.person = person
        self._be_marked(mark)
        taken = {one.number for one in person.sessions if one is not self}
        self.number = next(number for number in range(1, len(taken) + 2) if number not in taken)
        if self not in person.sessions:
            self.take_budget(person.session.budget)
            self.current = self.current or person.session.current
            person.sessions += (self,)
            person.session = self

    def _be_marked(self, mark: str) -> None:
        self._free_mark()
        self.mark = mark
        if mark:
            self.house.core.people.marks[mark] = self

    def _free_mark(self) -> None:
        marks = self.house.core.people.marks
        if marks.get(self.mark) is self:
            del marks[self.mark]

    def detach(self) -> None:
        """Detach: show nothing more and wake everything that waits."""
        self.gone = True
        self.ref = None
        self.outlet = self.house.core.null_outlet
        if self.parting is not None:
            self.parting.cancel()
            self.parting = None
        self._settle()
        self.catch_up.end()
        self.person.drop(self)
        self._free_mark()


async def _raise(error: Exception) -> None:
    raise error
