"""Commits of all sizes, and what the writer remembers about rooms between them."""

from __future__ import annotations

from contextlib import closing
from itertools import pairwise

import pytest

from chatroom.chat.events import Event, Whispered
from chatroom.journal import _writer
from chatroom.journal._database import Database, schema
from chatroom.journal._writer import Writer

from .stand_ins import NOW, said


@pytest.fixture
def connection(tmp_path):
    with closing(Database(tmp_path / "data", schema(), NOW)) as database:
        yield database.writer


def whispered(talk: str) -> Event:
    return Whispered(talk, NOW, "ann", "Ann", "psst", "Bob")


def test_commits_of_any_size_are_stored_whole(connection):
    writer, total = Writer(connection), 0
    for size in (*range(1, 140), 500, 2047, 2048, 2049, 5000):
        [batch] = writer.commit([said("a", f"{total + number}") for number in range(size)])
        assert batch.first == total + 1
        total += size

    stored = connection.execute("SELECT seq, text FROM event ORDER BY seq").fetchall()
    assert stored == [(number + 1, f"{number}") for number in range(total)]


def test_few_statements_do_for_commits_of_all_sizes():
    sizes = {_writer._padded(rows) for rows in range(1, 2049)}

    assert sum(size for size in sizes if size <= 64) < 600, "each row of each keeps 1 KB"
    assert len(sizes) < 32
    for one, other in pairwise(sorted(sizes)):
        assert {_writer._padded(rows) for rows in range(one + 1, other + 1)} == {other}


def test_conversations_are_forgotten_sooner_than_rooms_and_go_on_where_they_were(connection, monkeypatch):
    monkeypatch.setattr(_writer, "_KNOWN", 20)
    monkeypatch.setattr(_writer, "_TALKS", 2)
    writer, asked = Writer(connection), []
    talks, rooms = [f"@1:{number}" for number in range(4)], [f"r{number}" for number in range(20)]
    for name in (*talks, *rooms):
        writer.commit([whispered(name) if name in talks else said(name, "1")])
    connection.set_trace_callback(asked.append)

    def looked_up(event: Event) -> bool:
        asked.clear()
        [batch] = writer.commit([event])
        assert batch.room == event.room and batch.first > 1
        return any("SELECT id" in statement for statement in asked)

    assert not any(looked_up(said(name, "2")) for name in rooms)
    assert [looked_up(whispered(name)) for name in (talks[3], talks[2])] == [False, False]
    assert looked_up(whispered(talks[0])) and not looked_up(whispered(talks[2]))
    assert looked_up(whispered(talks[3])), "it was used longest ago"
    seqs = connection.execute("SELECT name, max(seq) FROM event JOIN room ON id = room GROUP BY room")
    assert dict(seqs) == {talks[0]: 2, talks[1]: 1, talks[2]: 3, talks[3]: 3, **dict.fromkeys(rooms, 2)}
