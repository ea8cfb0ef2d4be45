"""Listeners: the addresses on which the server accepts connections."""

from __future__ import annotations

import errno
import socket
from typing import Any

from twisted.internet.endpoints import TCP4ServerEndpoint, TCP6ServerEndpoint, serverFromString
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IListeningPort, IProtocolFactory, IStreamServerEndpoint
from twisted.python.failure import Failure

from chatroom.config.listen import LOOPBACK, MAX_PORT, host_and_port
from chatroom.config.settings import Values
from chatroom.doors.front.accept_limit import limit_accepts

from .errors import CannotStart

BACKLOG = 1024
"""Connections that may wait to be accepted: a whole lecture hall pressing Enter at once."""


class Listener:
    """
    One address to listen on.

    :param description: how people write it, for messages.
    :param optional: whether it is skipped if this machine has no such address.
    :param front: the factory that listens there; None: the front door for all protocols.
    :param instead: the option that chooses another port, for messages; "": there is no simple one.
    """

    def __init__(
        self,
        endpoint: IStreamServerEndpoint,
        description: str,
        optional: bool = False,
        front: IProtocolFactory | None = None,
        instead: str = "",
    ) -> None:
        self.endpoint = endpoint
        self.description = description
        self.optional = optional
        self.front = front
        self.instead = instead

    def open(self, front: IProtocolFactory) -> IListeningPort | None:
        """
        Listen, with *front* unless it has a front of its own.

        :returns: the port; None if the listener is optional and this machine has no such address.
        :raises CannotStart: if it fails.
        """
        outcome: list[IListeningPort | Failure] = []
        self.endpoint.listen(self.front or front).addBoth(outcome.append)
        if not outcome:
            # Twisted's own endpoints have opened their port, or failed, by now.
            raise CannotStart(f"{self.description} is not ready")
        [port] = outcome
        if isinstance(port, Failure):
            self._raise_unless_optional(port)
            return None
        if hasattr(port, "numberAccepts"):
            limit_accepts(port)
        return port

    def _raise_unless_optional(self, failure: Failure) -> None:
        error = failure.value
        if not isinstance(error, CannotListenError):
            reason = (isinstance(error, OSError) and error.strerror) or failure.getErrorMessage()
            raise CannotStart(f"cannot listen on {self.description}: {reason}.")
        if not (self.optional and _no_such_address(error)):
            raise CannotStart(f"{self._why_not(error)}")

    def _why_not(self, error: CannotListenError) -> str:
        cause = error.socketError
        if isinstance(cause, OSError) and cause.errno == errno.EADDRINUSE:
            other = f" port: {self.instead}" if self.instead else "."
            return f"{self.description} is in use, perhaps by another chatroom. Stop that, or choose another{other}"
        reason = cause.strerror if isinstance(cause, OSError) else str(cause)
        return f"cannot listen on {self.description}: {reason}."


def listeners(values: Values, reactor: Any) -> list[Listener]:
    """
    Make the listeners that *values* ask for, or else those of this machine only.

    :raises CannotStart: if the description of an endpoint is wrong.
    """
    if values["public"]:
        # An IPv6 socket accepts IPv4 connections, too.
        address = "::" if socket.has_ipv6 and _can_listen("::") else "0.0.0.0"
        return [_one_port(reactor, address, values["port"], "--port")]
    if not values["listen"]:
        return _on_loopback(reactor, values["port"], "--port")
    return [each for written in values["listen"] for each in _asked(reactor, written, "--listen")]


def door_listeners(values: Values, name: str, reactor: Any, front: IProtocolFactory) -> list[Listener]:
    """
    Make the listeners for *front*, which leads to one door only.

    :param name: the setting with the addresses, such as ``listen-web``.
    :raises CannotStart: if the description of an endpoint is wrong.
    """
    return [each for written in values[name] for each in _asked(reactor, written, f"--{name}", front)]


def _one_port(
    reactor: Any, host: str, port: int, option: str, optional: bool = False, front: IProtocolFactory | None = None
) -> Listener:
    description = f"port {port} of {host}" if optional else f"port {port}"
    return Listener(_tcp(reactor, host, port), description, optional, front, f"{option} {port % MAX_PORT + 1}")


def _on_loopback(reactor: Any, port: int, option: str, front: IProtocolFactory | None = None) -> list[Listener]:
    found = [_one_port(reactor, "127.0.0.1", port, option, front=front)]
    if port:
        # Any free port, 0, would be another one for each address.
        found.append(_one_port(reactor, "::1", port, option, True, front))
    return found


def _asked(reactor: Any, written: str, option: str, front: IProtocolFactory | None = None) -> list[Listener]:
    """Make the listeners for one address, as people write it; it was checked before."""
    place = host_and_port(written)
    if place is None:
        return [Listener(_parsed(reactor, written, option), written, front=front)]
    host, port = place
    if host == LOOPBACK:
        return _on_loopback(reactor, port, option, front)
    return [Listener(_tcp(reactor, host, port), written, front=front)]


def _parsed(reactor: Any, description: str, option: str) -> IStreamServerEndpoint:
    try:
        endpoint: IStreamServerEndpoint
        endpoint = serverFromString(reactor, _with_backlog(description))  # type: ignore[no-untyped-call]
    except Exception as error:  # endpoints are plugins, and raise what they like
        raise CannotStart(f"{option} {description}: {error}") from None
    return endpoint


def _with_backlog(description: str) -> str:
    """Give an endpoint our backlog unless it names its own: Twisted's 50 refuses a rush."""
    plain = description.startswith(("tcp:", "tcp6:", "unix:")) and ":backlog=" not in description
    return f"{description}:backlog={BACKLOG}" if plain else description


def _tcp(reactor: Any, address: str, port: int) -> TCP4ServerEndpoint | TCP6ServerEndpoint:
    endpoint = TCP6ServerEndpoint if ":" in address else TCP4ServerEndpoint
    return endpoint(reactor, port, backlog=BACKLOG, interface=address)


def _can_listen(address: str) -> bool:
    """Whether a socket can bind the IPv6 *address* here; Python may support IPv6 when the kernel does not."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as trial:
            trial.bind((address, 0))
    except OSError:
        return False
    return True


def _no_such_address(error: CannotListenError) -> bool:
    cause = error.socketError
    return isinstance(cause, OSError) and cause.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
