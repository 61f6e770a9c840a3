"""The search over a few practices: browsing, filters, counts, pages, explanations, and input of every kind.

The fake encoder knows no meaning; what needs it is in `test_meaning.py`. What is read out of a question is in
`test_narrowing.py`, scores and verdicts in `test_evidence.py`.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_records import document, in_order, put, share
from numpy.typing import NDArray

from kb.encoder import FakeEncoder, Role
from kb.errors import QueryError
from kb.records import LANGUAGES
from kb.repository import Repository
from kb.search.calibration import calibration
from kb.search.candidates import keyword_scores
from kb.search.engine import MAX_LIMIT, PASSAGES_SHOWN, Request, Searcher
from kb.store import FACETS, Store

QUESTIONS = ["น้ำท่วม แจ้งเตือนประชาชน", "permits without extra papers", "งบประมาณ 2558", "digital identity", "flood น้ำ"]


def _all(searcher: Searcher, request: Request) -> list[str]:
    return [hit.id for hit in searcher.search(replace(request, limit=MAX_LIMIT)).hits]


# Browsing


@pytest.mark.parametrize("text", ["", "   ", "?!", "😀", "\x00", '()"*:^'])
def test_a_question_without_words_browses_everything(searcher: Searcher, text: str) -> None:
    result = searcher.search(Request(text, limit=MAX_LIMIT))
    assert [hit.id for hit in result.hits] == in_order(searcher.store)
    assert (result.total, result.verdict) == (len(result.hits), "match")
    assert {hit.score for hit in result.hits} == {0.0}
    starts = [hit.start for hit in result.hits if hit.start]
    assert starts == sorted(starts, reverse=True)  # newest first


# Filters, years, counts

FILTERS: list[dict[str, tuple[str, ...]]] = [
    {},
    {"country": ("TH",)},
    {"country": ("TH", "VN")},
    {"priority": ("crisis-and-disaster-management",), "country": ("TH", "PH", "ID")},
    {"status": ("failed",), "language": ("th",)},
    {"decade": ("2010",), "kind": ("practice",)},
    {"country": ("ZZ",)},
]


@pytest.mark.parametrize("text", ["", *QUESTIONS[:2]])
@pytest.mark.parametrize("filters", FILTERS)
def test_only_records_that_pass_the_filters_are_hits(
    searcher: Searcher, text: str, filters: dict[str, tuple[str, ...]]
) -> None:
    passing = {record for record in in_order(searcher.store) if _passes(searcher.store, record, filters)}
    result = searcher.search(Request(text, filters, limit=MAX_LIMIT))
    assert {hit.id for hit in result.hits} == passing
    assert result.total == len(passing)


def _passes(store: Store, record: str, filters: Mapping[str, Sequence[str]]) -> bool:
    values = {(facet, value) for owner, facet, value in store.facet_rows() if owner == record}
    return all(any((facet, value) in values for value in chosen) for facet, chosen in filters.items())


@pytest.mark.parametrize("text", ["", *QUESTIONS[:2]])
@pytest.mark.parametrize("filters", FILTERS)
def test_a_count_is_what_choosing_the_value_as_well_would_give(
    searcher: Searcher, text: str, filters: dict[str, tuple[str, ...]]
) -> None:
    facets = searcher.search(Request(text, filters)).facets
    assert tuple(facets) == FACETS
    for facet, values in facets.items():
        others = {name: chosen for name, chosen in filters.items() if name != facet}
        for value in values:
            chosen = searcher.search(Request(text, others | {facet: (value.value,)}))
            assert value.count == chosen.total, (facet, value.value)
            assert value.selected == (value.value in filters.get(facet, ()))
        assert [value.count for value in values] == sorted((value.count for value in values), reverse=True)
        assert set(filters.get(facet, ())) <= {value.value for value in values}  # what is chosen can be taken back


@pytest.mark.parametrize("text", ["", "น้ำท่วม"])
@pytest.mark.parametrize(("first", "last"), [(2015, None), (None, 2005), (2010, 2012), (2018, 2018), (1900, 1901)])
def test_years_limit_by_start_both_ends_within(searcher: Searcher, text: str, first: int | None, last: int | None) -> None:
    result = searcher.search(Request(text, year_from=first, year_to=last, limit=MAX_LIMIT))
    starts = {record: row.start for record, row in searcher.store.rows(in_order(searcher.store)).items()}
    wanted = {key for key, start in starts.items() if start and (first or 0) <= start <= (last or 9999)}
    assert {hit.id for hit in result.hits} == wanted
    assert all(sum(value.count for value in result.facets[facet]) == len(wanted) for facet in ("country", "kind"))


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        pytest.param(Request(filters={"colour": ("red",)}), "unknown facet 'colour'; facets are country", id="facet"),
        pytest.param(Request(filters={"country": ("\ud800",)}), "is no text", id="half a character"),
        pytest.param(Request(limit=0), "limit must be from 1 to 200", id="no hits"),
        pytest.param(Request(limit=MAX_LIMIT + 1), "limit must be from 1 to 200", id="too many hits"),
        pytest.param(Request(offset=-1), "offset must be from 0", id="before the first page"),
        pytest.param(Request(offset=10**9), "offset must be from 0 to 100000", id="far beyond"),
        pytest.param(Request(year_from=2020, year_to=2010), "the years run backwards: 2020 to 2010", id="years"),
        pytest.param(Request(year_from=10**30), "four digits", id="a year that no database holds"),
    ],
)
@pytest.mark.parametrize("text", ["", "น้ำท่วม"])
def test_a_request_that_makes_no_sense_is_one_error(searcher: Searcher, text: str, request_: Request, reason: str) -> None:
    with pytest.raises(QueryError, match=reason) as caught:
        searcher.search(replace(request_, text=text))
    assert "\n" not in str(caught.value)


# Pages


@pytest.mark.parametrize("text", ["", *QUESTIONS])
@pytest.mark.parametrize("size", [1, 7, 24])
def test_pages_are_stable_and_complete(searcher: Searcher, text: str, size: int) -> None:
    whole = _all(searcher, Request(text))
    paged: list[str] = []
    for offset in range(0, 30, size):
        result = searcher.search(Request(text, limit=size, offset=offset))
        assert len(result.hits) <= size
        assert result.total == len(whole)
        paged += [hit.id for hit in result.hits]
    assert paged == whole
    assert len(set(paged)) == len(paged)


def test_a_page_beyond_the_last_is_empty(searcher: Searcher) -> None:
    result = searcher.search(Request("น้ำท่วม", offset=1000))
    assert (result.hits, result.total) == ((), len(in_order(searcher.store)))


# Ranking and explanations


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_title_finds_its_own_practice_first(searcher: Searcher, language: str) -> None:
    rows = searcher.store.rows(in_order(searcher.store)).values()
    missed = [row.id for row in rows if searcher.search(Request(row.title.get(language), limit=1)).hits[0].id != row.id]
    assert missed == []


@pytest.mark.parametrize("text", QUESTIONS)
def test_scores_are_probabilities_that_fall(searcher: Searcher, text: str) -> None:
    scores = [hit.score for hit in searcher.search(Request(text, limit=MAX_LIMIT)).hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score < 1 for score in scores)


@pytest.mark.parametrize("text", QUESTIONS)
def test_the_short_ranking_is_that_of_the_search(searcher: Searcher, text: str) -> None:
    result = searcher.search(Request(text, limit=MAX_LIMIT))
    verdict, ranking = searcher.rank(text, 10)
    assert verdict == result.verdict
    assert [key for key, _ in ranking] == [hit.id for hit in result.hits[:10]]
    assert [score for _, score in ranking] == pytest.approx([hit.score for hit in result.hits[:10]], abs=1e-4)


@pytest.mark.parametrize("text", QUESTIONS)
def test_legs_say_why_each_hit_is_there(searcher: Searcher, text: str) -> None:
    result = searcher.search(Request(text, limit=MAX_LIMIT))
    found = {hit.id for hit in result.hits}
    scored = np.flatnonzero(keyword_scores(result.query, searcher.index, searcher.store))
    matched = searcher.store.passages(searcher.index.catalogue.rows[scored].tolist()).values()
    keyword = {(passage.record, passage.language) for passage in matched if passage.record in found}
    for hit in result.hits:
        legs = {(leg.leg, leg.language) for leg in hit.legs}
        assert {(hit.id, language) for leg, language in legs if leg == "keyword"} == {
            (hit.id, language) for language in LANGUAGES if (hit.id, language) in keyword
        }
        assert {language for leg, language in legs if leg == "meaning"} == set(LANGUAGES)
        assert [leg.rank for leg in hit.legs] == sorted(leg.rank for leg in hit.legs)
        assert all(leg.rank >= 1 for leg in hit.legs)
        assert sum(leg.share for leg in hit.legs) == pytest.approx(1, abs=1e-3)
        assert all(0 <= leg.share <= 1 for leg in hit.legs)
    firsts = {(leg.leg, leg.language) for hit in result.hits for leg in hit.legs if leg.rank == 1}
    assert firsts == {("meaning", code) for code in LANGUAGES} | {("keyword", code) for _, code in keyword}


def test_a_share_is_what_a_leg_adds_to_the_log_odds(searcher: Searcher) -> None:
    result = searcher.search(Request("flood warning", limit=MAX_LIMIT))
    weights = {"en": calibration().same, "th": calibration().cross}
    for hit in result.hits:
        worth = [weights[leg.language][1 if leg.leg == "meaning" else 2] * max(leg.score, 0) for leg in hit.legs]
        assert [leg.share for leg in hit.legs] == pytest.approx([part / sum(worth) for part in worth], abs=5e-3)


@pytest.mark.parametrize("text", QUESTIONS)
def test_passages_are_the_best_with_one_of_each_language_first(searcher: Searcher, text: str) -> None:
    for hit in searcher.search(Request(text, limit=MAX_LIMIT)).hits:
        assert 1 <= len(hit.passages) <= PASSAGES_SHOWN
        assert {passage.language for passage in hit.passages[:2]} == set(LANGUAGES)
        assert hit.passages[0].score == max(passage.score for passage in hit.passages)
        assert len({passage.key for passage in hit.passages}) == len(hit.passages)
        assert all(passage.key.startswith(f"{hit.id}/{passage.language}/{passage.section}/") for passage in hit.passages)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("น้ำท่วม", {"น้ำท่วม"}, id="a Thai word"),
        pytest.param("FLOOD", {"flood", "floods", "flooded", "flooding"}, id="all forms of an English word"),
        pytest.param("ธง เตือน", {"ธง", "เตือน"}, id="two Thai words"),
    ],
)
def test_highlights_are_these_words(searcher: Searcher, text: str, words: set[str]) -> None:
    passages = [passage for hit in searcher.search(Request(text)).hits for passage in hit.passages]
    marked = {passage.text[start:end].lower() for passage in passages for start, end in passage.highlights}
    assert marked & words
    language = searcher.reader.read(text).language
    own = [p for p in passages if p.language == language and any(word in p.text.lower().split() for word in words)]
    assert all(passage.highlights for passage in own)


# Input of every kind

ABSURD = [
    pytest.param("น้ำท่วม " * 1250, id="10,000 Thai characters"),
    pytest.param("ก" * 10_000, id="10,000 characters without a blank"),
    pytest.param("flood" * 2_000, id="10,000 characters of one word"),
    pytest.param("".join(map(chr, range(32))) + "\x7f\x85", id="control characters"),
    pytest.param("flood\x00warning", id="a NUL in a question"),
    pytest.param("?!.,;:()[]{}<>/\\|@#$%^&*-+=~`'\"", id="only punctuation"),
    pytest.param("🌊🚨 น้ำท่วม 👨‍👩‍👧", id="emoji"),
    pytest.param('NEAR("a" OR * :', id="FTS5: NEAR"),
    pytest.param("words:flood AND parts:*", id="FTS5: columns"),
    pytest.param("flood NOT (AND OR)", id="FTS5: operators"),
    pytest.param('"flood', id="an open quote"),
    pytest.param("'; DROP TABLE records; --", id="SQL"),
    pytest.param("\"\" '' “” ‘’ `", id="quotes of all kinds"),
    pytest.param("flood \ud800 น้ำ \udfff", id="lone surrogates"),
    pytest.param("ำ ่ ้ เแโ", id="Thai marks with nothing to stand on"),
    pytest.param("e\u0301" * 300 + "\u0301" * 500, id="a pile of accents"),
    pytest.param("ພາສາລາວ ភាសាខ្មែរ မြန်မာ 中文", id="other scripts"),
    pytest.param("\u202eflood\u202c \ufeff\u200b", id="direction marks and invisible characters"),
    pytest.param("%s {0} ${x} <script>", id="templates"),
    pytest.param("9" * 500, id="a long number"),
]


@pytest.mark.parametrize("text", ABSURD)
def test_no_question_raises(searcher: Searcher, text: str) -> None:
    result = searcher.search(Request(text, {"country": ("TH",)}, year_from=2000))
    assert result.total <= len(in_order(searcher.store))
    assert searcher.rank(text, 5)[0] in ("match", "no-close-precedent")


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=200))
def test_no_text_raises(searcher: Searcher, text: str) -> None:
    result = searcher.search(Request(text, limit=3))
    assert len(result.hits) == min(result.total, 3)
    assert result.total == len(in_order(searcher.store)) or result.query.steps  # a question may narrow by itself


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(FACETS), st.tuples(st.text(max_size=10)), max_size=3))
def test_no_facet_value_raises(searcher: Searcher, filters: dict[str, tuple[str, ...]]) -> None:
    assert searcher.search(Request(filters=filters)).total <= len(in_order(searcher.store))


# Threads, and a database that moves on


def test_threads_get_the_answers_of_one_thread(few: Repository) -> None:
    requests = [Request(text, filters) for text in ("", *QUESTIONS) for filters in FILTERS[:4]]
    with few.store(readonly=True) as store:
        searcher = share(few).searcher(store)
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(searcher.search, requests * 3))
        assert answers == [searcher.search(request) for request in requests] * 3


@pytest.fixture
def moving(few: Repository, tmp_path: Path) -> Iterator[tuple[Repository, Store]]:
    """A copy of the corpus that a test may change."""
    source = few.settings
    shutil.copytree(source.home, tmp_path / "var")
    shutil.copytree(source.index, tmp_path / "index")
    own = replace(source, home=tmp_path / "var", index=tmp_path / "index")
    repository = share(Repository(own, few.encoder))
    with repository.store() as store:
        yield repository, store


def test_a_deleted_record_is_passed_over_until_the_index_is_made_anew(moving: tuple[Repository, Store]) -> None:
    repository, store = moving
    searcher = repository.searcher(store)
    before = _all(searcher, Request("น้ำท่วม"))
    store.remove(before[0])
    put(repository, store, [document("file-new", "น้ำท่วม")])
    assert set(_all(searcher, Request("น้ำท่วม"))) == set(before[1:])
    assert "file-new" in _all(repository.searcher(store), Request("น้ำท่วม"))


def test_searching_goes_on_while_records_come_and_go(moving: tuple[Repository, Store]) -> None:
    repository, store = moving
    searcher = repository.searcher(store)
    record = _all(searcher, Request("น้ำท่วม"))[0]
    practice, everything = store.practice(record), len(in_order(store))
    assert practice is not None
    done = threading.Event()

    def write() -> None:
        while not done.is_set():
            store.remove(record)
            put(repository, store, [practice])

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        try:
            totals = {searcher.search(Request(text)).total for text in ("น้ำท่วม", "", "flood") * 15}
        finally:
            done.set()
        writing.result()
    assert totals <= {everything - 1, everything}


class Remembering(FakeEncoder):
    """Remembers what it embeds, and as what."""

    def __init__(self) -> None:
        self.calls: list[tuple[list[str], Role | Sequence[Role]]] = []

    def encode(self, texts: Sequence[str], role: Role | Sequence[Role]) -> NDArray[np.float32]:
        self.calls.append((list(texts), role))
        return super().encode(texts, role)


def test_a_question_is_embedded_once_as_a_question_and_as_a_statement(searcher: Searcher) -> None:
    encoder = Remembering()
    own = Searcher(searcher.store, searcher.index, encoder, searcher.space, searcher.reader)
    for offset in (0, 5, 10):
        own.search(Request("น้ำท่วม", {"country": ("TH",)}, limit=5, offset=offset))
    assert encoder.calls == [(["น้ำท่วม"] * 2, ("query", "document"))]
