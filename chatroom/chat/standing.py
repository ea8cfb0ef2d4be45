"""What stands in one place, a room or the whole server, until something else happens: roles, bans, settings."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Iterable, Iterator, Mapping
from heapq import heapify, heappop, heappush, nlargest
from math import inf
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from .durations import spoken
from .masks import Masks
from .ports import Change
from .refusals import BannedHere, MutedHere, RoomLocked, TooSoon
from .replies import Ban

if TYPE_CHECKING:
    from .past import Work
    from .ports import Record, Value
    from .session import Session

_SLICE = 1000
"""Entries of a list that are looked at in one turn."""

_WORK = 1.0
"""Lines' worth of work that this is."""

_SPOKE_AT_MOST = 10_000
"""People of one slow room of whom it is remembered when they spoke last."""

_FORGOTTEN_AT_ONCE = 100
"""Bans that have run out and are forgotten with the next ban; the rest waits for the one after it."""

Marks = tuple[str, str, str]
"""What bans and mutes go by: the key of a nick, a party, an address."""


class Listed:
    """
    The bans, or the mutes, of one place: who they are about, and until when they hold.

    What has run out no longer counts; `expired` tells it, for it to be forgotten.
    """

    __slots__ = ("_ends", "_masks", "_of", "_values")

    def __init__(self) -> None:
        self._values: dict[str, Value] = {}
        self._masks = Masks()
        self._of: dict[str, str | set[str]] = {}
        """The mask that came of each target, which is in lower case, or the masks: a set for each takes 20 MB."""
        self._ends: list[tuple[float, str]] = []
        """A heap of when masks run out; one that was lifted, or put anew, may still be in it."""

    def put(self, mask: str, value: Value | None) -> None:
        """Let *mask* be listed as *value* says, or no longer."""
        before = self._values.pop(mask, None)
        if before is not None:
            self._masks.discard(mask)
            self._separate(mask, before)
        if value is not None:
            self._masks.add(mask)
            self._values[mask] = value
            self._join(mask, value)
            self._note_end(mask, value["until"])

    def _join(self, mask: str, value: Value) -> None:
        target = _folded(value["target"])
        held = self._of.setdefault(target, mask)
        if isinstance(held, set):
            held.add(mask)
        elif held != mask:
            self._of[target] = {held, mask}

    def _separate(self, mask: str, value: Value) -> None:
        target = _folded(value["target"])
        held = self._of[target]
        if isinstance(held, set):
            held.discard(mask)
        if not held or held == mask:
            del self._of[target]

    def _note_end(self, mask: str, until: float | None) -> None:
        if until is not None:
            heappush(self._ends, (until, mask))
        if len(self._ends) > 2 * len(self._values) + _FORGOTTEN_AT_ONCE:
            # Somebody lists the same again and again.
            ends = ((value["until"], mask) for mask, value in self._values.items())
            self._ends = [(until, mask) for until, mask in ends if until is not None]
            heapify(self._ends)

    def get(self, mask: str) -> Value | None:
        """Return what is listed as *mask* itself, whether it has run out or not."""
        return self._values.get(mask)

    def about(self, marks: Marks, now: float) -> Value | None:
        """Find what is listed about whoever has these *marks* and has not run out."""
        if not self._values:
            return None
        for mask in self._masks.matching(*marks):
            value = self._values[mask]
            if value["until"] is None or value["until"] > now:
                return value
        return None

    def named(self, target: str, masks: Iterable[str]) -> list[str]:
        """List the masks that came of *target*, and those of *masks* that are listed."""
        held = self._of.get(_folded(target), ())
        listed = [held] if isinstance(held, str) else sorted(held)
        return list(dict.fromkeys([*listed, *(mask for mask in masks if mask in self._values)]))

    def expired(self, now: float) -> list[str]:
        """List what has run out, the oldest first; at most as many as can be forgotten quickly."""
        found: dict[str, float] = {}
        while self._ends and self._ends[0][0] <= now and len(found) < _FORGOTTEN_AT_ONCE:
            until, mask = heappop(self._ends)
            if mask in self._values and self._values[mask]["until"] == until:
                found[mask] = until
        # To be forgotten is one thing, to have been another: until then it is listed.
        for mask, until in found.items():
            heappush(self._ends, (until, mask))
        return list(found)

    def rows(self, kind: str, now: float) -> list[Ban]:
        """Describe what holds, each target once, the newest first."""
        newest: dict[str, Value] = {}
        _note_newest(newest, self._values.values(), now)
        return _rows(sorted(newest.values(), key=itemgetter("at"), reverse=True), kind)

    async def newest_in_turns(self, kind: str, now: float, most: int, work: Work) -> tuple[list[Ban], int]:
        """
        Describe the *most* newest that hold, a slice in each turn; return how many there are in all, too.

        :param work: charges for a slice, and waits for the turn.
        """
        newest: dict[str, Value] = {}
        for some in _slices(self._values.values()):
            await work(_WORK)
            _note_newest(newest, some, now)
        found: list[Value] = []
        for some in _slices(newest.values()):
            await work(_WORK)
            found = nlargest(most, [*found, *some], key=itemgetter("at"))
        return _rows(found, kind), len(newest)

    def __contains__(self, mask: object) -> bool:
        return mask in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


_NOBODY = Listed()
"""The list of rooms where nobody is listed, as of nearly all; nothing is ever put into it."""


def _changed(listed: Listed, mask: str, value: Value | None) -> Listed:
    """Let *mask* be listed as *value* says, or no longer; return the list in which it is."""
    if listed is _NOBODY and value is not None:
        listed = Listed()
    listed.put(mask, value)
    return listed


def _note_newest(newest: dict[str, Value], values: Iterable[Value], now: float) -> None:
    """Note in *newest*, by target, which of *values* hold and are the newest of their target."""
    for value in values:
        known = newest.get(value["target"])
        if (value["until"] is None or value["until"] > now) and (known is None or value["at"] > known["at"]):
            newest[value["target"]] = value


def _slices(values: Iterable[Value]) -> Iterator[list[Value]]:
    all_of_them = list(values)
    return (all_of_them[start : start + _SLICE] for start in range(0, len(all_of_them), _SLICE))


def _rows(found: Iterable[Value], kind: str) -> list[Ban]:
    return [Ban(one["target"], one["reason"], one["by"], one["at"], one["until"], kind) for one in found]


class Standing:
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

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self.operators: dict[str, str] = {}
        self.invited: dict[str, str] = {}
        self.settings: dict[str, str] = {}
        self.bans = self.mutes = _NOBODY
        self.unread: dict[str, int] = {}
        """The seq that somebody who is away has seen of this conversation, by party."""
        self.sealed = 0
        """The seq up to which this room is sealed: nothing before is shown."""
        self.restricts = False
        """Whether there may be a reason why somebody may not speak."""
        self._digest = ""
        self._spoke: dict[str, float] = {}
        self.load(records)

    def load(self, records: Iterable[Record]) -> None:
        """Know what *records* say, beside what is known already."""
        for record in records:
            self._keep(record.kind, record.key, record.value)

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

    def ended(self, room: str) -> list[Change]:
        """Build the changes after which nothing of what the operators of *room* have made of it stands."""
        kept: dict[str, Collection[str]] = {
            "operator": self.operators,
            "invite": self.invited,
            "setting": self.settings,
            "ban": self.bans,
            "mute": self.mutes,
        }
        return [Change(room, kind, key, None) for kind, keys in kept.items() for key in keys]

    def apply(self, change: Change) -> None:
        """Let *change* hold."""
        self._keep(change.kind, change.key, change.value)

    def _keep(self, kind: str, key: str, value: Value | None) -> None:
        if kind == "ban":
            self.bans = _changed(self.bans, key, value)
        elif kind == "mute":
            self.mutes = _changed(self.mutes, key, value)
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
            if key == "lock":
                self._digest = value.get("digest", "") if value else ""
        self.restricts = bool(self.mutes) or "slow" in self.settings

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
        ban = self.bans.about(marks, now)
        if ban is not None:
            raise BannedHere(f"You are banned from {where}{_how_long(ban, now)}.")

    def check_may_enter(self, session: Session, room: str, digest: str) -> None:
        """
        Make sure that *session* need not be kept out of a room that is closed.

        :param digest: that of the key which they know; empty: none.
        :raises RoomLocked: if they must be.
        """
        if session.party in self.invited:
            return
        if self._digest and hmac.compare_digest(digest, self._digest) and not self.private:
            return
        if self._digest and not self.private:
            wrong = "That is not its key" if digest else "It has a key"
            raise RoomLocked(f"#{room} is locked. {wrong}: /join {room} KEY")
        raise RoomLocked(f"#{room} is open only to who was invited; ask one of its operators.")

    def check_may_speak(self, session: Session, room: str, now: float, monotonic: float) -> None:
        """
        Make sure that *session*, who does not rule here, may say something now.

        :param now: in seconds since the epoch.
        :param monotonic: in the seconds that never step back.
        :raises Refusal: if they are muted, or the room is slow and they spoke just before.
        """
        mute = self.mutes.about(session.marks, now)
        if mute is not None:
            raise MutedHere(f"You are muted in #{room}{_how_long(mute, now)}.")
        seconds = int(self.settings.get("slow", "0"))
        if seconds:
            wait = self._spoke_last(session) + seconds - monotonic
            if wait > 0:
                raise TooSoon(f"#{room} is slow: you may say something again in {spoken(max(1.0, wait))}.")
            self._note_spoke(session.party, monotonic)

    def passes_on(self, former: str, party: str) -> None:
        """Let what slow mode knows of *former* go for *party*, too, which is the same person from now on."""
        spoke = self._spoke.get(former)
        if spoke is not None:
            self._note_spoke(party, max(spoke, self._spoke.get(party, spoke)))

    def _spoke_last(self, session: Session) -> float:
        """When *session* spoke last, or for a guest, when a guest from there did who had left before they came."""
        spoke = self._spoke.get(session.party, -inf)
        before = self._spoke.get(_left_from(session.place), -inf) if session.account is None else -inf
        return max(spoke, before) if session.came > before else spoke

    def left(self, session: Session) -> None:
        """Let it count for the next guest from the same place when *session*, who has left, spoke last."""
        if session.account is None:
            self.passes_on(session.party, _left_from(session.place))

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


def _folded(target: str) -> str:
    folded = target.casefold()
    # Nearly every target is in lower case already, and there may be a hundred thousand.
    return target if folded == target else folded


def _put(into: dict[str, Any], key: str, value: Mapping[str, Any] | None, name: str) -> None:
    if value is None:
        into.pop(key, None)
    else:
        into[key] = value[name]


def _how_long(listed: Value, now: float) -> str:
    until, reason = listed["until"], listed["reason"]
    how_long = f" for {spoken(max(1.0, until - now))} more" if until is not None else ""
    return f"{how_long}: {reason}" if reason else how_long
