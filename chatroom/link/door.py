"""The door's end of the link: the house as this process sees it."""

from __future__ import annotations

import secrets
import string
from collections import Counter
from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from chatroom.chat.fair_queue import FairQueue
from chatroom.chat.limits import Limits
from chatroom.chat.people.budgets import Budgets, rates
from chatroom.chat.ports import Runtime
from chatroom.chat.token_bucket import Rate
from chatroom.doors.outlets.stream import StreamOutlet

from .carrying import CarriedClients
from .codec import unpack, unpack_batch
from .frames import Kinds, checked, checked_fields
from .outlet import Frame
from .rooms import RoomsShown
from .session import FRAMES, RemoteSession
from .wire import Link

_SID = string.ascii_letters + string.digits
_SID_LENGTH = 8

PATIENCE = 2.0
"""Seconds without a house after which people are told."""


class RemoteCore:
    """
    What the doors of this process share; see `Core`.

    :param limits: those of the house.
    """

    def __init__(self, runtime: Runtime, server: str, limits: Limits) -> None:
        self.runtime = runtime
        self.server = server
        self.limits = limits
        self.budgets = Budgets(limits, runtime.monotonic)
        self.rates = rates(limits, runtime.monotonic)
        self.fair_queue = FairQueue(runtime)
        self.delivered: Counter[str] = Counter()


class RemoteHouse:
    """
    The house in another process, for the doors of this one; see `doors.house.House`.

    It is the owner of the link, and outlives it: with the next one, all sessions are attached again.

    :param name: what the house calls this door, in its log.
    :param ready: called once the house has said what the doors have to know; `core` is there then.
    """

    core: RemoteCore

    def __init__(
        self, clock: IReactorTime, runtime: Runtime, name: str, ready: Callable[[], object] = lambda: None
    ) -> None:
        self._clock = clock
        self._runtime = runtime
        self._ready = ready
        self.name = name
        self.closing = False
        self.epoch = 0
        """The highest epoch of a house that is known here: see `Journal.epoch`.  No link goes to a lower one."""
        self.rooms = RoomsShown()
        self.sessions: dict[str, RemoteSession] = {}
        """Those that are open, by sid."""
        self._link: Link | None = None
        self._impatient: IDelayedCall | None = None
        self._spent: dict[RemoteSession, tuple[float, int]] = {}
        """What is still to be charged, in lines and bytes."""
        self._paying: IDelayedCall | None = None
        self.noted: Callable[[], object] = bool
        """Called when the house has taken the figures of this process."""
        self.clients: CarriedClients
        """Those whose connections are carried; there once `core` is."""

    # For the doors.

    def connect(self, outlet: StreamOutlet) -> RemoteSession:
        """Create a session for a new connection, without a name yet."""
        session = RemoteSession(self, outlet, self._note_spent)
        self.sessions[session.sid] = session
        if self._link is None:
            self._tell_soon()
        return session

    def let_go(self, session: RemoteSession) -> list[Any]:
        """Return the state of *session*, which goes on in another process, and forget it."""
        saved = session.saved()
        session.gone = True
        self.forget(session)
        return saved

    def restore(self, outlet: StreamOutlet, saved: Any) -> RemoteSession:
        """
        Go on with the session of another process, in the state that `let_go` returned there.

        :raises BadFrame: if it is something else.
        """
        session = RemoteSession(self, outlet, self._note_spent, saved)
        self.sessions[session.sid] = session
        return session

    def disconnect(self, session: RemoteSession, reason: str) -> None:
        """Note that the connection of *session* is gone."""
        session.gone = True
        if session.sid in self.sessions:
            self.forget(session)
            self.send(["gone", session.sid, reason])

    def forget(self, session: RemoteSession) -> None:
        """Drop *session*, which is over."""
        self.rooms.leave(session)
        self.sessions.pop(session.sid, None)
        self._spent.pop(session, None)
        session.end_move()

    @property
    def rates(self) -> tuple[Rate, Rate]:
        """The line rate and the byte rate of one person."""
        return self.core.rates

    def now(self) -> float:
        """Return the time in seconds since the epoch."""
        return self._runtime.now()

    def new_sid(self) -> str:
        """Return what the link calls a new session."""
        return "".join(secrets.choice(_SID) for _ in range(_SID_LENGTH))

    def _note_spent(self, session: RemoteSession, lines: float, size: int) -> None:
        """Charge the person of *session*, with its next command or at the end of this turn of the reactor."""
        self._pay_soon()
        had = self._spent.get(session, (0.0, 0))
        self._spent[session] = had[0] + lines, had[1] + size

    def settle_up(self, session: RemoteSession) -> tuple[float, int]:
        """Return what *session* has spent and nobody charged yet, in lines and bytes; its next command tells."""
        # Before the link's own turn ends: what that command costs is written with it.
        self._pay_soon()
        return self._spent.pop(session, (0.0, 0))

    def pay(self, session: RemoteSession) -> None:
        """Charge now what *session* has spent."""
        spent = self._spent.pop(session, None)
        if spent is not None:
            self.send(["spend", session.sid, *spent])

    def _pay_soon(self) -> None:
        if self._paying is None:
            self._paying = self._clock.callLater(0, self._pay_all)

    def _pay_all(self) -> None:
        self._paying = None
        for session in tuple(self._spent):
            self.pay(session)

    # The link.

    @property
    def linked(self) -> bool:
        """Whether there is a house now."""
        return self._link is not None

    @property
    def quiet(self) -> bool:
        """Whether there is no house now, or nothing was heard of it for longer than usual."""
        return self._link is None or self._link.quiet

    @property
    def connections(self) -> int:
        """The number of open connections, carried ones included."""
        return len(self.sessions) + len(self.clients)

    @property
    def waiting(self) -> int:
        """The number of bytes that wait for the house."""
        return 0 if self._link is None else self._link.waiting

    def send(self, frame: Frame) -> bool:
        """Send a frame to the house; False if there is none now."""
        if self._link is None:
            return False
        self._link.send(frame)
        return True

    def build(self) -> Link:
        """Build this end of a new link."""
        return Link(self, self._clock, ["hello", self.name])

    def up(self, link: Link) -> None:
        """Go on with a new link, unless its house has been succeeded by another one, and does not know it yet."""
        [known] = checked(link.greeting or [], (dict,))
        checked_fields(known, {"server": str, "limits": list, "epoch": int})
        limits, epoch = unpack(known["limits"], Limits), known["epoch"]
        if epoch < self.epoch:
            link.drop(f"its epoch is {epoch}, and that of the former house was {self.epoch}")
            return
        self.epoch = epoch
        self.leave("there is a newer one")
        self._link = link
        self._welcome(link, known["server"], limits)

    def leave(self, reason: str) -> None:
        """Drop the link, if there is one, without waiting for its other end: another house leads."""
        if self._link is not None:
            former = self._link
            self.lost(former, "")
            former.drop(reason)

    def lost(self, link: Link, reason: str) -> None:
        """Wait for the next link."""
        if link is not self._link:
            return
        self._link = None
        for session in self.sessions.values():
            session.hold()
        self.clients.lost()
        self._tell_soon()

    def _tell_soon(self) -> None:
        """Tell those who are here then, unless there is a house by then, that there is none."""
        if self._impatient is None:
            self._impatient = self._clock.callLater(PATIENCE, self._tell_away)

    def _tell_away(self) -> None:
        self._impatient = None
        for session in tuple(self.sessions.values()):
            session.tell_away()

    def frame(self, link: Link, frame: Frame) -> None:
        """
        Do what *frame* asks for.

        :raises BadFrame: if it is malformed.
        """
        if link is not self._link:
            return
        kind = frame[0]
        if kind.startswith("carried"):
            self.clients.frame(frame)
        elif kind in _FRAMES:
            run, arguments = _FRAMES.find(frame)
            run(self, *arguments)
        else:
            _, (sid, *_) = FRAMES.find(frame)
            session = self.sessions.get(sid)
            if session is not None:
                session.frame(frame)

    def data(self, link: Link, connection: int, data: bytes) -> None:
        """Pass on bytes of a carried connection."""
        if link is self._link:
            self.clients.data(connection, data)

    def _show(self, packed: Any) -> None:
        self.rooms.show(unpack_batch(packed), self.sessions)

    def _welcome(self, link: Link, server: str, limits: Limits) -> None:
        self.closing = False
        if self._impatient is not None:
            self._impatient.cancel()
            self._impatient = None
        if not hasattr(self, "core"):
            self.core = RemoteCore(self._runtime, server, limits)
            self.clients = CarriedClients(self._clock, limits.stall)
            self.clients.up(link)
            self._ready()
            return
        self._set_limits(limits)
        self.clients.up(link)
        for session in tuple(self.sessions.values()):
            if not session.gone:
                session.attach()

    def _policy(self, limits: Any) -> None:
        self._set_limits(unpack(limits, Limits))

    def _set_limits(self, limits: Limits) -> None:
        self.core.limits = limits
        self.core.budgets.set_limits(limits)
        self.core.rates = rates(limits, self._runtime.monotonic)

    def _close(self) -> None:
        self.closing = True


_FRAMES = Kinds(
    {
        "batch": (RemoteHouse._show, list),
        "policy": (RemoteHouse._policy, list),
        "closing": (RemoteHouse._close,),
        "noted": (lambda house: house.noted(),),
    }
)
"""Those that are for no session."""
