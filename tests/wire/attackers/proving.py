"""Attacks with expired proofs, and on people who log in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from .attacks import attack
from .crew import PASSWORD, Crew
from .wires import Wire, some_nick

NEW = "another good password"
"""What a password is changed to."""


async def carried_on(crew: Crew, token: str) -> str:
    """Resume with *token*; return the account that it gave, if any."""
    wire = await crew.dial()
    wire.ask("hello", nick=some_nick(), rooms=["pit"], resume=token)
    answer = await wire.until("logged_in", "live", "refused")
    return str(answer.get("account", ""))


async def before_login(crew: Crew, wire: Wire) -> str:
    """A token of the guest, from before the login."""
    token = wire.token
    wire.token = (await crew.done(wire, "register", password=PASSWORD))["resume"]
    return token


async def before_password(crew: Crew, wire: Wire) -> str:
    """A token of the account, from before its password was changed."""
    wire.token = token = (await crew.done(wire, "register", password=PASSWORD))["resume"]
    await crew.done(wire, "password", old=PASSWORD, new=NEW)
    return token


async def before_logout(crew: Crew, wire: Wire) -> str:
    """A token of the account, from before its logout."""
    token: str = (await crew.done(wire, "register", password=PASSWORD))["resume"]
    wire.ask("logout")
    wire.token = (await wire.until("logged_out"))["resume"]
    return token


@attack(
    "resume tokens from before a login, a new password and a logout",
    seconds=(30, 10),
    settings="registrations = 1000\n",
    hashes=True,
    most={"before-login": 0, "before-password": 0, "before-logout": 0},
)
async def old_tokens(crew: Crew) -> None:
    ways: list[Callable[[Crew, Wire], Awaitable[str]]] = [before_login, before_password, before_logout]
    for way in ways:
        name = way.__name__.replace("_", "-")
        crew.count(name, 0)
        for gone in (False, True):
            wire = await crew.enter()
            token = await way(crew, wire)
            if gone:
                await crew.quit(wire)
            crew.count(name, await carried_on(crew, token) == wire.nick)
            wire.reset()


@attack(
    "somebody who reads steadily, 4 KB a second, of a lot",
    seconds=(25, 7),
    settings="stall = 3\n",
    filled="history",
    most={"steady readers who were hung up on": 0},
)
async def steady_reader(crew: Crew) -> None:
    wire = await crew.enter(buffer=4096)
    wire.ask("join", room="long")
    crew.count("steady readers who were hung up on", 0)
    for _ in range(20):
        wire.ask("history", count=200)
    try:
        while True:
            # As a slow line would, without letting more in.
            await asyncio.sleep(1.0)
            await wire.reader.readexactly(4096)
    except (asyncio.IncompleteReadError, ConnectionError):
        crew.count("steady readers who were hung up on")


@attack(
    "logging in while two other programs are busy on the server's core",
    seconds=(30, 8),
    settings="registrations = 1000\n",
    hashes=True,
    most={"seconds of the longest login": 5},
    neighbours=2,
    alone=True,
)
async def busy_neighbours(crew: Crew) -> None:
    wire = await crew.enter()
    time = asyncio.get_running_loop().time
    longest = 0.0
    begun = time()
    try:
        await crew.done(wire, "register", password=PASSWORD)
        for _ in range(crew.many(20, 4)):
            longest = max(longest, time() - begun)
            wire.ask("logout")
            await wire.until("logged_out")
            begun = time()
            await crew.done(wire, "login", password=PASSWORD)
    finally:
        crew.figures["seconds of the longest login"] = round(max(longest, time() - begun), 2)
