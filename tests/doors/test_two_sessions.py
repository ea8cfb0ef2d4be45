"""The contract of the doors for one person with two sessions: one behaviour, run through each pair of doors."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product

import pytest

from chatroom.chat.people.accounts import Account
from chatroom.chat.policy import LOBBY
from chatroom.chat.rooms.speech import say
from tests.house import START, ClientPerson, JsonPerson, LinePerson, failures, over_tls
from tests.web_person import WebPerson

pytestmark = pytest.mark.slow

PLAIN = {"line": LinePerson, "json": JsonPerson, "client": ClientPerson, "web": WebPerson}
PAIRS = {f"{first}-{second}": (PLAIN[first], PLAIN[second]) for first, second in product(PLAIN, PLAIN)}
PAIRS |= {f"{name}-tls": (over_tls(first), over_tls(second)) for name, (first, second) in PAIRS.items()}
PASSWORD = "tulips-in-the-rain"
GOODBYES = {
    "LinePerson": "nc or telnet",
    "JsonPerson": "a client",
    "ClientPerson": "a client",
    "WebPerson": "the web",
}


@pytest.fixture(params=PAIRS)
def pair(request):
    return PAIRS[request.param]


@pytest.fixture
def house(houses):
    with failures() as broken:
        yield houses(rate=0.0, byte_rate=0.0)
    assert not broken, broken[0]


@pytest.fixture
def chief(house):
    """An admin of the server."""
    chief = owner(house, "chief")
    accounts = house.hub.core.accounts
    accounts.put(replace(accounts.of("chief"), admin=True))
    house.hub.logins.check_accounts({"chief"})
    return chief


@pytest.fixture
def bob(house):
    return house.join("bob")


@pytest.fixture
def laptop(house, bob, pair):
    """dora, with an account."""
    return owner(house, "dora", pair[0])


@pytest.fixture
def phone(house, laptop, pair, bob):
    """The second session of dora; nobody has seen anything since both are there."""
    phone = house.join("passer-by", pair[1])
    phone.types(f"/login dora {PASSWORD}")
    phone.nick = "dora"
    for one in (laptop, phone, bob):
        one.forget()
    return phone


def owner(house, nick, door=LinePerson):
    person = house.join(nick, door)
    person.types(f"/register {PASSWORD}")
    house.settle()
    return person


def both(laptop, phone, line):
    return laptop.heard(line) and phone.heard(line)


def one_room(person):
    """Whether they are shown their current room only, as people with nc are."""
    return isinstance(person, LinePerson)


def told_of(person, room, people, again=False):
    """What a session that is in the lobby is told when its person is in another *room*, too."""
    if isinstance(person, ClientPerson):
        return f"-- You are also in #{room}. What you type goes to #lobby; /join {room} changes that."
    if one_room(person):
        now = f"now, too: /join {room} shows it."
        return f"-- You are also in #{room}: /join shows one of them." if again else f"-- You are in #{room} {now}"
    return f"-- You are in #{room}. {people}"


# Coming in.


def test_who_logs_in_leaves_as_the_guest_and_becomes_the_person(house, bob, laptop, pair):
    phone = house.join("passer-by", pair[1])
    bob.forget()
    laptop.forget()

    phone.types(f"/login dora {PASSWORD}")

    assert phone.heard("-- You are now known as dora.") and phone.heard("-- Logged in as dora.")
    assert phone.heard(f"-- You are also here by {GOODBYES[pair[0].__name__.removesuffix('OverTls')]}.")
    for other in (bob, laptop):
        assert [line for line in other.lines if "dora" in line] == ["-- passer-by left #lobby (logged in as dora)"]
    assert len(house.hub.core.people) == 2


def test_a_nick_that_ones_own_account_uses_leads_to_it(house, bob, laptop, pair):
    phone = pair[1](house)
    if isinstance(phone, JsonPerson):
        phone.joins("dora", password=PASSWORD)
    else:
        phone.joins("dora")
        if isinstance(phone, ClientPerson):
            phone.conversation.requests.give_password(PASSWORD)
            house.settle()
        else:
            phone.types(PASSWORD)

    assert phone.heard("-- Logged in as dora.") and house.hub.core.people.owner(account(house)).nick == "dora"
    assert len(house.hub.core.people) == 2
    assert not bob.heard_of("tulips")


def account(house):
    return house.hub.core.accounts.of("dora")


def test_a_wrong_password_leaves_the_next_free_nick(house, bob, laptop, pair):
    phone = house.join("passer-by", pair[1])
    laptop.forget()

    phone.types("/login dora tulips-in-the-sun", "hello")

    assert phone.heard("!! Wrong nick or password.") and bob.heard("<passer-by> hello")
    assert laptop.heard("<passer-by> hello") and len(house.hub.core.people) == 3


def test_others_hear_nothing_of_a_second_session_and_see_one_person(bob, laptop, phone):
    bob.types("/who")

    [heading, people] = bob.lines
    assert heading == "-- In #lobby (2):" and re.fullmatch(r"-- bob, dora(?: \([a-z]+, [a-z]+\))?", people)


def test_whoever_comes_with_a_second_session_enters_the_rooms_of_the_person(house, laptop, pair):
    laptop.types("/join dev", "one")
    phone = house.join("passer-by", pair[1])
    phone.forget()

    phone.types(f"/login dora {PASSWORD}")

    assert phone.heard(told_of(phone, "dev", "You are alone here.", again=True))
    phone.types("/join dev", "/history", "two")
    assert phone.heard("-- You are in #dev. You are alone here.") and phone.heard_of("<dora> one")
    assert laptop.heard_of("<dora> two")


def test_the_rooms_of_the_guest_are_entered_by_the_person(house, bob, laptop, pair):
    phone = house.join("passer-by", pair[1])
    phone.types("/join dev")

    phone.types(f"/login dora {PASSWORD}")
    laptop.types("/join dev")
    phone.types("/join dev", "in dev")

    assert laptop.heard_of("<dora> in dev") and not bob.heard_of("in dev")
    assert {person.nick for person in house.hub.rooms.get("dev").people()} == {"dora"}


# Talking.


def test_what_one_session_says_the_other_sees_as_by_the_person(house, bob, laptop, phone):
    laptop.types("from the laptop", "/me waves")
    phone.types("from the phone", "/me yawns")

    said = ["<dora> from the laptop", "* dora waves", "<dora> from the phone", "* dora yawns"]
    for one, own in ((laptop, said[:2]), (phone, said[2:])):
        assert [line for line in one.lines if line in said] == [line for line in said if one.echoes or line not in own]
    assert bob.lines == said


def test_json_marks_the_others_lines_as_own_and_shows_no_ref_of_theirs(laptop, phone):
    laptop.types("hello")
    ref = {"ref": "7"} if isinstance(phone, JsonPerson) else {}
    if ref:
        phone.asks("say", text="hi", **ref)
    if isinstance(laptop, JsonPerson) and ref:
        [hi] = [one for one in laptop.of_type("said") if one["text"] == "hi"]
        assert hi["own"] is True and "ref" not in hi
    if ref:
        [hello] = [one for one in phone.of_type("said") if one["text"] == "hello"]
        [hi] = [one for one in phone.of_type("said") if one["text"] == "hi"]
        assert hello["own"] is True and "own" not in hi and hi["ref"] == "7"
    assert phone.lines.count("<dora> hello") == 1


def test_two_sessions_may_use_the_same_refs(house, bob, laptop, phone):
    for one, text in ((laptop, "one"), (phone, "two")):
        if isinstance(one, JsonPerson):
            one.sends_object({"type": "say", "text": text, "ref": "1"})
        else:
            one.sends_line(text)
    house.settle()

    for one, text in ((laptop, "one"), (phone, "two")):
        if isinstance(one, JsonPerson):
            assert [values["text"] for values in one.objects if values.get("ref") == "1"] == [text]
    assert sorted(bob.talk) == ["<dora> one", "<dora> two"]


def test_all_is_seen_once_and_in_one_order(house, bob, laptop, phone):
    for n in range(8):
        for speaker in (laptop, bob, phone):
            speaker.sends_line(f"{n} of {id(speaker)}")
    house.settle()

    told = [f"<{event.nick}> {event.text}" for _, event in house.stored() if hasattr(event, "text")]
    assert len(told) == 24
    for one in (laptop, phone):
        own = f"of {id(one)}"
        assert [line for line in one.lines if " of " in line] == [
            line for line in told if one.echoes or not line.endswith(own)
        ]


def test_private_messages_are_seen_in_both(bob, laptop, phone):
    bob.types("/msg dora psst")
    phone.types("/msg bob what?")
    bob.types("/msg dora nothing")
    laptop.types("/reply well")

    assert both(laptop, phone, "[bob -> you] psst") and both(laptop, phone, "[bob -> you] nothing")
    for one in (laptop, phone):
        assert one.lines.count("[you -> bob] what?") == one.lines.count("[you -> bob] well") == 1
    assert bob.lines.count("[dora -> you] what?") == bob.lines.count("[dora -> you] well") == 1


def test_notes_to_oneself_are_seen_in_both_and_unread_in_neither(laptop, phone):
    laptop.types("/msg dora milk")
    phone.types("/msg dora bread")
    for one in (laptop, phone):
        assert [line for line in one.lines if "yourself" in line] == [
            "[you -> yourself] milk",
            "[you -> yourself] bread",
        ]
        one.types("/unread")
        assert one.heard("-- You have read everything.")


# What follows.


def test_rooms_follow_and_the_current_one_does_not(bob, laptop, phone):
    bob.types("/join dev", "/join lobby")
    laptop.types("/join dev")

    assert laptop.heard("-- You are in #dev. 2 people: bob and dora.")
    assert phone.heard(told_of(phone, "dev", "2 people: bob and dora."))
    phone.types("in the lobby")
    assert bob.heard_of("<dora> in the lobby")
    bob.types("/join dev")
    laptop.types("in dev")
    assert bob.heard_of("<dora> in dev")
    assert phone.heard_of("<dora> in dev") is not one_room(phone)
    assert laptop.heard_of("<dora> in the lobby") is not one_room(laptop)


def test_leaving_follows_and_is_heard_once(bob, laptop, phone):
    bob.types("/join dev")
    laptop.types("/join dev")
    phone.types("/leave dev")

    assert len([line for line in bob.lines if "-- dora left #dev" in line]) == 1
    assert laptop.heard_of("-- You left #dev. ") or laptop.heard_of("-- You are no longer in #dev. ")
    assert phone.heard("-- You left #dev. You are in #lobby now.")
    bob.types("secret")
    assert not laptop.heard_of("secret") and not phone.heard_of("secret")


def test_a_nick_follows(bob, laptop, phone):
    laptop.types("/nick dorothy")
    phone.types("hello")

    assert both(laptop, phone, "-- You are now known as dorothy.")
    assert [line for line in bob.lines if "dor" in line] == ["-- dora is now known as dorothy", "<dorothy> hello"]


def test_being_away_follows(bob, laptop, phone):
    laptop.types("/away at supper")
    bob.types("/msg dora psst")
    phone.types("/away")

    assert bob.heard("-- dora is away: at supper.")
    assert both(laptop, phone, "-- You are back.") and phone.heard_of("-- You are marked as away")


def test_preferences_follow(bob, laptop, phone):
    laptop.types("/ignore bob")
    bob.types("can you hear me?")
    phone.types("/notify mentions")
    laptop.types("/notify")
    laptop.types("/color on")

    assert not laptop.heard_of("hear me") and not phone.heard_of("hear me")
    assert laptop.heard("-- Notifications: mentions. Change with /notify all, mentions or none.")
    phone.types("/unignore bob")
    bob.types("and now?")
    assert laptop.heard_of("and now?") and phone.heard_of("and now?")


# Moderation reaches both.


def test_a_kick_removes_both(chief, bob, laptop, phone):
    chief.types("/kick dora singing")

    assert both(laptop, phone, "-- You were kicked from #lobby by chief (singing). You are not in any room now.")
    chief.types("secret")
    laptop.types("hello?")
    phone.types("hello?")
    for one in (laptop, phone):
        assert not one.heard_of("secret") and one.heard("!! You are not in a room; /join one first.")
    assert not bob.heard_of("hello?")


def test_a_ban_removes_both_and_neither_comes_back(chief, laptop, phone):
    chief.types("/ban dora 1h")
    for one in (laptop, phone):
        one.types("/join lobby")
        assert one.heard_of("-- You were banned from #lobby by chief")
        assert one.heard_of("!! You are banned from #lobby")


def test_a_mute_silences_both(chief, bob, laptop, phone):
    chief.types("/mute dora 1h")
    laptop.types("la")
    phone.types("la la")

    assert laptop.heard_of("!! You are muted") and phone.heard_of("!! You are muted") and not bob.heard_of("la")


def test_a_server_ban_disconnects_both(house, chief, bob, laptop, phone):
    chief.types("/gban dora 1h")
    house.settle()

    assert laptop.gone and phone.gone
    assert len([line for line in bob.lines if "-- dora left #lobby" in line]) == 1
    assert {person.nick for person in house.hub.core.people.values()} == {"bob", "chief"}


def test_a_deleted_account_makes_both_sessions_one_guest(house, bob, laptop, phone):
    laptop.types(f"/account delete {PASSWORD}")
    phone.types("hello")
    laptop.types("hello too")

    assert both(laptop, phone, "-- You are a guest again: The account dora is deleted.")
    assert bob.lines == ["<dora> hello", "<dora> hello too"] and len(house.hub.core.people) == 2


@pytest.mark.parametrize("door", [JsonPerson, WebPerson])
def test_a_nick_taken_by_force_is_taken_from_both_sessions(house, bob, door):
    first, second = house.join("dora", door), door(house)
    second.joins("dora", resume=first.token, attach=True)
    house.hub.core.accounts.put(
        Account("dora's", "dora", "dora", "plain:secret", admin=False, since=START, seen=START)
    )
    house.hub.logins.check_accounts({"dora"})
    bob.forget()

    house.advance(house.limits.login_within)

    assert both(first, second, "-- You are now known as dora2.")
    assert bob.lines == ["-- dora is now known as dora2"]
    second.types("hello")
    assert bob.heard("<dora2> hello") and first.of_type("said")[-1]["own"] is True


# Going.


def test_a_session_that_quits_leaves_the_person_here(house, bob, laptop, phone, pair):
    phone.types("exit")

    assert phone.heard(f"-- Goodbye. You are still here by {GOODBYES[pair[0].__name__.removesuffix('OverTls')]}.")
    laptop.types("still here")
    assert bob.lines == ["<dora> still here"]
    laptop.types("exit")
    assert laptop.heard("-- Goodbye.") and bob.lines[-1] == "-- dora left #lobby" and len(house.hub.core.people) == 1


def test_a_session_that_breaks_leaves_the_person_here(house, bob, laptop, phone):
    phone.leaves()
    house.advance(house.limits.grace + 1)

    assert not bob.heard_of("left")
    laptop.leaves()
    house.advance(house.limits.grace + 1)
    assert len([line for line in bob.lines if "-- dora left #lobby" in line]) == 1
    assert len(house.hub.core.people) == 1


def test_sessions_are_listed_and_ended(house, bob, laptop, phone):
    laptop.types("/sessions", "/sessions end 2")
    house.settle()

    assert laptop.heard("-- Your sessions:") and laptop.heard("-- That session has ended.")
    assert len([line for line in laptop.lines if line.endswith("127.0.0.1")]) == 2
    assert phone.heard_of("You ended this session from another one.")
    laptop.types("/sessions end others", "/sessions end 1", "/sessions end 7", "/sessions end", "/sessions x 1")
    assert laptop.heard("!! You have no other session.") and laptop.heard("!! You have no session 7.")
    assert len([line for line in laptop.lines if line.startswith("!! ")]) == 5
    assert not bob.lines and len(house.hub.core.people) == 2


def test_logging_out_splits_off_a_guest(house, bob, laptop, phone):
    phone.types("/logout")
    phone.types("who am I?")
    laptop.types("I am dora")

    assert phone.heard("-- You are now known as dora2.") and phone.heard_of("ogged out")
    assert bob.talk == ["<dora2> who am I?", "<dora> I am dora"]
    assert laptop.heard("<dora2> who am I?") and phone.heard("<dora> I am dora")
    assert len(house.hub.core.people) == 3


def test_a_new_password_ends_the_other(house, bob, laptop, phone):
    laptop.types(f"/password {PASSWORD} nine-green-bottles")
    house.settle()

    assert laptop.heard("-- Your password is changed.")
    assert phone.heard("-- Your password was changed: please log in again.") and not bob.lines
    laptop.types("hello")
    assert bob.lines == ["<dora> hello"] and not phone.heard_of("hello")


def test_whois_and_who_tell_the_doors(house, bob, laptop, phone, pair):
    bob.types("/whois dora")
    who = house.join("bot", JsonPerson)

    [row] = [row for row in who.asks("who")[-1]["people"] if row["nick"] == "dora"]
    doors = [session.door for session in house.hub.core.nicks.get("dora").sessions]
    assert sorted(row["doors"]) == sorted(set(doors)) and row["door"] == doors[1]
    assert bob.heard_of("dora is in #lobby")


def test_history_and_search_are_the_same_in_both(laptop, phone):
    laptop.types("tulips")
    phone.types("more tulips")
    for one in (laptop, phone):
        one.forget()
        one.types("/history", "/search more")
    assert [line for line in laptop.lines if "tulips" in line] == [line for line in phone.lines if "tulips" in line]
    assert laptop.heard("<dora> tulips") and laptop.heard("<dora> more tulips")


def test_backpressure_of_one_does_not_hold_the_other(house, bob, laptop, phone):
    laptop.wire.stall()
    lobby, speaker = house.hub.rooms.get(LOBBY), house.hub.core.nicks.get("bob").session
    for n in range(300):
        say(lobby, speaker, f"{n} " + "x" * 1000)
        house.settle()
    phone.types("hello")

    assert [int(line.split()[1]) for line in phone.talk] == list(range(300)) and bob.heard("<dora> hello")
    laptop.wire.drain()
    house.settle()
    heard = [int(line.split()[1]) for line in laptop.talk]
    assert heard == list(range(300)) and laptop.lines.count("<dora> hello") == 1


# Reading nothing.


def fill(house, session):
    """Let so much be said that *session*, which reads nothing, is behind."""
    lobby, speaker = house.hub.rooms.get(LOBBY), house.hub.core.nicks.get("bob").session
    session.wire.stall()
    for n in range(80):
        say(lobby, speaker, f"{n} " + "x" * 1000)
        house.settle()


@pytest.fixture
def busy(house, bob):
    """dora's first session, which makes others be told something twice as often as it types."""
    return owner(house, "dora", JsonPerson)


@pytest.fixture
def silent(house, busy):
    """The second session of dora."""
    silent = house.join("passer-by", JsonPerson)
    silent.types(f"/login dora {PASSWORD}")
    return silent


def comes_and_goes(session, times):
    for _ in range(times):
        session.types("/join dev", "/leave dev")


def test_a_session_that_reads_nothing_is_told_a_little_and_then_disconnected(house, busy, silent):
    fill(house, silent)
    before = len(silent.wire.held)
    comes_and_goes(busy, 90)
    assert not silent.wire.disconnecting and not silent.gone

    comes_and_goes(busy, 20)

    assert silent.wire.disconnecting and len(silent.wire.held) - before < 200_000
    assert not busy.gone
    silent.wire.drain()
    house.settle()
    assert silent.gone and silent.returns().of_type("welcome")


def test_a_session_that_reads_late_now_and_then_is_not_disconnected(house, busy, silent):
    for _ in range(5):
        fill(house, silent)
        comes_and_goes(busy, 30)
        silent.wire.drain()
        house.settle()
        comes_and_goes(busy, 1)

    assert not silent.gone
    busy.types("hello")
    assert silent.lines.count("<dora> hello") == 1
