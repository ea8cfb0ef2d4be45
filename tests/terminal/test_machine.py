"""A state machine: whatever is pressed, pasted, heard or resized, what was typed is kept, and the screen shows it."""

from __future__ import annotations

import re
from collections.abc import Callable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from wcwidth import iter_graphemes, wcswidth, wcwidth

from chatroom.terminal.actions import Action, Answer, Block, EndOfInput, Interrupt, Line, TooLong
from chatroom.terminal.completion import Completion, candidates
from chatroom.terminal.layout import Layout, lay_out
from chatroom.terminal.wrap import wrap_line

from .sitting import BACKSPACE, DELETE, DOWN, END, ENTER, HOME, LEFT, RIGHT, TAB, UP, Sitting, bare, ctrl, pasted

LIMIT = 160
NICKS = ("bob", "bobby", "Bär", "漢字", "漢語")
LETTERS = "ab b,_Öé漢字한\u0301\u0323👍🏽🇩"
"""Two thumbs are one character, or what makes it dark is another one: pyte is a terminal that draws it apart."""
WORDS = st.one_of(
    st.text(LETTERS, min_size=1, max_size=12), st.sampled_from([*NICKS, "bo", "漢", "/msg bob hello", "x" * 90])
)
LINES = st.lists(st.text(LETTERS + "\t", max_size=50), min_size=1, max_size=5).map("\n".join)
SPOKEN = st.text(LETTERS + "12:<> ", max_size=120)
IN_WORD = r"[\w\u0300-\u036f]"

ALT = "\x1b"


def complete(text: str, cursor: int) -> Completion | None:
    word = re.split("[ \n]", text[:cursor])[-1]
    offers = [f"{nick} " for nick in NICKS if nick.startswith(word)]
    return Completion(cursor - len(word), offers) if offers and word else None


class Typed:
    """What a person has typed, kept in the simplest way."""

    def __init__(self) -> None:
        self.text = ""
        self.cursor = 0
        self.cut = False
        """Whether not all is there that was typed, and nothing was deleted since."""
        self.killed = ""
        self.killing = False
        self.history: list[str] = []
        self.slots = [""]
        """The history with what was made of it, and what was half typed at its end."""
        self.place = 0

    @property
    def stops(self) -> list[int]:
        """Where the cursor may be: between what people take for characters."""
        places = [0]
        for cluster in iter_graphemes(self.text):
            places.append(places[-1] + len(cluster))
        return places

    def stop_from(self, place: int) -> int:
        return min(stop for stop in self.stops if stop >= place)

    def stop_to(self, place: int) -> int:
        return max(stop for stop in self.stops if stop <= place)

    def becomes(self, text: str, cursor: int) -> None:
        self.text, self.killing, self.cut = text, False, False
        self.cursor = self.stop_from(cursor)

    def puts(self, text: str, start: int) -> bool:
        changed = self.text[:start] + text + self.text[self.cursor :]
        fits = len(changed.encode()) <= LIMIT
        if fits:
            cut = self.cut
            self.becomes(changed, start + len(text))
            self.cut = cut
        return fits

    def types(self, text: str) -> bool:
        fits = self.puts(text, self.cursor)
        self.cut = self.cut or not fits
        return fits

    def goes(self, place: int) -> None:
        self.cursor, self.killing = place, False

    def deletes(self, place: int) -> None:
        start, end = sorted((place, self.cursor))
        self.killing = self.killing and start == end
        if start != end:
            self.becomes(self.text[:start] + self.text[end:], start)

    def kills(self, place: int) -> None:
        start, end = sorted((place, self.cursor))
        if start == end:
            return
        gone, before = self.text[start:end], self.killed if self.killing else ""
        self.killed = gone + before if place < self.cursor else before + gone
        self.deletes(place)
        self.killing = True

    # Places.

    @property
    def left(self) -> int:
        return max((stop for stop in self.stops if stop < self.cursor), default=0)

    @property
    def right(self) -> int:
        return min((stop for stop in self.stops if stop > self.cursor), default=self.cursor)

    def behind(self, pattern: str) -> int:
        found = re.search(rf"(?:{pattern})\Z", self.text[: self.cursor])
        return self.stop_to(found.start() if found else 0)

    @property
    def word_right(self) -> int:
        found = re.compile(rf"(?:(?!{IN_WORD})[\s\S])*{IN_WORD}*").match(self.text, self.cursor)
        assert found
        return self.stop_from(found.end())

    @property
    def word_left(self) -> int:
        return self.behind(rf"{IN_WORD}*(?:(?!{IN_WORD})[\s\S])*")

    @property
    def line_start(self) -> int:
        return self.text[: self.cursor].rfind("\n") + 1

    @property
    def line_end(self) -> int:
        return (self.text + "\n").index("\n", self.cursor)

    # Lines.

    def recalls(self, by: int) -> bool:
        lines, above = self.text.split("\n"), self.text[: self.cursor].count("\n")
        if 0 <= above + by < len(lines):
            start = sum(len(line) + 1 for line in lines[: above + by])
            self.goes(self.stop_from(start + min(self.cursor - self.line_start, len(lines[above + by]))))
            return True
        if not 0 <= self.place + by < len(self.slots):
            return False
        self.slots[self.place] = self.text
        self.place += by
        self.becomes(self.slots[self.place], len(self.slots[self.place]))
        return True

    def enters(self) -> Action:
        text, cut = self.text.strip("\n"), self.cut
        if text.strip() and text not in self.history[-1:]:
            self.history.append(text)
        self.slots, self.place = [*self.history, ""], len(self.history)
        self.becomes("", 0)
        if cut:
            return TooLong()
        return Block(text) if "\n" in text else Line(text)

    def drops(self) -> None:
        self.slots, self.place = [*self.history, ""], len(self.history)
        self.becomes("", 0)


MOVES: dict[str, Callable[[Typed], int]] = {
    LEFT: lambda typed: typed.left,
    ctrl("b"): lambda typed: typed.left,
    RIGHT: lambda typed: typed.right,
    HOME: lambda typed: typed.line_start,
    END: lambda typed: typed.line_end,
    ALT + "b": lambda typed: typed.word_left,
    "\x1b[1;5C": lambda typed: typed.word_right,
    ALT + "<": lambda typed: 0,
    ALT + ">": lambda typed: len(typed.text),
}
DELETES: dict[str, Callable[[Typed], int]] = {
    BACKSPACE: lambda typed: typed.left,
    DELETE: lambda typed: typed.right,
}
KILLS: dict[str, Callable[[Typed], int]] = {
    ctrl("k"): lambda typed: max(typed.line_end, typed.right),
    ctrl("u"): lambda typed: min(typed.line_start, typed.left),
    ctrl("w"): lambda typed: typed.behind(r"\S*\s*"),
    ALT + "\x7f": lambda typed: typed.word_left,
    ALT + "d": lambda typed: typed.word_right,
}


class Typing(RuleBasedStateMachine):
    """One person types; others talk; the window changes its size."""

    def __init__(self) -> None:
        super().__init__()
        self.typed = Typed()
        self.sitting = Sitting(24, 6, prompt="#a> ", completer=complete, limit=LIMIT)
        self.columns, self.height, self.status = 24, 6, ""
        self.above: list[str] = []
        """The rows of lines that have come in."""
        self.question: str | None = None
        self.secret = ""
        self.bells = 0
        self.search: tuple[str, str] | None = None
        """What is searched for, and the line that was found."""

    def presses(self, keys: str, *expected: Action) -> None:
        assert self.sitting.types(keys) == list(expected)

    def rings_unless(self, done: bool) -> None:
        self.bells += not done

    hearing = precondition(lambda self: self.question is None)

    @hearing
    @rule(text=WORDS, slowly=st.booleans())
    def types(self, text: str, slowly: bool) -> None:
        """As it is typed, and as it comes on a bad line: byte by byte."""
        if slowly:
            for character in text:
                self.rings_unless(self.typed.types(character))
            assert self.sitting.types(*(bytes([one]) for one in text.encode())) == []
        else:
            self.rings_unless(self.typed.types(text))
            self.presses(text)

    @hearing
    @rule(text=LINES)
    def pastes(self, text: str) -> None:
        pasting = "\n".join(text.replace("\t", " ").split("\n")).strip("\n")
        if len(text) <= LIMIT and self.typed.puts(pasting, self.typed.cursor):
            assert self.sitting.types(pasted(text)) == []
        else:
            self.bells += 1
            assert self.sitting.types(pasted(text)) == [TooLong()]

    @hearing
    @rule(key=st.sampled_from(list(MOVES)))
    def moves(self, key: str) -> None:
        self.typed.goes(MOVES[key](self.typed))
        self.presses(key)

    @hearing
    @rule(key=st.sampled_from(list(DELETES)))
    def deletes(self, key: str) -> None:
        self.typed.deletes(DELETES[key](self.typed))
        self.presses(key)

    @hearing
    @rule(key=st.sampled_from(list(KILLS)))
    def kills(self, key: str) -> None:
        self.typed.kills(KILLS[key](self.typed))
        self.presses(key)

    @hearing
    @rule()
    def yanks(self) -> None:
        self.rings_unless(self.typed.puts(self.typed.killed, self.typed.cursor))
        self.presses(ctrl("y"))

    @hearing
    @rule(up=st.booleans())
    def recalls(self, up: bool) -> None:
        self.rings_unless(self.typed.recalls(-1 if up else 1))
        self.presses(UP if up else DOWN)

    @hearing
    @rule()
    def completes(self) -> None:
        typed = self.typed
        found = complete(typed.text, typed.cursor)
        fitting = found.offers if found is not None else []
        if found is None:
            self.bells += 1
        elif len(fitting) == 1:
            put = fitting[0].strip() if typed.text[typed.cursor :][:1] == " " else fitting[0]
            self.rings_unless(typed.puts(put, found.start))
        else:
            put = next(fitting[0][:size] for size in range(9, 0, -1) if len({one[:size] for one in fitting}) == 1)
            if len(put) > typed.cursor - found.start:
                self.rings_unless(typed.puts(put, found.start))
            else:
                self.comes(*candidates([offer.strip() for offer in fitting], self.columns))
        self.presses(TAB)

    @hearing
    @rule(query=st.sampled_from(["a", "bo", "漢", "B", "zz"]), then=st.sampled_from([ENTER, ctrl("g"), END]))
    def searches(self, query: str, then: str) -> None:
        typed = self.typed
        wanted = [place for place, line in enumerate(typed.history) if query.casefold() in line.casefold()]
        self.rings_unless(bool(wanted))
        self.presses(ctrl("r"))
        self.presses(query)
        self.search = (query, typed.history[wanted[-1]]) if wanted else ("", "")
        self.the_screen_shows_it()
        self.search = None
        if wanted and then != ctrl("g"):
            typed.slots[typed.place], typed.place = typed.text, wanted[-1]
            typed.becomes(typed.slots[typed.place], len(typed.slots[typed.place]))
        if then == END:
            typed.goes(typed.line_end)
        self.presses(then, *([typed.enters()] if then == ENTER else []))

    @hearing
    @rule()
    def enters(self) -> None:
        self.presses(ENTER, self.typed.enters())

    @hearing
    @rule()
    def interrupts(self) -> None:
        was_empty = not self.typed.text
        if not was_empty:
            self.typed.drops()
        self.presses(ctrl("c"), *([Interrupt()] if was_empty else []))

    @hearing
    @rule()
    def ends_the_input(self) -> None:
        if self.typed.text:
            self.typed.deletes(self.typed.right)
            self.presses(ctrl("d"))
        else:
            self.presses(ctrl("d"), EndOfInput())

    @hearing
    @rule()
    def is_asked(self) -> None:
        self.question, self.secret = "Password for ann: ", ""
        self.sitting.editor.ask(self.question)
        self.sitting.look()

    @precondition(lambda self: self.question is not None)
    @rule(text=st.text("sS5$", min_size=1, max_size=9), wrong=st.booleans())
    def types_a_password(self, text: str, wrong: bool) -> None:
        fits = len(self.secret + text) <= LIMIT
        self.secret += text if fits else ""
        self.rings_unless(fits)
        self.presses(text)
        if wrong:
            self.secret = self.secret[:-1]
            self.presses(BACKSPACE)
        self.presses(TAB)
        self.presses(UP)
        self.bells += 2

    @precondition(lambda self: self.question is not None)
    @rule(typed_ahead=st.booleans())
    def answers(self, typed_ahead: bool) -> None:
        """What is typed before it is known whether there is another question may be a password, and is dropped."""
        self.question = None
        self.presses(ENTER + ("secret" if typed_ahead else ""), Answer(self.secret))
        self.bells += typed_ahead
        self.sitting.editor.ask(None)
        self.presses("")

    @rule(lines=st.lists(SPOKEN, min_size=1, max_size=8))
    def hears(self, lines: list[str]) -> None:
        self.comes(*(row for line in lines for row in wrap_line(line, self.columns)))
        self.sitting.hears(*lines)

    def comes(self, *rows: str) -> None:
        self.above += [bare(part) for row in rows for part in cut(row, self.columns)]

    @rule(status=st.sampled_from(["", "ann · #a", "\x1b[7mlong " + "漢" * 30 + "\x1b[0m"]))
    def gets_a_status(self, status: str) -> None:
        self.status = status
        self.sitting.editor.set_status(status)
        self.sitting.look()

    @rule(columns=st.integers(1, 40), rows=st.integers(1, 9))
    def resizes(self, columns: int, rows: int) -> None:
        terminal, block = self.sitting.terminal, len(self.above)
        self.sitting.resizes(columns, rows)
        self.columns, self.height = columns, rows
        # What the terminal has cut off, and what has left a screen that is too low, is not ours.
        self.above = terminal.everything[: max(block, len(terminal.scrolled))]
        if len(terminal.scrolled) < block:
            self.above = terminal.everything[:block]

    @rule()
    def clears(self) -> None:
        self.presses(ctrl("l"))
        self.above = list(self.sitting.terminal.scrolled)

    @property
    def layout(self) -> Layout:
        if self.question is not None:
            return lay_out(self.question, "", 0, self.columns)
        if self.search is not None:
            query, line = self.search
            return lay_out(f"search '{query}': ", line, line.casefold().find(query.casefold()), self.columns)
        return lay_out("#a> ", self.typed.text, self.typed.cursor, self.columns)

    @invariant()
    def the_screen_shows_it(self) -> None:
        terminal, layout = self.sitting.terminal, self.layout
        has_status = bool(self.status) and self.height > 2
        height = min(len(layout.rows), self.height - has_status)
        begins = len(self.above)
        top = layout.row - (terminal.at[0] - begins)
        assert 0 <= top <= len(layout.rows) - height
        shown = [bare(row) for row in layout.rows[top : top + height]]
        rows = self.sitting.rows
        assert rows[:begins] == self.above[: len(rows)]
        assert [*rows[begins:], *[""] * height][:height] == shown
        below = rows[begins + height :]
        if has_status:
            status = re.sub("\x1b\\[[0-9]*m", "", self.status)
            assert len(below) == 1
            assert status.startswith(below[0])
            assert len(below[0]) >= min(3, self.columns)
        else:
            assert not below
        assert terminal.at == (begins + layout.row - top, width_of(layout.rows[layout.row], layout.column))

    @invariant()
    def it_rings_if_something_cannot_be_done(self) -> None:
        assert self.sitting.terminal.bells == self.bells

    @invariant()
    def no_password_is_shown(self) -> None:
        assert not set("S5$") & set("".join(self.sitting.terminal.everything))


def cut(row: str, columns: int) -> list[str]:
    """Break *row* as a terminal does that has no idea of what belongs together."""
    parts, used = [""], 0
    for one in row:
        if used == columns and wcwidth(one) > 0:
            parts.append("")
            used = 0
        parts[-1] += one
        used = min(columns, used + max(0, wcwidth(one)))
    return parts


def width_of(row: str, columns: int) -> int:
    """Count the columns on such a terminal of what has so many *columns* otherwise."""
    believed = width = 0
    for cluster in iter_graphemes(row):
        if believed >= columns:
            break
        believed += wcswidth(cluster)
        width += sum(max(0, wcwidth(one)) for one in cluster)
    return width


TestTyping = Typing.TestCase
TestTyping.settings = settings(max_examples=50, stateful_step_count=40)
