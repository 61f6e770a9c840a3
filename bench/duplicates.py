"""How well and how fast the gate against double cases works; fits its model.

    python bench/duplicates.py            measure the shipped model
    python bench/duplicates.py --write    fit, choose the thresholds, write kb/data/duplicates.json, and measure
    python bench/duplicates.py --speed    only what a keystroke costs, at thousands of records

The labelled drafts (`tests/desk/duplicates`, and what is made of the corpus) are parted by the checksum of their case: half is
learnt from, the other half is reported. A draft counts once: right where its case is told, wrong for each other case told.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from double_cases import Judged, best_f1, chances, fitted, half, judge, rates, scored, valued
from labelled import drafts

from kb.desk.duplicates import find, ranked
from kb.desk.prepared import Signatures
from kb.desk.sameness import SIGNALS, VERSION, Sameness, sameness
from kb.desk.signatures import Signature
from kb.encoder import Encoder
from kb.repository import Repository
from kb.settings import load_settings

MODEL = Path(__file__).parent.parent / "kb" / "data" / "duplicates.json"
RATES = ("precision", "recall", "false_alarm")
SIZES = (1_000, 5_000)


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


def described(model: Sameness, others: Sequence[Judged]) -> dict[str, Any]:
    """The file: weights, thresholds, and the curve of each kind of draft, on the half that was not learnt from."""
    found = scored(others, "model", model)
    grid = [0.02, 0.05, *(round(0.1 * step, 1) for step in range(1, 10)), 0.95, 0.98]
    curves = {}
    for kind in sorted({one.kind for one in found}):
        made = [rates([one for one in found if one.kind == kind], threshold) for threshold in grid]
        curves[kind] = {
            "thresholds": grid,
            **{
                name: [None if math.isnan(v := getattr(one, name)) else round(v, 4) for one in made]
                for name in ("precision", "recall", "false_alarm")
            },
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
        print(
            pair,
            " ".join(f"{name} {value:.2f}" for name, value in zip(("constant", *SIGNALS), model.weights[pair], strict=True)),
        )
    table(others, model)
    compare(others, model)
    hard(others, model)
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
            cells += [
                shown(made.precision if not math.isnan(made.recall) else math.nan),
                shown(made.recall),
                shown(made.false_alarm),
            ]
        print(f"| {kind} | {len(own)} | {' | '.join(cells)} |")


def compare(others: Sequence[Judged], model: Sameness) -> None:
    """The model against its two strongest signals alone, at their own best thresholds."""
    print("\n| method | threshold | precision | recall | false alarms |\n|---|---|---|---|---|")
    for method in ("model", "cosine alone", "title overlap alone"):
        values = scored(others, method, model)
        thresholds = [model.likely] if method == "model" else [best_f1(values)]
        for threshold in thresholds:
            made = rates(values, threshold)
            print(
                f"| {method} | {threshold:.3f} | {shown(made.precision)} | {shown(made.recall)} | {shown(made.false_alarm)} |"
            )


def hard(others: Sequence[Judged], model: Sameness) -> None:
    """How many pairs of different cases that are related, or near by hand, are told as one."""
    print("\n| method | related pairs looked at | told as likely | told as possible |\n|---|---|---|---|")
    near = [one for one in others if not one.draft.case]
    for method, thresholds in (
        ("model", (model.likely, model.possible)),
        ("cosine alone", (best_f1(scored(others, "cosine alone", model)),) * 2),
    ):
        values = [
            float(value)
            for one in near
            for key, value in zip(one.ids, valued(one, method, model), strict=True)
            if key in one.draft.near
        ]
        print(f"| {method} | {len(values)} | {' | '.join(str(sum(value >= t for value in values)) for t in thresholds)} |")


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
        whole_times, compared = [], []
        for number, text in enumerate(texts):
            face = text.faces["th" if number % 2 else "en"]
            draft = replace(text, id="", faces={face.language: replace(face, title=f"{face.title} {number}")})
            started = time.perf_counter()
            find(draft, among)
            whole_times.append(1e3 * (time.perf_counter() - started))
            signed = among.reading.sign([draft])[0]
            started = time.thread_time()
            ranked(signed, among)
            compared.append(1e3 * (time.thread_time() - started))
        whole_times.sort()
        p95 = whole_times[int(0.95 * len(whole_times))]
        print(f"{size} practices: median {median(whole_times):.0f} ms, p95 {p95:.0f} ms", end="")
        print(f"; of which comparing takes {median(compared):.0f} ms of processor time")


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
