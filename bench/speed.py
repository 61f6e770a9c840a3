"""Speed beside a baseline in the same process: sentence-transformers in torch fp32, used in the plainest way.

    python bench/speed.py

Indexing: passages of the corpus through the production encoder (sorted by length, full batches) against the baseline's `encode`
of the same texts in file order. Queries: the development topics, distinct, through the whole search and through its parts. Cold
start: `kb search` in a new process. Machines are noisy: read the ratios, not the seconds.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer

from kb.corpus import practice_files, read_practice
from kb.encoder import open_sentence_transformer
from kb.ingest.passages import cut, embedded_text
from kb.repository import Repository
from kb.search.engine import Request
from kb.settings import load_settings

TOPICS = Path(__file__).parent / "topics" / "practices-dev.jsonl"
PASSAGES = 256


def main() -> int:
    settings = load_settings()
    repository = Repository(settings)
    encoder = repository.encoder
    baseline: SentenceTransformer = open_sentence_transformer(settings).load()
    print(f"machine: {platform.processor() or platform.machine()}, {os.cpu_count()} cores; model {encoder.fingerprint}")

    practices = [read_practice(path, repository.taxonomy) for path in practice_files(settings.corpus)]
    texts = [embedded_text(passage) for practice in practices for passage in cut(practice)][:PASSAGES]
    encoder.encode(texts[:16], "document")
    ours = timed(lambda: encoder.encode(sorted(texts, key=len), "document"))
    plain = timed(lambda: baseline.encode(texts, prompt_name="document", batch_size=32, show_progress_bar=False))
    print(f"indexing: {len(texts) / ours:.1f} passages/s, baseline {len(texts) / plain:.1f}/s, ratio {plain / ours:.2f}")

    questions = [json.loads(line)["text"] for line in TOPICS.read_text(encoding="utf-8").splitlines() if line.strip()]
    with repository.store(readonly=True) as store:
        searcher = repository.searcher(store)
        searcher.search(Request("warm up"))
        whole = [timed(lambda q=q: searcher.search(Request(q))) for q in questions]
        cached = [timed(lambda q=q: searcher.search(Request(q))) for q in questions]
        ranking = [timed(lambda q=q: searcher.rank(q, 20)) for q in questions]
        bare = [timed(lambda q=q: baseline.encode([q], prompt_name="query", show_progress_bar=False)) for q in questions]
    report("query, whole answer", whole, bare)
    report("query, vector known", cached, bare)
    report("query, ranking only, vector known", ranking, bare)
    print(f"  baseline: encode one query, p50 {percentile(bare, 50):.0f} ms, p95 {percentile(bare, 95):.0f} ms")

    search = f"from kb.cli import run; run(['search', {questions[0]!r}, '--limit', '3'])"
    load = f"from sentence_transformers import SentenceTransformer as S; S({encoder._name!r}).encode(['x'])"
    ours_cold, ours_memory = cold(search)
    plain_cold, plain_memory = cold(load)
    print(
        f"cold start: kb search {ours_cold:.1f} s, baseline (import, load, one query) {plain_cold:.1f} s, "
        f"ratio {plain_cold / ours_cold:.2f}"
    )
    print(
        f"peak memory: kb search {ours_memory:.0f} MB, baseline {plain_memory:.0f} MB, ratio {ours_memory / plain_memory:.2f}"
    )
    return 0


def cold(code: str) -> tuple[float, float]:
    """Seconds (best of three) and peak megabytes of a new Python process that runs `code`."""
    measured = f"{code}\nimport resource, sys; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    seconds, memory = [], 0.0
    for _ in range(3):
        started = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", measured], check=True, capture_output=True, text=True)
        seconds.append(time.perf_counter() - started)
        memory = int(done.stderr.split()[-1]) / 1024
    return min(seconds), memory


def timed(work) -> float:  # type: ignore[no-untyped-def]
    """Seconds that a call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def percentile(seconds: list[float], rank: float) -> float:
    return float(np.percentile(seconds, rank)) * 1000


def report(name: str, seconds: list[float], baseline: list[float]) -> None:
    ratio = percentile(seconds, 50) / percentile(baseline, 50)
    print(f"{name}: p50 {percentile(seconds, 50):.0f} ms, p95 {percentile(seconds, 95):.0f} ms ({ratio:.2f} x baseline p50)")


if __name__ == "__main__":
    sys.exit(main())
