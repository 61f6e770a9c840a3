"""The fitting of the weights of proposals: logistic models by Newton's method."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from proposal_documents import Made

from kb.desk.proposals.records import Candidate
from kb.desk.proposals.weighing import Kind, Weighing
from kb.records import Practice

PENALTIES = (0.3, 1.0, 3.0, 10.0, 30.0)
FEW = 1000
Row = tuple[Any, Any]
"""Evidence of shape (candidates, features + 1), and which candidates are right."""

FLOORS = (0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
"""Confidences from which the floor of a field is chosen: below a quarter a proposal would be more work than help."""


@dataclass(frozen=True)
class Group:
    """The candidates of a choice (or of a field with several values), which of them are right, and whose document it was."""

    candidates: Sequence[Candidate]
    right: Sequence[bool]
    made: Made
    variant: str
    wanted: int
    """Values that an editor entered, so that what is no candidate counts as missed."""
    nearest: Practice | None = None
    """The practice whose face is nearest in meaning to the document."""


def fit(groups: Sequence[Group], kind: Kind) -> Weighing:
    """Weights with the penalty that predicts best for practices left out, and the floor with the best F1."""
    kept = [group for group in groups if usable(group, kind)]
    rows = [prepared(group, kind) for group in kept]
    parts = [int(hashlib.sha256(group.made.practice.id.encode()).hexdigest()[:8], 16) % 5 for group in kept]
    tried = PENALTIES if len(rows) < FEW else PENALTIES[:1]  # with thousands of rows the penalty matters little
    weights = newton(
        rows, kind, min(tried, key=lambda penalty: left_out_loss(rows, parts, kind, penalty)) if tried[1:] else tried[0]
    )
    weighing = Weighing(tuple(float(one) for one in weights), 0.0)
    return replace(weighing, floor=choose_floor(groups, weighing, kind))


def left_out_loss(rows: Sequence[Row], parts: Sequence[int], kind: Kind, penalty: float) -> float:
    """The negative log-likelihood of each fifth under weights fitted to the others."""
    total = 0.0
    for part in range(5):
        own = [row for row, place in zip(rows, parts, strict=True) if place == part]
        others = [row for row, place in zip(rows, parts, strict=True) if place != part]
        if own and others:
            total += loss(own, newton(others, kind, penalty), kind, 0.0)
    return total


def newton(rows: Sequence[Row], kind: Kind, penalty: float) -> Any:
    """The weights of least penalised loss: of a conditional logit, or of a logistic regression."""
    width = rows[0][0].shape[1] if rows else 1
    weights, drawn = np.zeros(width), penalty * drawing(width, kind)
    for _ in range(40):
        gradient, curve = -drawn * weights, np.diag(drawn)
        for evidence, right in rows:
            scores = evidence @ weights
            if kind == "each":
                sure = 1 / (1 + np.exp(-np.clip(scores, -50, 50)))
                gradient = gradient + evidence.T @ (right - sure)
                curve = curve + (evidence * (sure * (1 - sure))[:, None]).T @ evidence
            else:
                raised = np.exp(scores - scores.max())
                sure = raised / raised.sum()
                mean = sure @ evidence
                gradient = gradient + evidence.T @ (right / right.sum() - sure)
                curve = curve + (evidence * sure[:, None]).T @ evidence - np.outer(mean, mean)
        step = np.linalg.solve(curve + 1e-6 * np.eye(width), gradient)
        before = loss(rows, weights, kind, penalty)
        while loss(rows, weights + step, kind, penalty) > before + 1e-9 and np.abs(step).max() > 1e-9:
            step = step / 2  # a full step of Newton's method may overshoot
        weights = weights + step
        if np.abs(step).max() < 1e-5:
            break
    return weights


def loss(rows: Sequence[Row], weights: Any, kind: Kind, penalty: float) -> float:
    """What is made smallest: the negative log-likelihood with the penalty."""
    total = 0.5 * penalty * float((drawing(len(weights), kind) * weights**2).sum())
    for evidence, right in rows:
        scores = evidence @ weights
        if kind == "each":
            total += float((np.logaddexp(0, scores) - right * scores).sum())
        else:
            total += float(np.logaddexp.reduce(scores) - (right / right.sum()) @ scores)
    return total


def choose_floor(groups: Sequence[Group], weighing: Weighing, kind: Kind) -> float:
    """The floor of `FLOORS` with the best F1, the higher one where two are equal."""
    return max(FLOORS, key=lambda floor: (round(quality(groups, replace(weighing, floor=floor), kind), 3), floor))


def quality(groups: Sequence[Group], weighing: Weighing, kind: Kind) -> float:
    """F1 of what would be proposed."""
    pairs = [pair for group in groups for pair in proposals(group, weighing, kind)]
    hits = sum(right for _, right in pairs)
    return f1(hits / max(len(pairs), 1), hits / max(sum(group.wanted for group in groups), 1))


def drawing(width: int, kind: Kind) -> Any:
    """How much each weight is drawn to nought: the constant of a yes or no is not."""
    drawn = np.ones(width)
    drawn[-1] = 1e-3 if kind == "each" else 1.0
    return drawn


def usable(group: Group, kind: Kind) -> bool:
    return bool(group.candidates) and (kind != "one" or any(group.right))


def prepared(group: Group, kind: Kind) -> Row:
    """Evidence with a last column for the constant; a choice that may be nothing has a row for that."""
    evidence = np.array([one.features for one in group.candidates], dtype=np.float64).reshape(len(group.candidates), -1)
    evidence = np.hstack([evidence, np.full((len(evidence), 1), float(kind == "each"))])
    right = np.array(group.right, dtype=np.float64)
    if kind == "maybe":
        nothing = np.zeros((1, evidence.shape[1]))
        nothing[0, -1] = 1
        evidence = np.vstack([evidence, nothing])
        right = np.append(right, float(not any(group.right)))
    return evidence, right


def proposals(group: Group, weighing: Weighing, kind: Kind) -> list[tuple[float, bool]]:
    """(confidence, whether it is right) of what would be proposed."""
    sure = weighing.probabilities(group.candidates, kind)
    pairs = sorted(zip(sure, group.right, strict=True), key=lambda pair: -pair[0])
    pairs = pairs if kind == "each" else pairs[:1]
    return [pair for pair in pairs if pair[0] >= weighing.floor]


def f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
