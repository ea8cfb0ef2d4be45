"""Tests of a conversation, with neither a network nor a terminal."""

from __future__ import annotations

import pytest

from chatroom.client.conversation import Conversation
from chatroom.client.paste import MAX_LINE_BYTES
from chatroom.client.ui_port import ConnectionState, UserInterface

from .scripted import CLOCK, Chat, Server, entered, event, refused, said, welcome

# Coming in.


def test_the_first_hello_names_only_what_was_asked_for():
    """The server chooses the room if nobody else does."""
    assert Chat().server.connects() == {"type": "hello", "nick": "ann"}
    assert Chat("dev").server.connects() == {"type": "hello", "nick": "ann", "rooms": ["dev"]}


def test_coming_in_looks_as_it_does_in_the_text_door():
    """Welcome, room, topic and history."""
    chat = Chat()
    chat.server.connects()
    past = {key: value for key, value in said(9, "bob", "earlier").items() if key != "at"}
    chat.server.says(welcome(), entered(topic="Tea", recent=[{**past, "at": "2020-01-01T12:00:00.000Z"}]))
    welcomed, room, topic, day, line = chat.ui.lines
    assert welcomed.startswith("-- Welcome, ann.")
    assert room == "-- You are in #lobby. 2 people: ann and bob."
    assert topic == "-- Topic: Tea"
    assert day.startswith("-- ")
    assert line.endswith("<bob> earlier")


def test_a_line_typed_before_the_server_is_ready_is_sent_when_it_is():
    """Nothing that was typed is lost, and it is sent in order."""
    chat = Chat()
    chat.ann.type("one")
    chat.server.connects()
    chat.ann.type("two")
    chat.server.says(welcome(), entered())
    assert chat.server.heard() == []
    chat.server.says({"type": "live"})
    assert [line["text"] for line in chat.server.heard()] == ["one", "two"]


def test_a_taken_nick_is_asked_for_and_hello_said_again():
    """On the same connection."""
    chat = Chat("dev")
    chat.server.connects()
    chat.server.says(refused("nick_taken", "The nick ann is taken. ann2 is free."))
    assert chat.ann.state is ConnectionState.ASKING
    assert chat.ui.complaints == ["!! The nick ann is taken. ann2 is free."]
    chat.ann.type("anna")
    assert chat.server.heard() == [{"type": "hello", "nick": "anna", "rooms": ["dev"]}]
    chat.server.says(welcome("anna"), entered("dev"), {"type": "live"})
    assert (chat.ann.nick, chat.ann.state) == ("anna", ConnectionState.LIVE)


def test_another_nick_may_be_given_after_the_connection_is_gone():
    """Servers do not wait for ever for a nick; people take their time."""
    chat = Chat()
    chat.server.connects()
    chat.server.says(refused("bad_name", "No."))
    chat.server.breaks()
    assert chat.ann.state is ConnectionState.ASKING
    chat.ann.type("anna")
    assert chat.ann.state is ConnectionState.OFFLINE
    assert chat.server.connects()["nick"] == "anna"


def test_who_is_asked_for_a_nick_can_leave():
    """Exit is not a valid nick."""
    chat = Chat()
    chat.server.connects()
    chat.server.says(refused("nick_taken", "No."))
    chat.ann.type("exit")
    assert chat.ui.ended == 1
    assert not chat.ann.failed


def test_a_server_that_will_not_have_us_ends_it_at_the_start():
    """In one clear line."""
    chat = Chat()
    chat.server.connects()
    chat.server.says(refused("too_many", "Too many connections from your address."))
    assert chat.ui.complaints == ["!! Too many connections from your address."]
    assert chat.ann.failed
    assert chat.ui.ended == 1


# Talking.


def test_a_line_goes_to_the_current_room_with_a_mark(chat: Chat):
    """The server reads what was typed, so not even a blank is missing."""
    chat.ann.type("  hello\tthere ")
    assert chat.server.heard() == [{"type": "line", "text": "  hello\tthere ", "room": "lobby", "ref": "c1"}]
    assert len(chat.ann.outbox) == 1
    chat.server.says(said(11, "ann", "hello there", ref="c1"))
    assert len(chat.ann.outbox) == 0


def test_an_empty_line_asks_nothing(chat: Chat):
    """Nor does one of nothing but what cannot be shown."""
    chat.ann.type("")
    chat.ann.type(" \x07 ")
    assert chat.server.heard() == []


def test_a_line_that_the_server_could_not_read_is_refused_here(chat: Chat):
    """Bytes count, not characters."""
    chat.ann.type("ß" * (MAX_LINE_BYTES // 2 + 1))
    chat.ann.type("ß" * (MAX_LINE_BYTES // 2))
    assert chat.ui.complaints == ["!! A line of more than 7,000 bytes cannot be sent."]
    assert chat.ann.requests.refusals == 1
    assert len(chat.server.heard()) == 1


def test_ones_own_words_are_shown_only_where_nothing_echoes_them(chat: Chat):
    """The text door does not echo; a prompt that is erased needs it."""
    chat.ann.type("hello")
    chat.server.answers()
    assert chat.ui.take() == []

    echoing = Chat(echo=True)
    echoing.server.lets_in()
    echoing.ui.take()
    echoing.ann.type("hello")
    echoing.server.answers()
    assert echoing.ui.take() == [f"{CLOCK} <ann> hello"]


def test_ones_own_private_words_are_shown(chat: Chat):
    """As the text door does."""
    chat.ann.type("/msg bob psst")
    chat.server.says(event("whispered", 1, "ann", "@a:b", text="psst", to="bob", ref="c1"))
    assert chat.ui.take() == [f"{CLOCK} [you -> bob] psst"]
    assert chat.ui.rings == 0


def test_many_who_come_at_once_are_one_line(chat: Chat):
    """As far as they come in one piece."""
    chat.server.says(*(event("joined", 11 + n, f"p{n}") for n in range(3)))
    assert chat.ui.take() == [f"{CLOCK} -- p0, p1 and p2 joined #lobby"]


def test_the_room_is_named_while_one_is_in_several(chat: Chat):
    """As the text door does."""
    chat.ann.type("/join dev")
    chat.server.says(entered("dev", ["ann"], 4, ref="c1"), event("joined", 5, "ann", "dev", ref="c1"))
    assert chat.ann.rooms.current == "dev"
    chat.server.says(said(11, "bob", "hi"), said(6, "carol", "ho", "dev"))
    assert chat.ui.take()[1:] == [f"{CLOCK} #lobby <bob> hi", f"{CLOCK} #dev <carol> ho"]
    chat.ann.type("/leave")
    chat.server.heard()
    chat.server.says(event("left", 7, "ann", "dev", reason="", ref="c2"), {"type": "notice", "text": "x", "ref": "c2"})
    assert (chat.ann.rooms.current, set(chat.ann.rooms.people)) == ("lobby", {"lobby"})
    chat.server.says(said(12, "bob", "hi"))
    assert chat.ui.take() == ["-- x", f"{CLOCK} <bob> hi"]


@pytest.mark.parametrize(("moves", "sent"), [(["/join", "/leave"], 3), (None, 1)])
def test_a_line_waits_only_for_commands_that_can_move(moves, sent):
    """A server that does not say which commands move may have any do so."""
    chat = Chat()
    chat.server.lets_in(moves=moves)
    for line in ("/time", "hello", "/JOIN dev", "there"):
        chat.ann.type(line)
    assert [line["room"] for line in chat.server.heard()] == ["lobby"] * sent
    assert chat.ann.waiting == 4


def test_a_bell_rings_for_what_is_meant_for_one(chat: Chat):
    """The bell rings for mentions and private messages; not for own lines or history."""
    chat.server.says(said(11, "bob", "the annual channel"), said(12, "bob", "moving on"))
    assert chat.ui.rings == 0
    chat.server.says(said(13, "bob", "ANN: look"))
    assert chat.ui.rings == 1
    chat.server.says(event("whispered", 1, "bob", "@a:b", text="psst", to="ann"))
    assert chat.ui.rings == 2
    chat.server.says(said(14, "ann", "I am ann", ref="c9"), event("joined", 15, "ann"))
    assert chat.ui.rings == 2


def test_a_refusal_is_told_and_counted(chat: Chat):
    """Only what answers a line of ours counts."""
    chat.ann.type("/foo")
    chat.server.says(refused("unknown_command", "There is no command /foo.", ref="c1"))
    chat.server.says(refused("not_stored", "Messages cannot be stored now."))
    assert chat.ui.complaints == ["!! There is no command /foo.", "!! Messages cannot be stored now."]
    assert chat.ann.requests.refusals == 1
    assert not chat.ann.outbox


def test_a_new_nick_is_ours_when_the_server_says_so(chat: Chat):
    """The event comes first, the reply decides."""
    chat.ann.type("/nick zed")
    chat.server.says(event("renamed", 11, "ann", new="zed", ref="c1"), {"type": "nick", "nick": "zed", "ref": "c1"})
    assert chat.ann.nick == "zed"
    assert chat.ann.rooms.here == {"zed", "bob"}
    assert chat.ui.take() == ["-- You are now known as zed."]


def test_who_is_here_follows_what_happens(chat: Chat):
    """For the status line, and to complete nicks from."""
    chat.server.says(event("joined", 11, "carol"), event("renamed", 12, "bob", new="rob"))
    assert chat.ann.rooms.here == {"ann", "carol", "rob"}
    chat.server.says(event("left", 13, "carol", reason=""))
    assert chat.ann.rooms.here == {"ann", "rob"}
    person = {"nick": "ann", "door": "json", "idle": 0, "connected": True}
    chat.server.says({"type": "who", "room": "lobby", "people": [person]})
    assert chat.ann.rooms.here == {"ann"}
    chat.server.says({"type": "rooms", "rooms": [{"room": "tea", "people": 1, "topic": ""}]})
    assert chat.ann.rooms.known == {"lobby", "tea"}


def test_an_object_of_a_kind_that_we_do_not_know_answers_all_the_same(chat: Chat):
    """Newer servers may answer in newer ways."""
    chat.ann.type("/fireworks")
    chat.server.says({"type": "fireworks", "ref": "c1"}, {"type": "pong"})
    assert not chat.ann.outbox
    assert chat.ui.take() == []


# Losing the connection.


def test_a_reconnection_resumes_from_what_was_seen(chat: Chat):
    """With the token, and the last seq of each room and of each private conversation."""
    chat.server.says(said(11, "bob", "hi"), event("whispered", 3, "bob", "@a:b", text="psst", to="ann"))
    chat.server.says({"type": "gap", "room": "lobby", "first": 12, "last": 14})
    chat.server.breaks()
    assert chat.ann.state is ConnectionState.OFFLINE
    assert chat.server.connects() == {
        "type": "hello",
        "nick": "ann",
        "resume": "TOKEN",
        "seen": {"lobby": 14, "@a:b": 3},
    }


def test_what_was_missed_is_shown_once(chat: Chat):
    """Events up to the last one seen are dropped; nobody is greeted twice."""
    chat.server.says(said(11, "bob", "one"))
    chat.server.breaks()
    chat.server.connects()
    chat.ui.take()
    chat.server.says(welcome(resumed=True, resume="NEW"), entered(seq=11))
    chat.server.says(said(11, "bob", "one"), said(12, "bob", "two"), {"type": "live"}, said(13, "bob", "three"))
    assert chat.ui.take() == [f"{CLOCK} <bob> two", f"{CLOCK} <bob> three"]
    assert chat.ui.complaints == ["-- Connection lost; reconnecting …", "-- Reconnected."]
    chat.server.breaks()
    assert chat.server.connects()["resume"] == "NEW"


def test_a_server_that_is_replaced_calls_back_without_a_word(chat: Chat):
    """The person is told of the next loss again."""
    chat.server.says({"type": "goodbye", "text": "Upgraded.", "again": True})
    chat.server.breaks()
    assert chat.server.connects()["resume"] == "TOKEN"
    chat.server.says(welcome(resumed=True, resume="NEW"), entered(seq=11), {"type": "live"})
    assert (chat.ui.take(), chat.ui.complaints) == ([], [])

    chat.server.breaks()
    chat.server.connects()
    assert chat.ui.complaints == ["-- Connection lost; reconnecting …"]


def test_each_line_is_sent_again_only_if_it_has_not_arrived(chat: Chat):
    """One was acknowledged, one is in the replay, one got lost, one was typed while away."""
    chat.ann.type("acknowledged")
    chat.server.says(said(11, "ann", "acknowledged", ref="c1"))
    chat.ann.type("arrived")
    chat.ann.type("lost")
    chat.server.breaks()
    chat.ann.type("typed while away")
    chat.server.connects()
    chat.server.says(welcome(resumed=True), entered(seq=11), said(12, "ann", "arrived", ref="c2"))
    assert chat.server.heard() == []
    chat.server.says({"type": "live"})
    assert [(line["ref"], line["text"]) for line in chat.server.heard()] == [
        ("c3", "lost"),
        ("c4", "typed while away"),
    ]


def test_a_line_typed_in_a_room_goes_to_that_room_whenever_it_is_sent(chat: Chat):
    """Where one is by then does not matter."""
    chat.server.breaks()
    chat.ann.type("for the lobby")
    chat.server.connects()
    chat.server.says(welcome(), entered(), entered("dev"), {"type": "live"})
    assert chat.server.heard()[0]["room"] == "lobby"


def test_a_line_typed_before_a_join_is_answered_goes_where_that_leads(chat: Chat):
    """As in the text door, where it is read after the join has been done."""
    chat.ann.type("/join dev")
    chat.ann.type("hello dev")
    assert [line["text"] for line in chat.server.heard()] == ["/join dev"]
    chat.server.says(entered("dev", ["ann"], 4, ref="c1"))
    assert chat.server.heard() == [{"type": "line", "text": "hello dev", "room": "dev", "ref": "c2"}]


def test_a_session_that_ran_out_has_left_unasked(chat: Chat):
    """Its leaving may carry the mark of the last command: that is no answer, and we are in the room again."""
    chat.ann.type("/leave")
    chat.server.breaks()
    chat.server.connects()
    chat.server.says(welcome(), entered())
    chat.server.says(event("left", 11, "ann", reason="connection lost", ref="c1"), event("joined", 12, "ann"))
    chat.server.says({"type": "live"})
    assert chat.ann.rooms.current == "lobby"
    assert [line["text"] for line in chat.server.heard()] == ["/leave"]


def test_a_room_that_the_server_does_not_confirm_is_no_longer_ours(chat: Chat):
    """We left it, and did not hear that we had."""
    chat.server.says(entered("dev", ["ann"], 1, ref="c9"))
    chat.server.breaks()
    chat.server.connects()
    chat.server.says(welcome(resumed=True), entered(), {"type": "live"})
    assert (set(chat.ann.rooms.people), chat.ann.rooms.current) == ({"lobby"}, "lobby")
    chat.server.breaks()
    assert chat.server.connects()["seen"] == {"lobby": 10}


def test_reconnecting_does_not_change_the_current_room(chat: Chat):
    """Nor does the order in which the server lists the rooms."""
    chat.server.says(entered("dev", ["ann"], 1, ref="c9"))
    chat.server.breaks()
    chat.server.connects()
    chat.server.says(welcome(resumed=True), entered("dev", ["ann"], 1), entered(), {"type": "live"})
    assert chat.ann.rooms.current == "dev"


def test_asking_for_a_room_that_one_is_in_does_not_show_it_again(chat: Chat):
    """The answer may name a seq that is long past."""
    chat.server.says(said(11, "bob", "one"), entered(seq=10), said(11, "bob", "one"))
    assert chat.ui.take() == [f"{CLOCK} <bob> one", "-- You are in #lobby. 2 people: ann and bob."]


def test_a_token_that_is_no_good_any_more_is_dropped(chat: Chat):
    """The server may be another one, whose numbers begin anew; the lines are sent all the same."""
    chat.ann.type("hello")
    chat.server.heard()
    chat.server.breaks()
    chat.server.connects()
    chat.server.says(refused("cannot_resume", "Too old."))
    assert chat.server.heard() == [{"type": "hello", "nick": "ann", "rooms": ["lobby"]}]
    chat.server.says(welcome(), entered(seq=0), event("joined", 1, "ann"), {"type": "live"})
    assert [line["text"] for line in chat.server.heard()] == ["hello"]
    chat.server.says(said(2, "ann", "hello", ref="c1"), said(3, "bob", "hi"))
    assert chat.ui.take() == [f"{CLOCK} <bob> hi"]


def test_a_server_that_will_not_have_us_back_now_is_tried_again(chat: Chat):
    """It is shutting down, or full."""
    chat.server.breaks()
    chat.server.connects()
    chat.server.says(refused("not_now", "The server is shutting down."))
    assert chat.server.dropped
    assert not chat.ui.ended


def test_a_server_that_shuts_down_is_waited_for(chat: Chat):
    """Its goodbye answers nothing that we asked."""
    chat.server.says({"type": "goodbye", "text": "The server is shutting down."})
    chat.server.breaks()
    assert chat.ui.take() == ["-- The server is shutting down."]
    assert not chat.ui.ended


# Leaving.


@pytest.mark.parametrize("text", ["exit", "/exit", "/QUIT gone home"])
def test_exit_is_the_servers_to_answer(chat: Chat, text: str):
    """Its goodbye ends the conversation."""
    chat.ann.type(text)
    assert not chat.ui.ended
    chat.server.says({"type": "goodbye", "text": "Goodbye.", "ref": "c1"})
    assert chat.ui.take() == ["-- Goodbye."]
    assert (chat.ui.ended, chat.ann.failed, chat.server.dropped) == (1, False, True)


@pytest.mark.parametrize("text", ["Exit", "exit now", "/quitter", "//exit"])
def test_what_is_not_exit_does_not_leave(chat: Chat, text: str):
    """The server says it, or refuses it."""
    chat.ann.type(text)
    assert not chat.ann.leaving


def test_a_refused_goodbye_is_none(chat: Chat):
    """The reason was too long."""
    chat.ann.type("/quit x")
    chat.server.says(refused("too_long", "Too long.", ref="c1"))
    assert not chat.ann.leaving


def test_leaving_says_goodbye(chat: Chat):
    """At the end of the input."""
    chat.ann.leave()
    assert chat.server.heard() == [{"type": "quit"}]
    chat.server.says({"type": "goodbye", "text": "Goodbye."}, said(11, "bob", "late"))
    assert (chat.ui.take(), chat.ui.ended) == (["-- Goodbye."], 1)
    chat.ann.type("too late")
    chat.ann.end()
    assert (chat.server.heard(), chat.ui.ended) == ([], 1)


def test_leaving_twice_does_not_wait(chat: Chat):
    """The server may be gone without our knowing."""
    chat.ann.leave()
    chat.ann.leave()
    assert chat.ui.ended == 1


def test_losing_the_connection_while_leaving_is_leaving(chat: Chat):
    """Nothing was left to be answered."""
    chat.ann.type("exit")
    chat.server.breaks()
    assert (chat.ui.ended, chat.ann.failed) == (1, False)


def test_who_leaves_with_lines_unanswered_comes_back_for_the_answers(chat: Chat):
    """And says goodbye again."""
    chat.ann.type("hello")
    chat.ann.type("exit")
    chat.server.heard()
    chat.server.breaks()
    assert not chat.ui.ended
    chat.server.connects()
    chat.server.says(welcome(), entered(), {"type": "live"})
    assert [line["text"] for line in chat.server.heard()] == ["hello", "exit"]
    assert chat.ann.leaving


def test_leaving_while_offline_tells_what_was_not_sent(chat: Chat):
    """And ends at once."""
    chat.server.breaks()
    chat.ann.type("hello")
    chat.ann.leave()
    assert chat.ui.complaints[-1] == "!! 1 line was not acknowledged."
    assert (chat.ui.ended, chat.ann.failed) == (1, True)


def test_ending_in_the_middle_says_goodbye(chat: Chat):
    """Interrupted, for instance."""
    chat.ann.type("one")
    chat.ann.type("two")
    chat.server.heard()
    chat.ann.fail("Interrupted.")
    chat.ann.fail("Again.")
    assert chat.server.heard() == [{"type": "quit"}]
    assert chat.ui.complaints == ["!! Interrupted.", "!! 2 lines were not acknowledged."]


def test_a_face_need_not_show_everything():
    """Each of its methods does nothing unless it is overridden."""
    server = Server(Conversation(UserInterface(), "ann"))
    server.lets_in()
    server.says(said(11, "bob", "ann: hi"), refused("x", "y"))
    server.conversation.leave()
    server.conversation.leave()
