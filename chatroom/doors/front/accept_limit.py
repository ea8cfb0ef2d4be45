"""Accept limit: bounds how many connections a port accepts in one turn of the reactor."""

from __future__ import annotations

from typing import Any

MAX_ACCEPTS = 16
"""Connections that are accepted in one turn: a few milliseconds' work."""


def limit_accepts(port: Any) -> None:
    """
    Let *port* accept at most `MAX_ACCEPTS` connections in a turn.

    Twisted begins with a hundred and goes on to as many as there are: whoever connects a thousand times at once
    would keep everybody waiting for a tenth of a second.
    """
    accept = port.doRead

    def accept_some() -> None:
        port.numberAccepts = min(port.numberAccepts, MAX_ACCEPTS)
        accept()

    port.doRead = accept_some
