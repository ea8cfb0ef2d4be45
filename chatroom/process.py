"""A process of a server with ``--doors``: ``python -m chatroom.process``, ``house`` or ``door``, then its options."""

from __future__ import annotations

import signal
import sys
from typing import Any

from twisted.logger import globalLogBeginner

from chatroom.server.child import LOADED
from chatroom.server.command_line import Options
from chatroom.server.errors import CannotStart
from chatroom.server.garbage_collection import freeze_what_stays
from chatroom.server.parent import Parent
from chatroom.system.monotonic import go_by_monotonic_time
from chatroom.system.turn_limit import limit_turns

_IGNORED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
"""Signals for the supervisor, which some programs send to all processes: it says itself what is to be done."""


def main() -> None:
    """Begin as the supervisor says, wait until it says ``go``, and run until it says ``stop``."""
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)
    parent = Parent()
    parent.guard()
    globalLogBeginner.beginLoggingTo([parent.observe], redirectStandardIO=False)
    try:
        _run(parent, *sys.argv[1:])
    except CannotStart as error:
        parent.say("failed", error.reason)
        sys.exit(1)


def _run(parent: Parent, role: str, *words: str) -> None:
    from twisted.internet import reactor as installed

    kind, begun = parent.next()
    if kind != "begin":
        return
    reactor: Any = installed
    go_by_monotonic_time(reactor)
    limit_turns(reactor)
    options = Options()
    options.parseOptions(words)
    options.hold(begun["settings"])
    process = _process(role)(options, reactor, parent, begun)
    # Now, because people wait once the last house has ended.
    freeze_what_stays()
    parent.say(LOADED)
    if parent.next() != ["go"]:
        return
    process.start()
    freeze_what_stays(collect=False)
    parent.attend(reactor, process.heard)
    reactor.run(installSignalHandlers=False)


def _process(role: str) -> Any:
    """Return the class of the process; neither imports what only the other one needs."""
    if role == "house":
        from chatroom.composition.house_process import HouseProcess

        return HouseProcess
    from chatroom.composition.door_process import DoorProcess

    return DoorProcess


if __name__ == "__main__":
    main()
