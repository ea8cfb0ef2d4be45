"""What stands in one place, a room or the whole server, until something else happens: roles, bans, settings."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Iterable, Mapping
from math import inf
from typing import TYPE_CHECKING, Any, Protocol

from ..ports import RecordChange
from ..refusals import BannedHere, MutedHere, RoomLocked, TooSoon
from ..syntax.durations import spoken
from .ban_list import NOBODY, changed

if TYPE_CHECKING:
    from ..ports import StandingRecord, Value
    from .masks import Marks
    from .roles import Account

_SPOKE_AT_MOST = 10_000
"""People of one slow room of whom it is remembered when they spoke last."""


class Subject(Protocol):
    """Somebody to whom the rules of a place are applied."""

    @property
    def party(self) -> str:
        """Who they are to others for good: an account, or a guest."""

    @property
    def place(self) -> str:
        """Where they come from: an address, an IPv6 /64, or this machine."""

    @property
    def marks(self) -> Marks:
        """What bans and mutes know them by."""

    @property
    def account(self) -> Account | None:
        """The account that they are logged in to."""

    @property
    def came(self) -> float:
        """When they came, in the seconds that never step back."""


class RoomState:
    """
    The standing records of one place.

    ``operators`` and ``invited`` are nicks by party, ``settings`` the values of `SettingChanged` that are
    not the ordinary ones.
    """

    __slots__ = (
        "_digest",
        "_spoke",
        "bans",
        "invited",
        "mutes",
        "operators",
        "restricts",
        "sealed",
        "settings",
        "unread",
    )

    def __init__(self, records: Iterable[StandingRecord] = ()) -> None:
        self.operators: dict[str, str] = {}
        self.invited: dict[str, str] = {}
        self.settings: dict[str, str] = {}
        self.bans = self.mutes = NOBODY
        self.unread: dict[str, int] = {}
        """The seq that somebody who is away has seen of this conversation, by party."""
        self.sealed = 0
        """The seq up to which this room is sealed: nothing before is shown."""
        self.restricts = False
        """Whether there may be a reason why somebody may not speak."""
        self._digest = ""
        self._spoke: dict[str, float] = {}
        self.load(records)

    def load(self, records: Iterable[StandingRecord]) -> None:
        """Know what *records* say, beside what is known already."""
        for record in records:
            self.apply(record)

    def value(self, kind: str, key: str) -> Value | None:
        """Return what the record of this *kind* and *key* holds; None: there is none."""
        if kind in ("ban", "mute"):
            return (self.bans if kind == "ban" else self.mutes).get(key)
        names = {"operator": self.operators, "invite": self.invited}
        if kind in names:
            nick = names[kind].get(key)
            return None if nick is None else {"nick": nick}
        if kind == "unread":
            after = self.unread.get(key)
            return None if after is None else {"after": after}
        if kind == "seal":
            return {"upto": self.sealed} if self.sealed else None
        setting = self.settings.get(key)
        return None if setting is None else {"value": setting, "digest": self._digest if key == "lock" else ""}

    def ended(self, room: str) -> list[RecordChange]:
        """Build the changes after which nothing of what the operators of *room* have made of it stands."""
        kept: dict[str, Collection[str]] = {
            "operator": self.operators,
            "invite": self.invited,
            "setting": self.settings,
            "ban": self.bans,
            "mute": self.mutes,
        }
        return [RecordChange(room, kind, key, None) for kind, keys in kept.items() for key in keys]

    def apply(self, change: RecordChange | StandingRecord) -> None:
        """Let *change* hold, or what a record holds already."""
        _, kind, key, value = change
        if kind == "ban":
            self.bans = changed(self.bans, key, value)
        elif kind == "mute":
            self.mutes = changed(self.mutes, key, value)
            self.restricts = bool(self.mutes) or "slow" in self.settings
        elif kind == "operator":
            _put(self.operators, key, value, "nick")
        elif kind == "invite":
            _put(self.invited, key, value, "nick")
        elif kind == "unread":
            _put(self.unread, key, value, "after")
        elif kind == "seal":
            # For as long as the room is in use also if it could not be stored: somebody may have come in meanwhile.
            self.sealed = max(self.sealed, value["upto"] if value else 0)
        elif kind == "setting":
            _put(self.settings, key, value, "value")
            self.restricts = bool(self.mutes) or "slow" in self.settings
            if key == "lock":
                self._digest = value.get("digest", "") if value else ""

    # Who may come in, and speak.

    @property
    def private(self) -> bool:
        """Whether only members may know of this room."""
        return "private" in self.settings

    @property
    def closed(self) -> bool:
        """Whether not everyone may come in."""
        return self.private or "lock" in self.settings

    def check_not_banned(self, marks: Marks, where: str, now: float) -> None:
        """
        Make sure that whoever has these *marks* is not banned.

        :param where: completes "You are banned from ".
        :raises BannedHere: if they are; the text says why and until when.
        """
        ban = self.bans.match(marks, now)
        if ban is not None:
            raise BannedHere(f"You are banned from {where}{_how_long(ban, now)}.")

    def check_may_enter(self, person: Subject, room: str, digest: str) -> None:
        """
        Make sure that *person* need not be kept out of a room that is closed.

        :param digest: that of the key which they know; empty: none.
        :raises RoomLocked: if they must be.
        """
        if person.party in self.invited:
            return
        if self._digest and hmac.compare_digest(digest, self._digest) and not self.private:
            return
        if self._digest and not self.private:
            wrong = "That is not its key" if digest else "It has a key"
            raise RoomLocked(f"#{room} is locked. {wrong}: /join {room} KEY")
        raise RoomLocked(f"#{room} is open only to who was invited; ask one of its operators.")

    def check_may_speak(self, person: Subject, room: str, now: float, monotonic: float) -> None:
        """
        Make sure that *person*, who does not rule here, may say something now.

        :param now: in seconds since the epoch.
        :param monotonic: in the seconds that never step back.
        :raises Refusal: if they are muted, or the room is slow and they spoke just before.
        """
        mute = self.mutes.match(person.marks, now)
        if mute is not None:
            raise MutedHere(f"You are muted in #{room}{_how_long(mute, now)}.")
        seconds = int(self.settings.get("slow", "0"))
        if seconds:
            wait = self._spoke_last(person) + seconds - monotonic
            if wait > 0:
                raise TooSoon(f"#{room} is slow: you may say something again in {spoken(max(1.0, wait))}.")
            self._note_spoke(person.party, monotonic)

    def passes_on(self, former: str, party: str) -> None:
        """Let what slow mode knows of *former* go for *party*, too, which is the same person from now on."""
        spoke = self._spoke.get(former)
        if spoke is not None:
            self._note_spoke(party, max(spoke, self._spoke.get(party, spoke)))

    def _spoke_last(self, person: Subject) -> float:
        """When *person* spoke last, or for a guest, when a guest from there did who had left before they came."""
        spoke = self._spoke.get(person.party, -inf)
        before = self._spoke.get(_left_from(person.place), -inf) if person.account is None else -inf
        return max(spoke, before) if person.came > before else spoke

    def left(self, person: Subject) -> None:
        """Let it count for the next guest from the same place when *person*, who has left, spoke last."""
        if person.account is None:
            self.passes_on(person.party, _left_from(person.place))

    def _note_spoke(self, party: str, when: float) -> None:
        self._spoke.pop(party, None)
        self._spoke[party] = when
        if len(self._spoke) > _SPOKE_AT_MOST:
            del self._spoke[next(iter(self._spoke))]


def key_digest(secret: bytes, room: str, key: str) -> str:
    """Work out what is kept of the *key* of a locked *room*; it tells nothing without the journal's *secret*."""
    return hmac.new(secret, f"{room}\0{key}".encode(), hashlib.sha256).hexdigest()


def _left_from(place: str) -> str:
    return f"left:{place}"


def _put(into: dict[str, Any], key: str, value: Mapping[str, Any] | None, name: str) -> None:
    if value is None:
        into.pop(key, None)
    else:
        into[key] = value[name]


def _how_long(listed: Value, now: float) -> str:
    until, reason = listed["until"], listed["reason"]
    how_long = f" for {spoken(max(1.0, until - now))} more" if until is not None else ""
    return f"{how_long}: {reason}" if reason else how_long
