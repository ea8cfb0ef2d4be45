"""Which logins of an account have ended."""

from __future__ import annotations

from chatroom.chat.people.proofs import _ENDED, PROOF, Proofs


def test_a_login_that_has_ended_is_remembered_until_tokens_are_too_old():
    proofs = Proofs().without("one", 10.0, 0.0)
    assert proofs.ended == {"one": 10.0} and proofs.epoch == 0
    assert proofs.without("two", 20.0, 5.0).ended == {"one": 10.0, "two": 20.0}


def test_as_many_as_fit_are_remembered_even_if_they_are_too_old():
    proofs = Proofs()
    for number in range(_ENDED):
        proofs = proofs.without(str(number), 10.0, 11.0)
    assert len(proofs.ended) == _ENDED and proofs.epoch == 0


def test_one_more_forgets_those_that_are_too_old_and_no_others():
    proofs = Proofs()
    for number in range(_ENDED):
        proofs = proofs.without(str(number), float(number), 0.0)
    proofs = proofs.without("last", 100.0, 1.0)
    assert "1" not in proofs.ended and "0" not in proofs.ended, "until then, and not a moment longer"
    assert "2" in proofs.ended and "last" in proofs.ended and proofs.epoch == 0


def test_one_more_that_is_not_too_old_ends_all():
    proofs = Proofs(epoch=3)
    for number in range(_ENDED + 1):
        proofs = proofs.without(str(number), 100.0, 0.0)
    assert proofs == Proofs(epoch=4)


def test_all_logins_end_at_once_by_another_epoch():
    assert Proofs(2, {"one": 1.0}).without_any() == Proofs(3)


def test_a_stamp_is_of_the_epoch_and_the_hash():
    stamp = Proofs(1).stamp("hash")
    assert stamp == Proofs(1, {"one": 1.0}).stamp("hash") and len(stamp) == 12 and "hash" not in stamp
    assert len({stamp, Proofs(2).stamp("hash"), Proofs(1).stamp("other")}) == 3


def test_what_is_kept_can_be_read_again():
    proofs = Proofs(2, {"one": 1.5})
    change = proofs.kept("id")
    assert change[:3] == ("", PROOF, "id") and change.value is not None
    assert Proofs.read(change.value) == proofs
