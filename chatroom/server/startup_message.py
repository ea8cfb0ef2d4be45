"""The startup message: where the server listens, where it stores everything, and the commands to join with."""

from __future__ import annotations

import os
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IListeningPort

from chatroom.config.settings import PORT

_HERE = "localhost"
"""What people on this machine call it."""

_STORING_NOTHING = "Storing nothing: messages are forgotten when the server stops."


def startup_message(
    ports: Sequence[IListeningPort],
    place: str | None,
    left: int,
    client: str,
    names: Sequence[str] | None = None,
    secure: bool = False,
    own: Sequence[str] = (),
    ssh: Sequence[str] = (),
    doors: int = 0,
    house: bool = True,
) -> list[str]:
    """
    Write the lines that are logged when the server has started.

    :param place: where everything is stored; None: nowhere.
    :param left: the number of people still in rooms after a crash.
    :param client: our client's command.
    :param names: the names in the TLS certificate; None: there is none.
    :param secure: whether only TLS is accepted.
    :param own: the addresses of this machine, the best first.
    :param ssh: the fingerprints of the SSH host keys.
    :param doors: the number of door processes; 0: there is one process only.
    :param house: whether there is one of the house.
    """
    addresses = [port.getHost() for port in ports]
    stored = _STORING_NOTHING if place is None else f"Storing everything in {place}."
    lines = [f"Listening on {', '.join(map(_written, addresses)) or 'no port for people'}.", stored]
    if doors:
        counted = f"{doors} door{'s' if doors > 1 else ''}"
        alone = f"Running {counted}; the house is on another machine."
        lines.append(f"Running {doors + 1} processes: the house and {counted}." if house else alone)
    if left:
        people = "1 person was" if left == 1 else f"{left} people were"
        lines.append(f"The last run ended without shutting down; {people} marked as disconnected.")
    tcp = _tcp(addresses)
    if tcp:
        host, *others = _reached_at(tcp[0], own)
        lines.append(f"Join with:  {'   '.join(_ways_in(host, tcp[0].port, client, names, secure))}")
        if others:
            lines.append(f"Also at:  {'   '.join(others)}")
    lines += [f"SSH host key: {fingerprint}" for fingerprint in ssh]
    return lines


def page_for_others(
    ports: Sequence[IListeningPort], names: Sequence[str] | None = None, own: Sequence[str] = ()
) -> str | None:
    """Write the address of the page for other machines; None if they cannot reach it."""
    for address in _tcp([port.getHost() for port in ports]):
        host = _reached_at(address, own)[0]
        if host != _HERE:
            return _ways_in(host, address.port, "", names, False)[-1]
    return None


def _ways_in(host: str, port: int, client: str, names: Sequence[str] | None, secure: bool) -> Sequence[str]:
    """Write the commands to join with at *host*, and the address of the page."""
    plain = f"nc {host} {port}   telnet {host} {port}"
    ssh = f"ssh -p {port} NICK@{host}"
    if names is not None:
        # A name in the certificate if it has one: clients that check would refuse any other.
        host = next((name for name in (host, *names) if name in names and "*" not in name), host)
        client += " --tls"
    site = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if secure:
        plain = f"openssl s_client -quiet -connect {site}"
    at = host if port == PORT else site
    ours = client if at == _HERE else f"{client} {at}"
    return plain, ssh, ours, f"{'http' if names is None else 'https'}://{site}/"


def client_command(server: str, found: str | None) -> str:
    """
    Write our client's command as it can be typed where the server was started.

    :param server: the command that started the server.
    :param found: where the shell finds the client; None: nowhere.
    """
    beside = Path(server).with_name("chatroom")
    return str(beside) if found is None and beside.is_file() else "chatroom"


def _written(address: object) -> str:
    if isinstance(address, IPv6Address):
        return f"[{address.host}]:{address.port}"
    if isinstance(address, IPv4Address):
        return f"{address.host}:{address.port}"
    name = getattr(address, "name", None)
    return os.fsdecode(name) if name else str(address)


def _tcp(addresses: Sequence[object]) -> list[IPv4Address | IPv6Address]:
    return [address for address in addresses if isinstance(address, (IPv4Address, IPv6Address))]


def _reached_at(address: IPv4Address | IPv6Address, own: Sequence[str]) -> Sequence[str]:
    """
    List where *address* is reached, the best first.

    Of this machine's name nothing is said: phones often cannot resolve it.
    """
    host = ip_address(address.host.partition("%")[0])
    if not host.is_unspecified:
        return [_HERE if host.is_loopback else address.host]
    return [one for one in own if host.version == 6 or ":" not in one] or [_HERE]
