"""The JSON lines dialect: one object a line, for programs.  ``docs/protocol.md`` has every type and field."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from chatroom.chat.events import Batch, Event
from chatroom.chat.refusals import BadInput, Refusal, TooLong
from chatroom.chat.replies import Reply

from ..base import Decoded, View
from ..views import ViewPreferences
from .commands import command_of, parse_object
from .encoder import encode, event_lines, reply_line

_LINES = "json lines"
"""The cache key for a batch's encoded objects, independent of framing."""
_MARKED = "json marked"
"""The cache key for the authors of events that look different to one of their sessions, or to all of them."""


class JsonDialect:
    """
    The JSON lines dialect.

    :param longest_ref: characters that a ``ref`` may have.
    """

    def __init__(self, longest_ref: int) -> None:
        self._longest_ref = longest_ref

    def decode(self, line: bytes, named: bool) -> Decoded:
        """Read one object, after a byte order mark if there is one; an empty line is ignored."""
        line = line.removeprefix(BOM_UTF8)
        if not line.strip():
            return Decoded(None)
        ref = None
        try:
            values = parse_object(line)
            ref = self._ref(values)
            return Decoded(command_of(values), ref)
        except Refusal as refusal:
            return Decoded(refusal, ref)

    def encode(self, batch: Batch, viewer: str = "", session: str = "") -> bytes:
        """Render each event as one line; see `lines`."""
        if not viewer:
            return self.to_bytes(self.lines(batch))
        marked = batch.renderings.get(_MARKED)
        if marked is None:
            marked = batch.renderings[_MARKED] = _marked(batch)
        if session in ("", viewer) and viewer not in marked:
            return batch.rendered(self)
        return self.to_bytes(self.lines(batch, viewer, session))

    def to_bytes(self, lines: Sequence[str]) -> bytes:
        """Put *lines*, each an object, together as they are sent."""
        return f"{lines[0]}\n".encode() if len(lines) == 1 else "\n".join([*lines, ""]).encode()

    def lines(self, batch: Batch, viewer: str = "", session: str = "") -> list[str]:
        """
        Return a line for each event.

        Those of the viewer's session carry their ``ref``, those of the viewer's other sessions ``"own": true``.
        """
        lines: list[str] | None = batch.renderings.get(_LINES)
        if lines is None:
            lines = batch.renderings[_LINES] = event_lines(batch)
        if viewer:
            session = session or viewer
            lines = [
                line if event.by != viewer and (event.session or event.by) != session else _own(line, event, session)
                for line, event in zip(lines, batch.events, strict=True)
            ]
        return lines

    def encode_reply(self, reply: Reply, ref: str | None = None) -> bytes:
        """Render *reply* as one line."""
        return self.to_bytes((reply_line(reply, ref),))

    def personal(self, preferences: ViewPreferences) -> JsonView | None:
        """Make a view for a person who ignores somebody; programs do everything else themselves."""
        return JsonView(self, preferences) if preferences.ignored else None

    def _ref(self, values: Mapping[str, Any]) -> str | None:
        ref = values.get("ref")
        if ref is None:
            return None
        if not isinstance(ref, str):
            raise BadInput("A ref must be a string.")
        if len(ref) > self._longest_ref:
            raise TooLong(f"A ref has at most {self._longest_ref} characters.")
        return ref


def _marked(batch: Batch) -> Collection[str]:
    """Return the authors of events in *batch* that look different to them, and the sessions."""
    if len(batch.events) == 1 and batch.events[0].ref is None and not batch.events[0].session:
        # Most of what people are shown of themselves: that they came in.
        return ()
    return {
        one for event in batch.events if event.ref is not None or event.session for one in (event.by, event.session)
    }


def _own(line: str, event: Event, session: str) -> str:
    """Return the *line* of the person's own *event* as this *session* of theirs gets it."""
    if (event.session or event.by) != session:
        return f'{line[:-1]},"own":true}}'
    return line if event.ref is None else f'{line[:-1]},"ref":{encode(event.ref)}}}'


class JsonView(View):
    """JSON lines without those of ignored people; the rest keep their true seq."""

    base: JsonDialect

    def encode(self, batch: Batch, viewer: str = "", session: str = "") -> bytes:
        """Render what is not hidden."""
        lines = self.base.lines(batch, viewer, session)
        shown = [line for line, event in zip(lines, batch.events, strict=True) if not self.preferences.hides(event)]
        return self.base.to_bytes(shown)

    def encode_reply(self, reply: Reply, ref: str | None = None) -> bytes:
        """Render *reply* without what is hidden."""
        return self.base.encode_reply(self.preferences.visible(reply), ref)
