"""``kill -9`` while a crowd chats: whatever anyone was shown, or told was stored, is there afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tests.postgres import Postgres

from .clients import JsonClient, Object, TextClient
from .crowd import Crowd, Member
from .kinds import everywhere
from .processes import wait_until
from .server import Server

pytestmark = pytest.mark.slow

ROOMS = ("lobby", "attic", "cellar", "kitchen")
CRASHED = "the server stopped unexpectedly"
History = dict[str, dict[int, Object]]


def everyone(count: int) -> list[Member]:
    """So many writers, each in two rooms, and 20 readers, each in all of them."""
    writers = [Member(f"writer{n}", (ROOMS[n % 4], ROOMS[(n + 1) % 4]), writes=True) for n in range(count)]
    return writers + [Member(f"reader{n}", ROOMS, writes=False) for n in range(20)]


def read_on(port: int, history: History) -> None:
    """Add the events since then to *history*."""
    with JsonClient(port, "historian", rooms=ROOMS) as historian:
        for room, events in history.items():
            events |= historian.history(room, after=max(events, default=0))
        historian.ask("quit")
        historian.until("goodbye")


def check_shown(members: list[Member], history: History) -> int:
    """Compare what each was shown with *history*; order and uniqueness are checked already."""
    count = 0
    for member in members:
        for event in member.shown:
            stored = history[event["room"]][event["seq"]]
            assert {name: value for name, value in event.items() if name != "ref"} == stored, member.nick
        count += len(member.shown)
        member.shown.clear()
    return count


def check_acknowledged(members: list[Member], history: History) -> None:
    """Check that everything acknowledged is in its room once, and each person's lines in order."""
    said: dict[str, list[str]] = {
        room: [event["text"] for event in events.values() if event["type"] == "said"]
        for room, events in history.items()
    }
    for member in members:
        for room in member.rooms:
            stored = [text for text in said[room] if text.startswith(f"{member.nick} ")]
            sent = [(ref, text) for ref, (where, text) in member.sent.items() if where == room]
            acknowledged = [text for ref, text in sent if ref not in member.unanswered]
            assert stored[: len(acknowledged)] == acknowledged
            # Of those that were not, the first few may have been stored: in the order they were sent.
            assert stored == [text for _, text in sent][: len(stored)]


def check_presence(history: History) -> None:
    """Check that speakers are members, that a crash removes everyone, and that nobody joins twice."""
    for events in history.values():
        inside: Counter[str] = Counter()
        for event in events.values():
            if event["type"] == "joined":
                inside[event["nick"]] += 1
            # The last operator who leaves makes somebody else one.
            assert inside[event["nick"]] == 1 or event["type"] == "role", event
            if event["type"] == "left":
                inside[event["nick"]] -= 1


@pytest.mark.parametrize("writers", [20, 3], ids=["in the database", "in the redo log"])
def test_what_anyone_was_shown_before_a_kill_is_there_after_it(server: Server, crash_rounds: int, writers: int):
    survive(server, crash_rounds, writers)


def test_what_anyone_was_shown_is_in_postgresql_after_a_kill(tmp_path: Path, postgres: Postgres, crash_rounds: int):
    with Server(tmp_path, "--rate", "0", database=postgres.database()) as server:
        survive(server, crash_rounds, 20)


def test_what_anyone_was_shown_is_there_after_postgresql_has_crashed(tmp_path: Path, crash_rounds: int):
    """Both end at once, as in a power cut; this database writes to the disk as it does by default."""
    with Postgres() as postgres, Server(tmp_path, "--rate", "0", database=postgres.database()) as server:

        def kill() -> None:
            server.kill()
            postgres.kill()
            postgres.start()

        survive(server, crash_rounds, 20, kill)


def survive(
    server: Server, rounds: int, writers: int, kill: Callable[[], object] | None = None, *, patient: bool = False
) -> None:
    """
    Check that nothing is lost, doubled or out of order when the server is killed so often while a crowd chats.

    :param patient: whether people may be told about it.
    """
    random = Random(2428)
    members = everyone(writers)
    for member in members:
        member.patient = patient
    crowd = Crowd(members)
    history: History = {room: {} for room in ROOMS}
    shown = 0
    try:
        for _ in range(rounds):
            crowd.connect(server.port)
            crowd.talk(True)
            # Now and then this falls into the time when they are still coming in.
            crowd.run(seconds=random.uniform(0.05, 1.0))
            (kill or server.kill)()
            crowd.read_to_the_end()
            server.start()
            read_on(server.port, history)
            shown += check_shown(members, history)
            check_acknowledged(members, history)
            check_presence(history)

        crowd.connect(server.port)
        crowd.talk(False)
        assert crowd.run(until=lambda: all(member.live and not member.unanswered for member in members))
        read_on(server.port, history)
        last = {room: max(events) - 2 for room, events in history.items()}
        assert crowd.run(
            until=lambda: all(member.seen[room] >= last[room] for member in members for room in member.rooms)
        )
        # They may have been shown more meanwhile: that the historian had left.
        read_on(server.port, history)
    finally:
        crowd.close()
    shown += check_shown(members, history)
    check_acknowledged(members, history)
    check_presence(history)
    print(f"{shown:,} events were shown, {sum(map(len, history.values())):,} are stored.")

    # Everything that was ever said is there, once: what no one had acknowledged was said again.
    stored = Counter((room, event["text"]) for room in ROOMS for event in history[room].values() if "text" in event)
    assert stored == Counter(said for member in members for said in member.sent.values())
    whole: History = {room: {} for room in ROOMS}
    read_on(server.port, whole)
    assert {room: {seq: whole[room][seq] for seq in history[room]} for room in ROOMS} == history


@everywhere
def test_whoever_a_kill_left_inside_has_left_after_the_start(server: Server):
    with TextClient(server.port, "ann") as ann, JsonClient(server.port, "bob", rooms=["attic"]):
        ann.type("hello")
        ann.type("/join attic")
        ann.until("-- You are in #attic.")
        server.kill()
    server.start()
    told = "The last run ended without shutting down; 3 people were marked as disconnected."
    wait_until(lambda: told in server.log, lambda: f"They were not marked as disconnected:\n{server.log}")
    with JsonClient(server.port, "eve", rooms=["lobby", "attic"]) as eve:
        left = [
            (room, event["nick"], event["reason"])
            for room in ("lobby", "attic")
            for event in eve.history(room).values()
            if event["type"] == "left"
        ]
    assert sorted(left) == [("attic", "ann", CRASHED), ("attic", "bob", CRASHED), ("lobby", "ann", CRASHED)]


@everywhere
@pytest.mark.parametrize("crash", [True, False])
def test_who_comes_back_with_a_token_is_shown_exactly_what_was_missed(server: Server, crash: bool):
    with JsonClient(server.port, "ann") as ann, JsonClient(server.port, "bob") as bob:
        bob.ask("say", text="one", ref="1")
        bob.until_ref("1")
        seen = ann.until("said", text="one")[-1]["seq"]
        ann.vanish()
        bob.ask("say", text="two", ref="2")
        bob.until_ref("2")
        if crash:
            server.kill()
            server.start()
        with JsonClient(server.port, "ann", resume=ann.welcome["resume"], seen={"lobby": seen}) as again:
            assert again.welcome["resumed"] is not crash
            missed = [event for event in again.met if "seq" in event and event["type"] != "room"]
            assert [event["seq"] for event in missed] == list(range(seen + 1, seen + 1 + len(missed)))
            left = [("left", None)] * 2 + [("joined", None)] if crash else []
            assert [(event["type"], event.get("text")) for event in missed] == [("said", "two"), *left]
