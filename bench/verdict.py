"""How the thresholds of "no close precedent" were chosen: the evidence of answerable and unanswerable development topics.

    python bench/verdict.py

The topics in each language are asked of copies of the corpus that hold one face only. For each pair of languages the script
prints, for several rates of false alarm (a precedent exists, the page says there is none), the threshold and how many of the
unanswerable questions it recognises. `kb.search.engine.CLOSE` holds the chosen ones.
"""

from __future__ import annotations

import json
import sys

import numpy as np
from relevance import TOPICS, copy_with_faces

from kb.records import LANGUAGES
from kb.repository import Repository
from kb.search.engine import CLOSE
from kb.settings import load_settings

RATES = (0.02, 0.05, 0.08, 0.10, 0.15)


def main() -> int:
    repository = Repository(load_settings())
    rows = [json.loads(line) for line in TOPICS.read_text(encoding="utf-8").splitlines() if line.strip()]
    for face in LANGUAGES:
        with copy_with_faces(repository, (face,)) as searcher:
            for asked in LANGUAGES:
                found = [(bool(row["relevant"]), searcher.evidence(row["text"])[0]) for row in rows if row["lang"] == asked]
                show(
                    asked,
                    face,
                    np.array([v for some, v in found if some]),
                    np.array([v for some, v in found if not some]),
                )
    return 0


def show(asked: str, face: str, some: np.ndarray, none: np.ndarray) -> None:
    print(f"{asked} -> {face}: {len(some)} answerable (median {np.median(some):.3f}), {len(none)} not ({np.median(none):.3f})")
    for rate in RATES:
        threshold = float(np.quantile(some, rate))
        print(f"  false alarm {rate:4.0%}: threshold {threshold:.3f}, recognised {np.mean(none < threshold):4.0%}")
    chosen = CLOSE[asked, face]
    print(f"  chosen {chosen}: false alarm {np.mean(some < chosen):4.0%}, recognised {np.mean(none < chosen):4.0%}")


if __name__ == "__main__":
    sys.exit(main())
