"""The file of those who may come in by SSH."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from twisted.conch.ssh.keys import Key

from chatroom.chat.syntax.public_keys import parse
from chatroom.doors.factory import CannotOpen
from chatroom.doors.ssh.authorized_keys import AuthorizedKeys
from tests.doors.ssh.conftest import PASSWORD
from tests.house import House, JsonPerson, failures
from tests.ssh_person import SshPerson

ANN, BOB = (Key(ed25519.Ed25519PrivateKey.generate()) for _ in range(2))
ANN_LINE, BOB_LINE = (key.public().toString("OPENSSH").decode() for key in (ANN, BOB))
ANN_PRINT, BOB_PRINT = parse(ANN_LINE).fingerprint, parse(BOB_LINE).fingerprint


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "authorized_keys"


def read(file: Path, text: str) -> AuthorizedKeys:
    file.write_text(text)
    keys = AuthorizedKeys(file)
    keys.refresh()
    return keys


def test_without_a_file_everybody_may_come_in():
    keys = AuthorizedKeys(None)

    assert not keys.restricting and keys.admits("") and keys.admits("SHA256:x") and not keys.refresh()


@pytest.mark.parametrize(
    ("options", "accounts"),
    [
        ("", {}),
        ("restrict ", {}),
        ("no-port-forwarding,no-X11-forwarding,no-agent-forwarding ", {}),
        ('account="Ann" ', {ANN_PRINT: "ann"}),
        ('restrict,account="ann" ', {ANN_PRINT: "ann"}),
    ],
)
def test_the_format_is_that_of_openssh(file, options, accounts):
    keys = read(file, f"# Who may come in\n\n  {options}{ANN_LINE} ann@laptop\r\n")

    assert keys.restricting and keys.admits(ANN_PRINT) and keys.accounts == accounts
    assert not keys.admits(BOB_PRINT) and not keys.admits("")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("hello", "line 2: the option hello means nothing here"),
        (f'from="192.0.2.*" {ANN_LINE}', "line 2: the option from means nothing here"),
        (f'command="ls" {ANN_LINE}', "line 2: the option command means nothing here"),
        (f'account="" {ANN_LINE}', "line 2: the option account means nothing here"),
        (f"account=ann {ANN_LINE}", "line 2: That is no public key."),
        (f'restrict="x" {ANN_LINE}', "line 2: the option restrict means nothing here"),
        (ANN_LINE[:50], "line 2: That"),
        ("\udcff\udcfe", "line 2: That"),
    ],
    ids=["nothing", "from", "command", "no account", "unquoted", "a value too many", "half a key", "not UTF-8"],
)
def test_what_it_cannot_mean_is_told_with_the_line(file, line, why):
    file.write_bytes(f"{BOB_LINE}\n{line}\n".encode(errors="surrogateescape"))

    with pytest.raises(CannotOpen) as caught:
        AuthorizedKeys(file).refresh()
    assert str(caught.value).startswith(f"{file}, {why}")


def test_a_file_without_end_is_refused(file):
    with pytest.raises(CannotOpen, match="more than 1,048,576 bytes"):
        read(file, "#" * 2_000_000)


def test_it_is_read_again_only_when_it_has_changed(file):
    keys = read(file, ANN_LINE)
    assert not keys.refresh()

    file.write_text(f"{ANN_LINE}\n{BOB_LINE}")
    assert keys.refresh() and keys.admits(BOB_PRINT)


@pytest.mark.parametrize("text", [None, "hello"], ids=["missing", "damaged"])
def test_what_cannot_be_read_is_not_tried_again_before_it_has_changed(file, text):
    """Each stranger at the door would have it read, and a line written to the log."""
    keys = read(file, ANN_LINE)
    file.unlink() if text is None else file.write_text(text)
    with pytest.raises(CannotOpen):
        keys.refresh()

    assert not keys.refresh() and not keys.admits(ANN_PRINT)
    file.write_text(ANN_LINE)
    assert keys.refresh() and keys.admits(ANN_PRINT)


# In a house.


@pytest.fixture
def house(file):
    file.write_text(ANN_LINE)
    with failures() as broken:
        yield House(rate=0, authorized=file)
    assert not broken, broken[0]


def comes(house: House, nick: str, **more) -> SshPerson:
    person = SshPerson(house)
    person.joins(nick, **more)
    return person


def test_only_who_stands_there_comes_in(house):
    assert comes(house, "ann", keys=(BOB, ANN)).heard_of("Welcome, ann.")
    for more in ({}, {"keys": (BOB,)}, {"password": "x"}):
        assert comes(house, "bob", **more).client.refused == [] and not house.hub.core.nicks.get("bob")


def test_a_password_is_not_enough(house):
    house.join("bob", JsonPerson).asks("register", password=PASSWORD)

    assert not comes(house, "bob", password=PASSWORD).lines


def test_a_key_can_be_made_an_accounts(house, file):
    house.join("boss", JsonPerson).asks("register", password=PASSWORD)
    file.write_text(f'account="boss" {ANN_LINE}')

    assert comes(house, "root", keys=(ANN,)).heard_of("Welcome, boss.")


def test_who_is_taken_out_goes_when_it_is_noticed(house, file):
    ann = comes(house, "ann", keys=(ANN,))
    file.write_text(BOB_LINE)
    house.ssh.refresh()
    ann.waits()

    assert ann.heard("-- Your key is no longer among those that may come in. Goodbye.") and ann.gone


def test_a_file_that_is_damaged_later_lets_nobody_in(house, file, caplog):
    ann = comes(house, "ann", keys=(ANN,))
    file.write_text("hello")
    os.utime(file, (1, 1))
    assert not comes(house, "ann", keys=(ANN,)).lines and ann.gone

    file.write_text(ANN_LINE)
    assert comes(house, "ann", keys=(ANN,)).heard_of("Welcome, ann")
