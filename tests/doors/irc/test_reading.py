"""Reading positions and times in IRC: one person, on many devices."""

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


def test_it_is_told_between_the_join_and_the_end_of_the_names(house, ann):
    bob = Irc(house, "bob", "draft/read-marker", "labeled-response", "batch")
    told = [one.command for one in bob.says("JOIN #tea")]
    assert told == ["JOIN", "MARKREAD", "353", "366"]
    bob.says("PART #tea")
    told = [one.command for one in bob.says("@label=1 JOIN #tea")]
    assert told == ["BATCH", "JOIN", "MARKREAD", "353", "366", "BATCH"]


def test_a_time_before_every_message_is_told_as_it_was_given(house):
    ann = Irc(house, "ann", "draft/read-marker")
    ann.says("JOIN #tea")
    assert marks(ann.says("MARKREAD #tea timestamp=2019-01-04T14:33:26.123Z")) == [
        ("#tea", "timestamp=2019-01-04T14:33:26.123Z")
    ]
    assert marks(ann.says("MARKREAD #tea timestamp=2019-01-04T14:33:26.122Z")) == [
        ("#tea", "timestamp=2019-01-04T14:33:26.123Z")
    ]
    ann.says("PART #tea")
    assert marks(ann.says("JOIN #tea")) == [("#tea", "timestamp=2019-01-04T14:33:26.123Z")]


def test_a_time_to_come_is_cut_to_now(house):
    ann = Irc(house, "ann", "draft/read-marker")
    ann.says("JOIN #tea")
    [(_, given)] = marks(ann.says("MARKREAD #tea timestamp=2999-01-01T00:00:00.000Z"))
    house.advance(10)
    [(_, later)] = marks(ann.says("MARKREAD #tea timestamp=2999-01-01T00:00:00.000Z"))
    assert given < later < "timestamp=2999"


def test_a_conversation_in_which_nothing_was_said_has_a_time(house, ann):
    bob = Irc(house, "bob", "draft/read-marker")
    said = "timestamp=2023-07-04T00:00:00.000Z"
    assert marks(bob.says("MARKREAD ann")) == [("ann", "*")]
    assert marks(bob.says(f"MARKREAD ann {said}")) == marks(bob.says("MARKREAD ann")) == [("ann", said)]
    assert marks(Irc(house, "cat", "draft/read-marker").says("MARKREAD ann")) == [("ann", "*")]


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
