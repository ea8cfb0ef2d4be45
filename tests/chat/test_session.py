"""A session: one command after the other, and what comes of each."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from chatroom.chat import command_table
from chatroom.chat.command_table import command
from chatroom.chat.commands.accounts import LogIn
from chatroom.chat.commands.corrections import AnswerMessage, DeleteMessage, EditMessage, ReactToMessage
from chatroom.chat.commands.identity import Hello, Rename
from chatroom.chat.commands.messages import Act, Say, Whisper
from chatroom.chat.commands.moderation import Kick
from chatroom.chat.commands.room_settings import Invite, Slow
from chatroom.chat.commands.rooms import Join, Leave, ListRooms, SetTopic
from chatroom.chat.commands.server import Ping, Quit, ShowHelp, ShowTime
from chatroom.chat.events import Left, Said
from chatroom.chat.ports import JournalError
from chatroom.chat.refusals import BadInput, NotHere, NotNow, NotStored, Refusal, TooLong
from chatroom.chat.replies import Goodbye, Help, Pong, Refused, Time, Topic, Welcome

from .bare import PASSWORD


@pytest.fixture
def ann(house):
    return house.join("ann")


@pytest.mark.parametrize("asked", [Say("hi"), Join("dev"), ShowTime(), Rename("bob"), LogIn("ann", PASSWORD)])
def test_who_has_no_name_may_ask_for_little(house, asked):
    assert house.connect().refusal(asked) == NotNow.code


@pytest.mark.parametrize(("asked", "answer"), [(Ping(), Pong), (ShowHelp(), Help), (Hello("ann"), Welcome)])
def test_but_for_some_things(house, asked, answer):
    assert house.connect().answer(asked, answer)


@pytest.mark.parametrize("asked", [Say("hi"), Join("dev"), ShowTime(), ListRooms()])
def test_nor_may_who_has_somebody_elses_nick(house, asked):
    house.account("ann")
    stranger = house.join("ann")
    assert stranger.refusal(asked) == NotNow.code
    assert stranger.answer(Ping(), Pong)
    stranger.asks(LogIn(PASSWORD))
    assert all(type(one) is not Refused for one in stranger.asks(asked))


def test_the_answer_has_the_mark_of_what_it_answers(ann):
    ann.asks(ShowTime(), ref="r1")
    assert ann.outlet.refs[-1] == "r1"
    ann.asks(ShowTime())
    assert ann.outlet.refs[-1] is None
    ann.asks(Leave("nowhere"), ref="r2")
    assert isinstance(ann.outlet.everything[-1], Refused) and ann.outlet.refs[-1] == "r2"


def test_what_is_said_has_the_mark_too(house, ann):
    ann.asks(Say("hi"), ref="r")
    ann.says("again")
    assert [event.ref for event in ann.shown(Said)] == ["r", None]


@pytest.mark.parametrize(
    "asked",
    [
        Say("hi"),
        Act("waves"),
        SetTopic("cake"),
        Join("dev"),
        Leave("lobby"),
        Rename("anna"),
        Whisper("bob", "hi"),
        Invite("bob", "den"),
        Slow(5, "den"),
        Kick("carol", "", "den"),
        ReactToMessage(":+1:"),
        EditMessage("hey"),
        DeleteMessage(),
        AnswerMessage("bob so"),
    ],
)
def test_every_event_says_of_which_command_it_comes(house, asked):
    ann, bob = house.join("ann", "den", "lobby"), house.join("bob", "lobby")
    house.join("carol", "den")
    bob.says("hi")
    ann.says("hi")
    before = {room: len(house.stored(room)) for room in ("lobby", "den")}
    ann.session.receive(asked, None, "sid.7")
    house.settle()
    ann.session.receive(ShowTime())
    ann.says("again", room="den")
    new = [event for room in {**before, **ann.person.seats} for event in house.stored(room)[before.get(room, 0) :]]
    made = [one for one in new if one.ask]
    later = [one for one in new if not one.ask and one.by == ann.person.identity]
    assert made and {one.ask for one in made} == {"sid.7"}
    assert [type(one) for one in later] == [Said]


def test_a_session_is_busy_until_what_was_said_before_is_stored_and_then_answers(house, ann):
    ann.begins(Say("hi"))
    assert not ann.session.busy, "what only appends is never waited for"
    ann.begins(ShowTime())
    assert ann.session.busy and not ann.shown(Time)
    ready = ann.outlet.ready_count
    house.settle()
    assert not ann.session.busy and ann.outlet.ready_count == ready + 1
    assert [type(one) for one in ann.outlet.everything[-2:]] == [Said, Time]


def test_a_refusal_comes_after_what_was_asked_before(house, ann):
    ann.begins(Say("hi"))
    ann.begins(Say(" "))
    assert not ann.shown(Refused)
    house.settle()
    assert [type(one) for one in ann.outlet.everything[-2:]] == [Said, Refused]


def test_what_cannot_be_stored_is_refused_with_its_mark(house, ann):
    house.journal.broken = JournalError("the disk is full")
    ann.begins(Say("hi"), "r1")
    ann.begins(Act("waves"), "r2")
    house.settle()
    refused = [one.code for one in ann.shown(Refused)]
    assert refused == [NotStored.code] * 3, "one each, and one to everyone"
    assert sorted(filter(None, ann.outlet.refs[-3:])) == ["r1", "r2"]
    assert ann.session.outstanding == 0


def test_a_command_whose_own_event_is_lost_is_refused_once(house, ann):
    house.join("bob")
    house.journal.broken = JournalError("the disk is full")
    ann.asks(Whisper("bob", "hi"), ref="r")
    marked = [ref for ref in ann.outlet.refs if ref]
    assert marked == ["r"] and {one.code for one in ann.shown(Refused)} == {NotStored.code}
    house.journal.broken = None
    assert ann.answer(ShowTime(), Time), "it does not fail for what was before"


def test_a_history_that_cannot_be_read_is_no_bug(house, ann):
    house.journal.unreadable = True
    assert ann.refusal(Join("dev")) == NotStored.code


@command("break", group="people", help="break", typed=False)
@dataclass(frozen=True, slots=True)
class Break:
    """A command with a bug in it."""

    at_once: bool = True

    def run(self, hub, session):
        if self.at_once:
            raise ZeroDivisionError
        return self.later()

    async def later(self):
        raise ZeroDivisionError


command_table.TABLE.pop("break")
command_table.NAMES.pop("break")


@pytest.mark.parametrize("at_once", [True, False])
def test_a_bug_is_logged_and_told_and_the_session_goes_on(house, ann, at_once):
    ann.begins(Break(at_once), "r")
    assert [bug.type for bug in house.runtime.bugs] == [ZeroDivisionError]
    house.runtime.bugs.clear()
    refused = ann.shown(Refused)[-1]
    assert refused.code == "bug" and ann.outlet.refs[-1] == "r" and not ann.session.busy
    assert ann.answer(ShowTime(), Time)


def test_a_room_is_named_or_the_current_one(house, ann):
    ann.asks(Join("dev"))
    assert ann.answer(SetTopic(), Topic).room == "dev"
    for name in ("lobby", "#lobby", "LOBBY"):
        assert ann.answer(SetTopic(room=name), Topic).room == "lobby"
    assert ann.refusal(SetTopic(room="den")) == NotHere.code


def test_who_is_nowhere_has_no_current_room(ann):
    ann.asks(Leave())
    assert ann.session.current == "" and ann.refusal(Say("hi")) == NotHere.code


def test_a_conversation_is_no_room_but_for_who_asks_for_one(house, ann):
    house.join("bob")
    ann.asks(Whisper("bob", "hi"))
    [name] = [name for name in ann.person.seats if name.startswith("@")]
    assert ann.refusal(SetTopic("hi", name)) == NotHere.code
    assert "for rooms" in ann.shown(Refused)[-1].text
    assert ann.session.room(name, private=True).name == name


def test_who_quits_leaves_with_their_reason_and_hears_goodbye_last(house, ann):
    house.join("bob")
    ann.asks(Quit("bye"), ref="r")
    assert isinstance(ann.outlet.everything[-1], Goodbye) and ann.outlet.refs[-1] == "r" and ann.outlet.closed
    left = house.stored()[-1]
    assert isinstance(left, Left) and left.reason == "bye" and ann.session.gone


def test_a_reason_is_as_long_as_a_topic_and_no_longer(house, ann):
    longest = house.limits.topic
    assert ann.refusal(Quit("x" * (longest + 1))) == TooLong.code
    assert not ann.session.gone
    ann.asks(Quit("x" * longest))
    assert ann.session.gone


def test_a_stranger_gives_no_reason_under_a_registered_nick(house):
    bob = house.join("bob")
    house.account("ann")
    house.join("ann").asks(Quit("bye"))
    assert [event.reason for event in bob.shown(Left)] == [""]


def test_whoever_is_gone_asks_for_nothing_more(ann):
    ann.asks(Quit())
    assert ann.asks(ShowTime()) == []


@pytest.mark.parametrize("resumes", [True, False])
def test_who_asks_nothing_more_is_answered_then_closed(house, resumes):
    ann = house.join("ann", resumes=resumes)
    ann.begins(Say("hi"))
    ann.session.finish()
    assert not ann.outlet.closed
    house.settle()
    assert ann.outlet.closed and ann.shown(Said) and ann.session.gone is not resumes


def test_work_is_charged_for_and_what_is_owed_is_told_once(house):
    ann = house.join("ann")
    ann.session.owed()
    ann.session.charge(house.limits.burst)
    ann.session.charge(house.limits.rate)
    owed = ann.session.owed()
    assert owed == pytest.approx(1.0, abs=0.5) and ann.session.owed() == 0.0


def test_a_refusal_from_outside_is_told_in_its_turn(house, ann):
    ann.session.refuse(BadInput("what is that?"), "r")
    house.settle()
    [refused] = ann.shown(Refused)
    assert refused == Refused(BadInput.code, "what is that?") and ann.outlet.refs[-1] == "r"


def test_who_carries_on_is_in_the_same_room_with_what_is_new_of_the_connection(house):
    ann = house.join("ann", "lobby", "dev", resumes=True, address="192.0.2.7")
    again = ann.returns(address="192.0.2.8", door="json")
    assert again.person is ann.person and ann.person.session is again.session
    assert again.session.current == "dev"
    assert (again.session.address, again.session.door, again.person.place) == ("192.0.2.8", "json", "192.0.2.8")
    assert ann.session.gone and ann.outlet.closed and isinstance(ann.outlet.everything[-1], Goodbye)


def test_a_broken_connection_is_not_connected_until_it_is_carried_on(house):
    ann = house.join("ann", resumes=True)
    assert ann.session.connected
    ann.breaks()
    assert not ann.session.connected and not ann.session.gone
    assert ann.returns().session.connected


def test_a_refusal_is_raised_where_it_is_waited_for(house, ann):
    house.journal.broken = JournalError("the disk is full")
    ann.asks(Join("dev"))
    with pytest.raises(Refusal):
        ann.session.room("dev")


def test_who_goes_while_they_wait_for_what_they_said_is_answered_nothing(house, ann):
    ann.begins(Say("hi"))
    ann.begins(ShowTime())
    ann.breaks()
    assert ann.shown(Time) == [] and ann.session.gone and not ann.session.busy
    assert ann.session.outstanding == 0
