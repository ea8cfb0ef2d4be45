"""Names: which nicks and room names are valid, and when two of them are the same."""

from __future__ import annotations

import unicodedata
from collections.abc import Container, Iterator
from functools import lru_cache
from itertools import chain

from precis_i18n import get_profile

from ..limits import Limits
from ..refusals import BadName, TooLong
from .marks import bounded

_shown = get_profile("NicknameCasePreserved")
_compared = get_profile("NicknameCaseMapped:CaseFold")

_LONGEST = Limits().nick
"""Longest nick, in characters: longer text needs no key."""

_KEYS = 512
"""Size of the key cache, about 100 KB: a key takes 8 µs to compute."""

_MARKS = "- _ . ' | ^ ` [ ] { }"
"""Punctuation allowed in names; other characters have a meaning in some protocol."""

_DOUBLED = 6
"""Number of alternatives with doubling numbers, after those that count up."""

RESERVED = frozenset(
    [
        "admin",
        "all",
        "anyone",
        "chanserv",
        "chatroom",
        "everyone",
        "exit",
        "help",
        "here",
        "histserv",
        "me",
        "moderator",
        "nickserv",
        "nobody",
        "operator",
        "quit",
        "root",
        "saslserv",
        "server",
        "staff",
        "system",
        "you",
    ]
)
"""Nicks that could pass for the server, for a command, or for a service that people of IRC tell their passwords."""

_TOGETHER = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)
"""Scripts that may share a name: UTS #39, section 5.2, "highly restrictive"."""


def nick(text: str, longest: int) -> tuple[str, str]:
    """
    Check a nick.

    :param longest: the maximum length, in characters.
    :returns: the nick as it is shown, and its key: nicks with equal keys are the same nick.
    :raises BadName: if it is not allowed.
    """
    shown, key = _checked(text, "nick", longest)
    if key in RESERVED:
        raise BadName(f"The nick {shown} is reserved. Please choose another one.")
    if key.count(".") == 3 and is_address(key):
        raise BadName(f"The nick {shown} looks like a network address. Please choose another one.")
    return shown, key


def is_address(text: str) -> bool:
    """Return whether *text* looks like an IPv4 address; no nick does, so an address can be banned as it is typed."""
    return text.count(".") == 3 and text.replace(".", "").isdigit()


def room(text: str, longest: int) -> str:
    """
    Check a room's name, with or without its ``#``.

    :returns: the name without the ``#``, in lower case: it is its own key.
    :raises BadName: if it is not allowed.
    """
    return _checked(text.strip().removeprefix("#"), "room's name", longest)[1]


def key(text: str) -> str:
    """
    Return the lookup key of a nick; text that no nick can be has the key ``""``.

    Strangers may send text of any length, so the length is checked first: the rest takes quadratic time.
    """
    return _key(text) if len(text) <= 4 * _LONGEST else ""


def speaker_key(nick: str) -> str:
    """Return the lookup key of the nick under which something was said: a bot's without the label behind it."""
    return key(nick.partition(" (")[0])


@lru_cache(maxsize=_KEYS)
def _key(text: str) -> str:
    if not _fits(text, _LONGEST):
        return ""
    if text.isascii() and text.isalnum():
        return _folded(text)
    try:
        compared = str(_compared.enforce(text))
    except UnicodeError:
        return ""
    if len(compared) > _LONGEST:
        return ""
    return text if compared == text else compared


def alternatives(shown: str, longest: int) -> Iterator[str]:
    """
    Generate alternatives to *shown*: ann2, ann3, …; neither they nor their keys are too long.

    The number is limited: strangers may have taken them all, and checking each takes time.
    """
    # Cut first: computing keys of every shorter stem of a huge text would take forever.
    shown = shown[:longest]
    stem = shown.rstrip("0123456789") or shown
    for number in chain(range(2, 20), (20 << step for step in range(_DOUBLED))):
        name = f"{stem}{number}"
        # A key that is too long counts as none.
        while stem and (len(name) > longest or not 0 < len(key(name)) <= longest):
            stem = stem[:-1]
            name = f"{stem}{number}"
        yield name


def free_alternative(shown: str, taken: Container[str], longest: int) -> str:
    """Return an alternative to *shown* whose key is not *taken*."""
    return next(name for name in alternatives(shown, longest) if key(name) not in taken)


def _checked(text: str, what: str, longest: int) -> tuple[str, str]:
    if not _fits(text, longest):
        raise TooLong(f"A {what} has at most {longest} characters.")
    if text.isascii() and text.isalnum():
        return text, _folded(text)
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
    if bounded(shown) != shown:
        raise BadName(f"That {what} has too many combining marks.")
    if unicodedata.category(shown[0])[0] not in "LN" and shown[0] != "_":
        raise BadName(f"A {what} must begin with a letter or a digit.")
    _check_scripts(shown, what)
    # Most are in lower case; then both can share one string.
    return shown, shown if compared == shown else compared


def _folded(text: str) -> str:
    """Return the key of *text*, which has only ASCII letters and digits: PRECIS, which is slow, changes no more."""
    # Most are in lower case; then both can share one string.
    return text if text.islower() or (key := text.lower()) == text else key


def _fits(text: str, longest: int) -> bool:
    """
    Return whether *text* can be a name of at most *longest* characters, before running PRECIS.

    Those are in Python, and slow: 3 ms for 128 ligatures that become 2,304 letters, and seconds for kilobytes
    of combining marks.  Keyboards that send combining marks separately may need four characters for one.
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
