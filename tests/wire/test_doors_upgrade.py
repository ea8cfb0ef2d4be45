"""A server with ``--doors`` is upgraded while people chat: their connections go on, and not a line is lost."""

from __future__ import annotations

import re
import signal
import threading
import time
from pathlib import Path

from .clients import JsonClient, TextClient
from .processes import PATIENCE
from .server import Server
from .test_doors import Processes, wait_until_gone

INTERVAL = 0.005
"""Seconds between two lines."""


class Counting:
    """A program that says numbered lines until it is stopped, each when it has read the one before."""

    def __init__(self, client: JsonClient) -> None:
        self.said = 0
        self.longest = 0.0
        """The longest time that a line took, in seconds."""
        self._client = client
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._over.wait(INTERVAL):
            begun = time.monotonic()
            self._client.ask("say", text=f"line {self.said}")
            self._client.until("said", text=f"line {self.said}")
            self.longest = max(self.longest, time.monotonic() - begun)
            self.said += 1

    def stop(self) -> None:
        self._over.set()
        self._thread.join()


def test_nc_keeps_its_connection_over_two_upgrades_and_reads_every_line_once(tmp_path: Path) -> None:
    with (
        Server(tmp_path, "--doors", "2", "--rate", "1000", "--burst", "1000") as server,
        TextClient(server.port, "ann") as ann,
        TextClient(server.port, "eve") as eve,
        JsonClient(server.port, "bob") as bob,
    ):
        processes = Processes(server)
        port = ann.socket.getsockname()
        counting = Counting(bob)
        try:
            for number in range(2):
                before = processes.all()
                ann.send(f"half {number}".encode())
                server.tell(signal.SIGUSR2)
                server.process.until("All processes have been replaced", seconds=3 * PATIENCE)
                wait_until_gone(before)
                ann.type(" and the rest")
                time.sleep(0.2)
        finally:
            counting.stop()
        last = f"line {counting.said - 1}"
        lines = ann.lines_until(last)
        others = eve.lines_until(last)

        numbers = [int(found[1]) for line in lines if (found := re.search(r"<bob> line (\d+)$", line))]
        assert numbers == list(range(counting.said)) and counting.said > 100
        assert [line[6:] for line in others if "<ann>" in line] == [
            f"<ann> half {number} and the rest" for number in range(2)
        ]
        print(f"{counting.said} lines, {counting.longest:.2f} s of silence at most")
        assert ann.socket.getsockname() == port
        assert not [line for line in lines if "The chat is" in line], "silence is short"
        assert "Traceback" not in server.log and server.stop() == 0
