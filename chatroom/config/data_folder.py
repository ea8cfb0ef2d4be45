"""The data folder: where the server keeps everything by default."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

DEFAULT = "$STATE_DIRECTORY or else ~/.local/state/chatroom"
"""The default, for people."""

SUPERVISOR = Path("link") / "supervisor"
"""The file in it that the supervisor of a server with several processes has locked, with its number."""


def data_folder(given: str | None, environment: Mapping[str, str] = os.environ) -> Path:
    """Choose the data folder: as *given*, from systemd, or from the XDG base directories."""
    if given is not None:
        return Path(given).expanduser()
    if environment.get("STATE_DIRECTORY"):
        # systemd.exec(5): several folders are separated by colons.
        return Path(environment["STATE_DIRECTORY"].split(":")[0])
    state = environment.get("XDG_STATE_HOME", "")
    # XDG Base Directory Specification: ignore relative paths.
    return (Path(state) if state.startswith("/") else Path.home() / ".local" / "state") / "chatroom"
