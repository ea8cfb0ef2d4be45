"""A certificate that is renewed while the server runs: taken when it is whole, and told of once when it is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from twisted.internet.task import Clock
from twisted.logger import LogLevel, formatEvent, globalLogPublisher

from chatroom.tls import renewal
from chatroom.tls.pair import BadPair
from chatroom.tls.renewal import CHECK_INTERVAL, WARNING_INTERVAL, Certificate
from tests.certificates import made

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def logged():
    lines: list[str] = []

    def observe(event):
        if event.get("log_namespace") == "chatroom":
            level = event["log_level"]
            lines.append(f"{'' if level is LogLevel.info else level.name.upper() + ': '}{formatEvent(event)}")

    globalLogPublisher.addObserver(observe)
    yield lines
    globalLogPublisher.removeObserver(observe)


class Threads:
    """Threads that work on command."""

    def __init__(self):
        self.at_once = True
        self.waiting = []

    def __call__(self, work, done):
        self.waiting.append((work, done))
        if self.at_once:
            self.go_on()

    def go_on(self):
        waiting, self.waiting = self.waiting, []
        for work, done in waiting:
            done(work())


class Server:
    """A certificate in a folder, and its renewal."""

    def __init__(self, folder):
        self.folder = folder
        self.clock = Clock()
        self.clock.rightNow = NOW.timestamp()
        self.threads = Threads()
        self.certificate = Certificate(
            self.clock, self.threads, folder / "cert.pem", folder / "key.pem", self.clock.seconds
        )

    def renew(self, *names, days=90.0, since=NOW - timedelta(days=1)):
        """Install another pair as renewal tools do: each file atomically, one after the other."""
        new = made(*names, since=since, days=days)
        for name, content in (("cert.pem", new.pem), ("key.pem", new.key)):
            self.replace(name, content)
        return new

    def replace(self, name, content):
        (self.folder / "new").write_bytes(content)
        (self.folder / "new").rename(self.folder / name)

    def open(self, *names, **more):
        self.renew(*names, **more)
        self.certificate.open()
        self.certificate.start()

    def wait(self, looks=1):
        self.clock.pump([CHECK_INTERVAL] * looks)

    @property
    def names(self):
        return self.certificate.names


@pytest.fixture
def server(tmp_path):
    return Server(tmp_path)


VALID = "valid until 2026-05-29 12:00 UTC."


def test_at_the_start_it_is_told_for_whom_it_is_and_how_long(server, logged):
    assert server.names == ()

    server.open("chat.example", "192.0.2.1")

    assert logged == [f"TLS is on, with a certificate for chat.example, 192.0.2.1, {VALID}"]
    assert server.names == ("chat.example", "192.0.2.1")


def test_at_the_start_a_bad_one_is_an_error(server):
    server.renew("chat.example")
    (server.folder / "key.pem").unlink()

    with pytest.raises(BadPair, match=r"key\.pem: No such file or directory"):
        server.certificate.open()


def test_a_renewed_one_is_found_within_seconds(server, logged):
    server.open("old.example")
    before = server.certificate.context

    server.wait(10)
    assert server.certificate.context is before, "it is read once only"
    server.renew("new.example")
    server.wait()

    assert server.names == ("new.example",) and server.certificate.context is not before
    assert logged[1:] == [f"New connections get the new certificate, for new.example, {VALID}"]


def test_one_that_is_written_over_the_old_one_is_found_too(server):
    server.open("old.example")
    new = made("new.example", since=NOW, private=None)

    for name, content in (("cert.pem", new.pem), ("key.pem", new.key)):
        (server.folder / name).write_bytes(content)
    server.wait()

    assert server.names == ("new.example",)


def test_one_that_is_pointed_to_by_a_link_is_found_when_the_link_changes(server):
    """So certbot does it."""
    server.open("old.example")
    certificate, key = made("new.example").write(server.folder / "archive")
    for target, name in ((certificate, "cert.pem"), (key, "key.pem")):
        (server.folder / "link").symlink_to(target)
        (server.folder / "link").rename(server.folder / name)

    server.wait()

    assert server.names == ("new.example",)


def test_certificate_and_key_may_be_one_file(tmp_path):
    server = Server(tmp_path)
    server.certificate = Certificate(server.clock, server.threads, tmp_path / "both.pem", None, server.clock.seconds)
    one, other = made("old.example"), made("new.example")
    server.replace("both.pem", one.pem + one.key)
    server.certificate.open()
    server.certificate.start()

    server.replace("both.pem", other.pem + other.key)
    server.wait()

    assert server.names == ("new.example",)


def test_half_of_a_renewal_is_waited_on_for_a_look_without_a_word(server, logged):
    server.open("old.example")
    del logged[:]
    new = made("new.example", since=NOW)

    server.replace("cert.pem", new.pem)
    server.wait()
    assert server.names == ("old.example",) and logged == []

    server.replace("key.pem", new.key)
    server.wait()
    assert server.names == ("new.example",) and len(logged) == 1


def test_a_bad_one_is_told_once_and_changes_nothing(server, logged):
    server.open("old.example")
    before = server.certificate.context
    del logged[:]

    server.replace("key.pem", made("other.example").key)
    server.wait(100)

    path = server.folder
    why = f"{path}/cert.pem: the certificate does not match the key in {path}/key.pem"
    assert logged == [f"ERROR: The old certificate stays in use. {why}"]
    assert server.certificate.context is before


def test_each_change_that_is_bad_is_told(server, logged):
    server.open("old.example")
    del logged[:]
    for content in (b"", b"nonsense", b"nonsense again"):
        server.replace("cert.pem", content)
        server.wait(3)
    (server.folder / "cert.pem").unlink()
    server.wait(3)

    assert [line.rpartition(": ")[2] for line in logged] == [
        "the file is empty",
        *["no complete PEM certificate in it"] * 2,
        "No such file or directory",
    ]


def test_a_bad_one_that_is_put_right_is_taken(server, logged):
    server.open("old.example")
    server.replace("cert.pem", b"")
    server.wait(3)

    server.renew("new.example")
    server.wait()

    assert server.names == ("new.example",)


def test_one_that_could_not_be_read_is_read_again_when_its_permissions_change(server, monkeypatch):
    """Nothing else about it does."""
    server.open("old.example")
    server.renew("new.example")
    with monkeypatch.context() as closed:
        closed.setattr(renewal, "read_pair", forbidden)
        server.wait(3)
    server.wait(3)
    assert server.names == ("old.example",)

    (server.folder / "key.pem").chmod(0o640)
    server.wait()
    assert server.names == ("new.example",)


def forbidden(certificate, key):
    raise BadPair(f"{key}: Permission denied")


def test_whoever_asks_is_told_at_once_and_each_time(server, logged):
    """SIGHUP is such a question."""
    server.open("old.example")
    server.replace("cert.pem", b"")
    del logged[:]

    server.certificate.check(asked=True)
    server.certificate.check(asked=True)
    assert len(logged) == 2 and logged[0].endswith("cert.pem: the file is empty")

    server.wait(5)
    assert len(logged) == 2
    server.renew("new.example")
    server.certificate.check(asked=True)
    assert server.names == ("new.example",)
    assert len([call for call in server.clock.getDelayedCalls() if call.active()]) == 1


def test_what_changes_while_it_is_read_is_read_again(server, monkeypatch):
    server.open("old.example")
    server.renew("new.example")
    read = renewal.read_pair

    def read_slowly(*files):
        found = read(*files)
        server.renew("newer.example")
        return found

    monkeypatch.setattr(renewal, "read_pair", read_slowly)
    server.wait()
    assert server.names == ("old.example",)

    monkeypatch.setattr(renewal, "read_pair", read)
    server.wait()
    assert server.names == ("newer.example",)


def test_a_disk_that_takes_its_time_holds_up_nothing_and_nobody_looks_twice(server):
    server.open("old.example")
    server.renew("new.example")
    server.threads.at_once = False

    server.wait(10)
    server.certificate.check(asked=True)
    assert len(server.threads.waiting) == 1 and server.names == ("old.example",)

    server.threads.go_on()
    assert server.names == ("new.example",)
    server.clock.advance(0)
    assert len(server.threads.waiting) == 1, "somebody had asked meanwhile"


def test_whatever_goes_wrong_the_looks_go_on(server, logged, monkeypatch):
    server.open("old.example")
    server.renew("new.example")
    del logged[:]
    read = renewal.read_pair
    monkeypatch.setattr(renewal, "read_pair", lambda *files: 1 / 0)
    server.wait(3)
    why = f"{server.folder}/cert.pem: cannot be used: ZeroDivisionError('division by zero')"
    assert logged == [f"ERROR: The old certificate stays in use. {why}"]

    monkeypatch.setattr(renewal, "read_pair", read)
    server.renew("newer.example")
    server.wait()
    assert server.names == ("newer.example",)


def test_when_the_server_stops_nobody_looks_any_more(server, logged):
    server.open("old.example")
    server.threads.at_once = False
    server.renew("new.example")
    server.wait()
    del logged[:]

    server.certificate.stop()
    server.threads.go_on()
    server.certificate.check(asked=True)

    assert server.threads.waiting == [] and server.clock.getDelayedCalls() == []
    assert server.names == ("old.example",) and logged == []
    server.certificate.stop()


# What will keep people out.


@pytest.mark.parametrize(
    ("days", "warning"),
    [
        (0.5, "The certificate has expired: it was valid until 2026-03-01 00:00 UTC."),
        (7.5, "The certificate expires soon: it is valid until 2026-03-08 00:00 UTC."),
        (8.5, None),
    ],
)
def test_one_that_expires_is_warned_of_a_week_before(server, logged, days, warning):
    server.open("chat.example", days=days)

    assert logged[1:] == ([f"WARN: {warning}"] if warning else [])


def test_it_is_warned_of_once_a_day_until_it_is_renewed(server, logged):
    server.open("chat.example", days=10.0)
    del logged[:]

    for _ in range(5):
        server.clock.advance(WARNING_INTERVAL - CHECK_INTERVAL)
        server.wait()
    assert logged == ["WARN: The certificate expires soon: it is valid until 2026-03-10 12:00 UTC."] * 3

    server.renew("chat.example", days=100.0)
    server.wait(3)
    server.clock.advance(WARNING_INTERVAL)
    assert len(logged) == 4


def test_one_that_is_not_valid_yet_is_warned_of(server, logged):
    server.open("chat.example", since=NOW + timedelta(days=1))

    assert logged[1] == "WARN: The certificate is not valid yet, but from 2026-03-02 12:00 UTC."


def test_one_for_nobody_is_warned_of(server, logged):
    server.open()

    assert logged[0] == f"TLS is on, with a certificate for no host, {VALID}"
    assert logged[1].startswith("WARN: The certificate names no host (subjectAltName)")
