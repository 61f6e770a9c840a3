"""The keyword index: BM25 against its formula and against FTS5's own, blocks, files, and the words of a repository."""

from __future__ import annotations

import math
import sqlite3
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_records import FLOOD_TH, document, put

from kb import postings
from kb.catalogue import build_catalogue
from kb.index import PART_WEIGHT
from kb.migrations import FTS_TOKENIZER
from kb.postings import K1, B, Postings, build_postings, read_postings, write_postings
from kb.repository import Repository
from kb.search.fuse import idf

Texts = Sequence[tuple[str, str]]
"""Passages: words, and word parts."""

WORDS = ["flood", "warn", "ธง", "น้ำท่วม", "ความเหลื่อมล้ำ", "2561", "a"]
TEXTS = st.lists(st.tuples(*[st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)] * 2), max_size=30)


def weights(index: Postings, word: str) -> dict[int, float]:
    """Position -> the weight of a word there."""
    places, found = index.weighted(word)
    return dict(zip(places.tolist(), found.tolist(), strict=True))


def assert_same(one: Postings, other: Postings) -> None:
    assert one.numbers == other.numbers
    for name in ("bounds", "positions", "weights", "norms"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
        assert getattr(one, name).dtype == getattr(other, name).dtype


def test_a_weight_is_the_saturated_frequency_by_the_share_of_the_length() -> None:
    index = build_postings([("flood flood warn", "ธง"), ("flood", "flood flood")], 0.3)
    mean = (4 + 3) / 2
    norms = [K1 * (1 - B + B * 4 / mean), K1 * (1 - B + B * 3 / mean)]
    assert weights(index, "flood") == pytest.approx(
        {0: 2 * (K1 + 1) / (2 + norms[0]), 1: (1 + 2 * 0.3) * (K1 + 1) / (1 + 2 * 0.3 + norms[1])}
    )
    assert weights(index, "ธง") == pytest.approx({0: 0.3 * (K1 + 1) / (0.3 + norms[0])})
    assert index.weight_of_one(np.array([1, 0])) == pytest.approx([(K1 + 1) / (1 + norms[1]), (K1 + 1) / (1 + norms[0])])
    assert (index.total, index.frequency("flood"), index.frequency("warn")) == (2, 2, 1)
    assert index.holding("flood").tolist() == [0, 1]


def test_a_word_that_stands_nowhere_has_no_passages() -> None:
    index = build_postings([("flood", "")], 0.3)
    assert (index.frequency("ไม่มี"), index.holding("ไม่มี").tolist(), weights(index, "ไม่มี")) == (0, [], {})


def fts5_scores(texts: Texts, words: Sequence[str], part_weight: float) -> dict[int, float]:
    """Position -> the BM25 score that FTS5 gives, higher is better."""
    with sqlite3.connect(":memory:") as database:
        database.execute(f"CREATE VIRTUAL TABLE passages USING fts5(words, parts, tokenize='{FTS_TOKENIZER}')")
        rows = [(position, *text) for position, text in enumerate(texts)]
        database.executemany("INSERT INTO passages (rowid, words, parts) VALUES (?, ?, ?)", rows)
        sql = "SELECT rowid, -bm25(passages, 1.0, ?) FROM passages WHERE passages MATCH ?"
        found = dict(database.execute(sql, [part_weight, " OR ".join(f'"{word}"' for word in words)]))
    database.close()
    return found


@settings(deadline=None)
@given(TEXTS, st.lists(st.sampled_from(WORDS), min_size=1, max_size=4, unique=True), st.sampled_from([1.0, 0.3]))
def test_scores_are_those_of_fts5(texts: Texts, words: list[str], part_weight: float) -> None:
    index = build_postings(texts, part_weight)
    scores: Counter[int] = Counter()
    for word in words:
        for position, weight in weights(index, word).items():
            scores[position] += idf(index.frequency(word), index.total) * weight  # type: ignore[assignment]
    assert dict(scores) == pytest.approx(fts5_scores(texts, words, part_weight), abs=1e-4)


@settings(deadline=None)
@given(TEXTS, st.integers(1, 7))
def test_passages_may_come_in_blocks_of_any_size(texts: Texts, step: int) -> None:
    whole = build_postings(texts, 0.3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postings, "_STEP", step)
        assert_same(build_postings(texts, 0.3), whole)


@settings(deadline=None)
@given(TEXTS)
def test_postings_are_those_of_a_plain_count(texts: Texts) -> None:
    index = build_postings(texts, 0.3)
    held = [set(f"{own} {inside}".split()) for own, inside in texts]
    assert set(index.numbers) == set().union(*held)
    for word in WORDS:
        assert index.holding(word).tolist() == [place for place, words in enumerate(held) if word in words]
    assert np.all(index.weights > 0)
    assert np.all(index.weights < K1 + 1)


MADE = [
    pytest.param([], id="no passages"),
    pytest.param([("", ""), (" \t\n", "  ")], id="passages of blanks only"),
    pytest.param([("", ""), ("ธง flood", ""), ("", "ธง")], id="words and empty passages"),
    pytest.param([("น้ำ\u0e4d ก.พ.ร. \"'", "")], id="signs"),
]


@pytest.mark.parametrize("texts", MADE)
def test_a_keyword_index_is_read_as_it_was_written(tmp_path: Path, texts: Texts) -> None:
    index = build_postings(texts, 0.3)
    write_postings(tmp_path, index)
    assert_same(read_postings(tmp_path), index)
    assert index.total == len(texts)
    assert not math.isnan(float(index.norms.sum()))


@pytest.mark.parametrize("name", postings.files())
@pytest.mark.parametrize("content", [pytest.param(None, id="missing"), pytest.param(b"\xff", id="no text and no array")])
def test_a_lost_or_damaged_file_is_an_error_of_its_reader(tmp_path: Path, name: str, content: bytes | None) -> None:
    write_postings(tmp_path, build_postings([("flood", "")], 0.3))
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(content)
    with pytest.raises((OSError, ValueError)):
        read_postings(tmp_path)


# Of a repository


def test_the_words_of_a_record_are_those_of_all_its_passages_and_their_contexts(repository: Repository) -> None:
    with repository.store() as store:
        put(repository, store, [document("file-gap", "ความเหลื่อมล้ำในปี 2561"), document("file-flood", FLOOD_TH, "th")])
        catalogue, index = build_catalogue(store), build_postings(store.passage_words(), PART_WEIGHT)
    ordinal = catalogue.ordinal("file-gap")
    assert ordinal is not None
    own = set(catalogue.positions_of(ordinal).tolist())
    words = {word for word in index.numbers if own & set(index.holding(word).tolist())}
    assert {"file", "gap", "ความเหลื่อมล้ำ", "ปี", "2561", "เหลื่อมล้ำ", str(2561 - 543)} <= words
    assert "ธง" in index.numbers
    assert "ธง" not in words


def test_pieces_are_indexed_of_thai_passages_only(repository: Repository) -> None:
    with repository.store() as store:
        put(repository, store, [document("file-en", "A city."), document("file-th", "ดูแลผู้สูงอายุ สูงกว่า", "th")])
        index = repository.ensure_index(store)
    first, last = index.catalogue.spans["th"]
    assert index.pieces.total == last - first < index.postings.total
    assert index.pieces.frequency("ผู้สูงอายุ") == 0 < index.postings.frequency("ผู้สูงอายุ")
    assert index.pieces.frequency("อายุ") == 1
    assert index.pieces.frequency("city") == 0


def test_a_word_part_weighs_less_than_a_word_and_nothing_at_weight_0(repository: Repository) -> None:
    with repository.store() as store:
        put(repository, store, [document("file-year", "Opened in 2004.")])  # its year in the other era is a part
        index, without = (build_postings(store.passage_words(), weight) for weight in (PART_WEIGHT, 0.0))
    other_era = str(2004 + 543)
    ((word,), (part,), (nothing,)) = (index.weighted("2004")[1], index.weighted(other_era)[1], without.weighted(other_era)[1])
    assert word > part > nothing == 0
