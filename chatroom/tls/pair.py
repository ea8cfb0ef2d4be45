"""A certificate and its key: read from their files, checked, and made ready to be shown."""

from __future__ import annotations

import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from OpenSSL import SSL

LONGEST = 1_000_000
"""Bytes in a file: a chain has a few thousand."""

CIPHERS = b"ECDHE+AESGCM:ECDHE+CHACHA20"
"""For TLS 1.2: keys of their own for each connection, and encryption that notices changes.  TLS 1.3 has no other."""

_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
_KEY = re.compile(rb"-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY)-----.*?-----END \1-----", re.DOTALL)

PrivateKey = RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey


class BadPair(Exception):
    """A certificate and its key cannot be used; the text is one clear line that names the file."""


@dataclass(frozen=True, slots=True)
class Pair:
    """
    A certificate that can be shown, and what to tell of it.

    :param context: what each new connection is made from.
    :param names: whom it is for, as written in it: host names and addresses.
    :param since: the moment from which it is valid.
    :param until: the last moment at which it is valid.
    """

    context: SSL.Context
    names: tuple[str, ...]
    since: datetime
    until: datetime


def read_pair(certificate: Path, key: Path | None, protocols: Sequence[bytes] = ()) -> Pair:
    """
    Read a certificate with its chain, as far as it is there, and its key; both are PEM.

    :param key: None: it is in the same file as the certificate.
    :param protocols: what the other end may say in the handshake that it will speak (ALPN, RFC 7301).
    :raises BadPair: if they cannot be used; that it has expired is no reason.
    """
    source = _source(certificate)
    chain = _chain(certificate, source)
    private = _private_key(key or certificate, source if key is None else _source(key), alone=key is None)
    if private.public_key() != chain[0].public_key():
        which = f"the key in {key}" if key else "the key in it"
        first = "first certificate" if len(chain) > 1 else "certificate"
        raise BadPair(f"{certificate}: the {first} does not belong to {which}")
    try:
        context = _context(chain, private, protocols)
    except (SSL.Error, ValueError) as error:
        raise BadPair(f"{certificate}: it cannot be used: {reason_of(error)}") from None
    return Pair(context, _names(chain[0]), chain[0].not_valid_before_utc, chain[0].not_valid_after_utc)


def reason_of(error: BaseException) -> str:
    """Tell what went wrong in OpenSSL's own words, which hold nothing that the other end has chosen."""
    if not isinstance(error, SSL.Error):
        return str(error)
    # A queue of library, function and reason, the cause first; empty where the connection has just come to its end.
    queue = error.args[0] if error.args else ()
    return str(queue[0][-1]) if isinstance(queue, list) and queue else "it broke off"


def _source(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            # A pipe or a device might never end, or never begin.
            raise BadPair(f"{path}: it is not a file")
        with path.open("rb") as file:
            source = file.read(LONGEST + 1)
    except OSError as error:
        raise BadPair(f"{path}: {error.strerror}") from None
    except ValueError:
        raise BadPair(f"{str(path)!r} cannot be the name of a file") from None
    if len(source) > LONGEST:
        raise BadPair(f"{path}: the file is too long: {LONGEST} bytes at most")
    if not source.strip():
        raise BadPair(f"{path}: the file is empty")
    return source


def _chain(path: Path, source: bytes) -> Sequence[x509.Certificate]:
    blocks = _CERTIFICATE.findall(source)
    if not blocks:
        raise BadPair(f"{path}: there is no whole certificate in it, in PEM")
    try:
        chain = [x509.load_pem_x509_certificate(block) for block in blocks]
        for one in chain:
            # What is damaged here is noticed only when it is looked at.
            one.public_key()
            _names(one)
    except (ValueError, UnsupportedAlgorithm):
        raise BadPair(f"{path}: a certificate in it is damaged, or of an unknown kind") from None
    return chain


def _private_key(path: Path, source: bytes, *, alone: bool) -> PrivateKey:
    found = _KEY.search(source)
    if found is None:
        hint = "; name the file that has it with tls-key" if alone else ""
        raise BadPair(f"{path}: there is no whole private key in it, in PEM{hint}")
    try:
        key = load_pem_private_key(found[0], None)
    except TypeError:
        raise BadPair(
            f"{path}: the private key is encrypted, and nobody is here to type its passphrase; "
            f"take that off with: openssl pkey -in {path} -out NEW"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise BadPair(f"{path}: the private key in it is damaged, or of an unknown kind") from None
    if not isinstance(key, PrivateKey):
        raise BadPair(f"{path}: the private key in it is of a kind that browsers do not know: use ECDSA or RSA")
    return key


def _context(chain: Sequence[x509.Certificate], key: PrivateKey, protocols: Sequence[bytes]) -> SSL.Context:
    """Make what connections are made from: TLS 1.2 and 1.3 only, and nothing in them that has been broken before."""
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    # Neither compression nor renegotiation.  Tickets would all be encrypted with one key, for as long as the
    # process lives: whoever got hold of it could read what was said long before.
    context.set_options(
        SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION | SSL.OP_NO_TICKET | SSL.OP_CIPHER_SERVER_PREFERENCE
    )
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    # Ten thousand that are idle hold no buffers.
    context.set_mode(SSL.MODE_RELEASE_BUFFERS)
    context.set_alpn_select_callback(partial(_choose_protocol, protocols))
    context.use_certificate(chain[0])
    for one in chain[1:]:
        context.add_extra_chain_cert(one)
    context.use_privatekey(key)
    context.check_privatekey()
    context.set_cipher_list(CIPHERS)
    return context


def _choose_protocol(protocols: Sequence[bytes], connection: SSL.Connection, offered: list[bytes]) -> Any:
    # Whoever offers only others is let in all the same: the first bytes tell what they speak.
    return next((name for name in offered if name in protocols), SSL.NO_OVERLAPPING_PROTOCOLS)


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return (
        *names.get_values_for_type(x509.DNSName),
        *map(str, names.get_values_for_type(x509.IPAddress)),
    )
