"""Copies of the working tree, in which tests run on changed code while the tree itself stays as it is."""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

MOST_MEMORY = 4 * 2**30
"""Bytes of address space that the tests of a mutant may take: some change makes a loop that fills everything."""
LONGEST = 1800.0
"""Seconds that the tests of a mutant may take; a test that hangs is ended by its own timeout long before."""
FIRST = 25
"""Tests that are tried first; most mutants end here, and collecting all others takes longer than running these."""
CHOSEN = "not wire and not browser"


class Copy:
    """One copy, used for one mutant after the other."""

    def __init__(self, origin: Path, root: Path) -> None:
        self.origin = origin
        self.root = root

    def fill(self, names: Sequence[str]) -> None:
        """Copy the files *names*."""
        for name in names:
            target = self.root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self.origin / name, target)

    def measure(self, data: Path) -> bool:
        """Run all tests, and note in *data* which runs which lines; say whether all pass."""
        options = ("--cov", "--cov-context=test", "--cov-report=", "--cov-fail-under=0")
        return self._pytest(["-q", "-m", CHOSEN, *options], {"COVERAGE_FILE": str(data)}, quiet=False)

    def kills(self, path: str, code: str, tests: Sequence[str]) -> bool:
        """Say whether any of *tests* fails when the file *path* is changed to *code*."""
        changed = self.root / path
        changed.write_text(code, "utf-8")
        # Python goes by a file's time and size, and must not take what it has compiled of the original.
        os.utime(changed, (0, 0))
        try:
            return any(not self._pass(some) for some in (tests[:FIRST], tests[FIRST:]) if some)
        finally:
            shutil.copy2(self.origin / path, changed)

    def finds(self, tests: Sequence[str]) -> bool:
        """Say whether pytest finds all *tests*: one that it does not find would look like one that fails."""
        return self._pass(tests, "--collect-only")

    def _pass(self, tests: Sequence[str], *options: str) -> bool:
        # There may be more of them than a command line takes.
        arguments = self.root.with_suffix(".arguments")
        arguments.write_text("\n".join(tests), "utf-8")
        return self._pytest(["-q", "-x", "--no-cov", *options, f"@{arguments}"], {"PYTHONDONTWRITEBYTECODE": "1"})

    def _pytest(self, arguments: Sequence[str], environment: dict[str, str], quiet: bool = True) -> bool:
        temporary = self.root.with_suffix(".tmp")
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"--basetemp={temporary}", *arguments],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(self.root), **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if quiet else None,
            stderr=subprocess.DEVNULL if quiet else None,
            start_new_session=True,
        )
        if quiet:
            resource.prlimit(process.pid, resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        try:
            return process.wait(LONGEST if quiet else None) == 0
        except subprocess.TimeoutExpired:
            return False
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def tree(root: Path) -> list[str]:
    """Name the files of the working tree that git knows, or would take."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout.split("\0")
    return sorted({name for name in names if name and (root / name).is_file()})


def digest(root: Path, names: Sequence[str]) -> str:
    """Return what stands for these files as they are now."""
    whole = hashlib.sha256()
    for name in names:
        content = hashlib.sha256((root / name).read_bytes()).hexdigest()
        whole.update(f"{name} {content}\n".encode())
    return whole.hexdigest()[:16]


def commit(root: Path) -> str:
    """Return the hash of the commit that the tree is based on."""
    command = ["git", "rev-parse", "HEAD"]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout.strip()
