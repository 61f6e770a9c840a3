"""What understanding and receipts cost: the whole search against a plain two-leg search over the same index, in one run.

    python bench/understanding.py            the development topics, on the present repository

The plain search is the shape that every hybrid search has: one embedding, BM25 and vectors for each language, a convex
combination, records by their best passage, and the words of the question highlighted by segmenting the passages shown. Both
answer the same questions in turn, each question first by one, then by the other, alternating; medians of the times and of
their ratios are printed.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from statistics import median

import numpy as np
from relevance import TOPICS

from kb.repository import Repository
from kb.search.engine import CANDIDATES, PART_WEIGHT, PASSAGES_SHOWN, Request, Searcher
from kb.search.fuse import coverage
from kb.search.query import expression, parse_query
from kb.settings import load_settings
from kb.text.normalise import normalise

SHOWN = 20
LEXICAL_WEIGHT = 0.4


def main() -> int:
    repository = Repository(load_settings())
    questions = [json.loads(line)["text"] for line in TOPICS.read_text(encoding="utf-8").splitlines() if line.strip()]
    with repository.store(readonly=True) as store:
        searcher = repository.searcher(store)
        for question in questions[:5]:
            plain(searcher, question)
            searcher.search(Request(question))
        rows = []
        for number, question in enumerate(questions):
            searcher._cache.clear()
            timed = [(plain, 0), (whole, 1)] if number % 2 else [(whole, 1), (plain, 0)]
            seconds = [0.0, 0.0]
            for search, place in timed:
                searcher._cache.clear()
                seconds[place] = clock(search, searcher, question)
            rows.append(seconds)
    times = np.array(rows) * 1000
    print(f"{len(questions)} questions, model {repository.encoder.fingerprint}")
    for name, column in (("plain two-leg search", times[:, 0]), ("whole search", times[:, 1])):
        print(f"{name:22} p50 {np.percentile(column, 50):7.1f} ms   p95 {np.percentile(column, 95):7.1f} ms")
    ratio = times[:, 1] / times[:, 0]
    print(
        f"ratio of each question  median {median(ratio):.2f}   of the medians {median(times[:, 1]) / median(times[:, 0]):.2f}"
    )
    return 0


def clock(search: Callable[[Searcher, str], object], searcher: Searcher, question: str) -> float:
    started = time.perf_counter()
    search(searcher, question)
    return time.perf_counter() - started


def whole(searcher: Searcher, question: str) -> object:
    return searcher.search(Request(question, limit=SHOWN))


def plain(searcher: Searcher, question: str) -> list[tuple[str, float, list[list[tuple[int, int]]]]]:
    """A plain hybrid search with facets and highlights, made of the same parts."""
    store, segmenter = searcher.store, searcher.reader.segmenter
    query = parse_query(question, segmenter)
    vector = searcher.space.project(searcher.encoder.encode([query.text], "query"), [query.language], "query")
    counts, total = store.frequencies(query.keywords)
    words = {
        hit.passage: coverage(hit.score, list(counts.values()), total)
        for hit in store.lexical(expression(query), CANDIDATES * 2, PART_WEIGHT)
    }
    scores: dict[int, float] = {}
    for language in searcher.index.languages:
        found, rows = searcher.index.search(language, vector, CANDIDATES)
        scores |= {
            int(row): (1 - LEXICAL_WEIGHT) * float(score) + LEXICAL_WEIGHT * words.get(int(row), 0.0)
            for score, row in zip(found[0], rows[0], strict=True)
        }
    owners = store.owners(list(scores))
    best: dict[str, list[int]] = {}
    for passage in sorted(scores, key=lambda key: -scores[key]):
        best.setdefault(owners[passage], []).append(passage)
    page = list(best.items())[:SHOWN]
    store.rows([record for record, _ in page])
    store.facet_values(best)
    texts = store.passages([passage for _, passages in page for passage in passages[:PASSAGES_SHOWN]])
    terms = {*query.keywords, *query.parts}
    return [
        (
            record,
            scores[passages[0]],
            [
                [(t.start, t.end) for t in segmenter.tokens(normalise(texts[passage].text)) if t.term in terms]
                for passage in passages[:PASSAGES_SHOWN]
            ],
        )
        for record, passages in page
    ]


if __name__ == "__main__":
    sys.exit(main())
