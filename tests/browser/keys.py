"""Sequences of keys and clicks in the words of WebDriver, classic and BiDi (WebDriver, section 15)."""

from __future__ import annotations

from typing import Any


def clicked(x: float, y: float) -> dict[str, Any]:
    """Click the first button there."""
    steps = [
        {"type": "pointerMove", "x": round(x), "y": round(y), "duration": 0, "origin": "viewport"},
        {"type": "pointerDown", "button": 0},
        {"type": "pointerUp", "button": 0},
    ]
    return {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": steps}


def typed(text: str) -> dict[str, Any]:
    """Press and release one key after the other."""
    return _keys([(kind, key) for key in text for kind in ("keyDown", "keyUp")])


def pressed(*keys: str) -> dict[str, Any]:
    """Press *keys* together."""
    return _keys([*(("keyDown", key) for key in keys), *(("keyUp", key) for key in reversed(keys))])


def _keys(steps: list[tuple[str, str]]) -> dict[str, Any]:
    return {"type": "key", "id": "keyboard", "actions": [{"type": kind, "value": key} for kind, key in steps]}
