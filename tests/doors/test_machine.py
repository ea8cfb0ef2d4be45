"""A house under random use: people come, talk, stall, break off and come back; the disk fails and recovers."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from twisted.internet.task import Clock

from chatroom.chat.events import Event
from chatroom.chat.ports import JournalError
from chatroom.chat.syntax.names import key
from chatroom.dialects.json.encoder import event_object
from tests.house import START, House, JsonPerson, LinePerson, failures
from tests.irc_person import IrcPerson
from tests.linked_house import LinkedHouse
from tests.stand_ins import SlowReads
from tests.web_person import WebPerson

ROOMS = ["lobby", "lobby", "dev", "art"]
PEOPLE = ["ann", "bob", "carol", "dora", "emil"]
GUESTS = st.integers(0, 5)
SMALL = 400
"""Buffer size of a wire: a few lines."""


class Guest:
    """One identity through all its connections, and what it ought to be shown next."""

    def __init__(self, house: House, nick: str, door: type[JsonPerson]) -> None:
        self.house = house
        self.person = door(house)
        self.person.wire.capacity = SMALL
        self.next: dict[str, int] = {}
        """The seq that has to come next, by room."""
        self.left: dict[str, int] = {}
        """The same for rooms that they have left: on another connection, they may learn of it before they see it."""
        self.answers: dict[str, int] = {}
        """How many times each mark has come back."""
        self.asked: list[str] = []
        """Marks that the present connection has to be answered."""
        self._checked = 0
        self._entered: set[str] = set()
        self.person.joins(nick)

    @property
    def nick(self) -> str:
        named = [values["nick"] for values in self.person.objects if values["type"] in ("welcome", "nick")]
        return named[-1] if named else ""

    @property
    def welcome(self) -> bool:
        return bool(self.person.of_type("welcome"))

    def asks(self, kind: str, **values: object) -> None:
        """Send a command and do not wait for what comes of it."""
        ref = f"c{len(self.answers)}"
        self.answers[ref] = 0
        self.asked.append(ref)
        self.person.sends_object({"type": kind, "ref": ref, **values})

    def returns(self) -> None:
        """Resume on another connection."""
        self.check()
        if not self.welcome:
            return
        seen = {room: seq - 1 for room, seq in self.next.items()}
        token, nick = self.person.token, self.nick
        self.asked, self._checked, self._entered, self.left = [], 0, set(), {}
        self.person = type(self.person)(self.house)
        self.person.wire.capacity = SMALL
        self.person.joins(nick, resume=token, seen=seen)
        if not self.welcome:
            # Somebody has the name by now.
            self.person.joins(f"guest{len(self.answers)}{id(self) % 997}", resume=token, seen=seen)
        rooms = {values["room"]: values["seq"] for values in self.person.of_type("room")}
        assert not {room for room in rooms if room in seen and rooms[room] != seen[room]}, (seen, rooms)

    def check(self) -> None:
        """Everything shown is stored, and in order."""
        objects = self.person.objects
        stored: dict[str, list[tuple[int, Event]]] = {}
        for values in objects[self._checked :]:
            kind, room = values["type"], values.get("room", "")
            if "ref" in values and kind not in ("joined", "left", "renamed"):
                self.answers[values["ref"]] += 1
            if kind == "room":
                self.left.pop(room, None)
                self.next.setdefault(room, values["seq"] + 1)
                self._entered.add(room)
            elif kind == "live":
                # Into any other room of before this connection did not lead.
                self.next = {one: seq for one, seq in self.next.items() if one[0] == "@" or one in self._entered}
            elif kind == "notice" and values["text"].startswith("You left #"):
                left = values["text"].split("#")[1].split(".")[0]
                self.left[left] = self.next.pop(left)
            elif kind == "gap":
                raise AssertionError(f"nothing was ever forgotten, but {values}")
            elif "at" in values and "seq" in values:
                following = self.next if room in self.next or room not in self.left else self.left
                assert values["seq"] == following.get(room, 1), (values, following)
                following[room] = values["seq"] + 1
                values = {name: value for name, value in values.items() if name != "ref"}
                if room not in stored:
                    stored[room] = self.house.stored(room)
                assert values == event_object(*stored[room][values["seq"] - 1])
        self._checked = len(objects)
        assert all(count <= 1 for count in self.answers.values()), self.answers


class Chat(RuleBasedStateMachine):
    """Possible actions; each takes two people and a number."""

    houses: type[House] = House

    @initialize()
    def open(self) -> None:
        self._log = failures()
        self.broken = self._log.__enter__()
        clock = Clock()
        clock.rightNow = START
        self.journal = SlowReads(clock.callLater, secret=b"s" * 32)
        self.house = self.houses(rate=0, clock=clock, journal=self.journal)
        self.readers = [LinePerson(self.house), IrcPerson(self.house)]
        for number, reader in enumerate(self.readers):
            reader.wire.capacity = SMALL
            reader.joins(f"reader{number}")
        self.all = [Guest(self.house, nick, self.door(n)) for n, nick in enumerate(("ann", "bob", "carol"))]

    def door(self, number: int) -> type[JsonPerson]:
        """Let every second one come by the web."""
        return WebPerson if number % 2 else JsonPerson

    @rule(action=st.deferred(lambda: st.sampled_from(ACTIONS)), guest=GUESTS, other=GUESTS, count=st.integers(0, 9))
    def something_happens(self, action, guest, other, count):
        action(self, self.all[guest % len(self.all)], self.all[other % len(self.all)], count)

    def come(self, guest, other, count):
        if len(self.all) < 6:
            self.all.append(Guest(self.house, PEOPLE[count % len(PEOPLE)], self.door(len(self.all))))

    def join(self, guest, other, count):
        guest.asks("join", room=ROOMS[count % len(ROOMS)])

    def leave(self, guest, other, count):
        guest.asks("leave", room=ROOMS[count % len(ROOMS)])

    def talk(self, guest, other, count):
        for n in range(count):
            guest.asks("say", text=f"{n} " + "x" * 20 * count)

    def talk_a_lot(self, guest, other, count):
        for n in range(150 + 20 * count):
            guest.asks("say", text=f"{n}")

    def act_elsewhere(self, guest, other, count):
        guest.asks("me", text="waves", room=ROOMS[count % len(ROOMS)])

    def whisper(self, guest, other, count):
        for _ in range(count):
            guest.asks("msg", to=other.nick or "nobody", text="psst")

    def reply(self, guest, other, count):
        guest.asks("reply", text="psst yourself")

    def rename(self, guest, other, count):
        guest.asks("nick", nick=PEOPLE[count % len(PEOPLE)])

    def set_topic(self, guest, other, count):
        guest.asks("topic", topic="Tea" * (count % 3))

    def look_around(self, guest, other, count):
        guest.asks("history", count=1 + count)
        guest.asks("who")

    def stall(self, guest, other, count):
        guest.person.wire.stall()

    def drain(self, guest, other, count):
        guest.person.wire.drain()

    def reader_stalls(self, guest, other, count):
        self.readers[count % 2].wire.stall()

    def reader_drains(self, guest, other, count):
        self.readers[count % 2].wire.drain()

    def break_off(self, guest, other, count):
        guest.person.wire.vanish()

    def come_back(self, guest, other, count):
        guest.returns()

    def quit(self, guest, other, count):
        guest.asks("quit")

    def disk_is_full(self, guest, other, count):
        self.journal.broken = JournalError("the disk is full")

    def disk_is_not_full(self, guest, other, count):
        self.journal.broken = None

    def disk_is_slow_or_fast(self, guest, other, count):
        self.journal.seconds = 0.1 * (count % 3)

    def turn(self, guest, other, count):
        self.house.settle()

    def some_time_passes(self, guest, other, count):
        self.house.clock.pump([0.1] * count)

    def much_time_passes(self, guest, other, count):
        self.house.clock.pump([4.0] * count)

    @invariant()
    def everyone_has_been_shown_what_is_stored_in_order(self):
        if not hasattr(self, "house"):
            return
        seconds, self.journal.seconds = self.journal.seconds, 0.0
        for guest in self.all:
            guest.check()
        self.journal.seconds = seconds
        rooms = self.house.hub.rooms
        assert self.house.hub.membership.occupied == sum(bool(room.seats) and not room.conversation for room in rooms)
        for room in rooms:
            assert +room.subscribers.doors == Counter(outlet.door for outlet in room.subscribers.outlets)
        assert not self.broken, self.broken[0]

    def teardown(self):
        if not hasattr(self, "house"):
            return
        try:
            self._come_to_rest()
        finally:
            self._log.__exit__(None, None, None)

    def _come_to_rest(self) -> None:
        """With a working disk and everybody reading, nobody misses anything."""
        self.journal.broken, self.journal.seconds = None, 0.0
        for person in [*self.readers, *(guest.person for guest in self.all)]:
            if not person.wire.cut:
                person.wire.drain()
        self.house.clock.pump([1.0] * 60)
        self.everyone_has_been_shown_what_is_stored_in_order()
        for guest in self.all:
            if guest.person.wire.cut or not guest.welcome:
                continue
            assert [values["type"] for values in guest.person.objects].count("live") == 1
            for room in self.house.hub.core.nicks.get(key(guest.nick)).seats:
                assert guest.next.get(room, 1) - 1 == len(self.house.stored(room)), (room, guest.next)
            assert [guest.answers[ref] for ref in guest.asked if guest.answers[ref] != 1] == []
        spoken = [event for _, event in self.house.stored() if event.type == "said"]
        for reader in self.readers:
            # A client that answers no ping for a minute is disconnected.
            if not reader.wire.cut:
                assert reader.talk == [f"<{event.nick}> {event.text}" for event in spoken]


def _is_action(method) -> bool:
    return method.__code__.co_varnames[1:4] == ("guest", "other", "count")


OFTEN = [Chat.talk, Chat.turn, Chat.turn, Chat.some_time_passes, Chat.drain, Chat.come_back, Chat.disk_is_not_full]
ACTIONS = OFTEN + [one for one in vars(Chat).values() if getattr(one, "__code__", None) and _is_action(one)]
# Making a failing day shorter takes longer than a test may; add Phase.shrink while looking for the reason.
LONG = settings(max_examples=100, stateful_step_count=60, phases=[Phase.generate])
Chat.TestCase.settings = LONG
TestChat = pytest.mark.slow(Chat.TestCase)


class LinkedChat(Chat):
    """The same, with doors in other processes."""

    houses = LinkedHouse


LinkedChat.TestCase.settings = LONG
TestLinkedChat = pytest.mark.slow(LinkedChat.TestCase)
