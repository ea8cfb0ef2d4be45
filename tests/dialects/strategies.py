"""Events of every kind, with any text that may come in."""

from __future__ import annotations

from hypothesis import strategies as st

from chatroom.chat.changes import Deleted, Edited, Reacted
from chatroom.chat.event import QUOTED, Marks, Quote
from chatroom.chat.events import (
    Acted,
    AuditEntry,
    Banned,
    Batch,
    Delivered,
    Invited,
    Joined,
    Kicked,
    Left,
    Muted,
    Renamed,
    RoleChanged,
    Said,
    SettingChanged,
    TopicChanged,
    Unbanned,
    Unmuted,
    Whispered,
)
from chatroom.dialects.sanitize import clean, clean_lines

anything = st.text(st.characters(codec="utf-8"))
"""Text as strict UTF-8 can spell it, with control and bidi characters among it."""
texts = anything.map(clean)
"""Text as it comes into the house."""
blocks = st.lists(anything, min_size=1, max_size=4).map("\n".join).map(clean_lines)
"""The same, as what was pasted: several lines."""
people = st.sampled_from(["ann", "bob", "Zoë", "李"])
times = st.integers(0, 4_000_000_000_000).map(lambda milliseconds: milliseconds / 1000)
quotes = st.builds(Quote, people, texts.map(lambda text: text[:QUOTED]))
marks = st.builds(
    Marks, re=st.integers(1, 9), quote=st.none() | quotes, edited=st.booleans(), deleted=st.just("") | people
) | st.builds(Marks, edited=st.just(True))


def events(room: str = "lobby") -> st.SearchStrategy:
    who = {"room": st.just(room), "at": times, "by": people, "nick": people}
    who["ref"] = st.none() | texts
    until = st.none() | times
    return st.one_of(
        st.builds(Said, **who, text=texts | blocks),
        st.builds(Acted, **who, text=texts),
        st.builds(Whispered, **who, text=texts | blocks, to=people),
        st.builds(Joined, **who),
        st.builds(Left, **who, reason=texts),
        st.builds(Renamed, **who, new=people),
        st.builds(TopicChanged, **who, topic=texts),
        st.builds(Kicked, **who, target=people, reason=texts),
        st.builds(Banned, **who, target=people, reason=texts, until=until),
        st.builds(Unbanned, **who, target=people),
        st.builds(Muted, **who, target=people, reason=texts, until=until),
        st.builds(Unmuted, **who, target=people),
        st.builds(SettingChanged, **who, setting=st.sampled_from(["lock", "private", "slow", "x"]), value=texts),
        st.builds(Invited, **who, target=people),
        st.builds(RoleChanged, **who, target=people, role=st.sampled_from(["operator", ""])),
        st.builds(Delivered, **who),
        st.builds(Edited, **who, re=st.integers(1, 9), text=texts | blocks),
        st.builds(Deleted, **who, re=st.integers(1, 9), author=people, by_author=st.booleans(), reason=texts),
        st.builds(Reacted, **who, re=st.integers(1, 9), emoji=texts, added=st.booleans(), quote=st.none() | quotes),
        st.builds(Said, **who, text=texts, marks=marks),
        st.builds(AuditEntry, **who, act=texts, where=st.sampled_from(["", "lobby"]), text=texts),
    )


def batches() -> st.SearchStrategy[Batch]:
    return st.builds(Batch, st.just("lobby"), st.integers(1, 2**40), st.lists(events(), max_size=8))
