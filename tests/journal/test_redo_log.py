"""The redo log: what is in its files, whole or torn, and what is found there afterwards."""

from __future__ import annotations

import resource
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.journal._redo_log import NAMES, SIZE, RedoLog, find


def entry(seq: int, text: str = "hello") -> tuple:
    return "lobby", seq, ("said", 1.5, "guest:ann", "ann", text, "", None)


def test_what_was_written_is_found_in_order_across_both_files(tmp_path):
    log = RedoLog(tmp_path)
    assert log.append([entry(1), entry(2)])
    first = log.take()
    assert log.append([entry(3)])
    log.take()
    # The first file is not cleared yet, so nothing may be written to it.
    assert not log.append([entry(4)])
    assert find(tmp_path).entries == [entry(1), entry(2), entry(3)]
    assert first.clear()
    assert log.append([entry(4, "\udc80\U0001f600\n")])
    log.close()
    found = find(tmp_path)
    assert found.entries == [entry(3), entry(4, "\udc80\U0001f600\n")]
    assert not found.torn


def test_nothing_is_found_where_there_is_no_log_and_in_a_fresh_one(tmp_path):
    assert find(tmp_path) == ([], False)
    RedoLog(tmp_path).close()
    assert find(tmp_path) == ([], False)
    assert {path.name for path in tmp_path.iterdir()} == set(NAMES)
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in tmp_path.iterdir())


def test_a_log_that_is_opened_again_is_empty_and_one_that_is_no_longer_needed_is_removed(tmp_path):
    log = RedoLog(tmp_path)
    log.append([entry(1)])
    log.close()
    log = RedoLog(tmp_path)
    assert find(tmp_path) == ([], False)
    log.close(remove=True)
    assert list(tmp_path.iterdir()) == []


def test_what_does_not_fit_is_not_written(tmp_path):
    log = RedoLog(tmp_path)
    assert not log.append([entry(1, "x" * SIZE)])
    texts = 0
    while log.append([entry(texts + 1, "x" * 1000)]):
        texts += 1
    assert texts > SIZE // 1100
    log.close()
    assert len(find(tmp_path).entries) == texts


def test_cleared_files_hold_nothing_of_what_was_said(tmp_path):
    log = RedoLog(tmp_path)
    log.append([entry(1, "secret")])
    assert any(b"secret" in path.read_bytes() for path in log.paths)
    log.take().clear()
    log.append([entry(2)])
    log.take().clear()
    assert all(not any(path.read_bytes()) for path in log.paths)
    log.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the files of a running process")
def test_a_write_that_fails_halfway_counts_as_none_and_the_next_one_replaces_it(tmp_path):
    log = RedoLog(tmp_path)
    assert log.append([entry(1)])
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        for limit in (200, 0):
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, usual[1]))
            assert not log.append([entry(2, "lost" * 100)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert find(tmp_path) == ([entry(1)], True)
    assert log.append([entry(2, "found")])
    assert find(tmp_path).entries == [entry(1), entry(2, "found")]
    file = log.take()
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, usual[1]))
    try:
        assert not file.clear()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert file.clear()
    assert find(tmp_path) == ([], False)
    log.close()


@given(texts=st.lists(st.text(max_size=40), min_size=1, max_size=6), data=st.data())
def test_a_torn_file_gives_what_was_whole_and_says_so(tmp_path_factory, texts, data):
    folder = tmp_path_factory.mktemp("torn")
    log = RedoLog(folder)
    for seq, text in enumerate(texts, 1):
        assert log.append([entry(seq, text)])
    log.close()
    path = folder / NAMES[0]
    written = path.read_bytes()
    end = len(written.rstrip(b"\0"))
    at = data.draw(st.integers(0, end - 1))
    how = data.draw(st.sampled_from(["zeros", "cut", "other"]))
    if how == "zeros":
        path.write_bytes(written[:at] + bytes(SIZE - at))
    elif how == "cut":
        path.write_bytes(written[:at])
    else:
        path.write_bytes(written[:at] + bytes([written[at] ^ 0x55]) + written[at + 1 :])
    found = find(folder)
    assert found.entries == [entry(seq, text) for seq, text in enumerate(texts[: len(found.entries)], 1)]
    assert len(found.entries) < len(texts)
    # What is left of a frame shows, unless it was torn off at its beginning.
    assert found.torn or how != "other"
