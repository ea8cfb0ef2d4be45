"""The directory: everyone who is here, found by identity, nick, account or party."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ..refusals import NotHere
from ..syntax import names
from .person import Connection, Person

if TYPE_CHECKING:
    from ..fair_queue import FairQueue
    from ..replies import Reply
    from .accounts import Account, Accounts
    from .nicks import Nicks

_SLICE = 200
"""People processed in one reactor turn, when something concerns everyone."""

_SHOWN = 32
"""Characters of an unknown nick repeated in a refusal."""


class Directory(dict[str, Person[Any]]):
    """Everyone who has a nick, by identity."""

    __hash__ = object.__hash__  # type: ignore[assignment]

    def __init__(self, accounts: Accounts, nicks: Nicks, turns: FairQueue) -> None:
        super().__init__()
        self._accounts = accounts
        self._nicks = nicks
        self._turns = turns
        self._logged_in: dict[str, dict[str, None]] = {}
        """The identities of the people who are logged in, by the id of their account."""

    def named(self, nick: str) -> Person[Any]:
        """
        Find someone by nick.

        :raises NotHere: if nobody here has that nick.
        """
        person = self._nicks.get(names.key(nick))
        if person is None or not person.nick:
            raise NotHere(f"Nobody called {nick[:_SHOWN]} is here.")
        return person

    def meant(self, nick: str) -> Person[Any] | None:
        """
        Find the person meant by *nick*, if they are here.

        The owner of the nick comes first, even while someone else uses it who has not logged in.
        """
        key = names.key(nick)
        person, account = self._nicks.get(key), self._accounts.of(key)
        if account is not None and (person is None or not person.owns(account)):
            return next(self.logged_in(account), None)
        return person if person is not None and person.nick else None

    def is_somebody(self, party: str) -> bool:
        """Whether *party* is an account, or a guest who is here or may come back."""
        return self._accounts.known(party) is not None or party in self

    # Accounts.

    def log_in(self, session: Connection, account: Account, login: str) -> None:
        """Mark the guest of *session* as logged in to *account*, under the given login id."""
        person = session.person
        person.account, session.login = account, login
        self._logged_in.setdefault(account.id, {})[person.identity] = None

    def log_out(self, person: Person[Any]) -> None:
        """Mark *person* as a guest again."""
        self._end_login(person)
        person.account, person.session.login = None, ""

    def _end_login(self, person: Person[Any]) -> None:
        assert person.account is not None, "they are logged in"
        identities = self._logged_in[person.account.id]
        del identities[person.identity]
        if not identities:
            del self._logged_in[person.account.id]

    def leave(self, person: Person[Any]) -> None:
        """Remove *person*, who has left."""
        person.gone = True
        del self[person.identity]
        if person.account is not None:
            self._end_login(person)

    def logged_in(self, account: Account) -> Iterator[Person[Any]]:
        """Iterate over everyone logged in to *account*; the caller may log them out during iteration."""
        for identity in list(self._logged_in.get(account.id, ())):
            person = self.get(identity)
            if person is not None and person.owns(account):
                yield person

    def with_accounts(self) -> Iterator[Person[Any]]:
        """Iterate over everyone logged in; the caller may log them out during iteration."""
        for identity in [one for identities in self._logged_in.values() for one in identities]:
            person = self.get(identity)
            if person is not None and person.account is not None:
                yield person

    # Everyone.

    async def everyone(self, look: Callable[[Person[Any]], object]) -> None:
        """Call *look* with each person, a few per reactor turn."""
        people = list(self)
        for start in range(0, len(people), _SLICE):
            if start:
                await self._turns.next()
            for identity in people[start : start + _SLICE]:
                person = self.get(identity)
                if person is not None:
                    look(person)

    def announce(self, reply: Reply, asker: Connection | None = None) -> None:
        """Send a notice to everyone; *asker* gets it as the reply."""
        for person in list(self.values()):
            person.outlet.reply(reply, asker.ref if asker is not None and person.session is asker else None)
