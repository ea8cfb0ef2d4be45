"""Attacks that come back: by another connection, under another nick, as another session."""

from __future__ import annotations

import asyncio

from .attacks import attack
from .crew import PASSWORD, Crew, Refused
from .wires import some_nick

LINES = 49
"""One less than anyone may send at once."""


@attack(
    "one person resumes, says 49 lines, hangs up, and comes again",
    # What one person may say at once, and then at five a second; twice as much for what they say at the ends.
    most={"lines a second of one person": 40},
)
async def reconnecting(crew: Crew) -> None:
    wire = await crew.enter()
    said = 0
    begun = asyncio.get_running_loop().time()
    while True:
        for number in range(LINES):
            wire.ask("say", text=f"line {number}", ref="said")
        for _ in range(LINES):
            await wire.answer("said")
            said += 1
            # Beyond what may be said at once.
            seconds = asyncio.get_running_loop().time() - begun
            crew.figures["lines a second of one person"] = max(0, said - LINES - 1) / max(1.0, seconds)
        wire.reset()
        wire = await crew.enter(wire.nick, resume=wire.token)


@attack("sessions in 20 rooms each, left behind to be carried on", seconds=(20, 3), settings="grace = 5\n")
async def left_behind(crew: Crew) -> None:
    async def leave() -> None:
        nick = some_nick()
        wire = await crew.enter(nick, rooms=[f"{nick}-{number}" for number in range(20)])
        wire.reset()
        crew.count("left behind")

    await crew.again_and_again(16, leave)


@attack(
    "a stranger says hello under a registered nick again and again, and speaks",
    seconds=(10, 3),
    settings="login-within = 1\n",
    hashes=True,
    most={"lines said as somebody else": 0},
)
async def held_name(crew: Crew) -> None:
    owner = await crew.enter("owner", rooms=["pit"])
    await crew.done(owner, "register", password=PASSWORD)
    await crew.quit(owner)
    watcher = await crew.enter()

    async def watch() -> None:
        while True:
            said = await watcher.until("said", "acted", "topic")
            if said["nick"] == "owner":
                crew.count("lines said as somebody else")

    async def pretend() -> None:
        wire = await crew.enter("owner")
        for number in range(20):
            wire.ask("say", text=f"I am the owner {number}")
            wire.ask("me", text="is the owner")
            wire.ask("msg", to=watcher.nick, text="psst")
        wire.ask("topic", topic="owned", room="pit")
        await wire.until("nick")
        wire.reset()

    crew.count("lines said as somebody else", 0)
    await crew.at_once(watch, lambda: crew.again_and_again(1, pretend))


@attack(
    "somebody who is muted speaks by whatever else the others are shown",
    most={"lines of the muted that were shown": 0},
)
async def muted(crew: Crew) -> None:
    crew.count("lines of the muted that were shown", 0)
    [first, *_] = crew.where.sources
    operator = await crew.enter(rooms=["muted"], source=first)
    wire = await crew.enter(rooms=["muted"], source=first)
    await crew.done(operator, "mute", target=wire.nick, room="muted")
    speech = "so-free"
    for number in range(10):
        wire.ask("say", text=speech, room="muted")
        wire.ask("me", text=speech, room="muted")
        wire.ask("topic", topic=speech, room="muted")
        wire.ask("nick", nick=f"{speech}{number}")
    wire.ask("quit", reason=speech)
    await wire.until("goodbye")
    operator.ask("ping", ref="end")
    while (seen := await operator.object()).get("ref") != "end":
        shown = {name: value for name, value in seen.items() if name != "nick"}
        crew.count("lines of the muted that were shown", speech in str(shown))


@attack("somebody who is ignored sends invitations", most={"invitations of the ignored that were shown": 0})
async def invitations(crew: Crew) -> None:
    crew.count("invitations of the ignored that were shown", 0)
    nick = some_nick()
    wire, victim = await crew.enter(nick, rooms=[f"{nick}-{n}" for n in range(10)]), await crew.enter()
    await crew.done(victim, "ignore", nick=wire.nick)
    for number in range(30):
        wire.ask("invite", nick=victim.nick, room=f"{nick}-{number % 10}", ref="done")
        await wire.answer("done")
    victim.ask("ping", ref="end")
    while (seen := await victim.object()).get("ref") != "end":
        crew.count("invitations of the ignored that were shown", nick in str(seen.get("text", "")))


@attack("in a slow room, a fresh nick for each line", most={"lines in a minute of a slow room": 1})
async def slow_room(crew: Crew) -> None:
    crew.count("lines in a minute of a slow room", 0)
    [first, *_] = crew.where.sources
    operator = await crew.enter(rooms=["slow"], source=first)
    await crew.done(operator, "slow", seconds=60, room="slow")
    for number in range(20):
        wire = await crew.enter(rooms=["slow"], source=first)
        wire.ask("say", text=f"line {number}", room="slow", ref="said")
        answer = await wire.answer("said")
        crew.count("lines in a minute of a slow room", answer["type"] == "said")
        await crew.quit(wire)


@attack("people who come and go as fast as they can, for whatever that leaves in the log")
async def revolving_door(crew: Crew) -> None:
    async def turn() -> None:
        wire = await crew.enter()
        wire.ask("nonsense")
        await wire.until("refused")
        wire.reset()
        crew.count("came")

    await crew.again_and_again(8, turn)


@attack("wrong passwords, from as many connections as there may be", seconds=(15, 3), hashes=True)
async def guesses(crew: Crew) -> None:
    owner = await crew.enter("owner", rooms=["pit"])
    await crew.done(owner, "register", password=PASSWORD)
    await crew.quit(owner)

    async def guess() -> None:
        wire = await crew.enter()
        while True:
            try:
                await crew.done(wire, "login", nick="owner", password=some_nick())
            except Refused as refused:
                crew.count("guesses", refused.args[0]["code"] == "wrong_password")
                if refused.args[0]["code"] != "wrong_password":
                    raise
            finally:
                crew.count("answers")

    await crew.again_and_again(32, guess)
