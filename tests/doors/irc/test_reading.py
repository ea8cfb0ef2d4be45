"""Reading positions in IRC: one person, on many devices."""

from tests.doors.irc.raw import Irc
from tests.house import JsonPerson


def marks(messages):
    return [one.params for one in messages if one.command == "MARKREAD"]


def test_a_position_is_that_of_a_message_and_never_goes_back(house, ann):
    for n in range(3):
        house.advance(1)
        ann.says(f"PRIVMSG #tea :{n}")
    bob = Irc(house, "bob", "draft/read-marker", "server-time", "batch")
    assert len(marks(bob.says("JOIN #tea"))) == 1
    times = [one.tags["time"] for one in bob.says("CHATHISTORY LATEST #tea * 3") if one.command == "PRIVMSG"]
    house.advance(1)
    ann.says("PRIVMSG #tea :3")
    [latest] = [one.tags["time"] for one in bob.new() if one.command == "PRIVMSG"]
    assert marks(bob.says(f"MARKREAD #tea timestamp={latest}")) == [("#tea", f"timestamp={latest}")]
    assert marks(bob.says(f"MARKREAD #tea timestamp={times[0]}")) == [("#tea", f"timestamp={latest}")]
    assert marks(bob.says("MARKREAD #tea")) == [("#tea", f"timestamp={latest}")]
    assert marks(bob.says("MARKREAD #nope")) == [("#nope", "*")]
    assert bob.numbers("MARKREAD") == ["FAIL"] and bob.numbers("MARKREAD #tea timestamp=now") == ["FAIL"]
    assert bob.numbers("MARKREAD #tea soon") == ["FAIL"]


def test_it_is_told_to_the_persons_other_devices(house, ann):
    ann.says("NS REGISTER password9", "CAP REQ :draft/read-marker server-time")
    phone = JsonPerson(house)
    phone.joins("ann", password="password9")
    bob = house.join("bob", JsonPerson)
    bob.asks("join", room="tea")
    bob.asks("say", room="tea", text="one")
    ann.new()
    phone.asks("read", room="tea", seq=bob.seqs("tea")[-1])
    assert len(marks(ann.new())) == 1
    bob.asks("say", room="tea", text="two")
    [two] = [one.tags["time"] for one in ann.new() if one.command == "PRIVMSG"]
    ann.says(f"MARKREAD #tea timestamp={two}")
    assert phone.of_type("read")[-1]["seq"] == bob.seqs("tea")[-1] and phone.of_type("read")[-1]["unread"] == 0


def test_who_speaks_has_read(house, ann, bob, program):
    bob.says("NS REGISTER password9")
    phone = JsonPerson(house)
    phone.joins("bob", password="password9")
    program.asks("say", room="tea", text="one")
    bob.says("PRIVMSG #tea :two")
    assert phone.of_type("read")[-1]["room"] == "tea"
