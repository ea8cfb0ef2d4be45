"""Pending changes: applied before they are stored."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatroom.chat.ports import RecordChange
from chatroom.chat.rooms.pending_changes import PendingChanges

KEYS = "ab"


class World:
    """Two records in memory and in the journal, and the changes pending between them."""

    def __init__(self) -> None:
        self.memory: dict[str, int] = {}
        self.journal: dict[str, int] = {}
        self.applied: list[dict[str, int] | None] = []
        self.pending = PendingChanges(self._apply, lambda change: self._value(change.key))
        self.way: list[tuple[list[RecordChange], int]] = []
        self.told: list[tuple[list[RecordChange], int, bool] | RecordChange] = []

    def _apply(self, change: RecordChange) -> None:
        self.applied.append(change.value)
        if change.value is None:
            self.memory.pop(change.key, None)
        else:
            self.memory[change.key] = change.value["n"]

    def _value(self, key: str) -> dict[str, int] | None:
        return {"n": self.memory[key]} if key in self.memory else None

    def change(self, keys: str, n: int | None) -> None:
        changes = [RecordChange("", "kind", key, None if n is None else {"n": n}) for key in keys]
        self.way.append((changes, self.pending.hold(changes)))

    def commit(self, succeeds: bool) -> None:
        """Store the oldest pending change, or fail to; the result is reported later."""
        if self.way:
            changes, number = self.way.pop(0)
            if succeeds:
                self._store(changes)
            self.told.append((changes, number, succeeds))

    def again(self) -> None:
        """Retry the last failed change after all pending ones, if it still makes a difference."""
        if self.told and not isinstance(self.told[-1], RecordChange) and not self.told[-1][2]:
            changes, number, _ = self.told.pop()
            self.way.append((self.pending.again(changes, number), number))

    def another(self, key: str, n: int | None) -> None:
        """Store a change by another program; it is reported later, too."""
        change = RecordChange("", "kind", key, None if n is None else {"n": n})
        self._store([change])
        self.told.append(change)

    def _store(self, changes: list[RecordChange]) -> None:
        for change in changes:
            if change.value is None:
                self.journal.pop(change.key, None)
            else:
                self.journal[change.key] = change.value["n"]

    def tell(self) -> None:
        """Report the oldest result."""
        if not self.told:
            return
        what = self.told.pop(0)
        if isinstance(what, RecordChange):
            self.pending.by_another(what)
            return
        changes, number, succeeded = what
        if succeeded:
            self.pending.stored(changes, number)
        else:
            self.pending.failed(changes)


numbers = st.one_of(st.none(), st.integers(0, 9))
steps = st.one_of(
    st.tuples(st.just("change"), st.text(KEYS, min_size=1, max_size=3), numbers),
    st.tuples(st.just("commit"), st.booleans()),
    st.tuples(st.just("another"), st.sampled_from(KEYS), numbers),
    st.tuples(st.just("again")),
    st.tuples(st.just("tell")),
)


def settled(chosen, stored: bool) -> World:
    """Take the *chosen* steps, then complete and report everything pending."""
    world = World()
    for name, *given_ in chosen:
        getattr(world, name)(*given_)
    while world.way:
        world.commit(stored)
    while world.told:
        world.tell()
    return world


@given(st.lists(steps, max_size=40))
def test_when_everything_is_settled_what_holds_is_what_is_stored(chosen):
    world = settled(chosen, stored=True)

    assert world.memory == world.journal and not world.pending._records


@given(st.lists(steps, max_size=40))
def test_when_the_last_could_not_be_stored_either_what_was_stored_holds(chosen):
    world = settled(chosen, stored=False)

    assert world.memory == world.journal


def test_what_is_asked_for_holds_at_once():
    world = World()
    world.change("a", 1)
    assert world.memory == {"a": 1} and world.journal == {}
    world.change("a", 2)
    world.commit(False)
    world.tell()
    assert world.memory == {"a": 2}, "the newer one is on its way"
    world.commit(False)
    world.tell()
    assert world.memory == {}


def test_what_holds_already_is_not_applied_again_when_it_is_stored():
    world = World()
    world.change("a", 1)
    world.commit(True)
    world.tell()
    assert world.applied == [{"n": 1}]


def test_what_was_read_before_it_was_stored_holds_all_the_same():
    """A room may have been loaded from the journal while the change was pending."""
    world = World()
    world.memory = {"a": 1, "b": 1}
    world.change("a", 2)
    world.change("b", None)
    world.memory = {"a": 1, "b": 1}
    world.commit(True)
    world.commit(True)
    world.tell()
    world.tell()
    assert world.memory == {"a": 2}


def test_what_failed_is_told_as_what_holds_instead_unless_more_is_pending():
    world = World()
    world.change("ab", 1)
    world.change("b", 2)
    failed, _ = world.way[0]

    undone = world.pending.failed(failed)
    assert [(change.key, change.value) for change in undone] == [("a", None)] and world.memory == {"b": 2}
