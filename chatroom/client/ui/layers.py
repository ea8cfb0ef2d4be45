"""The user interface with everything around it that the options ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from twisted.internet.interfaces import IReactorTime

from ..log_file import LogFile
from ..options import Options
from ..ui_port import UserInterface
from .attention import Notifying, Title
from .logged import Logged
from .wrapped import Silent, Untimed

_WITHOUT_WINDOWS = ("", "dumb", "linux")
"""Kinds of terminals that have neither titles nor notifications, and may show such sequences as text."""


def layered(
    inner: UserInterface,
    options: Options,
    clock: IReactorTime,
    environment: Mapping[str, str],
    describe: Callable[[], str],
) -> UserInterface:
    """
    Put around *inner* what *options* ask for.

    :param describe: returns the title of the window.
    :raises CannotLog: if the log cannot be opened.
    """
    log = LogFile(options.log) if options.log is not None else None
    ui = inner
    if not options.timestamps:
        ui = Untimed(ui)
    if not options.bell:
        ui = Silent(ui)
    windows = environment.get("TERM", "") not in _WITHOUT_WINDOWS
    if options.title and windows:
        ui = Title(ui, describe)
    if options.notifications != "off" and windows:
        ui = Notifying(ui, clock, options.notifications, inside_tmux=bool(environment.get("TMUX")))
    # What is logged has the time, whatever the screen shows.
    return Logged(ui, log) if log is not None else ui
