"""Finding the house that leads: which one a door is linked to, and what it says of that."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionRefusedError
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from chatroom.chat.limits import Limits
from chatroom.chat.ports import JournalError
from chatroom.link.codec import pack
from chatroom.link.door import RemoteHouse
from chatroom.link.locating import LINKED_INTERVAL, MAX_PAUSE, SEEKING_INTERVAL, Locating
from chatroom.link.wire import BEAT, Link
from chatroom.server.runtime import TwistedRuntime
from tests.linked_house import LinkEnd, linked
from tests.log_lines import log_lines


class Leads(NamedTuple):
    epoch: int
    link: str = "one:1"


class OtherEnd:
    """Takes what doors send."""

    def __getattr__(self, name):
        return lambda *arguments: None


class World:
    """A door, machines that take links by their addresses, and what the database says."""

    def __init__(self):
        self.clock = Clock()
        self.says: Leads | JournalError | Exception | None = None
        self.looks: list[float] = []
        self.stuck: list = []
        """Looks that are not answered yet, if that is asked for."""
        self.slow = False
        self.houses: dict[str, int] = {}
        """The epochs of houses, by where they take links."""
        self.silent: set[str] = set()
        self.refusing: set[str] = set()
        self.dialled: list[str] = []
        self.pending: Deferred | None = None
        self.ends: list[LinkEnd] = []
        self.door = RemoteHouse(self.clock, TwistedRuntime(self.clock, self.clock.seconds), "door 1")
        self.locating = Locating(self.clock, self, self.look, self.dial, self.door)

    def look(self):
        self.looks.append(self.clock.seconds())
        if isinstance(self.says, Exception):
            raise self.says
        return self.says

    def run(self, work, done):
        if self.slow:
            self.stuck.append((work, done))
            return
        try:
            result = work()
        except Exception:
            result = Failure()
        self.clock.callLater(0, done, result)

    def dial(self, address, factory):
        self.dialled.append(address)
        if address in self.silent:
            self.pending = Deferred()
            return self.pending
        if address not in self.houses:
            return self._failed(ConnectionRefusedError())
        connecting: Deferred = Deferred()
        self.clock.callLater(0, self._connect, address, factory, connecting)
        return connecting

    def _failed(self, error):
        connecting: Deferred = Deferred()
        self.clock.callLater(0, connecting.errback, error)
        return connecting

    def _connect(self, address, factory, connecting):
        door = factory.buildProtocol(None)
        known = {"server": "x", "limits": pack(Limits()), "epoch": self.houses[address]}
        self.ends.append(linked(self.clock, door, Link(OtherEnd(), self.clock, ["welcome", known])))
        connecting.callback(door)
        if address in self.refusing:
            self.clock.callLater(0, self.ends[-1].break_off)
        else:
            door.handshakeCompleted()

    def wait(self, seconds):
        for _ in range(round(seconds * 16)):
            self.clock.advance(1 / 16)
            self.clock.pump([0] * 6)

    @property
    def up(self):
        """The epoch of the house that the door is linked to; None: none."""
        return self.door.epoch if self.door.linked else None


@pytest.fixture
def world():
    return World()


@pytest.fixture
def lines():
    with log_lines("chatroom") as lines:
        yield lines


@pytest.fixture
def linked_world(world):
    world.houses, world.says = {"one:1": 3}, Leads(3)
    world.locating.start()
    world.wait(0.5)
    assert world.up == 3 and world.dialled == ["one:1"]
    world.wait(1)
    return world


def gaps(looks):
    return [after - before for before, after in pairwise(looks)]


def test_it_looks_four_times_a_second_until_it_is_linked_and_then_once(world, lines):
    world.locating.start()
    world.wait(2)
    assert set(gaps(world.looks)) == {SEEKING_INTERVAL}
    world.houses, world.says = {"one:1": 1}, Leads(1)
    world.wait(1)
    assert world.up == 1 and lines == ["Linked to the house at one:1, epoch 1."]
    del world.looks[:]
    world.wait(5)
    assert set(gaps(world.looks)) == {LINKED_INTERVAL} and world.dialled == ["one:1"]


def test_it_looks_more_often_while_the_house_is_silent(linked_world):
    linked_world.wait(1)
    linked_world.ends[0].other.cut = True  # the network has swallowed it, and tells nobody
    linked_world.wait(2.2 * BEAT)
    del linked_world.looks[:]
    linked_world.wait(1)
    assert set(gaps(linked_world.looks)) == {SEEKING_INTERVAL} and linked_world.up == 3


def test_one_question_at_a_time(world):
    world.slow = True
    world.locating.start()
    world.wait(9)
    assert len(world.stuck) == 1
    world.slow = False
    world.stuck[0][1](None)
    world.wait(0.3)
    assert len(world.looks) == 1


def test_a_link_that_is_lost_is_made_again_within_half_a_second(linked_world):
    linked_world.ends[0].break_off()
    assert linked_world.up is None
    linked_world.wait(0.5)
    assert linked_world.up == 3 and linked_world.dialled == ["one:1"] * 2


def test_a_higher_epoch_is_followed_and_the_old_house_left_before_the_new_one_is_there(linked_world, lines):
    linked_world.says = Leads(4, "two:2")
    linked_world.silent = {"two:2"}
    linked_world.wait(1)
    assert linked_world.up is None and linked_world.ends[0].cut
    linked_world.pending.errback(ConnectionRefusedError())
    linked_world.silent, linked_world.houses["two:2"] = set(), 4
    linked_world.wait(1)
    assert linked_world.up == 4 and linked_world.dialled == ["one:1", "two:2", "two:2"]
    assert lines[-1] == "Linked to the house at two:2, epoch 4."


def test_a_house_that_does_not_answer_any_more_is_left_at_once_all_the_same(linked_world):
    linked_world.ends[0].loseConnection = lambda: None  # its machine is gone
    linked_world.says, linked_world.houses["two:2"] = Leads(4, "two:2"), 4
    linked_world.wait(1)
    assert linked_world.up == 4


def test_an_attempt_to_reach_the_house_before_is_given_up(world):
    world.silent, world.says = {"one:1"}, Leads(3)
    world.locating.start()
    world.wait(0.1)
    cancelled = []
    world.pending.addBoth(cancelled.append)
    world.houses, world.says = {"two:2": 4}, Leads(4, "two:2")
    world.wait(0.5)
    assert len(cancelled) == 1 and world.up == 4


def test_a_lower_epoch_is_never_followed(linked_world):
    """The database says so once more: a standby that lags has become the primary."""
    linked_world.says, linked_world.houses["two:2"] = Leads(4, "two:2"), 4
    linked_world.wait(1.5)
    linked_world.says = Leads(3)
    linked_world.wait(2)
    assert linked_world.up == 4
    linked_world.ends[-1].break_off()
    linked_world.wait(2)
    assert linked_world.up is None and linked_world.dialled == ["one:1", "two:2"]


def test_a_house_whose_epoch_is_lower_than_what_the_database_says_is_not_linked_to(world):
    """It has been succeeded at the same address, and still listens."""
    world.houses, world.says = {"one:1": 3}, Leads(4)
    world.locating.start()
    world.wait(60)
    assert world.up is None and 14 <= len(world.dialled) <= 18, "more and more seldom"
    world.houses["one:1"] = 4
    world.wait(MAX_PAUSE + 0.5)
    assert world.up == 4


def test_a_house_that_has_taken_over_since_the_database_said_so_keeps_its_link(world):
    world.houses, world.says = {"one:1": 4}, Leads(3)
    world.locating.start()
    world.wait(0.5)
    assert world.up == 4
    world.says = Leads(4)
    world.wait(3)
    assert world.up == 4 and world.dialled == ["one:1"]


def test_while_the_database_says_nothing_the_link_stays_and_that_is_told_once(linked_world, lines):
    linked_world.says = JournalError("the database x: it cannot be reached")
    linked_world.wait(5)
    assert linked_world.up == 3
    assert lines == ["Which house leads is not known: the database x: it cannot be reached"]
    linked_world.says = JournalError("the database x: its disk is full")
    linked_world.wait(3)
    linked_world.says = Leads(3)
    linked_world.wait(3)
    assert lines[1:] == [
        "Which house leads is not known: the database x: its disk is full",
        "The database says again which house leads.",
    ]


def test_a_bug_is_told_of_and_it_goes_on(world, lines):
    world.says = LookupError("a bug")
    world.locating.start()
    world.wait(2)
    assert [line for line in lines if "An error while looking" in line] == lines[:1]
    world.houses, world.says = {"one:1": 1}, Leads(1)
    world.wait(0.5)
    assert world.up == 1


def test_nobody_who_takes_links_is_nobody_to_go_to(linked_world):
    for nobody in (None, Leads(3, "")):
        linked_world.says = nobody
        linked_world.wait(2)
        assert linked_world.up == 3
    linked_world.ends[0].break_off()
    linked_world.wait(2)
    assert linked_world.up is None and linked_world.dialled == ["one:1"]


def test_who_cannot_be_reached_is_told_once_and_tried_again(world, lines):
    world.says = Leads(3)
    world.locating.start()
    world.wait(3)
    assert lines == ["The house at one:1 cannot be reached: Connection was refused by other side."]
    assert len(world.dialled) > 5
    world.houses = {"one:1": 3}
    world.wait(0.5)
    assert world.up == 3


def test_who_hangs_up_is_tried_more_and_more_seldom(world, lines):
    world.houses, world.refusing, world.says = {"one:1": 3}, {"one:1"}, Leads(3)
    world.locating.start()
    world.wait(60)
    assert 14 <= len(world.dialled) <= 18
    assert lines == [
        "The house at one:1 refuses the link: Connection to the other side was lost in a non-clean fashion."
    ]
    world.says, world.houses["two:2"] = Leads(4, "two:2"), 4
    world.wait(0.5)
    assert world.up == 4, "another house is another matter"


def test_who_has_stopped_looks_no_more_and_keeps_the_link(linked_world):
    linked_world.locating.stop()
    del linked_world.looks[:]
    linked_world.wait(3)
    assert linked_world.looks == [] and linked_world.up == 3
    linked_world.ends[0].break_off()
    linked_world.wait(3)
    assert linked_world.looks == [] and linked_world.up is None


def test_an_answer_that_comes_after_the_end_is_ignored(world):
    world.slow = True
    world.locating.start()
    world.wait(0.1)
    world.locating.stop()
    world.stuck[0][1](Leads(3))
    world.wait(1)
    assert world.dialled == [] and len(world.stuck) == 1
