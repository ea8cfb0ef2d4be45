"""The nicks in use and which of them are available."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from ..refusals import BadName, NickTaken
from ..syntax import names
from ..syntax.confusables import ConfusableIndex, skeletons

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..policy import Policy
    from .accounts import Account, Accounts
    from .api_tokens import ApiToken, ApiTokens
    from .person import Person

_NUMBERS = 10**9
"""Size of the random suffix if all simple alternatives are taken."""


class Nicks:
    """
    The nicks in use or reserved, by key and by appearance.

    :param bots: have nicks, too, whether they are here or not.
    :param token: returns 22 unpredictable characters.
    """

    def __init__(self, policy: Policy, accounts: Accounts, bots: ApiTokens, token: Callable[[], str]) -> None:
        self.policy = policy
        self._accounts = accounts
        self._bots = bots
        self._token = token
        self._by_key: dict[str, Person[Any]] = {}
        self._looks: ConfusableIndex[Person[Any]] = ConfusableIndex()

    def get(self, key: str) -> Person[Any] | None:
        """Find the person whose nick has this *key*."""
        return self._by_key.get(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_key)

    def __len__(self) -> int:
        return len(self._by_key)

    def claim(self, person: Person[Any], text: str) -> tuple[str, str]:
        """
        Reserve the nick *text* for *person*, who may still have another.

        :returns: the nick as it is shown, and its key.
        :raises Refusal: if it is not available; the text suggests another.
        """
        shown, key = names.nick(text, self.policy.limits.nick)
        if self._is_reserved(shown, key):
            raise BadName(f"The nick {shown} is reserved. Please choose another one.")
        if self._by_key.get(key, person) is not person or self._bots.of(key) is not None:
            raise NickTaken(f"The nick {shown} is taken. {self.free_like(shown)} is free.")
        other = self._looks.find(shown, key, person) or self._registered_like(shown, key)
        if other is not None:
            raise NickTaken(f"The nick {shown} looks too much like {other.nick}. {self.free_like(shown)} is free.")
        self._by_key[key] = person
        self._looks.put(shown, key, person)
        return shown, key

    def unused(self, text: str) -> tuple[str, str]:
        """
        Check that the nick *text* belongs to nobody, so that a bot can have it.

        :returns: the nick as it is shown, and its key.
        :raises Refusal: if it is not available; the text suggests another.
        """
        shown, key = names.nick(text, self.policy.limits.nick)
        if self._is_reserved(shown, key) or self.policy.appoints(key):
            raise BadName(f"The nick {shown} is reserved. Please choose another one.")
        if not self._is_free(shown):
            raise NickTaken(f"The nick {shown} is taken, or looks like another. {self.free_like(shown)} is free.")
        return shown, key

    def release(self, person: Person[Any], shown: str, key: str) -> None:
        """Free this nick, if *person* holds it."""
        if self._by_key.get(key) is person:
            del self._by_key[key]
            self._looks.drop(shown, key)

    def put(self, person: Person[Any]) -> None:
        """Give *person* the nick that they claimed."""
        self._by_key[person.key] = person
        self._looks.put(person.nick, person.key, person)

    def free_like(self, shown: str) -> str:
        """Suggest an available nick in place of *shown*."""
        for name in names.alternatives(shown, self.policy.limits.nick):
            if self._is_free(name):
                return name
        # All are taken; random ones cannot be.
        while not self._is_free(name := f"guest{self._number()}"):
            pass
        return name

    def _number(self) -> int:
        """Return an unpredictable number."""
        return int.from_bytes(self._token().encode()) % _NUMBERS

    def _is_free(self, shown: str) -> bool:
        key = names.key(shown)
        taken = key in self._by_key or self._is_reserved(shown, key) or self._accounts.of(key) or self._bots.of(key)
        return not taken and self._looks.find(shown, key) is None and self._registered_like(shown, key) is None

    def _is_reserved(self, shown: str, key: str) -> bool:
        """Return whether a nick is reserved, or looks like one that is; but not those that have owners."""
        if key in self.policy.reserved:
            return True
        return self._accounts.of(key) is None and not skeletons(shown, key).isdisjoint(_looks(self.policy.reserved))

    def _registered_like(self, shown: str, key: str) -> Account | ApiToken | None:
        """Find an account or a bot whose nick looks like this one."""
        return self._accounts.looking_like(shown, key) or self._bots.looking_like(shown, key)


@lru_cache(maxsize=4)
def _looks(reserved: frozenset[str]) -> frozenset[str]:
    """Return how *reserved* nicks look, and those that always are."""
    return frozenset().union(*(skeletons(key, key) for key in names.RESERVED | reserved))
