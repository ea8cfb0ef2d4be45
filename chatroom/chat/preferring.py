"""What people prefer: whom not to hear, when to be called, how lines look; kept with their account."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from . import names
from .ports import Change, Record, Value
from .refusals import BadInput, TooMany
from .replies import Notice, Preferences
from .someone import NOBODY

if TYPE_CHECKING:
    from .hub import Hub
    from .session import Session

_REMEMBERED = ("ignore", "notify", "color", "plain")
"""What is kept with an account."""


class Preferring:
    """Knows and keeps the preferences of the people of *hub*."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._kept: dict[str, Preferences] = {}
        """Those of accounts, by id."""

    def load(self, records: Iterable[Record]) -> None:
        """Know what the *records* of accounts say, and nothing else any more."""
        self._kept = {record.key: _read(record.value) for record in records}

    def value(self, account: str) -> Value | None:
        """Return what the record of *account* holds; None: there is none."""
        kept = self._kept.get(account)
        return None if kept is None else {name: getattr(kept, name) for name in _REMEMBERED}

    def apply(self, change: Change) -> None:
        """Know what *change*, which is stored, says of an account."""
        if change.value is None:
            self._kept.pop(change.key, None)
        else:
            self._kept[change.key] = _read(change.value)

    def take_up(self, session: Session) -> None:
        """Let *session*, who has just logged in or come back, have what the account prefers."""
        if session.account is not None:
            kept = self._kept.get(session.account.id) or Preferences()
            if kept.ignore != session.preferences.ignore:
                session.ignored = {names.key(nick): nick for nick in kept.ignore} or NOBODY
            session.preferences = replace(kept, away=session.away)
        self.show(session)
        if session.preferences != Preferences():
            session.reply(session.preferences)

    async def change(self, session: Session, **changed: Any) -> None:
        """Let *session* prefer something else, and tell them what they prefer now."""
        session.preferences = replace(session.preferences, **changed)
        self.show(session)
        if session.account is not None:
            preferences = replace(session.preferences, away=None)
            self._kept[session.account.id] = preferences
            changes = [Change("", "preferences", session.account.id, self.value(session.account.id))]
            await self._hub.journal.change(changes)
        session.reply(replace(session.preferences, changed=tuple(changed)))

    async def ignore(self, session: Session, nick: str) -> None:
        """
        Let *session* hear nothing of whoever is called *nick*, here or not.

        :raises Refusal: if that is nobody's nick, their own, or there are too many.
        """
        shown, key = names.nick(nick, self._hub.limits.nick)
        if key == session.key:
            raise BadInput("That is you.")
        if len(session.ignored) >= self._hub.limits.ignored:
            raise TooMany(f"You ignore {len(session.ignored)} people already; /unignore one first.")
        others = {one: name for one, name in session.ignored.items() if one != key}
        await self._ignore(session, {**others, key: shown})

    async def unignore(self, session: Session, nick: str) -> None:
        """
        Let *session* hear *nick* again.

        :raises BadInput: if they do not ignore anyone of that name.
        """
        key = names.key(nick)
        if key not in session.ignored:
            raise BadInput(f"You do not ignore {nick[: self._hub.limits.nick]}.")
        await self._ignore(session, {one: name for one, name in session.ignored.items() if one != key})

    async def _ignore(self, session: Session, nicks: dict[str, str]) -> None:
        session.ignored = nicks
        await self.change(session, ignore=tuple(nicks.values()))

    @staticmethod
    def ignores(session: Session, other: Session) -> bool:
        """Tell whether *session* wants to hear nothing of *other*."""
        return other.key in session.ignored or other.identity in session.unheard

    def away(self, session: Session, text: str | None) -> None:
        """Let others know that *session* is away, or with None that they are back."""
        session.away = text
        session.preferences = replace(session.preferences, away=text)
        session.reply(Notice("You are back." if text is None else "You are away now; /away again when you are back."))

    def show(self, session: Session) -> None:
        """Let the way out of *session* show things as they prefer."""
        keys = session.ignored.keys()
        unheard = {one: key for one, key in session.unheard.items() if key in keys and one in self._hub.people}
        for key in keys:
            present = self._hub.nicks.get(key)
            if present is not None:
                unheard[present.identity] = key
        session.unheard = unheard or NOBODY
        # Whoever takes a nick that they ignore goes on hearing themselves.
        others = (keys | unheard.keys()) - {session.key, session.identity}
        session.outlet.prefer(session.preferences, session.nick, others)

    def renamed(self, person: Session, former: str) -> None:
        """Let those who ignore *person* go on doing so, whose nick had the key *former* until now."""
        for session in self._hub.people.values():
            if former in session.ignored:
                session.unheard = {**session.unheard, person.identity: former}
                self.show(session)


def _read(value: Value) -> Preferences:
    """Read a record."""
    return Preferences(**{**value, "ignore": tuple(value["ignore"])})
