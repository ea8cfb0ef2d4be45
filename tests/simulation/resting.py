"""Coming to rest: all tasks finish, all commands are answered, and memory equals the journal."""

from __future__ import annotations

from collections.abc import Iterator

from .broken import Broken
from .invariants import check_gone
from .people import Guest
from .simulation import Simulation

REST = 30.0
"""Time limit for coming to rest, in seconds."""

BUSY = 5_000
"""Things that may happen in one moment."""


def rest(simulation: Simulation) -> Iterator[None]:
    """
    Run everything that can happen now, step by step; it must come to an end, even if some don't read.

    :raises Broken: if it does.
    """
    for _ in range(BUSY):
        if simulation.schedule:
            simulation.schedule.first()()
        elif not simulation.clock.fire():
            return
        simulation.check()
        yield
    raise Broken(f"{BUSY:,} things have happened in one moment, and there is no end")


def settle(simulation: Simulation) -> Iterator[None]:
    """
    Let the disk have room and everyone read: then all that waits must go on, and all be as it was said.

    :raises Broken: if it is not.
    """
    simulation.calm()
    asked = list(_ask(simulation))
    until = simulation.clock.passed + REST
    while True:
        yield from rest(simulation)
        if not simulation.house.hub.ledger.storing:
            # Else it would not be known before somebody says something.
            simulation.house.journal.tell_of_disk()
            yield from rest(simulation)
        if simulation.scripts.end_all():
            continue
        waited_for = simulation.unsettled() or any(_unanswered(*one) for one in asked)
        seconds = simulation.clock.next() if waited_for else None
        if seconds is None or simulation.clock.passed + seconds > until:
            break
        simulation.do_wait(seconds)
    simulation.forget_gone()
    for guest, before in asked:
        if _unanswered(guest, before):
            raise Broken(f"{guest.number} is not answered")
        if guest.pongs > before:
            simulation.model.sayings.check(guest)
    house = simulation.house
    if not house.hub.closing:
        simulation.check_rest()
        _check_all_shown(simulation)
    check_gone(house.world.serials, house.hub)
    for session in [one for one in house.world.serials if one.gone]:
        del house.world.serials[session]


def _ask(simulation: Simulation) -> Iterator[tuple[Guest, int]]:
    """Let everyone read, and ask for an answer who has a name; tell how many answers they had before."""
    simulation.forget_gone()
    for guest in list(simulation.here):
        guest.wire.drain()
        if guest.session is not None and guest.session.person.nick:
            yield guest, guest.pongs
            guest.ping()


def _unanswered(guest: Guest, before: int) -> bool:
    """Tell whether *guest*, who is still there, has had no more answers than *before*."""
    gone = guest.wire.cut or guest.session is None or guest.session.gone
    return not gone and guest.pongs == before


def _check_all_shown(simulation: Simulation) -> None:
    """Make sure that everyone who reads along has been shown all there is."""
    for guest in simulation.here:
        session = guest.session
        if session is None or session.gone or session.catch_up.behind or guest.ignores or not guest.tokens:
            continue
        if guest.up_to_date != 1:
            raise Broken(f"{guest.number} has been told {guest.up_to_date} times that they are up to date")
        for name in session.person.seats:
            kept = simulation.disk.rooms.get(name)
            shown = guest.expected.get(name)
            if kept is not None and shown is not None and shown <= kept.last and not name.startswith("@"):
                raise Broken(f"{guest.number} has been shown #{name} up to {shown - 1}, and there is {kept.last}")
