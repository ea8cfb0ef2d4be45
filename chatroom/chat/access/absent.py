"""Absent people: those who were in rooms when the last house ended, until they are back or their time is over."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from ..refusals import Refusal
from ..syntax import names

if TYPE_CHECKING:
    from ..core import Core
    from ..people.accounts import Account
    from ..people.person import Connection, Person
    from ..ports import Present
    from ..rooms.ledger import Ledger
    from ..rooms.membership import Membership
    from ..rooms.registry import RoomRegistry
    from .renaming import Renaming

_LOST = "connection lost"
"""Why somebody has left who did not come back."""

_SLICE = 100
"""People who come or go in one turn of the reactor: some 3 ms."""


class Absent:
    """
    Keeps people in their rooms after a restart, each with a session without a connection; nothing is stored for it.

    The journal knows their identities, nicks and rooms.  Whose account they are is known once a session of theirs
    proves it; until then they are guests.

    :param connect: makes a session without a connection.
    :param end: ends a session for a reason that others see.
    """

    def __init__(
        self,
        core: Core,
        ledger: Ledger,
        rooms: RoomRegistry,
        membership: Membership,
        renaming: Renaming,
        connect: Callable[[], Any],
        end: Callable[[Any, str], object],
    ) -> None:
        self._core = core
        self._ledger = ledger
        self._rooms = rooms
        self._membership = membership
        self._renaming = renaming
        self._connect = connect
        self._end = end
        self._sessions: dict[Any, None] = {}
        """The sessions that stand for those of the last house, until one of these has taken their place."""
        self.since = float("inf")
        """When this house went on with the people of the last one, in seconds since the epoch; infinite: long ago."""

    async def restore(self, present: Sequence[Present]) -> None:
        """
        Seat everyone who is *present* by the journal; nobody may come in before this has ended.

        :raises JournalError: if it cannot be read.
        """
        # Nothing of what is made here is garbage, and looking for some would take as long as all the rest.
        collected = gc.isenabled()
        gc.disable()
        try:
            await self._seat(present)
        finally:
            if collected:
                gc.enable()
        core = self._core
        core.runtime.later(core.limits.grace, lambda: core.runtime.spawn(self._give_up()))

    async def _seat(self, present: Sequence[Present]) -> None:
        core = self._core
        self.since = core.runtime.now()
        rooms = {name: await self._rooms.use(name) for name in sorted({one.room for one in present})}
        homeless: list[Person[Any]] = []
        of_each = groupby(sorted(present, key=attrgetter("identity", "room")), attrgetter("identity"))
        for count, (identity, places) in enumerate(of_each):
            if count % _SLICE == 0:
                await core.fair_queue.next()
            inside = list(places)
            person = self._restore(identity, inside[-1].nick, homeless)
            for one in inside:
                room = rooms[one.room]
                self._membership.seat(person, room, room.shown)
        for room in rooms.values():
            self._ledger.done(room)
        for person in homeless:
            core.runtime.spawn(self._renaming.force_rename(person))

    def _restore(self, identity: str, nick: str, homeless: list[Person[Any]]) -> Person[Any]:
        """Make a person; those whose nick is somebody else's by now get another one at once, like strangers."""
        session = self._connect()
        person: Person[Any] = session.person
        person.identity = identity
        try:
            person.nick, person.key = self._core.nicks.claim(person, nick)
        except Refusal:
            person.nick, person.key = nick, names.key(nick)
            homeless.append(person)
        self._core.people[identity] = person
        self._sessions[session] = None
        return person

    async def _give_up(self) -> None:
        """End the sessions whose time to come back is over."""
        self.since = float("inf")
        for count, session in enumerate(list(self._sessions)):
            if count % _SLICE == _SLICE - 1:
                await self._core.fair_queue.next()
            if session in self._sessions:
                self._end(session, _LOST)

    def forget(self, session: Connection) -> None:
        """Note that *session* has ended, or another one has taken its place."""
        self._sessions.pop(session, None)

    def of(self, person: Person[Any]) -> Connection | None:
        """Return the session that stands for those that *person* had in the last house, if none of them is back."""
        return next((one for one in person.sessions if one in self._sessions), None)

    def end_guest(self, identity: str, nick: str) -> None:
        """End who is absent with this *identity*, and has logged in as *nick*: the last house has not stored it."""
        guest = self._core.people.get(identity)
        former = None if guest is None else self.of(guest)
        if former is not None:
            self._end(former, f"logged in as {nick}")

    def found(
        self, identity: str, proven: tuple[Account, str] | None, came: float | None = None
    ) -> Person[Any] | None:
        """
        Return who comes back, if they are here.

        :param identity: was proven by what this house or the last one has signed.
        :param proven: the account and the login that the same proves; None: a guest's.
        :param came: when the person came, if the same tells: somebody may have come in later by an earlier token.
        """
        person = self._core.people.get(identity)
        if proven is None:
            return person
        account, login = proven
        owner = self._core.people.owner(account)
        if person is None or person.account is not None:
            return owner
        former = self.of(person)
        if owner is not None:
            # They came in with their password meanwhile, and are not somebody else.
            if former is not None:
                self._end(former, f"logged in as {owner.nick}")
            return owner
        if former is None and person.since != came:
            return None
        self._core.people.log_in(person, account)
        for one in person.sessions:
            one.login = login if one is former else self._core.runtime.token()
        return person
