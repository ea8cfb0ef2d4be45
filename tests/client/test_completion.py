"""Tests of tab completion."""

from __future__ import annotations

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from chatroom.client.conversation import Conversation
from chatroom.client.ui.completion import ChatCompleter

from .scripted import Ear, Server, entered


@pytest.fixture
def completer() -> ChatCompleter:
    """Ann is in the lobby with bob, and in dev with carol."""
    ann = Conversation(Ear(), "ann")
    server = Server(ann)
    server.lets_in()
    server.says(entered("dev", ["ann", "carol"]), entered("lobby", ["ann", "bob", "Bert"]))
    return ChatCompleter(ann)


@pytest.mark.parametrize(
    ("typed", "offers"),
    [
        ("/wh", ["/who ", "/whois "]),
        ("/Ms", ["/msg "]),
        ("/join d", ["dev"]),
        ("/join #", ["#dev", "#lobby"]),
        ("/who ", ["dev", "lobby"]),
        ("/msg ", ["Bert ", "bob ", "carol "]),
        ("/msg b", ["Bert ", "bob "]),
        ("/whois c", ["carol "]),
        ("/msg bob c", []),
        ("/msg bob b", ["Bert", "bob"]),
        ("/help w", ["who", "whois"]),
        ("/kick b", ["Bert ", "bob "]),
        ("/ban c", ["carol "]),
        ("/ignore b", ["Bert ", "bob "]),
        ("/notify m", ["mentions"]),
        ("/plain o", ["off", "on"]),
        ("/login b", ["Bert ", "bob "]),
        ("/login ann b", []),
        ("/login ann bb b", []),
        ("/register b", []),
        ("/password b", []),
        ("/lock b", []),
        ("/join dev b", []),
        ("/fireworks b", ["Bert", "bob"]),
        ("b", ["Bert: ", "bob: "]),
        ("hello b", ["Bert", "bob"]),
        ("look at #l", ["#lobby"]),
        ("hello ", []),
        ("", []),
        ("an", []),
    ],
)
def test_tab_offers_what_belongs_there(completer: ChatCompleter, typed: str, offers: list[str]):
    """Commands at the start, then whatever the command's usage names, else people who are here."""
    found = list(completer.get_completions(Document(typed), CompleteEvent()))
    assert [one.text for one in found] == offers
    assert all(one.start_position == -len(typed.split(" ")[-1]) for one in found)
