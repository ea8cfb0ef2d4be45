"""The service: the order of start and stop."""

from __future__ import annotations

import errno
import os
import resource

import pytest
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IListeningPort, IStreamServerEndpoint
from zope.interface import implementer

from chatroom.chat.events import Joined
from chatroom.chat.ports import JournalError
from chatroom.server.errors import CannotStart
from chatroom.server.listeners import Listener
from chatroom.server.service import FLUSH_TIMEOUT, ChatService
from chatroom.tls.pair import BadPair
from tests.house import House, JsonPerson, LinePerson, failures, over_tls


@implementer(IListeningPort)
class Port:
    """A port in memory, served by *factory*."""

    def __init__(self, events, factory, name):
        self.events, self.factory, self.name = events, factory, name

    def getHost(self):
        return self.name

    def startListening(self): ...

    def stopListening(self):
        self.events.append(f"stop listening at {self.name}")
        return succeed(None)


@implementer(IStreamServerEndpoint)
class Endpoint:
    """A place to listen at, or one where that cannot be done."""

    def __init__(self, events, name="memory", error=None, never=False):
        self.events, self.name, self.error, self.never = events, name, error, never

    def listen(self, factory):
        if self.never:
            return Deferred()
        if self.error is not None:
            return fail(self.error)
        self.events.append(f"listen at {self.name}")
        return succeed(Port(self.events, factory, self.name))


class Beside:
    """What works beside the chat, and tells when it begins and ends."""

    def __init__(self, events, name):
        self.events, self.name = events, name

    def open(self):
        self.events.append(f"open {self.name}")

    def start(self):
        self.events.append(f"start {self.name}")

    def stop(self):
        self.events.append(f"stop {self.name}")


class Server:
    """A service around a house in memory, with a record of what happened in which order."""

    def __init__(self, *endpoints, certificate=None, goes_on=False, **limits):
        self.house = House(**limits)
        self.events = []
        journal, opened, closed = self.house.journal, self.house.hub.open, self.house.journal.close

        def open_journal(**how):
            self.events.append("open journal")
            return opened(**how)

        def close_journal():
            self.events.append("close journal")
            return closed()

        self.house.hub.open, journal.close = open_journal, close_journal
        listeners = [Listener(make(self.events), name, optional) for make, name, optional in endpoints or [HERE]]
        self.service = ChatService(
            self.house.clock,
            self.house.hub,
            listeners,
            self.house.front,
            (self.house.text, self.house.json),
            lambda ports, left: self.events.append(f"announce {[port.getHost() for port in ports]} {left}"),
            Beside(self.events, "retention"),
            Beside(self.events, "passwords"),
            certificate and certificate(self.events),
            Beside(self.events, "trimming"),
            goes_on=goes_on,
        )


def at(name, **more):
    return lambda events: Endpoint(events, name, **more)


def refused(number):
    return CannotListenError("127.0.0.1", 2428, OSError(number, os.strerror(number)))


HERE = (at("memory"), "port 2428", False)


@pytest.fixture(autouse=True)
def nothing_breaks():
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)
    with failures() as broken:
        yield broken
    resource.setrlimit(resource.RLIMIT_NOFILE, soft)
    assert not broken, broken[0]


# Starting.


def test_the_journal_opens_before_the_doors_and_then_all_is_announced():
    server = Server((at("one"), "one", False), (at("two"), "two", False))

    server.service.startService()

    assert server.events == [
        *("open journal", "listen at one", "listen at two"),
        *("start retention", "start trimming", "announce ['one', 'two'] 0"),
    ]
    assert server.service.running


def test_the_certificate_is_read_before_anything_is_opened():
    server = Server(certificate=lambda events: Beside(events, "certificate"))

    server.service.startService()
    server.service.stopService()
    server.house.advance(1)

    assert server.events == [
        *("open certificate", "open journal", "listen at memory", "start retention", "start certificate"),
        *("start trimming", "announce ['memory'] 0"),
        *("stop listening at memory", "stop retention", "stop certificate", "stop trimming"),
        *("close journal", "stop passwords"),
    ]


def test_a_certificate_that_cannot_be_used_is_told_in_one_clear_line():
    class Bad(Beside):
        def open(self):
            raise BadPair("/etc/cert.pem: the file is empty")

    server = Server(certificate=lambda events: Bad(events, "certificate"))

    with pytest.raises(CannotStart) as caught:
        server.service.startService()

    assert str(caught.value) == "chatroom cannot start: /etc/cert.pem: the file is empty" and server.events == []


def test_a_taken_port_is_told_in_one_clear_line_and_everything_is_closed_again():
    server = Server((at("one"), "one", False), (at("two", error=refused(errno.EADDRINUSE)), "port 2428", False))

    with pytest.raises(CannotStart) as caught:
        server.service.startService()

    assert str(caught.value) == (
        "chatroom cannot start: port 2428 is in use, perhaps by another chatroom. Stop that, or choose another."
    )
    assert server.events == ["open journal", "listen at one", "stop listening at one", "close journal"]
    assert not server.service.running and server.service.ports == []


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (refused(errno.EACCES), "chatroom cannot start: cannot listen on port 80: Permission denied."),
        (
            CannotListenError("x", 80, "no such thing"),
            "chatroom cannot start: cannot listen on port 80: no such thing.",
        ),
        (
            OverflowError("port must be 0-65535"),
            "chatroom cannot start: cannot listen on port 80: port must be 0-65535.",
        ),
        (
            OSError(2, "No such file", "1", None, b"/x.lock"),
            "chatroom cannot start: cannot listen on port 80: No such file.",
        ),
        (refused(errno.EADDRNOTAVAIL), "chatroom cannot start: cannot listen on port 80: "),
    ],
)
def test_why_it_cannot_listen_is_told(error, line):
    server = Server((at("x", error=error), "port 80", False))

    with pytest.raises(CannotStart) as caught:
        server.service.startService()

    assert str(caught.value).startswith(line) and "\n" not in str(caught.value)
    assert server.events[-1] == "close journal"


@pytest.mark.parametrize("number", [errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT])
def test_an_address_that_this_machine_lacks_is_no_loss_where_it_is_optional(number):
    server = Server(HERE, (at("::1", error=refused(number)), "::1", True))

    server.service.startService()

    assert server.events[-1] == "announce ['memory'] 0"


def test_an_optional_address_that_is_taken_is_an_error_all_the_same():
    server = Server(HERE, (at("::1", error=refused(errno.EADDRINUSE)), "::1", True))

    with pytest.raises(CannotStart, match="::1 is in use"):
        server.service.startService()


def test_a_place_that_is_not_ready_at_once_is_an_error():
    server = Server((at("x", never=True), "slow", False))

    with pytest.raises(CannotStart, match="slow is not ready"):
        server.service.startService()


def test_a_journal_that_cannot_be_opened_is_told_in_one_clear_line():
    server = Server()

    def open_journal(**how):
        raise JournalError("the file is damaged")

    server.house.hub.open = open_journal
    with pytest.raises(CannotStart) as caught:
        server.service.startService()

    assert str(caught.value) == "chatroom cannot start: the file is damaged" and server.events == []


def test_whoever_cannot_start_exits_with_a_line_and_a_status():
    error = CannotStart("no")

    assert isinstance(error, SystemExit) and isinstance(error, Exception)
    assert error.code == "chatroom cannot start: no"


def test_as_many_files_may_be_open_as_the_system_allows():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, hard, 256), hard))

    Server().service.startService()

    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)


# Stopping.


def test_all_is_closed_in_good_order():
    server = Server()
    server.service.startService()
    ann, bob = server.house.join("ann"), server.house.join("bob", JsonPerson)
    ann.sends_line("last words")
    server.house.settle()
    said = server.house.journal.append

    def append(event, changes=()):
        server.events.append(f"{event.nick} {event.type}")
        said(event, changes)

    server.house.journal.append = append
    del server.events[:]

    stopped = server.service.stopService()
    server.house.advance(1)

    assert stopped.called and not server.service.running
    assert server.events[:3] == ["stop listening at memory", "stop retention", "stop trimming"]
    assert sorted(server.events[3:-2]) == ["ann left", "bob left"]
    assert server.events[-2:] == ["close journal", "stop passwords"]
    goodbye = "-- The server is shutting down: it was asked to stop. You have been disconnected."
    assert goodbye in ann.lines[-2:] and goodbye in bob.lines[-2:] and bob.heard("<ann> last words")
    assert ann.gone and bob.gone


@pytest.mark.parametrize("door", [LinePerson, over_tls(LinePerson), over_tls(JsonPerson)])
def test_who_does_not_read_the_goodbye_is_waited_for_but_not_for_long(door):
    server = Server(rate=0)
    server.service.startService()
    ann, bob = server.house.join("ann", door), server.house.join("bob", door)
    bob.wire.stall()
    ann.types(*["x" * 4000] * 40)

    stopped = server.service.stopService()
    server.house.advance(FLUSH_TIMEOUT - 1)
    assert ann.gone and not bob.gone and not stopped.called

    server.house.advance(2)
    assert bob.gone and stopped.called and "close journal" in server.events


def test_a_journal_that_does_not_finish_does_not_keep_the_server_for_ever():
    server = Server()
    server.service.startService()
    ann = server.house.join("ann")
    server.house.journal.flush = Deferred
    server.house.journal.close = Deferred

    stopped = server.service.stopService()
    server.house.advance(3 * FLUSH_TIMEOUT + 1)

    assert stopped.called
    assert ann.heard_of("The server is shutting down") and ann.gone


def test_a_mistake_while_stopping_is_logged_and_stopping_goes_on(nothing_breaks):
    server = Server()
    server.service.startService()
    ann = server.house.join("ann")
    server.house.journal.flush = lambda: fail(ZeroDivisionError())

    stopped = server.service.stopService()
    server.house.advance(1)

    assert "ZeroDivisionError" in nothing_breaks.pop(0)
    nothing_breaks.clear()
    assert ann.heard_of("The server is shutting down") and ann.gone
    assert stopped.called and "close journal" in server.events


def test_everyone_is_told_why():
    server = Server()
    server.service.startService()
    ann = server.house.join("ann")
    server.service.reason = "a new version"

    server.service.stopService()
    server.house.advance(1)

    assert ann.lines[-2] == "-- The server is shutting down: a new version. You have been disconnected."


def test_an_empty_house_stops_at_once():
    server = Server()
    server.service.startService()

    assert server.service.stopService().called


# Going on after another house.


class Returning(Server):
    """A server that goes on with the people of the last one, who are back when a test says so."""

    def __init__(self):
        super().__init__(goes_on=True)
        self.back = Deferred()
        self.house.clock.stop = lambda: self.events.append("stop")
        self.house.hub.restore = self.restored
        self.service.startService()
        self.events.clear()

    async def restored(self):
        await self.back


def test_nobody_can_come_in_before_everyone_is_back():
    server = Returning()
    assert server.service.running and server.events == []

    server.back.callback(None)

    assert server.events == ["listen at memory", "announce ['memory'] 0"]


def test_if_it_is_stopped_meanwhile_nobody_can_come_in_any_more():
    server = Returning()
    server.service.stopService()
    server.back.callback(None)

    assert "listen at memory" not in server.events


def test_if_they_cannot_be_brought_back_it_ends(nothing_breaks):
    server = Returning()
    server.back.errback(JournalError("the disk is broken"))

    assert server.events == ["stop"]
    nothing_breaks.clear()


def test_if_it_cannot_listen_then_nobody_has_left_for_the_next_one(nothing_breaks):
    nowhere = at("memory", error=refused(errno.EADDRNOTAVAIL)), "port 2428", False
    server = Server(nowhere, goes_on=True)
    journal = server.house.journal
    journal._store([Joined("lobby", 0.0, "id-ann", "ann")], [])
    server.house.clock.stop = lambda: server.events.append("stop")
    server.service.startService()
    server.house.settle()
    nothing_breaks.clear()
    assert "stop" in server.events
    server.service.stopService()
    server.house.advance(10)

    assert [one.nick for one in journal.open(server.house.hub.ledger, keep=True)] == ["ann"]


def test_who_hands_over_says_no_goodbye():
    server = Server()
    server.service.startService()
    ann = LinePerson(server.house)
    ann.joins("ann")
    ann.types("hello")
    server.service.hands_over = server.house.hub.hands_over = True
    server.service.stopService()
    server.house.advance(1)

    assert server.events[-2:] == ["close journal", "stop passwords"]
    assert not any("shutting down" in line for line in ann.everything)
    assert server.service.ports == []
