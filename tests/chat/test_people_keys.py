"""The table of keys of accounts."""

from __future__ import annotations

from chatroom.chat.people.accounts import Account, Accounts
from chatroom.chat.people.keys import Keys, key_for
from chatroom.chat.ports import StandingRecord
from chatroom.chat.syntax.public_keys import PublicKey

ANN, BOB = (Account(f"{nick}-id", nick, nick, "", admin=False, since=0.0, seen=None) for nick in ("ann", "bob"))
LAPTOP, PHONE = PublicKey("SHA256:laptop", "ssh-ed25519", "ann@laptop"), PublicKey("SHA256:phone", "ssh-rsa")


def table():
    accounts = Accounts()
    accounts.put(ANN)
    accounts.put(BOB)
    return accounts, Keys(accounts)


def test_keys_are_listed_in_the_order_in_which_they_were_added():
    _, keys = table()
    for one in (key_for(ANN, PHONE, 2.0), key_for(ANN, LAPTOP, 1.0)):
        keys.apply(one.kept())

    assert [key.fingerprint for key in keys.owned(ANN)] == ["SHA256:laptop", "SHA256:phone"]
    assert keys.owned(BOB) == [] and len(keys) == 2


def test_records_are_read_as_they_were_written():
    _, keys = table()
    change = key_for(ANN, LAPTOP, 1.0, proven=True).kept()
    keys.load([StandingRecord(*change), StandingRecord("", "ban", "nick:x", {})])

    assert keys.owner("SHA256:laptop") == ANN and keys.value("SHA256:laptop") == change.value
    assert keys.known("SHA256:laptop") == key_for(ANN, LAPTOP, 1.0, proven=True)
    assert keys.owner("SHA256:phone") is keys.value("SHA256:phone") is keys.known("SHA256:phone") is None


def test_a_key_is_of_one_account_until_it_is_removed():
    _, keys = table()
    keys.apply(key_for(ANN, LAPTOP, 1.0).kept())
    keys.apply(key_for(BOB, LAPTOP, 2.0).kept())
    assert keys.owner("SHA256:laptop") == BOB and keys.owned(ANN) == []

    for change in keys.forgotten(BOB):
        keys.apply(change)
    assert keys.owner("SHA256:laptop") is None and not keys and not keys._by_account


def test_a_key_without_its_account_opens_nothing():
    accounts, keys = table()
    keys.apply(key_for(ANN, LAPTOP, 1.0).kept())
    accounts.drop(ANN)

    assert keys.owner("SHA256:laptop") is None


def test_a_key_that_was_only_pasted_opens_its_account_under_its_nick_alone():
    """Else whoever added a stranger's key would receive what the stranger is told."""
    _, keys = table()
    keys.apply(key_for(ANN, LAPTOP, 1.0).kept())
    assert keys.owner_coming("SHA256:laptop", "root") is None
    assert keys.owner_coming("SHA256:laptop", "ANN") == ANN

    keys.apply(key_for(ANN, LAPTOP, 1.0, proven=True).kept())
    assert keys.owner_coming("SHA256:laptop", "root") == ANN
    assert keys.owner_coming("SHA256:phone", "ann") is None


def test_what_the_configuration_says_goes_before_what_people_add():
    _, keys = table()
    keys.apply(key_for(BOB, LAPTOP, 1.0, proven=True).kept())
    keys.assigned = {"SHA256:laptop": "ann", "SHA256:phone": "nobody"}

    assert keys.owner("SHA256:laptop") == keys.owner_coming("SHA256:laptop", "root") == ANN
    assert keys.owner("SHA256:phone") is None
