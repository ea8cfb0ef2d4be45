"""Settings, and the policy that they become."""

from __future__ import annotations

from chatroom.chat.policy import DefaultRoom, Policy
from chatroom.chat.ports import RetentionLimit
from chatroom.config.file import read_config
from chatroom.config.settings import SETTINGS, combined, overridden, policy

FULL = """
rate = 1
byte-rate = 2
rooms-per-session = 3
allow-plain-login = true
message-of-the-day = '''
Hello.

  Be\tkind.
'''
reserved = ["Boss", "ＣＨＥＦ", "admin"]

[[rooms]]
name = "#Lobby"
topic = " Anything goes "
operators = ["Ann", "bob"]

[[rooms]]
name = "help"

[keep]
days = 0.5
lines = 1000
megabytes = 1.5

[keep-of.Help]
days = 30

[keep-of.minutes]
"""


def test_without_anything_the_house_has_its_defaults():
    assert policy(combined({}, {})) == Policy()


def test_all_that_the_file_says_comes_to_the_house(tmp_path):
    (tmp_path / "x.toml").write_text(FULL)

    found = policy(combined({}, read_config(tmp_path / "x.toml")))

    assert (found.limits.rate, found.limits.byte_rate, found.limits.rooms_per_session) == (1, 2, 3)
    assert found.plain_login
    assert found.message_of_the_day == ("Hello.", "", "  Be\tkind.")
    assert found.reserved == {"boss", "chef", "admin"}
    assert found.rooms == (DefaultRoom("lobby", "Anything goes", ("ann", "bob")), DefaultRoom("help"))
    assert found.keep == RetentionLimit(43_200, 1000, 1_500_000)
    assert found.keep_of == {"help": RetentionLimit(seconds=30 * 86_400), "minutes": RetentionLimit()}


def test_a_message_is_one_string_or_several():
    read = SETTINGS["message-of-the-day"].read

    assert read("") == read([]) == read([""]) == ()
    assert read("a") == ("a",)
    assert read(["a", "", "b\nc"]) == ("a", "", "b", "c")


def test_the_command_line_comes_before_the_file_and_the_file_before_the_defaults():
    values = combined({"rate": 1.0}, {"rate": 2.0, "burst": 3})

    assert (values["rate"], values["burst"], values["lag"]) == (1.0, 3, 100_000)
    assert values.keys() == SETTINGS.keys()


def test_what_the_command_line_says_of_one_of_a_pair_goes_for_the_other():
    assert combined({"public": True}, {"listen": ["tcp:1"]})["listen"] == []
    assert overridden({"data": "/x", "rate": 1}) == {"data", "database", "ephemeral", "rate"}


def test_every_limit_that_no_client_relies_on_can_be_set():
    """The sizes of names, lines and passwords are part of the protocol, and of what is stored."""
    fixed = {"line", "nick", "room", "password", "topic", "ref", "page"}

    limits = set(Policy().limits.__slots__)
    assert {name.replace("-", "_") for name in SETTINGS} & limits == limits - fixed
