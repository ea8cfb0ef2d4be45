"""Private conversations: between two, and with who is away."""

from __future__ import annotations

import pytest

from chatroom.chat.commands.accounts import LogIn, LogOut
from chatroom.chat.commands.corrections import AnswerMessage, DeleteMessage, EditMessage
from chatroom.chat.commands.identity import Hello, Rename
from chatroom.chat.commands.messages import Act, Answer, Say, Whisper
from chatroom.chat.commands.preferences import GoAway, Ignore
from chatroom.chat.commands.reading import CatchUpWithRoom, ListConversations, ListUnread, MarkRead
from chatroom.chat.commands.rooms import History, Search
from chatroom.chat.commands.server import Quit
from chatroom.chat.events import Delivered, Whispered
from chatroom.chat.fair_queue import MISSED_A_LINE
from chatroom.chat.ports import JournalError
from chatroom.chat.refusals import BadInput, NotHere, NotNow, NotStored, TooLong, TooMany
from chatroom.chat.replies import Conversations, HistoryPage, Notice, ReadUpTo, Refused, SearchResults, Unread
from chatroom.chat.rooms import direct_messages

from .bare import PASSWORD, BareHouse


@pytest.fixture
def ann(house):
    return house.join("ann")


@pytest.fixture
def bob(house):
    return house.join("bob", resumes=True)


def heard(person):
    return [event.text for event in person.shown(Whispered)]


def conversation(person):
    [name] = [name for name in person.person.seats if name.startswith("@")]
    return name


def test_only_the_two_hear_it(house, ann, bob):
    carl = house.join("carl")
    ann.asks(Whisper("BOB", "psst"))
    assert heard(ann) == heard(bob) == ["psst"] and heard(carl) == []
    assert [event.to for event in bob.shown(Whispered)] == ["bob"]
    assert conversation(ann) == conversation(bob) == "@" + ":".join(sorted((ann.person.party, bob.person.party)))


def test_there_is_somebody(ann):
    assert ann.refusal(Whisper("nobody", "psst")) == NotHere.code


# Notes to oneself.


def test_a_note_to_oneself_is_a_conversation_of_one(house, ann, bob):
    assert ann.asks(Whisper("ANN", "milk"))[-1].to == "ann"
    assert heard(ann) == ["milk"] and heard(bob) == []
    party = ann.person.party
    assert conversation(ann) == f"@{party}:{party}" == house.hub.direct_messages.name_of(ann.person, ann.person)
    assert not ann.person.correspondent and ann.refusal(Answer("what?")) == NotHere.code


def test_both_sessions_see_a_note_once(house):
    first, second = house.owner("boss"), house.owner("boss")
    second.asks(Whisper("boss", "milk"), "mark")
    assert second.person is first.person and heard(first) == heard(second) == ["milk"]
    assert [event.ref for event in second.shown(Whispered)] == ["mark"]


def test_nobody_is_told_that_they_are_away_themselves(ann):
    ann.asks(GoAway("lunch"))
    assert not any(isinstance(one, Notice) for one in ann.asks(Whisper("ann", "milk")))


def test_notes_are_never_unread_and_found_again_after_a_restart(house):
    ann = house.owner("ann")
    ann.asks(Whisper("ann", "milk"))
    name = conversation(ann)
    assert not ann.answer(ListUnread(), Unread).rooms

    house = house.restarted()
    ann = house.owner("ann")
    assert ann.person.identity and not ann.answer(ListUnread(), Unread).rooms
    [row] = ann.answer(ListConversations(), Conversations).conversations
    assert (row.room, row.nick, row.unread) == (name, "ann", 0)
    assert [event.text for _, event in ann.answer(History(room=name), HistoryPage).events] == ["milk"]
    assert [event.text for _, event in ann.answer(CatchUpWithRoom("ann"), HistoryPage).events] == ["milk"]
    assert ann.answer(MarkRead(name, 1), ReadUpTo).unread == 0
    ann.asks(Say("bread", name))
    assert [event.text for _, event in ann.answer(Search("bread"), SearchResults).events] == ["bread"]


def test_notes_can_be_edited_answered_and_deleted(ann):
    ann.asks(Whisper("ann", "milk"))
    name = conversation(ann)
    ann.asks(EditMessage("bread", 1, name))
    ann.asks(AnswerMessage("butter", 1, name))
    ann.asks(DeleteMessage(1, room=name))
    assert [event.text for _, event in ann.answer(History(room=name), HistoryPage).events][-1] == "butter"


def test_notes_are_read_by_nobody_else(house, ann, bob):
    ann.asks(Whisper("ann", "milk"))
    assert bob.refusal(History(room=conversation(ann))) == NotHere.code
    assert bob.refusal(Say("hi", conversation(ann))) == NotHere.code
    assert not bob.answer(Search("milk"), SearchResults).events


def test_a_guest_who_logs_in_has_other_notes(house):
    house.owner("ann").breaks()
    guest = house.join("guest")
    guest.asks(Whisper("guest", "milk"))
    name = conversation(guest)
    guest.asks(LogIn("ann", PASSWORD))
    assert guest.refusal(Say("bread", name)) == NotHere.code
    guest.asks(Whisper("ann", "bread"))
    assert not guest.answer(ListUnread(), Unread).rooms and heard(guest) == ["milk", "bread"]


def test_whoever_has_a_nick_that_they_ignore_sees_their_notes(house, ann):
    ann.asks(Ignore("anna"))
    ann.asks(Rename("anna"))
    ann.asks(Whisper("anna", "milk"))
    assert heard(ann) == ["milk"]


# With others.


def test_what_was_said_to_somebody_who_leaves_before_it_is_stored_is_shown_to_its_author(house, ann, bob):
    ann.begins(Whisper("bob", "psst"), "mark")
    house.hub.end(bob.session, "")
    house.settle()
    assert [event.ref for event in ann.shown(Whispered)] == ["mark"]


def test_an_answer_goes_to_who_whispered_last(house, ann, bob):
    carl = house.join("carl")
    assert bob.refusal(Answer("what?")) == NotHere.code
    ann.asks(Whisper("bob", "psst"))
    carl.asks(Whisper("bob", "me too"))
    bob.asks(Answer("what?"))
    assert heard(carl)[-1] == "what?" and heard(ann) == ["psst"]
    carl.breaks()
    assert bob.refusal(Answer("hello?")) == NotHere.code


def test_who_is_ignored_is_not_answered(ann, bob):
    bob.asks(Ignore("ann"))
    ann.asks(Whisper("bob", "psst"))
    assert bob.refusal(Answer("what?")) == NotHere.code


@pytest.mark.parametrize(("text", "notices"), [("lunch", 1), ("", 1), (None, 0)])
def test_who_is_away_is_said_to_be(ann, bob, text, notices):
    if text is not None:
        bob.asks(GoAway(text))
    shown = ann.asks(Whisper("bob", "psst"))
    assert [type(one) for one in shown] == [Whispered] + [Notice] * notices
    told = [one.text for one in shown if isinstance(one, Notice)]
    assert all(text in one and (":" in one) is bool(text) for one in told)


def test_what_cannot_be_stored_is_refused(house, ann, bob):
    house.journal.broken = JournalError("the disk is full")
    ann.asks(Whisper("bob", "psst"))
    assert heard(bob) == [] and ann.shown(Refused)[-1].code == NotStored.code
    assert bob.refusal(Answer("what?")) == NotHere.code


def test_one_has_so_many_conversations_and_the_listener_too():
    house = BareHouse(conversations=2)
    ann, *others = [house.join(nick) for nick in ("ann", "bob", "carl", "dan")]
    for nick in ("bob", "carl"):
        ann.asks(Whisper(nick, "psst"))
    ann.asks(Whisper("bob", "again"))
    assert ann.refusal(Whisper("dan", "psst")) == TooMany.code
    assert others[2].refusal(Whisper("ann", "psst")) == TooMany.code
    others[1].breaks()
    ann.asks(Whisper("dan", "psst"))
    assert heard(others[2]) == ["psst"]


def test_a_conversation_whose_other_end_left_makes_room():
    house = BareHouse(conversations=1)
    ann, bob = house.join("ann"), house.owner("bob")
    house.account("carl")
    ann.asks(Whisper("carl", "for later"))
    [former] = [name for name in ann.person.seats if name.startswith("@")]
    ann.asks(Whisper("bob", "psst"))
    assert heard(bob) == ["psst"] and ann.person.conversations == 1
    assert house.hub.rooms.get(former) is None, "it is held in memory no longer"


def test_who_is_away_for_good_is_given_it_at_the_next_login_once(house, ann):
    house.account("boss")
    shown = ann.asks(Whisper("boss", "one"))
    ann.asks(Whisper("boss", "two"))
    assert [type(one) for one in shown] == [Whispered, Notice]
    boss = house.owner("boss")
    [page] = boss.shown(HistoryPage)
    assert [event.text for _, event in page.events] == ["one", "two"] and heard(boss) == []
    assert house.kinds(page.room)[-1] is Delivered
    ann.asks(Whisper("boss", "three"))
    assert heard(boss) == ["three"]
    boss.breaks()
    assert house.owner("boss").shown(HistoryPage) == []


def test_who_logs_in_while_it_is_being_stored_is_given_it(house, ann, bob):
    house.account("boss")
    ann.begins(Whisper("boss", "psst"))
    bob.begins(LogIn("boss", PASSWORD))
    house.settle()
    [page] = bob.shown(HistoryPage)
    assert [event.text for _, event in page.events] == ["psst"] and heard(bob) == []


def test_what_was_read_before_is_not_given_again(house, ann):
    boss = house.owner("boss")
    ann.asks(Whisper("boss", "heard"))
    boss.breaks()
    ann.asks(Whisper("boss", "missed"))
    [page] = house.owner("boss").shown(HistoryPage)
    assert [event.text for _, event in page.events] == ["missed"]


def test_so_many_wait_and_no_more(monkeypatch, house, ann):
    monkeypatch.setattr(direct_messages, "UNREAD", 3)
    house.account("boss")
    for number in range(3):
        ann.asks(Whisper("boss", str(number)))
    assert ann.refusal(Whisper("boss", "3")) == TooMany.code
    house.join("carl").asks(Whisper("boss", "from another"))
    pages = house.owner("boss").shown(HistoryPage)
    assert sorted(len(page.events) for page in pages) == [1, 3]


@pytest.mark.parametrize("text", ["", "x" * 5000])
def test_a_message_that_cannot_be_said_is_not_left_either(house, ann, text):
    house.account("boss")
    assert ann.refusal(Whisper("boss", text)) in (BadInput.code, TooLong.code)
    assert house.owner("boss").shown(HistoryPage) == []


def test_nothing_is_begun_when_everyone_is_sent_home(house, ann, bob):
    house.account("boss")
    house.core.closing = True
    assert ann.refusal(Whisper("bob", "psst")) == ann.refusal(Whisper("boss", "psst")) == NotNow.code


def test_who_is_back_has_their_conversations_again(house, ann, bob):
    ann.asks(Whisper("bob", "one"))
    name, seen = conversation(bob), bob.seqs(conversation(bob))[-1]
    token = bob.token
    house.hub.end(bob.session, "gone")
    house.settle()
    ann.says("meanwhile")
    again = house.connect(resumes=True)
    again.asks(Hello("bob", resume=token, seen={name: seen - 1}))
    assert again.is_in(name) and heard(again) == ["one"]
    ann.asks(Whisper("bob", "two"))
    assert heard(again) == ["one", "two"]


def test_who_does_not_say_what_they_have_seen_of_it_is_shown_all(house, ann, bob):
    for text in ("one", "two"):
        ann.asks(Whisper("bob", text))
    house.hub.end(bob.session, "gone")
    house.settle()
    assert heard(bob.returns()) == ["one", "two"]


def test_each_conversation_and_what_was_missed_of_it_is_paid_for(house, ann, bob):
    for number in range(50):
        ann.asks(Whisper("bob", str(number)))
    name, token, identity = conversation(bob), bob.token, bob.person.identity
    costs = []
    for seen in (50, 0):
        house.hub.end(house.core.people[identity].session, "gone")
        house.advance(60)
        again = house.connect(resumes=True)
        again.asks(Hello("bob", ("tea",), resume=token, seen={name: seen}))
        costs.append(house.limits.burst - again.session.budget.level)
    assert costs[1] - costs[0] == pytest.approx(50 / MISSED_A_LINE) and costs[0] > direct_messages._TAKEN_UP


def test_who_logs_out_leaves_the_conversations_of_the_account_and_keeps_the_rooms(house, ann):
    boss = house.owner("boss")
    ann.asks(Whisper("boss", "psst"))
    name = conversation(boss)
    boss.asks(LogOut())
    assert not boss.is_in(name) and boss.is_in("lobby")
    ann.asks(Whisper("boss", "later"))
    assert heard(boss) == ["psst"], "whoever that is now, it is for the account"
    boss.asks(LogIn("boss", PASSWORD))
    assert [event.text for _, event in boss.shown(HistoryPage)[-1].events] == ["later"]


# What happens while the conversation is read.


@pytest.fixture
def slow(house, ann, bob):
    """The house, whose journal takes a second for each read."""
    house.account("boss")
    house.journal.seconds = 1.0
    return house


def whispered(house, ann, to, meanwhile):
    """Have *ann* send a private message, change something while the conversation loads, and return the refusals."""
    ann.begins(Whisper(to, "psst"))
    house.advance(1.5)
    meanwhile()
    house.advance(5)
    house.journal.seconds = 0.0
    assert not [name for name in house.hub.rooms if name.conversation and name.users], "nothing is held any more"
    return [one.code for one in ann.shown(Refused)]


@pytest.mark.parametrize("to", ["bob", "boss"])
def test_who_goes_meanwhile_says_nothing(slow, ann, bob, to):
    whispered(slow, ann, to, ann.breaks)
    assert heard(bob) == [] and slow.owner("boss").shown(HistoryPage) == []


def test_whoever_it_is_for_may_have_gone(slow, ann, bob):
    assert whispered(slow, ann, "bob", lambda: slow.hub.end(bob.session, "gone")) == [NotHere.code]


def test_or_be_somebody_else_by_now(slow, ann, bob):
    assert whispered(slow, ann, "bob", lambda: bob.begins(LogIn("boss", PASSWORD))) == [NotNow.code]
    assert heard(bob) == []


@pytest.mark.parametrize("to", ["bob", "boss"])
def test_under_a_nick_that_is_somebody_elses_by_now_nothing_is_said(slow, ann, bob, to):
    assert whispered(slow, ann, to, lambda: slow.account("ann")) == [NotNow.code]
    assert heard(bob) == []


def test_who_comes_in_meanwhile_is_told_directly_the_next_time(slow, ann, bob):
    assert whispered(slow, ann, "boss", lambda: bob.begins(LogIn("boss", PASSWORD))) == [NotNow.code]
    ann.asks(Whisper("boss", "now"))
    assert heard(bob) == ["now"]


def test_an_account_that_is_deleted_meanwhile_is_given_nothing(slow, ann):
    deleted = slow.core.accounts.of("boss").forgotten()
    assert whispered(slow, ann, "boss", lambda: slow.change_from_outside(*deleted)) == [NotHere.code]


def test_what_was_left_waits_until_the_other_end_takes_it(house, ann, bob):
    house.account("boss")
    ann.asks(Whisper("boss", "psst"))
    bob.outlet.full = True
    ann.says("fills them up")
    bob.begins(LogIn("boss", PASSWORD))
    house.settle()
    assert bob.shown(HistoryPage) == []
    bob.outlet.drain()
    house.settle()
    assert len(bob.shown(HistoryPage)) == 1


def test_who_goes_before_that_is_given_it_the_next_time(house, ann, bob):
    house.account("boss")
    ann.asks(Whisper("boss", "psst"))
    bob.outlet.full = True
    ann.says("fills them up")
    bob.begins(LogIn("boss", PASSWORD))
    house.settle()
    house.hub.end(bob.session, "gone")
    house.settle()
    assert bob.shown(HistoryPage) == []
    assert len(house.owner("boss").shown(HistoryPage)) == 1


def test_long_messages_that_were_left_come_in_several_pages_oldest_first(house, ann):
    house.account("boss")
    for number in range(12):
        ann.asks(Whisper("boss", f"{number} " + "x" * 4000))
    pages = house.owner("boss").shown(HistoryPage)
    texts = [event.text.split()[0] for page in pages for _, event in page.events]
    assert len(pages) > 1 and texts == [str(number) for number in range(12)]


# Addressed by conversation, not by nick.


def test_a_line_in_a_conversation_goes_to_its_other_party(house, ann, bob):
    ann.asks(Whisper("bob", "psst"))
    name = conversation(ann)
    bob.asks(Say("yes?", name), ref="r")
    bob.asks(Act("waves", name))
    assert heard(ann) == heard(bob) == ["psst", "yes?", "* bob waves"]


def test_it_follows_the_person_and_not_the_nick(house, ann, bob):
    ann.asks(Whisper("bob", "psst"))
    bob.asks(Rename("bobby"))
    stranger = house.join("bob")
    ann.asks(Say("is that you?", conversation(ann)))
    assert heard(bob) == ["psst", "is that you?"] and heard(stranger) == []


def test_a_stranger_who_takes_the_nick_of_who_left_gets_nothing(house, ann):
    bob = house.join("bob")
    ann.asks(Whisper("bob", "psst"))
    name = conversation(ann)
    bob.asks(Quit())
    stranger = house.join("bob")
    assert ann.refusal(Say("still there?", name)) == NotHere.code and heard(stranger) == []


def test_somebody_who_logs_in_meanwhile_is_another_party(house, ann, bob):
    house.account("bob2")
    ann.asks(Whisper("bob", "psst"))
    name = conversation(ann)
    bob.asks(LogIn("bob2", PASSWORD))
    assert ann.refusal(Say("still there?", name)) == NotHere.code
    assert bob.refusal(Say("still there?", name)) == NotHere.code


def test_somebody_who_logs_in_in_the_same_moment_is_not_reached_elsewhere(house, ann, bob):
    """What was meant for the conversation with a guest never appears in the one with an account."""
    account = house.account("bob2")
    ann.asks(Whisper("bob", "psst"))
    ann.begins(Say("one more line in the lobby"))
    ann.begins(Say("still there?", conversation(ann)))
    house.core.people.log_in(bob.person, account)
    house.settle()
    assert heard(bob) == ["psst"] and ann.shown(Refused)[-1].code == NotNow.code


def test_an_account_that_is_offline_gets_it_later(house, ann):
    boss = house.owner("boss")
    ann.asks(Whisper("boss", "psst"))
    name = conversation(ann)
    boss.asks(Quit())
    ann.asks(Say("read this later", name))
    assert "offline" in ann.shown(Notice)[-1].text
    assert [event.text for _, event in house.owner("boss").shown(HistoryPage)[-1].events][-1] == "read this later"


@pytest.mark.parametrize("name", ["@", "@a", "@a:b", "@a:b:c", "@:"])
def test_nobody_speaks_in_the_conversations_of_others(house, ann, name):
    bob, carl = house.join("bob"), house.join("carl")
    bob.asks(Whisper("carl", "psst"))
    for one in (name, conversation(bob), f"@{bob.person.party}:{bob.person.party}", f"@{ann.person.party}:nobody"):
        assert ann.asks(Say("me too", one))[0].code in (NotHere.code, BadInput.code)
    assert heard(carl) == ["psst"] and heard(ann) == []


def test_what_is_taken_back_before_the_other_end_takes_it_is_not_shown(house, ann, bob):
    house.account("boss")
    ann.asks(Whisper("boss", "hunterzwei"))
    [room] = {event.room for event in ann.shown(Whispered)}
    bob.outlet.full = True
    ann.says("fills them up")
    bob.begins(LogIn("boss", PASSWORD))
    house.settle()
    ann.asks(DeleteMessage(1, "", room))
    bob.outlet.drain()
    house.settle()
    assert [event.text for page in bob.shown(HistoryPage) for _, event in page.events] == [""]


# Changes in a conversation that is not open.


@pytest.mark.parametrize("change", [DeleteMessage, lambda seq, room: EditMessage("public", seq, room)])
def test_both_are_shown_what_becomes_of_a_message_whose_author_had_left(house, bob, change):
    ann = house.owner("ann")
    ann.asks(Whisper("bob", "secret"))
    name = conversation(ann)
    ann.asks(Quit())
    again = house.owner("ann")
    assert name not in bob.person.seats and name not in again.person.seats
    changed = again.asks(change(1, room=name), "ref")[-1]
    assert changed.re == 1 and changed.ref == "ref"
    assert [event for event in bob.outlet.everything if event == changed]


def test_only_what_was_not_delivered_is_when_some_of_what_happened_were_changes(house, bob):
    house.account("carl")
    ann, carl = house.owner("ann"), house.owner("carl")
    ann.asks(Whisper("carl", "heard"))
    name = conversation(ann)
    carl.asks(Quit())
    ann.asks(Whisper("carl", "mised"))
    for text in ("misssed", "missed"):
        ann.asks(EditMessage(text, 2, name))
    again = house.owner("carl")
    [page] = again.shown(HistoryPage, name)
    assert [event.text for _, event in page.events] == ["missed"]


def test_who_is_given_messages_that_waited_answers_their_author(house):
    house.account("bob")
    ann, carol = house.owner("ann"), house.join("carol")
    ann.asks(Whisper("bob", "are you there?"))
    guest = house.join("x")
    carol.asks(Whisper("x", "hi"))
    guest.asks(LogIn("bob", PASSWORD))
    guest.asks(Answer("the door code is 1234"))
    assert heard(ann)[-1] == "the door code is 1234" and "1234" not in "".join(heard(carol))


def test_who_is_given_messages_of_somebody_who_has_left_answers_nobody(house):
    house.account("bob")
    ann, carol = house.owner("ann"), house.join("carol")
    ann.asks(Whisper("bob", "are you there?"))
    ann.asks(Quit())
    guest = house.join("x")
    carol.asks(Whisper("x", "hi"))
    guest.asks(LogIn("bob", PASSWORD))
    assert guest.refusal(Answer("the door code is 1234")) == NotHere.code
