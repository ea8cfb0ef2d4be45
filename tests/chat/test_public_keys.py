"""Public keys in the form of OpenSSH."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st
from twisted.conch.ssh.keys import FingerprintFormats, Key

from chatroom.chat.refusals import BadInput
from chatroom.chat.syntax.public_keys import MAX_BLOB, of_blob, parse

KEYS = {
    "ssh-ed25519": Key(ed25519.Ed25519PrivateKey.generate()),
    "ecdsa-sha2-nistp256": Key(ec.generate_private_key(ec.SECP256R1())),
    "ecdsa-sha2-nistp521": Key(ec.generate_private_key(ec.SECP521R1())),
    "ssh-rsa": Key(rsa.generate_private_key(65537, 2048)),
}


def line_of(key: Key, comment: str = "") -> str:
    return key.public().toString("OPENSSH", comment=comment.encode()).decode()


@pytest.mark.parametrize("kind", KEYS)
def test_a_line_of_a_pub_file_is_read(kind):
    line = line_of(KEYS[kind], "ann@laptop")
    wanted = KEYS[kind].fingerprint(FingerprintFormats.SHA256_BASE64).rstrip("=")

    for written in (line, f"  {line}  \n", line.replace(" ", "   ")):
        key = parse(written)
        assert (key.fingerprint, key.kind, key.comment) == (f"SHA256:{wanted}", kind, "ann@laptop")


@pytest.mark.parametrize(
    ("comment", "shown"),
    [("", ""), ("a  b\tc", "a b c"), ("x" * 60, "x" * 50), ("\u200b\u2060", ""), ("\x1b]0;x\x07\u202eann", "]0;xann")],
)
def test_of_the_comment_what_can_be_shown_is_kept(comment, shown):
    assert parse(f"{line_of(KEYS['ssh-ed25519'])} {comment}").comment == shown


GOOD = line_of(KEYS["ssh-ed25519"])


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("", id="nothing"),
        pytest.param("ssh-ed25519", id="a kind"),
        pytest.param("ssh-ed25519 ", id="a kind and a space"),
        pytest.param("hello there", id="words"),
        pytest.param(GOOD.removeprefix("ssh-"), id="no kind"),
        pytest.param(GOOD.replace("ssh-ed25519", "ssh-rsa", 1), id="another kind"),
        pytest.param(GOOD[:-8], id="cut off"),
        pytest.param(GOOD[:60] + "!" + GOOD[61:], id="not Base64"),
        pytest.param(f"ssh-ed25519 {'A' * (2 * MAX_BLOB + 1)}", id="too long"),
        pytest.param(line_of(Key(dsa.generate_private_key(1024))), id="DSA"),
        pytest.param(line_of(Key(rsa.generate_private_key(65537, 1024))), id="1024 bits"),
    ],
)
def test_anything_else_is_refused_in_words(line):
    with pytest.raises(BadInput, match="public key"):
        parse(line)


def test_whoever_pastes_a_private_key_is_warned():
    with pytest.raises(BadInput, match="show it to nobody"):
        parse("-----BEGIN OPENSSH PRIVATE KEY-----")


@given(st.binary(max_size=2 * MAX_BLOB) | st.binary(max_size=60).map(lambda rest: b"\0\0\0\x0bssh-ed25519" + rest))
def test_any_bytes_are_a_key_or_none(blob):
    key = of_blob(blob)

    assert key is None or key.kind in ("ssh-ed25519", "ssh-rsa") or key.kind.startswith(("ecdsa", "sk-"))


@given(st.text(max_size=300))
def test_any_line_is_a_key_or_refused(line):
    with pytest.raises(BadInput):
        parse(line)
