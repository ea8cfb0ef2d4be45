"""Last seen: when people were last here."""

from __future__ import annotations

_BYTES = 400_000
"""Size of the memory, in bytes: some 10,000 people with nicks of ten letters.  A full scan takes 0.2 ms."""


class LastSeen:
    """
    Remembers in memory who left recently; accounts store it durably.

    It is one string, the latest at its end, searched on demand.  An object per person would take six times as much
    memory and, being small and long-lived, would fragment the heap.
    """

    def __init__(self) -> None:
        self._left = bytearray(b"\n")

    def note(self, key: str, nick: str, now: float) -> None:
        """Record that *nick* has left."""
        self._left += f"{key} {now:.3f} {'' if nick == key else nick}\n".encode()
        if len(self._left) > _BYTES:
            del self._left[: self._left.index(b"\n", _BYTES // 10)]

    def of(self, key: str) -> tuple[str, float] | None:
        """Find the nick and time of the last departure under the nick with this *key*."""
        # Nicks and keys contain no spaces; what people ask for may.
        found = -1 if not key or " " in key else self._left.rfind(f"\n{key} ".encode())
        if found < 0:
            return None
        _, at, nick = self._left[found + 1 : self._left.index(b"\n", found + 1)].decode().split(" ")
        return nick or key, float(at)
