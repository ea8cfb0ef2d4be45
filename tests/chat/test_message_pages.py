"""Message pages: what bots read of the past."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred

from chatroom.chat.commands.corrections import DeleteMessage
from chatroom.chat.commands.rooms import SetTopic
from chatroom.chat.refusals import BadInput, NotAllowed
from chatroom.chat.rooms import history
from chatroom.chat.rooms.history import REPLY_TEXT

from .bare import BareHouse
from .scripted import Access, Scripted


def read(script, before=None, after=None, limit=50):
    return script.done(script.house.hub.bots.pages.read(script.bot, "lobby", before, after, limit))


def texts(page):
    return [event.text for _, event in page.messages]


@pytest.fixture
def script() -> Scripted:
    return Scripted(BareHouse(rate=0))


def test_pages_forward_and_backward_meet_without_holes(script):
    for n in range(450):
        script.posts(str(n))
    expected = [str(n) for n in range(450)]

    forward, position = [], 0
    while True:
        page = read(script, after=position, limit=70)
        forward += texts(page)
        position = page.last
        if not page.more:
            break
    backward, position = [], None
    while True:
        page = read(script, before=position, limit=70)
        backward = texts(page) + backward
        position = page.first
        if not page.more:
            break
    assert forward == backward == expected


def test_only_what_was_said_is_shown(script):
    ann = script.house.join("carl")
    script.posts("one")
    ann.asks(SetTopic("tea"))
    script.posts("two")

    assert texts(read(script)) == texts(read(script, after=0)) == ["one", "two"]


def test_a_long_stretch_without_messages_ends_no_page_too_early(script, monkeypatch):
    monkeypatch.setattr(history, "_PAGES_WITHOUT_TALK", 10)
    ann = script.house.join("carl")
    script.posts("first")
    for n in range(2100):
        ann.asks(SetTopic(str(n)))
    page = read(script)
    assert page.more and not page.messages
    assert texts(read(script, before=page.first)) == ["first"]
    page = read(script, after=2)
    assert page.more and not page.messages and page.last == 2000
    assert not read(script, after=page.last).more


@pytest.mark.parametrize("before", [0, 1])
@pytest.mark.parametrize("count", [1, 250])
def test_before_the_first_message_there_is_none(script, before, count):
    for n in range(count):
        script.posts(str(n))
    page = read(script, before=before)

    assert (page.messages, page.first, page.last, page.more) == ((), 1, 0, False)


@pytest.mark.parametrize("limit", [0, 201])
def test_a_page_has_its_limit(script, limit):
    with pytest.raises(BadInput):
        read(script, limit=limit)


def test_a_page_has_so_many_characters_and_at_least_one_message(script):
    for n in range(30):
        script.posts(f"{n} " + "x" * 4000)
    expected = [f"{n} " + "x" * 4000 for n in range(30)]

    forward, position = [], 0
    while True:
        page = read(script, after=position)
        assert 0 < sum(map(len, texts(page))) <= REPLY_TEXT
        forward += texts(page)
        position = page.last
        if not page.more:
            break
    assert forward == expected


def test_a_token_for_writing_reads_nothing():
    with pytest.raises(NotAllowed):
        read(Scripted(BareHouse(), access=Access.WRITE))


def test_an_empty_room_has_an_empty_page(script):
    page = read(script)

    assert (page.messages, page.more, page.last) == ((), False, 0)


def test_what_is_taken_back_while_a_page_is_gathered_is_not_on_it():
    house = BareHouse(rate=0)
    script = Scripted(house)
    for n in range(450):
        script.posts(f"hunter{n}")
    later = house.restarted()
    boss = later.owner("boss", "lobby", admin=True)
    later.journal.seconds = 1.0
    found = []
    bot = later.hub.bots.access.bot(script.secret, "")
    Deferred.fromCoroutine(later.hub.bots.pages.read(bot, "lobby", None, 100, 200)).addCallback(found.append)
    later.advance(0.5)
    boss.begins(DeleteMessage(101))
    for _ in range(20):
        later.advance(0.25)
    assert texts(found[0])[:2] == ["", "hunter101"] and len(texts(found[0])) == 200
