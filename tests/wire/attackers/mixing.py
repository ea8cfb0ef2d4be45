"""Attacks made of many cheap things of different sorts, slow and fast, across doors."""

from __future__ import annotations

import asyncio
import json
from random import Random

from .asking import request
from .attacks import attack
from .crew import PASSWORD, Crew
from .wires import Wire, some_nick

COMMANDS: tuple[tuple[str, dict[str, object]], ...] = (
    ("who", {}),
    ("who", {"room": "lobby"}),
    ("rooms", {}),
    ("whois", {"nick": "talker"}),
    ("seen", {"nick": "talker"}),
    ("history", {"count": 200, "room": "lobby"}),
    ("history", {"count": 200, "room": "garden", "all": True}),
    ("search", {"words": "hello"}),
    ("search", {"words": '"long talk" from:nick7 page:3'}),
    ("topic", {}),
    ("help", {}),
    ("time", {}),
    ("ping", {}),
    ("bans", {}),
    ("away", {"text": "at supper"}),
    ("away", {}),
    ("color", {}),
    ("plain", {}),
    ("notify", {"when": "all"}),
    ("ignore", {"nick": "talker"}),
    ("unignore", {"nick": "talker"}),
    ("say", {"text": "hello"}),
    ("say", {"text": "\n".join(["line"] * 40)}),
    ("me", {"text": "waves"}),
    ("msg", {"to": "nobody", "text": "psst"}),
    ("reply", {"text": "yes?"}),
    ("login", {"nick": "nobody", "password": PASSWORD}),
    ("kick", {"nick": "talker"}),
    ("ban", {"target": "10.0.0.0/8"}),
    ("line", {"text": "/who"}),
    ("line", {"text": "/frobnicate"}),
    ("nonsense", {}),
)

NOISE = (
    b"\xff\xfe not UTF-8",
    b"x" * 20_000,
    b"{" * 5_000,
    b'{"type":' + b"[" * 3_000,
    b'{"type":"say","text":"' + "\u202e\u0301".encode() * 1_000 + b'"}',
    b'{"type":"hello","nick":"again"}',
    b"",
)


def command(random: Random) -> bytes:
    """Choose something that a program may send."""
    number = random.randrange(len(COMMANDS) + 6)
    if number < len(COMMANDS):
        kind, values = COMMANDS[number]
        return json.dumps({"type": kind, "ref": "x", **values}).encode()
    if number < len(COMMANDS) + 2:
        return random.choice(NOISE)
    kind = random.choice(["join", "leave"])
    if number < len(COMMANDS) + 5:
        return json.dumps({"type": kind, "room": f"mix{random.randrange(30)}"}).encode()
    return json.dumps({"type": "nick", "nick": some_nick()}).encode()


def typed(random: Random) -> bytes:
    """Choose something that a person may type."""
    room = f"mix{random.randrange(30)}"
    lines = (
        *("/who", "/rooms", "/history 200", "/search hello", "/help", "/time", f"/join {room}", f"/leave {room}"),
        *("hello", "/me waves", "/msg nobody psst", f"/nick {some_nick()}", "/topic tea", "//slash", "/frobnicate"),
        *("\xff\xfd\x06", "x" * 5_000, "one\ntwo\nthree\nfour", ""),
    )
    return random.choice(lines).encode("latin-1")


async def chatter(crew: Crew, random: Random) -> None:
    """Somebody at some door who does all sorts of things, in bursts or bit by bit, and may read or not."""
    door = random.choice(["plain", "json", "json tls", "web", "web tls"])
    if door == "plain":
        wire = await crew.dial()
        wire.send_line(some_nick().encode())
    else:
        wire = await crew.enter(door=door)
    reads = random.random() < 0.8
    reading = asyncio.create_task(wire.read_on() if reads else asyncio.sleep(crew.seconds))
    try:
        for _ in range(random.choice([3, 30, 300])):
            if reading.done():
                break
            await send_somehow(wire, random, typed(random) if door == "plain" else command(random))
        if random.random() < 0.5 and wire.token:
            wire.reset()
            await crew.enter(wire.nick, door=door, resume=wire.token, seen={"lobby": 1, "pit": 1})
    finally:
        reading.cancel()
        wire.reset()


async def send_somehow(wire: Wire, random: Random, line: bytes) -> None:
    """Send a line at once, many times, or a byte at a time."""
    how = random.random()
    if how < 0.05:
        for at in range(min(len(line), 100)):
            wire.send(line[at : at + 1])
            await asyncio.sleep(0)
    elif how < 0.3:
        for _ in range(40):
            wire.send_line(line)
    else:
        wire.send_line(line)
    async with asyncio.timeout(1.0):
        await wire.drain()
    if random.random() < 0.2:
        await asyncio.sleep(0.02)


async def by_the_way(crew: Crew, random: Random) -> None:
    """Ask for something by HTTP, and go."""
    wire = await crew.dial(random.choice(["plain", "plain tls"]))
    for _ in range(random.choice([1, 50])):
        wire.send(request(random.choice(["GET /", "HEAD /", "GET /healthz", "GET /metrics", "POST /", "GET /ws"])))
    async with asyncio.timeout(1.0):
        await wire.drain()
    await asyncio.sleep(0.05)
    wire.reset()


async def everything(crew: Crew, filled: int, seed: int) -> None:
    random = Random(seed)
    await crew.at_once(
        lambda: crew.again_and_again(filled, lambda: chatter(crew, random)),
        lambda: crew.again_and_again(filled // 4, lambda: by_the_way(crew, random)),
    )


@attack("many cheap things of different sorts, slow and fast, at every door", seconds=(20, 4), filled="history")
async def mixture(crew: Crew) -> None:
    await everything(crew, 16, 1)


@attack("the same by many more, who do not know how to behave", seconds=(20, 4), filled="history")
async def rabble(crew: Crew) -> None:
    await everything(crew, crew.many(200, 48), 2)
