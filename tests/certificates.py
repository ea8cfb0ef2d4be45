"""Certificates for tests, made when they are needed and stored nowhere but in a test's own folder."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from OpenSSL import SSL

from chatroom.tls.pair import read_pair

NAMES = ("localhost", "127.0.0.1")


@dataclass(frozen=True, slots=True)
class Made:
    """A certificate and its key."""

    certificate: x509.Certificate
    private: Any

    @property
    def pem(self) -> bytes:
        """The certificate."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key(self) -> bytes:
        """The key."""
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def write(self, folder: Path, *chain: Made) -> tuple[Path, Path]:
        """Write the certificate, with those in *chain* behind it, and the key into *folder*."""
        folder.mkdir(exist_ok=True)
        certificate, key = folder / "cert.pem", folder / "key.pem"
        certificate.write_bytes(b"".join(one.pem for one in (self, *chain)))
        key.write_bytes(self.key)
        return certificate, key


def made(
    *names: str,
    by: Made | None = None,
    authority: bool = False,
    since: datetime | None = None,
    days: float = 90,
    private: Any = None,
    extra: x509.ExtensionType | None = None,
) -> Made:
    """
    Make a certificate for *names*, host names and addresses.

    :param by: the authority that vouches for it; None: it does so itself.
    :param since: when it begins to be valid; None: a day ago.
    :param days: how long it is valid from then on.
    :param extra: another extension.
    """
    # Everything that Python's own clients are strict about is in it, too.
    private = private or ec.generate_private_key(ec.SECP256R1())
    signer = by.private if by else private
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0] if names else "nobody")])
    since = since or datetime.now(UTC) - timedelta(days=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(since + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(_usage(authority), critical=True)
    )
    if names and not authority:
        builder = builder.add_extension(x509.SubjectAlternativeName([_name(name) for name in names]), critical=False)
    if extra is not None:
        builder = builder.add_extension(extra, critical=False)
    return Made(builder.sign(signer, None if isinstance(signer, Ed25519PrivateKey) else SHA256()), private)


def _usage(authority: bool) -> x509.KeyUsage:
    uses = dict.fromkeys(
        (
            *("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
            *("crl_sign", "encipher_only", "decipher_only"),
        ),
        False,
    )
    return x509.KeyUsage(digital_signature=not authority, key_cert_sign=authority, **uses)


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def showing(one: Made | None, *protocols: bytes) -> SSL.Context:
    """Speak TLS as a client that trusts anyone, shows the certificate *one* if asked, and offers ALPN *protocols*."""
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    if one is not None:
        context.use_certificate(one.certificate)
        context.use_privatekey(one.private)
    if protocols:
        context.set_alpn_protos(list(protocols))
    return context


class Shown:
    """Stands for the certificate that is checked for renewal."""

    def __init__(self) -> None:
        self.context = usual()


@cache
def usual() -> SSL.Context:
    """Make the one certificate that all houses show at first."""
    with tempfile.TemporaryDirectory() as folder:
        return read_pair(*made(*NAMES).write(Path(folder)), [b"http/1.1"]).context
