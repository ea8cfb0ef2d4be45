"""Scripts at a real server: the commands of the README, real senders, and a checker of the description."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from .kinds import ONE, everywhere, made_as, with_doors
from .processes import Started, program, run, wait_until
from .server import Server

pytestmark = pytest.mark.slow

README = (Path(__file__).parent.parent.parent / "README.md").read_text("utf-8")
CURLS = re.findall(r"^curl .*$", README, re.MULTILINE)

ALERTMANAGER = """
route: {{ receiver: chat, group_wait: 0s }}
receivers:
  - name: chat
    slack_configs:
      - api_url: http://127.0.0.1:{port}/hooks/{token}
        channel: "#ops"
"""

SCHEMATHESIS = """
headers = {{ Authorization = "Bearer {token}" }}
seed = 1

[parameters]
"query.follow" = false
"path.token" = "{token}"

# That a text can be seen, or a room can have a name, no schema can say.
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 400, 404, 413]

[checks.negative_data_rejection]
expected-statuses = ["4xx"]
"""


@pytest.fixture
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A running server with an account."""
    made = made_as(getattr(request, "param", ONE), request, tmp_path)
    admin(made, "account", "add", "ann", typed="correct horse\n")
    with made as running:
        yield running


def admin(server: Server, *words: str, typed: str = "") -> str:
    """Run ``chatroom-admin`` on the data of *server*."""
    return run([sys.executable, "-m", "chatroom.admin", *server.store, *words], typed, cwd=server.folder)


def token(server: Server, *scope: str) -> str:
    """Make a token, and wait until the running server knows it."""
    secret = admin(server, "token", "add", "ann", "build", *scope).strip()
    path = f"http://127.0.0.1:{server.port}/rooms/{scope[0] if scope else 'lobby'}/messages"
    wait_until(lambda: '"refused"' not in curl(secret, path), "the server never learns of the token")
    return secret


def curl(secret: str, *words: str) -> str:
    """Run curl with a token."""
    return run([program("curl"), "-sS", "-H", f"Authorization: Bearer {secret}", *words])


def texts(server: Server, secret: str, room: str = "lobby") -> list[str]:
    """What was said in *room*, with who said it."""
    page = json.loads(curl(secret, f"http://127.0.0.1:{server.port}/rooms/{room}/messages"))
    return [f"<{one['nick']}> {one['text']}" for one in page["messages"]]


def paste(command: str, server: Server, secret: str) -> subprocess.CompletedProcess[str]:
    """Run *command* of the README in a shell, at the port of *server*."""
    assert "localhost:2428" in command
    program("curl")
    return subprocess.run(
        ["bash", "-c", command.replace("localhost:2428", f"127.0.0.1:{server.port}")],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={**os.environ, "TOKEN": secret},
    )


@everywhere
def test_the_five_commands_of_the_readme_work(server: Server):
    secret = token(server)
    post, twice, read, follow, hook = CURLS
    assert json.loads(paste(post, server, secret).stdout) == {"room": "lobby", "seq": 1}
    for _ in range(2):
        assert json.loads(paste(twice, server, secret).stdout) == {"room": "lobby", "seq": 2}
    assert paste(hook, server, secret).stdout == "ok"
    lines = paste(read, server, secret).stdout.splitlines()
    assert [line[6:] for line in lines] == [
        *("<build (bot)> build ok", "<build (bot)> build ok", "<build (monitoring)> disk full")
    ]
    followed = paste(f"timeout 1 {follow}?after=2", server, secret).stdout
    assert '"text":"disk full"' in followed and followed.startswith("id: 2\n\nid: 3\ndata: {")


@with_doors
def test_a_follower_misses_nothing_over_restarts(server: Server):
    secret = token(server)
    path = f"http://127.0.0.1:{server.port}/rooms/lobby"
    last, seqs = "0", []
    for turn in range(3):
        with Started(
            [
                *(program("curl"), "-sS", "-N", "-H", f"Authorization: Bearer {secret}"),
                *("-H", f"Last-Event-ID: {last}", f"{path}/events"),
            ]
        ) as following:
            for n in range(5):
                curl(secret, "-d", f"{turn} {n}", f"{path}/messages")
            following.until(f'"text":"{turn} 4"')
            (server.kill if turn % 2 else server.stop)()
            following.ended()
            found = re.findall(r"^id: (\d+)\ndata: ", following.output, re.MULTILINE)
        seqs += list(map(int, found))
        last = found[-1]
        server.start()
        curl(secret, "-d", f"between {turn}", f"{path}/messages")

    assert seqs == list(range(1, len(seqs) + 1)) and len(seqs) == 17


def test_alertmanager_posts_through_the_webhook(server: Server, tmp_path: Path):
    found = program("prometheus-alertmanager")
    secret = token(server, "ops")
    config = tmp_path / "alertmanager.yml"
    config.write_text(ALERTMANAGER.format(port=server.port, token=secret), "utf-8")
    command: Sequence[str | Path] = (
        *(found, f"--config.file={config}", f"--storage.path={tmp_path / 'alerts'}"),
        *("--web.listen-address=127.0.0.1:0", "--cluster.listen-address="),
    )
    with Started(command) as alertmanager:
        port = alertmanager.until(r"[Ll]isten.*?127\.0\.0\.1:(\d\d+)")[1]
        alert = [{"labels": {"alertname": "DiskFull", "host": "db1"}, "annotations": {"summary": "no space left"}}]
        wait_until(
            lambda: (
                not run([program("curl"), "-s", "--json", json.dumps(alert), f"http://127.0.0.1:{port}/api/v2/alerts"])
            ),
            "Alertmanager takes no alert",
        )
        wait_until(lambda: texts(server, secret, "ops"), lambda: alertmanager.output, seconds=45)
        [said] = texts(server, secret, "ops")
        assert said.startswith("<build (Alertmanager)> ") and "DiskFull" in said
        time.sleep(0.5)
        assert len(texts(server, secret, "ops")) == 1 and "level=error" not in alertmanager.output


def test_apprise_posts_through_the_webhook(server: Server):
    found = program("apprise")
    secret = token(server)
    output = run(
        [
            *(found, "-vv", "-t", "nightly", "-b", "backup done"),
            f"mmost://127.0.0.1:{server.port}/{secret}?channel=ops",
        ]
    )

    assert "Sent Mattermost" in output and "- ERROR -" not in output, output
    [said] = texts(server, secret, "ops")
    assert "backup done" in said and "nightly" in said and said.startswith("<build")


def test_the_description_is_what_the_server_does(server: Server, tmp_path: Path):
    found = program("schemathesis")
    config = tmp_path / "schemathesis.toml"
    config.write_text(SCHEMATHESIS.format(token=token(server)), "utf-8")
    with Started(
        [
            *(found, "--config-file", config, "run", f"http://127.0.0.1:{server.port}/openapi.json"),
            *("--max-examples", "50", "--request-timeout", "10", "--no-color", "--generation-database", "none"),
        ],
        cwd=tmp_path,
    ) as checking:
        checking.end_input()
        assert checking.ended(100) == 0, checking.output
    assert "Traceback" not in server.log, server.log
