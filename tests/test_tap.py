"""How the parts of the server are put together."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from twisted.application.service import IServiceMaker
from twisted.internet.address import IPv4Address
from twisted.internet.endpoints import TCP4ServerEndpoint, TCP6ServerEndpoint, UNIXServerEndpoint
from twisted.internet.testing import MemoryReactorClock
from twisted.plugin import getPlugins

from chatroom import tap
from chatroom.chat.ports import RetentionLimit
from chatroom.composition import announcing, certificates
from chatroom.composition.places import place_of
from chatroom.config.data_folder import data_folder
from chatroom.doors.front.tls import TlsFactory
from chatroom.doors.web.https_redirect import HttpsRedirectFactory
from chatroom.doors.web.settings import WebSettings
from chatroom.journal.memory import MemoryJournal
from chatroom.journal.postgres.journal import PostgresJournal
from chatroom.journal.sqlite import SqliteJournal
from chatroom.server import listeners
from chatroom.server.errors import CannotStart
from chatroom.server.service import ChatService
from chatroom.tap import Options, makeService
from tests.certificates import made
from tests.stand_ins import Port


def parsed(*arguments):
    options = Options()
    options.parseOptions(list(arguments))
    return options


# Where things are kept.


@pytest.mark.parametrize(
    ("given", "environment", "folder"),
    [
        ("/srv/chat", {"STATE_DIRECTORY": "/var/lib/chatroom"}, "/srv/chat"),
        ("relative", {}, "relative"),
        (None, {"STATE_DIRECTORY": "/var/lib/chatroom"}, "/var/lib/chatroom"),
        (None, {"STATE_DIRECTORY": "/var/lib/a:/var/lib/b", "XDG_STATE_HOME": "/x"}, "/var/lib/a"),
        (None, {"XDG_STATE_HOME": "/x"}, "/x/chatroom"),
        (None, {"XDG_STATE_HOME": "not/absolute"}, "~/.local/state/chatroom"),
        (None, {}, "~/.local/state/chatroom"),
        ("~/chat", {}, "~/chat"),
    ],
)
def test_where_everything_is_kept(given, environment, folder):
    assert data_folder(given, environment) == Path(folder).expanduser()


# Putting together.


def test_building_opens_nothing(tmp_path):
    data = tmp_path / "data"

    service = makeService(parsed("--data", str(data)))

    assert isinstance(service, ChatService) and not service.running and service.ports == []
    assert not data.exists()
    assert isinstance(service._hub.core.journal, SqliteJournal)


def test_ephemeral_keeps_nothing():
    assert isinstance(makeService(parsed("--ephemeral"))._hub.core.journal, MemoryJournal)


def test_a_database_is_opened_when_the_server_starts_and_named_without_its_password():
    options = parsed("--database", "postgresql://ann:hunter2@db.example/talk")

    assert isinstance(makeService(options)._hub.core.journal, PostgresJournal)
    assert place_of(options) == "the database talk at db.example"


def test_a_database_needs_its_address_and_its_driver(monkeypatch):
    with pytest.raises(CannotStart, match="is no connection string of PostgreSQL") as caught:
        makeService(parsed("--database", "mysql://ann:hunter2@db.example/talk"))
    assert "hunter2" not in str(caught.value)
    monkeypatch.setitem(sys.modules, "chatroom.journal.postgres.connection", None)
    with pytest.raises(CannotStart, match="needs psycopg: pip install"):
        makeService(parsed("--database", "postgresql://db.example/talk"))


def test_the_house_is_run_as_the_options_say():
    service = makeService(
        parsed("--ephemeral", "--rate", "1.5", "--burst", "3", "--stall", "6", "--allow-plain-login")
    )

    limits = service._hub.core.limits
    assert (limits.rate, limits.burst, limits.stall) == (1.5, 3, 6.0)
    assert service._hub.core.policy.plain_login and service._retention.policy == service._hub.core.policy


class Reactor(MemoryReactorClock):
    """The reactor in memory, with threads that are none."""

    def callFromThread(self, call, *arguments):
        call(*arguments)


@pytest.fixture
def reactor(monkeypatch):
    made = Reactor()
    monkeypatch.setattr("twisted.internet.reactor", made)
    return made


def triggered(reactor, call):
    """What *reactor* is to call *call* with when it has started."""
    [arguments] = [one[1:] for one in reactor.triggers["after"]["startup"] if one[0] is call]
    return arguments[0]


def test_a_hangup_brings_the_file_into_force_everywhere(reactor, tmp_path):
    file = tmp_path / "chatroom.toml"
    file.write_text("rate = 1\n")
    service = makeService(parsed("--ephemeral", "--config", str(file)))
    _, reload = triggered(reactor, tap.reload_on_hangup)

    file.write_text(
        "rate = 2\nmax-per-address = 3\nkeep = {days = 1}\nreserved = ['boss']\nstall = 9\n"
        "origins = ['https://a.example']\nproxies = ['unix']\nweb-prefix = '/chat'\nmetrics-for = []\n"
        "listen-web = ['tcp:9']\n"
    )
    reload()

    policy = service._hub.core.policy
    assert (
        service._hub.core.limits.rate == 2
        and policy.reserved == {"boss"}
        and policy.keep == RetentionLimit(seconds=86_400)
    )
    assert policy.limits.stall == 300, "that needs a restart"
    web = next(door for door in service._doors if door.name == "web")
    assert web.routes.settings == WebSettings("/chat", {"https://a.example"}, (None,), ()) and web.limits.proxies == (
        None,
    )
    assert service._retention.policy == policy and service._front.limits.max_per_address == 3
    file.write_text("rate = 3\nirc-sts-port = 6697\n")
    assert "changed." in service._hub.core.runtime.reload() and service._hub.core.limits.rate == 3
    [irc] = [one for one in service._doors if one.name == "irc"]
    assert irc.server.sts == (0, 6697)


def at_once(*_):
    """A worker thread that does its work while it is being asked."""
    return SimpleNamespace(run=lambda work, done: done(work()))


def test_a_certificate_is_read_at_the_start_and_looked_at_again_at_a_hangup(reactor, tmp_path, monkeypatch):
    monkeypatch.setattr(certificates, "WorkerThreads", at_once)
    certificate, key = made("old.example").write(tmp_path)
    arguments = ("--tls-cert", str(certificate), "--tls-key", str(key))
    service = makeService(parsed("--ephemeral", "--listen", "unix:/run/x", *arguments))
    _, reload = triggered(reactor, tap.reload_on_hangup)
    service.startService()

    made("new.example").write(tmp_path)
    reload()

    assert list(service._certificate.names) == ["new.example"]
    assert isinstance(service._front.openings.door_for(b"\x16\x03"), TlsFactory)
    assert service._front.openings.door_for(b"{").name == "json"
    service.stopService()


def test_without_the_certificate_it_cannot_start(reactor, tmp_path):
    service = makeService(parsed("--ephemeral", "--tls-cert", str(tmp_path / "none.pem")))

    with pytest.raises(CannotStart, match=r"^chatroom cannot start: .*/none\.pem: No such file or directory$"):
        service.startService()


def test_with_tls_only_nothing_else_is_spoken(tmp_path):
    front = makeService(parsed("--ephemeral", "--tls-cert", "cert.pem", "--tls-only"))._front

    assert isinstance(front.openings.door_for(b"\x16\x03"), TlsFactory)
    assert isinstance(front.openings.door_for(b"GET "), HttpsRedirectFactory)
    assert (
        b"Only TLS is accepted here" in front.openings.door_for(b"{").answer
        and b"Only TLS" in front.openings.fallback.answer
    )


def test_an_empty_name_is_no_certificate():
    assert makeService(parsed("--ephemeral", "--tls-cert", ""))._certificate is None


def test_whoever_shuts_the_server_down_says_why(reactor):
    service = makeService(parsed("--ephemeral"))

    service._hub.core.runtime.stop("a new version")
    reactor.advance(0)

    assert service.reason == "a new version" and reactor.hasStopped


@pytest.mark.parametrize(
    ("arguments", "kinds"),
    [
        ([], [TCP4ServerEndpoint, TCP6ServerEndpoint]),
        (["--listen", "tcp:0:interface=127.0.0.1"], [TCP4ServerEndpoint]),
        (["--listen", "unix:/run/x", "--listen", "tcp6:0"], [UNIXServerEndpoint, TCP6ServerEndpoint]),
        (["--listen", "192.0.2.7:4440", "--listen", "[::1]:0"], [TCP4ServerEndpoint, TCP6ServerEndpoint]),
    ],
)
def test_where_it_is_going_to_listen(arguments, kinds):
    service = makeService(parsed("--ephemeral", *arguments))

    assert [type(one.endpoint) for one in service._listeners] == kinds
    assert [one.optional for one in service._listeners] == ([False, True] if not arguments else [False] * len(kinds))


@pytest.mark.parametrize(
    ("arguments", "places"),
    [
        (["--port", "4440"], [("127.0.0.1", 4440), ("::1", 4440)]),
        (["--public", "--port", "4440"], [("::", 4440)]),
        (["--listen", "4440"], [("127.0.0.1", 4440), ("::1", 4440)]),
        (["--listen", "localhost:4440"], [("127.0.0.1", 4440), ("::1", 4440)]),
        (["--listen", "0"], [("127.0.0.1", 0)]),
        (["--listen", "192.0.2.7:4440"], [("192.0.2.7", 4440)]),
        (["--listen", "[2001:db8::7]:4440"], [("2001:db8::7", 4440)]),
        # A type of endpoint wins.
        (["--listen", "tcp:4440"], [("", 4440)]),
        (["--listen", "tcp6:4440:interface=\\:\\:1"], [("::1", 4440)]),
    ],
)
def test_the_ports_and_addresses_that_are_asked_for(monkeypatch, arguments, places):
    monkeypatch.setattr(listeners, "_can_listen", lambda address: True)
    service = makeService(parsed("--ephemeral", *arguments))

    assert [(one.endpoint._interface, one.endpoint._port) for one in service._listeners] == places
    assert {one.endpoint._backlog for one in service._listeners} == {listeners.BACKLOG}


def test_a_port_of_the_web_is_a_port_of_this_machine():
    service = makeService(parsed("--ephemeral", "--listen", "1", "--listen-web", "8428"))

    web = service._listeners[2:]
    assert [(one.endpoint._interface, one.endpoint._port, one.instead) for one in web] == [
        ("127.0.0.1", 8428, "--listen-web 8429"),
        ("::1", 8428, "--listen-web 8429"),
    ]
    assert all(one.front is not None for one in web)


@pytest.mark.parametrize("options", [[], ["--tls-cert", "~nobody-at-all/cert.pem"]])
def test_without_a_home_folder_the_reason_is_told(monkeypatch, options):
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)

    with pytest.raises(CannotStart, match="home"):
        makeService(parsed(*options, *(["--ephemeral"] if options else [])))


def test_the_web_may_have_a_port_of_its_own():
    service = makeService(
        parsed("--ephemeral", "--listen", "tcp:1", "--listen-web", "tcp:2", "--listen-web", "unix:/x")
    )

    everything, *web = service._listeners
    assert everything.front is None and [type(one.endpoint) for one in web] == [TCP4ServerEndpoint, UNIXServerEndpoint]
    assert {one.front.openings.door_for(b"anything").name for one in web} == {"web"}


def test_an_endpoint_for_the_web_that_is_none_is_told_in_one_line():
    with pytest.raises(CannotStart, match=r"--listen-web must be .*; nonsense is not an address"):
        parsed("--ephemeral", "--listen-web", "nonsense:1")


@pytest.mark.parametrize(("ipv6", "kind"), [(True, TCP6ServerEndpoint), (False, TCP4ServerEndpoint)])
def test_in_public_it_listens_everywhere(monkeypatch, ipv6, kind):
    monkeypatch.setattr(listeners, "_can_listen", lambda address: ipv6)

    [listener] = makeService(parsed("--ephemeral", "--public"))._listeners

    assert type(listener.endpoint) is kind and listener.description == "port 2428"


@pytest.mark.parametrize("endpoint", ["tcp:many", "tcp:", "tcp6:x"])
def test_an_endpoint_that_is_none_is_told_in_one_line(endpoint):
    with pytest.raises(CannotStart, match=f"--listen {endpoint}: ") as caught:
        makeService(parsed("--ephemeral", "--listen", endpoint))

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("opening", "name"),
    [
        (b"\xff", "line"),
        (b"{", "json"),
        (b"hello", "line"),
        (b"GET / ", "web"),
        (b"NICK x", "irc"),
        (b"CAP LS", "irc"),
        (b"SSH-2.0", "ssh"),
        (b"\x16\x03\x01", "TLS"),
    ],
)
def test_every_language_has_its_door(opening, name):
    front = makeService(parsed("--ephemeral"))._front

    door = front.openings.door_for(opening)

    assert getattr(door, "name", "") == name or name.encode() in door.answer


def test_the_announcement_is_logged_when_signals_are_obeyed(reactor, monkeypatch):
    said = []
    monkeypatch.setattr(announcing.log, "info", lambda form, **fields: said.append(form.format(**fields)))

    makeService(parsed("--ephemeral"))._announce([Port(IPv4Address("TCP", "127.0.0.1", 2428))], 0)
    assert not said

    for call, arguments, _ in reactor.whenRunningHooks:
        call(*arguments)
    assert said[:2] == [
        "Listening on 127.0.0.1:2428.",
        "Storing nothing: messages are forgotten when the server stops.",
    ]


class Lan:
    """An announcement that tells what it is asked to do."""

    def __init__(self, clock, threads):
        self.asked = []
        Lan.last = self

    def start(self, service):
        self.asked.append(service)

    def stop(self):
        self.asked.append("stop")


def test_with_mdns_it_is_announced_in_the_local_network_until_it_stops(reactor, monkeypatch):
    monkeypatch.setattr(announcing, "Announcement", Lan)
    monkeypatch.setattr(announcing, "own_addresses", lambda: ["192.168.1.7"])
    service = makeService(parsed("--ephemeral", "--mdns", "--listen", "0.0.0.0:4440"))

    service._announce([Port(IPv4Address("TCP", "0.0.0.0", 4440))], 0)
    assert [(one.addresses, one.port) for one in Lan.last.asked] == [(["192.168.1.7"], 4440)]

    [(withdraw, arguments, _)] = reactor.triggers["before"]["shutdown"]
    withdraw(*arguments)
    assert Lan.last.asked[1:] == ["stop"]


def test_without_mdns_nothing_is_announced(reactor, monkeypatch):
    monkeypatch.setattr(announcing, "Announcement", pytest.fail)

    makeService(parsed("--ephemeral"))._announce([Port(IPv4Address("TCP", "127.0.0.1", 2428))], 0)

    assert "before" not in reactor.triggers or not reactor.triggers["before"]["shutdown"]


def test_the_code_of_the_page_is_shown_on_the_terminal_if_others_can_reach_it(reactor, monkeypatch):
    shown = []
    monkeypatch.setattr(announcing, "show_qr_code", lambda page, *_: shown.append(page))
    monkeypatch.setattr(announcing, "own_addresses", lambda: ["192.168.1.7"])

    for host, options in (("127.0.0.1", []), ("0.0.0.0", ["--public"])):
        makeService(parsed("--ephemeral", *options))._announce([Port(IPv4Address("TCP", host, 2428))], 0)
    for call, arguments, _ in reactor.whenRunningHooks:
        call(*arguments)

    assert shown == ["http://192.168.1.7:2428/"]


def test_twistd_finds_the_plugin():
    [maker] = [one for one in getPlugins(IServiceMaker) if one.tapname == "chatroom"]

    assert maker.module == "chatroom.tap" and maker.options is Options


def test_the_garbage_collector_is_told_what_stays_when_all_has_started(reactor):
    makeService(parsed("--ephemeral"))

    assert triggered(reactor, tap.freeze_what_stays) == ()
