"""IRC clients that others have written: they join, talk with people at other doors, and find what was said before."""

from __future__ import annotations

from pathlib import Path

import pytest

from .clients import TextClient
from .processes import PATIENCE, Started, program, tool, wait_until
from .server import Server
from .terminals import Terminals


@pytest.fixture
def server(tmp_path: Path):
    with Server(tmp_path).start() as server:
        yield server


def nc(server: Server, nick: str = "dan") -> TextClient:
    """Somebody with nc, in the lobby."""
    return TextClient(server.port, nick)


def test_irssi_talks_sees_a_kick_and_comes_back(server: Server, tmp_path: Path):
    with Terminals(tmp_path) as terminals, nc(server) as dan:
        where = ("-c", "127.0.0.1", "-p", str(server.port), "-n", "ann")
        irssi = terminals.open("irssi", program("irssi"), f"--home={tmp_path / 'irssi'}", *where)
        irssi.until("Connection to 127.0.0.1 established")
        irssi.until("There is no message of the day|End of MOTD")
        irssi.type("/join #lobby")
        dan.until("-- ann joined #lobby")
        irssi.type("hello from irssi")
        dan.until("<ann> hello from irssi")
        dan.type("hello from nc")
        irssi.until("<.?dan> hello from nc")
        irssi.type("/me waves")
        dan.until("* ann waves")
        dan.type("/msg ann psst")
        # In a window of its own.
        irssi.until(r"Act: \d*,?3")
        irssi.press("M-3")
        irssi.until("psst")
        irssi.type("/whois dan")
        irssi.until("End of WHOIS")
        irssi.type("/join #den")
        irssi.until("Irssi: #den: Total of 1 nicks")
        irssi.type("/topic Irssi's own")
        irssi.until("changed the topic of #den to: Irssi's own")
        dan.type("/join den")
        dan.until("-- Topic: Irssi's own")
        irssi.type("/kick dan enough")
        dan.until("You were kicked from #den by ann")
        dan.type("/join lobby")
        irssi.type("/quit bye")
        dan.until("-- ann left #lobby")


def weechat(server: Server, folder: Path, *commands: str) -> Started:
    words = [
        "/set logger.file.flush_delay 0",
        f"/set logger.file.path {folder}/logs",
        f"/server add chat 127.0.0.1/{server.port} -nicks=eve -autojoin=#lobby",
        "/connect chat",
        *commands,
    ]
    runs = [word for one in words for word in ("-r", one)]
    return Started([program("weechat-headless"), "--dir", folder / "weechat", "--stdout", *runs], folder)


def logged(folder: Path, name: str) -> str:
    found = [path.read_text("utf-8") for path in (folder / "logs").glob(f"*{name}*")]
    return "".join(found)


def test_weechat_talks_and_finds_its_nick_and_history_after_a_restart(server: Server, tmp_path: Path):
    with nc(server) as dan:
        said = "/wait 1s /command -buffer irc.chat.#lobby core /input insert hello from weechat\\x0d"
        with weechat(server, tmp_path, "/wait 2s /msg -server chat #lobby hello from weechat", said):
            dan.until("-- eve joined #lobby")
            dan.until("<eve> hello from weechat")
            dan.type("hello from nc")
            wait_until(lambda: "hello from nc" in logged(tmp_path, "#lobby"), lambda: logged(tmp_path, "#lobby"))
            server.stop()
            server.start()
            with nc(server, "carol") as carol:
                # It connects again by itself, after ten seconds.
                carol.until("-- eve joined #lobby", seconds=3 * PATIENCE)
                carol.type("/history")
                carol.until("<eve> hello from weechat")


def test_ii_is_files(server: Server, tmp_path: Path):
    folder = tmp_path / "ii"
    with (
        nc(server) as dan,
        Started([program("ii"), "-i", folder, "-s", "127.0.0.1", "-p", str(server.port), "-n", "files"], tmp_path),
    ):
        home = folder / "127.0.0.1"
        wait_until(
            lambda: (
                ((home / "in").exists() and "is your nick" in _text(home / "out")) or "Welcome" in _text(home / "out")
            ),
            lambda: _text(home / "out"),
        )
        _write(home / "in", "/j #lobby")
        dan.until("-- files joined #lobby")
        wait_until((home / "#lobby" / "in").exists, "no folder for the channel")
        _write(home / "#lobby" / "in", "hello from a file")
        dan.until("<files> hello from a file")
        dan.type("hello from nc")
        wait_until(
            lambda: "<dan> hello from nc" in _text(home / "#lobby" / "out"), lambda: _text(home / "#lobby" / "out")
        )


def _text(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""


def _write(path: Path, line: str) -> None:
    with path.open("w", encoding="utf-8") as fifo:
        fifo.write(f"{line}\n")


PYTHON_IRC = """
import sys
import irc.client
reactor = irc.client.Reactor()
connection = reactor.server().connect("127.0.0.1", int(sys.argv[1]), "snake")
def joined(connection, event):
    if event.source.nick == "snake":
        connection.privmsg("#lobby", "hello from python")
def said(connection, event):
    print(event.source.nick, event.arguments[0], flush=True)
    connection.quit("bye")
connection.add_global_handler("welcome", lambda connection, event: connection.join("#lobby"))
connection.add_global_handler("join", joined)
connection.add_global_handler("pubmsg", said)
connection.add_global_handler("disconnect", lambda connection, event: sys.exit(0))
reactor.process_forever()
"""


def test_a_bot_with_the_library_of_python(server: Server, tmp_path: Path):
    with nc(server) as dan, Started([tool("irc", "bin/python"), "-c", PYTHON_IRC, str(server.port)], tmp_path) as bot:
        dan.until("<snake> hello from python")
        dan.type("hello from nc")
        bot.until("dan hello from nc")
        dan.until("-- snake left #lobby")


IRC_FRAMEWORK = """
const irc = require("irc-framework");
const bot = new irc.Client();
bot.requestCap(["draft/chathistory", "draft/message-redaction"]);
bot.connect({ host: "127.0.0.1", port: Number(process.argv[2]), nick: "lounge", enable_chghost: true });
bot.on("registered", () => bot.join("#lobby"));
bot.on("join", (event) => {
    if (event.nick !== "lounge") return;
    bot.raw("CHATHISTORY", "LATEST", "#lobby", "*", "10");
    bot.say("#lobby", "hello from the framework");
});
bot.on("message", (event) => console.log(event.batch ? "past" : "now", event.nick, event.message, event.time > 0));
"""


def test_what_web_clients_are_made_of_finds_the_history(server: Server, tmp_path: Path):
    with nc(server) as dan:
        dan.type("said before")
        dan.type("/me did something before")
        environment = {"NODE_PATH": str(tool("irc-framework", "lib/node_modules"))}
        command = [program("node"), _script(tmp_path, IRC_FRAMEWORK), str(server.port)]
        with Started(command, tmp_path, environment) as bot:
            bot.until("past dan said before true")
            dan.until("<lounge> hello from the framework")
            dan.type("hello from nc")
            bot.until("now dan hello from nc true")


def _script(folder: Path, text: str) -> Path:
    path = folder / "client.js"
    path.write_text(text)
    return path


SOPEL = """
[core]
nick = sopel
host = 127.0.0.1
port = {port}
use_ssl = false
owner = dan
channels = "#lobby"
homedir = {home}
"""


SOPEL_AS_ANYBODY = """
import os, sys
# It refuses to run as root, which a test may be.
os.getuid = os.geteuid = lambda: 1000
from sopel.cli.run import main
sys.exit(main())
"""


def test_a_sopel_bot_answers(server: Server, tmp_path: Path):
    home = tmp_path / "sopel"
    home.mkdir()
    config = home / "default.cfg"
    config.write_text(SOPEL.format(port=server.port, home=home))
    command = [tool("sopel", "bin/python"), "-c", SOPEL_AS_ANYBODY, "start", "-c", config]
    with nc(server) as dan, Started(command, home):
        dan.until("-- sopel joined #lobby", seconds=3 * PATIENCE)
        _asks(dan, ".version", "<sopel> [version] Sopel v")


LIMNORIA = """
supybot.nick: limnoria
supybot.networks: chat
supybot.networks.chat.servers: 127.0.0.1:{port}
supybot.networks.chat.ssl: False
supybot.networks.chat.channels: #lobby
supybot.reply.whenAddressedBy.chars: @
supybot.plugins: Misc
supybot.plugins.Misc: True
"""


def test_a_limnoria_bot_answers(server: Server, tmp_path: Path):
    config = tmp_path / "bot.conf"
    config.write_text(LIMNORIA.format(port=server.port))
    with nc(server) as dan, Started([tool("limnoria", "bin/supybot"), "--allow-root", config], tmp_path):
        dan.until("-- limnoria joined #lobby", seconds=3 * PATIENCE)
        _asks(dan, "@list", "<limnoria> dan: ")


def _asks(person: TextClient, question: str, answer: str) -> None:
    """Ask a bot, again and again: it does not listen before it has looked around."""
    for _ in range(10):
        person.type(question)
        try:
            person.until(answer, seconds=PATIENCE / 3)
        except AssertionError:
            continue
        return
    pytest.fail(f"{question} was not answered")
