"""Fan-out: sends one batch, rendered once, to everyone in a room who is up to date."""

from __future__ import annotations

from collections.abc import Mapping

from chatroom.chat.events import Batch

from .stream import StreamOutlet


def fan_out(live: Mapping[str, StreamOutlet], batch: Batch) -> None:
    """
    Deliver *batch* to everyone in *live*, by identity: what `StreamOutlet.deliver` does, for many.

    A member who is up to date and took no part in the batch costs one ``send`` of ready-made bytes, and
    nothing of theirs is looked at but what that needs: with a thousand members what is looked at is not
    in the processor's cache (``docs/performance.md``).  So the lines of `DirectWriter.write` stand here, too.
    """
    # A copy, because who falls behind is live no more.
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
        # One outlet's bug is not the next one's loss.
        outlet.log.failure("An outlet broke; the others go on.")
