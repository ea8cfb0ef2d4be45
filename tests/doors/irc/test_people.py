"""People in IRC: WHO, WHOIS, WHOWAS, MONITOR, away and accounts; history; services; the server."""

import pytest

from chatroom.chat.ports import RecordChange
from chatroom.doors.irc.actions import TABLE, Handled
from tests.doors.irc.raw import Irc


def rows(messages, number):
    return [one for one in messages if one[0] == number]


def test_who_leaves_or_changes_their_nick_is_who_they_were_before(house, ann):
    """Clients compare the user name and the host, and an account is told to those who want to know."""
    dan = Irc(house, "dan", "account-tag")
    bob = Irc(house)
    bob.says("NICK bob", "USER robert 0 * :Bob")
    for one in (dan, bob):
        one.says("JOIN #tea")
    bob.says("NS REGISTER password9")
    ann.new()
    [was] = [one.source.partition("!")[2] for one in bob.says("PING x", "NICK rob") if one.command == "NICK"]
    bob.says("PRIVMSG #tea :hi")
    dan.new()
    bob.says("QUIT :bye")
    assert was.startswith("~robert@")
    assert [(one.command, one.source.partition("!")[2]) for one in ann.new()] == [
        *(("NICK", was), ("PRIVMSG", was), ("QUIT", was))
    ]
    [left] = dan.new()
    assert (left.command, left.source, left.tags) == ("QUIT", f"rob!{was}", {"account": "bob"})


def test_who_lists_a_room_a_person_or_those_one_shares_a_room_with(house, ann, bob):
    Irc(house, "carol")
    assert [one[6] for one in rows(bob.asks("WHO #tea"), "352")] == ["ann", "bob"]
    assert [one[6:8] for one in rows(bob.asks("WHO ann"), "352")] == [("ann", "H@")]
    assert [one[6] for one in rows(bob.asks("WHO carol"), "352")] == ["carol"]
    assert [one[6] for one in rows(bob.asks("WHO *"), "352")] == ["bob", "ann"]
    assert rows(bob.asks("WHO car*"), "352") == [] and bob.asks("WHO #nope") == [
        ("315", "bob", "#nope", "End of WHO list")
    ]
    ann.says("AWAY :tea")
    assert [one[7] for one in rows(bob.asks("WHO ann"), "352")] == ["G@"]


def test_fields_are_sent_as_asked(house, ann, bob):
    bob.says("NS REGISTER password9")
    assert ann.asks("WHO #tea %tcnaf,42")[:2] == [
        ("354", "ann", "42", "#tea", "ann", "H@", "0"),
        ("354", "ann", "42", "#tea", "bob", "H", "bob"),
    ]


def test_whois_tells_what_others_may_know(house, ann, bob):
    bob.says("NS REGISTER password9", "AWAY :tea", "JOIN #den")
    bob.says("CHAT /private")
    told = ann.asks("WHOIS bob")
    assert [one[0] for one in told] == ["311", "319", "312", "301", "330", "671", "317", "318"]
    assert told[0][-1] == "Bob" and told[1][-1] == "#tea", "not the private room"
    assert ann.numbers("WHOIS nobody") == ["401", "318"] and ann.numbers("WHOIS") == ["431"]
    assert [one[0] for one in bob.asks("WHOIS bob")].count("378") == 1, "one's own address"


def test_whowas_remembers_for_a_while(house, ann, bob):
    bob.says("NICK robert")
    bob.says("QUIT")
    ann.new()
    assert ann.asks("WHOWAS bob")[0][:3] == ("314", "ann", "bob")
    assert [one[0] for one in ann.asks("WHOWAS robert")] == ["314", "312", "369"]
    assert ann.numbers("WHOWAS nobody") == ["406", "369"]


def test_ison_and_userhost(ann, bob):
    assert ann.asks("ISON bob nobody ANN") == [("303", "ann", "bob ann")]
    assert ann.asks("USERHOST bob")[0][2].startswith("bob=+~bob@")


def test_watching_tells_who_comes_and_goes(house, ann):
    assert ann.asks("MONITOR + carol,dan") == [("731", "ann", "carol,dan")]
    carol = Irc(house, "carol")
    assert [(one.command, one.params[1].partition("!")[0]) for one in ann.new()] == [("730", "carol")]
    carol.says("NICK dan")
    assert [(one.command, one.params[1].partition("!")[0]) for one in ann.new()] == [("731", "carol"), ("730", "dan")]
    carol.wire.vanish()
    assert [one.command for one in ann.new()] == ["731"]
    assert ann.asks("MONITOR L")[0] == ("732", "ann", "carol,dan")
    ann.says("MONITOR - carol", "MONITOR C")
    assert ann.numbers("MONITOR L") == ["733"]
    Irc(house, "carol")
    assert ann.new() == [] and not house.irc.server.presence._watchers


def test_only_so_many_are_watched(house, ann):
    numbers = [
        number for n in range(30) for number in ann.numbers("MONITOR + " + ",".join(f"n{n}x{m}" for m in range(10)))
    ]
    assert "734" in numbers
    ann.wire.vanish()
    assert not house.irc.server.presence._watchers


def test_that_somebody_is_away_already_is_no_news(house, ann, bob):
    carol = Irc(house, "carol", "away-notify")
    carol.says("JOIN #tea")
    bob.says("AWAY", "AWAY :tea", "AWAY :tea", "AWAY", "AWAY")
    assert [(one.command, *one.params) for one in carol.new()] == [("AWAY", "tea"), ("AWAY",)]


def test_those_who_share_a_room_are_told_what_changes(house, ann, program):
    carol = Irc(house, "carol", "away-notify", "account-notify", "setname")
    carol.says("JOIN #tea")
    program.types("/away tea")
    ann.says("SETNAME :Ann A.", "NS REGISTER password9", "CHAT /logout")
    told = [(one.source.partition("!")[0], one.command, *one.params) for one in carol.new() if one.command != "NICK"]
    assert ("program", "AWAY", "tea") in told and ("ann", "SETNAME", "Ann A.") in told
    assert ("ann", "ACCOUNT", "ann") in told and ("ann", "ACCOUNT", "*") in told
    program.types("/away")
    assert [one.command for one in carol.new()] == ["AWAY"]
    dan = Irc(house, "dan", "away-notify")
    program.types("/away late")
    dan.says("JOIN #tea")
    assert dan.numbers("SETNAME :") == ["FAIL"]


# History.


@pytest.fixture
def told(house, ann):
    """Ten messages, a second apart; and a client that can read tags."""
    for n in range(10):
        house.advance(1)
        ann.says(f"PRIVMSG #tea :{n}")
    carol = Irc(house, "carol", "batch", "server-time", "message-tags", "draft/chathistory")
    carol.says("JOIN #tea")
    return carol


def texts(client, line):
    return "".join(one.params[-1] for one in client.says(line) if one.command == "PRIVMSG")


def test_history_comes_as_it_is_asked_for(told):
    messages = [one for one in told.says("CHATHISTORY LATEST #tea * 50") if one.command == "PRIVMSG"]
    ids, times = [one.tags["msgid"] for one in messages], [one.tags["time"] for one in messages]
    assert "".join(one.params[-1] for one in messages) == "0123456789"
    assert texts(told, "CHATHISTORY LATEST #tea * 3") == "789"
    assert texts(told, f"CHATHISTORY LATEST #tea msgid={ids[7]} 5") == "89"
    assert texts(told, f"CHATHISTORY BEFORE #tea msgid={ids[5]} 3") == "234"
    assert texts(told, f"CHATHISTORY BEFORE #tea timestamp={times[5]} 3") == "234"
    assert texts(told, f"CHATHISTORY AFTER #tea msgid={ids[5]} 3") == "678"
    assert texts(told, f"CHATHISTORY AFTER #tea timestamp={times[5]} 3") == "678"
    assert texts(told, f"CHATHISTORY AROUND #tea msgid={ids[5]} 4") == "3456"
    assert texts(told, f"CHATHISTORY BETWEEN #tea msgid={ids[2]} msgid={ids[6]} 9") == "345"
    assert texts(told, f"CHATHISTORY BETWEEN #tea timestamp={times[6]} timestamp={times[2]} 2") == "45"


def test_history_is_a_batch_and_says_where_there_is_any(told):
    begin, *_, end = told.says("CHATHISTORY LATEST #tea * 2")
    assert begin.params[1:] == ("chathistory", "#tea") and end.command == "BATCH"
    listed = told.says("CHATHISTORY TARGETS timestamp=2000-01-01T00:00:00Z timestamp=2100-01-01T00:00:00Z 10")
    assert [one.params[:2] for one in listed if one.command == "CHATHISTORY"] == [("TARGETS", "#tea")]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("CHATHISTORY", "INVALID_PARAMS"),
        ("CHATHISTORY NOPE #tea * 5", "INVALID_PARAMS"),
        ("CHATHISTORY LATEST #tea *", "INVALID_PARAMS"),
        ("CHATHISTORY LATEST #tea * many", "INVALID_PARAMS"),
        ("CHATHISTORY LATEST #tea * 0", "INVALID_PARAMS"),
        ("CHATHISTORY LATEST #nope * 5", "INVALID_TARGET"),
        ("CHATHISTORY LATEST nobody * 5", "INVALID_TARGET"),
        ("CHATHISTORY BEFORE #tea msgid=nope 5", "MESSAGE_ERROR"),
        ("CHATHISTORY BEFORE #tea timestamp=yesterday 5", "INVALID_PARAMS"),
        ("CHATHISTORY BEFORE #tea nope 5", "INVALID_PARAMS"),
        ("CHATHISTORY TARGETS msgid=1 timestamp=2 5", "INVALID_PARAMS"),
    ],
)
def test_what_history_cannot_answer_is_told(told, line, code):
    assert told.asks(line)[0][:3] == ("FAIL", "CHATHISTORY", code)


def test_private_messages_are_found_again(house, ann, bob):
    for one in (ann, bob):
        one.says(f"NS REGISTER password-{len(house.hub.core.accounts)}")
    ann.says("PRIVMSG bob :one")
    bob.says("PRIVMSG ann :two")
    ann.says("CAP REQ batch")
    shown = [one for one in ann.says("CHATHISTORY LATEST bob * 5") if one.command == "PRIVMSG"]
    found = [(one.source.partition("!")[0], *one.params) for one in shown]
    assert found == [("ann", "bob", "one"), ("bob", "ann", "two")]


def test_clients_that_cannot_ask_are_shown_a_page_if_they_can_read_it(house, told):
    dan = Irc(house, "dan", "batch", "server-time")
    assert texts(dan, "JOIN #tea") == "0123456789"
    assert texts(Irc(house, "eve"), "JOIN #tea") == ""


def test_what_waited_is_shown_after_the_login(house, ann, bob):
    bob.says("NS REGISTER password9", "QUIT")
    ann.says("PRIVMSG bob :are you there?")
    bob = Irc(house, "bob")
    shown = bob.says("NS IDENTIFY password9")
    assert ("bob", "are you there?") in [one.params for one in shown if one.command == "PRIVMSG"]
    assert ("ann", "bob has received your messages") in [one.params for one in ann.new()]


# The server.


@pytest.mark.parametrize(
    ("line", "numbers"),
    [
        ("MOTD", ["422"]),
        ("LUSERS", ["251", "252", "254", "255", "265", "266"]),
        ("VERSION", ["351", "005", "005"]),
        ("TIME", ["391"]),
        ("ADMIN", ["256", "257", "258", "259"]),
        ("INFO", ["371", "371", "374"]),
        ("HELP", ["704", "705", "705", "705", "705", "706"]),
        ("HELP privmsg", ["704", "706"]),
        ("HELP nope", ["524"]),
        ("TIME other.server", ["402"]),
        ("LINKS", ["365"]),
        ("TRACE", ["421"]),
    ],
)
def test_the_server_tells_about_itself(ann, line, numbers):
    assert ann.numbers(line) == numbers


def test_a_command_is_explained_in_plain_words(ann):
    assert ann.asks("HELP join")[0][-1] == "JOIN: Enter rooms, or with 0 leave them all."


def test_an_admin_disconnects_somebody(house, ann, bob):
    assert bob.numbers("KILL ann :spam") == ["481"]
    ann.says("NS REGISTER password9")
    [record] = [one for one in house.journal.standing() if one.kind == "account"]
    house.journal.change_from_outside([RecordChange("", "account", "ann", {**record.value, "admin": True})])
    house.settle()
    ann.new()
    assert ann.numbers("OPER ann wrong") == ["464"] and ann.numbers("OPER ann password9") == ["381", "MODE"]
    bob.says("NS REGISTER password-b")
    assert ann.new() == [] and bob.asks("OPER ann password9") == [
        ("491", "bob", "You are logged in as bob; /logout first.")
    ]
    assert ann.numbers("KILL nobody :x") == ["401"] and ann.numbers("KILL ann :x") == ["483"]
    assert "QUIT" in ann.numbers("KILL bob :spam") and bob.gone
    assert "Killed (ann (spam))" in bob.new()[-1].params[-1]


def test_for_who_is_gone_nothing_is_looked_up_but_what_they_sent_is_done(house, ann, monkeypatch):
    looked = []
    monkeypatch.setitem(TABLE, "LOOK", Handled(lambda *_: looked.append("looked"), 0, False, shows=True))
    ann.says("LOOK")
    [outlet] = [session.outlet for session in house.hub.sessions if session.person.nick == "ann"]
    outlet.broken = True
    ann.says("LOOK")
    ann.says("PRIVMSG #tea :last words")
    assert looked == ["looked"] and house.words("tea") == ["last words"]


def test_this_is_what_only_shows_something():
    shows = {name for name, handled in TABLE.items() if handled.shows}
    assert shows == {"CHATHISTORY", "LIST", "NAMES", "WHO", "WHOIS", "WHOWAS"}
