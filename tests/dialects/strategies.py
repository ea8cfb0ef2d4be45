"""Events of every kind, with any text that may come in."""

from __future__ import annotations

from hypothesis import strategies as st

from chatroom.chat.events import Acted, Batch, Joined, Left, Renamed, Said, TopicChanged, Whispered
from chatroom.dialects.clean import clean

anything = st.text(st.characters(codec="utf-8"))
"""Text as strict UTF-8 can spell it, with control and bidi characters among it."""
texts = anything.map(clean)
"""Text as it comes into the house."""
people = st.sampled_from(["ann", "bob", "Zoë", "李"])
times = st.integers(0, 4_000_000_000_000).map(lambda milliseconds: milliseconds / 1000)


def events(room: str = "lobby") -> st.SearchStrategy:
    who = {"room": st.just(room), "at": times, "by": people, "nick": people}
    who["ref"] = st.none() | texts
    return st.one_of(
        st.builds(Said, **who, text=texts),
        st.builds(Acted, **who, text=texts),
        st.builds(Whispered, **who, text=texts, to=people),
        st.builds(Joined, **who),
        st.builds(Left, **who, reason=texts),
        st.builds(Renamed, **who, new=people),
        st.builds(TopicChanged, **who, topic=texts),
    )


def batches() -> st.SearchStrategy[Batch]:
    return st.builds(Batch, st.just("lobby"), st.integers(1, 2**40), st.lists(events(), max_size=8))
