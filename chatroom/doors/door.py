"""What every door of ours does: it lets a session in, paces it, reads from it when it may ask, and sees it out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IDelayedCall
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure

from chatroom.chat.commands.talk import Say
from chatroom.chat.refusals import Refusal
from chatroom.chat.replies import PasswordWanted
from chatroom.dialects.dialect import Asked
from chatroom.quiet_log import QuietLog

from .addresses import address_of, is_secure
from .outlets.direct_socket import outlet_for
from .outlets.stream import StreamOutlet
from .pacing import Pacing, tell_slowed
from .progress import is_reset

if TYPE_CHECKING:
    from .factories import DoorFactory

BUSY, RESTING, FULL, TURN, LOST = 1, 2, 4, 8, 16
"""
Why a door reads nothing now: a command is being run; too much came; the other end does not read; something was
answered, and others have their turn first; the connection is gone.
"""

_ANSWER = 0.25
"""Lines' worth of work that answering a command is, beside what the command charges for: some 100 µs."""

NAME_WITHIN = 60.0
"""Seconds that someone may take to say who they are (IRC servers give 20 to 60)."""

_LOOK_EVERY = 5.0
"""Seconds between two checks that somebody who has to rest is still there."""

_READ = 16
"""Bytes that each read costs beside what it brings: one byte at a time costs more than many at once."""

_DUE = 512
"""Bytes that are paid for together: with every short line it would cost as much as the line's own pace."""


class Door:
    """
    One connection: translates, delegates, paces.

    A subclass is the protocol for one wire.  It calls `open` once connected, `_run` with each command that
    it has read unless it `_waits`, and `_pay_for` with the bytes that came.
    """

    factory: DoorFactory
    transport: Any
    pauseProducing: Callable[[], None]
    """Reads nothing."""
    resumeProducing: Callable[[], None]
    """Reads what has come already, and what comes from now on."""
    _read_on: Callable[[], None]
    """Reads what has come already; to read any more would only find the end once more."""
    _outlet: StreamOutlet

    def __init__(self, factory: DoorFactory) -> None:
        self.factory = factory
        self._waits = 0
        self._pacing: Pacing | None = None
        """Their rests; most people never have to rest."""
        self._resting: IDelayedCall | None = None
        self._input_over = self._finished = False
        self._unpaid = 0
        """Bytes that have come and have not been taken off their budget yet."""

    def open(self) -> None:
        """Let the house know that somebody is at the door."""
        factory = self.factory
        self._outlet = outlet_for(self.transport, self, factory.dialects, factory.name, factory.resumes, factory.typed)
        self._session = factory.hub.connect(self._outlet)
        factory.arrived(self)

    @property
    def named(self) -> bool:
        """Whether this is somebody yet, or has gone already."""
        return bool(self._session.nick) or self._session.gone

    @property
    def address(self) -> str:
        """The address of the other end, without a port; "" if it has none."""
        return address_of(self.transport)

    @property
    def secure(self) -> bool:
        """Whether nobody on the way can read along."""
        return is_secure(self.transport)

    @property
    def log(self) -> QuietLog:
        """The log for whatever the other end can cause."""
        return self.factory.log

    # What comes in.

    def _run(self, asked: Asked) -> None:
        """Let the session run what was read."""
        session, (command, ref) = self._session, asked
        self.factory.lines += 1
        if isinstance(command, Refusal):
            session.refuse(command, ref)
        elif command is not None:
            session.receive(command, ref)
        if type(command) is Say and "\n" in command.text:
            self._spend(command.text.count("\n") + 1)
        else:
            self._spend()

    def ask(self, wanted: PasswordWanted) -> None:
        """Take what comes next for a password, where somebody types."""

    def readConnectionLost(self) -> None:
        """The other end has sent all it will, and may still be reading: answer everything, then close."""
        self._input_over = True
        self._end_input()

    def _end_input(self) -> None:
        if self._waits or self._finished or self._session.gone:
            return
        self._read_last()
        if self._waits:
            return
        self._finished = True
        if self._outlet.broken:
            # No goodbye: whoever can resume may yet do so.
            self.transport.abortConnection()
        else:
            self._session.finish()

    def _read_last(self) -> None:
        """Nothing more will come: read what there is, if it makes sense without an end."""

    def refused(self) -> None:
        """A command was refused."""
        self.factory.refusals += 1

    # When to read.

    def _pay_for(self, size: int) -> None:
        self._unpaid += size + _READ
        if self._unpaid >= _DUE:
            unpaid, self._unpaid = self._unpaid, 0
            self._rest(self._session.budget.spend(0.0, unpaid))

    def _spend(self, lines: int = 1) -> None:
        owed = self._session.budget.spend(lines)
        if owed:
            self._rest(owed)
        if self._session.busy and not self._session.gone:
            self._wait(BUSY)

    def _rest(self, owed: float) -> None:
        """Read nothing for *owed* seconds, or longer if there is more to rest for."""
        if not owed or self._session.gone or self._waits & LOST:
            return
        place = self._session.budget.place
        if place.lines.level < 0:
            tell_slowed(place, self.factory.clock.seconds(), self.factory.log)
        if self._pacing is None:
            self._pacing = Pacing(self.factory.hub.limits.flood_kick, self.factory.clock.seconds)
        self._pacing.slow(owed)
        if self._pacing.flooded:
            self._give_up_on_flood()
            return
        if self._resting is not None:
            self._resting.cancel()
        self._rest_on(self._pacing)
        self._wait(RESTING)

    def _rest_on(self, pacing: Pacing) -> None:
        wait = min(pacing.left, _LOOK_EVERY)
        self._resting = self.factory.clock.callLater(wait, self._look_while_resting, pacing)

    def _look_while_resting(self, pacing: Pacing) -> None:
        self._resting = None
        if pacing.slowed_for >= _LOOK_EVERY and (self._outlet.broken or is_reset(self.transport)):
            # Nothing is read, so the reactor does not see it; what they had sent is not worth waiting for.
            self.transport.abortConnection()
        elif not pacing.left:
            self._go_on(RESTING)
        else:
            self._rest_on(pacing)

    def _wait(self, why: int) -> None:
        if not self._waits:
            self.pauseProducing()
        self._waits |= why

    def _go_on(self, why: int) -> None:
        if not self._waits & why:
            return
        self._waits &= ~why
        if self._waits or self._session.gone:
            return
        if self._input_over:
            self._read_on()
            self._end_input()
        else:
            self.resumeProducing()

    def ready(self) -> None:
        """The session has answered, and can take the next command when others have had their turn."""
        if self.named:
            self.factory.nameless.end(self)
        self._rest(self._session.owed())
        self._wait_for_turn(_ANSWER)
        self._go_on(BUSY)

    def _wait_for_turn(self, lines: float) -> None:
        """Read nothing before others have had their turn; what is read then is so many lines' worth of work."""
        self._wait(TURN)
        self.factory.hub.turns.call(self._take_turn, lines)

    def _take_turn(self) -> None:
        self._go_on(TURN)

    def outlet_full(self) -> None:
        """Who does not read is not read from: so replies cannot pile up."""
        self._session.fall_behind()
        self.factory.fell_behind(self)
        self._wait(FULL)

    def outlet_drained(self) -> None:
        """The other end has read all that was held for it."""
        self.factory.drained(self)
        self._session.drained()
        self._go_on(FULL)

    # Going.

    def hang_up(self) -> None:
        """Close the connection, when all that is held for the other end has been written out."""
        self.transport.loseConnection()

    def give_up_on_nameless(self) -> None:
        """Hang up on someone who has not said who they are."""
        self.factory.hang_ups["no name"] += 1
        self.factory.log.info(
            "Hung up on someone at the {door} door who did not say who they are.", door=self.factory.name
        )
        self._put_out(f"You did not say who you are within {NAME_WITHIN:.0f} seconds. Goodbye.", "")

    def _give_up_on_flood(self) -> None:
        """Hang up on someone who sends too much, and is not slowed by being slowed."""
        self.factory.hang_ups["flood"] += 1
        self.factory.log.info(
            "Hung up on a flood at the {door} door: over its limits for {within:g} seconds.",
            door=self.factory.name,
            within=self.factory.hub.limits.flood_kick,
        )
        self._put_out("You sent too much for too long. Goodbye.", "sent too much")

    def _put_out(self, text: str, reason: str) -> None:
        """End the session, because the other end does not keep to the rules of the wire."""
        self._session.hang_up(text, reason)

    def give_up_on_stalled(self) -> None:
        """Hang up on someone who has read nothing for too long; what they missed stays in the journal."""
        self.factory.hang_ups["stalled"] += 1
        within = self.factory.hub.limits.stall
        self.factory.log.info(
            "Hung up on a reader at the {door} door: nothing taken for {within:g} seconds.",
            door=self.factory.name,
            within=within,
        )
        self.transport.abortConnection()

    def writeConnectionLost(self) -> None:
        """We never close our half only."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell the house; a session with a resume token may come back by another connection."""
        self._waits |= LOST
        if self._resting is not None:
            self._resting.cancel()
        self._outlet.lost()
        self.factory.departed(self)
        self.factory.hub.disconnect(
            self._session, "" if reason.check(type(connectionDone.value)) else "connection lost"
        )
