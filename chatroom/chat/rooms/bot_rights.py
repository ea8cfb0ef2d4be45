"""Bot rights: checks what a bot may do in a room: what its token allows, and its account might do itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..people.api_tokens import Access
from ..refusals import MutedHere, NotAllowed
from ..rules.roles import Role, role_in

if TYPE_CHECKING:
    from typing import Any

    from ..core import Core
    from ..people.bot import Bot
    from .room import Room


def check_scope(bot: Bot, room: str, wanted: Access) -> None:
    """
    Check that the token is for *room*, and allows to read or to write there.

    :raises NotAllowed: if not.
    """
    token = bot.token
    if token.room and token.room != room:
        raise NotAllowed(f"This token is for #{token.room} only.")
    if not token.access.covers(wanted):
        raise NotAllowed(f"This token does not allow to {wanted}.")


def check_may_enter(core: Core, bot: Bot, room: Room) -> None:
    """
    Check that the account may be in *room* now, and that neither it nor the bot is banned.

    :raises Refusal: if not, with the reason that a person would read.
    """
    state, now = room.state, core.runtime.now()
    state.check_not_banned(bot.own_marks, f"#{room.name}", now)
    # It is like a person for everything that asks for a role or for marks.
    person: Any = bot
    if role_in(bot, room) >= Role.OPERATOR:
        return
    if room.is_banned(person):
        state.check_not_banned(bot.marks, f"#{room.name}", now)
    if room.closed and not _is_inside(core, bot, room):
        state.check_may_enter(person, room.name, "")


def check_not_muted(core: Core, bot: Bot, room: Room) -> None:
    """
    Check that nobody has muted this very bot; everything else is checked like a person's.

    :raises MutedHere: if somebody has.
    """
    if room.state.mutes.match(bot.own_marks, core.runtime.now()) is not None:
        raise MutedHere(f"{bot.nick} is muted in #{room.name}.")


def _is_inside(core: Core, bot: Bot, room: Room) -> bool:
    """Return whether the owner of the account is in *room*."""
    owner = core.people.owner(bot.account)
    seat = None if owner is None else room.seats.get(owner.identity)
    return seat is not None and not seat.leaving
