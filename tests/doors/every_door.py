"""Every door that people come by, as the person there, with and without TLS."""

from __future__ import annotations

from tests.house import ClientPerson, JsonPerson, LinePerson, Person, over_tls
from tests.irc_person import IrcPerson, IrcWebPerson
from tests.ssh_person import SshPerson, TerminalPerson
from tests.web_person import WebPerson

PLAIN: dict[str, type[Person]] = {
    "line": LinePerson,
    "json": JsonPerson,
    "client": ClientPerson,
    "web": WebPerson,
    "irc": IrcPerson,
    "irc-web": IrcWebPerson,
    "ssh": SshPerson,
    "terminal": TerminalPerson,
}
DOORS = PLAIN | {f"{name}-tls": over_tls(door) for name, door in PLAIN.items() if not issubclass(door, SshPerson)}

IRC_DIFFERS = {
    "test_a_nick_that_is_much_too_long_is_refused": "a line has 512 bytes",
    "test_nothing_can_be_said_in_no_room": "every message names its channel",
}
"""The tests of the contract that IRC cannot pass, because its clients expect otherwise, with the reason."""

SSH_DIFFERS = {
    "test_a_taken_nick_is_refused_with_one_that_is_free": "the nick comes from the command line: another is given",
    "test_a_nick_that_nobody_may_have_is_refused_and_another_can_be_given": "another is given",
    "test_a_nick_that_is_much_too_long_is_refused": "another is given",
    "test_a_nick_is_shown_as_it_was_written_but_held_against_everyone_elses_whatever_the_case": "another is given",
    "test_when_an_answer_comes_everyone_has_been_shown_what_was_said_before": "what was sent cannot be looked at",
}
"""The tests of the contract that SSH cannot pass, with the reason; tests/doors/ssh has tests in their place."""

TERMINAL_DIFFERS = {
    "test_marks_piled_on_a_letter_are_cut": "the emulator composes them",
    "test_what_could_forge_or_damage_a_screen_is_taken_out": "control characters are keys",
}
"""The further tests that a terminal cannot pass."""

DIFFERS = {"irc": IRC_DIFFERS, "ssh": SSH_DIFFERS, "terminal": SSH_DIFFERS | TERMINAL_DIFFERS}


def doors_for(test: str) -> list[str]:
    """Name the doors that the *test* of this name holds for."""
    return [name for name in DOORS if test not in DIFFERS.get(name.partition("-")[0], {})]
