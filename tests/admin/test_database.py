"""``chatroom-admin --database`` does with a database what it does with a data folder."""

from __future__ import annotations

import json

import pytest

from chatroom.chat.events import Said
from chatroom.chat.ports import Query
from tests.journal.stand_ins import Desk, PostgresDesk

from .conftest import AT


@pytest.fixture
def address(postgres):
    return postgres.database()


def history(desk: Desk | PostgresDesk) -> dict[str, list]:
    return {room: desk.read(room) for room in sorted(desk.now(desk.journal.names()))}


@pytest.fixture
def copied(admin, server, address):
    """A database with a copy of the journal of ``server``."""
    before = history(server)
    secret, records = server.journal.secret, server.journal.standing()
    server.close()
    [line] = admin("copy", address).lines
    assert line.startswith(f"Copied {sum(map(len, before.values())) + 1} events.")
    return before, secret, records


def test_a_copy_has_everything(admin, copied, address):
    before, secret, records = copied
    with PostgresDesk(address) as desk:
        assert history(desk) == before
        assert desk.journal.secret == secret
        assert desk.journal.standing() == records
        desk.rest(2.1)
        query = Query((("wörld",),), ("lobby",))
        assert [event.text for _, event in desk.now(desk.journal.search(query))] == ["hello\nwörld"]
        desk.write(Said("lobby", AT, "g1", "ann", text="goes on"), Said("new", AT, "g1", "ann", text="goes on"))
        assert desk.told.seen("lobby")[-1][0] == before["lobby"][-1][0] + 1
    assert admin("rooms").lines  # what was copied is still there


def test_only_an_empty_database_is_copied_into(admin, copied, address):
    assert admin("copy", address).complaint.endswith("it is not empty")
    assert "exclude each other" in admin("copy", address, "--database", address).complaint


def test_nothing_is_copied_while_a_server_runs(admin, server, address):
    assert "another" in admin("copy", address).complaint or "in use" in admin("copy", address).complaint


class Database:
    """Runs ``chatroom-admin`` on one database."""

    def __init__(self, admin, address: str) -> None:
        self._admin, self._address = admin, address

    def __call__(self, *arguments: str, **more):
        return self._admin.run("--database", self._address, *arguments, **more)


@pytest.fixture
def database(admin, address):
    return Database(admin, address)


def test_accounts_bans_and_the_log_are_those_of_the_database(database):
    assert "no journal here" in database("account", "list").complaint
    assert database("account", "add", "ann", "--admin", typed="correct horse\n").lines
    assert any("ann" in line for line in database("account", "list").lines)
    assert any("ann" in line for line in database("audit").lines)
    [line] = database("check").lines
    assert line == "ok: 1 event, 0 rooms, 0 conversations, 1 account"


def test_a_running_server_notices_and_its_history_is_exported_trimmed_and_checked(database, address):
    with PostgresDesk(address) as desk:
        desk.write(*(Said("lobby", AT + n, "g1", "ann", text=f"line {n}") for n in range(20)))
        assert database("account", "add", "bob", typed="correct horse\n").lines
        desk.rest(1.1)
        assert [change.kind for changes in desk.told.changes for change in changes] == ["account"]
        texts = [json.loads(line)["text"] for line in database("export", "lobby", "--format", "json").lines]
        assert texts == [f"line {n}" for n in range(20)]
        assert database("trim", "lobby", "--lines", "5").lines == ["Deleted 15 events from #lobby."]
        assert database("check").lines == ["ok: 7 events, 1 room, 0 conversations, 1 account"]
        assert desk.read("lobby")[0][0] == 16


def test_a_message_is_deleted_where_no_server_runs(database, address):
    with PostgresDesk(address) as desk:
        desk.write(Said("lobby", AT, "g1", "ann", text="hunter2"), Said("lobby", AT, "g1", "ann", text="tea"))
        desk.rest(1.1)
    assert database("delete", "lobby", "1").lines == ["Deleted message 1 of #lobby."]
    assert "already deleted" in database("delete", "lobby", "1").complaint
    with PostgresDesk(address) as desk:
        assert [event.text for _, event in desk.read("lobby")[:2]] == ["", "tea"]
        assert desk.now(desk.journal.search(Query((("hunter2",),), ("lobby",)))) == []


def test_damage_is_found(database, address, postgres):
    with PostgresDesk(address) as desk:
        desk.write(*(Said("lobby", AT, "g1", "ann", text=f"line {n}") for n in range(5)))
        desk.rest(1.1)
    postgres.sql(address, "DELETE FROM event WHERE seq = 3")
    postgres.sql(address, "INSERT INTO record VALUES ('', 'ban', 'x', '{')")
    done = database("check")
    assert done.status == 1
    name = f"the database {address.rpartition('/')[2]} at 127.0.0.1: "
    assert [line.removeprefix(name) for line in done.out.splitlines()] == [
        "events are missing in lobby",
        "the search index has message 3 of lobby, which is not there",
        "the record ban x of the server cannot be read",
    ]


def test_mistakes_are_told_in_one_line_and_passwords_are_not_repeated(admin, database):
    assert "pg_dump" in database("backup", "x").complaint
    assert "pg_dump" in database("copy", "postgresql://x").complaint
    wrong = admin.run("--database", "mysql://ann:hunter2@x", "rooms").complaint
    assert "connection string" in wrong and "hunter2" not in wrong
    gone = admin.run("--database", "postgresql://ann:hunter2@127.0.0.1:9/x", "rooms").complaint
    assert gone.startswith("the database x at 127.0.0.1: the database cannot be reached") and "hunter2" not in gone
