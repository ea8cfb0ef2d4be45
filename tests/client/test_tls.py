"""Tests of TLS in the client: which certificates it trusts, and what it says about others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from OpenSSL import SSL
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import ConnectionRefusedError
from twisted.internet.interfaces import IProtocolFactory, IStreamClientEndpoint
from twisted.internet.protocol import Protocol
from zope.interface import implementer

from chatroom.client.conversation import Conversation
from chatroom.client.net.reconnect import FIRST_RETRY_INTERVAL, Reconnector
from chatroom.client.net.tls import HANDSHAKE_TIMEOUT, TlsEndpoint, tls_context
from chatroom.client.net.trust_errors import CannotTrust
from chatroom.client.ui_port import ConnectionState
from chatroom.tls.pair import read_pair
from tests.certificates import Made, made
from tests.house import HERE, ClientEnd, House, failures
from tests.wires import Wire

from .scripted import Ear

HOST = "chat.example"
WHERE = f"{HOST}:2428"


class Silent(Protocol):
    """A server that says nothing by itself."""


@implementer(IStreamClientEndpoint)
class Endpoint:
    """Connects to a house, or to whatever else a test puts there."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.server: Callable[[], Any] = lambda: house.front.buildProtocol(HERE)
        self.error: Exception | None = None
        self.wires: list[Wire] = []

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[Any]:
        if self.error is not None:
            return fail(self.error)
        wire = Wire(self.house.clock)
        self.wires.append(wire)
        protocol: Any = protocolFactory.buildProtocol(HERE)
        end = ClientEnd(self.house.clock, wire, protocol)
        wire.protocol = self.server()
        wire.protocol.makeConnection(wire)
        protocol.makeConnection(end)
        return succeed(protocol)


class Called:
    """Ann, and a server that she calls by TLS."""

    def __init__(self, folder: Path, host: str = HOST) -> None:
        self.house = House()
        self.endpoint = Endpoint(self.house)
        self.ui = Ear()
        self.ann = Conversation(self.ui, "ann")
        self.host = host
        self._folder = folder

    def shows(self, one: Made, *chain: Made) -> None:
        """Let the server show the certificate *one*."""
        self.house.shown.context = read_pair(*one.write(self._folder / "server", *chain)).context

    def believes(self, *authorities: Made) -> SSL.Context:
        """Have Ann trust *authorities*."""
        file = self._folder / "ca.pem"
        file.write_bytes(b"# Mine.\n" + b"\n".join(one.pem for one in authorities))
        return tls_context(file)

    def calls(self, context: SSL.Context, *, own: bool = True) -> None:
        """Let Ann come in."""
        endpoint = TlsEndpoint(self.house.clock, self.endpoint, context, self.host, own)
        self.reconnector = Reconnector(self.house.clock, endpoint, self.ann, f"{self.host}:2428", jitter=lambda: 1.0)
        self.reconnector.start()
        self.house.settle()

    @property
    def refusal(self) -> str:
        """Why she did not come in."""
        assert self.ann.state is ConnectionState.ENDED
        assert not self.house.json.connected, "nothing was said there"
        [line] = self.ui.complaints
        return line.removeprefix(f"!! Cannot reach {self.host}:2428: ")


@pytest.fixture
def called(tmp_path: Path):
    with failures() as broken:
        yield Called(tmp_path)
    assert not broken, broken[0]


ROOT = made("Our own authority", authority=True)


# Trusted certificates.


def test_who_is_vouched_for_is_believed(called: Called):
    """And then the conversation is like any other."""
    called.shows(made(HOST, by=ROOT))
    called.calls(called.believes(ROOT))
    assert called.ann.state is ConnectionState.LIVE
    bob = called.house.join("bob")
    called.ann.type("hello")
    called.house.settle()
    assert bob.heard("<ann> hello")
    called.ann.leave()
    called.house.settle()
    assert called.ui.ended == 1
    assert called.endpoint.wires[0].cut


def test_one_of_several_is_enough(called: Called):
    """A file may hold many."""
    called.shows(made(HOST, by=ROOT))
    called.calls(called.believes(made("Another", authority=True), ROOT))
    assert called.ann.state is ConnectionState.LIVE


def test_who_is_vouched_for_by_way_of_others_is_believed(called: Called):
    """The server shows them all."""
    between = made("Between", authority=True, by=ROOT)
    called.shows(made(HOST, by=between), between)
    called.calls(called.believes(ROOT))
    assert called.ann.state is ConnectionState.LIVE


def test_those_between_may_be_believed_alone(called: Called):
    """The authorities in the file are trusted."""
    between = made("Between", authority=True, by=ROOT)
    called.shows(made(HOST, by=between))
    called.calls(called.believes(between))
    assert called.ann.state is ConnectionState.LIVE


@pytest.mark.parametrize("by", [None, ROOT])
def test_a_servers_own_certificate_can_be_believed(called: Called, by: Made | None):
    """Self-signed, or not."""
    one = made(HOST, by=by)
    called.shows(one)
    called.calls(called.believes(one))
    assert called.ann.state is ConnectionState.LIVE


def test_whom_the_machine_trusts_is_believed(called: Called, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """OpenSSL has the file named by a variable."""
    called.believes(ROOT)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    called.shows(made(HOST, by=ROOT))
    called.calls(tls_context(None), own=False)
    assert called.ann.state is ConnectionState.LIVE


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("Chat.Example", "chat.example"),
        ("chat.example.", "chat.example"),
        ("chat.rooms.example", "*.rooms.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("localhost", "localhost"),
    ],
)
def test_a_name_is_compared_as_certificates_have_it(tmp_path: Path, host: str, name: str):
    """Addresses, too (RFC 9525)."""
    called = Called(tmp_path, host)
    called.shows(made("unused.example", name, by=ROOT))
    called.calls(called.believes(ROOT))
    assert called.ann.state is ConnectionState.LIVE


# Untrusted certificates.


def test_one_that_is_self_signed_is_not_believed(called: Called):
    """The message says how to go on."""
    called.shows(made(HOST))
    called.calls(tls_context(None), own=False)
    assert called.refusal == (
        "its certificate is self-signed, so anybody could have made it. "
        "If you know who runs the server, ask them for its certificate and give the file with --ca."
    )


def test_one_that_nobody_known_vouches_for_is_not_believed(called: Called):
    """Neither by the machine nor by the person."""
    called.shows(made(HOST, by=ROOT))
    called.calls(tls_context(None), own=False)
    assert called.refusal == (
        "its certificate is not signed by anybody who is trusted here. "
        "If you know who runs the server, ask them for its certificate and give the file with --ca."
    )


def test_with_a_file_of_ones_own_nobody_else_is_believed(
    called: Called, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """Not even the machine's authorities."""
    called.believes(ROOT)
    (tmp_path / "ca.pem").rename(tmp_path / "machine.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "machine.pem"))
    called.shows(made(HOST, by=ROOT), ROOT)
    called.calls(called.believes(made("Another", authority=True)))
    assert called.refusal == (
        "its certificate is not signed by anybody who is trusted here, "
        "and the file given with --ca does not vouch for it."
    )


def test_one_that_has_expired_is_not_believed(called: Called):
    """The message names the day."""
    called.shows(made(HOST, by=ROOT, since=datetime(2020, 1, 1, tzinfo=UTC), days=90))
    called.calls(called.believes(ROOT))
    assert called.refusal == "its certificate expired on 2020-03-31. Its administrator has to renew it."


def test_one_that_is_not_valid_yet_is_not_believed(called: Called):
    """The clock may be wrong."""
    since = datetime.now(UTC) + timedelta(days=2)
    called.shows(made(HOST, by=ROOT, since=since))
    called.calls(called.believes(ROOT))
    assert called.refusal == (f"its certificate is not valid before {since:%Y-%m-%d}. Is this machine's clock right?")


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["other.example"], f"its certificate is for other.example, not for {HOST}."),
        (
            ["a.example", "192.0.2.1", "b.example", "c.example", "d.example"],
            f"its certificate is for a.example, b.example, c.example and 2 more, not for {HOST}.",
        ),
        (["*.chat.example"], f"its certificate is for *.chat.example, not for {HOST}."),
        (["evil.example\x1b[2J"], f"its certificate is for evil.example, not for {HOST}."),
        ([], f"its certificate is not for {HOST}, nor for any other host."),
    ],
)
def test_one_for_somebody_else_is_not_believed(called: Called, names: list[str], told: str):
    """And nothing that it says can damage the screen."""
    called.shows(made(*names, by=ROOT))
    called.calls(called.believes(ROOT))
    assert called.refusal == told


@pytest.mark.parametrize(("host", "name"), [("127.0.0.1", "localhost"), ("a_b.example", "a-b.example")])
def test_an_address_is_no_name(tmp_path: Path, host: str, name: str):
    """Nor is a name that cannot be compared."""
    called = Called(tmp_path, host)
    called.shows(made(name, by=ROOT))
    called.calls(called.believes(ROOT))
    assert called.refusal == f"its certificate is for {name}, not for {host}."


def test_one_for_another_purpose_is_not_believed(called: Called):
    """Rare errors are shown by OpenSSL's number."""
    called.shows(made(HOST, by=ROOT, extra=x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])))
    called.calls(called.believes(ROOT))
    assert called.refusal == "its certificate is invalid (OpenSSL error 26)."


def test_a_host_that_cannot_be_is_one_clear_line(tmp_path: Path):
    """Whatever the endpoint would make of it."""
    called = Called(tmp_path, "bü\u00adcher..example")
    called.calls(called.believes(ROOT))
    assert called.refusal.endswith(" is not a valid host name.")


# Not a TLS server at all.


def test_a_server_of_ours_without_a_certificate_is_told_apart(called: Called):
    """In its own words, too."""
    called.house = House(tls=False)
    called.endpoint = Endpoint(called.house)
    called.calls(tls_context(None))
    assert called.refusal.startswith("it does not speak TLS. It says: TLS is not supported here yet. Join with nc")


def says(data: bytes) -> Callable[[], Any]:
    """A server that begins with *data*."""

    def build() -> Any:
        protocol = Silent()
        protocol.connectionMade = lambda: protocol.transport.write(data)
        return protocol

    return build


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"220 mail.example.org ESMTP\r\n", "it does not speak TLS."),
        (b"!! Go \x1b[2Jaway\xff.\nNow.\n", "it does not speak TLS. It says: Go away\ufffd."),
        (b"!! " + b"x" * 10_000, "it does not speak TLS. It says: " + "x" * 297),
        (b"\0", "it does not speak TLS."),
        (
            b"\x15\x03\x03\x00\x02\x02\x46",
            "it has no TLS version or cipher in common with us (tlsv1 alert protocol version).",
        ),
        (b"\x16\x03\x03\x00\x05hello", "it has no TLS version or cipher in common with us (unexpected message)."),
    ],
)
def test_what_speaks_otherwise_is_told_in_one_line(called: Called, data: bytes, told: str):
    """And quoted only if it seems to be one of ours."""
    called.endpoint.server = says(data)
    called.calls(tls_context(None))
    assert called.refusal == told
    assert called.endpoint.wires[0].cut


def test_a_server_that_does_not_answer_is_not_waited_for(called: Called):
    """It may be a plain one of another kind, which waits for us."""
    called.endpoint.server = Silent
    called.calls(tls_context(None))
    called.house.advance(HANDSHAKE_TIMEOUT - 1)
    assert not called.ui.ended
    called.house.advance(2)
    assert called.refusal == "it does not answer."
    assert called.endpoint.wires[0].cut


def test_a_server_that_hangs_up_is_told(called: Called):
    """Its log may tell why."""
    called.endpoint.server = Silent
    called.calls(tls_context(None))
    called.endpoint.wires[0].loseConnection()
    called.house.settle()
    assert called.refusal == "it closed the connection during the TLS handshake."


def test_one_that_is_not_there_is_told_as_ever(called: Called):
    """It has nothing to do with TLS."""
    called.endpoint.error = ConnectionRefusedError()
    called.calls(tls_context(None))
    assert called.refusal == "nothing is listening there. Is the server running?"


def test_who_leaves_during_the_handshake_hangs_up(called: Called):
    """Nothing is shown."""
    called.endpoint.server = Silent
    called.calls(tls_context(None))
    called.ann.end()
    called.reconnector.stop()
    called.house.settle()
    assert called.ui.complaints == []
    assert called.endpoint.wires[0].cut
    assert called.house.clock.getDelayedCalls() == []


# Coming back.


def test_a_lost_connection_is_made_again_by_tls(called: Called):
    """And messages from meanwhile are shown."""
    called.shows(made(HOST, by=ROOT))
    called.calls(called.believes(ROOT))
    bob = called.house.join("bob")
    called.endpoint.wires[0].vanish()
    called.house.settle()
    bob.types("meanwhile")
    called.house.advance(FIRST_RETRY_INTERVAL)
    called.house.settle()
    assert called.ann.state is ConnectionState.LIVE
    assert called.ui.lines[-1].endswith("<bob> meanwhile")
    assert len(called.endpoint.wires) == 2


def test_a_server_that_cannot_be_trusted_any_more_is_told_once_and_tried_again(called: Called):
    """Its certificate may have expired; the administrator may renew it."""
    called.shows(made(HOST, by=ROOT))
    called.calls(called.believes(ROOT))
    called.shows(made(HOST, by=ROOT, days=0.5))
    called.endpoint.wires[0].vanish()
    called.house.clock.pump([1.0] * 100)
    expired = datetime.now(UTC) - timedelta(days=0.5)
    assert called.ui.complaints[0] == "-- Connection lost; reconnecting …"
    why = f"its certificate expired on {expired:%Y-%m-%d}. Its administrator has to renew it."
    assert called.ui.complaints[1:] == [f"!! Cannot reconnect to {WHERE}, but still trying: {why}"]
    assert len(called.endpoint.wires) > 3
    called.shows(made(HOST, by=ROOT))
    called.house.clock.pump([1.0] * 60)
    assert called.ann.state is ConnectionState.LIVE


# Files of authorities.


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file or directory"),
        (b"", "it has no complete certificate in PEM format"),
        (ROOT.key, "it has no complete certificate in PEM format"),
        (ROOT.pem[:200], "it has no complete certificate in PEM format"),
    ],
)
def test_a_file_without_authorities_is_one_clear_line(tmp_path: Path, content: bytes | None, why: str):
    """Before anything is connected."""
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CannotTrust) as caught:
        tls_context(file)
    assert str(caught.value) == f"{file}: {why}"
