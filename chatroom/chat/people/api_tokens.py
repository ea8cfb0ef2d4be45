"""API tokens: what scripts show instead of a password, and the bots that act with them, in memory."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b32encode
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ..ports import RecordChange, StandingRecord, Value
from ..syntax.confusables import ConfusableIndex

if TYPE_CHECKING:
    from .accounts import Account, Accounts

TOKEN = "token"
"""The record kind of tokens."""

USED = "token_used"
"""The record kind of a token's last use."""

KINDS = (TOKEN, USED)

SHAPE = 32
"""Characters of a token: letters and digits with 160 random bits, as other programs' webhooks accept them."""

_ID = 8
"""The first characters, which tell tokens apart and are no secret: 40 random bits."""


class Access(StrEnum):
    """What a token allows."""

    READ = "read"
    WRITE = "write"
    BOTH = "both"

    def covers(self, wanted: Access) -> bool:
        """Return whether this allows *wanted*."""
        return self in (Access.BOTH, wanted)


@dataclass(frozen=True, slots=True)
class ApiToken:
    """
    A token: a bot that may act for an account.

    ``name`` is the bot's nick and ``key`` the nick's key, ``account`` the account's id, ``room`` the only room it is
    for ("": every room that the account may enter), ``digest`` what the secret is checked against, ``since`` when it
    was added, in seconds since the epoch.
    """

    id: str
    name: str
    key: str
    account: str
    room: str
    access: Access
    digest: str
    since: float

    @classmethod
    def read(cls, identity: str, value: Value) -> ApiToken:
        """Build a token from its record."""
        return cls(id=identity, **{**value, "access": Access(value["access"])})

    def kept(self) -> RecordChange:
        """Return the change that stores this token."""
        value = asdict(self)
        del value["id"]
        return RecordChange("", TOKEN, self.id, value)

    def used(self, at: float) -> RecordChange:
        """Return the change that stores the last use, apart from what another program may change."""
        return RecordChange("", USED, self.id, {"at": at})

    def removed(self) -> list[RecordChange]:
        """Return the changes that revoke this token."""
        return [RecordChange("", kind, self.id, None) for kind in (TOKEN, USED)]

    @property
    def nick(self) -> str:
        """The bot's nick, as accounts and people have one."""
        return self.name

    @property
    def scope(self) -> str:
        """What it is for, as people read it: ``read and write, #ops``."""
        access = "read and write" if self.access is Access.BOTH else str(self.access)
        return f"{access}, {f'#{self.room}' if self.room else 'all rooms'}"


def made(secret: str, name: tuple[str, str], account: Account, room: str, access: Access, now: float) -> ApiToken:
    """Make a token that *secret* opens, for the bot with this *name* (the nick and its key)."""
    return ApiToken(id_of(secret), *name, account.id, room, access, digest_of(secret), now)


def new_secret(random: str) -> str:
    """Make a token out of unpredictable text with at least 160 random bits."""
    return b32encode(hashlib.sha256(random.encode()).digest()).decode().lower()[:SHAPE]


def id_of(secret: str) -> str:
    """Return the part of a token that is no secret."""
    return secret[:_ID]


def digest_of(secret: str) -> str:
    """Return what is stored of a token: it is random and long, so one hash is enough."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


_NONE = digest_of("")


class ApiTokens:
    """All tokens, by id, by account, by the key of the bot's nick, and by what the nick looks like."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._by_id: dict[str, ApiToken] = {}
        self._by_key: dict[str, ApiToken] = {}
        self._by_account: dict[str, dict[str, ApiToken]] = {}
        self._looks: ConfusableIndex[ApiToken] = ConfusableIndex()
        self._used: dict[str, float] = {}

    def load(self, records: Iterable[StandingRecord]) -> None:
        """Load *records* into an empty table."""
        for record in records:
            if record.kind in KINDS:
                self.apply(RecordChange(*record))

    def apply(self, change: RecordChange) -> None:
        """Take over *change*, which has been stored or is about to be."""
        identity, value = change.key, change.value
        if change.kind == USED:
            if value is None:
                self._used.pop(identity, None)
            else:
                self._used[identity] = value["at"]
            return
        before = self._by_id.get(identity)
        if before is not None:
            self._drop(before)
        if value is not None:
            self._put(ApiToken.read(identity, value))

    def value(self, kind: str, key: str) -> Value | None:
        """Return the value of the record with this *kind* and *key*, or None."""
        if kind == USED:
            return {"at": self._used[key]} if key in self._used else None
        token = self._by_id.get(key)
        return None if token is None else token.kept().value

    def proven(self, secret: str) -> ApiToken | None:
        """Return the token that *secret* is; it takes the same time whether or not there is one like it."""
        token = self._by_id.get(id_of(secret))
        right = hmac.compare_digest(digest_of(secret), _NONE if token is None else token.digest)
        return token if right and token is not None and self.owner(token) is not None else None

    def known(self, identity: str) -> ApiToken | None:
        """Find the token with this id."""
        return self._by_id.get(identity)

    def of(self, key: str) -> ApiToken | None:
        """Find the token whose bot has the nick with this *key*."""
        return self._by_key.get(key)

    def looking_like(self, shown: str, key: str) -> ApiToken | None:
        """Find another bot whose nick looks like this one, whose key is *key*."""
        return self._looks.find(shown, key)

    def owner(self, token: ApiToken) -> Account | None:
        """Return the account that *token* acts for; None if it has been deleted."""
        return self._accounts.known(token.account)

    def owned(self, account: Account) -> list[ApiToken]:
        """List the tokens of *account*, in the order in which they were added."""
        return sorted(self._by_account.get(account.id, {}).values(), key=lambda one: one.since)

    def forgotten(self, account: Account) -> list[RecordChange]:
        """Return the changes that revoke all tokens of *account*."""
        return [change for token in self.owned(account) for change in token.removed()]

    def last_use(self, token: ApiToken) -> float | None:
        """Return when *token* was last used, in seconds since the epoch; None: never."""
        return self._used.get(token.id)

    def _put(self, token: ApiToken) -> None:
        self._by_id[token.id] = self._by_key[token.key] = token
        self._by_account.setdefault(token.account, {})[token.id] = token
        self._looks.put(token.name, token.key, token)

    def _drop(self, token: ApiToken) -> None:
        del self._by_id[token.id]
        owned = self._by_account[token.account]
        del owned[token.id]
        if not owned:
            del self._by_account[token.account]
        if self._by_key.get(token.key) is token:
            del self._by_key[token.key]
            self._looks.drop(token.name, token.key)

    def __len__(self) -> int:
        return len(self._by_id)
