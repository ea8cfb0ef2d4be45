"""When people were last here, as far as that is remembered."""

from __future__ import annotations

_BYTES = 400_000
"""What is remembered at most: some 10,000 people with nicks of ten letters.  To look through all takes 0.2 ms."""


class LastSeen:
    """
    Remembers who left, the latest of them, for as long as the process lives; accounts keep it for good.

    All in one piece, the latest at its end, which is searched when somebody asks.  Objects for each of those people
    would take six times as much; and being small and long-lived, they would keep far more from being given back that
    was freed around them.
    """

    def __init__(self) -> None:
        self._left = bytearray(b"\n")

    def note(self, key: str, nick: str, now: float) -> None:
        """*nick* has left."""
        self._left += f"{key} {now:.3f} {'' if nick == key else nick}\n".encode()
        if len(self._left) > _BYTES:
            del self._left[: self._left.index(b"\n", _BYTES // 10)]

    def of(self, key: str) -> tuple[str, float] | None:
        """Find the nick and the time of who had the nick with this *key* and left last."""
        # No nick has a space in it, nor its key; what somebody asks for may.
        found = -1 if not key or " " in key else self._left.rfind(f"\n{key} ".encode())
        if found < 0:
            return None
        _, at, nick = self._left[found + 1 : self._left.index(b"\n", found + 1)].decode().split(" ")
        return nick or key, float(at)
