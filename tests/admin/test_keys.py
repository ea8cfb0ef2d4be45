"""SSH keys of accounts, from outside the chat."""

from __future__ import annotations

import json

import pytest

from chatroom.chat.limits import MAX_KEYS
from chatroom.chat.people.keys import KEY
from chatroom.host_keys import HostKeys
from chatroom.journal.offline import OfflineJournal
from tests.doors.test_marks import PUBLIC_KEY

PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def ann(admin):
    """An account, with its folder."""
    admin("account", "add", "Ann", typed=f"{PASSWORD}\n")


def stored(admin) -> list[str]:
    with OfflineJournal(admin.folder) as journal:
        return [record.key for record in journal.records() if record.kind == KEY]


def test_a_key_is_added_as_it_is_pasted(admin):
    [said] = admin("key", "add", "ann", *PUBLIC_KEY.split()).lines
    [fingerprint] = stored(admin)

    assert said == f"Ann may come in by SSH with {fingerprint}."
    assert json.loads(admin("audit", "--json").lines[-1])["text"] == f"added the key {fingerprint} to Ann"


def test_keys_are_listed_for_people_and_for_programs(admin):
    assert admin("key", "list").lines == ["There are no keys."]
    admin("key", "add", "ann", PUBLIC_KEY)
    head, row = admin("key", "list").lines
    [one] = [json.loads(line) for line in admin("key", "list", "--json").lines]

    assert head.split() == ["ACCOUNT", "KIND", "FINGERPRINT", "SINCE", "COMMENT"]
    assert row.split()[:3] == ["Ann", "ssh-ed25519", one["fingerprint"]] and row.endswith("  ann@laptop")
    assert (one["account"], one["kind"], one["comment"]) == ("Ann", "ssh-ed25519", "ann@laptop")


def test_a_removed_key_is_gone(admin):
    admin("key", "add", "ann", PUBLIC_KEY)
    [fingerprint] = stored(admin)

    assert admin("key", "remove", fingerprint).lines == [f"The key {fingerprint} is removed."]
    assert admin("key", "remove", fingerprint).complaint.startswith(f"There is no key {fingerprint}")


def test_with_the_account_its_keys_go(admin):
    admin("key", "add", "ann", PUBLIC_KEY)
    admin("account", "delete", "ann")

    assert not stored(admin)


def test_a_key_is_somebodys_once(admin):
    admin("key", "add", "ann", PUBLIC_KEY)
    admin("account", "add", "bob", typed=f"{PASSWORD}\n")

    assert admin("key", "add", "ann", PUBLIC_KEY).complaint == "Ann has that key already."
    assert admin("key", "add", "bob", PUBLIC_KEY).complaint == "Another account has that key already."


def test_an_account_has_so_many_and_no_more(admin, monkeypatch):
    monkeypatch.setattr("chatroom.admin.key_commands.MAX_KEYS", 0)

    assert admin("key", "add", "ann", PUBLIC_KEY).complaint == "Ann has 0 keys, which is the most." and MAX_KEYS == 20


@pytest.mark.parametrize("key", [["hello"], ["ssh-ed25519", "AAAA"], ["-----BEGIN OPENSSH PRIVATE KEY-----"]])
def test_what_is_no_key_is_told(admin, key):
    assert "key" in admin("key", "add", "ann", "--", *key).complaint


def test_the_servers_own_key_is_the_one_that_it_shows_at_its_start(admin):
    assert "No such file" in admin("key", "host").complaint
    server = HostKeys([], admin.folder)
    server.open(b"")

    assert admin("key", "host").lines == server.fingerprints
