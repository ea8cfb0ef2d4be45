"""Preferences: ignored people, notifications and display options, stored with the account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from ..people.directory import PersonChange
from ..people.person import NOBODY
from ..ports import JournalError, NotKept, RecordChange, StandingRecord, Value
from ..refusals import BadInput, TooMany
from ..replies import Notice, Preferences
from ..syntax import names

if TYPE_CHECKING:
    from ..core import Core
    from ..people.person import Connection, Person

_REMEMBERED = tuple(one.name for one in fields(Preferences) if one.name not in ("away", "changed", "asked"))
"""The preferences that are stored with an account; the others are temporary."""


class PreferenceStore:
    """Stores people's preferences and applies them."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._kept: dict[str, Preferences] = {}
        """Preferences by account id."""

    def load(self, records: Iterable[StandingRecord]) -> None:
        """Replace everything known by what *records* say."""
        self._kept = {record.key: _read(record.value) for record in records}

    def value(self, account: str) -> Value | None:
        """Return the stored value of *account*, or None."""
        kept = self._kept.get(account)
        return None if kept is None else {name: getattr(kept, name) for name in _REMEMBERED}

    def apply_change(self, change: RecordChange) -> None:
        """Take over *change*, which has been stored."""
        if change.value is None:
            self._kept.pop(change.key, None)
        else:
            self._kept[change.key] = _read(change.value)

    def restore(self, session: Connection) -> None:
        """Restore the account's preferences after a login or resume."""
        person = session.person
        self.recall(person)
        self.apply(person)
        if person.preferences != Preferences():
            session.reply(person.preferences)

    def recall(self, person: Person[Any]) -> None:
        """Give *person*, if they have an account, its preferences."""
        if person.account is not None:
            kept = self._kept.get(person.account.id) or Preferences()
            if kept.ignore != person.preferences.ignore:
                person.ignored = {names.key(nick): nick for nick in kept.ignore} or NOBODY
            person.preferences = replace(kept, away=person.away)

    async def change(self, session: Connection, **changed: Any) -> None:
        """
        Change preferences and reply with the new ones.

        :raises NotKept: if they could not be stored with the account; they are as before then.
        """
        person, account = session.person, session.person.account
        former = {name: getattr(person.preferences, name) for name in changed}
        self._set(person, changed)
        if account is not None:
            change = RecordChange("", "preferences", account.id, self.value(account.id))
            try:
                await self._core.journal.change([change])
            except JournalError as error:
                if person.owns(account):
                    self._set(person, former)
                raise NotKept(str(error)) from error
        person.tell(replace(person.preferences, changed=tuple(changed)), session)

    def _set(self, person: Person[Any], values: Mapping[str, Any]) -> None:
        person.preferences = replace(person.preferences, **values)
        self.apply(person)
        if person.account is not None:
            self._kept[person.account.id] = replace(person.preferences, away=None)

    async def ignore(self, session: Connection, nick: str) -> None:
        """
        Ignore the person called *nick*, whether they are here or not.

        :raises Refusal: if the nick is invalid or their own, or too many are ignored.
        """
        person = session.person
        shown, key = names.nick(nick, self._core.limits.nick)
        if key == person.key:
            raise BadInput("That's you.")
        if len(person.ignored) >= self._core.limits.ignored:
            raise TooMany(f"You already ignore {len(person.ignored)} people; /unignore one first.")
        others = {one: name for one, name in person.ignored.items() if one != key}
        await self._ignore(session, {**others, key: shown})

    async def unignore(self, session: Connection, nick: str) -> None:
        """
        Stop ignoring *nick*.

        :raises BadInput: if that nick is not ignored.
        """
        ignored = session.person.ignored
        key = names.key(nick)
        if key not in ignored:
            raise BadInput(f"You are not ignoring {nick[: self._core.limits.nick]}.")
        await self._ignore(session, {one: name for one, name in ignored.items() if one != key})

    async def _ignore(self, session: Connection, nicks: dict[str, str]) -> None:
        person, former = session.person, session.person.ignored
        person.ignored = nicks
        try:
            await self.change(session, ignore=tuple(nicks.values()))
        except NotKept:
            if person.ignored is nicks:
                person.ignored = former
                self.apply(person)
            raise

    def away(self, session: Connection, text: str | None) -> None:
        """Mark the person as away, or with None as back."""
        person = session.person
        changed = person.away != text
        person.away = text
        person.preferences = replace(person.preferences, away=text)
        if changed:
            self._core.people.notify(person, PersonChange.AWAY)
        said = "You are back." if text is None else "You are marked as away; /away again when you are back."
        person.tell(Notice(said, "back" if text is None else "away"), session)

    def apply(self, person: Person[Any]) -> None:
        """Pass the preferences on to the outlet of *person*."""
        keys = person.ignored.keys()
        unheard = {one: key for one, key in person.unheard.items() if key in keys and one in self._core.people}
        for key in keys:
            present = self._core.nicks.get(key)
            if present is not None:
                unheard[present.identity] = key
        person.unheard = unheard or NOBODY
        # A person who takes a nick that they ignore must still hear themselves.
        others = (keys | unheard.keys()) - {person.key, person.identity}
        for session in person.sessions:
            session.outlet.prefer(person.preferences, person.nick, others)
            if session.outlet.asks:
                for room in person.seats:
                    session.catch_up.look(room)

    def renamed(self, person: Person[Any], former: str) -> None:
        """Keep *person* ignored by the same people after a rename from the nick with the key *former*."""
        for other in self._core.people.values():
            if former in other.ignored:
                other.unheard = {**other.unheard, person.identity: former}
                self.apply(other)


def _read(value: Value) -> Preferences:
    """Read a record."""
    return Preferences(**{**value, "ignore": tuple(value["ignore"])})
