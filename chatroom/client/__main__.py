"""``chatroom``: choose between a terminal and a pipeline, and run."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .options import Options, parse

if TYPE_CHECKING:
    from .conversation import Conversation
    from .dialling import Dialler

_PIPE_PATIENCE = 60.0
"""Seconds that a pipeline waits for a server that went away; a person at a terminal can decide for themselves."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the client, and exit with its status."""
    options = parse(sys.argv[1:] if arguments is None else arguments)
    _open_standard_files()
    if os.isatty(0) and os.isatty(1) and os.environ.get("TERM") != "dumb":
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        from twisted.internet.asyncioreactor import install

        install(loop)  # type: ignore[no-untyped-call]
        run: Any = on_terminal
    else:
        run = in_pipe
    # Importing this chooses a reactor, unless one is installed.
    from twisted.internet import task

    task.react(lambda reactor: _status(run(reactor, options)))


async def on_terminal(reactor: Any, options: Options) -> int:
    """Chat on the terminal that we were started from; return the exit status."""
    from twisted.internet.defer import Deferred

    from .conversation import Conversation
    from .dialling import until_over
    from .screen import Screen

    screen = Screen(options.where, coloured=not os.environ.get("NO_COLOR"))
    conversation = Conversation(screen, options.nick, options.rooms, echo=True)
    running = Deferred.fromFuture(asyncio.ensure_future(screen.run(conversation)))
    await until_over(reactor, reactor, _dialler(reactor, options, conversation, None), conversation, running)
    return int(conversation.failed)


async def in_pipe(reactor: Any, options: Options) -> int:
    """Chat in a pipeline; return the exit status."""
    from twisted.internet.stdio import StandardIO

    from .conversation import Conversation
    from .dialling import until_over
    from .pipe import Pipe

    pipe = Pipe(_complain)
    conversation = Conversation(pipe, options.nick, options.rooms)
    StandardIO(pipe, reactor=reactor)  # type: ignore[no-untyped-call]
    pipe.begin(conversation)
    dialler = _dialler(reactor, options, conversation, _PIPE_PATIENCE)
    pipe.pace(dialler)
    await until_over(reactor, reactor, dialler, conversation, pipe.done)
    return pipe.status


def _dialler(reactor: Any, options: Options, conversation: Conversation, patience: float | None) -> Dialler:
    from twisted.internet.endpoints import HostnameEndpoint

    from .dialling import Dialler

    endpoint = HostnameEndpoint(reactor, options.host, options.port)
    return Dialler(reactor, endpoint, conversation, options.where, patience)


def _status(running: Any) -> Any:
    """Make the status that *running* returns the process's own."""
    from twisted.internet.defer import Deferred

    def leave(status: int) -> None:
        raise SystemExit(status)

    return Deferred.fromCoroutine(running).addCallback(leave)


def _complain(line: str) -> None:
    # Standard error may be the very pipe that nobody reads any more.
    with contextlib.suppress(OSError):
        print(line, file=sys.stderr, flush=True)


def _open_standard_files() -> None:
    """Open what was closed before we started, lest a socket becomes standard output."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


if __name__ == "__main__":
    main()
