"""The parts of a house, whether its doors are in the same process or not."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from chatroom import __version__
from chatroom.chat.hub import Hub
from chatroom.config.settings import Values, policy
from chatroom.doors.outlets.fan_out import fan_out
from chatroom.passwords import ArgonPasswords
from chatroom.server.garbage_collection import LongCollections
from chatroom.server.memory import Trimming, malloc_trim
from chatroom.server.retention import Retention
from chatroom.server.runtime import TwistedRuntime

from .all_doors import AllDoors
from .places import Candidacy, authorized_keys_of, host_keys_of, journal_of

DEPOSED = "another server has taken over its database"
"""Why a server ends, for people."""


class HouseParts:
    """
    Builds a hub with its journal and its doors; nothing is opened yet.

    :param stop_for: stops the server for a reason.
    :param reload: reads the configuration again, and returns what has become of it.
    :param candidacy: how it comes to have the database; None: as a server that is one process.
    """

    def __init__(
        self,
        values: Values,
        reactor: Any,
        stop_for: Callable[[str], object],
        reload: Callable[[], str],
        candidacy: Candidacy | None = None,
    ) -> None:
        rules, runtime = policy(values), TwistedRuntime(reactor, stop=stop_for, reload=reload)
        candidacy = candidacy or Candidacy(partial(stop_for, DEPOSED), values["standby"])
        journal, self.passwords = journal_of(values, reactor, candidacy), ArgonPasswords(reactor.callFromThread)
        self.hub = Hub(runtime, journal, rules, f"chatroom {__version__}", fan_out, self.passwords)
        self.retention = Retention(reactor, journal, rules, self.hub.rooms.trimmed)
        self.host_keys = host_keys_of(values)
        self.doors = AllDoors(self.hub, reactor, self.host_keys, authorized_keys_of(values))
        self.trimming = Trimming(reactor, malloc_trim(), LongCollections())

    def apply(self, values: Values) -> None:
        """Use *values* from now on."""
        self.retention.policy = policy(values)
        self.hub.set_policy(self.retention.policy)
        self.doors.apply(values)
