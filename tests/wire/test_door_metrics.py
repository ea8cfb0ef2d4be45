"""The metrics of a server with ``--doors``: any door shows those of all its processes."""

from __future__ import annotations

import re

from .clients import JsonClient, TextClient
from .processes import PATIENCE, wait_until
from .server import Server
from .test_web import Tab, get


def test_any_door_shows_what_all_have_counted(tmp_path):
    with (
        Server(tmp_path, "--doors", "2") as server,
        TextClient(server.port, "ann") as ann,
        JsonClient(server.port, "bob"),
        Tab(server.port, "eve"),
    ):
        ann.until("-- eve joined")

        def sessions() -> dict[str, str]:
            figures = get(server.port, "/metrics")[2]
            return dict(re.findall(r'^chatroom_sessions\{door="(\w+)"\} (\d)', figures, re.MULTILINE))

        expected = {"line": "1", "json": "1", "web": "1", "api": "0", "irc": "0", "ssh": "0"}
        wait_until(lambda: sessions() == expected, "they are not counted")
        # Whatever a spare house is, it is none of them.
        wait_until(server.spares, "there is no spare", 2 * PATIENCE)
        figures = get(server.port, "/metrics")[2]
        processes = dict(
            re.findall(r'^chatroom_process_cpu_seconds_total\{process="(.+)",role="(\w+)"\}', figures, re.M)
        )
        assert processes == {"house": "house", "door 1": "door", "door 2": "door"}
        connections = re.findall(r'^chatroom_process_connections\{process="door \d"\} (\d+)', figures, re.MULTILINE)
        assert sum(map(int, connections)) >= 3
        assert server.stop() == 0
