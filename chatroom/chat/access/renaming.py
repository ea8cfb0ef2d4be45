"""Renaming: changes nicks on request, and takes registered nicks back from people who don't own them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..people.directory import PersonChange
from ..refusals import BadInput, MutedHere, NickTaken, NotNow, NotStored, Refusal
from ..replies import NickChanged, Notice
from ..rooms.originator import Pending
from ..syntax.durations import spoken
from ..syntax.names import key as key_of

if TYPE_CHECKING:
    from ..core import Core
    from ..people.person import Connection, Person
    from ..rooms.room import Seat
    from .preferences import PreferenceStore
    from .server_bans import ServerBans


class Renaming:
    """Changes nicks in every room at once, and enforces registered nicks."""

    def __init__(self, core: Core, preferences: PreferenceStore, server_bans: ServerBans) -> None:
        self._core = core
        self._preferences = preferences
        self._server_bans = server_bans

    async def rename(self, session: Connection, nick: str) -> None:
        """
        Rename the person in every room, on request.

        :raises Refusal: if the nick is not available.
        """
        core = self._core
        person: Person[Seat] = session.person
        core.check_open()
        if person.becoming:
            raise NotNow(f"You are already changing your nick to {person.becoming[0]}.")
        owner = core.accounts.of(key_of(nick))
        if owner is not None and not person.owns(owner):
            raise NickTaken(f"The nick {owner.nick} is registered. If it is yours: /login {owner.nick}")
        muted = next((seat.room.name for seat in person.seats.values() if seat.room.is_muted(person)), None)
        if muted is not None:
            raise MutedHere(f"You can't change your nick while you are muted in #{muted}.")
        shown, key = core.nicks.claim(person, nick)
        if shown == person.nick:
            raise BadInput(f"You are {shown} already.")
        try:
            self._server_bans.check_nick_not_banned(person, key)
        except Refusal:
            self._let_go(person, shown, key)
            raise
        # Every room of theirs gets the event.
        session.charge(max(0, person.public - 1))
        await self._rename(person, shown, key, session)
        person.tell(NickChanged(shown), session)

    async def force_rename(self, person: Person[Any]) -> None:
        """Rename *person* without their request; does nothing while another rename is under way."""
        if person.becoming or person.gone:
            return
        former = person.nick
        shown, key = self._core.nicks.claim(person, self._core.nicks.free_like(former))
        try:
            await self._rename(person, shown, key, None)
        except NotStored:
            # It was not stored; try again later.
            if not person.gone:
                self.enforce_nick(person)
            return
        person.tell(NickChanged(shown))
        person.tell(Notice(f"{former} is a registered nick, so you are now {shown}."))

    async def _rename(self, person: Person[Seat], shown: str, key: str, session: Connection | None) -> None:
        """
        Record the new nick *shown* and apply it once stored; the person may be gone by then.

        :param session: asked for it; None: nobody did.
        """
        person.becoming = shown, key
        renaming = Pending(self._core.runtime)
        try:
            for seat in person.seats.values():
                if not seat.room.conversation:
                    seat.room.rename(person, shown, renaming, session)
            await renaming.flushed()
        except BaseException:
            person.becoming = None
            self._let_go(person, shown, key)
            raise
        person.becoming = None
        if person.gone:
            return
        self._core.nicks.release(person, person.nick, person.key)
        former, nick, person.nick, person.key = person.key, person.nick, shown, key
        for seat in person.seats.values():
            seat.room.people_changed()
        self._core.nicks.put(person)
        self._core.people.notify(person, PersonChange.NICK, nick)
        self._preferences.apply(person)
        self._preferences.renamed(person, former)
        self.enforce_nick(person)
        # The nick may have been banned while the rename was being stored.
        self._server_bans.look_again(person)

    def _let_go(self, person: Person[Any], shown: str, key: str) -> None:
        """Release a reserved nick after a failed rename; it may differ from the current one only in its case."""
        self._core.nicks.release(person, shown, key)
        if person.nick and not person.gone:
            self._core.nicks.put(person)

    # Registered nicks.

    def enforce_nick(self, person: Person[Any]) -> None:
        """Rename *person* after a short time if their nick is registered and they don't log in."""
        self.cancel_enforcement(person)
        if person.may_use_nick(self._core.accounts):
            return
        within = self._core.limits.login_within
        person.tell(
            Notice(
                f"The nick {person.nick} is registered. If it is yours, /login within {spoken(within)}; "
                "if not, choose another one with /nick, or you will be given one.",
                "registered",
                (person.nick, spoken(within)),
            )
        )
        person.unproven = self._core.runtime.later(within, lambda: self._rename_stranger(person))

    @staticmethod
    def cancel_enforcement(person: Person[Any]) -> None:
        """Cancel a pending enforcement: *person* may keep their nick."""
        if person.unproven is not None:
            person.unproven.cancel()
            person.unproven = None

    def _rename_stranger(self, person: Person[Any]) -> None:
        person.unproven = None
        if not person.may_use_nick(self._core.accounts):
            self._core.runtime.spawn(self.force_rename(person))
