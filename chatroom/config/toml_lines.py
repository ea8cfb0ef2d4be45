"""Where things stand in a TOML document: ``tomllib`` tells what they are, but not on which line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

Path = tuple[str | int, ...]
"""The way to a value: the names of tables and keys, and the places, from 0 up, in arrays."""

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'  # up to two quotes of its own may end a text, before the three that close it
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\])*"'
    r"|'[^']*'"
    r"|\#[^\n]*"
    r"|[\[\]{}=,.\n]"
    r"|[ \t\r]+"
    r"|[^\s\[\]{}=,.\#\"']+",
    re.DOTALL,
)


def line_of(source: str, path: Path) -> int:
    """
    Find the line, from 1 up, on which *path* begins; of what is not there, that of the nearest thing around it.

    :param source: a valid document.
    """
    lines = _Reading(source).lines
    while path not in lines and path:
        path = path[:-1]
    return lines.get(path, 1)


class _Reading:
    """One reading of a document that is known to be valid."""

    def __init__(self, source: str) -> None:
        self.lines: dict[Path, int] = {}
        """The line on which each value's key, or the value itself in an array, stands."""
        self._sizes: dict[Path, int] = {}
        """How many tables each array of tables has so far."""
        self._table: Path = ()
        self._tokens = list(_tokens(source))
        self._next = 0
        while self._next < len(self._tokens):
            self._read_statement()

    def _read_statement(self) -> None:
        if self._skip("\n"):
            return
        line = self._line()
        if self._skip("["):
            many = self._skip("[")
            self._table = self._headed(self._key(), many, line)
            self._skip("]")
            self._skip("]")
        else:
            self._read_pair(self._table)

    def _read_pair(self, table: Path) -> None:
        line = self._line()
        path = table
        for name in self._key():
            path = self._noted((*path, name), line)
        self._skip("=")
        self._read_value(path)

    def _read_value(self, path: Path) -> None:
        if self._skip("["):
            place = 0
            while not self._closed("]"):
                self._read_value(self._noted((*path, place), self._line()))
                place += 1
        elif self._skip("{"):
            while not self._closed("}"):
                self._read_pair(path)
        else:
            while self._peek() not in ("\n", ",", "]", "}"):
                self._next += 1

    def _headed(self, key: list[str], many: bool, line: int) -> Path:
        """Work out which table a header opens, and note where it stands."""
        path: Path = ()
        for number, name in enumerate(key, 1):
            path = self._noted((*path, name), line)
            if many and number == len(key):
                self._sizes[path] = self._sizes.get(path, 0) + 1
            if path in self._sizes:
                path = self._noted((*path, self._sizes[path] - 1), line)
        return path

    def _key(self) -> list[str]:
        """Read a key, dots and all."""
        names = []
        while True:
            text, _ = self._tokens[self._next]
            self._next += 1
            names.append(tomllib.loads(f"key = {text}")["key"] if text[0] in "\"'" else text)
            if not self._skip("."):
                return names

    def _noted(self, path: Path, line: int) -> Path:
        self.lines.setdefault(path, line)
        return path

    def _line(self) -> int:
        """The line of the next token."""
        return self._tokens[self._next][1]

    def _closed(self, bracket: str) -> bool:
        """Pass over what stands between two values; whether the last one was the last."""
        while self._skip("\n") or self._skip(","):
            pass
        return self._skip(bracket)

    def _skip(self, token: str) -> bool:
        found = self._peek() == token
        self._next += found
        return found

    def _peek(self) -> str:
        return self._tokens[self._next][0] if self._next < len(self._tokens) else "\n"


def _tokens(source: str) -> Iterator[tuple[str, int]]:
    """Cut *source* into its tokens, each with the line on which it begins; blanks and comments aside."""
    line = 1
    for found in _TOKEN.finditer(source):
        text = found[0]
        if text[0] not in " \t\r#":
            yield text, line
        line += text.count("\n")
