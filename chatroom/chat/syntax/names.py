"""Which nicks and room names may be had, and when two of them are the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterator
from functools import lru_cache
from itertools import chain

from precis_i18n import get_profile

from ..limits import Limits
from ..refusals import BadName, TooLong

_shown = get_profile("NicknameCasePreserved")
_compared = get_profile("NicknameCaseMapped:CaseFold")

_LONGEST = Limits().nick
"""Characters in a nick at most: longer text is nobody's nick, so its key need not be worked out."""

_KEYS = 512
"""Keys that are remembered, about 100 KB: those of who talks and is talked to now. To work one out takes 8 µs."""

_MARKS = "- _ . ' | ^ ` [ ] { }"
"""What a name may hold beside letters, marks and digits; the rest have a meaning on some wire."""

_DOUBLED = 6
"""Alternatives to a name whose numbers double, after those that count up."""

_PILED = re.compile("M{4}")
"""More combining marks on one letter than any script needs: they would run over the lines around."""

RESERVED = frozenset(
    [
        "admin",
        "all",
        "anyone",
        "chatroom",
        "everyone",
        "exit",
        "help",
        "here",
        "me",
        "moderator",
        "nobody",
        "operator",
        "quit",
        "root",
        "server",
        "staff",
        "system",
        "you",
    ]
)
"""Nicks that would read as the server's own voice, or as a command."""

_TOGETHER = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)
"""Scripts that may share a name: UTS #39, section 5.2, "highly restrictive"."""


def nick(text: str, longest: int) -> tuple[str, str]:
    """
    Check a nick.

    :param longest: the most characters it may have.
    :returns: the nick as it is shown, and its key: nicks with equal keys are the same nick.
    :raises BadName: if nobody may have it.
    """
    shown, key = _checked(text, "nick", longest)
    if key in RESERVED:
        raise BadName(f"The nick {shown} is reserved. Please choose another one.")
    return shown, key


def room(text: str, longest: int) -> str:
    """
    Check a room's name, with or without its ``#``.

    :returns: the name without the ``#``, in lower case: it is its own key.
    :raises BadName: if no room may have it.
    """
    return _checked(text.strip().removeprefix("#"), "room's name", longest)[1]


def key(text: str) -> str:
    """
    Work out the key to look a nick up by; text that can be nobody's nick has the key ``""``.

    Strangers send the text, of any length, so the length is looked at first: the rest takes time that grows
    with its square.
    """
    return _key(text) if len(text) <= 4 * _LONGEST else ""


@lru_cache(maxsize=_KEYS)
def _key(text: str) -> str:
    if not _fits(text, _LONGEST):
        return ""
    try:
        compared = str(_compared.enforce(text))
    except UnicodeError:
        return ""
    if len(compared) > _LONGEST:
        return ""
    return text if compared == text else compared


def alternatives(shown: str, longest: int) -> Iterator[str]:
    """
    Make up some names to suggest in place of *shown*: ann2, ann3, …; neither they nor their keys too long.

    There is an end to them: strangers may have taken them all, and to look at each takes time.
    """
    # Cut first: to work out the key of each shorter and shorter stem of a huge text would take for ever.
    shown = shown[:longest]
    stem = shown.rstrip("0123456789") or shown
    for number in chain(range(2, 20), (20 << step for step in range(_DOUBLED))):
        name = f"{stem}{number}"
        # What has too long a key has none.
        while stem and (len(name) > longest or not 0 < len(key(name)) <= longest):
            stem = stem[:-1]
            name = f"{stem}{number}"
        yield name


def free_alternative(shown: str, taken: Container[str], longest: int) -> str:
    """Suggest a name in place of *shown* whose key is not *taken*."""
    return next(name for name in alternatives(shown, longest) if key(name) not in taken)


def _checked(text: str, what: str, longest: int) -> tuple[str, str]:
    if not _fits(text, longest):
        raise TooLong(f"A {what} has at most {longest} characters.")
    try:
        shown, compared = str(_shown.enforce(text)), str(_compared.enforce(text))
    except UnicodeError:
        if not text.strip():
            raise BadName(f"A {what} cannot be empty.") from None
        raise BadName(f"That {what} has characters that cannot be seen or told apart.") from None
    if len(shown) > longest or len(compared) > longest:
        raise TooLong(f"A {what} has at most {longest} characters.")
    if " " in shown:
        raise BadName(f"A {what} cannot contain spaces.")
    for character in shown:
        if unicodedata.category(character)[0] not in "LMN" and character not in _MARKS:
            raise BadName(f"A {what} cannot contain {character!r}: only letters, digits and {_MARKS}")
    if _PILED.search("".join([unicodedata.category(character)[0] for character in shown])):
        raise BadName(f"That {what} piles up too many marks.")
    if unicodedata.category(shown[0])[0] not in "LN" and shown[0] != "_":
        raise BadName(f"A {what} begins with a letter or a digit.")
    _check_scripts(shown, what)
    # Most are in lower case, and then one string does for both.
    return shown, shown if compared == shown else compared


def _fits(text: str, longest: int) -> bool:
    """
    Tell whether *text* may be a name of at most *longest* characters, before the rules of PRECIS are asked.

    Those are in Python, and slow: 3 ms for 128 ligatures that become 2,304 letters, and seconds for kilobytes
    of combining marks.  Whoever types on a keyboard that sends marks apart may need four characters for one.
    """
    return len(text) <= 4 * longest and len(unicodedata.normalize("NFKC", " ".join(text.split()))) <= longest


def _check_scripts(shown: str, what: str) -> None:
    if shown.isascii():
        return
    scripts = {_script(character) for character in shown if character not in _MARKS}
    # ASCII digits and combining marks go with every script.
    scripts.discard("")
    if len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER):
        mixed = " and ".join(script.title() for script in sorted(scripts))
        raise BadName(f"That {what} mixes {mixed} letters, so it could pass for another.")


def _script(character: str) -> str:
    # The standard library has no script property; a letter's name begins with its script's.
    if (character.isascii() and character.isdigit()) or unicodedata.category(character)[0] == "M":
        return ""
    script = unicodedata.name(character, "UNNAMED").split()[0].split("-")[0]
    return "CJK" if script in ("IDEOGRAPHIC", "MODIFIER") else script
