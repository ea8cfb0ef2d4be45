"""Changing: messages are edited, deleted, answered and reacted to, by whom the rules allow."""

from __future__ import annotations

import pytest

from chatroom.chat.changes import Deleted, Edited, Reacted
from chatroom.chat.commands.accounts import LogIn
from chatroom.chat.commands.corrections import AnswerMessage, DeleteMessage, EditMessage, ReactToMessage
from chatroom.chat.commands.identity import Hello, Rename
from chatroom.chat.commands.messages import Whisper
from chatroom.chat.commands.moderation import Kick, Mute
from chatroom.chat.commands.room_settings import Slow
from chatroom.chat.commands.rooms import History, Leave, Search
from chatroom.chat.commands.server import Quit
from chatroom.chat.events import Said, Whispered
from chatroom.chat.people.accounts import Account
from chatroom.chat.ports import JournalError
from chatroom.chat.refusals import NotStored
from chatroom.chat.replies import HistoryPage, Refused, RoomEntered, SearchResults

from .bare import PASSWORD, Bare, BareHouse

DEV = "dev"


@pytest.fixture
def ann(house: BareHouse) -> Bare:
    """Somebody who rules #dev."""
    return house.join("ann", DEV, resumes=True)


@pytest.fixture
def bob(house: BareHouse, ann: Bare) -> Bare:
    return house.join("bob", DEV)


def history(one: Bare) -> list[tuple[str, object]]:
    """What the history shows: each text, with its marks."""
    return [(event.text, event.marks) for _, event in one.answer(History(50), HistoryPage).events]


def last(house: BareHouse) -> int:
    return house.room(DEV).shown


def test_the_last_message_is_taken_back_and_nobody_is_shown_it_any_more(house, ann, bob):
    bob.says("hello", "my password")
    bob.asks(DeleteMessage())
    [deleted] = ann.shown(Deleted)
    assert (deleted.re, deleted.author, deleted.by_author, deleted.nick) == (4, "bob", True, "bob")
    texts = [text for text, _ in history(ann)]
    assert texts == ["hello", ""] and house.stored(DEV)[3].text == ""
    assert not ann.answer(Search("password"), SearchResults).events
    cat = house.join("cat", DEV)
    assert [event.text for _, event in cat.shown(RoomEntered)[0].recent] == ["hello", ""]


def test_operators_delete_what_others_said_and_that_is_audited(house, ann, bob):
    bob.says("nonsense")
    seq = last(house)
    assert bob.refusal(DeleteMessage(1)) == "bad_input"
    ann.says("sense")
    assert bob.refusal(DeleteMessage(last(house))) == "not_allowed"
    ann.asks(DeleteMessage(seq, "off topic"))
    [deleted] = bob.shown(Deleted)
    assert (deleted.re, deleted.author, deleted.by_author, deleted.reason) == (seq, "bob", False, "off topic")
    assert house.audited()[-1] == ("ann", "delete", DEV)
    assert ann.refusal(DeleteMessage(seq)) == "bad_input", "once is enough"


@pytest.mark.parametrize("seq", [0, -3, 99, 10**30])
def test_a_number_that_is_none_is_refused(house, ann, bob, seq):
    bob.says("hello")
    for command in (DeleteMessage(seq), EditMessage("x", seq), ReactToMessage("👍", seq), AnswerMessage("x", seq)):
        assert bob.refusal(command) == "bad_input"


def test_a_message_is_corrected_and_found_by_its_new_text(house, ann, bob):
    bob.says("helo")
    bob.asks(EditMessage("hello"))
    [edited] = ann.shown(Edited)
    assert (edited.re, edited.text) == (3, "hello")
    assert [(text, marks.edited) for text, marks in history(ann)] == [("hello", True)]
    [(_, found)] = ann.answer(Search("hello"), SearchResults).events
    assert found.text == "hello" and not ann.answer(Search("helo"), SearchResults).events
    ann.says("mine")
    assert ann.refusal(EditMessage("ours", 3)) == "not_allowed", "not even an operator"
    assert bob.refusal(EditMessage(" ", 3)) == "bad_input"
    assert bob.refusal(EditMessage("x" * 10_000, 3)) == "too_long"


def test_only_within_a_day(house, ann, bob):
    bob.says("helo")
    house.advance(house.limits.edit_within + 1)
    assert bob.refusal(EditMessage("hello")) == "not_allowed"
    never = BareHouse(edit_within=0)
    cat = never.join("cat")
    cat.says("helo")
    assert cat.refusal(EditMessage("hello")) == "not_allowed"


def test_a_reaction_is_added_and_taken_back(house, ann, bob):
    ann.says("done")
    bob.asks(ReactToMessage(":+1:"))
    assert [(one.emoji, one.added) for one in ann.shown(Reacted)] == [("👍", True)]
    [(_, marks)] = history(bob)
    assert [(one.emoji, one.nicks) for one in marks.reactions] == [("👍", ("bob",))]
    bob.asks(ReactToMessage("👍", 3))
    assert [(one.emoji, one.added) for one in ann.shown(Reacted)] == [("👍", True), ("👍", False)]
    assert history(bob) == [("done", None)]
    assert bob.refusal(ReactToMessage("hello")) == "bad_input"


def test_a_reaction_is_taken_back_after_a_new_nick_and_after_a_new_login(house, ann):
    """As whoever it was given by: that is what everybody has on the screen."""
    ann.says("done")
    seq = last(house)
    cat = house.join("cat", DEV)
    cat.asks(ReactToMessage("👍", seq))
    cat.asks(Rename("kitty"))
    cat.asks(ReactToMessage("👍", seq))
    boss = house.owner("boss", DEV)
    boss.asks(ReactToMessage("👍", seq))
    boss.session.quit("")
    house.advance(60)
    again = house.owner("boss", DEV)
    assert again.person.identity != boss.person.identity
    again.asks(ReactToMessage("👍", seq))
    assert [(one.nick, one.added) for one in ann.shown(Reacted)] == [
        ("cat", True),
        ("cat", False),
        ("boss", True),
        ("boss", False),
    ]
    assert history(again) == [("done", None)]


def test_an_answer_quotes_what_it_answers(house, ann, bob):
    ann.says("tea or coffee?", "well?")
    bob.asks(AnswerMessage("tea", 3))
    bob.asks(AnswerMessage("yes", 4))
    bob.asks(AnswerMessage("now"))
    said = [(event.text, event.marks.re, event.marks.quote.text) for event in ann.shown(Said) if event.marks]
    assert said == [("tea", 3, "tea or coffee?"), ("yes", 4, "well?"), ("now", 4, "well?")]
    ann.asks(DeleteMessage(3))
    assert [marks.quote.text for _, marks in history(bob) if marks and marks.re == 3] == [""]


def test_who_is_muted_takes_back_and_does_no_more(house, ann, bob):
    ann.says("hello")
    bob.says("bye")
    ann.asks(Mute("bob"))
    for command in (EditMessage("x"), ReactToMessage("👍"), AnswerMessage("x")):
        assert bob.refusal(command) == "muted"
    bob.asks(DeleteMessage(4, "an insult"))
    assert [one.reason for one in ann.shown(Deleted)] == [""]


def test_slow_mode_holds_for_answers(house, ann, bob):
    ann.says("hello")
    ann.asks(Slow(60))
    bob.says("one")
    assert bob.refusal(AnswerMessage("two")) == "too_soon"


def test_private_messages_can_be_changed_by_both_parties(house, ann, bob):
    bob.asks(Whisper("ann", "psst"))
    [room] = {event.room for event in ann.shown(Whispered)}
    ann.asks(ReactToMessage("👀", 1, room))
    ann.asks(AnswerMessage("what?", 1, room))
    assert ann.refusal(EditMessage("x", 1, room)) == "not_allowed"
    bob.asks(DeleteMessage(1, "", room))
    assert [one.re for one in ann.shown(Deleted)] == [1] and bob.shown(Whispered)[-1].marks.re == 1
    assert house.join("cat").refusal(DeleteMessage(1, "", room)) == "not_here"


def test_who_comes_back_to_an_account_still_owns_its_messages_and_nobody_else_does(house, bob):
    boss = house.owner("boss", DEV)
    boss.says("helo")
    seq = last(house)
    boss.asks(Quit())
    again = house.owner("boss", DEV)
    again.asks(EditMessage("hello", seq))
    assert bob.shown(Edited)[-1].text == "hello"
    assert bob.refusal(EditMessage("x", seq)) == "not_allowed"


def test_a_guest_had_the_nick_before_it_was_registered(house, ann):
    guest = house.join("boss", DEV)
    guest.says("mine")
    seq = last(house)
    guest.asks(Quit())
    house.advance(1)
    house.account("boss")
    boss = house.join("x", DEV)
    boss.asks(LogIn("boss", PASSWORD))
    assert boss.refusal(EditMessage("x", seq)) == "not_allowed"


def test_who_is_kicked_while_the_message_is_read_changes_nothing(house, ann, bob):
    bob.says("hello")
    bob.begins(DeleteMessage(3))
    ann.begins(Kick("bob"))
    house.settle()
    assert house.stored(DEV)[2].text == "hello" and bob.shown(Refused)


def test_what_is_deleted_while_it_is_edited_stays_deleted(house, ann, bob):
    bob.says("hunterzwei")
    bob.begins(EditMessage("hunterdrei", 3))
    ann.begins(DeleteMessage(3))
    house.settle()
    assert "hunter" not in str(house.stored(DEV)) and not [text for text, _ in history(ann) if text]
    assert "hunter" not in str(house.join("cat", DEV).outlet.everything)


def test_what_cannot_be_stored_has_not_happened(house, ann, bob):
    bob.says("hello")
    house.journal.broken = JournalError("the disk is full")
    assert NotStored.code in [one.code for one in bob.asks(DeleteMessage()) if type(one) is Refused]
    house.journal.broken = None
    assert [text for text, _ in history(ann)] == ["hello"]


def test_one_has_to_be_there(house, ann, bob):
    bob.says("hello")
    bob.asks(Leave(DEV))
    assert bob.refusal(DeleteMessage(3, "", DEV)) == "not_here"
    cat = house.connect()
    cat.asks(Hello("cat"))
    assert cat.refusal(DeleteMessage()) == "not_here", "nothing of theirs"


def test_whose_nick_is_registered_while_the_message_is_read_changes_nothing(house, ann, bob):
    ann.says("hello")
    account = Account("bob-id", "bob", "bob", "plain:x", admin=False, since=0.0, seen=None)
    house.core.fair_queue.call(lambda: house.core.accounts.put(account), 0.0)
    bob.begins(AnswerMessage("hi"))
    house.settle()
    assert [event.text for event in house.stored(DEV) if type(event) is Said] == ["hello"]
    assert bob.shown(Refused)[-1].code == "not_now"
