"""SSH clients that others have written: people, pipes and scripts come in by them, and nobody as somebody else."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from .clients import JsonClient, TextClient
from .processes import Started, program, run, tool, wait_until
from .server import Server
from .ssh_clients import CLIENTS, HOST, KEY_TYPES, Keys, OpenSsh, SshClient, Surroundings, Visit, algorithms
from .terminals import Terminals

pytestmark = pytest.mark.slow

PASSWORD = "correct horse battery"

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Iterator[Surroundings]:
    """A server for all tests that leave it as it was; ann is registered there, and has a key of each type."""
    with Server(tmp_path_factory.mktemp("server"), "--rate", "0").start() as server:
        register(server, "ann", *map(keys.public, KEY_TYPES))
        yield Surroundings(tmp_path_factory.mktemp("home"), server, keys)


@pytest.fixture
def own(tmp_path: Path, keys: Keys, server: Server) -> Surroundings:
    """A server for one test."""
    home = tmp_path / "home"
    home.mkdir()
    return Surroundings(home, server, keys)


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest, shared: Surroundings) -> SshClient:
    return CLIENTS[request.param](shared)


def register(server: Server, nick: str, *public_keys: str) -> None:
    with JsonClient(server.port, nick) as owner:
        owner.ask("register", password=PASSWORD)
        owner.until("logged_in", account=nick)
        for key in public_keys:
            owner.ask("keys", action="add", public_key=key)
            owner.until("notice")
        owner.ask("quit")
        owner.until("goodbye")


def name_of(client: SshClient) -> str:
    return type(client).__name__.lower()


# Every client.


def test_a_guest_talks_through_a_pipe(client: SshClient):
    """And leaves when there is no more to be said, after the answers."""
    nick = name_of(client)
    with TextClient(client.around.server.port, "dan") as dan, client.start(Visit(nick)) as guest:
        guest.until(f"-- Welcome, {nick}")
        guest.until("You are in #lobby")
        dan.until(f"-- {nick} joined #lobby")
        dan.type("hello from nc")
        guest.until("<dan> hello from nc")
        guest.type("hello from ssh 漢字\n/topic\n")
        guest.end_input()
        dan.until(f"<{nick}> hello from ssh 漢字")
        dan.until(f"-- {nick} left #lobby")
        assert guest.ended() == 0
        assert re.search(r"-- .*topic", guest.output, re.IGNORECASE), guest.output
        assert "\x1b" not in guest.output


def test_a_registered_nick_needs_its_password(client: SshClient):
    with client.start(Visit("ann", password=PASSWORD)) as ann:
        ann.until("-- Welcome, ann")
        ann.type("/whoami\n")
        ann.end_input()
        assert ann.ended() == 0
    with client.start(Visit("ann", password="a guess")) as stranger:
        # Dropbear has forgotten its password when it is asked again, and comes in as somebody else.
        stranger.end_input()
        stranger.ended()
        assert "-- Welcome, ann." not in stranger.output


@pytest.mark.parametrize("kind", KEY_TYPES)
def test_a_key_is_enough(client: SshClient, kind: str):
    text = f"{kind} of {name_of(client)}"
    # Another nick each time: the server may not have noticed yet that the last one is gone.
    with TextClient(client.around.server.port, f"dan-{kind}-{name_of(client)}") as dan:
        with client.start(Visit("ann", f"say lobby {text}", key=kind)) as ann:
            assert ann.ended() == 0, ann.output
        dan.until(f"<ann> {text}")


def test_a_command_says_how_it_ended(client: SshClient):
    nick = name_of(client)
    for command, status, said in (
        ("rooms", 0, ""),
        ("say nowhere-at-all", 2, "Usage: say ROOM TEXT"),
        ("rm -rf /", 2, "There is no such command here"),
        ("msg nobody-here hello", 1, "nobody-here"),
    ):
        with client.start(Visit(nick, command, key="ed25519-guest")) as guest:
            assert guest.ended() == status, guest.output
            assert said in guest.output


def test_a_person_sits_at_a_terminal(client: SshClient, tmp_path: Path):
    """The line that is half typed stays below what comes in."""
    nick = name_of(client)
    with Terminals(tmp_path) as terminals, TextClient(client.around.server.port, "dan") as dan:
        window = client.sit_down(terminals, Visit(nick, terminal=True))
        window.until("^#lobby> $|^#lobby>$")
        terminals.tmux("send-keys", "-t", "ssh", "-l", "half 漢字")
        window.until("^#lobby> half 漢字$")
        dan.type("hello from nc")
        window.until("<dan> hello from nc\n#lobby> half 漢字$")
        window.press("C-a")
        window.type("not ")
        dan.until(f"<{nick}> not half 漢字")
        window.until(f"<{nick}> not half 漢字\n#lobby>$")
        window.type("exit")
        assert window.ended() == 0
        assert "#lobby>" not in window.screen


# Keys and passwords.


def test_the_last_of_ten_keys_of_an_agent_is_the_right_one(shared: Surroundings, tmp_path: Path):
    """And nothing is asked: ``BatchMode``."""
    socket = tmp_path / "agent"
    names = [*(f"ed25519-{number}" for number in range(9)), "ed25519"]
    with Started([program("ssh-agent"), "-D", "-a", socket], tmp_path):
        wait_until(socket.exists, "the agent does not listen")
        files = [shared.keys.openssh(name) for name in names]
        run(["env", f"SSH_AUTH_SOCK={socket}", program("ssh-add"), "-q", *files])
        ssh = OpenSsh(shared, "-v", "-o", "BatchMode=yes", "-o", f"IdentityAgent={socket}", "-o", "IdentitiesOnly=no")
        with ssh.start(Visit("ann", "rooms")) as ann:
            assert ann.ended() == 0, ann.output
            offered = re.findall(r"Offering public key: (\S+) ", ann.output)
            assert offered == names


def test_nobody_has_a_registered_nick_without_its_key_or_password(shared: Surroundings):
    """Whoever answers nothing gets another one."""
    with OpenSsh(shared, "-o", "BatchMode=yes").start(Visit("ann", "rooms", key="ed25519-guest")) as stranger:
        assert stranger.ended() == 255
        assert "Permission denied" in stranger.output
    with OpenSsh(shared).start(Visit("ann", key="ed25519-guest")) as stranger:
        stranger.until("-- Welcome, ann")
        assert "-- Welcome, ann." not in stranger.output


def test_a_key_gives_a_guest_the_same_nick_after_a_restart(own: Surroundings):
    """Also another one than was asked for; and the server is the same to the client."""
    ssh = OpenSsh(own)
    with ssh.start(Visit("guest", key="ed25519-guest")) as guest:
        guest.until("-- Welcome, guest")
        guest.type("/nick walrus\n/join den\n")
        guest.until("You are in #den")
        own.server.stop()
        guest.ended()
        assert "shut" in guest.output.lower(), guest.output
    own.server.start()
    with ssh.start(Visit("guest", key="ed25519-guest")) as guest:
        guest.until("-- Welcome, walrus")
        guest.until("#den")
    with ssh.start(Visit("guest", key="ed25519-1")) as other:
        other.until("-- Welcome, guest")


def test_a_key_that_is_removed_proves_nothing_any_more(own: Surroundings):
    """Neither next time, nor for those who are here by it."""
    register(own.server, "ann", own.keys.public("ed25519"), own.keys.public("rsa"))
    ssh = OpenSsh(own, "-o", "BatchMode=yes")
    with ssh.start(Visit("ann", key="ed25519")) as here, ssh.start(Visit("ann", key="rsa")) as other:
        here.until("You are in #lobby")
        other.until("You are in #lobby")
        other.type("/keys remove 1\n")
        other.until("-- Removed: ssh-ed25519")
        here.ended()
        other.type("/keys\n")
        other.until("1: ssh-rsa")
    with ssh.start(Visit("ann", "rooms", key="ed25519")) as again:
        assert again.ended() == 255
        assert "Permission denied" in again.output


def test_guesses_by_ssh_and_by_nc_are_slowed_as_one(own: Surroundings):
    register(own.server, "ann")
    ssh = OpenSsh(own, "-o", "PreferredAuthentications=keyboard-interactive")
    for guess in ("one", "two", "three"):
        with ssh.start(Visit("ann", password=f"guess {guess}")) as guest:
            assert guest.ended() == 255
            assert "Too many" not in guest.output
    with TextClient(own.server.port, "mallory") as mallory:
        for guess in ("four", "five"):
            mallory.type(f"/login ann guess {guess}")
            mallory.until("Wrong nick or password")
        with ssh.start(Visit("ann", password="guess six")) as guest:
            assert guest.ended() == 255
            assert "Too many wrong passwords. Please wait" in guest.output
        mallory.type("/login ann guess seven")
        mallory.until("Too many wrong passwords. Please wait")


# Commands.


def test_scripts_read_what_is_said(shared: Surroundings):
    ssh = OpenSsh(shared, "-o", "BatchMode=yes")
    with ssh.start(Visit("ann", "follow ops --json", key="ed25519")) as follower:
        with TextClient(shared.server.port, "dan") as dan:
            dan.type("/join ops")
            dan.until("You are in #ops")
            # It is there.
            dan.type("/who ops")
            dan.until("ann")
            for words in ("build ok", "'and now: $(true)'"):
                with ssh.start(Visit("ann", f"say ops {words}", key="ed25519")) as say:
                    assert (say.ended(), say.output) == (0, "")
            dan.until("<ann> and now: $(true)")
            follower.until("and now")
            with ssh.start(Visit("ann", "who ops", key="ed25519")) as who:
                assert who.ended() == 0
                assert "dan" in who.output
        with ssh.start(Visit("ann", "history ops 50 --json", key="ed25519")) as history:
            assert history.ended() == 0
            (page,) = map(json.loads, history.output.splitlines())
            assert [one["text"] for one in page["events"] if one["type"] == "said"] == ["build ok", "and now: $(true)"]
        with ssh.start(Visit("ann", "search ops build", key="ed25519")) as search:
            assert search.ended() == 0
            assert "build ok" in search.output
        followed = [json.loads(line) for line in follower.output.splitlines()]
        assert [one["text"] for one in followed if one["type"] == "said"] == ["build ok", "and now: $(true)"]
        follower.process.send_signal(signal.SIGTERM)
        assert follower.ended() != 0


@pytest.mark.parametrize("how", [["scp"], ["scp", "-O"], ["sftp"]], ids=" ".join)
def test_files_are_refused_in_words(shared: Surroundings, how: list[str], tmp_path: Path):
    name, *options = how
    settings = OpenSsh(shared).settings()
    where = f"ann@{HOST}:" if name == "sftp" else f"ann@{HOST}:/etc/passwd"
    words = [program(name), *options, *settings, "-P", str(shared.server.port), "-i", shared.keys.openssh("ed25519")]
    with Started([*words, where, *([tmp_path / "got"] if name == "scp" else [])]) as copying:
        assert copying.ended() != 0
        assert "chatroom: " in copying.output
        assert "ssh HOST" in copying.output or "There is no such command here" in copying.output
    assert not (tmp_path / "got").exists()


def test_many_sessions_share_one_connection(shared: Surroundings, tmp_path: Path):
    """Up to ten at a time; another one is refused and does the others no harm."""
    socket = tmp_path / "master"
    ssh = OpenSsh(shared, "-S", str(socket))
    with (
        ExitStack() as visits,
        OpenSsh(shared, "-N", "-M", "-S", str(socket)).start(Visit("ann", key="rsa")) as master,
    ):
        # Each hands its pipes over to the first, which has to end before them.
        wait_until(socket.exists, lambda: master.output)
        sessions = [visits.enter_context(ssh.start(Visit("ann"))) for _ in range(10)]
        for session in sessions:
            session.type("/join den\n")
            session.until("You are in #den")
        with TextClient(shared.server.port, "dan") as dan, ssh.start(Visit("ann", "rooms", key="rsa")):
            master.until("At most 10 sessions on one connection.")
            dan.type("/join den")
            dan.until("You are in #den")
            dan.type("all there")
            for session in sessions:
                session.until("<dan> all there")
        sessions[0].end_input()
        assert sessions[0].ended() == 0
        instead = visits.enter_context(ssh.start(Visit("ann", "rooms")))
        instead.until("#den")


def test_a_terminal_can_be_forced_on_a_pipe(shared: Surroundings):
    """As ``ssh -tt`` does: then keys are read from it."""
    with OpenSsh(shared, "-tt").start(Visit("forced")) as forced:
        forced.until("#lobby> ")
        forced.type("hallo\x7fo\r")
        forced.until(r"forced\x1b\[0m> hallo")
        forced.type("\x04")
        assert forced.ended() == 0
        assert "\x1b[?2004l" in forced.output


# Connections.


def test_keys_are_exchanged_again_and_again(shared: Surroundings, tmp_path: Path):
    """In the middle of much output, without a byte lost."""
    log = tmp_path / "log"
    ssh = OpenSsh(shared, "-v", "-E", str(log), "-o", "RekeyLimit=16K")
    with ssh.start(Visit("ann", "follow much", key="ed25519")) as ann:
        talk(shared, ann, "much", 1500)
        assert log.read_text().count("SSH2_MSG_NEWKEYS received") > 5


def test_a_client_that_is_stopped_loses_nothing(shared: Surroundings):
    """It reads on later, and others do not wait for it."""
    with OpenSsh(shared).start(Visit("ann", "follow flood", key="ed25519")) as ann:
        talk(shared, ann, "flood", 4000, stopped=True)


def talk(around: Surroundings, listener: Started, room: str, lines: int, *, stopped: bool = False) -> None:
    """Say so many *lines* of a thousand bytes, which *listener* hears; *stopped*: later."""
    text = "x" * 1000
    with JsonClient(around.server.port, f"{room}-talker", rooms=[room]) as talker:
        # Nothing is written before that is there.
        wait_until(lambda: is_in(talker, "ann", room), "ann does not come")
        if stopped:
            os.kill(listener.pid, signal.SIGSTOP)
        for number in range(lines):
            talker.ask("say", room=room, text=f"{number} {text}")
            if number % 100 == 0 and not stopped:
                listener.until(f"> {number} {text}")
        talker.until("said", text=f"{lines - 1} {text}")
        if stopped:
            os.kill(listener.pid, signal.SIGCONT)
        # Piece by piece, for all of it is many seconds' work on a busy machine.
        for number in [*range(0, lines, 500), lines - 1]:
            listener.until(f"> {number} {text}")
        heard = re.findall(rf"-talker> (\d+) {text}$", listener.output, re.MULTILINE)
        assert heard == list(map(str, range(lines)))


def is_in(person: JsonClient, nick: str, room: str) -> bool:
    person.ask("who", room=room, ref="who")
    return nick in str(person.until_ref("who")[-1])


def test_a_terminal_is_left_clean_when_the_server_stops(own: Surroundings, tmp_path: Path):
    """With what was half typed, which can be sent again so."""
    with Terminals(tmp_path) as terminals:
        window = OpenSsh(own).sit_down(terminals, Visit("ann", terminal=True))
        window.until("^#lobby>")
        terminals.tmux("send-keys", "-t", "ssh", "-l", "half")
        window.until("^#lobby> half$")
        own.server.stop()
        window.ended()
        window.until("^#lobby> half\n")
        assert "person" not in window.screen
        own.server.start()
        again = OpenSsh(own).sit_down(terminals, Visit("ann", terminal=True), "again")
        again.until("^#lobby>")


def test_the_key_of_the_server_is_the_one_in_its_log(shared: Surroundings):
    """And clients know it again by that."""
    listed = run([program("ssh-keygen"), "-l", "-f", shared.known_hosts])
    assert [line.split()[1] for line in listed.splitlines()] == [shared.fingerprint]


def test_no_algorithm_is_known_to_be_weak(shared: Surroundings):
    """And the document lists those that the server negotiates."""
    audit = tool("ssh-audit", "bin/ssh-audit")
    where = ("-p", str(shared.server.port), HOST)
    with Started([audit, "--skip-rate-test", "-j", *where]) as started:
        started.ended()
        found = json.loads(started.output)
    kinds = ("kex", "key", "enc", "mac")
    failing = {
        one["algorithm"]: one["notes"]["fail"] for kind in kinds for one in found[kind] if one["notes"].get("fail")
    }
    assert not failing
    assert not found.get("cves")
    negotiated = {kind: [one["algorithm"] for one in found[kind]] for kind in kinds}
    # Not one to be chosen: it says that clients may be told more (RFC 8308, OpenSSH's strict key exchange).
    negotiated["kex"] = [one for one in negotiated["kex"] if not one.startswith(("ext-info-", "kex-strict-"))]
    assert negotiated == algorithms(DOCS / "ssh.md")
