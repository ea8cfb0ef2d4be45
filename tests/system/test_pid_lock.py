"""Lock files with the number of the process that holds them."""

from __future__ import annotations

import os

import pytest

from chatroom.system.pid_lock import Held, holder, take


def test_a_lock_is_held_by_one_process_until_it_closes_it(tmp_path):
    lock = take(tmp_path / "lock")

    with pytest.raises(Held, match=f"^{os.getpid()}$"):
        take(tmp_path / "lock")
    assert holder(tmp_path / "lock") == os.getpid()
    os.close(lock)

    assert holder(tmp_path / "lock") is None
    os.close(take(tmp_path / "lock"))


def test_a_file_that_is_not_there_is_held_by_nobody(tmp_path):
    assert holder(tmp_path / "lock") is None


def test_only_its_user_can_read_it(tmp_path):
    os.close(take(tmp_path / "lock"))

    assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o600


def test_a_holder_that_has_not_written_its_number_is_unknown(tmp_path):
    lock = take(tmp_path / "lock")
    os.truncate(lock, 0)

    with pytest.raises(Held, match="unknown"):
        take(tmp_path / "lock")
    assert holder(tmp_path / "lock") is None
    os.close(lock)


def test_what_cannot_be_opened_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    for use in (take, holder):
        with pytest.raises(OSError, match="Not a directory"):
            use(tmp_path / "file" / "lock")
