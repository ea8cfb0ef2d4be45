"""The model: what the rules allow, recomputed from the journal and compared with everything shown."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from chatroom.chat.changes import Edited, Reacted
from chatroom.chat.events import TALK, Batch, Event, Joined, Left, SettingChanged, Whispered
from chatroom.chat.people.person import Person
from chatroom.journal._records import Row, parted

from .broken import Broken
from .disk import Disk, Place
from .journal import SimJournal
from .people import WORDS, Guest
from .sayings import Sayings

if TYPE_CHECKING:
    from .house import SimHub


OPENED = frozenset({"den"})
"""Rooms that were private, perhaps, and that the configuration opens to everyone now and then."""


class Proof(NamedTuple):
    """The proof in a resume token: an account at an epoch, by a login that may have ended since."""

    account: str
    epoch: int
    login: int


class Model:
    """Judges what the house on *disk* shows and accepts."""

    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        self.hub: SimHub | None = None
        self.sayings = Sayings()
        self.told_records: dict[Place, str] = {}
        """What the house has been told is stored."""
        self.proofs: dict[str, Proof] = {}
        """By token."""
        self.latest = 0.0
        """The latest time of day that there ever was."""
        self._epochs: Counter[str] = Counter()
        self._logins: dict[int, tuple[str, int]] = {}
        """The account that a session is logged in to, and the number of the login, by the number of its guest."""
        self._login = 0
        self._login_epochs: dict[int, int] = {}
        """The epoch of the account in which each login was made, or last confirmed."""
        self._ended: set[int] = set()
        self._ruled: set[tuple[str, str]] = set()
        """Rooms, and the parties that were ever operators there."""
        self._let_in: set[tuple[str, str]] = set()
        """Rooms, and the parties that were ever invited or made operators there."""
        self._private: dict[str, int] = {}
        """Since which seq a room has been private without a break."""
        self._sealed: dict[str, int] = {}
        """Up to which seq a room was that of others, who are gone, and nobody who comes in later reads it."""
        self._departures: dict[tuple[str, str], list[int]] = {}
        """The last seqs before people left, by room and identity: that may be stored much later."""
        self._words: dict[str, tuple[str, int]] = {}
        """The position of each word that was said."""

    def restart(self, hub: SimHub, *, anew: bool = True) -> None:
        """Judge another process from now on; *anew*: with other connections."""
        self.hub = hub
        self.told_records = dict(self.disk.records)
        if anew:
            self._logins.clear()

    # Commands.

    def stored(self, rows: Iterable[Row], batches: Sequence[Batch]) -> None:
        """This is stored, and may be read."""
        for scope, kind, key, value, _ in parted(rows)[0]:
            if (kind, key) == ("setting", "private") and value is None:
                self._private.pop(scope, None)
            elif kind == "seal" and value is not None:
                self._sealed[scope] = json.loads(value)["upto"]
        self.sayings.stored(batches)
        for batch in batches:
            self._note_events(batch)

    def told(self, rows: Iterable[Row]) -> None:
        """The house hears that this is stored."""
        for scope, kind, key, value, _ in parted(rows)[0]:
            place = scope, kind, key
            if kind == "account":
                self._note_account(self.told_records.get(place), value)
            elif kind in ("invite", "operator"):
                self._let_in.add((scope, key))
                if kind == "operator":
                    self._ruled.add((scope, key))
            if value is None:
                self.told_records.pop(place, None)
            else:
                self.told_records[place] = value

    def _note_events(self, batch: Batch) -> None:
        for seq, event in batch:
            if isinstance(event, (*TALK, Edited)):
                for word in WORDS.findall(event.text):
                    self._words[word] = batch.room, seq
            elif isinstance(event, SettingChanged) and event.setting == "private" and event.value:
                self._private.setdefault(batch.room, seq)

    def _note_account(self, before: str | None, after: str | None) -> None:
        if before is None:
            return
        was, now = json.loads(before), json.loads(after or "{}")
        if was["id"] != now.get("id") or was["hash"] != now["hash"]:
            # As soon as it is stored: nobody may come in by what was proven before.
            self._epochs[was["id"]] += 1

    # What people prove.

    def observe(self, guest: Guest, person: Person) -> tuple[str, int]:
        """Note in which login *guest* is, a session of *person*."""
        account = person.account.id if person.account is not None else ""
        known = self._logins.get(guest.number)
        if known is None or known[0] != account:
            if known is not None:
                self._ended.add(known[1])
            self._login += 1
            known = self._logins[guest.number] = account, self._login
            self._login_epochs[self._login] = self._epochs[account]
        return known

    def confirmed(self, guest: Guest, person: Person) -> None:
        """*guest*, a session of *person*, is told who they are."""
        account, login = self.observe(guest, person)
        self._login_epochs[login] = self._epochs[account]

    def outdated(self, guest: Guest) -> bool:
        """Whether *guest* is logged in since before the password changed."""
        account, login = self._logins.get(guest.number, ("", 0))
        return bool(account) and self._login_epochs[login] < self._epochs[account]

    def issued(self, guest: Guest, person: Person, token: str) -> None:
        """*guest*, a session of *person*, is given *token*."""
        account, login = self.observe(guest, person)
        self.proofs[token] = Proof(account, self._epochs[account], login)

    def named(self, guest: Guest, person: Person) -> None:
        """*guest* has just been given a name, and perhaps more than their token proves."""
        account = person.account
        if account is None or guest.proves:
            # Who gives the password needs no token.
            return
        proof = self.proofs.get(guest.token_used)
        if proof is None or proof.account != account.id:
            raise Broken(f"{guest.number} is logged in to {account.nick}, which their token does not prove")
        if proof.epoch != self._epochs[account.id]:
            raise Broken(f"{guest.number} is logged in to {account.nick} by a token from before the password changed")
        if proof.login in self._ended:
            raise Broken(f"{guest.number} is logged in to {account.nick} by a token of a login that has ended")
        if not guest.attaches:
            # A further session has a login of its own.
            self._logins[guest.number] = account.id, proof.login

    def attached(self, guest: Guest, person: Person) -> None:
        """*guest* goes on as *person* in another house, without having proven anything."""
        guest.attached = True
        account = person.account.id if person.account is not None else ""
        known, login = self._logins.get(guest.number, ("", 0))
        if not account:
            # Whose door had not heard of the login need not have logged out.
            self._logins.pop(guest.number, None)
        if account and account != known:
            raise Broken(f"{guest.number} is attached as somebody logged in to {account}, and was not")
        if account and self._login_epochs[login] != self._epochs[account]:
            raise Broken(f"{guest.number} is attached to {account} by a login from before the password changed")
        if account and login in self._ended:
            raise Broken(f"{guest.number} is attached to {account} by a login that has ended")

    # What people say.

    def appended(self, event: Event) -> None:
        """The house accepts a command."""
        assert self.hub is not None
        if isinstance(event, Left):
            kept = self.disk.rooms.get(event.room)
            self._departures.setdefault((event.room, event.by), []).append(kept.last if kept else 0)
        if not isinstance(event, (*TALK, Joined)):
            return
        person = self.hub.core.people.get(event.by)
        if person is None:
            return
        now = self.hub.core.runtime.now()
        if isinstance(event, Joined):
            if self._listed("ban", event.room, person, now):
                raise Broken(f"{event.nick}, who is banned there, comes into #{event.room}")
            return
        if not isinstance(event, Whispered) and self._listed("mute", event.room, person, now):
            raise Broken(f"{event.nick}, who is muted there, speaks in #{event.room}")
        if self.hub.names_are_kept:
            place = "", "account", person.key
            owner = None if self._in_flight(place) else self.told_records.get(place)
            if owner is not None and (person.account is None or json.loads(owner)["id"] != person.account.id):
                raise Broken(f"{event.nick} speaks under a nick that is somebody else's")

    def banned_for_sure(self, scope: str, person: Person) -> bool:
        """Whether *person*, never an operator there, is banned from *scope* by an unexpired ban."""
        assert self.hub is not None
        guests = [guest for session in person.sessions if (guest := self.hub.guest_of(session)) is not None]
        parties = set().union(*(guest.parties for guest in guests))
        ever_ruled = any(guest.admin for guest in guests) or any((scope, party) in self._ruled for party in parties)
        return not ever_ruled and self._listed("ban", scope, person, self.latest)

    def _listed(self, kind: str, scope: str, person: Person, now: float) -> bool:
        if self.rules(scope, person):
            return False
        addresses = [f"address:{session.address}/32" for session in person.sessions]
        for mask in (f"nick:{person.key}", f"party:{person.party}", *addresses):
            record = self.told_records.get((scope, kind, mask))
            if record is not None and not self._in_flight((scope, kind, mask)):
                until = json.loads(record)["until"]
                if until is None or until > now:
                    return True
        return False

    def _in_flight(self, place: Place) -> bool:
        """Whether a change of this record is pending: it may be applied already, and may still fail."""
        assert self.hub is not None
        journal: SimJournal = self.hub.core.journal  # type: ignore[assignment]
        return journal.in_flight[place] > 0

    def rules(self, scope: str, person: Person) -> bool:
        """Whether *person* is an admin, or an operator of the room *scope*."""
        account = person.account
        return (
            (account is not None and account.admin)
            or (scope, "operator", person.party) in self.told_records
            or self._in_flight((scope, "operator", person.party))
            or (account is not None and self.hub is not None and account.key in self.hub.core.policy.appointed(scope))
        )

    # What people are shown.

    def shown(self, guest: Guest, values: dict[str, Any]) -> None:
        """*guest* has read an event."""
        room, seq = values["room"], values["seq"]
        event = self._stored(guest, values)
        if event.type == "deleted":
            guest.deleted.add((room, values["re"]))
        expected = guest.expected.get(room)
        if expected is None and not room.startswith("@"):
            raise Broken(f"{guest.number} is shown {seq} of #{room} before they know that they are there")
        if expected is not None and seq < expected:
            raise Broken(f"{guest.number} is shown {seq} of #{room} after {expected - 1}")
        none_missed = expected is None or seq == expected or room.startswith("@")
        if not none_missed and not self._hidden(guest, room, expected, seq - 1):
            raise Broken(f"{guest.number} is shown {seq} of #{room} and not {expected}")
        guest.expected[room] = seq + 1
        guest.seen[room] = seq
        guest.followed.add(room)
        self._check_marks(guest, values)
        self._check_sender(guest, event, values)
        if room.startswith("@"):
            self._check_party(guest, room)
        elif not self._was_inside(guest, room, seq):
            raise Broken(f"{guest.number} is shown {seq} of #{room} ({event.type}) without being there")

    @staticmethod
    def _check_marks(guest: Guest, values: dict[str, Any]) -> None:
        """A ref is shown to the session that sent it, and only that knows it; what another one said is marked so."""
        ref, words = values.get("ref"), WORDS.findall(values.get("text") or "")
        if "edited" in (values["type"], *values):
            # It may say something else by now.
            words = []
        if ref is not None and (
            ref not in guest.sent or any(word not in WORDS.findall(guest.sent[ref]) for word in words)
        ):
            raise Broken(f"{guest.number} is shown the ref {ref} of what somebody else sent")
        if "own" in values and any(word in WORDS.findall(text) for text in guest.typed for word in words):
            raise Broken(f"{guest.number} is shown what they sent as another session's")

    @staticmethod
    def _check_sender(guest: Guest, event: Event, values: dict[str, Any]) -> None:
        """A ref is shown to the session that sent it, always; what the person's others sent is marked, always."""
        assert guest.session is not None
        mine, ref = (event.session or event.by) == guest.session.id, values.get("ref")
        if ref != (event.ref if mine else None):
            raise Broken(f"{guest.number} is shown the ref {ref} of what {'they' if mine else 'others'} sent")
        own = "own" in values
        by_another = not mine and event.by in guest.identities
        # Who has been several people sees as theirs what they send as the one they are now.
        if (own and not by_another) or (by_another and not own and len(guest.identities) == 1):
            raise Broken(f"{guest.number} cannot tell whether their person sent {event}")

    def entered(self, guest: Guest, values: dict[str, Any]) -> None:
        """*guest* has read in which room they are, and from where on they are shown it."""
        room, after = values["room"], values["seq"]
        kept = self.disk.rooms.get(room)
        guest.deleted |= {(room, seq) for seq, at in kept.deleted.items() if at <= after} if kept else set()
        self.quoted(guest, values["recent"])
        expected = guest.expected.get(room)
        if expected is None:
            guest.expected[room] = after + 1
        elif after >= expected:
            moved = [seq for seq, came in self._moves(guest, room) if not came]
            moved += [seq for one in guest.identities for seq in self._departures.get((room, one), ())]
            left = any(expected - 1 <= seq <= after for seq in moved)
            # They had just logged in when the last house ended.
            left = left or (guest.attached and guest.proves)
            if not (left or room in guest.parted or self._hidden(guest, room, expected, after)):
                raise Broken(
                    f"{guest.number} is in #{room} from {after + 1} on, and has been shown up to {expected - 1}"
                )
            guest.expected[room] = after + 1
        elif guest.attached and room not in guest.followed:
            # They came in when the last house ended, which has not stored that they had left before.
            guest.expected[room] = after + 1
        guest.parted.discard(room)

    def skipped(self, guest: Guest, values: dict[str, Any]) -> None:
        """*guest* has read that they will not be shown something."""
        room, first, last = values["room"], values["first"], values["last"]
        expected = guest.expected.get(room, first)
        if first != expected and not (first > expected and (room.startswith("@") or guest.ignores)):
            raise Broken(
                f"{guest.number} is told to miss #{room} from {first}, and has been shown up to {expected - 1}"
            )
        guest.expected[room] = last + 1
        guest.seen[room] = last

    def quoted(self, guest: Guest, events: Iterable[dict[str, Any]]) -> None:
        """*guest* has read an older message."""
        for values in events:
            self._stored(guest, values)
            self._check_may_read(guest, values["room"], values["seq"])

    def overheard(self, guest: Guest, word: str) -> None:
        """*guest* has read a *word* of a message."""
        if word not in self._words:
            raise Broken(f"{guest.number} is shown {word}, which is not stored")
        self._check_may_read(guest, *self._words[word])

    def _stored(self, guest: Guest, values: dict[str, Any]) -> Event:
        room, seq = values["room"], values["seq"]
        kept = self.disk.rooms.get(room)
        if kept is None or seq > kept.last:
            raise Broken(f"{seq} of #{room} is shown, and is not stored")
        event = kept.events[seq - 1]
        if (
            event.type != values["type"]
            or event.nick != values["nick"]
            or values.get("text", "") not in kept.texts.get(seq, {""})
        ):
            raise Broken(f"{seq} of #{room} is shown as {values}, and is {event}")
        if values.get("text") and (room, seq) in guest.deleted:
            raise Broken(f"{guest.number} is shown {seq} of #{room}, and knows that it was deleted")
        return event

    def _hidden(self, guest: Guest, room: str, first: int, last: int) -> bool:
        """Whether *guest* may miss all of this, because they ignore its authors."""
        return guest.ignores and all(
            isinstance(one, (*TALK, Edited, Reacted)) for one in self.disk.rooms[room].events[first - 1 : last]
        )

    def _was_inside(self, guest: Guest, room: str, seq: int) -> bool:
        for identity in guest.identities:
            moves = self.disk.rooms[room].moves.get(identity, ())
            before = [came for moved, came in moves if moved < seq]
            if (before and before[-1]) or any(moved >= seq for moved, _ in moves):
                return True
        return False

    def _moves(self, guest: Guest, room: str) -> list[tuple[int, bool]]:
        """When *guest*, as whoever they have been, came into *room* and left it."""
        moves = self.disk.rooms[room].moves
        return [move for identity in guest.identities for move in moves.get(identity, ())]

    def _check_party(self, guest: Guest, room: str) -> None:
        if not guest.parties.intersection(room[1:].split(":")):
            raise Broken(f"{guest.number} is shown the private conversation {room} of others")

    def _check_may_read(self, guest: Guest, room: str, seq: int) -> None:
        if room.startswith("@"):
            self._check_party(guest, room)
        elif room in OPENED:
            return
        elif seq >= self._private.get(room, seq + 1) or seq <= self._sealed.get(room, 0):
            ever_inside = bool(self._moves(guest, room))
            let_in = any((room, party) in self._let_in for party in guest.parties)
            if not (ever_inside or let_in or guest.admin):
                raise Broken(f"{guest.number} reads {seq} of the private #{room}")


class Former(Model):
    """Judges a house that another one has succeeded, which may not know it: nothing that it accepts is stored."""

    def __init__(self, model: Model) -> None:
        self.__dict__ = model.__dict__

    def restart(self, hub: SimHub, *, anew: bool = True) -> None:
        """Go on judging the house that leads."""

    def appended(self, event: Event) -> None:
        """Wait for what the journal says."""

    def stored(self, rows: Iterable[Row], batches: Sequence[Batch]) -> None:
        """Do nothing: it was noted when it was stored."""

    def told(self, rows: Iterable[Row]) -> None:
        """Do nothing: the house that leads knows it."""

    def named(self, guest: Guest, person: Person) -> None:
        """Note what *guest* has proven to this house, by what was stored when it led."""
        self.observe(guest, person)
