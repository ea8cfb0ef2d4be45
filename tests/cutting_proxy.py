"""A TCP proxy that cuts connections where a test wants it: before a request, after it, or in the middle of nothing."""

from __future__ import annotations

import selectors
import socket
import threading
from types import TracebackType
from typing import Self


class CuttingProxy:
    """
    Passes bytes on between its clients and *port* of this machine; use it in a ``with`` statement.

    ``port`` is where it listens.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._selector = selectors.DefaultSelector()
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._servers: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._swallowing = False
        self._refusing = False
        self._over = False
        self._swallowed = threading.Event()
        self._wake, self._woken = socket.socketpair()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._over = True
        self._wake.send(b"x")
        self._thread.join(5)
        for one in (*self._pairs, self._listener, self._wake, self._woken):
            one.close()
        self._selector.close()

    def swallow_answers(self) -> None:
        """From now on, let requests through, and break every connection instead of passing on its answer."""
        self._swallowed.clear()
        self._swallowing = True

    def until_swallowed(self, seconds: float = 10) -> None:
        """Wait until an answer has been swallowed; then let everything through again."""
        assert self._swallowed.wait(seconds), "there was no answer to swallow"
        self._swallowing = False

    def cut(self) -> None:
        """Break all connections, and refuse new ones."""
        with self._lock:
            self._refusing = True
            for one in list(self._pairs):
                self._end(one)

    def mend(self) -> None:
        """Let everything through again."""
        self._refusing = self._swallowing = False

    def _run(self) -> None:
        while not self._over:
            for key, _ in self._selector.select():
                with self._lock:
                    if key.fileobj is self._listener:
                        self._accept()
                    elif isinstance(key.fileobj, socket.socket) and key.fileobj in self._pairs:
                        self._pass_on(key.fileobj)

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        if self._refusing:
            client.close()
            return
        try:
            server = socket.create_connection(("127.0.0.1", self._target))
        except OSError:
            client.close()
            return
        self._pairs |= {client: server, server: client}
        self._servers.add(server)
        for one in (client, server):
            self._selector.register(one, selectors.EVENT_READ)

    def _pass_on(self, one: socket.socket) -> None:
        try:
            data = one.recv(65_536)
            if data and self._swallowing and one in self._servers:
                data = b""
                self._swallowed.set()
            if data:
                self._pairs[one].sendall(data)
                return
        except OSError:
            pass
        self._end(one)

    def _end(self, one: socket.socket) -> None:
        other = self._pairs.pop(one, None)
        if other is None:
            return
        self._pairs.pop(other)
        for each in (one, other):
            self._selector.unregister(each)
            self._servers.discard(each)
            each.close()
