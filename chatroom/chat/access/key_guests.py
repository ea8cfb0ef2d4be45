"""Key guests: who has no account but a key is the same guest next time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from ..ports import JournalError, RecordChange, StandingRecord, Value

if TYPE_CHECKING:
    from ..core import Core
    from ..people.person import Person

KEY_GUEST = "key_guest"
"""The record kind of guests with a key."""

MAX_GUESTS = 10_000
"""Guests that are remembered, 3 MB; of more, those who have been away longest are forgotten."""

LASTS = 30 * 86400.0
"""Seconds for which a guest who does not come is remembered."""


@dataclass(frozen=True, slots=True)
class KeyGuest:
    """
    A guest: ``identity`` and ``nick`` as they were last, ``asked`` the name that they came with, ``rooms`` where they
    were when they left, and ``at`` when they were last here, in seconds since the epoch.
    """

    identity: str
    asked: str
    nick: str
    rooms: tuple[str, ...]
    at: float

    def kept(self, fingerprint: str) -> RecordChange:
        """Return the change that stores this guest."""
        return RecordChange("", KEY_GUEST, fingerprint, {**asdict(self), "rooms": list(self.rooms)})


class KeyGuests:
    """The guests who came by a key, by its fingerprint; the longest away first."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._guests: OrderedDict[str, KeyGuest] = OrderedDict()
        self._passing: set[str] = set()
        """The identities of those who have come for one command only."""
        self._coming: dict[str, str] = {}
        """The identities of new guests who are just coming in, by the fingerprint: perhaps several times at once."""

    def load(self, records: Iterable[StandingRecord]) -> None:
        """Load *records* into an empty table."""
        found = [record for record in records if record.kind == KEY_GUEST]
        for record in sorted(found, key=lambda one: float(one.value["at"])):
            self.apply(RecordChange(*record))

    def apply(self, change: RecordChange) -> None:
        """Take over *change*, which has been stored."""
        self._guests.pop(change.key, None)
        if change.value is not None:
            self._guests[change.key] = KeyGuest(**{**change.value, "rooms": tuple(change.value["rooms"])})

    def value(self, fingerprint: str) -> Value | None:
        """Return the value of the record of the guest with this key, or None."""
        guest = self._guests.get(fingerprint)
        return None if guest is None else guest.kept(fingerprint).value

    def of(self, fingerprint: str) -> KeyGuest | None:
        """Find the guest whose key has this *fingerprint*."""
        guest = self._guests.get(fingerprint)
        return guest if guest is not None and self._core.runtime.now() - guest.at < LASTS else None

    def identity(self, fingerprint: str) -> str:
        """Return the identity of the guest of that key, a new one for a new guest; see `arrived`."""
        guest = self.of(fingerprint)
        if guest is not None:
            return guest.identity
        return self._coming.setdefault(fingerprint, self._core.runtime.token())

    def arrived(self, fingerprint: str) -> None:
        """Forget the identity of a new guest, who has come in or could not."""
        self._coming.pop(fingerprint, None)

    def came(self, fingerprint: str, asked: str, person: Person[Any], *, stays: bool = True) -> None:
        """
        Note that *person*, a guest, came by a key, under the name *asked*.

        :param stays: whether they have come to be in rooms, and not for one command.
        """
        if stays:
            self._passing.discard(person.identity)
        elif len(person.sessions) == 1:
            self._passing.add(person.identity)
        now = self._core.runtime.now()
        before = self.of(fingerprint)
        rooms = before.rooms if before is not None else ()
        self._keep(fingerprint, KeyGuest(person.identity, asked, person.nick, rooms, now))

    def left(self, fingerprint: str, person: Person[Any]) -> None:
        """Note where *person*, who is leaving, is, if they are a guest who came by a key."""
        guest, passing = self._guests.get(fingerprint), person.identity in self._passing
        self._passing.discard(person.identity)
        if guest is None or person.account is not None or guest.identity != person.identity:
            return
        rooms = tuple(name for name, seat in person.seats.items() if not seat.room.conversation)
        if passing:
            rooms = guest.rooms
        self._keep(fingerprint, replace(guest, nick=person.nick, rooms=rooms, at=self._core.runtime.now()))

    def _keep(self, fingerprint: str, guest: KeyGuest) -> None:
        changes = [guest.kept(fingerprint)]
        self.apply(changes[0])
        if len(self._guests) > MAX_GUESTS:
            changes.append(RecordChange("", KEY_GUEST, next(iter(self._guests)), None))
            self.apply(changes[1])
        self._core.runtime.spawn(self._store(changes))

    async def _store(self, changes: list[RecordChange]) -> None:
        # It is not worth failing for: they are a new guest then.
        with suppress(JournalError):
            await self._core.journal.change(changes)
