"""The rooms this person is in: who else is there, and how far each has been read."""

from __future__ import annotations

from chatroom.chat.events import Event, Joined, Left, Renamed, RoleChanged
from chatroom.chat.replies import Gap, Reply, RoomEntered, Rooms, Who
from chatroom.dialects.json.decoder import ME


class JoinedRooms:
    """
    What the client knows of its rooms.

    The server's list of people is newer than the events that are replayed after it.  Applying them anyway
    ends at the same list: the last thing that happened to each person decides.
    """

    def __init__(self) -> None:
        self.people: dict[str, set[str]] = {}
        """The people in each joined room."""
        self.current = ""
        """The room that typed text goes to; "" while in none."""
        self.known: set[str] = set()
        """Rooms that were mentioned, for completion."""
        self.seen: dict[str, int] = {}
        """The seq of the last event received, by room; private conversations count as rooms."""
        self.left_elsewhere = ""
        """The room that was left last on another device, until the server has said so in words."""
        self.left_current = False
        """Whether that one was the current room."""
        self._roles: dict[str, str] = {}
        self._unconfirmed: set[str] = set()
        self._returning = False

    def greet(self) -> None:
        """Expect the server to list the joined rooms, on a new connection."""
        self._unconfirmed = set(self.people)
        self._returning = bool(self.current)

    def live(self) -> None:
        """Drop the rooms that the server has not listed."""
        for room in self._unconfirmed:
            self._leave(room)
        self._unconfirmed = set()

    def forget(self) -> None:
        """Forget what was read: the server no longer knows this session, so its numbers may have started over."""
        self.seen.clear()

    def enter(self, entered: RoomEntered, greeting: bool, *, asked: bool = True) -> bool:
        """
        Note that this person is in a room.

        :param greeting: because of a new connection, not because they asked for the room.
        :param asked: by this client, so that it becomes the current one; not on another device.
        :returns: whether that is new.
        """
        room = entered.room
        news = room not in self.people
        self.people[room] = set(entered.people)
        self._roles[room] = entered.role
        self.known.add(room)
        self._unconfirmed.discard(room)
        if greeting:
            # Events start there, whatever was seen before.
            self.seen[room] = entered.seq
        else:
            # Asking for a joined room answers with the seq at which it was joined, which is long past.
            self.seen[room] = max(entered.seq, self.seen.get(room, 0))
        # Who returns stays in the room that they saw last, as long as they are in it.
        if (asked and not greeting) or (greeting and news and not self._returning):
            self.current = room
        return news

    def apply_event(self, seq: int, event: Event, nick: str, *, live: bool) -> bool:
        """
        Apply *event*.

        :param nick: this person's own.
        :param live: it is happening now, rather than being replayed.
        :returns: False if it has been seen before.
        """
        if seq <= self.seen.get(event.room, 0):
            return False
        self.seen[event.room] = seq
        self._move(event, nick, live)
        return True

    def apply_reply(self, reply: Reply) -> None:
        """Apply what the server answers."""
        match reply:
            case Gap():
                # The events of the gap will never come.
                self.seen[reply.room] = max(reply.last, self.seen.get(reply.room, 0))
            case Who() if reply.room in self.people:
                # One page of several is not everyone.
                before = self.people[reply.room] if reply.more or reply.page > 1 else set()
                self.people[reply.room] = before | {person.nick for person in reply.people}
            case Rooms():
                self.known |= {row.room for row in reply.rooms}
            case _:
                pass

    @property
    def here(self) -> set[str]:
        """Everyone in the current room."""
        return self.people.get(self.current, set())

    @property
    def operator(self) -> bool:
        """Whether this person is an operator of the current room."""
        return self._roles.get(self.current) == "operator"

    def _move(self, event: Event, nick: str, live: bool) -> None:
        people = self.people.get(event.room)
        if people is None:
            return
        if type(event) is Joined:
            people.add(event.nick)
        elif type(event) is Renamed:
            people.discard(event.nick)
            people.add(event.new)
        elif type(event) is Left:
            # A kicked person gets a Left event too, though they did not ask for it.
            if event.by != ME and event.nick != nick:
                people.discard(event.nick)
            elif live:
                self._leave(event.room, elsewhere=event.by == ME and event.ref is None)
        elif type(event) is RoleChanged and event.target == nick and event.role in ("operator", ""):
            self._roles[event.room] = event.role

    def _leave(self, room: str, *, elsewhere: bool = False) -> None:
        """Note that this person left *room*; *elsewhere*: on another device, where they may have chosen the next."""
        self.left_elsewhere, self.left_current = room if elsewhere else "", room == self.current
        del self.people[room]
        self._roles.pop(room, None)
        self.seen.pop(room, None)
        if self.current == room:
            self.current = "" if elsewhere else next(iter(self.people), "")
