"""TLS as people use it: openssl, ncat and our client against a real server, whose certificate is renewed."""

from __future__ import annotations

import signal
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.certificates import NAMES, Made, made

from .clients import Client, JsonClient, Netcat, TextClient, connect
from .kinds import DOORS, ONE, words_of
from .processes import PATIENCE, Started, program, run, wait_until
from .server import Server
from .terminals import Terminals

pytestmark = pytest.mark.slow

CROWD = 100


class Encrypted:
    """A server with a certificate of a test authority."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.authority = made("Our own authority", authority=True)
        self.ca = folder / "ca.pem"
        self.ca.write_bytes(self.authority.pem)
        self.renew()
        files = ("--tls-cert", str(folder / "cert.pem"), "--tls-key", str(folder / "key.pem"))
        self.server = Server(folder, "--rate", "0", *files, *options)

    def renew(self) -> Made:
        """Install another pair as renewal tools do: file by file."""
        new = made(*NAMES, by=self.authority)
        for name, content in (("cert.pem", new.pem), ("key.pem", new.key)):
            (self.folder / "new.pem").write_bytes(content)
            (self.folder / "new.pem").rename(self.folder / name)
        return new

    @property
    def port(self) -> int:
        return self.server.port

    @property
    def context(self) -> ssl.SSLContext:
        """How a program speaks to it that trusts nobody else."""
        return ssl.create_default_context(cafile=str(self.ca))


Start = Callable[..., Encrypted]


@pytest.fixture
def start(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Start]:
    """Start such a server, with whatever options."""
    doors = words_of(getattr(request, "param", ONE))
    with ExitStack() as stack:

        def enter(*options: str) -> Encrypted:
            encrypted = Encrypted(tmp_path, *doors, *options)
            stack.enter_context(encrypted.server)
            return encrypted

        yield enter


with_doors = pytest.mark.parametrize("start", [ONE, DOORS], indirect=True)


# The programs that people have.


@with_doors
def test_openssl_ncat_and_nc_meet_on_one_port(start: Start):
    encrypted = start()
    address = f"127.0.0.1:{encrypted.port}"
    openssl = [program("openssl"), "s_client", "-quiet", "-verify_return_error"]
    with ExitStack() as stack:
        nc = stack.enter_context(Netcat(encrypted.port, "ann"))
        s_client = stack.enter_context(
            Started([*openssl, "-CAfile", encrypted.ca, "-verify_hostname", "localhost", "-connect", address])
        )
        s_client.until("What is your nick[?]")
        s_client.type("bob\n")
        nc.until("-- bob joined #lobby")
        ncat = stack.enter_context(
            Started(
                [
                    *(program("ncat"), "--ssl-verify", "--ssl-trustfile", encrypted.ca),
                    *("localhost", str(encrypted.port)),
                ]
            )
        )
        ncat.until("What is your nick[?]")
        ncat.type("eve\n")
        nc.until("-- eve joined #lobby")

        nc.type("hello from nc")
        s_client.until("<ann> hello from nc\n")
        ncat.until("<ann> hello from nc\n")
        s_client.type("hello from openssl\n")
        nc.until("<bob> hello from openssl")
        ncat.type("grüße from ncat\n")
        nc.until("<eve> grüße from ncat")

        s_client.type("exit\n")
        s_client.until("-- Goodbye[.]\n")
        assert s_client.ended() == 0
        ncat.end_input()
        ncat.until("-- Goodbye[.]\n")
        nc.until("-- eve left #lobby")
    assert "Traceback" not in encrypted.server.log


def test_what_is_piped_through_ncat_is_answered(start: Start):
    encrypted = start()
    output = run([program("ncat"), "--ssl", "127.0.0.1", str(encrypted.port)], "ann\nhello\n/history 1\n")
    assert "<ann> hello" in output and output.endswith("-- Goodbye.\n")


@with_doors
def test_the_client_on_a_terminal_comes_back_through_a_restart(start: Start, tmp_path: Path):
    encrypted = start()
    with Terminals(tmp_path) as terminals:
        where = f"localhost:{encrypted.port}"
        command = [program("chatroom"), "--tls", where, "--ca", str(encrypted.ca), "--nick", "eve"]
        client = terminals.open("client", *command)
        client.until("You are in #lobby[.]")
        with TextClient(encrypted.port, "ann", encrypted.context) as ann:
            client.type("grüße")
            ann.until("<eve> grüße")
            ann.type("hello")
            client.until("<ann> hello$")
        encrypted.server.stop()
        encrypted.renew()
        encrypted.server.start()
        client.until("-- Reconnected[.]")
        client.type("still here")
        client.type("/history 1")
        client.until("<eve> still here\n(.*\n)*.*-- End of history")
        client.type("exit")
        assert client.ended() == 0


def client(encrypted: Encrypted, *options: str, ok: bool = True, host: str = "localhost") -> str:
    """Let our client say hello in a pipeline; return what it printed."""
    return run([program("chatroom"), f"{host}:{encrypted.port}", "--nick", "bot", *options], "hello\n", ok=ok)


def test_the_client_in_a_pipeline_says_what_it_is_to_say(start: Start):
    encrypted = start()
    with TextClient(encrypted.port, "ann") as ann:
        output = client(encrypted, "--tls", "--ca", str(encrypted.ca))
        ann.until("<bot> hello")
    assert "-- Welcome, bot." in output and output.endswith("-- Goodbye.\n")


def test_the_client_trusts_nobody_whom_it_does_not_know(start: Start):
    encrypted = start()
    with TextClient(encrypted.port, "ann") as ann:
        unknown = client(encrypted, "--tls", ok=False)
        other = client(encrypted, "--tls", "--ca", str(encrypted.ca), host="127.0.0.2", ok=False)
        ann.type("/who")
        assert ann.until("-- ann") == "-- ann"
    assert unknown == (
        f"!! Cannot reach localhost:{encrypted.port}: its certificate is not signed by anybody who is trusted here. "
        "If you know who runs the server, ask them for its certificate and give the file with --ca.\n"
    )
    assert other.startswith(f"!! Cannot reach 127.0.0.2:{encrypted.port}: ")


def test_where_only_tls_is_spoken_everyone_is_told_how_to_join(start: Start):
    encrypted = start("--tls-only")
    told = "Only TLS is accepted here, so that others cannot read your messages. Join with: chatroom --tls HOST:PORT"
    assert client(encrypted, ok=False).startswith(f"!! {told}")
    with Client(encrypted.port) as silent:
        assert silent.line().decode().startswith(f"!! {told}")
    with Client(encrypted.port) as browser:
        browser.send(b"GET /x HTTP/1.1\r\nHost: localhost:1\r\n\r\n")
        assert browser.line() == b"HTTP/1.1 307 Temporary Redirect\r"
        assert b"Location: https://localhost:1/x\r" in iter(browser.line, b"\r")
    assert "-- Welcome, bot." in client(encrypted, "--tls", "--ca", str(encrypted.ca))


def test_the_client_tells_a_server_without_tls(server: Server):
    output = run([program("chatroom"), "--tls", f"localhost:{server.port}", "--nick", "bot"], "hello\n", ok=False)
    assert output.startswith(f"!! Cannot reach localhost:{server.port}: it does not speak TLS. It says: TLS is not ")


@with_doors
def test_the_page_and_its_websocket_go_over_tls(start: Start):
    encrypted = start("--tls-only")
    where = f"localhost:{encrypted.port}"
    with urlopen(f"http://{where}/", timeout=PATIENCE, context=encrypted.context) as page:
        assert page.url == f"https://{where}/" and b"<html" in page.read()
    with (
        connect(f"wss://{where}/ws", origin=f"https://{where}", ssl=encrypted.context) as tab,
        TextClient(encrypted.port, "ann", encrypted.context) as ann,
    ):
        tab.send('{"type":"hello","nick":"tab"}')
        ann.until("-- tab joined #lobby")
        tab.send('{"type":"say","text":"hello"}')
        ann.until("<tab> hello")
        ann.type("hi")
        while '"text":"hi"' not in tab.recv(timeout=PATIENCE):
            pass


# The certificate.


@with_doors
def test_a_certificate_is_replaced_while_a_hundred_are_connected_and_nobody_is_dropped(start: Start):
    encrypted = start()
    with ExitStack() as stack:
        crowd = [
            stack.enter_context(JsonClient(encrypted.port, f"member{n}", encrypted.context)) for n in range(CROWD)
        ]
        before = crowd[0].socket.getpeercert(True)

        new = encrypted.renew()
        told = "New connections get the new certificate, for localhost, 127.0.0.1, valid until"
        # Each door looks for itself.
        doors = len(encrypted.server.children("door")) or 1
        encrypted.server.process.until(f"(?s)({told}.*){{{doors}}}")

        late = stack.enter_context(JsonClient(encrypted.port, "late", encrypted.context))
        shown = late.socket.getpeercert(True)
        assert shown != before and ssl.DER_cert_to_PEM_cert(shown).encode() == new.pem

        # All the others are there still, and hear it, on the connections that they had.
        late.ask("say", text="Is anybody there?")
        for member in crowd:
            member.until("said", text="Is anybody there?")
        crowd[0].ask("say", text="All of us.")
        late.until("said", text="All of us.")
        left = [event for event in late.history("lobby").values() if event["type"] == "left"]
        assert left == []


def test_a_bad_certificate_keeps_the_old_one_and_a_hangup_tells_why(start: Start):
    encrypted = start()
    with TextClient(encrypted.port, "ann", encrypted.context) as ann:
        (encrypted.folder / "key.pem").write_bytes(made("other").key)
        encrypted.server.tell(signal.SIGHUP)
        encrypted.server.process.until("The old certificate stays in use. .* does not match the key in ")
        with TextClient(encrypted.port, "bob", encrypted.context) as bob:
            bob.type("hello")
            ann.until("<bob> hello")

        encrypted.renew()
        encrypted.server.tell(signal.SIGHUP)
        encrypted.server.process.until("New connections get the new certificate")
        ann.type("still here")
    assert encrypted.server.stop() == 0


@pytest.mark.parametrize("twistd", ["twistd", "twist"])
def test_with_a_bad_certificate_the_server_does_not_start(tmp_path: Path, twistd: str):
    options = ["-n", "--pidfile="] if twistd == "twistd" else []
    (tmp_path / "cert.pem").write_text("nonsense")
    command = [program(twistd), *options, "chatroom", "--data", "data", "--listen", "tcp:0", "--tls-cert", "cert.pem"]
    with Started(command, cwd=tmp_path) as started:
        assert started.ended() == 1
        said = f"chatroom cannot start: {tmp_path}/cert.pem: no complete PEM certificate in it"
        assert said in started.output and "Traceback" not in started.output
    assert not (tmp_path / "data").exists()


# Clients that do not behave.


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_versions_that_are_not_safe_any_more_are_refused(start: Start, version: str):
    encrypted = start()
    command = [program("openssl"), "s_client", version, "-cipher", "ALL:@SECLEVEL=0"]
    run([*command, "-connect", f"127.0.0.1:{encrypted.port}"], ok=False)
    encrypted.server.process.until("A TLS handshake failed: unsupported protocol[.]")


def test_nobody_may_begin_a_handshake_anew(start: Start):
    encrypted = start()
    command = [program("openssl"), "s_client", "-tls1_2", "-connect", f"127.0.0.1:{encrypted.port}"]
    with Started(command) as openssl:
        openssl.until("What is your nick[?]")
        openssl.type("R\n")
        openssl.until("no renegotiation")
        openssl.ended()
    with TextClient(encrypted.port, "ann") as ann:
        ann.type("/who")
        assert ann.until("-- ann") == "-- ann"


def test_who_opens_tls_and_does_not_go_on_costs_little_and_leaves_nothing(start: Start):
    encrypted = start()
    with TextClient(encrypted.port, "ann") as ann, ExitStack() as stack:
        before, files = encrypted.server.resident(), encrypted.server.open_files()
        for n in range(200):
            stranger = stack.enter_context(Client(encrypted.port))
            # A hello that would be long, then silence; or what is no hello at all.
            stranger.send(
                b"\x16\x03\x01\x40\x00\x01\x01\x00\x00" + bytes(10_000) if n % 2 else b"\x16\x03\x01\x00\x05hello"
            )
        wait_until(lambda: encrypted.server.open_files() <= files + 100, "those who failed are gone")
        ann.type("/who")
        assert ann.until("-- ann") == "-- ann"
        assert encrypted.server.resident() - before < 30_000_000
        stack.close()
        wait_until(lambda: encrypted.server.open_files() == files, lambda: f"{encrypted.server.open_files()} open")
    assert "Traceback" not in encrypted.server.log


@with_doors
def test_who_vanishes_over_tls_has_left_for_the_others(start: Start):
    encrypted = start()
    with TextClient(encrypted.port, "ann", encrypted.context) as ann:
        eve = TextClient(encrypted.port, "eve", encrypted.context)
        ann.until("-- eve joined #lobby")
        eve.vanish()
        ann.until("-- eve left #lobby (connection lost)")


def test_a_reader_who_stalls_over_tls_misses_nothing_and_holds_up_nobody_at_the_end(start: Start):
    encrypted = start()
    with JsonClient(encrypted.port, "slow", encrypted.context) as slow, TextClient(encrypted.port, "ann") as ann:
        for n in range(1000):
            ann.type(f"{n} {'x' * 4000}")
        said = slow.until("said", seconds=2 * PATIENCE, text=f"999 {'x' * 4000}")
        texts = [event["text"].split()[0] for event in said if event["type"] == "said"]
        assert texts == [str(n) for n in range(1000)]
        for n in range(1000):
            ann.type(f"{n} {'x' * 4000}")
        assert encrypted.server.stop() == 0
