"""
Messages that are edited, deleted, answered and reacted to under random use, at every door and by scripts.

Nobody is shown a text that is gone, whatever they ask for, and whenever; and all screens end with the same texts.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from twisted.internet.task import Clock

from chatroom.chat.rooms import catchup, history, registry
from chatroom.dialects.irc.message import Message
from chatroom.dialects.irc.names import msgid, seq_of
from chatroom.dialects.json.encoder import event_object
from tests.doors.web.scripts import Script, owner, token
from tests.house import START, ClientPerson, House, JsonPerson, LinePerson, Person, failures
from tests.irc_person import IrcPerson, joined
from tests.linked_house import LinkedHouse
from tests.stand_ins import SlowReads
from tests.web_person import WebPerson
from tests.wires import Wire

SMALL = 600
"""Buffer size of a wire: a few lines."""

SMALLER = (
    (history, "TAIL", 6),
    (registry, "TAIL", 6),
    (history, "PAGE", 4),
    (history, "PAGE_TEXT", 400),
    (history, "KEPT", 2),
    (catchup, "PAGE", 4),
)
"""Little is in memory, so that a few messages need several reads."""


class IrcReader(IrcPerson):
    """Somebody whose IRC client knows which message is changed."""

    capabilities = f"{IrcPerson.capabilities} message-tags draft/message-redaction"


WORD = re.compile(r"secret\d+x")
_MARKED = re.compile(r"^(\(edited\) |[pq]\d+: )")
"""What stands before an edited text, or an answer, in IRC."""
PEOPLE = st.integers(0, 9)


class Changes(RuleBasedStateMachine):
    """Possible actions; each takes a person and a number."""

    houses: type[House] = House
    doors: tuple[type[Person], ...] = (JsonPerson, LinePerson, WebPerson, ClientPerson, IrcReader)

    @initialize()
    def open(self) -> None:
        self._patch = pytest.MonkeyPatch()
        for module, name, value in SMALLER:
            self._patch.setattr(module, name, value)
        self._log = failures()
        self.broken = self._log.__enter__()
        clock = Clock()
        clock.rightNow = START
        self.journal = SlowReads(clock.callLater, secret=b"s" * 32)
        self.house = self.houses(rate=0, clock=clock, journal=self.journal)
        self.script = Script(self.house, token(owner(self.house, "watch")))
        self.wires: list[Wire] = []
        self.people = [self._person(door, f"p{n}") for n, door in enumerate((*self.doors, *self.doors))]
        self.words = 0
        self.once: set[str] = set()
        """The words that were stored at some time."""
        self.gone: dict[str, dict[int, int]] = {}
        """For each word that is gone, how much had been written to each wire by then."""

    def _person(self, door: type[Person], nick: str) -> Person:
        person = door(self.house)
        self._watch(person.wire)
        person.joins(nick)
        return person

    def _watch(self, wire: Wire) -> None:
        wire.capacity = SMALL
        self.wires.append(wire)

    @rule(action=st.deferred(lambda: st.sampled_from(ACTIONS)), who=PEOPLE, count=st.integers(0, 9))
    def something_happens(self, action: Any, who: int, count: int) -> None:
        getattr(self, action.__name__)(self.people[who % len(self.people)], count)
        if count % 2:
            self.house.settle()

    def _text(self, more: str = "") -> str:
        self.words += 1
        return f"tea secret{self.words}x{more}"

    def _seq(self, count: int) -> int:
        """The number of one of the last messages, or of something else."""
        return max(1, self.house.hub.rooms.get("lobby").shown - count * 2)

    def _author(self, seq: int, who: Person) -> Person:
        """Who said the message *seq*, if they are here; otherwise, *who*."""
        stored = self._stored()
        nick = stored[seq - 1][1].nick if seq <= len(stored) else ""
        return next((one for one in self.people if one.nick == nick), who)

    def say(self, who: Person, count: int) -> None:
        who.sends_line(self._text())

    def say_at_length(self, who: Person, count: int) -> None:
        for _ in range(count):
            who.sends_line(self._text(" " + "x" * 90))

    def edit_last(self, who: Person, count: int) -> None:
        who.sends_line(f"/edit {self._text()}")

    def edit(self, who: Person, count: int) -> None:
        seq = self._seq(count)
        self._author(seq, who).sends_line(f"/edit {seq} {self._text()}")

    def correct(self, who: Person, count: int) -> None:
        who.sends_line(("/correct on", "s/tea/coffee/")[count % 2])

    def delete_last(self, who: Person, count: int) -> None:
        who.sends_line("/delete")

    def delete(self, who: Person, count: int) -> None:
        seq = self._seq(count)
        self._author(seq, who).sends_line(f"/delete {seq}")

    def react(self, who: Person, count: int) -> None:
        who.sends_line(f"/react {self._seq(count)} {'👍🎉👀'[count % 3]}")

    def answer(self, who: Person, count: int) -> None:
        who.sends_line(f"/answer {self._seq(count)} {self._text()}")

    def look_back(self, who: Person, count: int) -> None:
        who.sends_line(("/history", f"/history {1 + count}", "/history -n", "/search tea")[count % 4])

    def page_back(self, who: Person, count: int) -> None:
        if isinstance(who, JsonPerson):
            who.sends_object({"type": "history", "count": 3, "before": self._seq(count), "all": bool(count % 2)})
        elif isinstance(who, IrcPerson):
            who.wire.carry(f"CHATHISTORY BEFORE #lobby msgid={msgid('lobby', self._seq(count))} 3\r\n".encode())

    def stall(self, who: Person, count: int) -> None:
        who.wire.stall()

    def drain(self, who: Person, count: int) -> None:
        who.wire.drain()

    def overtake(self, who: Person, count: int) -> None:
        """Let *who* fall behind, and a message be changed while it is being read for them."""
        other = self.people[(self.people.index(who) + 1) % len(self.people)]
        who.wire.stall()
        for _ in range(12):
            other.sends_line(self._text(" " + "x" * 90))
            self.house.settle()
        self.journal.seconds = 0.1
        who.wire.drain()
        self.house.settle()
        other.sends_line((f"/delete {self._seq(0)}", f"/edit {self._seq(0)} {self._text()}")[count % 2])
        self.house.settle()

    def come_anew(self, who: Person, count: int) -> None:
        """Break off, and come back: with the token, or as somebody else."""
        if who.wire.cut:
            return
        place = self.people.index(who)
        who.wire.vanish()
        if isinstance(who, JsonPerson) and count % 2 and who.of_type("welcome"):
            again = type(who)(self.house)
            self._watch(again.wire)
            again.joins(who.nick, resume=who.token, seen=who.seen)
            # What it knows goes on.
            again.before = [*getattr(who, "before", []), *who.objects]
            self.people[place] = again
        else:
            self.people[place] = self._person(type(who), f"q{len(self.wires)}")

    def follow(self, who: Person, count: int) -> None:
        """Let a script follow the room, from now or from before."""
        if sum(not wire.cut for wire in self.wires) < 20:
            headers = {} if count % 2 else {"last_event_id": str(self._seq(count))}
            self._watch(self.script.sends("GET", "/rooms/lobby/events", **headers))

    def get(self, who: Person, count: int) -> None:
        """Let a script get a page."""
        query = (f"?before={self._seq(count)}", f"?after={self._seq(count)}", "", "?limit=3")[count % 4]
        accept = {} if count % 3 else {"accept": "text/plain"}
        self._watch(self.script.sends("GET", f"/rooms/lobby/messages{query}", **accept))

    def disk_is_slow_or_fast(self, who: Person, count: int) -> None:
        self.journal.seconds = 0.1 * (count % 3)

    def turn(self, who: Person, count: int) -> None:
        self.house.settle()

    def some_time_passes(self, who: Person, count: int) -> None:
        self.house.clock.pump([0.1] * count)

    def _stored(self) -> list[tuple[int, Any]]:
        seconds, self.journal.seconds = self.journal.seconds, 0.0
        stored = self.house.stored()
        self.journal.seconds = seconds
        return stored

    @invariant()
    def nobody_is_shown_what_is_gone(self) -> None:
        if not hasattr(self, "house"):
            return
        assert not self.broken, self.broken[0]
        for word, before in self.gone.items():
            for number, wire in enumerate(self.wires):
                start = before.get(number, 0)
                assert word.encode() not in bytes(wire.received + wire.held)[max(0, start - len(word)) :], word
        stored, room = self._stored(), self.house.hub.rooms.get("lobby")
        if room is None or room.shown < stored[-1][0]:
            # What has not been shown yet has not happened yet.
            return
        there = {word for _, event in stored for word in WORD.findall(repr(event))}
        if self.once - there - self.gone.keys():
            self._arrive()
        sizes = {number: len(wire.received) + len(wire.held) for number, wire in enumerate(self.wires)}
        for word in self.once - there - self.gone.keys():
            self.gone[word] = sizes
        self.once |= there

    def _arrive(self) -> None:
        """Let what has been shown arrive at the doors."""

    def teardown(self) -> None:
        if not hasattr(self, "house"):
            return
        try:
            self._come_to_rest()
        finally:
            self._patch.undo()
            self._log.__exit__(None, None, None)

    def _come_to_rest(self) -> None:
        self.journal.seconds = 0.0
        for wire in self.wires:
            if not wire.cut:
                wire.drain()
        self.house.clock.pump([1.0] * 30)
        self.nobody_is_shown_what_is_gone()
        outcome = {seq: event_object(seq, event) for seq, event in self._stored()}
        for person in self.people:
            if isinstance(person, JsonPerson) and not person.wire.cut:
                screen = read([*getattr(person, "before", []), *person.objects])
                assert screen == {seq: worded(outcome[seq]) for seq in screen}
            elif isinstance(person, IrcReader) and not person.wire.cut:
                texts = read_irc(person.messages)
                assert texts == {seq: worded(outcome[seq])[0].replace("\n", " ") for seq in texts}


def read(objects: list[dict[str, Any]]) -> dict[int, tuple[str, bool, bool]]:
    """What somebody who follows the protocol has on the screen in the end: text, edited and deleted, by seq."""
    screen: dict[int, tuple[str, bool, bool]] = {}
    for values in objects:
        kind = values["type"]
        for quoted in values.get("events", values.get("recent", ())):
            if quoted["type"] in ("said", "acted"):
                screen[quoted["seq"]] = worded(quoted)
        if kind in ("said", "acted"):
            screen[values["seq"]] = worded(values)
        elif kind == "edited" and values["text"] and values["re"] in screen and not screen[values["re"]][2]:
            screen[values["re"]] = (values["text"], True, False)
        elif kind == "deleted" and values["re"] in screen:
            screen[values["re"]] = ("", False, True)
    return screen


def read_irc(messages: list[Message]) -> dict[int, str]:
    """What an IRC client that knows edits and redactions has on the screen in the end, by seq; "" was deleted."""
    screen: dict[int, str] = {}
    for message in joined(messages):
        text = message.params[-1].replace("\n", " ") if message.params else ""
        if message.command == "REDACT":
            screen[seq_of("lobby", message.params[1]) or 0] = ""
        elif message.command == "PRIVMSG" and message.params[0] == "#lobby":
            edited = text.startswith("(edited) ")
            seq = seq_of("lobby", message.tags["+draft/reply" if edited else "msgid"]) or 0
            if not edited or seq in screen:
                screen[seq] = "" if text == "(deleted)" else _MARKED.sub("", text)
    return screen


def worded(values: dict[str, Any]) -> tuple[str, bool, bool]:
    """What matters of a message."""
    deleted = "deleted" in values
    return values["text"], "edited" in values and not deleted, deleted


TALK = [Changes.say, Changes.say, Changes.edit, Changes.edit, Changes.delete, Changes.delete, Changes.look_back]
OFTEN = [Changes.stall, Changes.drain, Changes.turn, Changes.some_time_passes, Changes.page_back, Changes.get]
ACTIONS = [*TALK, *OFTEN] + [
    one
    for one in vars(Changes).values()
    if getattr(one, "__code__", None) and one.__code__.co_varnames[1:3] == ("who", "count")
]
# Making a failing day shorter takes longer than a test may; add Phase.shrink while looking for the reason.
LONG = settings(max_examples=100, stateful_step_count=60, phases=[Phase.generate])
Changes.TestCase.settings = LONG
TestChanges = pytest.mark.slow(Changes.TestCase)


class LinkedChanges(Changes):
    """
    The same, with doors in other processes.

    Not by doors that the house speaks with byte by byte: what waits there for the client has been shown, but not here.
    """

    houses = LinkedHouse
    doors = (JsonPerson, LinePerson, WebPerson, ClientPerson)
    follow = get = Changes.turn

    def _arrive(self) -> None:
        self.house.settle()


LinkedChanges.TestCase.settings = LONG
TestLinkedChanges = pytest.mark.slow(LinkedChanges.TestCase)
