"""The hub: people and rooms, independent of any door."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock, deferLater
from twisted.logger import Logger

from chatroom.chat.events import Batch
from chatroom.chat.ports import JournalError, RecordChange, TakesLong
from tests.house import START, House, JsonPerson, LinePerson, failures
from tests.stand_ins import SlowReads
from tests.wires import BUFFER


@pytest.fixture
def house():
    with failures() as broken:
        clock = Clock()
        clock.rightNow = START
        yield House(rate=0, clock=clock, journal=SlowReads(clock.callLater))
    assert not broken, broken[0]


def talks(house, person, count, size=1000):
    person.types(*(f"{n} " + "x" * size for n in range(count)))


def wait(house, seconds):
    house.clock.pump([0.1] * round(seconds * 10))


def test_two_who_open_a_room_at_once_are_in_the_same_one(house):
    ann, bob = house.join("ann"), house.join("bob")
    house.journal.seconds = 1.0
    ann.types("/join dev")
    bob.types("/join dev")
    wait(house, 5)

    ann.types("hello")

    assert bob.heard("#dev <ann> hello")
    house.journal.seconds = 0.0
    assert [event.type for _, event in house.stored("dev")] == ["joined", "joined", "said"]


def test_a_room_that_cannot_be_read_is_refused_and_can_be_opened_later(house):
    ann, bob = house.join("ann"), house.join("bob")
    house.journal.unreadable = True
    ann.sends_line("/join dev")
    bob.sends_line("/join dev")
    wait(house, 1)
    assert ann.lines[-1] == bob.lines[-1] == "!! The history cannot be read now: the disk is broken"

    house.journal.unreadable = False
    ann.types("/join dev", "hello")
    assert house.words("dev") == ["hello"]


def test_whoever_goes_while_their_room_is_being_read_was_never_in_it(house):
    ann = house.join("ann")
    house.journal.seconds = 1.0
    ann.types("/join dev")
    ann.leaves()
    wait(house, 3)
    house.journal.seconds = 0.0

    assert house.stored("dev") == [] and house.hub.rooms.get("dev") is None


def test_a_connection_that_breaks_while_its_room_is_read_can_carry_on(house):
    ann = house.join("ann", JsonPerson)
    house.journal.seconds = 1.0
    ann.sends_object({"type": "join", "room": "dev"})
    house.settle()
    ann.leaves()
    wait(house, 4)

    again = ann.returns()
    wait(house, 4)

    assert sorted(values["room"] for values in again.of_type("room")) == ["dev", "lobby"]
    assert [values["type"] for values in again.objects][-1] == "live"


def test_who_fills_up_again_while_the_journal_is_read_is_not_written_to_any_more(house):
    ann, bob = house.join("ann"), house.join("bob", JsonPerson)
    bob.asks("join", room="dev")
    ann.types("/join dev", "/join lobby")
    bob.wire.stall()
    talks(house, ann, 300)
    ann.types("/join dev")
    talks(house, ann, 300)
    house.journal.seconds = 1.0

    bob.wire.drain()
    bob.wire.stall()
    for _ in range(20):
        talks(house, ann, 10)
        ann.types("/join lobby")
        talks(house, ann, 10)
        ann.types("/join dev")
        wait(house, 0.5)
    assert len(bob.wire.held) < BUFFER + 40_000

    bob.wire.drain()
    wait(house, 60)
    house.journal.seconds = 0.0
    for room in ("lobby", "dev"):
        assert bob.seqs(room) == list(range(bob.seqs(room)[0], house.stored(room)[-1][0] + 1))


def test_whoever_comes_in_while_full_reads_on_only_when_they_read(house):
    ann, bob = house.join("ann"), house.join("bob", JsonPerson)
    house.journal.seconds = 1.0
    bob.sends_object({"type": "join", "room": "dev"})
    house.settle()
    bob.wire.stall()
    talks(house, ann, 200)
    wait(house, 5)
    talks(house, ann, 200)
    assert len(bob.wire.held) < BUFFER + 40_000

    bob.wire.drain()
    wait(house, 30)
    house.journal.seconds = 0.0
    assert bob.seqs() == list(range(2, house.stored()[-1][0] + 1)) and bob.seqs("dev") == [1]


def fill(house, speaker, reader):
    """Let *speaker* talk just until the transport of *reader*, who does not read, is full."""
    session = house.hub.core.nicks.get(reader.nick).session
    reader.wire.stall()
    while not session.catch_up.behind:
        talks(house, speaker, 1)


def test_a_room_that_opens_for_somebody_who_is_full_is_not_shown_before_they_read(house):
    ann, bob = house.join("ann"), house.join("bob", JsonPerson)
    house.journal.seconds = 1.0
    bob.sends_object({"type": "join", "room": "dev"})
    house.settle()
    fill(house, ann, bob)
    wait(house, 3)

    talks(house, ann, 200)

    assert len(bob.wire.held) < BUFFER + 20_000


def test_who_becomes_full_through_one_room_is_not_shown_another_before_they_read(house):
    ann, bob = house.join("ann"), house.join("bob", JsonPerson)
    carol = house.join("carol")
    bob.asks("join", room="dev")
    carol.types("/join dev")
    bob.wire.stall()
    talks(house, carol, 400)
    house.journal.seconds = 1.0
    bob.wire.drain()
    fill(house, ann, bob)
    wait(house, 30)

    talks(house, ann, 200)
    talks(house, carol, 200)

    assert len(bob.wire.held) < BUFFER + 60_000
    house.journal.seconds = 0.0
    bob.wire.drain()
    wait(house, 5)
    assert bob.seqs("dev")[-1] == house.stored("dev")[-1][0] and bob.seqs()[-1] == house.stored()[-1][0]


def test_who_fell_behind_while_the_journal_cannot_be_read_gets_it_when_it_can(house):
    ann, bob = house.join("ann"), house.join("bob")
    bob.wire.stall()
    talks(house, ann, 400)
    house.journal.unreadable = True
    bob.wire.drain()
    wait(house, 10)
    missing = len(bob.talk)
    assert missing < 400

    house.journal.unreadable = False
    wait(house, 2)
    assert len(bob.talk) == 400


def test_who_leaves_a_room_while_reading_on_is_shown_it_up_to_there_and_no_further(house):
    ann, bob = house.join("ann"), house.join("bob", JsonPerson)
    bob.asks("join", room="dev")
    bob.wire.stall()
    ann.types("/join dev", "/join lobby")
    talks(house, ann, 400)
    house.journal.seconds = 0.1
    bob.wire.drain()
    bob.asks("leave", room="lobby")
    wait(house, 10)

    house.journal.seconds = 0.0
    assert bob.heard("-- You left #lobby. You are in #dev now.")
    ann.types("more", "/join dev", "in dev")
    assert bob.seqs() == list(range(2, bob.seqs()[-1] + 1)) and bob.objects[-1]["text"] == "in dev"
    assert [values["type"] for values in bob.objects if values.get("room") == "lobby"][-1] == "left"


def test_whoever_is_reading_on_sees_their_own_line_before_the_answer_to_the_next(house):
    ann, bob = house.join("ann"), house.join("bob", JsonPerson)
    bob.wire.stall()
    talks(house, ann, 400)
    house.journal.seconds = 0.1
    bob.wire.drain()

    bob.asks("say", text="hello", ref="c1")
    bob.asks("time", ref="c2")
    bob.asks("leave", ref="c3")
    wait(house, 10)

    marked = [(values["type"], values["ref"]) for values in bob.objects if "ref" in values]
    assert marked == [("said", "c1"), ("time", "c2"), ("left", "c3"), ("notice", "c3")]
    assert bob.seqs() == list(range(2, bob.seqs()[-1] + 1))


def test_who_goes_while_reading_on_is_written_nothing_more(house):
    ann, bob = house.join("ann"), house.join("bob")
    bob.wire.stall()
    talks(house, ann, 400)
    house.journal.seconds = 1.0
    bob.wire.drain()

    bob.leaves()
    wait(house, 5)

    assert ann.lines[-1] == "-- bob left #lobby (connection lost)"


def test_a_room_is_let_go_of_when_nobody_is_in_it(house):
    ann = house.join("ann")
    ann.types("/join dev", "hello", "/leave")
    assert house.hub.rooms.get("dev") is None

    ann.types("exit")
    assert list(house.hub.rooms) == []
    assert not house.hub.core.people and not house.hub.core.nicks and not house.hub._sessions


def test_a_room_stays_in_use_for_who_comes_in_just_as_the_last_one_goes(house):
    """Both in one commit; this once left the newcomer in a room that nothing was shown in any more."""
    ann, bob = house.join("ann"), LinePerson(house)
    house.clock.advance(1)
    with failures() as logged:
        ann.sends_line("/leave")
        bob.sends_line("bob")
        house.settle()
        bob.types("/who", "/me waves")
        carol = house.join("carol")
        bob.types("hello", "/leave lobby")

    assert logged == []
    assert house.hub.rooms.get("lobby").people() == [house.hub.core.nicks.get("carol")]
    assert carol.talk == ["<bob> hello"]


def test_a_conversation_is_let_go_of_when_one_of_the_two_has_gone(house):
    ann, bob = house.join("ann"), house.join("bob")
    ann.types("/msg bob hi")
    assert sorted(room.conversation for room in house.hub.rooms) == [False, True]

    ann.types("exit")
    assert [room.conversation for room in house.hub.rooms] == [False]
    assert bob.lines[-2:] == ["[ann -> you] hi", "-- ann left #lobby"]


def test_nobody_can_be_filled_up_with_conversations():
    house = House(conversations=2)
    bob = house.join("bob")
    guests = [house.join(f"guest{number}") for number in range(3)]
    for guest in guests:
        guest.types("/msg bob hi")
    assert guests[2].lines[-1] == "!! bob has too many private conversations."
    assert bob.lines[-1] == "[guest1 -> you] hi"


def test_whois_of_somebody_reconnecting_names_their_door(house):
    ann, bot = house.join("ann"), house.join("bot", JsonPerson)
    bot.wire.vanish()
    ann.types("/whois bot")
    assert ann.lines[-1].endswith("via a client, reconnecting.")


def test_whois_names_the_conversation_with_somebody_and_with_oneself(house):
    ann, bob = house.join("ann", JsonPerson), house.join("bob", JsonPerson)
    [known] = ann.asks("whois", nick="bob")
    ann.asks("msg", to="bob", text="psst")
    assert (
        known["conversation"]
        == bob.of_type("whispered")[0]["room"]
        == bob.asks("whois", nick="ann")[0]["conversation"]
    )
    own = ann.asks("whois", nick="ann")[0]["conversation"]
    ann.asks("msg", to="ann", text="milk")
    assert ann.of_type("whispered")[-1]["room"] == own


def test_who_goes_while_being_renamed_leaves_under_the_new_nick(house):
    ann, bob = house.join("ann"), house.join("bob")
    ann.sends_line("/nick anna")
    ann.leaves()
    house.settle()
    assert bob.lines[-2:] == ["-- ann is now known as anna", "-- anna left #lobby (connection lost)"]


def test_there_is_a_limit_to_private_conversations():
    house = House(conversations=2)
    ann = house.join("ann")
    for name in ("bob", "carol", "dora"):
        house.join(name)
        ann.types(f"/msg {name} hi")

    assert ann.lines[-1] == "!! You have too many private conversations."
    ann.types("/msg bob again")
    assert ann.lines[-1] == "[you -> bob] again"


def test_whoever_leaves_a_room_and_breaks_off_while_the_disk_is_full_is_recorded_once(house):
    bob, ann = house.join("bob"), house.join("ann")
    house.journal.broken = JournalError("the disk is full")
    ann.sends_line("/leave")
    ann.leaves()
    wait(house, 12)
    house.journal.broken = None
    wait(house, 6)

    assert bob.lines.count("-- ann left #lobby") == 1 and not bob.heard_of("connection lost")


def test_a_refused_leave_leaves_one_where_one_was(house):
    ann, bob = house.join("ann"), house.join("bob")
    house.journal.broken = JournalError("the disk is full")
    ann.types("/leave")
    house.journal.broken = None

    bob.types("hello")
    ann.leaves()

    assert ann.talk == ["<bob> hello"] and bob.lines[-1] == "-- ann left #lobby (connection lost)"


def test_those_who_left_while_the_disk_was_full_are_recorded_as_soon_as_it_is_not(house):
    ann, bob, carol = house.join("ann"), house.join("bob"), house.join("carol")
    house.journal.broken = JournalError("the disk is full")
    bob.leaves()
    ann.types("lost")
    carol.leaves()
    house.journal.broken = None

    ann.types("kept")

    assert ann.lines[-2:] == [
        "-- Messages can be stored again.",
        "-- bob and carol left #lobby (connection lost)",
    ]


def test_who_is_banned_is_removed_though_storing_works_again_before_it_is_known_to_have_failed(house):
    ann, bob = house.join("ann"), house.join("bob")
    person = house.hub.core.nicks.get("bob")
    value = {"target": "bob", "reason": "", "by": "boss", "at": START, "until": None}
    house.journal.change_from_outside([RecordChange("lobby", "ban", "nick:bob", value)])
    house.settle()
    house.hub.core.runtime.future = lambda: Deferred().addCallback(lambda _: deferLater(house.clock, 1, lambda: None))
    house.journal.broken = JournalError("the disk is full")
    house.hub.server_bans.look_again(person)
    house.settle()
    house.journal.broken = None
    ann.types("hello")
    assert bob.lines[-1] == "-- Messages can be stored again." and person.seats

    house.advance(3)

    assert ann.lines[-1] == "-- bob left #lobby (banned)" and not person.seats


def test_while_storing_takes_long_people_are_told_once_that_nothing_is_lost(house):
    ann, bob = house.join("ann"), house.join("bob")

    for _ in range(2):
        house.hub.ledger.failed([], TakesLong("the database does not answer"))
    ann.types("hello")

    assert bob.lines[-3:] == [
        "-- Storing takes long (the database does not answer). What you say now is shown when it has been stored.",
        "<ann> hello",
        "-- Messages can be stored again.",
    ]


def test_a_bug_in_a_command_is_told_to_the_asker_and_disturbs_nobody():
    house = House()
    ann, bob = house.join("ann"), house.join("bob")
    lobby = house.hub.rooms.get("lobby")
    with failures() as logged:
        lobby.state, standing = None, lobby.state
        ann.types("hello", "/topic boom", "/who", "/me waves")
        lobby.state = standing

    assert len(logged) == 4
    sorry = "!! Something went wrong here. It has been logged; please try something else."
    assert ann.lines[-4:] == [sorry] * 4
    logged.clear()
    ann.types("hello")
    assert bob.talk == ["<ann> hello"]


def test_an_outlet_that_breaks_disturbs_nobody_else():
    house = House()
    ann, _, carol = house.join("ann"), house.join("bob"), house.join("carol")

    class Broken:
        door, resumes, viewer, dialect, send, log = "broken", False, "", None, None, Logger()
        close = in_rooms = reply = ready = lambda *_: None

        def deliver(self, batch: Batch) -> bool:
            raise ZeroDivisionError

    house.hub.rooms.get("lobby").subscribers[house.hub.core.nicks.get("bob").identity] = Broken()
    with failures() as logged:
        ann.types("hello")

    assert carol.talk == ["<ann> hello"] and len(logged) == 1


@pytest.mark.parametrize("who", ["ann", "bob"])
def test_whoever_goes_while_their_conversation_is_being_read_is_not_whispered_to(house, who):
    people = {name: house.join(name) for name in ("ann", "bob")}
    house.journal.seconds = 1.0
    people["ann"].types("/msg bob psst")
    people[who].leaves()
    wait(house, 4)

    assert not people["bob"].heard_of("psst")
    assert people["ann"].heard("!! bob has just left.") == (who == "bob")
    assert not [room for room in house.hub.rooms if room.conversation]


def test_a_crowd_that_fell_behind_gets_everything_in_turns(house):
    ann = house.join("ann")
    crowd = [house.join(f"p{n}") for n in range(30)]
    for one in crowd:
        one.wire.stall()
    talks(house, ann, 150)
    for one in crowd:
        one.wire.drain()
    wait(house, 5)

    assert all(one.talk == crowd[0].talk and len(one.talk) == 150 for one in crowd)


def test_a_rename_that_loses_its_maker_leaves_no_name_behind(house):
    bob, ann = house.join("bob"), house.join("ann")
    ann.sends_line("/nick anna")
    ann.leaves()

    assert sorted(house.hub.core.nicks) == ["bob"]
    bob.types("/nick anna")
    assert bob.heard("-- You are now known as anna.")


def test_a_name_that_is_being_changed_is_held_for_both(house):
    ann, bob = house.join("ann"), house.join("bob")
    ann.sends_line("/nick anna")
    bob.sends_line("/nick anna")
    house.settle()

    assert ann.heard("-- You are now known as anna.") and bob.heard("!! The nick anna is taken. anna2 is free.")


def test_someone_who_has_no_nick_yet_is_nobody_to_talk_to(house):
    ann = house.join("ann")
    house.connect()
    house.clock.advance(1)

    ann.types("/whois \u200b", "/msg \u200b hi")

    assert ann.lines[-2:] == ["!! Nobody called \u200b is here."] * 2


def test_whoever_is_away_is_whispered_to_and_told_when_back(house):
    ann, bob = house.join("ann", JsonPerson), house.join("bob")
    ann.leaves()
    bob.types("/msg ann see this")
    assert bob.heard("[you -> ann] see this")

    again = ann.returns()
    assert again.heard("[bob -> you] see this")


def test_the_shutdown_reaches_those_who_have_no_name_and_those_who_are_away(house):
    house.join("ann", JsonPerson).leaves()
    wire = house.connect()
    house.clock.advance(1)

    house.closes("maintenance")

    assert b"The server is shutting down: maintenance." in wire.received and wire.cut
    assert not house.hub.core.people and house.stored()[-1][1].type == "left"


@pytest.mark.parametrize("line", ["/nick anna", "/join dev", "/msg bob hi"])
def test_nothing_new_begins_while_the_server_stops(house, line):
    ann = house.join("ann")
    house.join("bob")
    house.hub.core.closing = True

    ann.types(line)

    assert ann.lines[-1] == "!! The server is shutting down."
