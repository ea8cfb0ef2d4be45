"""
Cards: what a door keeps for a session, so that the session goes on when the house is replaced.

A card is signed, and says who somebody is and what no record does.  Where they are is not in it: that is what the
journal has, so no card undoes a kick or a ban.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from ..people.person import USUAL
from ..refusals import CannotResume
from ..replies import Preferences
from .resume_tokens import Claim

if TYPE_CHECKING:
    from ..core import Core
    from ..people.person import Connection
    from .resume_tokens import ResumeTokens

_DOMAIN = b"card:"
"""Stands before what is signed: no resume token, which is signed with the same secret, is a card."""
_MAC = 32
"""Characters of the signature: the first 16 bytes of HMAC-SHA-256, in hex."""


class Card(NamedTuple):
    """
    What a card says of one session.

    ``identity``, ``login`` and ``mark`` are those of a resume token, see `Claim`; ``since`` is when the session began
    and ``came`` when the person did, in seconds since the epoch; ``preferences`` are a guest's, and None for an
    account, whose record has them.  The rest is as in `Connection` and `Person`.  A later version may add fields with
    a default; the houses before and after it read each other's cards.
    """

    identity: str
    login: str
    mark: str
    nick: str
    number: int = 1
    since: float = 0.0
    came: float = 0.0
    current: str = ""
    conversation: str = ""
    correspondent: str = ""
    away: str | None = None
    bot: bool = False
    username: str = ""
    realname: str = ""
    preferences: Preferences | None = None

    @property
    def claim(self) -> Claim:
        """What it proves, as a resume token would."""
        return Claim(self.identity, self.login, self.mark)


class Cards:
    """Makes and reads the cards of one house."""

    def __init__(self, core: Core, tokens: ResumeTokens) -> None:
        self._core = core
        self._tokens = tokens

    def of(self, session: Connection) -> Card:
        """
        Return what the card of *session*, whose person has a nick, has to say now.

        Comparing it with the one before tells whether the door needs another one; what one session does may change
        the cards of the person's others.
        """
        person = session.person
        return Card(
            person.identity,
            self._tokens.proof_of(session),
            session.mark,
            person.nick,
            number=session.number,
            since=session.since,
            came=person.since,
            current=session.current,
            conversation=session.conversation,
            correspondent=person.correspondent,
            away=person.away,
            bot=person.bot,
            username=person.username,
            realname=person.realname,
            preferences=None if person.account is not None else _lasting(person.preferences),
        )

    def sign(self, card: Card) -> str:
        """Write *card* as a door keeps it."""
        values = {name: value for name, value in card._asdict().items() if value != Card._field_defaults.get(name)}
        if card.preferences is not None:
            values["preferences"] = _chosen(card.preferences)
        text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
        return self._mac(text) + text

    def read(self, text: str) -> Card:
        """
        Read a card.

        :raises CannotResume: if it is not one of this house, or of one before it on the same journal.
        """
        mac, text = text[:_MAC], text[_MAC:]
        if not hmac.compare_digest(mac.encode(), self._mac(text).encode()):
            raise CannotResume("The server has lost track of this connection. Please connect again.")
        values = _known(Card._fields, json.loads(text))
        if values.get("preferences") is not None:
            known = _known(_USUAL, values["preferences"])
            chosen = Preferences(**{**known, "ignore": tuple(known["ignore"]), "changed": ()})
            # Nearly everyone has the same, which they share.
            values["preferences"] = USUAL if chosen == USUAL else chosen
        return Card(**values)

    def _mac(self, text: str) -> str:
        signed = hmac.new(self._core.journal.secret, _DOMAIN + text.encode(), hashlib.sha256)
        return signed.hexdigest()[:_MAC]


_USUAL = {one.name: getattr(USUAL, one.name) for one in fields(Preferences)}


def _lasting(preferences: Preferences) -> Preferences:
    """Return *preferences* without what is temporary."""
    if preferences.away is None and not preferences.changed:
        return preferences
    return replace(preferences, away=None, changed=())


def _chosen(preferences: Preferences) -> dict[str, Any]:
    """Return what is unusual of *preferences*, and who is ignored, which earlier versions need."""
    chosen = {name: value for name, usual in _USUAL.items() if (value := getattr(preferences, name)) != usual}
    return {"ignore": preferences.ignore, **chosen}


def _known(names: Any, values: dict[str, Any]) -> dict[str, Any]:
    """Return those of *values* that this version knows."""
    return {name: value for name, value in values.items() if name in names}
