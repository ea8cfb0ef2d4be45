"""Login throttle: password guessing is slowed, owners are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.chat.access.throttle import (
    FORGOTTEN,
    FREE,
    HELD,
    LONGEST_NICK,
    LONGEST_PLACE,
    LoginThrottle,
    Registrations,
)
from chatroom.chat.refusals import TooMany, TooSoon
from chatroom.chat.syntax import durations


class Time:
    """A stopped clock."""

    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


class Desk:
    """Where passwords are tried."""

    def __init__(self) -> None:
        self.time = Time()
        self.guessing = LoginThrottle(self.time)

    def wrong(self, place="192.0.2.7", key="ann"):
        self.guessing.begin(place, key).wrong()

    def right(self, place="192.0.2.7", key="ann"):
        self.guessing.begin(place, key).right()

    def told_to_wait(self, place="192.0.2.7", key="ann") -> float:
        """Return the wait before the next attempt in seconds, as shown to people."""
        try:
            self.guessing.begin(place, key).withdrawn()
        except TooSoon as refusal:
            said = str(refusal).partition(" wait ")[2].partition(",")[0]
            return durations.parse("".join(part.split()[0] + part.split()[1][0] for part in said.split(" and ")))
        return 0.0

    def wrong_after_waiting(self, place="192.0.2.7", key="ann") -> float:
        waited = self.told_to_wait(place, key)
        self.time.now += waited
        self.wrong(place, key)
        return waited


def test_some_mistakes_are_free_and_then_each_costs_twice_as_long():
    desk = Desk()

    assert [desk.wrong_after_waiting() for _ in range(FREE + 5)] == [0.0] * FREE + [1.0, 2.0, 4.0, 8.0, 16.0]


def test_nobody_waits_longer_than_a_quarter_of_an_hour():
    desk = Desk()

    waits = [desk.wrong_after_waiting(key=f"n{number}") for number in range(200)]

    assert max(waits) == 15 * 60 == waits[-1]


def test_being_told_to_wait_costs_nothing_more():
    desk = Desk()
    for _ in range(FREE):
        desk.wrong()

    assert [desk.told_to_wait() for _ in range(100)] == [1.0] * 100


def test_after_an_hour_of_quiet_all_is_forgotten():
    desk = Desk()
    for _ in range(FREE + 8):
        desk.wrong_after_waiting()
    desk.time.now += FORGOTTEN

    assert [desk.wrong_after_waiting() for _ in range(FREE + 1)] == [0.0] * FREE + [1.0]


def test_one_place_that_guesses_at_many_names_is_slowed():
    desk = Desk()
    for number in range(FREE):
        desk.wrong(key=f"n{number}")

    assert desk.told_to_wait(key="another") == 1.0
    assert desk.told_to_wait("192.0.2.8", "another") == 0.0


def test_many_places_that_guess_at_one_name_are_slowed():
    desk = Desk()
    started = desk.time.now
    guesses = 0
    while desk.time.now < started + FORGOTTEN:
        desk.wrong_after_waiting(f"place {guesses}")
        guesses += 1

    assert guesses <= FREE + 5 + FORGOTTEN / LONGEST_NICK


def test_whoever_has_logged_in_from_a_place_is_not_kept_out_of_it():
    desk = Desk()
    desk.right("home")
    for number in range(100):
        desk.wrong_after_waiting("home", f"neighbour {number}")
    assert desk.told_to_wait("home", "bob") == LONGEST_PLACE
    for number in range(100):
        desk.wrong_after_waiting(f"place {number}")
    assert desk.told_to_wait("elsewhere") == LONGEST_NICK

    assert desk.told_to_wait("home") == 0.0


def test_a_place_that_is_known_can_guess_no_faster():
    desk = Desk()
    desk.right("home")

    waits = [desk.wrong_after_waiting("home") for _ in range(FREE + 7)]

    assert waits == [0.0] * FREE + [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    desk.time.now += LONGEST_NICK
    desk.right("home")
    assert [desk.wrong_after_waiting("home") for _ in range(FREE)] == [0.0] * FREE


def test_who_has_one_account_cannot_guess_at_others_the_faster():
    desk = Desk()
    guessed = 0
    for number in range(50):
        desk.right("there", "mallory")
        if not desk.told_to_wait("there", f"n{number}"):
            desk.wrong("there", f"n{number}")
            guessed += 1

    assert guessed == FREE


def test_a_whole_school_behind_one_address_can_log_in():
    desk = Desk()

    for number in range(300):
        desk.right("school", f"pupil {number}")


def test_of_a_thousand_tries_at_once_only_a_few_are_let_through():
    desk = Desk()
    begun = []
    for number in range(1000):
        try:
            begun.append(desk.guessing.begin("there", f"n{number}"))
        except TooSoon:
            continue
    assert len(begun) == FREE

    desk.time.now += 0.9
    for one in begun:
        one.wrong()
    assert desk.told_to_wait("there") == 1.0


def test_nobody_is_told_of_wrong_passwords_before_one_was_wrong():
    desk = Desk()
    begun = [desk.guessing.begin("there", "ann") for _ in range(FREE)]
    assert not desk.guessing.may_begin("there", "ann") and desk.guessing.may_begin("elsewhere", "bob")
    with pytest.raises(TooSoon, match="Too many passwords are being checked at once"):
        desk.guessing.begin("there", "ann")
    for one in begun:
        one.wrong()
    with pytest.raises(TooSoon, match="Too many wrong passwords"):
        desk.guessing.may_begin("there", "ann")
    with pytest.raises(TooSoon, match="Too many wrong passwords"):
        desk.guessing.begin("there", "ann")


def test_what_was_withdrawn_or_right_does_not_count_however_many_are_under_way():
    desk = Desk()
    for _ in range(20):
        first, second, third = (desk.guessing.begin("there", "ann") for _ in range(3))
        third.right()
        first.right()
        second.withdrawn()

    assert desk.told_to_wait("there", "bob") == 0.0 == desk.told_to_wait("elsewhere", "ann")
    for _ in range(FREE):
        assert desk.wrong_after_waiting("there", "bob") == 0.0


def test_what_is_withdrawn_puts_off_nobody():
    desk = Desk()
    for _ in range(FREE + 6):
        desk.wrong_after_waiting("there", f"n{desk.time.now}")
    assert desk.told_to_wait("there") == 64.0
    desk.time.now += 64
    desk.guessing.begin("there", "ann").withdrawn()

    assert desk.told_to_wait("there") == 0.0


@pytest.mark.parametrize("jump", [-1e9, -3600.0, -1.0, 60.0, 1e9])
def test_a_clock_that_jumps_makes_nobody_wait_longer(jump):
    desk = Desk()
    for _ in range(FREE + 20):
        desk.wrong_after_waiting()
    desk.time.now += jump

    waited = desk.told_to_wait()
    assert waited <= LONGEST_PLACE
    desk.time.now += waited
    assert desk.told_to_wait() == 0.0


def test_no_more_is_remembered_than_there_is_room_for():
    desk = Desk()
    for number in range(HELD + 500):
        desk.wrong(f"place {number}", f"n{number}")
        desk.right(f"home {number}", f"owner {number}")

    assert 3 * HELD - 10 <= len(desk.guessing) <= 3 * HELD


def test_whoever_finds_the_server_busy_is_not_remembered():
    desk = Desk()
    for number in range(100):
        desk.guessing.begin(f"place {number}", f"n{number}").withdrawn()

    assert len(desk.guessing) == 0


steps = st.tuples(
    st.sampled_from(["a", "b"]),
    st.sampled_from(["ann", "bob"]),
    st.sampled_from(["begin", "wrong", "right", "withdrawn"]),
    st.sampled_from([0.0, 0.5, 1.0, 30.0, 900.0, 3600.0, -10.0, -1e6, 1e6]),
)


@given(st.lists(steps, max_size=80))
def test_no_order_of_things_keeps_anyone_out_for_good(steps):
    desk = Desk()
    begun: list = []
    for place, key, what, pause in steps:
        desk.time.now += pause
        try:
            if what == "begin":
                begun.append(desk.guessing.begin(place, key))
            elif begun:
                getattr(begun.pop(), what)()
            else:
                getattr(desk.guessing.begin(place, key), what)()
        except TooSoon as refusal:
            assert "\n" not in str(refusal)
    waited = desk.told_to_wait("a")
    assert waited <= LONGEST_PLACE
    desk.time.now += waited
    assert desk.told_to_wait("a") == 0.0


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=60))
def test_no_pauses_let_more_than_the_free_ones_and_those_waited_for_through(tries):
    """After as many wrong ones in a row as are free, each one has waited for its turn."""
    desk = Desk()
    wrong, since = 0, desk.time.now
    for pause, neighbour in tries:
        desk.time.now += pause
        try:
            desk.wrong("there", "ann" if neighbour else "bob")
        except TooSoon:
            continue
        if wrong >= FREE:
            assert desk.time.now - since >= min(LONGEST_PLACE, 2 ** (wrong - FREE))
        wrong, since = wrong + 1, desk.time.now


def test_only_so_many_accounts_are_made_from_one_place_in_an_hour():
    time = Time()
    made = Registrations(time)
    for _ in range(5):
        made.spend("there", 5)
        time.now += 60

    with pytest.raises(TooSoon, match="55 minutes"):
        made.spend("there", 5)
    made.spend("elsewhere", 5)
    made.spend("there", 6)
    time.now += 3300
    with pytest.raises(TooSoon, match="1 minute"):
        made.spend("there", 5)
    time.now += 60
    made.spend("there", 5)


def test_an_account_that_was_not_made_does_not_count():
    made = Registrations(Time())
    made.refund("there")
    for _ in range(10):
        made.spend("there", 1)
        made.refund("there")


def test_there_may_be_no_new_accounts_at_all():
    with pytest.raises(TooMany):
        Registrations(Time()).spend("there", 0)


@given(st.lists(st.tuples(st.floats(-1e7, 1e7), st.integers(1, 6)), max_size=50))
def test_whatever_the_clock_does_accounts_can_be_made_again_after_an_hour(steps):
    time = Time()
    made = Registrations(time)
    for jump, limit in steps:
        time.now += jump
        try:
            made.spend("there", limit)
        except TooSoon:
            continue
    time.now += FORGOTTEN
    for _ in range(5):
        made.spend("there", 5)
    with pytest.raises(TooSoon):
        made.spend("there", 5)
