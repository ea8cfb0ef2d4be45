"""A plain chat server over WebSocket, with the broadcast of websockets."""

from __future__ import annotations

import asyncio
import sys
from collections import defaultdict

from websockets.asyncio.server import ServerConnection, broadcast, serve

rooms: defaultdict[str, set[ServerConnection]] = defaultdict(set)


async def chat(person: ServerConnection) -> None:
    """Serve one person; the first message is ``ROOM NICK``."""
    room, nick = str(await person.recv()).split(" ", 1)
    members = rooms[room]
    members.add(person)
    try:
        async for message in person:
            broadcast(members, f"<{nick}> {message}")
    finally:
        members.discard(person)


async def main() -> None:
    """Serve on the loopback port given as the only argument."""
    port = int(sys.argv[1])
    # As bare as at chatroom: nothing is compressed.
    async with serve(chat, "127.0.0.1", port, compression=None, ping_interval=None, backlog=4096) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
