"""The bench of proposals: names judged as one, and weights that are what the formula says."""

from __future__ import annotations

import numpy as np
import pytest
from proposal_fitting import newton
from proposal_judging import same_name


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Department of Lands", "Department of Lands (DOL)", True),  # what is in brackets does not count
        ("กรมบัญชีกลาง", "กรมบัญชีกลาง กระทรวงการคลัง", False),  # less than half of it
        ("National Digital Department", "National Digital Department, Ministry of Digital", True),  # more than half
        ("Ministry of Health", "Ministry of Education", False),
        ("", "Ministry of Health", False),
    ],
)
def test_names(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same


def test_a_yes_or_no_learns_the_log_odds() -> None:
    """Three of four are right: the constant is the logarithm of 3."""
    row = (np.ones((4, 1)), np.array([1.0, 1.0, 1.0, 0.0]))
    assert newton([row], "each", 0.0)[0] == pytest.approx(np.log(3), abs=1e-4)


def test_a_choice_learns_the_ratio() -> None:
    """The first of two candidates is right in three rows of four: its feature weighs the logarithm of 3."""
    evidence = np.array([[1.0, 0.0], [0.0, 0.0]])
    rows = [(evidence, np.array([1.0, 0.0]))] * 3 + [(evidence, np.array([0.0, 1.0]))]
    assert newton(rows, "one", 1e-6)[0] == pytest.approx(np.log(3), abs=1e-3)
