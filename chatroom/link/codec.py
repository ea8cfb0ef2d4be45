"""The codec of the link: commands, replies, events and what they contain, as JSON values and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, is_dataclass
from functools import cache
from itertools import product
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from chatroom.chat import replies
from chatroom.chat.command_table import asking, moving, secrets, usages
from chatroom.chat.commands import TABLE
from chatroom.chat.events import EVENTS, Batch, Event, Said
from chatroom.chat.limits import Limits
from chatroom.chat.replies import Reply, RoomEntered, Welcome
from chatroom.doors.figures import Figures
from chatroom.doors.moving import SavedDoor

from .forms import BadFrame as BadFrame
from .forms import Form, excerpt, fixed, many, mapping, optional, read_bytes, same, scalar, types_of


def pack(value: object) -> list[Any]:
    """
    Return *value* as ``[NAME, field…]``, for JSON: a command, reply, event, `Batch`, `Limits`, `Figures` or
    `SavedDoor`.

    The names are ``/say`` for commands, ``said`` and ``welcome`` for events and replies, else that of the class.  The
    fields are those without a default first; at the end, those that have their default are left out.

    :raises TypeError: if it is anything else.
    """
    if type(value) is Batch:
        return [_BATCH, *pack_batch(value)]
    shape = _SHAPES.get(type(value))
    if shape is None:
        raise TypeError(f"the link carries no {type(value).__name__}")
    return [shape.name, *shape.write(value)]


def unpack(value: object, *kinds: type) -> Any:
    """
    Return what `pack` made into *value*.

    :param kinds: the classes that it may be of; none: any.
    :raises BadFrame: if it has another name, number of fields, or a field of another type, or is of another class.
    """
    found = _unpack(value)
    if kinds and not isinstance(found, kinds):
        raise BadFrame(f"unexpected {type(found).__name__}")
    return found


def _unpack(value: object) -> Any:
    if type(value) is not list or not value or type(value[0]) is not str:
        raise BadFrame("no name")
    if value[0] == _BATCH:
        return unpack_batch(value[1:])
    shape = _NAMED.get(value[0])
    if shape is None:
        raise BadFrame(f"unknown name {value[0][:32]!r}")
    return shape.read(value[1:])


def pack_batch(batch: Batch) -> list[Any]:
    """
    Return *batch* as ``[room, first, [event…]]``.

    Nearly all events are a `Said` without marks: they go without their name and room.
    """
    room = batch.room
    rows = [
        _of_said(event) if type(event) is Said and event.marks is None and event.room == room else pack(event)
        for event in batch.events
    ]
    return [room, batch.first, rows]


def unpack_batch(value: object) -> Batch:
    """
    Return the batch that `pack_batch` made into *value*.

    :raises BadFrame: as `unpack` does.
    """
    if type(value) is not list or tuple(map(type, value)) != (str, int, list):
        raise BadFrame("no batch")
    room, first, rows = value
    return Batch(room, first, [_event_of(room, row) for row in rows])


_OF_THE_READER: Mapping[Any, Mapping[str, Callable[[], Any]]] = {
    Welcome: {"commands": usages, "secrets": secrets, "moves": moving, "asks": asking}
}
"""Fields that are not written: a door knows itself which commands it can read."""

_BATCH = "Batch"
_PLAIN = tuple(one.name for one in dataclasses.fields(Said) if one.name not in ("room", "marks"))
"""The fields of a `Said` that goes without its name and room."""


_of_said = attrgetter(*_PLAIN)
_TYPES_OF_SAID = frozenset(product(*(types_of(get_type_hints(Said)[name]) for name in _PLAIN)))


def _event_of(room: str, row: Any) -> Event:
    if type(row) is list and tuple(map(type, row)) in _TYPES_OF_SAID:
        return Said(room=room, **dict(zip(_PLAIN, row, strict=True)))
    return _read_event(row)


class _Shape:
    """
    How the objects of one dataclass are written and read.

    :raises TypeError: if the link can't carry one of its fields.
    """

    def __init__(self, name: str, make: Callable[..., Any]) -> None:
        self.name = name
        self._make = make
        hints = get_type_hints(make)
        self._own = _OF_THE_READER.get(make, {})
        fields = sorted(
            [one for one in dataclasses.fields(make) if one.name not in self._own],  # type: ignore[arg-type]
            key=_has_default,
        )
        self._names = [one.name for one in fields]
        self._forms = [_form(hints[one.name]) for one in fields]
        if make is RoomEntered:
            place = self._names.index("recent")
            self._forms[place] = excerpt(self._forms[place])
        self._get: Callable[[object], tuple[Any, ...]] = _getter(self._names)
        self._written = [(place, form.write) for place, form in enumerate(self._forms) if form.write is not same]
        """What is not written as it is, by place."""
        self._read: set[tuple[type, ...]] = set()
        """The types of fields that were read as they are: others of these types can be, too."""
        self._needed = sum(not _has_default(one) for one in fields)
        self._defaults = [one.default if one.default_factory is MISSING else one.default_factory() for one in fields]

    def write(self, value: object) -> list[Any]:
        """Return the fields of *value*."""
        row = [*self._get(value)]
        while len(row) > self._needed and row[-1] == self._defaults[len(row) - 1]:
            row.pop()
        for place, write in self._written:
            if place < len(row):
                row[place] = write(row[place])
        return row

    def read(self, row: object) -> Any:
        """Return the object with the fields *row*."""
        if type(row) is not list:
            raise BadFrame(f"{self.name}: wrong number of fields")
        types = tuple(map(type, row))
        if types in self._read:
            return self._made(dict(zip(self._names, row, strict=False)))
        if not self._needed <= len(row) <= len(self._names):
            raise BadFrame(f"{self.name}: wrong number of fields")
        values = {}
        for name, form, value in zip(self._names, self._forms, row, strict=False):
            try:
                values[name] = form.read(value)
            except BadFrame as bad:
                raise BadFrame(f"{self.name}.{name}: {bad}") from None
        if all(place >= len(row) for place, _ in self._written):
            self._read.add(types)
        return self._made(values)

    def _made(self, values: dict[str, Any]) -> Any:
        for name, make in self._own.items():
            values[name] = make()
        return self._make(**values)


def _getter(names: Sequence[str]) -> Callable[[object], tuple[Any, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple([getattr(value, name) for name in names])


def _has_default(field: dataclasses.Field[Any]) -> bool:
    return field.default is not MISSING or field.default_factory is not MISSING


@cache
def _form(hint: Any) -> Form:
    origin, inner = get_origin(hint), get_args(hint)
    if hint in (str, int, float, bool):
        return scalar(hint)
    if hint is bytes:
        return Form(lambda value: value.decode("latin-1"), read_bytes)
    if origin is UnionType and len(inner) == 2 and inner[1] is NoneType:
        return optional(_form(inner[0]))
    if origin is tuple and inner[-1] is Ellipsis:
        return many(_form(inner[0]))
    if origin is tuple:
        return fixed([_form(one) for one in inner])
    if origin is Mapping and inner[0] is str:
        return mapping(_form(inner[1]))
    if hint is Event:
        return Form(pack, _read_event)
    if is_dataclass(hint) and isinstance(hint, type):
        shape = _SHAPES.get(hint) or _register(hint.__name__, hint)
        return Form(shape.write, shape.read)
    raise TypeError(f"the link can't carry {hint}")


def _read_event(value: Any) -> Event:
    event = _unpack(value)
    if not isinstance(event, Event):
        raise BadFrame("event expected")
    return event


_SHAPES: dict[type, _Shape] = {}
"""Every class that the link carries, except `Batch`."""

_NAMED: dict[str, _Shape] = {}
"""The same by name."""


def _register(name: str, make: Any) -> _Shape:
    if name in _NAMED:
        raise TypeError(f"the link carries two {name}")
    shape = _SHAPES[make] = _NAMED[name] = _Shape(name, make)
    return shape


for _spec in TABLE.values():
    _register(f"/{_spec.name}", _spec.make)
for _kind in [*EVENTS.values(), *vars(replies).values()]:
    if isinstance(_kind, type) and issubclass(_kind, (Event, Reply)) and _kind is not Reply:
        _register(_kind.type, _kind)
_register("Limits", Limits)
_register("Figures", Figures)
_register("SavedDoor", SavedDoor)
