"""What a machine of a cluster is, by its settings."""

from __future__ import annotations

from socket import gethostname

import pytest

from chatroom.composition.cluster import Roles, link_address, machine_certificate_of, roles_of
from chatroom.config.settings import combined
from chatroom.server.errors import CannotStart

CLUSTER = {
    "cluster": True,
    "database": "x=y",
    "doors": 2,
    "link-listen": "10.0.0.1:2429",
    "link-cert": "a",
    "link-ca": "b",
}


def settings(**given):
    """The settings of a cluster, with others: ``link_listen`` is ``link-listen``."""
    return combined(CLUSTER | {name.replace("_", "-"): value for name, value in given.items()}, {})


def test_a_machine_has_a_house_and_doors_or_only_one_of_them():
    assert roles_of(settings()) == Roles(True, 2)
    assert roles_of(settings(role="house")) == roles_of(settings(role="house", doors=0)) == Roles(True, 0)
    assert roles_of(settings(role="door", link_listen=None)) == Roles(False, 2)
    assert roles_of(combined({"doors": 3}, {})) == Roles(True, 3)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"doors": 0}, "--cluster needs --doors, unless with --role house"),
        ({"doors": 0, "role": "door"}, "--cluster needs --doors, unless with --role house"),
        ({"link_listen": None}, "--cluster needs --link-listen, unless with --role door"),
        ({"link_listen": "10.0.0.1:2428"}, "--link-listen must be another port than 2428, which is for people"),
    ],
)
def test_settings_that_do_not_fit_together_are_one_line(given, reason):
    with pytest.raises(CannotStart) as caught:
        roles_of(settings(**given))
    assert caught.value.reason == reason


def test_a_machine_is_reached_at_its_name_unless_another_one_is_given():
    assert link_address(settings()) == f"{gethostname()}:2429"
    assert link_address(settings(link_address="[2001:db8::1]:99")) == "[2001:db8::1]:99"


def test_without_a_cluster_there_is_no_certificate_for_links():
    assert machine_certificate_of(combined({}, {}), None) is None
