"""``chatroom-admin cluster status`` says who leads."""

from __future__ import annotations

import re

import psycopg
import pytest

from tests.journal.stand_ins import PostgresDesk


@pytest.fixture
def address(postgres):
    return postgres.database()


def test_who_leads_is_told_until_nobody_does(admin, address):
    def status():
        return admin.run("--database", address, "cluster", "status")

    with PostgresDesk(address) as desk:
        assert status() == (1, "No server leads: none has the database.\n", ""), "it only begins"
        desk.journal.publish("one.example:2429")
        desk.rest(0)
        leader, link, lease = status().lines
        assert re.fullmatch(
            r"The leader: \S+, process [0-9]+, epoch 1, since [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{5}\.", leader
        )
        assert link == "Doors on other machines reach it at one.example:2429."
        assert re.fullmatch(r"Its lease, which it renews every second, lasts for [123]\.[0-9] s\.", lease)
        with psycopg.connect(address, autocommit=True) as other:
            other.execute("UPDATE lease SET until = clock_timestamp() - interval '69.5 seconds'")
        silent = status()
        assert silent.status == 1
        assert re.fullmatch(
            r"No server leads: the last one was .*, epoch 1; its lease ended "
            r"1 minute and 1[01] seconds ago\.\n",
            silent.out,
        )
    assert status() == (1, "No server leads: none has the database.\n", "")


def test_a_server_without_other_machines_leads_too(admin, address):
    with PostgresDesk(address) as desk:
        desk.rest(0)
        assert (
            admin.run("cluster", "status", "--database", address).lines[1]
            == "It takes no links of doors on other machines."
        )


def test_a_folder_is_no_cluster(admin):
    assert "give it with --database" in admin("cluster", "status").complaint
