"""Records that services exchange: immutable, each kind with a distinct name."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections import Counter

import pytest

from chatroom import chat
from chatroom.chat.events import EVENTS, Event, names_of
from chatroom.chat.replies import Reply, Rooms, Who

CHANGING = {"Spec", "SearchQuery", "_Record"}
"""What its own module puts together, or works on."""

WITH_A_DICTIONARY = {"Policy"}
"""What has properties that are worked out once."""


def modules():
    for found in pkgutil.walk_packages(chat.__path__, f"{chat.__name__}."):
        yield importlib.import_module(found.name)


RECORDS = sorted(
    {
        one
        for module in modules()
        for one in vars(module).values()
        if isinstance(one, type) and one.__module__ == module.__name__ and dataclasses.is_dataclass(one)
    },
    key=lambda one: (one.__module__, one.__name__),
)


@pytest.mark.parametrize(
    "record", [one for one in RECORDS if one.__name__ not in CHANGING], ids=lambda one: one.__name__
)
def test_a_record_stays_as_it_was_made_and_has_no_room_for_more(record):
    assert record.__dataclass_params__.frozen
    assert ("__slots__" in vars(record)) is (record.__name__ not in WITH_A_DICTIONARY)


@pytest.mark.parametrize("kind", [Event, Reply])
def test_each_kind_has_a_name_of_its_own(kind):
    names = Counter(one.type for one in RECORDS if issubclass(one, kind) and one is not kind)
    assert len(names) > 15 and set(names.values()) == {1}


def test_events_are_found_by_name_and_know_what_they_have_beside_what_all_have():
    shared = {field.name for field in dataclasses.fields(Event)}
    for name, kind in EVENTS.items():
        assert kind.type == name
        assert set(names_of(kind)) == {field.name for field in dataclasses.fields(kind)} - shared
    assert set(EVENTS.values()) == {one for one in RECORDS if issubclass(one, Event) and one is not Event}


def test_a_list_is_its_first_and_only_page_unless_told_otherwise():
    for page in (Rooms(()), Who("dev", ())):
        assert (page.page, page.more) == (1, 0)
