"""Forms: how values of one type hint are written as JSON values, and read."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, NamedTuple, get_args

from chatroom.chat.replies import Excerpt


class BadFrame(ValueError):
    """What came over the link makes no sense; the text says why, and repeats nothing that people said."""


class Form(NamedTuple):
    """How values of one type hint are written and read; reading raises `BadFrame`."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


_SCALARS: dict[Form, tuple[type, ...]] = {}
"""The forms of values that are written as they are, and the types of what is read."""


def types_of(hint: Any) -> tuple[type, ...]:
    """Return the types that the values of *hint* have in JSON."""
    return (float, int) if hint is float else get_args(hint) or (hint,)


def same(value: Any) -> Any:
    """Return *value* as it is."""
    return value


def _checked(value: Any, *types: type) -> Any:
    if type(value) not in types:
        raise BadFrame(f"{types[0].__name__} expected")
    return value


def _all_checked(values: Collection[Any], types: tuple[type, ...]) -> Collection[Any]:
    """Return *values*, many of which are checked at once."""
    if not set(map(type, values)).issubset(types):
        raise BadFrame(f"{types[0].__name__} expected")
    return values


def scalar(hint: type) -> Form:
    """Make the form of a string, a number or a truth value."""
    types = types_of(hint)
    form = Form(same, lambda value: _checked(value, *types))
    _SCALARS[form] = types
    return form


def optional(form: Form) -> Form:
    """Make the form of what may be None."""
    write, read = form
    return Form(
        write if write is same else lambda value: None if value is None else write(value),
        lambda value: None if value is None else read(value),
    )


def many(form: Form) -> Form:
    """Make the form of a tuple of any length."""
    write, read = form
    types = _SCALARS.get(form)
    if types is not None:
        return Form(list, lambda value: tuple(_all_checked(_checked(value, list), types)))
    return Form(lambda value: [write(one) for one in value], lambda value: tuple(map(read, _checked(value, list))))


def excerpt(form: Form) -> Form:
    """Read what is the same as before as the same object: its rendering is shared by all who come in."""
    last: list[Any] = [None, None]

    def read(value: Any) -> Excerpt:
        if value != last[0]:
            last[:] = value, Excerpt(form.read(value))
        found: Excerpt = last[1]
        return found

    return Form(form.write, read)


def fixed(forms: list[Form]) -> Form:
    """Make the form of a tuple with a value for each of *forms*."""

    def read(value: Any) -> tuple[Any, ...]:
        if len(_checked(value, list)) != len(forms):
            raise BadFrame(f"{len(forms)} values expected")
        return tuple(form.read(one) for form, one in zip(forms, value, strict=True))

    return Form(lambda value: [form.write(one) for form, one in zip(forms, value, strict=True)], read)


def mapping(form: Form) -> Form:
    """Make the form of a mapping from strings."""
    write, read = form
    types = _SCALARS.get(form)
    if types is not None:
        return Form(dict, lambda value: (_all_checked(_checked(value, dict).values(), types), value)[1])
    return Form(
        lambda value: {name: write(one) for name, one in value.items()},
        lambda value: {name: read(one) for name, one in _checked(value, dict).items()},
    )


def read_bytes(value: Any) -> bytes:
    """Read bytes that were written as characters below 256."""
    try:
        return bytes(_checked(value, str).encode("latin-1"))
    except UnicodeEncodeError:
        raise BadFrame("bytes expected") from None
