"""
Runs this server for irctest (github.com/progval/irctest), the conformance suite of IRC servers.

irctest imports this file by the name that ``--controller`` gives it: see ``run_irctest.py``.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from irctest.basecontrollers import BaseServerController, DirectoryBasedController  # type: ignore[import-not-found]
from irctest.cases import BaseServerTestCase  # type: ignore[import-not-found]
from irctest.runner import NotImplementedByController  # type: ignore[import-not-found]
from irctest.specifications import Capabilities, OptionalBehaviors  # type: ignore[import-not-found]

_SETTINGS = """
server-name = "My.Little.Server"
message-of-the-day = ["This server is being tested."]
rate = 0
login-within = 3600
max-per-address = 0
registrations = 1000
sessions-per-person = 100
shortest-password = 1
persons-per-address = 1000
"""

_ENDS_WITHIN = 30.0
"""Seconds for the server to end."""

_NEEDED = {"NETWORK", "PREFIX"}


@cache
def _data_with_admin(python: str) -> str:
    """Make a data folder with the account of an admin, once for all tests."""
    folder = str(Path(mkdtemp()) / "data")
    command = [python, "-m", "chatroom.admin", "--data", folder, "account", "add", "operuser", "--admin"]
    subprocess.run(command, input="operpassword\n", text=True, check=True, capture_output=True)
    return folder


class ChatroomController(BaseServerController, DirectoryBasedController):  # type: ignore[misc]
    """Starts one server for each test, in a folder of its own."""

    software_name = "chatroom"
    supported_sasl_mechanisms = {"PLAIN"}
    supports_sts = False
    extban_mute_char = None
    capabilities = frozenset(
        {
            Capabilities.ACCOUNT_NOTIFY,
            Capabilities.ACCOUNT_TAG,
            Capabilities.AWAY_NOTIFY,
            Capabilities.BATCH,
            Capabilities.ECHO_MESSAGE,
            Capabilities.EXTENDED_JOIN,
            Capabilities.EXTENDED_MONITOR,
            Capabilities.LABELED_RESPONSE,
            Capabilities.MESSAGE_REDACTION,
            Capabilities.MESSAGE_TAGS,
            Capabilities.MULTILINE,
            Capabilities.MULTI_PREFIX,
            Capabilities.SERVER_TIME,
            Capabilities.SETNAME,
        }
    )
    optional_behaviors = frozenset(
        {
            OptionalBehaviors.CAP_REQ_MINUS,
            OptionalBehaviors.INVITE_LIST,
            OptionalBehaviors.MULTI_JOIN,
            OptionalBehaviors.MULTI_KICK,
            OptionalBehaviors.MULTI_NAMES_COMMAND,
            OptionalBehaviors.MULTI_PRIVMSG,
            OptionalBehaviors.SASL_AFTER_REGISTRATION,
        }
    )
    isupport = {
        "BOT": "B",
        "ELIST": "CMNTU",
        "MONITOR": "100",
        "PREFIX": "(ov)@+",
        "STATUSMSG": "@+",
        "TARGMAX": "JOIN:,KICK:4,LIST:,NAMES:,NOTICE:4,PART:,PRIVMSG:4,WHOIS:1",
        "UTF8ONLY": None,
        "WHOX": None,
    }

    def run(
        self,
        hostname: str,
        port: int,
        *,
        password: str | None,
        ssl: bool,
        run_services: bool,
        faketime: str | None,
        websocket_hostname: str | None,
        websocket_port: int | None,
        **_: Any,
    ) -> None:
        """Start the server."""
        if (
            self.test_config.account_registration_before_connect
            or self.test_config.account_registration_requires_email
        ):
            raise NotImplementedByController("accounts before there is a nick, or with an address")
        if password is not None:
            raise NotImplementedByController("a password of the server")
        self.create_config()
        assert self.directory is not None
        self.hostname, self.port = hostname, port
        python = os.environ.get("CHATROOM_PYTHON", "python3")
        # A port for IRC only: a client that says nothing for a while is not greeted as a person there.
        places = [f"unix:{self.directory}/socket"]
        if websocket_hostname is not None:
            places.append(f"{websocket_hostname}:{websocket_port}")
            # These tests look for what one client says at another one, without waiting until it is stored.
            self.sync_sleep_time = 0.05
        settings = f'listen = {json.dumps(places)}\nlisten-irc = ["{hostname}:{port}"]\n{_SETTINGS}'
        if ssl:
            self.gen_ssl()
            settings += f'tls-cert = "{self.pem_path}"\ntls-key = "{self.key_path}"\n'
        config = Path(self.directory) / "chatroom.toml"
        config.write_text(settings)
        data = Path(self.directory) / "data"
        shutil.copytree(_data_with_admin(python), data)
        command = [Path(python).with_name("twistd"), "--nodaemon", "--pidfile="]
        library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
        if faketime and library is not None:
            # Otherwise its tests wait for minutes.
            self.faketime_enabled = True
            command = ["env", f"LD_PRELOAD={library}", f"FAKETIME={faketime}", *command]
        self.proc = self.execute([*command, "chatroom", "--config", str(config), "--data", str(data)])

    def kill_proc(self) -> None:
        """End the server, which may take more than the five seconds that it is given on a busy machine."""
        self.proc.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.proc.wait(_ENDS_WITHIN)
        super().kill_proc()

    def wait_for_port(self) -> None:
        """Wait until the server answers."""
        deadline = time.monotonic() + 20
        while not self.port_open:
            self.check_is_alive()
            try:
                socket.create_connection((self.hostname, self.port), 1).close()
                self.port_open = True
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def wait_for_services(self) -> None:
        """Do nothing: accounts are a part of the server."""
        self.wait_for_port()

    def registerUser(self, case: BaseServerTestCase, username: str, password: str | None = None) -> None:
        """Register the account *username*; what is too long for a line of IRC, at another door."""
        if password is not None and len(password) > 400:
            self.wait_for_port()
            with socket.socket(socket.AF_UNIX) as program:
                program.connect(f"{self.directory}/socket")
                for asked in (f'"hello", "nick": "{username}"', f'"register", "password": "{password}"', '"quit"'):
                    program.sendall(f'{{"type": {asked}}}\n'.encode())
                while program.recv(4096):
                    pass
            return
        client = case.addClient()
        case.sendLine(client, f"NICK {username}")
        case.sendLine(client, "USER r e g :user")
        while case.getRegistrationMessage(client).command != "001":
            pass
        case.getMessages(client)
        case.sendLine(client, f"PRIVMSG NickServ :REGISTER {password}")
        while not any(message.command == "900" for message in case.getMessages(client)):
            time.sleep(0.02)
        case.sendLine(client, "QUIT")
        case.assertDisconnected(client)


def get_irctest_controller_class() -> type[ChatroomController]:
    """Return the controller, as irctest asks for it."""
    return ChatroomController
