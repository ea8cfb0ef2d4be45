"""``chatroom-admin account``: create, list, change and delete accounts."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import replace

from chatroom.chat.limits import Limits
from chatroom.chat.people.accounts import ACCOUNT, SEEN, Account
from chatroom.chat.people.api_tokens import TOKEN, ApiToken
from chatroom.chat.people.keys import KEY
from chatroom.chat.ports import RecordChange, StandingRecord
from chatroom.chat.syntax import names
from chatroom.chat.syntax.confusables import ConfusableIndex
from chatroom.dialects.json.encoder import iso_or_null
from chatroom.journal.offline_base import Offline

from .arguments import Commands, command
from .context import Context, Problem, readable
from .output import columns, json_line, moment

_HOW = (
    "The password is asked for twice and not shown; without a terminal it is the first line of standard input.  "
    "A running server applies the change within about a second."
)


def add_to(commands: Commands) -> None:
    """Add these commands to the command line."""
    adding = command(
        commands, "add", add, "create an account, and the folder and the journal if they don't exist", _HOW
    )
    adding.add_argument("nick", metavar="NICK", help="the nick of the account")
    adding.add_argument("--admin", action="store_true", help="make it an admin of the server")
    listing = command(commands, "list", show, "list all accounts")
    listing.add_argument("--json", action="store_true", help="print one JSON object per line")
    deleting = command(commands, "delete", delete, "delete an account; anyone who is logged in to it becomes a guest")
    deleting.add_argument("nick", metavar="NICK")
    changing = command(commands, "password", change_password, "set the password of an account", _HOW)
    changing.add_argument("nick", metavar="NICK")
    ruling = command(commands, "role", change_role, "make an account an admin of the server, or an ordinary account")
    ruling.add_argument("nick", metavar="NICK")
    ruling.add_argument("role", choices=["admin", "account"])


def add(context: Context, given: Namespace) -> int:
    """Create an account."""
    nick, key = names.nick(given.nick, Limits().nick)
    with context.open(making=True) as journal:
        check_free(journal, nick, key)
        hashed = context.hash(context.ask())
        # Somebody may have registered it in the chat in the meantime.
        check_free(journal, nick, key)
        now = context.now()
        account = Account(context.token(), nick, key, hashed, admin=given.admin, since=now, seen=None)
        what = f"account {nick}{' (admin)' if given.admin else ''}"
        context.change(journal, [account.kept()], "account add", f"created {what}")
    context.say(f"Created {what}.")
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
        account = find(journal, given.nick)
        records = journal.records()
        tokens = [token_of(record) for record in records if record.kind == TOKEN]
        owned = [change for one in tokens if one.account == account.id for change in one.removed()]
        owned += [RecordChange("", KEY, one.key, None) for one in records if _is_key_of(one, account)]
        context.change(journal, [*account.forgotten(), *owned], "account delete", f"deleted account {account.nick}")
    context.say(f"Deleted account {account.nick}; its nick is free.")
    return 0


def _is_key_of(record: StandingRecord, account: Account) -> bool:
    return record.kind == KEY and record.value.get("account") == account.id


def change_password(context: Context, given: Namespace) -> int:
    """Set the password of an account."""
    with context.open(writing=True) as journal:
        find(journal, given.nick)
        hashed = context.hash(context.ask())
        # The account may have been changed in the chat while the password was typed.
        account = find(journal, given.nick)
        changes = [replace(account, hash=hashed).kept()]
        context.change(journal, changes, "account password", f"set the password of {account.nick}")
    context.say(f"Changed the password of {account.nick}; anyone who was logged in has to log in again.")
    return 0


def change_role(context: Context, given: Namespace) -> int:
    """Make an account an admin, or an ordinary account."""
    admin = given.role == "admin"
    with context.open(writing=True) as journal:
        account = find(journal, given.nick)
        if account.admin is not admin:
            text = f"made {account.nick} an {'admin' if admin else 'ordinary account'}"
            context.change(journal, [replace(account, admin=admin).kept()], "account role", text)
    context.say(f"{account.nick} is {'an admin' if admin else 'not an admin'} of this server.")
    return 0


def check_free(journal: Offline, nick: str, key: str) -> None:
    """Check that no account and no bot has this nick, or one that looks like it."""
    looks: ConfusableIndex[str] = ConfusableIndex()
    for record in journal.records():
        if record.kind not in (ACCOUNT, TOKEN):
            continue
        what, one = _named(record)
        if one.key == key:
            raise Problem(f"There is already {'an account' if what == 'account' else 'a bot'} {one.nick}.")
        looks.put(one.nick, one.key, f"{what} {one.nick}")
    like = looks.find(nick, key)
    if like is not None:
        raise Problem(f"The nick {nick} looks too much like the {like}.")


def _named(record: StandingRecord) -> tuple[str, Account | ApiToken]:
    return ("account", _account(record, {})) if record.kind == ACCOUNT else ("bot", token_of(record))


def token_of(record: StandingRecord) -> ApiToken:
    """
    Read a token.

    :raises Problem: if the record is damaged.
    """
    with readable(f"The token with the id {record.key}"):
        return ApiToken.read(record.key, record.value)


def find(journal: Offline, nick: str) -> Account:
    """
    Find the account of *nick*.

    :raises Problem: if there is none.
    """
    for record in journal.find(ACCOUNT, names.key(nick[: 4 * Limits().nick])):
        if not record.scope:
            return _account(record, {})
    raise Problem(f"There is no account {nick}.")


def _account(record: StandingRecord, seen: Mapping[str, float]) -> Account:
    with readable(f"The account with the nick {record.key}"):
        return Account.read(record, seen)


def _role(account: Account) -> str:
    return "admin" if account.admin else "account"


def _table(accounts: Sequence[Account]) -> list[str]:
    if not accounts:
        return ["There are no accounts."]
    rows = [
        (one.nick, _role(one), moment(one.since), "never" if one.seen is None else moment(one.seen))
        for one in accounts
    ]
    return columns(("NICK", "ROLE", "SINCE", "LAST HERE"), rows)


def _objects(accounts: Sequence[Account]) -> list[str]:
    return [
        json_line(nick=one.nick, role=_role(one), since=iso_or_null(one.since), seen=iso_or_null(one.seen), id=one.id)
        for one in accounts
    ]
