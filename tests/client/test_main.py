"""Tests of the real program, as far as it needs no server."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys

from chatroom import __version__


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the client in a pipeline."""
    command = [sys.executable, "-m", "chatroom.client", *arguments]
    return subprocess.run(command, input="hello\n", capture_output=True, text=True, timeout=60, check=False)


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
