"""Passwords on threads of their own, with hashes that cost next to nothing."""

from __future__ import annotations

import os
import statistics
import sys
import threading
import time
from queue import SimpleQueue
from threading import Event as Gate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import globalLogPublisher

from chatroom.chat.ports import Busy
from chatroom.passwords import DEFAULT_COST, MAX_WAITING, NICENESS, Argon, ArgonPasswords, Cost, Damaged, give_way

CHEAP = Cost(passes=1, kibibytes=8, lanes=1)


class Desk:
    """`ArgonPasswords` whose reactor is the test's own thread, while it waits."""

    def __init__(self, **more) -> None:
        self._calls: SimpleQueue = SimpleQueue()
        self.passwords = ArgonPasswords(
            lambda call, *args: self._calls.put((call, args)), **{"threads": 1, "argon": Argon(CHEAP), **more}
        )

    def ask(self, coroutine) -> Deferred:
        """Begin something."""
        return Deferred.fromCoroutine(coroutine)

    def wait(self, asked: Deferred):
        """Wait until the job has a result or has failed."""
        results: list = []
        asked.addBoth(results.append)
        while not results:
            call, args = self._calls.get(timeout=30)
            call(*args)
        if hasattr(results[0], "raiseException"):
            results[0].raiseException()
        return results[0]

    def hash(self, password):
        return self.wait(self.ask(self.passwords.hash(password)))

    def verify(self, hashed, password):
        return self.wait(self.ask(self.passwords.verify(hashed, password)))


@pytest.fixture
def desk():
    desk = Desk()
    yield desk
    desk.passwords.stop()


@pytest.fixture
def logged():
    events: list = []
    globalLogPublisher.addObserver(events.append)
    yield events
    globalLogPublisher.removeObserver(events.append)


class Gated(Argon):
    """Hashes that wait for a gate; every password is right."""

    def __init__(self) -> None:
        super().__init__(CHEAP)
        self.gate = Gate()
        self.begun: list = []

    def verify(self, hashed, password):
        self.begun.append(password)
        self.gate.wait(30)
        return True


class Broken(Argon):
    """Hashes that break."""

    def hash(self, password):
        return 1 / 0


@pytest.fixture
def gated():
    argon = Gated()
    desk = Desk(threads=2, waiting=3, argon=argon)
    yield desk, argon.gate, argon.begun
    argon.gate.set()
    desk.passwords.stop()


def test_only_the_right_password_is_right(desk):
    hashed = desk.hash("correct horse")

    assert hashed.startswith("$argon2id$") and "horse" not in hashed
    assert desk.verify(hashed, "correct horse") is True
    assert desk.verify(hashed, "correct hors") is False
    assert desk.verify(hashed, "") is False


def test_two_hashes_of_one_password_have_nothing_in_common(desk):
    assert desk.hash("correct horse") != desk.hash("correct horse")


def test_no_password_is_right_for_a_nick_that_nobody_has(desk):
    assert desk.verify(None, "correct horse") is False
    assert desk.verify(None, "") is False


@given(st.text(st.characters(), max_size=60))
def test_any_text_can_be_a_password(text):
    argon = Argon(CHEAP)
    hashed = argon.hash(text)

    assert argon.verify(hashed, text) and not argon.verify(hashed, text + "!") and not argon.verify(None, text)


def test_a_password_is_the_same_however_a_keyboard_composes_it(desk):
    assert desk.verify(desk.hash("cafe\u0301 au lait"), "caf\u00e9 au lait")


def test_a_hash_made_at_another_cost_goes_on_working(desk):
    assert desk.verify(Argon(Cost(passes=2, kibibytes=64, lanes=4)).hash("correct horse"), "correct horse")


@pytest.mark.parametrize(
    "damaged",
    [
        "nonsense",
        "$argon2id$",
        "$argon2id$v=19$m=8,t=1,p=1$AAAA",
        "$argon2id$v=19$m=8,t=1,p=1$é$é",
        "$argon2id$v=19$m=4294967295,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=8,t=4294967295,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=8,t=x,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
    ],
)
def test_a_damaged_hash_is_wrong_and_logged_without_it(desk, logged, damaged):
    assert desk.verify(damaged, "correct horse") is False

    [event] = [event for event in logged if "damaged" in (event.get("log_format") or "")]
    assert damaged not in str(event) and "horse" not in str(event)


@given(st.data())
def test_a_flipped_byte_never_lets_anyone_in(data):
    argon = Argon(CHEAP)
    octets = bytearray(argon.hash("correct horse").encode())
    octets[data.draw(st.integers(0, len(octets) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        assert not argon.verify(octets.decode("latin-1"), "wrong horse")
    except Damaged as damage:
        assert "$" not in str(damage)


def test_whoever_would_wait_too_long_is_told_at_once(gated):
    desk, gate, begun = gated
    asked = [desk.ask(desk.passwords.verify("hash", str(number))) for number in range(5)]

    with pytest.raises(Busy, match="try again"):
        desk.verify("hash", "one too many")
    with pytest.raises(Busy):
        desk.hash("one too many")

    gate.set()
    assert [desk.wait(one) for one in asked] == [True] * 5
    assert desk.verify("hash", "later") is True and sorted(begun) == ["0", "1", "2", "3", "4", "later"]


def test_a_thousand_at_once_are_all_answered_by_few_threads():
    before = threading.active_count()
    desk = Desk(threads=2)
    hashed = Argon(CHEAP).hash("correct horse")
    words = ["correct horse" if number % 3 else "wrong horse" for number in range(1000)]
    asked = [desk.ask(desk.passwords.verify(hashed, word)) for word in words]

    assert threading.active_count() <= before + 2
    answers: list = []
    for one in asked:
        try:
            answers.append(desk.wait(one))
        except Busy:
            answers.append(None)
    desk.passwords.stop()
    most = 2 + MAX_WAITING

    assert answers[:most] == [word == "correct horse" for word in words[:most]]
    assert answers[most:] == [None] * (1000 - most)


def test_who_goes_away_while_waiting_disturbs_nobody(gated):
    desk, gate, _ = gated
    gone, waiting = (desk.ask(desk.passwords.verify("hash", who)) for who in ("gone", "waiting"))
    gone.cancel()
    gate.set()

    with pytest.raises(CancelledError):
        desk.wait(gone)
    assert desk.wait(waiting) is True


def test_stopping_waits_for_nobody(gated):
    desk, gate, begun = gated
    asked = [desk.ask(desk.passwords.verify("hash", str(number))) for number in range(5)]
    desk.passwords.stop()

    for one in asked:
        with pytest.raises(Busy, match="shutting down"):
            desk.wait(one)
    with pytest.raises(Busy):
        desk.verify("hash", "late")
    gate.set()
    for thread in threading.enumerate():
        if thread.name == "passwords":
            thread.join(30)
    assert len(begun) <= 2


def test_what_breaks_on_the_thread_is_told_to_who_waits():
    desk = Desk(argon=Broken(CHEAP))

    with pytest.raises(ZeroDivisionError):
        desk.hash("correct horse")
    assert desk.verify(None, "correct horse") is False
    desk.passwords.stop()


def test_stopping_what_never_started_is_harmless():
    before = threading.active_count()
    desk = Desk()
    desk.passwords.stop()

    assert threading.active_count() == before


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no policy of their own")
def test_the_threads_give_way_and_the_rest_of_the_process_does_not():
    """Never so far that they are not let run at all: they may hold the lock without which nobody in here can run."""

    def standing() -> tuple[int, int]:
        thread = threading.get_native_id()
        return os.sched_getscheduler(thread), os.getpriority(os.PRIO_PROCESS, thread)

    before = standing()
    found: list[tuple[int, int]] = []
    thread = threading.Thread(target=lambda: (give_way(), found.append(standing())))
    thread.start()
    thread.join()

    assert found == [(os.SCHED_BATCH, min(19, before[1] + NICENESS))] and standing() == before


def test_an_unknown_nick_takes_as_long_as_a_known_one():
    argon = Argon(DEFAULT_COST._replace(kibibytes=16_384))
    hashed = argon.hash("correct horse")

    def taken(stored):
        started = time.thread_time()
        argon.verify(stored, "wrong horse")
        return time.thread_time() - started

    known, unknown = ([taken(stored) for _ in range(7)] for stored in (hashed, None))
    assert statistics.median(unknown) == pytest.approx(statistics.median(known), rel=0.5)


def test_a_hash_costs_what_the_standard_asks_for():
    hashed = Argon().hash("correct horse")

    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert Argon().verify(hashed, "correct horse") and not Argon().verify(None, "correct horse")
