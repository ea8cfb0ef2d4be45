"""Admin commands: their effects, and their audit records."""

from __future__ import annotations

import pytest

from chatroom.chat.command_table import ROWS_PER_PAGE
from chatroom.chat.commands.identity import Hello
from chatroom.chat.commands.server_admin import (
    Announce,
    BanFromServer,
    ListServerBans,
    Reload,
    ShowAudit,
    ShutDown,
    UnbanFromServer,
)
from chatroom.chat.ports import JournalError, RecordChange
from chatroom.chat.refusals import BadInput, BannedHere, NotAllowed, NotHere, NotNow, NotStored, TooLong, TooMany
from chatroom.chat.replies import AuditLog, Bans, LoggedIn, Notice

from .bare import BareHouse


@pytest.fixture
def admin(house):
    return house.owner("root1", admin=True)


@pytest.mark.parametrize(
    "asked",
    [
        BanFromServer("bob"),
        UnbanFromServer("bob"),
        ListServerBans(),
        Announce("hi"),
        Reload(),
        ShutDown(),
        ShutDown(None, "cancel"),
        ShowAudit(),
    ],
)
def test_nobody_else_may_use_them(house, admin, asked):
    for person in (house.join("ann", "dev"), house.owner("boss")):
        assert person.refusal(asked) == NotAllowed.code
    assert house.audited() == [] and house.runtime.stopped == [] and admin.shown(Notice) == []


@pytest.mark.parametrize(
    ("asked", "act"),
    [
        (BanFromServer("bob"), "gban"),
        (Announce("hi"), "announce"),
        (Reload(), "reload"),
        (ShutDown("1h"), "shutdown"),
        (ShutDown(), "shutdown"),
    ],
)
def test_each_is_answered_and_recorded(house, admin, asked, act):
    [told] = admin.asks(asked, ref="r")
    assert isinstance(told, Notice) and admin.outlet.refs[-1] == "r"
    assert house.audited() == [("root1", act, "")]


def test_what_undoes_something_is_recorded_too(house, admin):
    admin.asks(ShutDown("1h"))
    admin.asks(ShutDown(None, "cancel"))
    admin.asks(BanFromServer("bob"))
    admin.asks(UnbanFromServer("bob"))
    assert [act for _, act, _ in house.audited()] == ["shutdown", "shutdown", "gban", "gunban"]


def test_what_is_refused_is_not_recorded(house, admin):
    longest = house.limits.topic
    for asked, code in (
        (ShutDown(None, "cancel"), NotNow.code),
        (ShutDown("1h", "x" * (longest + 1)), TooLong.code),
        (ShutDown("1x"), BadInput.code),
        (UnbanFromServer("bob"), NotHere.code),
        (BanFromServer("bob", "1x"), BadInput.code),
        (BanFromServer("bob", None, "x" * (longest + 1)), TooLong.code),
        (BanFromServer("0.0.0.0/0"), BadInput.code),
        (BanFromServer("root1"), NotAllowed.code),
    ):
        assert admin.refusal(asked) == code
    assert house.audited() == [] and not house.core.server_state.bans


def test_everyone_is_told_what_is_announced(house, admin):
    ann = house.join("ann")
    [told] = admin.asks(Announce("tea is ready"), ref="r")
    assert ann.shown(Notice) == [told] and "tea is ready" in told.text and ann.outlet.refs[-1] is None


def test_who_has_the_configuration_read_again_is_told_what_came_of_it(admin):
    [told] = admin.asks(Reload())
    assert told == Notice("Reloaded.")


def test_a_ban_that_cannot_be_stored_does_not_hold(house, admin):
    bob = house.join("bob")
    house.journal.broken = JournalError("the disk is full")
    shown = admin.asks(BanFromServer("bob"))
    assert NotStored.code in [getattr(one, "code", None) for one in shown]
    assert not house.core.server_state.bans and not bob.session.gone


def test_the_bans_are_listed_until_they_run_out(house, admin):
    admin.asks(BanFromServer("bob", "10s", "spam"))
    house.advance(1)
    admin.asks(BanFromServer("192.0.2.0/24"))
    start = house.clock.seconds() - 1
    found = admin.answer(ListServerBans(), Bans)
    assert (found.room, found.more) == ("", 0)
    rows = [(row.target, row.reason, row.by, row.at, row.until) for row in found.bans]
    assert rows == [("192.0.2.0/24", "", "root1", start + 1, None), ("bob", "spam", "root1", start, start + 10)]
    house.advance(9)
    assert [row.target for row in admin.answer(ListServerBans(), Bans).bans] == ["192.0.2.0/24"]


def value(target="x"):
    return {"target": target, "reason": "", "by": "x", "at": 0.0, "until": None}


def test_the_newest_are_listed_and_the_rest_counted(house, admin):
    house.change_from_outside(
        *(RecordChange("", "ban", f"nick:p{number}", value(f"p{number}")) for number in range(ROWS_PER_PAGE + 3))
    )
    found = admin.answer(ListServerBans(), Bans)
    assert (len(found.bans), found.more) == (ROWS_PER_PAGE, 3)


def test_the_list_is_as_long_as_the_bound_and_what_has_run_out_makes_room():
    house = BareHouse(bans=2)
    admin = house.owner("root1", admin=True)
    admin.asks(BanFromServer("bob", "10s"))
    admin.asks(BanFromServer("carl"))
    assert admin.refusal(BanFromServer("dan")) == TooMany.code
    house.advance(10)
    admin.asks(BanFromServer("dan"))
    assert sorted(house.core.server_state.bans) == ["nick:carl", "nick:dan"]


def test_a_ban_ends_the_logins_of_an_account_for_good(house, admin):
    boss = house.owner("boss", resumes=True)
    token = boss.shown(LoggedIn)[-1].resume
    admin.asks(BanFromServer("account:boss"))
    admin.asks(UnbanFromServer("account:boss"))
    assert boss.session.gone and house.connect().refusal(Hello("boss", resume=token)) == "cannot_resume"
    assert house.owner("boss").person.account is not None


def test_a_lifted_ban_keeps_out_nobody(house, admin):
    admin.asks(BanFromServer("bob"))
    assert house.connect().refusal(Hello("bob")) == BannedHere.code
    [told] = admin.asks(UnbanFromServer("BOB"))
    assert isinstance(told, Notice) and house.join("bob").nick == "bob"


def entries(page):
    return [event.text for _, event in page.events]


def test_the_audit_log_is_shown_by_pages_oldest_first(house, admin):
    for number in range(5):
        admin.asks(Announce(str(number)))
    found = admin.answer(ShowAudit(2), AuditLog)
    assert entries(found) == ["3", "4"] and found.more
    assert [seq for seq, _ in found.events] == [4, 5]
    found = admin.answer(ShowAudit(3, before=4), AuditLog)
    assert entries(found) == ["0", "1", "2"] and not found.more
    assert admin.answer(ShowAudit(2, before=4), AuditLog).more


def test_an_empty_log_is_shown_as_one(admin):
    assert admin.answer(ShowAudit(), AuditLog) == AuditLog((), more=False)


def test_so_many_entries_at_a_time_and_no_more(house, admin):
    most = house.limits.page
    assert admin.refusal(ShowAudit(most + 1)) == BadInput.code
    assert admin.answer(ShowAudit(most), AuditLog) and ShowAudit() == ShowAudit(20)
