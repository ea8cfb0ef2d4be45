"""What people say: what is taken is stored once, in the order in which it was said; what is refused is not stored."""

from __future__ import annotations

import json
from collections.abc import Iterable

from chatroom.chat.events import TALK, Batch

from .broken import Broken
from .people import WORDS, Guest, JsonGuest


class Sayings:
    """Every word that anybody has typed or sent on a connection, and what has become of it."""

    def __init__(self) -> None:
        self._by: dict[str, int] = {}
        """The number of the connection that a word was sent on."""
        self._stored: dict[str, tuple[str, int]] = {}
        """Where it is stored as something said."""
        self._last: dict[int, int] = {}
        """The latest word of each connection that is stored."""

    def sent(self, guest: Guest, values: object) -> None:
        """*guest* sends a text, or an object."""
        for word in WORDS.findall(values if isinstance(values, str) else json.dumps(values)):
            self._by.setdefault(word, guest.number)

    def stored(self, batches: Iterable[Batch]) -> None:
        """
        All *batches* are stored in one commit.

        :raises Broken: if something of it was stored before, or is out of order.
        """
        before = dict(self._last)
        for batch in batches:
            last: dict[int, int] = {}
            for seq, event in batch:
                if not isinstance(event, TALK) or event.bot:
                    continue
                for word in WORDS.findall(event.text):
                    number = self._by.get(word)
                    if number is None:
                        continue
                    if word in self._stored:
                        raise Broken(f"{word} is stored as {seq} of #{batch.room}, and as {self._stored[word]}")
                    self._stored[word] = batch.room, seq
                    place = int(word[1:])
                    if place <= max(before.get(number, 0), last.get(number, 0)):
                        raise Broken(f"{number} has said {word}, and it is stored after what they said later")
                    last[number] = place
                    self._last[number] = max(place, self._last.get(number, 0))

    def check(self, guest: Guest) -> None:
        """
        Check what *guest* has said, to whom all is answered.

        :raises Broken: if something was taken and is not stored, or refused and is stored.
        """
        if not isinstance(guest, JsonGuest):
            return
        for ref, word in list(guest.said.items()):
            if (ref in guest.refused) is (word in self._stored):
                how = "refused, and stored" if ref in guest.refused else "neither refused nor stored"
                raise Broken(f"{word}, which {guest.number} has said, is {how}")
        guest.said.clear()
