"""Room state: the standing records (roles, bans, settings) of one room or of the whole server."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Iterable, Mapping
from math import inf
from typing import TYPE_CHECKING, Any, Protocol

from ..ports import RecordChange
from ..refusals import BannedHere, MutedHere, NotAllowed, RoomLocked, TooSoon
from ..syntax.durations import spoken
from .ban_list import NOBODY, changed

if TYPE_CHECKING:
    from ..ports import StandingRecord, Value
    from .masks import Marks
    from .roles import Account

_SPOKE_AT_MOST = 10_000
"""People whose last line is remembered per room in slow mode."""


class Subject(Protocol):
    """A person to whom the rules are applied."""

    @property
    def party(self) -> str:
        """Their stable id for records: an account's or a guest's."""

    @property
    def place(self) -> str:
        """Where they come from: an address, an IPv6 /64, or this machine."""

    @property
    def marks(self) -> Marks:
        """The marks that bans and mutes match."""

    @property
    def account(self) -> Account | None:
        """Their account, if logged in."""

    @property
    def came(self) -> float:
        """The time of arrival on the monotonic clock."""


class RoomState:
    """
    The standing records of one room or of the server.

    ``operators``, ``invited`` and ``voiced`` (who may speak where only some may) are nicks by party, ``settings`` the
    values of `SettingChanged` that are not the default.
    """

    __slots__ = (
        "_digest",
        "_spoke",
        "bans",
        "former_lock",
        "invited",
        "mutes",
        "operators",
        "restricts",
        "sealed",
        "settings",
        "unread",
        "voiced",
    )

    def __init__(self, records: Iterable[StandingRecord] = ()) -> None:
        self.operators: dict[str, str] = {}
        self.invited: dict[str, str] = {}
        self.voiced: dict[str, str] = {}
        self.settings: dict[str, str] = {}
        self.former_lock = ""
        """The setting ``lock`` before its last change."""
        self.bans = self.mutes = NOBODY
        self.unread: dict[str, int] = {}
        """The last seq that an offline party has seen of this conversation, by party."""
        self.sealed = 0
        """The seq up to which this room is sealed: nothing before it is shown."""
        self.restricts = False
        """Whether mutes, slow mode or moderation need to be checked."""
        self._digest = ""
        self._spoke: dict[str, float] = {}
        self.load(records)

    def load(self, records: Iterable[StandingRecord]) -> None:
        """Load *records*, in addition to what is loaded."""
        for record in records:
            self.apply(record)

    def value(self, kind: str, key: str) -> Value | None:
        """Return the value of the record with this *kind* and *key*, or None."""
        if kind in ("ban", "mute"):
            return (self.bans if kind == "ban" else self.mutes).get(key)
        names = {"operator": self.operators, "invite": self.invited, "voice": self.voiced}
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
        """Build the changes that delete everything the operators of *room* have set."""
        kept: dict[str, Collection[str]] = {
            "operator": self.operators,
            "invite": self.invited,
            "voice": self.voiced,
            "setting": self.settings,
            "ban": self.bans,
            "mute": self.mutes,
        }
        return [RecordChange(room, kind, key, None) for kind, keys in kept.items() for key in keys]

    def apply(self, change: RecordChange | StandingRecord) -> None:
        """Apply *change*, or a stored record."""
        _, kind, key, value = change
        if kind == "ban":
            self.bans = changed(self.bans, key, value)
        elif kind == "mute":
            self.mutes = changed(self.mutes, key, value)
            self._look_at_limits()
        elif kind == "operator":
            _put(self.operators, key, value, "nick")
        elif kind == "invite":
            _put(self.invited, key, value, "nick")
        elif kind == "voice":
            _put(self.voiced, key, value, "nick")
        elif kind == "unread":
            _put(self.unread, key, value, "after")
        elif kind == "seal":
            # Never lowered while the room is in use, even if it could not be stored: somebody may have joined
            # meanwhile.
            self.sealed = max(self.sealed, value["upto"] if value else 0)
        elif kind == "setting":
            if key == "lock":
                self.former_lock = self.settings.get(key, "")
            _put(self.settings, key, value, "value")
            self._look_at_limits()
            if key == "lock":
                self._digest = value.get("digest", "") if value else ""

    def _look_at_limits(self) -> None:
        self.restricts = bool(self.mutes) or "slow" in self.settings or "moderated" in self.settings

    # Checks.

    @property
    def private(self) -> bool:
        """Whether the room is private (known only to members)."""
        return "private" in self.settings

    @property
    def free_topic(self) -> bool:
        """Whether everyone in the room may set its topic, even if there are operators."""
        return "freetopic" in self.settings

    @property
    def closed(self) -> bool:
        """Whether entry is restricted."""
        return self.private or "lock" in self.settings

    def check_not_banned(self, marks: Marks, where: str, now: float) -> None:
        """
        Check that nobody with these *marks* is banned.

        :param where: completes "You are banned from ".
        :raises BannedHere: if they are; the text says why and for how long.
        """
        ban = self.bans.match(marks, now)
        if ban is not None:
            raise BannedHere(f"You are banned from {where}{_how_long(ban, now)}.")

    def check_may_enter(self, person: Subject, room: str, digest: str) -> None:
        """
        Check that *person* may enter a closed room.

        :param digest: the digest of the key they gave; empty: none.
        :raises RoomLocked: if not.
        """
        if person.party in self.invited:
            return
        if self._digest and hmac.compare_digest(digest, self._digest) and not self.private:
            return
        if self._digest and not self.private:
            wrong = "Wrong key" if digest else "It needs a key"
            raise RoomLocked(f"#{room} is locked. {wrong}: /join {room} KEY")
        raise RoomLocked(f"#{room} is invite-only; ask an operator to invite you.")

    def check_not_silenced(self, person: Subject, room: str, now: float) -> None:
        """
        Check that *person*, who is not an operator or admin, may speak at all.

        :param now: in seconds since the epoch.
        :raises Refusal: if they are muted, or have no voice where only some may speak.
        """
        mute = self.mutes.match(person.marks, now)
        if mute is not None:
            raise MutedHere(f"You are muted in #{room}{_how_long(mute, now)}.")
        if "moderated" in self.settings and person.party not in self.voiced:
            raise NotAllowed(f"#{room} is moderated: only its operators, and those with a voice, may speak.")

    def check_may_speak(self, person: Subject, room: str, now: float, monotonic: float) -> None:
        """
        Check that *person*, who is not an operator or admin, may speak now, and note that they do.

        :param now: in seconds since the epoch.
        :param monotonic: on the monotonic clock.
        :raises Refusal: as `check_not_silenced`, or if slow mode applies and they have just spoken.
        """
        self.check_not_silenced(person, room, now)
        seconds = int(self.settings.get("slow", "0"))
        if seconds:
            wait = self._spoke_last(person) + seconds - monotonic
            if wait > 0:
                raise TooSoon(f"#{room} is in slow mode: you can talk again in {spoken(wait)}.", wait)
            self._note_spoke(person.party, monotonic)

    def passes_on(self, former: str, party: str) -> None:
        """Carry the slow mode timing of *former* over to *party*, the same person."""
        spoke = self._spoke.get(former)
        if spoke is not None:
            self._note_spoke(party, max(spoke, self._spoke.get(party, spoke)))

    def _spoke_last(self, person: Subject) -> float:
        """Return when *person* last spoke; for a guest, also counting guests from the same place who left before."""
        spoke = self._spoke.get(person.party, -inf)
        before = self._spoke.get(_left_from(person.place), -inf) if person.account is None else -inf
        return max(spoke, before) if person.came > before else spoke

    def left(self, person: Subject) -> None:
        """Carry the slow mode timing of *person*, who has left, over to the next guest from the same place."""
        if person.account is None:
            self.passes_on(person.party, _left_from(person.place))

    def _note_spoke(self, party: str, when: float) -> None:
        self._spoke.pop(party, None)
        self._spoke[party] = when
        if len(self._spoke) > _SPOKE_AT_MOST:
            del self._spoke[next(iter(self._spoke))]


def key_digest(secret: bytes, room: str, key: str) -> str:
    """Return the stored digest of the *key* of a locked *room*; it reveals nothing without the journal's *secret*."""
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
