"""Rooms in IRC: joining, leaving, topics, lists, modes, kicks and invitations."""

import pytest

from chatroom.dialects.irc.names import cloak
from tests.doors.irc.raw import Irc
from tests.house import JsonPerson


def moves(messages):
    """What happened, without who it was at which host."""
    return [(one.source.partition("!")[0], one.command, *one.params) for one in messages]


def test_whoever_joins_sees_who_is_there_and_is_seen(house, ann, bob):
    carol = Irc(house, "carol")
    assert moves(carol.says("JOIN #tea")) == [
        ("carol", "JOIN", "#tea"),
        ("chatroom", "353", "carol", "=", "#tea", "@ann bob carol"),
        ("chatroom", "366", "carol", "#tea", "End of /NAMES list"),
    ]
    assert moves(ann.new()) == [("carol", "JOIN", "#tea")]
    assert carol.says("JOIN #tea") == [], "nothing happens twice"


def test_several_rooms_at_once_and_all_of_them_left_again(house):
    ann = Irc(house, "ann")
    assert [one[:2] for one in ann.asks("JOIN #a,#b,bad name,#c")][::3] == [
        ("JOIN", "#a"),
        ("JOIN", "#b"),
        ("403", "ann"),
    ]
    ann.says("JOIN #c")
    assert [one[:2] for one in ann.asks("JOIN 0")] == [("PART", "#a"), ("PART", "#b"), ("PART", "#c")]


def test_that_many_come_in_is_rendered_once_for_all(house, ann, bob):
    crowd = [Irc(house, f"p{n}") for n in range(20)]
    for one in crowd:
        one.wire.carry(b"JOIN #tea\r\n")
    house.settle()
    others = {f"p{n}" for n in range(20)}
    assert {one[0] for one in moves(ann.new())} == {one[0] for one in moves(bob.new())} == others
    for n, one in enumerate(crowd):
        assert [move[:2] for move in moves(one.new())].count((f"p{n}", "JOIN")) == 1


def test_who_comes_in_while_away_is_seen_to_be(house, ann):
    carol = Irc(house, "carol", "away-notify", "echo-message")
    dan = Irc(house, "dan")
    dan.says("AWAY :asleep")
    carol.says("JOIN #tea")
    dan.says("JOIN #tea")
    assert moves(carol.new()) == [("dan", "JOIN", "#tea"), ("dan", "AWAY", "asleep")]


@pytest.mark.parametrize(
    "said",
    ["JOIN :", "JOIN ,", "PART :", "PART ,,", "KICK #tea :", "KICK : bob", "MONITOR +", "MONITOR - ,", "MONITOR x"],
)
def test_whoever_names_nothing_is_told_so(ann, said):
    assert ann.numbers(said) == ["461"]


def test_leaving_is_seen_with_its_reason(ann, bob):
    assert moves(bob.says("PART #tea :see you")) == [("bob", "PART", "#tea", "see you")]
    assert moves(ann.new()) == [("bob", "PART", "#tea", "see you")]
    assert ann.numbers("PART #nope") == ["403"] and bob.numbers("PART #tea") == ["442"]


def test_who_leaves_altogether_is_seen_to_do_so_once(house, ann, bob):
    for one in (ann, bob):
        one.says("JOIN #two,#three")
    ann.new()
    bob.says("QUIT :bye")
    assert moves(ann.new()) == [("bob", "QUIT", "Quit: bye")]


def test_a_new_nick_is_seen_once_by_others_and_oneself(ann, bob):
    for one in (ann, bob):
        one.says("JOIN #two")
    ann.new()
    assert moves(bob.says("NICK robert")) == [("bob", "NICK", "robert")]
    assert moves(ann.new()) == [("bob", "NICK", "robert")]
    bob.says("NICK bob")
    assert moves(ann.new()) == [("robert", "NICK", "bob")]
    assert bob.numbers("NICK ann") == ["433"] and bob.numbers("NICK a,b") == ["432"] and bob.numbers("NICK") == ["431"]


def test_the_topic_is_shown_and_set(ann, bob):
    assert ann.numbers("TOPIC #tea") == ["331"]
    assert moves(ann.says("TOPIC #tea :Tea at five")) == [("ann", "TOPIC", "#tea", "Tea at five")]
    assert moves(bob.new()) == [("ann", "TOPIC", "#tea", "Tea at five")]
    shown = bob.asks("TOPIC #tea")
    assert shown[0] == ("332", "bob", "#tea", "Tea at five") and shown[1][:4] == ("333", "bob", "#tea", "ann")
    assert bob.numbers("TOPIC #tea :Coffee") == ["482"] and bob.numbers("TOPIC #nope") == ["403"]
    assert moves(ann.says("TOPIC #tea :")) == [("ann", "TOPIC", "#tea", "")]


def test_names_and_list(ann, bob):
    ann.says("JOIN #two")
    assert [one[:4] for one in bob.asks("NAMES #tea,#two")] == [
        ("353", "bob", "=", "#tea"),
        ("353", "bob", "=", "#two"),
        ("366", "bob", "#tea,#two", "End of /NAMES list"),
    ]
    listed = [one[2:4] for one in bob.asks("LIST") if one[0] == "322"]
    assert listed == [("#tea", "2"), ("#two", "1")]
    assert [one[2] for one in bob.asks("LIST >1") if one[0] == "322"] == ["#tea"]
    assert [one[2] for one in bob.asks("LIST #t?o") if one[0] == "322"] == ["#two"]
    assert [one[2] for one in bob.asks("LIST !#two") if one[0] == "322"] == ["#tea"]


def test_a_long_list_is_written_in_parts_and_waits_for_its_reader(house, ann):
    crowd = [Irc(house, f"p{n}") for n in range(30)]
    for n, one in enumerate(crowd):
        one.says("JOIN " + ",".join(f"#r{n}x{m}" for m in range(19)))
    ann.new()
    assert len([one for one in ann.asks("LIST") if one[0] == "322"]) == 30 * 19 + 1


def test_a_kick_is_one_message_for_everyone(ann, bob):
    assert bob.numbers("KICK #tea ann") == ["482"]
    assert moves(ann.says("KICK #tea bob :enough")) == [("ann", "KICK", "#tea", "bob", "enough")]
    assert moves(bob.new()) == [("ann", "KICK", "#tea", "bob", "enough")]
    assert ann.numbers("KICK #tea bob") == ["441"] and ann.numbers("KICK #tea nobody") == ["401"]


def test_an_invitation_opens_a_locked_room(house, ann, bob):
    assert moves(ann.says("MODE #tea +i")) == [("ann", "MODE", "#tea", "+i")]
    carol = Irc(house, "carol")
    assert carol.numbers("JOIN #tea") == ["473"]
    bob.new()
    assert bob.numbers("INVITE carol #tea") == ["482"]
    assert ann.asks("INVITE carol #tea") == [("341", "ann", "carol", "#tea")]
    assert moves(carol.new()) == [("ann", "INVITE", "carol", "#tea")]
    assert carol.numbers("JOIN #tea")[0] == "JOIN"
    assert ann.numbers("INVITE carol #tea") == ["443"] and ann.numbers("INVITE nobody #tea") == ["401"]


def test_a_key_opens_a_room(house, ann):
    ann.says("MODE #tea +k biscuit")
    carol = Irc(house, "carol")
    assert carol.numbers("JOIN #tea") == ["475"] and carol.numbers("JOIN #tea wrong") == ["475"]
    assert carol.numbers("JOIN #tea biscuit")[0] == "JOIN"
    assert carol.asks("MODE #tea")[0] == ("324", "carol", "#tea", "+ntk", "*")
    ann.says("MODE #tea -k biscuit")
    assert Irc(house, "dan").numbers("JOIN #tea old-key")[0] == "JOIN"


def test_a_room_takes_as_many_as_its_limit(house, ann):
    ann.says("MODE #tea +l 1")
    carol = Irc(house, "carol")
    assert carol.numbers("JOIN #tea") == ["471"]
    assert ann.asks("MODE #tea")[0] == ("324", "ann", "#tea", "+ntl", "1")
    assert ann.numbers("MODE #tea +l x") == ["696"]
    ann.says("MODE #tea -l")
    assert carol.numbers("JOIN #tea")[0] == "JOIN"


def test_the_limit_holds_for_those_who_come_at_once(house, ann):
    ann.says("MODE #tea +l 2")
    crowd = [Irc(house, f"p{n}") for n in range(4)]
    for one in crowd:
        one.wire.carry(b"JOIN #tea\r\n")
    house.settle()
    assert len(house.hub.rooms.get("tea").seats) == 2


def test_an_unlisted_room_is_in_no_list_and_open(house, ann):
    ann.says("MODE #tea +s")
    carol = Irc(house, "carol")
    assert [one[2] for one in carol.asks("LIST") if one[0] == "322"] == []
    assert [one[:3] for one in carol.asks("JOIN #tea")][1] == ("353", "carol", "@")


def test_bans_and_mutes_are_modes(house, ann, bob):
    assert moves(ann.says("MODE #tea +q bob"))[0] == ("ann", "MODE", "#tea", "+q", "bob!*@*")
    bob.new()
    assert bob.asks("PRIVMSG #tea :hi")[0][:3] == ("404", "bob", "#tea")
    assert ann.asks("MODE #tea q")[0][:5] == ("728", "ann", "#tea", "q", "bob!*@*")
    ann.says("MODE #tea -q bob!*@*")
    assert bob.says("PRIVMSG #tea :hi") == []
    ann.new()
    ann.says("MODE #tea +b *!*@" + bob_host(house))
    assert "PART" in [one.command for one in bob.new()] and bob.numbers("JOIN #tea") == ["474"]
    assert ann.asks("MODE #tea b")[0][:4] == ("367", "ann", "#tea", "bob!*@*")
    ann.says("MODE #tea -b bob!*@*")
    assert bob.numbers("JOIN #tea")[0] == "JOIN"


def bob_host(house):
    return cloak(house.hub.core.people.named("bob").identity)


@pytest.mark.parametrize("mask", ["*!*@*", "*", "b?b!*@*", "*!*@*.example", "*!bob@*"])
def test_what_the_house_cannot_ban_is_refused(ann, mask):
    assert ann.numbers(f"MODE #tea +b {mask}") in (["696"], ["482"])


def test_only_operators_see_who_is_banned(ann, bob):
    ann.says("MODE #tea +b 192.0.2.7")
    bob.new()
    bans, mutes = bob.asks("MODE #TEA +b"), bob.asks("MODE #tea q")
    assert bans == [("368", "bob", "#tea", "End of channel ban list: only operators see it")]
    assert mutes == [("729", "bob", "#tea", "q", "End of channel quiet list: only operators see it")]


def test_who_comes_back_as_the_same_is_seen_to_leave_again(house, ann):
    for _ in range(2):
        program = JsonPerson(house)
        program.joins("program", "tea")
        token = program.token
        ann.new()
        program.types("/quit bye")
        assert [one.command for one in ann.new()] == ["QUIT"]
        house.advance(1)
    again = JsonPerson(house)
    again.joins("program", "tea", resume=token)
    again.types("/nick robot", "/leave tea", "/nick program", "/join tea", "/nick robot")
    seen = [one[:3] for one in moves(ann.new())]
    assert seen.count(("program", "NICK", "robot")) == 2
    house.advance(1)
    again.types("/quit")
    assert [one.command for one in ann.new()] == ["QUIT"]


def test_a_login_brings_no_second_join(house, ann):
    ann.says("NS REGISTER password9")
    phone = Irc(house, "phone")
    phone.says("JOIN #tea,#den")
    shown = moves(phone.says("NS IDENTIFY ann password9"))
    assert ("phone", "NICK", "ann") in shown and not [one for one in shown if one[1:3] == ("JOIN", "#tea")]
    assert house.hub.core.people.named("ann").public == 2


def test_operators_make_operators(ann, bob):
    assert bob.numbers("MODE #tea +o bob") == ["482"]
    assert moves(ann.says("MODE #tea +o bob")) == [("ann", "MODE", "#tea", "+o", "bob")]
    assert moves(ann.says("MODE #tea -o bob")) == [("ann", "MODE", "#tea", "-o", "bob")]
    assert ann.numbers("MODE #tea +o nobody") == ["401"] and ann.numbers("MODE #tea +Z") == ["472"]
    assert ann.numbers("MODE #nope") == ["403"] and ann.numbers("MODE #nope +i") == ["403"]


def test_a_voice_where_only_some_speak(house, ann, bob):
    assert moves(ann.says("MODE #tea +m")) == [("ann", "MODE", "#tea", "+m")]
    bob.new()
    assert bob.numbers("PRIVMSG #tea :hi") == ["404"]
    assert moves(ann.says("MODE #tea +v bob")) == [("ann", "MODE", "#tea", "+v", "bob")]
    bob.new()
    assert bob.says("PRIVMSG #tea :hi") == [] and bob.asks("NAMES #tea")[0][-1] == "@ann +bob"
    ann.says("MODE #tea +o bob")
    carol = Irc(house, "carol", "multi-prefix")
    assert carol.asks("NAMES #tea")[0][-1] == "@ann @+bob"
    ann.says("MODE #tea -o bob", "MODE #tea -v bob", "MODE #tea -m")
    assert ann.asks("MODE #tea")[0][-1] == "+nt" and ann.numbers("MODE #tea +v nobody") == ["401"]


def test_a_thousand_modes_are_some(ann):
    assert len(ann.says("MODE #tea +" + "Z" * 450)) <= 12


def test_ones_own_modes(ann):
    assert ann.asks("MODE ann") == [("221", "ann", "+i")]
    assert ann.asks("MODE ann +B") == [("MODE", "ann", "+B")] and ann.asks("MODE ann") == [("221", "ann", "+iB")]
    assert ann.asks(f"MODE ann +{'B' * 400}") == [], "it is so already"
    assert ann.asks("MODE ann -B+B-Bw+w") == [("MODE", "ann", "-B+w")]
    assert ann.numbers("MODE ann +Z") == ["501"] and ann.numbers("MODE nobody") == ["401"]


def test_moderation_from_other_doors_is_seen_as_modes(house, ann, bob, program):
    ann.says("MODE #tea +o program")
    ann.new()
    program.types("/kick bob rude")
    assert moves(ann.new()) == [("program", "KICK", "#tea", "bob", "rude")]
    program.types("/slow 10", "/lock", "/unlock", "/private", "/private off", "/mute bob 1h noise", "/unmute bob")
    commands = [one[:4] for one in moves(ann.new())]
    assert ("program", "MODE", "#tea", "+i") in commands and ("program", "MODE", "#tea", "-ik") in commands
    assert ("program", "MODE", "#tea", "+is") in commands and ("program", "MODE", "#tea", "-q") in commands
    assert any("slow mode" in one[-1] for one in commands) and any("for 1 hour (noise)" in one[-1] for one in commands)


def test_the_first_to_come_after_an_operator_has_left_is_one(ann, bob):
    ann.says("PART #tea")
    assert moves(bob.new()) == [("ann", "PART", "#tea"), ("ann", "MODE", "#tea", "+o", "bob")]


def test_clients_get_more_where_they_can_read_it(house, ann):
    ann.says("NS REGISTER password9")
    carol = Irc(house, "carol", "extended-join", "userhost-in-names", "draft/no-implicit-names", "invite-notify")
    assert moves(carol.says("JOIN #tea")) == [("carol", "JOIN", "#tea", "*", "Carol")]
    names = carol.asks("NAMES #tea")[0][-1]
    assert names.startswith("@ann!~ann@") and "carol!~carol@" in names
    ann.says("JOIN #two")
    carol.says("JOIN #two")
    ann.says("PART #two", "JOIN #two")
    assert ("ann", "JOIN", "#two", "ann", "Ann") in moves(carol.new())
    dan = Irc(house, "dan")
    ann.says("INVITE dan #tea")
    assert ("ann", "INVITE", "dan", "#tea") in moves(carol.new()) and dan.new()


def test_minus_t_lets_everyone_set_the_topic(house, ann, bob):
    assert bob.numbers("TOPIC #tea :mine") == ["482"] and bob.numbers("MODE #tea -t") == ["482"]
    assert ann.asks("MODE #tea -t") == [("MODE", "#tea", "-t")] and ann.says("MODE #tea -t") == []
    assert ann.asks("MODE #tea")[0] == ("324", "ann", "#tea", "+n")
    bob.new()
    assert bob.asks("TOPIC #tea :mine") == [("TOPIC", "#tea", "mine")]
    assert ann.asks("MODE #tea +t")[-1] == ("MODE", "#tea", "+t") and ann.says("MODE #tea +t") == []
    assert bob.says("TOPIC #tea :ours")[-1].command == "482"


def test_names_mark_guests_and_accounts_under_whatever_nick(house, ann, bob):
    carol = Irc(house, "carol")
    carol.says("JOIN #tea")
    bob.says("NS REGISTER password9")
    ann.says("MODE #tea +o bob", "MODE #tea +v carol")
    bob.says("NICK zoe")
    carol.says("NICK aaron")

    assert bob.asks("NAMES #tea")[0][-1] == "+aaron @ann @zoe"
    ann.says("PART #tea", "JOIN #tea")
    carol.says("PART #tea")
    assert bob.asks("NAMES #tea")[0][-1] == "ann @zoe"


def test_a_room_has_one_lock_and_clients_are_told_which(house, ann, bob):
    ann.new()
    assert [one[3:] for one in moves(ann.says("MODE #tea +ik secret"))] == [("+i",), ("-i+k", "*")]
    assert ann.asks("MODE #tea")[0] == ("324", "ann", "#tea", "+ntk", "*")
    assert [one[3:] for one in moves(ann.says("MODE #tea +i"))] == [("-k+i", "*")]
    assert ann.asks("MODE #tea")[0] == ("324", "ann", "#tea", "+nit")
    ann.says("CHAT #tea private")
    assert [one[3:] for one in moves(ann.says("CHAT #tea private off"))] == [("-s",)], "it is locked still"
    assert [one[3:] for one in moves(ann.says("MODE #tea -i"))] == [("-ik", "*")]
    ann.says("MODE #tea +s", "CHAT #tea private")
    assert [one[3:] for one in moves(ann.says("CHAT #tea private off"))] == [("-i",)], "it is in no list still"


def test_who_comes_back_with_a_role_has_it_at_every_client(house, ann, bob):
    ann.says("NS REGISTER password9", "MODE #tea +v ann")
    ann.says("PART #tea")
    bob.new()
    ann.says("JOIN #tea")
    assert moves(bob.new())[-2:] == [("ann", "JOIN", "#tea"), ("chatroom", "MODE", "#tea", "+ov", "ann", "ann")]
    assert "MODE" not in [one[1] for one in moves(ann.says("PART #tea", "JOIN #tea"))], "they have asked for the names"


def test_a_ban_of_a_nick_of_digits_is_lifted_as_it_is_shown(house, ann):
    Irc(house, "007").says("JOIN #tea")
    ann.new()
    assert next(one[3:] for one in moves(ann.says("MODE #tea +b 007!*@*"))) == ("+b", "007!*@*")
    assert [one[3:] for one in moves(ann.says("MODE #tea -b 007!*@*"))] == [("-b", "007!*@*")]


@pytest.mark.parametrize("length", [5, 295, 300, 400])
def test_who_quits_is_gone_however_much_they_say(house, ann, bob, length):
    told = bob.says(f"QUIT :{'x' * length}")
    assert told[-1].command == "ERROR" and bob.gone
    assert moves(ann.new())[-1][:2] == ("bob", "QUIT")
