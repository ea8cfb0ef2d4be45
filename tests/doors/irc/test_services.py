"""NickServ and ChanServ, which are the server's: they answer in sentences, and tell nobody what they are told."""

from tests.house import LinePerson


def test_services_answer_in_sentences_and_say_no_password(house, ann, bob):
    assert all("NickServ!" in one.source for one in ann.says("PRIVMSG NickServ :HELP"))
    for start in ("PRIVMSG NickServ :IDENTIFY", "NOTICE NickServ :IDENTIFY", "IDENTIFY", "PRIVMSG nickserv"):
        ann.says(f"{start} secret99")
    assert bob.new() == []
    assert "secret99" not in str([house.stored(name) for name in ("tea", "lobby")])
    assert "registered" in ann.says("NS REGISTER secret999 ann@example.org")[-1].params[-1]
    assert ann.says("NS NOPE")[-1].params[-1].startswith("There is no NOPE")
    assert "Usage" in ann.says("NS SET")[0].params[-1] and "Usage" in ann.says("CS OP")[0].params[-1]
    assert "logged out" in ann.says("NS LOGOUT")[-1].params[-1]
    # The nick is somebody's, and who this is has to be proven again.
    assert "registered" in ann.says("PRIVMSG ChanServ :TOPIC #tea x")[0].params[-1]


def test_a_message_to_a_service_goes_to_nobody_else(ann, bob):
    assert ann.numbers("PRIVMSG NickServ,bob :IDENTIFY secret99") == ["407"] and bob.new() == []
    assert ann.numbers("NOTICE bob,NickServ :IDENTIFY secret99") == ["407"] and bob.new() == []


def test_what_services_are_told_is_sanitized(house, ann, bob):
    nc = house.join("nc", LinePerson)
    nc.types("/join tea")
    for start in ("CS", "CHANSERV", "PRIVMSG ChanServ :"):
        ann.says(f"{start} TOPIC #tea a\1b \x1b[2J\u202ec\x07")
    ann.says("CS NO\1PE", "NS INFO \1\x1b[2Jbob", "IDENTIFY \1x")
    ann.says("CS KICK #tea nc a\1b\x1b[2J")
    for one in (ann, bob):
        lines = one.new_lines()
        assert not set("\x1b\1\u202e\x07") & set("".join(lines))
    assert nc.heard("#tea -- ann set the topic of #tea: ab c")
    assert nc.heard_of("(ab)")


def test_chanserv_does_what_operators_may(ann, bob):
    ann.says("CS OP #tea bob")
    assert [one.command for one in bob.new()] == ["MODE"]
    assert "operator" in bob.says("PRIVMSG ChanServ :KICK #tea ann rude")[-1].params[-1]
    ann.says("CS DEOP #tea bob", "CS QUIET #tea bob", "CS UNQUIET #tea bob", "CS TOPIC #tea tea time")
    assert [one.command for one in bob.new()] == ["MODE", "MODE", "MODE", "TOPIC"]
