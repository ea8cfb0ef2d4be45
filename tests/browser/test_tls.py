"""The page over TLS, on the same port as unencrypted connections."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.wire.clients import JsonClient
from tests.wire.processes import program, run
from tests.wire.server import Server

from .people import People


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("secure")
    certify(folder)
    with Server(folder, "--rate", "0", "--tls-cert", "cert.pem", "--tls-key", "key.pem") as running:
        yield running


def certify(folder: Path) -> None:
    """Make a certificate for localhost that vouches for itself."""
    run(
        [
            *(program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "7"),
            *("-keyout", folder / "key.pem", "-out", folder / "cert.pem"),
        ]
    )


def test_a_browser_comes_over_tls_to_who_came_without(server: Server, people: People):
    people.url = f"https://localhost:{server.port}/"
    ann = people.open("ann", ignore_https_errors=True).joins("tea")
    with JsonClient(server.port, "bob", rooms=["tea"]) as bob:
        ann.says("over TLS")
        bob.until("said", text="over TLS")
        bob.ask("say", room="tea", text="without it")
        ann.sees("without it")


def test_the_page_is_there_in_both_ways_on_the_one_port(server: Server, people: People):
    carol = people.joins("carol", "tea")
    people.url = f"https://localhost:{server.port}/"
    dan = people.open("dan", ignore_https_errors=True).joins("tea")
    carol.says("hello")
    dan.sees("hello")
