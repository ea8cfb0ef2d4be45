"""Where the server keeps everything, if nothing else is said."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

DEFAULT = "$STATE_DIRECTORY or else ~/.local/state/chatroom"
"""The rule in short, for people."""


def data_folder(given: str | None, environment: Mapping[str, str] = os.environ) -> Path:
    """Choose where to keep everything: as *given*, as systemd says, or as the XDG base directories say."""
    if given is not None:
        return Path(given).expanduser()
    if environment.get("STATE_DIRECTORY"):
        # systemd.exec(5): several folders are separated by colons.
        return Path(environment["STATE_DIRECTORY"].split(":")[0])
    state = environment.get("XDG_STATE_HOME", "")
    # XDG Base Directory Specification: relative paths are to be ignored.
    return (Path(state) if state.startswith("/") else Path.home() / ".local" / "state") / "chatroom"
