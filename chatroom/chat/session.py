"""A session: one person connected through one door, asking one thing after the other."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from .commands.registry import SPECS, Command, Spec
from .ports import JournalError
from .refusals import NotHere, NotNow, NotStored, Refusal, TooLong
from .replies import Goodbye, Refused, Reply
from .someone import NOTHING_SEEN, Someone

if TYPE_CHECKING:
    from .budgets import Budget
    from .events import Event
    from .hub import Hub
    from .ports import Outlet, Promise, Timer
    from .room import Room


class Session(Someone):
    """
    One person.  The door calls `receive` with one command at a time and, while the session is `busy`,
    waits for `Outlet.ready`: so nothing is queued, and answers come in the order of the questions.
    """

    __slots__ = (
        "_failure",
        "_owed",
        "_own",
        "_settling",
        "busy",
        "correspondent",
        "current",
        "missed_since",
        "outstanding",
        "parting",
        "ref",
        "successor",
    )

    def __init__(self, hub: Hub, outlet: Outlet) -> None:
        super().__init__(hub, outlet)
        self.current = ""
        """The name of the room that plain text goes to."""
        self.correspondent = ""
        """The identity of who whispered last."""
        self.ref: str | None = None
        """The mark on the command that is being run."""
        self.busy = False
        self.missed_since = NOTHING_SEEN
        """The seq of the last event that they had received when they came, by room."""
        self.successor: Session | None = None
        """The session that carries this one on."""
        self.parting: Timer | None = None
        """While the connection is broken: ends the session, unless somebody carries it on before."""
        self.outstanding = 0
        """Events of this session on their way to the journal."""
        self._settling: Promise[None] | None = None
        self._own = False
        self._failure: Refusal | None = None
        self._owed = 0.0
        """Seconds to rest after the command that is being run."""

    # Asking.

    def receive(self, command: Command, ref: str | None = None) -> None:
        """Run *command*; never raises, and must not be called while `busy`."""
        if self.gone:
            return
        self.ref = ref
        spec = SPECS[type(command)]
        if not spec.keepalive:
            self.active = self.hub.world.now()
        try:
            owner = self.hub.accounts.of(self.key)
            if not self.nick or (owner is not None and not self.owns(owner)):
                self._check_may_ask(spec)
            task = command.run(self.hub, self)
        except Refusal as refusal:
            self.refuse(refusal, ref)
        except Exception as bug:
            self._attend_alone(_raise(bug))
        else:
            if spec.appends:
                self.ref = None
            else:
                self._attend_alone(task)

    def _check_may_ask(self, spec: Spec) -> None:
        if not self.nick:
            if not spec.before_hello:
                raise NotNow("Please say who you are first.")
        elif not spec.before_login:
            raise NotNow(f"The nick {self.nick} is registered: /login first, or take another one with /nick.")

    async def work(self, lines: float) -> None:
        """
        Charge for work that is about to be done, and wait for a turn to do it.

        What was checked before may be false when this returns, and the session may be gone.

        :param lines: how much, in lines' worth: one is half a millisecond at most, some 50 rows rendered.
        """
        self.charge(lines)
        await self.hub.turns.next(lines)

    def take_budget(self, budget: Budget | None) -> None:
        """Go on with *budget*, if the person has one from before."""
        if budget is not None:
            # Where each of their sessions comes from is its own.
            self.budget = budget.at(self.budget.place)

    def charge(self, lines: float) -> None:
        """Charge for work that costs as much as so many *lines*; what is owed is rested for after the command."""
        self._owed = max(self._owed, self.budget.spend(lines))

    def owed(self) -> float:
        """Return the seconds owed for what has been charged, and clear them."""
        owed, self._owed = self._owed, 0.0
        return owed

    def finish(self) -> None:
        """
        The other end asks nothing more: answer what it asked, then close.

        Who cannot resume has left by that; who can may be back soon, for only a `Quit` is a goodbye.
        """
        if not self.gone:
            self.ref = None
            self._attend_alone(self._finish())

    async def _finish(self) -> None:
        if self.outlet.resumes:
            self.outlet.close()
        else:
            self.quit("")

    def refuse(self, refusal: Refusal, ref: str | None = None) -> None:
        """Tell the asker why not, once everything that was asked before has been answered."""
        self.ref = ref
        self._attend_alone(_raise(refusal))

    def reply(self, reply: Reply) -> None:
        """Answer the command that is being run."""
        self.outlet.reply(reply, self.ref)

    def room(self, name: str | None, *, private: bool = False) -> Room:
        """
        Find the room that a command is about: *name*, or the current one.

        :param private: whether it may be a private conversation.
        :raises NotHere: if the person is in no such room.
        """
        seat = self.seats.get(name or self.current)
        if seat is None and name:
            seat = self.seats.get(self.hub.room_name(name))
        if seat is None or seat.leaving:
            raise NotHere(f"You are not in #{name}." if name else "You are in no room. /join one first.")
        if seat.room.conversation and not private:
            raise NotHere("That is a private conversation: /msg and /reply are for those.")
        return seat.room

    def quit(self, reason: str) -> None:
        """
        Leave every room and hang up, in good order.

        :raises TooLong: if the reason is longer than a topic may be.
        """
        longest = self.hub.limits.topic
        if len(reason) > longest:
            raise TooLong(f"A reason has at most {longest} characters.")
        # Nobody says anything under a registered nick that may not be theirs.
        self.hang_up("Goodbye.", reason if self.proven else "")

    def hang_up(self, text: str, reason: str) -> None:
        """End this session from our side: a last line, then the connection closes."""
        self.outlet.reply(Goodbye(text), self.ref)
        outlet = self.outlet
        self.hub.end(self, reason)
        outlet.close()

    def _attend_alone(self, task: Coroutine[Any, Any, None]) -> None:
        self.busy = True
        self.hub.world.spawn(self._attend(task))

    async def _attend(self, task: Coroutine[Any, Any, None]) -> None:
        try:
            await self.settled()
            if self.gone:
                return
            self._own = True
            await task
            await self.settled()
        except Refusal as refusal:
            self.reply(Refused(refusal.code, str(refusal)))
        except JournalError as error:
            self.reply(Refused(NotStored.code, f"The history cannot be read now: {error}"))
        except Exception:
            self.hub.world.bug()
            self.reply(Refused("bug", "Something went wrong here. It has been logged; please try something else."))
        finally:
            task.close()
            self.ref = None
            self._own = self.busy = False
            self.outlet.ready()

    async def settled(self) -> None:
        """
        Wait until all this session's events have been stored and shown, to itself as well.

        :raises NotStored: if one of the running command's could not be stored.
        """
        if (self.outstanding or self._unseen) and not self.gone:
            self._settling = self.hub.world.promise()
            await self._settling
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    # What the journal says has become of it.

    def stored(self, room: str, seq: int) -> None:
        """An event of this session's is stored and has been shown to all who are up to date."""
        self.outstanding -= 1
        if self.behind:
            seat = self.seats.get(room)
            if seat is not None and not seat.live and seat.position < seq:
                self._unseen[room] = seq
        if not self.outstanding and self._settling is not None:
            self.saw_own()

    def lost(self, event: Event, error: JournalError) -> None:
        """An event of this session's could not be stored: what was asked has not happened."""
        refusal = NotStored.because(error)
        if self._own:
            self._failure = refusal
        else:
            self.outlet.reply(Refused(refusal.code, str(refusal)), event.ref)
        self.outstanding -= 1
        self.saw_own()

    def saw_own(self) -> None:
        """Go on with what waits for all events to be stored and seen, if they are."""
        if not self.outstanding and not self._unseen:
            self._settle()

    def _settle(self) -> None:
        settling, self._settling = self._settling, None
        if settling is not None:
            settling.callback(None)

    # Coming and going.

    def inherit(self, former: Session) -> None:
        """Become who *former* is, with their name and their seats."""
        self.identity, self.nick, self.key, self.becoming = former.identity, former.nick, former.key, former.becoming
        self.since, self.correspondent, self.current = former.since, former.correspondent, former.current
        self.account, self.login = former.account, former.login
        self.away, self.preferences, self.came = former.away, former.preferences, former.came
        self.ignored, self.unheard = former.ignored, former.unheard
        self.unproven, former.unproven = former.unproven, None
        former.successor = self
        self.take_budget(former.budget)
        self.seats, former.seats = former.seats, {}
        for seat in self.seats.values():
            seat.session = self
            seat.room.people_changed()

    def by_now(self) -> Session:
        """Return who carries this session on by now; this one, if nobody does."""
        session = self
        while session.successor is not None:
            session = session.successor
        return session

    def retire(self) -> None:
        """Be gone: nothing more is shown, and whatever waits is let go."""
        self.gone = True
        self.ref = None
        self.outlet = self.hub.nowhere
        for timer in (self.parting, self.unproven):
            if timer is not None:
                timer.cancel()
        self.parting = self.unproven = None
        self._settle()
        self.let_go_on()


async def _raise(error: Exception) -> None:
    raise error
