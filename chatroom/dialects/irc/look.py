"""Looks: what one client's capabilities make of messages; clients with the same ones share renderings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from chatroom.chat.events import Event

from ..json.encoder import iso
from .message import line, with_tags
from .names import mask, msgid


class Passing(Protocol):
    """What those who are here are told of a message, and the journal is not."""

    @property
    def command(self) -> str:
        """``PRIVMSG`` or ``NOTICE``."""

    @property
    def tags(self) -> Mapping[str, str]:
        """Tags of the client that said it, which the server does not know."""


class People(Protocol):
    """What rendering asks about people, by the identity behind an event."""

    def account(self, identity: str) -> str:
        """Return the nick of the account of somebody who is here, or has just left; empty if there is none."""

    def realname(self, identity: str) -> str:
        """Return the real name of somebody here; empty if there is none."""

    def username(self, identity: str) -> str:
        """Return the user name of somebody who is here, or has just left; empty if there is none."""

    def passing_with(self, identity: str, text: str) -> Passing | None:
        """Return what is not stored with a message that is just being said; None: nothing."""

    def is_bot(self, identity: str) -> bool:
        """Return whether somebody here says that they are a program."""

    def correspondent(self, room: str, identity: str) -> str:
        """Return the nick of the other party of a private conversation; empty if it is not known."""

    def away(self, identity: str) -> str | None:
        """Return the away message of somebody here; None: not away."""

    def account_of(self, nick: str) -> str:
        """Return the nick of the account that the person with this *nick* is logged in to; or empty."""

    def mask_of(self, nick: str) -> str:
        """Return who the person with this *nick* is, as messages begin with it."""

    def status(self, room: str, identity: str) -> str:
        """Return which of the modes ``o`` and ``v`` somebody here has in *room*."""

    def holds(self, room: str, letter: str) -> bool:
        """Return whether *room* has the mode *letter* now."""

    def former_lock(self, room: str) -> str:
        """Return the lock that *room* had before its last change: ``key``, ``invited`` or empty."""

    def is_here(self, identity: str) -> bool:
        """Return whether somebody is still here, in whatever room."""


class Look:
    """
    One set of capabilities (IRCv3) in use.

    :param capabilities: what the client has asked for.
    :param server: the server's name, the source of its own messages.
    """

    def __init__(self, capabilities: frozenset[str], server: str, people: People) -> None:
        self.capabilities = capabilities
        self.server = server
        self.people = people
        self.tags = "message-tags" in capabilities
        """Whether messages have an id, and tags of clients are passed on."""
        self.times = "server-time" in capabilities
        self.accounts = "account-tag" in capabilities
        self.batches = "batch" in capabilities
        self.echo = "echo-message" in capabilities
        self.redaction = "draft/message-redaction" in capabilities
        self.multiline = "draft/multiline" in capabilities and self.batches
        self.extended_join = "extended-join" in capabilities
        self.playback = "draft/event-playback" in capabilities
        """Whether what happened is told among past messages."""
        self.invite_notify = "invite-notify" in capabilities

    def source(self, event: Event) -> tuple[str, str]:
        """Return who did *event*, as the message begins with it, and the label that a script has behind its nick."""
        if not event.bot:
            return mask(event.nick, event.by, self.people.username(event.by)), ""
        # The nick of a script may have a label behind it: "build (grafana)".
        nick, _, label = event.nick.partition(" (")
        return f"{nick}!~bot@bot", f"({label} " if label else ""

    def invitation(self, host: str, guest: str, where: str) -> str:
        """Write that *host* invites *guest*."""
        tags = {}
        if self.accounts and (account := self.people.account_of(host)):
            tags["account"] = account
        return with_tags(line(self.people.mask_of(host), "INVITE", guest, where), tags)

    def away(self, event: Event) -> list[str]:
        """Write that whoever did *event* is away, if so."""
        message = self.people.away(event.by)
        return [] if message is None else [line(self.source(event)[0], "AWAY", message or "Away")]

    def event_tags(self, event: Event, seq: int, *, message: bool = False) -> dict[str, str]:
        """Return the tags of *event*; *message*: it is a message, or about one, so its id is of use."""
        tags = {}
        if self.times:
            tags["time"] = iso(event.at)
        if self.tags and message:
            tags["msgid"] = msgid(event.room, seq)
        if self.accounts and (account := self.people.account(event.by)):
            tags["account"] = account
        if self.tags and (event.bot or self.people.is_bot(event.by)):
            tags["bot"] = ""
        return tags
