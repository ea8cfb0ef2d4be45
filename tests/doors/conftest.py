"""The houses that the doors' tests run in: with its doors in the same process, and with doors in other processes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.house import House
from tests.linked_house import LinkedHouse

HOUSES: dict[str, type[House]] = {"here": House, "linked": LinkedHouse}

LINKED_DIFFERS = {
    "test_when_an_answer_comes_everyone_has_been_shown_what_was_said_before": "another process may show it later",
    "test_all_doors_lead_into_one_house": "some are only in the process of the house",
}
"""The tests that do not hold for doors in other processes, with the reason."""

_LINKED_DOORS = {"line", "json", "client"}
"""The doors that there are in other processes."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what needs ``houses`` in each kind of house that it holds for."""
    if "houses" in metafunc.fixturenames:
        differs = metafunc.definition.originalname in LINKED_DIFFERS
        metafunc.parametrize("houses", ["here"] if differs else list(HOUSES), indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the doors that there are in the process of the house only."""
    left_out = [item for item in items if not _there_is(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if _there_is(item)]


def _there_is(item: pytest.Item) -> bool:
    spec: Any = getattr(item, "callspec", None)
    if spec is None or spec.params.get("houses") != "linked":
        return True
    names = f"{spec.params.get('door', '')}-{spec.params.get('pair', '')}".split("-")
    return all(name in _LINKED_DOORS for name in names if name not in ("", "tls"))


@pytest.fixture
def houses(request: pytest.FixtureRequest) -> type[House]:
    """A kind of house."""
    return HOUSES[request.param]
