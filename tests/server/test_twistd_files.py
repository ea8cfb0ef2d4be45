"""The pid file and the log file that twistd is going to write, checked before."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from chatroom.server.errors import CannotStart
from chatroom.server.twistd_files import check_twistd_files, terminal_errors


@pytest.fixture
def gone():
    """The number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    return process.pid


@pytest.fixture
def pid_file(tmp_path):
    return tmp_path / "twistd.pid"


def complaint(**options):
    """Check files in the foreground, which must fail; what is said."""
    with pytest.raises(CannotStart) as caught:
        check_twistd_files({"nodaemon": True, **options})
    assert str(caught.value).isprintable()
    return str(caught.value).removeprefix("chatroom cannot start: ")


def test_without_files_there_is_nothing_to_check(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    check_twistd_files({"nodaemon": True, "pidfile": "", "logfile": None})
    check_twistd_files({"nodaemon": True, "pidfile": "", "logfile": "-"})
    check_twistd_files({"nodaemon": 0, "pidfile": "", "logfile": None, "syslog": True})
    check_twistd_files({"nodaemon": 0, "pidfile": "", "logfile": None, "logger": print})
    check_twistd_files({"reactor": "epoll"})  # twist has no such options
    check_twistd_files({"nodaemon": 0, "pidfile": "/none/pid", "logfile": "/none/log", "chroot": "/srv"})

    assert list(tmp_path.iterdir()) == []


def test_a_pid_file_that_can_be_written_is_left_to_twistd(pid_file):
    check_twistd_files({"nodaemon": True, "pidfile": str(pid_file)})

    assert list(pid_file.parent.iterdir()) == []


def test_a_stale_pid_file_is_removed(pid_file, gone):
    pid_file.write_text(f"{gone}\n")

    check_twistd_files({"nodaemon": True, "pidfile": str(pid_file)})

    assert not pid_file.exists()


def test_a_pid_file_of_this_very_process_is_from_before(pid_file):
    """In a container a process has the same number after each start."""
    pid_file.write_text(str(os.getpid()))

    check_twistd_files({"nodaemon": True, "pidfile": str(pid_file)})

    assert not pid_file.exists()


def test_the_process_that_a_pid_file_names_is_told_if_it_runs(pid_file):
    pid_file.write_text(str(os.getppid()))

    line = complaint(pidfile=str(pid_file))

    assert (
        line.startswith(f"process {os.getppid()} (")
        and f"is running, and {pid_file} names it: perhaps another" in line
    )
    assert "run twistd with --pidfile FILE" in line and pid_file.exists()


@pytest.mark.parametrize("content", ["", "pid", "0", "-1", "9" * 50, "9" * 5000, "12 13", "\x00", "\udcff"])
def test_a_pid_file_without_a_number_is_none(pid_file, content):
    pid_file.write_bytes(content.encode(errors="surrogateescape"))

    assert complaint(pidfile=str(pid_file)).startswith(
        f"{pid_file} does not contain the number of a process. Remove it,"
    )


def test_a_pid_file_that_cannot_be_written_is_told(tmp_path, pid_file):
    assert ": No such file or directory. Run twistd with " in complaint(pidfile=str(tmp_path / "none" / "pid"))
    pid_file.mkdir()
    assert ": Is a directory. Run twistd with " in complaint(pidfile=str(pid_file))
    (tmp_path / "file").touch()
    assert ": Not a directory. Run twistd with " in complaint(pidfile=str(tmp_path / "file" / "pid"))
    assert complaint(pidfile="/proc/chatroom.pid").startswith("cannot write the pid file /proc/chatroom.pid: ")


def test_a_folder_that_cannot_be_entered_is_told(tmp_path):
    assert complaint(rundir=str(tmp_path / "none")) == f"cannot run in {tmp_path}/none: No such file or directory"
    (tmp_path / "file").touch()
    assert complaint(rundir=str(tmp_path / "file")) == f"cannot run in {tmp_path}/file: Not a directory"


def test_a_log_file_that_cannot_be_written_is_told(tmp_path, monkeypatch):
    assert complaint(logfile=str(tmp_path / "none" / "log")).endswith("/none/log: No such file or directory")
    assert complaint(logfile=str(tmp_path)) == f"cannot write the log file {tmp_path}: Is a directory"
    (tmp_path / "twistd.log").mkdir()
    monkeypatch.chdir(tmp_path)
    assert complaint(nodaemon=0) == f"cannot write the log file {tmp_path}/twistd.log: Is a directory"


def test_a_log_file_goes_on_where_it_ended(tmp_path):
    (tmp_path / "log").write_text("before\n")

    check_twistd_files({"logfile": str(tmp_path / "log")})

    assert (tmp_path / "log").read_text() == "before\n"


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        (None, False),
        ({"reactor": "epoll"}, False),
        ({"nodaemon": 1}, False),
        ({"nodaemon": 1, "logfile": "-"}, False),
        ({"nodaemon": 1, "logfile": "log"}, True),
        ({"nodaemon": 1, "syslog": 1}, True),
        ({"nodaemon": 0}, True),
    ],
)
def test_standard_error_is_kept_where_the_log_goes_elsewhere(capfd, options, kept):
    errors = terminal_errors(options)

    assert (errors is not None) is kept
    if errors is not None:
        with errors:
            print("chatroom cannot start: \udcff", file=errors)
        assert capfd.readouterr().err == "chatroom cannot start: \\udcff\n"
