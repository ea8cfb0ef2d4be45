"""A house without doors, for the tests of its modules."""

from __future__ import annotations

import pytest

from .bare import BareHouse


@pytest.fixture
def house() -> BareHouse:
    """A house in which nothing is slowed and nobody is yet."""
    return BareHouse()
