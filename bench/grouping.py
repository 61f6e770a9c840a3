"""How well questions without a precedent are grouped by meaning across languages, by threshold.

    python bench/grouping.py

`bench/topics/unanswered-groups.tsv` has 20 subjects of four wordings each, two Thai and two English; ten subjects choose the
threshold, ten only test it. The questions without a precedent of `bench/topics` and `tests/relevance` are mixed in, each a
group of its own unless a line `qid` puts it to a subject. Reported are pairs of one subject that came into one group (recall,
and between languages alone), and of pairs that came into one group those that are of one subject (precision).
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
        rows = [*subjects(part), *singles(part)]
        started = time.perf_counter()
        texts, languages = [row.text for row in rows], [row.language for row in rows]
        vectors = question_vectors(texts, languages, repository.encoder, repository.space)
        took = time.perf_counter() - started
        for step in [26, 29, 32, *range(34, 42), 44, 47, 50] if part == "dev" else [round(100 * THRESHOLD)]:
            found = figures(rows, clusters(vectors, step / 100))
            line = f"{found.precision:9.2f}  {found.recall:6.2f}  {found.across:12.2f}  {found.f1:.2f}"
            print(f"{part:5} {step / 100:9.2f}  {line}")
        print(f"{part}: {len(rows)} texts embedded in {took:.1f} s")
    return 0


def subjects(part: str) -> list[Row]:
    return [Row(subject, kind, text) for subject, given, kind, text in lines() if given == part and kind != "qid"]


def singles(part: str) -> list[Row]:
    """Questions without a precedent, each a subject of its own unless a line says otherwise."""
    of = {text: subject for subject, _, kind, text in lines() if kind == "qid"}
    topics = [json.loads(line) for line in SINGLES[part].read_text(encoding="utf-8").splitlines()]
    none = [topic for topic in topics if topic["kind"] == "no-precedent"]
    return [Row(of.get(topic["qid"], topic["qid"]), topic["lang"], topic["text"]) for topic in none]


def lines() -> list[list[str]]:
    text = (ROOT / "bench/topics/unanswered-groups.tsv").read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines()]


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
