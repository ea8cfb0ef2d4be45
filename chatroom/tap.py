"""The twistd plugin's entry point: a server put together (`makeService`) from the command line (`Options`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IListeningPort

from chatroom.composition.announcing import Announcer
from chatroom.composition.certificates import certificate_of
from chatroom.composition.house_parts import HouseParts
from chatroom.config.reload import Reloader
from chatroom.server.command_line import Options
from chatroom.server.garbage_collection import freeze_what_stays
from chatroom.server.service import ChatService
from chatroom.server.signals import (
    ignore_early_requests,
    reload_on_hangup,
    replace_on_request,
    stop,
    stop_with_success,
)
from chatroom.server.twistd_files import terminal_errors
from chatroom.system.monotonic import go_by_monotonic_time
from chatroom.system.turn_limit import limit_turns

if TYPE_CHECKING:
    from chatroom.server.supervisor import Supervisor

__all__ = ["Options", "makeService"]


def makeService(options: Options) -> ChatService | Supervisor:
    """Put a server together from *options*; nothing is opened before it is started."""
    from twisted.internet import reactor as installed

    reactor: Any = installed
    go_by_monotonic_time(reactor)
    limit_turns(reactor)
    if options["doors"] or options["cluster"]:
        # Only then: a server of one process has no use for it.
        from chatroom.composition.supervision import supervise

        ignore_early_requests()
        supervisor = supervise(options, reactor, terminal_errors(options.parent))
        _when_started(reactor, supervisor.reload, supervisor.replace)
        return supervisor
    return _alone(options, reactor)


def _alone(options: Options, reactor: Any) -> ChatService:
    """Put a server together that is one process."""

    def stop_for(reason: str) -> None:
        service.reason = reason
        stop(reactor)

    def reload() -> str:
        outcome = reloader.reload()
        doors.refresh()
        if certificate is not None:
            certificate.check(asked=True)
        return outcome

    def announce(ports: Sequence[IListeningPort], left: int) -> None:
        announcer.announce(ports, left, house.host_keys.fingerprints)

    house = HouseParts(options, reactor, stop_for, reload)
    doors = house.doors
    certificate = certificate_of(options, reactor, doors.protocols)
    house.apply(options)
    where, front = doors.open(options, certificate)
    announcer = Announcer(options, reactor, certificate)
    rest = (house.passwords, certificate, house.trimming, terminal_errors(options.parent))
    service = ChatService(reactor, house.hub, where, front, doors.all, announce, house.retention, *rest)
    reloader = Reloader(options.file, options.given, options, house.apply)
    _when_started(reactor, reload)
    return service


def _when_started(reactor: Any, reload: Callable[[], object], replace: Callable[[], object] | None = None) -> None:
    """Install our signal handlers once *reactor* has installed its own; never, if it is running already."""
    calls: list[tuple[Any, ...]] = [(reload_on_hangup, reactor, reload)]
    if replace is not None:
        calls.append((replace_on_request, reactor, replace))
    for call in (*calls, (stop_with_success, reactor), (freeze_what_stays,)):
        reactor.addSystemEventTrigger("after", "startup", *call)
