"""What people prefer: whom not to hear, when to be called, how lines look; kept with their account."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from ..people.person import NOBODY
from ..ports import RecordChange, StandingRecord, Value
from ..refusals import BadInput, TooMany
from ..replies import Notice, Preferences
from ..syntax import names

if TYPE_CHECKING:
    from ..core import Core
    from ..people.person import Connection, Person

_REMEMBERED = tuple(one.name for one in fields(Preferences) if one.name not in ("away", "changed"))
"""What is kept with an account: not what is so for the moment only."""


class PreferenceStore:
    """Knows and keeps what people prefer."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._kept: dict[str, Preferences] = {}
        """Those of accounts, by id."""

    def load(self, records: Iterable[StandingRecord]) -> None:
        """Know what the *records* of accounts say, and nothing else any more."""
        self._kept = {record.key: _read(record.value) for record in records}

    def value(self, account: str) -> Value | None:
        """Return what the record of *account* holds; None: there is none."""
        kept = self._kept.get(account)
        return None if kept is None else {name: getattr(kept, name) for name in _REMEMBERED}

    def apply_change(self, change: RecordChange) -> None:
        """Know what *change*, which is stored, says of an account."""
        if change.value is None:
            self._kept.pop(change.key, None)
        else:
            self._kept[change.key] = _read(change.value)

    def restore(self, session: Connection) -> None:
        """Let who has just logged in or come back have what the account prefers."""
        person = session.person
        if person.account is not None:
            kept = self._kept.get(person.account.id) or Preferences()
            if kept.ignore != person.preferences.ignore:
                person.ignored = {names.key(nick): nick for nick in kept.ignore} or NOBODY
            person.preferences = replace(kept, away=person.away)
        self.apply(person)
        if person.preferences != Preferences():
            session.reply(person.preferences)

    async def change(self, session: Connection, **changed: Any) -> None:
        """Let who asks prefer something else, and tell them what they prefer now."""
        person = session.person
        person.preferences = replace(person.preferences, **changed)
        self.apply(person)
        if person.account is not None:
            preferences = replace(person.preferences, away=None)
            self._kept[person.account.id] = preferences
            changes = [RecordChange("", "preferences", person.account.id, self.value(person.account.id))]
            await self._core.journal.change(changes)
        session.reply(replace(person.preferences, changed=tuple(changed)))

    async def ignore(self, session: Connection, nick: str) -> None:
        """
        Let who asks hear nothing of whoever is called *nick*, here or not.

        :raises Refusal: if that is nobody's nick, their own, or there are too many.
        """
        person = session.person
        shown, key = names.nick(nick, self._core.limits.nick)
        if key == person.key:
            raise BadInput("That is you.")
        if len(person.ignored) >= self._core.limits.ignored:
            raise TooMany(f"You ignore {len(person.ignored)} people already; /unignore one first.")
        others = {one: name for one, name in person.ignored.items() if one != key}
        await self._ignore(session, {**others, key: shown})

    async def unignore(self, session: Connection, nick: str) -> None:
        """
        Let who asks hear *nick* again.

        :raises BadInput: if they do not ignore anyone of that name.
        """
        ignored = session.person.ignored
        key = names.key(nick)
        if key not in ignored:
            raise BadInput(f"You do not ignore {nick[: self._core.limits.nick]}.")
        await self._ignore(session, {one: name for one, name in ignored.items() if one != key})

    async def _ignore(self, session: Connection, nicks: dict[str, str]) -> None:
        session.person.ignored = nicks
        await self.change(session, ignore=tuple(nicks.values()))

    def away(self, session: Connection, text: str | None) -> None:
        """Let others know that who asks is away, or with None that they are back."""
        person = session.person
        person.away = text
        person.preferences = replace(person.preferences, away=text)
        session.reply(Notice("You are back." if text is None else "You are away now; /away again when you are back."))

    def apply(self, person: Person[Any]) -> None:
        """Let the way out of *person* show things as they prefer."""
        keys = person.ignored.keys()
        unheard = {one: key for one, key in person.unheard.items() if key in keys and one in self._core.people}
        for key in keys:
            present = self._core.nicks.get(key)
            if present is not None:
                unheard[present.identity] = key
        person.unheard = unheard or NOBODY
        # Whoever takes a nick that they ignore goes on hearing themselves.
        others = (keys | unheard.keys()) - {person.key, person.identity}
        person.outlet.prefer(person.preferences, person.nick, others)

    def renamed(self, person: Person[Any], former: str) -> None:
        """Let those who ignore *person* go on doing so, whose nick had the key *former* until now."""
        for other in self._core.people.values():
            if former in other.ignored:
                other.unheard = {**other.unheard, person.identity: former}
                self.apply(other)


def _read(value: Value) -> Preferences:
    """Read a record."""
    return Preferences(**{**value, "ignore": tuple(value["ignore"])})
