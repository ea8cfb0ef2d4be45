"""A server with ``--doors`` is upgraded while people chat: their connections go on, and not a line is lost."""

from __future__ import annotations

import json
import re
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from chatroom.doors.door import UPGRADED
from chatroom.server.door_service import RESUME_WINDOW

from .clients import JsonClient, Netcat, TextClient, connect
from .processes import PATIENCE, program, wait_until
from .server import Server
from .terminals import Terminals
from .test_doors import Processes, command_of, open_files, wait_until_gone
from .test_tls import Encrypted

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


def connections(doors: set[int], port: int) -> int:
    """Count the connections of clients that *doors* hold."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    established = {f"socket:[{row[9]}]" for row in rows if row[1] == f"0100007F:{port:04X}" and row[3] == "01"}
    return sum(len(established & open_files(door)) for door in doors if command_of(door))


@pytest.mark.slow
def test_the_page_and_the_client_come_back_by_themselves_without_a_word(tmp_path: Path) -> None:
    """Those that can resume are asked to, within half a minute; nc goes on meanwhile."""
    encrypted = Encrypted(tmp_path, "--doors", "2")
    with (
        encrypted.server as server,
        Terminals(tmp_path) as terminals,
        Netcat(server.port, "ann") as ann,
        TextClient(server.port, "tess", encrypted.context) as tess,
        connect(f"ws://127.0.0.1:{server.port}/ws") as tab,
    ):
        trust = ("--ca", str(encrypted.ca))
        eve = terminals.open(
            "client", program("chatroom"), "--tls", f"localhost:{server.port}", *trust, "--nick", "eve"
        )
        eve.until("You are in #lobby[.]")
        tab.send('{"type":"hello","nick":"tab"}')
        processes = Processes(server)
        doors = processes.all("door")

        server.tell(signal.SIGUSR2)
        server.process.until("All processes have been replaced", seconds=3 * PATIENCE)
        received: list[str] = []
        with suppress(ConnectionClosed):
            while True:
                received += str(tab.recv(2 * RESUME_WINDOW)).splitlines()
        assert json.loads(received[-1]) == {"type": "goodbye", "text": UPGRADED, "again": True}
        assert tab.protocol.close_code == 1012
        wait_until(lambda: connections(doors, server.port) == 1, lambda: server.log, 2 * RESUME_WINDOW)
        ann.type("still here")
        tess.until("<ann> still here")
        tess.type("me too")
        eve.until("<tess> me too")
        eve.type("and me")
        ann.until("<eve> and me")
        assert processes.of(tess) in doors
        assert "lost" not in eve.screen and "Reconnected" not in eve.screen
        assert "Traceback" not in server.log
