"""TLS between machines: both ends show a certificate of their authority, and nobody else comes in."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from twisted.internet.task import Clock

from chatroom.tls.machines import MachineCertificate
from chatroom.tls.pair import BadPair
from chatroom.tls.renewal import CHECK_INTERVAL
from tests.certificates import made
from tests.log_lines import log_lines

NOW = datetime.now(UTC)
CA = made("cluster", authority=True)
OTHER = made("cluster", authority=True)


def machine(folder, pair, authority=CA, clock=None, chain=()):
    """The certificate of a machine, in files, which are read."""
    certificate, key = pair.write(folder, *chain)
    (folder / "ca.pem").write_bytes(authority.pem)

    def at_once(work, done):
        done(work())

    clock = clock or Clock()
    found = MachineCertificate(clock, at_once, certificate, key, folder / "ca.pem", NOW.timestamp)
    found.open()
    return found


def handshake(door, house):
    """Connect two contexts in memory; return what went wrong first, or the name of who connected."""
    client, server = door.clientConnectionForTLS(None), house.serverConnectionForTLS(None)
    client.set_connect_state()
    server.set_accept_state()
    for _ in range(4):
        for end, other in ((client, server), (server, client)):
            try:
                end.do_handshake()
            except Exception as error:
                if error.args and error.args[0]:
                    return error.args[0][0][-1]
            try:
                other.bio_write(end.bio_read(100_000))
            except Exception:
                continue
    assert client.get_protocol_version_name() == "TLSv1.3"
    [name] = server.get_peer_certificate(as_cryptography=True).subject
    return name.value


def test_two_of_one_authority_trust_each_other_whatever_their_names(tmp_path):
    door, house = (machine(tmp_path / name, made(name, by=CA)) for name in ("door.example", "192.0.2.1"))
    assert handshake(door, house) == "door.example"


def test_a_chain_is_shown(tmp_path):
    between = made("between", by=CA, authority=True)
    door = machine(tmp_path / "door", made("door", by=between), chain=(between,))
    assert handshake(door, machine(tmp_path / "house", made("house", by=CA))) == "door"


@pytest.mark.parametrize("side", ["door", "house"])
@pytest.mark.parametrize(
    ("pair", "authority"),
    [
        (made("x", by=OTHER), OTHER),
        (made("x", by=CA, since=NOW - timedelta(days=9), days=8), CA),
        (made("x", by=CA, since=NOW + timedelta(days=1)), CA),
    ],
    ids=["another authority", "expired", "not yet valid"],
)
def test_other_certificates_are_refused_at_either_end(tmp_path, side, pair, authority):
    wrong = machine(tmp_path / "wrong", pair, authority)
    right = machine(tmp_path / "right", made("y", by=CA))
    found = handshake(wrong, right) if side == "door" else handshake(right, wrong)
    assert "verify failed" in found


@pytest.mark.parametrize(
    ("usage", "refused"),
    [
        ([ExtendedKeyUsageOID.SERVER_AUTH], True),
        ([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH], False),
    ],
)
def test_a_certificate_may_say_that_it_is_no_client(tmp_path, usage, refused):
    door = machine(tmp_path / "door", made("door", by=CA, extra=x509.ExtendedKeyUsage(usage)))
    found = handshake(door, machine(tmp_path / "house", made("house", by=CA)))
    assert ("verify failed" in found) is refused


def test_files_that_do_not_fit_are_one_line(tmp_path):
    with pytest.raises(BadPair, match=r"cert.pem: not signed by what is in \S+ca.pem$"):
        machine(tmp_path / "one", made("x", by=OTHER))
    with pytest.raises(BadPair, match=r"ca.pem: no complete PEM certificate in it$"):
        machine(tmp_path / "two", made("x", by=CA), type("Empty", (), {"pem": b"x"}))


def test_it_is_renewed_with_its_authority_and_told_of_as_what_it_is(tmp_path):
    clock = Clock()
    with log_lines("chatroom") as lines:
        found = machine(tmp_path / "one", made("x", by=CA, days=3), clock=clock)
        found.start()
        before = found.context
        made("x", by=OTHER).write(tmp_path / "one")
        (tmp_path / "one" / "ca.pem").write_bytes(OTHER.pem)
        clock.advance(CHECK_INTERVAL)
        assert found.context is not before
        (tmp_path / "one" / "ca.pem").write_bytes(CA.pem)
        clock.pump([CHECK_INTERVAL] * 2)
    written = "valid until [0-9-]+ [0-9:]+ UTC"
    patterns = [
        f"Links between machines show a certificate that is {written}.",
        f"The certificate for links expires soon: it is {written}.",
        f"New links show the new certificate, {written}.",
        "The old certificate for links stays in use. .*cert.pem: not signed by what is in .*",
    ]
    assert len(lines) == 4
    for line, pattern in zip(lines, patterns, strict=True):
        assert re.fullmatch(pattern, line)
