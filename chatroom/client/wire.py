"""How objects go over the wire: JSON in one line, as short as possible."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def encode(values: Mapping[str, Any]) -> bytes:
    """Encode one object, without the newline after it."""
    return _encode(values).encode(errors="replace")


def encoded_size(text: str) -> int:
    """Count the bytes of *text* as JSON writes it: two for a quotation mark, six for most control characters."""
    return len(_encode(text).encode(errors="replace"))
