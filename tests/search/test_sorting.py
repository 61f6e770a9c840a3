"""Orders other than best first: what is sorted, and how."""

from __future__ import annotations

import numpy as np
import pytest

from kb.search.sorting import EVIDENCE, NEAR, in_order, near
from kb.store import Standing
from kb.taxonomy import load_taxonomy
from tests.conftest import CORPUS

STANDINGS = {
    "old": Standing(1990, "independent"),
    "new": Standing(2020, "press"),
    "same-year": Standing(2020, "independent"),
    "undated": Standing(None, "agency"),
    "document": Standing(2022, None),
    "unknown-grade": Standing(2000, "hearsay"),
}


@pytest.mark.parametrize(
    ("sort", "given", "wanted", "reason"),
    [
        ("best", ["old", "new"], ["old", "new"], "best first is left as it is"),
        ("newest", ["old", "undated", "new"], ["new", "old", "undated"], "what has no year comes last"),
        ("newest", ["same-year", "new", "old"], ["same-year", "new", "old"], "one year: the better one stays first"),
        ("evidence", ["new", "undated", "old"], ["old", "undated", "new"], "strongest grade first"),
        ("evidence", ["document", "new", "unknown-grade"], ["new", "document", "unknown-grade"], "no known grade comes last"),
    ],
)
def test_records_in_an_order(sort: str, given: list[str], wanted: list[str], reason: str) -> None:
    assert in_order(given, sort, STANDINGS) == wanted, reason


@pytest.mark.parametrize(
    ("scores", "wanted"), [([], 0), ([0.8], 1), ([0.8, 0.8 * NEAR, 0.8 * NEAR - 0.01], 2), ([0.01, 0.009], 2)]
)
def test_only_records_near_the_best_are_sorted(scores: list[float], wanted: int) -> None:
    assert near(np.array(scores)) == wanted


def test_grades_are_those_of_the_taxonomy_in_its_order() -> None:
    assert tuple(load_taxonomy(CORPUS)["evidence"]) == EVIDENCE
