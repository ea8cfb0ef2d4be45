"""A slow line: what the server sends waits until the test lets it arrive; and what the page sends is written down."""

from __future__ import annotations

import json
from typing import Any

from .page import Person

LATE = """{
    const Real = window.WebSocket;
    let held = null;
    window.late = {
        hold() { held ??= []; },
        release() {
            const all = held ?? [];
            held = null;
            for (const arrive of all) arrive();
        },
    };
    window.sent = [];
    window.WebSocket = class extends Real {
        set onmessage(take) {
            super.onmessage = take && ((event) => held ? held.push(() => take(event)) : take(event));
        }
        send(data) {
            window.sent.push(data);
            super.send(data);
        }
    };
}
"""


def hold(person: Person) -> None:
    """From now on, what the server sends to *person* waits."""
    person.page.evaluate("late.hold()")


def release(person: Person) -> None:
    """Let everything arrive that was held."""
    person.page.evaluate("late.release()")


def sent(person: Person, kind: str = "line") -> list[dict[str, Any]]:
    """What the page of *person* has sent, of the type *kind*."""
    objects = [json.loads(one) for one in person.page.evaluate("sent")]
    return [one for one in objects if one["type"] == kind]


def kept(person: Person) -> str:
    """Everything that the browser of *person* keeps."""
    return str(person.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])"))
