"""Bots: the entrance for scripts, which act for an account by a token, without a connection or a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .access.api_access import ApiAccess
from .rooms.bot_pace import BotPace
from .rooms.followers import Followers
from .rooms.message_pages import MessagePages
from .rooms.posting import Posting

if TYPE_CHECKING:
    from .core import Core
    from .rooms.ledger import Ledger
    from .rooms.registry import RoomRegistry


class Bots:
    """The services that scripts use: each checks, then does, what a person in a room could."""

    def __init__(self, core: Core, ledger: Ledger, rooms: RoomRegistry) -> None:
        self.access = ApiAccess(core, ledger)
        self.pace = BotPace(core)
        shared = core, ledger, rooms, self.pace, self.access.current
        self.posting = Posting(*shared)
        self.pages = MessagePages(*shared)
        self.followers = Followers(*shared)
