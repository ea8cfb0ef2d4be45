"""The keys by which clients know the server again."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from twisted.conch.ssh.keys import Key

from chatroom.host_keys import NAME, BadHostKey, HostKeys, fingerprint_in

SECRET = b"s" * 32


def opened(files=(), folder: Path | None = None) -> HostKeys:
    keys = HostKeys(list(files), folder)
    keys.open(SECRET)
    return keys


def written(path: Path, key: object, mode: int = 0o600, **more: object) -> Path:
    path.write_bytes(Key(key).toString("OPENSSH", **more))
    path.chmod(mode)
    return path


def test_one_is_made_in_the_data_folder_that_nobody_else_can_read(tmp_path):
    first = opened(folder=tmp_path)
    file = tmp_path / NAME

    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and [one.name for one in tmp_path.iterdir()] == [NAME]
    assert opened(folder=tmp_path).fingerprints == first.fingerprints == [fingerprint_in(tmp_path)]
    assert first.fingerprints[0].startswith("SHA256:") and first.fingerprints[0].endswith(" (ED25519)")


def test_openssh_reads_the_same_fingerprint(tmp_path):
    [fingerprint] = opened(folder=tmp_path).fingerprints
    shown = subprocess.run(
        ["ssh-keygen", "-l", "-f", tmp_path / NAME], capture_output=True, text=True, check=True
    ).stdout

    assert fingerprint.split()[0] in shown


def test_what_an_interrupted_start_left_does_no_harm(tmp_path):
    (tmp_path / f"{NAME}.new").write_text("half")

    assert opened(folder=tmp_path).fingerprints and not (tmp_path / f"{NAME}.new").exists()


def test_servers_with_the_same_secret_have_the_same_key():
    other = HostKeys([], None)
    other.open(b"t" * 32)

    assert opened().fingerprints == opened().fingerprints != other.fingerprints


def test_the_configured_keys_are_taken_the_first_of_each_type(tmp_path):
    files = [
        written(tmp_path / "a", ed25519.Ed25519PrivateKey.generate()),
        written(tmp_path / "b", rsa.generate_private_key(65537, 2048)),
        written(tmp_path / "c", ed25519.Ed25519PrivateKey.generate()),
        written(tmp_path / "d", ec.generate_private_key(ec.SECP256R1())),
    ]
    keys = opened(files, tmp_path)

    assert [one.split()[1] for one in keys.fingerprints] == ["(ED25519)", "(RSA)", "(ECDSA)"]
    assert keys.fingerprints[0] == opened([files[0]]).fingerprints[0]
    assert keys.algorithms == [b"ssh-ed25519", b"rsa-sha2-512", b"rsa-sha2-256", b"ecdsa-sha2-nistp256"]
    assert not (tmp_path / NAME).exists()


def damaged(path: Path) -> Path:
    path.write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n")
    path.chmod(0o600)
    return path


def public(path: Path) -> Path:
    path.write_bytes(Key(ed25519.Ed25519PrivateKey.generate()).public().toString("OPENSSH"))
    path.chmod(0o600)
    return path


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: path, "No such file or directory"),
        (lambda path: path.mkdir() or path, "Is a directory"),
        (damaged, "it is damaged, or of an unknown kind"),
        (public, "not a private key of a kind that is used here"),
        (lambda path: written(path, ed25519.Ed25519PrivateKey.generate(), 0o644), "others can read this private key"),
        (lambda path: written(path, ed25519.Ed25519PrivateKey.generate(), 0o640), "others can read this private key"),
        (lambda path: written(path, rsa.generate_private_key(65537, 1024)), "RSA from 2,048 bits"),
        (lambda path: written(path, ed25519.Ed25519PrivateKey.generate(), passphrase=b"x"), "it has a passphrase"),
        (lambda path: written(path, dsa.generate_private_key(1024)), "kind"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(tmp_path, make, why):
    file = make(tmp_path / "key")

    with pytest.raises(BadHostKey) as caught:
        opened([file])
    assert why in str(caught.value) and str(file) in str(caught.value) and "\n" not in str(caught.value)


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path):
    with pytest.raises(BadHostKey, match="No such file or directory"):
        opened(folder=tmp_path / "nowhere")


def test_the_file_of_the_data_folder_has_to_be_private_too(tmp_path):
    opened(folder=tmp_path)
    os.chmod(tmp_path / NAME, 0o644)

    with pytest.raises(BadHostKey, match="chmod 600"):
        opened(folder=tmp_path)
