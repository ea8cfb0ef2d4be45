"""Budgets of people and places, over connections, nicks and sessions."""

from __future__ import annotations

import pytest
from twisted.internet.address import IPv4Address

from chatroom.chat.fair_queue import PER_TURN
from chatroom.chat.limits import Limits
from chatroom.chat.people import budgets
from chatroom.chat.people.budgets import LOCAL_TIMES, Budgets
from tests.house import House, JsonPerson, LinePerson, failures

FAR = IPv4Address("TCP", "192.0.2.7", 50_000)
LIMITS = Limits()


class Time:
    """A manual clock."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def all_of_them(time: Time) -> Budgets:
    return Budgets(LIMITS, time)


@pytest.fixture
def house():
    with failures() as broken:
        yield House()
    assert not broken, broken[0]


# Places.


@pytest.mark.parametrize("address", ["", "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_one_place(all_of_them: Budgets, address: str):
    assert all_of_them.place(address) is all_of_them.place("")
    assert all_of_them.place(address).lines.level == LIMITS.burst * LIMITS.persons_per_address * LOCAL_TIMES


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("2001:db8::1", "2001:db8::2:3", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
    ],
)
def test_an_address_is_a_place_and_so_is_a_64_of_ipv6(all_of_them: Budgets, one: str, two: str, same: bool):
    assert (all_of_them.place(one) is all_of_them.place(two)) is same


def test_a_place_has_the_budget_of_sixteen_people(all_of_them: Budgets, time: Time):
    place = all_of_them.place("192.0.2.7")
    most = LIMITS.burst * 16

    place.spend(most - 1)
    assert place.owed() == 0.0
    place.spend(1)
    assert place.owed() == pytest.approx(1 / (16 * LIMITS.rate))
    time.now += 10
    assert place.lines.level == pytest.approx(16 * LIMITS.rate * 10)


def test_nobody_waits_long_for_the_debts_of_a_place(all_of_them: Budgets, time: Time):
    all_of_them.place("192.0.2.7").spend(10**9, 10**12)
    newcomer = all_of_them.newcomer("192.0.2.7")

    assert newcomer.spend(1, 100) == pytest.approx(5.0, abs=0.1)


def test_places_are_remembered_in_bounded_number(all_of_them: Budgets, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(budgets, "REMEMBERED", 100)
    busy = all_of_them.place("192.0.2.7")
    busy.spend(10_000)
    for number in range(1000):
        all_of_them.place(f"10.0.{number >> 8}.{number & 255}").spend(1)
        all_of_them.place("192.0.2.7")
        all_of_them.keep(f"party{number}", all_of_them.newcomer("10.9.9.9"))

    assert all_of_them.place("192.0.2.7") is busy and len(all_of_them) <= 2 * 100 + 1


def test_what_makes_no_difference_any_more_is_forgotten(all_of_them: Budgets, time: Time):
    for number in range(100):
        budget = all_of_them.newcomer(f"192.0.2.{number}")
        budget.spend(1, 100)
        all_of_them.keep(f"party{number}", budget)
        time.now += 1

    assert len(all_of_them) <= 8


# People.


def test_who_is_quiet_does_not_pay_for_their_neighbours(all_of_them: Budgets, time: Time):
    quiet, loud = all_of_them.newcomer("192.0.2.7"), all_of_them.newcomer("192.0.2.7")
    time.now += LIMITS.burst / LIMITS.rate + 1
    loud.spend(16 * LIMITS.burst + 500)

    assert [quiet.spend(1) for _ in range(LIMITS.burst // 2)] == [0.0] * (LIMITS.burst // 2)
    assert quiet.spend(2) > 1.0


def test_a_place_that_sends_too_many_bytes_slows_its_newcomers(all_of_them: Budgets):
    newcomer = all_of_them.newcomer("192.0.2.7")
    all_of_them.place("192.0.2.7").spend(0, 17 * LIMITS.byte_burst)

    assert newcomer.spend(0, 1) > 0 and all_of_them.newcomer("192.0.2.8").spend(0, 1) == 0.0


def test_newcomers_have_what_their_place_has_left(all_of_them: Budgets):
    all_of_them.place("192.0.2.7").spend(16 * LIMITS.burst - 7)
    newcomer = all_of_them.newcomer("192.0.2.7")

    assert newcomer.level == 7.0
    all_of_them.place("192.0.2.7").spend(1000)
    assert all_of_them.newcomer("192.0.2.7").level == 1.0


def test_a_hundred_newcomers_have_together_no_more_than_their_place(all_of_them: Budgets, time: Time):
    free = 0
    for _ in range(100):
        newcomer = all_of_them.newcomer("192.0.2.7")
        while newcomer.spend(1) == 0.0:
            free += 1

    assert free <= 16 * LIMITS.burst


def test_without_a_limit_nobody_is_slowed(time: Time):
    unlimited = Budgets(Limits(rate=0), time)

    assert unlimited.newcomer("192.0.2.7").spend(10**6, 10**9) == 0.0
    unlimited.place("192.0.2.7").spend(10**6, 10**9)
    assert unlimited.place("192.0.2.7").owed() == 0.0


def test_bytes_may_be_unlimited_alone(time: Time):
    free = Budgets(Limits(byte_rate=0), time).newcomer("192.0.2.7")

    assert free.spend(0, 10**9) == 0.0 and free.spend(60) > 0


def test_who_had_to_wait_is_counted(all_of_them: Budgets):
    all_of_them.newcomer("192.0.2.7").spend(60)
    all_of_them.place("192.0.2.8").spend(10_000)
    assert all_of_them.rests == {"person": 1}

    all_of_them.newcomer("192.0.2.8").spend(1)
    assert all_of_them.rests == {"person": 1, "place": 1}


# At the doors.


def floods(person: JsonPerson, count: int) -> None:
    for n in range(count):
        person.sends_object({"type": "say", "text": f"line {n}"})


def test_a_reconnection_begins_no_new_budget(house):
    """Resume, 49 lines, close, and again: that let 10,562 lines a second through."""
    ann = house.join("ann", JsonPerson)
    for _ in range(20):
        floods(ann, 49)
        house.settle()
        ann.leaves()
        again = JsonPerson(house)
        again.joins("ann", resume=ann.token)
        ann = again

    assert len(house.words()) <= LIMITS.burst + 20


def test_a_new_guest_begins_with_what_the_place_has_left(house):
    for number in range(60):
        guest = JsonPerson(house, FAR)
        guest.joins(f"guest{number}")
        floods(guest, 49)
        house.settle()
        guest.asks("quit")

    assert len(house.words()) <= 16 * LIMITS.burst


def test_an_account_has_one_budget_wherever_it_is_logged_in():
    house = House(policy=None)
    ann, phone = house.join("ann", JsonPerson), house.join("phone", JsonPerson)
    ann.asks("register", password="correct horse")
    phone.asks("login", nick="ann", password="correct horse")
    floods(ann, 40)
    floods(phone, 40)
    house.settle()

    assert len(house.words()) < 2 * 40 - 20


def test_what_was_used_up_stays_so_over_a_quit_and_a_login(house):
    ann = house.join("ann", JsonPerson)
    ann.asks("register", password="correct horse")
    floods(ann, 40)
    house.settle()
    left = house.hub.core.nicks.get("ann").session.budget.level
    ann.asks("quit")
    again = house.join("ann", JsonPerson)
    again.asks("login", password="correct horse")

    assert house.hub.core.nicks.get("ann").session.budget.level < left


# Work.


def replies_in_each_turn(house: House, person: JsonPerson) -> list[int]:
    """Count the answers in each turn of the reactor, until nothing is due."""
    counts, before = [], len(person.objects)
    while any(call.getTime() <= house.clock.seconds() for call in house.clock.getDelayedCalls()):
        due = [call for call in house.clock.getDelayedCalls() if call.getTime() <= house.clock.seconds()]
        for call in due:
            house.clock.calls.remove(call)
            call.called = 1
            call.func(*call.args, **call.kw)
        counts.append(len(person.objects) - before)
        before = len(person.objects)
    return counts


def test_commands_that_came_together_are_answered_in_turns(house):
    ann = house.join("ann", JsonPerson)
    ann.wire.carry(b'{"type":"who"}\n' * 40)
    counts = replies_in_each_turn(house, ann)

    assert sum(counts) == 40 and max(counts) <= 2


def test_who_sends_no_more_and_does_not_read_is_seen_off_once(house):
    """Each turn of the reactor saw them off once more, for as long as they did not read."""
    ann, bob = house.join("ann", JsonPerson), house.join("bob", JsonPerson)
    ann.wire.stall()
    bob.asks("say", text="x" * 3000)
    ann.wire.half_close()
    house.settle()

    assert not [call for call in house.clock.getDelayedCalls() if call.getTime() <= house.clock.seconds()]


def test_people_take_turns_and_each_turn_is_short(house):
    people = [house.join(f"guest{number}", JsonPerson) for number in range(100)]
    for person in people:
        person.wire.carry(b'{"type":"rooms"}\n' * 3)
    answered = 0
    turns = 0
    while house.hub.core.fair_queue:
        before = sum(len(person.of_type("rooms")) for person in people)
        house.hub.core.fair_queue._give()
        answered = sum(len(person.of_type("rooms")) for person in people)
        turns += 1
        assert answered - before <= PER_TURN / 0.02
    assert answered == 300 and turns > 3


def test_a_long_list_is_shown_page_by_page_and_paid_for(house):
    house = House(rate=5, burst=50)
    crowd = [house.join(f"guest{number:03}", LinePerson) for number in range(230)]
    ann = crowd[0]
    level = house.hub.core.nicks.get("guest000").session.budget.level
    ann.types("/who")
    assert ann.heard("-- In #lobby (230):") and ann.lines[-1] == "-- … and 30 more: /who lobby 2"
    assert level - house.hub.core.nicks.get("guest000").session.budget.level == pytest.approx(5.0)

    ann.types("/who lobby 2")
    assert ann.heard("-- In #lobby (30 more):") and "guest229" in ann.lines[-1]
    ann.types("/who lobby 3")
    assert ann.lines[-1] == "-- No more people in #lobby."


def test_the_list_of_rooms_has_pages_too():
    house = House(rate=0)
    ann = house.join("ann")
    for number in range(0, 380, 19):
        guest = JsonPerson(house)
        guest.joins(f"guest{number}", *(f"room{number + n:03}" for n in range(19)))
    ann.types("/rooms")
    assert ann.lines[-1] == "-- … and 181 more: /rooms 2" and len(ann.lines) > 200
    ann.types("/rooms 2")
    assert len([line for line in ann.lines[-181:] if line.startswith("-- #room")]) == 181
    ann.types("/rooms 3")
    assert ann.lines[-1] == "-- No more rooms."


def test_the_list_of_many_rooms_is_worked_out_once_a_second():
    house = House(rate=0)
    for number in range(0, 600, 20):
        JsonPerson(house).joins(f"guest{number}", *(f"room{number + n:03}" for n in range(19)))
    ann = house.join("ann", JsonPerson)
    ann.asks("rooms")
    made = house.hub.room_list._made
    JsonPerson(house).joins("late", "late-room")
    ann.asks("rooms")
    assert house.hub.room_list._made == made and not any("late-room" in str(one) for one in ann.of_type("rooms"))

    house.advance(1.5)
    ann.asks("rooms", page=4)
    assert house.hub.room_list._made > made


def test_history_holds_no_more_than_can_be_read_soon():
    """200 lines of 4 KB each were rendered at once for an asker who did not read: 1.55 MB for each."""
    house = House(rate=0)
    ann = house.join("ann", JsonPerson)
    for _ in range(100):
        ann.asks("say", text="x" * 4000)
    [page] = ann.asks("history", count=200)

    assert page["more"] and 1 <= len(page["events"]) <= 8
    assert page["events"][-1]["seq"] == ann.seqs()[-1]


# Places of broken connections.


def test_no_more_broken_connections_are_waited_for_than_may_be_there():
    """One address left 1,399 sessions in 27,982 rooms behind within 20 seconds."""
    house = House(rate=0)
    for number in range(40):
        guest = JsonPerson(house, FAR)
        guest.joins(f"guest{number}")
        guest.leaves()

    waiting = [one for one in house.hub.core.people.values() if one.session.parting is not None]
    assert len(waiting) == len(house.hub.core.people) == 16
    assert {session.nick for session in waiting} == {f"guest{number}" for number in range(24, 40)}
    house.advance(house.limits.grace + 1)
    assert not house.hub.core.people and not house.hub._away


def test_who_comes_back_is_waited_for_no_more():
    house = House(rate=0)
    ann = JsonPerson(house, FAR)
    ann.joins("ann")
    ann.leaves()
    again = JsonPerson(house, FAR)
    again.joins("ann", resume=ann.token)

    assert not house.hub._away


def test_what_somebody_sends_who_is_nobody_yet_comes_out_of_the_budget_of_the_place(all_of_them: Budgets):
    for lines, size in ((10_000, 0), (0, 10_000_000)):
        place = all_of_them.place(f"192.0.2.{int(lines > 0)}")
        assert place.owed() == 0.0 and place.full
        place.spend(lines, size)
        assert place.owed() > 0.0 and not place.full
