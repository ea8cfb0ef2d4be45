"""The one table of commands: what each is called, who may use it and when, and what its arguments are."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, MISSING, dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from .refusals import NotAllowed
from .rules.roles import Role, role_in, role_of

if TYPE_CHECKING:
    from .people.person import Connection
    from .rules.roles import Place


class Command(Protocol):
    """Something a person asks; its fields are the arguments."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    def run(self, hub: Any, session: Any) -> Any:
        """
        Do it, as *session*, with the services of *hub*.

        A coroutine waits for the answers to everything before it; a command that only `appends` is a plain function.

        :raises Refusal: if a rule says no.
        """


GROUPS = {
    "rooms": "Rooms",
    "messages": "Messages",
    "people": "People",
    "preferences": "Preferences",
    "account": "Your account",
    "server": "The server",
    "moderation": "For operators of a room",
    "administration": "For admins of the server",
}
"""The headings of ``/help``, in their order, by group."""

ROWS_PER_PAGE = 200
"""Rows of a list that are shown at a time."""

Made = TypeVar("Made", bound="type[Command]")
Row = TypeVar("Row")


@dataclass(eq=False, slots=True)
class Spec:
    """
    One row of the table; used as a decorator, it enters a dataclass as the command *name*.

    :param group: the heading under which ``/help`` lists it.
    :param help: what it does, in one short line.
    """

    name: str
    _: KW_ONLY
    group: str
    help: str
    aliases: tuple[str, ...] = ()
    """Further names by which it can be typed."""
    typed: bool = True
    """Whether ``/name`` is a way to ask for it; programs may ask for every command."""
    needs: Role = Role.GUEST
    """The least role that it needs."""
    needs_where_closed: Role = Role.GUEST
    """The same, for rooms that are locked or private."""
    needs_where_ruled: Role = Role.GUEST
    """The same, for rooms that have operators."""
    before_hello: bool = False
    """Whether it may be used without a name."""
    before_login: bool = False
    """Whether it may be used under a registered nick, without having proven that it is one's own."""
    appends: bool = False
    """Whether it only appends an event, which is its answer: `run` is a plain function, and must not reply."""
    multiline: bool = False
    """Whether its text may have several lines: a pasted block."""
    moves: bool = False
    """Whether the person is in another room afterwards."""
    keepalive: bool = False
    """Whether programs send it by themselves, so that it does not count as activity."""
    make: Callable[..., Command] = field(init=False)
    fields: Mapping[str, dataclasses.Field[Any]] = field(init=False)
    arguments: Sequence[dataclasses.Field[Any]] = field(init=False)
    """The fields that are typed, in order."""
    required: Sequence[str] = field(init=False)
    usage: str = field(init=False)
    """How to type it: ``/msg NICK TEXT``."""

    def __call__(self, make: Made) -> Made:
        """Enter *make* in the table."""
        fields = dataclasses.fields(make)
        self.make = make
        self.fields = {one.name: one for one in fields}
        self.arguments = [one for one in fields if "shown" in one.metadata]
        self.required = [one.name for one in fields if one.default is MISSING]
        shown = [
            one.metadata["shown"] if one.name in self.required else f"[{one.metadata['shown']}]"
            for one in self.arguments
        ]
        self.usage = " ".join([f"/{self.name}", *shown])
        TABLE[self.name] = SPECS[make] = self
        for name in (self.name, *self.aliases):
            NAMES[name] = self
        return make

    @property
    def secret_from(self) -> int | None:
        """The place of the first typed argument that may be a secret, from 1 up; None if none is."""
        places = (place for place, one in enumerate(self.arguments, 1) if one.metadata["secret"])
        return next(places, None)


command = Spec
"""What a command's class is decorated with."""

TABLE: dict[str, Spec] = {}
"""Every command by its name."""

NAMES: dict[str, Spec] = {}
"""Every command by each name and alias."""

SPECS: dict[type, Spec] = {}
"""Every command by its class."""


def word(shown: str, default: Any = MISSING, *, secret: bool = False) -> Any:
    """
    Declare an argument of one word, shown in help as *shown*.

    :param secret: whether what is typed there may be a password or a key, which nobody should find later.
    """
    return _argument(shown, "word", default, secret)


def number(shown: str, default: Any = MISSING) -> Any:
    """Declare an argument that is a whole number from 1 up."""
    return _argument(shown, "number", default)


def duration(shown: str) -> Any:
    """Declare an argument that is a duration, such as ``10m``; what is typed in its place may be the next one."""
    return _argument(shown, "duration", None)


def remainder(shown: str, default: Any = MISSING, *, secret: bool = False) -> Any:
    """Declare the last argument: all that is left of the line; *secret* as for a `word`."""
    return _argument(shown, "remainder", default, secret)


def _argument(shown: str, kind: str, default: Any, secret: bool = False) -> Any:
    return field(default=default, repr=not secret, metadata={"shown": shown, "kind": kind, "secret": secret})


# What others make of the table; all commands must be in it by then.


def listed() -> list[Spec]:
    """List the commands that can be typed, group by group."""
    order = list(GROUPS)
    return sorted((spec for spec in TABLE.values() if spec.typed), key=lambda spec: order.index(spec.group))


@cache
def usages() -> Mapping[str, str]:
    """What each command that can be typed does, by how to type it."""
    return {spec.usage: spec.help for spec in listed()}


@cache
def secrets() -> Mapping[str, int]:
    """The place of the first argument that may be a secret, by the name of the command as it is typed."""
    places = {f"/{name}": spec.secret_from for name, spec in NAMES.items() if spec.typed}
    return {name: place for name, place in places.items() if place is not None}


@cache
def moving() -> tuple[str, ...]:
    """The names, as they are typed, of the commands after which the person is in another room."""
    return tuple(f"/{name}" for name, spec in NAMES.items() if spec.moves)


# What commands ask.


def require(session: Connection, command: Command, room: Place | None = None) -> None:
    """
    Make sure that who asks may use *command*, in *room* where it is about one.

    :raises NotAllowed: if not; the text says who may.
    """
    spec = SPECS[type(command)]
    needs = spec.needs
    if room is not None:
        if spec.needs_where_closed > needs and room.closed:
            needs = spec.needs_where_closed
        if spec.needs_where_ruled > needs and room.ruled:
            needs = spec.needs_where_ruled
    if (role_of(session.person) if room is None else role_in(session.person, room)) >= needs:
        return
    if needs is Role.ACCOUNT:
        raise NotAllowed("You need an account for that; /register creates one.")
    if needs is Role.OPERATOR and room is not None:
        raise NotAllowed(f"Only an operator of #{room.name} may use /{spec.name} here.")
    raise NotAllowed(f"Only an admin of this server may use /{spec.name}.")


def page_of(rows: Sequence[Row], page: int) -> tuple[Sequence[Row], int]:
    """Cut the page with this number, from 1 up, out of *rows*; return how many follow it, too."""
    end = page * ROWS_PER_PAGE
    return rows[end - ROWS_PER_PAGE : end], max(0, len(rows) - end)
