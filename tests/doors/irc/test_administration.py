"""What admins of the server do as IRC has it."""

import pytest

from chatroom.chat.events import AUDIT
from chatroom.chat.ports import RecordChange
from tests.doors.irc.raw import Irc


@pytest.fixture
def boss(house):
    boss = Irc(house, "boss")
    boss.says("NS REGISTER password9")
    [record] = [one for one in house.journal.standing() if one.kind == "account"]
    house.journal.change_from_outside([RecordChange("", "account", "boss", {**record.value, "admin": True})])
    boss.new()
    return boss


def test_admins_tell_those_who_want_to_hear(house, ann, boss):
    bob = Irc(house, "bob")
    assert ann.asks("MODE ann +w") == [("MODE", "ann", "+w")] and ann.asks("MODE ann") == [("221", "ann", "+iw")]
    assert boss.says("WALLOPS :upgrade at noon") == []
    [told] = ann.new()
    assert told.source.startswith("boss!") and (told.command, *told.params) == ("WALLOPS", "upgrade at noon")
    assert bob.new() == [] and house.stored(AUDIT)[-1][1].text == "upgrade at noon"
    ann.says("MODE ann -w")
    boss.says("WALLOPS :again")
    assert ann.new() == []


def test_nobody_else_does(ann):
    assert ann.numbers("WALLOPS :hi") == ["481"] and ann.numbers("WALLOPS") == ["461"]


def test_there_must_be_something_to_tell(boss):
    assert boss.numbers("WALLOPS :  ") == ["461"]


def test_admins_have_the_configuration_read_again(house, ann, boss):
    house.hub.core.runtime.reload = lambda: "Reloaded."
    assert boss.asks("REHASH") == [("382", "boss", "*", "Rehashing"), ("NOTICE", "boss", "Reloaded.")]
    assert ann.numbers("REHASH") == ["481"] and house.stored(AUDIT)[-1][1].act == "reload"
