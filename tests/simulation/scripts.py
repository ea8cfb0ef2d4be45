"""Scripts: what they post, read and follow with a token, judged by what is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatroom.chat.events import Batch, Event
from chatroom.chat.outcomes import changed, changes_in
from chatroom.chat.people.bot import Bot
from chatroom.chat.ports import JournalError
from chatroom.chat.refusals import Refusal
from chatroom.chat.replies import Gap, Reply
from chatroom.chat.rooms.followers import Follower
from chatroom.chat.rooms.posting import Post

from .broken import Broken

if TYPE_CHECKING:
    from .simulation import Simulation

ADDRESS = "192.0.2.9"
"""Where scripts are."""


class Scripts:
    """The scripts of one process of the server in *simulation*."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._house = simulation.house
        self.bots = simulation.house.hub.bots

    def begin(self, what: str, number: int, room: str, *how: Any) -> None:
        """Let a script with one of the tokens do something, if there is any token."""
        secrets = self._simulation.disk.secrets
        # Others have been revoked, and too many wrong ones are refused for a while.
        right = [one for one in secrets if self._house.hub.core.api_tokens.proven(one)] or secrets[:1]
        if right:
            secret = right[number % len(right)]
            self._house.world.spawn(getattr(self, f"_{what}")(secret, room, *how))

    async def _post(self, secret: str, room: str, text: str, ref: str | None, patient: bool) -> None:
        try:
            bot = self.bots.access.bot(secret, ADDRESS)
            posted = await self.bots.posting.post(bot, room, Post(text, ref, "", patient))
        except (Refusal, JournalError):
            return
        event = self._stored(room, posted.seq)
        right = (event.by, event.ref) == (bot.identity, ref)
        if not right or (not posted.again and getattr(event, "text", "") != text):
            raise Broken(f"{text} was posted to #{room} as {posted.seq}, and that is {event}")

    async def _read(self, secret: str, room: str, before: int | None, after: int | None) -> None:
        try:
            bot = self.bots.access.bot(secret, ADDRESS)
            page = await self.bots.pages.read(bot, room, before, after, 3)
        except (Refusal, JournalError):
            return
        for seq, event in page.messages:
            self.check_shown(room, seq, event)

    async def _follow(self, secret: str, room: str, after: int | None, on: bool) -> None:
        try:
            bot: Bot = self.bots.access.bot(secret, ADDRESS)
            follower = await self.bots.followers.follow(bot, room, after, on=on)
        except (Refusal, JournalError):
            return
        follower.begin(Following(self._simulation, self, follower))

    def check_shown(self, room: str, seq: int, event: Event) -> None:
        """
        Check that what a script is shown is what is stored, but for changes that are stored and not shown yet.

        :raises Broken: if it is not.
        """
        shown = self._house.hub.rooms.get(room)
        later = self._simulation.disk.rooms[room].events[shown.shown :] if shown is not None else ()
        for change in changes_in(later):
            event = changed(seq, event, change)
        if self._stored(room, seq) != event:
            raise Broken(f"a script is shown {seq} of #{room} as {event}, and it is {self._stored(room, seq)}")

    def _stored(self, room: str, seq: int) -> Event:
        kept = self._simulation.disk.rooms.get(room)
        if kept is None or not 1 <= seq <= kept.last:
            raise Broken(f"{seq} of #{room} is known to a script, and is not stored")
        return kept.events[seq - 1]

    def end_all(self) -> bool:
        """Let every script close its connection; return whether there were any."""
        followed = bool(self.bots.followers.all)
        self.bots.followers.close()
        return followed


class Following:
    """A stream that is read more or less slowly, and its outlet."""

    door = "api"
    resumes = secure = asks = False
    viewer = address = ""
    dialect = send = link = None

    def __init__(self, simulation: Simulation, scripts: Scripts, follower: Follower) -> None:
        self._simulation = simulation
        self._scripts = scripts
        self._follower = follower
        self._expected = follower.position + 1

    @property
    def outlet(self) -> Any:
        """Itself: it renders nothing."""
        return self

    def deliver(self, batch: Batch) -> bool:
        """Read *batch*, and perhaps nothing more for a while."""
        for seq, event in batch:
            if seq != self._expected:
                raise Broken(f"a script is shown {seq} of #{batch.room} and not {self._expected}")
            self._scripts.check_shown(batch.room, seq, event)
            self._expected += 1
        schedule = self._simulation.schedule
        if schedule.coin() and schedule.coin():
            self._follower.fall_behind()
            schedule.add("drain a script", self._follower.drained)
            return False
        return True

    def reply(self, reply: Reply, ref: str | None = None) -> None:
        """Read what is missing."""
        if not isinstance(reply, Gap) or reply.first != self._expected or reply.last < reply.first:
            raise Broken(f"a script that expects {self._expected} is told {reply}")
        self._expected = reply.last + 1

    def end(self) -> None:
        """The stream has ended."""
