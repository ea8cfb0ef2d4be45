"""The IRC server as clients see it: its name, what it can do, and who is there."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import count
from operator import attrgetter
from typing import NamedTuple
from weakref import WeakValueDictionary

from chatroom.chat.hub import Hub
from chatroom.chat.people.person import Person
from chatroom.chat.rooms.room import Room, Seat
from chatroom.chat.syntax import names
from chatroom.chat.syntax.conversations import other_party
from chatroom.dialects.irc.dialect import RENDERED, IrcDialect
from chatroom.dialects.irc.framing import Framing, in_lines
from chatroom.dialects.irc.look import Look
from chatroom.dialects.irc.names import mask

from .creation import Creations
from .kept_tags import KeptTags
from .metadata import METADATA, OFFERED, Metadata
from .presence import MAX_WATCHED, Presence
from .read_times import ReadTimes

NAME = "chatroom"
"""The server's name, unless one is set."""

CAPABILITIES: dict[str, str] = {
    "account-notify": "",
    "account-tag": "",
    "away-notify": "",
    "batch": "",
    "cap-notify": "",
    "draft/account-registration": "",
    "draft/chathistory": "",
    "draft/event-playback": "",
    "draft/message-redaction": "",
    METADATA: OFFERED,
    "draft/multiline": "max-bytes=4096,max-lines=40",
    "draft/no-implicit-names": "",
    "draft/pre-away": "",
    "draft/read-marker": "",
    "echo-message": "",
    "extended-join": "",
    "extended-monitor": "",
    "invite-notify": "",
    "labeled-response": "",
    "message-tags": "",
    "multi-prefix": "",
    "sasl": "PLAIN",
    "server-time": "",
    "setname": "",
    "standard-replies": "",
    "userhost-in-names": "",
}
"""What clients may ask for, with the values that a client of version 302 is told."""

CHATHISTORY = 200
"""Messages in one answer to CHATHISTORY."""

MAX_TARGETS = 4
"""Targets of one PRIVMSG."""

STATUSES = "@+"
"""What stands before a channel in messages to those with that status, the highest first."""

USER_MODES, CHANNEL_MODES = "Biow", "biklmnoqstv"
LIST_MODES, KEY_MODES, LIMIT_MODES, SWITCHES = "bq", "k", "l", "imnst"


_KEY = attrgetter("key")

_LETTERS = str.maketrans("@+", "ov")
"""The mode of each prefix."""
"""What lists of people are ordered by."""


class Passing(NamedTuple):
    """What those who are here are told of a message, and the journal is not: its command, and tags of clients."""

    command: str
    tags: Mapping[str, str]


class Sts(NamedTuple):
    """For how many seconds clients are to use TLS only (0: they need not), and the port where they find it."""

    seconds: int
    port: int


class IrcServer:
    """What all IRC connections of one server share; also the `People` of their looks."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.name = NAME
        self.sts = Sts(0, 0)
        self.since = hub.core.runtime.now()
        self.most = 0
        """The most people at a time, as far as clients have been told."""
        self.presence = Presence(hub)
        self.read_times = ReadTimes()
        self.kept_tags = KeptTags()
        self.status_numbers = count(1)
        """The numbers of messages to those with a status, which have no seq."""
        self.metadata = Metadata()
        self.creations = Creations(hub.core.journal)
        self.passing: dict[tuple[str, str], Passing] = {}
        """What is not stored with messages that are just being said, by the author and the text."""
        self._dialects: dict[tuple[frozenset[str], Framing], IrcDialect] = {}
        self._looks: WeakValueDictionary[frozenset[str], Look] = WeakValueDictionary()

    def rename(self, name: str) -> None:
        """Call the server *name* from now on, for new renderings."""
        if name != self.name:
            self.name = name
            self._dialects = {}
            self._looks.clear()

    def look(self, capabilities: frozenset[str]) -> Look:
        """Return the look of clients with exactly these *capabilities*."""
        found = self._looks.get(capabilities)
        if found is None:
            found = self._looks[capabilities] = Look(capabilities, self.name, self)
        return found

    def dialect(self, capabilities: frozenset[str], framing: Framing = in_lines) -> IrcDialect:
        """Return the dialect that clients with these *capabilities* share with all to whom talk reads the same."""
        capabilities &= RENDERED
        found = self._dialects.get((capabilities, framing))
        if found is None:
            found = self._dialects[capabilities, framing] = IrcDialect(self.look(capabilities), framing)
        return found

    @property
    def tokens(self) -> list[str]:
        """What the server supports (RPL_ISUPPORT)."""
        limits = self.hub.core.limits
        return [
            f"AWAYLEN={limits.topic}",
            "BOT=B",
            "CASEMAPPING=ascii",
            f"CHANLIMIT=#:{limits.rooms_per_session}",
            f"CHANMODES={LIST_MODES},{KEY_MODES},{LIMIT_MODES},{SWITCHES}",
            f"CHANNELLEN={limits.room + 1}",
            "CHANTYPES=#",
            f"CHATHISTORY={CHATHISTORY}",
            f"draft/CHATHISTORY={CHATHISTORY}",
            "ELIST=CMNTU",
            f"KICKLEN={limits.topic}",
            f"MAXLIST=bq:{limits.bans}",
            "MODES=12",
            f"MONITOR={MAX_WATCHED}",
            "MSGREFTYPES=msgid,timestamp",
            "NETWORK=chatroom",
            f"NICKLEN={limits.nick}",
            "PREFIX=(ov)@+",
            "SAFELIST",
            f"STATUSMSG={STATUSES}",
            f"TARGMAX=JOIN:,KICK:{MAX_TARGETS},LIST:,NAMES:,NOTICE:{MAX_TARGETS},PART:,PRIVMSG:{MAX_TARGETS},WHOIS:1",
            f"TOPICLEN={limits.topic}",
            "UTF8MAPPING=rfc8265",
            "UTF8ONLY",
            "WHOX",
        ]

    # People.

    def account(self, identity: str) -> str:
        """Return the nick of the account of somebody who is here, or has just left; empty if there is none."""
        person = self.hub.core.people.get(identity)
        if person is None:
            left = self.presence.departures.last(identity)
            return "" if left is None else left.account
        return "" if person.account is None else person.account.nick

    def realname(self, identity: str) -> str:
        """Return the real name of somebody here; empty if there is none."""
        person = self.hub.core.people.get(identity)
        return "" if person is None else person.realname

    def username(self, identity: str) -> str:
        """Return the user name of somebody who is here, or has just left; empty if there is none."""
        someone = self.hub.core.people.get(identity) or self.presence.departures.last(identity)
        return "" if someone is None else someone.username

    def correspondent(self, room: str, identity: str) -> str:
        """Return the nick of the other party of a private conversation; empty if it is not known."""
        core = self.hub.core
        person = core.people.get(identity)
        other = None if person is None else other_party(room, person.party)
        account = core.accounts.known(other or "")
        present = core.people.get(other or "")
        return account.nick if account is not None else present.nick if present is not None else ""

    def away(self, identity: str) -> str | None:
        """Return the away message of somebody here; None: not away."""
        person = self.hub.core.people.get(identity)
        return None if person is None else person.away

    def account_of(self, nick: str) -> str:
        """Return the nick of the account that the person with this *nick* is logged in to; or empty."""
        person = self.hub.core.nicks.get(names.key(nick))
        return "" if person is None or person.account is None else person.account.nick

    def mask_of(self, nick: str) -> str:
        """Return who the person with this *nick* is, as messages begin with it."""
        person = self.hub.core.nicks.get(names.key(nick))
        return mask(nick, "") if person is None else self.mask(person)

    def passing_with(self, identity: str, text: str) -> Passing | None:
        """Return what is not stored with a message that is just being said; None: nothing."""
        return self.passing.get((identity, text)) if self.passing else None

    def is_bot(self, identity: str) -> bool:
        """Return whether somebody here says that they are a program."""
        person = self.hub.core.people.get(identity)
        return person is not None and person.bot

    def status(self, room: str, identity: str) -> str:
        """Return which of the modes ``o`` and ``v`` somebody here has in *room*."""
        found, person = self.hub.rooms.get(room), self.hub.core.people.get(identity)
        return "" if found is None or person is None else self.prefix(person, found).translate(_LETTERS)

    def holds(self, room: str, letter: str) -> bool:
        """Return whether *room* has the mode *letter* now."""
        found = self.hub.rooms.get(room)
        return found is not None and letter in self.modes(found, inside=True)[0]

    def former_lock(self, room: str) -> str:
        """Return the lock that *room* had before its last change: ``key``, ``invited`` or empty."""
        found = self.hub.rooms.get(room)
        return "" if found is None else found.state.former_lock

    def is_here(self, identity: str) -> bool:
        """Return whether somebody is still here, in whatever room."""
        return identity in self.hub.core.people

    # What others see of somebody.

    @staticmethod
    def mask(person: Person[Seat]) -> str:
        """Return who *person* is: ``nick!~user@host``."""
        return mask(person.nick, person.identity, person.username)

    @staticmethod
    def is_admin(person: Person[Seat]) -> bool:
        """Return whether *person* is an admin of the server, which IRC calls an operator of it."""
        return person.account is not None and person.account.admin

    def prefixes(self, room: Room) -> dict[int, str]:
        """
        Return the prefixes of those members of *room* that have any, by their place in its list of people.

        Most are guests without one, and thousands of them are in no cache of the processor: they are not looked at.
        """
        core, state, members = self.hub.core, room.state, room.people()
        appointed = core.policy.appointed(room.name)
        some = {core.people.of_party(party) for party in (*state.operators, *state.voiced)}
        for one in core.people.with_accounts():
            if one.account is not None and (one.account.admin or one.account.key in appointed):
                some.add(one)
        here = [one for one in some if one is not None and one.identity in room.seats]
        return {bisect_left(members, one.key, key=_KEY): prefix for one in here if (prefix := self.prefix(one, room))}

    @staticmethod
    def prefix(person: Person[Seat], room: Room) -> str:
        """Return what stands before the nick of *person* in lists of the members of *room*: ``@``, ``+``, or both."""
        account = person.account
        if account is None:
            operator = person.identity in room.state.operators
        else:
            operator = account.admin or room.is_ruled_by(account)
        return ("@" if operator else "") + ("+" if person.party in room.state.voiced else "")

    @staticmethod
    def protects_topic(room: Room) -> bool:
        """Return whether only operators set the topic of *room*."""
        return room.ruled and not room.state.free_topic

    def modes(self, room: Room, *, inside: bool) -> Sequence[str]:
        """Return the modes of *room*, with their parameters; *inside*: for a member, who may know of its key."""
        state = room.state
        flags = ["n"]
        if state.settings.get("lock") == "invited" or room.private:
            flags.append("i")
        if "moderated" in state.settings:
            flags.append("m")
        if room.hidden:
            flags.append("s")
        if IrcServer.protects_topic(room):
            flags.append("t")
        parameters = []
        if "limit" in state.settings:
            flags.append("l")
            parameters.append(state.settings["limit"])
        if state.settings.get("lock") == "key":
            flags.append("k")
            parameters += ["*"] if inside else []
        return ["+" + "".join(flags), *parameters]
