"""CHAT, which runs the commands of the other doors, and commands that are never said by mistake."""

import pytest

from tests.doors.irc.raw import Irc
from tests.house import LinePerson

SECRET = "secret99"


def texts(messages):
    return [one.params[-1] for one in messages]


def test_commands_of_other_doors_can_be_run_with_and_without_their_slash(ann):
    assert any("/msg NICK TEXT" in text for text in texts(ann.says("CHAT /help")))
    assert texts(ann.says("CHAT help"))[-1] == texts(ann.says("CHAT :/help"))[-1]
    assert "There is no command /nope" in texts(ann.says("CHAT nope"))[0]


def test_what_other_doors_answer_is_answered(ann, bob):
    assert texts(ann.says("CHAT ignore bob", "CHAT away tea", "AWAY"))[:2] == [
        "You are ignoring bob.",
        "You have been marked as being away",
    ]
    assert "You are ignoring bob." in texts(ann.says("CHAT ignore"))
    assert texts(ann.says("CHAT unread")) == ["You have read everything."]


@pytest.mark.parametrize("asked", ["react :heart:", "/react {} :heart:", "#tea react ::heart:", "react ❤️"])
def test_a_reaction_may_be_named(house, ann, bob, asked):
    bob.says("PRIVMSG #tea :hello")
    ann.says(f"CHAT {asked.format(house.stored('tea')[-1][0])}")
    assert house.stored("tea")[-1][1].emoji == "❤️"


@pytest.mark.parametrize("start", ["", "/", "//", " /", ":/", ": /", ":\u200b/", ":／", ":/ "])
def test_chat_says_nothing_that_may_hold_a_password(house, ann, bob, start):
    ann.says(f"CHAT {start}login ann {SECRET}")
    assert bob.new() == [] and SECRET not in str(house.stored("tea"))


@pytest.mark.parametrize(
    "line",
    [
        *(f" /login {SECRET}", f"/login ann {SECRET}", f"／login {SECRET}", f"\u200b/register {SECRET}"),
        *(
            f" /msg NickServ IDENTIFY {SECRET}",
            f"//ns identify {SECRET}",
            f" /quote PASS {SECRET}",
            f"/OPER a {SECRET}",
        ),
        *(f"/chat /login {SECRET}", f"/lock {SECRET}", f"/join tea {SECRET}", f"\1ACTION /login {SECRET}\1"),
    ],
)
@pytest.mark.parametrize("target", ["#tea", "bob"])
def test_what_looks_like_a_command_with_a_password_is_not_said(house, ann, bob, line, target):
    assert "looks like a command" in texts(ann.says(f"PRIVMSG {target} :{line}"))[-1]
    assert ann.says(f"NOTICE {target} :{line}") == []
    assert bob.new() == [] and SECRET not in str(house.journal.__dict__)


def test_a_pasted_block_may_hold_one_too(house, bob):
    ann = Irc(house, "ann2", "batch", "draft/multiline")
    ann.says("JOIN #tea")
    bob.new()
    ann.says("BATCH +1 draft/multiline #tea", "@batch=1 PRIVMSG #tea :hi")
    ann.says(f"@batch=1 PRIVMSG #tea : /login {SECRET}")
    assert "looks like a command" in texts(ann.says("BATCH -1"))[0] and bob.new() == []


@pytest.mark.parametrize("line", ["/etc/passwd", "/login", "/", " /", "/me waves", "/msg bob hi", "login with nc"])
def test_what_only_begins_with_a_slash_is_said(ann, bob, line):
    ann.says(f"PRIVMSG #tea :{line}")
    assert texts(bob.new()) == [line]


def test_chat_concerns_the_channel_last_spoken_in(ann, bob):
    for one in (ann, bob):
        one.says("JOIN #den")
    ann.says("PRIVMSG #tea :first")
    bob.new()
    ann.says("CHAT /topic About tea")
    assert [one.params for one in bob.new()] == [("#tea", "About tea")]
    ann.says("PRIVMSG #den :\1ACTION waves\1", "CHAT /topic About dens")
    assert [one.params for one in bob.new()][1:] == [("#den", "About dens")]


def test_chat_concerns_the_channel_that_it_names(ann, bob):
    ann.says("JOIN #den")
    bob.new()
    ann.says("CHAT #tea :/topic About tea", "CHAT topic More about tea")
    assert [one.params for one in bob.new()] == [("#tea", "About tea"), ("#tea", "More about tea")]
    assert ann.numbers("CHAT #nope /topic x") == ["403"] and "no command" in texts(ann.says("CHAT #tea"))[0]


def test_a_client_without_echoes_sees_what_it_does_by_chat(ann, bob, house):
    assert ann.says("PRIVMSG #tea :tae") == []
    assert [one.params for one in ann.says("CHAT /edit tea")] == [("#tea", "(edited) tea")]
    assert [one.params for one in ann.says("CHAT /me pours")] == [("#tea", "\1ACTION pours\1")]
    assert [one.params for one in ann.says("CHAT /msg bob psst")] == [("ann", "[you -> bob] psst")]
    assert "deleted" in texts(ann.says("CHAT /delete"))[0]
    assert ann.says("PRIVMSG #tea :more") == [], "that is on the screen already"


def test_what_has_no_message_of_irc_is_worded_for_who_asks(house, ann, bob):
    bob.says("PRIVMSG #tea :hi")
    assert texts(ann.says("CHAT unread")) == ["#tea: 1 new"]
    assert texts(ann.says("CHAT read")) == texts(ann.says("CHAT unread")) == ["You have read everything."]
    assert texts(ann.says("CHAT ignore bob")) == ["You are ignoring bob."]
    assert texts(ann.says("CHAT notify all")) == ["Notifications: every line."]
    assert ann.numbers("CHAT away tea time") == ["306"] and ann.numbers("CHAT away") == ["305"]


def test_who_is_to_give_a_password_is_told_how(house, ann):
    assert texts(ann.says("CHAT register")) == ["/msg NickServ REGISTER PASSWORD registers your nick."]
    ann.says(f"CHAT register {SECRET}")
    assert texts(ann.says("CHAT password")) == ["/msg NickServ SET PASSWORD OLD NEW changes your password."]
    assert texts(ann.says(f"CHAT password {SECRET} {SECRET}9")) == ["Your password is changed."]
    assert texts(ann.says("CHAT account delete")) == ["/msg NickServ DROP PASSWORD deletes your account."]
    assert texts(ann.says("CHAT login ann"))[0].endswith("/msg NickServ IDENTIFY ann PASSWORD")


def test_history_by_chat_is_worded_so_that_no_program_answers_it(ann, bob):
    bob.says("PRIVMSG #tea :!version")
    shown = ann.says("CHAT history")
    assert {one.command for one in shown} == {"NOTICE"} and not {one.source for one in shown} & {"bob"}
    assert texts(shown)[-2].endswith(" <bob> !version") and texts(shown)[-1] == "End of history."


def test_a_client_with_echoes_sees_it_once(house):
    ann = Irc(house, "ann", "echo-message")
    ann.says("JOIN #tea", "PRIVMSG #tea :tae")
    assert [one.params for one in ann.says("CHAT /edit tea")] == [("#tea", "(edited) tea")]
    assert [one.command for one in ann.says("CHAT /me pours")] == ["PRIVMSG"]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("EDIT tea", "/quote CHAT /edit"),
        ("login ann secret99", "/quote CHAT /login [NICK] [PASSWORD]"),
        ("SAY hi", "Unknown command"),
        ("NOPE", "Unknown command"),
    ],
)
def test_commands_of_other_doors_sent_raw_are_told_how_to_be_used(ann, line, text):
    [answer] = ann.says(line)
    assert answer.command == "421" and text in answer.params[-1] and SECRET not in answer.params[-1]


@pytest.mark.parametrize("nick", ["NickServ", "chanserv", "SASLSERV", "HistServ"])
def test_nobody_has_the_name_of_a_service_at_any_door(house, ann, nick):
    dan = house.join("dan", LinePerson)
    dan.types(f"/nick {nick}")
    assert dan.heard_of("is reserved")
    assert house.join(nick, LinePerson).heard_of("is reserved")
    dan.types(f"/msg {nick} IDENTIFY {SECRET}")
    assert SECRET not in str(house.journal.__dict__)
