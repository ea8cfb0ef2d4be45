"""Tests of addresses as people write them."""

from __future__ import annotations

import pytest

from chatroom.client.addresses import address, port_number, written


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("localhost", "localhost", 2428),
        ("chat.example.org:99", "chat.example.org", 99),
        ("127.0.0.1:2429", "127.0.0.1", 2429),
        ("[::1]", "::1", 2428),
        ("[::1]:2429", "::1", 2429),
        ("[fe80::1%eth0]:2429", "fe80::1%eth0", 2429),
        ("::1", "::1", 2428),
        ("fe80::1%eth0", "fe80::1%eth0", 2428),
        ("2001:db8::7", "2001:db8::7", 2428),
    ],
)
def test_an_address_is_a_host_and_perhaps_a_port(text: str, host: str, port: int):
    """IPv6 with brackets, or without them and a port."""
    assert address(text) == (host, port)


@pytest.mark.parametrize("text", ["", "a b", "host:", "host:port", "host:0", "host:65536", "[::1", "http://host"])
def test_what_is_no_address_is_refused(text: str):
    """With an example of one."""
    with pytest.raises(ValueError, match="is not a"):
        address(text)


@pytest.mark.parametrize("text", ["", "0", "65536", "-1", "+80", "2 4", "٢٤", "9" * 5000])
def test_what_is_no_port_is_refused(text: str):
    """Whatever its digits."""
    with pytest.raises(ValueError, match="is not a port"):
        port_number(text)


def test_an_address_is_written_as_it_is_read():
    """With brackets around what has colons."""
    assert (written("localhost", 1), written("::1", 2)) == ("localhost:1", "[::1]:2")
