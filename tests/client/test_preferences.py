"""Tests of rendering with preferences."""

from __future__ import annotations

import pytest

from chatroom.client.conversation import Conversation

from .scripted import Chat, Ear, Server, event, refused, said


def preferences(**changes: object) -> dict[str, object]:
    usual = {"type": "preferences", "ignore": [], "notify": "mentions", "color": False, "plain": False, "away": None}
    return {**usual, **changes}


@pytest.mark.parametrize(
    ("notify", "rings"), [("all", [1, 2, 3]), ("mentions", [0, 1, 2]), ("", [0, 1, 2]), ("none", [0, 0, 0])]
)
def test_the_bell_rings_as_preferred(chat: Chat, notify: str, rings: list[int]):
    """The bell rings for every line, for mentions, or never."""
    chat.server.says(preferences(notify=notify))
    heard = []
    for spoken in (
        said(11, "bob", "hi"),
        said(12, "bob", "ann!"),
        event("whispered", 1, "bob", "@x", text="x", to="ann"),
    ):
        chat.server.says(spoken)
        heard.append(chat.ui.rings)
    assert heard == rings
    chat.server.says(said(13, "ann", "ann", ref="c9"), event("joined", 14, "carol"))
    assert chat.ui.rings == rings[-1]


def test_preferences_are_shown_to_who_asks(chat: Chat):
    """Those of an account come with the login, unasked."""
    chat.server.says(preferences(notify="none"))
    assert chat.ui.take() == []
    chat.ann.type("/notify none")
    chat.server.says(preferences(notify="none", ref="c1"))
    assert "-- Notifications are off." in chat.ui.take()


def test_colours_change_only_for_who_asks_for_that(chat: Chat):
    """The terminal has its own."""
    chat.server.says(preferences(color=True))
    chat.ann.type("/color off")
    chat.server.says(preferences(ref="c1"))
    chat.ann.type("/plain on")
    chat.server.says(preferences(plain=True, ref="c2"))
    assert chat.ui.preferred == [(None, False), (False, False), (None, True)]


def test_plain_words_have_no_marks(chat: Chat):
    """Neither in the chat nor about the connection; joins wait for the next line."""
    chat.server.says(preferences(plain=True))
    chat.server.says(event("joined", 11, "carol"))
    assert chat.ui.take() == []
    chat.server.says(said(12, "bob", "hi\nthere"))
    assert chat.ui.take()[1:] == ["Notice: In lobby, carol joined.", "bob says, in 2 lines: hi", "line 2: there"]
    chat.server.says({"type": "notice", "text": "a word"}, refused("x", "No."))
    chat.server.breaks()
    assert chat.ui.take() == ["Notice: a word"]
    assert chat.ui.complaints == ["Refused: No.", "Connection lost; reconnecting …"]


def test_who_started_plain_stays_so():
    """Whatever the account prefers."""
    ui = Ear()
    server = Server(Conversation(ui, "ann", plain=True))
    server.lets_in()
    server.says(preferences(), {"type": "notice", "text": "a word"})
    assert ui.take()[-1] == "Notice: a word"
    assert ui.preferred == [(None, True)]


def test_numbers_stand_before_what_is_said(chat: Chat):
    """But not before private messages: the same number means another one in the room."""
    chat.server.says(preferences(numbers=True))
    chat.server.says(
        said(11, "bob", "hi"),
        event("joined", 12, "carol"),
        event("whispered", 1, "bob", "@x", text="psst", to="ann"),
        said(13, "ann", "yes", own=True),
    )
    assert [line.split(" ", 2)[0].isdigit() and line.split(" ")[0] for line in chat.ui.take()] == [
        "11",
        False,
        False,
        "13",
    ]
    chat.server.says(preferences(numbers=True, plain=True), said(14, "bob", "hi"))
    assert chat.ui.take()[-1] == "14 bob says: hi"
