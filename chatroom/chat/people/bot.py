"""A bot: a script that acts for an account by a token, without a connection or a seat."""

from __future__ import annotations

from dataclasses import dataclass

from ..events import BOT
from ..rules.masks import Marks
from .accounts import Account
from .api_tokens import ApiToken


@dataclass(frozen=True, slots=True)
class Bot:
    """
    What the rules of rooms see of a script: somebody like a `Person`, with the rights of an account.

    ``address`` is where the request came from, ``place`` the place that it shares limits with; ``active`` is the time
    of the request in seconds since the epoch, ``came`` the same on the monotonic clock.
    """

    token: ApiToken
    account: Account
    address: str
    place: str
    active: float
    came: float

    @property
    def identity(self) -> str:
        """What its events are by: no person has such an identity."""
        return f"{BOT}{self.token.id}"

    @property
    def nick(self) -> str:
        """The nick: the token's name."""
        return self.token.name

    @property
    def party(self) -> str:
        """The party for records: that of the account."""
        return self.account.id

    @property
    def marks(self) -> Marks:
        """The marks that bans and mutes match: those of the account's, under the bot's nick."""
        return Marks(self.token.key, self.account.id, (self.address,))

    @property
    def own_marks(self) -> Marks:
        """The marks of bans and mutes that name this very bot; its owner's role does not lift those."""
        return Marks(self.token.key, self.identity, ("",))
