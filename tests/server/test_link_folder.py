"""The folder in which the house listens for its doors."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from twisted.internet.protocol import Factory

from chatroom.config.data_folder import SUPERVISOR
from chatroom.server.errors import CannotStart
from chatroom.server.link_folder import LinkEndpoint, LinkFolder
from chatroom.system import pid_lock


@pytest.fixture(autouse=True)
def temporary_files(tmp_path, monkeypatch):
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))


def opened(data):
    link = LinkFolder(data)
    link.open()
    return link


def test_it_is_in_the_data_folder_and_for_its_user_only(tmp_path, monkeypatch):
    monkeypatch.chdir("/tmp")
    short = Path(os.path.relpath(tmp_path / "data"))
    link = opened(short)

    assert link.socket == tmp_path / "data" / "link" / "house"
    assert {(tmp_path / "data" / one).stat().st_mode & 0o777 for one in ("", "link")} == {0o700}
    assert pid_lock.holder(tmp_path / "data" / SUPERVISOR) == os.getpid()
    link.close()
    assert pid_lock.holder(tmp_path / "data" / SUPERVISOR) is None
    opened(tmp_path / "data").close()


@pytest.mark.parametrize("data", ["x" * 100, None])
def test_otherwise_it_is_a_folder_for_temporary_files(tmp_path, data):
    link = opened(tmp_path / data if data else None)

    folder = link.socket.parent
    assert folder.parent == tmp_path / "tmp" and folder.stat().st_mode & 0o777 == 0o700
    link.socket.touch()
    link.close()
    assert not folder.exists()


def test_the_longest_path_that_a_socket_can_have_is_used(tmp_path):
    room = 107 - len(os.fsencode(tmp_path)) - len("//link/house")
    for length, fits in ((room, True), (room + 1, False)):
        link = opened(tmp_path / ("x" * length))
        assert (link.socket.parent.name == "link") is fits
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(link.socket))
        link.close()


def test_another_supervisor_there_is_named_in_one_line(tmp_path):
    link = opened(tmp_path)
    with pytest.raises(
        CannotStart, match=rf"{tmp_path} is in use by another chatroom server \(process {os.getpid()}\)"
    ):
        opened(tmp_path)
    link.close()


def test_what_cannot_be_made_is_told_in_one_line(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match="file: Not a directory"):
        opened(tmp_path / "file")
    with pytest.raises(CannotStart, match="file/data: Not a directory"):
        opened(tmp_path / "file" / "data")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    with pytest.raises(CannotStart, match="cannot make a folder for temporary files: No such file or directory"):
        opened(None)


class Reactor:
    """A reactor that notes where it is to listen."""

    def listenUNIX(self, path, factory, backlog, mode, wantPID):
        assert not Path(path).exists()
        return path, mode


def test_the_socket_of_a_house_that_has_ended_is_removed(tmp_path):
    (tmp_path / "house").touch()
    found = []
    LinkEndpoint(Reactor(), tmp_path / "house").listen(Factory()).addCallback(found.append)

    assert found == [(str(tmp_path / "house"), 0o600)]


def test_what_cannot_be_removed_is_told(tmp_path):
    (tmp_path / "house").mkdir()
    failures = []
    LinkEndpoint(Reactor(), tmp_path / "house").listen(Factory()).addErrback(failures.append)

    assert failures[0].check(OSError)


def test_sockets_of_processes_that_were_killed_are_removed(tmp_path):
    (tmp_path / "link").mkdir()
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "link" / "a1b2"))

    opened(tmp_path).close()

    assert [one.name for one in (tmp_path / "link").iterdir()] == ["supervisor"]
