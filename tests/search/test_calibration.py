"""Probabilities against their formulas, and the shipped calibration against what it says of itself."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.records import LANGUAGES
from kb.search.calibration import Calibration, calibration, log_odds, logistic

PAIRS = [(asked, found) for asked in LANGUAGES for found in LANGUAGES]
MADE = Calibration(
    same=(-2.0, 4.0, 1.0),
    cross=(-1.0, 3.0, 0.5),
    twin=(-5.0, 6.0, 7.0),
    precedent=(-1.0, 0.5, 2.0),
    close={},
    curves={},
    false_alarm=0.05,
)
COSINES = st.floats(-1, 1)
SHARES = st.floats(0, 1)


@pytest.mark.parametrize(
    ("weights", "first", "second", "expected"),
    [
        pytest.param((0.0, 0.0, 0.0), 5.0, 5.0, 1 / 2, id="nothing is known"),
        pytest.param((1.0, 0.0, 0.0), 5.0, 5.0, 1 / (1 + math.exp(-1)), id="only the constant"),
        pytest.param((-2.0, 4.0, 1.0), 0.5, 0.25, 1 / (1 + math.exp(-(-2 + 4 * 0.5 + 0.25))), id="a weighted sum"),
        pytest.param((-700.0, 0.0, 0.0), 0.0, 0.0, 0.0, id="far below"),
        pytest.param((700.0, 0.0, 0.0), 0.0, 0.0, 1.0, id="far above"),
    ],
)
def test_logistic(weights: tuple[float, float, float], first: float, second: float, expected: float) -> None:
    assert logistic(weights, first, second) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("probability", "expected"),
    [
        (0.5, 0.0),
        (0.8, math.log(0.8 / 0.2)),
        pytest.param(0.0, math.log(1e-9 / (1 - 1e-9)), id="kept finite below"),
        pytest.param(1.0, math.log((1 - 1e-9) / 1e-9), id="kept finite above"),
    ],
)
def test_log_odds(probability: float, expected: float) -> None:
    assert log_odds(probability) == pytest.approx(expected)


@settings(deadline=None)
@given(st.floats(-15, 15))
def test_log_odds_is_the_inverse_of_the_logistic_function(value: float) -> None:
    assert log_odds(logistic((value, 0.0, 0.0), 0.0, 0.0)) == pytest.approx(value, abs=1e-6)


def test_each_probability_has_its_own_weights() -> None:
    cosines, shares = np.array([0.6, -0.1]), np.array([0.2, 0.0])
    for same, weights in ((True, (-2.0, 4.0, 1.0)), (False, (-1.0, 3.0, 0.5))):
        expected = [logistic(weights, 0.6, 0.2), logistic(weights, -0.1, 0.0)]
        assert MADE.answers(same, cosines, shares) == pytest.approx(expected)
    assert MADE.says_the_same(0.6, 0.2) == logistic((-5.0, 6.0, 7.0), 0.6, 0.2)
    assert MADE.is_precedent(0.8, 3) == pytest.approx(logistic((-1.0, 0.5, 2.0), math.log(0.8 / 0.2), math.log(1 + 3)))


# As it is shipped


def test_the_shipped_one_is_read_once() -> None:
    assert calibration() is calibration()


@settings(deadline=None)
@given(COSINES, COSINES, SHARES, SHARES, st.booleans())
def test_more_evidence_never_makes_an_answer_less_likely(
    one: float, other: float, share: float, further: float, same: bool
) -> None:
    low, high = sorted((one, other))
    few, many = sorted((share, further))
    shipped = calibration()
    less, more = shipped.answers(same, np.array([low, high]), np.array([few, many])).tolist()
    assert 0 < less <= more < 1
    assert 0 < shipped.says_the_same(low, few) <= shipped.says_the_same(high, many) < 1


@settings(deadline=None)
@given(SHARES, SHARES, st.integers(0, 64), st.integers(0, 64))
def test_nor_do_more_words_or_a_better_score_make_a_precedent_less_likely(
    one: float, other: float, words: int, more: int
) -> None:
    low, high = sorted((one, other))
    few, many = sorted((words, more))
    assert 0 < calibration().is_precedent(low, few) <= calibration().is_precedent(high, many) <= 1


def test_every_pair_of_languages_has_a_threshold_and_the_curve_that_it_was_chosen_from() -> None:
    shipped = calibration()
    assert sorted(shipped.close) == sorted(shipped.curves) == sorted(PAIRS)
    assert all(0 < threshold < 1 for threshold in shipped.close.values())
    assert 0 < shipped.false_alarm < 0.5


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: "->".join(pair))
def test_a_curve_rises_and_its_threshold_keeps_to_the_false_alarms_that_were_allowed(pair: tuple[str, str]) -> None:
    shipped = calibration()
    curve = shipped.curves[pair]
    assert len(curve.thresholds) == len(curve.recognised) == len(curve.false_alarm) > 1
    for rising in (curve.thresholds, curve.recognised, curve.false_alarm):
        assert all(one <= other for one, other in pairwise(rising))
        assert all(0 <= value <= 1 for value in rising)
    at = min(number for number, threshold in enumerate(curve.thresholds) if threshold >= shipped.close[pair])
    assert curve.false_alarm[at] == pytest.approx(shipped.false_alarm, abs=0.02)
