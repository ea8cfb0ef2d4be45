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
DOORS = PLAIN | {f"{name}-tls": over_tls(door) for name, door in PLAIN.items()}

IRC_DIFFERS = {
    "test_whoever_comes_in_sees_the_topic_and_what_was_said_before": "clients ask for what was said before",
    "test_of_what_was_said_before_only_the_last_lines_are_shown": "clients ask for what was said before",
    "test_a_room_that_all_have_left_keeps_its_history_and_its_topic": "clients ask for what was said before",
    "test_a_nick_that_nobody_may_have_is_refused_and_another_can_be_given": "nicks are words, and lines short",
    "test_leaving_goes_back_to_a_room_one_is_in": "every channel has a window of its own",
    "test_others_see_who_leaves_a_room": "every channel has a window of its own",
    "test_nothing_can_be_said_in_no_room": "every message names its channel",
    "test_history_shows_the_last_things_said": "past messages are messages in a batch",
    "test_history_of_a_room_where_nothing_was_said": "past messages are messages in a batch",
    "test_answers_come_in_the_order_of_the_questions": "past messages are messages in a batch",
    "test_a_line_that_is_too_long_is_refused_and_the_chat_goes_on": "a message has more than a line: see multiline",
    "test_what_could_forge_or_damage_a_screen_is_taken_out": "a bare CR ends a line",
}
"""The tests of the contract that IRC cannot pass, because its clients expect otherwise, with the reason."""


def doors_for(test: str) -> list[str]:
    """Name the doors that the *test* of this name holds for."""
    return [name for name in DOORS if not (name.startswith("irc") and test in IRC_DIFFERS)]
