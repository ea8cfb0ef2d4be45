"""What only the journal on disk does when it searches: it gives up in time, and nobody else waits for it."""

from __future__ import annotations

from threading import Event as Gate

import pytest
import pytest_twisted

from chatroom.chat.ports import Query, TookTooLong
from chatroom.journal.sqlite import SqliteJournal

from .stand_ins import Desk, Recorder, Workers, said

LINES = 60_000
TALK = ["line", "of", "a", "long", "talk", "about", "this", "and", "that"]


class Watch:
    """A timer that advances by *step* at each reading."""

    def __init__(self) -> None:
        self.step = 0.0
        self.looks = 0
        self._time = 0.0

    def __call__(self) -> float:
        self.looks += 1
        self._time += self.step
        return self._time


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """A long history of the same few words, in rooms and in conversations, all indexed."""
    watch = Watch()
    desk = Desk(tmp_path_factory.mktemp("long") / "data", timer=watch)
    with desk:
        for start in range(0, LINES, 1000):
            numbers = range(start, start + 1000)
            desk.write(*(said(room_of(n), f"line {n} of a long talk about this and that", n) for n in numbers))
        while desk.journal._indexer.step() is not None:
            pass
        yield desk, watch


def room_of(number: int) -> str:
    return "a" if number % 2 else f"@ann:{number % 80:02}"


def words(*terms: str, **more) -> Query:
    return Query(tuple(tuple(term.split()) for term in terms), ("a",), **more)


COSTLY = {
    "many common words": words(*TALK, *map(str.upper, TALK), "that this"),
    "a phrase of common words": words(" ".join([*TALK, *TALK])),
    "phrases of common words": words("of line", "long a", "talk long", "this about"),
    "short words": words("a", "of", "and", "a of"),
    "a far page": words("talk", skip=9_980, limit=21),
    "a nick only": Query((), ("a",), "ann", skip=9_980, limit=21),
    "many conversations": Query((("of", "line"),), ("a", *(f"@ann:{n:02}" for n in range(0, 80, 2))), party="ann"),
    "the conversations of a party": Query((("that", "this"), ("of", "line")), (), party="ann"),
    "long ago": words("talk", before=5_000.0, skip=1_000, limit=21),
}


@pytest.mark.slow
@pytest.mark.parametrize("query", COSTLY.values(), ids=COSTLY)
def test_a_search_that_takes_too_long_is_given_up_and_the_next_is_not_disturbed(watched, query):
    desk, watch = watched
    watch.step = 2.0
    failure = desk.now(desk.journal.search(query).addErrback(lambda failure: failure.value))
    assert isinstance(failure, TookTooLong), watch.looks

    watch.step = 0.0
    assert [seq for seq, _ in desk.now(desk.journal.search(words("talk", limit=2)))] == [LINES // 2, LINES // 2 - 1]
    desk.now(desk.journal.search(query))


@pytest_twisted.ensureDeferred
async def test_reads_and_commits_go_on_while_a_search_takes_long(tmp_path):
    """The searching thread is held up in its next piece of work."""
    from twisted.internet import reactor

    told, gate, workers = Recorder(), Gate(), Workers()
    journal = SqliteJournal(tmp_path, reactor.callLater, reactor.callFromThread, worker=workers)
    journal.open(told)
    journal.append(said("a", "tea 1"))
    await journal.flush()
    workers["journal searcher"].run(gate.wait, lambda _: None)
    searches = [journal.search(words("tea")) for _ in range(3)]

    assert len(await journal.after("a", 0, 9)) == 1
    assert (await journal.room("a")).last == 1 and await journal.records("a") == []
    journal.append(said("a", "tea 2"))
    await journal.flush()
    assert told.texts("a") == ["tea 1", "tea 2"]
    assert not any(search.called for search in searches)
    gate.set()
    # The first of them had looked at what is new before it came to the thread.
    assert [len(await search) for search in searches][1:] == [2, 2]
    await journal.close()
