"""JSON lines: nothing that happened is lost on the way, and nothing that comes in breaks it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.chat.commands.identity import Hello
from chatroom.chat.commands.messages import Act, Say, Whisper
from chatroom.chat.commands.rooms import History, ListPeople, ListRooms, SetTopic
from chatroom.chat.commands.server import Quit, ShowTime
from chatroom.chat.event import Marks, Quote
from chatroom.chat.events import BOT, EVENTS, TALK, Banned, Batch, Event, Joined
from chatroom.chat.refusals import BadInput, Refusal
from chatroom.chat.replies import Ban, Bans, Excerpt, HistoryPage, PersonLine, Pong, RoomEntered, Seen, Whois
from chatroom.dialects.base import Decoded
from chatroom.dialects.json.decoder import decode_message
from chatroom.dialects.json.dialect import JsonDialect
from chatroom.dialects.json.encoder import iso, reply_line

from .strategies import batches, events, texts

JSON = JsonDialect(longest_ref=64)


def event_from(values: dict, by: str) -> tuple[int, Event]:
    kind = EVENTS[values.pop("type")]
    at = datetime.fromisoformat(values.pop("at")).timestamp()
    if values.get("until"):
        values["until"] = datetime.fromisoformat(values["until"]).timestamp()
    if values.get("quote"):
        values["quote"] = Quote(**values["quote"])
    if kind in TALK:
        marks = {name: values.pop(name) for name in ("re", "quote", "edited", "deleted") if name in values}
        values["marks"] = Marks(**marks) if marks else None
    return values.pop("seq"), kind(at=at, by=by, **values)


@given(batches(), st.sampled_from(["ann", "bob", "nobody"]))
def test_events_come_out_as_they_went_in(batch, viewer):
    rendered = JSON.encode(batch, viewer).decode()

    assert rendered == "" or rendered.endswith("\n")
    lines = rendered.split("\n")[:-1]
    assert all(len(line.splitlines()) == 1 for line in lines)
    got = [event_from(json.loads(line), one.by) for line, one in zip(lines, batch.events, strict=True)]
    assert got == [(seq, one if one.by == viewer else replace(one, ref=None)) for seq, one in batch]


@given(batches())
def test_marks_are_for_their_makers_eyes_only(batch):
    for viewer in ("", "ann"):
        objects = [json.loads(line) for line in JSON.encode(batch, viewer).decode().split("\n")[:-1]]
        for values, one in zip(objects, batch.events, strict=True):
            assert ("ref" in values) == (one.ref is not None and one.by == viewer)
            assert one.by not in ("", viewer) or values["nick"] == one.nick


@given(st.lists(events(), max_size=5), texts)
def test_replies_are_one_line_each(happened, text):
    numbered = tuple(enumerate(happened, 1))
    for reply in (
        HistoryPage("lobby", numbered, True),
        RoomEntered("lobby", text, (text,), 7, numbered),
        Whois(PersonLine(text, "line", 3, True), (text,), 0.0),
    ):
        rendered = JSON.encode_reply(reply, text).decode()
        assert rendered.endswith("\n") and rendered.count("\n") == 1
        values = json.loads(rendered)
        assert values["type"] == reply.type and values["ref"] == text
        assert len(values.get("events", values.get("recent", ()))) in (0, len(happened))


def test_times_are_iso_8601_in_utc():
    assert iso(0) == "1970-01-01T00:00:00.000Z"
    assert iso(1_795_437_296.789) == "2026-11-23T12:34:56.789Z"
    assert json.loads(JSON.encode_reply(Whois(PersonLine("a", "line", 0, True), (), 0.5)))["since"].endswith("00.500Z")


def test_a_reply_without_fields_is_its_type():
    assert JSON.encode_reply(Pong()) == b'{"type":"pong"}\n'


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        (b"", Decoded(None)),
        (b'{"type":"say","text":"hi"}', Decoded(Say("hi"))),
        (b'{"type":"say","text":"hi","room":"dev","ref":"c1"}', Decoded(Say("hi", "dev"), "c1")),
        (b' {"ref":null,"type":"topic"}\r', Decoded(SetTopic())),
        (b'{"type":"topic","topic":"","room":null}', Decoded(SetTopic(""))),
        (b'{"type":"history","count":5,"before":9,"all":true}', Decoded(History(5, before=9, all=True))),
        (b'{"type":"hello","nick":"ann","seen":{"lobby":0}}', Decoded(Hello("ann", seen={"lobby": 0}))),
        (b'{"type":"line","text":"/msg bob hi","room":"dev"}', Decoded(Whisper("bob", "hi"))),
        (b'{"type":"line","text":"//hi","room":"dev"}', Decoded(Say("/hi", "dev"))),
        (b'{"type":"line","text":"hi","room":7}', Decoded(Say("hi"))),
        (rb'{"type":"say","text":"\n one\r\n\n\ttwo\u0007\r\n"}', Decoded(Say(" one\n\n two"))),
        (rb'{"type":"line","text":"one\n/two\n exit\n","room":"dev"}', Decoded(Say("one\n/two\n exit", "dev"))),
        (rb'{"type":"line","text":"// one\ntwo"}', Decoded(Say("// one\ntwo"))),
        (rb'{"type":"line","text":"\ufeff /time"}', Decoded(ShowTime())),
        (b'\xef\xbb\xbf {"type":"line","text":"hi"}', Decoded(Say("hi"))),
        (b"\xef\xbb\xbf\r", Decoded(None)),
        (rb'{"type":"line","text":"exit\n"}', Decoded(Quit())),
        (rb'{"type":"msg","to":"bob","text":"one\n two\n"}', Decoded(Whisper("bob", "one\n two"))),
        (rb'{"type":"me","text":"one\ntwo"}', Decoded(Act("onetwo"))),
        (rb'{"type":"say","text":"hi","room":"d\nev"}', Decoded(Say("hi", "dev"))),
    ],
)
def test_objects_are_read_as_commands(line, asked):
    assert JSON.decode(line, True) == asked


@pytest.mark.parametrize(
    "line",
    [
        rb'{"type":"line","text":"/me a\nb"}',
        rb'{"type":"line","text":"a\n/me b"}',
        rb'{"type":"line","text":"a\nexit"}',
        rb'{"type":"line","text":"\n"}',
        rb'{"type":"line","text":"\u200b\u3164"}',
        rb'{"type":"line","text":"\u001b[A"}',
        rb'{"type":"line","text":7}',
    ],
)
def test_what_is_typed_is_one_command_or_something_to_say(line):
    assert isinstance(JSON.decode(line, True).command, BadInput)


def test_times_that_are_not_are_null():
    banned = Batch(
        "lobby", 1, [Banned("lobby", 0.0, "a", "ann", "bob"), Banned("lobby", 0.0, "a", "ann", "bob", "", 1.5)]
    )

    assert [json.loads(line)["until"] for line in JSON.lines(banned, "")] == [None, "1970-01-01T00:00:01.500Z"]
    assert json.loads(JSON.encode_reply(Seen("ann", False, None)))["at"] is None
    rows = json.loads(
        JSON.encode_reply(Bans("", (Ban("bob", "", "ann", 0.0, None), Ban("c", "", "ann", 0.0, 1.5)), 0))
    )
    assert [row["until"] for row in rows["bans"]] == [None, "1970-01-01T00:00:01.500Z"]


def test_a_refusal_keeps_the_mark():
    refusal, ref = JSON.decode(b'{"type":"say","ref":"c7"}', True)

    assert isinstance(refusal, BadInput) and ref == "c7"


def test_a_mark_has_its_length():
    assert JSON.decode(b'{"type":"ping","ref":"' + b"x" * 64 + b'"}', True).ref == "x" * 64
    assert JSON.decode(b'{"type":"ping","ref":"' + b"x" * 65 + b'"}', True).ref is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
some_names = st.sampled_from(
    ["type", "text", "room", "ref", "nick", "rooms", "seen", "resume", "to", "count", "before", "all", "topic"]
)
kinds = st.sampled_from(["say", "hello", "history", "line", "msg", "topic", "help", "quit", "join", "nick", "who"])


@given(
    st.binary(max_size=60) | st.dictionaries(some_names, json_values | kinds).map(lambda one: json.dumps(one).encode())
)
def test_any_line_is_a_command_or_a_refusal(line):
    command, ref = JSON.decode(line, True)

    assert command is None or isinstance(command, Refusal) or hasattr(command, "run")
    assert ref is None or len(ref) <= 64


@given(kinds, st.dictionaries(some_names.filter(lambda name: name != "type"), json_values))
def test_a_command_holds_only_values_of_its_own_types(kind, values):
    command, _ = JSON.decode(json.dumps({**values, "type": kind}).encode(), True)

    if isinstance(command, Hello):
        assert isinstance(command.nick, str)
        assert all(isinstance(seq, int) for seq in (command.seen or {}).values())
    elif isinstance(command, History):
        assert isinstance(command.count, int) and command.count > 0 and isinstance(command.all, bool)
    elif isinstance(command, (ListPeople, ListRooms)):
        assert isinstance(command.page, int) and command.page > 0
    elif not isinstance(command, Refusal):
        values = [getattr(command, name) for name in command.__slots__]
        assert all(value is None or isinstance(value, str) for value in values)


def test_a_number_of_too_many_digits_is_told_as_such():
    refusal, _ = JSON.decode(b'{"type":"history","count":' + b"9" * 4301 + b"}", True)

    assert str(refusal) == "That line is not JSON: a number in it has too many digits."


@pytest.mark.parametrize("numbers", [True, False])
def test_a_client_hears_that_numbers_are_wanted(numbers):
    line = JSON.encode_reply(HistoryPage("tea", (), more=False, numbers=numbers))
    found = decode_message(json.loads(line)).what
    assert isinstance(found, HistoryPage) and found.numbers is numbers and (b"numbers" in line) is numbers


@given(st.lists(events(), max_size=5))
def test_the_end_of_a_history_is_encoded_once_for_everybody(happened):
    numbered = tuple(enumerate(happened, 1))
    excerpt = Excerpt(numbered)
    for ref in (None, "r"):
        lines = [JSON.encode_reply(RoomEntered("tea", "", ("ann",), 9, one), ref) for one in (numbered, excerpt)]
        assert json.loads(lines[0]) == json.loads(lines[1])
    assert len(excerpt.renderings) == 1


def test_who_comes_in_is_marked_as_a_bot_if_they_are_one():
    batch = Batch("dev", 7, [Joined("dev", 0.0, "ann", "ann"), Joined("dev", 0.0, f"{BOT}1", "bot")])
    person, bot = map(json.loads, JSON.encode(batch).decode().splitlines())
    assert person == {"type": "joined", "room": "dev", "seq": 7, "at": iso(0.0), "nick": "ann"}
    assert bot == {**person, "seq": 8, "nick": "bot", "bot": True}


@given(batches(), texts, st.sampled_from([{}, {"slow": "5", "limit": "9"}]), st.none() | st.integers(0, 9))
def test_a_room_is_encoded_as_any_reply_is(happened, text, settings, number):
    """It has a way of its own, because people come into many."""
    room = RoomEntered(text, text, (text, "ann"), 7, Excerpt(happened), "guest", settings, number, number, number, "")
    for ref in (None, text):
        assert reply_line(room, ref) == reply_line(replace(room, recent=tuple(happened)), ref)
