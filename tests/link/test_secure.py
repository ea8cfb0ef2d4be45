"""Links over TLS: only doors with a certificate of the authority get one, and whoever else knocks is one log line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import pytest_twisted
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock
from twisted.protocols.tls import TLSMemoryBIOFactory

from chatroom.link.secure import MAX_STRANGERS, PATIENCE, SecureLink, SecureLinks, dialler
from chatroom.link.wire import Link
from tests.certificates import made
from tests.linked_house import linked
from tests.log_lines import log_lines
from tests.tls.test_machines import CA, OTHER, machine

HERE = IPv4Address("TCP", "192.0.2.7", 4000)


class Owner:
    """Notes what becomes of its link."""

    def __init__(self):
        self.told = []

    def up(self, link):
        self.told.append(f"up: {link.greeting[0]}")

    def frame(self, link, frame):
        self.told.append(frame)

    def data(self, link, connection, data): ...

    def lost(self, link, reason):
        self.told.append(f"lost: {reason}")


class Ends(Factory):
    """Builds one kind of ends."""

    def __init__(self, clock, *first):
        self.clock, self.first = clock, list(first)
        self.owner = Owner()
        self.links = []

    def build(self):
        self.links.append(Link(self.owner, self.clock, self.first))
        return self.links[-1]

    def buildProtocol(self, addr):
        return self.build()


class Machines:
    """A house, and a door that connects to it, with the certificates of their machines."""

    def __init__(self, folder):
        self.folder = folder
        self.clock = Clock()
        self.house, self.door = Ends(self.clock, "welcome", "house"), Ends(self.clock, "hello", "door")
        self.listener = SecureLinks(self.clock, self.house)
        self.shown = machine(folder / "house", made("house", by=CA))
        self.ended = []

    def accept(self):
        return TLSMemoryBIOFactory(self.shown, False, self.listener, self.clock).buildProtocol(HERE)

    def connect(self, shown):
        end = SecureLink(self.clock, self.door.build, self.ended.append)
        factory = Factory.forProtocol(lambda: end)
        linked(self.clock, TLSMemoryBIOFactory(shown, True, factory, self.clock).buildProtocol(None), self.accept())
        self.settle()
        return end

    def stranger(self):
        """Somebody who connects, and speaks no TLS."""
        end = linked(self.clock, Protocol(), self.accept())
        self.settle()
        return end

    def settle(self):
        self.clock.pump([0] * 30)


@pytest.fixture
def machines(tmp_path):
    return Machines(tmp_path)


@pytest.fixture
def lines():
    with log_lines("chatroom") as lines:
        yield lines


def test_both_ends_talk_once_they_know_each_other(machines, lines):
    machines.connect(machine(machines.folder / "door", made("door", by=CA)))
    assert machines.house.owner.told == ["up: door"] and machines.door.owner.told == ["up: house"]
    machines.door.links[0].send(["open", "x"])
    machines.settle()
    assert machines.house.owner.told[1:] == [["open", "x"]]
    machines.house.links[0].drop("enough")
    machines.clock.pump([0.1] * 20)
    assert machines.house.owner.told[2:] == ["lost: enough"] and machines.door.owner.told[1].startswith("lost: ")
    assert machines.ended == [""]
    assert not [line for line in lines if "Refused" in line]


def test_a_door_of_another_authority_is_refused_before_there_is_a_link(machines, lines):
    machines.connect(machine(machines.folder / "door", made("door", by=OTHER), OTHER))
    assert machines.house.links == machines.door.links == []
    assert machines.ended == ["certificate verify failed"], "the door trusts the house no more than it is trusted"
    assert [line for line in lines if "Refused" in line] == ["Refused a link from 192.0.2.7: tlsv1 alert unknown ca."]


def test_a_door_that_trusts_the_house_and_is_not_trusted_is_told_where_to_look(machines, lines):
    """TLS 1.3: it has finished its handshake before the house looks at its certificate."""
    old = made("door", by=CA, since=datetime.now(UTC) - timedelta(days=9), days=8)
    machines.connect(machine(machines.folder / "door", old))
    assert machines.house.links == []
    assert machines.ended == ["it has hung up; its log says why"]
    assert machines.door.owner.told == ["lost: " + machines.door.owner.told[0].removeprefix("lost: ")], (
        "never up, and over"
    )
    assert [line for line in lines if "Refused" in line] == [
        "Refused a link from 192.0.2.7: certificate verify failed."
    ]


def test_who_shows_no_certificate_is_refused(machines, lines):
    from OpenSSL import SSL
    from twisted.internet.ssl import ClientContextFactory

    class Bare(ClientContextFactory):
        method = SSL.TLS_METHOD

    machines.connect(Bare())
    assert machines.house.links == []
    assert [line for line in lines if "Refused" in line] == [
        "Refused a link from 192.0.2.7: peer did not return a certificate."
    ]


@pytest.mark.parametrize("sent", [b"GET / HTTP/1.0\r\n\r\n", b'\0\0\0\x18["hello",1,"door 1",true]', b"hello\n" * 9])
def test_plain_text_is_refused(machines, lines, sent):
    end = machines.stranger()
    end.write(sent)
    machines.settle()
    assert end.cut and machines.house.links == []
    [line] = lines
    assert line.startswith("Refused a link from 192.0.2.7: ")


def test_another_version_is_refused_on_both_sides(machines, lines):
    machines.door.first = ["hello", "door"]
    link = machines.door.build

    def old():
        made = link()
        made.send = lambda frame: Link.send(made, [frame[0], 99, *frame[2:]])
        return made

    machines.door.build = old
    machines.connect(machine(machines.folder / "door", made("door", by=CA)))
    machines.clock.pump([0.5] * 6)
    assert machines.house.owner.told == ["lost: this door speaks version 99 of the link, this server 1"]
    assert "Refused a link from 192.0.2.7: this door speaks version 99 of the link, this server 1." in lines


def test_who_says_nothing_is_given_up(machines, lines):
    end = machines.stranger()
    machines.clock.advance(PATIENCE - 0.1)
    assert not end.cut
    machines.clock.pump([0.1, 0, 0])
    assert end.cut
    assert lines == ["Refused a link from 192.0.2.7: no TLS handshake within 5 seconds."]


def test_strangers_are_not_many_at_once_and_their_lines_not_either(machines, lines):
    ends = [machines.stranger() for _ in range(MAX_STRANGERS + 30)]
    assert [end.cut for end in ends] == [False] * MAX_STRANGERS + [True] * 30
    assert set(lines) == {"Refused a link from 192.0.2.7: too many connections without a certificate."}
    assert len(lines) == 10
    ends[0].loseConnection()
    machines.settle()
    machines.connect(machine(machines.folder / "door", made("door", by=CA)))
    assert machines.house.owner.told == ["up: door"]


def test_links_do_not_count_as_strangers(machines):
    door = machine(machines.folder / "door", made("door", by=CA))
    for _ in range(MAX_STRANGERS + 2):
        machines.connect(door)
    assert machines.house.owner.told == ["up: door"] * (MAX_STRANGERS + 2)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest_twisted.ensureDeferred
async def test_a_house_is_dialled_by_host_and_port(machines, host):
    from twisted.internet import reactor

    house, door = Ends(reactor, "welcome", "house"), Ends(reactor, "hello", "door")
    up, over = Deferred(), Deferred()
    door.owner.up = up.callback
    listener = TLSMemoryBIOFactory(machines.shown, False, SecureLinks(reactor, house))
    port = reactor.listenTCP(0, listener, interface="127.0.0.1")
    try:
        dial = dialler(reactor, machine(machines.folder / "door", made("door", by=CA)))
        made_here = Factory.forProtocol(lambda: SecureLink(reactor, door.build, over.callback))
        assert isinstance(await dial(f"{host}:{port.getHost().port}", made_here), SecureLink)
        link = await up
        assert link.greeting == ["house"]
        link.drop("that is enough")
        assert await over == ""
    finally:
        await port.stopListening()
