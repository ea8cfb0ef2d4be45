"""Line numbers of values in a TOML document, which ``tomllib`` does not provide."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

Path = tuple[str | int, ...]
"""The path of a value: the names of tables and keys, and indexes in arrays."""

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'  # a text may end with up to two quotes, before the three that close it
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
    Find the line, counted from 1, where *path* begins; if it does not exist, use what would contain it.

    :param source: a valid document.
    """
    lines = _Reading(source).lines
    while path not in lines and path:
        path = path[:-1]
    return lines.get(path, 1)


class _Reading:
    """Reads one document that is known to be valid."""

    def __init__(self, source: str) -> None:
        self.lines: dict[Path, int] = {}
        """The line of each value's key, or of the value itself in an array."""
        self._sizes: dict[Path, int] = {}
        """The number of tables in each array of tables so far."""
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
        """Determine the table that a header opens, and note its line."""
        path: Path = ()
        for number, name in enumerate(key, 1):
            path = self._noted((*path, name), line)
            if many and number == len(key):
                self._sizes[path] = self._sizes.get(path, 0) + 1
            if path in self._sizes:
                path = self._noted((*path, self._sizes[path] - 1), line)
        return path

    def _key(self) -> list[str]:
        """Read a key, which may have dots."""
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
        """Skip what separates two values; tell whether *bracket* follows, the end of all."""
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
    """Split *source* into tokens with their lines, without blanks and comments."""
    line = 1
    for found in _TOKEN.finditer(source):
        text = found[0]
        if text[0] not in " \t\r#":
            yield text, line
        line += text.count("\n")
