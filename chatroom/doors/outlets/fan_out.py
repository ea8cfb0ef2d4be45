"""Fan-out: sends one batch, rendered once, to all live members of a room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from chatroom.chat.events import Batch

from .stream import StreamOutlet


class Live(Protocol):
    """The live outlets of a room, by the id of the session: see `Subscribers`."""

    def keys(self) -> Iterable[str]:
        """Return the ids of the sessions."""

    def __getitem__(self, session: str, /) -> StreamOutlet:
        """Return the outlet of *session*."""

    @property
    def further(self) -> Mapping[str, Iterable[str]]:
        """The ids of people's further sessions, by identity."""


def fan_out(live: Live, batch: Batch) -> None:
    """
    Deliver *batch* to every outlet in *live*: `StreamOutlet.deliver` for many.

    A live member who is not an author costs one ``send`` of shared bytes, with as few memory accesses as possible:
    with a thousand members each is a cache miss (``docs/performance.md``).  So the lines of `DirectWriter.write` are
    repeated here.
    """
    # A copy, because outlets that fall behind are removed.
    others = dict(live)
    authors = [others.pop(identity) for identity in batch.authors if identity in others]
    if live.further:
        # A guest who has logged in is an author, too, whose session is one of these now.
        further = [one for identity in batch.authors for one in live.further.get(identity, ())]
        authors += [others.pop(one) for one in further if one in others]
    for outlet in authors:
        deliver(outlet, batch)
    renderings = batch.renderings
    for outlet in others.values():
        rendered, send = renderings.get(outlet.dialect), outlet.send
        if not rendered or send is None:
            deliver(outlet, batch)
            continue
        try:
            sent = send(rendered)
        except BlockingIOError:
            sent = 0
        except OSError:
            outlet.write_failed(rendered)
            continue
        if sent != len(rendered):
            outlet.buffer(rendered, sent)


def deliver(outlet: StreamOutlet, batch: Batch) -> None:
    """Deliver *batch* to one outlet; log what goes wrong."""
    try:
        outlet.deliver(batch)
    except Exception:
        # A bug in one outlet must not affect the others.
        outlet.log.failure("An outlet broke; the others go on.")
