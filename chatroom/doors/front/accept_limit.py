"""Accept limit: bounds how many connections a port accepts in one turn of the reactor."""

from __future__ import annotations

from typing import Any

MAX_ACCEPTS = 16
"""Connections accepted per turn: a few milliseconds' work."""


def limit_accepts(port: Any) -> None:
    """
    Let *port* accept at most `MAX_ACCEPTS` connections in a turn.

    Twisted starts with a hundred and raises that without bound: a thousand simultaneous connections would delay
    everybody by a tenth of a second.
    """
    accept = port.doRead

    def accept_some() -> None:
        port.numberAccepts = min(port.numberAccepts, MAX_ACCEPTS)
        accept()

    port.doRead = accept_some
