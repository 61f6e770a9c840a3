"""What a question asks for, in Thai and English, and that nothing a person can type breaks it."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.search.query import MAX_CHARACTERS, MAX_TERMS, expression, parse_query, query_language
from kb.text.segment import Segmenter


@pytest.mark.parametrize(
    ("text", "keywords"),
    [
        pytest.param("น้ำท่วมหาดใหญ่", {"น้ำท่วม", "หาดใหญ่"}, id="Thai is cut into words"),
        pytest.param("How can we stop complaints getting lost?", {"stop", "complaint", "get", "lost"}, id="stems"),
        pytest.param("น้ำท่วมคืออะไร", {"น้ำท่วม"}, id="Thai words without meaning of their own are left out"),
        pytest.param("what is it", {"what", "is", "it"}, id="only weak words: all are looked for"),
        pytest.param("flood flood FLOOD", {"flood"}, id="each word once"),
        pytest.param("ก.พ.ร. กับ OPDC", {"กพร", "opdc"}, id="abbreviations in both languages"),
        pytest.param("พ.ศ. ๒๕๖๑", {"พศ", "2561"}, id="Thai digits are digits"),
    ],
)
def test_keywords(segmenter: Segmenter, text: str, keywords: set[str]) -> None:
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
    assert expression(query) == " OR ".join(f'"{term}"' for term in (*query.keywords, *query.parts))


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=300))
def test_no_text_breaks_a_question_or_its_expression(segmenter: Segmenter, text: str) -> None:
    query = parse_query(text, segmenter)
    query.original.encode()  # can be printed and sent, whatever was typed
    if query.empty:
        return
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE VIRTUAL TABLE passages USING fts5(words, parts)")
        database.execute("SELECT * FROM passages WHERE passages MATCH ?", [expression(query)]).fetchall()
    database.close()
