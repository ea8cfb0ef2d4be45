"""What only the line door does: greetings, telnet, half-closed senders, and how lines are cut."""

from __future__ import annotations

import socket
from itertools import pairwise

import pytest
from twisted.internet.interfaces import IHalfCloseableProtocol

from chatroom.dialects.telnet import AYT, BRK, DO, DONT, EL, IAC, IP, NOP, SB, SE, WILL, WONT
from chatroom.doors.factory import NAME_TIMEOUT
from chatroom.doors.front.front_door import SILENCE_TIMEOUT
from tests.doors.turning import turn
from tests.house import House, JsonPerson, LinePerson, failures, over_tls

AFTER_NC = "-- If no prompt appears now, press Enter: nc on Debian and Ubuntu waits for one more line."
GREETING = b"-- Welcome to chatroom 1.2. What is your nick?\n"


@pytest.fixture
def house():
    with failures() as broken:
        yield House()
    assert not broken, broken[0]


@pytest.fixture
def ann(house):
    return house.join("ann")


@pytest.fixture
def carol(house):
    """A person at another door, who sees everything."""
    return house.join("carol", JsonPerson)


def bytes_of(*codes):
    return bytes([IAC, *codes])


# Greeting.


def test_whoever_says_nothing_is_greeted_after_a_moment(house):
    wire = house.connect()
    house.clock.advance(SILENCE_TIMEOUT - 0.01)
    assert wire.received == b""

    house.clock.advance(0.01)
    assert wire.received == GREETING


def test_whoever_speaks_first_is_greeted_at_once(house):
    wire = house.connect()

    wire.carry(b"ann\n")
    house.settle()

    assert wire.received.startswith(GREETING + b"-- Welcome, ann.")


def test_empty_lines_before_the_nick_ask_nothing(house):
    person = LinePerson(house)

    person.joins("")
    assert bytes(person.wire.received) == GREETING
    person.joins("ann")
    assert person.heard_of("Welcome, ann.")


def test_before_a_nick_only_a_few_commands_are_answered(house):
    person = LinePerson(house)
    house.clock.advance(SILENCE_TIMEOUT)

    person.types("/who", "/help time", "/nope")

    assert person.lines[1:3] == ["!! Please say who you are first.", "-- /time: show the server's time"]
    assert person.lines[3].startswith("!! There is no command /nope.")


def test_exit_instead_of_a_nick_leaves(house):
    person = LinePerson(house)
    house.clock.advance(SILENCE_TIMEOUT)

    person.types("exit")

    assert person.lines[-2:] == ["-- Goodbye.", AFTER_NC] and person.gone


@pytest.mark.parametrize("end", ["exit", "/quit bye", "  /exit"])
def test_goodbye_says_what_nc_waits_for(house, end):
    """Debian's notices the end of a connection only when it has read one more line."""
    ann = house.join("ann")
    ann.types("hello", end)

    assert ann.gone and ann.lines[-2:] == ["-- Goodbye.", AFTER_NC]


def test_so_does_every_other_end_of_a_typed_connection(house):
    ann = house.join("ann")
    house.closes("a test")

    assert ann.gone and ann.lines[-1] == AFTER_NC


@pytest.mark.parametrize("data", [b"\xff\xf1exit\r\n", b"hello\nexit\n", b"\xff\xf4"])
def test_telnet_and_scripts_need_no_such_word(house, data):
    ann = house.join("ann")
    ann.sends(data)

    assert ann.gone and b"-- Goodbye." in ann.wire.received and b"Debian" not in ann.wire.received


def test_neither_do_clients_over_tls_and_those_that_have_closed_their_half(house):
    ann = house.join("ann", over_tls(LinePerson))
    ann.types("exit")
    bob = house.join("bob")
    bob.wire.half_close()
    house.settle()

    for one in (ann, bob):
        assert one.gone and one.lines[-1] == "-- Goodbye."


def test_whoever_gives_no_nick_in_time_is_hung_up_on(house):
    first, second = house.connect(), house.connect()
    house.clock.advance(SILENCE_TIMEOUT)
    third = LinePerson(house)
    house.clock.advance(SILENCE_TIMEOUT)
    named = house.join("ann")

    house.clock.advance(NAME_TIMEOUT - 1.1 + SILENCE_TIMEOUT)
    assert not first.cut
    house.advance(2)

    assert first.cut and second.cut and third.gone and not named.gone
    assert first.received.endswith(f"-- You gave no nick within 60 seconds. Goodbye.\n{AFTER_NC}\n".encode())


def test_whoever_refuses_to_give_an_acceptable_nick_is_hung_up_on_too(house):
    person = LinePerson(house)
    for _ in range(20):
        person.joins("server")
        house.advance(3.5)

    assert person.gone


def test_the_clock_is_left_alone_when_everybody_has_gone(house):
    for _ in range(3):
        house.join("ann").types("exit")
    wire = house.connect()
    wire.vanish()
    house.settle()

    assert [call for call in house.clock.getDelayedCalls() if call.active()] == []


# Lines.


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_line_may_end_either_way(house, carol, end):
    wire = house.connect()

    wire.carry(b"ann" + end + b"hello" + end)
    house.settle()

    assert carol.talk == ["<ann> hello"]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_it_does_not_matter_how_the_bytes_are_cut(house, carol, size):
    wire = house.connect()
    data = "ann\r\nhällo 😀\nzwei\n".encode()

    for n in range(0, len(data), size):
        wire.carry(data[n : n + size])
        house.settle()

    assert carol.talk == ["<ann> hällo 😀", "<ann> zwei"]


def test_64_kib_of_newlines_disturb_nobody(house, ann, carol):
    ann.sends(b"\n" * 2**16)
    before = len(ann.lines)

    carol.types("still here")

    assert ann.lines[before:] == ["<carol> still here"] and carol.talk == []
    assert ann.wire.producerState == "paused"


def test_a_line_without_end_is_refused_once_and_held_nowhere():
    house = House(rate=0)
    ann, carol = house.join("ann"), house.join("carol")
    for _ in range(100):
        ann.sends(b"x" * 10_000)
    assert sum("4096 bytes" in line for line in ann.lines) == 1
    assert ann.wire.protocol._door._lines.rest == b""

    ann.sends(b"\nshort\n")
    assert carol.talk == ["<ann> short"]


def test_a_line_that_is_too_long_is_charged():
    house = House(burst=3, rate=1.0)
    ann = house.join("ann")
    house.advance(10)
    ann.sends(b"".join(b"x" * 5000 + b"\n" for _ in range(8)))
    house.settle()
    refused = sum("4096 bytes" in line for line in ann.lines)
    house.advance(60)

    assert refused < 8 == sum("4096 bytes" in line for line in ann.lines)


def test_what_follows_a_line_that_is_too_long_in_the_same_piece_is_heard(ann, carol):
    ann.sends(b"x" * 5000 + b"\none\n" + b"y" * 5000 + b"\ntwo\n" + b"z" * 5000)
    ann.sends(b"z\nthree\n")

    assert carol.talk == ["<ann> one", "<ann> two", "<ann> three"]
    assert sum("4096 bytes" in line for line in ann.lines) == 3


def test_what_follows_a_line_that_is_too_long_stays_in_order_while_one_is_slowed_down(house, ann, carol):
    house.advance(2)
    door = ann.wire.protocol._door
    ann.sends(b"".join(b"%d\n" % n for n in range(49)))

    ann.sends(b"x" * 5000 + b"\nfirst\n")
    # As from TLS, where one read may bring several pieces.
    door.dataReceived(b"second\n")
    house.advance(2)

    assert carol.talk[-2:] == ["<ann> first", "<ann> second"]


# Half-closed senders.


def test_all_that_was_sent_is_answered_before_the_connection_closes(house):
    wire = house.connect()
    wire.carry(b"ann\nhello\n/who\nexit\n")
    wire.half_close()
    house.settle()

    lines = wire.received.decode().splitlines()
    assert lines[-3:] == ["-- In #lobby (1):", "-- ann", "-- Goodbye."]
    assert wire.cut and house.words() == ["hello"]


def test_who_sends_no_more_without_a_goodbye_gets_one(house, carol):
    wire = house.connect()
    wire.carry(b"ann\nhello\n")
    wire.half_close()
    house.settle()

    assert wire.received.endswith(b"-- Goodbye.\n") and wire.cut
    assert carol.lines[-2:] == ["<ann> hello", "-- ann left #lobby"]


@pytest.mark.parametrize("last", [b"bye", b"bye\r"])
def test_the_last_line_needs_no_end(house, carol, last):
    wire = house.connect()
    wire.carry(b"ann\nhello\n" + last)
    wire.half_close()
    house.settle()

    assert carol.talk == ["<ann> hello", "<ann> bye"] and wire.cut


def test_more_than_a_burst_is_answered_in_time_and_then_the_connection_closes(house, carol):
    wire = house.connect()
    wire.carry(b"ann\n" + b"".join(b"line %d\n" % n for n in range(70)) + b"last")
    wire.half_close()
    house.settle()
    assert not wire.cut

    house.clock.pump([0.1] * 60)
    assert carol.talk == [*(f"<ann> line {n}" for n in range(70)), "<ann> last"]
    assert wire.cut and wire.received.endswith(b"-- Goodbye.\n")


def test_who_sends_no_more_in_the_middle_of_a_line_too_long_gets_a_goodbye(house):
    wire = house.connect()
    wire.carry(b"ann\n" + b"x" * 9000)
    wire.half_close()
    house.settle()

    assert b"4096 bytes" in wire.received and wire.received.endswith(b"-- Goodbye.\n") and wire.cut


@pytest.mark.parametrize("opening", [b"", b"NI", b"G", b"\x16"])
def test_who_sends_nothing_or_hardly_anything_is_answered_once(house, opening):
    wire = house.connect()
    wire.carry(opening)
    wire.half_close()
    house.advance(1)

    assert wire.received.count(GREETING) == 1 and wire.received.endswith(b"-- Goodbye.\n") and wire.cut
    assert not house.text.connected


def test_an_answer_that_is_long_in_coming_is_waited_for(house, ann):
    house = House(rate=0)
    ann, bob = house.join("ann"), house.join("bob")
    bob.types(*["x" * 4000] * 60)
    ann.wire.stall()
    ann.sends(b"/history 60\n" * 3 + b"one more")
    ann.wire.half_close()
    house.settle()
    assert not ann.gone

    ann.wire.drain()
    house.settle()
    assert ann.gone and ann.lines[-1] == "-- Goodbye." and sum("End of history" in line for line in ann.lines) == 3
    assert house.words()[-1] == "one more"


def test_the_door_is_told_of_half_closed_connections(house, ann):
    door = ann.wire.protocol._door
    assert IHalfCloseableProtocol.providedBy(ann.wire.protocol)
    assert IHalfCloseableProtocol.providedBy(door)

    ann.wire.protocol.writeConnectionLost()
    door.writeConnectionLost()
    ann.types("hello")

    assert house.words() == ["hello"]


# Telnet.


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_telnet_commands_never_show_as_text(house, carol, size):
    wire = house.connect()
    data = (
        bytes_of(DO, 1) + b"a" + bytes_of(WILL, 3) + b"nn\r\n"
        b"hel" + bytes_of(NOP) + b"lo" + bytes_of(SB, 24, 0, 65, IAC, IAC, 66, IAC, SE) + b"!\r\0"
        b"t" + bytes_of(WONT, 1) + bytes_of(DONT, 1) + b"wo\n"
    )

    for n in range(0, len(data), size):
        wire.carry(data[n : n + size])
    house.settle()

    assert carol.talk == ["<ann> hello!", "<ann> two"]


def test_what_a_telnet_client_asks_for_is_answered(house):
    wire = house.connect()

    wire.carry(bytes_of(DO, 1) + bytes_of(DO, 3) + bytes_of(DO, 6) + bytes_of(WILL, 3) + bytes_of(WILL, 31))
    house.settle()

    answers = bytes_of(WONT, 1) + bytes_of(WILL, 3) + bytes_of(WILL, 6) + bytes_of(DO, 3) + bytes_of(DONT, 31)
    assert bytes(wire.received) == GREETING + answers


def test_are_you_there_is_answered_yes(house, ann):
    ann.sends(bytes_of(AYT))

    assert ann.wire.received.endswith(b"\r\n-- Yes, the chat is here.\r\n")


def test_64_kib_of_telnet_commands_are_read_some_at_a_time(house, ann, carol):
    """All of them at once would keep everybody waiting for 27 ms, and eight clients for eight times that."""
    yes = b"-- Yes, the chat is here."
    ann.wire.carry(bytes_of(AYT) * 32_000 + b"/time\r\n")
    answered = [ann.wire.received.count(yes)]
    while answered[-1] < 32_000:
        turn(house)
        answered.append(ann.wire.received.count(yes))

    assert max(after - before for before, after in pairwise([0, *answered])) <= 4096
    house.settle()
    assert ann.wire.received.endswith(b"UTC\r\n")


def test_what_a_telnet_client_sends_while_its_commands_wait_is_read_in_order(house, ann, carol):
    ann.wire.carry(bytes_of(AYT) * 20_000 + b"one\r\n")
    # As from TLS, where one read may bring several pieces.
    ann.wire.protocol._door.dataReceived(b"tw")
    ann.wire.protocol._door.dataReceived(b"o\r\n")
    house.settle()
    house.advance(5)

    assert carol.talk == ["<ann> one", "<ann> two"]


def test_a_telnet_client_gets_lines_that_end_as_telnet_has_them(house, ann, carol):
    ann.sends(bytes_of(NOP))
    before = len(ann.wire.received)

    carol.types("hello")
    ann.types("/others on", "/join dev", "/time")
    carol.types("again")

    told = bytes(ann.wire.received[before:])
    assert told.count(b"\n") == told.count(b"\r\n") >= 4
    assert b"#lobby <carol> again\r\n" in told


def test_in_several_rooms_telnet_keeps_naming_them(house, ann, carol):
    ann.types("/others on", "/join dev")
    ann.sends(bytes_of(NOP))

    carol.types("hello")

    assert ann.wire.received.endswith(b"#lobby <carol> hello\r\n")


@pytest.mark.parametrize("code", [IP, BRK])
def test_ctrl_c_leaves_and_forgets_what_was_half_typed(house, ann, carol, code):
    ann.sends(b"said\nhalf ty")

    ann.sends(b"ped" + bytes_of(code))

    assert ann.gone and b"-- Goodbye." in ann.wire.received
    assert carol.lines[-2:] == ["<ann> said", "-- ann left #lobby"]


def test_a_line_completed_in_the_same_piece_as_ctrl_c_is_said_whole(ann, carol):
    ann.sends(b"hel")

    ann.sends(b"lo\nhalf" + bytes_of(IP))

    assert carol.lines[-2:] == ["<ann> hello", "-- ann left #lobby"] and ann.gone


def test_ctrl_c_leaves_in_the_middle_of_a_line_without_end(ann, carol):
    ann.sends(b"x" * 9000)

    ann.sends(b"y" + bytes_of(IP))

    assert ann.gone and carol.talk == []


def test_after_a_line_that_is_too_long_telnet_is_taken_out_only_once(ann, carol):
    ann.sends(bytes_of(NOP) + b"x" * 9000)

    ann.sends(b"x\r\nhello" + bytes([IAC]))
    ann.sends(bytes([NOP]) + b" there\r\n")

    assert carol.talk == ["<ann> hello there"]


def test_a_line_can_be_erased(ann, carol):
    ann.sends(b"one\r\nwrong" + bytes_of(EL) + b"right\r\n")

    assert carol.talk == ["<ann> one", "<ann> right"]


# How it looks.


def test_those_who_come_at_once_are_told_in_one_line(house, ann):
    people = [house.connect() for _ in range(10)]
    for n, wire in enumerate(people):
        wire.carry(b"p%d\n" % n)
    house.settle()

    assert ann.lines[-1] == "-- p0, p1, p2, p3, p4, p5, p6, p7 and 2 others joined #lobby"

    for wire in people[:2]:
        wire.vanish()
    house.settle()
    assert ann.lines[-1] == "-- p0 and p1 left #lobby (connection lost)"


def test_history_names_the_day(house, ann):
    ann.types("one")
    house.clock.advance(86_400)
    ann.types("two", "/history")

    shown = [line for line in ann.lines if line.startswith("-- ") and "2026" in line]
    assert shown == ["-- Friday, 2026-01-02", "-- Saturday, 2026-01-03"]


def test_lines_tell_the_time(house, ann, carol):
    carol.types("hello")

    line = ann.wire.received.decode().splitlines()[-1]
    assert line[2] == ":" and line[5:] == " <carol> hello" and line[:2].isdigit() and line[3:5].isdigit()


def test_from_the_second_room_on_every_line_names_its_room(house, ann, carol):
    carol.types("one")
    ann.types("/others on", "/join dev")
    carol.types("two")
    ann.types("/leave dev")
    carol.types("three")

    said = [line for line in ann.lines if "<carol>" in line]
    assert said == ["<carol> one", "#lobby <carol> two", "<carol> three"]


def test_whispers_name_no_room(house, ann, carol):
    ann.types("/join dev")

    carol.types("/msg ann psst")

    assert ann.heard("[carol -> you] psst")


# Going.


@pytest.mark.parametrize("how", ["vanish", "abortConnection"])
def test_whoever_vanishes_has_left(house, ann, carol, how):
    getattr(ann.wire, how)()
    house.settle()

    assert carol.lines[-1] == "-- ann left #lobby (connection lost)"
    assert "ann" not in house.hub.core.nicks


@pytest.mark.parametrize("gone", [True, False])
def test_who_breaks_off_between_many_short_rests_is_soon_gone_and_who_sends_no_more_is_heard(house, ann, carol, gone):
    """Nothing is read between them either, so that nobody else would tell."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ann.wire.socket = ours
        ann.types(*(f"/me waves {number}" for number in range(200)))
        theirs.shutdown(socket.SHUT_WR)
        if gone:
            theirs.close()
        house.advance(20)
        assert ("ann" in house.hub.core.nicks) is not gone
        house.advance(20)

    if gone:
        assert carol.lines[-1] == "-- ann left #lobby (connection lost)" and "* ann waves 170" not in carol.lines
    else:
        assert carol.lines[-1] == "* ann waves 199"


def test_whoever_vanishes_before_giving_a_nick_has_never_been_here(house, carol):
    carol.forget()
    wire = house.connect()
    house.clock.advance(SILENCE_TIMEOUT)

    wire.vanish()
    house.settle()

    assert carol.lines == [] and not house.text.connected


def test_whoever_vanishes_while_coming_in_has_come_and_gone(house, carol):
    wire = house.connect()
    wire.carry(b"ann\n")
    wire.vanish()
    house.settle()

    assert carol.lines[-2:] == ["-- ann joined #lobby", "-- ann left #lobby"]
    assert list(house.hub.core.nicks) == ["carol"]


def test_whoever_vanishes_while_slowed_down_leaves_no_timer_behind(house, ann):
    for n in range(60):
        ann.sends_line(f"line {n}")
    house.settle()

    ann.leaves()

    assert [call for call in house.clock.getDelayedCalls() if call.active()] == []


def test_whoever_vanishes_while_leaving_a_room_has_left_it_once(house, ann, carol):
    ann.sends_line("/leave")
    ann.wire.vanish()
    house.settle()

    assert carol.lines.count("-- ann left #lobby") == 1
    assert not carol.heard_of("connection lost")


def test_what_is_sent_after_the_goodbye_is_not_read(house, ann, carol):
    ann.sends(b"exit\nhello?\n")

    assert carol.talk == [] and ann.lines[-1] == "-- Goodbye."


def test_everyones_going_can_be_waited_for(house, ann):
    gone = house.text.all_gone()
    assert not gone.called

    ann.leaves()
    assert gone.called and house.text.all_gone().called


# Corrections.


@pytest.fixture
def corrects(house, ann):
    ann.types("/correct on", "helo")
    house.advance(1)
    return ann


def test_what_is_typed_alone_corrects(corrects, carol):
    corrects.types("s/helo/hello/")
    assert carol.heard("-- ann edited: hello")


@pytest.mark.parametrize(
    "sent",
    [
        b"s/helo/hello/\nindeed\n",
        b"look:\ns/helo/hello/\n",
        b"one\ntwo\ns/helo/hello/\n",
        b"look:\n" + b"s/helo/hello/\n" * 3,
    ],
)
def test_what_comes_together_corrects_nothing(corrects, carol, sent):
    corrects.sends(sent)
    assert carol.heard_of("s/helo/hello/") and not carol.heard_of("edited")


def test_what_comes_right_after_another_line_corrects_nothing(house, corrects, carol):
    """A program, or what was pasted into a terminal that sends line by line."""
    corrects.types("helo again")
    house.clock.advance(0.2)
    corrects.types("s/helo/hello/")
    assert carol.heard("<ann> s/helo/hello/")
    house.clock.advance(0.6)
    corrects.types("helo, really", "")
    house.clock.advance(0.6)
    corrects.types("s/helo/hello/")
    assert carol.heard("-- ann edited: hello, really")
