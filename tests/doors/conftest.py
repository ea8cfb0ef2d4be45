"""The houses that the doors' tests run in: with its doors in the same process, and with doors in other processes."""

from __future__ import annotations

import pytest

from tests.house import House
from tests.linked_house import LinkedHouse

HOUSES: dict[str, type[House]] = {"here": House, "linked": LinkedHouse}

LINKED_DIFFERS = {
    "test_when_an_answer_comes_everyone_has_been_shown_what_was_said_before": "another process may show it later",
}
"""The tests that do not hold for doors in other processes, with the reason."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what needs ``houses`` in each kind of house that it holds for."""
    if "houses" in metafunc.fixturenames:
        differs = metafunc.definition.originalname in LINKED_DIFFERS
        metafunc.parametrize("houses", ["here"] if differs else list(HOUSES), indirect=True)


@pytest.fixture
def houses(request: pytest.FixtureRequest) -> type[House]:
    """A kind of house."""
    return HOUSES[request.param]
