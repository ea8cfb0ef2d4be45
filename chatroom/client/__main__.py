"""The command ``chatroom``: choose the user interface (terminal, screen reader or pipeline) and run."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chatroom.system.monotonic import go_by_monotonic_time

from .nick import find_nick
from .options import Options, parse
from .secrets import login_password
from .signals import stop_on_signals
from .ui.terminal_mode import TerminalMode, terminal_mode

if TYPE_CHECKING:
    from OpenSSL.SSL import Context

    from .conversation import Conversation
    from .net.reconnect import Reconnector
    from .ui.pipe import Pipe
    from .ui.standard_files import StandardFiles
    from .ui_port import UserInterface

_PIPE_RECONNECT_TIMEOUT = 60.0
"""Seconds that a pipeline waits for a server that went away; people decide for themselves."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the client, and exit with its status."""
    options = parse(sys.argv[1:] if arguments is None else arguments)
    _open_standard_files()
    options = _located(options)
    options = replace(options, nick=options.nick or _nick())
    with terminal_mode() as mode:
        _run(options, mode)


def _run(options: Options, mode: TerminalMode | None) -> None:
    secure = _secure(options) if options.tls else None
    password = _password(options) if options.login else ""
    terminal = os.isatty(0) and os.isatty(1)
    if terminal and not options.plain and os.environ.get("TERM") != "dumb":
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        from twisted.internet.asyncioreactor import install

        install(loop)  # type: ignore[no-untyped-call]
        run: Any = on_terminal
    else:
        # A terminal that cannot redraw has a person, too.
        run = in_lines if options.plain or terminal else in_pipe
    # Importing this chooses a reactor, unless one is installed.
    from twisted.internet import task

    task.react(lambda reactor: _react(reactor, run, mode, options, password, secure))


async def on_terminal(
    reactor: Any, mode: TerminalMode | None, options: Options, password: str, secure: Context | None
) -> int:
    """Chat on a terminal; return the exit status."""
    from twisted.internet.defer import Deferred

    from chatroom.terminal.colours import has_colours

    from .day_line import DayLine
    from .net.reconnect import run_until_done
    from .ui.terminal import Terminal
    from .ui.terminal_input import TerminalInput
    from .ui.terminal_output import survive_hangup

    survive_hangup()
    keyboard = TerminalInput(sys.stdin)
    screen = Terminal(options.where, mode, keyboard, coloured=options.color and has_colours(os.environ))
    conversation = _conversation(
        reactor, options, screen, password=password, echo=True, days=DayLine(reactor), clock=reactor
    )
    keyboard.focused = lambda in_front: conversation.reading.focus(in_front=in_front)
    running = Deferred.fromFuture(asyncio.ensure_future(screen.run(conversation)))
    await run_until_done(
        reactor, reactor, _reconnector(reactor, options, secure, conversation, None), conversation, running
    )
    return int(conversation.failed)


async def in_lines(
    reactor: Any, mode: TerminalMode | None, options: Options, password: str, secure: Context | None
) -> int:
    """Chat line by line, for a screen reader; return the exit status."""
    from .day_line import DayLine
    from .ui.screen_reader import ScreenReader
    from .ui.standard_files import StandardFiles

    plain = ScreenReader(mode.echo if mode is not None else None)
    conversation = _conversation(
        reactor,
        options,
        plain,
        password=password,
        plain=options.plain,
        days=DayLine(reactor),
        clock=reactor if mode is not None else None,
    )
    files = StandardFiles(reactor.callFromThread)
    return await _in_files(reactor, options, secure, files, plain, conversation, None)


async def in_pipe(
    reactor: Any, mode: TerminalMode | None, options: Options, password: str, secure: Context | None
) -> int:
    """Chat in a pipeline; return the exit status."""
    from .ui.pipe import Pipe
    from .ui.standard_files import StandardFiles

    files = StandardFiles(reactor.callFromThread)
    pipe = Pipe(files.complain)
    conversation = _conversation(reactor, options, pipe, password=password)
    return await _in_files(reactor, options, secure, files, pipe, conversation, _PIPE_RECONNECT_TIMEOUT)


def _conversation(reactor: Any, options: Options, inner: UserInterface, **how: Any) -> Conversation:
    """Make the conversation, with what *options* put around the user interface *inner*; or exit."""
    from .conversation import Conversation
    from .log_file import CannotLog
    from .ui.layers import layered
    from .ui.status import title

    try:
        ui = layered(inner, options, reactor, os.environ, lambda: title(conversation, options.where))
    except CannotLog as why:
        _complain(f"!! {why}")
        raise SystemExit(1) from None
    conversation = Conversation(ui, options.nick, options.rooms, **how)
    return conversation


async def _in_files(
    reactor: Any,
    options: Options,
    secure: Context | None,
    files: StandardFiles,
    pipe: Pipe,
    conversation: Conversation,
    give_up_after: float | None,
) -> int:
    from .net.reconnect import run_until_done

    pipe.begin(conversation)
    files.connect(pipe)
    reconnector = _reconnector(reactor, options, secure, conversation, give_up_after)
    pipe.pace(reconnector)
    await run_until_done(reactor, reactor, reconnector, conversation, pipe.done)
    return pipe.status


def _secure(options: Options) -> Context:
    """Prepare TLS, or exit."""
    # Imported here, because it is slow and only TLS needs it.
    from .net.tls import tls_context
    from .net.trust_errors import CannotTrust

    try:
        return tls_context(options.ca)
    except CannotTrust as why:
        _complain(f"!! {why}")
        raise SystemExit(1) from None


def _located(options: Options) -> Options:
    """Offer the servers on this network to a person who has named none; or exit."""
    if options.chosen or not (os.isatty(0) and os.isatty(1)):
        return options
    from .net.discovery import browse, choose

    try:
        found = choose(browse(), _ask, _complain)
    except (EOFError, KeyboardInterrupt):
        raise SystemExit(1) from None
    if found is None:
        return options
    return replace(options, host=found.host, port=found.port, reach=found.address, tls=options.tls or found.tls)


def _nick() -> str:
    """Find a nick for somebody who has given none, or exit."""
    try:
        return find_nick(_ask if os.isatty(0) else None, _complain)
    except (EOFError, KeyboardInterrupt):
        _complain("!! No nick was given.")
        raise SystemExit(1) from None


def _ask(question: str) -> str:
    # Standard output may be a file; the question must be seen.
    print(question, end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline()
    if not answer:
        raise EOFError
    return answer


def _password(options: Options) -> str:
    """Get the password to log in with, or exit."""
    try:
        return login_password(options.nick, os.environ, getpass.getpass if os.isatty(0) else None)
    except ValueError as mistake:
        why = str(mistake)
    except (EOFError, KeyboardInterrupt):
        why = "No password was given."
    _complain(f"!! {why}")
    raise SystemExit(1)


def _reconnector(
    reactor: Any, options: Options, secure: Context | None, conversation: Conversation, give_up_after: float | None
) -> Reconnector:
    from twisted.internet.endpoints import HostnameEndpoint

    from .net.reconnect import Reconnector

    endpoint: Any = HostnameEndpoint(reactor, options.reach or options.host, options.port)
    if secure is not None:
        from .net.tls import TlsEndpoint

        endpoint = TlsEndpoint(reactor, endpoint, secure, options.host, own=options.ca is not None)
    return Reconnector(reactor, endpoint, conversation, options.where, give_up_after)


def _react(reactor: Any, run: Any, mode: TerminalMode | None, *arguments: Any) -> Any:
    """Run the client on *reactor*; the process exits with the status that *run* returns."""
    from twisted.internet.defer import Deferred

    go_by_monotonic_time(reactor)
    reactor.callWhenRunning(stop_on_signals, reactor)
    if mode is not None:
        mode.later = reactor.callFromThread

    def leave(status: int) -> None:
        raise SystemExit(status)

    return Deferred.fromCoroutine(run(reactor, mode, *arguments)).addCallback(leave)


def _complain(line: str) -> None:
    # Standard error may be the same pipe that nobody reads any more.
    with contextlib.suppress(OSError):
        print(line, file=sys.stderr, flush=True)


def _open_standard_files() -> None:
    """Open standard files that were closed at the start, or a socket would become standard output."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


if __name__ == "__main__":
    main()
