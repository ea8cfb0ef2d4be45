"""The algorithms of the SSH door: what is offered, and which keys of clients are accepted."""

from __future__ import annotations

KEY_EXCHANGES = [b"mlkem768x25519-sha256", b"curve25519-sha256", b"curve25519-sha256@libssh.org"]
"""
RFC 8731, and its hybrid with ML-KEM (draft-ietf-sshm-mlkem-hybrid-kex).

Conch offers the NIST curves and SHA-1 as well; all clients of the last ten years do without.
"""

CIPHERS = [b"aes256-ctr", b"aes192-ctr", b"aes128-ctr"]
"""RFC 4344; with these, encrypt-and-MAC is not open to the prefix truncation of CVE-2023-48795 ("Terrapin")."""

MACS = [b"hmac-sha2-512", b"hmac-sha2-256"]
"""RFC 6668."""

COMPRESSIONS = [b"none"]
"""What expands without limit is not accepted."""

SIGNATURES = [
    b"ssh-ed25519",
    b"sk-ssh-ed25519@openssh.com",
    b"ecdsa-sha2-nistp256",
    b"ecdsa-sha2-nistp384",
    b"ecdsa-sha2-nistp521",
    b"sk-ecdsa-sha2-nistp256@openssh.com",
    b"rsa-sha2-512",
    b"rsa-sha2-256",
]
"""By what clients' keys may sign (RFC 8308, ``server-sig-algs``); ``ssh-rsa`` means SHA-1, which is broken."""


def key_type(signature: bytes) -> bytes:
    """Return the type of the keys that sign by the algorithm *signature* (RFC 8332, section 3)."""
    return b"ssh-rsa" if signature in (b"rsa-sha2-512", b"rsa-sha2-256") else signature
