"""The settings of the server: one table for the command line, the file and the guides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from ipaddress import ip_network
from typing import Any

from chatroom.chat.limits import Limits
from chatroom.chat.policy import Policy
from chatroom.chat.ports import RetentionLimit

from .listen import MAX_PORT, link_address, link_listen, listen
from .values import (
    UNKNOWN,
    Number,
    Reader,
    Secret,
    Wrong,
    address,
    files,
    flag,
    folder,
    keep,
    keep_of,
    message,
    reserved,
    role,
    rooms,
    server_name,
    string,
    unknown,
)
from .web import networks, origins, prefix

PORT = 2428
"""The default port: CHAT on the keys of a phone."""

SERVER_NAME = "chatroom"
"""What IRC clients call the server."""

MAX_PER_ADDRESS = 16
"""Simultaneous connections from one address: a household, or a small class behind one router."""

MAX_DOORS = 64
"""Door processes at most: more than one for each core is no use."""

LIMITS = Limits()

Values = Mapping[str, Any]
"""Values of settings, by name."""


@dataclass(frozen=True, slots=True)
class Setting:
    """
    One setting.

    :param name: the same on the command line and in the file.
    :param read: checks a value of the file and converts it.
    :param default: the value if nothing is set.
    :param help: what ``--help`` says; "": this setting can be set in the file only.
    :param live: whether it can change while the server runs.
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
    Setting("listen", listen, [], live=False),
    Setting(
        "port",
        Number(1, whole=True, most=MAX_PORT),
        PORT,
        "Port of this machine, or with --public of all addresses.",
        False,
    ),
    Setting(
        "public",
        flag,
        False,
        "Let other machines connect: listen on all addresses, not only on this machine's own.",
        False,
    ),
    Setting(
        "mdns", flag, False, "Announce the server in the local network, so that clients find it by themselves.", False
    ),
    Setting("listen-web", listen, [], live=False),
    Setting("listen-irc", listen, [], live=False),
    Setting("listen-ssh", listen, [], live=False),
    Setting("data", folder, None, "Folder for all data.", live=False),
    Setting(
        "database",
        address,
        None,
        "PostgreSQL database for everything instead, such as postgresql://HOST/NAME; needs chatroom[postgres].",
        False,
    ),
    Setting(
        "standby",
        flag,
        False,
        "Wait until no other server has the database, and go on in its place; needs database.",
        False,
    ),
    Setting("ephemeral", flag, False, "Keep nothing on disk: everything is lost when the server stops.", False),
    Setting(
        "doors",
        Number(whole=True, most=MAX_DOORS),
        0,
        "Accept connections in so many processes, beside one for the house; 0: everything in one process.",
        False,
    ),
    Setting(
        "cluster", flag, False, "Share the database with other machines: one of them leads.  Needs doors, too.", False
    ),
    Setting("role", role, None, "With cluster, have only a house here, or only doors: house or door.", False),
    Setting(
        "link-listen", link_listen, None, "ADDRESS:PORT where the house takes links of other machines' doors.", False
    ),
    Setting("link-address", link_address, None, "HOST:PORT by which other machines reach that.", False),
    Setting("link-cert", folder, None, "File with the certificate of this machine for links, and its chain.", False),
    Setting("link-key", folder, None, "File with the key of that, unless it is in the same file.", False),
    Setting("link-ca", folder, None, "File with the authority that signs the certificates of all machines.", False),
    _limit("rate", help="Lines per second that a person may send; 0: no limit, for bytes either."),
    _limit("burst", 1, help="Lines that a person may send at once after a pause."),
    _limit("byte_rate", help="Bytes per second that a person may send; 0: no limit."),
    # Less would not even allow the longest line: one of JSON may have four times the bytes of one of text.
    _limit("byte_burst", 4 * LIMITS.line, help="Bytes that a person may send at once after a pause."),
    _limit("flood_kick", help="Disconnect a person who was slowed for this many seconds without a pause; 0: never."),
    Setting(
        "max-per-address",
        Number(whole=True),
        MAX_PER_ADDRESS,
        "Simultaneous connections from one address, except this machine's; 0: no limit.",
    ),
    Setting(
        "web-prefix", prefix, "", "Path of the web page behind a proxy that does not strip it, for example /chat."
    ),
    Setting("origins", origins, frozenset()),
    Setting("proxies", networks, ()),
    Setting("metrics-for", networks, (ip_network("127.0.0.0/8"), ip_network("::1"), None)),
    _limit("lag", help="Lines of a room to show to somebody who fell behind; older ones are skipped."),
    _limit("stall", help="Disconnect a client that reads nothing for this many seconds; 0: never.", live=False),
    Setting("tls-cert", string, None, "File with the TLS certificate and its chain.", False),
    Setting("tls-key", string, None, "File with the key of the certificate, unless it is in the same file.", False),
    Setting("tls-only", flag, False, "Accept TLS only, and tell everyone else so.", False),
    Setting("ssh-host-keys", files, (), live=False),
    Setting("ssh-keys", folder, None, live=False),
    Setting("allow-plain-login", flag, False, "Accept passwords even over connections that others can read."),
    Setting("server-name", server_name, SERVER_NAME),
    Setting("irc-sts", Number(whole=True), 0),
    Setting("irc-sts-port", Number(whole=True, most=MAX_PORT), 0),
    Setting("message-of-the-day", message, ()),
    Setting("reserved", reserved, frozenset()),
    _limit("login_within", 1),
    _limit("persons_per_address", 1),
    _limit("shortest_password", 1),
    _limit("registrations"),
    _limit("accounts"),
    _limit("tokens"),
    _limit("bans"),
    _limit("ignored"),
    _limit("rooms_per_session", 1),
    _limit("sessions_per_person", 1),
    _limit("conversations"),
    _limit("paste", 1),
    _limit("edit_within"),
    _limit("greeting"),
    _limit("grace"),
    _limit("token_lasts", 1, live=False),
    Setting("rooms", rooms, ()),
    Setting("keep", keep, RetentionLimit()),
    Setting("keep-of", keep_of, {}),
)

SETTINGS = {setting.name: setting for setting in _TABLE}
"""Every setting by name, in the order of the guides."""

DEFAULTS: Values = {name: setting.default for name, setting in SETTINGS.items()}

EXCLUSIVE = (
    ("public", "listen"),
    ("port", "listen"),
    ("ephemeral", "data"),
    ("database", "data"),
    ("ephemeral", "database"),
    # A house that is started again would have nothing left.
    ("doors", "ephemeral"),
)
"""Pairs of settings that exclude each other."""

NEEDS = (
    ("tls-key", "tls-cert"),
    ("tls-only", "tls-cert"),
    ("irc-sts", "tls-cert"),
    ("standby", "database"),
    ("cluster", "database"),
    ("cluster", "link-cert"),
    ("cluster", "link-ca"),
    *((name, "cluster") for name in ("role", "link-listen", "link-address", "link-cert", "link-key", "link-ca")),
)
"""Pairs of settings of which the first needs the second."""


def combined(given: Values, filed: Values) -> dict[str, Any]:
    """
    Combine the settings: the command line overrides the file, which overrides the defaults.

    :param given: the settings of the command line.
    :param filed: the settings of the file.
    """
    held = overridden(given)
    return {**DEFAULTS, **given, **{name: value for name, value in filed.items() if name not in held}}


def overridden(given: Values) -> set[str]:
    """Name the settings that the command line overrides: those *given*, and the other one of exclusive pairs."""
    return {*given, *(name for pair in EXCLUSIVE if not given.keys().isdisjoint(pair) for name in pair)}


def clash(values: Values) -> tuple[str, str] | None:
    """Find a pair of settings in *values*, all from one source, that exclude each other."""
    return next((pair for pair in EXCLUSIVE if all(values.get(name) for name in pair)), None)


def from_json(values: Values) -> dict[str, Any]:
    """
    Return *values* of settings that are not live, which have been JSON since, as their readers made them.

    :param values: some or all of them.
    """
    found = dict(values)
    if found.get("database") is not None:
        # Else its password would be shown as any string is.
        found["database"] = Secret(found["database"])
    if "ssh-host-keys" in found:
        found["ssh-host-keys"] = tuple(found["ssh-host-keys"])
    return found


def lacking(values: Values) -> tuple[str, str] | None:
    """Find a pair of settings of which the first needs the second, which is not set; *values* are complete."""
    return next((pair for pair in NEEDS if values[pair[0]] and not values[pair[1]]), None)


def without_lacking(values: Values, before: Values) -> dict[str, Any]:
    """
    Return *values*, of which those that lack what they need are as *before*.

    A file may have both a live setting and one that it needs, which comes with the next start.
    """
    found = dict(values)
    for name, needed in NEEDS:
        if found[name] and not found[needed]:
            found[name] = before[name]
    return found


def read(document: Mapping[str, Any]) -> dict[str, Any]:
    """
    Read a whole document, as ``tomllib`` parsed it.

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
    """Build the policy of the house from *values*, which are complete."""
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
    """Explain what newcomers to TOML trip over: whatever follows a line in brackets belongs to it."""
    last = wrong.path[-1]
    if wrong.reason.startswith(UNKNOWN) and last in SETTINGS:
        return Wrong(f"{UNKNOWN}; {last} must come before the first line in brackets", wrong.path)
    return wrong
