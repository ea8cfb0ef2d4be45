"""Rules for changing messages: which message, who may edit or delete it, and how many reactions it takes."""

from __future__ import annotations

from collections.abc import Callable, Container

from ..event import Marks
from ..events import TALK, Acted, Event, Noticed, Said, Whispered
from ..outcomes import MAX_EMOJI, MAX_REACTIONS, is_deleted
from ..refusals import BadInput, NotAllowed, TooMany
from ..syntax.durations import spoken
from .roles import Role

Message = Said | Acted | Noticed | Whispered


def message(seq: int, newest: int, oldest: int, event: Event | None) -> Message:
    """
    Check that *event*, which has this *seq*, is a message that is still there.

    :param newest: the seq of the room's last event.
    :param oldest: the seq of the oldest event that this person may read.
    :param event: None if the journal has none with this seq.
    :raises BadInput: if it is not.
    """
    if not 1 <= seq <= newest:
        raise BadInput(f"There is no message {seq} here.")
    if seq < oldest or event is None:
        raise BadInput(f"Message {seq} is too old: it is no longer stored.")
    if not isinstance(event, TALK):
        raise BadInput(f"{seq} is not a message that somebody wrote.")
    if is_deleted(event):
        raise BadInput(f"Message {seq} has been deleted.")
    return event


def check_edit(target: Message, own: Container[str], now: float, within: float) -> None:
    """
    Check that the text of *target* may be changed.

    :param own: the identities of the person who wants to.
    :param now: seconds since the epoch.
    :param within: for how many seconds that is possible; 0: never.
    :raises NotAllowed: if it may not.
    """
    if target.by not in own:
        raise NotAllowed("You can edit only your own messages.")
    if not within:
        raise NotAllowed("Messages can't be edited on this server.")
    if now - target.at > within:
        raise NotAllowed(f"You can edit a message only for {spoken(round(within))}.")


def check_delete(target: Message, own: Container[str], role: Role) -> None:
    """
    Check that *target* may be deleted: by its author, by an operator of its room, or by an admin.

    :param own: the identities of the person who wants to.
    :param role: their role in the room; in a private conversation nobody is an operator, but an admin is one.
    :raises NotAllowed: if it may not.
    """
    if target.by not in own and role < Role.OPERATOR:
        raise NotAllowed("You can delete only your own messages; operators can delete others' in their rooms.")


def reaction_of(target: Message, emoji: str, own: Callable[[str, str], bool]) -> str | None:
    """
    Return the nick under which the person has given *target* the reaction *emoji*; None: they may give it now.

    :param own: tells by an identity and a nick whether that was they.
    :raises TooMany: if there are too many reactions for another one.
    """
    reactions = (target.marks or Marks()).reactions
    same = next((one for one in reactions if one.emoji == emoji), None)
    if same is not None:
        for by, nick in zip(same.by, same.nicks, strict=True):
            if own(by, nick):
                return nick
    if same is None and len(reactions) >= MAX_EMOJI:
        raise TooMany(f"A message has at most {MAX_EMOJI} different reactions.")
    if sum(len(one.by) for one in reactions) >= MAX_REACTIONS:
        raise TooMany(f"A message has at most {MAX_REACTIONS} reactions.")
    return None
