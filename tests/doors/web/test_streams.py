"""Scripts follow rooms over HTTP: server-sent events, or one object a line."""

from __future__ import annotations

import json

import pytest
from twisted.internet.address import IPv4Address

from chatroom.chat.policy import Policy
from chatroom.config.web import networks
from chatroom.doors.web.api.stream import MAX_INPUT, PULSE_INTERVAL
from chatroom.doors.web.settings import WebSettings
from tests.doors.web.asking import answers, request
from tests.doors.web.scripts import Following, Script, owner, token
from tests.house import House, failures
from tests.wires import BUFFER, SecureWire

FAR = IPv4Address("TCP", "192.0.2.7", 50_000)
NDJSON = "application/x-ndjson"


@pytest.fixture
def house():
    with failures() as broken:
        yield House(rate=0)
    assert not broken, broken[0]


@pytest.fixture
def ann(house):
    return owner(house)


@pytest.fixture
def watch(house, ann):
    return Script(house, token(ann, "watch", "read"))


def test_a_room_is_followed_from_now_on(ann, watch):
    ann.types("before")
    stream = watch.follows()
    ann.types("hello", "/topic tea")

    assert "Content-Type: text/event-stream" in stream.head and "Transfer-Encoding: chunked" in stream.head
    assert [(one["type"], one["seq"]) for one in stream.objects] == [("said", 3), ("topic", 4)]
    assert stream.ids == [2, 3, 4], "the first says where the stream begins"


def test_an_event_is_as_the_standard_has_it(ann, watch):
    """WHATWG HTML, section 9.2.6: fields, then an empty line."""
    stream = watch.follows()
    ann.types("hello")

    said = '{"type":"said","room":"lobby","seq":2,"at":"2026-01-02T03:00:00.250Z","nick":"ann","text":"hello"}'
    assert stream.body == f"id: 1\n\nid: 2\ndata: {said}\n\n"


def test_several_lines_are_one_event(watch, house, ann):
    build = Script(house, token(ann, "build", "write"))
    stream = watch.follows()
    build.posts("one\ntwo")

    assert stream.said == ["one\ntwo"]


@pytest.mark.parametrize(
    "given", [{"last_event_id": "2"}, {"query": "?after=2"}, {"query": "?after=0", "last_event_id": "2"}]
)
def test_what_was_missed_comes_first(ann, watch, given):
    ann.types("one", "two", "three")

    assert watch.follows(**given).said == ["two", "three"]


def test_nothing_is_missed_over_a_restart(house, ann, watch):
    stream = watch.follows()
    ann.types("one")
    [*_, last] = stream.ids
    house.closes("it was asked to stop")
    assert stream.ended
    again = house.restarted()
    person = again.join("bob")
    person.types("two")
    resumed = Script(again, watch.secret).follows(last_event_id=str(last))
    person.types("three")

    assert stream.said + resumed.said == ["one", "two", "three"]
    seqs = [one["seq"] for one in stream.objects + resumed.objects]
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))


def test_a_gap_is_an_event_that_moves_the_position(house, ann, watch):
    house = House(rate=0, lag=10)
    ann = owner(house)
    watch = Script(house, token(ann))
    for n in range(30):
        ann.types(str(n))
    stream = watch.follows(query="?after=3")

    assert stream.objects[0] == {"type": "gap", "room": "lobby", "first": 4, "last": 21}
    assert stream.ids == [3, *range(21, 32)]


def test_lines_of_json_are_for_those_who_ask(ann, watch):
    stream = watch.follows(accept=NDJSON)
    ann.types("hello")

    assert f"Content-Type: {NDJSON}" in stream.head and stream.said == ["hello"]
    assert all(line == "" or line.startswith("{") for line in stream.body.split("\n"))


def test_an_old_client_gets_a_body_that_ends_with_the_connection(house, ann, watch):
    wire = house.connect()
    wire.carry(
        request("/rooms/lobby/events?after=0&follow=false", version="1.0", authorization=f"Bearer {watch.secret}")
    )
    watch.settle()
    stream = Following(watch, wire)

    assert "chunked" not in stream.head and [one["type"] for one in stream.objects] == ["joined"] and wire.cut


def test_without_following_the_answer_ends(ann, watch):
    ann.types("one")
    stream = watch.follows(query="?after=0&follow=false")
    ann.types("two")

    assert stream.said == ["one"] and stream.ended


def test_who_asks_for_the_head_gets_no_stream(watch):
    answered = watch.asks("HEAD", "/rooms/lobby/events")

    assert (answered.status, answered.headers["content-type"], answered.body) == (200, "text/event-stream", b"")


def test_who_asks_for_the_head_is_told_what_whoever_asks_for_all_is(house, ann):
    write = Script(house, token(ann, "build", "write"))
    boss = house.join("boss")
    boss.types("/join ops", "/lock")

    for script, room in ((write, "lobby"), (Script(house, token(ann, "watch")), "ops")):
        found = [script.asks(method, f"/rooms/{room}/events") for method in ("HEAD", "GET")]
        assert [one.status for one in found] == [403, 403] and not found[0].body
    assert not house.hub.bots.followers.all


def test_every_half_minute_comes_a_comment(house, watch):
    stream, lines = watch.follows(), watch.follows(accept=NDJSON)
    house.advance(PULSE_INTERVAL * 3 + 1)

    assert stream.body == "id: 1\n\n" + ":\n\n" * 3 and lines.body == "\n" * 4


def test_a_chunk_is_rendered_once_for_all_followers(house, ann, watch):
    streams = [watch.follows() for _ in range(5)]
    written = []
    for stream in streams:
        write = stream.wire.write
        stream.wire.write = lambda data, write=write: (written.append(data), write(data))
    ann.types("hello")

    assert len(written) == 5 and all(data is written[0] for data in written)


def test_a_follower_is_no_member(house, ann, watch):
    stream = watch.follows()
    ann.types("/who")
    assert ann.heard("-- ann, watch (bot)") and [event.type for _, event in house.stored()] == ["joined"]

    stream.wire.vanish()
    house.settle()
    ann.forget()
    ann.types("/who")
    assert ann.heard("-- ann") and not house.web.streams.connected


def test_a_client_that_ends_its_half_gets_what_has_happened(house, ann, watch):
    stream = watch.follows()
    ann.types("one")
    stream.wire.half_close()

    assert stream.said == ["one"] and stream.ended


def test_a_client_that_goes_on_talking_is_cut_off(house, watch):
    stream = watch.follows()
    stream.wire.carry(b"x" * MAX_INPUT)
    assert not stream.wire.cut
    stream.wire.carry(b"x")
    assert stream.wire.cut


# Backpressure.


def test_a_stream_that_stalls_costs_bounded_memory_and_loses_nothing(house, ann, watch):
    stream = watch.follows()
    stream.wire.stall()
    text = "x" * 1000
    for n in range(300):
        ann.types(f"{n} {text}")
    assert len(stream.wire.held) < BUFFER + 20_000

    stream.wire.drain()
    for _ in range(50):
        house.settle()
    assert stream.said == [f"{n} {text}" for n in range(300)]


def test_a_stream_that_is_never_read_is_ended_and_can_be_resumed(house, ann, watch):
    stream = watch.follows()
    stream.wire.stall()
    for n in range(100):
        ann.types(f"{n} " + "x" * 1000)
    house.advance(house.limits.stall + 10)

    assert stream.wire.cut and house.web.streams.hang_ups == {"stalled": 1}
    assert len(watch.follows(last_event_id=str(stream.ids[-1])).said) == 100


def test_a_stalled_stream_gets_no_comments(house, ann, watch):
    stream = watch.follows()
    stream.wire.stall()
    for _ in range(100):
        ann.types("x" * 1000)
    held = len(stream.wire.held)
    house.advance(PULSE_INTERVAL * 3)

    assert len(stream.wire.held) == held


# Limits and rights.


def test_streams_are_counted_as_connections():
    house = House(max_per_address=2, rate=0, policy=Policy(plain_login=True))
    watch = Script(house, token(owner(house)), FAR)
    first, second, third = (watch.follows() for _ in range(3))

    assert third.wire.cut and b"Too many" in third.wire.received and not (first.wire.cut or second.wire.cut)
    first.wire.vanish()
    house.settle()
    assert "200 OK" in watch.follows().head


def test_streams_through_a_proxy_are_counted_for_its_clients():
    house = House(max_per_address=1, rate=0)
    house.web.routes.settings = WebSettings(proxies=networks(["127.0.0.0/8"]))
    watch = Script(house, token(owner(house)))
    given = {"x_forwarded_for": "192.0.2.7", "x_forwarded_proto": "https"}
    first, second = watch.follows(**given), watch.follows(**given)
    assert [one.head.split()[1] for one in (first, second)] == ["200", "429"]
    [refused] = answers(second.wire)
    assert json.loads(refused.body)["code"] == "too_many"

    first.wire.vanish()
    house.settle()
    assert watch.follows(**given).head.split()[1] == "200"


def test_a_token_that_is_revoked_ends_its_streams(house, ann, watch):
    stream = watch.follows()
    ann.types("/token remove watch")
    house.settle()

    assert stream.ended


@pytest.mark.parametrize("given", ["", "x", "-1", "1.5", "9" * 17])
def test_an_id_that_makes_no_sense_is_refused(watch, given):
    [answered] = answers(watch.follows(last_event_id=given).wire)

    assert answered.status == 400


def test_an_id_beyond_the_end_is_the_end(ann, watch):
    stream = watch.follows(last_event_id="1000")
    ann.types("hello")

    assert stream.said == ["hello"]


def test_a_stream_over_tls_is_the_same(house, ann, watch):
    wire = house.connect(FAR, SecureWire)
    wire.carry(request("/rooms/lobby/events", authorization=f"Bearer {watch.secret}"))
    watch.settle()
    ann.types("hello")
    stream = Following(watch, wire)

    assert stream.said == ["hello"]


def test_a_client_that_is_gone_before_its_stream_begins_leaves_nothing(house, watch):
    wire = house.connect()
    wire.carry(request("/rooms/lobby/events", authorization=f"Bearer {watch.secret}"))
    wire.vanish()
    watch.settle()

    assert not house.web.streams.connected and not house.hub.bots.followers.all


def test_metrics_count_streams_apart(house, ann, watch):
    house.web.routes.settings = WebSettings(metrics_for=networks(["127.0.0.0/8"]))
    watch.follows()
    ann.types("hello")
    text = answers(watch.sends("GET", "/metrics"))[0].text

    assert 'chatroom_sessions{door="api"} 1.0' in text and 'chatroom_deliveries_total{door="api"} 1.0' in text
