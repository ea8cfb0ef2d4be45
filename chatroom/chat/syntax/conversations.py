"""Names of private conversations, made of the ids of their two parties: ``@ONE:OTHER``, in order."""

from __future__ import annotations


def name_of(one: str, other: str) -> str:
    """Return the name of the conversation between two parties."""
    first, second = sorted((one, other))
    return f"@{first}:{second}"


def other_party(name: str, party: str) -> str | None:
    """Return who is in the conversation *name* beside *party*; None if *party* is not in it, or there is none."""
    parties = name[1:].split(":")
    if len(parties) != 2 or party not in parties:
        return None
    other = parties[parties[0] == party]
    return other if other not in ("", party) and name == name_of(party, other) else None
