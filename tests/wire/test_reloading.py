"""SIGHUP, as an operator sends it to a server that runs."""

from __future__ import annotations

import signal

from .server import Server


def test_a_hangup_reads_the_configuration_again_and_ends_nothing(tmp_path):
    file = tmp_path / "chatroom.toml"
    file.write_text("rate = 5\n")
    with Server(tmp_path, "--config", str(file)) as server:
        file.write_text("rate = 10\n")
        server.tell(signal.SIGHUP)
        server.process.until("rate: 5 → 10")

        file.write_text("\nrate = 'fast'\n")
        server.tell(signal.SIGHUP)
        server.process.until(rf"Keeping the old configuration\. {file}, line 2: rate must be a number of at least 0")

        assert server.stop() == 0
