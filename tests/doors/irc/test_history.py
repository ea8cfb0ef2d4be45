"""History in IRC that is more than messages: what happened, and tags that clients asked to have kept."""

import pytest

from chatroom.chat.events import Joined
from chatroom.chat.rooms import history
from chatroom.chat.rooms.originator import DEPARTED
from tests.doors.irc.raw import Irc

PLAYBACK = ("draft/event-playback", "draft/chathistory", "message-tags", "server-time", "batch", "echo-message")


@pytest.fixture
def cat(house, ann):
    cat = Irc(house, "cat", *PLAYBACK)
    cat.says("JOIN #tea")
    return cat


def past(messages):
    """What is in the batch."""
    begin, *inside, end = messages
    assert begin.params[1] == "chathistory" and end.params == (f"-{begin.params[0][1:]}",)
    return [(one.command, *one.params) for one in inside]


def test_what_happened_is_told_among_the_messages(house, ann, cat):
    bob = Irc(house, "bob")
    bob.says("JOIN #tea", "PRIVMSG #tea :hello", "NICK rob", "PART #tea :bye")
    ann.says("TOPIC #tea :cups", "MODE #tea +m", "MODE #tea +v cat", "MODE #tea +b mallory", "KICK #tea cat :out")
    cat.says("JOIN #tea")
    assert past(cat.says("CHATHISTORY LATEST #tea * 50"))[-10:] == [
        ("JOIN", "#tea"),
        ("PRIVMSG", "#tea", "hello"),
        ("NICK", "rob"),
        ("PART", "#tea", "bye"),
        ("TOPIC", "#tea", "cups"),
        ("MODE", "#tea", "+m"),
        ("MODE", "#tea", "+v", "cat"),
        ("MODE", "#tea", "+b", "mallory!*@*"),
        ("KICK", "#tea", "cat", "out"),
        ("JOIN", "#tea"),
    ]


def test_events_count_as_messages_do_and_have_ids(ann, cat):
    shown = []
    for n in range(4):
        ann.says(f"TOPIC #tea :{n}", f"PRIVMSG #tea :{n}")
        shown += cat.new()
    ids = [one.tags["msgid"] for one in shown]
    assert len(set(ids)) == 8
    latest = cat.says("CHATHISTORY LATEST #tea * 3")[1:-1]
    assert [one.tags["msgid"] for one in latest] == ids[-3:]
    before = cat.says(f"CHATHISTORY BEFORE #tea msgid={ids[4]} 3")[1:-1]
    assert [one.tags["msgid"] for one in before] == ids[1:4]
    after = cat.says(f"CHATHISTORY AFTER #tea msgid={ids[4]} 2")[1:-1]
    assert [one.tags["msgid"] for one in after] == ids[5:7]


def test_who_did_not_ask_gets_messages_only(house, ann, cat):
    dan = Irc(house, "dan", *PLAYBACK[1:])
    dan.says("JOIN #tea")
    ann.says("TOPIC #tea :cups", "PRIVMSG #tea :hello")
    cat.says("@+x=1;+draft/persist TAGMSG #tea")
    dan.new()
    assert past(dan.says("CHATHISTORY LATEST #tea * 50")) == [("PRIVMSG", "#tea", "hello")]


def test_tags_are_kept_if_their_sender_asks(house, ann, cat):
    ann.says("PRIVMSG #tea :one")
    cat.says("@+x=0 TAGMSG #tea")
    [kept] = cat.says("@+x=1;+draft/persist TAGMSG #tea")
    [second] = cat.says("@+x=2;+draft/persist TAGMSG #tea")
    ann.says("PRIVMSG #tea :two")
    cat.new()
    shown = cat.says("CHATHISTORY LATEST #tea * 4")[1:-1]
    assert [(one.command, one.params[-1]) for one in shown] == [
        ("PRIVMSG", "one"),
        ("TAGMSG", "#tea"),
        ("TAGMSG", "#tea"),
        ("PRIVMSG", "two"),
    ]
    assert [one.tags["msgid"] for one in shown[1:3]] == [kept.tags["msgid"], second.tags["msgid"]]
    assert [one.tags["+x"] for one in shown[1:3]] == ["1", "2"]
    id = kept.tags["msgid"]
    [after, last] = cat.says(f"CHATHISTORY AFTER #tea msgid={id} 9")[1:-1]
    assert (after.tags["+x"], last.params[-1]) == ("2", "two")
    [before] = cat.says(f"CHATHISTORY BEFORE #tea msgid={id} 1")[1:-1]
    assert before.params[-1] == "one"
    assert [one.command for one in cat.says("CHATHISTORY LATEST #tea * 2")[1:-1]] == ["TAGMSG", "PRIVMSG"]
    assert [one.tags["+x"] for one in cat.says(f"CHATHISTORY AROUND #tea msgid={id} 2")[1:-1] if "+x" in one.tags] == [
        "1"
    ]


def test_what_somebody_said_who_is_gone_is_found_under_their_nick(house, cat):
    dan, eve = Irc(house, "dan"), Irc(house, "eve", *PLAYBACK)
    dan.says("PRIVMSG cat :bye", "QUIT")
    listed = cat.says("CHATHISTORY TARGETS timestamp=1970-01-01T00:00:00Z timestamp=2999-01-01T00:00:00Z 5")
    assert "dan" in [one.params[1] for one in listed if one.command == "CHATHISTORY"]
    assert past(cat.says("CHATHISTORY LATEST Dan * 5")) == [("PRIVMSG", "cat", "bye")]
    assert [one.params[1] for one in eve.says("CHATHISTORY LATEST dan * 5")] == ["INVALID_TARGET"]
    stranger = Irc(house, "dan", *PLAYBACK)
    assert past(stranger.says("CHATHISTORY LATEST cat * 5")) == past(cat.says("CHATHISTORY LATEST dan * 5")) == []


def test_no_tag_gets_out_of_the_batch_of_the_history(ann, cat):
    cat.says("@+x=batch=1;+draft/persist TAGMSG #tea")
    begin, *kept, _ = cat.says("CHATHISTORY LATEST #tea * 1")
    assert [one.tags["batch"] for one in kept] == [begin.params[0][1:]] and kept[0].tags["+x"] == "batch=1"


def test_tags_in_a_conversation_are_kept_for_its_two_parties(house, ann, cat):
    cat.says("@+x=1;+draft/persist TAGMSG ann")
    assert [one.tags["+x"] for one in cat.says("CHATHISTORY LATEST ann * 5")[1:-1]] == ["1"]
    dan = Irc(house, "dan", *PLAYBACK)
    assert past(dan.says("CHATHISTORY LATEST ann * 5")) == []


def test_the_words_and_tags_of_ignored_people_are_not_shown_later(house, ann, cat):
    bob = Irc(house, "bob", *PLAYBACK)
    bob.says("JOIN #tea", "PRIVMSG #tea :nonsense", "@+x=1;+draft/persist TAGMSG #tea")
    cat.new()
    assert [one[0] for one in past(cat.says("CHATHISTORY LATEST #tea * 2"))] == ["PRIVMSG", "TAGMSG"]
    cat.says("CHAT /ignore bob")
    assert not {"PRIVMSG", "TAGMSG"} & {one[0] for one in past(cat.says("CHATHISTORY LATEST #tea * 9"))}


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
@pytest.mark.parametrize(("what", "end"), [("BEFORE", 0), ("AFTER", -1)])
def test_pages_lead_through_everything_once(house, ann, cat, limit, what, end):
    bob = Irc(house, "bob")
    bob.says("JOIN #tea")
    for n in range(6):
        ann.says(f"PRIVMSG #tea :{n}", f"TOPIC #tea :{n}")
        cat.says(f"@+x={n};+draft/persist TAGMSG #tea", f"@+x=-{n};+draft/persist TAGMSG #tea")
    ann.says("KICK #tea bob :out", "PRIVMSG #tea :last")
    whole = [one.tags["msgid"] for one in cat.says("CHATHISTORY LATEST #tea * 100")[1:-1]]
    assert len(whole) == len(set(whole)) > 27
    edge, found = whole[0] if what == "AFTER" else whole[-1], []
    while page := [one.tags["msgid"] for one in cat.says(f"CHATHISTORY {what} #tea msgid={edge} {limit}")[1:-1]]:
        assert len(page) <= limit
        found = page + found if what == "BEFORE" else found + page
        edge = page[end]
    assert found == (whole[:-1] if what == "BEFORE" else whole[1:])


@pytest.mark.parametrize("pages", [100, 3])
@pytest.mark.parametrize("point", ["LATEST #tea *", "BEFORE #tea timestamp=2100-01-01T00:00:00.000Z"])
def test_what_was_said_before_thousands_came_and_went_is_found(house, ann, point, pages, monkeypatch):
    monkeypatch.setattr(history, "_PAGES_WITHOUT_TALK", pages)
    dan = Irc(house, "dan", *PLAYBACK[1:])
    dan.says("JOIN #tea")
    ann.says("PRIVMSG #tea :hello")
    now = house.clock.seconds()
    coming = [Joined("tea", now, f"id{number}", f"n{number}") for number in range(5_000)]
    for event in coming:
        house.hub.ledger.append(house.hub.rooms.get("tea"), DEPARTED, event)
    house.settle()
    dan.new_lines()
    dan.wire.carry(f"CHATHISTORY {point} 5\r\n".encode())
    for _ in range(60):
        house.advance(1)
    assert past(dan.new()) == [("PRIVMSG", "#tea", "hello")]
