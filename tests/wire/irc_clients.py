"""IRC clients of others: how each is started, says a line, asks for the history, and how its log is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from .processes import Started, program, tool
from .terminals import Terminals

ROOT = Path(__file__).parents[2]
HISTORY = "CHATHISTORY LATEST #lobby * 50"


class IrcClient:
    """
    One program, which joins #lobby, and comes back by itself; use it in a ``with`` statement, which ends it.

    :param port: the server's.
    :param folder: where it keeps its files; it is empty.
    """

    nick: ClassVar[str]
    spoken = "{}"
    """What somebody in the room says so that a program repeats the rest; for clients of people, what they type."""
    past = "{}"
    """How it shows what somebody has said before."""
    obeys = False
    """Whether it is such a program."""
    given = False
    """Whether the server gives it the last lines unasked, because it knows that they are past."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port = port
        self.folder = folder

    def command(self) -> Sequence[str | Path]:
        """Write its settings, and return the command that starts it."""
        raise NotImplementedError

    def environment(self) -> Mapping[str, str | None]:
        """Return the variables that it needs."""
        return {}

    def start(self) -> None:
        """Start it."""
        self.started = Started(self.command(), self.folder, {"HOME": str(self.folder), **self.environment()})

    def types(self, line: str) -> None:
        """Type *line* in #lobby, which a program cannot."""
        raise NotImplementedError

    def sends(self, line: str) -> None:
        """Send *line* to the server as it is."""
        raise NotImplementedError

    def asks_for_history(self, ask: Callable[[str], None]) -> None:
        """Ask for what was said before; *ask* says something to a program."""
        self.sends(HISTORY)

    @property
    def log(self) -> str:
        """What it has shown so far."""
        return self.started.output

    def ends(self) -> None:
        """End it."""
        self.started.__exit__(None, None, None)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            print(f"{self.nick} has shown:\n{self.log}")
        self.ends()

    def write(self, name: str, text: str) -> Path:
        """Write *text* into the file *name* of its folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def logs(self, pattern: str) -> str:
        """Return what the files have that match *pattern*."""
        return "".join(path.read_text("utf-8", "replace") for path in sorted(self.folder.glob(pattern)))


class WeeChat(IrcClient):
    """WeeChat without a screen; typed into by its pipe."""

    nick = "weechat"

    def command(self) -> Sequence[str | Path]:
        words = [
            "/set logger.file.flush_delay 0",
            f"/set logger.file.path {self.folder}/logs",
            f"/set fifo.file.path {self.folder}/typed",
            "/fifo enable",
            f"/server add chat 127.0.0.1/{self.port} -nicks={self.nick} -autojoin=#lobby -autoreconnect_delay=1",
            "/connect chat",
        ]
        runs = [word for one in words for word in ("-r", one)]
        return [program("weechat-headless"), "--dir", self.folder / "weechat", "--stdout", *runs]

    def types(self, line: str) -> None:
        with (self.folder / "typed").open("w", encoding="utf-8") as pipe:
            pipe.write(f"irc.chat.#lobby *{line}\n")

    def sends(self, line: str) -> None:
        self.types(f"/quote {line}")

    @property
    def log(self) -> str:
        return self.logs("logs/*#lobby*")


IRSSI = """
servers = ({{ address = "127.0.0.1"; chatnet = "chat"; port = "{port}"; autoconnect = "yes"; use_tls = "no"; }});
chatnets = {{ chat = {{ type = "IRC"; nick = "{nick}"; }}; }};
channels = ({{ name = "#lobby"; chatnet = "chat"; autojoin = "yes"; }});
settings = {{
  core = {{ server_reconnect_time = "1s"; }};
  "irc/core" = {{ cmd_queue_speed = "1msec"; }};
  "fe-common/core" = {{ autolog = "yes"; autolog_path = "{home}/logs/$0.log"; }};
}};
"""


class Irssi(IrcClient):
    """irssi in a terminal."""

    nick = "irssi"

    def command(self) -> Sequence[str]:
        home = self.folder / "irssi"
        self.write("irssi/config", IRSSI.format(port=self.port, nick=self.nick, home=self.folder))
        return [program("irssi"), f"--home={home}"]

    def start(self) -> None:
        self._terminals = Terminals(self.folder).__enter__()
        self.window = self._terminals.open("irssi", *self.command())

    def types(self, line: str) -> None:
        self.window.type("/window goto #lobby")
        self.window.type(line)

    def sends(self, line: str) -> None:
        self.types(f"/quote {line}")

    @property
    def log(self) -> str:
        return self.logs("logs/#lobby*") or self.window.screen

    def ends(self) -> None:
        self._terminals.__exit__(None, None, None)


class Ii(IrcClient):
    """ii, whose channels are folders; it ends with the connection, so that people start it in a loop."""

    nick = "files"

    def command(self) -> Sequence[str]:
        ii = f"{program('ii')} -i {self.folder}/irc -s 127.0.0.1 -p {self.port} -n {self.nick}"
        joins = f"echo '/j #lobby' >{self.folder}/irc/127.0.0.1/in"
        return ["sh", "-c", f"while true; do (sleep 1; {joins}) & {ii}; kill $!; sleep 0.2; done"]

    def types(self, line: str) -> None:
        with (self.folder / "irc/127.0.0.1/#lobby/in").open("w", encoding="utf-8") as fifo:
            fifo.write(f"{line}\n")

    def sends(self, line: str) -> None:
        self.types(f"/{line}")

    @property
    def log(self) -> str:
        return self.logs("irc/127.0.0.1/#lobby/out")


class Scripted(IrcClient):
    """A script of ours with somebody's library, which sends what it reads and prints what is said."""

    script: ClassVar[str]
    interpreter: ClassVar[Sequence[str]]

    def command(self) -> Sequence[str | Path]:
        return [*self.interpreter_here(), self.write("script", self.script), str(self.port), self.nick]

    def interpreter_here(self) -> Sequence[str | Path]:
        """Return what runs the script."""
        raise NotImplementedError

    def types(self, line: str) -> None:
        self.sends(f"PRIVMSG #lobby :{line}")

    def sends(self, line: str) -> None:
        self.started.type(f"{line}\n")


class PythonIrc(Scripted):
    """Python's ``irc``, as a bot that reconnects."""

    nick = "snake"
    script = """
import sys, threading
from irc.bot import ExponentialBackoff, SingleServerIRCBot
class Bot(SingleServerIRCBot):
    def on_welcome(self, connection, event):
        connection.join("#lobby")
    def on_pubmsg(self, connection, event):
        print(f"<{event.source.nick}> {event.arguments[0]}", flush=True)
strategy = ExponentialBackoff(min_interval=1, max_interval=1)
bot = Bot([("127.0.0.1", int(sys.argv[1]))], sys.argv[2], "Snake", recon=strategy)
def read():
    for line in sys.stdin:
        bot.connection.send_raw(line.strip())
threading.Thread(target=read, daemon=True).start()
bot.start()
"""

    def interpreter_here(self) -> Sequence[Path]:
        return [tool("irc", "bin/python")]


class IrcFramework(Scripted):
    """irc-framework, of which The Lounge and Kiwi IRC are made."""

    nick = "lounge"
    past = "past <dan> {}"
    script = """
const irc = require("irc-framework");
const bot = new irc.Client();
bot.requestCap(["draft/chathistory", "draft/message-redaction"]);
bot.connect({ host: "127.0.0.1", port: Number(process.argv[2]), nick: process.argv[3], auto_reconnect: false });
bot.on("close", () => setTimeout(() => bot.connect(), 500));
bot.on("registered", () => bot.join("#lobby"));
bot.on("message", ({ batch, nick, message }) => console.log(`${batch ? "past " : ""}<${nick}> ${message}`));
require("readline").createInterface(process.stdin).on("line", (line) => bot.raw(line));
"""

    def interpreter_here(self) -> Sequence[str]:
        return [program("node")]

    def environment(self) -> Mapping[str, str | None]:
        return {"NODE_PATH": str(tool("irc-framework", "lib/node_modules"))}


class Sopel(IrcClient):
    """A Sopel bot with a plugin of two commands."""

    nick = "sopel"
    spoken = ".say {}"
    obeys = True
    settings = """
[core]
nick = sopel
host = 127.0.0.1
port = {port}
use_ssl = false
owner = dan
channels = "#lobby"
homedir = {home}
extra = {home}
enable = repeat
flood_burst_lines = 100
flood_empty_wait = 0
log_raw = true
"""
    plugin = """
from sopel import plugin
@plugin.command("say")
def say(bot, trigger):
    bot.say(trigger.group(2))
@plugin.command("past")
def past(bot, trigger):
    bot.write(("CHATHISTORY", "LATEST", "#lobby", "*", "50"))
"""
    runner = """
import os, sys, time
# It refuses to run as root, which a test may be, and waits for 20 seconds before it connects again.
os.getuid = os.geteuid = lambda: 1000
import sopel.cli.run as run
sleep = time.sleep
time.sleep = lambda seconds: sleep(min(seconds, 1))
sys.exit(run.main())
"""

    def command(self) -> Sequence[str | Path]:
        self.write("repeat.py", self.plugin)
        config = self.write("default.cfg", self.settings.format(port=self.port, home=self.folder))
        return [tool("sopel", "bin/python"), "-c", self.runner, "start", "-c", config]

    def asks_for_history(self, ask: Callable[[str], None]) -> None:
        ask(".past")

    @property
    def log(self) -> str:
        return self.logs("logs/*raw*")


class Limnoria(IrcClient):
    """A Limnoria bot, which repeats what ``@echo`` asks for."""

    nick = "limnoria"
    spoken = "@echo {}"
    obeys = given = True
    settings = """
supybot.nick: limnoria
supybot.networks: chat
supybot.networks.chat.servers: 127.0.0.1:{port}
supybot.networks.chat.ssl: False
supybot.networks.chat.channels: #lobby
supybot.reply.whenAddressedBy.chars: @
supybot.drivers.minReconnectWait: 1
supybot.drivers.maxReconnectWait: 1
supybot.protocols.irc.throttleTime: 0
supybot.plugins: Misc Utilities ChannelLogger
supybot.plugins.Misc: True
supybot.plugins.Utilities: True
supybot.plugins.ChannelLogger: True
supybot.plugins.ChannelLogger.flushImmediately: True
"""

    def command(self) -> Sequence[str | Path]:
        config = self.write("bot.conf", self.settings.format(port=self.port))
        return [tool("limnoria", "bin/supybot"), "--allow-root", config]

    def asks_for_history(self, ask: Callable[[str], None]) -> None:
        """Ask for nothing: it was given."""

    @property
    def log(self) -> str:
        return self.logs("logs/**/#lobby*.log")


CLIENTS: Mapping[str, type[IrcClient]] = {
    "weechat": WeeChat,
    "irssi": Irssi,
    "ii": Ii,
    "python-irc": PythonIrc,
    "irc-framework": IrcFramework,
    "sopel": Sopel,
    "limnoria": Limnoria,
}
