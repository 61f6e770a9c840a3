"""Orders of an answer other than best first. Only records near the best are sorted: far ones would come first by chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kb.store import Standing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SORTS = ("best", "newest", "evidence")

NEAR = 0.25
"""Share of the best record's probability from which a record is near enough to be sorted."""

EVIDENCE = ("independent", "audit-or-statistics", "agency", "press")
"""Grades of evidence, strongest first, as in the taxonomy."""


def near(scores: NDArray[np.float64]) -> int:
    """How many records at the head of a list, best first, are near the best."""
    return int((scores >= NEAR * scores[0]).sum()) if len(scores) else 0


def in_order(records: Sequence[str], sort: str, standings: Mapping[str, Standing]) -> list[str]:
    """The records newest or best proven first; equal ones keep their order, unknown ones come last."""
    if sort == "newest":
        return sorted(records, key=lambda record: -(standings[record].start or -10_000))
    if sort == "evidence":
        grades = {grade: place for place, grade in enumerate(EVIDENCE)}
        return sorted(records, key=lambda record: grades.get(standings[record].evidence or "", len(grades)))
    return list(records)
