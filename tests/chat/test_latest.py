"""Latest conversations: one read for all who ask at about the same time, and what becomes of it."""

from __future__ import annotations

import pytest

from chatroom.chat.access.latest import LATEST, LatestConversations
from chatroom.chat.commands.messages import Whisper
from chatroom.chat.ports import JournalError
from chatroom.chat.syntax.conversations import name_of
from tests.stand_ins import SlowReads

from .bare import BareHouse


class CountingReads(SlowReads):
    """Keeps who was asked for in each read."""

    def __init__(self, *how, **more):
        super().__init__(*how, **more)
        self.asked = []

    def latest_conversations(self, identities, limit):
        self.asked.append((list(identities), limit))
        return super().latest_conversations(identities, limit)


class Asking:
    """A house where ann has written to bob and to eve, and those who ask for conversations there."""

    def __init__(self):
        clock = BareHouse().clock
        self.journal = CountingReads(clock.callLater, now=clock.seconds)
        self.house = BareHouse(journal=self.journal, clock=clock)
        people = [self.house.join(nick) for nick in ("ann", "bob", "eve")]
        self.ann, self.bob, self.eve = (one.person.party for one in people)
        for nick in ("bob", "eve"):
            people[0].asks(Whisper(nick, "psst"))
        self.latest = LatestConversations(self.house.core)
        self.found = []

    def ask(self, *parties):
        """Ask for each of *parties*, one after the other, in the same moment."""
        for party in parties:
            self.house.runtime.spawn(self._ask(party))

    async def _ask(self, party):
        try:
            self.found.append(list(await self.latest.of(party)))
        except JournalError as error:
            self.found.append(str(error))


@pytest.fixture
def asking():
    return Asking()


def test_the_newest_come_first(asking):
    asking.ask(asking.ann)
    asking.house.settle()

    assert asking.found == [[name_of(asking.ann, asking.eve), name_of(asking.ann, asking.bob)]]


def test_who_asks_during_a_read_is_asked_for_in_the_next_one(asking):
    asking.journal.seconds = 1.0
    asking.ask(asking.ann, asking.bob, asking.eve, asking.bob)
    asking.house.advance(2)

    assert asking.journal.asked == [([asking.ann], LATEST), ([asking.bob, asking.eve], LATEST)]
    ours = name_of(asking.ann, asking.bob)
    assert asking.found[1:] == [[ours], [name_of(asking.ann, asking.eve)], [ours]]


def test_all_who_wait_for_a_read_that_fails_are_told_and_later_ones_are_read_again(asking):
    asking.journal.unreadable = True
    asking.ask(asking.ann, asking.bob)
    asking.house.settle()
    asking.journal.unreadable = False
    asking.ask(asking.bob)
    asking.house.settle()

    assert asking.found == ["the disk is broken"] * 2 + [[name_of(asking.ann, asking.bob)]]


def test_nobody_has_any_who_has_written_to_nobody(asking):
    asking.ask("nobody")
    asking.house.settle()

    assert asking.found == [[]]
