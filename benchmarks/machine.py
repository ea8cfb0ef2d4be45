"""The machine that a result depends on: the processor, its disk and the versions in use."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from timeit import repeat

from benchmarks.peers import Peer


def cpu_model() -> str:
    """Name the processor as the kernel does."""
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.processor() or platform.machine()


def filesystem_of(folder: Path) -> str:
    """Name the type of the filesystem that holds *folder*, such as ``ext4`` or ``tmpfs``."""
    best, kind = "", "unknown"
    for line in Path("/proc/mounts").read_text().splitlines():
        _, mount, this_kind, *_ = line.split()
        if len(mount) >= len(best) and folder.resolve().is_relative_to(mount):
            best, kind = mount, this_kind
    return kind


def package(name: str) -> str:
    """Tell the installed version of a Python distribution."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def interpreter() -> str:
    """Tell the version of this Python and how fast it is: compiled with a profile, it takes two thirds of the time."""
    loops = 10_000
    fastest = min(repeat("sum(range(100))", number=loops)) / loops
    return f"{platform.python_version()} (sum(range(100)): {fastest * 1e6:.2f} µs)"


def describe(peers: Iterable[Peer], folder: Path) -> dict[str, object]:
    """Describe everything that the results depend on."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "kernel": f"{platform.system()} {platform.release()}",
        "filesystem": filesystem_of(folder),
        "python": interpreter(),
        "twisted": package("Twisted"),
        "peers": {peer.name: peer.version() or "not installed" for peer in peers},
    }
