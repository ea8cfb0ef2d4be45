"""Messages in IRC: to rooms and people, notices, actions, labels, tags, several lines, edits and deletions."""

import pytest
from twisted.internet.task import Clock

from chatroom.chat.people.accounts import Account
from chatroom.chat.ports import JournalError
from chatroom.dialects.irc.message import MAX_LINE
from tests.doors.irc.raw import Irc
from tests.house import House
from tests.stand_ins import SlowReads


def said(messages):
    """What was said, and by whom."""
    return [(one.source.partition("!")[0], one.command, *one.params) for one in messages]


def test_what_is_said_reaches_everyone_but_its_author(ann, bob, program):
    ann.new()
    assert bob.says("PRIVMSG #tea :hello there") == []
    assert said(ann.new()) == [("bob", "PRIVMSG", "#tea", "hello there")]
    assert program.objects[-1]["type"] == "said" and program.objects[-1]["text"] == "hello there"


def test_actions_and_notices_are_what_they_are_at_every_door(ann, bob, program):
    ann.new()
    bob.says("PRIVMSG #tea :\1ACTION waves\1", "NOTICE #tea :built")
    assert said(ann.new()) == [("bob", "PRIVMSG", "#tea", "\1ACTION waves\1"), ("bob", "NOTICE", "#tea", "built")]
    assert [one["type"] for one in program.objects[-2:]] == ["acted", "noticed"]
    program.types("/me yawns")
    program.asks("notice", text="tested", room="tea")
    assert said(ann.new()) == [
        ("program", "PRIVMSG", "#tea", "\1ACTION yawns\1"),
        ("program", "NOTICE", "#tea", "tested"),
    ]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("\x0304,01red\x03 and \x02bold\x02", "red and bold"),
        ("\x034,red\x0f", ",red"),
        ("\x03412 eggs", "2 eggs"),
        ("\x04ff00AA,000000pink\x04", "pink"),
        ("\x01ACTION \x0312waves\x03\x01", "waves"),
    ],
)
def test_of_colours_nothing_is_left(ann, program, written, text):
    ann.says(f"PRIVMSG #tea :{written}")
    assert program.objects[-1]["text"] == text


def test_private_messages_go_to_one_person(ann, bob, program):
    for one in (ann, bob):
        one.new()
    bob.says("PRIVMSG ann :psst", "NOTICE ann :ahem")
    assert said(ann.new()) == [("bob", "PRIVMSG", "ann", "psst"), ("bob", "NOTICE", "ann", "ahem")]
    program.types("/msg bob hi")
    assert said(bob.new()) == [("program", "PRIVMSG", "bob", "hi")]
    assert bob.numbers("PRIVMSG nobody :hi") == ["401"] and bob.says("NOTICE nobody :hi") == []


def test_who_is_away_says_so(ann, bob):
    assert ann.numbers("AWAY :lunch") == ["306"]
    assert bob.asks("PRIVMSG ann :hi") == [("301", "bob", "ann", "lunch")]
    assert ann.numbers("AWAY")[-1] == "305"


def test_what_is_said_to_oneself_comes_back_and_is_stored(house, ann):
    assert said(ann.says("PRIVMSG ann :note")) == [("ann", "PRIVMSG", "ann", "note")]
    [name] = [name for name in house.hub.rooms._ledger.rooms if name.startswith("@")]
    assert house.words(name) == ["note"]


def test_with_an_echo_it_comes_back_twice_and_the_label_is_on_the_echo(house):
    ann = Irc(house, "ann", "echo-message", "labeled-response", "batch", "message-tags", "server-time")
    received, echo = ann.says("@label=x PRIVMSG ann :note")
    assert {**received.tags, "label": "x"} == echo.tags and "msgid" in echo.tags
    assert said([received]) == said([echo]) == [("ann", "PRIVMSG", "ann", "note")]
    assert ann.numbers("TAGMSG ann") == [] and ann.says(
        f"@+draft/react=🙂;+draft/reply={echo.tags['msgid']} TAGMSG ann"
    )


def test_without_an_echo_a_label_is_acknowledged(house):
    ann = Irc(house, "ann", "labeled-response", "batch")
    assert sorted(one.command for one in ann.says("@label=x PRIVMSG ann :note")) == ["ACK", "PRIVMSG"]


def test_notes_to_oneself_are_in_the_history(house):
    ann = Irc(house, "ann", "draft/chathistory", "batch", "server-time", "message-tags")
    ann.says("PRIVMSG ann :milk", "AWAY :lunch")
    assert "301" not in ann.numbers("PRIVMSG ann :bread")
    past = ann.says("CHATHISTORY LATEST ann * 10")
    assert said(past)[1:-1] == [("ann", "PRIVMSG", "ann", "milk"), ("ann", "PRIVMSG", "ann", "bread")]


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("PRIVMSG", "411"),
        ("PRIVMSG #tea", "412"),
        ("PRIVMSG #tea :", "412"),
        ("PRIVMSG #tea :\x02\x02", "412"),
        ("PRIVMSG #nope :hi", "404"),
        ("PRIVMSG #a,#b,#c,#d,#e :hi", "407"),
        ("NOPE", "421"),
        ("JOIN", "461"),
        ("USER a b c :d", "462"),
    ],
)
def test_what_makes_no_sense_is_told_by_its_number(ann, line, number):
    assert ann.numbers(line) == [number]


def test_several_targets(house, ann, bob):
    bob.says("JOIN #two")
    ann.says("JOIN #two")
    bob.new()
    ann.new()
    bob.says("PRIVMSG #tea,#two,ann :hi")
    assert said(ann.new()) == [("bob", "PRIVMSG", place, "hi") for place in ("#tea", "#two", "ann")]


def test_echoes_show_what_is_stored(house, ann):
    carol = Irc(house, "carol", "echo-message")
    carol.says("JOIN #tea")
    assert said(carol.says("PRIVMSG #tea :hello")) == [("carol", "PRIVMSG", "#tea", "hello")]
    assert said(carol.says("PRIVMSG ann :psst")) == [("carol", "PRIVMSG", "ann", "psst")]


def test_labels_come_back_with_the_whole_answer(house, ann):
    carol = Irc(house, "carol", "labeled-response", "batch", "echo-message")
    carol.says("JOIN #tea")
    [pong] = carol.says("@label=1 PING x")
    assert pong.command == "PONG" and pong.tags == {"label": "1"}
    [echo] = carol.says("@label=2 PRIVMSG #tea :hi")
    assert echo.command == "PRIVMSG" and echo.tags["label"] == "2"
    begin, *inside, end = carol.says("@label=3 WHOIS ann")
    assert begin.params[1] == "labeled-response" and begin.tags["label"] == "3"
    name = begin.params[0][1:]
    assert all(one.tags["batch"] == name for one in inside) and end.params == (f"-{name}",)
    [done] = carol.says("@label=4 PONG x")
    assert (done.command, done.tags) == ("ACK", {"label": "4"})
    [refused] = carol.says("@label=5 PRIVMSG #nope :hi")
    assert refused.command == "404" and refused.tags == {"label": "5"}
    left = carol.says("@label=6 PART #tea")
    assert [one.command for one in left] == ["PART"] and left[0].tags["label"] == "6"


def test_a_label_comes_back_with_what_is_said_instead_of_the_echo(house, ann):
    carol = Irc(house, "carol", "labeled-response", "batch", "echo-message")
    carol.says("JOIN #tea")
    ann.says("MODE #tea +m")
    [refused] = carol.says("@label=1 PRIVMSG #tea :hi")
    assert refused.command == "404" and refused.tags == {"label": "1"}
    ann.says("MODE #tea -m")
    house.journal.broken = JournalError("the disk is full")
    told = carol.says("@label=2 PRIVMSG #tea :lost")
    assert [one.tags.get("label") for one in told if "label" in one.tags] == ["2"]
    house.journal.broken = None
    house.hub.core.accounts.put(Account("carol-id", "carol", "carol", "", admin=False, since=0.0, seen=None))
    for number, command in enumerate(("PRIVMSG #tea :mine", "WHO #tea", "LIST")):
        told = carol.says(f"@label=n{number} {command}")
        assert told and {one.tags.get("label", f"n{number}") for one in told} == {f"n{number}"}, command
        assert sum("label" in one.tags for one in told) == 1, command


def test_what_many_say_at_once_is_shown_in_one_order_with_labels_for_their_senders(house, ann, bob):
    carol = Irc(house, "carol", "labeled-response", "batch", "echo-message")
    dan = Irc(house, "dan", "echo-message")
    carol.says("JOIN #tea")
    dan.says("JOIN #tea")
    everyone = ann, bob, carol, dan
    for one in everyone:
        one.new()

    for number, (who, tags) in enumerate([(ann, ""), (carol, "@label=7 "), (dan, ""), (carol, ""), (bob, "")]):
        who.wire.carry(f"{tags}PRIVMSG #tea :{number}\r\n".encode())

    read = [[(line.params[1], line.tags.get("label", "")) for line in one.new()] for one in everyone]
    assert read == [
        [("1", ""), ("2", ""), ("3", ""), ("4", "")],
        [("0", ""), ("1", ""), ("2", ""), ("3", "")],
        [("0", ""), ("1", "7"), ("2", ""), ("3", ""), ("4", "")],
        [("0", ""), ("1", ""), ("2", ""), ("3", ""), ("4", "")],
    ]


def test_a_label_without_an_echo_is_acknowledged(house, ann):
    carol = Irc(house, "carol", "labeled-response", "batch")
    carol.says("JOIN #tea")
    [done] = carol.says("@label=1 PRIVMSG #tea :hi")
    assert (done.command, done.tags) == ("ACK", {"label": "1"})


def test_tags_tell_when_and_by_whom(house, ann, bob):
    bob.says("NS REGISTER password9")
    carol = Irc(house, "carol", "server-time", "message-tags", "account-tag")
    carol.says("JOIN #tea")
    bob.says("PRIVMSG #tea :hi")
    [hi] = carol.new()
    assert (
        hi.tags["account"] == "bob" and hi.tags["time"].endswith("Z") and hi.tags["msgid"].partition("-")[2].isdigit()
    )


def test_tags_of_clients_are_passed_on_to_those_who_are_here(house, ann):
    carol, dan = (Irc(house, nick, "message-tags", "echo-message") for nick in ("carol", "dan"))
    for one in (carol, dan):
        one.says("JOIN #tea")
    carol.new()
    [echo] = carol.says("@+typing=active;nope=1 TAGMSG #tea")
    [shown] = dan.new()
    assert echo.command == shown.command == "TAGMSG" and shown.tags["+typing"] == "active" and "nope" not in shown.tags
    carol.says("@+example=a\\sb PRIVMSG #tea :hi")
    assert dan.new()[-1].tags["+example"] == "a b"
    assert [one.command for one in ann.new() if one.command != "JOIN"] == ["PRIVMSG"]
    assert not house.irc.server.passing


def test_an_answer_keeps_its_tags_and_what_its_author_wrote(house, ann):
    carol, dan = (Irc(house, nick, "message-tags", "echo-message") for nick in ("carol", "dan"))
    for one in (carol, dan):
        one.says("JOIN #tea")
    ann.says("PRIVMSG #tea :hi")
    id = dan.new()[-1].tags["msgid"]
    carol.new()
    [echo] = carol.says(f"@+draft/reply={id};+example=1 PRIVMSG #tea :hello")
    [shown] = dan.new()
    for one in (echo, shown):
        assert one.params[-1] == "hello", "whoever answers with an IRC client names nobody unless they want to"
        assert (one.tags["+draft/reply"], one.tags["+example"]) == (id, "1")
    carol.says("JOIN #milk", f"@+draft/reply={id} PRIVMSG #tea :hello again", "CHAT me waves")
    assert house.stored("tea")[-1][1].text == "waves", "CHAT concerns the room in which they have spoken last"


def test_a_reaction_is_added_once_and_taken_back_once(house, ann, bob, program):
    carol = Irc(house, "carol", "message-tags")
    carol.says("JOIN #tea")
    ann.says("PRIVMSG #tea :hi")
    id = carol.new()[-1].tags["msgid"]
    for tag in ("unreact", "react", "react", "unreact", "unreact", "react"):
        carol.says(f"@+draft/{tag}=👍;+draft/reply={id} TAGMSG #tea")
    assert [one["added"] for one in program.of_type("reacted")] == [True, False, True]


def test_any_text_may_be_a_reaction_among_those_who_are_here(house, ann):
    carol, dan = (Irc(house, nick, "message-tags") for nick in ("carol", "dan"))
    for one in (carol, dan):
        one.says("JOIN #tea")
    ann.says("PRIVMSG #tea :hi")
    id = dan.new()[-1].tags["msgid"]
    carol.says(f"@+draft/react=lol;+draft/reply={id} TAGMSG #tea")
    assert [one.tags["+draft/react"] for one in dan.new()] == ["lol"]
    assert house.stored("tea")[-1][1].type == "said"


@pytest.mark.parametrize("silence", ["+q carol", "+m"])
def test_who_may_not_speak_passes_on_nothing(house, ann, silence):
    carol, dan = (Irc(house, nick, "message-tags") for nick in ("carol", "dan"))
    for one in (carol, dan):
        one.says("JOIN #tea")
    ann.says(f"MODE #tea {silence}")
    dan.new()
    carol.says("@+typing=active TAGMSG #tea")
    assert dan.new() == []


def test_long_texts_of_others_are_split_between_words_and_characters(house, ann, program):
    text = "wörd " * 300
    program.asks("say", text=text, room="tea")
    lines = ann.new_lines()
    assert len(lines) > 3 and all(len(line.encode()) <= MAX_LINE - 2 for line in lines)
    assert " ".join(line.partition(" :")[2] for line in lines).split() == text.split()


def test_blocks_are_lines_or_a_batch(house, ann, program):
    carol = Irc(house, "carol", "draft/multiline", "batch")
    carol.says("JOIN #tea")
    ann.new()
    program.asks("say", text="one\ntwo", room="tea")
    assert [one[3] for one in said(ann.new())] == ["one", "two"]
    begin, one, two, end = carol.new()
    assert begin.params[1:] == ("draft/multiline", "#tea") and [one.params[-1], two.params[-1]] == ["one", "two"]
    assert end.params[0] == f"-{begin.params[0][1:]}"


def test_a_batch_becomes_one_message(house, ann, program):
    carol = Irc(house, "carol", "draft/multiline", "batch", "echo-message", "labeled-response")
    carol.says("JOIN #tea")
    shown = carol.says(
        "@label=9 BATCH +1 draft/multiline #tea",
        "@batch=1 PRIVMSG #tea :one",
        "@batch=1;draft/multiline-concat PRIVMSG #tea : and a half",
        "@batch=1 PRIVMSG #tea :two",
        "BATCH -1",
    )
    assert program.objects[-1]["text"] == "one and a half\ntwo"
    assert shown[0].command == "BATCH" and shown[0].tags["label"] == "9"


def test_an_action_of_several_lines_is_as_many_actions(house, ann, program):
    carol = Irc(house, "carol", "draft/multiline", "batch")
    carol.says("JOIN #tea")
    ann.new()
    batch = "BATCH +1 draft/multiline #tea", "@batch=1 PRIVMSG #tea :\1ACTION sings\1", "@batch=1 PRIVMSG #tea :a song"
    carol.says(*batch, "BATCH -1")
    assert program.objects[-1]["text"] == "sings\na song"
    assert [one.params[-1] for one in ann.new()] == ["\1ACTION sings\1", "\1ACTION a song\1"]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (["@batch=1 PRIVMSG #two :x"], "MULTILINE_INVALID_TARGET"),
        (["@batch=2 PRIVMSG #tea :x"], "MULTILINE_INVALID_TARGET"),
        ([f"@batch=1 PRIVMSG #tea :{'x' * 450}"] * 10, "MULTILINE_MAX_BYTES"),
        (["@batch=1 PRIVMSG #tea :x"] * 41, "MULTILINE_MAX_LINES"),
        ([], "MULTILINE_INVALID"),
    ],
)
def test_a_batch_that_is_none_is_refused_once(house, ann, lines, code):
    carol = Irc(house, "carol", "draft/multiline", "batch")
    carol.says("JOIN #tea")
    shown = carol.says("BATCH +1 draft/multiline #tea", *lines, "BATCH -1")
    assert [one.params[:2] for one in shown] == [("BATCH", code)]
    assert carol.asks("BATCH -nope")[0][:3] == ("FAIL", "BATCH", "INVALID_BATCH")


def test_second_thoughts_are_shown_and_had(house, ann, bob, program):
    carol = Irc(house, "carol", "message-tags", "draft/message-redaction", "echo-message")
    carol.says("JOIN #tea")
    [mine] = carol.says("PRIVMSG #tea :hello")
    id = mine.tags["msgid"]
    ann.new()
    program.asks("react", room="tea", seq=int(id.partition("-")[2]), emoji="👍")
    [reaction] = carol.new()
    assert (
        reaction.command == "TAGMSG" and reaction.tags["+draft/react"] == "👍" and reaction.tags["+draft/reply"] == id
    )
    assert "reacted with 👍" in ann.new()[-1].params[-1]
    program.asks("answer", room="tea", seq=int(id.partition("-")[2]), text="hi")
    answer = carol.new()[-1]
    assert answer.tags["+draft/reply"] == id and answer.params[-1] == "carol: hi", "most clients show no tags"
    assert said(ann.new())[-1][-1] == "carol: hi"
    program.asks("answer", room="tea", seq=int(id.partition("-")[2]), text="Carol, hi")
    assert said(ann.new())[-1][-1] == "Carol, hi"
    assert [one.command for one in carol.says(f"@+draft/reply={id};+draft/react=🎉 TAGMSG #tea")] == ["TAGMSG"]
    assert [one.command for one in carol.says(f"REDACT #tea {id} :typo")] == ["REDACT"]
    assert "deleted a message (typo)" in ann.new()[-1].params[-1]
    program.asks("say", text="helo", room="tea")
    program.asks("edit", room="tea", seq=program.seqs("tea")[-1], text="hello")
    assert said(ann.new())[-1][-1] == "(edited) hello"


def test_the_parts_of_a_long_correction_do_not_share_its_id(house, ann, program):
    carol = Irc(house, "carol", "message-tags")
    carol.says("JOIN #tea")
    program.asks("say", text="helo", room="tea")
    program.asks("edit", room="tea", seq=program.seqs("tea")[-1], text="hello " * 200)
    [said, first, *rest] = carol.new()
    assert first.tags["msgid"] != said.tags["msgid"]
    assert len(rest) > 1 and all("msgid" not in one.tags for one in rest)
    assert {one.tags["+draft/reply"] for one in (first, *rest)} == {said.tags["msgid"]}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("REDACT #tea nope", "UNKNOWN_MSGID"),
        ("REDACT #nope nope", "INVALID_TARGET"),
        ("REDACT #tea {}", "REDACT_FORBIDDEN"),
    ],
)
def test_what_cannot_be_deleted_is_told(house, ann, line, code):
    carol = Irc(house, "carol", "message-tags", "draft/message-redaction")
    carol.says("JOIN #tea")
    ann.says("PRIVMSG #tea :mine")
    id = carol.new()[-1].tags["msgid"]
    assert carol.asks(line.format(id))[0][:3] == ("FAIL", "REDACT", code)
    assert ann.numbers(f"REDACT #tea {id}") == ["421"]


def test_who_is_ignored_is_not_heard(ann, bob):
    ann.says("CHAT /ignore bob")
    ann.new()
    bob.says("PRIVMSG #tea :hi", "PRIVMSG ann :hi", "TOPIC #tea")
    assert ann.new() == []


def test_a_program_may_say_what_it_is(house, ann):
    carol = Irc(house, "carol", "message-tags")
    carol.says("JOIN #tea", "MODE carol +B")
    dan = Irc(house, "dan", "message-tags")
    dan.says("JOIN #tea")
    carol.says("PRIVMSG #tea :beep")
    assert "bot" in dan.new()[-1].tags
    assert "335" in dan.numbers("WHOIS carol")


@pytest.mark.parametrize("line", [b"@label=7 PRIVMSG #tea :" + b"x" * 600, b"@label=7 PRIVMSG #tea :\xff"])
def test_a_line_that_cannot_be_read_is_answered_with_its_label(house, ann, line):
    carol = Irc(house, "carol", "labeled-response", "batch")
    carol.says("JOIN #tea")
    carol.wire.carry(line + b"\r\n")
    [told] = carol.new()
    assert told.command in ("417", "FAIL") and told.tags == {"label": "7"}


def test_what_is_told_unasked_is_not_in_the_answer_to_a_label():
    clock = Clock()
    house = House(rate=0, clock=clock, journal=SlowReads(clock.callLater, secret=b"s" * 32))
    carol = Irc(house, "carol", "labeled-response", "batch", "draft/chathistory", "server-time", "message-tags")
    carol.says("NS REGISTER password9", "JOIN #tea")
    other = Irc(house, "carol2")
    other.says("NS IDENTIFY carol password9")
    carol.new()
    house.journal.seconds = 5.0
    carol.wire.carry(b"@label=1 CHATHISTORY BEFORE #tea timestamp=2100-01-01T00:00:00.000Z 50\r\n")
    other.wire.carry(b"NICK carla\r\n")
    house.advance(1)
    about = carol.new()
    for _ in range(60):
        house.advance(1)
    shown = [*about, *carol.new()]
    assert [one.command for one in about] == ["NICK"] and "batch" not in about[0].tags
    assert [one.tags["label"] for one in shown if "label" in one.tags] == ["1"]


def test_a_long_line_and_blank_lines_come_back_whole_in_a_batch(house, ann, program):
    carol = Irc(house, "carol", "draft/multiline", "batch")
    carol.says("JOIN #tea")
    words = " ".join(f"word{number}" for number in range(200))
    for text in (words, "one\n\nthree", "  indented\n    more"):
        carol.new()
        program.asks("say", text=text, room="tea")
        lines: list[str] = []
        for one in carol.new():
            if one.command == "PRIVMSG" and "draft/multiline-concat" in one.tags:
                lines[-1] += one.params[-1]
            elif one.command == "PRIVMSG":
                lines.append(one.params[-1])
        assert "\n".join(lines) == text
