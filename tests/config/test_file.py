"""The configuration file: TOML, with every mistake reported in one clear line with its place."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.config.file import MAX_FILE_BYTES, ConfigError, read_config
from chatroom.config.settings import SETTINGS


@pytest.fixture
def file(tmp_path):
    return tmp_path / "chatroom.toml"


def mistake(file):
    """Return the error about *file*: one line that begins with its name."""
    with pytest.raises(ConfigError) as caught:
        read_config(file)
    told = str(caught.value)
    assert told.startswith(str(file)) and told.isprintable()
    return told.removeprefix(str(file))


def test_what_the_file_says_is_read_and_nothing_else(file):
    file.write_text('listen = ["tcp:1", "tcp:2"]\npublic = false\ndata = "/x"\nrate = 2.5\nburst = 9\nstall = 3\n')

    values = read_config(file)

    assert values == {
        "listen": ["tcp:1", "tcp:2"],
        "public": False,
        "data": "/x",
        "rate": 2.5,
        "burst": 9,
        "stall": 3.0,
    }
    assert type(values["stall"]) is float, "a whole number will do for a number"


def test_a_file_with_nothing_but_comments_says_nothing(file):
    file.write_text("# rate = 7\n")

    assert read_config(file) == {}


def test_a_byte_order_mark_and_other_ends_of_lines_do_no_harm(file):
    file.write_bytes(b"\xef\xbb\xbfrate = 3\r\nmessage-of-the-day = '''a\r\nb'''\r\n")

    assert read_config(file) == {"rate": 3.0, "message-of-the-day": ("a", "b")}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("rate = true", ", line 1: rate must be a number of at least 0"),
        ("\n# rate\nrate = 'fast'", ", line 3: rate must be a number of at least 0"),
        ("rate = nan", ", line 1: rate must be a number of at least 0"),
        ("rate = inf", ", line 1: rate is too large: at most 1000000000"),
        ("burst = 1.5", ", line 1: burst must be a whole number of at least 1"),
        ("burst = false", ", line 1: burst must be a whole number of at least 1"),
        ("byte-burst = 16383", ", line 1: byte-burst must be a whole number of at least 16384"),
        ("public = 1", ", line 1: public must be true or false"),
        ("data = 7", ", line 1: data must be a string"),
        ('data = "\\u0000"', ", line 1: data must not contain a NUL character"),
        ("listen = 'tcp:1'", ", line 1: listen must be a list of strings"),
        ("listen = ['tcp:1',\n1]", ", line 2: listen must be a string"),
        ("listen = ['tcp:1']\npublic = true", ", line 1: listen and public exclude each other"),
        ("ephemeral = true\ndata = '/x'", ", line 2: data and ephemeral exclude each other"),
        ("rate = 1\nbyte_rate = 1", ", line 2: byte_rate is unknown; did you mean byte-rate?"),
        ("Burst = 1", ", line 1: Burst is unknown; did you mean burst?"),
        ('"ra\\nte" = 1', ", line 1: 'ra\\nte' is unknown; did you mean rate?"),
        ("qwertz = 1", f", line 1: qwertz is unknown; known names: {', '.join(sorted(SETTINGS))}"),
        ("[rate]\nx = 1", ", line 1: rate must be a number of at least 0"),
        ("rate = 2026-01-01", ", line 1: rate must be a number of at least 0"),
        ("rooms = 'lobby'", ", line 1: rooms must be a list of tables, each beginning with [[rooms]]"),
        ("[rooms]\nname = 'x'", ", line 1: rooms must be a list of tables, each beginning with [[rooms]]"),
        ("rooms = ['x']", ", line 1: rooms must be a table of name, topic, operators"),
        ("[[rooms]]\nname = 'x'\n\n[[rooms]]\ntopic = 't'", ", line 4: rooms has no name"),
        ("[[rooms]]\nname = 'x'\n[[rooms]]\nname = '#X'", ", line 4: rooms.name repeats x"),
        ("[[rooms]]\nname = 'a b'", ", line 2: rooms.name is not valid: A room's name cannot contain spaces."),
        ("[[rooms]]\nname = '&audit'", ", line 2: rooms.name is not valid: "),
        ("[[rooms]]\nname = '@a:b'", ", line 2: rooms.name is not valid: "),
        ("[[rooms]]\nname = 7", ", line 2: rooms.name must be a string"),
        ("[[rooms]]\nname = 'x'\nnme = 1", ", line 3: rooms.nme is unknown; did you mean name?"),
        ("[[rooms]]\nname = 'x'\ntopic = 7", ", line 3: rooms.topic must be a string"),
        ("[[rooms]]\nname = 'x'\ntopic = '''a\nb'''", ", line 3: rooms.topic contains characters that would damage"),
        (f"[[rooms]]\nname = 'x'\ntopic = '{'t' * 301}'", ", line 3: rooms.topic is too long: at most 300 characters"),
        ("[[rooms]]\nname = 'x'\noperators = 'ann'", ", line 3: rooms.operators must be a list of nicks"),
        (
            "[[rooms]]\nname = 'x'\noperators = [\n'ann',\n'b b']",
            ", line 5: rooms.operators is not valid: A nick cannot",
        ),
        ("[[rooms]]\nname = 'x'\noperators = ['admin']", ", line 3: rooms.operators is not valid: The nick admin is"),
        ("[keep]\ndays = 0", ", line 2: keep.days must be a number above 0"),
        ("[keep]\nlines = 0", ", line 2: keep.lines must be a whole number of at least 1"),
        ("[keep]\nmegabytes = -1", ", line 2: keep.megabytes must be a number above 0"),
        ("[keep]\nday = 1", ", line 2: keep.day is unknown; did you mean days?"),
        (
            "[keep]\ndays = 1\nrate = 1",
            ", line 3: keep.rate is unknown; rate must come before the first line in",
        ),
        ("[[rooms]]\nname = 'x'\nkeep = 1", ", line 3: rooms.keep is unknown; keep must come before"),
        ("keep = 7", ", line 1: keep must be a table of days, lines, megabytes"),
        ("keep-of = 7", ", line 1: keep-of must be a table for each room, such as [keep-of.lobby]"),
        ("keep-of.lobby = 7", ", line 1: keep-of.lobby must be a table of days, lines, megabytes"),
        ("keep-of = {a = {}, b = {days = 'x'}}", ", line 1: keep-of.b.days must be a number above 0"),
        ("[keep-of.a]\n[keep-of.'b b']", ", line 2: keep-of.b b is not valid: A room's name cannot contain spaces."),
        ("[keep-of.a]\n[keep-of.A]", ", line 2: keep-of.A repeats a; each room may appear only once"),
        ("reserved = 'boss'", ", line 1: reserved must be a list of nicks"),
        ("reserved = ['a', '']", ", line 1: reserved is not valid: A nick cannot be empty."),
        ("message-of-the-day = 7", ", line 1: message-of-the-day must be a string or a list of strings"),
        ("message-of-the-day = ['a', 7]", ", line 1: message-of-the-day must be a string"),
        ('message-of-the-day = "\\u001b[2J"', ", line 1: message-of-the-day contains characters that would damage"),
        (
            f"message-of-the-day = '{'é' * 2049}'",
            ", line 1: message-of-the-day has a line that is too long: at most 4096 bytes",
        ),
        (f"message-of-the-day = {['x'] * 101}", ", line 1: message-of-the-day has more than 100 lines"),
        ("rate =", ", line 1: Invalid value (at the end of the file)"),
        ("\nrate = = 2", ", line 2, column 8: Invalid value"),
        ("rate = 1\nrate = 2\n", ", line 2, column 9: Cannot overwrite a value"),
        ("rate = 1\n\nlisten = [\n'x'\n", ", line 4: Unclosed array (at the end of the file)"),
        ("burst = " + "9" * 5000, ": a number in it has too many digits"),
        ("x = " + "[" * 100_000, ": it is nested too deeply"),
        ("", ": the file is empty"),
        (" \n\n", ": the file is empty"),
    ],
)
def test_a_mistake_is_told_in_one_line_that_says_where_it_is(file, text, told):
    file.write_text(text)

    assert mistake(file).startswith(told)


def test_a_file_that_is_not_there(file):
    assert mistake(file) == ": No such file or directory"


def test_a_file_that_is_not_text(file):
    file.write_bytes(b"rate = 1\ndata = '\xfe'")

    assert mistake(file) == ", line 2: the file is not UTF-8 text"


def test_a_folder_is_no_file(tmp_path):
    assert mistake(tmp_path) == ": Is a directory"


def test_nobody_waits_for_a_pipe_that_nobody_writes_to(file):
    os.mkfifo(file)

    assert mistake(file) == ": it is not a file"


def test_a_device_that_never_ends_is_not_read(tmp_path):
    (tmp_path / "zero").symlink_to("/dev/zero")

    assert mistake(tmp_path / "zero") == ": it is not a file"


def test_a_file_that_is_too_long_to_be_read_in_a_moment(file):
    file.write_bytes(b"#" * (MAX_FILE_BYTES + 1))

    assert mistake(file) == f": the file is too long: {MAX_FILE_BYTES} bytes at most"


def test_a_file_that_cannot_be_opened(file):
    file.touch()

    assert mistake(file / "below") == ": Not a directory"


def test_a_name_that_no_file_can_have(tmp_path):
    with pytest.raises(ConfigError, match=r"^'.*x\\x00y' is not a valid file name$"):
        read_config(tmp_path / "x\0y")


values = st.recursive(
    st.one_of(st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=5,
)


@given(name=st.sampled_from(sorted(SETTINGS)), value=values)
def test_whatever_value_a_name_is_given_it_is_read_or_told_in_one_line(name, value, tmp_path_factory):
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_text(f"{name} = {toml(value)}\n", encoding="utf-8", errors="replace")

    try:
        assert list(read_config(file)) == [name]
    except ConfigError as error:
        assert str(error).startswith(f"{file}, line 1: {name}") and "\n" not in str(error)


def toml(value):
    """Write *value* as TOML."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return (
                '"' + "".join(f"\\U{ord(one):08x}" if not 0xD800 <= ord(one) < 0xE000 else "?" for one in value) + '"'
            )
        case list():
            return f"[{', '.join(map(toml, value))}]"
        case dict():
            return (
                "{"
                + ", ".join(f"{key} = {toml(one)}" for key, one in {toml(k): v for k, v in value.items()}.items())
                + "}"
            )
        case _:
            return repr(value)
