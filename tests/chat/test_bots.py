"""Bots: the services for scripts work together."""

from __future__ import annotations

from chatroom.chat.commands.moderation import Ban
from chatroom.chat.ports import RecordChange

from .bare import BareHouse
from .scripted import Scripted


def test_what_changes_the_rights_of_a_follower_ends_its_stream_at_once(house: BareHouse):
    boss, script = house.join("boss", "ops"), Scripted(house)
    stream = script.follows("ops")
    boss.asks(Ban("account:ann"))
    house.settle()

    assert stream.ended and stream.follower.gone and script.follows().follower.room.name == "lobby"


def test_what_changes_no_rights_looks_at_nobody(house: BareHouse):
    script = Scripted(house)
    script.follows()
    for kind in ("preferences", "seen", "token_used", "unread"):
        script.begins(house.hub.ledger.keep([RecordChange("", kind, "x", None)]))

    assert not len(house.core.fair_queue)
