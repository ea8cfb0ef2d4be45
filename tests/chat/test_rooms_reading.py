"""Reading: how far people have read, and what waits for them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from chatroom.chat.commands.accounts import LogIn, LogOut, Register, ShowAccount
from chatroom.chat.commands.identity import Hello, Rename
from chatroom.chat.commands.messages import Say, Whisper
from chatroom.chat.commands.moderation import Kick
from chatroom.chat.commands.preferences import Ignore, Unignore
from chatroom.chat.commands.reading import CatchUpWithRoom, ListConversations, ListUnread, MarkRead
from chatroom.chat.commands.rooms import Join, Leave
from chatroom.chat.commands.server import Quit
from chatroom.chat.event import BOT
from chatroom.chat.events import Said
from chatroom.chat.ports import READING, Waiting
from chatroom.chat.refusals import NotHere
from chatroom.chat.replies import Conversations, HistoryPage, Notice, ReadUpTo, Refused, RoomEntered, Unread
from chatroom.chat.rooms.history import TAIL
from chatroom.chat.rooms.reading import Return
from tests.stand_ins import SlowReads

from .bare import PASSWORD, Bare, BareHouse


@pytest.fixture
def boss(house: BareHouse) -> Bare:
    return house.owner("boss", "dev")


@pytest.fixture
def bob(house: BareHouse) -> Bare:
    return house.join("bob", "dev")


def unread(one: Bare) -> dict[str, tuple[int, int]]:
    return {row.nick or row.room: (row.unread, row.mentions) for row in one.answer(ListUnread(), Unread).rooms}


def test_what_others_say_waits_until_it_has_been_read(house, boss, bob):
    bob.says("one", "boss: two")
    assert unread(boss) == {"dev": (2, 1)}
    told = boss.answer(MarkRead("dev", house.room("dev").shown - 1), ReadUpTo)
    assert (told.unread, told.mentions) == (1, 1)
    boss.asks(MarkRead())
    assert unread(boss) == {}


def test_a_position_never_goes_back_nor_beyond_the_end(house, boss, bob):
    bob.says("one")
    assert boss.answer(MarkRead("dev", 10**9), ReadUpTo).seq == house.room("dev").shown
    assert boss.answer(MarkRead("dev", -5), ReadUpTo).seq == house.room("dev").shown


@pytest.mark.parametrize("name", ["attic", "@a:b", "@", "", "\x00", "@boss-id"])
def test_of_other_rooms_there_is_none(boss, name):
    assert boss.refusal(MarkRead(name, 1)) == "not_here"


def test_half_of_it_is_no_command(boss):
    assert boss.refusal(MarkRead("dev")) == "bad_input" == boss.refusal(MarkRead(seq=3))


def test_every_session_is_told(house, boss, bob):
    phone = house.owner("boss")
    bob.says("one")
    phone.asks(MarkRead("dev", house.room("dev").shown))
    assert [(one.room, one.unread) for one in boss.shown(ReadUpTo)] == [("dev", 0)]


def test_rooms_and_positions_are_there_after_a_restart(house, boss, bob):
    bob.says("one")
    boss.asks(MarkRead("dev", house.room("dev").shown))
    boss.asks(Join("attic"))
    boss.asks(Quit())
    house.advance(10)
    bob.says("two", "boss: three")
    later = house.restarted()
    again = later.owner("boss")
    assert set(again.person.seats) == {"dev", "attic"}
    [dev] = [one for one in again.shown(RoomEntered) if one.room == "dev"]
    assert (dev.unread, dev.mentions) == (2, 1)


class Asked(SlowReads):
    """A journal that notes what it is asked to count."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock.callLater, now=clock.seconds)
        self.after: list[Mapping[str, int]] = []

    def waiting(self, account: str, after: Mapping[str, int]) -> Deferred[dict[str, Waiting]]:
        self.after.append(after)
        return super().waiting(account, after)


def test_only_what_is_not_in_memory_is_counted_by_the_journal():
    clock = Clock()
    house = BareHouse(journal=Asked(clock), clock=clock)
    boss = house.owner("boss", "dev", "den")
    bob = house.join("bob", "dev", "den")
    for room, lines in (("dev", 2), ("den", TAIL + 1)):
        bob.session.current = room
        bob.says(*["boss: hello"] * lines)
    boss.asks(Quit())
    house.journal.after.clear()
    again = house.owner("boss")
    found = {one.room: (one.unread, one.mentions) for one in again.shown(RoomEntered)}
    assert found == {"dev": (2, 2), "den": (TAIL + 1, TAIL + 1)}
    assert [list(one) for one in house.journal.after] == [["den"]]


def test_what_is_said_while_somebody_comes_back_waits_for_them_too(house, boss, bob):
    boss.asks(Quit())
    bob.says("one")
    bob.begins(Say("two"))
    again = house.connect()
    again.begins(Hello("boss", password=PASSWORD))
    house.settle()
    [dev] = again.shown(RoomEntered)
    assert (dev.unread, dev.seq) == (2, house.room("dev").shown - 1)


def test_leaving_and_being_kicked_is_for_good(house, boss, bob):
    boss.asks(Join("attic"))
    boss.asks(Leave("attic"))
    house.room("dev").state.operators[bob.person.party] = "bob"
    house.room("dev").state.operators.pop("boss-id", None)
    bob.asks(Kick("boss", room="dev"))
    boss.asks(Quit())
    assert set(house.owner("boss").person.seats) == {"lobby"}


def test_a_remembered_room_that_refuses_is_said_once(house, boss, bob):
    boss.asks(Quit())
    house.room("dev").state.operators[bob.person.party] = "bob"
    house.room("dev").state.settings["lock"] = "invited"
    house.room("dev").state.operators.pop("boss-id", None)
    assert set(house.owner("boss").person.seats) == set()
    house.room("dev").state.settings["lock"] = ""
    for session in house.core.people.owner(house.core.accounts.of("boss")).sessions:
        session.quit("")
    assert set(house.owner("boss").person.seats) == {"lobby"}


def test_private_messages_wait_and_conversations_are_listed(house, boss, bob):
    bob.asks(Whisper("boss", "psst"))
    assert unread(boss) == {"bob": (1, 0)}
    boss.asks(Quit())
    house.advance(10)
    bob.asks(Whisper("boss", "one"))
    bob.asks(Whisper("boss", "two"))
    again = house.owner("boss")
    [row] = again.answer(ListConversations(), Conversations).conversations
    assert (row.nick, row.unread) == ("bob", 3) and unread(again) == {"bob": (3, 0)}
    again.asks(MarkRead(row.room, row.seq))
    assert unread(again) == {}


def test_the_list_of_conversations_counts_as_the_list_of_what_waits_does(house, boss, bob):
    bob.asks(Whisper("boss", "one"))
    for expected in (1, 2):
        [row] = boss.answer(ListConversations(), Conversations).conversations
        assert (row.read, row.unread) == (0, expected) and unread(boss) == {"bob": (expected, 0)}
        bob.asks(Whisper("boss", "two"))
    boss.asks(Whisper("bob", "mine"))
    [row] = boss.answer(ListConversations(), Conversations).conversations
    assert row.unread == 3 and unread(boss) == {"bob": (3, 0)}
    boss.asks(MarkRead(row.room, row.seq))
    boss.asks(Whisper("bob", "mine, too"))
    [row] = house.owner("boss").answer(ListConversations(), Conversations).conversations
    assert row.unread == 0 and unread(boss) == {}


def test_nothing_waits_from_somebody_who_is_ignored(house, boss, bob):
    boss.asks(Ignore("bob"))
    bob.says("one", "boss: two")
    bob.asks(Whisper("boss", "psst"))
    house.join("eve", "dev").says("three")
    assert unread(boss) == {"dev": (1, 0)}
    boss.asks(Quit())
    house.advance(10)
    bob.says("boss: four")
    bob.asks(Whisper("boss", "psst!"))
    again = house.owner("boss")
    [row] = again.answer(ListConversations(), Conversations).conversations
    assert unread(again) == {"dev": (1, 0)} and row.unread == 0
    again.asks(Unignore("bob"))
    assert unread(again) == {"bob": (2, 0), "dev": (4, 2)}


def test_what_a_guest_wrote_waits_when_the_guest_has_left(house, boss):
    eve, zoe = house.join("eve"), house.join("zoe")
    eve.asks(Whisper("boss", "one"))
    eve.asks(Quit())
    assert unread(boss) == {"eve": (1, 0)}
    boss.asks(Quit())
    zoe.asks(Whisper("boss", "two"))
    zoe.asks(Quit())
    house.advance(10)
    boss = house.owner("boss")
    assert unread(boss) == {"eve": (1, 0), "zoe": (1, 0)}
    rows = boss.answer(ListConversations(), Conversations).conversations
    assert {row.nick for row in rows} == {"eve", "zoe"}
    for nick, text in (("Zoe", "two"), ("eve", "one")):
        assert boss.answer(CatchUpWithRoom(nick), HistoryPage).events[0][1].text == text
    assert unread(boss) == {} and boss.refusal(CatchUpWithRoom("bob")) == NotHere.code


def test_catching_up_shows_it_and_has_read_it(house, boss, bob):
    bob.says("one", "two")
    page = boss.answer(CatchUpWithRoom(), HistoryPage)
    assert [event.text for _, event in page.events] == ["one", "two"] and unread(boss) == {}


def test_who_has_read_everything_is_not_told_that_nothing_was_said(house, boss, bob):
    assert not boss.answer(CatchUpWithRoom(), HistoryPage).more
    bob.says("one")
    assert not boss.answer(CatchUpWithRoom(), HistoryPage).more
    page = boss.answer(CatchUpWithRoom(), HistoryPage)
    assert page.events == () and page.more
    boss.asks(Ignore("bob"))
    bob.says("two")
    assert boss.answer(CatchUpWithRoom(), HistoryPage).more, "what is new is hidden"


def test_more_than_is_in_memory_is_shown_in_pages(house, boss, bob):
    bob.says(*map(str, range(450)))
    assert unread(boss)["dev"][0] == 450
    shown = []
    for _ in range(5):
        answers = boss.asks(CatchUpWithRoom())
        shown += [event.text for one in answers if isinstance(one, HistoryPage) for _, event in one.events]
        if not any(isinstance(one, Notice) for one in answers):
            break
    assert shown == [str(number) for number in range(450)]


def test_what_is_typed_at_a_terminal_has_read_the_room_up_to_there(house, boss, bob):
    phone = house.owner("boss")
    bob.says("one")
    boss.outlet.asks = True
    boss.says("mine")
    assert phone.shown(ReadUpTo)[-1].seq == house.room("dev").shown and unread(phone) == {}


def test_what_comes_in_the_same_commit_after_what_is_typed_is_still_to_be_read(house, boss, bob):
    phone = house.owner("boss")
    boss.outlet.asks = True
    boss.session.receive(Say("mine"))
    bob.session.receive(Say("boss: look"))
    house.settle()
    told = phone.shown(ReadUpTo)[-1]
    assert (told.seq, told.unread, told.mentions) == (house.room("dev").shown - 1, 1, 1)
    assert unread(phone) == {"dev": (1, 1)}


def test_what_was_shown_at_a_terminal_does_not_wait_when_asked_for_there(house, boss, bob):
    phone = house.owner("boss")
    boss.outlet.asks = True
    bob.says("boss: one")
    assert unread(phone) == {"dev": (1, 1)}
    assert unread(boss) == {} == unread(phone)
    boss.asks(Join("attic"))
    bob.says("boss: two")
    assert unread(boss) == {"dev": (1, 1)}
    boss.asks(Join("dev"))
    assert unread(boss) == {"dev": (1, 1)}, "its lines were not shown"
    boss.says("read", room="dev")
    bob.says("boss: three")
    assert unread(boss) == {}


def test_what_somebody_was_shown_before_they_registered_does_not_wait(house, bob):
    ann = house.connect()
    ann.outlet.asks = True
    ann.asks(Hello("ann", ("dev",)))
    bob.says("ann: one")
    shown = ann.asks(Register(PASSWORD))
    assert ann.person.account is not None and not [one for one in shown if type(one) is Unread]


def test_guests_have_positions_as_long_as_they_are_here(house, bob):
    ann = house.join("ann", "dev")
    bob.says("ann: one")
    assert unread(ann) == {"dev": (1, 1)}
    ann.asks(MarkRead())
    assert unread(ann) == {}


def test_nothing_is_stored_any_more_for_an_account_that_is_deleted(house, boss, bob):
    bob.says("one")
    boss.asks(MarkRead())
    boss.asks(ShowAccount("delete", PASSWORD))
    house.advance(60)
    assert house.journal.find(READING, "boss-id").result == []


def test_nor_if_another_program_has_deleted_it(house, boss, bob):
    bob.says("one")
    boss.asks(MarkRead())
    house.change_from_outside(*boss.person.account.forgotten())
    house.advance(60)
    assert house.journal.find(READING, "boss-id").result == []


def test_who_has_logged_out_has_nothing_of_the_accounts_conversations(house, boss, bob):
    bob.asks(Whisper("boss", "psst"))
    [one] = boss.answer(ListConversations(), Conversations).conversations
    boss.asks(MarkRead(one.room, one.seq))
    boss.asks(LogOut())
    boss.asks(Rename("visitor"))
    bob.asks(Whisper("boss", "a secret"))
    assert unread(boss) == {}
    house.account("eve")
    boss.asks(LogIn("eve", PASSWORD))
    assert boss.nick == "eve" and unread(boss) == {}


def test_nothing_is_read_in_a_room_that_somebody_is_leaving(house, boss, bob):
    house.room("dev").state.operators = {bob.person.party: "bob"}
    bob.says("one")
    bob.begins(Kick("boss", room="dev"))
    boss.asks(MarkRead("dev", 3))
    assert "You are not in #dev." in [one.text for one in boss.shown(Refused)]
    house.advance(60)
    assert house.journal.find(READING, "boss-id").result == []


def test_who_is_removed_from_a_room_while_its_position_is_read_is_not_in_it(house, boss, bob):
    boss.asks(Quit())
    guest = house.join("guest", "dev", "new")
    keep = house.hub.ledger.keep

    async def slow(changes):
        await keep(changes)
        if any(one.kind == READING for one in changes):
            house.hub.membership.unseat(guest.person.seats["dev"])

    house.hub.ledger.keep = slow
    guest.asks(LogIn("boss", PASSWORD))
    assert guest.nick == "boss" and not house.runtime.bugs


def test_reading_everything_passes_over_a_room_that_is_lost_meanwhile(house, boss, bob):
    for room in ("ops", "tea"):
        boss.asks(Join(room))
        bob.asks(Join(room))
        bob.says("hi", room=room)
    bob.says("hi", room="dev")
    use = house.hub.rooms.use

    async def slow(name, *charge):
        room = await use(name, *charge)
        if name == "dev":
            house.hub.membership.unseat(boss.person.seats["ops"])
        return room

    house.hub.rooms.use = slow
    boss.asks(MarkRead())
    assert unread(boss) == {}


def test_people_can_be_caught_up_with_by_their_nick(house, boss, bob):
    boss.asks(Quit())
    bob.asks(Whisper("boss", "one"))
    boss = house.owner("boss", "dev")
    page = boss.answer(CatchUpWithRoom("BOB"), HistoryPage)
    assert [event.text for _, event in page.events] == ["one"] and unread(boss) == {}
    bob.asks(Whisper("boss", "two"))
    assert boss.answer(CatchUpWithRoom(page.room), HistoryPage).events[0][1].text == "two"
    assert boss.refusal(CatchUpWithRoom("nobody")) == NotHere.code
    assert bob.refusal(CatchUpWithRoom("@boss-id:eve")) == NotHere.code


def test_a_room_comes_before_a_person_of_that_name(house, boss, bob):
    bob.asks(Whisper("boss", "psst"))
    boss.asks(Join("bob"))
    assert boss.answer(CatchUpWithRoom("Bob"), HistoryPage).room == "bob"


def test_who_has_been_logged_out_meanwhile_remembers_nothing(house, bob):
    loading = house.hub.reading.load(bob.person)
    with pytest.raises(StopIteration) as ended:
        loading.send(None)
    assert ended.value.value == Return()


def test_a_second_session_and_a_resumed_one_are_told_what_is_unread_however_much_that_is(house, boss, bob):
    laptop = house.owner("boss", resumes=True)
    bob.says(*["hello"] * TAIL, *["boss: look"] * 4, *["hello"] * TAIL)
    waiting = {"dev": (2 * TAIL + 4, 4)}
    phone = house.owner("boss")
    shown = house.room("dev").shown
    for back, missed in ((0, (0, 0)), (2, (2, 0)), (TAIL + 10, (TAIL + 10, 4))):
        one = laptop.returns(seen={"dev": shown - back}) if back else phone
        told = one.shown(ReadUpTo, "dev")[0]
        assert (told.unread + missed[0], told.mentions + missed[1]) == waiting["dev"]
        assert unread(one) == waiting


def test_if_that_cannot_be_read_nobody_is_kept_out(house, boss, bob):
    bob.says(*["hello"] * (2 * TAIL))
    house.journal.unreadable = True
    phone = house.connect()
    phone.begins(Hello("boss", password=PASSWORD))
    house.advance(1)
    assert [told.room for told in phone.shown(RoomEntered)] == ["dev"]


def test_who_was_absent_when_the_house_was_replaced_has_their_positions_by_whatever_they_come(house, bob):
    boss = house.owner("boss", "dev", resumes=True)
    bob.says("one", "boss: two")
    later = house.replaced()
    again = boss.returns(later)
    assert unread(again) == {"dev": (2, 1)}
    phone = later.owner("boss")
    assert unread(phone) == {"dev": (2, 1)}


def test_what_an_ignored_bot_posts_under_a_label_is_not_counted(house, boss, bob):
    boss.asks(Ignore("build"))
    event = Said("dev", house.clock.seconds(), f"{BOT}build", "build (grafana)", "boss: look")
    house.room("dev").append(bob.session, event)
    house.settle()
    assert unread(boss) == {}
