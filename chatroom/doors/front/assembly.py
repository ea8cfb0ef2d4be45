"""Assembly: builds front doors from what the doors behind them declare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from twisted.internet.interfaces import IReactorTime

from chatroom.doors.admission import Admission
from chatroom.doors.connection_limits import ConnectionLimits
from chatroom.doors.factory import Entrance
from chatroom.tls.renewal import Certificate

from .front_door import FrontFactory, Multiplexer
from .openings import TLS_HANDSHAKE, Opening, Openings, declared, not_spoken_yet
from .preconnects import Preconnects
from .tls import TlsFactory


@dataclass(frozen=True, slots=True)
class Assembly:
    """
    Builds the front doors of one server.

    :param limits: counts and limits connections.
    :param admission: queues connections of places that opened too many lately.
    :param certificate: the TLS certificate; None: no TLS.
    :param tls_only: whether to refuse connections without TLS; needs a certificate.
    """

    clock: IReactorTime
    limits: ConnectionLimits
    admission: Admission
    certificate: Certificate | None = None
    tls_only: bool = False

    def front_door(self, doors: Sequence[Entrance], preconnects: Preconnects | None = None) -> FrontFactory:
        """
        Build a front door that leads to all of *doors*, by how a connection begins.

        :param doors: the first is the default, for silent and unrecognized connections.
        :param preconnects: the addresses of browsers; None: greetings do them no harm.
        """
        return self._build([*declared(doors, lambda door: door), *not_spoken_yet()], doors, preconnects)

    def single_door(self, door: Entrance) -> FrontFactory:
        """Build a front door that leads to *door* alone, however a connection begins."""
        return self._build([], [door], None)

    def _build(self, rows: list[Opening], doors: Sequence[Entrance], preconnects: Preconnects | None) -> FrontFactory:
        openings = Openings(rows, doors[0], {name: door for door in doors for name in door.alpn})
        if self.certificate is not None:
            # No TLS inside TLS; and browsers have identified themselves by ALPN.
            inside = Multiplexer(self.clock, openings)
            tls = TlsFactory(self.certificate, inside, self.clock, self.admission, self.limits)
            if self.tls_only:
                rows = declared(doors, lambda door: door.without_tls())
            outside = doors[0].without_tls() if self.tls_only else doors[0]
            openings = Openings([Opening(TLS_HANDSHAKE, tls), *rows], outside, {})
        return FrontFactory(
            self.clock,
            openings,
            self.limits,
            self.admission,
            None if self.tls_only else preconnects,
            doors[0].crowded,
        )
