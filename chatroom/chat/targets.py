"""Whom a ban, a mute or a role is about: what people type, and the masks that it stands for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import masks, names
from .durations import spoken
from .ports import Change
from .refusals import BadInput, NotAllowed, NotHere, TooLong
from .roles import Role, role_of

if TYPE_CHECKING:
    from .hub import Hub
    from .room import Room
    from .session import Session

_LONGEST = 64
"""Characters of a target that are repeated; the longest networks have 43."""


class Targets:
    """
    Reads targets.

    ``bob``: that nick, and whoever has it now or owns it, under any nick.  ``account:bob``: whoever owns the
    nick.  ``address:bob``: whoever comes from where bob is now.  ``192.0.2.0/24``: whoever comes from there.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def masks(self, ruler: Session, target: str, room: Room | None) -> list[str]:
        """
        Work out the masks that *target* stands for.

        :param room: where *ruler* means to rule over it; None: on the whole server.
        :raises Refusal: if it stands for nobody, or for somebody over whom *ruler* may not rule.
        """
        found = self._masks(target)
        self._check_masks(ruler, found, room)
        return found

    def _masks(self, target: str) -> list[str]:
        kind, colon, rest = target.partition(":")
        if colon and kind == "account":
            account = self._hub.accounts.of(self._hub.key_of(rest))
            if account is None:
                raise NotHere(f"There is no account {rest[: self._hub.limits.nick]}.")
            return [f"party:{account.id}"]
        if colon and kind == "address":
            address = self._hub.person(rest).address
            if not address:
                raise BadInput("That one came in without a network address.")
            return [f"address:{masks.network(masks.place_of(address))}"]
        if _is_address(target):
            return [f"address:{masks.network(target)}"]
        # Checked in full: a nick that nobody can have is a mistyped one.
        _, key = names.nick(target, self._hub.limits.nick)
        found = [f"nick:{key}"]
        present, account = self._hub.nicks.get(key), self._hub.accounts.of(key)
        if account is not None:
            found.append(f"party:{account.id}")
        if present is not None and present.nick and not (account is not None and present.owns(account)):
            found.append(f"party:{present.party}")
        return found

    def literal(self, target: str) -> list[str]:
        """Work out the mask that *target* itself spells, to find it in a list; there may be none."""
        if _is_address(target):
            return [f"address:{masks.network(target)}"]
        key = self._hub.key_of(target)
        return [f"nick:{key}"] if key else []

    def party(self, nick: str, room: Room) -> tuple[str, str]:
        """
        Find who *nick* is for good, and how the nick is shown: an account, an operator, or somebody in *room*.

        :raises NotHere: if it is nobody's.
        """
        key = self._hub.key_of(nick)
        account = self._hub.accounts.of(key)
        if account is not None:
            return account.id, account.nick
        present: Session | None = self._hub.nicks.get(key)
        if present is not None and present.identity in room.seats:
            return present.party, present.nick
        for party, shown in room.standing.operators.items():
            if key and names.key(shown) == key:
                return party, shown
        raise NotHere(f"{nick[: self._hub.limits.nick]} is not in #{room.name}, and has no account.")

    def value(self, ruler: Session, target: str, seconds: float | None, reason: str) -> dict[str, object]:
        """Build the value of the records of a ban or a mute."""
        now = self._hub.world.now()
        until = None if seconds is None else now + seconds
        return {"target": target, "reason": self.reason(reason), "by": ruler.nick, "at": now, "until": until}

    def reason(self, reason: str) -> str:
        """
        Check a reason.

        :raises TooLong: if it is longer than a topic may be.
        """
        longest = self._hub.limits.topic
        if len(reason) > longest:
            raise TooLong(f"A reason has at most {longest} characters.")
        return reason

    def check_over(self, ruler: Session, target: Session, room: Room | None) -> None:
        """Make sure that *ruler* may rule over *target*."""
        if target.party == ruler.party:
            raise BadInput("That is you.")
        if role_of(target) is Role.ADMIN:
            raise NotAllowed(f"{target.nick} is an admin of this server.")
        if room is not None and role_of(ruler) < Role.ADMIN and room.is_operator(target):
            raise NotAllowed(f"{target.nick} is an operator here, too; /deop them first.")

    def _check_masks(self, ruler: Session, masks: Sequence[str], room: Room | None) -> None:
        """Make sure that none of *masks* is about somebody over whom *ruler* may not rule."""
        for party in (mask.removeprefix("party:") for mask in masks if mask.startswith("party:")):
            account = self._hub.accounts.known(party)
            if account is not None and account.admin:
                raise NotAllowed(f"{account.nick} is an admin of this server.")
            guest = self._hub.people.get(party)
            for one in self._hub.logged_in(account) if account is not None else filter(None, [guest]):
                if one.party == party:
                    self.check_over(ruler, one, room)
            # Also one who is not here.
            if account is not None and room is not None and role_of(ruler) < Role.ADMIN and room.is_ruled_by(account):
                raise NotAllowed(f"{account.nick} is an operator here, too; /deop them first.")


def lifted(scope: str, kind: str, masks: Sequence[str]) -> list[Change]:
    """Build the changes that forget *masks*."""
    return [Change(scope, kind, mask, None) for mask in masks]


def lasting(seconds: float | None) -> str:
    """Word how long something holds, to be put behind it."""
    return "" if seconds is None else f" for {spoken(seconds)}"


def quoted(target: str) -> str:
    """Shorten what was typed as a target, to be repeated in a refusal: it may be anything, of any length."""
    return target[:_LONGEST]


def because(reason: str) -> str:
    """Word a reason, to be put behind what was done."""
    return f" ({reason})" if reason else ""


def _is_address(text: str) -> bool:
    """Whether *text* is meant as an address: no nick has a slash or a colon in it, or begins so."""
    return "/" in text or text.count(":") > 1 or (text.replace(".", "").isdigit() and text.count(".") == 3)
