"""IRC messages, against the cases that all implementations share, and properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parser_tests import data

from chatroom.config.values import Wrong, server_name
from chatroom.dialects.irc.message import (
    MAX_LINE,
    Message,
    bare_line,
    lists,
    mask_pattern,
    parse,
    pieces,
    split_mask,
    tags_prefix,
    with_tags,
)
from chatroom.dialects.irc.message import line as line_of

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0 "), max_size=20)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=40)


@pytest.mark.parametrize("case", data.msg_split["tests"], ids=lambda case: case["input"])
def test_lines_are_split_as_everyone_splits_them(case):
    atoms = case["atoms"]
    message = parse(case["input"])

    assert message.command == atoms["verb"].upper()
    assert list(message.params) == atoms.get("params", [])
    assert message.source == atoms.get("source", "")
    assert dict(message.tags) == {key: value or "" for key, value in atoms.get("tags", {}).items()}


@pytest.mark.parametrize("case", data.msg_join["tests"], ids=lambda case: case["desc"])
def test_messages_are_written_so_that_everyone_reads_them(case):
    atoms = case["atoms"]
    written = with_tags(
        line_of(atoms.get("source", ""), atoms["verb"], *atoms.get("params", [])),
        {key: value or "" for key, value in atoms.get("tags", {}).items()},
    )

    assert written in case["matches"] or parse(written) == parse(case["matches"][0])


@pytest.mark.parametrize("case", data.mask_match["tests"], ids=lambda case: case["mask"])
def test_masks_match_what_they_match_elsewhere(case):
    assert all(mask_pattern(case["mask"]).fullmatch(text) for text in case["matches"])
    assert not any(mask_pattern(case["mask"]).fullmatch(text) for text in case["fails"])


@pytest.mark.parametrize("case", data.userhost_split["tests"], ids=lambda case: case["source"])
def test_sources_are_split(case):
    atoms = case["atoms"]
    assert split_mask(case["source"]) == tuple(atoms.get(name, "") for name in ("nick", "user", "host"))


@pytest.mark.parametrize("case", data.validate_hostname["tests"], ids=lambda case: case["host"])
def test_a_server_is_called_what_a_host_can_be_called(case):
    host = case["host"]
    if case["valid"] and len(host) <= 63:
        assert server_name(host) == host
    elif "." in host or not host.isalnum():
        with pytest.raises(Wrong):
            server_name(host)


def test_one_word_is_a_name_too_since_no_other_server_is_asked_for_it():
    assert server_name("chatroom") == "chatroom"


@given(st.dictionaries(st.text("abc/+-", min_size=1), TEXTS, max_size=4), WORDS.filter(bool), st.lists(WORDS), TEXTS)
def test_what_is_written_is_read_again(tags, command, middle, last):
    middle = [word for word in middle if word and word[0] != ":"]
    command = command.strip(":@") or "X"
    read = parse(with_tags(bare_line(command, *middle, last), tags))

    assert read == Message(command.upper(), (*middle, last), "", tags)


@given(TEXTS)
def test_nothing_is_no_line(text):
    assert isinstance(parse(text), Message)


@given(st.text(st.characters(codec="utf-8"), min_size=1), st.integers(4, 60))
def test_pieces_fit_and_lose_nothing_but_spaces(text, most):
    found = list(pieces(text, most))

    assert all(0 < len(piece.encode()) <= most for piece in found)
    assert "".join(found).replace(" ", "") == text.replace(" ", "")


@given(st.lists(WORDS.filter(bool), max_size=200))
def test_lists_fit_into_lines_and_lose_nothing(words):
    lines = list(lists("server", "353", ["ann", "=", "#tea"], words))

    assert all(len(one.encode()) <= MAX_LINE - 2 for one in lines)
    assert [word for one in lines for word in parse(one).params[-1].split(" ")] == words


def test_a_mask_of_many_stars_takes_no_time_to_speak_of():
    assert not mask_pattern("*a" * 200 + "b").fullmatch("a" * 5000)


def test_tags_without_a_value_have_no_sign_and_none_are_nothing():
    assert tags_prefix({"bot": ""}) == "@bot " and tags_prefix({}) == ""
    assert with_tags("@a=b :x PING", {"label": "1"}) == "@label=1;a=b :x PING"
