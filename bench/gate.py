"""The gate against double cases: how alike a draft in one language is to its own case told in the other one, and to others.

    python bench/gate.py

Every practice's Thai face is a draft. Against English passages only, which is the hard case (somebody hands in in Thai what is
there in English), the likeness to the case itself counts; against Thai passages only that to other cases does, because the case
itself is the same text there. Prints quantiles, and what each bound finds.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kb.desk.gate import LIKE_ACROSS, LIKE_WITHIN, VERY, told
from kb.records import Practice
from kb.repository import Repository
from kb.search.engine import Searcher
from kb.settings import load_settings
from kb.text.normalise import normalise
from kb.text.sentences import pack, sentences

BOUNDS = (0.35, LIKE_ACROSS, 0.45, LIKE_WITHIN, VERY)
QUANTILES = (0, 0.05, 0.25, 0.5, 0.75, 0.95, 1)


def main() -> None:
    repository = Repository(load_settings())
    with repository.store(readonly=True) as store:
        searcher = repository.searcher(store)
        practices = [practice for practice, _, _ in store.practices() if len(practice.faces) == 2]
        for language in ("en", "th"):
            report(language, [likeness(searcher, practice, language) for practice in practices])


def report(language: str, scores: list[tuple[float, float]]) -> None:
    own, other = (np.array(column) for column in zip(*scores, strict=True))
    print(f"{len(own)} drafts in Thai against passages in {language}")
    for name, values in (("the case itself", own), ("most alike other", other)):
        print(f"{name:18}", *(f"{value:.3f}" for value in np.quantile(values, QUANTILES)))
    for bound in BOUNDS:
        found, vain = np.mean(own >= bound), np.mean(other >= bound)
        print(f"from {bound:.2f} on: {found:.2f} of the same found, {vain:.2f} asked in vain")


def likeness(searcher: Searcher, practice: Practice, language: str) -> tuple[float, float]:
    """(of the case itself, of the most alike other one), as `kb.search.similar` scores it."""
    text = normalise(told(replace(practice, faces={"th": practice.faces["th"]})))
    pieces = [text[start:end] for start, end in pack(sentences(text), 700)][:24]
    vectors = searcher.space.project(searcher.encoder.encode(pieces, "document"), ["th"] * len(pieces), "document")
    scores, rows = searcher.index.vectors.search(language, vectors, 100)
    catalogue, floors = searcher.index.catalogue, scores.min(axis=1)
    nearest: dict[int, dict[int, float]] = {}
    for number in range(len(pieces)):
        for score, row in zip(scores[number], rows[number], strict=True):
            if row >= 0:
                found = nearest.setdefault(int(catalogue.owners[row]), {})
                found[number] = max(found.get(number, -1.0), float(score))
    totals = {
        record: float(np.mean([found.get(number, floors[number]) for number in range(len(pieces))]))
        for record, found in nearest.items()
    }
    own = catalogue.ordinal(practice.id)
    return totals.get(own, 0.0) if own is not None else 0.0, max((v for k, v in totals.items() if k != own), default=0.0)


if __name__ == "__main__":
    main()
