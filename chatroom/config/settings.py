"""Everything that the server can be told: one table for the command line, the file and the guides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from ipaddress import ip_network
from typing import Any

from chatroom.chat.limits import Limits
from chatroom.chat.policy import Policy
from chatroom.chat.ports import Keep

from .values import Number, Reader, Wrong, flag, keep, keep_of, message, reserved, rooms, string, strings, unknown
from .web import networks, origins, prefix

PORT = 2428
"""CHAT on a telephone's keys."""

MAX_PER_ADDRESS = 16
"""Connections at a time from one address: a household, or a small class behind one router."""

LIMITS = Limits()

Values = Mapping[str, Any]
"""Values of settings, by name."""


@dataclass(frozen=True, slots=True)
class Setting:
    """
    One thing that the server can be told.

    :param name: the same on the command line and in the file.
    :param read: checks a value of the file, and makes of it what we use.
    :param default: what holds without it; None: nothing.
    :param help: what ``--help`` says of it; "": it stands in the file only.
    :param live: whether it can be changed while the server runs.
    """

    name: str
    read: Reader
    default: Any
    help: str = ""
    live: bool = True


def _limit(field: str, least: float = 0, help: str = "", live: bool = True) -> Setting:
    """Make a setting of one of the `Limits`."""
    default = getattr(LIMITS, field)
    return Setting(field.replace("_", "-"), Number(least, whole=isinstance(default, int)), default, help, live)


_TABLE = (
    Setting("listen", strings, [], live=False),
    Setting(
        "public", flag, False, "Let other machines in: listen on all addresses, not only on this machine's own.", False
    ),
    Setting("listen-web", strings, [], live=False),
    Setting("data", string, None, "Folder to keep everything in.", live=False),
    Setting(
        "ephemeral", flag, False, "Keep nothing on disk: what was said is forgotten when the server stops.", False
    ),
    _limit("rate", help="Lines a second that a person may go on sending; 0: no limit, on bytes neither."),
    _limit("burst", 1, help="Lines that a person may send at once after a rest."),
    _limit("byte_rate", help="Bytes a second that a person may go on sending; 0: no limit."),
    # Less would not even hold the longest line: one of JSON has four times the bytes of one of text.
    _limit("byte_burst", 4 * LIMITS.line, help="Bytes that a person may send at once after a rest."),
    _limit("flood_kick", help="Seconds of being slowed without a pause after which a person is put out; 0: never."),
    Setting(
        "max-per-address",
        Number(whole=True),
        MAX_PER_ADDRESS,
        "Connections at a time from one address but this machine's; 0: no limit.",
    ),
    Setting(
        "web-prefix", prefix, "", "Path below which a proxy in front has the web page, as /chat, and leaves it in."
    ),
    Setting("origins", origins, frozenset()),
    Setting("proxies", networks, ()),
    Setting("metrics-for", networks, (ip_network("127.0.0.0/8"), ip_network("::1"), None)),
    _limit("lag", help="Lines of a room that someone who fell behind is shown; older ones are not."),
    _limit("stall", help="Seconds after which who reads nothing is hung up on; 0: never.", live=False),
    Setting("tls-cert", string, None, "File with the certificate for TLS, and with those that vouch for it.", False),
    Setting("tls-key", string, None, "File with the certificate's key; without it, that is in the same file.", False),
    Setting("tls-only", flag, False, "Speak to nobody without TLS; tell them so.", False),
    Setting("allow-plain-login", flag, False, "Take passwords over connections that others can read, too."),
    Setting("message-of-the-day", message, ()),
    Setting("reserved", reserved, frozenset()),
    _limit("login_within", 1),
    _limit("persons_per_address", 1),
    _limit("registrations"),
    _limit("accounts"),
    _limit("bans"),
    _limit("ignored"),
    _limit("rooms_per_session", 1),
    _limit("conversations"),
    _limit("paste", 1),
    _limit("greeting"),
    _limit("grace"),
    _limit("token_lasts", 1, live=False),
    Setting("rooms", rooms, ()),
    Setting("keep", keep, Keep()),
    Setting("keep-of", keep_of, {}),
)

SETTINGS = {setting.name: setting for setting in _TABLE}
"""Every setting by its name, in the order in which the guides tell of them."""

EXCLUSIVE = (("public", "listen"), ("ephemeral", "data"))
"""Pairs of which only one can be had."""

NEEDS = (("tls-key", "tls-cert"), ("tls-only", "tls-cert"))
"""Pairs of which the first is nothing without the second."""


def combined(given: Values, filed: Values) -> dict[str, Any]:
    """
    Work out what holds: the command line, then the file, then the defaults.

    :param given: what the command line says.
    :param filed: what the file says.
    """
    held = overridden(given)
    defaults = {name: setting.default for name, setting in SETTINGS.items()}
    return {**defaults, **given, **{name: value for name, value in filed.items() if name not in held}}


def overridden(given: Values) -> set[str]:
    """Name what the file has no say in: what the command line says of one of a pair goes for the other, too."""
    held = set(given)
    for pair in EXCLUSIVE:
        if held.intersection(pair):
            held.update(pair)
    return held


def clash(values: Values) -> tuple[str, str] | None:
    """Find a pair of names in *values*, all from one place, that exclude each other."""
    return next((pair for pair in EXCLUSIVE if all(values.get(name) for name in pair)), None)


def lacking(values: Values) -> tuple[str, str] | None:
    """Find a pair of names in *values*, which are complete, of which the first needs the second."""
    return next((pair for pair in NEEDS if values[pair[0]] and not values[pair[1]]), None)


def read(document: Mapping[str, Any]) -> dict[str, Any]:
    """
    Read a whole file, as ``tomllib`` has it.

    :raises Wrong: for the first mistake in it.
    """
    values = {}
    for name, value in document.items():
        if name not in SETTINGS:
            raise unknown(name, SETTINGS)
        try:
            values[name] = SETTINGS[name].read(value)
        except Wrong as wrong:
            raise _explained(wrong.inside(name)) from None
    if pair := clash(values):
        raise Wrong(f"and {pair[0]} exclude each other", (pair[1],))
    return values


def policy(values: Values) -> Policy:
    """Word *values*, which are complete, as the house takes them."""
    limits = {field.name: field.name.replace("_", "-") for field in fields(Limits)}
    return Policy(
        limits=Limits(**{field: values[name] for field, name in limits.items() if name in values}),
        message_of_the_day=values["message-of-the-day"],
        reserved=values["reserved"],
        rooms=values["rooms"],
        keep=values["keep"],
        keep_of=values["keep-of"],
        plain_login=values["allow-plain-login"],
    )


def _explained(wrong: Wrong) -> Wrong:
    """Tell of what TOML's newcomers trip over: what follows a line in brackets belongs to it."""
    last = wrong.path[-1]
    if wrong.reason.startswith("is not known") and last in SETTINGS:
        return Wrong(f"is not known here; {last} must stand above the first line in brackets", wrong.path)
    return wrong
