"""The outlets of the IRC door: they write what one client is shown, and answer its labels."""

from __future__ import annotations

from typing import Any, Protocol

from chatroom.chat.events import Batch
from chatroom.chat.replies import LoggedIn, LoggedOut, Notice, ReadUpTo, Refused, Reply, RoomEntered, Welcome
from chatroom.dialects.irc.dialect import IrcDialect, places, shared
from chatroom.dialects.irc.framing import Framing
from chatroom.dialects.irc.message import with_tags
from chatroom.doors.outlets.direct_socket import DirectSocketOutlet
from chatroom.doors.outlets.direct_writer import socket_of
from chatroom.doors.outlets.stream import OutletOwner, StreamOutlet

from .client import Client


class Owner(Client, OutletOwner, Protocol):
    """The door of an outlet."""

    framing: Framing
    """How messages stand on this wire."""

    def welcome(self, reply: Welcome) -> list[str]:
        """Write the welcome."""

    def entered(self, reply: RoomEntered, *, answers: bool) -> list[str]:
        """Write that the client is in a room now."""

    def tell_read(self, place: str, *, answers: bool) -> None:
        """Tell the client how far the person has read a room or conversation, if it wants to know."""

    def skips(self, notice: Notice) -> bool:
        """Return whether the client has been shown *notice* already."""


class IrcOutlet(StreamOutlet):
    """
    Writes to one client what its `Viewer` makes of events and replies.

    Public talk of others, and that they come in, is rendered once for all clients with the same capabilities.  While a
    command with a label runs (IRCv3, labeled-response), what answers it is held until it is complete.
    """

    __slots__ = ()

    _owner: Owner
    keeps_nick = True

    def deliver(self, batch: Batch) -> bool:
        """Write what this client is shown of *batch*."""
        door = self._owner
        if self._view is None and shared(batch):
            if not door.viewer.echoes or batch.authors.isdisjoint((self.viewer, self.session)):
                return super().deliver(batch)
            self.write(b"".join(self._echoed(batch)))
            return not self._full
        door.viewer.identity, door.viewer.session = self.viewer, self.session
        hides = None if self._view is None else self._view.preferences.hides
        lines: list[str] = []
        for shown in door.viewer.shown(batch, hides):
            if shown.ref is None or "labeled-response" not in door.viewer.look.capabilities:
                lines += shown.lines
            elif door.held is not None and shown.ref == door.label:
                door.held += shown.lines
            else:
                lines += labelled(door, shown.ref, shown.lines)
        self.write_lines(lines)
        return not self._full

    def _echoed(self, batch: Batch) -> list[bytes]:
        """Write *batch*, which is `shared`, for an author who is shown what they say, each answer with its label."""
        door, dialect, whose = self._owner, self.dialect, places(batch)
        assert isinstance(dialect, IrcDialect)
        parts = dialect.parts(batch).copy()
        for place in whose.get((self.viewer,), ()):
            parts[place] = b""
        for place in whose.get(self.session or self.viewer, ()):
            ref = batch.events[place].ref
            if ref is None or "labeled-response" not in door.viewer.look.capabilities:
                continue
            lines = dialect.lines_of(batch)[place]
            if door.held is not None and ref == door.label:
                door.held += lines
                parts[place] = b""
            else:
                parts[place] = door.framing(labelled(door, ref, lines))
        return parts

    def reply(self, reply: Reply, ref: str | None = None) -> None:
        """Write *reply*, or hold it if it answers a command with a label."""
        door = self._owner
        door.viewer.identity, door.viewer.session = self.viewer, self.session
        if type(reply) is Refused:
            door.refused()
        if self._view is not None:
            reply = self._view.preferences.visible(reply)
        if isinstance(reply, (LoggedIn, LoggedOut)):
            # Who can prove who they are may come back after a broken connection.
            self.resumes = type(reply) is LoggedIn
        # Before the client has come in, and where nothing has a label, there is no difference.
        answers = ref is not None or door.session.ref is None
        if type(reply) is Welcome:
            lines = door.welcome(reply)
        elif type(reply) is RoomEntered:
            lines = door.entered(reply, answers=answers)
        elif type(reply) is Notice and door.skips(reply):
            return
        elif type(reply) is ReadUpTo:
            door.tell_read(reply.room, answers=answers)
            return
        else:
            lines = door.viewer.reply(reply)
        if ref is not None and self._echoes_to(ref):
            # Instead of the echo of what was said, which nothing is held for.
            self.write_lines(labelled(door, ref, lines))
        elif answers:
            self.answer(lines)
        else:
            self.write_lines(lines)

    def _echoes_to(self, label: str) -> bool:
        """Return whether what is said with this *label* is answered by its echo, and not by what is held."""
        door = self._owner
        if door.held is not None and label == door.label:
            return False
        return door.viewer.echoes and "labeled-response" in door.viewer.look.capabilities

    def answer(self, lines: list[str]) -> None:
        """Write *lines*, or hold them if they answer a command with a label."""
        if self._owner.held is None:
            self.write_lines(lines)
        else:
            self._owner.held += lines

    def write_lines(self, lines: list[str]) -> None:
        """Write *lines* at once."""
        if lines:
            self.write(self._owner.framing(lines))

    def use(self, dialect: IrcDialect) -> None:
        """Share renderings with the clients of *dialect* from now on."""
        self.use_dialects((dialect, dialect))


class IrcStreamOutlet(IrcOutlet):
    """The outlet for any transport."""

    __slots__ = ()


class IrcSocketOutlet(DirectSocketOutlet, IrcOutlet):
    """The outlet for a plain socket."""

    __slots__ = ()


def outlet_for(transport: Any, door: Owner, dialect: IrcDialect, name: str) -> IrcOutlet:
    """Build the fastest outlet for *transport*; *name* is the door's."""
    handle, dialects = socket_of(transport), (dialect, dialect)
    outlet: IrcOutlet
    if handle is not None:
        outlet = IrcSocketOutlet(handle, transport, door, dialects, name, False)
    else:
        outlet = IrcStreamOutlet(transport, door, dialects, name, False)
    # Who speaks has read what was said before.
    outlet.reads = True
    return outlet


def labelled(door: Client, label: str, lines: list[str]) -> list[str]:
    """Put *label* on *lines*, which are the whole answer to one command: none, one, or a batch."""
    tags = {"label": label}
    if not lines:
        return [with_tags(f":{door.viewer.look.server} ACK", tags)]
    if len(lines) == 1 or (" BATCH +m" in lines[0] and " BATCH -m" in lines[-1]):
        return [with_tags(lines[0], tags), *lines[1:]]
    return door.viewer.batch("labeled-response", [], lines, tags)
