"""Public keys: reads them as OpenSSH writes them, in one line, and makes fingerprints; and those of certificates."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass

from ..refusals import BadInput
from .blanks import is_blank

TYPES = frozenset(
    (
        "ssh-ed25519",
        "sk-ssh-ed25519@openssh.com",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "sk-ecdsa-sha2-nistp256@openssh.com",
        "ssh-rsa",
    )
)
"""The types of keys that are accepted (RFC 8709, RFC 5656, RFC 4253)."""

MAX_BLOB = 1100
"""Bytes of a key; RSA with 8,192 bits has 1,047."""

CERTIFICATE = "certificate"
"""The ``kind`` of a key that is known by its X.509 certificate, as TLS clients show one."""

_FINGERPRINT = re.compile("[0-9a-f]{64}")
"""SHA-256 of a certificate; a fingerprint of OpenSSH begins with ``SHA256:``, so none is both."""

_NAMED = re.compile(r"(?:sha-?256\s*(?:fingerprint)?\s*[=:]\s*)?((?:[0-9a-f]{2}[: ]?){31}[0-9a-f]{2})", re.IGNORECASE)
"""The same as people have it, from ``openssl x509 -noout -fingerprint -sha256`` for example."""

_MIN_RSA = 2048
"""Bits of the shortest RSA key (RFC 8332, section 3)."""

_UNMARKED = str.maketrans("", "", ": ")

_MAX_COMMENT = 50
"""Characters of a comment that are kept."""

_NOT_A_KEY = "That is no public key. One line of a file such as ~/.ssh/id_ed25519.pub is: ssh-ed25519 AAAA… COMMENT."


@dataclass(frozen=True, slots=True)
class PublicKey:
    """
    A public key.

    ``kind`` is its type, such as ``ssh-ed25519``, or `CERTIFICATE`, and then the ``fingerprint`` is the certificate's;
    ``comment`` is whatever its owner wrote behind it.
    """

    fingerprint: str
    kind: str
    comment: str = ""


NO_KEY = PublicKey("", "")
"""Stands for none."""


def parse(line: str) -> PublicKey:
    """
    Read a line of a ``.pub`` file, or the SHA-256 fingerprint of a certificate.

    :raises BadInput: if it is none, or one that is not accepted.
    """
    if "PRIVATE KEY" in line:
        raise BadInput("That is a private key: show it to nobody. The public one is in the file that ends in .pub.")
    certificate = _NAMED.fullmatch(line.strip())
    if certificate is not None:
        return of_certificate(certificate[1].translate(_UNMARKED).lower())
    kind, _, rest = line.strip().partition(" ")
    encoded, _, comment = rest.strip().partition(" ")
    if len(encoded) > 2 * MAX_BLOB or not encoded:
        raise BadInput(_NOT_A_KEY)
    try:
        blob = b64decode(encoded, validate=True)
    except ValueError:
        raise BadInput(_NOT_A_KEY) from None
    key = of_blob(blob)
    if key is None:
        raise BadInput("That public key is damaged, or of a kind that is not accepted here; ssh-keygen makes one.")
    if key.kind != kind:
        raise BadInput(_NOT_A_KEY)
    # What is no character that can be seen could do something to the terminal of whoever lists keys.
    shown = "".join(one for one in " ".join(comment.split()) if one.isprintable())[:_MAX_COMMENT]
    return PublicKey(key.fingerprint, kind, "" if is_blank(shown) else shown)


def of_certificate(fingerprint: str) -> PublicKey:
    """Return the key of the certificate with this *fingerprint*, for which `is_fingerprint` holds."""
    return PublicKey(fingerprint, CERTIFICATE)


def is_fingerprint(text: str) -> bool:
    """Return whether *text* is SHA-256 of a certificate, in lower-case hexadecimal digits."""
    return _FINGERPRINT.fullmatch(text) is not None


def of_blob(blob: bytes) -> PublicKey | None:
    """Return the key whose binary form (RFC 4253, section 6.6) is *blob*; None if it is not accepted."""
    fields = _strings(blob) if len(blob) <= MAX_BLOB else []
    if len(fields) < 2:
        return None
    kind = fields[0].decode("ascii", "replace")
    if kind not in TYPES or (kind == "ssh-rsa" and (len(fields) < 3 or _bits(fields[2]) < _MIN_RSA)):
        return None
    return PublicKey(fingerprint_of(blob), kind)


def fingerprint_of(blob: bytes) -> str:
    """Return the fingerprint of *blob* as OpenSSH writes it: ``SHA256:`` and base64 without padding."""
    return f"SHA256:{b64encode(hashlib.sha256(blob).digest()).decode().rstrip('=')}"


def _strings(blob: bytes) -> list[bytes]:
    """Split *blob* into its strings (RFC 4251, section 5); none if it is damaged."""
    found = []
    while blob:
        size = int.from_bytes(blob[:4])
        if len(blob) < 4 + size:
            return []
        found.append(blob[4 : 4 + size])
        blob = blob[4 + size :]
    return found


def _bits(number: bytes) -> int:
    return int.from_bytes(number).bit_length()
