"""Tests of the real program, as far as it needs no server."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chatroom import __version__

pytestmark = pytest.mark.wire


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the client in a pipeline."""
    command = [sys.executable, "-m", "chatroom.client", *arguments]
    return subprocess.run(
        command,
        input="hello\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )


def hello_at_a_terminal(
    server: socket.socket, *arguments: str, typed: str, **environment: str
) -> tuple[dict[str, Any], str]:
    """Run the client at a terminal where *typed* is typed; return the hello that *server* gets, and what was shown."""
    outer, inner = os.openpty()
    os.write(outer, typed.encode())
    command = [sys.executable, "-m", "chatroom.client", *arguments]
    with subprocess.Popen(
        command, stdin=inner, stdout=inner, stderr=inner, env={**os.environ, **environment}
    ) as client:
        os.close(inner)
        server.settimeout(30)
        connection, _ = server.accept()
        with connection, connection.makefile("rwb") as wire:
            hello = json.loads(wire.readline())
            wire.write(b'{"type":"refused","code":"banned","text":"Go away."}\n')
            wire.flush()
            shown = b""
            # The end of a terminal is an error on Linux.
            with contextlib.suppress(OSError):
                while piece := os.read(outer, 4096):
                    shown += piece
        client.wait(30)
    os.close(outer)
    return hello, shown.decode().replace("\r\n", "\n")


def test_the_program_knows_its_version():
    """On standard output, with success."""
    done = run("--version")
    assert (done.stdout, done.returncode) == (f"chatroom {__version__}\n", 0)


def test_a_server_that_is_not_there_is_one_clear_line():
    """On standard error, and the status tells."""
    with socket.socket() as unheard:
        # Bound, and not listening: nobody else can be there meanwhile.
        unheard.bind(("127.0.0.1", 0))
        where = f"127.0.0.1:{unheard.getsockname()[1]}"
        done = run(where, "--nick", "ann")
    said = f"!! Cannot reach {where}: nothing is listening there. Is the server running?\n"
    assert (done.stderr, done.stdout, done.returncode) == (said, "", 1)


def test_a_file_without_authorities_is_one_clear_line():
    """And no server is asked either."""
    done = run("--tls", "--ca", "/nowhere/ca.pem", "--nick", "ann")
    said = "!! /nowhere/ca.pem: No such file or directory\n"
    assert (done.stderr, done.stdout, done.returncode) == (said, "", 1)


def test_a_password_that_nobody_can_be_asked_for_is_one_clear_line():
    """And no server is asked either."""
    done = run("--login", "--nick", "ann")
    said = "!! There is no terminal to ask for the password: set CHATROOM_PASSWORD.\n"
    assert (done.stderr, done.stdout, done.returncode) == (said, "", 1)


def test_a_password_comes_with_the_first_word():
    """From the environment."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        where = f"127.0.0.1:{server.getsockname()[1]}"
        command = [sys.executable, "-m", "chatroom.client", where, "--nick", "ann", "--login", "--plain"]
        environment = {**os.environ, "CHATROOM_PASSWORD": "s3cret12"}
        with subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        ) as client:
            connection, _ = server.accept()
            with connection, connection.makefile("rwb") as wire:
                hello = json.loads(wire.readline())
                wire.write(b'{"type":"refused","code":"banned","text":"Go away."}\n')
                wire.flush()
                output, _ = client.communicate(timeout=60)
    assert hello == {"type": "hello", "nick": "ann", "password": "s3cret12"}
    assert (output, client.returncode) == ("Go away.\n", 1)


def test_a_server_of_another_kind_is_one_clear_line():
    """It greets us in another language."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        where = f"127.0.0.1:{other.getsockname()[1]}"
        command = [sys.executable, "-m", "chatroom.client", where, "--nick", "ann"]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as client:
            connection, _ = other.accept()
            with connection:
                connection.sendall(b"220 mail.example.org ESMTP\r\n")
                _, errors = client.communicate(timeout=60)
    assert (errors, client.returncode) == ("!! That is not a chatroom server.\n", 1)


def test_a_pipeline_of_root_is_told_its_nick():
    """It cannot be asked for another."""
    done = run("127.0.0.1:1", LOGNAME="root")
    assert done.stderr.splitlines()[0] == (
        "-- Your login name, root, can't be a nick: you are guest. Choose a nick with --nick."
    )


def test_root_is_asked_for_a_nick_and_the_port_may_stand_alone():
    """The first word that is a nick is one."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        where = ["127.0.0.1", str(server.getsockname()[1])]
        hello, shown = hello_at_a_terminal(server, *where, "--plain", typed="root\nann\n", LOGNAME="root")
    assert hello == {"type": "hello", "nick": "ann"}
    assert "-- Your login name, root, can't be a nick." in shown
    assert "!! The nick root is reserved." in shown


def test_the_configuration_file_gives_what_the_command_line_does_not(tmp_path: Path):
    """And a mistake in it is one clear line."""
    (tmp_path / "chatroom").mkdir()
    file = tmp_path / "chatroom" / "client.toml"
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        file.write_text(f'host = "127.0.0.1:{port}"\nnick = "ann"\nrooms = ["lobby", "games"]\nplain = true\n')
        hello, _ = hello_at_a_terminal(server, typed="", XDG_CONFIG_HOME=str(tmp_path))
    assert hello == {"type": "hello", "nick": "ann", "rooms": ["lobby", "games"]}
    file.write_text("nick = 1")
    done = run(XDG_CONFIG_HOME=str(tmp_path))
    assert (done.stderr, done.returncode) == (f"chatroom: error: {file}, line 1: nick must be a string\n", 2)


def test_a_log_that_cannot_be_written_is_one_clear_line():
    """And no server is asked either."""
    done = run("127.0.0.1:1", "--nick", "ann", "--log", "/nowhere/chat.log")
    assert (done.stderr, done.returncode) == (
        "!! Cannot write the log /nowhere/chat.log: No such file or directory.\n",
        1,
    )


ZEROCONF = """
from types import SimpleNamespace
class Error(Exception): pass
ServiceStateChange, InterfaceChoice = SimpleNamespace(Added=1), SimpleNamespace(All=0)
DNSQuestionType = SimpleNamespace(QM=2)
class Zeroconf:
    def __init__(self, interfaces): pass
    def close(self): pass
def ServiceBrowser(network, kind, handlers, delay, question_type):
    handlers[0](zeroconf=network, service_type=kind, name="Tea." + kind, state_change=1)
class ServiceInfo:
    port, server, decoded_properties = {port}, "box.local.", {{"name": "Tea room"}}
    def __init__(self, kind, name): pass
    def request(self, network, timeout): return True
    def parsed_scoped_addresses(self): return ["127.0.0.1"]
"""
"""A network where one server announces itself."""


def test_a_person_who_names_no_server_is_offered_what_is_found(tmp_path: Path):
    """By number; the connection goes to the announced address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        (tmp_path / "zeroconf.py").write_text(ZEROCONF.format(port=server.getsockname()[1]))
        path = os.pathsep.join([str(tmp_path), *sys.path])
        hello, shown = hello_at_a_terminal(server, "--nick", "ann", "--plain", typed="1\n", PYTHONPATH=path)
    assert hello == {"type": "hello", "nick": "ann"}
    assert "-- 1: Tea room at box.local:" in shown


def test_a_person_who_names_no_server_gets_this_machine_where_nothing_is_found(tmp_path: Path):
    """Or where the extra is not installed."""
    (tmp_path / "chatroom").mkdir()
    (tmp_path / "zeroconf.py").write_text("raise ImportError")
    with socket.create_server(("127.0.0.1", 0)) as server:
        (tmp_path / "chatroom" / "client.toml").write_text(f"port = {server.getsockname()[1]}")
        hello, shown = hello_at_a_terminal(
            server,
            *("--nick", "ann", "--plain"),
            typed="",
            PYTHONPATH=os.pathsep.join([str(tmp_path), *sys.path]),
            XDG_CONFIG_HOME=str(tmp_path),
        )
    assert hello == {"type": "hello", "nick": "ann"}
    assert "network" not in shown
