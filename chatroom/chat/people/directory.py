"""The directory: everyone who is here, found by identity, nick, account or party."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
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


class PersonChange(Enum):
    """What has changed about a person: they came or left, or have another nick, account, away message or real name."""

    CAME = auto()
    LEFT = auto()
    NICK = auto()
    ACCOUNT = auto()
    AWAY = auto()
    REALNAME = auto()


Observer = Callable[[Person[Any], PersonChange, str], object]
"""What is called with a person, what has changed, and the former nick if that is it."""


class Directory(dict[str, Person[Any]]):
    """Everyone who has a nick, by identity."""

    __hash__ = object.__hash__  # type: ignore[assignment]

    def __init__(self, accounts: Accounts, nicks: Nicks, turns: FairQueue) -> None:
        super().__init__()
        self._accounts = accounts
        self._nicks = nicks
        self._turns = turns
        self.marks: dict[str, Connection] = {}
        """The further sessions of people, by their mark: no two sessions may have the same id."""
        self._owners: dict[str, Person[Any]] = {}
        """Everyone who is logged in, by the id of their account."""
        self.observers: list[Observer] = []
        """Doors that tell others what people do besides talking: see `notify`."""

    def notify(self, person: Person[Any], change: PersonChange, former: str = "") -> None:
        """
        Tell the observers of a *change* of *person* that no room has an event for, or not once.

        :param former: the nick before it was changed.
        """
        for observer in self.observers:
            observer(person, change, former)

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
            return self.owner(account)
        return person if person is not None and person.nick else None

    def is_id(self, text: str) -> bool:
        """Whether *text* is the identity of somebody here, or marks a session."""
        return text in self or text in self.marks

    def is_somebody(self, party: str) -> bool:
        """Whether *party* is an account, or a guest who is here or may come back."""
        return self._accounts.known(party) is not None or party in self

    def of_party(self, party: str) -> Person[Any] | None:
        """Return who *party* is, an account or a guest, if they are here."""
        return self._owners.get(party) or self.get(party)

    # Accounts.

    def log_in(self, person: Person[Any], account: Account) -> None:
        """Mark *person*, a guest, as logged in to *account*, whose owner is not here yet."""
        assert account.id not in self._owners, "an account is one person"
        person.account = account
        self._owners[account.id] = person
        self.notify(person, PersonChange.ACCOUNT)

    def log_out(self, person: Person[Any]) -> None:
        """Mark *person* as a guest again."""
        assert person.account is not None, "they are logged in"
        del self._owners[person.account.id]
        person.account = None
        for session in person.sessions:
            session.login = ""
        self.notify(person, PersonChange.ACCOUNT)

    def leave(self, person: Person[Any]) -> None:
        """Remove *person*, who has left."""
        self.notify(person, PersonChange.LEFT)
        person.gone = True
        del self[person.identity]
        if person.account is not None:
            del self._owners[person.account.id]

    def owner(self, account: Account) -> Person[Any] | None:
        """Return the person who is logged in to *account*, if they are here."""
        return self._owners.get(account.id)

    def with_accounts(self) -> list[Person[Any]]:
        """List everyone logged in."""
        return list(self._owners.values())

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
            person.tell(reply, asker)
