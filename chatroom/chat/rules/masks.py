"""Masks: what bans and mutes go by, which are ``nick:KEY``, ``party:ID`` or ``address:NETWORK``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..syntax.networks import BITS, numbered, read_network


class Marks(NamedTuple):
    """What bans and mutes know somebody by."""

    key: str
    """The key of their nick."""
    party: str
    """Their account's id or guest's identity."""
    address: str
    """Where they come from; anything that is no address is in no network."""


class Masks:
    """
    Many masks, and which of them match somebody.

    A lookup costs the same however many there are, but a little more for each length of prefix in use.
    """

    def __init__(self) -> None:
        self._named: set[str] = set()
        self._networks: dict[tuple[int, int], dict[int, str]] = {}

    def add(self, mask: str) -> None:
        """
        Hold *mask*; harmless if it is held already.

        :raises ValueError: if it is none.
        """
        kind, text = _parted(mask)
        if kind == "address":
            version, length, bits = read_network(text)
            self._networks.setdefault((version, length), {})[bits] = mask
        else:
            self._named.add(mask)

    def discard(self, mask: str) -> None:
        """
        Hold *mask* no longer; harmless if it was not held.

        :raises ValueError: if it is none.
        """
        kind, text = _parted(mask)
        if kind == "address":
            version, length, bits = read_network(text)
            networks = self._networks.get((version, length), {})
            networks.pop(bits, None)
            if not networks:
                self._networks.pop((version, length), None)
        else:
            self._named.discard(mask)

    def matching(self, marks: Marks) -> Iterator[str]:
        """Find the masks that match whoever has these *marks*, the closest network first."""
        for mask in (f"nick:{marks.key}", f"party:{marks.party}"):
            if mask in self._named:
                yield mask
        if not self._networks or not marks.address:
            return
        version, number = numbered(marks.address)
        lengths = sorted((length for of, length in self._networks if of == version), reverse=True)
        for length in lengths:
            mask_of = self._networks[version, length].get(number >> (BITS[version] - length))
            if mask_of is not None:
                yield mask_of


def _parted(mask: str) -> tuple[str, str]:
    kind, _, text = mask.partition(":")
    if kind not in ("nick", "party", "address") or not text:
        raise ValueError(f"{kind[:20]!r} is no kind of mask")
    return kind, text
