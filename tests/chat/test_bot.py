"""A bot: what the rules of rooms see of it."""

from __future__ import annotations

from chatroom.chat.rules.masks import Marks
from chatroom.chat.rules.roles import Role, role_of

from .bare import BareHouse
from .scripted import Scripted


def test_a_bot_has_the_party_of_its_account_and_a_nick_and_identity_of_its_own(house: BareHouse):
    bot = Scripted(house, "Build").bot

    assert (bot.nick, bot.party, role_of(bot)) == ("Build", "ann-id", Role.ACCOUNT)
    assert bot.identity == f"bot:{bot.token.id}"
    assert bot.marks == Marks("build", "ann-id", ("",)) and bot.own_marks == Marks("build", bot.identity, ("",))
