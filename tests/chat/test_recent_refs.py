"""Recent refs: what a bot posted lately is found by its ref."""

from __future__ import annotations

from chatroom.chat.rooms import recent_refs
from chatroom.chat.rooms.recent_refs import LOOKED_AT, RecentRefs

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
