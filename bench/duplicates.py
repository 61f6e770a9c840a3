"""How well and how fast the gate against double cases works; fits its model.

    python bench/duplicates.py            measure the shipped model
    python bench/duplicates.py --write    fit, choose the thresholds, write kb/data/duplicates.json, and measure
    python bench/duplicates.py --speed    only what a keystroke costs, at thousands of records

The labelled drafts (`tests/desk/duplicates`, and what is made of the corpus) are parted by the checksum of their case: half is
learnt from, the other half is reported. A draft counts once: right where its case is told, wrong for each other case told.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from labelled import Draft, drafts, without_face

from kb.desk.duplicates import LOOKED_AT, find
from kb.desk.prepared import Signatures
from kb.desk.sameness import SIGNALS, VERSION, Pair, Sameness, sameness, signals
from kb.desk.signatures import Signature
from kb.encoder import Encoder
from kb.records import Practice
from kb.repository import Repository
from kb.settings import load_settings

MODEL = Path(__file__).parent.parent / "kb" / "data" / "duplicates.json"
RIDGE = 3.0
"""Weight of the squares of the weights, of signals at mean 0 and variance 1, against that of one draft."""
MOST_FALSE = 0.02
"""Share of drafts without a double for which a case may be told wrongly as likely."""
RECALL = 0.98
"""Share of doubles that have to be told as possible."""
WHOLE = ("reworded, same language", "reworded, other language", "other face")
"""Kinds of drafts with title and summary, that the thresholds are chosen from; parts of texts are reported beside them."""
SIZES = (1_000, 5_000)


@dataclass(frozen=True)
class Judged:
    """A draft with all that it was compared with: kind of pair, signals, and whether it is the draft's case."""

    draft: Draft
    pairs: tuple[Pair, ...]
    signals: np.ndarray
    same: np.ndarray
    ids: tuple[str, ...]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--write", action="store_true")
    options.add_argument("--speed", action="store_true")
    chosen = options.parse_args()
    repository = Repository(load_settings())
    with repository.store(readonly=True) as store:
        started = time.perf_counter()
        whole = Signatures.of(repository.searcher(store))
        print(f"{len(whole.all)} practices signed in {time.perf_counter() - started:.1f} s")
        if chosen.speed:
            speed(whole, repository.encoder)
            return 0
        practices = {practice.id: practice for practice, _, _ in store.practices()}
        judged = list(judge(drafts(practices), whole, practices))
    learnt = [one for one in judged if half(one.draft) == 0]
    others = [one for one in judged if half(one.draft) == 1]
    model = sameness() if not chosen.write else fitted(learnt)
    if chosen.write:
        MODEL.write_text(json.dumps(described(model, others), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        sameness.cache_clear()
    report(others, model)
    if chosen.write:
        print("\nThe halves swapped: learnt from the other half\n")
        table(learnt, fitted(others))
    return 0


def half(draft: Draft) -> int:
    """0 for drafts that are learnt from, 1 for those reported: by the case, so that all texts of one case stay together."""
    return hashlib.sha256(draft.about.encode()).digest()[0] % 2


def judge(labelled: Sequence[Draft], whole: Signatures, practices: dict[str, Practice]) -> Iterator[Judged]:
    """Compare every draft with what it is to be looked for among."""
    signed = whole.reading.sign([one.practice for one in labelled])
    views = {"both": whole, **{side: one_sided(whole, side, practices) for side in ("th", "en")}}
    for draft, signature in zip(labelled, signed, strict=True):
        among = views[draft.among]
        found = [
            (other.id, *made)
            for other in (among.all[place] for place in among.nearest(signature, LOOKED_AT))
            if other.id not in draft.without and (made := signals(signature, other, among.rarity, among.wording))
        ]
        if draft.case and draft.case not in {key for key, _, _ in found}:
            print(f"not looked at: {draft.kind} {draft.name}")
        yield Judged(
            draft,
            tuple(pair for _, pair, _ in found),
            np.array([values for _, _, values in found]).reshape(-1, len(SIGNALS)),
            np.array([key == draft.case for key, _, _ in found]),
            tuple(key for key, _, _ in found),
        )


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


def scored(judged: Iterable[Judged], method: str, model: Sameness) -> list[Scored]:
    found = []
    for one in judged:
        values = {
            "model": lambda one: chances(one, model),
            "cosine alone": lambda one: one.signals[:, SIGNALS.index("meaning")],
            "title overlap alone": lambda one: one.signals[:, SIGNALS.index("title")],
        }[method](one)
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


def described(model: Sameness, others: Sequence[Judged]) -> dict[str, Any]:
    """The file: weights, thresholds, and the curve of each kind of draft, on the half that was not learnt from."""
    found = scored(others, "model", model)
    grid = [0.02, 0.05, *(round(0.1 * step, 1) for step in range(1, 10)), 0.95, 0.98]
    curves = {}
    for kind in sorted({one.kind for one in found}):
        made = [rates([one for one in found if one.kind == kind], threshold) for threshold in grid]
        curves[kind] = {
            "thresholds": grid,
            **{name: [None if math.isnan(v := getattr(one, name)) else round(v, 4) for one in made] for name in ("precision", "recall", "false_alarm")},
        }
    return {
        "version": VERSION,
        "signals": list(SIGNALS),
        "weights": {pair: list(values) for pair, values in model.weights.items()},
        "possible": model.possible,
        "likely": model.likely,
        "curves": curves,
    }


def report(others: Sequence[Judged], model: Sameness) -> None:
    """Tables for `docs/desk.md`."""
    for pair in ("same", "cross"):
        print(pair, " ".join(f"{name} {value:.2f}" for name, value in zip(("constant", *SIGNALS), model.weights[pair], strict=True)))
    table(others, model)
    compare(others, model)
    tell(others, model)


def table(judged: Sequence[Judged], model: Sameness) -> None:
    """Precision, recall and false alarms by kind of draft."""
    found = scored(judged, "model", model)
    kinds = sorted({one.kind for one in found})
    print(f"\npossible from {model.possible}, likely from {model.likely}\n")
    print("| drafts | number | likely: precision | recall | false alarms | possible: precision | recall | false alarms |")
    print("|---|---|---|---|---|---|---|---|")
    for kind in [*kinds, "all"]:
        own = [one for one in found if kind in (one.kind, "all")]
        cells = []
        for threshold in (model.likely, model.possible):
            made = rates(own, threshold)
            cells += [shown(made.precision if not math.isnan(made.recall) else math.nan), shown(made.recall), shown(made.false_alarm)]
        print(f"| {kind} | {len(own)} | {' | '.join(cells)} |")


def compare(others: Sequence[Judged], model: Sameness) -> None:
    """The model against its two strongest signals alone, at their own best thresholds."""
    print("\n| method | threshold | precision | recall | false alarms |\n|---|---|---|---|---|")
    for method in ("model", "cosine alone", "title overlap alone"):
        values = scored(others, method, model)
        thresholds = [model.likely] if method == "model" else [best_f1(values)]
        for threshold in thresholds:
            made = rates(values, threshold)
            print(f"| {method} | {threshold:.3f} | {shown(made.precision)} | {shown(made.recall)} | {shown(made.false_alarm)} |")


def tell(others: Sequence[Judged], model: Sameness) -> None:
    """Every draft that went wrong."""
    for one in others:
        values = chances(one, model)
        for key, value, same in zip(one.ids, values, one.same, strict=True):
            if same and value < model.possible:
                print(f"missed: {one.draft.kind} {one.draft.name} {value:.4f}")
            elif same and value < model.likely:
                print(f"only possible: {one.draft.kind} {one.draft.name} {value:.3f}")
            elif not same and value >= model.likely:
                print(f"wrong: {one.draft.kind} {one.draft.name} {key} {value:.3f}")


def shown(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"


def speed(whole: Signatures, encoder: Encoder) -> None:
    """A keystroke: title and summary of a draft, each time another text, among thousands of practices."""
    encoder.warm()
    for size in SIZES:
        among = Signatures(whole.reading, crowd(whole.all, size))
        texts = [one.practice for one in whole.all[:: len(whole.all) // 40]]
        find(texts[0], among)
        times = []
        for text in texts:
            face = text.faces["th" if len(times) % 2 else "en"]
            draft = replace(text, id="", faces={face.language: replace(face, title=f"{face.title} {len(times)}")})
            started = time.perf_counter()
            find(draft, among)
            times.append(1e3 * (time.perf_counter() - started))
        times.sort()
        print(f"{size} practices: median {times[len(times) // 2]:.0f} ms, p95 {times[int(0.95 * len(times))]:.0f} ms")


def crowd(signatures: Sequence[Signature], size: int) -> Iterator[Signature]:
    """Copies of the practices with vectors moved at random and half of their names, so that they are not one another."""
    draw = np.random.default_rng(7)
    for number in range(size):
        one = signatures[number % len(signatures)]
        if number < len(signatures):
            yield one
            continue
        faces = {}
        for language, face in one.faces.items():
            head = face.vectors.head + draw.normal(0, 0.06, len(face.vectors.head)).astype(np.float32)
            head /= np.linalg.norm(head)
            faces[language] = replace(face, vectors=replace(face.vectors, head=head, whole=head), head=face.head[::2])
        yield replace(one, id=f"{one.id}-{number}", faces=faces, names=frozenset(sorted(one.names)[::2]))


if __name__ == "__main__":
    sys.exit(main())
