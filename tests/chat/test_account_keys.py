"""Adding and removing keys of accounts."""

from __future__ import annotations

import pytest
from twisted.internet.defer import ensureDeferred
from twisted.python.failure import Failure

from chatroom.chat.access.account_keys import MAX_KEYS
from chatroom.chat.refusals import BadInput, NotHere, TooMany
from chatroom.chat.syntax.public_keys import PublicKey

from .bare import BareHouse

LAPTOP = PublicKey("SHA256:laptop", "ssh-ed25519")


@pytest.fixture
def ann(house: BareHouse):
    return house.owner("ann")


@pytest.fixture
def bob(house: BareHouse):
    return house.owner("bob")


def run(house, task):
    got: list = []
    ensureDeferred(task).addBoth(got.append)
    house.settle()
    if isinstance(got[0], Failure):
        got[0].raiseException()
    return got[0]


def add(house, one, key=LAPTOP, *, proven=False):
    return run(house, house.hub.account_keys.add(one.person.account, key, proven=proven))


def test_a_key_is_added_once(house, ann):
    assert add(house, ann).account == ann.person.account.id

    with pytest.raises(BadInput, match="yours already"):
        add(house, ann)
    assert house.restarted().hub.core.keys.owner(LAPTOP.fingerprint).nick == "ann"


def test_only_its_owner_can_take_a_key_away_from_who_pasted_it(house, ann, bob):
    add(house, bob)
    with pytest.raises(BadInput, match="another account's"):
        add(house, ann)

    add(house, ann, proven=True)
    assert house.hub.core.keys.owner(LAPTOP.fingerprint) == ann.person.account


def test_nobody_takes_a_key_by_which_somebody_comes(house, ann, bob):
    add(house, bob)
    came = house.hub.account_keys.came
    assert came(LAPTOP.fingerprint, bob.person.account)
    house.settle()
    assert not came(LAPTOP.fingerprint, bob.person.account)

    with pytest.raises(BadInput, match="another account's"):
        add(house, ann, proven=True)
    assert house.restarted().hub.core.keys.known(LAPTOP.fingerprint).proven


def test_who_comes_by_a_key_that_the_configuration_gives_them_proves_nothing_of_who_pasted_it(house, ann, bob):
    add(house, bob)
    house.hub.core.keys.assigned = {LAPTOP.fingerprint: "ann"}

    assert not house.hub.account_keys.came(LAPTOP.fingerprint, ann.person.account)
    house.settle()
    assert not house.hub.core.keys.known(LAPTOP.fingerprint).proven


def test_an_account_has_so_many_and_no_more(house, ann):
    for n in range(MAX_KEYS):
        add(house, ann, PublicKey(f"SHA256:{n}", "ssh-rsa"))

    with pytest.raises(TooMany, match="at most 20 keys"):
        add(house, ann)


@pytest.mark.parametrize("which", ["1", "SHA256:laptop"])
def test_a_key_is_removed_by_its_number_or_its_fingerprint(house, ann, bob, which):
    add(house, ann)
    with pytest.raises(NotHere):
        run(house, house.hub.account_keys.remove(bob.person.account, which))

    run(house, house.hub.account_keys.remove(ann.person.account, which))
    assert house.restarted().hub.core.keys.owner(LAPTOP.fingerprint) is None


@pytest.mark.parametrize("which", ["0", "2", "-1", "x", "", "SHA256:", "²"])
def test_what_is_none_of_ones_keys_is_told(house, ann, which):
    add(house, ann)

    with pytest.raises(NotHere, match="no such key"):
        run(house, house.hub.account_keys.remove(ann.person.account, which))


def test_only_sessions_that_came_by_a_removed_key_end(house, ann):
    add(house, ann)
    second = house.join("ann", password="correct horse")
    second.session.key = LAPTOP
    house.hub.account_keys.check(LAPTOP.fingerprint)
    assert not second.session.gone

    run(house, house.hub.account_keys.remove(ann.person.account, "1"))
    house.hub.account_keys.check(LAPTOP.fingerprint)
    assert second.session.gone and not ann.session.gone
