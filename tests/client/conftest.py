"""Fixtures of the client's tests."""

from __future__ import annotations

import pytest

import chatroom.chat.commands  # noqa: F401  (fills the command table)

from .scripted import Chat


@pytest.fixture
def chat() -> Chat:
    """Ann, live in the lobby with bob, having seen everything up to 10."""
    chat = Chat()
    chat.server.lets_in()
    chat.ui.take()
    return chat
