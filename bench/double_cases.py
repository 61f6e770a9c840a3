"""Comparing labelled drafts with the corpus, learning from them, and counting: what `bench/duplicates.py` is made of."""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from labelled import Draft, without_face

from kb.desk.duplicates import LOOKED_AT
from kb.desk.prepared import Signatures
from kb.desk.sameness import SIGNALS, Pair, Sameness, signals
from kb.desk.signatures import Signature
from kb.records import Practice

RIDGE = 10.0
"""Weight of the squares of the weights, of signals at mean 0 and variance 1, against that of one draft."""
MOST_FALSE = 0.02
"""Share of drafts without a double for which a case may be told wrongly as likely."""
RECALL = 0.99
"""Share of doubles that have to be told as possible."""
WHOLE = ("reworded, same language", "reworded, other language", "other face")
"""Kinds of drafts with title and summary, that the thresholds are chosen from; parts of texts are reported beside them."""


@dataclass(frozen=True)
class Judged:
    """A draft with all that it was compared with: kind of pair, signals, and whether it is the draft's case."""

    draft: Draft
    pairs: tuple[Pair, ...]
    signals: np.ndarray
    same: np.ndarray
    ids: tuple[str, ...]
    titles: np.ndarray
    """Share of the pieces of both titles that both have, for the baseline."""


def half(draft: Draft) -> int:
    """0 for drafts that are learnt from, 1 for those reported: by the case, so that all texts of one case stay together."""
    return hashlib.sha256(draft.about.encode()).digest()[0] % 2


def judge(labelled: Sequence[Draft], whole: Signatures, practices: dict[str, Practice]) -> Iterator[Judged]:
    """Compare every draft with what it is to be looked for among."""
    signed = whole.reading.sign([one.practice for one in labelled])
    views = {"both": whole, **{side: one_sided(whole, side, practices) for side in ("th", "en")}}
    for draft, signature in zip(labelled, signed, strict=True):
        among = views[draft.among]
        overlap = among.overlap(signature)
        found = [
            (other, *made)
            for other in (among.all[place] for place in among.nearest(signature, LOOKED_AT))
            if other.id not in draft.without and (made := signals(signature, other, among.rarity, overlap))
        ]
        if draft.case and draft.case not in {other.id for other, _, _ in found}:
            print(f"not looked at: {draft.kind} {draft.name}")
        yield Judged(
            draft,
            tuple(pair for _, pair, _ in found),
            np.array([values for _, _, values in found]).reshape(-1, len(SIGNALS)),
            np.array([other.id == draft.case for other, _, _ in found]),
            tuple(other.id for other, _, _ in found),
            np.array([titles_alike(signature, other) for other, _, _ in found]),
        )


def titles_alike(mine: Signature, theirs: Signature) -> float:
    """Jaccard similarity of the pieces of two titles, the best language counting; 0 where none is in common."""
    shared = [(mine.faces[code].title, theirs.faces[code].title) for code in mine.faces if code in theirs.faces]
    return max((len(np.intersect1d(one, other)) / max(len(np.union1d(one, other)), 1) for one, other in shared), default=0.0)


def one_sided(whole: Signatures, language: str, practices: dict[str, Practice]) -> Signatures:
    """The same practices with one face only."""
    signer = whole.reading.signer
    return Signatures(
        whole.reading,
        (
            signer.sign(without_face(practices[one.id], language), {language: one.faces[language].vectors})
            for one in whole.all
            if language in one.faces
        ),
    )


def fitted(judged: Sequence[Judged]) -> Sameness:
    """Learn the weights of both kinds of pairs, each kind of draft weighing the same, and choose the thresholds."""
    counts: dict[str, int] = defaultdict(int)
    for one in judged:
        counts[one.draft.kind] += 1
    weights: dict[Pair, tuple[float, ...]] = {}
    for pair in ("same", "cross"):
        rows, labels, weighed = [], [], []
        for one in judged:
            chosen = np.array([kind == pair for kind in one.pairs], dtype=bool)
            rows.append(one.signals[chosen])
            labels.append(one.same[chosen])
            weighed.append(np.full(chosen.sum(), 100 / counts[one.draft.kind]))
        weights[pair] = logistic(np.concatenate(rows), np.concatenate(labels), np.concatenate(weighed))
    model = Sameness(weights, 0.0, 0.0)
    doubles = sorted(best_of_case(one, model) for one in judged if one.draft.kind in WHOLE)
    singles = sorted((most(one, model) for one in judged if not one.draft.case), reverse=True)
    likely = singles[int(MOST_FALSE * len(singles))]
    possible = min(doubles[int((1 - RECALL) * len(doubles))], likely)
    return replace(model, possible=round(possible - 5e-5, 4), likely=round(likely + 5e-5, 4))


def logistic(rows: np.ndarray, labels: np.ndarray, weighed: np.ndarray) -> tuple[float, ...]:
    """Weighted ridge logistic regression; the constant and a weight for each column.

    What agrees may not speak against one case, nor what differs for it: columns that would are left out one after the other, so
    that a person who is told the reasons can follow them.
    """
    direction = np.array([-1.0 if name.startswith("other_") else 1.0 for name in SIGNALS])
    used = np.flatnonzero(rows.std(axis=0) > 1e-6)
    while True:
        constant, weights = newton(rows[:, used], labels, weighed)
        wrong = weights * direction[used]
        if not len(used) or wrong.min() >= 0:
            break
        used = np.delete(used, int(np.argmin(wrong * rows[:, used].std(axis=0))))
    found = np.zeros(len(SIGNALS))
    found[used] = weights
    return tuple(round(float(value), 5) for value in (constant, *found))


def newton(rows: np.ndarray, labels: np.ndarray, weighed: np.ndarray) -> tuple[float, np.ndarray]:
    """The constant and the weights of the columns, by Newton's method."""
    mean, spread = rows.mean(axis=0), rows.std(axis=0)
    design = np.column_stack([np.ones(len(rows)), (rows - mean) / spread])
    penalty = np.diag([0.0, *[RIDGE] * rows.shape[1]])
    found = np.zeros(design.shape[1])
    for _ in range(50):
        chances = 1 / (1 + np.exp(-np.clip(design @ found, -40, 40)))
        slope = design.T @ (weighed * (labels - chances)) - penalty @ found
        bend = (design * (weighed * chances * (1 - chances))[:, None]).T @ design + penalty
        step = np.linalg.solve(bend, slope)
        found += step * min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-9))
        if float(np.abs(step).max()) < 1e-8:
            break
    own = found[1:] / spread
    return float(found[0] - own @ mean), own


def chances(one: Judged, model: Sameness) -> np.ndarray:
    return np.array([model.probability(pair, row) for pair, row in zip(one.pairs, one.signals, strict=True)])


def best_of_case(one: Judged, model: Sameness) -> float:
    return float(max(chances(one, model)[one.same], default=0.0))


def most(one: Judged, model: Sameness) -> float:
    return float(max(chances(one, model), default=0.0))


@dataclass(frozen=True)
class Scored:
    """What a method says of a draft: of its own case (`None`: it has none), and of the others, highest first."""

    kind: str
    own: float | None
    others: tuple[float, ...]


def valued(one: Judged, method: str, model: Sameness) -> np.ndarray:
    """What a method says of each pair of a draft, shape (pairs,)."""
    if method == "model":
        return chances(one, model)
    return one.titles if method == "title overlap alone" else one.signals[:, SIGNALS.index("meaning")]


def scored(judged: Iterable[Judged], method: str, model: Sameness) -> list[Scored]:
    found = []
    for one in judged:
        values = valued(one, method, model)
        own = float(max(values[one.same], default=-1.0)) if one.draft.case else None
        found.append(Scored(one.draft.kind, own, tuple(sorted(map(float, values[~one.same]), reverse=True))))
    return found


@dataclass(frozen=True)
class Rates:
    threshold: float
    precision: float
    recall: float
    false_alarm: float
    """Share of the drafts without a double for which some case is told."""


def rates(found: Sequence[Scored], threshold: float) -> Rates:
    doubles = [one for one in found if one.own is not None]
    singles = [one for one in found if one.own is None]
    right = sum(one.own is not None and one.own >= threshold for one in doubles)
    wrong = sum(sum(value >= threshold for value in one.others) for one in found)
    alarms = sum(bool(one.others) and one.others[0] >= threshold for one in singles)
    return Rates(
        threshold,
        right / (right + wrong) if right + wrong else 1.0,
        right / len(doubles) if doubles else math.nan,
        alarms / len(singles) if singles else math.nan,
    )


def best_f1(found: Sequence[Scored]) -> float:
    """The threshold with the best F1: for a baseline, which has no threshold of its own."""
    values = sorted({one.own for one in found if one.own is not None})

    def f1(threshold: float) -> float:
        made = rates(found, threshold)
        return 2 * made.precision * made.recall / max(made.precision + made.recall, 1e-9)

    return max(values, key=f1)
