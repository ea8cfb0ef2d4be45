"""Recent refs: what a bot posted lately is found by its ref."""

from __future__ import annotations

from twisted.internet.task import Clock

from chatroom.chat.rooms import recent_refs
from chatroom.chat.rooms.posting import Post
from chatroom.chat.rooms.recent_refs import LOOKED_AT, RecentRefs
from tests.stand_ins import SlowReads

from .bare import BareHouse
from .scripted import Scripted


def test_refs_are_read_from_the_newest_events_of_the_room():
    house = BareHouse(rate=0)
    script = Scripted(house)
    for n in range(LOOKED_AT + 10):
        script.posts(str(n), ref=str(n))
    room = script.done(house.hub.rooms.use("lobby"))
    table = script.done(RecentRefs().of(room, script.bot.identity))

    assert len(table) == LOOKED_AT and table[str(LOOKED_AT)] == LOOKED_AT + 1 and "9" not in table


def test_only_so_many_are_remembered(house: BareHouse, monkeypatch):
    monkeypatch.setattr(recent_refs, "_TABLES", 2)
    monkeypatch.setattr(recent_refs, "_REFS", 2)
    script, refs = Scripted(house), RecentRefs()
    room = script.done(house.hub.rooms.use("lobby"))
    tables = [script.done(refs.of(room, f"bot:{n}")) for n in range(3)]
    for n in range(5):
        refs.note(tables[2], str(n), n)

    assert list(tables[2]) == ["3", "4"] and len(refs._tables) == 2
    assert script.done(refs.of(room, "bot:2")) is tables[2]


class _SlowCommits(SlowReads):
    wait = 0.0

    def _commit(self) -> None:
        self._later(self.wait, super()._commit)


def test_a_post_on_its_way_is_known_however_many_others_there_are(monkeypatch):
    monkeypatch.setattr(recent_refs, "_TABLES", 2)
    clock = Clock()
    house = BareHouse(rate=0, clock=clock, journal=_SlowCommits(clock.callLater, secret=b"s" * 32, now=clock.seconds))
    script = Scripted(house)
    bot, post = script.bot, house.hub.bots.posting.post
    house.journal.wait = 5.0
    rooms = [f"room{n}" for n in range(5)]
    posts = [script.begins(post(bot, room, Post(room, ref="1"))) for _ in range(2) for room in rooms]
    house.advance(30)

    assert [one.result.again for one in posts] == [False] * 5 + [True] * 5
    assert [len(house.stored(room)) for room in rooms] == [1] * 5
    house.journal.wait = 0.0
    script.posts("x", "other", ref="1")
    assert len(house.hub.bots.posting._refs._tables) == 2
