"""Outcomes: what a change makes of the events before it, the same in every journal and in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from .changes import CHANGES, Change, Deleted, Edited, Reacted
from .event import Marks, Quote, Reaction, quote
from .events import TALK, Acted, Batch, Event, Noticed, Said, Whispered

MAX_EMOJI = 20
"""Different emoji on one message."""
MAX_REACTIONS = 100
"""Reactions to one message in total: they are shown with it, and take as much as the longest message then."""

_NO_MARKS = Marks()


def target_of(event: Event) -> int | None:
    """Return the seq of the message that *event* is about or answers, if any."""
    if isinstance(event, CHANGES):
        return event.re
    return event.marks.re if event.marks is not None else None


def is_deleted(event: Event) -> bool:
    """Return whether *event* is a message that was deleted."""
    return event.marks is not None and event.marks.deleted != ""


def changed(seq: int, event: Event, change: Event) -> Event:
    """Return what becomes of *event*, which has this *seq* of the same room, by *change*, a later event."""
    if not isinstance(change, CHANGES) or not concerns(change, seq, event):
        return event
    if isinstance(event, TALK) and seq == change.re:
        return _itself(event, change)
    return _about_it(event, change)


def concerns(change: Change, seq: int, event: Event) -> bool:
    """Return whether *change* is about *event*, which has this *seq*, or about what *event* is about."""
    if seq == change.re:
        return isinstance(event, TALK)
    return seq > change.re and target_of(event) == change.re


def requoted(event: Event, quote: Quote) -> Event:
    """Return *event*, an answer or a reaction, with *quote* of the message that it is about, if it has any."""
    if isinstance(event, Reacted):
        return replace(event, quote=quote)
    if event.marks is None or event.marks.re is None:
        return event
    return replace(event, marks=replace(event.marks, quote=quote))


def of_deleted(event: Event) -> Event:
    """Return what is left of *event* when the message that it is about has been deleted."""
    if isinstance(event, Edited):
        return replace(event, text="")
    if isinstance(event, Reacted):
        return replace(event, emoji="", quote=_requoted(event.quote, ""))
    if event.marks is None:
        return event
    return replace(event, marks=replace(event.marks, quote=_requoted(event.marks.quote, "")))


def settled(batch: Batch, before: Sequence[Change]) -> Batch:
    """
    Return *batch*, which was just stored, as the changes *before* it and in it leave it.

    Its authors may not have known of them.
    """
    targets = [target_of(event) for event in batch.events]
    if not any(targets):
        return batch
    known: dict[int | None, list[Change]] = {}
    for change in before:
        known.setdefault(change.re, []).append(change)
    events: list[Event] = []
    for event, target in zip(batch.events, targets, strict=True):
        for change in known.get(target, ()):
            if isinstance(change, Deleted):
                event = of_deleted(event)
            elif not isinstance(event, Edited):
                event = _about_it(event, change)
        events.append(event)
        if isinstance(event, CHANGES):
            known.setdefault(event.re, []).append(event)
    if all(new is old for new, old in zip(events, batch.events, strict=True)):
        return batch
    return Batch(batch.room, batch.first, events)


def without_target(event: Event) -> Event:
    """Return what is left of *event* when the message that it is about has been removed, with all before it."""
    if isinstance(event, Edited):
        return replace(event, text="")
    if isinstance(event, Reacted):
        return replace(event, quote=None)
    return event if event.marks is None else replace(event, marks=replace(event.marks, quote=None))


def all_changed(batch: Batch, changes: Sequence[Change]) -> Batch:
    """Return *batch* after *changes*, later events of its room, in order; without renderings if it is another."""
    events = [event for _, event in lines_changed(enumerate(batch.events, batch.first), changes)]
    if all(new is old for new, old in zip(events, batch.events, strict=True)):
        return batch
    return Batch(batch.room, batch.first, events)


def lines_changed(lines: Iterable[tuple[int, Event]], changes: Sequence[Change]) -> list[tuple[int, Event]]:
    """Return *lines*, events with their seqs, after *changes*, later events, those of each room in order."""
    # Many changes come together: each event is only compared with those that may concern it.
    about: dict[tuple[str, int | None], list[int]] = {}
    for place, change in enumerate(changes):
        about.setdefault((change.room, change.re), []).append(place)
    found = []
    for seq, event in lines:
        itself, target = (event.room, seq), (event.room, target_of(event))
        if itself in about or target in about:
            for place in sorted({*about.get(itself, ()), *about.get(target, ())}):
                event = changed(seq, event, changes[place])
        found.append((seq, event))
    return found


def changes_in(events: Iterable[Event]) -> list[Change]:
    """Return those of *events* that change earlier ones."""
    return [event for event in events if type(event) is not Said and isinstance(event, CHANGES)]


def size_of(marks: Marks) -> int:
    """Return the number of characters that *marks* add to a message, about."""
    quoted = 0 if marks.quote is None else len(marks.quote.nick) + len(marks.quote.text)
    return quoted + sum(len(one.emoji) + sum(map(len, one.nicks)) for one in marks.reactions)


def with_reaction(
    reactions: tuple[Reaction, ...], by: str, nick: str, emoji: str, *, added: bool
) -> tuple[Reaction, ...]:
    """
    Return *reactions* after the person *by* *added* one, or took it back; beyond the bounds, nothing changes.

    :param nick: of the person now; or, of one that is taken back, when it was given: they may be somebody else since.
    """
    before = next((one for one in reactions if one.emoji == emoji), None)
    if not added:
        left = (_without(one, by, nick) if one is before else one for one in reactions)
        return tuple(one for one in left if one.by)
    if sum(len(one.by) for one in reactions) >= MAX_REACTIONS or (before is not None and by in before.by):
        return reactions
    if before is not None:
        more = Reaction(emoji, (*before.by, by), (*before.nicks, nick))
        return tuple(more if one is before else one for one in reactions)
    return reactions if len(reactions) >= MAX_EMOJI else (*reactions, Reaction(emoji, (by,), (nick,)))


def _without(one: Reaction, by: str, nick: str) -> Reaction:
    left = [(who, name) for who, name in zip(one.by, one.nicks, strict=True) if who != by and name != nick]
    return Reaction(one.emoji, tuple(who for who, _ in left), tuple(name for _, name in left))


def _itself(event: Said | Acted | Noticed | Whispered, change: Change) -> Event:
    """Return what becomes of the message *event* that *change* is about; what is deleted stays deleted."""
    marks = event.marks or _NO_MARKS
    if marks.deleted:
        return event
    text = event.text
    if isinstance(change, Deleted):
        text, marks = "", Marks(re=marks.re, quote=marks.quote, deleted=change.nick)
    elif isinstance(change, Edited):
        text, marks = change.text, replace(marks, edited=True)
    else:
        reactions = with_reaction(marks.reactions, change.by, change.nick, change.emoji, added=change.added)
        marks = replace(marks, reactions=reactions)
    return replace(event, text=text, marks=None if marks == _NO_MARKS else marks)


def _about_it(event: Event, change: Change) -> Event:
    """Return what becomes of *event*, which is about the same message as *change*."""
    if isinstance(change, Reacted) or isinstance(event, Deleted):
        return event
    text = change.text if isinstance(change, Edited) else ""
    if isinstance(event, Edited):
        return replace(event, text=text)
    if isinstance(event, Reacted):
        emoji = event.emoji if text else ""
        return replace(event, emoji=emoji, quote=_requoted(event.quote, text))
    assert event.marks is not None
    return replace(event, marks=replace(event.marks, quote=_requoted(event.marks.quote, text)))


def _requoted(before: Quote | None, text: str) -> Quote | None:
    return None if before is None else quote(before.nick, text)
