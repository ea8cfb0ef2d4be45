"""What the parts of one SSH connection use of the factory that built it."""

from __future__ import annotations

from typing import Any, Protocol

from twisted.internet.interfaces import IReactorTime

from chatroom.chat.hub import Hub
from chatroom.doors.admission import Admission
from chatroom.doors.timeouts import Timeouts
from chatroom.host_keys import HostKeys
from chatroom.system.quiet_log import QuietLog

from .authorized_keys import AuthorizedKeys


class Server(Protocol):
    """The part of the factory that its connections use; see `SshFactory`."""

    hub: Hub
    clock: IReactorTime
    log: QuietLog
    host_keys: HostKeys
    authorized: AuthorizedKeys
    admission: Admission
    unfinished: Timeouts[Any]
    closing: Timeouts[Any]

    def refresh(self) -> None:
        """Read again who may come in."""

    def payer(self, transport: Any) -> str | None:
        """Return the place that pays for the work of *transport*; None: nobody."""

    def forget(self, transport: Any) -> None:
        """Stop waiting for *transport*, which is gone."""

    def door_for(self, channel: Any) -> Any:
        """Build the door for what the client of *channel* wants."""
