"""Every door that people come by, as the person there, with and without TLS."""

from __future__ import annotations

from tests.house import ClientPerson, JsonPerson, LinePerson, Person, over_tls
from tests.irc_person import IrcPerson
from tests.ssh_person import SshPerson, TerminalPerson
from tests.web_person import WebPerson

PLAIN: dict[str, type[Person]] = {
    "line": LinePerson,
    "json": JsonPerson,
    "client": ClientPerson,
    "web": WebPerson,
    "irc": IrcPerson,
    "ssh": SshPerson,
    "terminal": TerminalPerson,
}
DOORS = PLAIN | {f"{name}-tls": over_tls(door) for name, door in PLAIN.items()}

IRC_DIFFERS = {
    "test_a_nick_that_is_much_too_long_is_refused": "a line has 512 bytes",
    "test_nothing_can_be_said_in_no_room": "every message names its channel",
}
"""The tests of the contract that IRC cannot pass, because its clients expect otherwise, with the reason."""


def doors_for(test: str) -> list[str]:
    """Name the doors that the *test* of this name holds for."""
    return [name for name in DOORS if not (name.startswith("irc") and test in IRC_DIFFERS)]
