"""TLS records: splits the input, so that OpenSSL gets only whole records."""

from __future__ import annotations

_HEADER = 5
"""Size of a record's header: type, version and length (RFC 8446, section 5.1)."""

_MAX_LENGTH = 2**14 + 2048
"""Longest payload of a record, in bytes (RFC 5246, section 6.2.3)."""


def is_record(data: bytes) -> bool:
    """Return whether *data* is one whole record."""
    return len(data) > _HEADER and _HEADER + int.from_bytes(data[3:_HEADER]) == len(data)


class TlsRecords:
    """
    The buffer of received bytes that are not decrypted yet.

    OpenSSL allocates 17 KB as soon as a record begins, and an empty record takes it as long as a line.  This buffer
    takes no more memory than the bytes received, and counts records.
    """

    __slots__ = ("_data",)

    def __init__(self) -> None:
        self._data = bytearray()

    def __len__(self) -> int:
        """Return the number of bytes."""
        return len(self._data)

    def add(self, data: bytes) -> None:
        """Append *data*."""
        self._data += data

    @property
    def ready(self) -> bool:
        """Whether there is a whole record, or something that OpenSSL will reject."""
        return self._end(0) is not None

    def take(self, most: int) -> tuple[bytes, int]:
        """
        Remove up to *most* whole records.

        :returns: their bytes and their number.
        """
        at = count = 0
        while count < most and (end := self._end(at)) is not None:
            at, count = end, count + 1
        taken = bytes(self._data[:at])
        del self._data[:at]
        return taken, count

    def _end(self, at: int) -> int | None:
        """Return the end of the record that begins at *at*; None if it is incomplete."""
        begin, come = at + _HEADER, len(self._data)
        if come < begin:
            return None
        size = int.from_bytes(self._data[at + 3 : begin])
        if size > _MAX_LENGTH:
            return come
        return begin + size if begin + size <= come else None
