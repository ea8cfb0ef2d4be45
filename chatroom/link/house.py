"""The house's end of the links: one for each door in another process."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, get_type_hints

from twisted.internet.interfaces import IAddress, IReactorTime
from twisted.internet.protocol import Factory
from twisted.logger import Logger

from chatroom.chat.command_table import SPECS
from chatroom.chat.events import Batch
from chatroom.chat.hub import Hub
from chatroom.chat.refusals import Refusal
from chatroom.chat.replies import Goodbye
from chatroom.doors.closed import TOO_MANY
from chatroom.doors.connection_limits import ConnectionLimits
from chatroom.doors.figures import Figures

from .asked import RefusedThere
from .asks import Ask, Asks, Cost, LinkedSession
from .carried import CarriedConnections
from .codec import BadFrame, pack, pack_batch, unpack
from .figures import AllReported, Reported
from .frames import Kinds, checked, checked_fields
from .moves import Moves
from .outlet import Frame, LinkedOutlet, Traits
from .wire import Link, Turn, encode

log = Logger(namespace="chatroom")

DEAD = "connection lost"
"""Why sessions behind a link that is lost are disconnected."""

REPLACED = "The server has been replaced. Please connect again."
"""What clients are told whose connections are carried, and so end with this house."""


class DoorLink:
    """
    The house's end of one link: the sessions of a door.

    It is the owner of its `Link`, and the `RoomLink` of its outlets.

    :param moves: the sessions that are on their way from one door to another.
    :param limits: counts connections, over all links.
    :param ended: called when the link is lost.
    :param alive: called whenever somebody is attached: everybody may be at once.
    :param turn: when to write, for all links.
    """

    def __init__(
        self,
        hub: Hub,
        clock: IReactorTime,
        carried: Callable[[Link], CarriedConnections],
        moves: Moves,
        limits: ConnectionLimits,
        ended: Callable[[DoorLink], object],
        alive: Callable[[], object],
        turn: Turn,
        links: Collection[DoorLink],
    ) -> None:
        self._hub = hub
        self._links = links
        self._alive = alive
        self._limits, self._remove = limits, limits.remove
        self._send = self.send
        """Shared by all outlets, like the one before."""
        core = hub.core
        known = {"server": core.server, "limits": pack(core.limits), "epoch": core.journal.epoch}
        # While another house may have taken over, nobody is welcomed, and nothing is answered.
        self.link = Link(self, clock, ["welcome", known], turn, lambda: core.journal.leads)
        self._moves = moves
        self._ended = ended
        self.reported = Reported(lambda: self.link.waiting)
        self.name = ""
        """What the door calls itself."""
        self.sessions: dict[str, Asks] = {}
        """The sessions whose connections are open, by sid."""
        self._carried = carried(self.link)

    def send(self, frame: Frame) -> None:
        """Send *frame* to the door."""
        self.link.send(frame)

    # RoomLink.

    def follow(self, outlet: LinkedOutlet, room: str, seq: int) -> None:
        """Show *outlet* every batch of *room* after *seq*, the last one that was shown."""
        outlet.send(["live", outlet.sid, room, seq])

    def unfollow(self, outlet: LinkedOutlet, room: str) -> None:
        """Show *outlet* nothing more of *room* for now."""
        outlet.send(["unlive", outlet.sid, room])

    def leave(self, outlet: LinkedOutlet, room: str) -> None:
        """Note that *outlet* is shown nothing of *room* any more."""
        outlet.send(["left", outlet.sid, room])

    def show(self, batch: Batch) -> None:
        """Show *batch* at every outlet that follows its room."""
        encoded = batch.renderings.get(pack_batch)
        if encoded is None:
            encoded = batch.renderings[pack_batch] = encode(["batch", pack_batch(batch)])
        self.link.send_encoded(encoded)

    # The owner of the link.

    def up(self, link: Link) -> None:
        """Note what the door calls itself."""
        [self.name] = checked(link.greeting or [], (str,))
        self.reported.name = self.name
        log.info("{name} is connected.", name=self.name)

    def lost(self, link: Link, reason: str) -> None:
        """Disconnect everyone who came by this door; they may come back by another one, or by a new link."""
        self._carried.lost(reason)
        sessions, self.sessions = self.sessions, {}
        for asks in sessions.values():
            asks.end()
            self._hub.disconnect(asks.session, DEAD, comes_back=True)
        self._ended(self)

    def data(self, link: Link, connection: int, data: bytes) -> None:
        """Pass on bytes of a carried connection."""
        self._carried.data(connection, data)

    def frame(self, link: Link, frame: Frame) -> None:
        """
        Do what *frame* asks for.

        :raises BadFrame: if it is malformed.
        """
        if frame[0].startswith("carr"):
            self._carried.frame(frame)
            return
        run, arguments = _FRAMES.find(frame)
        if frame[0] in _FOR_NONE:
            run(self, *arguments)
            return
        asks = self.sessions.get(arguments[0])
        if asks is None and frame[0] == "gone":
            # The client has gone before the connection could be passed on.
            asks = self._moves.take(arguments[0])
        if asks is not None:
            run(self, asks, *arguments[1:])

    def _open(self, sid: str, traits: dict[str, Any]) -> Asks:
        if sid in self.sessions:
            raise BadFrame("a session that is there already")
        outlet = LinkedOutlet(sid, Traits(**checked_fields(traits, _TRAITS)), self, self._send)  # type: ignore[typeddict-item]
        session = self._hub.connect(outlet, LinkedSession)
        assert isinstance(session, LinkedSession)
        place = self._limits.place_of_client(outlet.address)
        self._limits.add(place)
        core = self._hub.core
        asks = Asks(session, outlet, core.fair_queue, self._hub.cards, self._remove, place)
        self.sessions[sid] = asks
        return asks

    def _let_in(self, sid: str, traits: dict[str, Any]) -> None:
        """Open a session, unless its address has too many connections at all doors together."""
        address = checked_fields(traits, _TRAITS)["address"]
        full = self._limits.is_full(self._limits.place_of_client(address))
        asks = self._open(sid, traits)
        if full:
            asks.session.hang_up(TOO_MANY, "")

    def _attach(
        self,
        sid: str,
        traits: dict[str, Any],
        card: str | None,
        seen: dict[str, int],
        unsettled: list[int],
        since: float,
        told_live: bool,
    ) -> None:
        self._alive()
        moved = self._moves.take(sid)
        if moved is not None:
            self.sessions[sid] = moved
            moved.arrive(self, self._send)
            return
        for link in self._links:
            if link is not self:
                # Its door knows that it is lost, which nobody here has noticed yet.
                link.give_up(sid)
        asks = self._open(sid, traits)
        if card is None:
            # It had no name when the house was replaced while it was on its way.
            asks.outlet.send(["attached", sid, []])
            return
        checked([*seen.values(), *unsettled], [int] * (len(seen) + len(unsettled)))
        self._hub.core.runtime.spawn(self._attached(asks, asks.outlet, card, seen, unsettled, since, told_live))

    def give_up(self, sid: str) -> None:
        """Disconnect the session *sid*, if it is here: its door has attached it by another link."""
        asks = self.sessions.pop(sid, None)
        if asks is not None:
            asks.end()
            self._hub.disconnect(asks.session, DEAD, comes_back=True)

    async def _attached(
        self,
        asks: Asks,
        outlet: LinkedOutlet,
        card: str,
        seen: dict[str, int],
        unsettled: list[int],
        since: float,
        told_live: bool,
    ) -> None:
        sid = outlet.sid
        names = {f"{sid}.{n}": n for n in unsettled}
        try:
            kept = self._hub.cards.read(card)
            asks.has_card(kept)
            attaching = self._hub.attaching
            settled = await attaching.attach(asks.session, kept, seen, list(names), since, told_live=told_live)
        except Refusal as refusal:
            self.send(["unattached", sid, str(refusal)])
            self._drop(asks, "")
        except Exception:
            self._hub.core.runtime.bug()
            self.send(["unattached", sid, "Something went wrong here. It has been logged; please connect again."])
            self._drop(asks, "")
        else:
            asks.show_card()
            for room in seen:
                if room not in asks.catch_up.cursors:
                    self.leave(outlet, room)
            outlet.send(["attached", sid, [names[name] for name in settled]])

    def _ask(self, asks: Asks, n: int, command: Any, ref: str | None, lines: float, size: int) -> None:
        self._note_spent(asks, lines, size)
        asks.add(Ask(n, unpack(command, *SPECS), ref))

    def _refuse(self, asks: Asks, n: int, code: str, text: str, ref: str | None, lines: float, size: int) -> None:
        self._note_spent(asks, lines, size)
        asks.add(Ask(n, RefusedThere(code, text), ref))

    def _note_spent(self, asks: Asks, lines: float, size: int) -> None:
        if lines or size:
            asks.spend(Cost(lines, size))

    def _finish(self, asks: Asks) -> None:
        asks.finish()

    def _hang_up(self, asks: Asks, text: str, reason: str) -> None:
        if not asks.session.gone:
            asks.session.hang_up(text, reason)

    def _gone(self, asks: Asks, reason: str) -> None:
        self._drop(asks, reason)

    def _hand(self, asks: Asks) -> None:
        if not asks.session.gone:
            del self.sessions[asks.outlet.sid]
            self._moves.add(asks)
            asks.outlet.depart()

    def _drop(self, asks: Asks, reason: str) -> None:
        if self.sessions.get(asks.outlet.sid) is asks:
            del self.sessions[asks.outlet.sid]
        asks.end()
        self._hub.disconnect(asks.session, reason)

    def _full(self, asks: Asks) -> None:
        asks.outlet.full()

    def _drained(self, asks: Asks) -> None:
        asks.outlet.drained()

    def _taken(self, asks: Asks) -> None:
        asks.outlet.taken()

    def _figures(self, figures: Any, connections: int, waiting: int, lag: float) -> None:
        self.reported.take(unpack(figures, Figures), connections, waiting, lag)
        self.send(["noted"])


_TRAITS = get_type_hints(Traits)
_FOR_NONE = ("open", "attach", "figures")
"""The kinds of frames that are for no session that is known."""
_FRAMES = Kinds(
    {
        "open": (DoorLink._let_in, str, dict),
        "attach": (DoorLink._attach, str, dict, str | None, dict, list, float, bool),
        "ask": (DoorLink._ask, str, int, list, str | None, float, int),
        "refuse": (DoorLink._refuse, str, int, str, str, str | None, float, int),
        "spend": (DoorLink._note_spent, str, float, int),
        "finish": (DoorLink._finish, str),
        "hang_up": (DoorLink._hang_up, str, str, str),
        "gone": (DoorLink._gone, str, str),
        "hand": (DoorLink._hand, str),
        "full": (DoorLink._full, str),
        "drained": (DoorLink._drained, str),
        "taken": (DoorLink._taken, str),
        "figures": (DoorLink._figures, list, int, int, float),
    }
)


class LinkFactory(Factory):
    """
    Builds the house's ends of links.

    :param carried: makes what speaks with the carried connections of a link.
    :param limits: counts connections, over all links.
    :param alive: called again and again in work that may take long.
    """

    noisy = False

    def __init__(
        self,
        hub: Hub,
        clock: IReactorTime,
        carried: Callable[[Link], CarriedConnections],
        limits: ConnectionLimits,
        alive: Callable[[], object] = bool,
    ) -> None:
        self._limits = limits
        self._alive = alive
        self._turn = Turn(clock)
        self._hub = hub
        self._clock = clock
        self._carried = carried
        self._moves = Moves(clock, self._lost)
        self.links: set[DoorLink] = set()
        self.reported = AllReported()

    def buildProtocol(self, addr: IAddress | None) -> Link:
        """Build the link to a door."""
        door = DoorLink(
            self._hub,
            self._clock,
            self._carried,
            self._moves,
            self._limits,
            self._ended,
            self._alive,
            self._turn,
            self.links,
        )
        self.links.add(door)
        self.reported.add(door.reported)
        return door.link

    def _lost(self, asks: Asks) -> None:
        asks.end()
        self._hub.disconnect(asks.session, DEAD, comes_back=True)

    def _ended(self, door: DoorLink) -> None:
        self.links.discard(door)
        self.reported.remove(door.reported)

    def drop(self, reason: str) -> None:
        """Drop all links, after a goodbye to the clients whose connections are carried, and so cannot go on."""
        for session in self._hub.sessions:
            if not isinstance(session.outlet, LinkedOutlet):
                session.outlet.reply(Goodbye(REPLACED, again=True))
                session.outlet.close()
        for door in tuple(self.links):
            door.link.drop(reason)

    def tell(self, frame: Frame) -> None:
        """Send *frame* to all doors."""
        for door in tuple(self.links):
            door.send(frame)
