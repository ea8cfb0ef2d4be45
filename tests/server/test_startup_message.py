"""The startup message."""

from __future__ import annotations

import pytest
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress

from chatroom.server.startup_message import client_command, page_for_others, startup_message
from tests.stand_ins import Port


@pytest.mark.parametrize(
    ("addresses", "listening", "joining"),
    [
        (
            [IPv4Address("TCP", "127.0.0.1", 2428), IPv6Address("TCP", "::1", 2428)],
            "127.0.0.1:2428, [::1]:2428",
            [
                "nc localhost 2428",
                "telnet localhost 2428",
                "ssh -p 2428 NICK@localhost",
                "chatroom",
                "http://localhost:2428/",
            ],
        ),
        (
            [IPv4Address("TCP", "127.0.0.1", 4000)],
            "127.0.0.1:4000",
            [
                *(
                    "nc localhost 4000",
                    "telnet localhost 4000",
                    "ssh -p 4000 NICK@localhost",
                    "chatroom localhost:4000",
                ),
                "http://localhost:4000/",
            ],
        ),
        (
            [IPv4Address("TCP", "203.0.113.5", 2428)],
            "203.0.113.5:2428",
            [
                *("nc 203.0.113.5 2428", "telnet 203.0.113.5 2428", "ssh -p 2428 NICK@203.0.113.5"),
                *("chatroom 203.0.113.5", "http://203.0.113.5:2428/"),
            ],
        ),
        (
            [IPv6Address("TCP", "2001:db8::5", 2428)],
            "[2001:db8::5]:2428",
            [
                *("nc 2001:db8::5 2428", "telnet 2001:db8::5 2428", "ssh -p 2428 NICK@2001:db8::5"),
                *("chatroom 2001:db8::5", "http://[2001:db8::5]:2428/"),
            ],
        ),
    ],
)
def test_the_very_commands_to_join_are_told(addresses, listening, joining):
    lines = startup_message([Port(address) for address in addresses], "/srv/chat", 0, "chatroom")

    assert lines == [
        f"Listening on {listening}.",
        "Storing everything in /srv/chat.",
        f"Join with:  {'   '.join(joining)}",
    ]


@pytest.mark.parametrize(
    ("host", "names", "secure", "joining"),
    [
        ("127.0.0.1", ["localhost"], False, "nc localhost 2428   telnet localhost 2428   SSH   chatroom --tls"),
        (
            *("127.0.0.1", ["*.example", "chat.example", "x.example"], False),
            "nc localhost 2428   telnet localhost 2428   SSH   chatroom --tls chat.example",
        ),
        ("203.0.113.5", ["chat.example", "203.0.113.5"], True, "chatroom --tls 203.0.113.5"),
        ("203.0.113.5", ["chat.example"], True, "chatroom --tls chat.example"),
        ("127.0.0.1", [], True, "chatroom --tls"),
        ("192.0.2.1", ["2001:db8::7"], True, "chatroom --tls 2001:db8::7"),
    ],
)
def test_with_a_certificate_the_name_that_it_has_is_told(host, names, secure, joining):
    ports = [Port(IPv4Address("TCP", host, 2428))]

    line = startup_message(ports, "/srv/chat", 0, "chatroom", names, secure)[-1]

    name = joining.partition("--tls")[2].strip() or "localhost"
    site = f"[{name}]:2428" if ":" in name else f"{name}:2428"
    first = f"openssl s_client -quiet -connect {site}   " if secure else ""
    ssh = f"ssh -p 2428 NICK@{'localhost' if host == '127.0.0.1' else host}"
    joining = joining.replace("SSH", ssh) if "SSH" in joining else f"{ssh}   {joining}"
    assert line == f"Join with:  {first}{joining}   https://{site}/"


def test_the_clients_command_is_told_as_it_can_be_typed(tmp_path):
    server = tmp_path / "twistd"
    assert client_command(str(server), None) == "chatroom"

    (tmp_path / "chatroom").touch()
    assert client_command(str(server), None) == str(tmp_path / "chatroom")
    assert client_command(str(server), "/usr/bin/chatroom") == "chatroom"


def _joining(host, port, ours):
    return [
        f"Join with:  nc {host} {port}   telnet {host} {port}   ssh -p {port} NICK@{host}   {ours}   http://{host}:{port}/"
    ]


OWN = ["192.168.1.7", "10.8.0.2", "2001:db8::7"]
"""The addresses of a machine, the best first."""


@pytest.mark.parametrize(
    ("address", "joining"),
    [
        (
            IPv4Address("TCP", "0.0.0.0", 2428),
            [
                *_joining("192.168.1.7", 2428, "chatroom 192.168.1.7"),
                "Also at:  10.8.0.2",
            ],
        ),
        (
            IPv6Address("TCP", "::", 4440),
            [
                *_joining("192.168.1.7", 4440, "chatroom 192.168.1.7:4440"),
                "Also at:  10.8.0.2   2001:db8::7",
            ],
        ),
    ],
)
def test_listening_everywhere_the_addresses_of_this_machine_are_told_and_no_name(address, joining):
    assert startup_message([Port(address)], "/srv/chat", 0, "chatroom", own=OWN)[2:] == joining


def test_a_machine_without_a_network_is_reached_from_itself():
    ports = [Port(IPv6Address("TCP", "::", 2428))]

    line = startup_message(ports, "/srv/chat", 0, "chatroom")[-1]

    assert line.endswith("chatroom   http://localhost:2428/") and page_for_others(ports) is None


@pytest.mark.parametrize(
    ("hosts", "names", "page"),
    [
        (["127.0.0.1", "::1"], None, None),
        (["127.0.0.1", "192.168.1.7"], None, "http://192.168.1.7:2428/"),
        (["::"], None, "http://192.168.1.7:2428/"),
        (["2001:db8::7"], None, "http://[2001:db8::7]:2428/"),
        (["::"], ["*.example", "chat.example"], "https://chat.example:2428/"),
    ],
)
def test_the_page_for_others_is_where_they_can_reach_it(hosts, names, page):
    kinds = [IPv6Address if ":" in host else IPv4Address for host in hosts]
    ports = [Port(kind("TCP", host, 2428)) for kind, host in zip(kinds, hosts, strict=True)]

    assert page_for_others([Port(UNIXAddress(b"/run/chat")), *ports], names, OWN) == page


@pytest.mark.parametrize(("left", "people"), [(1, "1 person was"), (3, "3 people were")])
def test_a_bad_end_of_the_last_run_is_told(left, people):
    assert startup_message([], "/srv/chat", left, "chatroom")[-1] == (
        f"The last run ended without shutting down; {people} marked as disconnected."
    )


def test_a_socket_of_this_machine_is_named_but_cannot_be_joined_with_nc():
    lines = startup_message([Port(UNIXAddress(b"/run/chat")), Port(UNIXAddress(b""))], "x", 0, "chatroom")

    assert lines[0].startswith("Listening on /run/chat, ") and not any("Join" in line for line in lines)


@pytest.mark.parametrize(
    ("ports", "doors", "house", "lines"),
    [
        (1, 2, True, ["Listening on 127.0.0.1:2428.", "Running 3 processes: the house and 2 doors."]),
        (1, 1, False, ["Listening on 127.0.0.1:2428.", "Running 1 door; the house is on another machine."]),
        (0, 0, True, ["Listening on no port for people."]),
    ],
)
def test_which_processes_run_here_is_told(ports, doors, house, lines):
    here = [Port(IPv4Address("TCP", "127.0.0.1", 2428))] * ports
    found = startup_message(here, "the database x", 0, "chatroom", doors=doors, house=house)
    assert [found[0], *found[2:3]][: len(lines)] == lines
    assert ports or len(found) == 2
