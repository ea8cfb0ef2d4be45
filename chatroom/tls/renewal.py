"""The certificate that is shown now, and the looks at its files that find it renewed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from OpenSSL import SSL
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from .pair import BadPair, Pair, read_pair

EVERY = 5.0
"""Seconds from one look at the files to the next."""

SOON = timedelta(days=7)
"""A certificate that expires within this is warned of: whatever renews it by itself does so weeks before."""

DAY = 86_400.0
"""Seconds from one warning to the next."""

InThread = Callable[[Callable[[], Any], Callable[[Any], object]], object]
"""Calls the first function on another thread, and then the second one, with its result, on the reactor's."""

Files = tuple[Path, Path | None]
Signature = tuple[tuple[int, ...] | None, ...]
"""What tells that a file is not what it was, for each file; None: it cannot be looked at."""

log = Logger(namespace="chatroom")


class Certificate:
    """
    The certificate of this server; it is read anew when its files have changed.

    Files that cannot be used change nothing.  They are told of in the log once, and not before they have
    stayed as they are from one look to the next: two files are not renewed in one moment.

    :param in_thread: for reading files: a disk may take its time.
    :param key: None: it is in the same file as the certificate.
    :param now: tells the seconds since the epoch: certificates expire by them.
    :param protocols: what the other end may say in the handshake that it will speak (ALPN, RFC 7301).
    """

    def __init__(
        self,
        clock: IReactorTime,
        in_thread: InThread,
        certificate: Path,
        key: Path | None,
        now: Callable[[], float] = time.time,
        protocols: Sequence[bytes] = (),
    ) -> None:
        self._clock = clock
        self._now = now
        self._in_thread = in_thread
        self._files: Files = (certificate, key)
        self._protocols = protocols
        self._pair: Pair | None = None
        self._taken: Signature = ()
        self._refused: Signature = ()
        self._doubted: Signature = ()
        """The files as they were when they could not be used, and nobody has been told of it yet."""
        self._timer: IDelayedCall | None = None
        self._running = self._looking = self._asked = False
        self._warn_next = 0.0

    @property
    def context(self) -> SSL.Context:
        """What a new connection is made from; there is one as soon as `open` has returned."""
        assert self._pair is not None
        return self._pair.context

    @property
    def names(self) -> Sequence[str]:
        """Whom the certificate is for: host names and addresses."""
        return self._pair.names if self._pair is not None else ()

    def open(self) -> None:
        """
        Read the files for the first time, here and now.

        :raises BadPair: if they cannot be used.
        """
        # Whatever is written after this moment is found by the first look.
        signature = _signature(self._files)
        self._take(self._read(), signature)

    def start(self) -> None:
        """Look at the files every few seconds from now on."""
        self._running = True
        self._timer = self._clock.callLater(EVERY, self.look)

    def stop(self) -> None:
        """Look no more; harmless if that has not begun."""
        self._running = False
        self._stop_timer()

    def look(self, *, asked: bool = False) -> None:
        """
        Look whether the files have changed.

        :param asked: somebody wants to know, so what cannot be used is told of at once, and once more.
        """
        self._asked = self._asked or asked
        if self._looking or not self._running:
            return
        self._stop_timer()
        asked, self._asked = self._asked, False
        known = {self._taken} if asked else {self._taken, self._refused}
        self._looking = True
        self._in_thread(partial(_look, self._files, known, self._read), partial(self._looked, asked))

    def _read(self) -> Pair:
        return read_pair(*self._files, self._protocols)

    def _looked(self, asked: bool, look: _Look) -> None:
        self._looking = False
        if not self._running:
            return
        if isinstance(look.found, Pair):
            self._take(look.found, look.signature)
        elif look.found is not None:
            self._doubt(look.found, look.signature, asked)
        self._warn()
        self._timer = self._clock.callLater(0 if self._asked else EVERY, self.look)

    def _take(self, pair: Pair, signature: Signature) -> None:
        renewed = self._pair is not None
        self._pair, self._taken, self._warn_next = pair, signature, 0.0
        log.info(
            "New connections get the new certificate, for {names}, valid until {until}."
            if renewed
            else "TLS is spoken, with a certificate for {names}, valid until {until}.",
            names=", ".join(pair.names) or "nobody",
            until=_written(pair.until),
        )
        if not pair.names:
            log.warn("The certificate names no host (subjectAltName): whoever checks that will not connect.")
        self._warn()

    def _doubt(self, why: BadPair, signature: Signature, asked: bool) -> None:
        if asked or signature == self._doubted:
            self._refused = signature
            log.error("The certificate stays the one it was. {why}", why=why)
        self._doubted = signature

    def _warn(self) -> None:
        """Tell of what will keep people out, or does so already; once a day."""
        seconds = self._now()
        if self._pair is None or seconds < self._warn_next:
            return
        self._warn_next = seconds + DAY
        now = datetime.fromtimestamp(seconds, UTC)
        if now > self._pair.until:
            log.warn("The certificate has expired: it was valid until {until}.", until=_written(self._pair.until))
        elif now < self._pair.since:
            log.warn("The certificate is not valid before {since}.", since=_written(self._pair.since))
        elif now + SOON > self._pair.until:
            log.warn("The certificate expires soon: it is valid until {until}.", until=_written(self._pair.until))

    def _stop_timer(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None


class _Look(NamedTuple):
    """What one look at the files has found."""

    signature: Signature
    found: Pair | BadPair | None
    """None: nothing new, or something is being written just now."""


def _look(files: Files, known: set[Signature], read: Callable[[], Pair]) -> _Look:
    """Look at *files*, and read them unless they are *known*; it may take as long as the disk does."""
    signature = _signature(files)
    if signature in known:
        return _Look(signature, None)
    found: Pair | BadPair
    try:
        found = read()
    except BadPair as bad:
        found = bad
    except Exception as error:  # the looks must go on, whatever a file has in it
        found = BadPair(f"{files[0]}: it cannot be used: {error!r}")
    return _Look(signature, found if _signature(files) == signature else None)


def _signature(files: Files) -> Signature:
    return tuple(_state(path) for path in files if path is not None)


def _state(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    # The time of the last change of any sort, too: a file that could not be read may only have got another owner.
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
