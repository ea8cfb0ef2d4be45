"""Scripts: programs that reach rooms over HTTP with a token."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.doors.web.asking import Answered, answers, request
from tests.house import HERE, House, LinePerson, Wire

PASSWORD = "correct horse"


def owner(house: House, nick: str = "ann") -> LinePerson:
    """Let somebody with an account join."""
    person: LinePerson = house.join(nick)
    person.types(f"/register {PASSWORD}")
    assert person.heard_of(f"Logged in as {nick}")
    return person


def token(person: LinePerson, name: str = "build", *scope: str) -> str:
    """Let *person* make a token, and return it."""
    person.types(" ".join(["/token add", name, *scope]))
    found = re.search(r"shown only now: ([a-z2-7]{32})$", "\n".join(person.lines), re.MULTILINE)
    assert found is not None, person.lines
    person.forget()
    return found[1]


class Script:
    """
    A program that asks over HTTP.

    :param secret: its token; None: it has none.
    """

    def __init__(self, house: House, secret: str | None, address: object = HERE) -> None:
        self.house = house
        self.secret = secret
        self.address = address

    def sends(self, method: str, path: str, body: bytes | None = None, **headers: str | None) -> Wire:
        """Send a request from a new connection."""
        if self.secret is not None:
            headers = {"authorization": f"Bearer {self.secret}", **headers}
        if body is not None:
            headers = {"content_length": str(len(body)), **headers}
        wire: Wire = self.house.connect(self.address)
        wire.carry(request(path, method, **headers) + (body or b""))
        self.settle()
        return wire

    def settle(self) -> None:
        """Let everything happen that a request needs: look up a room, commit, show."""
        for _ in range(10):
            self.house.settle()

    def asks(self, method: str, path: str, body: bytes | None = None, **headers: str | None) -> Answered:
        """Send a request, and read the only answer."""
        [answered] = answers(self.sends(method, path, body, **headers), method)
        return answered

    def posts(self, text: str | bytes, room: str = "lobby", **headers: str | None) -> Answered:
        """Post text, as curl does."""
        body = text if isinstance(text, bytes) else text.encode()
        return self.asks("POST", f"/rooms/{room}/messages", body, **{"content_type": FORM, **headers})

    def posts_json(self, room: str = "lobby", **values: Any) -> Answered:
        """Post an object."""
        return self.asks(
            "POST", f"/rooms/{room}/messages", json.dumps(values).encode(), content_type="application/json"
        )

    def follows(self, room: str = "lobby", query: str = "", **headers: str | None) -> Following:
        """Follow a room."""
        return Following(self, self.sends("GET", f"/rooms/{room}/events{query}", **headers))


FORM = "application/x-www-form-urlencoded"


class Following:
    """A stream that is read."""

    def __init__(self, script: Script, wire: Wire) -> None:
        self.script = script
        self.wire = wire

    @property
    def head(self) -> str:
        """The head of the response."""
        return bytes(self.wire.received).partition(b"\r\n\r\n")[0].decode()

    @property
    def body(self) -> str:
        """What has come of the body, without the framing of its chunks."""
        self.script.settle()
        rest, found = bytes(self.wire.received).partition(b"\r\n\r\n")[2], b""
        if "chunked" not in self.head:
            return rest.decode()
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            found += rest[: int(size, 16)]
            rest = rest[int(size, 16) + 2 :]
        return found.decode()

    @property
    def ended(self) -> bool:
        """Whether the response has ended properly."""
        return bytes(self.wire.received).endswith(b"0\r\n\r\n") and self.wire.cut

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The objects that have come."""
        lines = [line.removeprefix("data: ") for line in self.body.split("\n")]
        return [json.loads(line) for line in lines if line.startswith("{")]

    @property
    def ids(self) -> list[int]:
        """The ids that have come."""
        return [int(line[4:]) for line in self.body.split("\n") if line.startswith("id: ")]

    @property
    def said(self) -> list[str]:
        """The texts that have come."""
        return [values["text"] for values in self.objects if values["type"] == "said"]
