"""Identity: who an SSH client says, and has proven, to be."""

from __future__ import annotations

from dataclasses import dataclass

from chatroom.chat.people.accounts import Account
from chatroom.chat.syntax.public_keys import NO_KEY, PublicKey


@dataclass(frozen=True, slots=True)
class Identity:
    """
    What came of logging in.

    :param nick: what the person wants to be called; it may be taken, or no nick at all.
    :param key: the key by which the client has signed.
    :param account: the account whose password was given; None: a key's account, or a guest.
    :param guest: the identity of a guest without a key, the same for all sessions of a connection.
    """

    nick: str
    key: PublicKey = NO_KEY
    account: Account | None = None
    guest: str = ""
