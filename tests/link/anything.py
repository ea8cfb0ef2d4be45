"""Commands, replies and events of every kind, with anything in their fields that the types allow."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from chatroom.chat.command_table import asking, moving, secrets, usages
from chatroom.chat.commands import TABLE
from chatroom.chat.event import Event
from chatroom.chat.events import Batch
from chatroom.chat.limits import Limits
from chatroom.chat.replies import Reply, Welcome
from chatroom.doors.figures import Figures


def kinds_of(base: type) -> Iterator[type]:
    """
    Find the house's classes under *base*, wherever they are defined; dataclasses with slots are made twice.

    Those of dialects stay at their doors.
    """
    for kind in base.__subclasses__():
        yield from kinds_of(kind)
        if getattr(sys.modules[kind.__module__], kind.__name__, None) is kind and kind.__module__.startswith(
            "chatroom.chat"
        ):
            yield kind


COMMANDS = [spec.make for spec in TABLE.values()]
EVENTS = sorted(set(kinds_of(Event)), key=lambda kind: kind.__name__)
REPLIES = sorted(set(kinds_of(Reply)), key=lambda kind: kind.__name__)
KINDS = [*COMMANDS, *EVENTS, *REPLIES, Limits, Figures]

texts = st.text(max_size=20) | st.sampled_from(["said", "/say", "Batch", '["said"]', "\n", "\0", "null"])


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Make values of the type *hint*."""
    origin, inner = get_origin(hint), get_args(hint)
    if hint is str:
        return texts
    if hint is float:
        return st.floats(allow_nan=False) | st.integers(0, 2**40)
    if hint is Event:
        return events()
    if origin is UnionType:
        return st.one_of([st.none() if one is type(None) else values(one) for one in inner])
    if origin is tuple and inner[-1] is Ellipsis:
        return st.lists(values(inner[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*map(values, inner))
    if origin is not None:
        return st.dictionaries(values(inner[0]), values(inner[1]), max_size=3)
    return objects(hint) if dataclasses.is_dataclass(hint) else st.from_type(hint)


def objects(kind: Any) -> st.SearchStrategy[Any]:
    """Make objects of the class *kind*; some have defaults, some don't."""
    hints = get_type_hints(kind)
    fields = {one.name: values(hints[one.name]) for one in dataclasses.fields(kind)}
    if kind is Welcome:
        # These are the door's own.
        fields |= {"commands": st.just(usages()), "secrets": st.just(secrets())}
        fields |= {"moves": st.just(moving()), "asks": st.just(asking())}
    return st.builds(kind, **fields)


def events() -> st.SearchStrategy[Event]:
    """Make events of all kinds."""
    return st.deferred(lambda: st.one_of(map(objects, EVENTS)))


def batches() -> st.SearchStrategy[Batch]:
    """Make batches, also of events of other rooms."""
    return st.builds(Batch, texts, st.integers(1, 2**40), st.lists(events(), max_size=5))
