"""Forged frames: a link that brings one is dropped with one log line; the house and its other links go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock

from chatroom.chat.events import Batch, Said
from chatroom.chat.limits import Limits
from chatroom.chat.replies import Notice, Preferences
from chatroom.link.asks import _MAX_WAITING
from chatroom.link.codec import pack, pack_batch
from chatroom.link.wire import Link
from tests.house import START, failures
from tests.linked_house import DoorProcess, LinkedHouse, linked
from tests.log_lines import log_lines
from tests.wires import HERE, Wire

SID = "SID"
TRAITS = dict.fromkeys(("secure", "resumes"), True) | dict.fromkeys(("asks", "reads", "keeps_nick"), False)
TRAITS |= {"door": "json", "address": "192.0.2.7"}  # type: ignore[dict-item]
HELLO = ["/hello", "eve"]
TOLD = {"server": "here", "limits": pack(Limits(rate=0)), "epoch": 0}


class Forger:
    """The other end of a link, which sends whatever it likes."""

    def __init__(self, clock: Clock, first: list[Any]) -> None:
        self.link = Link(self, clock, first)
        self.frames: list[list[Any]] = []
        self.dropped = False

    def up(self, link: Link) -> None: ...

    def data(self, link: Link, connection: int, data: bytes) -> None: ...

    def frame(self, link: Link, frame: list[Any]) -> None:
        self.frames.append(frame)

    def lost(self, link: Link, reason: str) -> None:
        self.dropped = True


@contextmanager
def one_line_at_most() -> Iterator[list[str]]:
    """Collect what the link logs: no failure, and one line if it was dropped."""
    with failures() as broken, log_lines("chatroom.link.wire.Link") as lines:
        yield lines
    assert not broken, broken[0]
    assert len(lines) <= 1


class ForgedDoor(Forger):
    """A door with one session, which has come in as eve."""

    def __init__(self) -> None:
        self.house = LinkedHouse(rate=0, doors=1, tls=False)
        self.ann, self.bob = self.house.join("ann"), self.house.join("bob")
        super().__init__(self.house.clock, ["hello", "forger"])
        linked(self.house.clock, self.link, self.house.links.buildProtocol(None))
        self.sends(["open", SID, TRAITS], ["ask", SID, 1, HELLO, None, 0.0, 0])
        assert self.ann.heard("-- eve joined #lobby")

    def sends(self, *frames: Any) -> None:
        for frame in frames:
            self.link.send(frame)
        self.house.settle()

    def check_the_others(self) -> None:
        """Nobody else has noticed anything."""
        self.bob.types("still here")
        assert self.ann.talk[-1] == "<bob> still here"
        assert not self.ann.gone and len(self.house.processes[0].house.sessions) == 2
        self.house.clock.pump([1.0] * 3)


class ForgedHouse(Forger):
    """A house with one door, at which one client has connected."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.clock = Clock()
        self.clock.rightNow = START
        told = TOLD if limits is None else {**TOLD, "limits": pack(limits)}
        super().__init__(self.clock, ["welcome", told])
        self.door = DoorProcess(self.clock, 0, None, False, self.clock.seconds)
        linked(self.clock, self.link, self.door.house.build())
        self.clock.advance(0)
        self.wire = Wire(self.clock, HERE)
        self.wire.protocol = self.door.front.buildProtocol(HERE)
        self.wire.protocol.makeConnection(self.wire)
        self.clock.advance(1)
        self.wire.carry(b"eve\n")
        self.clock.advance(0)
        [self.sid] = self.door.house.sessions

    def sends(self, *frames: Any) -> None:
        for frame in frames:
            self.link.send(self._named(frame))
        self.clock.advance(0)

    def _named(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._named(one) for one in value]
        return self.sid if value == SID else value

    def check_the_client(self) -> None:
        """It is still connected, and another house takes it up."""
        if self.door.house.sessions:
            house = LinkedHouse(rate=0, clock=self.clock, processes=[self.door])
            assert not self.wire.cut and [one.person.nick for one in house.hub.sessions] == ["eve"]


def said(seq: int, ask: str = "", room: str = "lobby") -> list[Any]:
    return pack_batch(Batch(room, seq, [Said(room=room, at=START, by="x", nick="x", text="hi", ask=ask)]))


FROM_DOORS: dict[str, list[Any]] = {
    "unknown kind": [["reply", SID, ["live"], None]],
    "a kind of the other end": [["welcome", 1, {}]],
    "hello twice": [["hello", 1, "forger"]],
    "open twice": [["open", SID, TRAITS]],
    "open with too little": [["open", "b", {}]],
    "open with more": [["open", "b", {**TRAITS, "link": 1}]],
    "open with a wrong value": [["open", "b", {**TRAITS, "address": None}]],
    "open with a number for yes": [["open", "b", {**TRAITS, "secure": 1}]],
    "open without a sid": [["open", None, TRAITS]],
    "attach twice": [["attach", SID, TRAITS, "card", {}, [], 0.0, True]],
    "attach with seqs that are none": [["attach", "b", TRAITS, "card", {"lobby": "1"}, [], 0.0, True]],
    "attach with negative seqs": [["attach", "b", TRAITS, "card", {"lobby": -1}, [], 0.0, True]],
    "attach with asks that are none": [["attach", "b", TRAITS, "card", {}, [[]], 0.0, True]],
    "a command twice": [["ask", SID, 1, HELLO, None, 0.0, 0]],
    "a command of before": [["ask", SID, 5, ["/time"], None, 0.0, 0], ["ask", SID, 4, ["/time"], None, 0.0, 0]],
    "a command beyond range": [["ask", SID, 2**63, ["/time"], None, 0.0, 0]],
    "a refusal twice": [["refuse", SID, 1, "bad_input", "No.", None, 0.0, 0]],
    "no command": [["ask", SID, 2, ["said", "lobby", 0.0, "x", "x", "hi"], None, 0.0, 0]],
    "an unknown command": [["ask", SID, 2, ["/nonsense"], None, 0.0, 0]],
    "an empty command": [["ask", SID, 2, [], None, 0.0, 0]],
    "a command with a wrong field": [["ask", SID, 2, ["/say", 5], None, 0.0, 0]],
    "a command with a ref that is none": [["ask", SID, 2, ["/time"], 5, 0.0, 0]],
    "true for a number": [["ask", SID, True, ["/time"], None, 0.0, 0]],
    "negative lines": [["spend", SID, -1.0, 0]],
    "no number": [["spend", SID, float("nan"), 0]],
    "infinitely much": [["spend", SID, float("inf"), 0]],
    "negative bytes": [["spend", SID, 0.0, -1]],
    "half a byte": [["spend", SID, 0.0, 0.5]],
    "taken without a page": [["taken", SID], ["taken", SID], ["taken", SID]],
    "too much": [["full", SID, 1]],
    "too little": [["gone", SID]],
    "figures that are none": [["figures", pack(Notice("hi")), 1, 1, 0.0]],
    "carry without anything": [["carry", 1, {}]],
    "carry without an id": [["carry", None, {}]],
    "carry of another kind": [["carrot", 1]],
    "too many commands": [["ask", SID, n, ["/history", 200], None, 0.0, 0] for n in range(2, _MAX_WAITING + 9)],
}


@pytest.mark.parametrize("frames", FROM_DOORS.values(), ids=FROM_DOORS)
def test_a_forged_frame_of_a_door_ends_its_link_only(frames):
    with one_line_at_most() as lines:
        door = ForgedDoor()
        door.sends(*frames)
        assert door.dropped
        [line] = lines
        assert line.startswith("Dropped the link to forger: invalid frame: ")
        door.check_the_others()


FROM_HOUSES: dict[str, list[Any]] = {
    "unknown kind": [["ask", SID, 1, ["/time"], None, 0.0, 0]],
    "unknown kind for nobody": [["ask", "nobody", 1, ["/time"], None, 0.0, 0]],
    "welcome twice": [["welcome", 1, TOLD]],
    "no sid": [["close"]],
    "a sid that is none": [["close", []]],
    "wrong values for nobody": [["live", "nobody", 5]],
    "live twice": [["live", SID, "lobby", 1], ["live", SID, "lobby", 1]],
    "live at a negative seq": [["live", SID, "lobby", -1]],
    "unlive of what is not live": [["unlive", SID, "lobby"]],
    "unlive twice": [["live", SID, "lobby", 1], ["unlive", SID, "lobby"], ["unlive", SID, "lobby"]],
    "a batch twice": [["live", SID, "lobby", 1], ["batch", said(2)], ["batch", said(2)]],
    "a batch too early": [["live", SID, "lobby", 1], ["batch", said(3)]],
    "an empty batch": [["live", SID, "lobby", 1], ["batch", ["lobby", 2, []]]],
    "a batch that is none": [["batch", []]],
    "a batch of replies": [["batch", ["lobby", 2, [pack(Notice("hi"))]]]],
    "a page of replies": [["page", SID, ["lobby", 2, [pack(Notice("hi"))]], True]],
    "a reply that is an event": [["reply", SID, ["said", "lobby", 0.0, "x", "x", "hi"], None]],
    "a reply that is a command": [["reply", SID, ["/time"], None]],
    "no preferences": [["prefer", SID, pack(Notice("hi")), "eve", []]],
    "ignored people that are none": [["prefer", SID, pack(Preferences()), "eve", [[]]]],
    "limits that are none": [["policy", pack(Notice("hi"))]],
    "together that is none": [["together", SID, [5]]],
    "together with nothing": [["together", SID, [[]]]],
    "together with a kind that is none": [["together", SID, [[[]]]]],
    "together in together": [["together", SID, [["together", SID, [["viewer", SID, "eve", ""]]]]]],
    "together of another": [["together", SID, [["viewer", "nobody", "eve", ""]]]],
    "together with unknown kinds": [["together", SID, [["batch", said(2)]]]],
    "ready in the past": [["ready", SID, 1, -1.0]],
    "a rest without an end": [["rest", SID, float("inf")]],
    "no rest": [["rest", SID, float("nan")]],
    "settled commands that are none": [["attached", SID, [{}]]],
    "nothing carried": [["carried-close", None]],
    "carried in another way": [["carried-jump", 1]],
}


@pytest.mark.parametrize("frames", FROM_HOUSES.values(), ids=FROM_HOUSES)
def test_a_forged_frame_of_the_house_ends_the_link_and_no_connection(frames):
    with failures() as broken:
        with log_lines("chatroom.link.wire.Link") as lines:
            house = ForgedHouse()
            house.sends(*frames)
            assert house.dropped
            [line] = lines
            assert line.startswith("Dropped the link to the house: invalid frame: ")
        house.check_the_client()
    assert not broken, broken[0]


@pytest.mark.parametrize(
    "told",
    [
        *({name: value for name, value in TOLD.items() if name != left_out} for left_out in TOLD),
        *({**TOLD, name: None} for name in TOLD),
        {**TOLD, "limits": pack(Notice("hi"))},
        {**TOLD, "epoch": -1},
        {**TOLD, "more": 1},
        [],
    ],
)
def test_a_forged_welcome_is_none(told):
    clock = Clock()
    with one_line_at_most() as lines:
        door = DoorProcess(clock, 0, None, False, clock.seconds)
        forger = Forger(clock, ["welcome", told])
        linked(clock, forger.link, door.house.build())
        clock.advance(0)
        assert forger.dropped and len(lines) == 1 and not door.house.linked


@pytest.mark.parametrize("ask", [f"{SID}.", f"{SID}.x", f"{SID}.²", f"{SID}." + "9" * 5000, SID, "."])
def test_an_event_of_a_command_that_is_none_settles_nothing(ask):
    with one_line_at_most() as lines:
        house = ForgedHouse()
        house.sends(["live", SID, "lobby", 1], ["batch", said(2, ask.replace(SID, house.sid))])
        assert not house.dropped and not lines and len(house.door.house.sessions[house.sid].unanswered) == 1


leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.integers(0, 5)
    | st.floats()
    | st.sampled_from([SID, "lobby", "nobody", "", "said", "/say"])
    | st.text(max_size=5)
    | st.sampled_from([TRAITS, HELLO, said(2), said(1), pack(Notice("hi")), pack(Preferences()), [["close", SID]]])
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KINDS = sorted({frame[0] for frames in [*FROM_DOORS.values(), *FROM_HOUSES.values()] for frame in frames})
KINDS += ["finish", "hang_up", "hand", "drained", "glimpse", "left", "rooms", "done", "card", "unattached", "moved"]
KINDS += ["handed", "closing", "carried-ack", "carried-half", "carried-lost", "carried-abort", "carried-pause"]
frames = st.builds(
    lambda kind, sid, more: [kind, *sid, *more],
    st.sampled_from(KINDS),
    st.sampled_from([[SID], [SID], [], [1]]),
    st.lists(values, max_size=4),
) | st.lists(values, max_size=3)


@pytest.mark.slow
@settings(max_examples=300)
@given(st.lists(frames, max_size=4))
def test_whatever_a_door_sends_is_a_bad_frame_at_most(frames):
    with one_line_at_most():
        door = ForgedDoor()
        door.sends(*frames)
        door.check_the_others()


@pytest.mark.slow
@settings(max_examples=300)
@given(st.lists(frames, max_size=4))
def test_whatever_a_house_sends_is_a_bad_frame_at_most(frames):
    with one_line_at_most():
        house = ForgedHouse()
        house.sends(*frames)
        house.clock.pump([1.0] * 3)
