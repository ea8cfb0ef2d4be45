"""Frames: what each kind of them must hold, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from types import UnionType
from typing import Any, get_args

from .codec import BadFrame

Type = type | UnionType

_TOO_MUCH = 2**63
"""No number in a frame reaches it."""


def checked(values: Sequence[Any], types: Sequence[Type]) -> Sequence[Any]:
    """
    Return *values*, which came over a link.

    :raises BadFrame: if they are not as many, and of these types.
    """
    if len(values) != len(types) or not all(map(_fits, values, types)):
        raise BadFrame("wrong values")
    return values


def checked_fields(value: Mapping[str, Any], types: Mapping[str, Type]) -> Mapping[str, Any]:
    """
    Return *value*, which came over a link.

    :raises BadFrame: if it has other fields than *types*, or other values.
    """
    if value.keys() != types.keys():
        raise BadFrame("wrong fields")
    checked([value[name] for name in types], list(types.values()))
    return value


def _exact(wanted: Type) -> tuple[type, ...]:
    if isinstance(wanted, UnionType):
        return get_args(wanted)
    return (wanted,)


def _fits(value: Any, wanted: Type) -> bool:
    if isinstance(value, bool):
        return wanted in (bool, object)
    if isinstance(value, int | float) and wanted is not object:
        # JSON has one kind of number; all here are counts, sizes or times.
        return wanted in (type(value), float) and 0 <= value < _TOO_MUCH
    return isinstance(value, wanted)


class Kinds:
    """
    The frames that one end of a link takes.

    :param table: by kind: what is done with the values, and their types.
    """

    def __init__(self, table: Mapping[str, tuple[Any, ...]]) -> None:
        self._table = {
            kind: (run, types, None if {int, float} & set(types) else frozenset(product(*map(_exact, types))))
            for kind, (run, *types) in table.items()
        }
        """By kind: what is done with its values, their types, and nearly all that they can be exactly, but numbers."""

    def __contains__(self, kind: str) -> bool:
        return kind in self._table

    def find(self, frame: object) -> tuple[Callable[..., None], Sequence[Any]]:
        """
        Return what is done with *frame*, and its values.

        :raises BadFrame: if there is no such kind, or it has other values.
        """
        if type(frame) is not list or not frame or type(frame[0]) is not str:
            raise BadFrame("no kind")
        found = self._table.get(frame[0])
        if found is None:
            raise BadFrame("unknown kind")
        run, types, exact = found
        values = frame[1:]
        if exact is not None and tuple(map(type, values)) in exact:
            return run, values
        return run, checked(values, types)
