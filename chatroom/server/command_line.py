"""The command line of ``twistd chatroom``, completed by the configuration file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from getopt import GetoptError
from pathlib import Path
from typing import Any

from twisted.python import usage

from chatroom import __version__
from chatroom.config import data_folder, listen
from chatroom.config.file import ConfigError, read_config
from chatroom.config.settings import (
    DEFAULTS,
    PORT,
    SETTINGS,
    Setting,
    clash,
    combined,
    from_json,
    lacking,
    without_lacking,
)
from chatroom.config.supervisor import NotTold, tell_to_upgrade
from chatroom.config.values import Number, Wrong, flag
from twisted import __version__ as twisted_version

from .errors import CannotStart
from .twistd_files import check_twistd_files


def _checked(name: str, read: Callable[[str], Any]) -> Callable[[str], Any]:
    """Make the function that reads the value of the option *name*."""

    def parse(written: str) -> Any:
        if written.startswith("--"):
            # A value was forgotten; nothing that can be meant begins like this.
            raise usage.UsageError(f"--{name} needs a value before {written}.")
        try:
            return read(written)
        except Wrong as wrong:
            raise usage.UsageError(f"--{name} {wrong.reason}.") from None

    return parse


_DEFAULTS = {"data": data_folder.DEFAULT}


def _parameter(setting: Setting) -> list[Any]:
    default = _DEFAULTS.get(setting.name, f"{setting.default:g}" if isinstance(setting.read, Number) else "none")
    read = setting.read.parse if isinstance(setting.read, Number) else setting.read
    return [setting.name, None, None, f"{setting.help}  [default: {default}]", _checked(setting.name, read)]


def _configuration_file(written: str) -> Path:
    if not written:
        raise Wrong("must not be empty")
    try:
        # Absolute, because a daemon changes its working directory.
        return Path(written).absolute()
    except OSError as error:
        raise Wrong(f"{written} cannot be found from here: {error.strerror}") from None


_TYPED = [setting for setting in SETTINGS.values() if setting.help]
_LISTS = [setting.name for setting in SETTINGS.values() if setting.read is listen.listen]


class Options(usage.Options):
    """
    The command line of ``twistd chatroom``, completed by the configuration file.

    After parsing, it holds the values of all `SETTINGS`.
    """

    synopsis = "[options]"
    longdesc = (
        f"Starts a chat server.  Without options, it listens on port {PORT} of this machine only, and stores messages "
        f"in your home folder.  Join with: nc localhost {PORT}, telnet localhost {PORT}, or chatroom."
    )

    optFlags = [
        *([setting.name, None, setting.help] for setting in _TYPED if setting.read is flag),
        ["upgrade", None, "have the server with --doors that is running go on with the code installed now; then end"],
    ]
    optParameters = [
        [
            *("config", None, None, "TOML file with these options and more; the command line overrides it."),
            _checked("config", _configuration_file),
        ],
        *(_parameter(setting) for setting in _TYPED if setting.read is not flag),
    ]
    compData = usage.Completions(
        optActions={
            "data": usage.CompleteDirs(),
            "config": usage.CompleteFiles("*.toml"),
            "tls-cert": usage.CompleteFiles("*.pem"),
            "tls-key": usage.CompleteFiles("*.pem"),
            "link-cert": usage.CompleteFiles("*.pem"),
            "link-key": usage.CompleteFiles("*.pem"),
            "link-ca": usage.CompleteFiles("*.pem"),
        }
    )

    def __init__(self) -> None:
        super().__init__()
        for name in _LISTS:
            self[name] = []
        self.given: dict[str, Any] = {}
        """What was given on the command line."""
        self.parent: Any = None
        """The options of twistd itself, which Twisted sets; None in tests."""
        self.file: Path | None = None
        """The configuration file."""
        self.words: Sequence[str] = ()
        """What was parsed, as it was written."""

    def opt_listen(self, address: str) -> None:
        """Listen here instead: port of this machine only, ADDRESS:PORT or Twisted endpoint; repeatable."""
        self._add("listen", address)

    def opt_listen_web(self, address: str) -> None:
        """Listen here for the web page only, e.g. for a proxy in front; repeatable.  [default: none]"""
        self._add("listen-web", address)

    def opt_listen_irc(self, address: str) -> None:
        """Listen here for IRC only, e.g. on the ports 6667 and 6697; repeatable.  [default: none]"""
        self._add("listen-irc", address)

    def opt_listen_ssh(self, address: str) -> None:
        """Listen here for SSH only; repeatable.  [default: none]"""
        self._add("listen-ssh", address)

    def opt_version(self) -> None:
        """Print the version and exit."""
        print(f"chatroom {__version__} (Twisted {twisted_version}, Python {sys.version.split()[0]})")
        sys.exit(0)

    def parseOptions(self, options: Sequence[str] | None = None) -> None:
        """
        Parse the command line.

        :raises CannotStart: if anything is wrong: twistd would print the whole usage before the reason.
        """
        self.words = sys.argv[1:] if options is None else list(options)
        try:
            super().parseOptions(options)
        except usage.UsageError as error:
            cause = error.__context__
            raise CannotStart(self._reworded(cause) if isinstance(cause, GetoptError) else error) from None

    def parseArgs(self, *words: str) -> None:
        """Refuse what is left over."""
        if words:
            hint = f"; did you mean --port {words[0]}?" if words[0].isdecimal() else ""
            raise usage.UsageError(f"there is no option before {words[0]!r}{hint}")

    def hold(self, fixed: Mapping[str, Any]) -> None:
        """Take the settings *fixed*, as JSON has them, that hold until the next start, whatever the file says now."""
        self.update(from_json(fixed))
        self.update(without_lacking({name: self[name] for name in SETTINGS}, DEFAULTS))

    def postOptions(self) -> None:
        """Fill in what was not given, from the configuration file, then from the defaults."""
        self.given = {name: self[name] for name in SETTINGS if self._was_given(name)}
        self.given |= {name: True for name in self.given if SETTINGS[name].read is flag}
        if pair := clash(self.given):
            raise usage.UsageError(f"--{pair[0]} and --{pair[1]} exclude each other.")
        filed: dict[str, Any] = {}
        if self["config"] is not None:
            self.file = self["config"]
            try:
                filed = read_config(self.file)
            except ConfigError as error:
                raise usage.UsageError(str(error)) from None
        values = combined(self.given, filed)
        if pair := lacking(values):
            what = ", the file with the certificate" if pair[1] in ("tls-cert", "link-cert") else ""
            raise usage.UsageError(f"{pair[0]} needs {pair[1]}{what}.")
        self.update(values)
        if self["upgrade"]:
            self._upgrade()
        if self.parent is not None:
            check_twistd_files(self.parent)

    def _upgrade(self) -> None:
        """Tell the server that is running, and end."""
        if self["database"]:
            raise usage.UsageError("A server with a database has no folder to find it by: send it SIGUSR2.")
        try:
            print(tell_to_upgrade(data_folder.data_folder(self["data"])))
        except NotTold as error:
            raise usage.UsageError(str(error)) from None
        sys.exit(0)

    def _add(self, name: str, address: str) -> None:
        _checked(name, listen.check)(address)
        self[name].append(address)

    def _was_given(self, name: str) -> bool:
        # A flag or a list that was not given is false, anything else None; a number may well be 0.
        if SETTINGS[name].read is flag or name in _LISTS:
            return bool(self.get(name))
        return self.get(name) is not None

    def _reworded(self, error: GetoptError) -> str:
        """Word an error of ``getopt`` so that it says what to do."""
        name = error.opt
        dashed = f"-{name}" if error.msg.startswith(f"option -{name} ") else f"--{name}"
        if "requires argument" in error.msg:
            return f"{dashed} needs a value."
        if "must not have an argument" in error.msg:
            return f"{dashed} takes no value."
        if "not a unique prefix" in error.msg:
            return (
                f"{dashed} is short for {' and '.join(f'--{one}' for one in self._names() if one.startswith(name))}."
            )
        if self.parent is not None and name in self.parent.synonyms:
            return f"{dashed} is an option of twistd: write it before the word chatroom."
        if name in SETTINGS:
            return f"{dashed} can only be set in the configuration file; see --config."
        near = get_close_matches(name, self._names(), 1)
        return f"{dashed} is unknown; {f'did you mean --{near[0]}?' if near else '--help lists all options.'}"

    def _names(self) -> list[str]:
        return sorted(name.rstrip("=").replace("_", "-") for name in self.longOpt)
