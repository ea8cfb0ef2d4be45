"""The outlet that takes nothing, of sessions whose connection is gone."""

from __future__ import annotations

from chatroom.chat.events import Batch
from chatroom.chat.ports.null_outlet import NullOutlet
from chatroom.chat.replies import Pong, Preferences


def test_it_takes_nothing_and_never_complains():
    outlet = NullOutlet()
    assert outlet.deliver(Batch("lobby", 1, [])) is False
    outlet.reply(Pong())
    outlet.in_rooms(3)
    outlet.prefer(Preferences(), "ann", ())
    outlet.ready()
    outlet.close()


def test_it_is_nowhere_and_nobody_can_be_asked_anything_by_it():
    outlet = NullOutlet()
    assert (outlet.resumes, outlet.secure, outlet.asks, outlet.address) == (False, False, False, "")
