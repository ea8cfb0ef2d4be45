"""Who has which nick now, and which nicks nobody else may have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from . import names
from .lookalikes import Looks
from .refusals import BadName, NickTaken

if TYPE_CHECKING:
    from .hub import Hub
    from .session import Session

_NUMBERS = 10**9
"""Numbers to choose from where all others are taken."""


class Nicks:
    """The nicks of everyone who is here, or is just getting one, by key and by what they look like."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._by_key: dict[str, Session] = {}
        self._looks: Looks[Session] = Looks()

    def get(self, key: str) -> Session | None:
        """Find who has the nick with this *key*."""
        return self._by_key.get(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_key)

    def __len__(self) -> int:
        return len(self._by_key)

    def claim(self, session: Session, text: str) -> tuple[str, str]:
        """
        Reserve the nick *text* for *session*, who may have another one still.

        :returns: the nick as it is shown, and its key.
        :raises Refusal: if they cannot have it; the text suggests another.
        """
        shown, key = names.nick(text, self._hub.limits.nick)
        if key in self._hub.policy.reserved:
            raise BadName(f"The nick {shown} is reserved. Please choose another one.")
        if self._by_key.get(key, session) is not session:
            raise NickTaken(f"The nick {shown} is taken. {self.free_like(shown)} is free.")
        other = self._looks.find(shown, key, session) or self._hub.accounts.looking_like(shown, key)
        if other is not None:
            raise NickTaken(f"The nick {shown} looks too much like {other.nick}. {self.free_like(shown)} is free.")
        self._by_key[key] = session
        self._looks.put(shown, key, session)
        return shown, key

    def release(self, session: Session, shown: str, key: str) -> None:
        """Let others have this nick, if it is that of *session*; harmless otherwise."""
        if self._by_key.get(key) is session:
            del self._by_key[key]
            self._looks.drop(shown, key)

    def put(self, session: Session) -> None:
        """Let *session* have its nick, which it has claimed."""
        self._by_key[session.key] = session
        self._looks.put(session.nick, session.key, session)

    def hand_over(self, former: Session, session: Session) -> None:
        """Give *session* the nick of *former*, which it carries on, and the nick that a rename is about to give."""
        for shown, key in ((session.nick, session.key), session.becoming or ("", "")):
            if self._by_key.get(key) is former:
                self._by_key[key] = session
                self._looks.put(shown, key, session)

    def free_like(self, shown: str) -> str:
        """Suggest a nick in place of *shown* that can be had."""
        for name in names.alternatives(shown, self._hub.limits.nick):
            if self._is_free(name):
                return name
        # Somebody has taken them all, as nobody can have taken these.
        while not self._is_free(name := f"guest{self._number()}"):
            pass
        return name

    def _number(self) -> int:
        """Make up a number that nobody can foresee."""
        return int.from_bytes(self._hub.world.token().encode()) % _NUMBERS

    def _is_free(self, shown: str) -> bool:
        key, accounts = names.key(shown), self._hub.accounts
        taken = key in self._by_key or key in self._hub.policy.reserved or accounts.of(key) is not None
        return not taken and self._looks.find(shown, key) is None and accounts.looking_like(shown, key) is None
