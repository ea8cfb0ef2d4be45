"""Telling a running server to go on with newer code."""

from __future__ import annotations

import os
import signal

import pytest

from chatroom.config.data_folder import SUPERVISOR
from chatroom.config.supervisor import NotTold, tell_to_upgrade
from chatroom.system import pid_lock


def test_the_one_that_has_the_folder_is_told(tmp_path):
    got = []
    before = signal.signal(signal.SIGUSR2, lambda number, frame: got.append(number))
    (tmp_path / SUPERVISOR).parent.mkdir()
    lock = pid_lock.take(tmp_path / SUPERVISOR)
    try:
        assert f"process {os.getpid()} " in tell_to_upgrade(tmp_path) and got == [signal.SIGUSR2]
    finally:
        os.close(lock)
        signal.signal(signal.SIGUSR2, before)


def test_if_there_is_none_that_is_said(tmp_path):
    with pytest.raises(NotTold, match=r"^No server with --doors is running in "):
        tell_to_upgrade(tmp_path)
