"""Routes: the page's files, health, metrics, and path prefixes."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from twisted.internet.address import IPv4Address, UNIXAddress

from chatroom.chat.ports import JournalError
from chatroom.chat.rooms.speech import say
from chatroom.config.web import networks
from chatroom.doors.web.metrics import CACHE_INTERVAL, Metrics
from chatroom.doors.web.settings import WebSettings
from chatroom.doors.web.static import Page, pages
from tests.doors.web.asking import Answered, answer, answers, ask, handshake, request
from tests.house import HERE, House, JsonPerson, failures
from tests.web_person import WebPerson

GUIDE = (Path(__file__).parent.parent.parent.parent / "docs" / "operations.md").read_text("utf-8")
THERE = IPv4Address("TCP", "203.0.113.5", 40_000)
KINDS = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
    "png": "image/png",
    "webmanifest": "application/manifest+json",
}
LARGEST_PAGE = 76 * 1024
"""Bytes of the page's files on the wire, together: two and a half seconds on a slow mobile network (256 kbit/s)."""


@pytest.fixture
def house():
    with failures() as broken:
        yield House()
    assert not broken, broken[0]


# Files.


def test_the_page_is_at_the_root(house):
    root, named = answer(house, "/"), answer(house, "/index.html")

    assert root.status == 200 and root.body == named.body and root.text.lower().startswith("<!doctype html>")


@pytest.mark.parametrize("name", [name for name in pages() if name])
def test_every_file_is_served_as_what_it_is(house, name):
    answered = answer(house, f"/{name}")

    assert answered.headers["content-type"] == KINDS[name.rpartition(".")[2]]
    assert answered.headers["cache-control"] == "no-cache" and answered.body


@pytest.mark.parametrize("path", ["/", "/nothing", "/healthz", "/metrics", "/ws"])
def test_a_browser_is_told_to_take_nothing_for_more_than_it_is(house, path):
    headers = answer(house, path).headers

    assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    policy = dict(one.split(" ", 1) for one in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'" and policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert not [one for one in headers if one in ("set-cookie", "server")]


def test_the_time_is_told(house):
    """RFC 9110, section 6.6.1."""
    assert answer(house).headers["date"] == "Fri, 02 Jan 2026 03:00:00 GMT"


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip, deflate, br", True),
        ("GZIP;q=0.5", True),
        ("*", True),
        ("br, gzip ; q=1.0", True),
        ("x-gzip", True),
        ("gzip, identity", True),
        ("gzip;q=0.9, identity;q=0.5, *;q=0", True),
        ("*;q=0.5, br;q=0", True),
        ("gzip;q=0.5, identity", False),
        ("*;q=0.3, identity;q=0.4", False),
        ("identity", False),
        ("gzip;q=2", False),
        ("gzip;quality=1", False),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip;q=0.000, *", False),
        ("*;q=0", False),
        ("", False),
    ],
)
def test_who_takes_gzip_gets_it(accepted, packed):
    house = House()
    house.web.routes._pages = {"": Page("index.html", b"hello " * 100)}
    answered = answer(house, accept_encoding=accepted)

    assert answered.headers.get("content-encoding") == ("gzip" if packed else None)
    assert (gzip.decompress(answered.body) if packed else answered.body) == b"hello " * 100
    assert answered.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "content",
    [b"\x89PNG", b"x" * 45],
    ids=["grows", "saves less than the header costs"],
)
def test_what_would_not_become_smaller_is_sent_as_it_is(content):
    house = House()
    house.web.routes._pages = {"": Page("dot.png", content)}

    assert "content-encoding" not in answer(house, accept_encoding="gzip").headers


def test_the_page_is_small(house):
    """The compressed size of all files that a first visit downloads."""
    bodies = [answer(house, f"/{name}", accept_encoding="gzip").body for name in pages() if name]

    assert sum(map(len, bodies)) <= LARGEST_PAGE


def test_who_has_a_file_already_does_not_get_it_again(house):
    """RFC 9110, section 13.1.2."""
    first = answer(house)
    tag = first.headers["etag"]

    for given in (tag, f'"other", W/{tag}', "*"):
        again = answer(house, if_none_match=given)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
        assert again.headers["cache-control"] == "no-cache"
    assert answer(house, if_none_match='"other"').status == 200


def test_each_form_of_a_file_has_its_own_tag():
    house = House()
    house.web.routes._pages = {"": Page("index.html", b"hello " * 100)}
    plain, packed = answer(house), answer(house, accept_encoding="gzip")

    assert plain.headers["etag"] != packed.headers["etag"]
    assert answer(house, accept_encoding="gzip", if_none_match=packed.headers["etag"]).status == 304


@pytest.mark.parametrize(
    "path",
    [
        *("/nothing", "/../setup.cfg", "/%2e%2e/setup.cfg", "//", "/index.html/", "/INDEX.HTML", "/web/index.html"),
        *("/tsconfig.json", "/protocol.d.ts"),
    ],
)
def test_whatever_else_is_asked_for_is_not_there(house, path):
    answered = answer(house, path)

    assert (answered.status, answered.text) == (404, "Not found.\n")


# A path of its own.


@pytest.fixture
def below(house):
    house.web.routes.settings = WebSettings(prefix="/some/chat")
    return house


@pytest.mark.parametrize("path", ["/some/chat/", "/some/chat/index.html", "/some/chat/healthz", "/", "/healthz"])
def test_a_path_in_front_is_left_aside(below, path):
    assert answer(below, path).status == 200


def test_a_websocket_is_found_there_too(below):
    person = WebPerson(below, path="/some/chat/ws")
    person.joins("ann")

    assert person.heard_of("Welcome, ann.")


def test_without_the_slash_at_the_end_one_is_sent_to_where_the_page_is(below):
    answered = answer(below, "/some/chat?x=1")

    assert answered.status == 308 and answered.headers["location"] == "chat/"


@pytest.mark.parametrize("path", ["/some", "/some/chatter/", "/chat/", "/some/chat//"])
def test_other_paths_are_none_of_it(below, path):
    assert answer(below, path).status == 404


# Health.


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_server_that_is_well_says_so(house, path):
    answered = answer(house, path)

    assert (answered.status, answered.text, answered.headers["cache-control"]) == (200, "ok\n", "no-store")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_one_that_cannot_store_anything_is_not_well(house, path):
    house.journal.broken = JournalError("the disk is full")
    ann = house.join("ann")
    answered = answer(house, path)
    assert (answered.status, answered.text) == (503, "Messages cannot be stored.\n")

    house.journal.broken = None
    ann.types("/join lobby")
    assert answer(house, path).status == 200


def test_nor_is_one_that_is_shutting_down(house):
    wire = ask(house, b"GET /readyz HTTP/1.1\r\n")
    house.closes("the end")
    wire.carry(b"host: x\r\n\r\n" + handshake())
    house.settle()

    assert [(one.status, one.text) for one in answers(wire)] == [(503, "The server is shutting down.\n")] * 2


# Figures.


def figures(answered: Answered) -> dict[tuple[str, str], float]:
    """Read them as Prometheus does: by name and the value of the one label."""
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(answered.text)
        for sample in family.samples
    }


def told(house: House) -> dict[tuple[str, str], float]:
    house.advance(CACHE_INTERVAL)
    return figures(answer(house, "/metrics"))


@pytest.fixture
def open_house(house):
    house.web.routes.settings = WebSettings(metrics_for=networks(["127.0.0.0/8", "unix"]))
    return house


def test_what_happens_at_each_door_is_counted(open_house):
    ann, bob = open_house.join("ann"), open_house.join("bob", JsonPerson)
    cara = open_house.join("cara", WebPerson)
    ann.types("hello", "/nope")
    bob.types("hi", "ho")
    cara.types("/nick server")

    found = told(open_house)
    assert [found["chatroom_sessions", door] for door in ("line", "json", "web")] == [1, 1, 1]
    assert [found["chatroom_lines_total", door] for door in ("line", "json", "web")] == [3, 3, 2]
    assert [found["chatroom_refusals_total", door] for door in ("line", "json", "web")] == [1, 0, 1]
    # Three came in, one after the other, then three things were said.
    assert [found["chatroom_deliveries_total", door] for door in ("line", "json", "web")] == [6, 5, 4]
    assert (found["chatroom_people", ""], found["chatroom_rooms", ""]) == (3, 1)


def test_who_does_not_read_is_counted_while_they_do_not():
    open_house = House(rate=0)
    open_house.web.routes.settings = WebSettings(metrics_for=networks(["127.0.0.1"]))
    ann, bob = open_house.join("ann"), open_house.join("bob", WebPerson)
    bob.wire.stall()
    ann.types(*["x" * 4000] * 40)
    found = told(open_house)
    assert (found["chatroom_slow_readers", "web"], found["chatroom_stalls_total", "web"]) == (1, 1)

    bob.wire.drain()
    open_house.settle()
    found = told(open_house)
    assert (found["chatroom_slow_readers", "web"], found["chatroom_stalls_total", "web"]) == (0, 1)
    # What they missed they have been shown since; joining is one, too.
    assert found["chatroom_deliveries_total", "web"] == 41

    bob.wire.stall()
    ann.types(*["x" * 4000] * 40)
    bob.leaves()
    assert told(open_house)["chatroom_slow_readers", "web"] == 0


def test_the_journal_and_http_are_counted(open_house):
    open_house.join("ann")
    answer(open_house, "/nothing")
    found = told(open_house)

    assert found["chatroom_journal_queue", ""] == 0 and found["chatroom_journal_storing", ""] == 1
    assert found["chatroom_epoch", ""] == 0 and found["chatroom_role", "house"] == 1
    assert ("chatroom_journal_commit_seconds_bucket", "+Inf") in found
    assert found["chatroom_http_answers_total", "404"] == 1 and found["chatroom_http_connections", ""] == 2
    assert found["process_open_fds", ""] > 0

    open_house.journal.broken = JournalError("the disk is full")
    session = open_house.hub.core.nicks.get("ann").session
    say(session.room(None), session, "hello")
    queue = {family.name: family for family in open_house.metrics.collect()}["chatroom_journal_queue"]
    assert [sample.value for sample in queue.samples] == [1]
    open_house.settle()
    assert told(open_house)["chatroom_journal_storing", ""] == 0


def test_how_long_commits_take_is_counted(open_house):
    for seconds in (0.0004, 0.003, 9.0):
        open_house.journal.times.note(seconds)
    found = told(open_house)

    name = "chatroom_journal_commit_seconds"
    assert [found[f"{name}_bucket", bound] for bound in ("0.001", "0.0025", "0.005", "2.5", "+Inf")] == [1, 1, 2, 2, 3]
    assert found[f"{name}_count", ""] == 3 and found[f"{name}_sum", ""] == pytest.approx(9.0034)


def test_figures_are_computed_once_a_second_at_most(open_house):
    metrics, computed = open_house.metrics, []
    collect = metrics.collect
    metrics.collect = lambda: computed.append(1) or collect()
    for _ in range(5):
        assert [answer(open_house, "/metrics").status for _ in range(20)] == [200] * 20
        open_house.advance(CACHE_INTERVAL)

    assert len(computed) == 5


def test_rooms_are_counted_as_people_come_and_go(open_house):
    ann, bob = open_house.join("ann"), open_house.join("bob")
    ann.types("/join dev", "/msg bob psst")
    bob.types("/join dev", "/join art")
    assert told(open_house)["chatroom_rooms", ""] == 3

    bob.types("/leave art", "/leave dev")
    assert told(open_house)["chatroom_rooms", ""] == 2
    ann.types("/quit")
    bob.types("/quit")
    assert told(open_house)["chatroom_rooms", ""] == 0


def test_nobody_walks_ten_thousand_rooms_for_that(open_house):
    class Rooms:
        storing = True

        def __iter__(self):
            raise AssertionError("somebody walks")

    class House:
        rooms = Rooms()

        def __getattr__(self, name):
            return getattr(open_house.hub, name)

    kind, text = Metrics(House(), open_house.web, ()).figures()
    assert kind.startswith("text/plain") and b"\nchatroom_rooms 0.0\n" in text


def test_every_figure_is_in_the_guide(house):
    families = house.metrics.collect()
    names = {family.name + ("_total" if family.type == "counter" else "") for family in families}

    assert set(re.findall(r"^\| `(chatroom_\w+)", GUIDE, re.MULTILINE)) == names


@pytest.mark.parametrize(
    ("address", "headers", "allowed"),
    [
        (HERE, {}, True),
        (UNIXAddress("/run/chat"), {}, True),
        (THERE, {}, False),
        # Somebody has sent a proxy here of which we were told nothing.
        (HERE, {"x_forwarded_for": "127.0.0.1"}, False),
        (UNIXAddress("/run/chat"), {"x_forwarded_for": "198.51.100.1"}, False),
    ],
)
def test_figures_are_for_those_who_may_see_them(open_house, address, headers, allowed):
    answered = answer(open_house, "/metrics", address=address, **headers)

    assert answered.status == (200 if allowed else 403)
    assert allowed or answered.text == "You may not read the metrics; see metrics-for in the server's configuration.\n"


def test_who_asks_through_a_proxy_is_who_they_are(house):
    proxies, allowed = networks(["127.0.0.1"]), networks(["127.0.0.1", "198.51.100.0/24"])
    house.web.routes.settings = WebSettings(proxies=proxies, metrics_for=allowed)

    statuses = [
        answer(house, "/metrics", x_forwarded_for=way).status for way in ("198.51.100.7", "203.0.113.5", "nobody")
    ]
    assert statuses == [200, 403, 200]


def test_without_figures_there_are_none(open_house):
    open_house.web.routes.figures = None

    assert answer(open_house, "/metrics").status == 404


def test_a_request_may_say_anything(house):
    wire = ask(house, request("/metrics", x_forwarded_for="\xff\xfe, ,,", origin="x", accept_encoding=";;;q"))

    assert len(answers(wire)) == 1
