"""Starts one peer on its core, and stops it."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.peers import Peer, Site
from benchmarks.peers.built import BUILT, CHATROOM, OVER_WEBSOCKET
from benchmarks.peers.packaged import PACKAGED

EVERY_PEER = (CHATROOM, *PACKAGED, *BUILT, *OVER_WEBSOCKET)
ROOT = Path(__file__).parent.parent
PATIENCE = 15.0  # seconds until a server must accept connections


class StartError(Exception):
    """A server ended, or did not listen in time; the message holds the end of what it printed."""


def pin(core: int) -> None:
    """Keep this process, and what it starts, on one core."""
    os.sched_setaffinity(0, {core})


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert isinstance(port, int)
        return port


def wait_until_listening(process: subprocess.Popen[bytes], port: int, log: Path, patience: float) -> None:
    """Return once *port* accepts connections."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.005)
    raise StartError(log.read_text(errors="replace")[-500:].strip() or "no output")


@contextmanager
def started(peer: Peer, core: int, site: Site, patience: float = PATIENCE) -> Iterator[int]:
    """Run *peer* at *site*, on one core; gives its process number once it listens."""
    log = site.folder / "output"
    with log.open("wb") as output:
        process = subprocess.Popen(
            peer.command(site),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            cwd=ROOT,
            preexec_fn=partial(pin, core),
        )
    try:
        wait_until_listening(process, site.port, log, patience)
        yield process.pid
    finally:
        process.kill()
        process.communicate()


@contextmanager
def running(peer: Peer, core: int, parent: Path) -> Iterator[tuple[int, int]]:
    """Run *peer* in a fresh folder below *parent*; gives its process number and its port."""
    with tempfile.TemporaryDirectory(prefix=f"{peer.name}-", dir=parent) as folder:
        site = Site(free_port(), Path(folder))
        with started(peer, core, site) as pid:
            yield pid, site.port
