"""TLS records: splits what has come, so that OpenSSL only gets whole records."""

from __future__ import annotations

_HEADER = 5
"""Bytes before what a record holds: what kind it is of, a version and a length (RFC 8446, section 5.1)."""

_MAX_LENGTH = 2**14 + 2048
"""Bytes that a record may hold (RFC 5246, section 6.2.3)."""


def is_record(data: bytes) -> bool:
    """Tell whether *data* is one whole record."""
    return len(data) > _HEADER and _HEADER + int.from_bytes(data[3:_HEADER]) == len(data)


class TlsRecords:
    """
    The bytes that have come and have not been decrypted.

    OpenSSL has 17 KB ready for a record as soon as one has begun, and takes as long for an empty one as for a
    line.  Here what has come of a record takes as much room as it has bytes, and records are counted.
    """

    __slots__ = ("_data",)

    def __init__(self) -> None:
        self._data = bytearray()

    def __len__(self) -> int:
        """Tell how many bytes there are."""
        return len(self._data)

    def add(self, data: bytes) -> None:
        """*data* has come."""
        self._data += data

    @property
    def ready(self) -> bool:
        """Whether there is a whole record, or what OpenSSL will say is none."""
        return self._end(0) is not None

    def take(self, most: int) -> tuple[bytes, int]:
        """
        Take *most* whole records, or as many as there are.

        :returns: them, and how many they are.
        """
        at = count = 0
        while count < most and (end := self._end(at)) is not None:
            at, count = end, count + 1
        taken = bytes(self._data[:at])
        del self._data[:at]
        return taken, count

    def _end(self, at: int) -> int | None:
        """Find where the record ends that begins at *at*; None: not all of it has come."""
        begin, come = at + _HEADER, len(self._data)
        if come < begin:
            return None
        size = int.from_bytes(self._data[at + 3 : begin])
        if size > _MAX_LENGTH:
            return come
        return begin + size if begin + size <= come else None
