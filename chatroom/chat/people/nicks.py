"""Who has which nick now, and which nicks nobody else may have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..refusals import BadName, NickTaken
from ..syntax import names
from ..syntax.confusables import ConfusableIndex

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..policy import Policy
    from .accounts import Accounts
    from .person import Person

_NUMBERS = 10**9
"""Numbers to choose from where all others are taken."""


class Nicks:
    """
    The nicks of everyone who is here, or is just getting one, by key and by what they look like.

    :param token: makes up 22 characters that nobody can foresee.
    """

    def __init__(self, policy: Policy, accounts: Accounts, token: Callable[[], str]) -> None:
        self.policy = policy
        self._accounts = accounts
        self._token = token
        self._by_key: dict[str, Person[Any]] = {}
        self._looks: ConfusableIndex[Person[Any]] = ConfusableIndex()

    def get(self, key: str) -> Person[Any] | None:
        """Find who has the nick with this *key*."""
        return self._by_key.get(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_key)

    def __len__(self) -> int:
        return len(self._by_key)

    def claim(self, person: Person[Any], text: str) -> tuple[str, str]:
        """
        Reserve the nick *text* for *person*, who may have another one still.

        :returns: the nick as it is shown, and its key.
        :raises Refusal: if they cannot have it; the text suggests another.
        """
        shown, key = names.nick(text, self.policy.limits.nick)
        if key in self.policy.reserved:
            raise BadName(f"The nick {shown} is reserved. Please choose another one.")
        if self._by_key.get(key, person) is not person:
            raise NickTaken(f"The nick {shown} is taken. {self.free_like(shown)} is free.")
        other = self._looks.find(shown, key, person) or self._accounts.looking_like(shown, key)
        if other is not None:
            raise NickTaken(f"The nick {shown} looks too much like {other.nick}. {self.free_like(shown)} is free.")
        self._by_key[key] = person
        self._looks.put(shown, key, person)
        return shown, key

    def release(self, person: Person[Any], shown: str, key: str) -> None:
        """Let others have this nick, if it is that of *person*; harmless otherwise."""
        if self._by_key.get(key) is person:
            del self._by_key[key]
            self._looks.drop(shown, key)

    def put(self, person: Person[Any]) -> None:
        """Let *person* have its nick, which it has claimed."""
        self._by_key[person.key] = person
        self._looks.put(person.nick, person.key, person)

    def free_like(self, shown: str) -> str:
        """Suggest a nick in place of *shown* that can be had."""
        for name in names.alternatives(shown, self.policy.limits.nick):
            if self._is_free(name):
                return name
        # Somebody has taken them all, as nobody can have taken these.
        while not self._is_free(name := f"guest{self._number()}"):
            pass
        return name

    def _number(self) -> int:
        """Make up a number that nobody can foresee."""
        return int.from_bytes(self._token().encode()) % _NUMBERS

    def _is_free(self, shown: str) -> bool:
        key, accounts = names.key(shown), self._accounts
        taken = key in self._by_key or key in self.policy.reserved or accounts.of(key) is not None
        return not taken and self._looks.find(shown, key) is None and accounts.looking_like(shown, key) is None
