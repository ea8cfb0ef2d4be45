"""Machines of one cluster: each a server in a folder of its own, with its own ports on this machine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.postgres import free_port
from tests.wire.processes import program

from .server import Server

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "cluster.md"


def certificates(folder: Path) -> Path:
    """Make the certificates for links as the documentation says, into *folder*."""
    folder.mkdir(exist_ok=True)
    [recipe] = re.findall(r"```sh\n(# Once.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    program("openssl")
    subprocess.run(["sh", "-e", "-c", recipe], cwd=folder, check=True, capture_output=True)
    return folder


class Machine(Server):
    """
    One machine.

    :param name: ``one``, ``two`` or ``three``: which certificate it has.
    :param made: the folder with the certificates.
    :param options: further ones.
    :param proxied: whether HAProxy leads to it, at a port that is chosen at once.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        made: Path,
        database: str,
        *options: str,
        doors: int = 1,
        proxied: bool = False,
    ) -> None:
        folder.mkdir(exist_ok=True)
        self.link_port = free_port()
        place = f"{self.host}:{self.link_port}"
        files = ("--link-cert", made / f"{name}.pem", "--link-key", made / f"{name}.key", "--link-ca", made / "ca.pem")
        self._people = doors > 0
        config = folder / "chatroom.toml"
        # Each line for itself, however many wait.
        config.write_text("rate = 0\npaste = 1\n")
        links = ("--link-listen", place, "--link-address", place) if "door" not in options else ()
        super().__init__(
            folder,
            *("--cluster", "--doors", str(doors), "--config", str(config), *links, *map(str, files), *options),
            database=database,
        )
        self._proxied = proxied
        self.port = free_port() if proxied else 0

    def listening(self) -> str:
        """Return the endpoint at which it listens."""
        return f"{'haproxy:' * self._proxied}{super().listening()}"

    def wait_until_listening(self) -> None:
        """Wait until it says where it listens, if it has doors."""
        if self._people:
            super().wait_until_listening()
        else:
            self.process.until("Listening on no port for people")

    @property
    def leads(self) -> bool:
        """Whether it has said last that it has the house."""
        return "This machine has the house now" in self.log
