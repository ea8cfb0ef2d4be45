"""Backups, exports and upgrades whose process is killed at any moment: files are whole or not there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chatroom.journal import atomic_files
from chatroom.journal._database import schema
from chatroom.journal.offline import OfflineJournal, check

from .stand_ins import NOW, Desk, said

LINES = 300

KILLER = """
import os, resource, signal, sqlite3, sys
from pathlib import Path

import chatroom.passwords
from chatroom.admin.__main__ import main
from chatroom.journal._database import Database, schema

what, folder, lines = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
target = folder.with_name("target")
scripts = schema()
WORK = {
    "upgrade": lambda: Database(folder, scripts, 1.7e9).close(),
    "backup": lambda: main(["--data", str(folder), "backup", str(target)]),
    "forced backup": lambda: main(["--data", str(folder), "backup", "--force", str(target)]),
    "export": lambda: main(["--data", str(folder), "export", "a", "--output", str(target)]),
    "check": lambda: main(["--data", str(folder), "check"]),
}
STEPS = {"open", "os.link", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.scandir", "sqlite3.connect",
         "sqlite3.connect/handle", "fcntl.flock", "shutil.rmtree"}
main(["--data", str(folder), "rooms"])  # so that everything is imported


def killed(prepare):
    if what != "forced backup":
        target.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        prepare()
        os._exit(WORK[what]() or 0)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or not status, status
    return os.WIFSIGNALED(status)


def at_step(number):
    left = number

    def hook(event, _):
        nonlocal left
        if event in STEPS:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def at_byte(number):
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (number, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def look():
    for path in folder.glob("*.bak") if what == "upgrade" else folder.parent.glob("target"):
        if what == "export":
            assert path.read_text().count("line ") == lines, path
            continue
        database = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",), path
        assert database.execute("SELECT count(*) FROM event").fetchone() == (lines,), path
        database.close()


deaths = 0
for size in range(0, 120_000, 8_192):
    deaths += killed(lambda: at_byte(size))
    look()
step = 1
while killed(lambda: at_step(step)):
    look()
    step += 1
print(deaths, step)
"""
"""Kills a process in the midst of writing at several sizes, then at each step that touches a file, until it lives."""


@pytest.fixture
def folder(tmp_path):
    with Desk(tmp_path / "data", scripts=schema()[:2]) as desk:
        desk.write(*(said("a", f"line {n}", NOW + n) for n in range(LINES)))
    return tmp_path / "data"


def kill(what: str, folder: Path) -> list[int]:
    """How often it was killed while it wrote, and at which step."""
    done = subprocess.run(
        [sys.executable, "-c", KILLER, what, str(folder), str(LINES)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return [int(number) for number in done.stdout.splitlines()[-1].split()]


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_an_upgrade_killed_at_any_moment_leaves_whole_backups_and_can_go_on(folder):
    writing, step = kill("upgrade", folder)
    assert writing > 3 and step > 10
    with Desk(folder) as desk:
        assert len(desk.read("a")) == LINES
    rest = names(folder) - {"journal.sqlite3", "lock"}
    assert rest and all(name.endswith(".bak") for name in rest)
    assert check(folder) == []


@pytest.mark.parametrize("what", ["backup", "forced backup", "export"])
def test_what_is_written_for_an_admin_is_whole_or_not_there_when_that_is_killed(folder, what):
    OfflineJournal(folder, writing=True).close()
    if what == "forced backup":
        with OfflineJournal(folder) as journal:
            journal.backup(folder.with_name("target"))
    writing, step = kill(what, folder)
    assert writing > 0 and step > 5
    assert names(folder.parent) == {"data", "target"}


def test_what_a_killed_check_has_left_is_removed_by_the_next(folder):
    OfflineJournal(folder, writing=True).close()
    writing, step = kill("check", folder)
    assert writing > 3 and step > 5
    assert {name for name in names(folder) if not name.endswith(".bak")} == {"journal.sqlite3", "lock"}


def test_a_backup_has_a_name_of_its_own_whatever_the_clock_says(folder):
    for _ in range(3):
        with Desk(folder, scripts=schema()):
            pass
        for path in folder.glob("journal.sqlite3*"):
            if not path.name.endswith(".bak"):
                path.unlink()
        with Desk(folder, scripts=schema()[:2]) as old:
            old.write(said("a", "1"))
    stamp = "journal.sqlite3.v2.20231114T221320Z"
    assert names(folder) >= {f"{stamp}.bak", f"{stamp}-2.bak", f"{stamp}-3.bak"}


def test_empty_backups_of_earlier_versions_are_removed(folder):
    (folder / "journal.sqlite3.v1.20231114T221320Z.bak").touch()
    with Desk(folder):
        [backup] = folder.glob("*.bak")
        assert backup.name.startswith("journal.sqlite3.v2.")


def test_what_somebody_is_making_now_is_left_alone(tmp_path):
    with atomic_files.atomic_file(tmp_path / "one") as one:
        one.write_text("half")
        with atomic_files.temporary_folder(tmp_path) as beside:
            (beside / "copy").write_text("1")
            with atomic_files.atomic_file(tmp_path / "two") as two:
                two.write_text("whole")
            atomic_files.remove_leftovers(tmp_path)
            assert (beside / "copy").exists() and one.exists()
        one.write_text("whole")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"one": "whole", "two": "whole"}
    assert (tmp_path / "one").stat().st_mode & 0o777 == 0o600


def test_where_another_came_first_it_is_left_alone(tmp_path):
    making = atomic_files.atomic_file(tmp_path / "one")
    making.__enter__().write_text("mine")
    (tmp_path / "one").write_text("theirs")
    with pytest.raises(FileExistsError):
        making.__exit__(None, None, None)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"one": "theirs"}


def test_a_link_that_sweeping_meets_leads_nowhere(tmp_path):
    """People who can write to the folder can't have other files removed."""
    (tmp_path / "precious").write_text("1")
    os.symlink(tmp_path / "precious", tmp_path / ".chatroom-link")
    atomic_files.remove_leftovers(tmp_path)
    assert (tmp_path / "precious").read_text() == "1"
