"""Emoji: what can be a reaction, one emoji or the name of one."""

from __future__ import annotations

import re
from unicodedata import category

from ..refusals import BadInput

NAMES = {
    "+1": "👍",
    "thumbsup": "👍",
    "-1": "👎",
    "thumbsdown": "👎",
    "ok": "👌",
    "yes": "✅",
    "check": "✅",
    "no": "❌",
    "cross": "❌",
    "eyes": "👀",
    "smile": "😄",
    "grin": "😁",
    "laugh": "😂",
    "joy": "😂",
    "wink": "😉",
    "sad": "😢",
    "cry": "😭",
    "angry": "😠",
    "surprised": "😮",
    "thinking": "🤔",
    "shrug": "🤷",
    "heart": "❤️",
    "broken_heart": "💔",
    "tada": "🎉",
    "party": "🎉",
    "rocket": "🚀",
    "fire": "🔥",
    "clap": "👏",
    "wave": "👋",
    "pray": "🙏",
    "thanks": "🙏",
    "muscle": "💪",
    "star": "⭐",
    "warning": "⚠️",
    "bug": "🐛",
    "coffee": "☕",
    "tea": "🍵",
    "question": "❓",
    "exclamation": "❗",
    "hundred": "💯",
}
"""Names between colons that stand for an emoji."""

LONGEST = 16
"""Characters of the longest emoji, a flag of a region or a family."""

_ONE = re.compile(
    "[0-9#*]\ufe0f?\u20e3"  # a keycap
    "|[\U0001f1e6-\U0001f1ff]{2}"  # a flag of a country
    "|\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f"  # a flag of a region
    "|(?P<parts>.[\ufe0f\U0001f3fb-\U0001f3ff]*(?:\u200d.[\ufe0f\U0001f3fb-\U0001f3ff]*)*)",
    re.DOTALL,
)
_PARTS = re.compile("[\ufe0f\U0001f3fb-\U0001f3ff]+")
_MISTAKE = "A reaction is one emoji, or its name, for example :+1: or :heart:."


def emoji(text: str) -> str:
    """
    Read what was typed as a reaction.

    :raises BadInput: if it is not exactly one emoji or a known name.
    """
    wanted = text.strip()
    if len(wanted) > 2 and wanted[0] == wanted[-1] == ":":
        found = NAMES.get(wanted[1:-1].lower())
        if found is None:
            raise BadInput(_MISTAKE)
        return found
    match = _ONE.fullmatch(wanted) if len(wanted) <= LONGEST else None
    if match is None or not _are_symbols(match["parts"]):
        raise BadInput(_MISTAKE)
    return wanted


def _are_symbols(parts: str | None) -> bool:
    """Return whether *parts*, joined to one emoji, are symbols; None: it is an emoji of another kind."""
    return parts is None or all(_PARTS.sub("", part) and _is_symbol(part[0]) for part in parts.split("\u200d"))


def _is_symbol(char: str) -> bool:
    """Return whether *char* can be an emoji; letters of flags can't, and below the arrows, only two signs can."""
    if "\U0001f1e6" <= char <= "\U0001f1ff" or not (char >= "\u203c" or char in "©®"):
        return False
    return category(char) in ("So", "Sm", "Po")
