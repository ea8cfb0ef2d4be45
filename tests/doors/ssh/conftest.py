"""What the tests of the SSH door share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.house import House, JsonPerson, failures
from tests.ssh_person import SshPerson

PASSWORD = "correct horse"


@pytest.fixture
def house():
    with failures() as broken:
        yield House(rate=0)
    assert not broken, broken[0]


@pytest.fixture
def comes(house: House) -> Callable[..., Any]:
    """Let somebody come in by SSH: nick, kind of person, password and keys."""

    def come(nick: str, kind: type[SshPerson] = SshPerson, **more: Any) -> Any:
        person = kind(house)
        person.joins(nick, **more)
        return person

    return come


@pytest.fixture
def ann(house: House) -> JsonPerson:
    """The owner of an account, at another door."""
    ann = house.join("ann", JsonPerson)
    ann.asks("register", password=PASSWORD)
    return ann
