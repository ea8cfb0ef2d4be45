"""The JSON command parser: one object a line, made into a command of the house."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from chatroom.chat.commands import TABLE, Command, from_fields, parse_line
from chatroom.chat.commands.messages import Say
from chatroom.chat.refusals import BadInput

from ..sanitize import clean, clean_lines


def _refuse_constant(name: str) -> None:
    raise BadInput(f"That line is not JSON: {name} is not a JSON number.")


_decode = json.JSONDecoder(parse_constant=_refuse_constant).decode


def parse_object(line: bytes) -> dict[str, Any]:
    """
    Parse *line* as one JSON object, and sanitize the text in it.

    :raises BadInput: if it is anything else.
    """
    try:
        values = _decode(line.decode())
    except UnicodeDecodeError as error:
        raise BadInput(f"That line is not UTF-8 (at byte {error.start + 1}).") from None
    except RecursionError:
        raise BadInput("That JSON is nested too deeply.") from None
    except json.JSONDecodeError as error:
        raise BadInput(f"That line is not JSON: {error}.") from None
    except ValueError:
        # Python reads no integer of more than 4,300 digits, because that takes time.
        raise BadInput("That line is not JSON: a number in it has too many digits.") from None
    if not isinstance(values, dict):
        raise BadInput('A command is a JSON object, such as {"type":"say","text":"hello"}.')
    cleaned = {name: _clean(value) for name, value in values.items()}
    text = values.get("text")
    if isinstance(text, str) and "\n" in text and _takes_lines(values.get("type")):
        cleaned["text"] = clean_lines(text)
    return cleaned


def command_of(values: dict[str, Any]) -> Command:
    """
    Make the command that the object *values* describes; takes its ``type`` out.

    :raises Refusal: if there is no such command, or its fields don't fit.
    """
    kind = values.pop("type", None)
    if not isinstance(kind, str):
        raise BadInput('A command needs a "type", such as "say".')
    if kind != "line":
        return from_fields(kind, values)
    text, room = values.get("text"), values.get("room")
    command = parse_line(text) if isinstance(text, str) else None
    if command is None:
        raise BadInput('A "line" needs a "text": what a person typed.')
    if type(command) is Say and command.typed and values.get("typed") is False:
        # A program's output is no correction, whatever it looks like.
        command = replace(command, typed=False)
    if isinstance(room, str) and getattr(command, "room", "") is None:
        # Typed text names no room, so it concerns the room where it was typed.
        command = replace(command, room=room)
    return command


def _takes_lines(kind: Any) -> bool:
    """Return whether the text of a command of this type may have several lines: a pasted block."""
    return isinstance(kind, str) and (kind == "line" or (kind in TABLE and TABLE[kind].multiline))


def _clean(value: Any) -> Any:
    # No command has a field that nests deeper than this.
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [clean(one) if isinstance(one, str) else one for one in value]
    if isinstance(value, dict):
        return {clean(name): one for name, one in value.items()}
    return value
