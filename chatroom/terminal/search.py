"""The search for an earlier line, as it is typed."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate

from .graphemes import last_boundary
from .history import History

_LONGEST = 256
"""Characters of what is searched for."""


class Search:
    """Looks backwards in *history* for the last line that contains what is typed."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._query = ""
        self.place: int | None = None
        """Where in the history the line is that was found."""

    @property
    def prompt(self) -> str:
        """The prompt while searching."""
        return f"search '{self._query}': "

    @property
    def line(self) -> str:
        """The line that was found."""
        return "" if self.place is None else self._history.at(self.place)

    @property
    def cursor(self) -> int:
        """Where in the line it was found, before a character."""
        found = self.line.casefold().find(self._query.casefold())
        # Some letters become two: "ß" is "ss".
        places = list(accumulate((len(one.casefold()) for one in self.line), initial=0))
        return last_boundary(self.line, bisect_left(places, found))

    def add(self, text: str) -> bool:
        """Search for what was typed with *text* behind it; return whether there is such a line."""
        query = (self._query + text)[:_LONGEST]
        place = self._history.find(query, None if self.place is None else self.place + 1)
        if place is not None:
            self._query, self.place = query, place
        return place is not None

    def shorten(self) -> bool:
        """Search again from the end, for what was typed without its last character."""
        self._query = self._query[:-1]
        self.place = self._history.find(self._query) if self._query else None
        return True

    def go_on(self) -> bool:
        """Look for an earlier line; return whether there is one."""
        place = self._history.find(self._query, self.place) if self._query else None
        if place is not None:
            self.place = place
        return place is not None
