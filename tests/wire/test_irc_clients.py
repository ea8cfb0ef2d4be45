"""IRC clients that others have written: they join, talk, survive a restart, and find what was said before."""

from __future__ import annotations

from pathlib import Path

import pytest

from .clients import TextClient
from .irc_clients import CLIENTS, IrcClient, Irssi
from .processes import PATIENCE, Started, program, tool, wait_until
from .server import Server
from .test_web import Tab

pytestmark = pytest.mark.slow


@pytest.fixture
def client(request: pytest.FixtureRequest, server: Server, tmp_path: Path) -> IrcClient:
    """One of the clients, which has not been started."""
    folder = tmp_path / request.param
    folder.mkdir()
    return CLIENTS[request.param](server.port, folder)


def says(client: IrcClient, text: str, person: TextClient) -> None:
    """Let *client* say *text*; a program is asked by *person*, again and again, for it looks around first."""
    if not client.obeys:
        client.types(text)
        person.until(f"<{client.nick}> {text}")
        return
    for tries in reversed(range(6)):
        person.type(client.spoken.format(text))
        try:
            person.until(f"<{client.nick}> {text}", seconds=PATIENCE / 3)
        except AssertionError:
            if not tries:
                raise
        else:
            return


def shows(client: IrcClient, *texts: str) -> None:
    """Wait until *client* has shown *texts*."""
    for text in texts:
        wait_until(lambda text=text: text in client.log, lambda text=text: f"no {text!r} in:\n{client.log}")


def is_in_lobby(tab: Tab, nick: str) -> bool:
    """Ask whether *nick* is in the lobby."""
    tab.asks("who", room="lobby")
    return nick in (person["nick"] for person in tab.until("who")[-1]["people"])


@pytest.mark.timeout(120)
@pytest.mark.parametrize("client", CLIENTS, indirect=True)
def test_a_client_talks_comes_back_after_a_restart_and_finds_the_history(client: IrcClient, server: Server):
    nick = client.nick
    with TextClient(server.port, "dan") as dan, Tab(server.port, "eve") as page:
        dan.type("said before")
        dan.type(client.spoken.format("long ago"))
        with client:
            dan.until(f"-- {nick} joined #lobby", seconds=2 * PATIENCE)
            dan.type("hello from nc")
            page.asks("say", text="hello from the page", room="lobby")
            shows(client, "hello from nc", "hello from the page")
            says(client, "hello from here", dan)
            page.until("said", nick=nick, text="hello from here")
            assert client.given or "said before" not in client.log, "it would take that for new"

            server.stop()
            server.start()
            with Tab(server.port, "fay") as tab, TextClient(server.port, "carol") as carol:
                if not is_in_lobby(tab, nick):
                    tab.until("joined", nick=nick)
                tab.asks("say", text="welcome back", room="lobby")
                shows(client, "welcome back")
                says(client, "here again", carol)
                client.asks_for_history(carol.type)
                shows(client, client.past.format("said before"))
                carol.type("/history 50")
                past = carol.lines_until("-- End of history")
                assert not any(f"<{nick}> long ago" in line for line in past[:-2]), "it has answered what was past"


def test_somebody_with_irssi_does_what_people_do(server: Server, tmp_path: Path):
    with Irssi(server.port, tmp_path) as client, TextClient(server.port, "dan") as dan:
        irssi = client.window
        irssi.until("Act: 2")
        irssi.press("M-2")
        irssi.until("Irssi: Join to #lobby was synced")
        dan.type("hello from nc")
        irssi.until("<.?dan> hello from nc")
        irssi.type("/me waves")
        dan.until("* irssi waves")
        dan.type("/msg irssi psst")
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
        dan.until("You were kicked from #den by irssi")
        dan.type("/join lobby")
        irssi.type("/quit bye")
        dan.until("-- irssi left #lobby")


KIWI = """
const irc = require("irc-framework");
const bot = new irc.Client({ transport: require("irc-framework/src/transports/websocket") });
bot.connect({ host: "localhost", port: Number(process.argv[2]), path: process.argv[3], nick: "kiwi" });
bot.on("registered", () => bot.join("#lobby"));
bot.on("join", (event) => event.nick === "kiwi" && bot.say("#lobby", "hello from the framework"));
bot.on("message", (event) => {
    console.log("heard", event.nick, event.message);
    bot.quit("bye");
});
bot.on("close", () => console.log("closed"));
"""


@pytest.mark.parametrize("path", ["", "/ws"])
def test_the_same_over_a_websocket_is_what_kiwi_is_made_of(server: Server, tmp_path: Path, path: str):
    environment = {"NODE_PATH": str(tool("irc-framework", "lib/node_modules"))}
    script = tmp_path / "client.js"
    script.write_text(KIWI)
    command = [program("node"), "--experimental-websocket", script, str(server.port), path]
    with TextClient(server.port, "dan") as dan, Started(command, tmp_path, environment) as bot:
        dan.until("<kiwi> hello from the framework")
        dan.type("hello from nc")
        bot.until("heard dan hello from nc")
        dan.until("-- kiwi left #lobby")
        bot.until("closed")
