"""Attaching over a link: what a door is sent for each session that it has kept, and signs of life meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.testing import StringTransport

from chatroom.chat.access.cards import Card
from chatroom.chat.replies import Preferences
from chatroom.link.house import LinkFactory
from chatroom.link.wire import VERSION, decode, encode
from tests.house import House

TRAITS = {
    "door": "json",
    "address": "192.0.2.7",
    "secure": True,
    "resumes": True,
    "asks": False,
    "reads": False,
    "keeps_nick": False,
}


class Kept:
    """A door that has kept sessions, and the next house, which counts its signs of life."""

    def __init__(self) -> None:
        self.house = House()
        self.alive = 0
        house = self.house
        factory = LinkFactory(house.hub, house.clock, lambda link: None, house.connection_limits, self._live)  # type: ignore[arg-type,return-value]
        self._link, self._transport = factory.buildProtocol(None), StringTransport()
        self._link.makeConnection(self._transport)
        self.sends(["hello", VERSION, "door 1"])
        self.frames()

    def _live(self) -> None:
        self.alive += 1

    def sends(self, *frames: list[Any]) -> None:
        """Send *frames* to the house at once."""
        bodies = [encode(frame) for frame in frames]
        self._link.dataReceived(b"".join(len(body).to_bytes(4, "big") + body for body in bodies))
        self.house.settle()

    def frames(self) -> list[Any]:
        """Take what the house has sent."""
        data, found = self._transport.value(), []
        self._transport.clear()
        while data:
            length = int.from_bytes(data[:4], "big")
            found.append(decode(data[4 : 4 + length]))
            data = data[4 + length :]
        return found

    def attach(self, sid: str, card: Card) -> list[Any]:
        """Attach a session; return the frame that does."""
        return ["attach", sid, TRAITS, self.house.hub.cards.sign(card), {}, [], 1.0, True]


@pytest.fixture
def kept() -> Kept:
    return Kept()


def card(nick: str, **more: Any) -> Card:
    return Card(f"identity-of-{nick}", "", "", nick, since=1.0, came=1.0, preferences=Preferences(), **more)


def test_a_door_is_sent_no_card_that_it_has(kept):
    kept.sends(kept.attach("sid", card("ann")))
    together, attached = kept.frames()
    assert [frame[0] for frame in together[2]] == ["viewer", "rooms", "prefer"]
    assert attached == ["attached", "sid", []]


def test_a_door_is_sent_a_card_that_says_something_else(kept):
    """Somebody else has the nick by now."""
    kept.house.join("ann")
    kept.sends(kept.attach("sid", card("ann")))
    [together, *rest] = kept.frames()
    [new] = [frame[2] for frame in [*together[2], *rest] if frame[0] == "card"]
    assert kept.house.hub.cards.read(new).nick == kept.house.hub.core.people["identity-of-ann"].nick != "ann"


def test_the_house_gives_signs_of_life_while_everyone_is_attached(kept):
    people = [f"n{n}" for n in range(20)]
    kept.sends(*[kept.attach(nick, card(nick)) for nick in people])
    assert kept.alive == len(people)
    assert [frame[1] for frame in kept.frames() if frame[0] == "attached"] == people
