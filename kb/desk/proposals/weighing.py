"""From the evidence for candidates to probabilities: small logistic models, fitted and stored by `bench/proposals.py`.

A field with one value is a choice among its candidates and "nothing of these" (a conditional logit, McFadden 1974); a field
with several values is a yes or no for each candidate.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal

import numpy as np

from kb.desk.proposals.records import Candidate

Kind = Literal["one", "maybe", "each"]
"""Exactly one of the candidates; one of them or nothing; yes or no for each."""

VERSION = 1

MOST = 0.99
"""The highest confidence that is told: it was measured on a few hundred documents."""


@dataclass(frozen=True)
class Weighing:
    """The weights of a field's features, last the score of "nothing" for a choice or the constant for a yes or no; and the
    confidence below which nothing is proposed."""

    weights: tuple[float, ...]
    floor: float

    def probabilities(self, candidates: Sequence[Candidate], kind: Kind) -> list[float]:
        """For each candidate, between 0 and 1; those of a choice add up to at most 1."""
        if not candidates:
            return []
        evidence = np.array([candidate.features for candidate in candidates], dtype=np.float64)
        *weights, constant = self.weights
        scores = evidence @ np.array(weights)
        if kind == "each":
            return [min(float(one), MOST) for one in 1 / (1 + np.exp(-np.clip(scores + constant, -50, 50)))]
        if kind == "maybe":
            scores = np.append(scores, constant)
        raised = np.exp(scores - scores.max())
        return [min(float(one), MOST) for one in (raised / raised.sum())[: len(candidates)]]


@lru_cache(maxsize=1)
def weighings() -> Mapping[str, Weighing]:
    """The stored models by field."""
    stored = json.loads(files("kb").joinpath("data/proposals.json").read_text(encoding="utf-8"))
    return {field: Weighing(tuple(one["weights"]), one["floor"]) for field, one in stored["fields"].items()}
