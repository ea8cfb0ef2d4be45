"""Race attacks on checks that are separated from their acts by an await: everything twice at once."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from random import Random
from typing import Any

from .attacks import attack
from .crew import LOST, PASSWORD, Crew, Refused
from .wires import Wire, some_nick

SOON = 2.0
"""Seconds after which nobody waits for an answer."""


@attack("two connections resume one session at the same moment, after a whisper and a goodbye")
async def resume_twice(crew: Crew) -> None:
    async def pair() -> None:
        ann, bob = await crew.enter(), await crew.enter()
        await crew.done(ann, "msg", to=bob.nick, text="psst")
        await crew.quit(ann)
        await crew.quit(bob)
        await carry_on_twice(crew, ann)

    await crew.again_and_again(4, pair)


async def carry_on_twice(crew: Crew, left: Wire) -> None:
    """Resume the session of *left* from two connections at once."""
    twins = [await crew.dial(), await crew.dial()]
    for twin in twins:
        twin.ask("hello", nick=left.nick, rooms=["pit"], resume=left.token)

    async def listen(twin: Wire) -> None:
        async with asyncio.timeout(SOON):
            await twin.until("live", "refused", "goodbye")

    await crew.at_once(*[partial(listen, twin) for twin in twins])
    for twin in twins:
        twin.close()


def pairs(nick: str) -> list[dict[str, Any]]:
    """List commands that a person might send twice at once."""
    return [
        {"type": "join", "room": f"r{nick}"},
        {"type": "leave", "room": f"r{nick}"},
        {"type": "nick", "nick": f"{nick}a"},
        {"type": "nick", "nick": nick},
        {"type": "msg", "to": nick, "text": "psst"},
        {"type": "register", "password": PASSWORD},
        {"type": "login", "nick": nick, "password": PASSWORD},
        {"type": "login", "nick": f"{nick}a", "password": PASSWORD},
        {"type": "password", "old": PASSWORD, "new": PASSWORD},
        {"type": "logout"},
        {"type": "account", "action": "delete", "password": PASSWORD},
        {"type": "lock", "room": f"r{nick}", "key": "sesame"},
        {"type": "kick", "nick": nick, "room": f"r{nick}"},
        {"type": "op", "nick": nick, "room": f"r{nick}"},
        {"type": "topic", "topic": "twice", "room": f"r{nick}"},
        {"type": "ignore", "nick": nick},
        {"type": "away", "text": "twice"},
        {"type": "quit"},
    ]


@attack(
    "two connections do everything at the same moment, and carry on from one another", seconds=(15.0, 2.5), hashes=True
)
async def everything_twice(crew: Crew) -> None:
    random = Random(2428)

    async def twins() -> None:
        nick = some_nick()
        both = [await crew.enter(nick), await crew.enter(f"{nick}b")]
        with suppress(Refused, *LOST):
            for _ in range(12):
                first = random.choice(pairs(nick))
                second = first if random.random() < 0.7 else random.choice(pairs(nick))
                for one, command in zip(both, (first, second), strict=True):
                    one.ask(**{"kind": command["type"], **{k: v for k, v in command.items() if k != "type"}})
                if random.random() < 0.3:
                    # Somebody else is them meanwhile.
                    both[0] = await crew.greet(await crew.dial(), nick, resume=both[0].token)
                await asyncio.sleep(random.choice([0, 0, 0.005, 0.05]))
        await carry_on_twice(crew, both[1])
        for one in both:
            one.reset()

    await crew.again_and_again(6, twins)
