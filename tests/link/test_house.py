"""The house's end of links, with doors and their people: what is shown, in which order, and what ends."""

from __future__ import annotations

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone

from chatroom.chat.limits import Limits
from chatroom.link.outlet import UNANSWERED
from tests.house import JsonPerson, LinePerson, failures
from tests.linked_house import LinkedHouse

BURST, RATE = Limits().burst, Limits().rate
PASSWORD = "tulips-in-the-rain"


@pytest.fixture
def house():
    with failures() as broken:
        yield LinkedHouse(rate=0, byte_rate=0)
    assert not broken, broken[0]


@pytest.fixture
def ann(house):
    return house.join("ann")


@pytest.fixture
def bob(house, ann):
    """At the other door."""
    return house.join("bob")


def ends(house):
    """All sessions that any process still has open, and the rooms that doors follow for them."""
    here = [asks for door in house.links.links for asks in door.sessions.values()]
    there = [one for process in house.processes for one in process.house.sessions.values()]
    rooms = [one for process in house.processes for one in process.house.rooms._of.values() if one]
    return len(here), len(there), len(rooms)


def owner(house, nick, door=JsonPerson):
    person = house.join(nick, door)
    person.types(f"/register {PASSWORD}")
    return person


# What ends.


def session_of(house, person):
    return house.hub.core.nicks.get(person.nick).session


ENDINGS = {
    "quit": lambda house, person: person.types("/quit"),
    "break off": lambda house, person: person.wire.vanish(),
    "end": lambda house, person: person.wire.vanish(ConnectionDone),
    "half-close": lambda house, person: person.wire.half_close(),
    "hung up on": lambda house, person: session_of(house, person).hang_up("Bye.", ""),
    "closed": lambda house, person: session_of(house, person).outlet.close(),
    "taken nothing": lambda house, person: (person.wire.stall(), session_of(house, person).outlet.close()),
}


@pytest.mark.parametrize("door", [LinePerson, JsonPerson])
@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
def test_no_process_keeps_anything_of_who_has_gone(house, ann, door, ending):
    bob = house.join("bob", door)
    ending(house, bob)
    bob.wire.drain()
    house.settle()
    assert bob.gone and ends(house) == (1, 1, 1)
    house.advance(house.limits.grace + 1)
    assert list(house.hub.core.people) == [house.hub.core.nicks.get("ann").identity]
    assert sum(line.startswith("-- bob left #lobby") for line in ann.lines) == 1


def test_who_gives_no_nick_is_disconnected(house, ann):
    wire = house.connect()
    house.advance(400)
    assert wire.cut and ends(house) == (1, 1, 1)


def test_what_was_sent_before_the_end_is_said(house, ann, bob):
    bob.wire.carry(b"one\ntwo\nthree")
    bob.wire.half_close()
    house.advance(1)
    assert ann.talk == ["<bob> one", "<bob> two", "<bob> three"] and bob.gone
    assert bob.lines[-1].startswith("-- Goodbye.") or "-- Goodbye." in bob.lines


# In order, and no more than so many.


def test_a_door_sends_so_many_commands_without_an_answer(house, ann):
    program = house.join("program", JsonPerson)
    [session] = [
        one for process in house.processes for one in process.house.sessions.values() if one.traits["asks"] is False
    ]
    for n in range(3 * UNANSWERED):
        program.sends_object({"type": "say", "text": f"{n}"})
    assert len(session.unanswered) == UNANSWERED and session.busy
    house.settle()
    assert ann.talk == [f"<program> {n}" for n in range(3 * UNANSWERED)] and not session.unanswered


def test_answers_come_in_the_order_of_the_questions(house, ann):
    program = house.join("program", JsonPerson)
    for n in range(20):
        program.sends_object({"type": ["time", "say", "who", "nope"][n % 4], "text": "hi", "ref": f"{n}"})
    house.settle()
    assert [one["ref"] for one in program.objects if "ref" in one] == [f"{n}" for n in range(20)]


# Floods.


def flooded(*doors):
    """How many lines get through in 10 seconds from one person with a session at each of *doors*."""
    house = LinkedHouse(paste=1)
    reader = house.join("reader")
    first = owner(house, "dora")
    sessions = [first]
    for _ in doors[1:]:
        second = JsonPerson(house)
        second.joins("dora", password=PASSWORD)
        sessions.append(second)
    house.advance(60)
    reader.forget()
    for n in range(400):
        sessions[n % len(sessions)].sends_object({"type": "say", "text": f"{n}"})
    house.clock.pump([0.1] * 100)
    return len(reader.talk)


def test_a_flood_at_two_doors_costs_as_much_as_at_one():
    one, two = flooded(0), flooded(0, 1)
    assert BURST < one < BURST + 10 * RATE + 5
    assert abs(one - two) <= 5


def test_what_waits_while_somebody_is_slowed_is_not_said_once_their_door_is_gone():
    house = LinkedHouse(paste=1, doors=1)
    program = house.join("program", JsonPerson)
    house.advance(60)
    for n in range(BURST + 20):
        program.sends_object({"type": "say", "text": f"{n}"})
    house.settle()
    said = len(house.words())
    assert said < BURST + 20
    house.processes[0].end.break_off()
    house.advance(30)
    assert len(house.words()) == said and not house.links.links


# Who is who.


@pytest.mark.parametrize("door", [LinePerson, JsonPerson])
def test_whoever_logs_in_and_out_is_shown_everything_once(house, ann, door):
    dora = owner(house, "dora", door)
    ann.types("one")
    dora.types("two", "/logout", "/nick flora", "three")
    ann.types("five")
    dora.types(f"/login dora {PASSWORD}", "four")
    ann.types("seven")
    assert [line for line in dora.talk if line.startswith("<ann> ")] == ["<ann> one", "<ann> five", "<ann> seven"]
    own = [line for line in dora.lines if line.startswith(("<dora", "<flora", "<guest"))]
    assert len(own) == (3 if dora.echoes else 0)
    assert [line.partition("> ")[2] for line in ann.talk] == ["two", "three", "four"]


def test_who_becomes_a_further_session_while_live_is_shown_everything_once(house, ann):
    laptop, phone = owner(house, "dora"), house.join("passer-by", JsonPerson)
    phone.types(f"/login dora {PASSWORD}")
    for one in (laptop, phone, ann):
        one.forget()
    laptop.types("from the laptop")
    phone.types("from the phone")
    ann.types("hi")
    for one in (laptop, phone):
        assert [line for line in one.lines if line.startswith("<")] == [
            *("<dora> from the laptop", "<dora> from the phone", "<ann> hi")
        ]


def test_a_new_nick_goes_on(house, ann, bob):
    ann.types("/nick anna", "hello")
    assert bob.heard("-- ann is now known as anna") and bob.talk[-1] == "<anna> hello"
    assert not ann.heard("<anna> hello")


# Behind.


def test_who_is_kicked_while_they_do_not_read_is_shown_nothing_of_later(house):
    boss = owner(house, "boss", LinePerson)
    boss.types("/join dev")
    bob = house.join("bob", LinePerson)
    bob.types("/join dev")
    bob.wire.stall()
    boss.types(*(f"{n} " + "x" * 4000 for n in range(60)), "/kick bob enough", "after")
    bob.wire.drain()
    house.settle()
    shown = [int(line.split()[2]) for line in bob.lines if line.startswith("#dev <boss>")]
    assert shown == list(range(len(shown))) and bob.lines[-1].startswith(
        "-- You were kicked from #dev by boss (enough)."
    )
    bob.types("/join dev", "back")
    boss.types("welcome back")
    assert boss.heard("#dev <bob> back") and bob.heard("#dev <boss> welcome back")


def test_who_leaves_while_they_do_not_read_misses_nothing(house, ann):
    program = house.join("program", JsonPerson)
    program.wire.stall()
    said = [f"{n} " + "x" * 4000 for n in range(60)]
    ann.types(*said)
    program.wire.drain()
    program.sends_object({"type": "leave", "room": "lobby"})
    house.settle()
    ann.types("after")
    assert program.talk == [f"<ann> {text}" for text in said]
    assert program.seqs() == list(range(program.seqs()[0], program.seqs()[-1] + 1))


def test_private_messages_wait_for_who_does_not_read(house, ann, bob):
    ann.types("/msg bob one")
    bob.wire.stall()
    said = [f"{n} " + "x" * 4000 for n in range(60)]
    ann.types(*(f"/msg bob {text}" for text in said))
    bob.wire.drain()
    house.settle()
    assert [line for line in bob.lines if line.startswith("[ann -> you]")] == [
        f"[ann -> you] {text}" for text in ("one", *said)
    ]


def test_many_who_do_not_read_cost_the_link_little(house, ann):
    slow = [house.join(f"slow{n}", JsonPerson) for n in range(30)]
    for one in slow:
        one.wire.stall()
    ann.types(*["x" * 4000] * 40)
    held = [len(one.wire.held) for one in slow]
    sent: list[int] = []
    for process in house.processes:
        process.end.other.split = lambda data: sent.append(len(data)) or [data]
    ann.types(*["x" * 4000] * 40)
    assert [len(one.wire.held) for one in slow] == held and sum(sent) < 40 * 4500
    for one in slow:
        one.wire.drain()
    house.settle()
    assert {len(one.talk) for one in slow} == {80}


def test_of_other_rooms_people_are_shown_what_concerns_them(house, ann, bob):
    bob.types("/others off", "/join dev", "/join lobby", "/join dev")
    ann.types("nothing of interest", "bob: look")
    assert bob.heard_of("bob: look") and not bob.heard_of("nothing of interest")
    bob.types("/join lobby")
    ann.types("hello")
    assert bob.heard_of("<ann> hello")


def test_an_address_has_as_many_connections_at_all_doors_together_as_at_one():
    house, far = LinkedHouse(max_per_address=2), IPv4Address("TCP", "198.51.100.7", 5000)
    ann = LinePerson(house, far)
    ann.joins("ann")
    bob = JsonPerson(house, far)
    bob.joins("bob")
    eve = LinePerson(house, far)
    eve.joins("eve")
    assert eve.gone and eve.heard_of("Too many connections from your address.") and not ann.gone

    bob.leaves()
    carl = LinePerson(house, far)
    carl.joins("carl")
    assert not carl.gone and ann.heard("-- carl joined #lobby")


def test_a_door_that_links_again_before_its_link_is_lost_here_keeps_everyone(house, ann, bob):
    """A cut of the network ends sooner for one end than for the other."""
    end, old = house.processes[1].end, house.processes[1].end.other
    end.cut, end.loseConnection = True, lambda: None
    house.processes[1].house.leave("silent")
    house.processes[1].link(house.links)
    house.settle()
    bob.types("still here")
    house.settle()
    assert ann.heard("<bob> still here") and not bob.gone and not any("resumed" in line for line in bob.everything)
    old.break_off()
    house.advance(house.limits.grace + 1)
    bob.types("and now")
    assert ann.heard("<bob> and now") and ends(house)[:2] == (2, 2)


def test_of_one_place_everyone_is_waited_for_whose_door_has_lost_its_link():
    """Their connections are not broken, as far as anybody knows."""
    house = LinkedHouse(doors=1, persons_per_address=1, rate=0, byte_rate=0)
    people = [house.join(f"n{number}") for number in range(12)]
    house.processes[0].end.break_off()
    house.settle()
    house.processes[0].link(house.links)
    house.settle()
    people[0].types("all here?")
    assert all(one.heard("<n0> all here?") and not one.gone for one in people[1:])
    assert not any("left" in line for line in people[-1].everything)
