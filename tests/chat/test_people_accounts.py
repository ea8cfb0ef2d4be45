"""Accounts: what their records say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatroom.chat.people.accounts import ACCOUNT, SEEN, Account, Accounts, accounts_in
from chatroom.chat.people.proofs import PROOF, Proofs
from chatroom.chat.ports import READING, RecordChange, StandingRecord

ANN = Account("a1", "Ann", "ann", "hash", admin=True, since=1.0, seen=5.0)


def record(change):
    return StandingRecord(*change)


@pytest.fixture
def accounts():
    known = Accounts()
    known.load(map(record, [ANN.kept(), ANN.noted()]))
    return known


def test_an_account_is_read_as_it_was_kept(accounts):
    assert accounts.of("ann") == accounts.known("a1") == ANN and len(accounts) == 1
    assert accounts.of("Ann") is None and accounts.known("ann") is None


def test_who_was_never_noted_was_never_here(accounts):
    never = replace(ANN, seen=None)
    assert list(accounts_in([record(ANN.kept())])) == [never]

    accounts.put(never)
    assert accounts.value(SEEN, "a1") is None and accounts.value("account", "ann") is not None


def test_when_the_owner_was_here_is_no_part_of_the_account():
    assert "seen" not in (ANN.kept().value or {}) and ANN.noted() == ("", SEEN, "a1", {"at": 5.0})


def test_what_is_forgotten_is_all_that_is_kept(accounts):
    changes = ANN.forgotten()
    assert {change[:3] for change in changes} == {
        ("", ACCOUNT, "ann"),
        ("", SEEN, "a1"),
        ("", PROOF, "a1"),
        ("", "preferences", "a1"),
        ("", READING, "a1"),
    }
    assert all(change.value is None for change in changes)


def test_an_account_that_is_forgotten_is_unknown_in_every_way(accounts):
    accounts.apply(Proofs(3).kept("a1"))
    accounts.apply(RecordChange("", ACCOUNT, "ann", None))
    assert accounts.of("ann") is None and accounts.known("a1") is None and len(accounts) == 0
    assert accounts.value(PROOF, "a1") is None and accounts.proofs(ANN) == Proofs()


def test_a_change_of_the_account_leaves_when_it_was_here(accounts):
    accounts.apply(replace(ANN, hash="other", seen=99.0).kept())
    assert accounts.of("ann") == replace(ANN, hash="other")


def test_another_account_of_the_same_nick_takes_the_place_of_the_first(accounts):
    accounts.apply(Account("a2", "ann", "ann", "hash", admin=False, since=7.0, seen=7.0).kept())
    assert accounts.known("a1") is None and len(accounts) == 1
    assert accounts.of("ann") == Account("a2", "ann", "ann", "hash", admin=False, since=7.0, seen=None)


def test_when_the_owner_was_here_is_changed_by_itself(accounts):
    accounts.apply(RecordChange("", SEEN, "a1", {"at": 9.0}))
    assert accounts.of("ann") == accounts.known("a1") == replace(ANN, seen=9.0)
    for change in (RecordChange("", SEEN, "a1", None), RecordChange("", SEEN, "a2", {"at": 9.0})):
        accounts.apply(change)
    assert len(accounts) == 1 and accounts.known("a1") == replace(ANN, seen=9.0)


def test_the_value_of_each_kind_of_record(accounts):
    assert accounts.value(ACCOUNT, "ann") == ANN.kept().value
    assert accounts.value(SEEN, "a1") == {"at": 5.0}
    assert accounts.value(PROOF, "a1") is None
    accounts.apply(Proofs(2, {"one": 1.0}).kept("a1"))
    assert accounts.value(PROOF, "a1") == {"epoch": 2, "ended": {"one": 1.0}}
    accounts.apply(RecordChange("", PROOF, "a1", None))
    assert accounts.value(PROOF, "a1") is None
    assert accounts.value(ACCOUNT, "a1") is None and accounts.value(SEEN, "ann") is None


def test_a_nick_that_looks_like_a_registered_one_is_found_but_not_the_one_itself(accounts):
    modem = Account("b1", "modem", "modem", "hash", admin=False, since=1.0, seen=1.0)
    accounts.put(modem)
    assert accounts.looking_like("rnodem", "rnodem") == modem
    assert accounts.looking_like("modem", "modem") is None
    accounts.drop(modem)
    assert accounts.looking_like("rnodem", "rnodem") is None


def test_a_proof_proves_one_login_to_one_account(accounts):
    proof = accounts.proof(ANN, "login")
    assert accounts.proven(proof) == (ANN, "login")
    for other in ("", "a1", proof.replace("a1", "a2"), proof + "x~", proof.replace("~", "", 1)):
        assert accounts.proven(other) is None


@pytest.mark.parametrize(
    "change",
    [
        replace(ANN, hash="other").kept(),
        Proofs(1).kept("a1"),
        Proofs(0, {"login": 9.0}).kept("a1"),
        RecordChange("", ACCOUNT, "ann", None),
    ],
)
def test_a_proof_is_void_after_a_change(accounts, change):
    proof = accounts.proof(ANN, "login")
    accounts.apply(change)
    assert accounts.proven(proof) is None


def test_another_login_that_has_ended_is_no_matter(accounts):
    proof = accounts.proof(ANN, "login")
    accounts.apply(Proofs(0, {"other": 9.0}).kept("a1"))
    assert accounts.proven(proof) == (ANN, "login")


def test_proofs_are_loaded_with_the_accounts():
    accounts = Accounts()
    accounts.load(map(record, [ANN.kept(), Proofs(4).kept("a1")]))
    assert accounts.proofs(ANN) == Proofs(4)


def test_a_mention_finds_the_account_by_the_nick_that_it_has_now(accounts):
    assert accounts.mentions.find("hello Ann") == ["a1"]
    accounts.put(replace(ANN, nick="Änn"))
    assert accounts.mentions.find("hello ann") == [] and accounts.mentions.find("hello änn") == ["a1"]
    accounts.apply(Account("a2", "ann", "ann", "hash", admin=False, since=7.0, seen=7.0).kept())
    assert accounts.mentions.find("ann, änn") == ["a2"]
    accounts.drop(accounts.of("ann"))
    assert accounts.mentions.find("ann, änn") == []
