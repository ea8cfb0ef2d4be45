"""Searching in every language: the journals on disk and in memory find the same, and what people mean."""

from __future__ import annotations

import tempfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatroom.chat.ports import Query, RetentionLimit
from chatroom.chat.syntax.search_query import LONGEST, WORD, parse_query
from chatroom.chat.syntax.words import normal
from chatroom.journal._database import schema
from chatroom.journal._memory_search import Scan
from chatroom.journal._tokens import Phrase, indexed, phrase
from chatroom.journal.memory import MemoryJournal

from .stand_ins import Desk, PostgresDesk, said

SENTENCES = [
    # Chinese
    ("我家在上海东边", "上海 东边 我 边 上海东 我家在上海东边 ＂上海＂", "海上 上边 北京 家上"),
    ("明天下午3点在北京西路见，别忘了带iPhone15！", "3点 北京西路 别忘了 iphone 15 西 带iPhone15", "2点 见别忘"),
    ("𠮷野家的牛丼", "𠮷野 𠮷 丼", "吉野"),
    # Japanese
    ("東京タワーに行きたいです。", "東京 タワー ﾀﾜｰ に行き です 京", "京東 タワ一 とうきょう"),
    ("がんばって！ﾊﾟｰﾃｨｰは１８時", "か\u3099んは\u3099って パーティー 18時 がん", "かんばって ハーティー 1"),
    # Korean: spaces, but what follows a noun is attached to it
    ("서울에서 김치를 먹었어요", "서울 김치 먹었 에서 서 \u1100\u1175\u11b7\u110e\u1175", "울서 서울김치 기"),
    # Thai
    ("วันนี้อากาศดีมากที่เชียงใหม่", "อากาศ เชียงใหม่ ดีมาก ที่ ใ", "กรุงเทพ มากดี"),
    # Lao, Khmer and Burmese
    ("ສະບາຍດີ ຂ້ອຍຢູ່ວຽງຈັນ", "ວຽງຈັນ ສະບາຍ ຢູ່", "ຫຼວງພະບາງ"),
    ("ខ្ញុំ\u200bរស់នៅ\u200bភ្នំពេញ", "ភ្នំពេញ រស់ រស់នៅភ្នំ", "សៀមរាប"),
    ("ကျွန်တော် ရန်ကုန်မှာနေတယ်", "ရန်ကုန် နေ", "မန္တလေး"),
    # Arabic and Hebrew, with and without the vowels; Persian, with a joiner
    ("السَّلامُ عليكم يا أحمد، كيف حالك؟", "السلام احمد أَحْمَد حالك كـــيف", "سلام عليك"),
    ("שָׁלוֹם לכולם, מה שלומך?", "שלום שָׁלוֹם לכולם שלומך", "שלו לכול"),
    ("می\u200cخواهم به تهران بروم", "می\u200cخواهم میخواهم تهران", "می"),
    # Hindi, Tamil and Bengali: vowel signs do not part words
    ("मुझे हिन्दी में बात करनी है", "हिन्दी में बात करनी है", "ह हिन न बा"),
    ("தமிழ் வாழ்க", "தமிழ் வாழ்க", "தம ழ்"),
    ("আমি ভাত খাই", "ভাত খাই", "ভা ত"),
    # Latin, Greek, Cyrillic, Vietnamese
    ("José trifft Jose\u0301 in der STRASSE", "jose JOSE\u0301 José straße ｊｏｓé", "jos josef"),
    ("Καλημέρα, ΟΔΥΣΣΕΥΣ", "καλημερα οδυσσευς ΚΑΛΗΜΈΡΑ", "καλη"),
    ("Ёжик идёт домой", "ежик ЕЖИК идет", "еж"),
    ("Tiếng Việt rất đẹp", "tieng viet TIE\u0302\u0301NG đẹp", "tien"),
    # Emoji are words, whatever their skin, and however they are made
    ("ok 👍🏽 👨‍👩‍👧 ❤️‍🔥 🇩🇪🇫🇷 1️⃣ 🏴󠁧󠁢󠁳󠁣󠁴󠁿 ☕", "👍 👍🏽 👍🏿 👨‍👩‍👧 ❤‍🔥 🇫🇷 1️⃣ 🏴󠁧󠁢󠁳󠁣󠁴󠁿 ☕️", "👨 👧 🔥 🇪🇫 🇩 1 🏴 👎"),
    ("生日快乐🎂🎉！！", "🎂 快乐🎂 🎂🎉 快乐", "🎉🎂 🎉快"),
    # Versions, and what else has letters beside digits
    ("v1.2.3 is out, in C++20", "1.2.3 v1.2.3 v1 2.3 C++20 c++ 20", "1.3 v2 c+3 1.2.30 cc"),
    ("wait 10ms, or 22°C on ubuntu22.04", "10 ms 10ms 22 22°C 22.04 ubuntu", "ubunt 1 04.22 110"),
    ("snake_case e-mail x² ½ ﬁne ①", "snake case snake_case mail x2 fine 1/2 1", "fin email"),
]
HITS = [(text, word) for text, words, _ in SENTENCES for word in words.split()]
MISSES = [(text, word) for text, _, words in SENTENCES for word in words.split()]


def query(typed: str) -> Query:
    """What the house asks a journal for when *typed* is searched for."""
    return Query(parse_query(typed).terms, ("a",), limit=1000)


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    with Desk(tmp_path_factory.mktemp("languages")) as desk:
        desk.write(*(said("a", text, float(number)) for number, (text, _, _) in enumerate(SENTENCES, 1)))
        desk.rest(2)
        yield desk


@pytest.fixture(scope="module")
def memory(desk):
    return desk.in_memory()


@pytest.fixture(scope="module")
def database(postgres):
    with PostgresDesk(postgres.database()) as desk:
        desk.write(*(said("a", text, float(number)) for number, (text, _, _) in enumerate(SENTENCES, 1)))
        yield desk


@pytest.fixture(params=["on disk", "in memory", "in postgres"])
def found(request, desk, memory):
    """The texts that a journal finds."""
    if request.param == "in postgres":
        database = request.getfixturevalue("database")
        return lambda typed: [event.text for _, event in database.now(database.journal.search(query(typed)))]
    journal = desk.journal if request.param == "on disk" else memory
    return lambda typed: [event.text for _, event in desk.now(journal.search(query(typed)))]


@pytest.mark.parametrize(("text", "word"), HITS)
def test_a_word_of_a_sentence_finds_it(found, text, word):
    assert text in found(word) and text in found(f'"{word}"')


@pytest.mark.parametrize(("text", "word"), MISSES)
def test_what_is_no_word_of_a_sentence_does_not_find_it(found, text, word):
    assert text not in found(word)


def test_a_phrase_goes_over_several_scripts(found):
    assert found('"3点在"') == found('"下午 3 点"') == found("见 iphone") == [SENTENCES[1][0]]
    assert found('"3 别"') == found('"下午 点"') == []


PIECES = st.sampled_from(
    [
        *"ab12 ._-+文字東カか\u3099ไม่한\u1112हिéßİ😀👍🏽\u200d\ufe0f🇩🇪\u20e3،ا\u0640\u064eﷺ",
        "上海",
        "C++",
        "\ud800",
        "\0",
        '"',
    ]
)
TEXTS = st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=12)


@settings(max_examples=20, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=6), st.lists(TEXTS, min_size=1, max_size=8), st.data())
def test_all_journals_find_the_same_whatever_is_said_and_searched_for(postgres, texts, searches, data):
    storable = [text.encode("utf-8", "replace").decode() for text in texts]
    for text in storable:
        start = data.draw(st.integers(0, len(text)))
        searches.append(text[start : data.draw(st.integers(start, len(text)))])
    with (
        tempfile.TemporaryDirectory() as folder,
        Desk(folder) as desk,
        PostgresDesk(postgres.database()) as database,
    ):
        for one in (desk, database):
            one.write(*(said("a", text, float(number)) for number, text in enumerate(storable)))
        memory = desk.in_memory()
        for term in searches:
            for terms in ((tuple(term.split()),), ((term,), ("a",)), tuple((word,) for word in term.split())):
                asked = Query(terms, ("a",))
                hits = desk.now(desk.journal.search(asked))
                assert hits == desk.now(memory.search(asked)), terms
                assert hits == database.now(database.journal.search(asked)), terms
        desk.rest(2)
        desk.sql("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")


def test_what_is_deleted_leaves_nothing_in_the_index(tmp_path):
    with Desk(tmp_path) as desk:
        desk.write(
            *(said("a", text, float(number)) for number, (text, _, _) in enumerate(SENTENCES)), said("a", "end")
        )
        desk.rest(2)
        desk.journal.trim("a", RetentionLimit(events=1))
        desk.rest(2)
        desk.sql("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")
        desk.sql("CREATE VIRTUAL TABLE left_over USING fts5vocab(words, row)")
        assert desk.sql("SELECT term FROM left_over") == [("end",), ("n1",), ("r1",)]


# -- Bounds


HOSTILE = {
    "the longest ligature": "ﷺ" * 1365,
    "one ideograph": "哈" * 1365,
    "accents": "\u0301" * 2048,
    "points in the wrong order": "\u0591\u05ae" * 1024,
    "marks in the wrong order": "\u0e48\u0e38" * 682,
    "letters and digits": "a1" * 2048,
    "joined emoji": "👩\u200d" * 585,
    "arrows": "→" * 1365,
    "every ideograph once": "".join(map(chr, range(0x4E00, 0x4E00 + 1365))),
    "what is not assigned": "".join(map(chr, range(0xE1000, 0xE1000 + 1024))),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_the_longest_message_of_any_kind_makes_few_tokens(text):
    assert len(text.encode()) <= 4096
    tokens = indexed(text)
    assert tokens is not None and len(tokens.encode()) <= 12 * 4096 and tokens.count(" ") < 4096


@pytest.mark.parametrize("marks", ["\u0e48\u0e38", "\u0591\u05ae", "\u0301\u0323"])
def test_any_number_of_marks_is_put_in_order_in_linear_time(marks):
    """To sort so many at once takes minutes: that time grows with the square."""
    normal("a" + marks * 100_000, "NFC")
    indexed("a" + marks * 100_000)


def test_a_search_of_the_longest_words_is_bounded():
    [term] = parse_query("字" * WORD).terms
    assert len(phrase(term).tokens) == WORD - 1
    terms = parse_query(" ".join(["字" * 58] * 16)).terms
    assert sum(len(phrase(term).tokens) for term in terms) < LONGEST


def test_one_character_is_looked_for_by_itself_and_as_a_beginning_where_something_precedes_it():
    assert phrase(["上"]) == Phrase(("c上",))
    assert phrase(["3", "上"]) == Phrase(("3", "上"), prefix=True)
    assert phrase(["上海"]) == Phrase(("上海",))
    assert phrase([" ", "!"]) == Phrase(())


def test_a_search_in_memory_takes_shorter_turns_where_a_text_takes_longer():
    def turns(text: str) -> int:
        scan = Scan(query("x"), [lambda: (1, [said("a", text)] * 1000)])
        return 1 + sum(1 for _ in iter(scan.step, False))

    assert turns("字" * 30) > 3 * turns("a" * 30)


def test_plain_text_is_indexed_as_it_is():
    assert indexed("Hello there, 10 of you!") is None
    assert indexed("") is None and indexed("…") == ""


# -- The index of an earlier version


def test_an_index_of_an_earlier_version_is_made_anew_behind_the_chat_and_searches_say_so(tmp_path):
    texts = ["tea", "我家在上海东边", "👍🏽", "v1.2.3"]
    with Desk(tmp_path, scripts=schema()[:3]) as old:
        old.write(*(said("a", f"{texts[n % 4]} {n}", float(n)) for n in range(400)))
        old.sql("INSERT INTO indexed VALUES (1, 1, 400)")
    with Desk(tmp_path) as desk:
        desk.write(said("a", "上海", 1000.0))
        first = desk.now(desk.journal.search(query("上海")))
        assert [seq for seq, _ in first] == [401] and desk.journal.indexing
        desk.journal.trim("a", RetentionLimit(events=201))
        desk.rest(3)
        for typed, count in (("上海", 51), ("👍", 50), ("1.2.3", 50), ("tea", 50)):
            assert len(desk.now(desk.journal.search(query(typed)))) == count
        assert not desk.journal.indexing
        desk.sql("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")


def test_a_flood_that_is_not_indexed_yet_is_said_as_well(tmp_path):
    with Desk(tmp_path) as desk:
        desk.write(*(said("a", "茶", float(n)) for n in range(3000)))
        assert 0 < len(desk.now(desk.journal.search(query("茶")))) <= 1000 and desk.journal.indexing
        desk.rest(3)
        desk.now(desk.journal.search(query("茶")))
        assert not desk.journal.indexing


def test_in_memory_everything_is_always_found(memory):
    assert isinstance(memory, MemoryJournal) and not memory.indexing
