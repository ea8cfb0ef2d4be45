"""Fan-out: sends one batch, rendered once, to all live members of a room."""

from __future__ import annotations

from collections.abc import Mapping

from chatroom.chat.events import Batch

from .stream import StreamOutlet


def fan_out(live: Mapping[str, StreamOutlet], batch: Batch) -> None:
    """
    Deliver *batch* to every outlet in *live*, by identity: `StreamOutlet.deliver` for many.

    A live member who is not an author costs one ``send`` of shared bytes, with as few memory accesses as possible:
    with a thousand members each is a cache miss (``docs/performance.md``).  So the lines of `DirectWriter.write` are
    repeated here.
    """
    # A copy, because outlets that fall behind are removed.
    others = dict(live)
    for outlet in [others.pop(identity) for identity in batch.authors if identity in others]:
        _deliver(outlet, batch)
    renderings = batch.renderings
    for outlet in others.values():
        rendered, send = renderings.get(outlet.dialect), outlet.send
        if not rendered or send is None:
            _deliver(outlet, batch)
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


def _deliver(outlet: StreamOutlet, batch: Batch) -> None:
    try:
        outlet.deliver(batch)
    except Exception:
        # A bug in one outlet must not affect the others.
        outlet.log.failure("An outlet broke; the others go on.")
