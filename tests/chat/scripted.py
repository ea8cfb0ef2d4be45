"""Scripts without HTTP: bots of a bare house, and what they are shown."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

from twisted.internet.defer import Deferred

from chatroom.chat.people.api_tokens import Access
from chatroom.chat.people.bot import Bot
from chatroom.chat.rooms.followers import Follower
from chatroom.chat.rooms.posting import Post, Posted

from .bare import BareHouse, RecordingOutlet

T = TypeVar("T")


class Scripted:
    """A bot named *name*, of the account of ann."""

    def __init__(self, house: BareHouse, name: str = "build", room: str = "", access: Access = Access.BOTH) -> None:
        self.house = house
        account = house.core.accounts.of("ann") or house.account("ann")
        _, self.secret = self.done(house.hub.bots.access.add(account, name, room, access))

    @property
    def bot(self) -> Bot:
        """The bot, as a request now finds it."""
        return self.house.hub.bots.access.bot(self.secret, "")

    def begins(self, task: Coroutine[Any, Any, T]) -> Deferred[T]:
        """Begin something."""
        return Deferred.fromCoroutine(task)

    def done(self, task: Coroutine[Any, Any, T]) -> T:
        """Do something, and return or raise what comes of it."""
        found: list[Any] = []
        self.begins(task).addBoth(found.append)
        for _ in range(10):
            self.house.settle()
        [result] = found
        if hasattr(result, "raiseException"):
            result.raiseException()
        done: T = result
        return done

    def posts(self, text: str, room: str = "lobby", **more: Any) -> Posted:
        """Post *text*."""
        return self.done(self.house.hub.bots.posting.post(self.bot, room, Post(text, **more)))

    def follows(self, room: str = "lobby", after: int | None = None, *, on: bool = True) -> Followed:
        """Follow *room*."""
        follower = self.done(self.house.hub.bots.followers.follow(self.bot, room, after, on=on))
        stream = Followed(follower)
        follower.begin(stream)
        self.house.settle()
        return stream


class Followed:
    """A stream that records what it is shown."""

    def __init__(self, follower: Follower) -> None:
        self.follower = follower
        self.outlet = RecordingOutlet(door="api")
        self.outlet.catch_up = follower  # type: ignore[assignment]
        self.ended = False

    def end(self) -> None:
        self.ended = True

    @property
    def seqs(self) -> list[int]:
        """The seq of every event that was shown."""
        return [seq for seq, _ in self.outlet.events]
