"""Made passages: the same from the same seed, in the right language, with words and vectors as real text has them."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path

import generator
import numpy as np
import pytest
from generator import Source, passage, passages, question_vectors, questions, vectors, vectors_of

from kb.corpus import practice_files, read_practice
from kb.ingest.passages import LIMIT
from kb.taxonomy import load_taxonomy
from kb.termbase import load_termbase
from kb.text.language import detect
from kb.text.segment import Segmenter

CORPUS = Path(__file__).parent.parent.parent / "corpus"


@pytest.fixture(scope="module")
def source() -> Source:
    taxonomy = load_taxonomy(CORPUS)
    practices = [read_practice(path, taxonomy) for path in practice_files(CORPUS)[:12]]
    return Source(practices, load_termbase(CORPUS), Segmenter())


@pytest.fixture(scope="module")
def base(source: Source) -> np.ndarray:
    """Stand-ins for real vectors: a mean that all share, something of each pair, and something of each passage."""
    draw = np.random.default_rng(5)
    pair = np.repeat(draw.normal(size=(len(source.pairs), 64)), 2, axis=0)
    rows = 2 * draw.normal(size=64) + pair + 0.3 * draw.normal(size=pair.shape)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_a_shorter_run_is_the_beginning_of_a_longer_one(source: Source) -> None:
    assert list(passages(20, 3, source)) == list(islice(passages(60, 3, source), 20))
    assert passage(17, 3, source) == list(passages(18, 3, source))[-1]


def test_another_seed_makes_other_passages(source: Source) -> None:
    assert not {made.text for made in passages(20, 3, source)} & {made.text for made in passages(20, 4, source)}


def test_languages_ids_and_lengths(source: Source) -> None:
    made = list(passages(100, 3, source))
    assert [row.language for row in made] == ["en", "th"] * 50
    assert sum(detect(row.text) == row.language for row in made) >= 95
    assert len({row.id for row in made}) == 100
    assert [row.topic for row in made] == [number // 2 for number in range(100)]
    assert all(0 < len(row.text) <= 2 * LIMIT and "\n" not in row.text for row in made)
    assert sum(len(row.text) <= LIMIT for row in made) >= 98


def test_both_passages_of_a_topic_have_its_terms(source: Source) -> None:
    english, thai = passage(8, 3, source), passage(9, 3, source)
    pairs = [(en, th) for en, th in source.terms if en in english.title and th in thai.title]
    assert pairs
    assert pairs[0][0] in english.text
    assert pairs[0][1] in thai.text


@pytest.mark.parametrize("language", ["en", "th"])
def test_words_follow_zipf_and_grow_in_number(source: Source, language: str) -> None:
    segmenter, counts, different = Segmenter(), Counter(), []
    for made in passages(400, 3, source):
        if made.language == language:
            counts.update(token.term for token in segmenter.tokens(made.text))
        if made.topic in (50, 100, 199):
            different.append(len(counts))
    assert -1.3 < generator.zipf_slope(counts) < -0.7
    assert different[0] < different[2] < different[-1]


def test_questions_are_words_of_their_passage_in_both_languages(source: Source) -> None:
    asked = questions(200, 10, 3, source)
    assert len(asked) == 20
    for question in asked:
        own = passage(2 * question.topic + (question.language == "th"), 3, source)
        assert own.title.split(" ")[0] in question.text
        assert question.text.strip()
    assert asked == questions(200, 10, 3, source)


def test_vectors_are_unit_and_come_in_blocks_of_one_row(base: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = vectors_of(base, np.arange(100), 3)
    monkeypatch.setattr(generator, "BLOCK", 32)
    blocks = list(vectors(base, 100, 3))
    assert [len(block) for block in blocks] == [32, 32, 32, 4]
    assert np.array_equal(np.concatenate(blocks), whole)
    assert whole.dtype == np.float32
    assert np.allclose(np.linalg.norm(whole, axis=1), 1, atol=1e-5)


def test_a_twin_and_an_answer_are_nearer_than_others(source: Source, base: np.ndarray) -> None:
    made = np.concatenate(list(vectors(base, 200, 3)))
    assert (made[::2] * made[1::2]).sum(axis=1).mean() > np.median(made[::2] @ made[1::2].T) + 0.02
    asked = questions(200, 20, 3, source)
    cosines = question_vectors(base, asked, 3) @ made.T
    answers = [2 * question.topic + (question.language == "th") for question in asked]
    assert np.mean([(row > row[answer]).sum() < 40 for row, answer in zip(cosines, answers, strict=True)]) > 0.8
