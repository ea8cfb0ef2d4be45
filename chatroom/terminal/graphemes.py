"""Grapheme clusters: what people take for one character, and how many columns it has on a screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import category, combining

from wcwidth import grapheme_boundary_before, iter_graphemes, wcswidth, wcwidth

_CIRCLE = "\N{DOTTED CIRCLE}"
"""What a mark without a letter stands on."""
_TOO_WIDE = "?"
_OF_FLAGS = re.compile("[\U0001f1e6-\U0001f1ff]")
"""The letters of which two are a flag."""


def before(text: str, place: int) -> int:
    """Return where the cluster before *place* begins."""
    return grapheme_boundary_before(text, place) if place else 0


def after(text: str, place: int) -> int:
    """Return where the cluster at *place* ends."""
    return place + len(next(iter_graphemes(text, place), ""))


def boundary(text: str, place: int) -> int:
    """Return *place*, or if it is within a cluster, the end of that."""
    if not 0 < place < len(text) or text.isascii():
        return place
    start = grapheme_boundary_before(text, place + 1)
    return place if start == place else after(text, start)


def last_boundary(text: str, place: int) -> int:
    """Return *place*, or if it is within a cluster, the beginning of that."""
    return grapheme_boundary_before(text, place + 1) if 0 < place < len(text) else min(place, len(text))


def common_length(one: str, other: str) -> int:
    """Count the characters that both begin with."""
    if one.startswith(other) or other.startswith(one):
        return min(len(one), len(other))
    return next(place for place, (here, there) in enumerate(zip(one, other, strict=False)) if here != there)


def columns(text: str) -> int:
    """Count the columns of *text*, which has no control characters."""
    if text.isascii():
        return len(text)
    if _OF_FLAGS.search(text) is not None:
        # For each of these letters, wcswidth looks at all others before it.
        return sum(max(0, wcswidth(cluster)) for cluster in iter_graphemes(text))
    return max(0, wcswidth(text))


def certain(text: str) -> int:
    """
    Return the place in *text* up to which terminals agree about its width: before a cluster of more than a letter.

    Many draw a family, a flag or a skin tone as the two or more pictures that it is made of.
    """
    place = 0
    if not text.isascii():
        for cluster in iter_graphemes(text):
            if _has_parts(cluster):
                return place
            place += len(cluster)
    return len(text)


def most_columns(text: str) -> int:
    """Count the columns of *text* on the terminals where it has the most."""
    if certain(text) == len(text):
        return columns(text)
    return sum(_most(cluster, wcswidth(cluster)) for cluster in iter_graphemes(text))


def drawn(text: str, columns: int) -> Iterator[tuple[str, str, int, int]]:
    """
    List the clusters of *text* on a screen of *columns* columns: each as it is, as it is drawn, its width, the widest.

    What is invisible isn't drawn, and has no width: terminals disagree about it.
    """
    for cluster in iter_graphemes(text):
        width = wcwidth(cluster) if len(cluster) == 1 else wcswidth(cluster)
        shown, most = cluster, _most(cluster, width)
        if width <= 0 and category(cluster[0])[0] == "M":
            shown, width, most = _CIRCLE + cluster, 1, most + 1
        if most > columns:
            yield cluster, _TOO_WIDE, 1, 1
        elif width > 0:
            yield cluster, shown, width, most
        else:
            yield cluster, "", 0, 0


def _most(cluster: str, width: int) -> int:
    return max(width, sum(max(0, wcwidth(part)) for part in cluster)) if _has_parts(cluster) else width


def _has_parts(cluster: str) -> bool:
    """Whether *cluster* is more than one character with marks on it."""
    return len(cluster) > 1 and not all(map(combining, cluster[1:]))
