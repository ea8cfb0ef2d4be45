"""The classic exercise: a thread for each client, who sends to all the others by itself."""

from __future__ import annotations

import socket
import sys
import threading
from collections import defaultdict

rooms: defaultdict[bytes, list[socket.socket]] = defaultdict(list)
lock = threading.Lock()


def broadcast(room: bytes, message: bytes, speaker: socket.socket) -> None:
    """Send *message* to everyone in *room* but *speaker*; the lock keeps lines whole and in one order."""
    with lock:
        for member in rooms[room]:
            if member is not speaker:
                try:
                    member.sendall(message)
                except OSError:
                    continue  # its own thread finds out and cleans up


def serve(client: socket.socket) -> None:
    """Talk with one *client*, whose first line is ``ROOM NICK``, until it goes."""
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with client, client.makefile("rb") as lines:
        room, nick = lines.readline().strip().split(b" ", 1)
        with lock:
            rooms[room].append(client)
        try:
            for line in lines:
                broadcast(room, b"<" + nick + b"> " + line, client)
        finally:
            with lock:
                rooms[room].remove(client)


def greet(client: socket.socket) -> None:
    """Run :func:`serve`, quietly when the client breaks off or says nothing useful."""
    try:
        serve(client)
    except (OSError, ValueError):
        client.close()


def main() -> None:
    """Serve on the loopback port given as the only argument."""
    threading.stack_size(256 * 1024)
    with socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=4096) as listener:
        while True:
            client, _ = listener.accept()
            threading.Thread(target=greet, args=(client,), daemon=True).start()


if __name__ == "__main__":
    main()
