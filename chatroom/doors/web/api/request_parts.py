"""Requests of scripts: reads tokens, paths, queries and bodies."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, NoReturn
from urllib.parse import parse_qsl, unquote

import h11

from chatroom.chat.refusals import BadInput, WrongToken
from chatroom.chat.syntax.blanks import without_mark
from chatroom.dialects.sanitize import clean, clean_lines

from ..headers import header, header_list, header_values

_PATH = re.compile(r"/rooms/([^/]+)/(messages|events)")
_HOOK = re.compile(r"/hooks/([^/]+)")
_BEARER = re.compile(r"Bearer +([\x21-\x7e]{1,256})", re.IGNORECASE)
_BIGGEST = 2**53
"""Larger integers are refused: not every JSON reader can tell them apart."""

_WEIGHT = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


def room_of(path: str) -> tuple[str, str] | None:
    """Return the room that *path* names, and what of it: ``messages`` or ``events``."""
    found = _PATH.fullmatch(path)
    return (clean(unquote(found[1])), found[2]) if found else None


def hook_of(path: str) -> str | None:
    """Return the token in the path of a webhook."""
    found = _HOOK.fullmatch(path)
    return unquote(found[1]) if found else None


def token_of(request: h11.Request) -> str:
    """
    Return the token of *request* (RFC 6750, section 2.1).

    :raises WrongToken: if there is none.
    """
    given = header_values(request, b"authorization")
    found = _BEARER.fullmatch(given[0].strip()) if len(given) == 1 else None
    if found is None:
        raise WrongToken("A token is needed: Authorization: Bearer TOKEN. In the chat, /token add NAME makes one.")
    return found[1]


class Query:
    """The query of a request."""

    def __init__(self, request: h11.Request) -> None:
        text = request.target.decode("latin-1").partition("?")[2]
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=100)
        self._values = dict(pairs)
        self._twice = Counter(name for name, _ in pairs) - Counter(self._values.keys())

    def number(self, name: str) -> int | None:
        """
        Return a whole number; None if there is none.

        :raises BadInput: if it is anything else.
        """
        value = self._value(name)
        return None if value is None else whole(value, name)

    def flag(self, name: str, default: bool) -> bool:
        """
        Return true or false.

        :raises BadInput: if it is anything else.
        """
        value = self._value(name)
        if value is not None and value.lower() not in _FLAGS:
            raise BadInput(f"{name} is true or false.")
        return default if value is None else _FLAGS[value.lower()]

    def _value(self, name: str) -> str | None:
        if name in self._twice:
            raise BadInput(f"{name} is given twice.")
        return self._values.get(name)


def query_of(request: h11.Request) -> Query:
    """
    Read the query.

    :raises BadInput: if it has too many fields.
    """
    try:
        return Query(request)
    except ValueError:
        raise BadInput("The query has too many fields.") from None


def whole(text: str, name: str) -> int:
    """
    Read a whole number from 0 up.

    :raises BadInput: if it is anything else.
    """
    if not re.fullmatch("[0-9]{1,16}", text) or int(text) >= _BIGGEST:
        raise BadInput(f"{name} is a whole number from 0 up.")
    return int(text)


def preferred(request: h11.Request, offered: Sequence[str]) -> str:
    """Choose the type that the client likes best (RFC 9110, section 12.5.1); without any wish, the first *offered*."""
    weights: dict[str, float] = {}
    for entry in header_list(request, b"accept")[:50]:
        kind, *parameters = "".join(entry.lower().split()).split(";")
        matched = next(filter(None, map(_WEIGHT.fullmatch, parameters)), None)
        weights[kind] = float(matched[1]) if matched else 1.0

    def liked(kind: str) -> float:
        return weights.get(kind, weights.get(f"{kind.partition('/')[0]}/*", weights.get("*/*", 0.0)))

    return max(offered, key=liked)


# Bodies.


def kind_of(request: h11.Request) -> str:
    """Return the type of the body, without parameters."""
    return header(request, b"content-type").partition(";")[0].strip().lower()


def is_json(kind: str) -> bool:
    """Return whether the type *kind* is JSON (RFC 6839, section 3.1)."""
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def plain(body: bytes) -> str:
    """
    Read text of one or several lines.

    :raises BadInput: if it is not UTF-8.
    """
    try:
        return lines_of(body.decode())
    except UnicodeDecodeError as error:
        raise BadInput(f"That is not UTF-8 (at byte {error.start + 1}), so it was not sent.") from None


def lines_of(text: str) -> str:
    """Sanitize *text* of one or several lines."""
    return clean_lines(without_mark(text).replace("\r\n", "\n").replace("\r", "\n")).rstrip()


def json_object(body: bytes) -> dict[str, Any]:
    """
    Read *body* as one JSON object.

    :raises BadInput: if it is anything else.
    """
    try:
        values = json.loads(body.decode().removeprefix("\ufeff"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise BadInput(f"That is not UTF-8 (at byte {error.start + 1}).") from None
    except RecursionError:
        raise BadInput("That JSON is nested too deeply.") from None
    except json.JSONDecodeError as error:
        raise BadInput(f"That is not JSON: {error}.") from None
    except ValueError:
        # Python reads no integer of more than 4,300 digits, because that takes time.
        raise BadInput("That is not JSON: a number in it has too many digits.") from None
    if not isinstance(values, dict):
        raise BadInput('That is not a JSON object, such as {"text":"build ok"}.')
    return values


def string_in(values: dict[str, Any], name: str) -> str | None:
    """
    Return a string among *values*; None if there is none.

    :raises BadInput: if it is anything else.
    """
    value = values.get(name)
    if value is not None and not isinstance(value, str):
        raise BadInput(f"{name!r} must be a string.")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise BadInput(f"That is not JSON: {name} is not a JSON number.")
