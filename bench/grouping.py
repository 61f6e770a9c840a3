"""How well questions without a precedent are grouped by meaning across languages, by threshold.

    python bench/grouping.py

`bench/topics/unanswered-groups.tsv` has 20 subjects of four wordings each, two Thai and two English; ten subjects choose the
threshold, ten only test it. The questions without a precedent of `bench/topics` and `tests/relevance` are mixed in, each a group of
its own, though a few of them are about the same thing. Reported are pairs of wordings of one subject that came into one group
(recall, and between languages alone), and of pairs that came into one group those that are of one subject (precision).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from kb.desk.unanswered import THRESHOLD, clusters, question_vectors
from kb.repository import Repository
from kb.settings import load_settings

ROOT = Path(__file__).parent.parent
SINGLES = {"dev": ROOT / "bench/topics/practices-dev.jsonl", "test": ROOT / "tests/relevance/topics.jsonl"}


@dataclass(frozen=True)
class Row:
    subject: str
    language: str
    text: str


@dataclass(frozen=True)
class Figures:
    precision: float
    recall: float
    across: float
    f1: float


def main() -> int:
    repository = Repository(load_settings())
    print("set   threshold  precision  recall  th-en recall  F1")
    for part in ("dev", "test"):
        rows = [*subjects(part), *singles(SINGLES[part])]
        started = time.perf_counter()
        texts, languages = [row.text for row in rows], [row.language for row in rows]
        vectors = question_vectors(texts, languages, repository.encoder, repository.space)
        took = time.perf_counter() - started
        for step in range(20, 76, 5) if part == "dev" else [round(100 * THRESHOLD)]:
            found = figures(rows, clusters(vectors, step / 100))
            line = f"{found.precision:9.2f}  {found.recall:6.2f}  {found.across:12.2f}  {found.f1:.2f}"
            print(f"{part:5} {step / 100:9.2f}  {line}")
        print(f"{part}: {len(rows)} texts embedded in {took:.1f} s")
    return 0


def subjects(part: str) -> list[Row]:
    lines = (ROOT / "bench/topics/unanswered-groups.tsv").read_text(encoding="utf-8").splitlines()
    cells = [line.split("\t") for line in lines]
    return [Row(subject, language, text) for subject, given, language, text in cells if given == part]


def singles(path: Path) -> list[Row]:
    topics = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Row(topic["qid"], topic["lang"], topic["text"]) for topic in topics if topic["kind"] == "no-precedent"]


def figures(rows: Sequence[Row], found: Sequence[Sequence[int]]) -> Figures:
    place = {n: number for number, members in enumerate(found) for n in members}
    pairs = list(combinations(range(len(rows)), 2))
    same = {pair for pair in pairs if rows[pair[0]].subject == rows[pair[1]].subject}
    joined = {pair for pair in pairs if place[pair[0]] == place[pair[1]]}
    across = {pair for pair in same if rows[pair[0]].language != rows[pair[1]].language}
    precision = len(same & joined) / max(len(joined), 1)
    recall = len(same & joined) / len(same)
    return Figures(
        precision, recall, len(across & joined) / len(across), 2 * precision * recall / max(precision + recall, 1e-9)
    )


if __name__ == "__main__":
    sys.exit(main())
