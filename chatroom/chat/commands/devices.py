"""Device commands: sessions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..command_table import command, word
from ..refusals import BadInput

if TYPE_CHECKING:
    from ..hub import Hub
    from ..session import Session


@command(
    "sessions",
    group="account",
    help="list where you are connected; /sessions end N or /sessions end others ends those",
    aliases=("devices",),
)
@dataclass(frozen=True, slots=True)
class ListSessions:
    action: str | None = word("end", default=None)
    which: str | None = word("N", default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        if self.action is None and self.which is None:
            session.reply(hub.devices.listed(session))
        elif self.action == "end" and self.which is not None:
            await hub.logins.end_sessions(session, self.which)
        else:
            raise BadInput("Usage: /sessions, /sessions end N, or /sessions end others")
