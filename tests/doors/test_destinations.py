"""
Where lines go, under any schedule of latency, removals, renames and reconnections.

A line lands in the room that its author saw as the current one when they pressed Enter, or in the one that they had
asked for by then; or nowhere.  A line in a private conversation reaches the person it was begun with, or nobody.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from chatroom.chat.policy import Policy
from tests.house import House, JsonPerson, LinePerson, failures
from tests.linked_house import LinkedHouse

ROOMS = ["lobby", "dev", "art"]
ROOM = st.sampled_from(ROOMS)
WHERE = re.compile(r"(?:You are in #(\w+)[ .]|(You have no current room|You are not in any room now))")


class Far:
    """Somebody at the other end of a slow network: keys arrive later, and answers are seen later."""

    def __init__(self, house: House, person: LinePerson | JsonPerson, nick: str) -> None:
        self.house, self.person, self.nick = house, person, nick
        self.typed: list[object] = []
        """What was typed, and has not arrived."""
        self.asked: set[str] = set()
        """Rooms that were asked for, and whose answer has not been seen."""
        self.lines = 0
        self.meant: dict[str, set[str]] = {}
        """The rooms that each line may land in."""
        self._seen = 0
        self.room = ""
        """The current room, as far as it was seen."""

    def arrive(self, count: int) -> None:
        for one in self.typed[:count]:
            self.send(one)
        del self.typed[:count]
        self.house.settle()

    def next_line(self) -> str:
        self.lines += 1
        text = f"{self.nick} says {self.lines}"
        self.meant[text] = {self.room, *self.asked} - {""}
        return text


class AtNc(Far):
    """A person with nc: lines name no room."""

    def send(self, line: object) -> None:
        self.person.sends_line(str(line))

    def see(self) -> None:
        lines = self.person.everything
        for line in lines[self._seen :]:
            for room, none in WHERE.findall(line):
                self.room = "" if none else room
                self.asked.discard(room)
            if line.startswith("!! ") and "no current room" not in line and "not in a room" not in line:
                self.asked.clear()
        self._seen = len(lines)

    def say(self) -> None:
        self.typed.append(self.next_line())

    def join(self, room: str) -> None:
        self.asked.add(room)
        self.typed.append(f"/join {room}")


class AtProgram(Far):
    """A client that names the room which it shows, and reconnects."""

    def send(self, values: object) -> None:
        if not self.person.wire.cut:
            self.person.sends_object(values)

    def see(self) -> None:
        objects = self.person.objects
        for values in objects[self._seen :]:
            if values["type"] == "room" and values.get("ref") == "join":
                self.room = values["room"]
            elif values["type"] == "left" and values["nick"] == self.nick and values["room"] == self.room:
                self.room = ""
        self._seen = len(objects)

    def say(self) -> None:
        if self.room:
            self.typed.append({"type": "line", "text": self.next_line(), "room": self.room})

    def join(self, room: str) -> None:
        self.typed.append({"type": "join", "room": room, "ref": "join"})

    def reconnect(self) -> None:
        self.see()
        self.person.wire.vanish()
        self.house.settle()
        self.person, self._seen = self.person.returns(), 0
        while self._seen < len(self.person.objects) and "ref" in self.person.objects[self._seen]:
            self._seen += 1


class Schedules(RuleBasedStateMachine):
    """Far people talk, move and are moved."""

    houses: type[House] = House

    @initialize()
    def open(self) -> None:
        self._log = failures()
        self.broken = self._log.__enter__()
        self.house = self.houses(rate=0, policy=Policy())
        self.boss = self.house.join("boss", JsonPerson)
        for room in ROOMS[1:]:
            self.boss.asks("join", room=room)
        self.bob, self.carl = self.house.join("bob"), self.house.join("carl", JsonPerson)
        self.far: list[AtNc | AtProgram] = [
            AtNc(self.house, self.bob, "bob"),
            AtProgram(self.house, self.carl, "carl"),
        ]
        for one in self.far:
            for room in ("dev", "art"):
                one.join(room)
                one.arrive(9)
                one.see()
        assert [one.room for one in self.far] == ["art", "art"]
        self.friends: list[JsonPerson] = []
        self.secrets: dict[str, JsonPerson] = {}
        self.friend_comes()

    @rule(who=st.integers(0, 1))
    def somebody_presses_enter(self, who):
        self.far[who].say()

    @rule(who=st.integers(0, 1), room=ROOM)
    def somebody_joins(self, who, room):
        self.far[who].join(room)

    @rule(who=st.integers(0, 1), count=st.integers(1, 3))
    def keys_arrive(self, who, count):
        self.far[who].arrive(count)

    @rule(who=st.integers(0, 1))
    def answers_are_seen(self, who):
        self.far[who].see()

    @rule(who=st.integers(0, 1), room=st.sampled_from(ROOMS[1:]), how=st.sampled_from(["kick", "ban"]))
    def the_operator_removes_somebody(self, who, room, how):
        self.boss.asks(how, room=room, **{"nick" if how == "kick" else "target": self.far[who].nick})

    @rule(who=st.integers(0, 1), room=st.sampled_from(ROOMS[1:]))
    def the_operator_is_kind(self, who, room):
        self.boss.asks("unban", room=room, target=self.far[who].nick)

    @rule()
    def the_program_reconnects(self):
        self.far[1].reconnect()

    @rule()
    def friend_comes(self):
        """Somebody takes the nick that a friend has, or had, and whispers to the program."""
        if self.friends and not self.friends[-1].gone:
            self.friends[-1].asks("nick", nick=f"friend{len(self.friends)}")
        friend = self.house.join("friend", JsonPerson)
        friend.asks("msg", to="carl", text="psst")
        self.friends.append(friend)

    @rule()
    def friend_goes(self):
        self.friends[-1].asks("quit")

    @rule(which=st.integers(0, 9))
    def the_program_answers_in_a_conversation(self, which):
        friend = self.friends[which % len(self.friends)]
        [name] = {values["room"] for values in friend.of_type("whispered")}
        text = f"for friend {len(self.secrets)}"
        self.secrets[text] = friend
        self.far[1].typed.append({"type": "line", "text": text, "room": name})

    def teardown(self):
        if not hasattr(self, "house"):
            return
        try:
            for one in self.far:
                one.arrive(len(one.typed))
            for one in self.far:
                landed = {text: {room for room in ROOMS if text in self.house.words(room)} for text in one.meant}
                assert not {text: rooms for text, rooms in landed.items() if not rooms <= one.meant[text]}, one.meant
            for friend in self.friends:
                heard = {values["text"] for values in friend.of_type("whispered")} - {"psst"}
                assert all(self.secrets[text] is friend for text in heard)
            assert not any(text in self.house.words(room) for text in self.secrets for room in ROOMS)
            assert not self.broken, self.broken[0]
        finally:
            self._log.__exit__(None, None, None)


# Making a failing schedule shorter takes longer than a test may; add Phase.shrink while looking for the reason.
LONG = settings(max_examples=60, stateful_step_count=40, phases=[Phase.generate], deadline=None)
Schedules.TestCase.settings = LONG
TestSchedules = pytest.mark.slow(Schedules.TestCase)


class LinkedSchedules(Schedules):
    """The same, with doors in other processes."""

    houses = LinkedHouse


LinkedSchedules.TestCase.settings = LONG
TestLinkedSchedules = pytest.mark.slow(LinkedSchedules.TestCase)


def test_a_line_that_is_under_way_during_a_kick_lands_nowhere(houses):
    """The schedule that people hit: half a line typed, kicked, Enter."""
    house = houses()
    boss, bob = house.join("boss"), house.join("bob")
    boss.types("/join dev")
    bob.types("/join dev")
    boss.types("/kick bob")
    bob.types("half a line")

    assert house.words() == house.words("dev") == []


def test_whoever_has_rejoined_is_heard_again(houses):
    house = houses()
    boss, bob = house.join("boss"), house.join("bob")
    boss.types("/join dev")
    bob.types("/join dev")
    boss.types("/kick bob")
    bob.types("/j dev", "here again")

    assert house.words("dev") == ["here again"]
