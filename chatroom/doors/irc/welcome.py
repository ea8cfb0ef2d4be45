"""The welcome: the numerics that every client gets once it has come in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .server import CHANNEL_MODES, USER_MODES

if TYPE_CHECKING:
    from chatroom.chat.replies import Welcome

    from .client import Client

_TOKENS_A_LINE = 13
"""Tokens in one RPL_ISUPPORT: fifteen parameters with the nick and the text behind them."""


def welcome(door: Client, reply: Welcome) -> list[str]:
    """Write the welcome of a client that has come in."""
    say, server = door.viewer.numeric, door.server
    since = datetime.fromtimestamp(server.since, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return [
        say("001", f"Welcome to chatroom, {reply.nick}"),
        say("002", f"Your host is {server.name}, running {reply.server}"),
        say("003", f"This server was started at {since}"),
        say("004", server.name, version(door), USER_MODES, CHANNEL_MODES),
        *supported(door),
        *counts(door),
        *message_of_the_day(door),
    ]


def version(door: Client) -> str:
    """Return the server's version as one word."""
    return door.hub.core.server.replace(" ", "-")


def supported(door: Client) -> list[str]:
    """Write what the server supports (RPL_ISUPPORT)."""
    tokens = door.server.tokens
    return [
        door.viewer.numeric("005", *tokens[at : at + _TOKENS_A_LINE], "are supported by this server")
        for at in range(0, len(tokens), _TOKENS_A_LINE)
    ]


def counts(door: Client) -> list[str]:
    """Write how many people and rooms there are (LUSERS)."""
    say, core, server = door.viewer.numeric, door.hub.core, door.server
    people = len(core.people)
    admins = sum(server.is_admin(person) for person in core.people.with_accounts())
    unnamed = door.unnamed
    most = server.most = max(server.most, people)
    return [
        say("251", f"There are {people} users and 0 invisible on 1 servers"),
        say("252", str(admins), "operator(s) online"),
        *([say("253", str(unnamed), "unknown connection(s)")] if unnamed else []),
        say("254", str(door.hub.membership.occupied), "channels formed"),
        say("255", f"I have {people} clients and 0 servers"),
        say("265", str(people), str(most), f"Current local users {people}, max {most}"),
        say("266", str(people), str(most), f"Current global users {people}, max {most}"),
    ]


def message_of_the_day(door: Client) -> list[str]:
    """Write the message of the day."""
    say, lines = door.viewer.numeric, door.hub.core.policy.message_of_the_day
    if not lines:
        return [say("422", "There is no message of the day")]
    start = f":{door.server.name} 372 {door.viewer.nick} :- "
    return [
        say("375", f"- {door.server.name} Message of the day - "),
        *(f"{start}{one}" for one in lines),
        say("376", "End of /MOTD command"),
    ]
