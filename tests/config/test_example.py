"""The example configuration: complete, with correct defaults."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from chatroom.config.file import read_config
from chatroom.config.settings import SETTINGS, combined

EXAMPLE = Path(__file__).parent.parent.parent / "docs" / "chatroom.example.toml"


def uncommented(text):
    """Take the ``#`` away from all that is not words: those have a blank after it."""
    return re.sub(r"^#(?! )", "", text, flags=re.MULTILINE)


@pytest.fixture
def everything(tmp_path):
    """The example file with every setting enabled, except one of each exclusive pair."""
    text = re.sub(r"^#(listen|data) = .*\n", "", EXAMPLE.read_text(), flags=re.MULTILINE)
    (tmp_path / "all.toml").write_text(uncommented(text))
    return read_config(tmp_path / "all.toml")


def test_as_it_is_it_changes_nothing():
    assert combined({}, read_config(EXAMPLE)) == combined({}, {})


def test_every_name_stands_in_it_and_no_other():
    assert tomllib.loads(uncommented(EXAMPLE.read_text())).keys() == SETTINGS.keys()


def test_all_that_it_says_can_be_said(everything, tmp_path):
    assert everything.keys() == SETTINGS.keys() - {"listen", "data"}
    for name in ("listen", "data"):
        [line] = re.findall(rf"^#({name} = .*\n)", EXAMPLE.read_text(), re.MULTILINE)
        (tmp_path / "one.toml").write_text(line)
        assert read_config(tmp_path / "one.toml")[name]


def test_its_values_are_the_defaults_unless_it_says_for_example(everything):
    examples = set(re.findall(r"[Ff]or example:\n#\[*([a-z-]+)", EXAMPLE.read_text()))

    assert examples == {
        "listen",
        "listen-web",
        "listen-irc",
        "listen-ssh",
        "data",
        "database",
        "role",
        "link-listen",
        "link-address",
        "link-cert",
        "link-key",
        "link-ca",
        "tls-cert",
        "tls-key",
        "ssh-host-keys",
        "ssh-keys",
        "origins",
        "proxies",
        "reserved",
        "server-name",
        "message-of-the-day",
        "rooms",
        "keep",
        "keep-of",
    }
    for name in everything.keys() - examples:
        assert everything[name] == SETTINGS[name].default, name
    for name in everything.keys() & examples:
        assert everything[name] != SETTINGS[name].default, name


def test_it_says_which_names_need_a_restart():
    blocks = re.findall(r"((?:^# .*\n)+)#\[*([a-z-]+)", EXAMPLE.read_text(), re.MULTILINE)

    assert {name for words, name in blocks if "(restart)" in words} == {
        name for name, setting in SETTINGS.items() if not setting.live
    }
