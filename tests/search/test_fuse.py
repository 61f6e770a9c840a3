"""Fusion rules against their formulas."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.search.fuse import convex, coverage, idf, transport

SCORES = st.dictionaries(st.integers(0, 50), st.floats(-1, 1), max_size=20)


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
    assert coverage(score, frequencies, total, k1=1.2) == pytest.approx(expected)


def test_a_word_that_no_passage_has_lowers_coverage() -> None:
    assert coverage(3.0, [1, 0], 100) < coverage(3.0, [1], 100)


@pytest.mark.parametrize("weight", [0.0, 0.4, 1.0])
def test_convex_is_a_weighted_mean_and_a_passage_without_keywords_has_0_there(weight: float) -> None:
    assert convex({1: 0.8, 2: 0.6}, {2: 0.5}, weight) == pytest.approx(
        {1: (1 - weight) * 0.8, 2: (1 - weight) * 0.6 + weight * 0.5}
    )


def test_convex_does_not_bring_in_a_passage_without_a_dense_score() -> None:
    assert convex({1: 0.8}, {9: 1.0}, 0.5).keys() == {1}


@pytest.mark.parametrize(
    ("fused", "dense", "expected"),
    [
        pytest.param({1: 0.2, 2: 0.9}, {1: 0.8, 2: 0.6}, {2: 0.8, 1: 0.6}, id="the n-th fused has the n-th dense score"),
        pytest.param({1: 0.5, 2: 0.5}, {1: 0.1, 2: 0.3}, {1: 0.3, 2: 0.1}, id="ties keep the order of the keys"),
        pytest.param({}, {}, {}, id="nothing"),
    ],
)
def test_transport(fused: dict[int, float], dense: dict[int, float], expected: dict[int, float]) -> None:
    assert transport(fused, dense) == expected


@settings(deadline=None)
@given(SCORES, SCORES, st.floats(0, 1))
def test_transport_keeps_the_fused_order_and_the_dense_scale(
    dense: dict[int, float], lexical: dict[int, float], weight: float
) -> None:
    fused = convex(dense, lexical, weight)
    final = transport(fused, dense)
    assert sorted(final.values()) == sorted(dense.values())
    order = sorted(fused, key=lambda key: (-fused[key], key))
    assert [final[key] for key in order] == sorted(dense.values(), reverse=True)


@settings(deadline=None)
@given(SCORES)
def test_transport_without_keywords_changes_nothing(dense: dict[int, float]) -> None:
    assert transport(dense, dense) == dense
