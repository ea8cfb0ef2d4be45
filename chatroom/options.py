"""The command line of the server, completed by the configuration file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.python import usage

from chatroom import __version__
from chatroom.config import data_folder
from chatroom.config.file import ConfigError, read_config
from chatroom.config.settings import PORT, SETTINGS, Setting, clash, combined, lacking
from chatroom.config.values import Number, Wrong, flag, strings
from twisted import version as twisted_version


def _reading(setting: Setting) -> Callable[[str], Any]:
    """Make what reads the value that an option takes."""
    read = setting.read.parse if isinstance(setting.read, Number) else setting.read

    def parse(written: str) -> Any:
        try:
            return read(written)
        except Wrong as wrong:
            raise usage.UsageError(f"--{setting.name} {wrong.reason}.") from None

    return parse


_DEFAULTS = {"data": data_folder.DEFAULT}


def _parameter(setting: Setting) -> list[Any]:
    default = _DEFAULTS.get(setting.name, f"{setting.default:g}" if isinstance(setting.read, Number) else "none")
    return [setting.name, None, None, f"{setting.help}  [default: {default}]", _reading(setting)]


_TYPED = [setting for setting in SETTINGS.values() if setting.help]


class Options(usage.Options):
    """
    What the server can be told when it starts; afterwards all `SETTINGS` have their values here.
    """

    synopsis = "[options]"
    longdesc = (
        f"Starts a chat server.  Without options it listens on port {PORT} of this machine only, and keeps what is "
        "said in your home folder.  Join it with: nc localhost 2428, telnet localhost 2428, or chatroom."
    )

    optFlags = [[setting.name, None, setting.help] for setting in _TYPED if setting.read is flag]
    optParameters = [
        ["config", None, None, "TOML file with any of these options, and more; the command line overrides it."],
        *(_parameter(setting) for setting in _TYPED if setting.read is not flag),
    ]
    compData = usage.Completions(
        optActions={
            "data": usage.CompleteDirs(),
            "config": usage.CompleteFiles("*.toml"),
            "tls-cert": usage.CompleteFiles("*.pem"),
            "tls-key": usage.CompleteFiles("*.pem"),
        }
    )

    def __init__(self) -> None:
        super().__init__()
        self["listen"] = []
        self["listen-web"] = []
        self.given: dict[str, Any] = {}
        """What the command line itself says."""
        self.file: Path | None = None
        """The configuration file, wherever the process goes from here."""

    def opt_listen(self, endpoint: str) -> None:
        """Twisted endpoint to listen at, as tcp:4000:interface=::1; repeatable.  [default: loopback, port 2428]"""
        self["listen"].append(endpoint)

    def opt_listen_web(self, endpoint: str) -> None:
        """Twisted endpoint for the web page only, as for a proxy in front; repeatable.  [default: none]"""
        self["listen-web"].append(endpoint)

    def opt_version(self) -> None:
        """Print the version and exit."""
        print(f"chatroom {__version__} (Twisted {twisted_version.short()}, Python {sys.version.split()[0]})")
        sys.exit(0)

    def postOptions(self) -> None:
        """
        Complete what was given with the configuration file, then with the defaults.

        :raises usage.UsageError: if anything is wrong, in one clear line.
        """
        self.given = {name: self[name] for name in SETTINGS if self._was_given(name)}
        self.given |= {name: True for name in self.given if SETTINGS[name].read is flag}
        if pair := clash(self.given):
            raise usage.UsageError(f"--{pair[0]} and --{pair[1]} exclude each other.")
        filed: dict[str, Any] = {}
        if self["config"] is not None:
            self.file = Path(self["config"]).absolute()
            try:
                filed = read_config(self.file)
            except ConfigError as error:
                raise usage.UsageError(str(error)) from None
        values = combined(self.given, filed)
        if pair := lacking(values):
            raise usage.UsageError(f"{pair[0]} needs {pair[1]}, the file with the certificate.")
        self.update(values)

    def _was_given(self, name: str) -> bool:
        # A flag or a list that was not given is false, anything else None; a number may well be 0.
        if SETTINGS[name].read in (flag, strings):
            return bool(self.get(name))
        return self.get(name) is not None
