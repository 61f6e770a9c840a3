"""The scale of keyword scores against its formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.search.fuse import coverage, idf

TOTAL = 100


def share(score: float, frequencies: list[int], total: int) -> float:
    """The coverage of one passage."""
    return float(coverage(np.array([score]), frequencies, total)[0])


@pytest.mark.parametrize(
    ("documents", "total", "expected"),
    [
        pytest.param(0, 100, math.log(100.5 / 0.5), id="a word that stands nowhere"),
        pytest.param(1, 100, math.log(99.5 / 1.5), id="a rare word"),
        pytest.param(49, 100, math.log(51.5 / 49.5), id="in just under half"),
        pytest.param(50, 100, 1e-6, id="in half: never zero or less"),
        pytest.param(100, 100, 1e-6, id="everywhere"),
        pytest.param(0, 0, 1e-6, id="no documents at all"),
    ],
)
def test_idf_is_that_of_bm25_and_positive(documents: int, total: int, expected: float) -> None:
    assert idf(documents, total) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("score", "frequencies", "total", "expected"),
    [
        pytest.param(3.0, [1], 100, 3.0 / (math.log(99.5 / 1.5) * 2.2), id="one word"),
        pytest.param(3.0, [1, 9], 100, 3.0 / ((math.log(99.5 / 1.5) + math.log(91.5 / 9.5)) * 2.2), id="two words"),
        pytest.param(99.0, [1], 100, 1.0, id="never above 1"),
        pytest.param(0.0, [1], 100, 0.0, id="nothing found"),
        pytest.param(1.0, [], 100, 0.0, id="nothing looked for"),
    ],
)
def test_coverage_is_the_share_of_the_best_possible_score(
    score: float, frequencies: list[int], total: int, expected: float
) -> None:
    assert share(score, frequencies, total) == pytest.approx(expected)


def test_a_word_that_no_passage_has_lowers_coverage() -> None:
    assert share(3.0, [1, 0], 100) < share(3.0, [1], 100)


def test_a_common_word_asks_for_less_than_a_rare_one() -> None:
    assert share(1.0, [40], 100) > share(1.0, [1], 100)


@settings(deadline=None)
@given(
    st.floats(0, 1e6),
    st.lists(st.integers(0, TOTAL), max_size=20),
    st.floats(0, 10),
)
def test_coverage_lies_from_0_to_1_and_grows_with_the_score(score: float, frequencies: list[int], more: float) -> None:
    less, greater = coverage(np.array([score, score + more]), frequencies, TOTAL).tolist()
    assert 0.0 <= less <= greater <= 1.0


@settings(deadline=None)
@given(st.integers(0, TOTAL), st.integers(0, TOTAL))
def test_a_word_weighs_the_more_the_fewer_passages_hold_it(one: int, other: int) -> None:
    rarer, commoner = sorted((one, other))
    assert idf(rarer, TOTAL) >= idf(commoner, TOTAL) > 0
