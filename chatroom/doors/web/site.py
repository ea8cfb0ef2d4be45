"""What is where: the page, the WebSocket, and what those who run the server look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from math import ceil
from socket import gethostname
from typing import TYPE_CHECKING, Any

import h11
from twisted.internet.interfaces import IAddress

from chatroom.chat.durations import spoken
from chatroom.chat.hub import Hub
from chatroom.dialects.origins import is_local, is_of, normal
from chatroom.doors.addresses import among, within
from chatroom.doors.browsers import Browsers
from chatroom.doors.crowd import Crowd, counted_at

from .answers import Answer, told
from .asking import values
from .files import Page
from .settings import WebSettings
from .upgrading import Upgrade, upgraded
from .visitors import Visitor, visitor

if TYPE_CHECKING:
    from .metrics import Metrics


REQUEST = 0.5
"""Lines' worth of work that a request is: 100 to 250 µs, by how many headers it has."""


class Site:
    """
    Answers requests.

    :param pages: what is served, by the path below the site's.
    :param crowd: knows how many may come from where.
    :param browsers: is told where browsers come from.
    """

    def __init__(self, hub: Hub, pages: Mapping[str, Page], crowd: Crowd, browsers: Browsers) -> None:
        self.settings = WebSettings()
        """May be replaced at any time."""
        self._hub = hub
        self._pages = pages
        self._crowd = crowd
        self._browsers = browsers
        self.answers: Counter[int] = Counter()
        """What was answered since the start, by status."""
        self.metrics: Metrics | None = None
        """The figures, if there are any to be read."""

    def is_proxy(self, peer: IAddress | None) -> bool:
        """Tell whether requests from *peer* are made for others, by a proxy that we trust."""
        return among(peer, self.settings.proxies)

    def answer(self, request: h11.Request, transport: Any, size: int | None = None) -> Answer | Upgrade:
        """
        Answer *request*, which is complete; for a WebSocket, with what it needs to begin.

        :param size: bytes of it that have yet to be paid for by who asks; None: all is paid for.
        """
        settings = self.settings
        who = visitor(request, transport, settings.proxies)
        owed = 0.0 if size is None else self._owed(who, size)
        if owed:
            wait = ceil(owed)
            return told(429, f"Too many requests; ask again in {spoken(wait)}.", ("Retry-After", str(wait)))
        path = _path(request)
        if settings.prefix and path.startswith(f"{settings.prefix}/"):
            path = path.removeprefix(settings.prefix)
        if request.method not in (b"GET", b"HEAD"):
            return told(405, "Only GET and HEAD are understood here.", ("Allow", "GET, HEAD"))
        if path == settings.prefix:
            # Without the slash, what the page refers to would be looked for beside it.
            return told(308, "The page is one slash further.", ("Location", f"{path.rpartition('/')[2]}/"))
        match path:
            case "/ws":
                return self._open(request, who)
            case "/healthz":
                return self._health()
            case "/metrics":
                return self._figures(request, who, transport)
        page = self._pages.get(path.removeprefix("/"))
        if page is None:
            return told(404, "There is nothing here.")
        if not who.vouched:
            self._browsers.note(who.address)
        return page.answer(request)

    def _owed(self, who: Visitor, size: int) -> float:
        """Have *who* pay for a request; return the seconds after which they could, if they cannot now."""
        budget = self._hub.core.budgets.place(who.address)
        owed = budget.owed()
        if owed:
            budget.rests["place"] += 1
        else:
            budget.spend(REQUEST, size)
        return owed

    def _open(self, request: h11.Request, who: Visitor) -> Answer | Upgrade:
        if self._hub.closing:
            return told(503, "The server is shutting down.")
        if not self._may_come(request, who):
            return told(
                403, "This page is not of this server, and may not chat here; see origins in its configuration."
            )
        if self._crowd.full(counted_at(who.host)):
            return told(429, "There are too many connections from your address.")
        return upgraded(request, who)

    def _may_come(self, request: h11.Request, who: Visitor) -> bool:
        """
        Tell whether a page of that origin may open a WebSocket; programs have none.

        Browsers let any page open one anywhere, and tell where the page is from (RFC 6455 section 10.2).
        """
        given = values(request, b"origin")
        if not given:
            return True
        origin = normal(given[0]) if len(given) == 1 else None
        origins = self.settings.origins
        if origin in origins or ("*" in origins and len(given) == 1):
            return True
        # Anybody can have a name of theirs point to this machine while their page is open (DNS rebinding).
        return origin is not None and is_of(origin, who.site) and (is_local(origin, gethostname()) or not who.near)

    def _health(self) -> Answer:
        if self._hub.closing:
            return told(503, "The server is shutting down.")
        if not self._hub.ledger.storing:
            return told(503, "Messages cannot be stored.")
        return told(200, "ok")

    def _figures(self, request: h11.Request, who: Visitor, transport: Any) -> Answer:
        allowed = self.settings.metrics_for
        # Whoever is asked for by a proxy that we do not know may be anybody.
        hidden = not who.vouched and bool(values(request, b"x-forwarded-for"))
        known = within(who.host, allowed) if who.vouched else among(transport.getPeer(), allowed)
        if hidden or not known:
            return told(403, "The figures are not for you; see metrics-for in the server's configuration.")
        if self.metrics is None:
            return told(404, "There are no figures.")
        kind, figures = self.metrics.figures()
        return Answer(200, (("Content-Type", kind), ("Cache-Control", "no-store")), figures)


def _path(request: h11.Request) -> str:
    """Return the path that is asked for (RFC 9112 section 3.2)."""
    target = request.target.decode()
    if not target.startswith("/"):
        # In the absolute form it is a whole address.
        _, _, rest = target.partition("://")
        target = "/" + rest.partition("/")[2]
    return target.partition("?")[0]
