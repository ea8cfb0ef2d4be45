"""``chatroom-admin token``: make, list and revoke the tokens by which scripts act for accounts."""

from __future__ import annotations

import secrets
from argparse import Namespace
from collections.abc import Mapping, Sequence

from chatroom.chat.limits import Limits
from chatroom.chat.people.accounts import ACCOUNT, Account
from chatroom.chat.people.api_tokens import TOKEN, USED, Access, ApiToken, made, new_secret
from chatroom.chat.syntax import names
from chatroom.dialects.json.encoder import iso_or_null

from .account_commands import check_free, find, token_of
from .arguments import Commands, command
from .context import Context, Problem, readable
from .output import columns, json_line, moment

_HOW = (
    "The token is printed once: only a digest of it is stored.  "
    "A running server applies the change within about a second."
)


def add_to(commands: Commands) -> None:
    """Add these commands to the command line."""
    adding = command(commands, "add", add, "make a token by which a script acts for an account", _HOW)
    adding.add_argument("account", metavar="ACCOUNT", help="the nick of the account")
    adding.add_argument("name", metavar="NAME", help="the nick of the bot")
    adding.add_argument(
        "room", metavar="ROOM", nargs="?", default="", help="the only room that it is for; default: all"
    )
    access = adding.add_mutually_exclusive_group()
    for what in (Access.READ, Access.WRITE):
        access.add_argument(f"--{what}", dest="access", action="store_const", const=what, help=f"to {what} only")
    listing = command(commands, "list", show, "list all tokens, with their last use")
    listing.add_argument("--json", action="store_true", help="print one JSON object per line")
    removing = command(commands, "remove", remove, "revoke a token")
    removing.add_argument("name", metavar="NAME")


def add(context: Context, given: Namespace) -> int:
    """Make a token."""
    name = names.nick(given.name, Limits().nick)
    room = names.room(given.room, Limits().room) if given.room else ""
    with context.open(writing=True) as journal:
        account = find(journal, given.account)
        check_free(journal, *name)
        secret = new_secret(secrets.token_urlsafe(32))
        token = made(secret, name, account, room, given.access or Access.BOTH, context.now())
        context.change(journal, [token.kept()], "token add", f"added the token {token.name} ({token.scope})")
    context.say(secret)
    return 0


def show(context: Context, given: Namespace) -> int:
    """List all tokens."""
    with context.open() as journal:
        records = journal.records()
    with readable("The list of tokens"):
        owners = {one.value["id"]: Account.read(one, {}).nick for one in records if one.kind == ACCOUNT}
        used = {record.key: float(record.value["at"]) for record in records if record.kind == USED}
        tokens = [token_of(record) for record in records if record.kind == TOKEN]
        lines = _objects(tokens, owners, used) if given.json else _table(tokens, owners, used)
    for line in lines:
        context.say(line)
    return 0


def remove(context: Context, given: Namespace) -> int:
    """Revoke a token."""
    key = names.key(given.name)
    with context.open(writing=True) as journal:
        tokens = (token_of(record) for record in journal.records() if record.kind == TOKEN)
        token = next((one for one in tokens if one.key == key), None)
        if token is None:
            raise Problem(f"There is no token {given.name}.")
        context.change(journal, token.removed(), "token remove", f"removed the token {token.name}")
    context.say(f"The token {token.name} is revoked.")
    return 0


def _table(tokens: Sequence[ApiToken], owners: Mapping[str, str], used: Mapping[str, float]) -> list[str]:
    if not tokens:
        return ["There are no tokens."]
    rows = [
        (
            one.name,
            owners.get(one.account, "(deleted)"),
            one.scope,
            moment(one.since),
            "never" if one.id not in used else moment(used[one.id]),
        )
        for one in tokens
    ]
    return columns(("NAME", "ACCOUNT", "FOR", "SINCE", "LAST USED"), rows)


def _objects(tokens: Sequence[ApiToken], owners: Mapping[str, str], used: Mapping[str, float]) -> list[str]:
    return [
        json_line(
            name=one.name,
            account=owners.get(one.account),
            room=one.room or None,
            access=str(one.access),
            since=iso_or_null(one.since),
            used=iso_or_null(used.get(one.id)),
        )
        for one in tokens
    ]
