"""SSH clients that others have written, and how each of them is started: as a guest, with a password or with a key."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .processes import Started, program, run, tool
from .server import Server
from .terminals import Terminal, Terminals

KEY_TYPES = ("ed25519", "rsa", "ecdsa")

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Visit:
    """How somebody comes: what they are called, what they want, and how they prove who they are."""

    nick: str
    command: str = ""
    """What is run; "": a conversation."""
    key: str = ""
    """The name of the key, see `Keys`."""
    password: str = ""
    """What is answered to every question."""
    terminal: bool = False


class Keys:
    """
    Keys of people, made when they are first asked for, in the form that each client reads.

    :param folder: where they are kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def openssh(self, name: str) -> Path:
        """Return the file of a private key of OpenSSH; the *name* begins with one of `KEY_TYPES`."""
        file = self._folder / name
        if not file.exists():
            kind, *_ = name.split("-")
            size = ("-b", "2048") if kind == "rsa" else ()
            run([program("ssh-keygen"), "-q", "-t", kind, *size, "-N", "", "-C", name, "-f", file])
        return file

    def public(self, name: str) -> str:
        """Return the line of the public key."""
        return Path(f"{self.openssh(name)}.pub").read_text().strip()

    def putty(self, name: str) -> Path:
        """Return the same key for PuTTY."""
        file = self._folder / f"{name}.ppk"
        if not file.exists():
            run([program("puttygen"), self.openssh(name), "-o", file, "-O", "private"])
        return file

    def dropbear(self, name: str) -> Path:
        """Return the same key for dropbear."""
        file = self._folder / f"{name}.dropbear"
        if not file.exists():
            run([program("dropbearconvert"), "openssh", "dropbear", self.openssh(name), file])
        return file


@dataclass(frozen=True)
class Surroundings:
    """Where clients are started: a home of their own, the server, and the keys of its people."""

    home: Path
    server: Server
    keys: Keys
    known_hosts: Path = field(init=False)

    def __post_init__(self) -> None:
        """Learn the server's key, as everybody does who comes for the first time."""
        known = run([program("ssh-keyscan"), "-p", str(self.server.port), HOST])
        file = self.home / "known_hosts"
        file.write_text("".join(line for line in known.splitlines(keepends=True) if not line.startswith("#")))
        object.__setattr__(self, "known_hosts", file)

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the server's key, as its log says it."""
        return self.server.process.until(r"SSH host key: (SHA256:\S+)")[1]


class SshClient:
    """One kind of client."""

    def __init__(self, around: Surroundings) -> None:
        self.around = around

    def words(self, visit: Visit) -> Sequence[str | Path]:
        """Return the command line."""
        raise NotImplementedError

    def environment(self, visit: Visit) -> Mapping[str, str]:
        """Return the variables that it needs."""
        return {"HOME": str(self.around.home)}

    def start(self, visit: Visit) -> Started:
        """Start it with pipes."""
        variables = {"SSH_AUTH_SOCK": None, "DISPLAY": None, **self.environment(visit)}
        return Started(self.words(visit), self.around.home, variables)

    def sit_down(self, terminals: Terminals, visit: Visit, name: str = "ssh") -> Terminal:
        """Start it in a window."""
        variables = [f"{name}={value}" for name, value in self.environment(visit).items()]
        return terminals.open(name, "env", "-u", "SSH_AUTH_SOCK", *variables, *map(str, self.words(visit)))


class OpenSsh(SshClient):
    """
    ``ssh``, which most people have.

    :param options: further ones, as on its command line.
    """

    def __init__(self, around: Surroundings, *options: str) -> None:
        super().__init__(around)
        self.options = options

    def words(self, visit: Visit) -> Sequence[str | Path]:
        key = ("-i", self.around.keys.openssh(visit.key)) if visit.key else ()
        # Of what is given twice, the first counts.
        return [
            program("ssh"),
            *self.options,
            *self.settings(),
            *("-p", str(self.around.server.port)),
            *(("-t",) if visit.terminal and visit.command else ()),
            *key,
            f"{visit.nick}@{HOST}",
            *((visit.command,) if visit.command else ()),
        ]

    def settings(self) -> Sequence[str]:
        """Return what makes it independent of whoever runs this."""
        return [
            *("-F", "none"),
            *("-o", f"UserKnownHostsFile={self.around.known_hosts}"),
            *("-o", "StrictHostKeyChecking=yes"),
            *("-o", "IdentitiesOnly=yes"),
            *("-o", "NumberOfPasswordPrompts=1"),
        ]

    def environment(self, visit: Visit) -> Mapping[str, str]:
        asking = self.around.home / "askpass"
        if not asking.exists():
            asking.write_text('#!/bin/sh\necho "$PASSWORD"\n')
            asking.chmod(stat.S_IRWXU)
        asked = {"SSH_ASKPASS": str(asking), "SSH_ASKPASS_REQUIRE": "force", "PASSWORD": visit.password}
        return {**super().environment(visit), **asked}


class Plink(SshClient):
    """PuTTY without a window; without ``-T``, it asks for a terminal in a pipe, too."""

    def words(self, visit: Visit) -> Sequence[str | Path]:
        return [
            program("plink"),
            *("-ssh", "-batch", "-noagent", "-P", str(self.around.server.port), "-l", visit.nick),
            *("-hostkey", self.around.fingerprint),
            *(("-pwfile", self._password(visit.password)) if visit.password else ()),
            *(("-i", self.around.keys.putty(visit.key)) if visit.key else ()),
            "-t" if visit.terminal else "-T",
            HOST,
            *((visit.command,) if visit.command else ()),
        ]

    def _password(self, password: str) -> Path:
        file = self.around.home / "password"
        file.write_text(password)
        return file


class Dbclient(SshClient):
    """The client of dropbear, which is on small machines; it knows no fewer terminals."""

    def words(self, visit: Visit) -> Sequence[str | Path]:
        return [
            program("dbclient"),
            # Accept the server's key the first time, and no other one afterwards.
            *("-y", "-p", str(self.around.server.port)),
            *(("-i", self.around.keys.dropbear(visit.key)) if visit.key else ()),
            "-t" if visit.terminal else "-T",
            f"{visit.nick}@{HOST}",
            *((visit.command,) if visit.command else ()),
        ]

    def environment(self, visit: Visit) -> Mapping[str, str]:
        password = {"DROPBEAR_PASSWORD": visit.password} if visit.password else {}
        return {**super().environment(visit), **password}


_ASYNCSSH = """
import asyncio, asyncssh, json, os, shutil, sys, tty
port, known_hosts, visit, key = json.loads(sys.argv[1])
async def main():
    keys = [key] if key else None
    # With neither, it gives up before the server has asked anything.
    password = None if key else visit["password"]
    async with asyncssh.connect("127.0.0.1", port, username=visit["nick"], known_hosts=known_hosts, client_keys=keys,
                                password=password, agent_path=None, config=None) as connection:
        terminal = {}
        if visit["terminal"]:
            tty.setraw(0)
            terminal = {"term_type": "xterm", "term_size": tuple(shutil.get_terminal_size())}
        process = await connection.create_process(visit["command"] or None, stdin=sys.stdin, stdout=sys.stdout,
                                                  stderr=sys.stderr, **terminal)
        await process.wait()
        return process.exit_status
try:
    status = asyncio.run(main())
except asyncssh.Error as error:
    print(error)
    status = 255
if visit["terminal"]:
    os.system("stty sane")
sys.exit(status)
"""


class AsyncSsh(SshClient):
    """What programs in Python are made with."""

    def words(self, visit: Visit) -> Sequence[str | Path]:
        key = str(self.around.keys.openssh(visit.key)) if visit.key else ""
        arguments = json.dumps([self.around.server.port, str(self.around.known_hosts), visit.__dict__, key])
        return [tool("asyncssh", "bin/python"), "-c", _ASYNCSSH, arguments]


CLIENTS: Mapping[str, type[SshClient]] = {
    "openssh": OpenSsh,
    "plink": Plink,
    "dbclient": Dbclient,
    "asyncssh": AsyncSsh,
}


_ALGORITHMS = {"key exchange": "kex", "host keys": "key", "ciphers": "enc", "integrity": "mac"}
"""What a row of the table in docs/ssh.md begins with, and how ssh-audit calls that."""


def algorithms(page: Path) -> dict[str, list[str]]:
    """Read the table of algorithms in docs/ssh.md, without those that need a host key of one's own."""
    rows = dict(re.findall(r"^\| ([a-z ]+) \| ([^|;]*)", page.read_text("utf-8"), re.MULTILINE))
    return {kind: re.findall(r"`([^`]+)`", rows[name]) for name, kind in _ALGORITHMS.items()}
