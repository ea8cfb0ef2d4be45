"""The configuration file: TOML, with every mistake told in one clear line."""

from __future__ import annotations

import pytest

from chatroom.config import ConfigError, read_config

ALLOWED = {"listen": list, "public": bool, "data": str, "rate": float, "burst": int}


@pytest.fixture
def file(tmp_path):
    return tmp_path / "chatroom.toml"


def test_every_kind_of_value_is_read(file):
    file.write_text('listen = ["tcp:1", "tcp:2"]\npublic = true\ndata = "/x"\nrate = 2.5\nburst = 9\n')

    assert read_config(file, ALLOWED) == {
        "listen": ["tcp:1", "tcp:2"],
        "public": True,
        "data": "/x",
        "rate": 2.5,
        "burst": 9,
    }


def test_a_whole_number_will_do_for_a_number(file):
    file.write_text("rate = 3\n")

    assert read_config(file, ALLOWED) == {"rate": 3}


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("rate = true", "rate must be a number"),
        ("rate = 'fast'", "rate must be a number"),
        ("burst = 1.5", "burst must be a whole number"),
        ("burst = false", "burst must be a whole number"),
        ("public = 1", "public must be true or false"),
        ("data = 7", "data must be a string"),
        ("listen = 'tcp:1'", "listen must be a list of strings"),
        ("listen = [1]", "listen must be a list of strings"),
        ("colour = 'red'", "there is no option 'colour'; there are burst, data, listen, public, rate"),
        ("rate =", "Invalid value (at end of document)"),
    ],
)
def test_a_mistake_is_told_in_one_line_that_names_the_file(file, text, mistake):
    file.write_text(text)

    with pytest.raises(ConfigError) as caught:
        read_config(file, ALLOWED)

    assert str(caught.value) == f"{file}: {mistake}"


def test_a_file_that_is_not_there(file):
    with pytest.raises(ConfigError, match="No such file or directory"):
        read_config(file, ALLOWED)


def test_a_file_that_is_not_text(file):
    file.write_bytes(b"data = '\xfe'")

    with pytest.raises(ConfigError, match="not UTF-8"):
        read_config(file, ALLOWED)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(ConfigError, match="Is a directory"):
        read_config(tmp_path, ALLOWED)
