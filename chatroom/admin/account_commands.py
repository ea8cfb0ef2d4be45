"""``chatroom-admin account``: accounts made, listed, changed and deleted."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import replace

from chatroom.chat import names
from chatroom.chat.accounts import ACCOUNT, SEEN, Account
from chatroom.chat.limits import Limits
from chatroom.chat.lookalikes import Looks
from chatroom.chat.ports import Record
from chatroom.journal.offline import OfflineJournal

from .arguments import Commands, command
from .context import Context, Problem, readable
from .output import columns, iso_or_null, json_line, moment

_HOW = (
    "The password is asked for twice and not shown; without a terminal it is the first line of standard input.  "
    "A server that runs on the folder knows within a second or so."
)


def add_to(commands: Commands) -> None:
    """Add these commands to the command line."""
    adding = command(
        commands, "add", add, "make an account, and the folder and the journal if there are none yet", _HOW
    )
    adding.add_argument("nick", metavar="NICK", help="the nick that belongs to it")
    adding.add_argument("--admin", action="store_true", help="make its owner an admin of the server")
    listing = command(commands, "list", show, "list all accounts")
    listing.add_argument("--json", action="store_true", help="one object a line")
    deleting = command(commands, "delete", delete, "delete an account: whoever is logged in to it is a guest again")
    deleting.add_argument("nick", metavar="NICK")
    changing = command(commands, "password", change_password, "set the password of an account", _HOW)
    changing.add_argument("nick", metavar="NICK")
    ruling = command(commands, "role", change_role, "make an account's owner an admin of the server, or no longer")
    ruling.add_argument("nick", metavar="NICK")
    ruling.add_argument("role", choices=["admin", "account"])


def add(context: Context, given: Namespace) -> int:
    """Make an account."""
    nick, key = names.nick(given.nick, Limits().nick)
    with context.open(making=True) as journal:
        _check_free(journal, nick, key)
        hashed = context.hash(context.ask())
        # Somebody may have registered it in the chat meanwhile.
        _check_free(journal, nick, key)
        now = context.now()
        account = Account(context.token(), nick, key, hashed, admin=given.admin, since=now, seen=now)
        what = f"the account {nick}{', an admin' if given.admin else ''}"
        context.change(journal, [account.kept()], "account add", f"made {what}")
    context.say(f"There is now {what}.")
    return 0


def show(context: Context, given: Namespace) -> int:
    """List all accounts."""
    with context.open() as journal:
        records = journal.records()
    with readable("The list of accounts"):
        seen = {record.key: float(record.value["at"]) for record in records if record.kind == SEEN}
    accounts = [_account(record, seen) for record in records if record.kind == ACCOUNT]
    with readable("The list of accounts"):
        lines = _objects(accounts) if given.json else _table(accounts)
    for line in lines:
        context.say(line)
    return 0


def delete(context: Context, given: Namespace) -> int:
    """Delete an account."""
    with context.open(writing=True) as journal:
        account = _find(journal, given.nick)
        context.change(journal, account.forgotten(), "account delete", f"deleted the account {account.nick}")
    context.say(f"The account {account.nick} is deleted; its nick is anybody's.")
    return 0


def change_password(context: Context, given: Namespace) -> int:
    """Set the password of an account."""
    with context.open(writing=True) as journal:
        _find(journal, given.nick)
        hashed = context.hash(context.ask())
        # It may have been changed in the chat while the password was typed.
        account = _find(journal, given.nick)
        changes = [replace(account, hash=hashed).kept()]
        context.change(journal, changes, "account password", f"set the password of {account.nick}")
    context.say(f"The account {account.nick} has a new password; whoever was logged in to it must log in again.")
    return 0


def change_role(context: Context, given: Namespace) -> int:
    """Make the owner of an account an admin, or no longer."""
    admin = given.role == "admin"
    with context.open(writing=True) as journal:
        account = _find(journal, given.nick)
        if account.admin is not admin:
            text = f"made {account.nick} {'an admin' if admin else 'no admin any more'}"
            context.change(journal, [replace(account, admin=admin).kept()], "account role", text)
    context.say(f"{account.nick} is {'an admin' if admin else 'no admin'} of this server.")
    return 0


def _check_free(journal: OfflineJournal, nick: str, key: str) -> None:
    """Make sure that no account has this nick, or one that looks like it."""
    looks: Looks[Account] = Looks()
    for account in (_account(record, {}) for record in journal.records() if record.kind == ACCOUNT):
        if account.key == key:
            raise Problem(f"There is an account {account.nick} already.")
        looks.put(account.nick, account.key, account)
    like = looks.find(nick, key)
    if like is not None:
        raise Problem(f"The nick {nick} looks too much like that of the account {like.nick}.")


def _find(journal: OfflineJournal, nick: str) -> Account:
    """
    Find the account of *nick*.

    :raises Problem: if there is none.
    """
    for record in journal.find(ACCOUNT, names.key(nick[: 4 * Limits().nick])):
        if not record.scope:
            return _account(record, {})
    raise Problem(f"There is no account {nick}.")


def _account(record: Record, seen: Mapping[str, float]) -> Account:
    with readable(f"The account with the nick {record.key}"):
        return Account.read(record, seen)


def _role(account: Account) -> str:
    return "admin" if account.admin else "account"


def _table(accounts: Sequence[Account]) -> list[str]:
    if not accounts:
        return ["There are no accounts."]
    rows = [(one.nick, _role(one), moment(one.since), moment(one.seen)) for one in accounts]
    return columns(("NICK", "ROLE", "SINCE", "LAST HERE"), rows)


def _objects(accounts: Sequence[Account]) -> list[str]:
    return [
        json_line(nick=one.nick, role=_role(one), since=iso_or_null(one.since), seen=iso_or_null(one.seen), id=one.id)
        for one in accounts
    ]
