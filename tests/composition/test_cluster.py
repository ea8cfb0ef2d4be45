"""What a machine of a cluster is, by its settings."""

from __future__ import annotations

from socket import gethostname
from types import SimpleNamespace
from typing import Any

import pytest
from twisted.protocols.tls import TLSMemoryBIOFactory

from chatroom.composition import house_parts, house_process
from chatroom.composition.cluster import Roles, link_address, machine_certificate_of, roles_of
from chatroom.composition.door_process import DoorProcess
from chatroom.composition.house_process import HouseProcess
from chatroom.config.settings import combined
from chatroom.journal.memory import MemoryJournal
from chatroom.link.locating import Locating
from chatroom.server.errors import CannotStart
from tests.certificates import made
from tests.tls.test_machines import CA

from .test_processes import Process

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


# The processes of a cluster.


class ClusterJournal(MemoryJournal):
    """A journal in memory that can be taken over by another house."""

    epoch = 7


@pytest.fixture
def words(tmp_path):
    certificate, key = made("one", by=CA).write(tmp_path)
    (tmp_path / "ca.pem").write_bytes(CA.pem)
    return (
        *("--cluster", "--database", "host=127.0.0.1 port=9 dbname=x", "--doors", "1", "--listen", "0"),
        *("--link-listen", "127.0.0.1:2429", "--link-address", "one.example:2429"),
        *("--link-cert", str(certificate), "--link-key", str(key), "--link-ca", str(tmp_path / "ca.pem")),
    )


@pytest.fixture
def candidate(words, monkeypatch):
    """A house that has the database at once, in memory, and what it was asked to do when it loses that."""
    found: dict[str, Any] = {"published": []}

    def journal_of(values, reactor, candidacy):
        found["candidacy"] = candidacy
        return ClusterJournal(reactor.callLater)

    monkeypatch.setattr(house_parts, "journal_of", journal_of)
    monkeypatch.setattr(house_process, "publish", lambda journal, link: found["published"].append(link))
    process = Process(HouseProcess, *words, link="/nowhere")
    found["process"] = process.start()
    return SimpleNamespace(**found)


def test_a_house_takes_links_over_tls_and_then_says_where(candidate):
    [(port, factory, _, interface)] = candidate.process.reactor.tcpServers
    assert (port, interface) == (2429, "127.0.0.1") and isinstance(factory, TLSMemoryBIOFactory)
    assert candidate.process.reactor.unixServers == []
    assert candidate.published == ["one.example:2429"] and candidate.process.parent.said[-1][0] == "ready"
    assert candidate.candidacy.standby


@pytest.mark.parametrize("how", ["deposed", "stop", "hand over"])
def test_a_house_that_ends_leaves_its_people_to_the_next_one(candidate, how):
    process = candidate.process
    dropped = []
    process.process._links.drop = dropped.append
    if how == "deposed":
        candidate.candidacy.deposed()
    else:
        process.process.heard([how, "it was asked to stop"][: 1 + (how == "stop")])
    assert dropped == ["another house leads" if how == "deposed" else "another house goes on"]
    assert process.process.service.hands_over and process.process._parts.hub.hands_over
    assert process.reactor.hasStopped
    assert [said[0] for said in process.parent.said] == ["ready"], "the machine goes on"


def test_a_house_alone_that_was_deposed_stops_its_machine(words, candidate, monkeypatch):
    at = words.index("--cluster")
    alone = [*words[:at], *words[at + 1 : words.index("--link-listen")]]
    process = Process(HouseProcess, *alone, link="/nowhere")
    process.process._deposed()
    assert process.parent.said == [("stop", "another server has taken over its database")]


def test_a_door_of_a_cluster_asks_the_database_and_waits_for_no_goodbye(words):
    door = Process(DoorProcess, *words, name="door 1 of one", link="/nowhere", sockets=[]).start()
    try:
        assert isinstance(door.process._linking, Locating) and door.reactor.unixClients == []
        door.process.heard(["stop", "it was asked to stop"])
        assert door.reactor.hasStopped
    finally:
        door.process._linking.stop()
