"""Scripts post to rooms and read them over HTTP, under the rules for people."""

from __future__ import annotations

import json

import pytest
from twisted.internet.address import IPv4Address

from chatroom.chat.policy import Policy
from chatroom.chat.ports import JournalError, RecordChange, RetentionLimit
from chatroom.doors.web.exchange import MAX_BODY
from chatroom.doors.web.http_connections import REQUEST_TIMEOUT
from chatroom.doors.web.settings import WebSettings
from tests.doors.web.asking import answers, request
from tests.doors.web.scripts import FORM, PASSWORD, Script, owner, token
from tests.house import ClientPerson, House, JsonPerson, LinePerson, failures
from tests.web_person import WebPerson
from tests.wires import SecureWire

FAR = IPv4Address("TCP", "192.0.2.7", 50_000)


@pytest.fixture
def house():
    with failures() as broken:
        yield House()
    assert not broken, broken[0]


@pytest.fixture
def ann(house):
    return owner(house)


@pytest.fixture
def build(house, ann):
    return Script(house, token(ann))


# Posting.


def test_a_form_that_curl_sends_is_said_as_it_is(ann, build):
    posted = build.posts("build ok")

    assert (posted.status, json.loads(posted.body)) == (201, {"room": "lobby", "seq": 2})
    assert ann.heard("<build (bot)> build ok")


@pytest.mark.parametrize("kind", [None, FORM, "text/plain", "application/octet-stream"])
@pytest.mark.parametrize("text", ["a=b&c=d", "/nick bob", "//", "exit", "{not json}"])
def test_what_is_not_json_is_never_read_as_anything_else(house, build, kind, text):
    assert build.posts(text, content_type=kind).status == 201
    assert house.words()[-1] == text


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=utf-8", "application/cloudevents+json"]
)
def test_json_has_the_text_in_a_field(house, build, kind):
    assert build.posts('{"text":"hello","more":[1]}', content_type=kind).status == 201
    assert house.words()[-1] == "hello"


def test_several_lines_are_one_message(house, ann, build):
    assert build.posts("one\r\n  two\n\n").status == 201
    assert house.words()[-1] == "one\n  two" and ann.lines[-2:] == ["<build (bot)> one", "      |   two"]


def test_a_program_is_told_that_it_was_a_bot(house, build):
    bob = house.join("bob", JsonPerson)
    build.posts("hi")

    assert bob.of_type("said") == [
        {**bob.of_type("said")[0], "nick": "build", "bot": True, "text": "hi"},
    ]


def test_a_post_neither_joins_nor_leaves(house, build):
    build.posts("hi", "ops")

    assert [event.type for _, event in house.stored("ops")] == ["said"] and house.hub.rooms.get("ops") is None


def test_the_same_ref_twice_is_one_message(house, build):
    first, again, other = (build.posts_json(text=text, ref=ref) for text, ref in (("a", "1"), ("b", "1"), ("c", "2")))

    assert [one.status for one in (first, again, other)] == [201, 200, 201] and first.body == again.body
    assert house.words() == ["a", "c"]


def test_the_same_ref_is_one_message_over_a_restart(house, build):
    first = build.posts_json(text="a", ref="1")
    again = Script(house.restarted(), build.secret).posts_json(text="a", ref="1")

    assert again.status == 200 and first.body == again.body


def test_the_same_ref_is_one_message_even_if_it_comes_twice_at_once(house, build):
    body = b'{"text":"a","ref":"1"}'
    given = {"authorization": f"Bearer {build.secret}", "content_type": "application/json"}
    data = request("/rooms/lobby/messages", "POST", content_length=str(len(body)), **given) + body
    wires = [house.connect() for _ in range(3)]
    for wire in wires:
        wire.carry(data)
    build.settle()

    assert sorted(answers(wire)[0].status for wire in wires) == [200, 200, 201] and house.words() == ["a"]


def test_an_empty_ref_is_none(house, build):
    assert [build.posts_json(text=text, ref="").status for text in "ab"] == [201, 201] and house.words() == ["a", "b"]


def test_nothing_is_not_said_even_with_a_ref_that_was(build):
    assert build.posts_json(text="a", ref="1").status == 201 and build.posts_json(text="", ref="1").status == 400


def test_a_ref_of_somebody_else_is_another(house, ann, build):
    other = Script(house, token(ann, "other"))

    assert [one.posts_json(text="a", ref="1").status for one in (build, other)] == [201, 201]


def test_a_ref_is_free_again_if_the_message_could_not_be_stored(house, build):
    house.journal.broken = JournalError("the disk is full")
    failed = build.posts_json(text="a", ref="1")
    house.journal.broken = None

    assert failed.status == 503 and json.loads(failed.body)["code"] == "not_stored"
    assert build.posts_json(text="a", ref="1").status == 201 and house.words() == ["a"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("", 400, "bad_input"),
        ("\u200b", 400, "bad_input"),
        (b"\xff", 400, "bad_input"),
        ("x" * 4097, 413, "too_long"),
        ("x\n" * 41, 413, "too_long"),
    ],
)
def test_text_that_cannot_be_said_is_refused(build, body, status, code):
    posted = build.posts(body)

    assert (posted.status, json.loads(posted.body)["code"]) == (status, code)


@pytest.mark.parametrize(
    "body",
    [
        *('{"text":1}', '{"ref":"1"}', "[]", '"x"', "{", '{"text":"x","ref":1}', '{"text":NaN}', '{"text":"x"}}'),
        "[" * 30_000,
        f'{{"text":{"9" * 5000}}}',
        b'{"text":"\xff"}',
    ],
)
def test_json_that_is_no_message_is_refused(build, body):
    posted = build.posts(body, content_type="application/json")

    assert (posted.status, json.loads(posted.body)["code"]) == (400, "bad_input")


def test_a_ref_that_is_too_long_is_refused(build):
    assert build.posts_json(text="x", ref="r" * 65).status == 413


@pytest.mark.parametrize("name", ["%20", "a%20b", "%00", "x" * 33, "@a:b", "&audit", "%ff", "..", "%E2%80%AE"])
def test_a_name_that_no_room_has_is_refused(build, name):
    assert build.posts("x", name).status == 404


def test_a_room_may_be_named_with_its_hash(house, build):
    assert build.posts("x", "%23Ops").status == 201 and house.words("ops") == ["x"]


# Tokens.


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Basic YW5uOmFubg==",
        "Bearer a b",
        "Bearer \x80",
        "Token x",
        "Bearer " + "x" * 300,
    ],
)
def test_without_a_token_nothing_is_answered(house, build, given):
    build.secret = None
    posted = build.posts("x", authorization=given)

    assert posted.status == 401 and posted.headers["www-authenticate"] == "Bearer" and not house.words()


def test_a_wrong_token_is_refused_before_the_body_is_read(house, build):
    wire = Script(house, "x" * 32).sends("POST", "/rooms/lobby/messages", None, content_length="60000")

    [answered] = answers(wire)
    assert answered.status == 401 and answered.headers["connection"] == "close"


def test_wrong_tokens_are_slowed_like_wrong_passwords(house, build):
    far = Script(house, "x" * 32, FAR)
    house.hub.set_policy(Policy(plain_login=True))
    statuses = [far.posts("x").status for _ in range(7)]

    assert statuses == [401] * 5 + [429] * 2
    assert far.posts("x").headers["retry-after"]


def test_guesses_of_others_do_not_keep_a_script_out(house, build):
    build.posts("first")
    guesses = [Script(house, build.secret[:8] + f"{n:024}").posts("x").status for n in range(100)]

    assert guesses.count(429) > 80

    assert build.posts("second").status == 201


@pytest.mark.parametrize("revoked", [True, False])
def test_what_somebody_else_there_guesses_keeps_no_script_out_after_a_restart(house, ann, build, revoked):
    other = token(ann, "other")
    ann.types("/token remove other")
    later = house.restarted()
    later.hub.set_policy(Policy(plain_login=True))
    wrong = Script(later, other if revoked else build.secret[:8] + "x" * 24, FAR)
    assert [wrong.posts("x").status for _ in range(20)].count(429) > 5

    assert Script(later, build.secret, FAR).posts("second").status == 201


def test_a_token_is_refused_where_others_could_read_it(house, build):
    answered = Script(house, build.secret, FAR).posts("x")

    assert answered.status == 403 and json.loads(answered.body)["code"] == "insecure"
    house.hub.set_policy(Policy(plain_login=True))
    assert Script(house, build.secret, FAR).posts("x").status == 201


def test_over_tls_a_token_is_welcome(house, build):
    wire = house.connect(FAR, SecureWire)
    given = {"authorization": f"Bearer {build.secret}", "content_length": "1"}
    wire.carry(request("/rooms/lobby/messages", "POST", **given) + b"x")
    build.settle()

    assert answers(wire)[0].status == 201


def test_a_revoked_token_is_wrong(ann, build):
    ann.types("/token remove build")

    assert build.posts("x").status == 401


def test_the_tokens_of_a_deleted_account_are_wrong(house, ann, build):
    ann.types(f"/account delete {PASSWORD}")

    assert build.posts("x").status == 401 and not [one for one in house.journal.standing() if "token" in one.kind]


def test_a_token_outlives_a_restart(house, build):
    assert Script(house.restarted(), build.secret).posts("x").status == 201


@pytest.mark.parametrize(("scope", "may_read", "may_write"), [("read", 200, 403), ("write", 403, 201), ("", 200, 201)])
def test_a_token_allows_what_it_is_for(house, ann, scope, may_read, may_write):
    script = Script(house, token(ann, "one", scope))

    assert script.posts("x").status == may_write
    assert script.asks("GET", "/rooms/lobby/messages").status == may_read
    assert script.follows(query="?follow=false").head.startswith(f"HTTP/1.1 {may_read} ")


def test_a_token_for_one_room_is_for_no_other(house, ann):
    script = Script(house, token(ann, "one", "ops"))

    assert script.posts("x", "ops").status == 201 and script.posts("x").status == 403
    assert script.asks("GET", "/rooms/lobby/messages").status == 403


# Rules.


def test_whoever_is_banned_cannot_post_or_read(house, build):
    boss = house.join("boss")
    boss.types("/join ops", "/ban account:ann")

    for answered in (build.posts("x", "ops"), build.asks("GET", "/rooms/ops/messages")):
        assert answered.status == 403 and json.loads(answered.body)["code"] == "banned"


def test_a_bot_is_banned_and_muted_by_its_own_nick(house, ann, build):
    ann.types("/join ops", "/mute build")
    assert json.loads(build.posts("x", "ops").body)["code"] == "muted", "although its owner is an operator"
    ann.types("/unmute build", "/ban build")

    assert json.loads(build.posts("x", "ops").body)["code"] == "banned" and build.posts("x").status == 201


def test_a_muted_account_is_muted_in_every_way(house, build):
    boss = house.join("boss")
    boss.types("/join ops", "/mute account:ann")

    assert json.loads(build.posts("x", "ops").body)["code"] == "muted"


def test_a_private_room_is_open_to_its_members_only(house, ann, build):
    boss = house.join("boss")
    boss.types("/join ops", "/private on")
    assert [build.posts("x", "ops").status, build.asks("GET", "/rooms/ops/messages").status] == [403, 403]

    boss.types("/invite ann")
    assert build.posts("x", "ops").status == 201


def test_after_a_kick_from_a_private_room_the_bot_is_out_too(house, ann, build):
    boss = house.join("boss")
    boss.types("/join ops", "/private on", "/invite ann")
    ann.types("/join ops")
    assert build.posts("x", "ops").status == 201
    boss.types("/kick ann")

    assert json.loads(build.posts("x", "ops").body)["code"] == "locked"


def test_a_bot_that_is_kicked_from_a_private_room_stays_out(house, ann, build):
    ann.types("/join ops", "/private on")
    assert build.posts("x", "ops").status == 201
    ann.types("/kick build noise")

    assert json.loads(build.posts("x", "ops").body)["code"] == "banned" and ann.heard_of("ann kicked build (noise)")


def test_slow_mode_holds_and_says_how_long(house, build):
    boss = house.join("boss")
    boss.types("/join ops", "/slow 30")
    first, second = build.posts("x", "ops"), build.posts("y", "ops")

    assert first.status == 201
    assert (second.status, json.loads(second.body)["code"], second.headers["retry-after"]) == (429, "too_soon", "30")


def test_a_flood_is_slowed_not_lost(house, build):
    wires = [build.sends("POST", "/rooms/lobby/messages", b"%d" % n) for n in range(60)]
    done = sum(bool(wire.received) for wire in wires)
    assert 50 <= done < 60

    house.advance(10)
    assert [answers(wire)[0].status for wire in wires] == [201] * 60 and house.words() == [str(n) for n in range(60)]


def test_too_many_that_wait_are_refused(house, build):
    wires = [build.sends("POST", "/rooms/lobby/messages", b"x") for _ in range(160)]
    refused = [one for wire in wires for one in answers(wire) if one.status == 429]

    assert refused and all(int(one.headers["retry-after"]) >= 1 for one in refused)


def test_who_is_banned_from_the_server_is_out(house, build):
    value = {"target": "ann", "reason": "", "by": "boss", "at": 0.0, "until": None}
    account = house.hub.core.accounts.of("ann")
    house.journal.change_from_outside([RecordChange("", "ban", f"party:{account.id}", value)])
    house.settle()

    assert json.loads(build.posts("x").body)["code"] == "banned"


# Pages of other sites.


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://evil.example:2428"])
def test_another_site_gets_nowhere_even_with_a_token(build, origin):
    posted = build.posts("x", origin=origin)

    assert posted.status == 403 and not [name for name in posted.headers if name.startswith("access-control")]
    assert build.asks("OPTIONS", "/rooms/lobby/messages", origin=origin).status in (403, 405)


# Methods and bodies.


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/rooms/lobby/messages", "GET, HEAD, POST"),
        ("POST", "/rooms/lobby/events", "GET, HEAD"),
        ("GET", "/hooks/x", "POST"),
        ("DELETE", "/openapi.json", "GET, HEAD"),
    ],
)
def test_other_methods_are_refused(build, method, path, allowed):
    answered = build.asks(method, path)

    assert (answered.status, answered.headers["allow"]) == (405, allowed)
    assert (
        answered.text
        == {
            "GET, HEAD, POST": "Only GET, HEAD and POST are supported here.\n",
            "GET, HEAD": "Only GET and HEAD are supported here.\n",
            "POST": "Only POST is supported here.\n",
        }[allowed]
    )


@pytest.mark.parametrize(
    "path", ["/rooms", "/rooms/", "/rooms/lobby", "/rooms/lobby/else", "/hooks", "/hooks/", "/rooms//messages"]
)
def test_other_paths_are_not_found(build, path):
    assert build.asks("GET", path).status == 404


def test_below_a_prefix_the_api_is_there_too(house, build):
    house.web.routes.settings = WebSettings(prefix="/chat")
    answered = build.asks("POST", "/chat/rooms/lobby/messages", b"x")

    assert answered.status == 201


def test_a_body_in_chunks_is_read(house, build):
    wire = build.sends("POST", "/rooms/lobby/messages", None, transfer_encoding="chunked")
    for piece in (b"3\r\nbui", b"\r\n5\r\nld ok\r\n0\r", b"\n\r\n"):
        wire.carry(piece)
        house.settle()
    build.settle()

    assert answers(wire)[0].status == 201 and house.words() == ["build ok"]


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_it_does_not_matter_how_a_body_is_cut_and_the_connection_stays(house, build, size):
    given = {"authorization": f"Bearer {build.secret}"}
    data = b"".join(
        request("/rooms/lobby/messages", "POST", content_length=str(len(body)), **given) + body
        for body in (b"one", b"two\r\n\r\nGET / HTTP/1.1", b"three")
    )
    wire = house.connect()
    for start in range(0, len(data), size):
        wire.carry(data[start : start + size])
        house.settle()
    house.advance(5)

    assert [one.status for one in answers(wire)] == [201] * 3
    assert house.words() == ["one", "two\n\nGET / HTTP/1.1", "three"]


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_after_a_body_in_chunks_the_next_request_is_answered_too(house, build, size):
    given = {"authorization": f"Bearer {build.secret}", "transfer_encoding": "chunked"}
    data = b"".join(
        request("/rooms/lobby/messages", "POST", **given) + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        for body in (b"one", b"\r\ntwo\r\n\r\nthree", b"x" * 4000)
    )
    wire = house.connect()
    for start in range(0, len(data), size):
        wire.carry(data[start : start + size])
        house.settle()
    wire.carry(request("/healthz"))
    house.advance(60)

    assert [one.status for one in answers(wire)] == [201] * 3 + [200]
    assert house.words() == ["one", "two\n\nthree", "x" * 4000]


def test_an_empty_line_behind_a_body_is_not_part_of_anything(house, build):
    wire = build.sends("POST", "/rooms/lobby/messages", b"\r\nok\r\n")
    wire.carry(b"\r\n" + request("/healthz"))
    build.settle()

    assert [one.status for one in answers(wire)] == [201, 200] and house.words() == ["ok"]


def test_a_client_that_waits_before_the_body_is_asked_for_it(house, build):
    """RFC 9110, section 10.1.1."""
    wire = build.sends("POST", "/rooms/lobby/messages", None, content_length="2", expect="100-continue")
    assert wire.received == b"HTTP/1.1 100 \r\n\r\n"
    wire.carry(b"ok")
    build.settle()

    assert b" 201 " in wire.received and house.words() == ["ok"]


@pytest.mark.parametrize(
    ("given", "data"),
    [
        ({"content_length": str(MAX_BODY + 1)}, b""),
        ({"content_length": "99999999999999999999"}, b""),
        ({"transfer_encoding": "chunked"}, b"%x\r\n" % (MAX_BODY + 1) + b"x" * (MAX_BODY + 1)),
    ],
)
def test_a_body_that_is_too_long_is_refused(build, given, data):
    wire = build.sends("POST", "/rooms/lobby/messages", None, **given)
    wire.carry(data)
    build.settle()

    assert [one.status for one in answers(wire)] == [413] and wire.cut


@pytest.mark.parametrize(
    ("given", "data"),
    [
        ({"transfer_encoding": "chunked"}, b"xyz\r\n"),
        ({"content_length": "-1"}, b""),
        ({"content_length": "1, 2"}, b"xx"),
    ],
)
def test_a_body_that_is_nonsense_is_refused(build, given, data):
    wire = build.sends("POST", "/rooms/lobby/messages", None, **given)
    wire.carry(data)
    build.settle()

    assert [one.status for one in answers(wire)] == [400] and wire.cut


@pytest.mark.parametrize("begun", [b"", b"x"])
def test_a_body_that_does_not_end_is_given_up_on(house, build, begun):
    wire = build.sends("POST", "/rooms/lobby/messages", None, content_length="10")
    wire.carry(begun)
    for _ in range(int(REQUEST_TIMEOUT) // 3):
        house.advance(3)
        wire.carry(b"x" if len(begun) and not wire.cut else b"")
    house.advance(3)

    assert wire.cut and [one.status for one in answers(wire)] in ([408], [201])


def test_a_client_that_is_gone_before_the_body_is_there_says_nothing(house, build):
    wire = build.sends("POST", "/rooms/lobby/messages", None, content_length="10")
    wire.carry(b"half")
    wire.half_close()
    build.settle()

    assert wire.cut and not house.words()


# Reading.


def read(script, query="", **headers):
    return json.loads(script.asks("GET", f"/rooms/lobby/messages{query}", **headers).body)


def said(page):
    return [one["text"] for one in page["messages"]]


def test_messages_are_read_forward_and_backward(build):
    for n in range(5):
        build.posts(str(n))

    last = read(build, "?limit=2")
    assert said(last) == ["3", "4"] and last["more"]
    earlier = read(build, f"?limit=2&before={last['first']}")
    assert said(earlier) == ["1", "2"] and earlier["more"]
    first = read(build, "?after=0&limit=2")
    assert said(first) == ["0", "1"] and first["more"]
    rest = read(build, f"?after={first['last']}")
    assert said(rest) == ["2", "3", "4"] and not rest["more"]
    assert said(read(build, "?after=2&before=4")) == ["1"]


def test_what_retention_has_removed_is_a_gap():
    house = House()
    build = Script(house, token(owner(house)))
    for n in range(40):
        build.posts(str(n))
    house.journal.trim("lobby", RetentionLimit(events=3))
    house.hub.core.runtime.spawn(house.hub.rooms.trimmed("lobby"))
    build.settle()

    page = read(build, "?after=0")
    assert page["gap"] == page["messages"][0]["seq"] - 1 > 0


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("text/plain", "text/plain; charset=utf-8"),
        ("text/*", "text/plain; charset=utf-8"),
        ("application/json;q=0.5, text/plain", "text/plain; charset=utf-8"),
        ("text/plain;q=0.1, */*", "application/json"),
        ("image/png", "application/json"),
    ],
)
def test_messages_come_as_the_client_likes_them(build, accept, kind):
    build.posts("hi")
    answered = build.asks("GET", "/rooms/lobby/messages", accept=accept)

    assert answered.headers["content-type"] == kind
    assert ("<build (bot)> hi" in answered.text) == (kind != "application/json")


@pytest.mark.parametrize(
    "query",
    [
        "?limit=0",
        "?limit=201",
        "?limit=x",
        "?before=-1",
        "?after=1.5",
        "?after=",
        "?after=9007199254740992",
        "?after=1&after=2",
    ],
)
def test_numbers_that_make_no_sense_are_refused(build, query):
    answered = build.asks("GET", f"/rooms/lobby/messages{query}")

    assert (answered.status, json.loads(answered.body)["code"]) == (400, "bad_input")


def test_who_asks_for_the_head_gets_no_body(build):
    answered = build.asks("HEAD", "/rooms/lobby/messages")

    assert answered.status == 200 and int(answered.headers["content-length"]) > 0 and not answered.body


def test_the_description_is_served_to_everyone(house):
    answered = Script(house, None).asks("GET", "/openapi.json")

    assert answered.status == 200 and json.loads(answered.body)["openapi"].startswith("3.1")


def test_while_the_server_stops_scripts_are_told_to_come_back(house, build):
    house.hub.core.closing = True

    assert build.posts("x").status == 503


@pytest.mark.parametrize("door", [LinePerson, ClientPerson, WebPerson, JsonPerson])
def test_a_bot_is_marked_at_every_door(house, build, door):
    bob = house.join("bob", door)
    build.posts("hi")
    bob.types("/history")

    assert bob.lines.count("<build (bot)> hi") == 2


def test_a_bot_is_marked_for_a_screen_reader(house, build):
    bob = house.join("bob")
    bob.types("/plain on")
    build.posts("hi")

    assert bob.heard_of("build (bot) says: hi")
