"""Layers: imports point one way."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "chatroom"

MAY_IMPORT = {
    "chat": {"chat"},
    "journal": {"journal", "chat", "system"},
    "dialects": {"dialects", "chat"},
    "terminal": {"terminal", "dialects", "chat"},
    "doors": {"doors", "host_keys", "terminal", "dialects", "chat", "tls", "system"},
    "link": {"link", "doors", "dialects", "chat", "tls", "system"},
    "client": {"client", "terminal", "config", "dialects", "chat", "tls", "system"},
    "admin": {"admin", "host_keys", "journal", "passwords", "dialects", "config", "chat", "system"},
    "system": {"system"},
    "config": {"config", "dialects", "chat", "system"},
    "passwords": {"chat", "system"},
    "host_keys": {"chat"},
    "tls": {"tls"},
    "server": {"server", "tls", "passwords", "config", "link", "doors", "dialects", "chat", "system"},
    "composition": {
        *(
            "composition",
            "server",
            "link",
            "doors",
            "host_keys",
            "dialects",
            "chat",
            "journal",
            "config",
            "passwords",
            "tls",
        ),
        "system",
    },
    "process": {"composition", "server", "system"},
    "tap": {"composition", "server", "config", "system"},
}
"""What each part of the package may import; everything may import the version."""

INSIDE = {
    "chat": (
        ("event", "histogram", "limits", "refusals", "token_bucket"),
        ("changes",),
        ("events",),
        ("outcomes",),
        ("replies", "syntax"),
        ("ports",),
        ("fair_queue", "policy"),
        ("rules",),
        ("people",),
        ("command_table", "core"),
        ("rooms", "shutdown"),
        ("access", "session"),
        ("bots",),
        ("hub",),
        ("commands",),
    ),
    "chat/syntax": (
        (
            "blanks",
            "confusables",
            "conversations",
            "datetimes",
            "durations",
            "emoji",
            "marks",
            "networks",
            "substitution",
            "words",
        ),
        ("mentions", "names", "public_keys", "search_query"),
    ),
    "chat/ports": (("journal", "outlet", "passwords", "runtime"), ("null_outlet",)),
    "chat/rules": (
        ("masks", "roles"),
        ("ban_list", "message_changes"),
        ("room_state",),
    ),
    "chat/people": (
        ("budgets", "last_seen", "mention_index", "proofs", "reading_positions"),
        ("accounts",),
        ("api_tokens", "keys", "person"),
        ("bot", "nicks"),
        ("directory",),
    ),
    "chat/rooms": (
        (
            "bot_pace",
            "glance",
            "late_changes",
            "originator",
            "page_reader",
            "pending_changes",
            "subscribers",
            "whereabouts",
        ),
        ("history",),
        ("cursor",),
        ("room",),
        ("bot_rights", "catchup", "ledger", "recent_refs", "settling", "speech"),
        ("admission", "registry"),
        ("message_pages", "posting", "reading", "room_list", "search"),
        ("followers", "membership"),
        ("deletion_requests", "direct_messages", "joining"),
        ("changing",),
    ),
    "chat/access": (
        (
            "account_keys",
            "key_guests",
            "latest",
            "password_shares",
            "preferences",
            "resume_tokens",
            "server_bans",
            "throttle",
        ),
        ("api_access", "cards", "devices", "password_checks", "renaming"),
        ("absent", "login"),
        ("entry", "registration"),
        ("attaching",),
    ),
    "chat/commands": (
        (
            *(
                "accounts",
                "corrections",
                "devices",
                "identity",
                "keys",
                "parse",
                "preferences",
                "reading",
                "rooms",
                "targets",
            ),
            "token",
        ),
        ("messages", "moderation", "server", "typed"),
        ("room_settings", "server_admin"),
        ("voices",),
    ),
    "chat/replies": (
        ("reply",),
        ("people", "presence", "rooms"),
    ),
    "journal": (
        ("_backlog", "_calls", "_ids", "_memory_rooms", "_presence", "_records", "_rows", "_tokens", "atomic_files"),
        ("_amendments",),
        (
            *("_background", "_database", "_memory_readings", "_memory_records", "_memory_search"),
            *("_readings", "_redo_log", "_search_queue"),
        ),
        ("_backups", "_group_commit", "_maintenance", "_reader", "_retention", "_search", "_writer", "memory"),
        ("_erasure", "_index", "_takeover"),
        ("_integrity", "_logged_commit", "_scrubbing", "offline_base"),
        ("deletion", "offline", "postgres", "sqlite"),
    ),
    "journal/postgres": (
        ("connection", "rows"),
        ("reader", "upgrade", "words"),
        ("amendments", "indexer", "leader", "lease", "searcher"),
        ("renewal", "writer"),
        ("journal", "offline"),
        ("copying",),
    ),
    "server": (
        ("errors", "garbage_collection"),
        (
            *("child", "installed", "link_folder", "listeners", "mdns", "memory", "open_files"),
            *("own_addresses", "parent", "qr_code", "retention", "runtime", "shared_ports", "signals"),
            *("startup_message", "twistd_files"),
        ),
        ("command_line", "door_service", "launch", "service", "spare"),
        ("keeper",),
        ("replacement",),
        ("supervisor",),
    ),
    "composition": (
        ("entrances", "places"),
        ("all_doors", "announcing", "certificates", "cluster", "remote_doors"),
        ("house_parts",),
        ("door_process", "house_process", "supervision"),
    ),
    "link": (
        ("forms",),
        ("codec",),
        ("frames", "outlet", "rooms", "wire"),
        ("asked", "asks", "byte_stream", "figures", "remote"),
        ("session",),
        ("carried", "moves"),
        ("carrying", "house"),
        ("secure",),
        ("door", "web"),
        ("handing", "locating", "redial"),
        ("giving",),
        ("meeting",),
    ),
    "system": (("monotonic", "pid_lock", "quiet_log", "threads", "turn_limit"),),
    "tls": (
        ("pair",),
        ("renewal",),
        ("machines",),
    ),
    "admin": (
        ("output", "password_prompt"),
        ("context",),
        ("arguments", "files"),
        ("account_commands", "ban_commands", "cluster_commands", "deletion", "export", "maintenance", "upgrade"),
        (
            "key_commands",
            "token_commands",
        ),
        ("command_line",),
        ("__main__",),
    ),
    "config": (
        ("data_folder", "toml_lines"),
        ("values",),
        ("listen", "supervisor", "web"),
        ("settings",),
        ("file",),
        ("reload",),
    ),
    "client/net": (
        ("connection", "discovery", "trust_errors"),
        ("reconnect", "tls"),
    ),
    "client/ui": (
        ("chat_keys", "completion", "keys", "pipe", "reflow", "standard_files", "status"),
        ("terminal_input", "terminal_mode", "terminal_output", "wrapped"),
        ("attention", "logged", "screen_reader", "suspension"),
        ("layers", "terminal"),
    ),
    "terminal": (
        ("actions", "colours", "graphemes", "history", "keys"),
        ("completion", "edited_text", "layout", "plain_screen", "search", "shown_text"),
        ("editing", "screen", "wrap"),
        ("line_input",),
        ("editor",),
    ),
    "dialects/json": (
        ("commands", "decoder", "encoder"),
        ("dialect",),
        ("event_stream", "websocket"),
    ),
    "dialects/irc": (
        ("message", "names", "numeric", "tagged"),
        ("framing", "look"),
        ("happenings", "playback", "talk"),
        ("dialect", "viewer"),
    ),
    "dialects/text": (
        ("colours", "marked", "paste", "zone"),
        ("history", "sentences"),
        ("events",),
        ("people", "screen_reader"),
        ("replies",),
        ("dialect",),
    ),
    "dialects": (
        ("line_splitter", "origins", "sanitize", "telnet"),
        ("views",),
        ("base",),
        ("json", "text"),
        ("irc",),
    ),
    "client": (
        ("addresses", "command_names", "day_line", "nick", "rooms", "signals", "ui_port", "wire"),
        ("activity", "config", "log_file", "outbox", "paste", "recent_messages", "secrets"),
        ("held_input", "local_commands", "options"),
        ("credentials", "destination", "rendering", "requests"),
        ("other_nick", "reading", "typed_input"),
        ("talk",),
        ("arrival", "noted"),
        ("conversation",),
        ("net", "ui"),
        ("__main__",),
    ),
    "doors": (
        ("addresses", "closed", "figures", "house", "outlets", "password_prompt", "timeouts"),
        ("rate_limit",),
        ("admission", "connection_limits", "heartbeat", "stall_detector", "typing_client"),
        ("factory",),
        ("door",),
        ("typed_ahead",),
        ("moving",),
        ("front", "line", "web"),
        ("irc", "ssh"),
    ),
    "doors/ssh": (
        (
            "algorithms",
            "authorized_keys",
            "environment",
            "identity",
            "outlet",
            "silence",
            "status_command",
            "status_lines",
        ),
        ("channel", "coming_in", "server", "tab_completion", "terminal_outlet"),
        ("transport",),
        ("connection",),
        ("userauth",),
        ("command_door", "line_door", "terminal_door"),
        ("factory",),
    ),
    "doors/irc": (
        ("client", "creation", "kept_tags", "moments", "read_times", "whowas"),
        ("metadata",),
        ("actions", "entering", "outlet", "past", "presence", "registration"),
        ("server",),
        ("welcome",),
        ("commands",),
        ("door",),
        ("websocket",),
    ),
    "doors/irc/commands": (
        ("administration", "connection", "rooms", "server", "services", "status_messages", "watching"),
        ("chat",),
        ("capabilities", "inviting", "listing", "messages", "metadata", "modes", "people"),
        ("blocks", "history", "reading", "second_thoughts"),
    ),
    "doors/outlets": (("direct_writer", "saved"), ("stream",), ("direct_socket", "direct_transport", "fan_out")),
    "doors/front": (
        ("accept_limit", "openings", "preconnects", "tls_connection", "tls_records"),
        ("front_door",),
        ("moved_socket", "tls"),
        ("assembly",),
    ),
    "doors/web/api": (
        ("calls", "errors", "openapi", "request_parts"),
        ("formats", "hooks", "stream"),
        ("api",),
    ),
    "doors/web": (
        ("frames", "headers", "responses", "settings"),
        ("forwarded", "request_heads", "static"),
        ("api",),
        ("exchange", "handshake"),
        ("https_redirect", "socket_routes"),
        ("http_connections", "routes", "websocket_wire"),
        ("http_output", "websocket"),
        ("http",),
        ("factory",),
        ("counts",),
        ("metrics",),
    ),
}
"""The files and folders of a folder in layers, the lowest first: each may import only those below it."""


@cache
def imported(path: Path) -> set[str]:
    """Name every module that *path* imports, in full, whether it is for types only or not."""
    package = ".".join(path.relative_to(ROOT).with_suffix("").parts[:-1])
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package.rsplit(".", node.level - 1)[0] if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            found |= {f"{module}.{alias.name}" for alias in node.names}
    return found


def parts(path: Path) -> set[str]:
    """Name the parts of ours that *path* imports."""
    names = [name.split(".") for name in imported(path) if name.split(".")[0] == "chatroom"]
    return {name[1] for name in names if len(name) > 1 and name[1] != "__version__"}


def modules() -> dict[str, Path]:
    """Find every module of ours, by its name; a package goes by its own."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports() -> dict[str, set[str]]:
    """Tell which of our modules each of them imports, for types only or not."""
    known = modules()

    def module_of(name: str) -> str:
        while name and name not in known:
            name = name.rpartition(".")[0]
        return name

    return {
        name: {module_of(one) for one in imported(path)} - {name, PACKAGE.name, ""} for name, path in known.items()
    }


def circles(graph: dict[str, set[str]]) -> list[set[str]]:
    """Find the sets of nodes from each of which every other can be reached (Tarjan's algorithm)."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    path: list[str] = []
    found = []

    def visit(node: str) -> None:
        order[node] = lowest[node] = len(order)
        path.append(node)
        for other in sorted(graph[node]):
            if other not in order:
                visit(other)
            if other in path:
                lowest[node] = min(lowest[node], lowest[other])
        if lowest[node] == order[node]:
            at = path.index(node)
            found.append(set(path[at:]))
            del path[at:]

    for node in sorted(graph):
        if node not in order:
            visit(node)
    return [nodes for nodes in found if len(nodes) > 1]


FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")
KNOWN = set(MAY_IMPORT)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path):
    part = path.relative_to(PACKAGE).with_suffix("").parts[0]

    assert part in MAY_IMPORT, f"{part} is new: say here what it may import"
    assert parts(path) <= MAY_IMPORT[part]


@pytest.mark.parametrize("folder", INSIDE)
def test_imports_inside_a_folder_point_one_way(folder):
    layer = {unit: height for height, units in enumerate(INSIDE[folder]) for unit in units}
    package = f"chatroom.{folder.replace('/', '.')}."
    units_of = {name: name.removeprefix(package).split(".")[0] for name in modules() if name.startswith(package)}

    assert set(units_of.values()) == set(layer), "say here what is new, and what may import it"
    for name, others in imports().items():
        if name in units_of:
            unit = units_of[name]
            known = {units_of[other] for other in others if other in units_of} - {unit}
            assert {other for other in known if layer[other] >= layer[unit]} == set(), name


def test_every_folder_has_layers():
    folders = {str(path.parent.relative_to(PACKAGE)) for path in FILES if path.parent != PACKAGE}

    assert folders == set(INSIDE)


def test_no_modules_know_each_other_in_a_circle():
    assert circles(imports()) == []


def test_a_circle_is_found():
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"e"}, "e": set()}

    assert circles(graph) == [{"a", "b", "c"}]
    assert circles({**graph, "c": {"d"}}) == []


def test_every_part_is_looked_at():
    assert {path.relative_to(PACKAGE).with_suffix("").parts[0] for path in FILES} == KNOWN


@pytest.mark.parametrize("folder", ["chat", "dialects", "terminal"])
def test_the_house_and_the_dialects_know_nothing_of_twisted(folder):
    for path in (PACKAGE / folder).rglob("*.py"):
        strangers = {name for name in imported(path) if name.split(".")[0] in ("twisted", "zope", "socket", "asyncio")}
        assert not strangers, f"{path.name} imports {strangers}"


def test_nobody_takes_the_reactor_at_import():
    for path in FILES:
        top = ast.parse(path.read_text("utf-8")).body
        names = {alias.name for node in top if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names}
        assert "reactor" not in names, path.name


def test_the_plugin_imports_nothing_of_ours():
    [plugin] = (ROOT / "twisted" / "plugins").glob("*.py")

    assert imported(plugin) == {"twisted.application.service.ServiceMaker"}


def test_relative_imports_are_understood():
    names = imported(PACKAGE / "chat" / "commands" / "messages.py")

    assert {"chatroom.chat.refusals.NotHere", "chatroom.chat.command_table.word", "dataclasses.field"} <= names
