"""The addresses of this machine."""

from __future__ import annotations

import socket

from chatroom.server.own_addresses import MOST, in_order, own_addresses

FOUND = [
    "127.0.0.1",
    "::1",
    "172.17.0.1",
    "192.168.1.7",
    "fe80::1",
    "169.254.3.4",
    "fd00::7",
    "2001:db8::7",
    "10.0.0.2",
]


def test_only_addresses_that_others_can_use_are_told_and_each_once():
    assert in_order([*FOUND, *FOUND]) == ["172.17.0.1", "192.168.1.7", "10.0.0.2", "fd00::7", "2001:db8::7"]
    assert in_order(["127.0.0.1", "::1", "fe80::1%eth0", "0.0.0.0"]) == []


def test_the_way_out_comes_first():
    assert in_order(FOUND, ["192.168.1.7", "2001:db8::7"])[0] == "192.168.1.7"
    assert in_order(FOUND, ["192.168.1.7", "2001:db8::7"])[3:] == ["2001:db8::7", "fd00::7"]
    assert in_order(FOUND, [None, None]) == in_order(FOUND)


def test_of_many_addresses_only_some_are_told():
    assert len(in_order(f"10.0.0.{number}" for number in range(1, 200))) == MOST


def test_no_name_is_looked_up(monkeypatch):
    def asked(*_):
        raise AssertionError("a name server would be asked")

    for name in ("getaddrinfo", "gethostbyname", "gethostbyaddr", "getfqdn"):
        monkeypatch.setattr(socket, name, asked)

    assert all("127." not in address for address in own_addresses())
