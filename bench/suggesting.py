"""Suggestions while typing, at 100,000 titles and terms: what one keystroke costs on the server.

    python bench/suggesting.py

Entries are the repository's own titles, questions, agencies and terms, and as many made of their words as are missing. Every
beginning of every tenth own entry is typed, letter by letter, as a reader would. The baseline looks through all texts.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from statistics import median

from bounds import at_most

from kb.repository import Repository
from kb.search import suggest
from kb.settings import load_settings

ENTRIES = 100_000
TYPED = 2_000
SEED = 11


def main() -> int:
    repository = Repository(load_settings())
    with repository.store(readonly=True) as store:
        own = list(dict.fromkeys(repository._suggestions(store)))
    draw = random.Random(SEED)
    words = {
        language: [token for entry in own if entry.language == language for token in parts(repository, entry.text)]
        for language in ("th", "en")
    }
    entries = dict.fromkeys(own)
    while len(entries) < ENTRIES:
        language = draw.choice(("th", "en"))
        text = ("" if language == "th" else " ").join(draw.choices(words[language], k=draw.randint(2, 7)))
        entries[suggest.Entry(text, "", draw.choice(suggest.KINDS), language)] = None
    started = time.perf_counter()
    suggester = suggest.Suggester(*suggest.build(entries, repository.segmenter))
    print(f"{len(entries)} entries ({len(own)} own), made ready in {time.perf_counter() - started:.0f} s")
    beginnings = [entry.text[:length] for entry in own[::10] for length in range(1, min(len(entry.text), 25) + 1)]
    typed = draw.sample(beginnings, TYPED)
    texts = [entry.text.lower() for entry in entries]
    ours = [clock(suggester.suggest, text) for text in typed]
    plain = [clock(lambda text: [found for found in texts if text.lower() in found][:8], text) for text in typed[:200]]
    ours.sort()
    print(
        f"a keystroke: median {ours[len(ours) // 2]:.2f} ms, p95 {ours[int(0.95 * len(ours))]:.2f} ms, most {ours[-1]:.2f} ms"
    )
    at_most(f"a keystroke among {len(entries):,} entries, p95", ours[int(0.95 * len(ours))], 30, " ms")
    print(f"looking through all texts: median {median(plain):.2f} ms, ratio {median(plain) / median(ours):.0f}")
    return 0


def parts(repository: Repository, text: str) -> list[str]:
    return [text[token.start : token.end] for token in repository.segmenter.tokens(text)]


def clock(work: Callable[[str], object], text: str) -> float:
    started = time.perf_counter()
    work(text)
    return 1e3 * (time.perf_counter() - started)


if __name__ == "__main__":
    sys.exit(main())
