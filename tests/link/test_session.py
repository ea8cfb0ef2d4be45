"""The remote session: what a door sends for a client, and what it makes of the house's frames."""

from __future__ import annotations

import pytest

from chatroom.chat.events import Batch, Said
from chatroom.chat.limits import Limits
from chatroom.chat.replies import Notice, Refused
from chatroom.link.codec import pack, pack_batch
from chatroom.link.outlet import UNANSWERED
from chatroom.link.session import AWAY, BACK, MOST_ENDS
from tests.house import START, JsonPerson, failures
from tests.link.handing_house import HandingHouse
from tests.link.test_forged import SID, ForgedHouse, said
from tests.linked_house import LinkedHouse


@pytest.fixture
def house():
    with failures() as broken:
        yield ForgedHouse()
    assert not broken, broken[0]


@pytest.fixture
def client(house):
    """One that has come in, and is live in the lobby after its first event."""
    house.sends(["viewer", SID, "eve", ""], ["live", SID, "lobby", 1], ["ready", SID, 1, 0.0])
    house.frames.clear()
    return house.wire


def asked(house):
    return [frame[3][-1] for frame in house.frames if frame[0] == "ask"]


def types(house, *lines):
    house.frames.clear()
    house.wire.carry("".join(f"{line}\n" for line in lines).encode())
    house.clock.advance(0)
    return asked(house)


def test_what_is_read_is_asked_and_paid_for(house, client):
    assert types(house, "hi") == ["hi"]
    assert [frame[0] for frame in house.frames] == ["ask", "spend"] and house.frames[1][2] == 1.0


def test_it_waits_for_the_answer_to_what_does_not_only_append(house, client):
    assert len(types(house, "hi")) == 1
    assert len(types(house, "/time")) == 1
    assert types(house, "later") == []
    house.sends(["ready", SID, 2, 0.0])
    assert asked(house) == []
    house.sends(["ready", SID, 3, 0.0])
    assert asked(house) == ["later"]


def test_only_so_much_is_asked_without_an_answer(house, client):
    for n in range(UNANSWERED):
        assert types(house, f"{n}") == [f"{n}"]
    assert types(house, "later") == []
    house.sends(["done", SID, UNANSWERED])
    assert asked(house) == []
    house.sends(["done", SID, UNANSWERED + 1])
    assert asked(house) == ["later"]


def test_what_is_owed_is_waited_for(house, client):
    types(house, "/time")
    house.sends(["ready", SID, 2, 5.0])
    assert types(house, "later") == []
    house.clock.pump([1.0] * 6)
    assert asked(house) == ["later"]


def test_a_pause_is_kept(house, client):
    house.sends(["rest", SID, 5.0])
    assert types(house, "later") == []
    house.clock.pump([1.0] * 6)
    assert asked(house) == ["later"]


@pytest.fixture
def limited():
    """A house where people have budgets, with one client that has come in."""
    house = ForgedHouse(Limits(rate=5, burst=50, byte_rate=4096, byte_burst=16_384))
    house.sends(["viewer", SID, "eve", ""], ["ready", SID, 1, 0.0])
    house.frames.clear()
    return house


def spent(house):
    return sum(frame[2] for frame in house.frames if frame[0] == "spend")


def test_a_flood_is_not_read_before_the_house_can_say_that_it_must_pause(limited):
    limited.wire.carry(b"\n" * 10_000)
    limited.clock.advance(0)
    assert 45 <= spent(limited) <= 50

    limited.clock.pump([0.1] * 20)
    assert 55 <= spent(limited) <= 60


def test_a_flood_is_not_read_while_there_is_no_house(limited):
    limited.link.drop("over")
    limited.clock.advance(1)

    # Telnet's NOP, and no line.
    limited.wire.carry(b"\xff\xf1" * 4_000)
    assert limited.wire.producerState == "producing"
    limited.wire.carry(b"\xff\xf1" * 4_000)
    limited.wire.carry(b"\xff\xf1" * 4_000)
    assert limited.wire.producerState == "paused"


def test_ones_own_event_is_an_answer(house, client):
    types(house, "hi")
    [session] = house.door.house.sessions.values()
    assert list(session.unanswered) == [2]
    house.sends(["batch", said(2, f"{house.sid}.2")])
    assert not session.unanswered


def test_a_client_that_does_not_read_is_shown_what_comes_until_the_house_knows(house, client):
    client.stall()
    text = "x" * 40_000

    def more(seq):
        return ["batch", pack_batch(Batch("lobby", seq, [Said(room="lobby", at=START, by="x", nick="x", text=text)]))]

    house.sends(more(2), more(3), more(4))
    assert [frame for frame in house.frames if frame[0] == "full"] == [["full", house.sid]]
    house.sends(["unlive", SID, "lobby"])
    [session] = house.door.house.sessions.values()
    assert session.seen == {"lobby": 4}
    house.sends(["page", SID, more(5)[1], True])
    client.drain()
    house.clock.advance(0)
    assert client.received.count(text.encode()) == 4 and session.seen == {"lobby": 5}
    assert [frame[0] for frame in house.frames][-2:] == ["taken", "drained"]


def test_a_client_for_which_the_house_keeps_sending_is_disconnected(house, client):
    client.stall()
    text = "x" * 200_000
    for seq in range(2, 12):
        event = Said(room="lobby", at=START, by="x", nick="x", text=text)
        house.sends(["batch", pack_batch(Batch("lobby", seq, [event]))])
    assert client.cut and ["gone", house.sid, "connection lost"] in house.frames and not house.dropped


def test_what_comes_after_the_end_is_for_nobody(house, client):
    house.sends(
        ["together", SID, [["reply", SID, pack(Notice("bye")), None], ["close", SID], ["live", SID, "dev", 1]]],
        ["reply", SID, pack(Refused("bug", "late")), None],
        ["live", SID, "art", 1],
    )
    assert client.cut and b"bye" in client.received and b"late" not in client.received
    assert not house.door.house.sessions and not house.dropped


def test_people_are_told_that_the_chat_is_away_and_back(house, client):
    house.link.drop("over")
    house.clock.advance(0)
    assert AWAY.encode() not in client.received
    house.clock.pump([1.0] * 3)
    types(house, "held")
    assert client.received.count(AWAY.encode()) == 1
    LinkedHouse(rate=0, clock=house.clock, processes=[house.door])
    assert client.received.count(BACK.encode()) == 1


def test_a_command_that_one_house_after_another_has_ended_of_is_not_sent_again(house, client):
    types(house, "/time")
    [session] = house.door.house.sessions.values()
    for n in range(MOST_ENDS):
        assert session.busy and b"has ended" not in client.received, n
        session.hold()
        session.hold()
        session.frame(["attached", session.sid, []])
    assert client.received.count(b"The server has ended 5 times before it answered this.") == 1
    assert not session.busy and not session.unanswered


@pytest.mark.parametrize("steps", range(12))
def test_who_was_welcomed_is_told_once_that_they_are_up_to_date_whenever_the_house_ends(steps):
    """Until then, programs wait, and our client keeps what is typed."""
    house = HandingHouse()
    bob = house.join("bob", JsonPerson)
    ann = JsonPerson(house)
    ann.sends_object({"type": "hello", "nick": "ann"})
    while not ann.of_type("welcome"):
        house.step(1)
    house.step(steps)
    for process in house.processes:
        process.end.break_off()
    for process in house.processes:
        process.link(house.links)
    house.settle()
    house.hand_over()
    for person in ann, bob:
        assert [values["type"] for values in person.objects].count("live") == 1
    house.at.end.break_off()
    house.new.end.break_off()
    for process in house.processes:
        process.link(house.links)
    house.settle()
    for person in ann, bob:
        assert [values["type"] for values in person.objects].count("live") == 1
