"""
Targets: parses whom a ban, mute or role concerns, into masks.

``bob``: that nick, and the person who uses or owns it, under any nick.  ``account:bob``: the owner of the nick.
``address:bob``: everyone from bob's current address.  ``192.0.2.0/24``: everyone from that network.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..ports import RecordChange
from ..refusals import BadInput, NotAllowed, NotHere, TooLong
from ..rules.roles import Role, role_of
from ..syntax import names
from ..syntax.durations import spoken
from ..syntax.networks import network, place_of

if TYPE_CHECKING:
    from typing import Any

    from ..hub import Hub
    from ..people.person import Person
    from ..rooms.room import Room
    from ..session import Session

_MAX_QUOTED = 64
"""Characters of a target repeated in a refusal; the longest networks have 43."""


def masks_of(hub: Hub, actor: Session, target: str, room: Room | None) -> list[str]:
    """
    Return the masks that *target* stands for.

    :param room: where *actor* acts; None: on the whole server.
    :raises Refusal: if it matches nobody, or somebody whom *actor* may not moderate.
    """
    kind, colon, name = target.partition(":")
    if colon and kind == "account":
        account = hub.core.accounts.of(names.key(name))
        if account is None:
            raise NotHere(f"There is no account {name[: hub.core.limits.nick]}.")
        masks = [f"party:{account.id}"]
    elif colon and kind == "address":
        person = hub.core.people.named(name)
        masks = [f"address:{network(place_of(address))}" for address in person.addresses if address]
        if not masks:
            raise BadInput(f"{person.nick} has no network address.")
    elif _is_address(target):
        masks = [f"address:{network(target)}"]
    else:
        masks = _masks_of_nick(hub, target)
    _check_outranks_all(hub, actor, masks, room)
    return masks


def _masks_of_nick(hub: Hub, nick: str) -> list[str]:
    # Checked in full: an invalid nick is a typo.
    _, key = names.nick(nick, hub.core.limits.nick)
    masks = [f"nick:{key}"]
    present, account = hub.core.nicks.get(key), hub.core.accounts.of(key)
    if account is not None:
        masks.append(f"party:{account.id}")
    if present is not None and present.nick and not (account is not None and present.owns(account)):
        masks.append(f"party:{present.party}")
    return masks


def literal_masks(hub: Hub, target: str) -> list[str]:
    """Return the masks that *target* itself spells, for finding it in a list; possibly none."""
    if _is_address(target):
        return [f"address:{network(target)}"]
    key = names.key(target)
    return [f"nick:{key}"] if key else []


def party_of(hub: Hub, nick: str, room: Room) -> tuple[str, str]:
    """
    Find the party (account or guest) of *nick* and the nick as shown: an account, an operator, or a member of *room*.

    :raises NotHere: if nobody has it.
    """
    key = names.key(nick)
    account = hub.core.accounts.of(key)
    if account is not None:
        return account.id, account.nick
    present: Person[Any] | None = hub.core.nicks.get(key)
    if present is not None and present.identity in room.seats:
        return present.party, present.nick
    for party, shown in room.state.operators.items():
        if key and names.key(shown) == key:
            return party, shown
    raise NotHere(f"{nick[: hub.core.limits.nick]} is not in #{room.name}, and has no account.")


def record_value(hub: Hub, actor: Session, target: str, seconds: float | None, reason: str) -> dict[str, object]:
    """
    Build the value of the records of a ban or a mute.

    :raises TooLong: if the reason is.
    """
    check_reason(hub, reason)
    now = hub.core.runtime.now()
    until = None if seconds is None else now + seconds
    return {"target": target, "reason": reason, "by": actor.person.nick, "at": now, "until": until}


def check_reason(hub: Hub, reason: str) -> None:
    """
    Check the length of *reason*; the limit is that of topics.

    :raises TooLong: if it is.
    """
    longest = hub.core.limits.topic
    if len(reason) > longest:
        raise TooLong(f"A reason has at most {longest} characters.")


def check_outranks(actor: Person[Any], target: Person[Any], room: Room | None) -> None:
    """
    Check that *actor* may moderate *target*.

    :raises Refusal: if not.
    """
    if target.party == actor.party:
        raise BadInput("That's you.")
    if role_of(target) is Role.ADMIN:
        raise NotAllowed(f"{target.nick} is an admin of this server.")
    if room is not None and role_of(actor) < Role.ADMIN and room.is_operator(target):
        raise NotAllowed(f"{target.nick} is an operator here, too; /deop them first.")


def _check_outranks_all(hub: Hub, actor: Session, masks: Sequence[str], room: Room | None) -> None:
    """Check that *actor* may moderate everyone whom *masks* match."""
    for mask in masks:
        if not mask.startswith("party:"):
            continue
        party = mask.removeprefix("party:")
        account = hub.core.accounts.known(party)
        if account is not None and account.admin:
            raise NotAllowed(f"{account.nick} is an admin of this server.")
        one = hub.core.people.get(party) if account is None else hub.core.people.owner(account)
        if one is not None and one.party == party:
            check_outranks(actor.person, one, room)
        # Even if they are not here.
        if (
            account is not None
            and room is not None
            and role_of(actor.person) < Role.ADMIN
            and room.is_ruled_by(account)
        ):
            raise NotAllowed(f"{account.nick} is an operator here, too; /deop them first.")


def removals(scope: str, kind: str, masks: Sequence[str]) -> list[RecordChange]:
    """Build the changes that remove *masks* from a list."""
    return [RecordChange(scope, kind, mask, None) for mask in masks]


def duration_phrase(seconds: float | None) -> str:
    """Return the phrase for how long something lasts, to append to a sentence."""
    return "" if seconds is None else f" for {spoken(seconds)}"


def reason_phrase(reason: str) -> str:
    """Return the phrase for a reason, to append to a sentence."""
    return f" ({reason})" if reason else ""


def quoted(target: str) -> str:
    """Shorten a typed target for repeating it in a refusal: it may be any text of any length."""
    return target[:_MAX_QUOTED]


def _is_address(text: str) -> bool:
    """Return whether *text* is meant as an address: no nick contains a slash or a colon, or begins like it."""
    return "/" in text or text.count(":") > 1 or (text.count(".") == 3 and names.is_address(text))
