"""Faults of doors, links and restarts, put in: the simulation must find each of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from chatroom.chat.access.attaching import Attaching
from chatroom.chat.access.cards import Card
from chatroom.chat.people.person import Connection, Person
from chatroom.chat.rooms.room import Seat
from chatroom.link.house import DoorLink
from chatroom.link.rooms import Follower, RoomsShown

from .faults import Fault
from .house import SimHub

# What the journal had already was sent again, and stored twice.


class _Unsettled(Attaching):
    async def attach(self, *how: Any, **more: Any) -> list[str]:
        await super().attach(*how, **more)
        return []


class _ForgetfulHub(SimHub):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.attaching.__class__ = _Unsettled


# Doors said in which rooms people were, and not the journal.


class _Trusting(Attaching):
    async def attach(
        self,
        session: Connection,
        card: Card,
        seen: Mapping[str, int],
        unsettled: Collection[str],
        since: float,
        *,
        told_live: bool = True,
    ) -> list[str]:
        settled = await super().attach(session, card, seen, unsettled, since, told_live=told_live)
        for name, seq in seen.items():
            person: Person[Seat] = session.person
            room = await self._rooms.use(name)
            if name[:1] != "@" and name not in person.seats and not session.gone:
                self._membership.seat(person, room, min(seq, room.shown))
            self._ledger.done(room)
        return settled


class _TrustingHub(SimHub):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.attaching.__class__ = _Trusting


# Who had just been welcomed when the house ended never learned that they were up to date.


class _Silent(Attaching):
    async def attach(self, *how: Any, **more: Any) -> list[str]:
        return await super().attach(*how, **{**more, "told_live": True})


class _SilentHub(SimHub):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.attaching.__class__ = _Silent


# A door that came late took a session back that had been resumed on another connection.


class _Stale(Attaching):
    def _join(self, session: Connection, here: Person[Seat], card: Card) -> bool:
        former = next((one for one in here.sessions if one.id == card.claim.session), None)
        if former is None or not former.connected:
            return super()._join(session, here, card)
        self._entry.replace(session, former)
        return False


class _StaleHub(SimHub):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.attaching.__class__ = _Stale


# A door took for shown what its clients were not sent.


class _Eager(RoomsShown):
    def positions(self, session: Follower) -> dict[str, int]:
        return {name: seq + 1 for name, seq in super().positions(session).items()}


# Doors were not told that a session was shown a room no more.


def _never_unlive(door: DoorLink) -> None:
    door.unfollow = lambda outlet, room: None  # type: ignore[method-assign]


LINK_FAULTS: dict[str, Fault] = {
    "sent-again": Fault(_ForgetfulHub),
    "seats-from-doors": Fault(_TrustingHub),
    "stale-doors": Fault(_StaleHub),
    "never-live": Fault(_SilentHub),
    "unsent": Fault(rooms=_Eager),
    "never-unlive": Fault(link=_never_unlive),
}

CLUSTER_FAULTS: dict[str, Fault] = {
    "unchecked-epochs": Fault(checks_epoch=False),
    "lower-epochs": Fault(takes_lower=True, lasting=True),
    "lasting-leases": Fault(lasting=True),
}
"""Those of a cluster."""
