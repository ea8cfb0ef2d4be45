"""Client certificates over real TLS: Python's own, irssi and WeeChat log in by one, in one process and by doors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.certificates import made

from .clients import Client, TextClient
from .irc_clients import IRSSI, IrcClient, Irssi, WeeChat
from .processes import PATIENCE, program
from .test_tls import Encrypted, Start, start, with_doors

__all__ = ["start"]


class CertifiedWeeChat(WeeChat):
    """WeeChat with a certificate."""

    def command(self) -> Sequence[str | Path]:
        words = [
            f"/server add chat 127.0.0.1/{self.port} -nicks={self.nick} -autojoin=#lobby -sasl_mechanism=external",
            "/set irc.server.chat.ssl on",
            "/set irc.server.chat.ssl_verify off",
            f"/set irc.server.chat.ssl_cert {self.folder}/chat.pem",
            "/connect chat",
        ]
        runs = [word for one in words for word in ("-r", one)]
        return [program("weechat-headless"), "--dir", self.folder / "weechat", "--stdout", *runs]


class CertifiedIrssi(Irssi):
    """irssi with a certificate."""

    def command(self) -> Sequence[str]:
        config = IRSSI.format(port=self.port, nick=self.nick, home=self.folder)
        tls = f'use_tls = "yes"; tls_verify = "no"; tls_cert = "{self.folder}/chat.pem";'
        config = config.replace('use_tls = "no";', tls).replace(
            'type = "IRC";', 'type = "IRC"; sasl_mechanism = "EXTERNAL";'
        )
        self.write("irssi/config", config)
        return [program("irssi"), f"--home={self.folder / 'irssi'}"]


def owner(encrypted: Encrypted, folder: Path) -> None:
    """Register dora with a client that shows the certificate in *folder*, and add that to her account."""
    one = made("dora's laptop")
    (folder / "chat.pem").write_bytes(one.key + one.pem)
    with connected(encrypted, folder) as dora:
        dora.send(b"NICK dora\r\nUSER d 0 * :D\r\nNS REGISTER tulips-in-the-rain\r\nNS CERT ADD\r\nQUIT\r\n")
        assert any("Added: certificate" in line for line in rest(dora))


def connected(encrypted: Encrypted, folder: Path) -> Client:
    context = encrypted.context
    context.load_cert_chain(folder / "chat.pem")
    return Client(encrypted.port, context)


def rest(client: Client) -> list[str]:
    """Read until the server closes."""
    lines = []
    try:
        while True:
            lines.append(client.line().decode())
    except EOFError:
        return lines


@with_doors
@pytest.mark.timeout(120)
@pytest.mark.parametrize("kind", [CertifiedIrssi, CertifiedWeeChat])
def test_a_client_logs_in_by_its_certificate(start: Start, tmp_path: Path, kind: type[IrcClient]):
    encrypted, folder = start(), tmp_path / "client"
    folder.mkdir()
    owner(encrypted, folder)
    with connected(encrypted, folder) as laptop:
        laptop.send(
            b"CAP REQ sasl\r\nNICK laptop\r\nUSER d 0 * :D\r\nAUTHENTICATE EXTERNAL\r\nAUTHENTICATE +\r\nQUIT\r\n"
        )
        assert any(" 900 " in line and "dora" in line for line in rest(laptop))

    with TextClient(encrypted.port, "dan") as dan, kind(encrypted.port, folder):
        dan.until(f"-- {kind.nick} joined #lobby", seconds=2 * PATIENCE)
        dan.type(f"/whois {kind.nick}")
        dan.until(f"-- {kind.nick} is logged in as dora.")
