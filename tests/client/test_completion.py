"""Tests of tab completion."""

from __future__ import annotations

import re

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from chatroom.client.conversation import Conversation
from chatroom.client.ui.completion import ChatCompleter

from .scripted import Ear, Server, entered, event, said


@pytest.fixture
def completer() -> ChatCompleter:
    """Ann is in the lobby with bob, and in dev with carol; dan has whispered to her."""
    ann = Conversation(Ear(), "ann")
    server = Server(ann)
    server.lets_in()
    server.says(entered("dev", ["ann", "carol"]), entered("lobby", ["ann", "bob", "Bert"]))
    server.says(event("whispered", 1, "dan", "@d", text="psst", to="ann"))
    return ChatCompleter(ann)


@pytest.mark.parametrize(
    ("typed", "offers"),
    [
        ("/wh", ["/who ", "/whois "]),
        ("/Ms", ["/msg "]),
        ("/join d", ["dev "]),
        ("/join #", ["#dev ", "#lobby "]),
        ("/who ", ["dev ", "lobby "]),
        ("/msg ", ["Bert ", "bob ", "carol "]),
        ("/msg b", ["Bert ", "bob "]),
        ("/whois c", ["carol "]),
        ("/msg bob c", []),
        ("/msg bob b", ["Bert ", "bob "]),
        ("/help w", ["who ", "whois "]),
        ("/kick b", ["Bert ", "bob "]),
        ("/ban c", ["carol "]),
        ("/ignore b", ["Bert ", "bob "]),
        ("/notify m", ["mentions "]),
        ("/plain o", ["off ", "on "]),
        ("/login b", ["Bert ", "bob "]),
        ("/login ann b", []),
        ("/login ann bb b", []),
        ("/register b", []),
        ("/password b", []),
        ("/lock b", []),
        ("/join dev b", []),
        ("/fireworks b", ["Bert ", "bob "]),
        ("b", ["Bert: ", "bob: "]),
        ("hello b", ["Bert ", "bob "]),
        ("look at #l", ["#lobby "]),
        ("@bo", ["@bob "]),
        ("thanks @b", ["@Bert ", "@bob "]),
        ("hey @", ["@Bert ", "@bob "]),
        ("(with bo", ["bob "]),
        ("with (bo", ["(bob "]),
        ("“bo", ["“bob "]),
        ("one\nbo", ["bob "]),
        ("(", []),
        ("@x", []),
        ("/cl", ["/clear "]),
        ("/go d", ["dev "]),
        ("/go @", ["@dan "]),
        ("/help go", ["go "]),
        ("hello ", []),
        ("", []),
        ("an", []),
    ],
)
def test_tab_offers_what_belongs_there(completer: ChatCompleter, typed: str, offers: list[str]):
    """Commands at the start, then whatever the command's usage names, else people who are here."""
    found = list(completer.get_completions(Document(typed), CompleteEvent()))
    assert [one.text for one in found] == offers
    assert all(one.start_position == -len(re.split("[ \n]", typed)[-1]) for one in found)


def test_a_space_that_is_there_is_not_put_twice(completer: ChatCompleter):
    """Completing in the middle of a line."""
    [found] = completer.get_completions(Document("hello bo there", cursor_position=8), CompleteEvent())
    assert found.text == "bob"


def test_a_private_conversation_offers_the_other_person(completer: ChatCompleter):
    """Nobody else is there."""
    completer._conversation.activity.go("@d")
    offers = completer.get_completions(Document("hello d"), CompleteEvent())
    assert [one.text for one in offers] == ["dan "]


@pytest.fixture
def talked(completer: ChatCompleter) -> ChatCompleter:
    """Something was said in the lobby."""
    server = Server(completer._conversation)
    server.says(
        said(11, "ann", "helo", own=True),
        said(12, "bob", "hi"),
        said(13, "ann", "a\nb", own=True),
        event("edited", 14, "ann", re=11, text="hello world", own=True),
    )
    return completer


@pytest.mark.parametrize(
    ("typed", "offers"),
    [
        ("/edit ", ["13 ", "11 hello world"]),
        ("/EDIT 11", ["11 hello world"]),
        ("/delete ", ["13 ", "11 "]),
        ("/answer ", ["12 "]),
        ("/answer b", ["Bert ", "bob "]),
        ("/react ", ["12 "]),
        ("/react 12 :+", ["👍 "]),
        ("/react :thumbs", ["👎 ", "👍 "]),
        ("well :jo", ["😂 "]),
        ("well :", []),
        ("see :zz", []),
    ],
)
def test_numbers_and_emoji_are_offered(talked: ChatCompleter, typed: str, offers: list[str]):
    """One's own messages to edit and delete, those of others to answer and react to; what is edited comes along."""
    found = list(talked.get_completions(Document(typed), CompleteEvent()))
    assert [one.text for one in found] == offers
