"""Bot rights: what a bot may do in a room."""

from __future__ import annotations

import pytest

from chatroom.chat.commands.moderation import Ban, Mute
from chatroom.chat.commands.room_settings import Invite, Lock
from chatroom.chat.commands.rooms import Join, Leave
from chatroom.chat.people.api_tokens import Access
from chatroom.chat.ports import RecordChange
from chatroom.chat.refusals import BannedHere, MutedHere, NotAllowed, RoomLocked
from chatroom.chat.rooms.bot_rights import check_may_enter, check_not_muted, check_scope

from .bare import BareHouse
from .scripted import Scripted


def test_a_token_is_for_its_room_and_its_use_only(house: BareHouse):
    bot = Scripted(house, "build", "ops", Access.READ).bot
    check_scope(bot, "ops", Access.READ)

    for room, wanted in (("lobby", Access.READ), ("ops", Access.WRITE)):
        with pytest.raises(NotAllowed):
            check_scope(bot, room, wanted)


def test_a_closed_room_is_open_to_an_account_that_is_inside_invited_or_in_charge(house: BareHouse):
    boss, bot, ann = house.join("boss", "ops"), Scripted(house).bot, house.owner("ann")
    boss.asks(Lock())
    with pytest.raises(RoomLocked):
        check_may_enter(house.core, bot, house.room("ops"))
    boss.asks(Invite("ann"))
    check_may_enter(house.core, bot, house.room("ops"))

    ann.asks(Join("ops"))
    house.change_from_outside(RecordChange("ops", "invite", "ann-id", None))
    check_may_enter(house.core, bot, house.room("ops"))
    ann.asks(Leave("ops"))
    with pytest.raises(RoomLocked):
        check_may_enter(house.core, bot, house.room("ops"))


def test_an_operator_is_banned_and_muted_by_the_nick_of_the_bot_only(house: BareHouse):
    ann, bot = house.owner("ann", "ops"), Scripted(house).bot
    boss = house.owner("boss", admin=True)
    boss.asks(Join("ops"))
    room = house.room("ops")
    boss.asks(Ban("192.0.2.0/24"))
    check_may_enter(house.core, bot, room)

    ann.asks(Mute("build"))
    with pytest.raises(MutedHere):
        check_not_muted(house.core, bot, room)
    ann.asks(Ban("build"))
    with pytest.raises(BannedHere):
        check_may_enter(house.core, bot, room)
