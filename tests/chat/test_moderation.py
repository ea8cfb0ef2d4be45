"""Moderation through the doors: effects, notifications and rights."""

from __future__ import annotations

from dataclasses import replace

import pytest
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from chatroom.chat.events import AUDIT
from chatroom.chat.people.accounts import Account
from chatroom.chat.policy import DefaultRoom, Policy
from chatroom.chat.ports import JournalError, RecordChange
from tests.house import START, House, JsonPerson, LinePerson, failures
from tests.stand_ins import SlowReads

PASSWORD = "correct horse"
FAR = IPv4Address("TCP", "192.0.2.7", 50_000)
NEXT_TO_FAR = IPv4Address("TCP", "192.0.2.8", 50_000)
HOUR = 3600.0


@pytest.fixture
def house():
    with failures() as broken:
        yield House(rate=0, registrations=100)
    assert not broken, broken[0]


@pytest.fixture
def ann(house):
    """The operator of #dev, as she opened it; a guest."""
    return comes(house, "ann")


@pytest.fixture
def bob(house, ann):
    """Somebody else in #dev."""
    return comes(house, "bob")


def comes(house, nick, *, address=None, door=LinePerson, room="dev"):
    """Add a person at any address, and have them join *room*."""
    person = door(house, address) if address is not None else door(house)
    person.joins(nick)
    person.types(f"/join {room}")
    return person


def registers(person):
    person.types(f"/register {PASSWORD}")
    return person


def becomes_admin(house, nick="root1"):
    """Let an admin in, as ``chatroom-admin`` makes them."""
    admin = registers(house.join(nick))
    [record] = [one for one in house.journal.standing() if one[1:3] == ("account", nick)]
    house.journal.change_from_outside([RecordChange("", "account", nick, {**record.value, "admin": True})])
    house.settle()
    return admin


def makes_account(house, nick):
    """Create an account, as ``chatroom-admin`` does."""
    account = Account(f"{nick}'s", nick, nick, f"plain:{PASSWORD}", admin=False, since=START, seen=START)
    house.journal.change_from_outside([account.kept()])
    house.settle()


def answer(person, *lines):
    """Type *lines*, and return the last thing that is read then."""
    person.forget()
    person.types(*lines)
    return person.lines[-1].removeprefix("#dev ") if person.lines else ""


def told(person, line):
    """Return whether *person* read *line* of #dev, however many rooms they are in."""
    return person.heard(line) or person.heard(f"#dev {line}")


def kinds(house, room="dev"):
    return [event.type for _, event in house.stored(room)]


def audit(house):
    return [(event.nick, event.act, event.where, event.text) for _, event in house.stored(AUDIT)]


def is_in(house, nick, room="dev"):
    return room in house.hub.core.people.named(nick).seats


# Who may, and over whom.

ACTS = [
    "/kick ann",
    "/ban ann",
    "/unban carol",
    "/mute ann",
    "/unmute carol",
    "/slow 5",
    "/lock",
    "/lock sesame",
    "/unlock",
    "/private",
    "/private off",
    "/op bob",
    "/deop ann",
    "/bans",
    "/topic Bob's",
]


@pytest.mark.parametrize("line", ACTS)
def test_who_is_no_operator_may_not_rule(house, ann, bob, line):
    before = len(house.stored("dev"))
    assert answer(bob, line) == f"!! Only an operator of #dev may use {line.split()[0]} here."
    assert len(house.stored("dev")) == before and audit(house) == []


@pytest.mark.parametrize("line", ACTS)
def test_nobody_rules_a_room_that_they_are_not_in(house, ann, line):
    admin = becomes_admin(house)
    admin.types("/leave lobby")
    assert answer(admin, line).startswith("!! You are not in a room;")


@pytest.mark.parametrize("line", ["/kick ann", "/ban ann", "/mute ann", "/ban ann 1h", "/kick ANN you"])
def test_nobody_rules_over_themselves(house, ann, line):
    assert answer(ann, line) == "!! That's you."
    assert is_in(house, "ann")


@pytest.mark.parametrize("act", ["kick", "ban", "mute"])
def test_nobody_rules_over_another_operator_until_they_are_none(house, ann, bob, act):
    ann.types("/op bob")
    assert answer(ann, f"/{act} bob") == "!! bob is an operator here, too; /deop them first."
    ann.types("/deop bob", f"/{act} bob")
    assert ann.heard_of(f"-- ann {act}") and audit(house)[-1][1] == act


@pytest.mark.parametrize("act", ["ban", "mute"])
def test_an_operator_who_is_not_here_is_one_all_the_same(house, ann, bob, act):
    registers(bob)
    ann.types("/op bob")
    bob.types("exit")
    assert answer(ann, f"/{act} bob") == "!! bob is an operator here, too; /deop them first."


@pytest.mark.parametrize("act", ["kick", "ban", "mute"])
def test_nobody_rules_over_an_admin(house, ann, act):
    admin = becomes_admin(house)
    admin.types("/join dev")
    assert answer(ann, f"/{act} root1") == "!! root1 is an admin of this server."
    admin.types("exit")
    if act != "kick":
        assert answer(ann, f"/{act} account:root1") == "!! root1 is an admin of this server."


def test_an_admin_rules_over_operators(house, ann, bob):
    admin = becomes_admin(house)
    admin.types("/join dev", "/kick ann enough")
    assert not is_in(house, "ann") and ann.heard_of("You were kicked from #dev by root1 (enough).")


# Kicking.


def test_who_is_kicked_is_out_and_everybody_is_told_why(house, ann, bob):
    bob.forget()
    ann.types("/kick bob stop it")
    assert told(ann, "-- ann kicked bob (stop it)") and not told(ann, "-- bob left #dev (removed by ann)")
    where = "You have no current room: /join one to go on. You are still in #lobby."
    assert bob.heard(f"-- You were kicked from #dev by ann (stop it). {where}")
    assert kinds(house)[-2:] == ["kicked", "left"]
    assert audit(house) == [("ann", "kick", "dev", "kicked bob (stop it)")]
    bob.types("hello")
    assert bob.heard(f"!! Nothing was sent. {where}") and "hello" not in house.words() + house.words("dev")
    bob.types("/join lobby", "hello")
    assert "hello" in house.words()


def test_who_is_kicked_may_come_back_and_says_nothing_before(house, ann, bob):
    bob = comes(house, "bobby", door=JsonPerson)
    ann.sends_line("/kick bobby")
    bob.sends_object({"type": "say", "room": "dev", "text": "last words"})
    house.settle()
    assert "last words" not in house.words("dev")
    bob.asks("join", room="dev")
    bob.asks("say", room="dev", text="back again")
    assert house.words("dev")[-1] == "back again"


def test_who_is_not_here_cannot_be_kicked(house, ann, bob):
    bob.types("/leave dev")
    assert answer(ann, "/kick bob") == "!! bob is not in #dev."
    assert answer(ann, "/kick nobody9") == "!! Nobody called nobody9 is here."
    assert answer(ann, "/kick") == "!! NICK missing. Usage: /kick NICK [REASON]"


def test_a_kick_takes_the_invitation_away(house, ann, bob):
    ann.types("/private", "/kick bob")
    assert answer(bob, "/join dev") == "!! #dev is invite-only; ask an operator to invite you."


def test_a_reason_has_an_end(house, ann, bob):
    for act in ("kick", "ban", "mute"):
        assert answer(ann, f"/{act} bob {'x' * 301}") == "!! A reason has at most 300 characters."
    assert is_in(house, "bob")


def test_somebody_who_is_reconnecting_can_be_kicked(house, ann):
    bot = comes(house, "bot", door=JsonPerson)
    bot.leaves()
    ann.types("/kick bot")
    assert kinds(house)[-2:] == ["kicked", "left"] and not is_in(house, "bot")
    again = bot.returns()
    assert [values["room"] for values in again.of_type("room")] == ["lobby", "dev"], "they may come back"
    again.leaves()
    ann.types("/ban bot")
    last = again.returns()
    assert [values["room"] for values in last.of_type("room")] == ["lobby"]
    assert last.of_type("refused")[0]["code"] == "banned"


def test_somebody_who_is_behind_can_be_kicked_and_goes_on_elsewhere():
    clock = Clock()
    clock.rightNow = START
    house = House(rate=0, clock=clock, journal=SlowReads(clock.callLater))
    ann, bot = comes(house, "ann"), comes(house, "bot", door=JsonPerson)
    bot.wire.stall()
    for _ in range(300):
        ann.types("x" * 1000)
    house.journal.seconds = 1.0
    bot.wire.drain()
    # Waits until it has been shown what it said, which it never is.
    bot.asks("say", room="dev", text="from behind")
    bot.asks("time")
    ann.types("/kick bot")
    house.advance(10)
    assert bot.of_type("time") and not bot.of_type("kicked")
    assert bot.asks("say", text="in the lobby", room="lobby")[-1]["type"] == "said"


def test_a_kick_that_cannot_be_recorded_has_not_happened(house, ann, bob):
    house.journal.broken = JournalError("the disk is full")
    assert "cannot be stored now" in answer(ann, "/kick bob")
    assert is_in(house, "bob")
    house.journal.broken = None
    bob.types("still here")
    assert ann.heard("#dev <bob> still here") and audit(house) == []
    ann.types("/kick bob")
    assert not is_in(house, "bob") and len(audit(house)) == 1


@pytest.mark.parametrize("line", ["/ban bob", "/mute bob", "/slow 5", "/lock sesame", "/private", "/op bob"])
def test_what_cannot_be_recorded_does_not_hold(house, ann, bob, line):
    house.journal.broken = JournalError("the disk is full")
    assert "cannot be stored now" in answer(ann, line)
    house.journal.broken = None
    bob.types("one", "two")
    assert house.words("dev")[-2:] == ["one", "two"] and is_in(house, "bob")
    assert answer(comes(house, "carol"), "/who").startswith("-- ann (operator), bob")
    assert audit(house) == []


# Bans.


def test_who_is_banned_is_out_and_stays_out(house, ann, bob):
    ann.types("/ban bob spam")
    assert told(ann, "-- ann banned bob (spam)") and told(ann, "-- bob left #dev (removed by ann)")
    assert bob.heard_of("You were banned from #dev by ann (spam).")
    assert answer(bob, "/join dev") == "!! You are banned from #dev: spam."
    assert audit(house) == [("ann", "ban", "dev", "banned bob (spam)")]
    assert answer(ann, "/bans") == "-- bob, banned by ann on 2026-01-02 03:00, forever (spam)"


def test_a_ban_is_of_whoever_has_the_nick_under_any_nick(house, ann, bob):
    ann.types("/ban bob")
    assert answer(bob, "/nick rob", "/join dev").startswith("!! You are banned from #dev")
    assert answer(comes(house, "bob"), "/join dev").startswith("!! You are banned from #dev")


def test_a_ban_is_of_the_account_and_of_the_stranger_who_uses_its_nick(house, ann):
    owner = registers(comes(house, "carl"))
    owner.types("exit")
    stranger = comes(house, "carl", door=JsonPerson)
    ann.types("/ban carl")
    assert answer(stranger, "/nick other1", "/join dev").startswith("!! You are banned")
    owner = house.join("other2")
    owner.types(f"/login carl {PASSWORD}", "/nick other3")
    assert answer(owner, "/join dev").startswith("!! You are banned")


def test_who_logs_in_to_a_banned_account_is_put_out(house, ann, bob):
    owner = registers(comes(house, "carl"))
    owner.types("exit")
    ann.types("/ban account:carl")
    guest = comes(house, "guest1")
    guest.types(f"/login carl {PASSWORD}")
    assert guest.heard_of("-- You are banned from #dev.") and guest.heard_of("Logged in as carl")
    assert not is_in(house, "carl") and kinds(house)[-1] == "left"


def test_nobody_takes_a_banned_nick_in_the_room(house, ann, bob):
    ann.types("/ban troll")
    assert answer(bob, "/nick troll") == "!! That nick is banned here."


def test_bans_run_out(house, ann, bob):
    ann.types("/ban bob 1h30m calm down")
    assert told(ann, "-- ann banned bob for 1 hour and 30 minutes (calm down)")
    house.clock.advance(HOUR)
    assert answer(bob, "/join dev") == "!! You are banned from #dev for 30 minutes more: calm down."
    house.clock.advance(HOUR / 2 - 1)
    assert answer(bob, "/join dev") == "!! You are banned from #dev for 1 second more: calm down."
    house.clock.advance(1)
    bob.types("/join dev")
    assert is_in(house, "bob") and answer(ann, "/bans") == "-- Nobody is banned or muted in #dev."


def test_bans_hold_over_a_restart_and_can_be_lifted_after_it(house, ann, bob):
    registers(ann)
    ann.types("/ban bob")
    later = house.restarted()
    ann, bob = comes(later, "ann"), comes(later, "bob")
    assert not is_in(later, "bob") and bob.heard("!! You are banned from #dev.")
    ann.types(f"/login ann {PASSWORD}", "/join dev", "/unban bob")
    assert told(ann, "-- ann unbanned bob")
    bob.types("/join dev")
    assert is_in(later, "bob")


def test_who_is_not_banned_cannot_be_unbanned(house, ann, bob):
    assert answer(ann, "/unban bob") == "!! bob is not banned from #dev."
    assert answer(ann, "/unmute bob") == "!! bob is not muted in #dev."


@pytest.mark.parametrize(
    ("duration", "told"),
    [
        ("-1h", "!! That is not a duration."),
        ("0s", "!! A duration cannot be zero."),
        ("99999999d", "!! A duration is at most 3,650 days."),
        ("999999999999999999999999d", "!! That is not a duration."),
        ("1x", "!! That is not a duration."),
        ("1e9s", "!! That is not a duration."),
    ],
)
def test_a_duration_that_is_none_bans_and_mutes_nobody(house, ann, bob, duration, told):
    for act in ("ban", "mute"):
        assert answer(ann, f"/{act} bob {duration} spam").startswith(told)
    assert is_in(house, "bob") and audit(house) == []


@pytest.mark.parametrize(
    "target", ["a b", "no/network", "300.1.1.1", "account:nobody9", "address:nobody9", "\u0430nn", "@"]
)
def test_a_target_that_is_none_is_refused(house, ann, bob, target):
    assert answer(ann, f"/ban {target}").startswith("!! ") or target == "a b"
    assert is_in(house, "ann") and is_in(house, "bob")


def test_a_ban_of_an_address_keeps_out_whoever_comes_from_there(house, ann):
    far = comes(house, "far1", address=FAR)
    other = comes(house, "far2", address=FAR)
    next_to = comes(house, "near", address=NEXT_TO_FAR)
    ann.types("/ban address:far1 1h")
    assert [is_in(house, nick) for nick in ("far1", "far2", "near", "ann")] == [False, False, True, True]
    assert answer(far, "/nick new1", "/join dev").startswith("!! You are banned from #dev for 1 hour more")
    assert "192.0.2.7" not in "".join(ann.everything + other.everything + next_to.everything)
    assert answer(ann, "/unban address:far1") == "-- ann unbanned address:far1"
    assert answer(far, "/join dev").startswith("-- You are in #dev")


def test_a_ban_of_a_network_keeps_out_all_of_it_and_no_operators(house, ann, bob):
    far = comes(house, "far1", address=FAR)
    chief = comes(house, "chief", address=NEXT_TO_FAR)
    six = comes(house, "six", address=IPv6Address("TCP", "2001:db8:1::1", 50_000))
    ann.types("/op chief", "/ban 192.0.2.0/24", "/ban 2001:db8::/32")
    assert not is_in(house, "far1") and not is_in(house, "six") and is_in(house, "chief") and is_in(house, "bob")
    assert far.heard_of("You were banned") and six.heard_of("You were banned") and not chief.heard_of("banned from")
    assert answer(ann, "/unban 192.0.2.0/24") == "-- ann unbanned 192.0.2.0/24"


def test_who_comes_by_a_unix_socket_has_no_address_to_ban(house, ann):
    comes(house, "Eve", address=UNIXAddress("/run/chat"))

    assert answer(ann, "/ban address:eve") == "!! Eve has no network address."


@pytest.mark.parametrize("target", ["127.0.0.1", "127.0.0.0/8", "::1", "0.0.0.0/0", "address:bob"])
def test_nobody_bans_this_machine_or_everyone(house, ann, bob, target):
    assert answer(ann, f"/ban {target}").startswith("!! ")
    assert is_in(house, "bob")


def test_who_carries_on_from_a_banned_address_is_put_out(house, ann):
    bot = comes(house, "bot", door=JsonPerson)
    ann.types("/ban 192.0.2.0/24")
    bot.leaves()
    again = JsonPerson(house, FAR)
    again.joins("bot", resume=bot.token, seen=bot.seen)
    assert again.heard_of("You are banned from #dev.") and not is_in(house, "bot") and is_in(house, "bot", "lobby")
    assert again.of_type("live") and again.asks("say", text="hello", room="lobby")


def test_whoever_comes_in_at_the_moment_of_the_ban_is_kept_out(house, ann, bob):
    bob.types("/leave dev")
    ann.sends_line("/ban bob")
    bob.sends_line("/join dev")
    house.settle()
    house.settle()
    assert not is_in(house, "bob") and bob.heard("!! You are banned from #dev.")
    assert presence(house) == {"ann"}


def test_a_ban_holds_though_the_operator_is_gone_the_next_moment(house, ann, bob):
    registers(ann)
    ann.sends_line("/ban bob")
    ann.wire.vanish()
    house.settle()
    assert not is_in(house, "bob") and bob.heard_of("You were banned from #dev")


def test_who_leaves_at_the_moment_of_the_ban_leaves_once(house, ann, bob):
    bob.sends_line("/leave dev")
    ann.sends_line("/ban bob")
    house.settle()
    assert kinds(house).count("left") == 1


def presence(house, room="dev"):
    """Compute from the journal who is in *room*, and check that nobody joins or leaves twice."""
    inside: dict[str, str] = {}
    for _, event in house.stored(room):
        if event.type == "joined":
            assert event.by not in inside
            inside[event.by] = event.nick
        elif event.type == "left":
            del inside[event.by]
        elif event.type == "renamed":
            inside[event.by] = event.new
    return set(inside.values())


@pytest.mark.slow
def test_a_list_of_a_hundred_thousand_bans_is_searched_and_shown_and_full():
    house = House(rate=0)
    value = {"target": "x", "reason": "", "by": "ann", "at": START, "until": None}
    masks = [f"nick:n{number}" for number in range(60_000)]
    masks += [f"address:10.{number >> 8 & 255}.{number & 255}.0/24" for number in range(40_000)]
    house.journal.change(
        [RecordChange("dev", "ban", mask, {**value, "target": mask.partition(":")[2]}) for mask in masks]
    )
    house.journal.change([RecordChange("dev", "operator", "someone", {"nick": "someone"})])
    house.settle()
    ann = comes(house, "ann")
    assert is_in(house, "ann") and answer(comes(house, "n59999"), "/join dev").startswith("!! You are banned")
    far = comes(house, "far", address=IPv4Address("TCP", "10.1.2.3", 5))
    assert far.heard("!! You are banned from #dev.")
    assert answer(ann, "/bans") == "-- … and 99,800 more"
    assert answer(ann, "/ban bob") == "!! The list of #dev is full: at most 100,000."
    ann.types("/unban n59999", "/ban bob")
    assert audit(house)[-1][1] == "ban"


def test_what_has_run_out_does_not_fill_the_list():
    house = House(rate=0, bans=2)
    ann = comes(house, "ann")
    ann.types("/ban b1 1m", "/ban b2 1m")
    assert answer(ann, "/ban b3") == "!! The list of #dev is full: at most 2."
    house.clock.advance(61)
    ann.types("/ban b3")
    assert audit(house)[-1][3] == "banned b3"
    assert [one.key for one in house.journal.standing("dev") if one.kind == "ban"] == ["nick:b3"]


def test_bans_and_mutes_follow_a_clock_that_jumps(house, ann, bob):
    ann.types("/mute bob 1h", "/ban carol 1h")
    house.clock.rightNow -= 10 * 86_400
    assert answer(bob, "hello").startswith("!! You are muted in #dev for 1 week and 4 days more")
    carol = comes(house, "carol")
    assert not is_in(house, "carol")
    house.clock.rightNow += 20 * 86_400
    bob.types("hello")
    carol.types("/join dev")
    assert ann.heard("#dev <bob> hello") and is_in(house, "carol")


# Mutes and slow rooms.


def test_who_is_muted_reads_and_leaves_and_says_nothing(house, ann, bob):
    ann.types("/mute bob 10m shouting")
    assert told(bob, "-- ann muted bob for 10 minutes (shouting)")
    refusal = "!! You are muted in #dev for 10 minutes more: shouting."
    assert answer(bob, "hello") == answer(bob, "/me waves") == refusal
    ann.types("can you read?")
    assert bob.heard("#dev <ann> can you read?")
    bob.types("/msg ann yes")
    assert ann.heard("[bob -> you] yes")
    bob.types("/quit with last words")
    assert told(ann, "-- bob left #dev") and not ann.heard_of("left #dev (with last words)")


def test_who_is_muted_sets_no_topic_where_anybody_may(house):
    admin, bob = becomes_admin(house), house.join("bob")
    admin.types("/mute bob")
    assert answer(bob, "/topic Mine") == "!! You are muted in #lobby."
    admin.types("/unmute bob")
    bob.types("/topic Mine")
    assert told(admin, "-- bob set the topic of #lobby: Mine")


def test_a_mute_runs_out_and_is_lifted_and_holds_over_a_restart(house, ann, bob):
    registers(ann)
    registers(bob)
    ann.types("/mute bob 1h")
    house.clock.advance(HOUR + 1)
    bob.types("free")
    ann.types("/mute bob", "/unmute bob")
    bob.types("free again")
    ann.types("/mute bob")
    assert house.words("dev")[-2:] == ["free again", ""] or "free again" in house.words("dev")
    later = house.restarted()
    ann, bob = comes(later, "ann"), comes(later, "bob")
    bob.types(f"/login bob {PASSWORD}", "/join dev")
    assert answer(bob, "hello") == "!! You are muted in #dev."
    assert audit(later)[-1] == ("ann", "mute", "dev", "muted bob")


def test_operators_may_speak_whatever_is_muted(house, ann, bob):
    ann.types("/mute 192.0.2.0/24")
    far, chief = comes(house, "far", address=FAR), comes(house, "chief", address=NEXT_TO_FAR)
    ann.types("/op chief")
    chief.types("I may")
    assert answer(far, "may I?") == "!! You are muted in #dev." and far.heard_of("#dev <chief> I may") is False
    assert "I may" in house.words("dev")


def test_in_a_slow_room_everyone_but_operators_waits(house, ann, bob):
    ann.types("/slow 30")
    assert told(bob, "-- ann turned on slow mode in #dev: one line per person every 30 seconds")
    bob.types("one")
    assert answer(bob, "two") == "!! #dev is in slow mode: you can talk again in 30 seconds."
    ann.types("1", "2", "3")
    house.clock.advance(29)
    assert answer(bob, "/me hums").startswith("!! #dev is in slow mode")
    house.clock.advance(1)
    bob.types("three")
    house.wall_ahead -= 86_400
    assert answer(bob, "four") == "!! #dev is in slow mode: you can talk again in 30 seconds."
    ann.types("/slow")
    bob.types("five", "six")
    said = [event.text for _, event in house.stored("dev") if event.type == "said" and event.nick == "bob"]
    assert said == ["one", "three", "five", "six"]


@pytest.mark.parametrize("line", ["/slow 3601", "/slow -1", "/slow x", "/slow 0"])
def test_a_pace_that_is_none_is_refused(house, ann, line):
    assert answer(ann, line).startswith("!! ")
    assert "setting" not in kinds(house)


# Who may come in.


def test_a_key_opens_a_locked_room_for_good(house, ann, bob):
    ann.types("/lock sesame")
    assert told(bob, "-- ann locked #dev with a key")
    carol = house.join("carol")
    assert answer(carol, "/join dev") == "!! #dev is locked. It needs a key: /join dev KEY"
    assert answer(carol, "/join dev wrong") == "!! #dev is locked. Wrong key: /join dev KEY"
    carol.types("/join dev sesame", "/leave dev", "/join dev")
    bob.types("/leave dev", "/join dev")
    assert is_in(house, "carol") and is_in(house, "bob"), "who was inside is invited"
    assert "sesame" not in str(house.stored("dev") + house.stored(AUDIT)) + str(house.journal.standing("dev"))


def test_a_lock_holds_over_a_restart_for_who_was_not_inside(house, ann, bob):
    registers(ann)
    registers(bob)
    ann.types("/lock sesame")
    later = house.restarted()
    bob, carol = later.join("bob"), comes(later, "carol")
    bob.types(PASSWORD)
    assert is_in(later, "bob") and not is_in(later, "carol")
    carol.types("/join dev sesame")
    assert is_in(later, "carol")


def test_a_room_without_a_key_takes_none(house, ann, bob):
    assert answer(house.join("carol"), "/join dev sesame").startswith("!! #dev has no key")


def test_another_key_takes_the_place_of_the_first(house, ann):
    ann.types("/lock first", "/lock second")
    carol = house.join("carol")
    assert answer(carol, "/join dev first").startswith("!! #dev is locked. Wrong key")
    carol.types("/join dev second")
    assert is_in(house, "carol")


def test_locked_without_a_key_is_for_the_invited(house, ann, bob):
    ann.types("/lock")
    carol = house.join("carol")
    assert answer(carol, "/join dev") == "!! #dev is invite-only; ask an operator to invite you."
    assert answer(bob, "/invite carol") == "!! Only an operator of #dev may use /invite here."
    ann.types("/invite carol")
    assert carol.heard("-- ann invites you to #dev: /join dev")
    assert ("ann", "invite", "dev", "invited carol") in audit(house)
    carol.types("/join dev")
    ann.types("/unlock")
    assert is_in(house, "carol") and answer(house.join("dora"), "/join dev").startswith("-- You are in #dev")


def test_in_an_open_room_anybody_invites(house, ann, bob):
    carol = house.join("carol")
    bob.types("/invite carol")
    assert carol.heard("-- bob invites you to #dev: /join dev") and audit(house) == []
    assert answer(bob, "/invite ann") == "!! ann is already in #dev."


def test_a_private_room_is_not_there_for_others(house, ann, bob):
    ann.types("/private", "the marmalade")
    carol = house.join("carol")
    assert answer(carol, "/who dev") == "!! Nobody is in #dev."
    assert "dev" not in f"{carol.everything[:-1]} {answer(carol, '/rooms')} {answer(carol, '/whois ann')}"
    # Just as of a room that there never was.
    assert answer(carol, "/search marmalade in:dev") == "-- No results for: marmalade in:dev"
    assert answer(carol, "/search marmalade in:nowhere") == "-- No results for: marmalade in:nowhere"
    assert "#dev" in answer(bob, "/whois ann") and answer(bob, "/who").startswith("-- ann")
    ann.types("/private off")
    assert answer(carol, "/who dev").startswith("-- ann")


def test_a_guest_who_comes_back_after_a_restart_finds_the_private_room_closed(house, ann, bob):
    ann.types("/private")
    later = house.restarted()
    assert answer(comes(later, "bob"), "/join dev").startswith("!! #dev is invite-only")


def test_what_is_so_already_is_refused(house, ann):
    for line in ("/unlock", "/private off", "/slow"):
        assert answer(ann, line) == "!! That's already set in #dev."
    ann.types("/private", "/lock")
    for line in ("/private", "/lock"):
        assert answer(ann, line) == "!! That's already set in #dev."


@pytest.mark.parametrize("line", ["/lock", "/lock sesame", "/private"])
def test_the_lobby_and_the_rooms_of_the_configuration_stay_open(line):
    house = House(rate=0, policy=Policy(rooms=(DefaultRoom("dev", operators=("ann",)),)))
    makes_account(house, "ann")
    ann = house.join("ann")
    ann.types(PASSWORD, "/join dev")
    assert answer(ann, line) == "!! #dev is open to everyone."


def test_a_stranger_cannot_register_the_nick_of_an_operator_to_be():
    house = House(rate=0, policy=Policy(rooms=(DefaultRoom("dev", operators=("Ann",)),)))
    stranger = comes(house, "ann")

    for line in (f"/register {PASSWORD}", "/register"):
        assert answer(stranger, line).startswith("!! Only an admin of this server can register that nick")
    assert answer(stranger, "/kick ann").startswith("!! Only an operator")
    assert len(house.hub.core.accounts) == 0
    makes_account(house, "ann")
    stranger.types(f"/login {PASSWORD}")
    assert stranger.heard_of("Logged in as ann")
    assert answer(stranger, "/who") == "-- ann (operator)"


def test_nor_if_the_configuration_names_it_while_the_password_is_hashed():
    house = House(rate=0)
    stranger, slow = comes(house, "ann"), Deferred()
    house.passwords.hash = lambda password: slow
    stranger.types(f"/register {PASSWORD}")
    house.hub.set_policy(replace(house.policy, rooms=(DefaultRoom("dev", operators=("ann",)),)))

    slow.callback(f"plain:{PASSWORD}")
    house.settle()

    assert stranger.heard_of("!! Only an admin of this server can register that nick") and not len(
        house.hub.core.accounts
    )


# Operators.


def test_who_opens_a_room_is_its_operator_and_who_comes_later_is_not(house, ann, bob):
    assert answer(ann, "/who") == "-- ann (operator), bob"
    assert ann.heard_of("In #dev (2)")


def test_nobody_rules_the_lobby_for_having_come_first(house):
    ann = house.join("ann")
    assert answer(ann, "/kick ann").startswith("!! Only an operator")
    ann.types("/topic Tea")
    assert told(ann, "-- ann set the topic of #lobby: Tea")


def test_operators_make_others_operators_and_are_none_any_more(house, ann, bob):
    ann.types("/op bob")
    assert told(bob, "-- ann made bob an operator of #dev")
    bob.types("/topic Bob's", "/deop ann")
    assert told(ann, "-- bob removed ann as an operator of #dev")
    assert answer(ann, "/topic Ann's").startswith("!! Only an operator of #dev")
    assert answer(bob, "/op bob") == "!! bob is already an operator of #dev."
    assert answer(bob, "/deop ann") == "!! ann is not an operator of #dev."
    assert answer(bob, "/op nobody9") == "!! nobody9 is not in #dev, and has no account."


def test_the_last_operator_stays_one_but_for_an_admin(house, ann, bob):
    assert answer(ann, "/deop ann") == "!! That's the last operator here; /op someone else first."
    admin = becomes_admin(house)
    admin.types("/join dev", "/deop ann")
    assert told(ann, "-- root1 removed ann as an operator of #dev")
    bob.types("/topic anybody's now")
    assert told(ann, "-- bob set the topic of #dev: anybody's now")


def test_the_last_who_can_still_be_one_is_the_last(house, ann, bob):
    registers(bob)
    ann.types("/op bob")
    bob.types(f"/account delete {PASSWORD}")
    assert answer(ann, "/deop ann").startswith("!! That's the last operator here")


@pytest.mark.parametrize("way", ["/leave dev", "exit"])
def test_a_guest_who_goes_hands_over_to_who_was_there_longest(house, ann, bob, way):
    carol = comes(house, "carol")
    ann.types(way)
    house.settle()
    assert told(bob, "-- ann made bob an operator of #dev")
    assert answer(carol, "/who") == "-- bob (operator), carol"
    back = comes(house, "ann") if way == "exit" else ann
    assert answer(back, "/join dev", "/topic mine").startswith("!! Only an operator")


def test_a_guest_does_not_hand_over_where_others_rule(house, ann, bob):
    carol = comes(house, "carol")
    ann.types("/op carol", "exit")
    assert answer(bob, "/who") == "-- bob, carol (operator)" and carol.heard_of("ann left")


def test_a_guest_who_is_put_out_hands_over_too(house, ann, bob):
    admin = becomes_admin(house)
    admin.types("/join dev", "/kick ann")
    assert told(bob, "-- ann made bob an operator of #dev")
    assert answer(ann, "/join dev", "/topic mine").startswith("!! Only an operator")


def test_handing_over_outlasts_a_disk_that_is_full(house, ann, bob):
    house.journal.broken = JournalError("the disk is full")
    ann.types("exit")
    house.journal.broken = None
    house.advance(6)
    assert answer(bob, "/who") == "-- bob (operator)" and presence(house) == {"bob"}


def test_the_last_to_go_leaves_the_room_to_who_comes_next(house, ann):
    ann.types("/leave dev")
    bob = comes(house, "bob")
    assert answer(bob, "/who") == "-- bob (operator)"


def test_an_empty_locked_room_without_operators_is_ruled_by_the_next_who_may_come_in(house, ann, bob):
    ann.types("/lock sesame")
    bob.types("/leave dev")
    ann.types("exit")
    bob.types("/join dev", "/unlock")
    assert told(bob, "-- bob unlocked #dev")


def test_an_account_stays_an_operator(house, ann, bob):
    registers(ann)
    ann.types("/leave dev")
    bob.types("exit")
    carol = comes(house, "carol")
    assert answer(carol, "/who") == "-- carol"
    later = house.restarted()
    carol, phone = comes(later, "carol"), comes(later, "phone")
    phone.types(f"/login ann {PASSWORD}")
    assert answer(phone, "/kick carol").startswith("-- ") and not is_in(later, "carol")


def test_a_guest_whom_a_crash_took_rules_no_more(house, ann, bob):
    later = house.restarted()
    carol = comes(later, "carol")
    assert answer(carol, "/who") == "-- carol (operator)"


def test_a_deleted_account_rules_no_more(house, ann, bob):
    registers(ann)
    ann.types(f"/account delete {PASSWORD}")
    bob.types("/topic anybody's")
    assert told(ann, "-- bob set the topic of #dev: anybody's")
    ann.types("exit")
    bob.types("exit")
    assert answer(comes(house, "carol"), "/who") == "-- carol (operator)"


def test_a_guest_who_registers_keeps_what_they_are(house, ann, bob):
    ann.types("/lock")
    registers(ann)
    assert answer(ann, "/who") == "-- ann (operator), bob"
    ann.types("/leave dev", "/join dev", "/unlock")
    assert told(ann, "-- ann unlocked #dev")


def test_the_configuration_names_operators_and_topics_also_while_the_server_runs(house, ann, bob):
    registers(bob)
    ann.types("/private")
    carol = house.join("carol")
    assert answer(carol, "/join dev").startswith("!! #dev is invite-only")
    house.hub.set_policy(Policy(rooms=(DefaultRoom("dev", "Work", ("Bob",)),), limits=house.limits))
    carol.types("/join dev")
    assert carol.heard("-- Topic: Work"), "what the configuration names is open to everyone"
    assert answer(bob, "/topic Mine").endswith("bob set the topic of #dev: Mine")
    assert answer(ann, "/kick bob") == "!! bob is an operator here, too; /deop them first."
    bob.types("/topic -")
    assert answer(carol, "/topic") == "-- The topic of #dev: Work"
    house.hub.set_policy(Policy(limits=house.limits))
    assert answer(bob, "/topic Mine").startswith("!! Only an operator of #dev")
    assert answer(carol, "/rooms") == "-- #lobby      3"


def test_default_rooms_are_listed_with_nobody_in_them():
    house = House(policy=Policy(rooms=(DefaultRoom("help2", "Ask here"),)))
    ann = house.join("ann")
    assert answer(ann, "/rooms") == "-- #help2      0  Ask here"
    ann.types("/join help2")
    assert ann.heard("-- Topic: Ask here") and not ann.heard("-- You are an operator here.")


# What resembles a duration.


def test_an_ordinal_begins_a_reason(house, ann):
    ann.types("/ban evan10 3rd warning", "/mute evan11 21st time", "/ban evan12 for the 2nd time")
    for line in ("banned evan10 (3rd warning)", "muted evan11 (21st time)", "banned evan12 (for the 2nd time)"):
        assert ann.heard_of(f"-- ann {line}")


@pytest.mark.parametrize(
    ("typed", "said"),
    [("3 days", "3 days"), ("10min too loud", "10 minutes"), ("1 week", "1 week"), ("for 2 hours", "2 hours")],
)
def test_a_duration_may_be_written_out(house, ann, typed, said):
    ann.types(f"/ban evan {typed}")
    assert ann.heard_of(f"-- ann banned evan for {said}")


@pytest.mark.parametrize("typed", ["10", "10 spam", "3 dyas", "for 1.5h", "half an hour", "until 18:00"])
def test_a_ban_never_lasts_forever_because_of_a_typing_error(house, ann, typed):
    for command in ("ban", "mute"):
        ann.types(f"/{command} evan {typed}")
        assert ann.lines[-1].startswith("!! That is not a duration.")
    assert "banned" not in kinds(house) and "muted" not in kinds(house)
