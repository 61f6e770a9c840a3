"""The passages that a question brings up: keyword scores of both kinds of form, limits and ties, filters, and both legs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_records import FLOOD_TH, RECORDS, document, put
from numpy.typing import NDArray

from kb.repository import Repository
from kb.search import candidates
from kb.search.calibration import calibration
from kb.search.candidates import (
    EXPANSION_WEIGHT,
    OTHER_ORDER,
    OWN_ORDER,
    Pool,
    _in_order,
    best_of,
    brought_up,
    compare,
    gather,
    keyword_scores,
)
from kb.search.engine import Searcher
from kb.search.fuse import idf
from kb.search.query import Expansion, Query, parse_query

MORE = (
    *RECORDS,
    document("file-office", "The office of public sector reform opened in 2004."),
    document("file-turned", "A public office for reform of the sector."),
    document("file-none", "Roads."),
)


@pytest.fixture
def made(repository: Repository) -> Iterator[Searcher]:
    with repository.store() as store:
        put(repository, store, MORE)
        yield repository.searcher(store)


def scored(searcher: Searcher, query: Query) -> dict[tuple[str, str], float]:
    """(record, language) -> the best keyword score of its passages, where there is one."""
    scores = keyword_scores(query, searcher.index, searcher.store)
    rows = searcher.index.catalogue.rows.tolist()
    found: dict[tuple[str, str], float] = {}
    for row, passage in searcher.store.passages(rows).items():
        if score := float(scores[rows.index(row)]):
            key = passage.record, passage.language
            found[key] = max(score, found.get(key, 0.0))
    return found


def asked(searcher: Searcher, text: str, *forms: tuple[str, ...]) -> Query:
    """A question read word by word, whose first word is a term with these other forms."""
    query = parse_query(text, searcher.reader.segmenter)
    return replace(query, expansions=(Expansion("entry", text, query.keywords[:1], forms),)) if forms else query


# Keywords


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("น้ำท่วม", {("th-flood", "th")}, id="a Thai word, whole"),
        pytest.param("flags", {("th-flood", "en"), ("file-report", "en")}, id="all forms of an English word"),
        pytest.param("น้ำท่วม meter", {("th-flood", "th"), ("kh-water", "en"), ("file-report", "en")}, id="any of the words"),
        pytest.param("2547", {("file-office", "en")}, id="a year in the other era, which is a part"),
        pytest.param("ไม่มีคำนี้เลยสักแห่ง qqq", set(), id="words that stand nowhere"),
    ],
)
def test_passages_with_a_keyword_have_a_score(made: Searcher, text: str, expected: set[tuple[str, str]]) -> None:
    found = scored(made, asked(made, text))
    assert {key for key in found if key[0] in {"th-flood", "kh-water", "file-report", "file-office"}} == expected
    assert all(0 < score <= 1 for score in found.values())


def test_a_passage_with_more_of_the_words_has_more_of_the_score(made: Searcher) -> None:
    found = scored(made, asked(made, "flags meters budgets"))
    assert found["file-report", "en"] > max(found["th-flood", "en"], found["kh-water", "en"])


def test_the_smallest_words_of_thai_count_where_a_whole_one_is(repository: Repository) -> None:
    texts = {"more": "ดูแลเมื่ออายุมาก", "less": "ดูแลเมื่อมีเงินมาก", "pieces": "อายุมาก", "none": "เมืองเก่า"}
    with repository.store() as store:
        put(repository, store, [document(f"file-{name}", text, "th") for name, text in texts.items()])
        searcher = repository.searcher(store)
        found = scored(searcher, asked(searcher, "ดูแลผู้สูงอายุ"))
    assert found.keys() == {("file-more", "th"), ("file-less", "th")}
    assert found["file-more", "th"] > found["file-less", "th"] > 0


def test_the_smallest_words_count_for_thai_questions_in_thai_passages_only(
    made: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, last = made.index.catalogue.spans["th"]

    def scores(text: str, share: float) -> NDArray[np.float64]:
        monkeypatch.setattr(candidates, "PIECE_SHARE", share)
        return keyword_scores(asked(made, text), made.index, made.store)

    english = "flags that warn of floods (น้ำท่วม) in towns"
    assert (scores(english, 0.0) == scores(english, 1.0)).all()
    without, only = (scores("ธงแจ้งเตือนน้ำท่วม flags", share) for share in (0.0, 1.0))
    changed = np.flatnonzero(without != only)
    assert len(changed)
    assert ((changed >= first) & (changed < last)).all()


@pytest.mark.parametrize(
    ("forms", "expected"),
    [
        pytest.param((("flag",),), {("th-flood", "en"), ("file-report", "en")}, id="one word"),
        pytest.param((("public", "sector", "reform"),), {("file-office", "en")}, id="several, next to one another"),
        pytest.param((("reform", "sector"),), set(), id="in this order only"),
        pytest.param((("ธง", "สี"),), {("th-flood", "th")}, id="of a Thai text"),
        pytest.param((("flag",), ("public", "sector")), {("th-flood", "en"), ("file-report", "en"), ("file-office", "en")},
                     id="any form"),
        pytest.param((('pub"lic', "sector"),), set(), id="a quotation mark is no syntax"),
    ],
)  # fmt: skip
def test_other_forms_of_a_term_are_found_and_count_for_less(
    made: Searcher, forms: tuple[tuple[str, ...], ...], expected: set[tuple[str, str]]
) -> None:
    found = scored(made, asked(made, "qqq", *forms))
    assert found.keys() == expected
    assert all(0 < score <= EXPANSION_WEIGHT for score in found.values())


def test_a_form_of_several_words_is_scored_as_one_that_stands_once(made: Searcher) -> None:
    form = ("public", "sector")
    postings, catalogue = made.index.postings, made.index.catalogue
    (place,) = catalogue.positions(made.store.rows_with('"public sector"')).tolist()
    commonest = min(postings.frequency(word) for word in form)
    total = postings.total
    expected = idf(1, total) * postings.weight_of_one(np.array([place]))[0] / (idf(commonest, total) * 2.2)
    found = keyword_scores(asked(made, "qqq", form), made.index, made.store)
    assert found[place] == pytest.approx(EXPANSION_WEIGHT * min(expected, 1.0), rel=1e-5)


def test_a_word_and_its_other_form_never_count_for_more_than_everything(made: Searcher) -> None:
    once, twice = (scored(made, asked(made, "roads", *forms)) for forms in ((), (("road",), ("file",))))
    assert once["file-none", "en"] < twice["file-none", "en"] <= 1.0


# The best of an array


@pytest.mark.parametrize(
    ("values", "first", "last", "limit", "expected"),
    [
        pytest.param([0.1, 0.3, 0.2], 0, 3, 5, [1, 2, 0], id="best first"),
        pytest.param([0.1, 0.3, 0.2], 0, 3, 2, [1, 2], id="so many"),
        pytest.param([0.1, 0.3, 0.2], 0, 3, 3, [1, 2, 0], id="exactly as many as there are"),
        pytest.param([0.2, 0.3, 0.2, 0.3], 0, 4, 9, [1, 3, 0, 2], id="equal ones in order of position"),
        pytest.param([0.0, 0.3, 0.0], 0, 3, 5, [1], id="nothing that has no score"),
        pytest.param([0.9, 0.1, 0.2, 0.9], 1, 3, 5, [2, 1], id="only between two positions"),
        pytest.param([0.9, 0.0], 1, 1, 5, [], id="of no position"),
        pytest.param([], 0, 0, 5, [], id="of nothing"),
    ],
)
def test_best_of(values: list[float], first: int, last: int, limit: int, expected: list[int]) -> None:
    assert best_of(np.array(values), first, last, limit).tolist() == expected


@settings(deadline=None)
@given(st.lists(st.sampled_from([0.0, 0.1, 0.2, 0.5]) | st.floats(0, 1), max_size=40), st.integers(1, 12))
def test_the_best_of_any_array_are_its_best(values: list[float], limit: int) -> None:
    scores = np.array(values, dtype=float)
    found = best_of(scores, 0, len(scores), limit)
    assert scores[found].tolist() == sorted((value for value in values if value > 0), reverse=True)[:limit]
    assert len(set(found.tolist())) == len(found)
    keys = [(-scores[place], place) for place in found.tolist()]
    assert keys == sorted(keys)


# Both legs


def pool_of(searcher: Searcher, text: str, allowed: set[str] | None = None) -> Pool:
    """The candidates of a question among the passages of these records."""
    query, catalogue = asked(searcher, text), searcher.index.catalogue
    passing = None if allowed is None else catalogue.mask(allowed)[catalogue.owners]
    keywords = keyword_scores(query, searcher.index, searcher.store)
    vector = searcher.embed(query.meaning, query.language)
    return gather(query, vector, compare(vector, searcher.index), searcher.index, keywords, passing, calibration())


def test_where_all_passages_are_candidates_each_is_there_once_with_what_both_legs_say(made: Searcher) -> None:
    pool = pool_of(made, "flags")
    assert sorted(pool.positions.tolist()) == list(range(len(made.index.catalogue.rows)))
    assert pool.owners.tolist() == made.index.catalogue.owners[pool.positions].tolist()
    keywords = keyword_scores(asked(made, "flags"), made.index, made.store)
    np.testing.assert_array_equal(pool.coverages, keywords[pool.positions])
    assert ((pool.lexical_rank > 0) == (pool.coverages > 0)).all()
    for number, name in enumerate(pool.names):
        own = pool.languages == number
        first, last = made.index.catalogue.spans[name]
        assert ((pool.positions[own] >= first) & (pool.positions[own] < last)).all()
        assert pool.dense_rank[own].tolist() == list(range(1, own.sum() + 1))
        assert np.all(np.diff(pool.cosines[own]) <= 0)
        lexical = np.sort(pool.lexical_rank[own][pool.lexical_rank[own] > 0])
        assert lexical.tolist() == list(range(1, len(lexical) + 1))
        weights = calibration().same if name == "en" else calibration().cross
        odds = weights[0] + weights[1] * pool.cosines[own] + weights[2] * pool.coverages[own]
        np.testing.assert_allclose(pool.final[own], 1 / (1 + np.exp(-odds)))


@pytest.mark.parametrize("text", ["public sector reform", "office of reform", "การปฏิรูป office", "flags roads reform"])
def test_documents_of_one_language_are_ordered_by_weights_of_their_own_and_keep_the_probabilities(
    made: Searcher, text: str
) -> None:
    pool, language = pool_of(made, text), asked(made, text).language
    for number, name in enumerate(pool.names):
        weights = calibration().same if name == language else calibration().cross
        own = np.flatnonzero((pool.languages == number) & ~made.index.catalogue.two_faced[pool.owners])
        odds = weights[0] + weights[1] * pool.cosines[own] + weights[2] * pool.coverages[own]
        assert np.sort(pool.final[own]).tolist() == pytest.approx(np.sort(1 / (1 + np.exp(-odds))).tolist())
        words, _ = OWN_ORDER[language] if name == language else OTHER_ORDER
        order = weights[1] * pool.cosines[own] + words * weights[2] * pool.coverages[own]
        assert np.argsort(-order, kind="stable").tolist() == np.argsort(-pool.final[own], kind="stable").tolist()
        both = (pool.languages == number) & made.index.catalogue.two_faced[pool.owners]
        odds = weights[0] + weights[1] * pool.cosines[both] + weights[2] * pool.coverages[both]
        assert pool.final[both].tolist() == pytest.approx((1 / (1 + np.exp(-odds))).tolist())


@dataclass(frozen=True)
class GivenWindows:
    """Windows of which only the cosine of the nearest one is known, by position."""

    cosines: dict[int, float]

    def nearest(self, _vector: object, positions: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.array([self.cosines.get(place, np.nan) for place in positions.tolist()])


def english_documents(searcher: Searcher, pool: Pool) -> dict[str, float]:
    """The probabilities of the English documents, best first."""
    own = [place for place in range(len(pool.owners)) if pool.language(place) == "en"]
    found = {searcher.index.catalogue.records[int(pool.owners[place])]: float(pool.final[place]) for place in own}
    return dict(sorted(((key, found[key]) for key in found if key.startswith("file-")), key=lambda item: -item[1]))


@pytest.mark.parametrize("text", ["ถนน สะพาน", "roads and bridges"])
def test_a_document_with_a_near_window_goes_before_the_others_of_its_language(made: Searcher, text: str) -> None:
    before = english_documents(made, pool_of(made, text))
    *_, last = before
    place = int(made.index.catalogue.positions_of(made.index.catalogue.records.index(last))[0])
    made.index = replace(made.index, windows=GivenWindows({place: 9.0}))  # type: ignore[arg-type]
    after = english_documents(made, pool_of(made, text))
    assert next(iter(after)) == last
    assert [key for key in after if key != last] == [key for key in before if key != last]
    assert list(after.values()) == pytest.approx(list(before.values()))  # the scale between languages stays


def test_windows_are_looked_at_of_the_best_passages_only(made: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    before = english_documents(made, pool_of(made, "ถนน สะพาน"))
    *_, last = before
    place = int(made.index.catalogue.positions_of(made.index.catalogue.records.index(last))[0])
    made.index = replace(made.index, windows=GivenWindows({place: 9.0}))  # type: ignore[arg-type]
    monkeypatch.setattr("kb.search.candidates.WINDOWED", len(before) - 1)
    assert list(english_documents(made, pool_of(made, "ถนน สะพาน"))) == list(before)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(-9, 9)), max_size=20))
def test_values_take_the_given_order(rows: list[tuple[float, float]]) -> None:
    values, order = np.array([value for value, _ in rows]), np.array([place for _, place in rows])
    found = _in_order(values, order)
    assert sorted(found.tolist()) == sorted(values.tolist())
    best_first = found[np.argsort(-order, kind="stable")]
    assert (np.diff(best_first) <= 0).all()


@pytest.mark.parametrize(
    "allowed",
    [
        pytest.param({"file-report", "kh-water"}, id="two records"),
        pytest.param({"kh-water"}, id="one that has no such word"),
        pytest.param(set(), id="none"),
    ],
)
def test_a_filter_shuts_out_of_both_legs(made: Searcher, allowed: set[str]) -> None:
    whole, pool = pool_of(made, "flags"), pool_of(made, "flags", allowed)
    names = {made.index.catalogue.records[owner] for owner in pool.owners}
    assert names == allowed
    score = dict(zip(whole.positions.tolist(), whole.final.tolist(), strict=True))
    assert pool.final.tolist() == pytest.approx([score[place] for place in pool.positions.tolist()])
    worded = {made.index.catalogue.records[owner] for owner in pool.owners[pool.lexical_rank > 0]}
    assert worded == allowed & {"file-report", "th-flood"}


def test_what_only_the_keywords_find_is_a_candidate_with_its_cosine(made: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pool_of(made, "flags")
    monkeypatch.setattr("kb.search.candidates.CANDIDATES", 2)
    pool = pool_of(made, "flags")
    for number in range(len(pool.names)):
        own = pool.languages == number
        assert (pool.lexical_rank[own] > 0).sum() <= 2
        assert 2 <= own.sum() <= 4
    cosines = dict(zip(whole.positions.tolist(), whole.cosines.tolist(), strict=True))
    assert pool.cosines.tolist() == pytest.approx([cosines[place] for place in pool.positions.tolist()], abs=1e-6)
    held = whole.positions[whole.coverages > 0]
    assert set(held.tolist()) <= set(pool.positions.tolist())  # no more than two passages of a language hold the word


def test_what_is_brought_up_does_not_depend_on_filters(made: Searcher) -> None:
    query = asked(made, "flags")
    keywords = keyword_scores(query, made.index, made.store)
    found = brought_up(compare(made.embed(query.meaning, query.language), made.index), made.index, keywords)
    assert set(found.tolist()) == set(pool_of(made, "flags").owners.tolist())


def test_an_empty_repository_has_no_candidates(repository: Repository) -> None:
    with repository.store() as store:
        put(repository, store, ())
        searcher = repository.searcher(store)
        pool = pool_of(searcher, FLOOD_TH)
    assert (pool.positions.tolist(), pool.final.tolist(), list(pool.names)) == ([], [], [])
