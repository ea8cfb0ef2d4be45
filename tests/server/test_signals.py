"""Signals: what SIGTERM, SIGINT and SIGHUP do to the server."""

from __future__ import annotations

import os
import signal

import pytest
from twisted.internet.error import ReactorNotRunning

from chatroom.server.signals import (
    ignore_early_requests,
    reload_on_hangup,
    replace_on_request,
    stop,
    stop_with_success,
)
from tests.house import failures


@pytest.fixture(autouse=True)
def nothing_breaks():
    with failures() as broken:
        yield
    assert not broken, broken[0]


class Reactor:
    """A reactor that has put in its own handlers for signals."""

    def __init__(self):
        self.stopped = 0
        self.running = True

    def sigTerm(self, *_): ...

    def sigInt(self, *_): ...

    def stop(self):
        if not self.running:
            raise ReactorNotRunning
        self.stopped += 1

    def callFromThread(self, call, *arguments):
        call(*arguments)


@pytest.fixture
def signals():
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR2)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_being_told_to_stop_stops_the_reactor_once(signals):
    reactor = Reactor()
    signal.signal(signal.SIGTERM, reactor.sigTerm)
    signal.signal(signal.SIGINT, reactor.sigInt)
    stop_with_success(reactor)

    os.kill(os.getpid(), signal.SIGTERM)
    os.kill(os.getpid(), signal.SIGINT)

    assert reactor.stopped == 1


def test_handlers_that_are_not_the_reactors_stay(signals):
    def mine(*_): ...

    signal.signal(signal.SIGTERM, mine)
    signal.signal(signal.SIGINT, mine)
    stop_with_success(Reactor())

    assert signal.getsignal(signal.SIGTERM) is mine and signal.getsignal(signal.SIGINT) is mine


def test_a_reactor_that_is_stopping_can_be_told_so_again():
    reactor = Reactor()
    reactor.running = False

    stop(reactor)

    assert reactor.stopped == 0


@pytest.fixture
def hangup(signals, monkeypatch):
    """Install what SIGHUP does, where it did *before*; *terminals* are the open files that are one."""

    def install(before=signal.SIG_DFL, terminals=()):
        monkeypatch.setattr(os, "isatty", lambda number: number in terminals)
        reactor = Reactor()
        reactor.reloaded = 0

        def reload():
            reactor.reloaded += 1

        signal.signal(signal.SIGTERM, reactor.sigTerm)
        signal.signal(signal.SIGHUP, before)
        reload_on_hangup(reactor, reload)
        stop_with_success(reactor)
        return reactor

    return install


@pytest.mark.parametrize("before", [signal.SIG_DFL, signal.SIG_IGN])
@pytest.mark.parametrize("terminals", [[], [2]])
def test_a_hangup_reloads_and_ends_nothing(hangup, before, terminals):
    reactor = hangup(before, terminals)

    os.kill(os.getpid(), signal.SIGHUP)
    os.kill(os.getpid(), signal.SIGHUP)

    assert reactor.reloaded == 2 and reactor.stopped == 0


def test_when_its_terminal_is_closed_the_server_stops_in_good_order(hangup):
    terminals = [0, 1, 2]
    reactor = hangup(terminals=terminals)

    terminals.clear()
    os.kill(os.getpid(), signal.SIGHUP)

    assert reactor.stopped == 1 and reactor.reloaded == 0


def test_with_nohup_the_server_goes_on_when_its_terminal_is_closed(hangup):
    terminals = [0]
    reactor = hangup(signal.SIG_IGN, terminals)

    terminals.clear()
    os.kill(os.getpid(), signal.SIGHUP)

    assert reactor.stopped == 0


def test_somebody_elses_handler_of_hangups_stays(hangup):
    def mine(*_): ...

    hangup(mine)

    assert signal.getsignal(signal.SIGHUP) is mine


def test_hangups_are_left_alone_where_signals_are_not_the_reactors(signals):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

    reload_on_hangup(Reactor(), pytest.fail)

    assert signal.getsignal(signal.SIGHUP) == signal.SIG_DFL


def test_a_request_to_replace_processes_waits_for_the_reactor(signals):
    reactor, requests = Reactor(), []
    signal.signal(signal.SIGUSR2, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, reactor.sigTerm)
    ignore_early_requests()
    os.kill(os.getpid(), signal.SIGUSR2)

    replace_on_request(reactor, lambda: requests.append("replace"))
    os.kill(os.getpid(), signal.SIGUSR2)

    assert requests == ["replace"]


@pytest.mark.parametrize("ours", [True, False])
def test_handlers_of_others_for_it_stay(signals, ours):
    def mine(*_): ...

    reactor = Reactor()
    signal.signal(signal.SIGUSR2, mine if ours else signal.SIG_DFL)
    signal.signal(signal.SIGTERM, reactor.sigTerm if ours else mine)
    if ours:
        ignore_early_requests()
    replace_on_request(reactor, pytest.fail)

    assert signal.getsignal(signal.SIGUSR2) == (mine if ours else signal.SIG_DFL)
