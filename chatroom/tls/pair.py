"""Certificate and private key: read from their files, checked, and made into a TLS context."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from OpenSSL import SSL
from OpenSSL.crypto import X509

MAX_FILE_SIZE = 1_000_000
"""Bytes; a certificate with its chain has a few thousand."""

CIPHERS = b"ECDHE+AESGCM:ECDHE+CHACHA20"
"""For TLS 1.2: forward secrecy and authenticated encryption only.  TLS 1.3 has nothing else."""

_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
_KEY = re.compile(rb"-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY)-----.*?-----END \1-----", re.DOTALL)

_WEB = (b"http/", b"h2", b"h3")
"""What the ALPN names of browsers begin with."""

PrivateKey = RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey


class BadPair(Exception):
    """A certificate or its key cannot be used; the text is one clear line that names the file."""


@dataclass(frozen=True, slots=True)
class Pair:
    """
    A certificate with its key, ready for use.

    :param context: new connections are made from it.
    :param names: the host names and addresses in the certificate.
    :param since: when it becomes valid.
    :param until: when it expires.
    """

    context: SSL.Context
    names: tuple[str, ...]
    since: datetime
    until: datetime


def read_pair(certificate: Path, key: Path | None, protocols: Sequence[bytes] = ()) -> Pair:
    """
    Read a certificate, its chain if the file has one, and its key, all in PEM.

    :param key: None: it is in the same file as the certificate.
    :param protocols: the ALPN protocols that clients may negotiate (RFC 7301).
    :raises BadPair: if they cannot be used; an expired certificate can.
    """
    chain, private = _chain_and_key(certificate, key)
    return _pair(certificate, chain, partial(_context, chain, private, protocols))


def read_machine(certificate: Path, key: Path | None, authority: Path) -> Pair:
    """
    Read the certificate of a machine that has links to others, with its key, and the authority of them all.

    Its context is for both ends of a connection: TLS 1.3, and each has to show a certificate that *authority*, a file
    with one or more certificates, vouches for; names are not compared.

    :param key: None: it is in the same file as the certificate.
    :raises BadPair: if they cannot be used; an expired certificate can.
    """
    chain, private = _chain_and_key(certificate, key)
    trusted = _chain(authority, _source(authority))
    if not any(_is_issued_by(chain[0], one) for one in (*chain[1:], *trusted)):
        raise BadPair(f"{certificate}: not signed by what is in {authority}")
    return _pair(certificate, chain, partial(_machine_context, chain, private, trusted))


def reason_of(error: BaseException) -> str:
    """Return OpenSSL's own error text, which contains nothing that the client can choose."""
    if not isinstance(error, SSL.Error):
        return str(error)
    # A queue of (library, function, reason), the cause first; empty if the connection has simply ended.
    queue = error.args[0] if error.args else ()
    return str(queue[0][-1]) if isinstance(queue, list) and queue else "the connection was closed"


def _chain_and_key(certificate: Path, key: Path | None) -> tuple[Sequence[x509.Certificate], PrivateKey]:
    source = _source(certificate)
    chain = _chain(certificate, source)
    private = _private_key(key or certificate, source if key is None else _source(key), alone=key is None)
    if private.public_key() != chain[0].public_key():
        which = f"the key in {key}" if key else "the key in it"
        first = "first certificate" if len(chain) > 1 else "certificate"
        raise BadPair(f"{certificate}: the {first} does not match {which}")
    return chain, private


def _pair(path: Path, chain: Sequence[x509.Certificate], made: Callable[[], SSL.Context]) -> Pair:
    try:
        context = made()
    except (SSL.Error, ValueError) as error:
        raise BadPair(f"{path}: cannot be used: {reason_of(error)}") from None
    return Pair(context, _names(chain[0]), chain[0].not_valid_before_utc, chain[0].not_valid_after_utc)


def _source(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            # A pipe or a device might never end, or never begin.
            raise BadPair(f"{path}: not a file")
        with path.open("rb") as file:
            source = file.read(MAX_FILE_SIZE + 1)
    except OSError as error:
        raise BadPair(f"{path}: {error.strerror}") from None
    except ValueError:
        raise BadPair(f"{str(path)!r} is not a valid file name") from None
    if len(source) > MAX_FILE_SIZE:
        raise BadPair(f"{path}: the file is too large: at most {MAX_FILE_SIZE} bytes")
    if not source.strip():
        raise BadPair(f"{path}: the file is empty")
    return source


def _chain(path: Path, source: bytes) -> Sequence[x509.Certificate]:
    blocks = _CERTIFICATE.findall(source)
    if not blocks:
        raise BadPair(f"{path}: no complete PEM certificate in it")
    try:
        chain = [x509.load_pem_x509_certificate(block) for block in blocks]
        for one in chain:
            # Damage in here shows only when it is read.
            one.public_key()
            _names(one)
    except (ValueError, UnsupportedAlgorithm):
        raise BadPair(f"{path}: a certificate in it is damaged, or of an unknown kind") from None
    return chain


def _private_key(path: Path, source: bytes, *, alone: bool) -> PrivateKey:
    found = _KEY.search(source)
    if found is None:
        hint = "; name the file that has it with tls-key" if alone else ""
        raise BadPair(f"{path}: no complete PEM private key in it{hint}")
    try:
        key = load_pem_private_key(found[0], None)
    except TypeError:
        raise BadPair(
            f"{path}: the private key is encrypted, and nobody can type its passphrase here; "
            f"remove it with: openssl pkey -in {path} -out NEW"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise BadPair(f"{path}: the private key in it is damaged, or of an unknown kind") from None
    if not isinstance(key, PrivateKey):
        raise BadPair(f"{path}: browsers do not support this kind of private key; use ECDSA or RSA")
    return key


def _context(chain: Sequence[x509.Certificate], key: PrivateKey, protocols: Sequence[bytes]) -> SSL.Context:
    """Make the TLS context: TLS 1.2 and 1.3 only, without features that have been broken before."""
    context = _bare_context(SSL.TLS_SERVER_METHOD, SSL.TLS1_2_VERSION, chain, key)
    context.set_alpn_select_callback(partial(_choose_protocol, protocols))
    context.set_cipher_list(CIPHERS)
    # A client's certificate proves only that it has the key (RFC 8446, section 4.4.3), and OpenSSL checks that anyway.
    context.set_verify(SSL.VERIFY_PEER, _accept_certificate)
    context.set_verify_depth(0)
    return context


def _is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _machine_context(
    chain: Sequence[x509.Certificate], key: PrivateKey, trusted: Sequence[x509.Certificate]
) -> SSL.Context:
    context = _bare_context(SSL.TLS_METHOD, SSL.TLS1_3_VERSION, chain, key)
    store = context.get_cert_store()
    assert store is not None
    for one in trusted:
        store.add_cert(X509.from_cryptography(one))
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT)
    return context


def _bare_context(method: int, oldest: int, chain: Sequence[x509.Certificate], key: PrivateKey) -> SSL.Context:
    context = SSL.Context(method)
    context.set_min_proto_version(oldest)
    # Neither compression nor renegotiation.  All session tickets would be encrypted with one key for as long as
    # the process lives: anyone who got hold of it could decrypt old connections.
    context.set_options(
        SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION | SSL.OP_NO_TICKET | SSL.OP_CIPHER_SERVER_PREFERENCE
    )
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    # Idle connections hold no buffers.
    context.set_mode(SSL.MODE_RELEASE_BUFFERS)
    context.use_certificate(chain[0])
    for one in chain[1:]:
        context.add_extra_chain_cert(one)
    context.use_privatekey(key)
    context.check_privatekey()
    return context


def _choose_protocol(protocols: Sequence[bytes], connection: SSL.Connection, offered: list[bytes]) -> Any:
    if any(name.startswith(_WEB) for name in offered):
        # A browser would ask its person which certificate to show, and nothing on the web needs one.
        connection.set_verify(SSL.VERIFY_NONE)
    # A client that offers only others may connect all the same: its first bytes tell what it speaks.
    return next((name for name in offered if name in protocols), SSL.NO_OVERLAPPING_PROTOCOLS)


def _accept_certificate(connection: SSL.Connection, certificate: X509, error: int, depth: int, fine: int) -> bool:
    """Accept any certificate of a client: nobody has to vouch for it, and it does not expire here."""
    return True


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return (
        *names.get_values_for_type(x509.DNSName),
        *map(str, names.get_values_for_type(x509.IPAddress)),
    )
