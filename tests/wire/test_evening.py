"""An evening among people: accounts, roles and moderation over nc and JSON, and a ``kill -9`` in the middle."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from .clients import JsonClient, Netcat, Object
from .kinds import DOORS, ONE, POSTGRESQL, made_as, with_doors
from .processes import program, wait_until
from .server import Server
from .terminals import Terminals

pytestmark = pytest.mark.slow

PASSWORDS = {"ann": "tulips in the rain", "bob": "a boat with no oars", "dan": "nine green bottles"}
USUAL = "login-within = 60\n"
BLUE_WHALE = '"blue whale" from:ann'


@pytest.fixture(params=[ONE, DOORS, POSTGRESQL])
def evening(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A server with a configuration of its own."""
    (tmp_path / "chatroom.toml").write_text(USUAL)
    with made_as(request.param, request, tmp_path, "--config", "chatroom.toml") as running:
        yield running


def configure(server: Server, text: str, told: str) -> None:
    """Have *server* read *text* as its configuration, until it says in the log what it was *told*."""
    before = len(server.log)
    (server.folder / "chatroom.toml").write_text(text)
    server.tell(signal.SIGHUP)
    server.process.until(told, after=before)


def is_refused(person: JsonClient, code: str, kind: str, **values: str) -> None:
    person.ask(kind, ref="no", **values)
    answer = person.until_ref("no")[-1]
    assert (answer["type"], answer.get("code")) == ("refused", code), answer


def enter(person: JsonClient, room: str) -> Object:
    person.ask("join", room=room)
    return person.until("room", room=room)[-1]


# Before the crash.


def register(server: Server, ann: JsonClient, bob: Netcat) -> None:
    ann.ask("register", password=PASSWORDS["ann"])
    ann.until("logged_in", account="ann", role="account")
    bob.type("/register")
    bob.nc.until(r"-- Password \(visible unless you use telnet\): $")
    bob.ask(PASSWORDS["bob"], "-- Logged in as bob.")
    bob.type("/others on")
    with JsonClient(server.port, "dan") as dan:
        dan.ask("register", password=PASSWORDS["dan"])
        dan.until("logged_in", account="dan")
        dan.ask("quit")
        dan.until("goodbye")


def rename_a_stranger(server: Server, ann: JsonClient) -> None:
    """People who use dan's nick must log in within a second of the administrator's order."""
    configure(server, "login-within = 1\n", "login-within: 60 → 1\n")
    with JsonClient(server.port, "dan") as stranger:
        stranger.until("nick", nick="dan2")
        ann.until("renamed", nick="dan", new="dan2")
        is_refused(stranger, "nick_taken", "nick", nick="dan")
    configure(server, "login-within = soon\n", "Keeping the old configuration.*line 1")
    configure(server, USUAL, "login-within: 1 → 60\n")


def appoint(ann: JsonClient, bob: Netcat, eve: JsonClient) -> None:
    assert enter(ann, "den")["role"] == "operator"
    bob.ask("/join den", "-- You are in #den.")
    bob.ask("/kick eve", "!! Only an operator of #den may use /kick here.")
    assert enter(eve, "den")["role"] == "guest"
    is_refused(eve, "not_allowed", "topic", room="den", topic="Eve's den")
    ann.ask("op", nick="bob", room="den")
    bob.until("-- ann made bob an operator of #den")
    ann.ask("topic", topic="Whales and other fish", room="den")
    bob.until("-- ann set the topic of #den: Whales and other fish")


def moderate(server: Server, ann: JsonClient, bob: Netcat, eve: JsonClient) -> None:
    bob.ask("/mute eve 2h singing", "-- bob muted eve for 2 hours (singing)")
    eve.until("muted", target="eve", reason="singing")
    is_refused(eve, "muted", "say", room="den", text="la la la")
    bob.ask("/slow 3600", "-- bob turned on slow mode in #den: one line per person every 1 hour")
    with Netcat(server.port, "zed") as zed:
        zed.ask("/join den", "-- You are in #den.")
        zed.type("first")
        ann.until("said", room="den", text="first")
        zed.ask("second", "!! #den is in slow mode: you can talk again in 1 hour.")
        bob.ask("/ban zed 1s", "-- bob banned zed for 1 second")
        zed.until("-- You were banned from #den by bob.")
        wait_until(lambda: zed.ask("/join den", "#den").startswith("-- You are in #den."), "the ban does not run out")
        bob.ask("/ban zed 1h noise", "-- bob banned zed for 1 hour (noise)")
        zed.until("-- You were banned from #den by bob (noise).")
        zed.ask("/join den", "!! You are banned from #den for 1 hour more: noise.")


def close_rooms(server: Server, ann: JsonClient, bob: Netcat, eve: JsonClient) -> None:
    enter(ann, "cellar")
    ann.ask("lock", key="sesame", room="cellar")
    ann.until("setting", room="cellar", setting="lock", value="key")
    is_refused(eve, "locked", "join", room="cellar")
    is_refused(eve, "locked", "join", room="cellar", key="barley")
    bob.ask("/join cellar sesame", "-- You are in #cellar.")
    enter(ann, "attic")
    ann.ask("private", room="attic")
    ann.until("setting", room="attic", setting="private", value="on")
    is_refused(eve, "locked", "join", room="attic")
    ann.ask("invite", nick="eve", room="attic")
    eve.until("notice", text="ann invites you to #attic: /join attic")
    enter(eve, "attic")
    with JsonClient(server.port, "zoe") as zoe:
        zoe.ask("rooms")
        assert {row["room"] for row in zoe.until("rooms")[-1]["rooms"]} == {"lobby", "den", "cellar"}


def write_to_each_other(ann: JsonClient, bob: Netcat, eve: JsonClient) -> None:
    bob.ask("/away at supper", "-- You are marked as away")
    ann.ask("msg", to="bob", text="psst")
    bob.until("[ann -> you] psst")
    ann.until("notice", text="bob is away: at supper.")
    bob.ask("/away", "-- You are back.")
    ann.ask("msg", to="dan", text="The key is under the mat.")
    ann.until("notice", text="dan is offline, and will get this at the next login.")
    bob.ask("/ignore eve", "-- You are ignoring eve.")
    eve.ask("say", room="lobby", text="bob?")
    ann.until("said", text="bob?")
    ann.ask("say", room="lobby", text="He does not hear you.")
    assert not any("bob?" in line for line in bob.lines_until("<ann> He does not hear you."))
    ann.ask("say", room="den", text="A blue whale sings.")
    ann.ask("say", room="cellar", text="There is no blue whale in here.")
    bob.until("no blue whale in here.")


def find(bob: Netcat, eve: JsonClient) -> None:
    bob.type(f"/search {BLUE_WHALE}")
    bob.until("-- Results, newest first")
    found = bob.lines_until("-- No more results.")
    assert [line.partition("#")[2] for line in found[:-1]] == [
        "cellar <ann> There is no blue whale in here.",
        "den <ann> A blue whale sings.",
    ]
    eve.ask("search", words=BLUE_WHALE)
    assert [event["room"] for event in eve.until("found")[-1]["events"]] == ["den"]
    is_refused(eve, "not_here", "search", words="whale in:cellar")


def before_the_crash(server: Server) -> None:
    port = server.port
    with JsonClient(port, "ann") as ann, Netcat(port, "bob") as bob, JsonClient(port, "eve") as eve:
        register(server, ann, bob)
        rename_a_stranger(server, ann)
        appoint(ann, bob, eve)
        moderate(server, ann, bob, eve)
        close_rooms(server, ann, bob, eve)
        write_to_each_other(ann, bob, eve)
        find(bob, eve)
        server.kill()


# After the crash.


def come_back(server: Server) -> JsonClient:
    """Return ann, with her roles and rooms as they were."""
    rooms = ("den", "cellar", "attic")
    ann = JsonClient(server.port, "ann", password=PASSWORDS["ann"], rooms=rooms)
    entered = {one["room"]: one for one in ann.met if one["type"] == "room"}
    assert [entered[room]["role"] for room in rooms] == ["operator"] * 3
    assert entered["den"]["topic"] == "Whales and other fish"
    assert [entered[room]["settings"] for room in rooms] == [{"slow": "3600"}, {"lock": "key"}, {"private": "on"}]
    return ann


def is_where_he_was(bob: Netcat) -> None:
    bob.until("-- #cellar: 1 new · #den: 2 new · #lobby: 1 new · ann: 1 private")
    assert "-- Logged in as bob." in bob.nc.output and "-- You are ignoring eve." in bob.nc.output
    bob.ask("/join cellar", "-- You are in #cellar.")
    bob.ask("/join den", "-- You are in #den.")
    bob.until("-- You are an operator here.")


def are_kept_out(server: Server, ann: JsonClient, eve: JsonClient) -> None:
    is_refused(eve, "muted", "say", room="den", text="la la la")
    is_refused(eve, "locked", "join", room="cellar")
    is_refused(eve, "locked", "join", room="attic")
    with Netcat(server.port, "zed") as zed:
        zed.ask("/join den", "!! You are banned from #den for")
    ann.ask("bans", room="den")
    bans = ann.until("bans", room="den")[-1]["bans"]
    assert {(one["kind"], one["target"], one["reason"], one["by"]) for one in bans} == {
        ("ban", "zed", "noise", "bob"),
        ("mute", "eve", "singing", "bob"),
    }
    assert {"topic", "role", "muted", "setting", "banned"} <= {one["type"] for one in ann.history("den").values()}


def is_given_what_was_stored(server: Server) -> None:
    with JsonClient(server.port, "dan", password=PASSWORDS["dan"]) as dan:
        [past] = [one for one in dan.met if one["type"] == "history"]
        [message] = past["events"]
        assert (message["nick"], message["text"]) == ("ann", "The key is under the mat.")
        dan.ask("quit")
        dan.until("goodbye")
    with JsonClient(server.port, "dan", password=PASSWORDS["dan"]) as dan:
        assert not any(one["type"] == "history" for one in dan.met)


def test_what_people_have_settled_holds_after_a_kill(evening: Server):
    before_the_crash(evening)
    evening.start()
    with come_back(evening) as ann, Netcat(evening.port, "bob", PASSWORDS["bob"]) as bob:
        is_where_he_was(bob)
        with JsonClient(evening.port, "eve", rooms=["den"]) as eve:
            are_kept_out(evening, ann, eve)
            is_given_what_was_stored(evening)
            find(bob, eve)
    assert evening.stop() == 0
    for secret in (*PASSWORDS.values(), "sesame", "barley", "whale"):
        assert secret not in evening.log


@with_doors
def test_telnet_does_not_show_a_password_that_is_typed_but_all_that_is_typed_afterwards(
    server: Server, tmp_path: Path
):
    with Terminals(tmp_path) as terminals:
        telnet = terminals.open("telnet", program("telnet"), "127.0.0.1", str(server.port))
        telnet.until("What is your nick[?]$")
        telnet.type("ann")
        telnet.until("-- You are in #lobby[.]")
        telnet.type("/register")
        telnet.until("-- Password .*visible unless you use telnet.*$")
        telnet.type(PASSWORDS["ann"])
        telnet.until("-- Logged in as ann[.]$")
        telnet.type("/login")
        telnet.until("-- Password for ann: *$")
        telnet.type("wrong once more")
        telnet.until("!! Wrong nick or password[.]$")
        telnet.type("hello to everyone")
        telnet.until("^hello to everyone$")
        telnet.type("/who")
        telnet.until("^/who$")
        assert PASSWORDS["ann"] not in telnet.screen
        assert "wrong once more" not in telnet.screen
