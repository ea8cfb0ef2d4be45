"""A certificate and its key, as operators have them in files."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from OpenSSL import SSL

from chatroom.tls.pair import MAX_FILE_SIZE, BadPair, read_pair, reason_of
from tests.certificates import made, showing
from tests.wires import client


def refused(certificate, key=None):
    with pytest.raises(BadPair) as caught:
        read_pair(certificate, key)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def met(context):
    """Let a client meet, in memory, a server with *context*; return the client's connection."""
    return both(context, client())[1]


def both(context, other):
    """Let a client with the context *other* meet, in memory, a server with *context*; return both connections."""
    ends = SSL.Connection(context), SSL.Connection(other)
    ends[0].set_accept_state()
    ends[1].set_connect_state()
    for _ in range(3):
        for one, other in (ends[::-1], ends):
            with suppress(SSL.WantReadError):
                one.do_handshake()
            with suppress(SSL.WantReadError):
                other.bio_write(one.bio_read(2**16))
    return ends


@pytest.mark.parametrize(
    "make",
    [
        lambda: ec.generate_private_key(ec.SECP256R1()),
        lambda: ec.generate_private_key(ec.SECP384R1()),
        lambda: rsa.generate_private_key(65537, 2048),
        ed25519.Ed25519PrivateKey.generate,
    ],
    ids=["P-256", "P-384", "RSA", "Ed25519"],
)
def test_a_certificate_of_any_usual_kind_can_be_shown(tmp_path, make):
    one = made("chat.example", "192.0.2.1", private=make())

    pair = read_pair(*one.write(tmp_path))

    assert pair.names == ("chat.example", "192.0.2.1")
    assert met(pair.context).get_peer_certificate(as_cryptography=True) == one.certificate


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_the_key_may_be_in_the_same_file_before_the_certificate_or_behind_it(tmp_path, form):
    one = made("chat.example")
    key = one.private.private_bytes(Encoding.PEM, form, NoEncryption())
    for content in (one.pem + key, b"# Hello.\r\n" + key + b"\n" + one.pem):
        (tmp_path / "both.pem").write_bytes(content)
        assert read_pair(tmp_path / "both.pem", None).names == ("chat.example",)


def test_all_who_vouch_for_it_are_shown_with_it(tmp_path):
    root = made("Root", authority=True)
    between = made("Between", authority=True, by=root)
    one = made("chat.example", by=between)

    shown = met(read_pair(*one.write(tmp_path, between)).context).get_peer_cert_chain(as_cryptography=True)

    assert shown == [one.certificate, between.certificate]


def test_how_long_it_is_valid_is_known_and_that_it_has_expired_is_no_reason_to_refuse_it(tmp_path):
    since = datetime(2001, 2, 3, tzinfo=UTC)

    pair = read_pair(*made("chat.example", since=since, days=10).write(tmp_path))

    assert (pair.since, pair.until) == (since, datetime(2001, 2, 13, tzinfo=UTC))


def test_one_that_names_nobody_is_known_to(tmp_path):
    assert read_pair(*made().write(tmp_path)).names == ()


def test_only_what_is_still_thought_safe_is_spoken(tmp_path):
    connection = SSL.Connection(read_pair(*made("chat.example").write(tmp_path)).context)

    ciphers = connection.get_cipher_list()
    assert ciphers and all(one.startswith(("ECDHE-", "TLS_")) for one in ciphers)
    assert all("GCM" in one or "CHACHA20" in one for one in ciphers)


# Invalid pairs.


@pytest.fixture
def one(tmp_path):
    return made("chat.example").write(tmp_path)


def test_a_file_that_is_not_there_is_named(one, tmp_path):
    missing = tmp_path / "missing.pem"

    assert refused(missing, one[1]) == f"{missing}: No such file or directory"
    assert refused(one[0], missing) == f"{missing}: No such file or directory"


def test_what_is_no_file_is_named(one, tmp_path):
    os.mkfifo(tmp_path / "pipe")

    assert refused(tmp_path) == f"{tmp_path}: Is a directory"
    assert refused(one[0], tmp_path / "pipe") == f"{tmp_path / 'pipe'}: not a file"
    assert refused(tmp_path / "a\0b").endswith(" is not a valid file name")


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "the file is empty"),
        (b" \n\n", "the file is empty"),
        (b"x" * (MAX_FILE_SIZE + 1), "the file is too large: at most 1000000 bytes"),
        (b"hello", "no complete PEM (certificate|private key) in it"),
    ],
)
def test_what_is_in_it_instead_is_told(one, place, content, why, tmp_path):
    one[place].write_bytes(content)

    reason = refused(*one)
    assert reason.startswith(f"{one[place]}: ")
    assert re.fullmatch(why, reason.removeprefix(f"{one[place]}: "))


def test_half_a_file_is_none(one):
    for path in one:
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2])
        assert "no complete PEM " in refused(*one)
        path.write_bytes(content)


def test_one_without_a_key_tells_where_that_can_be_named(one):
    assert refused(one[0]) == (f"{one[0]}: no complete PEM private key in it; name the file that has it with tls-key")


def test_files_that_are_swapped_are_told(one):
    assert refused(*one[::-1]) == f"{one[1]}: no complete PEM certificate in it"


def test_a_certificate_and_the_key_of_another_are_told(one, tmp_path):
    other = made("chat.example").write(tmp_path / "other")

    assert refused(one[0], other[1]) == f"{one[0]}: the certificate does not match the key in {other[1]}"


def test_a_chain_in_the_wrong_order_is_told(tmp_path):
    root = made("Root", authority=True)
    leaf = made("chat.example", by=root)
    certificate, key = leaf.write(tmp_path)
    certificate.write_bytes(root.pem + leaf.pem)

    assert refused(certificate, key) == f"{certificate}: the first certificate does not match the key in {key}"
    certificate.write_bytes(root.pem + leaf.pem + leaf.key)
    assert refused(certificate) == f"{certificate}: the first certificate does not match the key in it"


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_a_key_that_is_encrypted_is_told_and_how_to_go_on(tmp_path, form):
    one = made("chat.example")
    certificate, key = one.write(tmp_path)
    key.write_bytes(one.private.private_bytes(Encoding.PEM, form, BestAvailableEncryption(b"secret")))

    assert refused(certificate, key) == (
        f"{key}: the private key is encrypted, and nobody can type its passphrase here; "
        f"remove it with: openssl pkey -in {key} -out NEW"
    )


def test_damage_is_told(one):
    certificate, key = one
    whole = certificate.read_bytes()
    lines = whole.splitlines(keepends=True)
    certificate.write_bytes(b"".join([lines[0], *lines[3:]]))
    assert refused(certificate, key) == f"{certificate}: a certificate in it is damaged, or of an unknown kind"

    certificate.write_bytes(whole)
    lines = key.read_bytes().splitlines(keepends=True)
    key.write_bytes(b"".join([lines[0], *lines[2:]]))
    assert refused(certificate, key) == f"{key}: the private key in it is damaged, or of an unknown kind"


def test_a_key_of_a_kind_that_nobody_speaks_is_told(one):
    key = dsa.generate_private_key(1024).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    one[1].write_bytes(key)

    assert "browsers do not support this kind of private key; use ECDSA or RSA" in refused(*one)


def test_what_openssl_will_not_have_is_told_in_its_words(tmp_path):
    certificate, key = made("chat.example", private=rsa.generate_private_key(65537, 1024)).write(tmp_path)

    assert refused(certificate, key) == f"{certificate}: cannot be used: ee key too small"


def test_errors_without_a_reason_are_told_as_such():
    assert reason_of(SSL.Error([])) == reason_of(SSL.ZeroReturnError()) == "the connection was closed"
    assert reason_of(SSL.SysCallError(-1, "Unexpected EOF")) == "the connection was closed"
    assert reason_of(ValueError("no")) == "no"


# Certificates of clients.


@pytest.mark.parametrize("version", [SSL.TLS1_2_VERSION, SSL.TLS1_3_VERSION])
@pytest.mark.parametrize(
    ("protocols", "asked"), [([], True), ([b"irc"], True), ([b"http/1.1"], False), ([b"h2", b"http/1.1"], False)]
)
def test_clients_are_asked_for_a_certificate_and_browsers_are_not(tmp_path, version, protocols, asked):
    pair = read_pair(*made("chat.example").write(tmp_path), [b"http/1.1"])
    own = made("nobody knows me", days=1, since=datetime(2001, 2, 3, tzinfo=UTC))
    context = showing(own, *protocols)
    context.set_max_proto_version(version)

    server, _ = both(pair.context, context)

    assert server.get_peer_certificate(as_cryptography=True) == (own.certificate if asked else None)


def test_a_client_need_not_have_one(tmp_path):
    server, other = both(read_pair(*made("chat.example").write(tmp_path)).context, showing(None))

    assert server.get_peer_certificate() is None and other.get_finished()
