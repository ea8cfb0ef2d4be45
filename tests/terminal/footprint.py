"""How much memory something keeps."""

from __future__ import annotations

import sys
from typing import Any


def footprint(thing: Any) -> int:
    """Return the bytes that *thing* and what it is made of take: containers, texts, and objects of the editor."""
    seen: set[int] = set()
    waiting, size = [thing], 0
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        size += sys.getsizeof(one)
        if isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, (list, tuple, set, frozenset)) or type(one).__name__ == "deque":
            waiting += list(one)
        elif type(one).__module__.startswith("chatroom.terminal"):
            slots = [name for kind in type(one).__mro__ for name in getattr(kind, "__slots__", ())]
            waiting += [*vars(one).values()] if hasattr(one, "__dict__") else [getattr(one, name) for name in slots]
    return size
