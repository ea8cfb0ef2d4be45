"""Compiles the C programs at run time."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent


class BuildError(Exception):
    """There is no C compiler, or it failed; the message says which."""


def compile_c(target: Path, *sources: Path) -> Path:
    """Compile *sources* into the program *target*."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise BuildError("no C compiler found: install gcc")
    command = [compiler, "-O2", "-o", str(target), *map(str, sources)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise BuildError(done.stderr)
    return target


def build_load(folder: Path) -> Path:
    """Compile the load generator into *folder*."""
    return compile_c(folder / "load", *sorted((HERE / "load").glob("*.c")))


def build_loop(folder: Path) -> Path:
    """Compile the bare epoll loop into *folder*."""
    return compile_c(folder / "loop", HERE / "peers" / "loop.c")
