"""Reading commands as they are typed."""

from __future__ import annotations

import pytest

from chatroom.chat.commands import parse_line
from chatroom.chat.commands.reading import CatchUpWithRoom, ListUnread, MarkRead


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("/read", MarkRead()),
        ("/unread", ListUnread()),
        ("/catchup", CatchUpWithRoom()),
        ("/catchup ops", CatchUpWithRoom("ops")),
    ],
)
def test_each_is_typed_so(line: str, command: object):
    assert parse_line(line) == command
