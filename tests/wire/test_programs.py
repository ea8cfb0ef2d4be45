"""The first lesson: nc, telnet and our client on terminals, with the server on another."""

from __future__ import annotations

from pathlib import Path

from .processes import program
from .terminals import Terminal, Terminals

BYE = "The server is shutting down: .*[.] You have been disconnected[.]$"


def start(terminals: Terminals, name: str, port: int) -> tuple[Terminal, int]:
    server = terminals.open(
        name,
        *(program("twistd"), "-n", "--pidfile=", "chatroom", "--data", "data"),
        *("--listen", f"tcp:{port}:interface=127.0.0.1"),
    )
    port = int(server.until(r"Listening on 127\.0\.0\.1:(\d+)")[1])
    server.until("Join with")
    return server, port


def join(terminals: Terminals, name: str, port: int, nick: str) -> Terminal:
    terminal = terminals.open(name, program(name.split("-")[0]), "localhost", str(port))
    terminal.until("What is your nick[?]$")
    terminal.type(nick)
    terminal.until(f"-- Welcome, {nick}[.]")
    terminal.until("-- You are in #lobby[.]")
    return terminal


def test_nc_telnet_and_the_client_chat_through_a_restart_and_leave(tmp_path: Path):
    with Terminals(tmp_path) as terminals:
        server, port = start(terminals, "server", 0)
        nc = join(terminals, "nc", port, "ann")
        telnet = join(terminals, "telnet", port, "bob")
        client = terminals.open("chatroom", program("chatroom"), f"localhost:{port}", "--nick", "eve")
        client.until("You are in #lobby[.] 3 people: ann, bob and eve[.]")
        nc.until("-- eve joined #lobby$")

        nc.type("hello from nc")
        telnet.until("<ann> hello from nc$")
        client.until("<ann> hello from nc$")
        telnet.type("hello from telnet")
        nc.until("<bob> hello from telnet$")
        client.until("<bob> hello from telnet$")
        client.type("grüße from the client")
        nc.until("<eve> grüße from the client$")
        telnet.until("<eve> grüße from the client$")

        server.press("C-c")
        nc.until(f"^-- {BYE}")
        telnet.until(f"^-- {BYE}")
        client.until(f"-- {BYE}")
        assert server.ended() == 0
        # Once the server has hung up telnet ends, and nc when it is given something more to send.
        telnet.ended()

        # Our client comes back by itself, the others anew; what was said before is there.
        server, port = start(terminals, "server-again", port)
        nc = join(terminals, "nc-again", port, "ann")
        nc.until("<ann> hello from nc\n.*<bob> hello from telnet\n.*<eve> grüße from the client$")
        telnet = join(terminals, "telnet-again", port, "bob")
        telnet.until("<ann> hello from nc\n.*<bob> hello from telnet\n.*<eve> grüße from the client$")
        client.until("-- Reconnected[.]\n(.*\n)*.*bob.* left #lobby .*\n(.*\n)*.*bob joined #lobby$")
        client.type("still here")
        nc.until("<eve> still here$")

        nc.type("exit")
        nc.until("^-- Goodbye[.]$")
        telnet.until("-- ann left #lobby$")
        client.until("-- ann left #lobby$")
        telnet.type("exit")
        telnet.until("^-- Goodbye[.]$")
        telnet.ended()
        client.until("-- bob left #lobby$")
        client.type("exit")
        assert client.ended() == 0
        server.press("C-c")
        assert server.ended() == 0


def test_ctrl_c_in_telnet_leaves_the_chat(tmp_path: Path):
    """Telnet sends what Ctrl-C means only after its user has made it read single characters."""
    with Terminals(tmp_path) as terminals:
        _, port = start(terminals, "server", 0)
        nc = join(terminals, "nc", port, "ann")
        telnet = join(terminals, "telnet", port, "bob")
        nc.until("-- bob joined #lobby$")
        telnet.press("C-]")
        telnet.until("^telnet>")
        telnet.type("send ip")
        telnet.until("^-- Goodbye[.]$")
        nc.until("-- bob left #lobby$")
        assert "�" not in nc.screen


def test_ctrl_d_at_the_prompt_of_the_client_leaves_the_chat(tmp_path: Path):
    with Terminals(tmp_path) as terminals:
        _, port = start(terminals, "server", 0)
        nc = join(terminals, "nc", port, "ann")
        client = terminals.open("chatroom", program("chatroom"), f"localhost:{port}", "--nick", "eve")
        client.until("You are in #lobby[.]")
        client.press("C-d")
        assert client.ended() == 0
        nc.until("-- eve left #lobby$")
