"""The startup message: where the server listens, where it stores everything, and the commands to join with."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IListeningPort

from chatroom.config.settings import PORT

_STORING_NOTHING = "Storing nothing: messages are forgotten when the server stops."


def startup_message(
    ports: Sequence[IListeningPort],
    folder: str | None,
    left: int,
    client: str,
    names: Sequence[str] | None = None,
    secure: bool = False,
) -> list[str]:
    """
    Write the lines that are logged when the server has started.

    :param folder: where everything is stored; None: nowhere.
    :param left: the number of people still in rooms after a crash.
    :param client: our client's command.
    :param names: the names in the TLS certificate; None: there is none.
    :param secure: whether only TLS is accepted.
    """
    addresses = [port.getHost() for port in ports]
    stored = _STORING_NOTHING if folder is None else f"Storing everything in {folder}."
    lines = [f"Listening on {', '.join(map(_written, addresses))}.", stored]
    if left:
        people = "1 person was" if left == 1 else f"{left} people were"
        lines.append(f"The last run ended without shutting down; {people} marked as disconnected.")
    tcp = [address for address in addresses if isinstance(address, (IPv4Address, IPv6Address))]
    if tcp:
        lines.append(f"Join with:  {'   '.join(_ways_in(tcp[0], client, names, secure))}")
    return lines


def _ways_in(
    address: IPv4Address | IPv6Address, client: str, names: Sequence[str] | None, secure: bool
) -> Sequence[str]:
    """Write the commands to join with at *address*, and the address of the page."""
    host, port = _reached_at(address), address.port
    plain = f"nc {host} {port}   telnet {host} {port}"
    if names is not None:
        # A name in the certificate if it has one: clients that check would refuse any other.
        host = next((name for name in (host, *names) if name in names and "*" not in name), host)
        client += " --tls"
    site = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if secure:
        plain = f"openssl s_client -quiet -connect {site}"
    at = host if port == PORT else site
    ours = client if at == "localhost" else f"{client} {at}"
    return plain, ours, f"{'http' if names is None else 'https'}://{site}/"


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


def _reached_at(address: IPv4Address | IPv6Address) -> str:
    host = ip_address(address.host)
    if host.is_loopback:
        return "localhost"
    return socket.gethostname() if host.is_unspecified else address.host
