"""A supervisor put together from the command line, with what its processes are told when they begin."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from socket import gethostname
from typing import Any, TextIO

from twisted.internet.interfaces import IListeningPort
from twisted.internet.protocol import Factory

from chatroom.config.settings import SETTINGS, Values
from chatroom.server.child import LOADED, READY, Child
from chatroom.server.command_line import Options
from chatroom.server.launch import command, launcher
from chatroom.server.link_folder import LinkFolder
from chatroom.server.listeners import door_listeners, listeners
from chatroom.server.shared_ports import Binder
from chatroom.server.signals import stop
from chatroom.server.supervisor import Asked, Supervisor

from .announcing import Announcer
from .certificates import certificate_of
from .cluster import machine_certificate_of, roles_of
from .entrances import ALONE
from .places import stored_folder


def supervise(options: Options, reactor: Any, errors: TextIO | None) -> Supervisor:
    """
    Put a supervisor together; nothing is opened before it is started.

    :param errors: where to write why it cannot start, besides the log.
    """

    def spawn(door: int | None, asked: Asked, over: Callable[[Child], object]) -> Child:
        role, name = ("house", "the house") if door is None else ("door", f"door {door + 1}")
        passed = [] if door is None else binder.of(door)
        # The first house alone has nobody to go on with: no door has a connection yet.
        goes_on = door is None and (options["cluster"] or next(houses) > 0)
        begin = {
            "name": f"{name} of {gethostname()}" if options["cluster"] else name,
            "link": str(link.socket),
            "settings": fixed(options),
            "sockets": passed,
            "goes_on": goes_on,
        }
        line = json.dumps(["begin", begin]).encode() + b"\n"
        words = [*options.words, *(["--config", str(options.file)] if options.file is not None else [])]
        launch = launcher(reactor, command(role, words), line, [one.descriptor for one in passed])
        return Child(name, launch, asked, over)

    def announce(ports: Sequence[IListeningPort], house: Any) -> None:
        found = house or {"left": 0, "fingerprints": ()}
        announcer.announce(ports, found["left"], found["fingerprints"])

    houses, roles = count(), roles_of(options)
    binder, link, nobody = Binder(roles.doors), LinkFolder(stored_folder(options)), Factory()
    # Doors have it, too; here it is checked, and its names are announced.
    certificate = certificate_of(options, reactor, [])
    certificates = [each for each in (certificate, machine_certificate_of(options, reactor)) if each is not None]
    announcer = Announcer(options, reactor, certificate)
    chatting, others = [], []
    if roles.doors:
        chatting = listeners(options, binder)
        others = [each for name in ALONE for each in door_listeners(options, f"listen-{name}", binder, nobody)]
    return Supervisor(
        reactor,
        binder,
        chatting,
        others,
        link,
        spawn,
        roles.doors,
        announce,
        partial(stop, reactor),
        certificates,
        errors,
        house=roles.house,
        # With a database, the next house has to wait for the end of the lease, which takes longer than its start.
        spare=stored_folder(options) is not None,
        # A house of a cluster may wait for days, and a door for a house on another machine.
        begun=LOADED if options["cluster"] else READY,
    )


def fixed(values: Values) -> dict[str, Any]:
    """
    Return the settings that hold until the server is restarted, whatever the file says when a process begins.

    They are strings, numbers and lists of strings, as JSON has them.
    """
    return {name: values[name] for name, setting in SETTINGS.items() if not setting.live}
