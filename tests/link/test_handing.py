"""Handing over: text connections go on at another door, and nobody notices."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.address import IPv4Address

from chatroom.link.moves import MOVE_TIMEOUT
from chatroom.link.outlet import AT_ONCE
from tests.house import JsonPerson, LinePerson, over_tls
from tests.link.handing_house import HandingHouse


def test_a_connection_goes_on_at_the_new_door() -> None:
    """What is said before and after is shown once, in order, in both directions."""
    house = HandingHouse()
    ann, bob = house.join("ann", LinePerson), house.join("bob", LinePerson)
    ann.types("one")

    house.hand_over()

    assert not house.at.house.sessions and len(house.new.house.sessions) == 2
    ann.types("two")
    bob.types("three")
    assert bob.talk == ["<ann> one", "<ann> two"]
    assert ann.talk == ["<bob> three"]
    assert not ann.gone


@given(st.lists(st.tuples(st.integers(0, 6), st.sampled_from("AABBCDS")), max_size=40))
@settings(max_examples=150, deadline=None)
def test_nothing_is_lost_doubled_or_reordered_while_people_talk(happenings: list[tuple[int, str]]) -> None:
    """Whatever happens between any two steps of a hand-over, both read every line once, in order."""
    house = HandingHouse(paste=0)
    ann, bob = house.join("ann", LinePerson), house.join("bob", LinePerson)
    said: dict[LinePerson, list[str]] = {ann: [], bob: []}
    # The first bytes that wait make her fall behind.
    ann.wire.capacity = 0
    end = house.begin()
    for steps, who in happenings:
        house.step(steps)
        if who == "C":
            # Another look for connections that can move.
            end.protocol._look()
        elif who == "S":
            ann.wire.stall()
        elif who == "D":
            ann.wire.drain()
        if who in "CDS":
            continue
        person = ann if who == "A" else bob
        line = f"line {len(said[person])}"
        said[person].append(line)
        # The line is cut between two reads.
        person.wire.carry(line[:3].encode())
        house.step(1)
        person.wire.carry(f"{line[3:]}\n".encode())
    ann.wire.drain()
    house.advance(3)

    assert ann.talk == [f"<bob> {line}" for line in said[bob]]
    assert bob.talk == [f"<ann> {line}" for line in said[ann]]
    assert len(house.new.house.sessions) == 2 and not house.at.house.sessions
    assert sorted(house.words()) == sorted(said[ann] + said[bob])


def test_half_a_line_is_carried_along() -> None:
    """What has been typed of a line before is the beginning of it afterwards."""
    house = HandingHouse()
    ann, bob = house.join("ann", LinePerson), house.join("bob", LinePerson)
    ann.sends(b"hel")

    house.hand_over()
    ann.sends(b"lo\n")

    assert bob.talk == ["<ann> hello"]


def test_a_password_is_asked_for_on_both_sides_of_it() -> None:
    """A telnet client that was asked to hide what is typed is not asked twice, and is asked to show it again."""
    house = HandingHouse()
    ann = house.join("ann", LinePerson)
    ann.sends(b"\xff\xfd\x03/register\r\n")
    ann.sends(b"\xff\xfd\x01secr")
    before = len(ann.wire.received)

    house.hand_over()
    assert len(ann.wire.received) == before
    ann.sends(b"et pass\r\n")
    ann.sends(b"secret pass\r\n")
    house.advance(2)

    after = bytes(ann.wire.received[before:])
    assert b"\xff\xfc\x01" in after and b"\xff\xfb\x01" not in after
    assert b"\r\n" in after and b"\n" not in after.replace(b"\r\n", b"")
    assert len(house.hub.core.accounts) == 1


def test_a_command_that_runs_is_answered_at_the_new_door() -> None:
    """The house answers to where the connection is by then, and what was typed behind is run after it."""
    house = HandingHouse()
    ann, bob = house.join("ann", LinePerson), house.join("bob", LinePerson)
    ann.sends_line("/who")
    ann.sends_line("hello")
    house.begin()
    house.settle()

    assert ann.heard_of("ann")
    assert bob.talk == ["<ann> hello"]


def test_a_client_that_reads_nothing_moves_when_it_has_read() -> None:
    """What is buffered stays with its connection, and is written before anything at the new door."""
    house = HandingHouse()
    ann, bob = house.join("ann", LinePerson), house.join("bob", LinePerson)
    ann.wire.stall()
    bob.types("one")

    house.hand_over()
    assert len(house.at.house.sessions) == 1
    bob.types("two")
    ann.wire.drain()
    house.advance(2)

    assert not house.at.house.sessions
    bob.types("three")
    assert ann.talk == ["<bob> one", "<bob> two", "<bob> three"]


def test_a_page_that_is_on_its_way_is_waited_for_once() -> None:
    """The old door shows it, and the house does not wait for an answer from the new one."""
    house = HandingHouse(rate=0)
    ann, bob = house.join("ann", LinePerson), house.join("bob", LinePerson)
    ann.wire.capacity = 0
    ann.wire.stall()
    # Shorter ones are not waited for.
    said = [f"line {n}" for n in range(AT_ONCE + 2)]
    bob.types(*said)
    end = house.begin()
    ann.wire.drain()
    end.protocol._look()
    house.settle()
    bob.types("and on")

    assert len(house.new.house.sessions) == 2
    assert ann.talk == [f"<bob> {text}" for text in (*said, "and on")]


def test_who_was_greeted_may_still_turn_out_to_speak_irc() -> None:
    """The first bytes decide at the new door, as they would have at the old one."""
    house = HandingHouse()
    ann = LinePerson(house)
    house.advance(1)
    assert ann.heard_of("What is your nick?")

    ann.sends(b"NI")
    house.hand_over()
    ann.sends(b"CK ann\r\nUSER ann 0 * :Ann\r\n")

    assert ann.heard_of(" 001 ann ")


def test_who_was_greeted_comes_in_at_the_new_door() -> None:
    """The question for a nick is asked once."""
    house = HandingHouse()
    ann = LinePerson(house)
    house.advance(1)

    house.hand_over()
    ann.types("ann")

    assert sum("What is your nick?" in line for line in ann.lines) == 1
    assert "ann" in [person.nick for person in house.hub.core.people.values()]


def test_connections_with_tls_stay() -> None:
    """Their keys can't be given away."""
    house = HandingHouse()
    ann, bob = house.join("ann", over_tls(LinePerson)), house.join("bob", LinePerson)

    house.hand_over()
    ann.types("hello")

    assert len(house.at.house.sessions) == len(house.new.house.sessions) == 1
    assert bob.talk == ["<ann> hello"]


def test_programs_move_too_and_keep_their_places() -> None:
    """A JSON connection without TLS goes on without having to resume."""
    house = HandingHouse()
    ann, bob = house.join("ann", JsonPerson), house.join("bob", LinePerson)

    house.hand_over()
    ann.types("hello")
    bob.types("hi")

    assert ann.talk == ["<bob> hi"] and bob.talk == ["<ann> hello"]
    assert len(house.new.house.sessions) == 2


def test_how_a_person_sees_the_chat_goes_with_them() -> None:
    """Who is ignored, which rooms are named, and who came and went since the last line for a screen reader."""
    house = HandingHouse()
    ann, bob = house.join("ann", LinePerson), house.join("bob", LinePerson)
    ann.types("/join side", "/go lobby", "/others on", "/plain on", "/ignore bob")
    house.join("carol", LinePerson)
    dora = house.join("dora", LinePerson)
    ann.forget()

    house.hand_over()
    bob.types("hello")
    dora.types("hi")

    assert ann.lines == ["Time: 03:00", "Notice: In lobby, carol and dora joined.", "In lobby, dora says: hi"]


def test_what_is_left_to_read_of_telnet_is_read_at_the_new_door() -> None:
    """It is read in several turns, and the rest goes with the connection."""
    house = HandingHouse(rate=0, paste=0)
    ann, bob = house.join("ann", LinePerson), house.join("bob", LinePerson)
    texts = [f"{n}{'x' * 80}" for n in range(300)]
    ann.wire.carry(b"\xff\xf1" + "".join(f"{text}\r\n" for text in texts).encode())
    house.begin()
    house.advance(3)

    assert bob.talk == [f"<ann> {text}" for text in texts]


def test_a_pause_goes_on() -> None:
    """Somebody who was over their budget isn't free of it."""
    house = HandingHouse(burst=2, rate=1, paste=0)
    ann, bob = house.join("ann", LinePerson), house.join("bob", LinePerson)
    house.advance(5)
    ann.sends(b"".join(b"%d\n" % n for n in range(6)))
    before = len(bob.talk)
    assert before < 6

    house.hand_over()
    assert len(bob.talk) == before
    house.advance(30)
    assert bob.talk == [f"<ann> {n}" for n in range(6)]


def test_a_connection_is_counted_where_it_is() -> None:
    """The limit of connections per address holds at the new door, and ends at the old one."""
    there = IPv4Address("TCP", "192.0.2.1", 50_000)
    house = HandingHouse()
    for process in house.processes:
        process.limits.max_per_address = 1
    ann = LinePerson(house, there)
    ann.joins("ann")

    house.hand_over()
    assert house.new.limits.is_full("192.0.2.1") and not house.at.limits.is_full("192.0.2.1")
    ann.leaves()
    assert not house.new.limits.is_full("192.0.2.1")


def test_a_connection_that_the_new_door_refuses_stays() -> None:
    """An older or newer version may not understand what it is given."""
    house = HandingHouse()
    ann, bob = house.join("ann", LinePerson), house.join("bob", LinePerson)
    end = house.begin()
    end.other.protocol._handing._doors = {}
    house.advance(3)
    ann.types("hello")
    bob.types("hi")

    assert ann.talk == ["<bob> hi"] and bob.talk == ["<ann> hello"]
    assert len(house.at.house.sessions) == 2


@given(st.integers(0, 40))
@settings(max_examples=40, deadline=None)
def test_who_has_not_been_taken_stays(steps: int) -> None:
    """When the new door closes the socket between them, each connection is at exactly one of them."""
    house = HandingHouse()
    ann, bob = house.join("ann", LinePerson), house.join("bob", LinePerson)
    end = house.begin()
    house.step(steps)
    end.other.protocol.stringReceived(b"nonsense")
    house.settle()
    ann.types("hello")
    bob.types("hi")

    assert ann.talk == ["<bob> hi"] and bob.talk == ["<ann> hello"]
    assert len(house.at.house.sessions) + len(house.new.house.sessions) == 2


@pytest.mark.parametrize("steps", range(20))
def test_who_leaves_on_the_way_has_left(steps: int) -> None:
    """The house learns of it at once from whoever has the connection."""
    house = HandingHouse()
    ann, bob = house.join("ann", LinePerson), house.join("bob", LinePerson)
    house.begin()
    house.step(steps)
    ann.leaves()
    house.settle()

    assert [person.nick for person in house.hub.core.people.values()] == ["bob"]
    assert not house.links._moves._sessions
    assert bob.heard_of("ann left")


def test_a_connection_that_never_arrives_is_lost() -> None:
    """If both doors die at the same moment, the house waits no longer than for any lost connection."""
    house = HandingHouse()
    house.join("ann", LinePerson)
    [session] = house.at.house.sessions.values()
    session.move(lambda may: None)
    house.settle()
    assert house.at.end is not None
    house.at.end.break_off()
    house.advance(MOVE_TIMEOUT + house.limits.grace + 2)

    assert not list(house.hub.core.people.values())


def test_a_new_house_takes_who_is_on_the_way() -> None:
    """If the house is replaced meanwhile, the next one has the session from its card."""
    house = HandingHouse()
    ann = house.join("ann", LinePerson)
    house.begin()
    house.step(3)
    for process in house.processes:
        assert process.end is not None
        process.end.break_off()
    for process in house.processes:
        process.link(house.links)
    house.settle()
    bob = house.join("bob", LinePerson)
    ann.types("hello")
    bob.types("hi")

    assert ann.talk == ["<bob> hi"] and bob.talk == ["<ann> hello"]
