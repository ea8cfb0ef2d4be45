"""The command table: each command's name, arguments, rights and flags, in one place."""

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
    """A command of a person; its fields are the arguments."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    def run(self, hub: Any, session: Any) -> Any:
        """
        Run the command as *session*, with the services of *hub*.

        A coroutine runs after all earlier commands; a command that only `appends` is a plain function.

        :raises Refusal: if a rule says no.
        """


GROUPS = {
    "messages": "Messages",
    "rooms": "Rooms",
    "people": "People",
    "server": "The server",
    "account": "Your account",
    "preferences": "Preferences",
    "moderation": "For operators of a room",
    "administration": "For admins of the server",
}
"""The headings of ``/help`` by group; what people need first comes first."""

ROWS_PER_PAGE = 200
"""Rows per page of a list."""

Made = TypeVar("Made", bound="type[Command]")
Row = TypeVar("Row")


@dataclass(eq=False, slots=True)
class Spec:
    """
    A row of the table; as a decorator, it registers a dataclass as the command *name*.

    :param group: the heading under which ``/help`` lists it.
    :param help: what it does, in one short line.
    """

    name: str
    _: KW_ONLY
    group: str
    help: str
    aliases: tuple[str, ...] = ()
    """Other names for typing it."""
    typed: bool = True
    """Whether people can type it as ``/name``; programs may send every command."""
    needs: Role = Role.GUEST
    """The lowest role that may use it."""
    needs_where_closed: Role = Role.GUEST
    """The lowest role in rooms that are locked or private."""
    needs_where_ruled: Role = Role.GUEST
    """The lowest role in rooms that have operators."""
    before_hello: bool = False
    """Whether it works before hello."""
    before_login: bool = False
    """Whether it works under a registered nick before login."""
    appends: bool = False
    """
    Whether it only appends an event, which is its reply: `run` is a plain function and must not reply.

    In a private conversation, it returns a coroutine to run after all earlier commands.
    """
    multiline: bool = False
    """Whether its text may have several lines (a pasted block)."""
    moves: bool = False
    """Whether it changes the current room."""
    asks: bool = False
    """Whether it asks for a secret that is missing."""
    shows: bool = False
    """Whether it only shows something, and so does nothing for a client that is gone."""
    keepalive: bool = False
    """Whether programs send it on their own, so it does not count as activity."""
    make: Callable[..., Command] = field(init=False)
    fields: Mapping[str, dataclasses.Field[Any]] = field(init=False)
    arguments: Sequence[dataclasses.Field[Any]] = field(init=False)
    """The fields for typed arguments, in order."""
    required: Sequence[str] = field(init=False)
    usage: str = field(init=False)
    """How to type it: ``/msg NICK TEXT``."""

    def __call__(self, make: Made) -> Made:
        """Register *make* in the table."""
        fields = dataclasses.fields(make)
        self.make = make
        self.fields = {one.name: one for one in fields}
        arguments = [one for one in fields if "shown" in one.metadata]
        self.arguments = sorted(arguments, key=lambda one: one.metadata["kind"] != "flag")
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
        """The position, from 1, of the first typed argument that may be a secret, or None."""
        places = (place for place, one in enumerate(self.arguments, 1) if one.metadata["secret"])
        return next(places, None)


command = Spec
"""The decorator of command classes."""

TABLE: dict[str, Spec] = {}
"""Every command by its name."""

NAMES: dict[str, Spec] = {}
"""Every command by each name and alias."""

SPECS: dict[type, Spec] = {}
"""Every command by its class."""


def word(shown: str, default: Any = MISSING, *, secret: bool = False) -> Any:
    """
    Declare an argument of one word, shown in help as *shown*: in small letters, what may be typed literally.

    :param secret: whether it may contain a password or a key, which must not be kept in histories.
    """
    return _argument(shown, "word", default, secret)


def number(shown: str, default: Any = MISSING, *, unless: Callable[[str], bool] = lambda word: False) -> Any:
    """
    Declare an argument that is a whole number from 1 up; a word in small letters in *shown* stands for none.

    :param unless: tells of a word in its place whether the next argument begins there, and the number is left out.
    """
    return _argument(shown, "number", default, unless=unless)


def flag(shown: str) -> Any:
    """Declare an option that may stand before all other arguments, such as ``-n``; false without it."""
    return _argument(shown, "flag", False)


def duration(shown: str) -> Any:
    """Declare an optional duration, such as ``10m``; other text in its place is the next argument."""
    return _argument(shown, "duration", None)


def remainder(shown: str, default: Any = MISSING, *, secret: bool = False) -> Any:
    """Declare the last argument: the rest of the line; *secret* as for a `word`."""
    return _argument(shown, "remainder", default, secret)


def _argument(shown: str, kind: str, default: Any, secret: bool = False, **more: Any) -> Any:
    return field(default=default, repr=not secret, metadata={"shown": shown, "kind": kind, "secret": secret, **more})


# Views of the table; all commands must be registered by then.


def listed() -> list[Spec]:
    """List the typed commands, group by group."""
    order = list(GROUPS)
    return sorted((spec for spec in TABLE.values() if spec.typed), key=lambda spec: order.index(spec.group))


@cache
def usages() -> Mapping[str, str]:
    """Return the help of each typed command, by usage."""
    return {spec.usage: spec.help for spec in listed()}


@cache
def secrets() -> Mapping[str, int]:
    """Return the position of each command's first secret argument, by typed name."""
    places = {f"/{name}": spec.secret_from for name, spec in NAMES.items() if spec.typed}
    return {name: place for name, place in places.items() if place is not None}


@cache
def moving() -> tuple[str, ...]:
    """Return the typed names of commands that change the current room."""
    return tuple(f"/{name}" for name, spec in NAMES.items() if spec.moves)


@cache
def asking() -> tuple[str, ...]:
    """Return the typed names of commands that ask for a secret that is missing."""
    return tuple(sorted(f"/{name}" for name, spec in NAMES.items() if spec.asks))


def lacks_secret(command: Command) -> bool:
    """Return whether *command* asks for a secret, because it was given without."""
    spec = SPECS[type(command)]
    return spec.asks and any(getattr(command, one.name) is None for one in spec.arguments if one.metadata["secret"])


# Checks for commands.


def require(session: Connection, command: Command, room: Place | None = None) -> None:
    """
    Check that the person may use *command*, in *room* if it concerns a room.

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
    """Return the page with this number (from 1) of *rows*, and how many rows follow it."""
    end = page * ROWS_PER_PAGE
    return rows[end - ROWS_PER_PAGE : end], max(0, len(rows) - end)
