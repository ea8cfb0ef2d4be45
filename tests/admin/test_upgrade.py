"""Having a running server go on with newer code."""

from __future__ import annotations

import os
import signal

import pytest

from chatroom.config.data_folder import SUPERVISOR
from chatroom.system import pid_lock


@pytest.fixture
def signals():
    got = []
    before = signal.signal(signal.SIGUSR2, lambda number, frame: got.append(number))
    yield got
    signal.signal(signal.SIGUSR2, before)


def test_the_supervisor_is_told(admin, signals):
    (admin.folder / SUPERVISOR).parent.mkdir(parents=True)
    lock = pid_lock.take(admin.folder / SUPERVISOR)

    [line] = admin("upgrade").lines
    os.close(lock)

    assert line.startswith(f"Told process {os.getpid()} to go on with the code that is installed now")
    assert signals == [signal.SIGUSR2]


def test_without_one_nobody_is(admin, signals):
    assert admin("upgrade").complaint == f"No server with --doors is running in {admin.folder}."

    (admin.folder / SUPERVISOR).parent.mkdir(parents=True)
    os.close(pid_lock.take(admin.folder / SUPERVISOR))

    assert admin("upgrade").complaint == f"No server with --doors is running in {admin.folder}."
    assert signals == []


def test_that_of_another_user_is_left_alone(admin, signals, monkeypatch):
    (admin.folder / SUPERVISOR).parent.mkdir(parents=True)
    lock = pid_lock.take(admin.folder / SUPERVISOR)

    def refuse(pid, number):
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)

    assert "is another user's" in admin("upgrade").complaint
    os.close(lock)


def test_a_database_has_no_folder_to_find_it_by(admin):
    assert "send SIGUSR2 to its first process" in admin.run("--database", "postgresql://x/y", "upgrade").complaint
