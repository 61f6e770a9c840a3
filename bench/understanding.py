"""What understanding and receipts cost: the whole search against a plain two-leg search over the same index, in one run.

    python bench/understanding.py            the development topics, on the present repository

The plain search is the shape that every hybrid search has: one embedding, FTS5's BM25, vectors for each language, a convex
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
from bounds import at_most
from relevance import TOPICS

from kb.index import PART_WEIGHT
from kb.migrations import FTS_TOKENIZER
from kb.repository import Repository
from kb.search.candidates import CANDIDATES
from kb.search.engine import PASSAGES_SHOWN, Request, Searcher
from kb.search.fuse import idf
from kb.search.query import parse_query
from kb.settings import load_settings
from kb.store import Store
from kb.text.normalise import normalise

SHOWN = 20
LEXICAL_WEIGHT = 0.4


def main() -> int:
    repository = Repository(load_settings())
    questions = [json.loads(line)["text"] for line in TOPICS.read_text(encoding="utf-8").splitlines() if line.strip()]
    with repository.store(readonly=True) as store:
        searcher = repository.searcher(store)
        index_words(store)
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
    at_most("the whole search, times a plain search of two legs", median(times[:, 1]) / median(times[:, 0]), 1.3)
    return 0


def clock(search: Callable[[Searcher, str], object], searcher: Searcher, question: str) -> float:
    started = time.perf_counter()
    search(searcher, question)
    return time.perf_counter() - started


def whole(searcher: Searcher, question: str) -> object:
    return searcher.search(Request(question, limit=SHOWN))


def index_words(store: Store) -> None:
    """The keyword index of the plain search, in memory."""
    store.database.execute(f"CREATE VIRTUAL TABLE temp.plain USING fts5(words, parts, content='', tokenize='{FTS_TOKENIZER}')")
    store.database.execute("INSERT INTO temp.plain (rowid, words, parts) SELECT id, words, parts FROM passages")
    store.database.execute("CREATE VIRTUAL TABLE temp.plain_words USING fts5vocab(temp, plain, row)")


KEYWORDS = """
    SELECT passages.id, record, -bm25(plain, 1.0, ?) AS score FROM temp.plain JOIN passages ON passages.id = plain.rowid
    WHERE plain MATCH ? ORDER BY score DESC LIMIT ?
"""


def plain(searcher: Searcher, question: str) -> list[tuple[str, float, list[list[tuple[int, int]]]]]:
    """A plain hybrid search with facets and highlights."""
    store, segmenter, catalogue = searcher.store, searcher.reader.segmenter, searcher.index.catalogue
    query = parse_query(question, segmenter)
    vector = searcher.space.project(searcher.encoder.encode([query.text], "query"), [query.language], "query")
    ideal = 2.2 * sum(idf(frequency(store, word), len(catalogue.rows)) for word in query.keywords)
    expression = " OR ".join(f'"{word}"' for word in (*query.keywords, *query.parts))
    found = store.database.execute(KEYWORDS, [PART_WEIGHT, expression, 2 * CANDIDATES]).fetchall()
    words = {row: min(score / ideal, 1.0) for row, _, score in found}
    scores: dict[int, float] = {}
    for language in searcher.index.vectors.languages:
        near, places = searcher.index.vectors.search(language, vector, CANDIDATES)
        rows = catalogue.rows[places[0]].tolist()
        scores |= {
            row: (1 - LEXICAL_WEIGHT) * score + LEXICAL_WEIGHT * words.get(row, 0.0)
            for row, score in zip(rows, near[0].tolist(), strict=True)
        }
    owners = dict(
        store.database.execute(
            "SELECT id, record FROM passages WHERE id IN (SELECT value FROM json_each(?))", [json.dumps([*scores])]
        )
    )
    best: dict[str, list[int]] = {}
    for passage in sorted(scores, key=lambda key: -scores[key]):
        best.setdefault(owners[passage], []).append(passage)
    page = list(best.items())[:SHOWN]
    store.rows([record for record, _ in page])
    counts = "SELECT facet, value, count(*) FROM facets WHERE record IN (SELECT value FROM json_each(?)) GROUP BY 1, 2"
    store.database.execute(counts, [json.dumps([*best])]).fetchall()
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


def frequency(store: Store, word: str) -> int:
    row = store.database.execute("SELECT doc FROM temp.plain_words WHERE term = ?", [word]).fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    sys.exit(main())
