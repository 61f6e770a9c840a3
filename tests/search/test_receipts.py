"""Receipts: which words of a passage a question matched, where exactly, in which form, and what the other face says there."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from itertools import pairwise

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st
from made_records import in_order, passage_ids, share

from kb.ingest.passages import index_passage
from kb.records import LANGUAGES, Passage
from kb.repository import Repository
from kb.search.engine import MAX_LIMIT, Request, Searcher
from kb.search.receipts import CORRECTED, EXACT, EXPANDED, FORMS, INFLECTED, PART, YEAR, Match, Matcher
from kb.search.understand import Reader
from kb.settings import Settings
from kb.text.highlight import joined
from kb.text.segment import Segmenter
from kb.text.spans import Spans

WORDS = {"flood": 5, "floods": 2, "government": 5, "น้ำท่วม": 5, "เทศบาล": 5}
"""The words of a made repository."""


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, corpus: object) -> Reader:
    place = tmp_path_factory.mktemp("nothing")
    return share(Repository(Settings(home=place / "var", index=place / "index", corpus=corpus))).reader(WORDS)  # type: ignore[arg-type]


def matches(question: str, text: str, reader: Reader, undo: AbstractSet[str] = frozenset()) -> list[Match]:
    """The matches of a question in a passage that was indexed as every passage is."""
    indexed = index_passage(Passage("key", "record", "th", "summary", 0, 0, text, 0, len(text)), reader.segmenter)
    matcher = Matcher(reader.read(question, undo), reader.segmenter)
    return matcher.matches(text, indexed.words.split(), Spans(indexed.spans))


def found(question: str, text: str, reader: Reader, undo: AbstractSet[str] = frozenset()) -> list[tuple[str, str]]:
    return [(match.text, match.form) for match in matches(question, text, reader, undo)]


FOUND = [
    ("น้ำท่วม", "แจ้งเตือนน้ำท่วมด้วยธง", [("น้ำท่วม", EXACT)], "a Thai word inside a text without blanks"),
    ("เทศบาล ธง", "ธงของเทศบาล", [("ธง", EXACT), ("เทศบาล", EXACT)], "two words, in the order of the text"),
    ("น้ำท่วม", "น\u0e4d\u0e49าท่วมเมือง", [("น\u0e4d\u0e49าท่วม", EXACT)], "Thai that is typed with other characters"),
    ("budget", "The Budget", [("Budget", EXACT)], "an English word, capitals or not"),
    ("budgets", "a budget", [("budget", INFLECTED)], "the singular of a plural"),
    ("budget", "all budgets", [("budgets", INFLECTED)], "the plural of a singular"),
    ("budget", "the budget's size", [("budget's", INFLECTED)], "a genitive"),
    ("governing governs", "it governs", [("governs", EXACT)], "one of two forms that were typed"),
    ("4Ps", "the 4Ps grant", [("4Ps", EXACT)], "an acronym with a figure"),
    ("7,500", "7,500 homes", [("7,500", EXACT)], "a number with a comma"),
    ("สูงอายุ", "ดูแลผู้สูงอายุ", [("ผู้สูงอายุ", PART)], "a word inside a longer one"),
    ("เหลื่อมล้ำ", "ลดความเหลื่อมล้ำ", [("ความเหลื่อมล้ำ", PART)], "a word without its prefix"),
    ("ความเหลื่อมล้ำ", "ลดเหลื่อมล้ำ", [("เหลื่อมล้ำ", PART)], "a word whose longer form was typed"),
    ("ผู้สูงอายุ", "เสี่ยงสูง", [], "not a piece that is less than most of the word"),
    ("old", "the older household", [], "no parts of English words"),
    ("งบประมาณ 2561", "in 2018", [("2018", YEAR)], "a Buddhist-era year in an English text"),
    ("budget 2018", "พ.ศ. ๒๕๖๑", [("๒๕๖๑", YEAR)], "a year CE in a Thai text with Thai digits"),
    ("budget 2018", "ปี 2018", [("2018", EXACT)], "the year as it was typed"),
    ("budget ๒๕๖๑", "ปี 2561", [("2561", EXACT)], "the year as it was typed, but for the digits"),
    ("flood", "เกิดน้ำท่วมและอุทกภัย", [("น้ำท่วม", EXPANDED), ("อุทกภัย", EXPANDED)], "a term's forms in Thai"),
    ("อุทกภัย", "floods and inundation", [("floods", EXPANDED), ("inundation", EXPANDED)], "a term's forms in English"),
    ("OPDC", "สำนักงาน ก.พ.ร. ประกาศ", [("สำนักงาน ก.พ.ร.", EXPANDED)], "several words that are one form"),
    ("ก.พ.ร.", "the OPDC and ก.พ.ร.", [("OPDC", EXPANDED), ("ก.พ.ร.", EXACT)], "an acronym with full stops"),
    ("one stop service", "a One-Stop Service", [("One-Stop Service", EXACT)], "all words of a term that was typed"),
    ("one stop service", "one more stop", [("one", EXACT), ("stop", EXACT)], "single words of a term that was typed"),
    ("goverment", "the government governs", [("government", CORRECTED), ("governs", CORRECTED)], "a slip in English"),
    ("น้ำท้วม", "เกิดน้ำท่วม", [("น้ำท่วม", CORRECTED)], "a slip in Thai"),
    ("budget", "a plan", [], "nothing"),
    ("การและของ", "และของ", [("และ", EXACT), ("ของ", EXACT)], "little words where there are no others"),
    ("budget of the city", "of the state", [], "no little words where there are others"),
    ("budget -city", "the city", [], "not a word that was shut out"),
    ('"city budget"', "the budget of a city", [("budget", EXACT), ("city", EXACT)], "words of a quoted phrase one by one"),
    ("", "anything", [], "an empty question"),
]  # fmt: skip


@pytest.mark.parametrize(("question", "text", "expected", "reason"), FOUND, ids=[row[3] for row in FOUND])
def test_words_are_found_in_this_form(
    reader: Reader, question: str, text: str, expected: list[tuple[str, str]], reason: str
) -> None:
    assert found(question, text, reader) == expected


def test_every_form_has_its_row() -> None:
    assert {form for _, _, rows, _ in FOUND for _, form in rows} == set(FORMS)


@pytest.mark.parametrize(
    ("question", "text", "term"),
    [
        pytest.param("budgets", "a budget", "budget", id="the indexed word"),
        pytest.param("OPDC", "สำนักงาน ก.พ.ร.", "OPDC", id="of another form: the words of the question that it stands for"),
        pytest.param("สูงอายุ", "ผู้สูงอายุ", "สูงอายุ", id="of a longer word: the part"),
        pytest.param("budget 2561", "2018", "2018", id="of a year: the year in the text's era"),
    ],
)
def test_a_match_names_what_it_matched(reader: Reader, question: str, text: str, term: str) -> None:
    assert [match.term for match in matches(question, text, reader)] == [term]


def test_what_the_reader_took_back_is_not_found(reader: Reader) -> None:
    assert found("flood", "น้ำท่วม", reader, {"term:flood"}) == []
    assert found("goverment", "government", reader, {"spelling:government"}) == []
    assert found("budget in Laos", "Laos", reader, {"country:LA"}) == [("Laos", EXACT)]


# Where they lie

PIECES = (
    "น้ำท่วม", "น\u0e4d\u0e49าท่วม", "เเม่น้ำ", "ผู้สูงอายุ", "ก.พ.ร.", "พ.ศ. ๒๕๖๑", "2018", "flood", "flooding", "inundation",
    "café", "e\u0301", "\u0e35", "\u0e49", "\u200b", " ", "  ", "\n", "(", "one-stop service", "👨‍👩‍👧", "ຄຳ",
)  # fmt: skip
QUESTION = "น้ำท่วม สูงอายุ ก.พ.ร. 2561 floods café แม่น้ำ one stop service"


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_matches_lie_on_whole_clusters_in_order_and_apart(reader: Reader, text: str) -> None:
    check(matches(QUESTION, text, reader), text)


def check(matched: list[Match], text: str) -> None:
    bounds = {0, *(cluster.end() for cluster in regex.finditer(r"\X", text))}
    for match in matched:
        assert text[match.start : match.end] == match.text
        assert {match.start, match.end} <= bounds
        assert match.text == match.text.strip()
        assert match.start < match.end
        assert match.form in FORMS
    assert all(one.end <= other.start for one, other in pairwise(matched))


@pytest.mark.parametrize(
    "question",
    ["น้ำท่วม แจ้งเตือนประชาชน", "flood warning for villages", "OPDC ใบอนุญาต 2558", "สูงอายุ", "one stop service centre"],
)
def test_of_the_corpus_every_highlight_is_made_of_matches(searcher: Searcher, question: str) -> None:
    seen = 0
    for hit in searcher.search(Request(question, limit=MAX_LIMIT)).hits:
        for passage in hit.passages:
            check(list(passage.matches), passage.text)
            assert list(passage.highlights) == joined(passage.text, [(match.start, match.end) for match in passage.matches])
            assert passage.why == ("words" if passage.matches else "meaning")
            seen += len(passage.matches)
    assert seen


def test_highlights_need_no_segmentation(searcher: Searcher, segmenter: Segmenter) -> None:
    """What is stored of a passage's words is what segmenting its text would give."""
    rows = passage_ids(searcher.store, *in_order(searcher.store)[:3])
    passages, words = searcher.store.passages(rows), searcher.store.words(rows)
    for row in rows:
        fresh = index_passage(passages[row], segmenter)
        own, spans = words[row]
        assert list(spans) == list(Spans(fresh.spans))
        assert own == (fresh.words.split()[-len(spans) :] if spans else [])


@pytest.mark.parametrize("question", ["น้ำท่วม แจ้งเตือนประชาชน", "OPDC ใบอนุญาต 2558", "flood warnings", "ศูนย์ qqq"])
def test_a_passage_with_a_match_is_never_passed_over(searcher: Searcher, segmenter: Segmenter, question: str) -> None:
    matcher = Matcher(searcher.read(question), segmenter)
    passages = searcher.store.worded_passages(searcher.index.catalogue.rows.tolist())
    found = {row for row, passage in passages.items() if matcher.matches(passage.text, *passage.placed())}
    promising = {row for row, passage in passages.items() if matcher.may_match(passage.words)}
    assert found <= promising < passages.keys()
    assert found


# The same in the reader's language


@pytest.mark.parametrize("question", ["น้ำท่วม แจ้งเตือนประชาชน", "permits without extra papers"])
@pytest.mark.parametrize("language", ["", *LANGUAGES])
def test_a_passage_in_the_other_language_comes_with_its_counterpart_in_the_readers(
    searcher: Searcher, question: str, language: str
) -> None:
    result = searcher.search(Request(question, limit=MAX_LIMIT, reader=language))
    reader = language or result.query.language
    aligned = 0
    for hit in result.hits:
        shown = {passage.key for passage in hit.passages}
        for passage in hit.passages:
            if passage.language == reader or passage.twin in shown:
                assert passage.aligned is None  # it is read already
                continue
            assert passage.aligned is not None
            assert passage.twin == passage.aligned.key
            (stored,) = searcher.store.passages_by_key([passage.aligned.key]).values()
            assert (stored.record, stored.section, stored.text) == (hit.id, passage.section, passage.aligned.text)
            assert (passage.aligned.language, passage.aligned.section) == (reader, passage.section)
            aligned += 1
    assert aligned
