"""The same rules as at other doors, when some people have IRC clients: see `tests.doors.test_people_machine`."""

from __future__ import annotations

from typing import Any

import pytest

from tests.doors.irc.device import IrcDevice
from tests.doors.test_people_machine import NICKS, PARTS, People, Place, Somebody, live


class IrcPeople(People):
    """The same actions, half of them by IRC; the differences are what IRC clients expect."""

    def _comes(self, nick: str, address: Any) -> Somebody:
        if self.count % 2:
            return super()._comes(nick, address)
        self.count += 1
        new = Somebody(f"guest{self.count}", address, IrcDevice(self.house, address))
        self.everyone.append(new)
        marks = {f"nick:{nick}", f"party:{new.label}", f"address:{new.address}"}
        owner = self.rules.accounts.get(nick)
        owned = owner is not None and any(one.account is owner for one in self.rules.people)
        allowed = not self.rules.called(nick) and not self.rules._listed(self.rules.server.bans, marks) and not owned
        codes = self._asks(new, "hello", nick=nick)
        assert bool(codes) is not allowed, (nick, codes)
        if allowed:
            self.rules.people.append(new)
            # Nobody is put anywhere unasked, and who has not logged in yet may not enter.
            self.join(new, "", self.rules.rooms["lobby"], 0)
        return new

    def join(self, who: Somebody, nick: str, room: Place, count: int) -> None:
        """Clients send keys that they remember to channels that have none by now."""
        keyed = room.lock.startswith("secret-key-")
        super().join(who, nick, room, 0 if isinstance(next_of(who), IrcDevice) and not keyed else count)

    def rename(self, who: Somebody, nick: str, room: Place, count: int) -> None:
        """Clients may take the nick that they have, and nothing comes of it."""
        if not isinstance(next_of(who), IrcDevice) or who.nick != NICKS[count % len(NICKS)]:
            super().rename(who, nick, room, count)


def next_of(who: Somebody) -> Any:
    """Return the session with which *who* asks next."""
    return who.devices[(who.turn + 1) % len(who.devices)]


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_people_by_irc_may_do_what_the_rules_allow_and_nothing_else(part):
    live(IrcPeople, part)
