"""Frames: what each kind of them must hold, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from types import UnionType
from typing import Any, get_args

from .codec import BadFrame

Type = type | UnionType


def checked(values: Sequence[Any], types: Sequence[Type]) -> Sequence[Any]:
    """
    Return *values*, which came over a link.

    :raises BadFrame: if they are not as many, and of these types.
    """
    if len(values) != len(types) or not all(map(_fits, values, types)):
        raise BadFrame("wrong values")
    return values


def _exact(wanted: Type) -> tuple[type, ...]:
    if isinstance(wanted, UnionType):
        return get_args(wanted)
    return (float, int) if wanted is float else (wanted,)


def _fits(value: Any, wanted: Type) -> bool:
    if isinstance(value, bool):
        return wanted in (bool, object)
    # JSON has one kind of number.
    return isinstance(value, wanted) or (wanted is float and isinstance(value, int))


class Kinds:
    """
    The frames that one end of a link takes.

    :param table: by kind: what is done with the values, and their types.
    """

    def __init__(self, table: Mapping[str, tuple[Any, ...]]) -> None:
        self._table = {
            kind: (run, types, frozenset(product(*map(_exact, types)))) for kind, (run, *types) in table.items()
        }
        """By kind: what is done with its values, their types, and nearly all that they can be exactly."""

    def __contains__(self, kind: str) -> bool:
        return kind in self._table

    def find(self, frame: Sequence[Any]) -> tuple[Callable[..., None], Sequence[Any]]:
        """
        Return what is done with *frame*, and its values.

        :raises BadFrame: if there is no such kind, or it has other values.
        """
        found = self._table.get(frame[0])
        if found is None:
            raise BadFrame("unknown kind")
        run, types, exact = found
        values = frame[1:]
        return run, values if tuple(map(type, values)) in exact else checked(values, types)
