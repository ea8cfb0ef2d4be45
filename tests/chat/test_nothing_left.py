"""No memory is held for people who have left."""

from __future__ import annotations

import pytest

from chatroom.chat.commands.accounts import LogIn, LogOut
from chatroom.chat.commands.identity import Hello, Rename
from chatroom.chat.commands.messages import Say, Whisper
from chatroom.chat.commands.moderation import Ban, Kick, Op
from chatroom.chat.commands.room_settings import Lock
from chatroom.chat.commands.rooms import History, Join, Leave, ListRooms, Search
from chatroom.chat.ports import JournalError

from .bare import PASSWORD


@pytest.mark.parametrize("broken", [False, True], ids=["the disk works", "the disk is full for a while"])
def test_after_a_busy_day(house, broken):
    house.account("boss")
    ann, bob, carl = (house.join(nick, "dev", resumes=True) for nick in ("ann", "bob", "carl"))
    house.journal.broken = JournalError("the disk is full") if broken else None
    steps = [
        (ann, Whisper("bob", "psst")),
        (ann, Whisper("boss", "for later")),
        (bob, LogIn("boss", PASSWORD)),
        (ann, Whisper("boss", "psst")),
        (bob, LogOut()),
        (carl, Join("tea")),
        (carl, Say("hi")),
        (carl, Rename("zoe")),
        (ann, Search("hi in:tea")),
        (ann, Search("hi in:nowhere")),
        (ann, History(5)),
        (ann, ListRooms()),
        (ann, Op("zoe")),
        (ann, Join("#a/b")),
        (ann, Lock()),
        (ann, Kick("zoe")),
        (ann, Ban("bob")),
        (carl, Leave()),
    ]
    for person, asked in steps:
        person.asks(asked)
    house.journal.broken = None
    house.advance(6)
    again = ann.returns()
    token = again.token
    everyone = [again, bob, carl]
    for person in everyone:
        house.hub.end(person.session, "bye")
    house.settle()
    back = house.connect(resumes=True)
    back.asks(Hello("ann", ("dev",), resume=token))
    house.hub.end(back.session, "bye")
    house.advance(10)

    hub, core = house.hub, house.core
    assert [room.name for room in hub.rooms] == [] and hub.membership.occupied == 0
    assert len(core.nicks) == 0 == len(core.people) == len(core.fair_queue) == hub.broken
    assert core.people.with_accounts() == []
    assert house.journal.queue == 0 and len(hub.password_checks.shares) == 0
    assert core.nicks.free_like("ann") == "ann2", "no look of theirs is left either"
    assert [call for call in house.clock.getDelayedCalls() if call.getTime() <= house.clock.seconds()] == []
