"""Every door that people come by, as the person there, with and without TLS."""

from __future__ import annotations

from tests.house import ClientPerson, JsonPerson, LinePerson, Person, over_tls
from tests.web_person import WebPerson

PLAIN: dict[str, type[Person]] = {"line": LinePerson, "json": JsonPerson, "client": ClientPerson, "web": WebPerson}
DOORS = PLAIN | {f"{name}-tls": over_tls(door) for name, door in PLAIN.items()}
