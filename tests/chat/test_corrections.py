"""Commands that change messages: what is typed, and which message it means."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatroom.chat.changes import Deleted, Edited, Reacted
from chatroom.chat.commands import parse_line
from chatroom.chat.commands.accounts import LogIn
from chatroom.chat.commands.corrections import AnswerMessage, DeleteMessage, EditMessage, ReactToMessage
from chatroom.chat.commands.messages import Say, Whisper
from chatroom.chat.commands.preferences import Ignore
from chatroom.chat.commands.rooms import History, Leave
from chatroom.chat.events import Said, Whispered
from chatroom.chat.replies import HistoryPage

from .bare import PASSWORD, Bare, BareHouse


@pytest.fixture
def ann(house: BareHouse) -> Bare:
    one = house.join("ann", "dev")
    one.says("one", "two")
    return one


@pytest.fixture
def bob(house: BareHouse, ann: Bare) -> Bare:
    return house.join("bob", "dev")


@pytest.mark.parametrize(
    ("typed", "kind", "shown"),
    [
        ("/delete", Deleted, (3, "")),
        ("/delete 2", Deleted, (2, "")),
        ("/delete 2 wrong room", Deleted, (2, "wrong room")),
        ("/edit three", Edited, (3, "three")),
        ("/edit 2 three", Edited, (2, "three")),
        ("/edit 2", Edited, (3, "2")),
    ],
)
def test_a_number_may_stand_first(ann, bob, typed, kind, shown):
    ann.asks(parse_line(typed))
    [change] = bob.shown(kind)
    assert (change.re, change.reason if kind is Deleted else change.text) == shown


@pytest.mark.parametrize(
    ("typed", "to", "text"),
    [
        ("/answer yes", 3, "yes"),
        ("/answer 2 yes", 2, "yes"),
        ("/answer ann yes", 3, "yes"),
        ("/answer ann: yes", 3, "yes"),
        ("/answer ANN: yes", 3, "yes"),
        ("/answer carl yes", 3, "carl yes"),
        ("/answer ann", 3, "ann"),
    ],
)
def test_an_answer_may_begin_with_whom_or_what_it_answers(ann, bob, typed, to, text):
    bob.asks(parse_line(typed))
    said = ann.shown(Said)[-1]
    assert (said.marks.re, said.text) == (to, text)


@pytest.mark.parametrize("typed", ["/react 👍", "/react :+1:", "/react 3 👍", "/react 3 :THUMBSUP:"])
def test_a_reaction_is_an_emoji_or_its_name(ann, bob, typed):
    bob.asks(parse_line(typed))
    assert [(one.re, one.emoji) for one in ann.shown(Reacted)] == [(3, "👍")]


@pytest.mark.parametrize("typed", ["/react thumbs", "/react 👍👍", f"/edit {'9' * 30} x", "/edit 99 x"])
def test_what_is_none_is_refused(ann, bob, typed):
    assert bob.refusal(parse_line(typed)) == "bad_input"


def test_numbers_are_shown_if_asked_for(ann):
    for typed, numbers in (("/history -n", True), ("/history", False), ("/history -n 5", True), ("/history 5", False)):
        command = parse_line(typed)
        assert isinstance(command, History) and ann.answer(command, HistoryPage).numbers is numbers


def test_programs_name_the_number_in_its_field(ann, bob):
    ann.asks(EditMessage("3 apples"))
    assert [one.text for one in bob.shown(Edited)] == ["3 apples"]
    bob.asks(AnswerMessage("2 or ann?"))
    bob.asks(AnswerMessage("ann or 2?"))
    assert [one.text for one in ann.shown(Said)[-2:]] == ["2 or ann?", "ann or 2?"]
    assert bob.refusal(ReactToMessage("2 👍")) == "bad_input"


def test_who_types_takes_back_what_they_said_last_be_it_private(house, ann, bob):
    ann.asks(Whisper("bob", "psst"))
    ann.asks(parse_line("/edit hush"))
    assert [one.text for one in bob.shown(Edited)] == ["hush"] and not bob.shown(Edited, "dev")
    ann.says("three")
    ann.asks(parse_line("/delete"))
    assert [(one.room, one.re) for one in bob.shown(Deleted)] == [("dev", 5)]
    ann.asks(Whisper("bob", "psst"))
    ann.asks(parse_line("/delete 3"))
    ann.asks(DeleteMessage(None, "", "dev"))
    assert [(one.room, one.re) for one in bob.shown(Deleted, "dev")] == [("dev", 5), ("dev", 3), ("dev", 2)]
    ann.asks(Leave())
    ann.asks(parse_line("/delete"))
    assert bob.shown(Deleted)[-1].room.startswith("@"), "who is nowhere still takes back a private message"


def test_who_sees_a_conversation_and_goes_back_to_a_room_means_the_room(ann, bob):
    """On a screen with places, what counts is the one that is shown."""
    ann.asks(Whisper("bob", "psst"))
    [private] = {one.room for one in bob.shown(Whispered)}
    ann.says("psst again", room=private)
    ann.asks(replace(parse_line("/delete"), room="dev"))
    assert [(one.room, one.re) for one in bob.shown(Deleted)] == [("dev", 3)]
    ann.asks(replace(parse_line("/delete"), room=private))
    assert [(one.room, one.re) for one in bob.shown(Deleted)[1:]] == [(private, 2)]


def test_what_was_said_last_is_known_on_another_connection(house, bob):
    cat = house.join("cat", "dev", resumes=True)
    cat.says("one")
    cat.asks(Whisper("bob", "psst"))
    cat.breaks()
    again = cat.returns()
    again.asks(parse_line("/delete"))
    assert bob.shown(Deleted)[-1].room.startswith("@")


def test_what_was_written_as_a_guest_is_not_meant_after_a_login(house, ann, bob):
    house.account("boss")
    ann.asks(Whisper("bob", "psst"))
    ann.asks(LogIn("boss", PASSWORD))
    ann.asks(parse_line("/delete"))
    assert [one.room for one in bob.shown(Deleted)] in ([], ["dev"])
    assert not [one for one in bob.shown(Deleted) if one.room.startswith("@")]


# s/old/new/


@pytest.fixture
def corrects(ann: Bare) -> Bare:
    ann.asks(parse_line("/correct on"))
    return ann


def typed(text: str) -> Say:
    command = parse_line(text)
    assert isinstance(command, Say) and command.typed
    return command


def test_it_is_off_at_first(ann, bob):
    ann.asks(typed("s/two/2/"))
    assert [one.text for one in bob.house.stored("dev") if isinstance(one, Said)][-1] == "s/two/2/"


def test_the_last_message_is_corrected(house, corrects, bob):
    corrects.asks(typed("s/two/2/"))
    assert [(one.re, one.text) for one in bob.shown(Edited)] == [(3, "2")]
    corrects.asks(typed("s/zz/2/"))
    assert bob.shown(Said)[-1].text == "s/zz/2/", "without the old words it is said"
    corrects.says("s/2/3/")
    assert bob.shown(Said)[-1].text == "s/2/3/", "not typed"


def test_what_others_said_is_no_concern_and_neither_is_nothing(house, bob):
    bob.asks(parse_line("/correct on"))
    bob.asks(typed("s/two/2/"))
    assert not bob.shown(Edited) and house.stored("dev")[-1].text == "s/two/2/"


def test_a_private_message_is_corrected_where_it_was_said(corrects, bob):
    corrects.asks(Whisper("bob", "pst"))
    corrects.asks(typed("s/st/sst/"))
    assert [one.text for one in bob.shown(Edited)] == ["psst"] and bob.shown(Edited)[0].room.startswith("@")


def test_in_a_conversation_what_is_no_correction_is_said_there(corrects, bob):
    corrects.asks(Whisper("bob", "pst"))
    [room] = {one.room for one in bob.shown(Whispered)}
    corrects.asks(replace(typed("s/zz/y/"), room=room))
    assert bob.shown(Whispered)[-1].text == "s/zz/y/"


def test_what_cannot_be_edited_is_refused(house, corrects, bob):
    house.advance(house.limits.edit_within + 1)
    assert corrects.refusal(typed("s/two/2/")) == "not_allowed"
    assert corrects.refusal(typed("s/two//")) == "not_allowed"


def test_nobody_speaks_for_who_has_gone_meanwhile(house, corrects, bob):
    house.journal.slow = True
    corrects.begins(typed("s/zz/y/"))
    corrects.session.quit("")
    house.settle()
    assert not [one for one in house.stored("dev") if getattr(one, "text", "") == "s/zz/y/"]


def test_programs_name_the_room(ann, bob):
    ann.asks(DeleteMessage(2, "", "dev"))
    assert [one.re for one in bob.shown(Deleted)] == [2]


def test_what_somebody_said_who_is_ignored_is_not_what_is_answered(house):
    ann, bob, carol = house.join("ann"), house.join("bob"), house.join("carol")
    ann.asks(Ignore("bob"))
    carol.says("tea at five?")
    bob.says("rubbish")
    ann.asks(AnswerMessage("yes please"))
    ann.asks(ReactToMessage(":+1:"))
    assert ann.shown(Said)[-1].marks.quote.nick == "carol" and ann.shown(Reacted)[-1].re == carol.seqs()[-4]


def test_a_correction_piles_up_no_marks(house, corrects):
    corrects.says("e" + "\u0301\u0301\u0301x" * 50)
    corrects.asks(typed("s/x//g"))
    assert corrects.shown(Edited)[-1].text.count("\u0301") <= 8
