"""Passwords at the text door: prompted for, hidden where possible, and never taken for anything else."""

from __future__ import annotations

from dataclasses import dataclass
from unittest.mock import patch

import pytest
from twisted.internet.address import IPv4Address

from chatroom.chat import command_table
from chatroom.chat.refusals import WrongPassword
from chatroom.chat.replies import Notice, PasswordWanted
from chatroom.dialects.telnet import DO, DONT, ECHO, IAC, IP, NOP, WILL, WONT
from chatroom.link import codec
from tests.house import JsonPerson, LinePerson, failures

HIDE, SHOW = bytes([IAC, WILL, ECHO]), bytes([IAC, WONT, ECHO])
AGREED, DECLINED = bytes([IAC, DO, ECHO]), bytes([IAC, DONT, ECHO])
QUESTION = b"-- Password for ann (visible unless you use telnet): "
HIDDEN_QUESTION = b"-- Password for ann: "


@dataclass(frozen=True, slots=True)
class Sesame:
    """Asks for a password, and opens if it is the right one."""

    nick: str | None = None
    password: str | None = None

    async def run(self, hub, session):
        if self.password is None:
            session.reply(PasswordWanted("sesame", session.person.nick))
        elif self.password == "wrong":
            raise WrongPassword("That is not the word.")
        else:
            session.reply(Notice(f"open for {self.nick}: {self.password!r}"))


@pytest.fixture
def house(houses):
    with (
        patch.dict(command_table.TABLE),
        patch.dict(command_table.NAMES),
        patch.dict(command_table.SPECS),
        patch.dict(codec._SHAPES),
        patch.dict(codec._NAMED),
        failures() as broken,
    ):
        command_table.command("sesame", group="server", help="open")(Sesame)
        codec._register("/sesame", Sesame)
        yield houses()
    assert not broken, broken[0]


@pytest.fixture
def ann(house):
    return house.join("ann")


@pytest.fixture
def carol(house):
    """A person at another door, who sees everything."""
    return house.join("carol", JsonPerson)


def told(person):
    """What came since the last time, as bytes."""
    data = bytes(person.wire.received)
    person.wire.received.clear()
    return data


def asks(person):
    told(person)
    person.sends(b"/sesame\r\n")
    return told(person)


def test_nc_is_asked_in_a_way_that_covers_the_bytes_meant_for_telnet(ann):
    assert asks(ann) == HIDE + b"\r" + QUESTION

    ann.sends(b"open up\n")
    assert told(ann) == b"-- open for ann: 'open up'\n"


def test_nc_is_sent_those_bytes_once(ann):
    asks(ann)
    ann.sends(b"one\n")

    assert asks(ann) == b"\r" + QUESTION


def test_a_telnet_client_hides_what_is_typed_and_shows_again_what_follows(ann):
    ann.sends(bytes([IAC, NOP]))
    for _ in range(2):
        assert asks(ann) == HIDE + HIDDEN_QUESTION
        ann.sends(AGREED)
        assert told(ann) == b""

        ann.sends(b"secret\r\n")
        assert told(ann) == SHOW + b"\r\n-- open for ann: 'secret'\r\n"
        ann.sends(DECLINED)
        assert told(ann) == b""


def test_a_telnet_client_that_had_said_nothing_yet_is_known_by_its_answer(ann):
    assert asks(ann) == HIDE + b"\r" + QUESTION

    ann.sends(AGREED)
    ann.sends(b"secret\r\n")
    assert told(ann) == SHOW + b"\r\n-- open for ann: 'secret'\r\n"


def test_a_client_that_will_not_hide_it_goes_on_as_it_is(ann):
    asks(ann)
    ann.sends(DECLINED)
    ann.sends(b"secret\r\n")

    assert told(ann) == b"-- open for ann: 'secret'\r\n"


def test_an_answer_that_comes_after_the_password_gives_the_echo_back(ann):
    ann.sends(b"/sesame\nsecret\n")
    told(ann)

    ann.sends(AGREED)
    assert told(ann) == SHOW


@pytest.mark.parametrize(
    ("line", "password"),
    [
        (b"exit\n", "exit"),
        (b"/quit\n", "/quit"),
        (b"//x\n", "//x"),
        (b"  two  words \r\n", "  two  words "),
        ("pässwörd\n".encode(), "pässwörd"),
        (b"secrex\x7ft\n", "secret"),
        ("\bö\x7f\x7fa\xe9\b".encode() + b"b\n", "ab"),
    ],
)
def test_the_next_line_is_the_password_whatever_it_is(house, ann, carol, line, password):
    asks(ann)
    ann.sends(line)

    assert told(ann) == f"-- open for ann: {password!r}\n".encode()
    assert carol.talk == [] and house.words() == []


def test_only_the_next_line_is_it(house, ann):
    ann.sends(b"/sesame\nsecret\nhello\nmy\nfriends\n")

    assert b"open for ann: 'secret'" in told(ann)
    assert house.words() == ["hello\nmy\nfriends"]


def test_a_password_at_the_end_of_what_is_sent_needs_no_line_end(house):
    wire = house.connect()
    wire.carry(b"ann\n/sesame\nsecret")
    wire.half_close()
    house.settle()

    assert b"open for ann: 'secret'" in wire.received and house.words() == []


def test_an_empty_line_changes_nothing(ann):
    asks(ann)
    ann.sends(AGREED)
    ann.sends(b"\r\n")

    assert told(ann) == SHOW + b"\r\n-- No password was given; nothing has changed.\r\n"
    ann.types("/time")
    assert b"open" not in told(ann)


def test_a_password_that_is_refused_or_cannot_be_read_is_asked_for_once(ann, carol):
    for line, answer in [
        (b"wrong\n", b"!! That is not the word.\n"),
        (b"\xfe\n", b"!! That line is not UTF-8 (at byte 1), so it was not sent.\n"),
        (b"x" * 5000 + b"\n", b"!! That line has more than 4096 bytes; it was not sent.\n"),
    ]:
        asks(ann)
        ann.sends(line)
        assert told(ann) == answer
    ann.types("hello")
    assert carol.talk == ["<ann> hello"]


def test_what_happens_meanwhile_is_shown(ann, carol):
    asks(ann)
    carol.types("hello")

    assert b"<carol> hello\n" in told(ann)
    ann.sends(b"secret\n")
    assert b"'secret'" in told(ann)


def test_ctrl_c_instead_of_a_password_leaves(ann, carol):
    asks(ann)
    ann.sends(AGREED)
    ann.sends(b"half a sec" + bytes([IAC, IP]))

    assert ann.gone and told(ann).startswith(SHOW + b"\r\n")
    assert carol.talk == [] and not carol.heard_of("half")


def test_ctrl_c_in_one_piece_with_the_question_leaves(ann, carol):
    ann.sends(b"/sesame\r\n" + bytes([IAC, IP]))

    assert ann.gone and b"open" not in told(ann)


def test_ctrl_c_in_one_piece_with_the_password_leaves_and_tells_nobody(ann, carol):
    asks(ann)
    ann.sends(b"secret\r\n" + bytes([IAC, IP]))

    assert ann.gone and carol.talk == [] and b"'secret'" in told(ann)


# Two passwords, for a command that needs both.

CURRENT = b"-- Current password for ann (visible unless you use telnet): "
NEW = b"-- New password for ann (visible unless you use telnet): "


@pytest.fixture
def owner(house, ann):
    """Ann, with an account."""
    ann.sends(b"/register password-1\n")
    return ann


@pytest.mark.parametrize(
    ("typed", "questions", "answers"),
    [
        (b"/password\n", [CURRENT, NEW], [b"password-1\n", b"password-2\n"]),
        (b"/password password-1\n", [NEW], [b"password-2\n"]),
        (b" /PASSWORD \n", [CURRENT, NEW], [b"password-1\n", b"/password-2\n"]),
    ],
)
def test_what_is_missing_is_asked_for_one_by_one(house, owner, carol, typed, questions, answers):
    told(owner)
    owner.sends(typed)
    for question, answer in zip(questions, answers, strict=True):
        assert told(owner).endswith(b"\r" + question)
        owner.sends(answer)

    assert b"-- Your password is changed." in told(owner) and carol.talk == [] and house.words() == []
    new = answers[-1].decode().strip()
    assert house.hub.core.accounts.of("ann").hash == f"plain:{new}"


def test_passwords_that_are_typed_ahead_are_said_to_nobody(house, owner, carol):
    owner.sends(b"/password\npassword-1\npassword-2\nhello\n")

    assert carol.talk == ["<ann> hello"] and house.hub.core.accounts.of("ann").hash == "plain:password-2"


@pytest.mark.parametrize("answers", [b"\n", b"password-1\n\n", b"\x1b[A\n"])
def test_an_empty_line_ends_the_questions(house, owner, carol, answers):
    owner.sends(b"/password\n" + answers + b"hello\n")

    assert b"-- No password was given; nothing has changed.\n" in told(owner)
    assert carol.talk == ["<ann> hello"] and house.hub.core.accounts.of("ann").hash == "plain:password-1"


def test_telnet_hides_both_answers(owner):
    owner.sends(bytes([IAC, NOP]))
    told(owner)
    owner.sends(b"/password\r\n")
    assert told(owner) == HIDE + b"-- Current password for ann: "
    owner.sends(AGREED)
    owner.sends(b"password-1\r\n")
    assert told(owner) == b"\r\n-- New password for ann: "
    owner.sends(b"password-2\r\n")
    assert told(owner).startswith(SHOW + b"\r\n-- Your password is changed.")


@pytest.mark.parametrize("command", ["/password", "/account delete", "/register", "/login", "/login ann"])
def test_a_password_typed_ahead_of_a_refusal_is_said_to_nobody(house, carol, command):
    """The one kind of guest who cannot be asked: without an account, or where others could read it."""
    ann = LinePerson(house, IPv4Address("TCP", "192.0.2.1", 4000))
    ann.joins("ann")
    ann.sends(f"{command}\npassword-1\npassword-2\n/time\n".encode())
    ann.types("password-3")

    assert ann.heard_of("!! ") and carol.talk == [] and house.words() == []
    assert ann.heard("!! Not sent: it came so soon after that command that it may be a password.")
    house.advance(1)
    ann.types("hello")
    assert carol.talk == ["<ann> hello"]


def test_other_refusals_hold_nothing_back(house, ann, carol):
    ann.types("/nonsense", "one", "/register short", "two", "/login ann password-1", "three")

    assert carol.talk == ["<ann> one", "<ann> two", "<ann> three"]


def test_programs_are_told_what_to_ask_for(house, carol):
    carol.asks("register", password="password-1")
    wanted = {"type": "password_wanted", "command": "password", "nick": "carol", "wants": ["old", "new"]}
    for line in ("/password", "/password password-1", "\u200b /password"):
        assert carol.asks("line", text=line) == [wanted]
    assert carol.asks("password") == carol.asks("password", old="password-1") == [wanted]
    assert carol.asks("line", text="/account delete")[0]["wants"] == ["password"]


def test_programs_ask_themselves(house, carol):
    [asked] = carol.asks("sesame")

    assert asked == {"type": "password_wanted", "command": "sesame", "nick": "carol", "wants": ["password"]}
    assert carol.asks("say", text="hello")[0]["type"] == "said"
    assert carol.asks("sesame", password="x")[0]["text"] == "open for None: 'x'"
