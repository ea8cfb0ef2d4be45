"""A house under random use: people come, talk, whisper, stall, break off and come back; the disk fails and recovers."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from twisted.internet.task import Clock

from chatroom.chat.events import Event
from chatroom.chat.ports import JournalError
from chatroom.dialects.json import event_object
from tests.house import START, House, JsonPerson, LinePerson, failures
from tests.stand_ins import SlowReads

ROOMS = st.sampled_from(["lobby", "dev", "art"])
PEOPLE = st.sampled_from(["ann", "bob", "carol", "dora", "emil"])
GUESTS = st.integers(0, 5)
SMALL = 400
"""Bytes that a wire holds here before it asks for no more: a few lines."""


class Guest:
    """One identity through all its connections, and what it ought to be shown next."""

    def __init__(self, house: House, nick: str) -> None:
        self.house = house
        self.person = JsonPerson(house)
        self.person.wire.capacity = SMALL
        self.next: dict[str, int] = {}
        """The seq that has to come next, by room."""
        self.answers: dict[str, int] = {}
        """How many times each mark has come back."""
        self.asked: list[str] = []
        """Marks that the present connection has to be answered."""
        self._checked = 0
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
        """Carry on from another connection."""
        self.check()
        if not self.welcome:
            return
        seen = {room: seq - 1 for room, seq in self.next.items()}
        token, nick = self.person.token, self.nick
        self.asked, self._checked = [], 0
        self.person = JsonPerson(self.house)
        self.person.wire.capacity = SMALL
        self.person.joins(nick, resume=token, seen=seen)
        if not self.welcome:
            # Somebody has the name by now.
            self.person.joins(f"guest{len(self.answers)}{id(self) % 997}", resume=token, seen=seen)
        rooms = {values["room"]: values["seq"] for values in self.person.of_type("room")}
        assert not {room for room in rooms if room in seen and rooms[room] != seen[room]}, (seen, rooms)

    def check(self) -> None:
        """Everything that was read follows what was read before, and is what is stored."""
        objects = self.person.objects
        stored: dict[str, list[tuple[int, Event]]] = {}
        for values in objects[self._checked :]:
            kind, room = values["type"], values.get("room", "")
            if "ref" in values and kind not in ("joined", "left", "renamed"):
                self.answers[values["ref"]] += 1
            if kind == "room":
                self.next.setdefault(room, values["seq"] + 1)
            elif kind == "notice" and values["text"].startswith("You left #"):
                del self.next[values["text"].split("#")[1].split(".")[0]]
            elif kind == "gap":
                raise AssertionError(f"nothing was ever forgotten, but {values}")
            elif "at" in values and "seq" in values:
                assert values["seq"] == self.next.get(room, 1), (values, self.next)
                self.next[room] = values["seq"] + 1
                values = {name: value for name, value in values.items() if name != "ref"}
                if room not in stored:
                    stored[room] = self.house.stored(room)
                assert values == event_object(*stored[room][values["seq"] - 1])
        self._checked = len(objects)
        assert all(count <= 1 for count in self.answers.values()), self.answers


class Chat(RuleBasedStateMachine):
    """What may happen in a house."""

    @initialize()
    def open(self) -> None:
        self._log = failures()
        self.broken = self._log.__enter__()
        clock = Clock()
        clock.rightNow = START
        self.journal = SlowReads(clock.callLater, secret=b"s" * 32)
        self.house = House(rate=0, clock=clock, journal=self.journal)
        self.reader = LinePerson(self.house)
        self.reader.wire.capacity = SMALL
        self.reader.joins("reader")
        self.all = [Guest(self.house, nick) for nick in ("ann", "bob", "carol")]

    @precondition(lambda self: len(self.all) < 6)
    @rule(nick=PEOPLE)
    def come(self, nick):
        self.all.append(Guest(self.house, nick))

    @rule(guest=GUESTS, room=ROOMS)
    def join(self, guest, room):
        guest = self.all[guest % len(self.all)]
        guest.asks("join", room=room)

    @rule(guest=GUESTS, room=ROOMS)
    def leave(self, guest, room):
        guest = self.all[guest % len(self.all)]
        guest.asks("leave", room=room)

    @rule(guest=GUESTS, count=st.integers(1, 12), size=st.integers(1, 200))
    def talk(self, guest, count, size):
        guest = self.all[guest % len(self.all)]
        for n in range(count):
            guest.asks("say", text=f"{n} " + "x" * size)

    @rule(guest=GUESTS, count=st.integers(200, 300))
    def talk_a_lot(self, guest, count):
        guest = self.all[guest % len(self.all)]
        for n in range(count):
            guest.asks("say", text=f"{n}")

    @rule(guest=GUESTS, room=ROOMS)
    def talk_elsewhere(self, guest, room):
        guest = self.all[guest % len(self.all)]
        guest.asks("me", text="waves", room=room)

    @rule(guest=GUESTS, to=GUESTS)
    def whisper(self, guest, to):
        guest = self.all[guest % len(self.all)]
        guest.asks("msg", to=self.all[to % len(self.all)].nick or "nobody", text="psst")

    @rule(guest=GUESTS)
    def reply(self, guest):
        guest = self.all[guest % len(self.all)]
        guest.asks("reply", text="psst yourself")

    @rule(guest=GUESTS, nick=PEOPLE)
    def rename(self, guest, nick):
        guest = self.all[guest % len(self.all)]
        guest.asks("nick", nick=nick)

    @rule(guest=GUESTS, topic=st.sampled_from(["", "Tea", "Work"]))
    def set_topic(self, guest, topic):
        guest = self.all[guest % len(self.all)]
        guest.asks("topic", topic=topic)

    @rule(guest=GUESTS)
    def look(self, guest):
        guest = self.all[guest % len(self.all)]
        guest.asks("history", count=5)
        guest.asks("who")

    @rule(guest=GUESTS)
    def stall(self, guest):
        guest = self.all[guest % len(self.all)]
        guest.person.wire.stall()

    @rule(guest=GUESTS)
    def drain(self, guest):
        guest = self.all[guest % len(self.all)]
        guest.person.wire.drain()

    @rule()
    def reader_stalls(self):
        self.reader.wire.stall()

    @rule()
    def reader_drains(self):
        self.reader.wire.drain()

    @rule(guest=GUESTS)
    def break_off(self, guest):
        guest = self.all[guest % len(self.all)]
        guest.person.wire.vanish()

    @rule(guest=GUESTS)
    def come_back(self, guest):
        guest = self.all[guest % len(self.all)]
        guest.returns()

    @rule(guest=GUESTS)
    def quit(self, guest):
        guest = self.all[guest % len(self.all)]
        guest.asks("quit")

    @rule()
    def the_disk_is_full(self):
        self.journal.broken = JournalError("the disk is full")

    @rule()
    def the_disk_is_not_full(self):
        self.journal.broken = None

    @rule(seconds=st.sampled_from([0.0, 0.5]))
    def the_disk_takes_its_time(self, seconds):
        self.journal.seconds = seconds

    @rule()
    def a_turn(self):
        self.house.settle()

    @rule(seconds=st.sampled_from([0.3, 1.0, 40.0]))
    def time_passes(self, seconds):
        self.house.clock.pump([seconds / 5] * 5)

    @invariant()
    def everyone_has_been_shown_what_is_stored_in_order(self):
        if not hasattr(self, "house"):
            return
        seconds, self.journal.seconds = self.journal.seconds, 0.0
        for guest in self.all:
            guest.check()
        self.journal.seconds = seconds
        assert not self.broken, self.broken[0]

    def teardown(self):
        if not hasattr(self, "house"):
            return
        try:
            self._come_to_rest()
        finally:
            self._log.__exit__(None, None, None)

    def _come_to_rest(self) -> None:
        """The disk works, everybody reads: then nobody lacks anything."""
        self.journal.broken, self.journal.seconds = None, 0.0
        for person in [self.reader, *(guest.person for guest in self.all)]:
            if not person.wire.cut:
                person.wire.drain()
        self.house.clock.pump([1.0] * 60)
        self.everyone_has_been_shown_what_is_stored_in_order()
        for guest in self.all:
            if guest.person.wire.cut or not guest.welcome:
                continue
            assert [values["type"] for values in guest.person.objects].count("live") == 1
            for room, seq in guest.next.items():
                assert seq - 1 == len(self.house.stored(room)), (room, seq)
            assert [guest.answers[ref] for ref in guest.asked if guest.answers[ref] != 1] == []
        spoken = [event for _, event in self.house.stored() if event.type == "said"]
        assert self.reader.talk == [f"<{event.nick}> {event.text}" for event in spoken]


Chat.TestCase.settings = settings(max_examples=200, stateful_step_count=50)
TestChat = Chat.TestCase
