"""Server bans at entry, and removal from rooms of people who turn out to be banned there."""

from __future__ import annotations

import pytest

from chatroom.chat.commands.accounts import LogOut
from chatroom.chat.commands.identity import Hello
from chatroom.chat.commands.moderation import Ban, Op
from chatroom.chat.commands.rooms import Join
from chatroom.chat.commands.server_admin import BanFromServer, UnbanFromServer
from chatroom.chat.events import Left
from chatroom.chat.ports import RecordChange
from chatroom.chat.refusals import BannedHere
from chatroom.chat.replies import Goodbye, Refused


@pytest.fixture
def admin(house):
    return house.owner("root1", admin=True)


@pytest.fixture
def bob(house, admin):
    return house.join("bob", address="192.0.2.7")


@pytest.mark.parametrize("target", ["bob", "address:bob", "192.0.2.7", "192.0.2.0/24"])
def test_who_is_banned_is_told_and_hung_up_on(house, admin, bob, target):
    carl = house.join("carl", address="198.51.100.1")
    admin.asks(BanFromServer(target, None, "spam"))
    refused, goodbye = bob.outlet.everything[-2:]
    assert isinstance(refused, Refused) and refused.code == BannedHere.code and "spam" in refused.text
    assert isinstance(goodbye, Goodbye) and bob.outlet.closed and bob.session.gone
    assert len(admin.shown(Left)) == 1 and not carl.session.gone


def test_an_admin_is_never(house, admin):
    other = house.owner("root2", admin=True, address="192.0.2.7")
    admin.asks(BanFromServer("192.0.2.0/24"))
    assert not other.session.gone
    other.asks(LogOut())
    assert other.session.gone, "but as a guest"


def test_until_it_runs_out_or_is_lifted(house, admin, bob):
    admin.asks(BanFromServer("bob", "10s"))
    assert house.connect().refusal(Hello("bob")) == BannedHere.code
    house.advance(10)
    assert house.join("bob").nick == "bob"
    admin.asks(BanFromServer("192.0.2.0/24"))
    admin.asks(UnbanFromServer("192.0.2.0/24"))
    assert house.join("carl", address="192.0.2.8").nick == "carl"


def test_a_ban_by_another_program_is_enforced_at_once(house, admin, bob):
    value = {"target": "bob", "reason": "", "by": "x", "at": 0.0, "until": None}
    house.change_from_outside(RecordChange("", "ban", "nick:bob", value))
    assert bob.session.gone


def test_so_is_one_in_a_room_only_when_somebody_is_looked_at_again(house, admin, bob):
    ann = house.join("ann", "dev")
    bob.asks(Join("dev"))
    ann.asks(Op("bob"))
    value = {"target": "bob", "reason": "", "by": "x", "at": 0.0, "until": None}
    house.room("dev").apply(RecordChange("dev", "ban", "nick:bob", value))
    house.hub.server_bans.look_again(bob.person)
    house.settle()
    assert bob.is_in("dev"), "an operator"
    house.room("dev").apply(RecordChange("dev", "operator", bob.person.party, None))
    house.hub.server_bans.look_again(bob.person)
    house.settle()
    assert not bob.is_in("dev") and bob.is_in("lobby") and len(ann.shown(Left)) == 1


def test_a_nick_is_checked_by_the_bans_of_the_server_and_of_the_persons_rooms(house, admin, bob):
    ann = house.join("ann", "dev")
    ann.asks(Ban("zoe"))
    bans = house.hub.server_bans
    bans.check_nick_not_banned(bob.person, "zoe")
    bob.asks(Join("dev"))
    with pytest.raises(BannedHere):
        bans.check_nick_not_banned(bob.person, "zoe")
    bans.check_nick_not_banned(bob.person, "yan")
    admin.asks(Join("dev"))
    bans.check_nick_not_banned(admin.person, "zoe")


def test_the_address_of_now_counts_where_one_is_given(house, admin, bob):
    admin.asks(BanFromServer("198.51.100.0/24"))
    bans = house.hub.server_bans
    bans.check_not_banned(bob.person, None)
    with pytest.raises(BannedHere):
        bans.check_not_banned(bob.person, None, "198.51.100.9")
    bans.check_not_banned(admin.person, admin.person.account, "198.51.100.9")


def test_an_account_is_banned_whoever_has_it(house, admin, bob):
    account = house.account("boss")
    admin.asks(BanFromServer("account:boss"))
    bans = house.hub.server_bans
    with pytest.raises(BannedHere):
        bans.check_not_banned(bob.person, account)
    bans.check_not_banned(bob.person, None)
