"""The contract of the doors for changes of messages: edits, deletions, answers, reactions; live and caught up."""

from __future__ import annotations

import pytest

from chatroom.chat.event import QUOTED
from tests.doors.every_door import DOORS
from tests.house import House, JsonPerson, LinePerson, failures
from tests.web_person import WebPerson

SECRET = "hunter2"


@pytest.fixture(params=[name for name in DOORS if not name.startswith("irc")])
def door(request):
    return DOORS[request.param]


@pytest.fixture
def house(houses):
    with failures() as broken:
        yield houses(rate=0)
    assert not broken, broken[0]


@pytest.fixture
def ann(house, door):
    return house.join("ann", door)


@pytest.fixture
def bob(house, door, ann):
    return house.join("bob", door)


def number(house: House, text: str) -> int:
    """The number of the message *text*."""
    return next(seq for seq, event in house.stored() if getattr(event, "text", None) == text)


# Live.


def test_a_correction_is_seen_by_everyone_and_by_its_author(ann, bob):
    ann.types("helo", "/edit hello")

    assert bob.heard("<ann> helo") and bob.heard("-- ann edited: hello")
    assert ann.heard("-- ann edited: hello")


def test_what_is_taken_back_is_said_to_be(ann, bob):
    ann.types(SECRET, "/delete")

    assert bob.heard("-- ann deleted a message") and ann.heard("-- ann deleted a message")


def test_a_reaction_and_its_end(ann, bob):
    ann.types("done")
    bob.types("/react :+1:", "/react 👍")

    expected = ['* bob 👍 ann: "done"', '* bob took back 👍 ann: "done"']
    for one in (ann, bob):
        assert [line for line in one.lines if line.startswith("* bob")] == expected


def test_an_answer_says_what_it_answers(ann, bob):
    ann.types("tea or coffee? " + "milk? " * QUOTED)
    bob.types("/answer tea", "/answer ann: both")

    start = f'<bob> (to ann: "{("tea or coffee? " + "milk? " * QUOTED)[:QUOTED].rstrip()}…") '
    assert [line for line in ann.talk if "(to " in line] == [f"{start}tea", f"{start}both"]


def test_numbers_that_can_be_seen_lead_to_older_messages(house, ann, bob):
    ann.types("helo", SECRET, "third")
    ann.forget()
    ann.types("/history -n")
    first, second = number(house, "helo"), number(house, SECRET)
    assert ann.heard_of(f"{first} ") and ann.heard_of(f"{second} ")

    ann.types(f"/edit {first} hello", f"/delete {second}")
    bob.types(f"/react {first} 🎉", f"/answer {first} hi")

    assert bob.heard("-- ann edited: hello") and bob.heard("-- ann deleted a message")
    assert ann.heard('* bob 🎉 ann: "hello"') and ann.heard('<bob> (to ann: "hello") hi')


def test_operators_delete_what_others_said_and_nobody_else_does(house, door):
    ann, bob = house.join("ann", door), house.join("bob", door)
    ann.types("/join den")
    bob.types("/join den", "nonsense")
    seq = next(seq for seq, event in house.stored("den") if getattr(event, "text", None) == "nonsense")

    ann.types(f"/delete {seq} off topic")
    assert bob.heard_of("-- ann deleted a message of bob (off topic)")
    ann.types("sense")
    bob.types(f"/delete {house.stored('den')[-1][0]}")
    assert bob.lines[-1].startswith("!! ") and house.words("den")[-1] == "sense"


@pytest.mark.parametrize(
    "line", ["/edit 99 x", "/delete 99", "/react 99 👍", "/answer 99 x", "/edit 1 x", "/delete 1"]
)
def test_a_number_that_is_no_message_is_refused(ann, bob, line):
    ann.types("hello", line)

    assert ann.lines[-1].startswith("!! ") and bob.lines[-1] == "<ann> hello"


def test_a_private_message_is_taken_back_where_it_was_said(house, ann, bob):
    ann.types("in the lobby", f"/msg bob {SECRET}", "/delete")

    assert bob.heard("-- ann deleted a message") and house.words()[-1] == "in the lobby"
    [conversation] = [name for name in house.journal.names().result if name.startswith("@")]
    assert house.words(conversation)[0] == ""

    ann.types("/msg bob helo", "/edit hello", "lobby again", "/delete")
    assert bob.heard("-- ann edited: hello")
    assert house.words()[-1] == "" and house.words(conversation)[1] == "hello"


def test_ones_last_message_is_corrected_by_what_was_typed_alone_if_that_is_preferred(house, ann, bob):
    ann.types("helo", "s/helo/hello/")
    assert bob.talk == ["<ann> helo", "<ann> s/helo/hello/"] or isinstance(ann, JsonPerson)
    ann.types("/correct on", "teh end")
    house.advance(1)
    bob.forget()
    correct(ann, "s/teh/the/")
    assert bob.heard("-- ann edited: the end")
    house.advance(1)
    correct(ann, "s/zz/the/")
    assert bob.lines[-1] == "<ann> s/zz/the/"


def correct(one, text: str) -> None:
    """Type *text* as people do at this door."""
    if isinstance(one, JsonPerson):
        one.asks("line", text=text)
    else:
        one.types(text)


def test_numbers_of_messages_are_shown_to_whoever_prefers_that(house, door):
    ann, bob = house.join("ann"), house.join("bob", door)
    bob.types("/numbers on")
    bob.forget()
    ann.types("hello", "/me waves")

    seq = number(house, "hello")
    if isinstance(bob, JsonPerson):
        assert [one["seq"] for one in bob.objects[-2:]] == [seq, seq + 1]
    else:
        assert [line.split(" ")[0] for line in bob.lines] == [str(seq), str(seq + 1)]
    bob.types("/numbers off")
    bob.forget()
    ann.types("bye")
    assert bob.lines == ["<ann> bye"]


# Caught up.


def changes(ann, bob) -> None:
    """Say something that is edited, deleted, answered and reacted to."""
    ann.types("helo", SECRET)
    bob.types("/answer yes", "/answer ann: indeed")
    ann.types("/delete 4", "/edit 3 hello")
    bob.types("/react 3 👍")


OUTCOME = [
    "<ann> hello (edited) (👍 bob)",
    "<ann> (deleted)",
    "<bob> (to ann) yes",
    "<bob> (to ann) indeed",
]


def said(one) -> list[str]:
    return [line for line in one.lines if line.startswith("<")]


def test_who_comes_later_sees_the_outcome(house, door):
    ann, bob = house.join("ann"), house.join("bob")
    changes(ann, bob)
    carol = house.join("carol", door)
    assert said(carol) == OUTCOME
    carol.forget()
    carol.types("/history", f"/search {SECRET}", "/search helo", "/search hello")

    assert said(carol)[:4] == OUTCOME
    assert carol.heard_of("No results") or not any(one["events"] for one in carol.of_type("found")[:2])
    assert not any(SECRET in line for line in carol.lines if "results" not in line.lower())


def test_who_has_not_read_meanwhile_sees_the_outcome(house, door):
    ann, bob, carol = house.join("ann"), house.join("bob"), house.join("carol", door)
    carol.forget()
    carol.wire.stall()
    # More than the connection takes.
    ann.types(*["x" * 4000] * 60)
    ann.types("helo", SECRET)
    held = bytes(carol.wire.held)
    seq = number(house, SECRET)
    ann.types("/delete", f"/edit {seq - 1} hello")
    bob.types(f"/react {seq - 1} 👍")
    carol.wire.drain()
    house.settle()

    assert SECRET.encode() not in held and not carol.heard_of(SECRET) and not carol.heard_of("<ann> helo")
    assert "<ann> (deleted)" in said(carol) and any(line.startswith("<ann> hello") for line in said(carol))


@pytest.mark.parametrize("door", [JsonPerson, WebPerson])
def test_who_resumes_sees_the_outcome(house, door):
    ann, carol = house.join("ann"), house.join("carol", door)
    carol.leaves()
    ann.types("helo", SECRET)
    seq = number(house, SECRET)
    ann.types(f"/delete {seq}", f"/edit {seq - 1} hello")
    again = carol.returns()

    texts = {one["seq"]: one for one in again.objects if one["type"] == "said"}
    assert texts[seq]["text"] == "" and texts[seq]["deleted"] == "ann"
    assert texts[seq - 1]["text"] == "hello" and texts[seq - 1]["edited"] is True
    assert not again.heard_of(SECRET)


def test_who_was_away_from_a_room_sees_the_outcome_there(house, door):
    """At nc, other rooms are counted, and shown when one goes there."""
    ann, bob = house.join("ann"), house.join("bob", door)
    ann.types("/join den")
    bob.types("/join den", "/join lobby")
    bob.forget()
    ann.types("/join den", "helo", SECRET, "/delete", "/edit hello")
    bob.types("/join den", "/catchup")

    shown = [line for line in bob.lines if "hello" in line or "deleted" in line]
    assert shown and (not bob.heard_of(SECRET) or not isinstance(bob, LinePerson))
