"""``chatroom-admin ban``: list and lift bans and mutes."""

from __future__ import annotations

from argparse import Namespace

from chatroom.chat.limits import Limits
from chatroom.chat.ports import RecordChange
from chatroom.chat.refusals import BadInput
from chatroom.chat.replies import Ban
from chatroom.chat.rules.ban_list import BanList
from chatroom.chat.rules.room_state import RoomState
from chatroom.chat.syntax import names
from chatroom.chat.syntax.networks import network
from chatroom.dialects.json.encoder import iso_or_null
from chatroom.journal.offline_base import Offline

from .arguments import Commands, command
from .context import Context, Problem, readable
from .output import columns, json_line, moment

_WHERE = "a room; without one, the bans of the whole server"


def add_to(commands: Commands) -> None:
    """Add these commands to the command line."""
    listing = command(commands, "list", show, "list bans and mutes, the newest first")
    listing.add_argument("room", metavar="ROOM", nargs="?", help=_WHERE)
    listing.add_argument("--json", action="store_true", help="print one JSON object per line")
    lifting = command(commands, "lift", lift, "lift the bans and mutes of one target")
    lifting.add_argument(
        "target", metavar="TARGET", help="as the list shows it, for example bob, account:bob or 192.0.2.0/24"
    )
    lifting.add_argument("room", metavar="ROOM", nargs="?", help=_WHERE)


def show(context: Context, given: Namespace) -> int:
    """List the bans and mutes of one place."""
    scope = _scope(given.room)
    with context.open() as journal:
        standing = _standing(journal, scope)
    with readable("The list of bans"):
        now = context.now()
        bans = [*standing.bans.rows("ban", now), *standing.mutes.rows("mute", now)]
        bans.sort(key=lambda ban: ban.at, reverse=True)
        lines = [_object(ban) for ban in bans] if given.json else _table(bans, scope)
    for line in lines:
        context.say(line)
    return 0


def lift(context: Context, given: Namespace) -> int:
    """Lift the bans and mutes of one target."""
    scope = _scope(given.room)
    with context.open(writing=True) as journal:
        standing = _standing(journal, scope)
        with readable("The list of bans"):
            bans, mutes = _changes(scope, given.target, standing)
        if not (bans or mutes):
            raise Problem(f"{given.target} is not banned or muted {_in(scope)}.")
        kinds = " and ".join(name for name, changes in (("ban", bans), ("mute", mutes)) if changes)
        context.change(journal, [*bans, *mutes], "ban lift", f"lifted the {kinds} of {given.target}", scope)
    context.say(f"Lifted the {kinds} of {given.target} {_in(scope)}.")
    return 0


def _scope(room: str | None) -> str:
    return "" if room is None else names.room(room, Limits().room)


def _in(scope: str) -> str:
    return f"in #{scope}" if scope else "on this server"


def _standing(journal: Offline, scope: str) -> RoomState:
    records = [record for record in journal.records(scope) if record.kind in ("ban", "mute")]
    with readable("The list of bans"):
        return RoomState(records)


def _changes(scope: str, target: str, standing: RoomState) -> tuple[list[RecordChange], list[RecordChange]]:
    """Return the changes that delete the bans and mutes."""

    def changes(kind: str, listed: BanList) -> list[RecordChange]:
        return [RecordChange(scope, kind, mask, None) for mask in listed.named(target, _spelled(target))]

    return changes("ban", standing.bans), changes("mute", standing.mutes)


def _spelled(target: str) -> list[str]:
    """Return the mask that *target* itself spells out, if any."""
    try:
        return [f"address:{network(target)}"]
    except BadInput:
        key = names.key(target[: 4 * Limits().nick])
        return [f"nick:{key}"] if key else []


def _table(bans: list[Ban], scope: str) -> list[str]:
    if not bans:
        return [f"Nobody is banned or muted {_in(scope)}."]
    rows = [(ban.target, ban.kind, ban.by, moment(ban.at), _until(ban), ban.reason) for ban in bans]
    return columns(("TARGET", "WHAT", "BY", "SINCE", "UNTIL", "REASON"), rows)


def _until(ban: Ban) -> str:
    return "forever" if ban.until is None else moment(ban.until)


def _object(ban: Ban) -> str:
    at, until = iso_or_null(ban.at), iso_or_null(ban.until)
    return json_line(target=ban.target, kind=ban.kind, reason=ban.reason, by=ban.by, at=at, until=until)
