"""The benchmark beside other tools, as far as it can be tested without them."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import bench_peers
import numpy as np
import pytest
from peers import datasets, report
from peers.fts5 import Fts5, Fts5Trigram
from peers.protocol import OURS, PEERS, Corpus

FOLDER = Path(__file__).parent.parent.parent / "bench" / "peers"
TEXTS = ["น้ำท่วมและการเตือนภัย", "Flood warning by radio", "A one-stop service for licences"]


@pytest.mark.parametrize("peer", list(PEERS))
def test_an_adapter_is_small_and_has_the_three_methods(peer: str) -> None:
    source = (FOLDER / f"{PEERS[peer].module}.py").read_text(encoding="utf-8")
    classes = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)}
    kind = classes[PEERS[peer].kind]
    bases = [classes[base.id] for base in kind.bases if isinstance(base, ast.Name)]
    methods = {node.name for one in (kind, *bases) for node in one.body if isinstance(node, ast.FunctionDef)}
    assert {"index", "open", "search"} <= methods
    assert peer == OURS or source.count("\n") < 80


def test_every_tool_is_pinned_and_nothing_needs_a_graphics_card() -> None:
    lines = (FOLDER / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines if not line.startswith("#"))
    exact = (FOLDER / "constraints.txt").read_text(encoding="utf-8")
    assert {entry.distribution for entry in PEERS.values() if entry.distribution} <= set(pinned)
    assert all(f"{name}=={version}\n" in exact for name, version in pinned.items())
    assert not any(word in exact for word in ("nvidia", "triton", "cuda"))


@pytest.mark.parametrize(
    ("kind", "question", "found"),
    [
        (Fts5, "flood radio", [1]),
        (Fts5, "เตือนภัย", []),  # unicode61 knows no word inside Thai
        (Fts5Trigram, "เตือนภัย", [0]),
        (Fts5, '"licences', [2]),
        (Fts5, "?", []),
    ],
)
def test_sqlite_finds_what_its_tokens_can(tmp_path: Path, kind: type[Fts5], question: str, found: list[int]) -> None:
    writer = kind(tmp_path, lambda _: np.zeros(2, dtype=np.float32))
    writer.index(Corpus(TEXTS, np.zeros((3, 2), dtype=np.float32), "test"))
    reader = kind(tmp_path, lambda _: np.zeros(2, dtype=np.float32))
    reader.open()
    assert list(reader.search(question, 10)) == found


def test_a_tool_that_fails_is_reported_with_its_error(tmp_path: Path) -> None:
    answer = bench_peers.run({"work": "no such work"}, tmp_path, Path(sys.executable), 60)
    assert "no such work" in answer["error"]


def test_a_record_stands_where_its_best_passage_does() -> None:
    bench = bench_peers.Bench.__new__(bench_peers.Bench)
    asked = datasets.Asked("q", "th", "?", {"b": 1})
    bench.dataset = datasets.Dataset("test", [], [asked])
    bench.owners = ["a", "a", "b"]
    bench.groups = {"mixed": {"q": asked.relevant}}
    assert bench.relevance([[0, 1, 2, -1]])["mixed"]["ndcg@10"] == round(1 / np.log2(3), 4)


def test_tables_show_failures_and_replace_the_old_ones(tmp_path: Path) -> None:
    measured = {
        "index": {"seconds": 2.0, "encoding": None, "disk_mb": 1.5, "peak_mb": 90.0},
        "ask": {"p50": 0.5, "p95": 25.0, "peak_mb": 80},
        "whole": {"p50": 31.0, "p95": 40.0, "peak_mb": 900, "cold": 9.5},
        "relevance": {"mixed": {"ndcg@10": 0.5, "recall@10": 0.25, "questions": 4}},
    }
    results = {
        "machine": "a machine",
        "date": "1 January 2026",
        "command": "make bench-peers",
        "model": "m",
        "versions": {"faiss": "1"},
        "sets": {
            "practices": {
                "passages": 2, "records": 1, "questions": 4, "tools": {"chroma": {"error": "it broke"}, "faiss": measured},
            },
        },
    }  # fmt: skip
    page = tmp_path / "page.md"
    page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n", encoding="utf-8")
    report.write_report(results, page)
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "\nold\n" not in text
    assert "| faiss | 9.5 | 31 | 40 | 0.50 | 900 | 2.0 | 1.5 | 0.500 | 0.250 |" in text
    assert "| chroma | failed |" in text
    assert "- chroma failed on `practices`: `it broke`" in text


def test_the_command_tells_an_unknown_tool() -> None:
    command = [sys.executable, FOLDER.parent / "bench_peers.py", "--peers", "nobody"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": str(FOLDER.parent.parent)}
    )
    assert done.returncode == 2
    assert "unknown tools: nobody" in done.stderr
