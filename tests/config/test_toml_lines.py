"""Line numbers in a TOML document."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.config.toml_lines import line_of

DOCUMENT = '''# the first line
a = 1.5
"q.x".'y z' = """x
[b]
a = 2
""""
[t.u]  # t
k = [1, # ]
 2, {m = "]", n.o = [3,
 4]}]
[[r]]
n = "x"

[[r]]
n = 2
[r.s]
z = 1979-05-27 07:32:00
[[r.w]]
v = '#'
[[r.w]]
v = 2
[[r]]
n = \'\'\'
[t]
\'\'\'
[t]
end = true'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("a",), 2),
        (("q.x", "y z"), 3),
        (("t", "u"), 7),
        (("t", "u", "k"), 8),
        (("t", "u", "k", 0), 8),
        (("t", "u", "k", 1), 9),
        (("t", "u", "k", 2, "m"), 9),
        (("t", "u", "k", 2, "n", "o", 0), 9),
        (("t", "u", "k", 2, "n", "o", 1), 10),
        (("r",), 11),
        (("r", 0), 11),
        (("r", 0, "n"), 12),
        (("r", 1), 14),
        (("r", 1, "n"), 15),
        (("r", 1, "s", "z"), 17),
        (("r", 1, "w", 0, "v"), 19),
        (("r", 1, "w", 1), 20),
        (("r", 1, "w", 1, "v"), 21),
        (("r", 2, "n"), 23),
        (("t", "end"), 27),
    ],
)
def test_everything_is_found_on_its_line(path, line):
    tomllib.loads(DOCUMENT)

    assert line_of(DOCUMENT, path) == line


def test_what_is_not_there_is_looked_for_in_what_is_around_it():
    assert line_of(DOCUMENT, ("r", 1, "name")) == 14
    assert line_of(DOCUMENT, ("nothing", "at", "all")) == 1


def paths(value, path=()):
    """Every way into *value*."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in items:
        yield (*path, name)
        yield from paths(inner, (*path, name))


texts = st.text(st.sampled_from("ab'\"\\#[]{}=,.\n é"), max_size=6)


def written(value, in_line):
    """Write *value* as TOML, over as many lines as may be."""
    match value:
        case str():
            return '"' + "".join(f"\\u{ord(one):04x}" if one in '"\\\n' else one for one in value) + '"'
        case bool():
            return str(value).lower()
        case list():
            gap = " " if in_line else " # ]\n"
            return "[" + ",".join(f"{gap}{written(one, in_line)}" for one in value) + gap + "]"
        case dict():
            return "{" + ", ".join(f"{written(k, True)} = {written(v, True)}" for k, v in value.items()) + "}"
        case _:
            return repr(value)


values = st.recursive(
    st.one_of(st.booleans(), st.integers(-9, 9), st.floats(-9, 9).map(lambda one: round(one, 1)), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=8,
)


@given(st.dictionaries(texts, values, max_size=5))
def test_whatever_tomllib_reads_has_a_line_and_later_keys_have_later_lines(document):
    source = "".join(f"\n{written(name, True)} = {written(value, False)}\n" for name, value in document.items())
    assert tomllib.loads(source) == document

    lines = [line_of(source, path) for path in paths(document)]
    assert lines == sorted(lines) and all(source.split("\n")[line - 1] for line in lines)
    starts = [line_of(source, (name,)) for name in document]
    assert len(set(starts)) == len(document)
    for name, line in zip(document, starts, strict=True):
        assert source.split("\n")[line - 1].startswith(written(name, True))
