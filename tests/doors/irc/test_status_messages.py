"""Messages to those with a status in a room, which nobody else hears."""

import pytest

from chatroom.chat.events import Said
from tests.doors.irc.raw import Irc


@pytest.fixture
def everyone(house, ann, bob, program):
    """The operator ann, bob, cat with a voice, and a program at another door."""
    cat = Irc(house, "cat", "message-tags", "echo-message")
    cat.says("JOIN #tea")
    ann.says("MODE #tea +v cat")
    for one in (ann, bob, cat):
        one.new()
    return ann, bob, cat, program


def said(messages):
    return [(one.source.partition("!")[0], one.command, *one.params) for one in messages]


def test_only_operators_hear_what_is_for_them(house, everyone):
    ann, bob, cat, program = everyone
    heard = len(program.objects)
    assert bob.says("PRIVMSG @#tea :help") == []
    assert said(ann.new()) == [("bob", "PRIVMSG", "@#tea", "help")]
    assert cat.new() == [] and len(program.objects) == heard
    assert not [one for _, one in house.stored("tea") if type(one) is Said]


def test_those_with_a_voice_hear_what_is_for_them_and_operators_too(everyone):
    ann, bob, cat, _ = everyone
    bob.says("NOTICE +#tea :soon")
    assert said(ann.new()) == said(cat.new()) == [("bob", "NOTICE", "+#tea", "soon")]
    ann.says("PRIVMSG +#tea :\1ACTION nods\1")
    assert said(cat.new()) == [("ann", "PRIVMSG", "+#tea", "\1ACTION nods\1")] and ann.new() == bob.new() == []


def test_an_echo_has_the_id_that_others_see(house, everyone):
    ann, _, cat, _ = everyone
    ann.says("CAP REQ :message-tags")
    [first] = cat.says("@+x=1 PRIVMSG @#tea :one")
    [second] = cat.says("PRIVMSG @#tea :two")
    [one, two] = ann.new()
    assert (one.tags["msgid"], one.tags["+x"]) == (first.tags["msgid"], "1")
    assert two.tags["msgid"] == second.tags["msgid"] != one.tags["msgid"]


def test_an_operator_at_another_door_gets_a_notice(everyone):
    ann, bob, _, program = everyone
    ann.says("MODE #tea +o program")
    bob.says("PRIVMSG @#tea :help")
    assert program.objects[-1]["type"] == "notice"
    assert program.objects[-1]["text"] == "bob to the operators of #tea: help"


def test_who_may_not_speak_or_is_not_there_says_nothing_to_operators_either(house, everyone):
    ann, bob, _, _ = everyone
    dan = Irc(house, "dan")
    assert dan.numbers("PRIVMSG @#tea :hi") == ["404"] and dan.numbers("PRIVMSG @#no/where :hi") == ["404"]
    assert dan.says("NOTICE @#tea :hi") == []
    ann.says("MODE #tea +q bob!*@*")
    ann.new()
    bob.new()
    assert bob.numbers("PRIVMSG @#tea :hi") == ["404"] and ann.new() == []


def test_who_ignores_somebody_does_not_hear_them_as_an_operator(everyone):
    ann, bob, _, _ = everyone
    ann.says("CHAT /ignore bob")
    bob.says("PRIVMSG @#tea :nonsense")
    assert ann.new() == []
