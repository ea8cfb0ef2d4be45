"""Commands that the client runs itself, without the server: ``/go`` and ``/clear``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from chatroom.chat.refusals import BadInput, Refusal
from chatroom.chat.replies import Help
from chatroom.chat.syntax.blanks import without_leading

from .activity import Activity
from .command_names import command_name
from .ui_port import UserInterface

COMMANDS: Mapping[str, str] = {
    "/go [N|ROOM]": "go to room N, or to the room or conversation with that name; Alt-1 to Alt-9 and Alt-A do, too",
    "/clear": "clear the screen",
}
"""The usage of each, with what it does, as the server's welcome has its own."""

_GROUP = "This client"


class LocalCommands:
    """
    Runs the commands that the server has no part in.

    :param go: goes to a place.
    :param tell: shows a line, which begins with a mark.
    :param refuse: says that a command makes no sense.
    """

    def __init__(
        self,
        ui: UserInterface,
        activity: Activity,
        go: Callable[[str], object],
        tell: Callable[[str], object],
        refuse: Callable[[Refusal], object],
    ) -> None:
        self._ui = ui
        self._activity = activity
        self._go = go
        self._tell = tell
        self._refuse = refuse

    def run(self, text: str) -> bool:
        """Run *text* if it is one of these commands; return whether it is."""
        argument = "".join(without_leading(text).split(maxsplit=1)[1:]).strip()
        match command_name(text), argument.removeprefix("/").lower():
            case "/clear", "":
                self._ui.clear()
            case "/go", "":
                self._list()
            case "/go", _:
                self._go_to(argument)
            case "/help", ("go" | "clear") as about:
                usage = next(usage for usage in COMMANDS if usage.split()[0] == f"/{about}")
                self._tell(f"-- {usage}: {COMMANDS[usage]}")
            case _:
                return False
        return True

    def _go_to(self, where: str) -> None:
        place = self._activity.find(where)
        if place is None:
            self._refuse(
                BadInput(f"You are in no room {where}: /go lists those that you are in, /join enters others.")
            )
        else:
            self._go(place)
            self._tell(f"-- You are in {self._activity.name(place)} now.")

    def _list(self) -> None:
        unread = self._activity.unread
        for number, place in enumerate(self._activity.places, 1):
            news = unread.get(place)
            more = f", {news.lines:,} unread{', for you' if news.called else ''}" if news is not None else ""
            self._tell(f"-- {number}: {self._activity.name(place)}{more}")


def with_local(reply: Help) -> Help:
    """Add these commands to the server's list of all of its own."""
    if len(reply.commands) < 2:
        return reply
    groups = (*reply.groups, *[_GROUP] * len(COMMANDS)) if reply.groups else ()
    return replace(reply, commands=(*reply.commands, *COMMANDS.items()), groups=groups)
