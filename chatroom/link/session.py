"""The remote session: stands at a door for the session that the house in another process has for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, cast

from chatroom.chat.command_table import SPECS, Command
from chatroom.chat.commands.identity import Hello
from chatroom.chat.refusals import Refusal
from chatroom.chat.replies import CaughtUp, Goodbye, Notice, Preferences, Refused, Reply, RoomEntered, Welcome
from chatroom.chat.token_bucket import Rate
from chatroom.doors.outlets.stream import StreamOutlet

from .asked import Asked
from .codec import BadFrame, pack, unpack, unpack_batch
from .frames import Kinds, checked
from .outlet import UNANSWERED, Frame, Traits
from .remote import RemoteBudget, RemoteCatchUp, RemotePerson
from .rooms import RoomsShown

_DIGITS = 20
"""No number of a command has as many digits."""

PARTED = 16
"""Private conversations that were closed of which a session remembers how far they were shown."""

MOST_ENDS = 5
"""Houses that may end before a command is answered, until it is refused: it may be the reason."""

AWAY = "The chat is away for a moment. What you say now is sent when it is back."
BACK = "The chat is back."


class Door(Protocol):
    """The part of the door's end of the link that its sessions use: see `RemoteHouse`."""

    rooms: RoomsShown

    @property
    def rates(self) -> tuple[Rate, Rate]:
        """The line rate and the byte rate of one person."""

    def send(self, frame: Frame) -> bool:
        """Send a frame to the house; False if there is no link now."""

    @property
    def linked(self) -> bool:
        """Whether there is a house now."""

    def now(self) -> float:
        """Return the time in seconds since the epoch."""

    def new_sid(self) -> str:
        """Return what the link calls a new session: a word that means no other one, ever."""

    def pay(self, session: RemoteSession) -> None:
        """Charge now what *session* has spent."""

    def settle_up(self, session: RemoteSession) -> tuple[float, int]:
        """Return what *session* has spent and nobody charged yet, in lines and bytes; its next command tells."""


class RemoteSession:
    """
    A session at a door: hands commands to the house, and the house's answers to the outlet.

    Commands without an answer are kept, so that they can be sent again to the next house.
    """

    __slots__ = (
        "_door",
        "_finishing",
        "_first_card",
        "_handed",
        "_held",
        "_last",
        "_moving",
        "_owed",
        "_told_away",
        "_told_live",
        "active",
        "budget",
        "busy",
        "card",
        "catch_up",
        "full",
        "gone",
        "outlet",
        "parted",
        "person",
        "positions",
        "sid",
        "traits",
        "unanswered",
    )

    def __init__(
        self,
        door: Door,
        outlet: StreamOutlet,
        spend: Callable[[RemoteSession, float, int], object],
        saved: Any = None,
    ) -> None:
        self._door = door
        self.outlet = outlet
        self.sid = door.new_sid()
        self.traits = Traits(
            door=outlet.door,
            address=outlet.address,
            secure=outlet.secure,
            resumes=outlet.resumes,
            asks=outlet.asks,
            reads=outlet.reads,
            keeps_nick=outlet.keeps_nick,
        )
        self.person = RemotePerson()
        self.budget = RemoteBudget(lambda lines, size: spend(self, lines, size), door.rates)
        self.catch_up = RemoteCatchUp(self.tell_full)
        self.active = door.now()
        self.gone = self.busy = self.full = False
        self._first_card: str | None = None
        """The first card, until they have been welcomed: before, they say hello to the next house again."""
        self.card: str | None = None
        """What the house has given for its successor; None: nothing yet."""
        self.parted: dict[str, int] = {}
        """The last seq shown of private conversations that were closed last; what comes next opens them again."""
        self.positions: dict[str, int] = {}
        """The last seq shown of rooms that are not live."""
        self.unanswered: dict[int, Asked] = {}
        self._last = 0
        self._owed = 0.0
        self._held = True
        """Whether commands wait, because the house does not know this session yet."""
        self._finishing = self._told_away = False
        self._told_live = False
        """Whether they know that they have been shown all that they had missed: they are told once."""
        self._moving = saved is not None
        """Whether the house keeps what is for this session, until it is attached."""
        self._handed: Callable[[bool], object] | None = None
        """What waits for that."""
        if saved is not None:
            self._restore(saved)
        if door.linked:
            self.attach()

    # Called by the door.

    def receive(self, command: Command, ref: str | None = None) -> None:
        """Hand *command* to the house; must not be called while `busy`."""
        if self.gone:
            return
        spec = SPECS[type(command)]
        if not spec.keepalive:
            self.active = self._door.now()
        if type(command) is Hello and command.seen:
            shown = [one for one in command.seen.items() if one[0].startswith("@")]
            self.parted = dict(shown[-PARTED:])
        self._ask(command, ref, busy=not spec.appends)

    def refuse(self, refusal: Refusal, ref: str | None = None) -> None:
        """Have *refusal* answered after all earlier commands."""
        self._ask(refusal, ref, busy=True)

    def _ask(self, what: Command | Refusal, ref: str | None, *, busy: bool) -> None:
        # What the last command cost decides when this one is run.
        spent = self._door.settle_up(self)
        self._last += 1
        self.unanswered[self._last] = Asked(what, ref, self._door.now())
        self.busy = self.busy or busy or len(self.unanswered) >= UNANSWERED
        if not self._held:
            self._send_ask(self._last, *spent)

    def _send_ask(self, n: int, lines: float = 0.0, size: int = 0) -> None:
        what, ref, *_ = self.unanswered[n]
        if isinstance(what, Refusal):
            self._door.send(["refuse", self.sid, n, what.code, str(what), ref, lines, size])
        else:
            self._door.send(["ask", self.sid, n, pack(what), ref, lines, size])

    def owed(self) -> float:
        """Return the seconds to pause after the last command, and clear them."""
        owed, self._owed = self._owed, 0.0
        return owed

    def finish(self) -> None:
        """Answer outstanding commands, then close: the client sends nothing more."""
        self._finishing = True
        if not self._held:
            self._door.send(["finish", self.sid])

    def hang_up(self, text: str, reason: str) -> None:
        """Disconnect: send a last line, then close."""
        if self._held:
            self.end(text)
        else:
            self._door.send(["hang_up", self.sid, text, reason])

    def tell_full(self, full: bool) -> None:
        """Tell the house whether the client has stopped reading."""
        self.full = full
        if full:
            self._door.rooms.slow_down(self)
        self._door.send(["full" if full else "drained", self.sid])

    def end(self, text: str) -> None:
        """End the session without the house, with a last line if *text* is not empty."""
        if text:
            self.outlet.reply(Goodbye(text))
        self._close()

    def _close(self) -> None:
        # The house drops it once the connection is gone.
        if not self.gone:
            self.gone = True
            self._door.rooms.leave(self)
            self.end_move()
            self.outlet.close()

    # On the way to another process.

    @property
    def may_move(self) -> bool:
        """Whether the house could keep what is for this session now."""
        return not (self._held or self.gone)

    def move(self, handed: Callable[[bool], object]) -> None:
        """
        Have the house keep what is for this session from now on, so that it can go on in another process.

        :param handed: called when everything before has been shown, with whether the house does: if not, this session
            goes on here.  If it does, either `saved` must be restored elsewhere, or this one attached again.
        """
        self._door.pay(self)
        self._held = self._moving = True
        self._handed = handed
        self._door.send(["hand", self.sid])

    def end_move(self, may: bool = False) -> None:
        """Tell who waits for the house to keep what is for this session, if anybody does."""
        handed, self._handed = self._handed, None
        if handed is not None:
            handed(may)

    def saved(self) -> list[Any]:
        """Return the state, as JSON has it, for a session in another process."""
        asked = [[n, one.saved()] for n, one in self.unanswered.items()]
        more = (self._last, self._owed, self._finishing, self._told_away, self._told_live)
        return [self.sid, self.traits, self.person.nick, self.active, self.busy, self.card, self.seen, asked, *more]

    def _restore(self, saved: Any) -> None:
        """
        Continue in another one's state.

        :raises BadFrame: if it is something else.
        """
        sid, traits, nick, active, busy, card, seen, asked, last, owed, finishing, away, live = checked(saved, _SAVED)
        self.sid, self.traits, self.person.nick = sid, cast(Traits, traits), nick
        self.active, self.busy, self.card, self.positions = active, busy, card, seen
        for one in asked:
            n, what = checked(one, (int, list))
            self.unanswered[n] = Asked.restored(what)
        self._last, self._owed, self._finishing, self._told_away, self._told_live = last, owed, finishing, away, live

    # Called by the link, with the frames for this session.

    def frame(self, frame: Frame) -> None:
        """
        Do what *frame* asks for.

        :raises BadFrame: if it is malformed.
        """
        run, arguments = FRAMES.find(frame)
        if arguments[0] != self.sid:
            raise BadFrame("of another session")
        if not self.gone:
            run(self, *arguments[1:])

    def _viewer(self, identity: str, mark: str) -> None:
        self.outlet.viewer, self.outlet.session = identity, mark
        self.person.nick = identity

    def _reply(self, reply: Any, ref: str | None) -> None:
        answer = unpack(reply, Reply)
        if type(answer) is Welcome:
            # They need not say hello to the next house.
            self._answered(next((n for n, one in self.unanswered.items() if type(one.command) is Hello), 0))
            self.card = self._first_card
        elif type(answer) is RoomEntered and answer.room not in self.seen:
            # They know since when they are shown it.
            self.positions[answer.room] = answer.seq
        elif type(answer) is CaughtUp:
            self._told_live = True
        self.outlet.reply(answer, ref)

    def _page(self, batch: Any, waits: bool) -> None:
        page = unpack_batch(batch)
        self.parted.pop(page.room, None)
        self.positions[page.room] = page.last
        for event in page.events:
            sid, _, n = event.ask.partition(".")
            if sid == self.sid:
                self.settle(n)
        self.outlet.deliver(page)
        if waits:
            self._door.send(["taken", self.sid])

    def _glimpse(self, batch: Any) -> None:
        glimpse = unpack_batch(batch)
        self.positions[glimpse.room] = glimpse.last
        self.outlet.deliver(glimpse)

    def _live(self, room: str, seq: int) -> None:
        self.positions.pop(room, None)
        self._door.rooms.follow(self, room, seq)

    def _unlive(self, room: str) -> None:
        self.positions[room] = self._door.rooms.unfollow(self, room)

    def _left(self, room: str) -> None:
        seq = self.positions.pop(room, None)
        if seq is not None and room.startswith("@"):
            self.parted[room] = seq
            if len(self.parted) > PARTED:
                del self.parted[next(iter(self.parted))]

    def _rooms(self, count: int) -> None:
        self.outlet.in_rooms(count)

    def _prefer(self, preferences: Any, nick: str, ignored: list[str]) -> None:
        self.outlet.prefer(unpack(preferences, Preferences), nick, frozenset(checked(ignored, [str] * len(ignored))))

    def _together(self, frames: list[Frame]) -> None:
        with self.outlet.together():
            for frame in frames:
                if type(frame) is list and frame[:1] == ["together"]:
                    raise BadFrame("together in together")
                self.frame(frame)

    def _ready(self, n: int, owed: float) -> None:
        self._answered(n)
        self._owed = max(self._owed, owed)
        if not self.unanswered:
            self._resume()

    def _done(self, n: int) -> None:
        """Note that everything up to *n* that only said something is stored, or refused."""
        self._answered(n)
        if self.busy and not self.unanswered:
            self._resume()

    def _answered(self, n: int) -> None:
        for one in [one for one in self.unanswered if one <= n]:
            del self.unanswered[one]

    def _resume(self) -> None:
        self.busy = False
        self.outlet.ready()

    def _rest(self, seconds: float) -> None:
        self.outlet.rest(seconds)

    def _card(self, card: str) -> None:
        if self.card is None and any(type(one.command) is Hello for one in self.unanswered.values()):
            self._first_card = card
        else:
            self.card = card

    # Over a change of the house.

    def settle(self, n: str) -> None:
        """Note that command *n* is done: its event is shown now."""
        if n.isdecimal() and len(n) < _DIGITS:
            self.unanswered.pop(int(n), None)

    @property
    def seen(self) -> dict[str, int]:
        """The last seq shown, by room."""
        return self.parted | self.positions | self._door.rooms.positions(self)

    def attach(self) -> None:
        """Come to a house that does not know this session."""
        seen = self.seen
        self._door.rooms.leave(self)
        if self.card is None and not self._moving:
            self.positions = {}
            self._door.send(["open", self.sid, self.traits])
            self._go_on_asking()
            return
        self.positions, self.parted = seen, {}
        since = min((one.at for one in self.unanswered.values()), default=self._door.now())
        unanswered = list(self.unanswered)
        self._door.send(["attach", self.sid, self.traits, self.card, seen, unanswered, since, self._told_live])
        if self.full:
            self._door.send(["full", self.sid])

    def hold(self) -> None:
        """Keep commands: the house is gone."""
        if not self._held:
            self._held = True
            self.unanswered = {n: one._replace(ends=one.ends + 1) for n, one in self.unanswered.items()}

    def _moved(self, last: int) -> None:
        """Go on: this house has kept what is for this session, and has all commands up to *last*."""
        self._go_on_asking(last)

    def _attached(self, settled: list[int]) -> None:
        for n in checked(settled, [int] * len(settled)):
            self.unanswered.pop(n, None)
        self._go_on_asking()

    def _unattached(self, text: str) -> None:
        self.end(text)

    def _go_on_asking(self, after: int = 0) -> None:
        """Send again what was not answered, and what was held, after the command *after*."""
        self._held = self._moving = False
        for n, one in tuple(self.unanswered.items()):
            if one.ends >= MOST_ENDS:
                # It may be what they have ended of, and would end the next one.
                del self.unanswered[n]
                refused = Refused("bug", f"The server has ended {one.ends} times before it answered this.")
                self.outlet.reply(refused, one.ref)
            elif n > after:
                self._send_ask(n)
        if self._finishing:
            self._door.send(["finish", self.sid])
        if self._told_away:
            self._told_away = False
            self.outlet.reply(Notice(BACK))
        self.end_move()
        if self.busy and not self.unanswered:
            self._resume()

    def tell_away(self) -> None:
        """Tell the person that the house is away."""
        if not self._told_away:
            self._told_away = True
            self.outlet.reply(Notice(AWAY))


_SAVED = (str, dict, str, float, bool, str | None, dict, list, int, float, bool, bool, bool)
"""The types of what `RemoteSession.saved` returns."""

FRAMES = Kinds(
    {
        "viewer": (RemoteSession._viewer, str, str, str),
        "reply": (RemoteSession._reply, str, list, str | None),
        "page": (RemoteSession._page, str, list, bool),
        "glimpse": (RemoteSession._glimpse, str, list),
        "live": (RemoteSession._live, str, str, int),
        "unlive": (RemoteSession._unlive, str, str),
        "left": (RemoteSession._left, str, str),
        "rooms": (RemoteSession._rooms, str, int),
        "prefer": (RemoteSession._prefer, str, list, str, list),
        "together": (RemoteSession._together, str, list),
        "ready": (RemoteSession._ready, str, int, float),
        "done": (RemoteSession._done, str, int),
        "rest": (RemoteSession._rest, str, float),
        "close": (RemoteSession._close, str),
        "card": (RemoteSession._card, str, str),
        "attached": (RemoteSession._attached, str, list),
        "handed": (lambda session: session.end_move(True), str),
        "moved": (RemoteSession._moved, str, int),
        "unattached": (RemoteSession._unattached, str, str),
    }
)
