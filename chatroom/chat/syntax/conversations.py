"""Names of private conversations, made of the ids of their two parties: ``@ONE:OTHER``, in order."""

from __future__ import annotations


def name_of(one: str, other: str) -> str:
    """Return the name of the conversation between two parties; of one with itself, ``@ONE:ONE``."""
    first, second = sorted((one, other))
    return f"@{first}:{second}"


def other_party(name: str, party: str) -> str | None:
    """
    Return who is in the conversation *name* beside *party*: in one with oneself, *party* again.

    None if *party* is not in it, or there is none.
    """
    parties = name[1:].split(":")
    if len(parties) != 2 or party not in parties:
        return None
    other = parties[parties[0] == party]
    return other if other and name == name_of(party, other) else None


def is_with_oneself(name: str) -> bool:
    """Return whether the room *name* is somebody's conversation with themselves: their notes."""
    first, _, second = name[1:].partition(":")
    return name[:1] == "@" and first != "" and first == second
