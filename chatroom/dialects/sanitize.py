"""Sanitizing: decodes strict UTF-8 and removes what could forge lines or damage a screen."""

from __future__ import annotations

import re

from chatroom.chat.refusals import BadInput
from chatroom.chat.syntax.marks import bounded

_SEQUENCES = re.compile(
    r"(?:\x1b\[|\x9b)(?:\[[A-E]|[0-?]*[ -/]*[@-~]?)"  # CSI, and the function keys of the Linux console
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # OSC, DCS and other strings
    r"|(?:\x1b[NO]|[\x8e\x8f])[0-9;]*[ -~]?"  # SS2 and SS3: one character of another set, or a key
    r"|\x1b[ -/]*[0-~]"  # all others, such as Alt with a letter
)
"""
Escape sequences (ECMA-48, section 5): what arrow and function keys send, and what colours and titles are made with.

A string without its end is only its beginning, because that is Alt with a bracket before what somebody said.
"""

_UNSAFE = re.compile(
    "["
    "\x00-\x08\x0a-\x1f\x7f-\x9f"  # C0 and C1 controls, escape among them; tab is made a space
    "\u2028\u2029"  # line and paragraph separators: more than one line
    "\u202a-\u202e\u2066-\u2069"  # bidi embeddings, overrides and isolates: text that reads backwards
    "\ud800-\udfff"  # lone surrogates, which JSON can express and UTF-8 cannot
    "\ufff9-\ufffb"  # interlinear annotations
    "]"
)


def decode(line: bytes) -> str:
    """
    Decode *line* as sanitized text.

    :raises BadInput: if it is not UTF-8.
    """
    try:
        return clean(line.decode())
    except UnicodeDecodeError as error:
        raise BadInput(f"That line is not UTF-8 (at byte {error.start + 1}), so it was not sent.") from None


def decode_typed(line: bytes) -> str:
    """
    Decode *line* after applying the backspaces in it: some clients send each key as it is pressed.

    :raises BadInput: if it is not UTF-8.
    """
    if b"\b" not in line and b"\x7f" not in line:
        return decode(line)
    kept: list[bytes] = []
    # A backspace is never part of another character, but may delete one that has several bytes.
    text = line.decode(errors="surrogateescape")
    for key in text:
        if key not in "\b\x7f":
            kept.append(key.encode(errors="surrogateescape"))
        elif kept:
            kept.pop()
    return decode(b"".join(kept))


def clean(text: str) -> str:
    """
    Remove escape sequences, and characters that could forge lines or damage a screen; a tab becomes a space.

    Marks piled on a letter are bounded, because they would cover other lines.
    """
    # Nearly every line: no unsafe character is printable, and this one test is in C.
    if not text.isprintable():
        text = _UNSAFE.sub("", _SEQUENCES.sub("", text.replace("\t", " ")))
    return text if text.isascii() else bounded(text)


def clean_lines(text: str) -> str:
    """Sanitize *text* of several lines with ``\\n`` between them, and strip those at its ends."""
    return "\n".join(map(clean, text.split("\n"))).strip("\n")
