"""What another program writes into the journal beside the server: accounts, and bans of nicks."""

from __future__ import annotations

from dataclasses import replace

from chatroom.chat.people.accounts import Account
from chatroom.chat.ports import RecordChange
from chatroom.chat.rooms.deletion_requests import DELETION
from chatroom.journal._records import Row, encode

from .actions import NICKS, ROOMS
from .disk import Disk
from .typed import PASSWORDS


def account(nick: str, number: int, now: float) -> Account:
    """Make up an account."""
    return Account(
        f"account{number:015}", nick, nick, f"plain:beside{number}:{PASSWORDS[0]}", admin=False, since=now, seen=now
    )


def first_accounts(now: float) -> list[Row]:
    """Store the initial accounts: an admin and another one."""
    first, second = (account(nick, number, now) for number, nick in enumerate(NICKS[:2], 1))
    return encode([replace(first, admin=True).kept(), second.kept()])


def written_beside(disk: Disk, number: int, what: str, nick: str, password: str) -> list[Row]:
    """
    Store a change on *disk*, unless it makes no sense.

    :param number: of the account, if one is made; makes each hash another one.
    """
    records = {record[1:3]: record for record in disk.of_scope("")}
    record = records.get(("account", nick))
    known = Account.read(record, {}) if record is not None else None
    if what == "ban":
        value = {"target": nick, "reason": "", "by": "root", "at": disk.now(), "until": None}
        return encode([RecordChange("", "ban", f"nick:{nick}", value)])
    if what == "erase":
        place = f"{ROOMS[number % len(ROOMS)]} {1 + number % 7}"
        return encode([RecordChange("", DELETION, place, {"nick": "root", "reason": ""})])
    if what == "unban":
        return encode([RecordChange("", kind, key, None) for kind, key in records if kind == "ban"])
    if what == "add" and known is None:
        return encode([account(nick, 1000 + number, disk.now()).kept()])
    if known is None or nick == NICKS[0]:
        return []
    if what == "password":
        return encode([replace(known, hash=f"plain:beside{number}:{password}").kept()])
    return encode([replace(known, admin=not known.admin).kept()] if what == "role" else known.forgotten())
