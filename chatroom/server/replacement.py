"""Replacement: puts processes with newly installed code into the places of the running ones, which nobody notices."""

from __future__ import annotations

from twisted.internet.defer import TimeoutError
from twisted.internet.interfaces import IReactorTime

from .child import CLOSED, READY, Child, ChildEnded
from .keeper import Keeper

HAND_OVER_TIMEOUT = 15.0
"""Seconds that the house has for closing its journal, so that another one can open it."""


async def replace_house(clock: IReactorTime, keeper: Keeper, begun: str = READY) -> None:
    """
    Load another house, let the old one close its journal without any goodbyes, then let the new one begin.

    Doors keep their connections meanwhile.

    :param begun: what the new one has said when nothing more is waited for.

    :raises ChildEnded: if the new one cannot even be loaded: then the old one goes on.
    :raises OSError: if it cannot be started.
    """
    successor = await keeper.spare.fresh()
    if keeper.current is not successor:
        old = keeper.release()
        if old is not None:
            old.send("hand over")
            await _closed(clock, old)
        keeper.start()
    if keeper.current is not None:
        await keeper.current.until(begun)


async def replace_door(keeper: Keeper) -> None:
    """
    Start another door with the same sockets; once it listens, let the old one hand its connections over.

    Those that it can't hand over stay there until they end.

    :raises ChildEnded: if the new one does not work: then the old one goes on.
    :raises OSError: if it cannot be started.
    """
    successor = keeper.spawn()
    successor.send("go")
    where = await successor.until(READY)
    old = keeper.release()
    keeper.adopt(successor)
    if old is not None:
        old.send("retire", *([] if where is None else [where]))


async def _closed(clock: IReactorTime, house: Child) -> None:
    """Wait until *house* has closed its journal; nobody has to wait while Python takes the process apart."""
    try:
        await house.until(CLOSED).addTimeout(HAND_OVER_TIMEOUT, clock)
    except ChildEnded:
        # That has closed it, too.
        return
    except TimeoutError:
        house.kill()
        await house.until_over()


async def ended(clock: IReactorTime, child: Child, seconds: float) -> None:
    """Wait until *child* has ended; kill it if that takes longer than *seconds*."""
    try:
        await child.until_over().addTimeout(seconds, clock)
    except TimeoutError:
        child.kill()
        await child.until_over()
