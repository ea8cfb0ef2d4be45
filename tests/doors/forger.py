"""Somebody who speaks TLS 1.3 and writes records of any kind, as no library lets them (RFC 8446, section 5)."""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from OpenSSL import SSL

from tests.house import House
from tests.wires import SecureWire

HANDSHAKE, DATA = 22, 23
KEY_UPDATE = b"\x18\x00\x00\x01\x00"
"""That the next record is encrypted with another key, and no answer is wanted (section 4.6.3)."""


class Forger:
    """
    Knocks, finishes the handshake, and then makes records.

    :param address: where from.
    """

    def __init__(self, house: House, address: object) -> None:
        self.secrets: dict[bytes, bytes] = {}
        context = SSL.Context(SSL.TLS_CLIENT_METHOD)
        context.set_verify(SSL.VERIFY_NONE)
        context.set_min_proto_version(SSL.TLS1_3_VERSION)
        context.set_keylog_callback(lambda _, line: self._note(line))
        self.wire = house.connect(address, lambda clock, address: SecureWire(clock, address, context))
        house.settle()
        self.hash = SHA384() if "SHA384" in (self.wire.tls.get_cipher_name() or "") else SHA256()
        self._begin(self.secrets[b"CLIENT_TRAFFIC_SECRET_0"])

    def record(self, kind: int, content: bytes, padding: int = 0) -> bytes:
        """Make the next record."""
        inside = content + bytes([kind]) + bytes(padding)
        header = b"\x17\x03\x03" + (len(inside) + 16).to_bytes(2, "big")
        nonce = (int.from_bytes(self._iv) ^ self._number).to_bytes(12, "big")
        self._number += 1
        return header + AESGCM(self._key).encrypt(nonce, inside, header)

    def key_update(self) -> bytes:
        """Make a record that says that the key changes, and change it."""
        record = self.record(HANDSHAKE, KEY_UPDATE)
        self._begin(self._expand(b"traffic upd", self.hash.digest_size))
        return record

    def _note(self, line: bytes) -> None:
        name, _, secret = line.split()
        self.secrets[name] = bytes.fromhex(secret.decode())

    def _begin(self, secret: bytes) -> None:
        self._secret, self._number = secret, 0
        self._key = self._expand(b"key", 32 if self.hash.digest_size == 48 else 16)
        self._iv = self._expand(b"iv", 12)

    def _expand(self, label: bytes, size: int) -> bytes:
        label = b"tls13 " + label
        info = size.to_bytes(2, "big") + bytes([len(label)]) + label + b"\0"
        return HKDFExpand(self.hash, size, info).derive(self._secret)
