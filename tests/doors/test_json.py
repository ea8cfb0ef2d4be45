"""What only the JSON door does: marks, acknowledgements, and carrying on from a broken connection."""

from __future__ import annotations

import json
import sys

import pytest

from chatroom.chat.ports import JournalError
from chatroom.chat.replies import Who
from tests.house import HERE, House, JsonPerson, LinePerson, failures


@pytest.fixture
def house():
    with failures() as broken:
        yield House()
    assert not broken, broken[0]


@pytest.fixture
def ann(house):
    return house.join("ann", JsonPerson)


def types(objects):
    return [values["type"] for values in objects]


# Hello.


def test_hello_is_answered_with_welcome_then_each_room_then_live(house):
    bot = JsonPerson(house)

    answers = bot.asks("hello", nick="bot", rooms=["lobby", "#Dev"], ref="h1")

    assert types(answers) == ["welcome", "room", "room", "joined", "joined", "live"]
    assert [values["room"] for values in answers if values["type"] == "room"] == ["lobby", "dev"]
    assert [values.get("ref") for values in answers] == ["h1", None, None, None, None, None]


def test_welcome_tells_who_one_is_and_how_to_carry_on(house, ann):
    [welcome] = ann.of_type("welcome")

    assert welcome["nick"] == "ann" and welcome["resumed"] is False and welcome["server"] == "chatroom 1.2"
    assert welcome["lasts"] == 86_400 and welcome["resume"].count(".") == 3
    assert welcome["commands"]["/msg NICK TEXT"] == "send someone a private message"


def test_the_room_object_says_where_what_follows_begins(house, ann):
    ann.asks("say", text="one")
    bob = house.join("bob", JsonPerson)

    [room] = bob.of_type("room")

    assert room["people"] == ["ann", "bob"] and room["topic"] == ""
    assert [values["text"] for values in room["recent"]] == ["one"]
    assert bob.seqs() == [room["seq"] + 1]


@pytest.mark.parametrize("more", [{}, {"rooms": []}, {"rooms": None}])
def test_without_any_room_asked_for_one_comes_into_the_lobby(house, more):
    bot = JsonPerson(house)

    answers = bot.asks("hello", nick="bot", **more)

    assert [values["room"] for values in answers if values["type"] == "room"] == ["lobby"]


def test_hello_with_too_many_rooms_is_refused(house):
    bot = JsonPerson(house)

    [refused] = bot.asks("hello", nick="bot", rooms=[f"r{n}" for n in range(21)], ref="h")

    assert (refused["code"], refused["ref"]) == ("too_many", "h")
    assert not house.hub.core.people


def test_hello_is_said_once(ann):
    [refused] = ann.asks("hello", nick="anna", ref="again")

    assert (refused["type"], refused["code"], refused["ref"]) == ("refused", "not_now", "again")


@pytest.mark.parametrize("kind", ["say", "who", "rooms", "history", "time", "whois", "msg", "join", "leave"])
def test_nothing_can_be_asked_before_hello(house, kind):
    bot = JsonPerson(house)

    [refused] = bot.asks(kind, text="x", to="x", nick="x", room="x")

    assert refused["code"] == "not_now" and refused["text"] == "Please say who you are first."


def test_help_ping_and_quit_can_be_asked_before_hello(house):
    bot = JsonPerson(house)

    assert types(bot.asks("ping")) == ["pong"]
    assert types(bot.asks("help", command="msg")) == ["help"]
    assert types(bot.asks("quit")) == ["goodbye"] and bot.gone


def test_a_storage_failure_during_hello_leaves_a_name_and_a_refusal(house):
    house.journal.broken = JournalError("the disk is full")
    bot = JsonPerson(house)

    answers = bot.asks("hello", nick="bot", ref="h")

    assert types(answers) == ["welcome", "live", "refused", "refused"]
    assert [values.get("ref") for values in answers] == ["h", None, None, None]
    assert not house.hub.core.nicks.get("bot").seats


# Marks.


@pytest.mark.parametrize(
    ("command", "answered_by"),
    [
        ({"type": "say", "text": "hi"}, "said"),
        ({"type": "me", "text": "waves"}, "acted"),
        ({"type": "msg", "to": "bob", "text": "psst"}, "whispered"),
        ({"type": "topic", "topic": "Tea"}, "topic"),
        ({"type": "topic"}, "topic_is"),
        ({"type": "who"}, "who"),
        ({"type": "whois", "nick": "bob"}, "whois"),
        ({"type": "rooms"}, "rooms"),
        ({"type": "history"}, "history"),
        ({"type": "time"}, "time"),
        ({"type": "help"}, "help"),
        ({"type": "ping"}, "pong"),
        ({"type": "quit"}, "goodbye"),
        ({"type": "line", "text": "/me waves"}, "acted"),
        ({"type": "line", "text": "exit"}, "goodbye"),
        ({"type": "line", "text": "/nope"}, "refused"),
        ({"type": "say", "text": ""}, "refused"),
        ({"type": "nope"}, "refused"),
        ({"type": "join", "room": "lobby"}, "room"),
        ({"type": "say", "text": "hi", "ref": None}, "said"),
    ],
)
def test_the_mark_comes_back_on_exactly_one_object(house, ann, command, answered_by):
    bob = house.join("bob", JsonPerson)

    ann.sends_object({"ref": "c1", **command})
    house.settle()

    marked = [values for values in ann.objects if "ref" in values]
    if command.get("ref", "c1") is None:
        assert not marked
    else:
        assert [(values["type"], values["ref"]) for values in marked] == [(answered_by, "c1")]
    assert not [values for values in bob.objects if "ref" in values]


@pytest.mark.parametrize(
    ("command", "event", "reply"),
    [
        ({"type": "join", "room": "dev"}, "joined", "room"),
        ({"type": "leave"}, "left", "notice"),
        ({"type": "nick", "nick": "anna"}, "renamed", "nick"),
    ],
)
def test_what_is_an_event_and_a_reply_carries_the_mark_on_both(house, ann, command, event, reply):
    ann.sends_object({"ref": "c1", **command})
    house.settle()

    assert {values["type"] for values in ann.objects if values.get("ref") == "c1"} == {event, reply}


def test_an_answered_mark_is_not_used_again(house, ann):
    bob = house.join("bob", JsonPerson)
    ann.asks("say", text="hi", ref="c1")
    ann.asks("who", ref="c2")

    ann.leaves()
    house.advance(40)
    house.closes("maintenance")

    assert house.stored()[-2][1].type == "left" and house.stored()[-2][1].ref is None
    assert "ref" not in bob.of_type("goodbye")[0]


def test_the_goodbye_of_a_stopping_server_carries_no_old_mark(house, ann):
    ann.asks("say", text="hi", ref="c1")

    house.closes("maintenance")

    [goodbye] = ann.of_type("goodbye")
    assert "ref" not in goodbye
    assert goodbye["text"] == "The server is shutting down: maintenance. You have been disconnected."


@pytest.mark.parametrize(("ref", "code"), [(7, "bad_input"), (["x"], "bad_input"), ("x" * 65, "too_long")])
def test_a_mark_that_is_none_is_refused(ann, ref, code):
    [refused] = ann.asks("say", text="hi", ref=ref)

    assert refused["code"] == code and "ref" not in refused


def test_a_lost_line_is_refused_under_its_own_mark(house, ann):
    house.journal.broken = JournalError("the disk is full")
    for n in range(3):
        ann.sends_object({"type": "say", "text": "x", "ref": f"c{n}"})
    ann.sends_object({"type": "who", "ref": "w"})
    house.settle()

    assert [(values["type"], values["ref"]) for values in ann.objects if "ref" in values] == [
        ("refused", "c0"),
        ("refused", "c1"),
        ("refused", "c2"),
        ("who", "w"),
    ]


def test_answers_and_acknowledgements_come_in_the_order_of_the_commands(house, ann):
    kinds = ["say", "ping", "me", "who", "say", "say", "nope", "history", "msg", "topic", "time"] * 3
    house.join("bob")
    for n, kind in enumerate(kinds):
        ann.sends_object({"type": kind, "text": "x", "to": "bob", "topic": f"t{n}", "ref": f"c{n}"})
    house.settle()

    assert [values["ref"] for values in ann.objects if "ref" in values] == [f"c{n}" for n in range(len(kinds))]


# Not a command.

TOO_DEEP: str | tuple[str, ...] = "That JSON is nested too deeply."
if sys.version_info >= (3, 13):
    # Newer Pythons have room for more brackets, and may come to the end of the line.
    TOO_DEEP = (TOO_DEEP, "That line is not JSON: Expecting value")


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b"{", "That line is not JSON"),
        (b"hello", "That line is not JSON"),
        (b'{"type":"say","text":NaN}', "That line is not JSON: NaN is not a JSON number."),
        (b'{"type":"say","text":-Infinity}', "That line is not JSON: -Infinity is not a JSON number."),
        (b'{"n":' + b"9" * 5000 + b"}", "That line is not JSON"),
        (b"[" * 10_000, TOO_DEEP),
        (b'{"a":' * 3000, TOO_DEEP),
        (b"[]", "A command is a JSON object"),
        (b'"say"', "A command is a JSON object"),
        (b"null", "A command is a JSON object"),
        (b"{}", 'A command needs a "type", such as "say".'),
        (b'{"type":7}', 'A command needs a "type", such as "say".'),
        (b'{"type":["say"]}', 'A command needs a "type", such as "say".'),
        (b'{"type":"sya"}', "There is no command of type 'sya'. Did you mean say?"),
        (b'{"type":"line"}', 'A "line" needs a "text"'),
        (b'{"type":"line","text":"\\u0000"}', 'A "line" needs a "text"'),
        (b'{"type":"line","text":7}', 'A "line" needs a "text"'),
        (b'{"type":"say"}', "TEXT missing. Usage: /say TEXT"),
        (b'{"type":"say","text":7}', "In 'say', 'text' must be a string."),
        (b'{"type":"say","text":["hi"]}', "In 'say', 'text' must be a string."),
        (b'{"type":"say","text":"hi","room":7}', "In 'say', 'room' must be a string."),
        (b'{"type":"history","count":"9"}', "In 'history', 'count' must be a whole number from 1 up."),
        (b'{"type":"history","count":true}', "In 'history', 'count' must be a whole number from 1 up."),
        (b'{"type":"history","count":1.5}', "In 'history', 'count' must be a whole number from 1 up."),
        (b'{"type":"history","count":0}', "In 'history', 'count' must be a whole number from 1 up."),
        (b'{"type":"history","before":-1}', "In 'history', 'before' must be a whole number from 1 up."),
        (b'{"type":"history","before":9007199254740992}', "In 'history', 'before' must be a whole number from 1 up."),
        (b'{"type":"history","all":1}', "In 'history', 'all' must be true or false."),
        (b'{"type":"history","count":1e999}', "In 'history', 'count' must be a whole number from 1 up."),
        (b'{"type":"hello","nick":"x","rooms":"lobby"}', "In 'hello', 'rooms' must be a list of strings."),
        (b'{"type":"hello","nick":"x","rooms":[7]}', "In 'hello', 'rooms' must be a list of strings."),
        (b'{"type":"hello","nick":"x","seen":[]}', "In 'hello', 'seen' must be an object of whole numbers."),
        (b'{"type":"hello","nick":"x","seen":{"lobby":-1}}', "In 'hello', 'seen' must be an object of whole numbers."),
        (b'{"type":"hello","nick":"x","seen":{"lobby":true}}', "In 'hello', 'seen' must be an object"),
        (b'{"type":"hello","nick":"x","resume":{}}', "In 'hello', 'resume' must be a string."),
        (b'{"type":"hello"}', "NICK missing."),
    ],
)
def test_what_is_no_command_is_refused_and_the_connection_goes_on(house, ann, line, text):
    before = len(ann.objects)

    ann.sends(line + b"\n")

    [refused] = ann.objects[before:]
    assert refused["type"] == "refused" and refused["text"].startswith(text)
    assert types(ann.asks("ping")) == ["pong"]


def test_lone_surrogates_are_taken_out(house, ann):
    bob = house.join("bob", JsonPerson)

    ann.sends(b'{"type":"say","text":"a\\ud800b\\udc00c \\ud83d\\ude00","ref":"\\udfff"}\n')

    assert bob.objects[-1]["text"] == "abc 😀"


def test_a_pair_of_surrogates_is_one_character(house, ann):
    ann.sends(b'{"type":"say","text":"\\ud83d\\ude00"}\n')

    assert house.words() == ["😀"]


def test_values_that_a_command_does_not_have_are_passed_over(house, ann):
    ann.asks("say", text="hi", colour="red", nested={"a": [1, 2]}, nick="bob")

    assert house.words() == ["hi"] and house.stored()[-1][1].nick == "ann"


def test_empty_lines_between_objects_ask_nothing(ann):
    before = len(ann.objects)

    ann.sends(b"\n \r\n\t\n")

    assert len(ann.objects) == before


def test_an_object_may_have_four_times_the_bytes_of_a_line(house, ann):
    bob = house.join("bob", JsonPerson)
    ann.sends(json.dumps({"type": "say", "text": "é" * 2048}).encode() + b"\n")
    ann.sends(b'{"type":"say","text":"x"' + b" " * 16_400 + b"}\n")

    assert bob.objects[-1]["text"] == "é" * 2048
    assert ann.objects[-1]["text"] == "That line has more than 16384 bytes; it was not sent."


# Rooms by name.


def test_say_goes_to_the_room_that_it_names(house):
    ann = JsonPerson(house)
    ann.joins("ann", "dev")

    ann.asks("say", text="one", room="lobby")
    ann.asks("say", text="two", room="#DEV")
    ann.asks("say", text="three")

    assert house.words("lobby") == ["one"] and house.words("dev") == ["two", "three"]


def test_a_typed_line_is_about_the_room_it_was_typed_in(house):
    ann = JsonPerson(house)
    ann.joins("ann", "dev")

    ann.asks("line", text="one", room="lobby")
    ann.asks("line", text="/topic Tea", room="lobby")
    ann.asks("line", text="/leave dev", room="lobby")

    assert house.words("lobby") == ["one"]
    assert ann.asks("topic", room="lobby")[-1]["topic"] == "Tea"
    assert list(house.hub.core.nicks.get("ann").room_names()) == ["lobby"]


@pytest.mark.parametrize("kind", ["say", "me", "topic", "leave", "who", "history"])
def test_nothing_can_be_done_in_a_room_one_is_not_in(house, ann, kind):
    house.join("bob").types("/join dev")

    [refused] = ann.asks(kind, room="nowhere", text="x", topic="x")

    assert refused["code"] == "not_here"


@pytest.mark.parametrize("kind", ["topic", "leave", "slow", "kick", "who", "bans"])
def test_a_private_conversation_is_no_room_to_talk_in(house, ann, kind):
    bob = house.join("bob")
    ann.asks("msg", to="bob", text="psst")
    conversation = ann.of_type("whispered")[0]["room"]
    bob.forget()

    [refused] = ann.asks(kind, room=conversation, nick="bob", topic="aloud")

    assert refused["code"] == "not_here" and bob.lines == []
    assert house.words(conversation) == ["psst"]


def test_the_history_of_a_private_conversation_is_for_its_two_people(house, ann):
    house.join("bob")
    carol = house.join("carol", JsonPerson)
    ann.asks("msg", to="bob", text="psst")
    conversation = ann.of_type("whispered")[0]["room"]

    [page] = ann.asks("history", room=conversation)
    [refused] = carol.asks("history", room=conversation)

    assert [values["text"] for values in page["events"]] == ["psst"] and refused["type"] == "refused"


def test_history_is_read_page_by_page(house, ann):
    ann.asks("topic", topic="Tea")
    for n in range(8):
        ann.asks("say", text=str(n))

    [newest] = ann.asks("history", count=3)
    [older] = ann.asks("history", count=3, before=newest["events"][0]["seq"])
    [oldest] = ann.asks("history", count=3, before=older["events"][0]["seq"])
    [everything] = ann.asks("history", count=4, before=5, all=True)

    assert [[values["text"] for values in page["events"]] for page in (newest, older, oldest)] == [
        ["5", "6", "7"],
        ["2", "3", "4"],
        ["0", "1"],
    ]
    assert newest["more"] and older["more"] and not oldest["more"]
    assert [(values["type"], values["seq"]) for values in everything["events"]] == [
        ("joined", 1),
        ("topic", 2),
        ("said", 3),
        ("said", 4),
    ]


def test_history_carries_nobodys_marks(ann):
    ann.asks("say", text="hi", ref="c1")

    [page] = ann.asks("history", ref="h")

    assert page["ref"] == "h" and "ref" not in page["events"][0]


# Carrying on.


def test_a_short_break_is_seen_by_nobody_and_loses_nothing(house, ann):
    bob = house.join("bob", JsonPerson)
    ann.leaves()
    bob.forget()
    bob.asks("say", text="are you there?")
    house.advance(29)

    again = ann.returns()

    assert bob.lines == ["<bob> are you there?"]
    assert types(again.objects) == ["welcome", "room", "said", "live"]
    assert again.of_type("welcome")[0]["resumed"] is True
    assert again.seqs() == [3]
    again.asks("say", text="yes")
    assert bob.heard("<ann> yes")


def test_while_the_connection_is_broken_others_are_told_so(house, ann):
    bob = house.join("bob")
    ann.leaves()

    bob.types("/who", "/whois ann")

    assert bob.heard("-- ann (reconnecting), bob")
    assert bob.lines[-1].endswith("reconnecting.")


def test_after_the_grace_time_one_has_left_and_may_come_again_with_the_same_nick(house, ann):
    bob = house.join("bob")
    ann.leaves()
    house.advance(31)
    assert bob.lines[-1] == "-- ann left #lobby (connection lost)"

    bob.types("while you were away")
    again = ann.returns()

    assert again.of_type("welcome")[0]["resumed"] is False
    assert types(again.objects) == ["welcome", "room", "left", "said", "joined", "live"]
    assert again.seqs() == [3, 4, 5]
    assert bob.lines[-1] == "-- ann joined #lobby"


def test_a_clean_exit_leaves_at_once(house, ann):
    bob = house.join("bob")

    ann.asks("quit")

    assert bob.heard("-- ann left #lobby")


def test_a_second_break_within_the_grace_time_begins_it_anew(house, ann):
    bob = house.join("bob")
    ann.leaves()
    house.advance(20)
    again = ann.returns()
    again.leaves()
    house.advance(20)
    assert not bob.heard_of("ann left")

    house.advance(11)
    assert bob.lines.count("-- ann left #lobby (connection lost)") == 1


def test_after_a_restart_the_token_proves_the_same_person(house, ann):
    bob = house.join("bob", JsonPerson)
    bob.asks("msg", to="ann", text="before")
    ann.asks("say", text="one")

    reborn = house.restarted()
    carol = reborn.join("carol")
    carol.types("two")
    again = ann.returns(reborn)

    assert again.of_type("welcome")[0]["resumed"] is False
    assert again.talk == ["<carol> two"] and again.seqs()[0] == ann.seqs()[-1] + 1
    again.forget()
    bob.returns(reborn).asks("msg", to="ann", text="after")
    assert again.lines[-1] == "[bob -> you] after"
    assert again.of_type("whispered")[-1]["room"] == ann.of_type("whispered")[0]["room"]


def test_what_was_whispered_while_one_was_away_is_there_when_one_returns(house, ann):
    bob = house.join("bob", JsonPerson)
    bob.asks("msg", to="ann", text="one")
    ann.leaves()
    bob.asks("msg", to="ann", text="two")
    again = ann.returns()

    assert [values["text"] for values in again.of_type("whispered")] == ["two"]
    again.asks("reply", text="three")
    assert [values["text"] for values in bob.of_type("whispered")] == ["one", "two", "three"]


def test_who_was_told_nothing_yet_is_told_all_of_a_conversation(house, ann):
    bob = house.join("bob", JsonPerson)
    ann.leaves()
    bob.asks("msg", to="ann", text="one")

    again = ann.returns()

    assert [values["text"] for values in again.of_type("whispered")] == ["one"]


def test_a_stranger_with_the_same_nick_reads_nothing_of_former_conversations(house, ann):
    bob = house.join("bob", JsonPerson)
    bob.asks("msg", to="ann", text="secret")
    ann.asks("quit")

    other = house.join("ann", JsonPerson)
    bob.asks("msg", to="ann", text="hello, stranger")

    assert [values["text"] for values in other.of_type("whispered")] == ["hello, stranger"]
    assert other.of_type("whispered")[0]["room"] != ann.of_type("whispered")[0]["room"]


def test_after_a_quit_the_token_still_opens_ones_own_conversations(house, ann):
    bob = house.join("bob", JsonPerson)
    bob.asks("msg", to="ann", text="one")
    ann.asks("quit")

    again = ann.returns(seen={"lobby": 0})

    assert [values["text"] for values in again.of_type("whispered")] == ["one"]


def test_another_connection_takes_over_while_the_first_is_still_open(house, ann):
    bob = house.join("bob", JsonPerson)
    bob.forget()

    again = ann.returns()
    bob.asks("say", text="hi")

    assert ann.objects[-1] == {"type": "goodbye", "text": "You resumed on another connection."}
    assert ann.gone and again.of_type("welcome")[0]["resumed"] is True
    assert again.talk == ["<bob> hi"] and bob.lines == ["<bob> hi"]


def test_what_was_on_its_way_when_another_connection_took_over_is_acknowledged_there(house, ann):
    ann.sends_object({"type": "say", "text": "on its way", "ref": "c9"})
    again = ann.returns()

    [said] = again.of_type("said")
    assert said["ref"] == "c9" and house.words() == ["on its way"]


def test_who_was_leaving_a_room_when_another_connection_took_over_is_out_of_it(house, ann):
    bob = house.join("bob")
    ann.sends_object({"type": "leave", "room": "lobby"})
    ann.returns(seen={}, rooms=["dev"])
    bob.types("/who")

    assert bob.lines.count("-- ann left #lobby") == 1
    assert bob.heard("-- bob") and list(house.hub.core.nicks.get("ann").room_names()) == ["dev"]


def test_without_seen_all_is_shown_since_one_came_in(house, ann):
    ann.asks("say", text="one")
    ann.leaves()

    again = ann.returns(seen=None)

    assert again.seqs() == [1, 2]


def test_to_have_seen_more_than_there_is_shows_only_what_is_new(house, ann):
    again = ann.returns(seen={"lobby": 10**9})
    again.asks("say", text="new")

    assert again.seqs() == [2]


def test_rooms_that_were_seen_are_entered_again(house):
    ann = JsonPerson(house)
    ann.joins("ann", "dev")
    ann.leaves()
    house.advance(31)

    again = ann.returns()

    assert sorted(values["room"] for values in again.of_type("room")) == ["dev", "lobby"]


def test_whatever_the_journal_forgot_meanwhile_is_told_as_a_gap():
    house = House(keep=5, rate=0)
    ann, bob = house.join("ann", JsonPerson), house.join("bob", JsonPerson)
    ann.leaves()
    for n in range(600):
        bob.asks("say", text=str(n))
    house.advance(31)
    bob.asks("quit")
    house.hub.rooms.get("lobby")

    again = ann.returns()

    [gap] = again.of_type("gap")
    assert (gap["room"], gap["first"]) == ("lobby", 3)
    assert again.seqs() == list(range(gap["last"] + 1, house.stored()[-1][0] + 1))


@pytest.mark.parametrize(
    "forge",
    [
        lambda token: token[:-1] + ("0" if token[-1] != "0" else "1"),
        lambda token: "A" + token[1:] if token[0] != "A" else "B" + token[1:],
        lambda token: token.replace(".", ".f", 1),
        lambda token: token.rpartition(".")[0],
        lambda token: "",
        lambda token: "." + token,
        lambda token: "é" * 20,
        lambda token: "x" * 10_000,
        lambda token: "..",
    ],
)
def test_a_token_that_is_not_ours_opens_nothing(house, ann, forge):
    stranger = JsonPerson(house)

    answers = stranger.asks("hello", nick="bob", resume=forge(ann.token), ref="h")

    if forge(ann.token):
        assert [(values["type"], values["code"], values["ref"]) for values in answers] == [
            ("refused", "cannot_resume", "h")
        ]
        assert types(stranger.asks("hello", nick="bob"))[0] == "welcome"
    assert not ann.gone and house.hub.core.nicks.get("bob").identity != house.hub.core.nicks.get("ann").identity


def test_a_token_does_not_last_forever(house, ann):
    ann.leaves()
    house.clock.advance(86_402)

    again = ann.returns()

    assert again.objects[0]["code"] == "cannot_resume"


def test_a_token_of_another_server_opens_nothing(house, ann):
    other = House()
    other.journal.secret = b"t" * 32
    other.hub.open()

    assert ann.returns(other).objects[0]["code"] == "cannot_resume"


def test_if_the_nick_is_somebody_elses_meanwhile_one_may_carry_on_under_another(house, ann):
    ann.leaves()
    house.advance(31)
    house.join("ann")

    again = ann.returns()
    assert again.objects[-1]["code"] == "nick_taken"

    answers = again.asks("hello", nick="ann2", resume=ann.token, seen=ann.seen)
    assert answers[0]["nick"] == "ann2"


def test_who_stalls_and_breaks_off_gets_the_rest_from_the_next_connection(house, ann):
    house = House(rate=0)
    ann, bob = house.join("ann", JsonPerson), house.join("bob", JsonPerson)
    ann.wire.stall()
    bob.types(*(f"{n} " + "x" * 4000 for n in range(100)))
    ann.leaves()

    again = ann.returns()

    assert ann.seqs() + again.seqs() == list(range(1, 103))


def test_pinging_is_no_sign_of_life_to_others(house, ann):
    bob = house.join("bob")
    house.advance(400)
    ann.asks("ping")

    bob.types("/who")

    assert bob.lines[-1] == "-- ann (6 minutes), bob"


def test_whoever_says_nothing_after_the_first_bytes_is_hung_up_on(house):
    wire = house.connect(HERE)
    wire.carry(b'{"type"')
    house.advance(61)

    assert wire.cut and b"You gave no nick within 60 seconds. Goodbye." in wire.received


def test_text_people_see_the_marks_of_nobody(house, ann):
    bob = LinePerson(house)
    bob.joins("bob")
    ann.asks("say", text="hi", ref="secret-mark")

    assert not bob.heard_of("secret-mark")


def test_what_a_program_writes_into_a_line_is_no_correction(house, ann):
    ann.asks("correct")
    ann.asks("say", text="helo")
    assert [one["type"] for one in ann.asks("line", text="s/helo/hello/", typed=False)] == ["said"]
    ann.asks("say", text="helo")
    assert [one["type"] for one in ann.asks("say", text="s/helo/hello/")] == ["said"]
    ann.asks("say", text="helo")
    assert [one["type"] for one in ann.asks("line", text="s/helo/hello/", ref="r")] == ["edited"]
    assert [one["type"] for one in ann.asks("say", text="s/hello/ho/", typed=True)] == ["edited"]
    assert [one["type"] for one in ann.asks("say", text="s/nothing/ho/", typed=True, ref="r")] == ["said"]


class Deaf:
    """A dialect of a client that is gone, which notes what there would have been to read."""

    def __init__(self) -> None:
        self.replies: list[type] = []

    def encode(self, *_: object) -> bytes:
        return b""

    def encode_reply(self, reply: object, _: object) -> bytes:
        self.replies.append(type(reply))
        return b""


def test_for_who_is_gone_nothing_is_looked_up_but_what_they_sent_is_done(house, ann):
    [outlet] = [session.outlet for session in house.hub.sessions]
    deaf = outlet.dialect = Deaf()
    ann.sends_object({"type": "who"})
    house.settle()
    assert deaf.replies == [Who]

    outlet.broken = True
    for kind in ("history", "rooms", "who", "unread", "conversations", "bans"):
        ann.sends_object({"type": kind})
    for kind in ("whois", "seen"):
        ann.sends_object({"type": kind, "nick": "ann"})
    ann.sends_object({"type": "search", "words": "tea"})
    ann.sends_object({"type": "say", "text": "last words"})
    house.settle()
    assert deaf.replies == [Who] and house.words() == ["last words"]
