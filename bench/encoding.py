"""Encoding: the prepared runtime against sentence-transformers with torch in fp32, the same model, in one run.

    python bench/encoding.py             speed, memory and agreement, each side in a process of its own
    KB_EVAL=folder python bench/encoding.py      relevance on the test sets in it as well

Passages are those of the corpus, in the order of the files; both sides sort by length for themselves. Questions are the
development topics, one at a time. The sides take turns, so that a noisy machine disturbs both.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from bounds import at_least, at_most

from kb.corpus import practice_files, read_practice
from kb.encoder import RuntimeEncoder, open_encoder, open_sentence_transformer
from kb.evaluate import evaluate_beir
from kb.ingest.passages import cut, embedded_text
from kb.ingest.progress import Progress
from kb.repository import Repository
from kb.settings import load_settings

PASSAGES = 512
QUESTIONS = 64
ROUNDS = 5
TOPICS = Path(__file__).parent / "topics" / "practices-dev.jsonl"


def main() -> None:
    if sys.argv[1:2] == ["side"]:
        print(json.dumps(measure(sys.argv[2])))
        return
    encoder = open_encoder(load_settings())
    if not isinstance(encoder, RuntimeEncoder):
        sys.exit("no prepared runtime; run: kb model")
    rounds = [{side: run(side) for side in ("torch", "runtime")} for _ in range(ROUNDS)]
    print(f"{os.cpu_count()} cores, model {encoder.fingerprint}, {PASSAGES} passages, {QUESTIONS} questions, {ROUNDS} rounds\n")
    print("                        torch fp32      runtime     ratio (median of rounds)")
    ratios = {}
    for name, key, better in (
        ("passages/s", "passages", 1),
        ("question, ms", "question", -1),
        ("question, p95 ms", "question_p95", -1),
        ("ready after, s", "ready", -1),
        ("peak memory, MB", "memory", -1),
    ):
        torch, own = ([one[side][key] for one in rounds] for side in ("torch", "runtime"))
        ratios[key] = statistics.median((b / a) ** better for a, b in zip(torch, own, strict=True))
        print(f"{name:20s} {statistics.median(torch):12.1f} {statistics.median(own):12.1f} {ratios[key]:9.2f}")
    print(f"\nagreement: {agreement()}")
    at_least("encoding passages, times the speed of torch in fp32", ratios["passages"], 3.5)
    at_least("encoding a question, times the speed of torch in fp32", ratios["question"], 4)
    at_least("peak memory of torch in fp32, times ours", ratios["memory"], 1)
    if folder := os.environ.get("KB_EVAL"):
        relevance(Path(folder))


def run(side: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, __file__, "side", side], check=True, capture_output=True, text=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def encoder_of(side: str) -> Any:
    settings = load_settings()
    return open_sentence_transformer(settings) if side == "torch" else open_encoder(settings)


def measure(side: str) -> dict[str, float]:
    texts, questions = passages(), asked()
    start = time.perf_counter()
    encoder = encoder_of(side)
    encoder.encode(questions[:1], "query")
    ready = time.perf_counter() - start
    encoder.warm()
    encoder.encode(texts[:32], "document")
    start = time.perf_counter()
    encoder.encode(texts, "document")
    speed = len(texts) / (time.perf_counter() - start)
    for question in questions:  # every length once: what a shape needs is prepared when it is first seen
        encoder.encode([question], "query")
    times = []
    for question in questions:
        start = time.perf_counter()
        encoder.encode([question], "query")
        times.append(1e3 * (time.perf_counter() - start))
    times.sort()
    return {
        "passages": speed,
        "question": statistics.median(times),
        "question_p95": times[int(0.95 * len(times))],
        "ready": ready,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def agreement() -> str:
    one, other = (np.asarray(encoder_of(side).encode(passages(), "document")) for side in ("torch", "runtime"))
    cosines = np.sum(one * other, axis=1)
    return f"cosine at least {cosines.min():.4f}, {cosines.mean():.5f} in the mean"


def relevance(folder: Path) -> None:
    print("\nnDCG@10                 torch fp32      runtime")
    for place in sorted(path.parent for path in folder.glob("*/corpus.jsonl")):
        found = []
        for side in ("torch", "runtime"):
            repository = Repository(load_settings(), encoder_of(side))
            found.append(evaluate_beir(place, repository, None, Progress(quiet=True))["overall"]["ndcg@10"])
        print(f"{place.name:20s} {found[0]:12.4f} {found[1]:12.4f} {found[1] - found[0]:+9.4f}")
        at_most(f"{place.name}, nDCG@10 that the prepared runtime loses or gains", abs(found[1] - found[0]), 0.003)


def passages() -> list[str]:
    repository = Repository(load_settings())
    practices = (read_practice(path, repository.taxonomy) for path in practice_files(repository.settings.corpus))
    texts = (embedded_text(passage) for practice in practices for passage in cut(practice))
    return list(islice(texts, PASSAGES))


def asked() -> list[str]:
    lines = TOPICS.read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines[:: len(lines) // QUESTIONS]][:QUESTIONS]


if __name__ == "__main__":
    main()
