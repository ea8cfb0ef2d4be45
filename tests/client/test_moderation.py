"""Being kicked and banned, as the client takes it."""

from __future__ import annotations

from .scripted import Chat, entered, event, refused


def test_a_kicked_person_is_no_longer_in_the_room(chat: Chat):
    """Nor do they ask for it when they come back."""
    chat.server.says(entered("dev", ["ann", "bob"], 4))
    chat.ui.take()
    chat.server.says(
        event("kicked", 5, "bob", "dev", target="ann", reason="spam"),
        event("left", 6, "ann", "dev", reason="removed by bob"),
        {"type": "notice", "text": "You were kicked from #dev by bob (spam). You are in #lobby now."},
    )
    assert (chat.ann.rooms.current, set(chat.ann.rooms.people)) == ("lobby", {"lobby"})
    kicked, notice = chat.ui.take()
    assert kicked.endswith("bob kicked ann (spam)")
    assert notice.startswith("-- You were kicked")
    chat.server.breaks()
    assert chat.server.connects()["seen"] == {"lobby": 10}
    chat.server.says(refused("cannot_resume", "Too old."))
    assert chat.server.heard()[-1]["rooms"] == ["lobby"]


def test_who_is_banned_from_the_server_does_not_come_back(chat: Chat):
    """The goodbye says so, and the next hello is refused for good."""
    chat.server.says({"type": "goodbye", "text": "You are banned."})
    chat.server.breaks()
    assert not chat.ui.ended
    chat.server.connects()
    chat.server.says(refused("banned", "You are banned from this server until tomorrow."))
    assert chat.ui.complaints[-1] == "!! You are banned from this server until tomorrow."
    assert (chat.ann.failed, chat.ui.ended) == (True, 1)
