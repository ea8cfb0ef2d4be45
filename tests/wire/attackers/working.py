"""Attacks by commands that cost the server more than the sender."""

from __future__ import annotations

import asyncio
from functools import partial
from itertools import cycle, islice

from .attacks import attack
from .crew import PASSWORD, Crew
from .wires import Wire, some_nick

MARKS = "o" + "\u0323\u0307" * 3_900
"""15.6 KB of combining marks on one letter."""


Asked = tuple[str, dict[str, object]]
"""A command, and its fields."""


async def ask_for_good(crew: Crew, wires: int, *commands: Asked, room: str = "pit") -> None:
    """Have so many connections in one *room* send *commands*, 48 at a time, and read all answers."""

    async def one() -> None:
        wire = await crew.enter(rooms=[room])
        await ask_on(wire, *commands)

    await crew.again_and_again(wires, one)


async def ask_on(wire: Wire, *commands: Asked) -> None:
    """Send *commands* again and again, 48 at a time, and read all answers."""
    following = cycle(commands)
    while True:
        for _ in range(48):
            kind, values = next(following)
            wire.ask(kind, ref="one", **values)
        wire.ask("ping", ref="all")
        await wire.drain()
        while b'"all"' not in await wire.line():
            pass


@attack("people who ignore as many as they can hear no more of a name of 15.6 KB of combining marks", seconds=(50, 3))
async def endless_ignored_names(crew: Crew) -> None:
    async def ignore() -> None:
        wire = await crew.enter()
        # What is allowed at once; and where there is time, at five a second, all that is allowed.
        for _ in range(crew.many(195, 45)):
            wire.ask("ignore", nick=some_nick())
        while True:
            wire.ask("unignore", nick=MARKS, ref="done")
            await wire.answer("done")

    await crew.again_and_again(2, ignore)


@attack("names of 15.6 KB of combining marks, wherever a name is asked for")
async def endless_names(crew: Crew) -> None:
    await ask_for_good(
        crew,
        4,
        ("msg", {"to": MARKS, "text": "psst"}),
        ("whois", {"nick": MARKS}),
        ("seen", {"nick": MARKS}),
        ("nick", {"nick": MARKS}),
        ("join", {"room": MARKS}),
        ("who", {"room": MARKS}),
        ("history", {"room": MARKS}),
        ("search", {"words": f"from:{MARKS}"}),
        ("search", {"words": f"word in:{MARKS}"}),
        ("login", {"nick": MARKS, "password": PASSWORD}),
        ("kick", {"nick": MARKS}),
        ("ban", {"target": MARKS}),
        ("ban", {"target": f"account:{MARKS}"}),
        ("unban", {"target": MARKS}),
        ("invite", {"nick": MARKS}),
        ("op", {"nick": MARKS}),
        ("ignore", {"nick": MARKS}),
        ("topic", {"topic": MARKS}),
    )


async def search_for(crew: Crew, words: int) -> None:
    # A phrase: each word of it is in every line, and all are looked at to find that none has all of them.
    text = " ".join(islice(cycle(("long", "talk")), words))
    await ask_for_good(crew, 4, ("search", {"words": f'"{text}"'}), room="lobby")


@attack("searches for phrases of 1,000 words", seconds=(50, 3), filled="history")
async def wide_search(crew: Crew) -> None:
    await search_for(crew, 1_000)


@attack("searches for phrases of 3,000 words", seconds=(50, 3), filled="history")
async def widest_search(crew: Crew) -> None:
    await search_for(crew, 3_000)


@attack("searches for what is said everywhere, page after page", filled="history")
async def deep_search(crew: Crew) -> None:
    pages: list[Asked] = [("search", {"words": f"a long talk about page:{page}"}) for page in (1, 250, 500)]
    await ask_for_good(crew, 8, *pages, room="lobby")


async def leave_people_behind(crew: Crew, number: int, within: float, rooms: int = 0) -> None:
    """
    Leave *number* sessions waiting to be resumed.

    :param rooms: how many rooms of its own each is in; 0: all are in one.
    """

    async def leave() -> None:
        while crew.figures.get("left", 0) < number:
            crew.count("left")
            nick = some_nick()
            wire = await crew.enter(nick, rooms=[f"{nick}-{n}" for n in range(rooms)] or ["pit"])
            wire.close()

    try:
        async with asyncio.timeout(within):
            await crew.at_once(*[leave] * 16)
    except TimeoutError:
        pass


@attack("49 times /rooms at once among 10,000 rooms, on four connections", seconds=(30, 3))
async def room_lists(crew: Crew) -> None:
    await leave_people_behind(crew, crew.many(500, 100), crew.seconds / 2, rooms=20)
    await ask_for_good(crew, 4, ("rooms", {}))


@attack("/who in a room of 2,000 on 16 connections", seconds=(40, 3))
async def people_lists(crew: Crew) -> None:
    await leave_people_behind(crew, crew.many(2_000, 300), crew.seconds / 2)
    await ask_for_good(crew, 16, ("who", {"room": "pit"}))


@attack("48 times /history 200 at once on eight connections", filled="history")
async def history_pages(crew: Crew) -> None:
    await ask_for_good(crew, 8, ("history", {"count": 200}), room="lobby")


@attack("48 times /history 200 at once of lines of 4,000 bytes, on eight connections", filled="history")
async def long_history_pages(crew: Crew) -> None:
    await ask_for_good(crew, 8, ("history", {"count": 200}), room="long")


@attack("/history 200 on many connections that read nothing", seconds=(10, 2), filled="history")
async def unread_history(crew: Crew) -> None:
    async def ask() -> None:
        wire = crew.keep(await crew.enter(buffer=4096))
        crew.count("readers")
        wire.ask("join", room="long")
        for _ in range(48):
            wire.ask("history", count=200)

    await crew.at_once(*[ask] * crew.many(128, 32))


@attack("/bans in a room with 100,000 bans, by its operator", seconds=(15, 3), filled="bans", hashes=True)
async def ban_lists(crew: Crew) -> None:
    wires = [await crew.enter("mallory", password=PASSWORD, rooms=["banned"])]
    while len(wires) < 4:
        wires.append(await crew.enter(some_nick(), rooms=["banned"]))
    await crew.at_once(*[partial(ask_on, wire, ("bans", {"room": "banned"})) for wire in wires])


@attack("entering and leaving a room with 100,000 bans that nobody else is in", seconds=(10, 3), filled="bans")
async def banned_room(crew: Crew) -> None:
    await ask_for_good(crew, 4, ("join", {"room": "banned"}), ("leave", {"room": "banned"}))


@attack("a hundred people enter, leave and rename in each other's sight")
async def comings_and_goings(crew: Crew) -> None:
    async def move() -> None:
        wire = await crew.enter()
        reading = asyncio.create_task(wire.read_on())
        try:
            while True:
                for number in range(16):
                    wire.ask("join", room=f"pit{number}")
                    wire.ask("leave", room=f"pit{number}")
                    wire.ask("nick", nick=some_nick())
                await wire.drain()
                await asyncio.sleep(0.1)
        finally:
            reading.cancel()
            wire.reset()

    await crew.again_and_again(crew.many(100, 40), move)


@attack("two hundred private conversations of everybody with everybody")
async def conversations(crew: Crew) -> None:
    people = await crew.crowd(crew.many(64, 16), crew.seconds / 2)
    whispers: list[Asked] = [("msg", {"to": other.nick, "text": "psst"}) for other in people]
    await crew.at_once(*[partial(ask_on, wire, *whispers) for wire in people])
