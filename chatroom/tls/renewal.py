"""Certificate renewal: checks the files every few seconds, and uses new ones for new connections."""

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

CHECK_INTERVAL = 5.0
"""Seconds between two checks of the files."""

EXPIRY_WARNING = timedelta(days=7)
"""How long before a certificate expires warnings begin: automatic renewal happens weeks before."""

WARNING_INTERVAL = 86_400.0
"""Seconds between two warnings."""

InThread = Callable[[Callable[[], Any], Callable[[Any], object]], object]
"""Calls the first function on another thread, then the second, with its result, on the reactor's thread."""

Files = tuple[Path | None, ...]
Signature = tuple[tuple[int, ...] | None, ...]
"""For each file, what changes when the file does; None: it cannot be read."""

log = Logger(namespace="chatroom")


class Certificate:
    """
    The certificate of this server, which is read again when its files have changed.

    If the new files cannot be used, the old certificate stays.  That is logged once, and only if they are
    the same at two checks: two files are never replaced at one moment.

    :param in_thread: reads files on another thread, because a disk may be slow.
    :param key: None: it is in the same file as the certificate.
    :param now: returns the seconds since the epoch, by which certificates expire.
    :param protocols: the ALPN protocols that clients may negotiate (RFC 7301).
    """

    what = "certificate"
    """What it is called in the log."""

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
        self._certificate, self._key = certificate, key
        self._files: Files = (certificate, key)
        self._protocols = protocols
        self._pair: Pair | None = None
        self._used: Signature = ()
        self._refused: Signature = ()
        self._doubted: Signature = ()
        """The signature of unusable files that have not been logged yet."""
        self._timer: IDelayedCall | None = None
        self._running = self._checking = self._asked = False
        self._warn_next = 0.0

    @property
    def context(self) -> SSL.Context:
        """The context for new connections; only after `open`."""
        assert self._pair is not None
        return self._pair.context

    @property
    def names(self) -> Sequence[str]:
        """The host names and addresses in the certificate."""
        return self._pair.names if self._pair is not None else ()

    def open(self) -> None:
        """
        Read the files for the first time; blocks.

        :raises BadPair: if they cannot be used.
        """
        # Before reading, so that the first check notices what is written meanwhile.
        signature = _signature(self._files)
        self._use(self._read(), signature)

    def start(self) -> None:
        """Check the files every few seconds from now on."""
        self._running = True
        self._timer = self._clock.callLater(CHECK_INTERVAL, self.check)

    def stop(self) -> None:
        """Stop checking; harmless if that has not begun."""
        self._running = False
        self._stop_timer()

    def check(self, *, asked: bool = False) -> None:
        """
        Check whether the files have changed.

        :param asked: an administrator asked, so bad files are reported at once, even a second time.
        """
        self._asked = self._asked or asked
        if self._checking or not self._running:
            return
        self._stop_timer()
        asked, self._asked = self._asked, False
        known = {self._used} if asked else {self._used, self._refused}
        self._checking = True
        self._in_thread(partial(_check, self._files, known, self._read), partial(self._checked, asked))

    def _read(self) -> Pair:
        return read_pair(self._certificate, self._key, self._protocols)

    def _checked(self, asked: bool, check: _Check) -> None:
        self._checking = False
        if not self._running:
            return
        if isinstance(check.found, Pair):
            self._use(check.found, check.signature)
        elif check.found is not None:
            self._report(check.found, check.signature, asked)
        self._warn()
        self._timer = self._clock.callLater(0 if self._asked else CHECK_INTERVAL, self.check)

    def _use(self, pair: Pair, signature: Signature) -> None:
        renewed = self._pair is not None
        self._pair, self._used, self._warn_next = pair, signature, 0.0
        self._tell(pair, renewed)
        self._warn()

    def _tell(self, pair: Pair, renewed: bool) -> None:
        log.info(
            "New connections get the new certificate, for {names}, valid until {until}."
            if renewed
            else "TLS is on, with a certificate for {names}, valid until {until}.",
            names=", ".join(pair.names) or "no host",
            until=written(pair.until),
        )
        if not pair.names:
            log.warn("The certificate names no host (subjectAltName), so clients that check it will not connect.")

    def _report(self, why: BadPair, signature: Signature, asked: bool) -> None:
        if asked or signature == self._doubted:
            self._refused = signature
            log.error("The old {what} stays in use. {why}", what=self.what, why=why)
        self._doubted = signature

    def _warn(self) -> None:
        """Warn about an expired certificate, or one that expires soon or is not valid yet; once a day."""
        seconds = self._now()
        if self._pair is None or seconds < self._warn_next:
            return
        self._warn_next = seconds + WARNING_INTERVAL
        now = datetime.fromtimestamp(seconds, UTC)
        until, since = written(self._pair.until), written(self._pair.since)
        if now > self._pair.until:
            log.warn("The {what} has expired: it was valid until {until}.", what=self.what, until=until)
        elif now < self._pair.since:
            log.warn("The {what} is not valid yet, but from {since}.", what=self.what, since=since)
        elif now + EXPIRY_WARNING > self._pair.until:
            log.warn("The {what} expires soon: it is valid until {until}.", what=self.what, until=until)

    def _stop_timer(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None


class _Check(NamedTuple):
    """What one check of the files has found."""

    signature: Signature
    found: Pair | BadPair | None
    """None: nothing new, or the files are being written just now."""


def _check(files: Files, known: set[Signature], read: Callable[[], Pair]) -> _Check:
    """Read *files* unless they are *known*; blocks for as long as the disk takes."""
    signature = _signature(files)
    if signature in known:
        return _Check(signature, None)
    found: Pair | BadPair
    try:
        found = read()
    except BadPair as bad:
        found = bad
    except Exception as error:  # checking must go on, whatever a file contains
        found = BadPair(f"{files[0]}: cannot be used: {error!r}")
    return _Check(signature, found if _signature(files) == signature else None)


def _signature(files: Files) -> Signature:
    return tuple(_state(path) for path in files if path is not None)


def _state(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    # ctime, too: perhaps only the owner of a file has changed, and now it can be read.
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
