"""What is typed before an answer has come goes nowhere that the person has not seen."""

from __future__ import annotations

from itertools import count

import pytest

from tests.wire.clients import JsonClient
from tests.wire.server import Server

from .latency import LATE, hold, kept, release, sent
from .page import Person, expect
from .people import People

PASSWORD = "tulips in the rain"
DENS = (f"den{number}" for number in count())
"""A room for each test, in which nothing has been said yet."""


@pytest.fixture
def ann(people: People) -> Person:
    """Somebody with a slow line."""
    return people.joins("ann", next(DENS), script=LATE)


@pytest.fixture
def zoe(server: Server) -> None:
    """Somebody with an account, who is not here."""
    with JsonClient(server.port, "zoe") as zoe:
        zoe.ask("register", password=PASSWORD, ref="1")
        zoe.until_ref("1")
        zoe.ask("quit")


def is_nowhere(person: Person, secret: str) -> None:
    """See that *secret* is neither shown nor kept nor sent."""
    assert secret not in person.page.locator("#message").input_value()
    assert secret not in kept(person)
    assert not any(secret in text for text in person.page.evaluate("sent"))
    expect(person.log).not_to_contain_text(secret)


# Secrets.


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("/register", "Register this nick"),
        ("/login", "Log in"),
        ("/password", "Change the password"),
        ("/account delete", "Delete the account"),
        (" \u3000/Register ", "Register this nick"),
        ("\u200b／LOGIN", "Log in"),
        ("\u2215login", "Log in"),
    ],
)
def test_a_command_that_lacks_only_a_secret_opens_its_form_at_once(ann: Person, typed: str, title: str):
    hold(ann)
    ann.types(typed)
    ann.box.press("Enter")
    ann.page.keyboard.type("open sesame")
    dialog = ann.page.get_by_role("dialog", name=title)
    expect(dialog.locator("input[type=password]").first).to_have_value("open sesame")
    expect(ann.box).to_have_value("")
    is_nowhere(ann, "sesame")


def test_a_password_typed_ahead_waits_for_the_form_that_asks_for_it(ann: Person, zoe: None):
    hold(ann)
    ann.says("/login zoe")
    ann.page.keyboard.type("open sesame")
    expect(ann.box).to_be_hidden()
    is_nowhere(ann, "sesame")
    release(ann)
    dialog = ann.page.get_by_role("dialog", name="Log in")
    expect(dialog.get_by_label("Nick")).to_have_value("zoe")
    expect(dialog.get_by_label("Password")).to_have_value("open sesame")
    is_nowhere(ann, "sesame")
    ann.closes()
    expect(ann.box).to_be_visible()
    expect(ann.box).to_have_value("")


def test_a_password_typed_ahead_is_forgotten_if_nobody_asks_for_it(ann: Person):
    hold(ann)
    ann.says("/account delete please")
    ann.page.keyboard.type("open sesame\nand more")
    is_nowhere(ann, "sesame")
    release(ann)
    ann.is_refused("You need an account")
    expect(ann.box).to_have_value("")
    expect(ann.box).to_be_focused()
    is_nowhere(ann, "sesame")


def test_a_line_that_asks_is_not_done_later_when_nobody_expects_it(ann: Person, people: People):
    people.connections_break = True
    hold(ann)
    ann.says("/login nobody")
    ann.page.keyboard.type("open sesame")
    ann.page.context.set_offline(True)
    ann.is_refused("The connection was lost before this was answered:")
    expect(ann.box).to_be_visible()
    ann.says("/login nobody")
    ann.is_refused("Not connected.")
    expect(ann.box).to_have_value("/login nobody")
    is_nowhere(ann, "sesame")


@pytest.mark.parametrize(
    "typed", [" /login ann sesame", "\u200b/login ann sesame", "\t／Login  ann sesame", "/register sesame"]
)
def test_what_was_typed_is_sent_as_it_is_and_a_secret_in_it_is_not_kept(ann: Person, typed: str):
    ann.types(typed)
    assert "sesame" not in kept(ann)
    hold(ann)
    ann.box.press("Enter")
    assert [line["text"] for line in sent(ann)] == [typed]
    assert "sesame" not in kept(ann)
    expect(ann.log).not_to_contain_text("sesame")
    release(ann)
    ann.is_refused("")
    expect(ann.log).not_to_contain_text("sesame")


def test_white_space_around_what_was_typed_is_sent_too(ann: Person):
    ann.says("  two words  ")
    assert [line["text"] for line in sent(ann)] == ["  two words  "]


@pytest.mark.parametrize("last", ["/quit", "exit", "/login ann sesame"])
def test_what_follows_a_full_block_is_said_and_not_done(ann: Person, last: str):
    """The 41st line begins a message of its own, and would be a command."""
    ann.types("\n".join([*map(str, range(40)), last]))
    ann.box.press("Enter")
    assert [one["text"].splitlines()[0] for one in sent(ann, "say")] == ["0", last] and not sent(ann)
    ann.log.get_by_text(last).wait_for()


def test_a_block_with_a_command_in_it_comes_back_with_the_reason(ann: Person):
    ann.types("one\n/help\ntwo")
    ann.box.press("Enter")
    ann.is_refused("a command is one line by itself")
    expect(ann.box).to_have_value("one\n/help\ntwo")
    ann.types("/* a comment */\n/* is said */")
    ann.box.press("Enter")
    ann.sees("is said")


# Rooms.


def test_who_is_kicked_in_the_middle_of_a_sentence_says_it_nowhere(people: People, server: Server):
    ann, bob = people.joins("ann", "bench"), people.joins("bob", "tea", script=LATE)
    bob.enters("bench")
    expect(ann.member("bob")).to_be_visible()
    bob.box.press_sequentially("this is for ")
    ann.says("/kick bob")
    bob.page.get_by_text("You are no longer in #bench.").wait_for()
    bob.page.keyboard.type("the bench\n")
    bob.is_in("#bench")
    expect(bob.box).to_have_value("this is for the bench")
    bob.is_refused("You are not in #bench")
    assert not sent(bob)
    bob.goes_to("#tea")
    expect(bob.box).to_have_value("")
    # What was being written is where it was.
    bob.enters("bench")
    expect(bob.box).to_have_value("this is for the bench")
    bob.box.press("Enter")
    ann.sees("this is for the bench")


@pytest.mark.parametrize(
    ("typed", "place"), [("/msg bob psst", "bob"), ("/join attic", "#attic"), ("/leave", "#shed")]
)
def test_an_answer_does_not_move_the_page_while_somebody_types(ann: Person, server: Server, typed: str, place: str):
    ann.enters("shed")
    ann.enters("hall")
    with JsonClient(server.port, "bob"):
        hold(ann)
        ann.says(typed)
        ann.page.keyboard.type("half a ")
        release(ann)
        offer = ann.page.locator("#offer")
        expect(offer).to_be_visible()
        ann.page.keyboard.type("sentence")
        ann.is_in("#hall")
        expect(ann.box).to_have_value("half a sentence")
        if typed == "/leave":
            ann.goes_to("#shed")
        else:
            offer.get_by_role("button", name="Go there").click()
        ann.is_in(place)
        expect(ann.box).to_have_value("")


@pytest.mark.parametrize(("typed", "place"), [("/msg bob psst", "bob"), ("/join attic", "#attic"), ("/leave", "#a")])
def test_who_types_nothing_meanwhile_is_moved(ann: Person, server: Server, typed: str, place: str):
    ann.enters("a")
    ann.enters("hall")
    with JsonClient(server.port, "bob"):
        hold(ann)
        ann.says(typed)
        release(ann)
        ann.is_in(place)


def test_the_results_of_a_typed_search_do_not_take_the_keys_of_who_types_on(ann: Person):
    ann.says("where is the whisk?")
    ann.sees("whisk")
    hold(ann)
    ann.says("/search whisk")
    ann.page.keyboard.type("no matter")
    release(ann)
    ann.page.get_by_role("button", name="Show").wait_for()
    ann.page.keyboard.type("!")
    expect(ann.box).to_have_value("no matter!")
    ann.page.get_by_role("button", name="Show").click()
    expect(ann.results).to_have_count(1)


# Leaving.


@pytest.mark.parametrize("typed", ["exit", " EXIT ", "\u200bexit"])
def test_exit_asks_first(ann: Person, typed: str):
    ann.says(typed)
    dialog = ann.page.get_by_role("dialog", name="Leave the chat?")
    dialog.get_by_role("button", name="Stay").click()
    expect(ann.box).to_have_value("")
    ann.is_connected()
    ann.says(typed)
    dialog.get_by_role("button", name="Say “exit”").click()
    ann.sees("exit")
    ann.says(typed)
    dialog.get_by_role("button", name="Leave").click()
    expect(ann.page.get_by_role("button", name="Join", exact=True)).to_be_visible()
