"""How IRC clients come in: nick and user, capabilities, passwords and accounts."""

from dataclasses import replace

import pytest
from twisted.internet.address import IPv4Address

from chatroom.chat.policy import Policy
from chatroom.doors.irc.server import Sts
from tests.doors.irc.raw import Irc, plain
from tests.house import House, LinePerson
from tests.wires import SecureWire

PASSWORD = "correct horse"


def registered(house, nick="dora"):
    """Register *nick*, whose owner has left."""
    owner = Irc(house, nick)
    owner.says(f"PRIVMSG NickServ :REGISTER {PASSWORD}", "QUIT")
    assert owner.gone and house.hub.core.accounts.of(nick) is not None


def logs_in(nick):
    """What the owner of dora says who comes in as *nick*."""
    proof = f"AUTHENTICATE {plain('dora', PASSWORD)}"
    return "AUTHENTICATE PLAIN", proof, f"NICK {nick}", "USER d 0 * :D", "CAP END"


def test_whoever_has_a_nick_and_says_user_is_welcomed(house):
    ann = Irc(house)
    assert ann.says("NICK ann") == []
    numbers = ann.numbers("USER ann 0 * :Ann Example")

    assert numbers[:4] == ["001", "002", "003", "004"] and "005" in numbers and numbers[-1] == "422"
    assert house.hub.core.people.named("ann").realname == "Ann Example"
    assert not house.hub.core.people.named("ann").seats, "nobody asked for a room"


def test_user_may_come_first(house):
    ann = Irc(house)
    ann.says("USER ann 0 * :Ann")
    assert ann.numbers("NICK ann")[0] == "001"


def test_the_message_of_the_day_is_shown_once():
    house = House(policy=Policy(message_of_the_day=("Be kind.", "Have tea.")))
    ann = Irc(house)
    shown = [one for line in ("NICK ann", "USER ann 0 * :Ann") for one in ann.says(line)]
    assert [one.params[-1] for one in shown if one.command == "372"] == ["- Be kind.", "- Have tea."]
    assert not [one for one in shown if one.command == "NOTICE"]


@pytest.mark.parametrize(("nick", "number"), [("#x", "432"), ("", "431"), ("x" * 40, "432"), ("server", "432")])
def test_a_nick_that_nobody_may_have_is_refused_with_its_number(house, nick, number):
    ann = Irc(house)
    ann.says("USER ann 0 * :Ann")
    assert ann.numbers(f"NICK {nick}") == [number]
    assert ann.numbers("NICK ann")[0] == "001"


def test_a_nick_in_use_is_refused_and_the_next_one_is_taken(house):
    Irc(house, "ann")
    other = Irc(house)
    other.says("USER ann 0 * :Ann")
    assert other.asks("NICK ann")[0][:3] == ("433", "*", "ann")
    assert other.numbers("NICK anna")[0] == "001"


def test_services_are_nobodys_nick(house):
    ann = Irc(house)
    ann.says("USER ann 0 * :Ann")
    assert ann.numbers("NICK NickServ") == ["432"]
    ann = Irc(house, "ann")
    assert ann.numbers("NICK ChanServ") == ["432"]


def test_capabilities_hold_up_the_welcome_until_they_end(house):
    ann = Irc(house)
    first, *_, last = ann.says("CAP LS 302")
    assert first.params[:3] == ("*", "LS", "*") and last.params[:2] == ("*", "LS")
    assert "sasl=PLAIN" in first.params[-1].split()
    ann.says("NICK ann", "USER ann 0 * :Ann")
    assert ann.asks("CAP REQ :server-time batch") == [("CAP", "*", "ACK", "server-time batch")]
    assert ann.numbers("CAP END")[0] == "001"
    assert ann.asks("CAP LIST") == [("CAP", "ann", "LIST", "batch cap-notify server-time")]


def test_old_clients_see_names_alone(house):
    [listed] = Irc(house).says("CAP LS")
    assert "sasl" in listed.params[-1].split() and "=" not in listed.params[-1]


@pytest.mark.parametrize("asked", ["nope", "server-time nope", "-nope"])
def test_what_is_not_there_is_refused_as_a_whole(house, asked):
    ann = Irc(house, "ann")
    assert ann.asks(f"CAP REQ :{asked}") == [("CAP", "ann", "NAK", asked)]
    assert ann.asks("CAP LIST") == [("CAP", "ann", "LIST", "")]


def test_a_capability_can_be_given_back(house):
    ann = Irc(house, "ann", "server-time")
    ann.says("CAP REQ :-server-time")
    assert ann.asks("CAP LIST") == [("CAP", "ann", "LIST", "")]
    assert ann.numbers("CAP NOPE") == ["410"]


@pytest.mark.parametrize("line", ["JOIN #tea", "PRIVMSG bob :hi", "WHO", "NICKSERV IDENTIFY x"])
def test_nothing_else_is_done_before(house, line):
    ann = Irc(house)
    ann.says("CAP LS")
    assert ann.numbers(line) == ["451"]


def test_ping_and_quit_are(house):
    ann = Irc(house)
    ann.says("CAP LS")
    assert ann.asks("PING :one two") == [("PONG", "chatroom", "one two")]
    assert [one.command for one in ann.says("QUIT :bye")] == ["ERROR"] and ann.gone


def test_sasl_proves_who_comes_before_there_is_a_nick(house):
    registered(house)
    dora = Irc(house, "", "sasl")
    assert dora.asks("AUTHENTICATE PLAIN") == [("AUTHENTICATE", "+")]
    assert dora.numbers(f"AUTHENTICATE {plain('dora', PASSWORD)}") == ["900", "903"]
    dora.says("NICK dora", "USER dora 0 * :Dora")
    assert "001" in dora.numbers("CAP END")
    assert house.hub.core.people.named("dora").account.nick == "dora"


def test_who_is_logged_in_already_is_told_so(house):
    registered(house)
    dora = Irc(house, "", "sasl")
    dora.says(*logs_in("dora"))
    assert dora.numbers("AUTHENTICATE PLAIN") == ["907"]


def test_sasl_logs_in_later_too(house):
    registered(house)
    phone = Irc(house, "phone", "sasl")
    phone.says("AUTHENTICATE PLAIN")
    assert phone.numbers(f"AUTHENTICATE {plain('dora', PASSWORD)}") == ["900", "903"]
    assert house.hub.core.people.named("phone").account.nick == "dora"


def test_whoever_logs_in_keeps_another_nick(house):
    registered(house)
    dora = Irc(house, "", "sasl")
    dora.says(
        "AUTHENTICATE PLAIN", f"AUTHENTICATE {plain('dora', PASSWORD)}", "NICK phone", "USER d 0 * :D", "CAP END"
    )
    assert house.hub.core.people.named("phone").account.nick == "dora"
    assert house.hub.core.nicks.get("dora") is None


def test_a_second_client_of_the_account_is_one_person_with_the_first(house):
    registered(house)
    clients = []
    for nick in ("dora", "phone"):
        client = Irc(house, "", "sasl")
        client.says("AUTHENTICATE PLAIN", f"AUTHENTICATE {plain('dora', PASSWORD)}", f"NICK {nick}", "USER d 0 * :D")
        clients.append(client)
        welcome = client.says("CAP END")[0]
        assert welcome.command == "001" and welcome.params[0] == "dora"
        client.says("JOIN #tea")
    first, second = clients
    assert len(house.hub.core.people.named("dora").sessions) == 2
    first.new()
    second.says("PRIVMSG #tea :hello")
    assert [(one.source.partition("!")[0], *one.params) for one in first.new()] == [("dora", "#tea", "hello")]


def test_the_real_name_of_a_second_client_is_told(house, ann):
    carol = Irc(house, "carol", "setname")
    carol.says("JOIN #tea")
    phone = Irc(house, "dora")
    phone.says(f"NS REGISTER {PASSWORD}", "JOIN #tea")
    for realname, told in (("Dora", []), ("Dora D.", [("Dora D.",)])):
        carol.new()
        Irc(house).says(f"PASS :{PASSWORD}", "NICK dora", f"USER d 0 * :{realname}")
        assert [one.params for one in carol.new() if one.command == "SETNAME"] == told


def test_a_guest_who_logs_in_beside_their_other_client_is_no_member_twice(house, ann):
    """What a client knows of who is where holds: it gets the nick before the rooms that list it."""
    phone = Irc(house, "dora")
    phone.says(f"NS REGISTER {PASSWORD}", "JOIN #tea,#milk")
    laptop = Irc(house, "dora_", "extended-join")
    laptop.says("JOIN #tea")
    told = laptop.says(f"NS IDENTIFY dora {PASSWORD}")
    known = [(one.source.partition("!")[0], one.command, *one.params) for one in told]
    assert known[:4] == [
        ("dora", "QUIT", "You are logged in as them now"),
        ("dora_", "NICK", "dora"),
        ("dora", "JOIN", "#milk", "dora", "Dora"),
        ("chatroom", "353", "dora", "=", "#milk", "@dora"),
    ]
    assert [one[1] for one in known].count("NICK") == 1
    tablet = Irc(house, "dora_")
    told = tablet.says(f"NS IDENTIFY dora {PASSWORD}")
    assert [one.command for one in told if one.command in ("NICK", "JOIN", "QUIT")] == ["NICK", "JOIN", "JOIN"]


@pytest.mark.parametrize(
    ("said", "number"),
    [
        (plain("dora", "wrong"), "904"),
        ("!!!", "904"),
        (plain("dora", PASSWORD).replace("A", "="), "904"),
        ("x" * 401, "905"),
        ("*", "906"),
        ("AGE=", "904"),
    ],
)
def test_what_is_not_right_is_refused_and_can_be_tried_again(house, said, number):
    registered(house)
    dora = Irc(house, "", "sasl")
    dora.says("AUTHENTICATE PLAIN")
    assert dora.numbers(f"AUTHENTICATE {said}") == [number]
    dora.says("AUTHENTICATE PLAIN")
    assert dora.numbers(f"AUTHENTICATE {plain('dora', PASSWORD)}") == ["900", "903"]


def test_what_never_ends_is_given_up(house):
    dora = Irc(house, "", "sasl")
    dora.says("AUTHENTICATE PLAIN")
    numbers = [number for _ in range(20) for number in dora.numbers(f"AUTHENTICATE {'A' * 400}")]
    assert "904" in numbers


def test_another_mechanism_is_told_what_there_is(house):
    assert Irc(house, "", "sasl").numbers("AUTHENTICATE EXTERNAL") == ["908", "904"]
    assert Irc(house).numbers("AUTHENTICATE PLAIN") == ["904"]


def test_a_password_that_changed_meanwhile_proves_nothing(house):
    registered(house)
    dora = Irc(house, "", "sasl")
    dora.says("AUTHENTICATE PLAIN", f"AUTHENTICATE {plain('dora', PASSWORD)}")
    account = house.hub.core.accounts.of("dora")
    house.hub.core.accounts.put(replace(account, hash="another"))
    dora.says("NICK dora", "USER d 0 * :D", "CAP END")
    assert house.hub.core.nicks.get("dora") is None


@pytest.mark.parametrize("given", [PASSWORD.replace(" ", "_"), f"dora:{PASSWORD.replace(' ', '_')}"])
def test_pass_logs_in_with_or_without_the_name(house, given):
    owner = Irc(house, "dora")
    owner.says("NS REGISTER correct_horse", "QUIT")
    dora = Irc(house)
    dora.says(f"PASS {given}", "NICK dora")
    assert "001" in dora.numbers("USER dora 0 * :Dora")
    assert house.hub.core.people.named("dora").account.nick == "dora"


def test_a_registered_nick_has_to_be_proven(house):
    registered(house)
    stranger = Irc(house)
    stranger.says("NICK dora")
    shown = stranger.says("USER dora 0 * :Dora")
    assert any("NickServ IDENTIFY" in one.params[-1] for one in shown)
    refused = stranger.says("JOIN #tea")
    assert refused and not house.hub.core.people.named("dora").seats
    said = stranger.says("PRIVMSG #tea :hello")
    assert any("registered" in one.params[-1] for one in said)
    house.advance(61)
    assert house.hub.core.nicks.get("dora") is None and house.hub.core.nicks.get("dora2") is not None


def test_a_nick_whose_owner_is_here_is_taken(house):
    owner = Irc(house, "dora")
    owner.says(f"NS REGISTER {PASSWORD}")
    stranger = Irc(house)
    stranger.says("NICK dora")
    assert stranger.numbers("USER dora 0 * :Dora") == ["433"]


def test_who_cannot_come_in_is_told_why_and_may_try_otherwise(house):
    house.hub.core.closing = True
    ann = Irc(house)
    ann.says("NICK ann")
    assert ann.numbers("USER ann 0 * :Ann") == ["437"]
    house.hub.core.closing = False
    assert ann.numbers("NICK ann")[0] == "001"


def test_a_broken_connection_of_an_account_is_waited_for(house, ann):
    registered(house)
    ann.new()
    dora = Irc(house, "", "sasl")
    dora.says(*logs_in("dora"))
    dora.says("JOIN #tea")
    ann.new()
    dora.wire.vanish()
    again = Irc(house, "", "sasl")
    again.says(
        "AUTHENTICATE PLAIN", f"AUTHENTICATE {plain('dora', PASSWORD)}", "NICK dora", "USER d 0 * :D", "CAP END"
    )
    house.advance(31)
    assert [one.command for one in ann.new() if one.command != "PING"] == []
    assert "tea" in house.hub.core.people.named("dora").seats


def test_a_guest_has_left_at_once(house, ann, bob):
    bob.wire.vanish()
    assert [one.command for one in ann.new()] == ["QUIT"]


def test_who_says_nothing_for_long_is_pinged_and_then_gone(house, ann):
    house.advance(91)
    assert [one.command for one in ann.new()] == ["PING"]
    ann.says("PONG :chatroom")
    house.advance(91)
    assert [one.command for one in ann.new()] == ["PING"]
    house.advance(61)
    assert ann.gone


def test_everything_is_the_same_over_tls(house):
    ann = Irc(house, kind=SecureWire)
    ann.says("NICK ann")
    assert ann.numbers("USER ann 0 * :Ann")[0] == "001"


def test_a_person_at_nc_sees_who_comes(house):
    dan = house.join("dan", LinePerson)
    ann = Irc(house, "ann")
    ann.says("JOIN #lobby")
    assert dan.heard("-- ann joined #lobby")
    dan.types("hello")
    assert [(one.source.partition("!")[0], *one.params) for one in ann.new()] == [("dan", "#lobby", "hello")]


def test_register_makes_an_account(house):
    ann = Irc(house, "ann", "draft/account-registration")
    assert ann.asks("REGISTER bob * password9")[0][:3] == ("FAIL", "REGISTER", "ACCOUNT_NAME_MUST_BE_NICK")
    assert ann.asks("REGISTER * * short")[0][:3] == ("FAIL", "REGISTER", "UNACCEPTABLE_PASSWORD")
    assert ann.asks("REGISTER ann * password9")[-1][:3] == ("REGISTER", "SUCCESS", "ann")
    assert ann.asks("REGISTER ann * password9")[0][:3] == ("FAIL", "REGISTER", "ALREADY_AUTHENTICATED")
    assert ann.asks("VERIFY ann 1")[0][:2] == ("FAIL", "VERIFY")


def test_who_is_away_from_the_beginning_is_so_at_once(house):
    bob = Irc(house, "bob")
    ann = Irc(house)
    ann.says("CAP LS 302")
    assert ann.numbers("AWAY :asleep") == ["306"]
    ann.says("NICK ann", "USER ann 0 * :Ann", "CAP END")
    assert bob.asks("PRIVMSG ann :hi") == [("301", "bob", "ann", "asleep")]
    assert ann.numbers("AWAY") == ["305"] and bob.asks("PRIVMSG ann :hi") == []


def test_who_goes_away_at_one_client_is_told_so_at_the_others(house):
    registered(house)
    clients = []
    for _ in range(2):
        clients.append(Irc(house))
        clients[-1].says("CAP REQ sasl", *logs_in("dora"))
    first, second = clients
    for sent, number in (("AWAY :lunch", "306"), ("AWAY", "305")):
        second.new()
        assert first.numbers(sent) == [number]
        assert [one.command for one in second.new()] == [number]


def test_a_client_that_nobody_sits_at_says_nothing_of_the_others(house):
    registered(house)
    dora, bouncer = Irc(house), Irc(house)
    dora.says("CAP REQ sasl", *logs_in("dora"))
    bouncer.says("CAP REQ sasl", "AWAY *", *logs_in("dora"))
    [person] = house.hub.core.people.values()
    assert len(person.sessions) == 2 and person.away is None
    dora.says("QUIT", "x")
    bouncer.says("AWAY *")
    assert person.away == ""


def test_nobody_is_away_under_a_nick_that_is_not_theirs(house):
    registered(house)
    other = Irc(house, "dora")
    other.says("AWAY :gone")
    assert house.hub.core.people.named("dora").away is None


def offered(client):
    return [word for one in client.says("CAP LS 302") for word in one.params[-1].split() if word.startswith("sts")]


def test_clients_are_told_to_use_tls_if_that_is_wanted(house):
    far = IPv4Address("TCP", "192.0.2.7", 50_000)
    assert offered(Irc(house, address=far)) == offered(Irc(house, kind=SecureWire)) == []
    house.irc.server.sts = Sts(3600, 6697)
    assert offered(Irc(house, address=far)) == ["sts=port=6697"]
    assert offered(Irc(house, address=far, kind=SecureWire)) == ["sts=duration=3600"]
    assert offered(Irc(house)) == [], "nobody listens in between"
    old, asking = Irc(house, address=far), Irc(house, address=far)
    assert "sts" not in old.says("CAP LS")[0].params[-1]
    assert asking.asks("CAP REQ :sts") == [("CAP", "*", "NAK", "sts")]
