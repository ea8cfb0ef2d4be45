"""What proves that a client has a key: a signature over this very request, by an algorithm of today, and a touch."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from twisted.conch.ssh.common import NS
from twisted.conch.ssh.keys import Key
from twisted.conch.ssh.userauth import MSG_USERAUTH_FAILURE, MSG_USERAUTH_REQUEST, MSG_USERAUTH_SUCCESS

from tests.doors.ssh.test_bounds import Raw

ED25519 = ed25519.Ed25519PrivateKey.generate()
RSA = rsa.generate_private_key(65537, 2048)
SHORT = rsa.generate_private_key(65537, 1024)
ECDSA = ec.generate_private_key(ec.SECP256R1())
SK = b"sk-ssh-ed25519@openssh.com"


def blob(key: object) -> bytes:
    public: bytes = Key(key).public().blob()
    return public


def by_rsa(name: bytes, hashing: HashAlgorithm, key: rsa.RSAPrivateKey = RSA) -> Callable[[bytes], bytes]:
    return lambda data: NS(name) + NS(key.sign(data, padding.PKCS1v15(), hashing))


def by_ed25519(data: bytes) -> bytes:
    return NS(b"ssh-ed25519") + NS(ED25519.sign(data))


def by_security_key(flags: int) -> Callable[[bytes], bytes]:
    """Sign as OpenSSH's PROTOCOL.u2f has it; *flags* 1: somebody touched it."""
    end = bytes([flags]) + bytes(4)

    def sign(data: bytes) -> bytes:
        return NS(SK) + NS(ED25519.sign(hashlib.sha256(b"ssh:").digest() + end + hashlib.sha256(data).digest())) + end

    return sign


SK_BLOB = NS(SK) + NS(ED25519.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)) + NS(b"ssh:")


def tried(raw: Raw, algorithm: bytes, public: bytes, sign: Callable[[bytes], bytes], user: bytes = b"raw") -> int:
    """Sign a request for the user "raw", send it for *user*, and return the number of the answer."""
    more = NS(b"ssh-connection") + NS(b"publickey") + b"\1" + NS(algorithm) + NS(public)
    assert raw.sessionID is not None
    signature = sign(NS(raw.sessionID) + bytes([MSG_USERAUTH_REQUEST]) + NS(b"raw") + more)
    number, _ = raw.sends(MSG_USERAUTH_REQUEST, NS(user) + more + NS(signature))[0]
    return number


@pytest.mark.parametrize(
    ("algorithm", "public", "sign"),
    [
        (b"ssh-ed25519", blob(ED25519), by_ed25519),
        (b"rsa-sha2-256", blob(RSA), by_rsa(b"rsa-sha2-256", SHA256())),
        (SK, SK_BLOB, by_security_key(1)),
    ],
    ids=["Ed25519", "RSA", "a security key"],
)
def test_what_is_a_proof(house, algorithm, public, sign):
    assert tried(Raw(house, inside=False), algorithm, public, sign) == MSG_USERAUTH_SUCCESS


@pytest.mark.parametrize(
    ("algorithm", "public", "sign"),
    [
        (b"ssh-rsa", blob(RSA), by_rsa(b"ssh-rsa", SHA1())),
        (b"rsa-sha2-256", blob(RSA), by_rsa(b"ssh-rsa", SHA1())),
        (b"rsa-sha2-256", blob(SHORT), by_rsa(b"rsa-sha2-256", SHA256(), SHORT)),
        (b"ssh-ed25519", blob(ECDSA), by_ed25519),
        (b"ssh-ed25519-cert-v01@openssh.com", blob(ED25519), by_ed25519),
        (b"ssh-ed25519", NS(b"ssh-ed25519-cert-v01@openssh.com") + blob(ED25519), by_ed25519),
        (SK, SK_BLOB, by_security_key(0)),
        (SK, SK_BLOB, by_ed25519),
        (b"ssh-ed25519", blob(ED25519), lambda data: by_ed25519(data[:-1])),
    ],
    ids=[
        *("SHA-1", "SHA-1 after all", "short RSA", "another key", "a certificate", "a certificate inside"),
        *("no touch", "no security key", "something else"),
    ],
)
def test_what_is_none(house, algorithm, public, sign):
    raw = Raw(house, inside=False)

    assert tried(raw, algorithm, public, sign) == MSG_USERAUTH_FAILURE


def test_a_signature_is_for_one_user_only(house):
    """Whoever signed as a guest did not sign as somebody else."""
    raw = Raw(house, inside=False)

    assert tried(raw, b"ssh-ed25519", blob(ED25519), by_ed25519, user=b"ann") == MSG_USERAUTH_FAILURE


def test_a_signature_is_for_one_connection_only(house):
    first, second = Raw(house, inside=False), Raw(house, inside=False)
    first.sessionID, mine = second.sessionID, first.sessionID
    assert tried(first, b"ssh-ed25519", blob(ED25519), by_ed25519) == MSG_USERAUTH_FAILURE

    first.sessionID = mine
    assert tried(first, b"ssh-ed25519", blob(ED25519), by_ed25519) == MSG_USERAUTH_SUCCESS


def test_an_answer_counts_for_the_user_who_was_asked(house, ann):
    """Somebody who may be asked nothing, and then says to be somebody else, has answered nothing."""
    raw = Raw(house, inside=False)
    asks = NS(b"ssh-connection") + NS(b"keyboard-interactive") + NS(b"") + NS(b"")
    raw.sends(MSG_USERAUTH_REQUEST, NS(b"guest") + asks)
    raw.sends(MSG_USERAUTH_REQUEST, NS(b"ann") + NS(b"ssh-connection") + NS(b"none"))
    no_answers = bytes(4)

    assert raw.sends(61, no_answers)[0][0] == MSG_USERAUTH_FAILURE
    raw.sends(MSG_USERAUTH_REQUEST, NS(b"ann") + asks)
    assert raw.sends(61, no_answers)[0][0] == MSG_USERAUTH_FAILURE
