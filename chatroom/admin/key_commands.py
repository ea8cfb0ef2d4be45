"""``chatroom-admin key``: add, list and remove the SSH keys of accounts, and show the server's own."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence

from chatroom.chat.limits import MAX_KEYS
from chatroom.chat.people.accounts import ACCOUNT, Account
from chatroom.chat.people.keys import KEY, AccountKey, key_for
from chatroom.chat.ports import StandingRecord
from chatroom.chat.syntax import public_keys
from chatroom.dialects.json.encoder import iso_or_null
from chatroom.host_keys import NAME, BadHostKey, fingerprint_in

from .account_commands import find
from .arguments import Commands, command
from .context import Context, Problem, readable
from .output import columns, json_line, moment

_HOW = "A running server applies the change within about a second."


def add_to(commands: Commands) -> None:
    """Add these commands to the command line."""
    adding = command(
        commands, "add", add, "let an account come in by SSH with a key, or by IRC with a certificate", _HOW
    )
    adding.add_argument("account", metavar="ACCOUNT", help="the nick of the account")
    adding.add_argument(
        "key",
        metavar="KEY",
        nargs="+",
        help="a line of a .pub file: ssh-ed25519 AAAA… COMMENT; or the SHA-256 fingerprint of a certificate",
    )
    listing = command(commands, "list", show, "list the keys of all accounts")
    listing.add_argument("--json", action="store_true", help="print one JSON object per line")
    removing = command(commands, "remove", remove, "remove a key; sessions that came by it end", _HOW)
    removing.add_argument("fingerprint", metavar="FINGERPRINT", help="as they are listed: SHA256:… of a key")
    command(commands, "host", show_host, f"show the fingerprint of the server's own key, {NAME} in the data folder")


def add(context: Context, given: Namespace) -> int:
    """Add a key to an account."""
    key = public_keys.parse(" ".join(given.key))
    with context.open(writing=True) as journal:
        account = find(journal, given.account)
        keys = [key_of(record) for record in journal.records() if record.kind == KEY]
        owner = next((one.account for one in keys if one.fingerprint == key.fingerprint), None)
        if owner is not None:
            raise Problem(f"{account.nick if owner == account.id else 'Another account'} has that key already.")
        if sum(one.account == account.id for one in keys) >= MAX_KEYS:
            raise Problem(f"{account.nick} has {MAX_KEYS} keys, which is the most.")
        added = key_for(account, key, context.now())
        context.change(journal, [added.kept()], "key add", f"added the key {key.fingerprint} to {account.nick}")
    by = "IRC" if key.kind == public_keys.CERTIFICATE else "SSH"
    context.say(f"{account.nick} may come in by {by} with {key.fingerprint}.")
    return 0


def show(context: Context, given: Namespace) -> int:
    """List all keys."""
    with context.open() as journal:
        records = journal.records()
    with readable("The list of keys"):
        owners = {one.value["id"]: Account.read(one, {}).nick for one in records if one.kind == ACCOUNT}
        keys = sorted(
            (key_of(record) for record in records if record.kind == KEY),
            key=lambda one: (owners.get(one.account, ""), one.since),
        )
        lines = _objects(keys, owners) if given.json else _table(keys, owners)
    for line in lines:
        context.say(line)
    return 0


def remove(context: Context, given: Namespace) -> int:
    """Remove a key."""
    with context.open(writing=True) as journal:
        keys = (key_of(record) for record in journal.records() if record.kind == KEY)
        key = next((one for one in keys if one.fingerprint == given.fingerprint), None)
        if key is None:
            raise Problem(f"There is no key {given.fingerprint}; chatroom-admin key list shows them.")
        context.change(journal, [key.removed()], "key remove", f"removed the key {key.fingerprint}")
    context.say(f"The key {key.fingerprint} is removed.")
    return 0


def show_host(context: Context, given: Namespace) -> int:
    """Show the fingerprint of the server's own key."""
    if context.database is not None:
        raise Problem(
            "With a database, the host key comes from its secret: the server logs the fingerprint at its start."
        )
    try:
        context.say(fingerprint_in(context.folder))
    except BadHostKey as error:
        raise Problem(str(error)) from None
    return 0


def key_of(record: StandingRecord) -> AccountKey:
    """
    Read a key.

    :raises Problem: if the record is damaged.
    """
    with readable("The list of keys"):
        return AccountKey.read(record.key, record.value)


def _table(keys: Sequence[AccountKey], owners: Mapping[str, str]) -> list[str]:
    if not keys:
        return ["There are no keys."]
    rows = [
        (owners.get(one.account, "(deleted)"), one.kind, one.fingerprint, moment(one.since), one.comment)
        for one in keys
    ]
    return columns(("ACCOUNT", "KIND", "FINGERPRINT", "SINCE", "COMMENT"), rows)


def _objects(keys: Sequence[AccountKey], owners: Mapping[str, str]) -> list[str]:
    return [
        json_line(
            account=owners.get(one.account),
            kind=one.kind,
            fingerprint=one.fingerprint,
            comment=one.comment,
            since=iso_or_null(one.since),
        )
        for one in keys
    ]
