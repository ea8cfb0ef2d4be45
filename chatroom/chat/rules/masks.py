"""Masks: what bans and mutes match people by: ``nick:KEY``, ``party:ID`` or ``address:NETWORK``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from ..syntax.networks import BITS, forms, read_network


class Marks(NamedTuple):
    """What bans and mutes match a person by."""

    key: str
    """The key of their nick."""
    party: str
    """Their account's id or guest's identity."""
    addresses: tuple[str, ...]
    """Their addresses, one or more; other text matches no network."""


class Masks:
    """
    A set of masks with fast lookup of those that match a person.

    A lookup costs the same however many there are, but a little more for each length of prefix in use.
    """

    def __init__(self) -> None:
        self._named: set[str] = set()
        self._networks: dict[tuple[int, int], dict[int, str]] = {}

    def add(self, mask: str) -> None:
        """
        Add *mask*; harmless if present.

        :raises ValueError: if it is invalid.
        """
        kind, text = _parted(mask)
        if kind == "address":
            version, length, bits = read_network(text)
            self._networks.setdefault((version, length), {})[bits] = mask
        else:
            self._named.add(mask)

    def discard(self, mask: str) -> None:
        """
        Remove *mask*; harmless if absent.

        :raises ValueError: if it is invalid.
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
        """Iterate over the masks that match these *marks*, the narrowest network of each IP version first."""
        for mask in (f"nick:{marks.key}", f"party:{marks.party}"):
            if mask in self._named:
                yield mask
        if not self._networks:
            return
        for version, number in chain.from_iterable(map(forms, filter(None, marks.addresses))):
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
