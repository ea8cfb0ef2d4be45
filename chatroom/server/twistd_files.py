"""The files that twistd writes, checked before, because it ends with a traceback if it cannot; and where errors go."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import chdir, suppress
from pathlib import Path
from typing import Any, TextIO

from .errors import CannotStart

_OTHER_PID_FILE = "run twistd with --pidfile FILE for another one, or with --pidfile= for none."

_MAX_PID_FILE = 100
"""Bytes read of a pid file: more than any number of a process has."""


def check_twistd_files(options: Mapping[str, Any]) -> None:
    """
    Check the files and the folder that twistd's own *options* name; remove a stale pid file.

    :raises CannotStart: if twistd could not use them.
    """
    if options.get("chroot"):
        return  # they are found elsewhere then
    try:
        with chdir(options.get("rundir") or "."):
            pass
    except OSError as error:
        raise CannotStart(f"cannot run in {options['rundir']}: {error.strerror}") from None
    if options.get("pidfile"):
        _check_pid_file(Path(options["pidfile"]).absolute())
    log_file = _log_file(options)
    if log_file is not None and not options.get("syslog") and options.get("logger") is None:
        _check_log_file(Path(log_file).absolute())


def terminal_errors(options: Mapping[str, Any] | None) -> TextIO | None:
    """
    Keep standard error open for a reason that the server cannot start.

    :param options: of twistd itself.
    :returns: None if it is not needed: the log is shown where standard error is.
    """
    if options is None or (_log_file(options) is None and not options.get("syslog")):
        return None
    # A daemon's standard error is closed before it starts, and otherwise twistd has it written to the log.
    return os.fdopen(os.dup(2), "w", errors="backslashreplace")


def _log_file(options: Mapping[str, Any]) -> str | None:
    """Return the name of the log file; None if the log goes to standard output, as that of twist always does."""
    foreground = options.get("nodaemon", True) or options.get("debug")
    name: str | None = options.get("logfile") or (None if foreground else "twistd.log")
    return None if name == "-" else name


def _check_pid_file(path: Path) -> None:
    try:
        pid = _pid_in(path)
        if pid is not None and pid != os.getpid() and _is_running(pid):
            raise CannotStart(
                f"process {pid}{_named(pid)} is running, and {path} names it: perhaps another chatroom. "
                f"Stop it, or {_OTHER_PID_FILE}"
            )
        if pid is not None:
            path.unlink()
        # What is written is no more than twistd will write: the disk may be full.
        with tempfile.TemporaryFile(dir=path.parent) as trial:
            trial.write(b"0" * 10)
            trial.flush()
    except OSError as error:
        raise CannotStart(
            f"cannot write the pid file {path}: {error.strerror}. {_OTHER_PID_FILE[0].upper()}{_OTHER_PID_FILE[1:]}"
        ) from None


def _pid_in(path: Path) -> int | None:
    """
    Read the number of the process that wrote the pid file *path*; None if there is no such file.

    :raises CannotStart: if it is another kind of file.
    """
    try:
        with path.open("rb") as file:
            pid = int(file.read(_MAX_PID_FILE))
    except FileNotFoundError:
        return None
    except ValueError:
        pid = 0
    if pid <= 0 or pid.bit_length() > 31:
        raise CannotStart(f"{path} does not contain the number of a process. Remove it, or {_OTHER_PID_FILE}")
    return pid


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _named(pid: int) -> str:
    """Return the name of a process in parentheses, where the system tells: it may be another program by now."""
    with suppress(OSError):
        return f" ({Path(f'/proc/{pid}/comm').read_text(errors='replace').strip()})"
    return ""


def _check_log_file(path: Path) -> None:
    try:
        with path.open("ab"):
            pass
    except OSError as error:
        raise CannotStart(f"cannot write the log file {path}: {error.strerror}") from None
