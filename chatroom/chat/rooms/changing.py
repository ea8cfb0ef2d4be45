"""Changing: people edit and delete messages, answer them, and react to them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from ..changes import Deleted, Edited, Reacted
from ..event import Marks, quote
from ..outcomes import is_deleted
from ..refusals import NotHere, NotNow, TooLong
from ..rules.message_changes import Message, check_delete, check_edit, message, reaction_of
from ..rules.roles import role_in
from ..syntax import names
from ..syntax.conversations import other_party
from ..syntax.marks import bounded
from . import speech

if TYPE_CHECKING:
    from ..core import Core
    from ..events import Event
    from ..people.person import Connection, Person
    from ..syntax.substitution import Substitution
    from .direct_messages import DirectMessages
    from .ledger import Ledger
    from .registry import RoomRegistry
    from .room import Room, Seat

_LOOKED_THROUGH = 200
"""Messages among which one's own last one, or somebody's, is looked for."""

Wanted = Callable[["Event"], bool]
"""Tells whether a message is the one that is meant."""


class Changing:
    """Changes messages for their authors, operators and admins, and lets people answer and react to any."""

    def __init__(self, core: Core, ledger: Ledger, rooms: RoomRegistry, direct_messages: DirectMessages) -> None:
        self._core = core
        self._ledger = ledger
        self._rooms = rooms
        self._direct_messages = direct_messages

    async def delete(self, session: Connection, name: str, seq: int | None, reason: str) -> None:
        """
        Delete the message *seq* (None: the person's last one) of the room or conversation *name*.

        :raises Refusal: if there is no such message, or the person may not delete it.
        """
        if len(reason) > self._core.limits.topic:
            raise TooLong(f"A reason has at most {self._core.limits.topic} characters.")

        async def act(room: Room, seq: int, target: Message) -> None:
            person, own = session.person, self._own(session.person, target)
            check_delete(target, own, role_in(person, room))
            mine = target.by in own
            # Nobody speaks by giving reasons who may not speak.
            why = "" if room.is_silenced(person) else reason
            event = Deleted(
                *(room.name, self._core.runtime.now(), person.identity, person.nick, seq, target.nick),
                by_author=mine,
                reason=why,
                ref=session.ref,
                session=session.mark,
                ask=session.ask,
            )
            room.append(session, event)
            if not mine:
                because = f": {why}" if why else ""
                self._ledger.audit(session, "delete", room.name, f"deleted message {seq} of {target.nick}{because}")

        await self._with_message(session, name, seq, self._mine(session), act)

    async def edit(self, session: Connection, name: str, seq: int | None, text: str) -> None:
        """
        Change the text of the person's message *seq* (None: of their last one) to *text*.

        :raises Refusal: if there is no such message, it is not theirs or too old, or the text may not be said.
        """

        async def act(room: Room, seq: int, target: Message) -> None:
            self._edit(session, room, seq, target, text)

        await self._with_message(session, name, seq, self._mine(session), act)

    def _edit(self, session: Connection, room: Room, seq: int, target: Message, text: str) -> None:
        person, now = session.person, self._core.runtime.now()
        check_edit(target, self._own(person, target), now, self._core.limits.edit_within)
        speech.check_words(room, text)
        if room.state.restricts:
            speech.check_may_speak(room, session)
        edited = Edited(
            *(room.name, now, person.identity, person.nick, seq, text),
            ref=session.ref,
            session=session.mark,
            ask=session.ask,
        )
        room.append(session, edited)

    async def react(
        self, session: Connection, name: str, seq: int | None, emoji: str, added: bool | None = None
    ) -> None:
        """
        Add the reaction *emoji* to the message *seq* (None: to the last one of somebody else), or take it back.

        :param added: whether it is there afterwards; None: if it was not before.
        :raises Refusal: if there is no such message, it has too many reactions, or the person may not speak.
        """

        async def act(room: Room, seq: int, target: Message) -> None:
            person = session.person
            room.check_not_silenced(person)
            account = person.account
            # At each login, an account has another identity; but nobody else may use its nick.
            key = account.key if account is not None else None
            given = reaction_of(target, emoji, lambda by, nick: by == person.identity or names.key(nick) == key)
            if added is not None and added != (given is None):
                # It is so already.
                return
            nick = person.nick if given is None else given
            event = Reacted(
                *(room.name, self._core.runtime.now(), person.identity, nick, seq, emoji, given is None),
                quote(target.nick, target.text),
                ref=session.ref,
                session=session.mark,
                ask=session.ask,
            )
            room.append(session, event)

        await self._with_message(session, name, seq, self._not_mine(session), act)

    async def answer(self, session: Connection, name: str, to: int | str | None, text: str) -> None:
        """
        Say *text* as an answer to the message *to*: a seq, the last one by this nick, or None: by somebody else.

        :raises Refusal: if there is no such message, or the text may not be said.
        """

        async def act(room: Room, seq: int, target: Message) -> None:
            marks = Marks(re=seq, quote=quote(target.nick, target.text))
            if room.conversation:
                await self._direct_messages.say_in(session, room.name, text, marks)
            else:
                speech.say(room, session, text, marks)

        wanted = self._not_mine(session)
        if isinstance(to, str):
            wanted = _by(names.key(to))
        await self._with_message(session, name, to if isinstance(to, int) else None, wanted, act)

    async def substitute(self, session: Connection, name: str, change: Substitution) -> bool:
        """
        Apply *change*, typed in *name*, to the person's last message, if that has its old words.

        :returns: whether nothing is left to do; otherwise, what was typed is no correction.
        :raises Refusal: as `edit` does.
        """
        fits = False

        async def act(room: Room, seq: int, target: Message) -> None:
            nonlocal fits
            text = change.apply(target.text)
            if text is not None:
                fits = True
                # What parted a letter's marks may be gone.
                self._edit(session, room, seq, target, bounded(text))

        try:
            place = self.place_of_last(session, name)
            await self._with_message(session, place, None, self._mine(session), act)
        except NotHere:
            # Nothing was said yet, or not lately.
            return False
        return fits or session.gone

    # Which message is meant, and whose it is.

    @staticmethod
    def place_of_last(session: Connection, name: str) -> str:
        """Return where the person's last message is: in *name*, unless they have written to somebody since."""
        private = session.conversation
        return private if private and other_party(private, session.person.party) is not None else name

    async def _with_message(
        self,
        session: Connection,
        name: str,
        seq: int | None,
        wanted: Wanted,
        act: Callable[[Room, int, Message], Coroutine[Any, Any, None]],
    ) -> None:
        """
        Let *act* use the message *seq*, or else the last one that is *wanted*, as it is now.

        It must check and append without waiting in between: what it is given may be outdated then.
        """
        self._check_there(session, name)
        room = await self._rooms.use(name, session.charge)
        try:
            event: Event | None
            if seq is None:
                seq, event = await self._last(session, room, wanted)
            else:
                event = await self._event(session, room, seq)
            if session.gone:
                return
            self.check_may_go_on(session)
            # They may have been removed from it meanwhile.
            self._check_there(session, name)
            if room.conversation:
                self._direct_messages.open(session, room)
            await act(room, seq, message(seq, room.shown, room.history.sealed + 1, event))
        finally:
            self._ledger.done(room)

    def check_may_go_on(self, session: Connection) -> None:
        """
        Check that the person may still say something after the house did something else.

        :raises NotNow: if the server is about to stop, or their nick belongs to somebody else by now.
        """
        self._core.check_open()
        person = session.person
        if not person.may_use_nick(self._core.accounts):
            raise NotNow(f"The nick {person.nick} has just been registered by somebody else.")

    def _check_there(self, session: Connection, name: str) -> None:
        """
        Check that the person is in the room, or a party of the conversation, *name*.

        :raises NotHere: if they are not, or no longer.
        """
        if name.startswith("@"):
            self._direct_messages.check_party(session, name)
            return
        seat: Seat | None = session.person.seats.get(name)
        if seat is None or seat.leaving:
            raise NotHere(f"You are not in #{name}.")

    async def _event(self, session: Connection, room: Room, seq: int) -> Event | None:
        if not 1 <= seq <= room.shown:
            return None
        await session.work(1.0)
        page = await room.history.after(seq - 1)
        return page.events[0] if page.events and page.first == seq else None

    async def _last(self, session: Connection, room: Room, wanted: Wanted) -> tuple[int, Event]:
        page = await room.history.history(_LOOKED_THROUGH, None, session.work, talk_only=True)
        found = next((one for one in reversed(page.events) if wanted(one[1]) and not is_deleted(one[1])), None)
        if found is None:
            raise NotHere("There is no such message among the last ones. /history -n shows their numbers.")
        return found

    def _mine(self, session: Connection) -> Wanted:
        return lambda event: event.by in self._own(session.person, event)

    def _not_mine(self, session: Connection) -> Wanted:
        person = session.person
        return lambda event: event.by not in self._own(person, event) and not person.hides(event)

    @staticmethod
    def _own(person: Person[Any], event: Event) -> tuple[str, ...]:
        """
        Return the identities under which *person* has written *event*, if that was they.

        At each login, an account has another one; but nobody else may speak under its nick.
        """
        account = person.account
        theirs = account is not None and names.key(event.nick) == account.key and event.at >= account.since
        return (person.identity, event.by) if theirs and not event.bot else (person.identity,)


def _by(key: str) -> Wanted:
    return lambda event: names.speaker_key(event.nick) == key
