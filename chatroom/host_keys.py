"""Host keys: what tells clients that this is the server that they joined before."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from twisted.conch.ssh.keys import Key

from chatroom.chat.syntax.public_keys import fingerprint_of

NAME = "ssh_host_ed25519_key"
"""The file in the data folder."""

_MAX_FILE = 2**14
"""Bytes of a file; one of RSA with 8,192 bits has 6,400."""

_MIN_RSA = 2048

_TYPES = {"Ed25519": "ED25519", "EC": "ECDSA"}
"""What OpenSSH calls the types of keys, where Conch calls them otherwise."""

_PURPOSE = b"chatroom: SSH host key"


class BadHostKey(Exception):
    """A host key cannot be used; the text is one clear line."""


class HostKeys:
    """
    The private keys of this server, the first of each type.

    :param files: OpenSSH private keys; empty: one is made.
    :param folder: where one is made if there is none; None: it is derived from a secret instead, which servers with
        the same database share.
    """

    def __init__(self, files: Sequence[Path], folder: Path | None) -> None:
        self._files = files
        self._folder = folder
        self.public: dict[bytes, Key] = {}
        self.private: dict[bytes, Key] = {}
        self.algorithms: list[bytes] = []
        """By what the keys sign, as clients are offered it."""

    def open(self, secret: bytes) -> None:
        """
        Read the keys, or make one.

        :raises BadHostKey: if one cannot be read, or others can read it, too.
        """
        for key in self._read(secret):
            kind = key.sshType()
            if kind not in self.private:
                self.private[kind], self.public[kind] = key, key.public()
                self.algorithms += [one for one in key.supportedSignatureAlgorithms() if one != b"ssh-rsa"]

    @property
    def fingerprints(self) -> list[str]:
        """The fingerprints with their types, as ``ssh-keygen -l`` writes them."""
        return [_fingerprint(key) for key in self.public.values()]

    def _read(self, secret: bytes) -> list[Key]:
        if self._files:
            return [_load(file) for file in self._files]
        if self._folder is None:
            return [Key(_derived(secret))]
        file = self._folder / NAME
        try:
            _make(file)
        except FileExistsError:
            pass
        except OSError as error:
            raise BadHostKey(f"{file}: {error.strerror}") from None
        return [_load(file)]


def fingerprint_in(folder: Path) -> str:
    """
    Return the fingerprint of the key in a data folder, with its type.

    :raises BadHostKey: if there is none, or it cannot be read.
    """
    return _fingerprint(_load(folder / NAME))


def _fingerprint(key: Key) -> str:
    return f"{fingerprint_of(key.blob())} ({_TYPES.get(key.type(), key.type())})"


def _make(file: Path) -> None:
    """Make a new key; in one step, so that nobody ever finds half of it."""
    if file.exists():
        raise FileExistsError(file)
    new = file.with_name(f"{file.name}.new")
    new.unlink(missing_ok=True)
    written = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(written)
        opened.flush()
        os.fsync(opened.fileno())
    new.rename(file)


def _load(file: Path) -> Key:
    try:
        with file.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            written = opened.read(_MAX_FILE)
    except OSError as error:
        raise BadHostKey(f"{file}: {error.strerror}") from None
    if stat.S_IMODE(mode) & 0o077:
        raise BadHostKey(f"{file}: others can read this private key; chmod 600 it, or replace it")
    try:
        key = Key.fromString(written)
    except Exception as error:  # many types, by the kind of damage
        why = "it has a passphrase" if "passphrase" in str(error).lower() else "it is damaged, or of an unknown kind"
        raise BadHostKey(f"{file}: not a private key that can be used here: {why}") from None
    if key.isPublic() or key.type() == "DSA" or (key.type() == "RSA" and key.size() < _MIN_RSA):
        raise BadHostKey(f"{file}: not a private key of a kind that is used here: Ed25519, ECDSA, RSA from 2,048 bits")
    return cast(Key, key)


def _derived(secret: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(HKDF(SHA256(), 32, None, _PURPOSE).derive(secret))
