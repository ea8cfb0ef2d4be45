"""What operators do, by bare people: the event, the record, and the entry of the audit log of each command."""

from __future__ import annotations

import pytest

from chatroom.chat.command_table import ROWS_PER_PAGE
from chatroom.chat.commands.identity import Rename
from chatroom.chat.commands.messages import Say
from chatroom.chat.commands.moderation import Ban, Deop, Kick, ListBans, Mute, Op, Unban, Unmute
from chatroom.chat.commands.room_settings import Lock
from chatroom.chat.commands.rooms import Join
from chatroom.chat.events import AUDIT, Banned, Kicked, Left, Muted, RoleChanged, Unbanned, Unmuted
from chatroom.chat.ports import JournalError, RecordChange
from chatroom.chat.refusals import BadInput, NotAllowed, NotHere, RoomLocked, TooLong, TooMany
from chatroom.chat.replies import Bans, Notice

from .bare import BareHouse


@pytest.fixture
def ann(house):
    """Somebody who rules #dev."""
    return house.join("ann", "dev")


@pytest.fixture
def bob(house, ann):
    return house.join("bob", "dev")


def told(house):
    """The text of the last entry in the audit log."""
    return house.stored(AUDIT)[-1].text


def records(house, kind, room="dev"):
    return {record.key: record.value for record in house.journal.standing(room) if record.kind == kind}


@pytest.mark.parametrize(
    ("asked", "act", "kind", "fields"),
    [
        (Kick("bob", "spam"), "kick", Kicked, {"target": "bob", "reason": "spam"}),
        (Ban("Bob", None, "spam"), "ban", Banned, {"target": "Bob", "reason": "spam", "until": None}),
        (Mute("bob", None, "spam"), "mute", Muted, {"target": "bob", "reason": "spam", "until": None}),
        (Op("BOB"), "op", RoleChanged, {"target": "bob", "role": "operator"}),
    ],
)
def test_each_act_is_seen_by_all_and_recorded(house, ann, bob, asked, act, kind, fields):
    ann.asks(asked, ref="r")
    [event] = ann.shown(kind)
    assert {name: getattr(event, name) for name in fields} == fields
    assert (event.nick, event.by, event.ref, event.at) == ("ann", ann.person.identity, "r", house.clock.seconds())
    assert event in house.stored("dev") and house.audited() == [("ann", act, "dev")]
    assert fields["target"] in told(house) and fields.get("reason", "") in told(house)
    assert act == "op" or kind.type in told(house)


@pytest.mark.parametrize(
    ("asked", "undone", "act", "kind", "record"),
    [
        (Ban("bob"), Unban("BOB"), "unban", Unbanned, "ban"),
        (Mute("bob"), Unmute("BOB"), "unmute", Unmuted, "mute"),
        (Op("bob"), Deop("BOB"), "deop", RoleChanged, "operator"),
    ],
)
def test_and_so_is_what_undoes_it(house, ann, bob, asked, undone, act, kind, record):
    party = bob.person.party
    ann.asks(asked)
    assert party in str(records(house, record))
    ann.asks(undone, ref="r")
    event = ann.shown(kind)[-1]
    assert event.target.lower() == "bob" and event.ref == "r" and getattr(event, "role", "") == ""
    assert "bob" in told(house).lower() and (act == "deop" or kind.type in told(house))
    assert house.audited()[1:] == [("ann", act, "dev")] and party not in str(records(house, record))
    assert ann.refusal(undone) in (NotHere.code, BadInput.code) and len(house.audited()) == 2


@pytest.mark.parametrize("make", [Ban, Mute])
def test_for_how_long(house, ann, bob, make):
    ann.asks(make("bob", "90s"))
    [event] = ann.shown(Banned if make is Ban else Muted)
    until = house.clock.seconds() + 90
    assert event.until == until
    kept = records(house, "ban" if make is Ban else "mute")
    assert {value["until"] for value in kept.values()} == {until} and len(kept) == 2


def test_a_kick_puts_out_once_and_takes_an_invitation_away(house, ann, bob):
    ann.asks(Lock())
    assert bob.person.party in records(house, "invite")
    ann.asks(Kick("bob", "spam"))
    assert bob.person.party not in records(house, "invite") and bob.refusal(Join("dev")) == RoomLocked.code
    assert [type(event) for event in house.stored("dev")][-2:] == [Kicked, Left]
    assert isinstance(bob.shown(Notice)[-1], Notice) and not bob.is_in("dev")
    assert ann.refusal(Kick("bob")) == NotHere.code


def test_who_is_leaving_already_is_not_kicked(house, ann, bob):
    bob.person.seats["dev"].leaving = True
    assert ann.refusal(Kick("bob")) == NotHere.code and house.audited() == []


def test_a_ban_puts_out_whom_it_is_about_and_no_operators(house, ann):
    bob, carl = (house.join(nick, "dev", address="192.0.2.7") for nick in ("bob", "carl"))
    dan = house.join("dan", "dev", address="198.51.100.1")
    ann.asks(Op("carl"))
    ann.asks(Ban("192.0.2.0/24"))
    assert [person.is_in("dev") for person in (bob, carl, dan)] == [False, True, True]
    assert len(bob.shown(Notice)) == 1 and carl.shown(Notice) == []


@pytest.mark.parametrize("make", [Kick, Ban, Mute])
def test_a_reason_is_as_long_as_a_topic_and_no_longer(house, ann, bob, make):
    longest = house.limits.topic
    assert ann.refusal(make("bob", reason="x" * (longest + 1))) == TooLong.code and house.audited() == []
    ann.asks(make("bob", reason="x" * longest))
    assert len(house.audited()) == 1


@pytest.mark.parametrize("make", [Ban, Mute])
def test_a_list_is_as_long_as_the_bound_and_what_has_run_out_makes_room(make):
    house = BareHouse(bans=2)
    ann = house.join("ann", "dev")
    ann.asks(make("bob", "10s"))
    ann.asks(make("carl"))
    assert ann.refusal(make("dan")) == TooMany.code
    house.advance(10)
    ann.asks(make("dan"))
    assert sorted(records(house, "ban" if make is Ban else "mute")) == ["nick:carl", "nick:dan"]


def test_bans_and_mutes_are_listed_together_newest_first_of_each(house, ann, bob):
    ann.asks(Ban("carl", "10s", "spam"))
    house.advance(1)
    ann.asks(Ban("dan"))
    ann.asks(Mute("bob"))
    found = ann.answer(ListBans(), Bans)
    assert [(row.target, row.kind, row.reason) for row in found.bans] == [
        ("dan", "ban", ""),
        ("carl", "ban", "spam"),
        ("bob", "mute", ""),
    ]
    assert (found.room, found.more) == ("dev", 0) and {row.by for row in found.bans} == {"ann"}
    house.advance(9)
    assert [row.target for row in ann.answer(ListBans(), Bans).bans] == ["dan", "bob"]


def test_so_many_are_listed_and_the_rest_counted(house, ann):
    value = {"reason": "", "by": "x", "at": 0.0, "until": None}
    house.change_from_outside(
        *(
            RecordChange("dev", kind, f"nick:p{number}", {**value, "target": f"p{number}"})
            for kind in ("ban", "mute")
            for number in range(ROWS_PER_PAGE)
        )
    )
    found = ann.answer(ListBans(), Bans)
    assert (len(found.bans), found.more) == (ROWS_PER_PAGE, ROWS_PER_PAGE)


def test_roles_are_given_and_taken_once(house, ann, bob):
    assert ann.refusal(Deop("bob")) == BadInput.code and ann.refusal(Op("carl")) == NotHere.code
    ann.asks(Op("bob"))
    assert ann.refusal(Op("bob")) == BadInput.code
    bob.asks(Deop("ann"))
    assert ann.refusal(Kick("bob")) == NotAllowed.code
    assert bob.refusal(Deop("bob")) == NotAllowed.code, "the last"
    admin = house.owner("root1", "dev", admin=True)
    admin.asks(Deop("bob"))
    assert records(house, "operator") == {}


def test_who_is_no_operator_any_more_is_kept_out_by_bans(house, ann, bob):
    ann.asks(Op("bob"))
    value = {"target": "bob", "reason": "", "by": "x", "at": 0.0, "until": None}
    house.change_from_outside(RecordChange("dev", "ban", "nick:bob", value))
    assert bob.is_in("dev")
    ann.asks(Deop("bob"))
    assert not bob.is_in("dev")


@pytest.mark.parametrize("asked", [Ban("bob"), Mute("bob"), Op("bob"), Kick("bob")])
def test_what_cannot_be_stored_has_not_happened(house, ann, bob, asked):
    house.journal.broken = JournalError("the disk is full")
    ann.asks(asked)
    house.journal.broken = None
    room = house.room("dev")
    assert bob.is_in("dev") and not room.state.bans and not room.state.mutes and not room.is_operator(bob.person)
    assert house.audited() == []


def test_the_named_room_is_meant_or_the_current_one(house, ann, bob):
    ann.asks(Join("tea"))
    ann.asks(Mute("bob", room="dev"))
    assert house.room("dev").state.mutes and not house.room("tea").state.mutes
    assert ann.refusal(Kick("bob")) == NotHere.code
    ann.asks(Kick("bob", "", "dev"))
    assert not bob.is_in("dev")


def test_a_mute_is_of_the_person_under_any_nick(house, ann, bob):
    bob.asks(Rename("zoe"))
    ann.asks(Mute("zoe"))
    bob.asks(Say("hi"))
    assert ann.texts("dev") == []
    ann.asks(Unmute("zoe"))
    bob.asks(Say("hi"))
    assert ann.texts("dev") == ["hi"]
