"""What a question asks for, in Thai and English, and that nothing a person can type breaks it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.migrations import FTS_TOKENIZER
from kb.search.query import (
    MAX_CHARACTERS,
    MAX_TERMS,
    Step,
    Words,
    parse_query,
    phrase,
    query_language,
    words_of,
)
from kb.text.segment import Segmenter


@pytest.mark.parametrize(
    ("text", "keywords"),
    [
        pytest.param("น้ำท่วมหาดใหญ่", {"น้ำท่วม", "หาดใหญ่"}, id="Thai is cut into words"),
        pytest.param("How can we stop complaints getting lost?", {"stop", "complaint", "get", "lost"}, id="stems"),
        pytest.param("น้ำท่วมคืออะไร", {"น้ำท่วม"}, id="Thai words without meaning of their own are left out"),
        pytest.param(
            "หน่วยงานใดต้องเปิดเผยข้อมูลการรับรองแก่ผู้สูงอายุ",
            {"หน่วยงาน", "เปิดเผย", "ข้อมูล", "รับรอง", "ผู้สูงอายุ"},
            id="Thai words that are common but mean something stay",
        ),
        pytest.param("what is it", {"what", "is", "it"}, id="only weak words: all are looked for"),
        pytest.param("flood flood FLOOD", {"flood"}, id="each word once"),
        pytest.param("ก.พ.ร. กับ OPDC", {"กพร", "opdc"}, id="abbreviations in both languages"),
        pytest.param("พ.ศ. ๒๕๖๑", {"พศ", "2561"}, id="Thai digits are digits"),
    ],
)
def test_keywords(segmenter: Segmenter, text: str, keywords: set[str]) -> None:
    assert set(parse_query(text, segmenter).keywords) == keywords


CAPITALS = [
    pytest.param("WHO guidelines", {"who", "guidelin"}, id="an acronym in capitals has a meaning"),
    pytest.param("who guides", {"guid"}, id="the word in small letters has none"),
    pytest.param("Who guides", {"guid"}, id="nor has one capital"),
    pytest.param("IT projects in US towns", {"it", "project", "us", "town"}, id="two acronyms"),
    pytest.param("A project", {"project"}, id="a single capital is no acronym"),
    pytest.param("WHO IS RESPONSIBLE FOR IT", {"respons"}, id="where all is in capitals they say nothing"),
    pytest.param(
        "โครงการ WHO",
        {"โครงการ", "who"},
        id="Thai has no capitals to compare with",
    ),
    pytest.param(
        "who leads the WHO",
        {"lead", "who"},
        id="the word and the acronym in one question",
        marks=pytest.mark.xfail(reason="weak words are kept by term, and both have the same one", strict=True),
    ),
]


@pytest.mark.parametrize(("text", "keywords"), CAPITALS)
def test_an_acronym_is_not_taken_for_the_little_word_it_looks_like(segmenter: Segmenter, text: str, keywords: set[str]) -> None:
    assert set(parse_query(text, segmenter).keywords) == keywords


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("โครงการปี 2561", {"2018"}, id="a year is looked for in the other era: B.E."),
        pytest.param("project of 2018", {"2561"}, id="a year is looked for in the other era: CE"),
        pytest.param("ความเหลื่อมล้ำ", {"เหลื่อมล้ำ"}, id="the word without its prefix"),
        pytest.param("น้ำท่วม", set(), id="not what would be much less than the word"),
        pytest.param("flood", set(), id="English words have no parts"),
    ],
)
def test_parts(segmenter: Segmenter, text: str, parts: set[str]) -> None:
    assert set(parse_query(text, segmenter).parts) == parts


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", Words((), frozenset(), (), ()), id="nothing"),
        pytest.param("is it", Words(("is", "it"), frozenset({"is", "it"}), (), ("is", "it")), id="weak words are words too"),
        pytest.param("flood of floods", Words(("flood", "of"), frozenset({"of"}), (), ("flood",)), id="in order, each once"),
        pytest.param("2561 2018", Words(("2561", "2018"), frozenset(), (), ("2561", "2018")), id="a year in both eras"),
        pytest.param("ความเหลื่อมล้ำ 2561",
                     Words(("ความเหลื่อมล้ำ", "2561"), frozenset(), ("เหลื่อมล้ำ", "2018"), ("เหลื่อม", "ล้ำ", "2561")),
                     id="two parts, and the pieces without a weak one"),
        pytest.param("การและความ", Words(("การ", "และ", "ความ"), frozenset({"การ", "และ", "ความ"}), (), ("การ", "และ", "ความ")),
                     id="weak pieces where there are no others"),
    ],
)  # fmt: skip
def test_words_of_tokens(segmenter: Segmenter, text: str, words: Words) -> None:
    assert words_of(text, segmenter.tokens(text), segmenter) == words


def test_only_so_many_words_are_read(segmenter: Segmenter) -> None:
    text = " ".join(f"x{number}" for number in range(MAX_TERMS + 1))
    words = words_of(text, segmenter.tokens(text), segmenter)
    assert words.terms == tuple(f"x{number}" for number in range(MAX_TERMS))


def test_read_word_by_word_nothing_else_is_understood(segmenter: Segmenter) -> None:
    """Filters, corrections and the rest are `Reader`'s; this is what remains when all of it is taken back."""
    query = parse_query('goverment in  Laos since 2015 -drought "early warning"', segmenter)
    assert query.text == query.meaning == 'goverment in Laos since 2015 -drought "early warning"'
    assert query.original == 'goverment in  Laos since 2015 -drought "early warning"'
    assert (query.steps, query.expansions, query.phrases, query.excluded) == ((), (), (), ())
    assert (query.title, query.year_from, query.year_to, query.corrected) == ("", None, None, frozenset())
    assert (dict(query.filters), dict(query.preferred)) == ({}, {})


def test_a_query_cannot_be_changed(segmenter: Segmenter) -> None:
    query = parse_query("flood", segmenter)
    mappings: Sequence[Any] = (query.filters, query.preferred)
    for mapping in mappings:
        with pytest.raises(TypeError):
            mapping["country"] = ("TH",)


def test_a_step_is_named_by_what_it_does_not_by_the_words_that_were_said() -> None:
    assert Step("country", "สิงคโปร์", "SG").key == Step("country", "Singapore", "SG", applied=False).key == "country:SG"
    assert Step("region", "CLMV", "clmv").key != Step("country", "CLMV", "clmv").key


@pytest.mark.parametrize(
    ("text", "language"),
    [
        pytest.param("น้ำท่วม", "th", id="Thai"),
        pytest.param("flood", "en", id="English"),
        pytest.param("ระบบ Traffy Fondue ของ NECTEC", "th", id="a Thai question full of English names"),
        pytest.param("The word for government in Bangkok documents is รัฐ", "en", id="English with one Thai word"),
        pytest.param("2561", "en", id="no letters"),
        pytest.param("", "en", id="nothing"),
    ],
)
def test_language_of_a_question(text: str, language: str) -> None:
    assert query_language(text) == language


@pytest.mark.parametrize("text", ["", "   ", "\t\n", "?!…", "😀😀", "\x00\x07", "\ud800", "()\"'*:", "ๆ ฯ", "\u200b"])
def test_a_question_without_a_letter_or_digit_is_empty(segmenter: Segmenter, text: str) -> None:
    assert parse_query(text, segmenter).empty


@pytest.mark.parametrize(
    ("text", "truncated"),
    [
        pytest.param("น้ำ" * 100, False, id="300 characters"),
        pytest.param("a" * MAX_CHARACTERS, False, id="as many as are read"),
        pytest.param("a" * (MAX_CHARACTERS + 1), True, id="one more"),
        pytest.param("น้ำท่วม " * 1250, True, id="10,000 characters"),
        pytest.param(" " * 3 * MAX_CHARACTERS + "น้ำ", False, id="blanks do not count"),
    ],
)
def test_a_long_question_is_read_in_part_and_says_so(segmenter: Segmenter, text: str, truncated: bool) -> None:
    query = parse_query(text, segmenter)
    assert query.truncated is truncated
    assert len(query.text) <= MAX_CHARACTERS
    assert len(query.terms) <= MAX_TERMS


def test_every_term_is_quoted_so_that_no_question_is_fts5_syntax(segmenter: Segmenter) -> None:
    query = parse_query("NEAR(flood) OR น้ำท่วม", segmenter)
    assert phrase(query.terms) == '{words} : "' + " ".join(query.terms) + '"'


FOUND = [
    (("earli", "warn"), "flood earli warn system", "", True, "next to one another"),
    (("earli", "warn"), "earli flood warn", "", False, "with a word between them"),
    (("warn", "earli"), "earli warn", "", False, "the other way round"),
    (("เตือนภัย",), "ระบบ เตือนภัย น้ำท่วม", "", True, "a Thai word"),
    (("เหลื่อมล้ำ",), "ความเหลื่อมล้ำ", "เหลื่อมล้ำ", False, "a part of a word is not what was quoted"),
    (('ab"c',), "ab c", "", True, "a quotation mark inside is no syntax"),
]


@pytest.mark.parametrize(("terms", "words", "parts", "found", "reason"), FOUND, ids=[row[4] for row in FOUND])
def test_a_phrase_is_found_in_the_words_of_a_text(
    terms: tuple[str, ...], words: str, parts: str, found: bool, reason: str
) -> None:
    with sqlite3.connect(":memory:") as database:
        database.execute(f"CREATE VIRTUAL TABLE passages USING fts5(words, parts, tokenize='{FTS_TOKENIZER}')")
        database.execute("INSERT INTO passages VALUES (?, ?)", [words, parts])
        rows = database.execute("SELECT * FROM passages WHERE passages MATCH ?", [phrase(terms)]).fetchall()
    database.close()
    assert bool(rows) is found


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=300))
def test_no_text_breaks_a_question_or_its_phrase(segmenter: Segmenter, text: str) -> None:
    query = parse_query(text, segmenter)
    query.original.encode()  # can be printed and sent, whatever was typed
    if query.empty:
        return
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE VIRTUAL TABLE passages USING fts5(words, parts)")
        database.execute("SELECT * FROM passages WHERE passages MATCH ?", [phrase(query.terms)]).fetchall()
    database.close()
