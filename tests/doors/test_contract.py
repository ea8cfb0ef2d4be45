"""The contract of the doors: one behaviour, one test, run through each door."""

from __future__ import annotations

import pytest

from chatroom.chat.commands import TABLE
from chatroom.chat.limits import Limits
from chatroom.chat.policy import LOBBY
from chatroom.chat.ports import JournalError
from chatroom.chat.rooms.speech import say
from chatroom.client.local_commands import COMMANDS
from chatroom.doors.ssh.status_command import USAGE
from tests.doors.every_door import DOORS, doors_for
from tests.house import START, ClientPerson, LinePerson, failures
from tests.irc_person import IrcPerson
from tests.ssh_person import SshPerson, TerminalPerson
from tests.wires import BUFFER

RAW_DOORS = [DOORS[name] for name in ("line", "json", "line-tls", "json-tls")]
"""Those through which bytes can be sent that no program of ours would send."""
BURST, RATE = Limits().burst, Limits().rate


def pytest_generate_tests(metafunc):
    """Run each test through every door that it holds for."""
    given = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "door" in metafunc.fixturenames and "door" not in given:
        metafunc.parametrize("door", doors_for(metafunc.definition.originalname), indirect=True)


@pytest.fixture
def door(request):
    return DOORS[request.param]


@pytest.fixture
def house(houses):
    with failures() as broken:
        yield houses()
    assert not broken, broken[0]


@pytest.fixture
def ann(house, door):
    return house.join("ann", door)


@pytest.fixture
def bob(house, door, ann):
    return house.join("bob", door)


@pytest.fixture
def full_disk(house):
    house.journal.broken = JournalError("the disk is full")


# Coming in.


def test_whoever_comes_in_is_welcomed_and_told_who_is_here(house, door):
    house.join("ann")

    bob = house.join("bob", door)

    assert bob.heard("-- Welcome, bob. Type to talk; /help lists the commands, exit leaves.")
    assert bob.heard("-- You are in #lobby. 2 people: ann and bob.")


def test_the_first_one_is_told_that_nobody_else_is_here(ann):
    assert ann.heard("-- You are in #lobby. You are alone here.")


def test_others_see_who_comes_in(ann, bob):
    assert ann.lines.count("-- bob joined #lobby") == 1


def test_whoever_comes_in_sees_the_topic_and_what_was_said_before(house, door):
    carol = house.join("carol")
    carol.types("/topic Tea at five", "one", "/me yawns", "two")

    ann = house.join("ann", door)

    assert ann.heard("-- Topic: Tea at five")
    assert [line for line in ann.lines if "carol" in line and "people" not in line] == [
        "<carol> one",
        "* carol yawns",
        "<carol> two",
    ]


def test_of_what_was_said_before_only_the_last_lines_are_shown(house, door):
    carol = house.join("carol")
    carol.types(*(f"line {n}" for n in range(30)))

    ann = house.join("ann", door)

    assert ann.talk == [f"<carol> line {n}" for n in range(10, 30)]


def test_a_taken_nick_is_refused_with_one_that_is_free(house, door, ann):
    bob = door(house)

    bob.joins("ANN")
    assert bob.heard("!! The nick ANN is taken. ANN2 is free.")
    assert not bob.heard_of("Welcome, ")

    bob.joins("ANN2")
    assert bob.heard("-- Welcome, ANN2. Type to talk; /help lists the commands, exit leaves.")


@pytest.mark.parametrize(
    ("nick", "because"),
    [
        ("server", "!! The nick server is reserved. Please choose another one."),
        ("a" * 33, "!! A nick has at most 32 characters."),
        ("ann bob", "!! A nick cannot contain spaces."),
        ("pаypal", "!! That nick mixes Cyrillic and Latin letters, so it could pass for another."),
        ("an\u200bn", "!! That nick has characters that cannot be seen or told apart."),
        ("<ann>", "!! A nick cannot contain '<': only letters, digits and - _ . ' | ^ ` [ ] { }"),
    ],
)
def test_a_nick_that_nobody_may_have_is_refused_and_another_can_be_given(house, door, nick, because):
    ann = door(house)

    ann.joins(nick)
    assert because in ann.lines
    assert not house.hub.core.people

    ann.joins("ann")
    assert ann.heard_of("Welcome, ann.")


def test_a_nick_that_is_much_too_long_is_refused(house, door):
    ann = door(house)

    ann.joins("a" * 2000)

    assert ann.heard("!! A nick has at most 32 characters.")


def test_a_nick_is_shown_as_it_was_written_but_held_against_everyone_elses_whatever_the_case(house, door):
    house.join("Zoë")
    other = door(house)

    other.joins("ZOË")

    assert other.heard("!! The nick ZOË is taken. ZOË2 is free.")


# Talking.


def test_what_one_says_all_others_hear_once(house, ann, bob):
    carol = house.join("carol")

    ann.types("hello")

    assert bob.talk == carol.talk == ["<ann> hello"]


def test_ones_own_line_comes_back_only_where_it_is_the_acknowledgement(ann):
    ann.types("hello")

    assert ann.lines.count("<ann> hello") == (1 if ann.echoes else 0)


def test_everyone_hears_everything_in_one_order(house, ann, bob):
    carol = house.join("carol")

    for n in range(20):
        for speaker in (ann, bob):
            speaker.sends_line(f"{speaker.nick} {n}")
    house.settle()

    assert carol.talk == [f"<{event.nick}> {event.text}" for _, event in house.stored() if hasattr(event, "text")]
    assert len(carol.talk) == 40
    assert bob.talk == [line for line in carol.talk if line.startswith("<ann>")]


def test_what_one_does_others_see(ann, bob):
    ann.types("/me waves")

    assert bob.heard("* ann waves")


def test_two_slashes_say_one(ann, bob):
    ann.types("//help is a command")

    assert bob.heard("<ann> /help is a command")


def test_marks_piled_on_a_letter_are_cut(ann, bob):
    pile, cut = "a" + "\u0301\u0316" * 30, "a" + "\u0301\u0316" * 3
    ann.types(f"he{pile}y", f"/topic {pile}", f"/me {pile}")

    assert bob.heard(f"<ann> he{cut}y")
    assert bob.heard(f"-- ann set the topic of #lobby: {cut}")
    assert bob.heard(f"* ann {cut}")


def test_spaces_alone_say_nothing(house, ann, bob):
    ann.types("   ", "\t")

    assert bob.talk == [] and house.words() == []


def test_a_private_message_reaches_one_person_only(house, ann, bob):
    carol = house.join("carol")

    ann.types("/msg BOB psst")

    assert bob.heard("[ann -> you] psst")
    assert ann.heard("[you -> bob] psst")
    assert not carol.heard_of("psst") and house.words() == []


def test_an_answer_goes_to_whoever_whispered_last(house, ann, bob):
    carol = house.join("carol")
    ann.types("/msg bob one")
    carol.types("/msg bob two")

    bob.types("/reply three")

    assert carol.heard("[bob -> you] three") and not ann.heard_of("three")


def test_an_answer_finds_them_under_their_new_nick(ann, bob):
    ann.types("/msg bob one", "/nick anna")

    bob.types("/reply two")

    assert ann.heard("[bob -> you] two") and bob.heard("[you -> anna] two")


def test_there_is_no_answering_nobody(ann):
    ann.types("/reply hello?")

    assert ann.heard("!! Nobody who is here has sent you a private message.")


def test_there_is_no_answering_who_has_left(house, ann, bob):
    bob.types("/msg ann bye", "exit")

    ann.types("/reply wait")

    assert ann.heard("!! The person who sent you the last private message has left.")


def test_a_private_message_to_nobody_is_refused(ann):
    ann.types("/msg bob hello?")

    assert ann.heard("!! Nobody called bob is here.")


def test_notes_to_oneself_are_shown_to_nobody_else(house, ann, bob):
    ann.types("/away lunch", "/msg ANN milk")

    # With an echo, an IRC client sees what it sends, and what it receives.
    assert ann.lines.count("[you -> yourself] milk") == (2 if isinstance(ann, IrcPerson) else 1)
    assert not bob.heard_of("milk") and not ann.heard_of("is away")
    [name] = [name for name in house.hub.rooms._ledger.rooms if name.startswith("@")]
    assert house.words(name) == ["milk"]


def test_a_note_to_oneself_is_no_message_to_answer(ann, bob):
    bob.types("/msg ann hi")
    ann.types("/msg ann milk", "/reply hello")

    assert bob.heard("[ann -> you] hello")


# Names.


def test_a_new_nick_is_seen_by_everyone_in_the_room(ann, bob):
    ann.types("/nick anna")
    bob.forget()
    ann.types("hello")

    assert ann.heard("-- You are now known as anna.")
    assert bob.talk == ["<anna> hello"]


def test_others_are_told_of_a_new_nick(ann, bob):
    ann.types("/nick anna")

    assert bob.lines.count("-- ann is now known as anna") == 1


def test_a_nick_can_change_its_case_only(ann, bob):
    ann.types("/nick Ann")

    assert bob.heard("-- ann is now known as Ann")


def test_the_old_nick_is_free_for_others(house, ann, bob):
    ann.types("/nick anna")

    bob.types("/nick ann")

    assert ann.heard("-- bob is now known as ann")


def test_somebody_elses_nick_cannot_be_taken(ann, bob):
    bob.types("/nick Ann")

    assert bob.heard("!! The nick Ann is taken. Ann2 is free.")
    assert not ann.heard_of("is now known as Ann")


def test_the_nick_one_has_already_is_no_change(ann, bob):
    ann.types("/nick ann")

    assert ann.heard("!! You are ann already.") and not bob.heard_of("is now known as ann")


# Rooms.


def test_each_room_hears_its_own_talk_only(house, ann, bob):
    bob.types("/join dev")
    carol = house.join("carol")

    bob.types("in dev")
    ann.types("in the lobby")

    assert not ann.heard_of("in dev") and not carol.heard_of("in dev")
    assert carol.talk == ["<ann> in the lobby"]
    # With nc one is shown the current room, and is told that there is something new in another.
    one_room = isinstance(bob, (LinePerson, SshPerson))
    assert bob.heard_of("<ann> in the lobby") is not one_room
    assert bob.heard("-- #lobby: 1 new") is one_room


def test_whoever_joins_a_room_is_seen_there_and_told_who_is_there(ann, bob):
    ann.types("/join dev")
    bob.types("/join #DEV")

    assert bob.heard("-- You are in #dev. 2 people: ann and bob.")
    assert any(line.endswith("-- bob joined #dev") for line in ann.lines)


def test_joining_a_room_one_is_in_makes_it_the_current_one(ann, bob):
    ann.types("/join dev", "/join lobby", "hello")

    assert bob.heard("<ann> hello")


def test_leaving_goes_back_to_a_room_one_is_in(ann, bob):
    ann.types("/join dev", "/leave", "hello")

    assert ann.heard("-- You left #dev. You are in #lobby now.")
    assert bob.heard("<ann> hello")


def test_others_see_who_leaves_a_room(ann, bob):
    ann.types("/leave lobby")

    assert bob.lines.count("-- ann left #lobby") == 1
    assert ann.heard("-- You left #lobby. You are not in any room now.")


def test_nothing_can_be_said_in_no_room(ann):
    ann.types("/leave", "hello")

    assert ann.heard("!! You are not in a room; /join one first.")


def test_a_room_that_all_have_left_keeps_its_history_and_its_topic(house, ann, bob):
    ann.types("/join dev", "/topic Work", "remember this", "/leave")

    bob.types("/join dev")

    assert bob.heard_of("<ann> remember this") and bob.heard("-- Topic: Work")


def test_nobody_leaves_or_asks_about_a_room_they_are_not_in(ann):
    ann.types("/leave dev", "/who dev")

    assert ann.heard("!! You are not in #dev.") and ann.heard("!! Nobody is in #dev.")


def test_there_is_a_limit_to_the_rooms_that_one_person_is_in(house, ann):
    ann.types(*(f"/join r{n}" for n in range(house.limits.rooms_per_session)))

    assert ann.heard_of("!! You are in 20 rooms already; /leave one first.")
    assert not house.stored("r19") and house.stored("r18")


@pytest.mark.parametrize("name", ["#", "two words", "@ann:bob", "a/b", "x" * 33, "x" * 500])
def test_a_name_that_no_room_can_have_is_refused(house, ann, name):
    ann.types(f"/join {name}")

    assert ann.lines[-1].startswith("!! ")
    assert ann.lines[-1] != "!! " and len(house.hub.core.people) == 1
    assert [room.name for room in house.hub.rooms] == [LOBBY]


def test_the_topic_is_set_shown_and_removed(house, ann, bob):
    ann.types("/topic", "/topic Tea at five")
    bob.types("/topic")
    ann.types("/topic -")
    bob.types("/topic")

    assert ann.heard("-- #lobby has no topic.")
    assert bob.heard("-- ann set the topic of #lobby: Tea at five")
    assert bob.heard("-- The topic of #lobby: Tea at five")
    assert bob.heard("-- ann removed the topic of #lobby")
    assert bob.lines[-1] == "-- #lobby has no topic."


def test_a_topic_has_its_length(house, ann, bob):
    ann.types("/topic " + "x" * 301)

    assert ann.heard("!! A topic has at most 300 characters.")
    assert not bob.heard_of("xxx")


def test_rooms_are_listed_the_fullest_first(house, ann, bob):
    carol = house.join("carol")
    carol.types("/join art", "/leave lobby")
    ann.types("/join dev", "/topic Work", "/rooms")
    listed = [line for line in ann.lines if line.startswith("-- #")]

    assert listed == ["-- #lobby      2", "-- #art        1", "-- #dev        1  Work"]


def test_with_nobody_in_any_room_there_are_none_to_list(ann):
    ann.types("/leave", "/rooms")

    assert ann.heard("-- Nobody is in any room.")


# Asking.


def test_who_lists_the_people_of_a_room(house, ann, bob):
    ann.types("/who")

    assert ann.lines[-2:] == ["-- In #lobby (2):", "-- ann, bob"]


def test_who_tells_how_long_somebody_has_been_silent(house, ann, bob):
    house.advance(600)
    ann.types("hello", "/who")

    assert ann.lines[-1] == "-- ann, bob (10 minutes)"


def test_whois_tells_what_may_be_known_of_somebody(house, ann, bob):
    bob.types("/join dev", "/msg ann psst")

    ann.types("/whois Bob")

    assert ann.heard_of("-- bob is in #lobby and #dev; here since 2026-01-02")
    assert ann.heard_of("active now.")


def test_history_shows_the_last_things_said(ann, bob):
    bob.types("one", "/topic not said", "two", "/me three")
    ann.forget()

    ann.types("/history 2")

    assert ann.lines[0] == "-- History of #lobby (2):"
    assert ann.lines[2:-1] == ["<bob> two", "* bob three"]
    assert ann.lines[-1].startswith("-- End of history; there is more before ")


def test_history_of_a_room_where_nothing_was_said(ann):
    ann.types("/history")

    assert ann.heard("-- Nothing has been said in #lobby yet.")


def test_history_of_a_day_on_which_nothing_was_said_yet(ann):
    ann.types("hello", "/history yesterday")

    assert ann.heard("-- Nothing was said in #lobby before yesterday.")


def test_history_reaches_behind_what_is_at_hand(house, ann):
    for n in range(450):
        say(house.hub.rooms.get(LOBBY), house.hub.core.nicks.get("ann").session, f"line {n}")
    house.settle()
    ann.forget()

    ann.types("/history 200")

    talk = [line for line in ann.lines if line.startswith("<ann>")]
    assert talk[-200:] == [f"<ann> line {n}" for n in range(250, 450)]


@pytest.mark.parametrize("count", ["0", "-1", "x", "1.5", "٣", "9" * 30])
def test_history_takes_whole_numbers_only(ann, count):
    ann.types(f"/history {count}")

    assert ann.heard(f"!! {count!r} is not a number from 1 up. Usage: /history [-n] [N] [BEFORE]")


def test_history_has_a_limit(ann):
    ann.types("/history 201")

    assert ann.heard("!! At most 200 lines at a time.")


def test_the_time_is_the_servers(ann, house):
    house.clock.rightNow = START + 4.0

    ann.types("/time")

    assert ann.heard_of("2026-01-0") and ann.heard_of(":00:04 ")


def own_commands(person):
    """Return the usages of the commands that the client, or the terminal, of *person* adds to those of the chat."""
    if isinstance(person, ClientPerson):
        return list(COMMANDS)
    return [USAGE] if isinstance(person, TerminalPerson) else []


def test_help_lists_every_command_that_can_be_typed(ann):
    ann.types("/help all")

    listed = {line.split()[1] for line in ann.lines if line.startswith("-- /")}
    names = " ".join(f"/{entry.name}" for entry in TABLE.values() if entry.typed) + " //TEXT"
    assert listed == set(names.split()) | {usage.split()[0] for usage in own_commands(ann)}
    assert ann.heard("-- Rooms:") and ann.heard("-- For admins of the server:")
    assert not ann.heard_of("/hello") and not ann.heard_of("/ping") and not ann.heard_of("/say")


def test_help_alone_lists_what_this_person_may_use(ann):
    ann.forget()
    ann.types("/help")

    assert ann.heard_of("/msg NICK TEXT") and not ann.heard_of("/kick") and ann.heard("-- Messages:")
    own = own_commands(ann)
    # They are listed, too, under a heading.
    most = 46 + len(own) + bool(own)
    assert ann.lines[-1] == "-- /help all lists 30 more, for other roles." and len(ann.lines) < most


def test_notify_alone_tells_what_it_is(ann):
    ann.types("/notify")
    assert ann.heard("-- Notifications: none. Change with /notify all, mentions or none.")

    ann.types("/notify mentions", "/notify")
    assert ann.heard("-- Notifications: mentions. Change with /notify all, mentions or none.")


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("/account", "!! You need an account for that; /register creates one."),
        ("/ban bob", "!! Only an operator of #lobby may use /ban here."),
        ("/gban bob", "!! Only an admin of this server may use /gban."),
    ],
)
def test_a_command_for_others_says_who_may_use_it(ann, line, answer):
    ann.types(line)

    assert ann.heard(answer)


def test_help_explains_one_command(ann):
    ann.types("/help /MSG")

    assert ann.lines[-1] == "-- /msg NICK TEXT: send someone a private message (also /m and /query)"


def test_help_for_what_there_is_not_suggests_the_nearest(ann):
    ann.types("/help histry")

    assert ann.heard("!! There is no command /histry. Did you mean /history?")


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("/histroy", "!! There is no command /histroy. Did you mean /history? /help lists them."),
        ("/zzzzz", "!! There is no command /zzzzz. /help lists them."),
        ("/say hello", "!! There is no command /say. /help lists them."),
        ("/", "!! There is no command /. /help lists them."),
        ("/msg", "!! NICK and TEXT missing. Usage: /msg NICK TEXT"),
        ("/msg bob", "!! TEXT missing. Usage: /msg NICK TEXT"),
        ("/me", "!! TEXT missing. Usage: /me TEXT"),
        ("/nick a b", "!! Too many words for /nick. Usage: /nick NICK"),
        ("/time now", "!! Too many words for /time. Usage: /time"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_what_could_be_meant(ann, bob, typed, answer):
    ann.types(typed)

    assert ann.lines[-1] == answer
    assert bob.talk == []


def test_commands_are_known_whatever_their_case(ann, bob):
    ann.types("/ME waves")

    assert bob.heard("* ann waves")


def test_answers_come_in_the_order_of_the_questions(house, ann, bob):
    bob.forget()
    for line in ("one", "/history 1", "two", "/history 2", "/nope", "three", "/history 3"):
        ann.sends_line(line)
    house.settle()

    shown = [line for line in ann.lines if line.startswith(("-- History", "!! "))]
    assert [line[:14] for line in shown] == ["-- History of ", "-- History of ", "!! There is no", "-- History of "]
    assert [line[-3] for line in shown] == ["1", "2", "e", "3"]
    assert bob.talk == ["<ann> one", "<ann> two", "<ann> three"]


def test_when_an_answer_comes_everyone_has_been_shown_what_was_said_before(house, ann, bob):
    ann.sends_line("hello")
    ann.sends_line("/time")
    while not ann.heard_of("-- Friday, 2026-01-02"):
        assert house.clock.calls[0].getTime() <= house.clock.seconds()
        call = house.clock.calls.pop(0)
        call.called = 1
        call.func(*call.args, **call.kw)

    # His screen may show it a turn later; it has been sent.
    assert bob.wire.received.count(b"hello") == 1


# Going.


@pytest.mark.parametrize("line", ["exit", "/exit", "/quit", "/EXIT"])
def test_exit_leaves_at_once(house, ann, bob, line):
    ann.types(line)

    assert ann.heard("-- Goodbye.") and ann.gone
    assert bob.lines.count("-- ann left #lobby") == 1
    assert house.join("ann").heard_of("Welcome, ann.")


def test_the_reason_for_leaving_is_told(ann, bob):
    ann.types("/quit gone home")

    assert bob.heard("-- ann left #lobby (gone home)")


def test_the_reason_has_its_length(ann, bob):
    ann.types("/quit " + "x" * 301)

    assert ann.heard("!! A reason has at most 300 characters.") and not ann.gone


def test_exit_within_a_sentence_is_only_said(ann, bob):
    ann.types("exit strategy")

    assert bob.heard("<ann> exit strategy") and not ann.gone


def test_what_was_said_before_leaving_is_heard(house, ann, bob):
    ann.sends_line("last words")
    ann.sends_line("exit")
    house.settle()

    assert bob.lines[-2:] == ["<ann> last words", "-- ann left #lobby"]


def test_everyone_is_told_that_the_server_stops(house, ann, bob):
    house.closes("maintenance")

    goodbye = "-- The server is shutting down: maintenance. You have been disconnected."
    assert ann.heard(goodbye) and bob.heard(goodbye)
    assert ann.gone and bob.gone
    assert [event.type for _, event in house.stored()][-2:] == ["left", "left"]


def test_who_arrives_while_the_server_stops_is_told(house, door):
    ann = door(house)
    house.hub.core.closing = True

    ann.joins("ann")

    assert ann.heard_of("The server is shutting down.")


# Too much, and nonsense.


def test_a_flood_is_slowed_not_lost(houses, door):
    # Each line for itself, however many the server finds when it reads on.
    house = houses(paste=1)
    ann, bob = house.join("ann", door), house.join("bob", door)
    house.advance(1)
    for n in range(BURST + 10):
        ann.sends_line(f"line {n}")
    house.settle()
    assert bob.talk[-1] == f"<ann> line {BURST - 1}"

    house.clock.advance(1 / RATE - 0.01)
    assert bob.talk[-1] == f"<ann> line {BURST - 1}"
    house.clock.advance(0.02)
    assert bob.talk[-1] == f"<ann> line {BURST}"

    house.clock.pump([0.1] * 100)
    assert bob.talk == [f"<ann> line {n}" for n in range(BURST + 10)]


def test_who_has_been_slowed_down_still_hears_the_others(house, ann, bob):
    for n in range(BURST + 10):
        ann.sends_line(f"line {n}")
    bob.types("slowly!")

    assert ann.heard("<bob> slowly!")


def test_a_line_of_the_greatest_length_passes(ann, bob):
    ann.types("x" * 4096)

    assert bob.heard("<ann> " + "x" * 4096)


@pytest.mark.parametrize("length", [4097, 4098, 4099, 4500, 6999])
def test_a_line_that_is_too_long_is_refused_and_the_chat_goes_on(ann, bob, length):
    ann.types("x" * length, "short")

    assert ann.heard_of("!! ") and ann.heard_of("4096 bytes")
    assert bob.talk == ["<ann> short"]


def test_length_is_counted_in_bytes(ann, bob):
    ann.types("é" * 2048, "é" * 2049)

    assert bob.talk == ["<ann> " + "é" * 2048]


@pytest.mark.parametrize("door", RAW_DOORS)
@pytest.mark.parametrize("broken", [b"\xc3(", b"\xfe", b"\xed\xa0\x80", b"\xc0\x80", b"ok \xf0\x9f\x98"])
def test_what_is_not_utf8_is_refused_and_the_chat_goes_on(ann, bob, broken):
    line = broken if isinstance(ann, LinePerson) else b'{"type":"say","text":"' + broken + b'"}'

    ann.sends(line + b"\n")
    ann.types("fine")

    assert ann.heard_of("!! That line is not UTF-8 (at byte ")
    assert bob.talk == ["<ann> fine"]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("a\x1b[31mb", "ab"),
        ("a\x00b", "ab"),
        ("a\rb", "ab"),
        ("a\x07\x08\x7fb", "ab"),
        ("a\x9b2Jb", "ab"),
        ("a\x85b", "ab"),
        ("a\u202eb\u2066c", "abc"),
        ("a\u2028b\u2029c", "abc"),
        ("a\tb", "a b"),
        ("👩‍👩‍👧 שלום", "👩‍👩‍👧 שלום"),
    ],
)
def test_what_could_forge_or_damage_a_screen_is_taken_out(ann, bob, sent, shown):
    ann.types(sent)

    assert bob.talk == [f"<ann> {shown}"]


def test_a_line_of_nothing_but_control_characters_says_nothing(house, ann, bob):
    ann.types("\x00\x01\x02")

    assert bob.talk == [] and house.words() == []


@pytest.mark.parametrize(
    "line", ["\x1b[A", "\x1bOA", "\x1b[[A", "\x1bb", "\u200b", "\u2800", "\u3164\ufe0f", "\xad\u2060"]
)
def test_a_line_of_which_nothing_can_be_seen_says_nothing(house, ann, bob, line):
    bob.forget()
    ann.types(line, f"/me {line}", f"/topic {line}", f"/msg bob {line}")

    assert bob.lines == [] and house.words() == []


# Storage.


def test_what_cannot_be_stored_is_not_shown_and_whoever_said_it_is_told(house, ann, bob, full_disk):
    ann.types("hello")

    assert ann.heard("!! Not sent: messages cannot be stored now (the disk is full). Please try again later.")
    assert bob.heard("!! Messages cannot be stored now (the disk is full), so nothing can be said.")
    assert bob.talk == [] and not ann.heard_of("<ann> hello")


def test_that_nothing_can_be_stored_is_announced_once(house, ann, bob, full_disk):
    ann.types("one", "two")
    ann.types("three")

    assert bob.lines.count("!! Messages cannot be stored now (the disk is full), so nothing can be said.") == 1
    assert sum(line.startswith("!! Not sent:") for line in ann.lines) == 3


def test_the_chat_goes_on_when_the_disk_does(house, ann, bob, full_disk):
    ann.types("lost")
    house.journal.broken = None
    ann.types("kept")

    assert bob.talk == ["<ann> kept"]
    assert bob.heard("-- Messages can be stored again.")


@pytest.mark.parametrize("line", ["/nick anna", "/join dev", "/leave", "/msg bob psst", "/topic new", "/me waves"])
def test_nothing_has_happened_that_is_not_stored(house, ann, bob, line):
    house.journal.broken = JournalError("the disk is full")
    bob.forget()

    ann.types(line)
    house.journal.broken = None
    ann.types("still here")

    assert ann.heard("!! Not sent: messages cannot be stored now (the disk is full). Please try again later.")
    assert bob.talk == ["<ann> still here"]
    assert not [line for line in bob.lines if "anna" in line or "waves" in line or "psst" in line or "new" in line]
    assert [room.name for room in house.hub.rooms if room.seats and not room.conversation] == [LOBBY]
    assert "anna" not in house.hub.core.nicks


def test_whoever_leaves_while_the_disk_is_full_is_seen_to_have_left_when_it_is_not(house, ann, bob, full_disk):
    ann.types("exit")
    house.advance(20)
    assert not bob.heard_of("ann left")

    house.journal.broken = None
    house.advance(5)

    assert bob.lines.count("-- ann left #lobby") == 1
    assert ann.gone


def test_whoever_comes_in_while_the_disk_is_full_has_a_name_but_no_room(house, door, full_disk):
    ann = door(house)
    ann.joins("ann")
    assert ann.heard_of("Not sent: messages cannot be stored now (the disk is full)")

    house.journal.broken = None
    ann.types("/join lobby", "hello")

    assert house.words() == ["hello"]


# Slow readers.


@pytest.fixture
def unhurried(houses):
    """A house where nobody is slowed down."""
    with failures() as broken:
        yield houses(rate=0)
    assert not broken, broken[0]


def test_who_does_not_read_misses_nothing_once_they_do(unhurried, door):
    ann, bob = unhurried.join("ann"), unhurried.join("bob", door)
    bob.wire.stall()
    said = [f"{n} " + "x" * 4000 for n in range(100)]
    ann.types(*said)
    assert len(bob.wire.held) < BUFFER + 3 * 4096

    bob.wire.drain()
    unhurried.settle()

    assert bob.talk == [f"<ann> {text}" for text in said]


def test_who_stalls_again_and_again_gets_everything_once_and_in_order(unhurried, door):
    ann, bob = unhurried.join("ann"), unhurried.join("bob", door)
    said = [f"{n} " + "x" * 3000 for n in range(120)]
    for n, text in enumerate(said):
        ann.types(text)
        if n % 40 == 0:
            bob.wire.stall()
        elif n % 40 == 35:
            bob.wire.drain()
    bob.wire.drain()
    unhurried.settle()

    assert bob.talk == [f"<ann> {text}" for text in said]


def test_who_is_behind_when_the_server_stops_is_shown_the_rest_first(unhurried, door):
    ann, bob = unhurried.join("ann"), unhurried.join("bob", door)
    bob.wire.stall()
    said = [f"{n} " + "x" * 4000 for n in range(60)]
    ann.types(*said)

    unhurried.closes("maintenance")
    bob.wire.drain()
    unhurried.settle()
    unhurried.advance(1)

    assert bob.talk == [f"<ann> {text}" for text in said]
    assert bob.heard_of("The server is shutting down: maintenance.") and ann.gone and bob.gone


def test_nobody_else_waits_for_who_does_not_read(unhurried, door):
    ann, bob, carol = unhurried.join("ann"), unhurried.join("bob", door), unhurried.join("carol", door)
    bob.wire.stall()

    ann.types(*(f"{n} " + "x" * 4000 for n in range(40)))

    assert len(carol.talk) == 40


def test_who_does_not_read_is_not_read_from(unhurried, door):
    ann, bob = unhurried.join("ann"), unhurried.join("bob", door)
    bob.wire.stall()
    ann.types(*["x" * 4000] * 40)

    bob.types("hello?")
    assert unhurried.words()[-1] == "x" * 4000

    bob.wire.drain()
    unhurried.settle()
    assert unhurried.words()[-1] == "hello?"


def test_who_changes_rooms_without_reading_holds_no_more_than_anyone_else(unhurried, door):
    ann, bob = unhurried.join("ann"), unhurried.join("bob", door)
    bob.wire.stall()
    bob.sends_line("/join dev")
    ann.types(*["x" * 4000] * 100)

    assert len(bob.wire.held) < BUFFER + 3 * 4096


def test_what_fell_out_of_the_journal_meanwhile_is_counted(houses, door):
    house = houses(keep=210)
    ann, bob = house.join("ann"), house.join("bob", door)
    speaker, lobby = house.hub.core.nicks.get("ann").session, house.hub.rooms.get(LOBBY)
    bob.wire.stall()
    for n in range(600):
        say(lobby, speaker, f"{n} " + "x" * 1000)
        house.settle()
    bob.wire.drain()
    house.settle()

    heard = [int(line.split()[1]) for line in bob.talk]
    [gap] = [line for line in bob.lines if "skipped" in line]
    skipped = int(gap.split()[2].replace(",", ""))
    assert heard[-210:] == list(range(390, 600))
    assert len(heard) + skipped == 600 and sorted(set(heard)) == heard
    assert ann.wire.connected


def test_of_what_was_missed_only_so_much_is_replayed(houses, door):
    house = houses(lag=50)
    bob = house.join("bob", door)
    house.join("ann")
    speaker, lobby = house.hub.core.nicks.get("ann").session, house.hub.rooms.get(LOBBY)
    bob.wire.stall()
    for n in range(300):
        say(lobby, speaker, f"{n} " + "x" * 1000)
        house.settle()
    bob.wire.drain()
    house.settle()

    assert [int(line.split()[1]) for line in bob.talk][-50:] == list(range(250, 300))
    assert bob.heard_of("lines of #lobby skipped")


# All doors together.


def test_all_doors_lead_into_one_house(house):
    people = [house.join(f"from-{name}", door) for name, door in DOORS.items()]

    for person in people:
        person.types(f"I am {person.nick}")

    for person in people:
        others = [one for one in people if one is not person]
        assert person.talk == [f"<{one.nick}> I am {one.nick}" for one in others]
