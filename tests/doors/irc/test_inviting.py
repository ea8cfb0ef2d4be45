"""INVITE: asking somebody in, and the channels to which one is invited."""

from tests.doors.irc.raw import Irc


def test_who_is_invited_finds_out_where(house, ann):
    bob = Irc(house, "bob")
    assert bob.asks("INVITE") == [("337", "bob", "End of /INVITE list")]
    ann.says("MODE #tea +i", "INVITE bob #tea")
    bob.new()
    assert bob.asks("INVITE")[:-1] == [("336", "bob", "#tea")]
    bob.says("JOIN #tea")
    assert bob.numbers("INVITE") == ["337"]
    ann.says("KICK #tea bob")
    assert bob.says("INVITE")[-1].command == "337" and bob.numbers("INVITE") == ["337"]


def test_a_channel_must_be_named(ann):
    assert ann.numbers("INVITE bob") == ["461"]
