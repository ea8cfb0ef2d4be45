"""``chatroom-admin cluster``: which of several machines leads."""

from __future__ import annotations

from argparse import Namespace

from chatroom.chat.syntax.durations import spoken

from .arguments import Commands, command
from .context import Context, Problem, checked_address
from .output import moment


def add_to(commands: Commands) -> None:
    """Add these commands to the command line."""
    command(
        commands,
        "status",
        status,
        "say which server has the database; exit with 1 if none has",
        "Needs --database, and no right there but to read the tables lease and fence.",
    )


def status(context: Context, given: Namespace) -> int:
    """Say who leads."""
    if context.database is None:
        raise Problem("Only a database can be shared by several machines; give it with --database.")
    address = checked_address(context.database)
    from chatroom.journal.postgres.leader import Lookout

    lookout = Lookout(address)
    try:
        leader = lookout.look()
    finally:
        lookout.close()
    if leader is None:
        context.say("No server leads: none has the database.")
        return 1
    who = f"{leader.address}, epoch {leader.epoch}"
    if leader.left < 0:
        context.say(f"No server leads: the last one was {who}; its lease ended {spoken(-leader.left)} ago.")
        return 1
    context.say(f"The leader: {who}, since {moment(leader.since)}.")
    reached = f"Doors on other machines reach it at {leader.link}."
    context.say(reached if leader.link else "It takes no links of doors on other machines.")
    context.say(f"Its lease, which it renews every second, lasts for {leader.left:.1f} s.")
    return 0
