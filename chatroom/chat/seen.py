"""When people were last here, as far as that is remembered."""

from __future__ import annotations

from collections import OrderedDict

_REMEMBERED = 10_000
"""People, accounts aside, of whom it is known when they left; about 2 MB."""


class LastSeen:
    """Remembers who left, the latest of them, for as long as the process lives; accounts keep it for good."""

    def __init__(self) -> None:
        self._left: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def note(self, key: str, nick: str, now: float) -> None:
        """*nick* has left."""
        self._left[key] = nick, now
        self._left.move_to_end(key)
        if len(self._left) > _REMEMBERED:
            self._left.popitem(last=False)

    def of(self, key: str) -> tuple[str, float] | None:
        """Find the nick and the time of who had the nick with this *key* and left last."""
        return self._left.get(key)
