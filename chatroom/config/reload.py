"""Configuration reload (SIGHUP, /reload): the file is read again while the server runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.logger import Logger

from chatroom.chat.ports import RetentionLimit

from .file import ConfigError, read_config
from .settings import SETTINGS, Values, combined, lacking, overridden, without_lacking
from .values import Secret

log = Logger(namespace="chatroom")

_NO_FILE = "There is no configuration to reload: the server was started without --config."


class Reloader:
    """
    Holds the current settings, and replaces them from the file.

    :param file: the configuration file; None: there is none.
    :param given: the settings of the command line, which override the file.
    :param values: the settings at the start.
    :param apply: applies a complete set of values, all at once.
    """

    def __init__(self, file: Path | None, given: Values, values: Values, apply: Callable[[Values], object]) -> None:
        self._file = file
        self._given = given
        self._apply = apply
        self.values = {name: values[name] for name in SETTINGS}

    def reload(self) -> str:
        """
        Read the file again; if anything is wrong with it, log that and change nothing.

        :returns: what has become of it, in a sentence or two.
        """
        if self._file is None:
            log.info(_NO_FILE)
            return _NO_FILE
        try:
            filed = read_config(self._file)
        except ConfigError as error:
            return _keeping(str(error))
        wanted = combined(self._given, filed)
        if pair := lacking(wanted):
            return _keeping(f"{self._file}: {pair[0]} needs {pair[1]}")
        changed = [name for name in SETTINGS if wanted[name] != self.values[name]]
        values = _with_live(self.values, wanted)
        live = [name for name in changed if values[name] != self.values[name]]
        if live and not self._applied(values):
            return "The new configuration could not be applied; the log says why."
        log.info("Reloaded {file}: {count} changed.", file=self._file, count=_counted(len(live)))
        for name in changed:
            note = "" if name in live else ", which needs a restart"
            log.info("{name}: {change}{note}", name=name, change=_change(self.values[name], wanted[name]), note=note)
        self.values = values
        self._log_overridden(filed)
        later = ", ".join(name for name in changed if name not in live)
        outcome = f"Reloaded {self._file}: {_counted(len(live))} changed."
        return f"{outcome} After a restart: {later}." if later else outcome

    def _applied(self, values: Values) -> bool:
        try:
            self._apply(values)
        except Exception:
            log.failure("The new configuration could not be applied.")
            return False
        return True

    def _log_overridden(self, filed: Values) -> None:
        for name in sorted(overridden(self._given) & filed.keys()):
            if filed[name] != self.values[name]:
                log.info(
                    "{name}: {value} in the file is ignored; the command line overrides it.",
                    name=name,
                    value=_written(filed[name]),
                )


def reread(file: Path | None, given: Values, values: Values) -> Values:
    """
    Return *values* with what *file* says now of the settings that can change while the server runs.

    It is for a process beside one that has a `Reloader`, which reports what is wrong with the file, or changed: then
    nothing changes here either.
    """
    if file is None:
        return values
    try:
        wanted = combined(given, read_config(file))
    except ConfigError:
        return values
    if lacking(wanted):
        return values
    return _with_live(values, wanted)


def _with_live(values: Values, wanted: Values) -> dict[str, Any]:
    """Return *values* with those *wanted* that can change while the server runs."""
    live = {name: wanted[name] for name, setting in SETTINGS.items() if setting.live}
    return without_lacking({**values, **live}, values)


def _keeping(why: str) -> str:
    log.error("Keeping the old configuration. {why}", why=why)
    return f"Keeping the old configuration. {why}"


def _counted(number: int) -> str:
    return {0: "nothing", 1: "1 setting"}.get(number, f"{number} settings")


def _change(old: Any, new: Any) -> str:
    before, after = _written(old), _written(new)
    return f"{before} → {after}" if before != after else "changed"


def _written(value: Any) -> str:
    """Write a value in a few words; of a long list, only how long it is."""
    match value:
        case None:
            return "not set"
        case Secret():
            return "set"
        case bool() | str():
            return json.dumps(value, ensure_ascii=False)
        case int() | float():
            return f"{value:.10g}"
        case RetentionLimit():
            return _kept(value)
        case _:
            return f"{len(value)} given"


def _kept(keep: RetentionLimit) -> str:
    bounds = {
        "days": None if keep.seconds is None else keep.seconds / 86_400,
        "lines": keep.events,
        "megabytes": None if keep.bytes is None else keep.bytes / 1_000_000,
    }
    return ", ".join(f"{name} {bound:.10g}" for name, bound in bounds.items() if bound is not None) or "everything"
