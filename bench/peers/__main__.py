"""One job for one tool in this process: python -m peers JOB.json, answered in the file that the job names.

Jobs: `encode` texts with sentence-transformers; `index`; `ask` questions whose vectors are given; `whole`: open, load the
encoder, answer a first question and then others.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from peers.protocol import PEERS, Corpus

os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "HF_HUB_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1"}


def main() -> int:
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    answer = {"encode": encode, "index": index, "ask": ask, "whole": whole}[job["work"]](job)
    answer["peak_mb"] = peak()
    Path(job["answer"]).write_text(json.dumps(answer), encoding="utf-8")
    return 0


def encode(job: dict[str, Any]) -> dict[str, Any]:
    """Vectors of texts by sentence-transformers, longest first as it sorts them itself."""
    model = load(job["model"])
    started = time.perf_counter()
    encoder = model.encode_query if job["role"] == "query" else model.encode_document
    vectors = encoder(job["texts"], batch_size=32, normalize_embeddings=True, show_progress_bar=False)
    seconds = time.perf_counter() - started
    np.save(job["vectors"], np.asarray(vectors, dtype=np.float32))
    return {"seconds": seconds}


def index(job: dict[str, Any]) -> dict[str, Any]:
    texts = json.loads(Path(job["texts"]).read_text(encoding="utf-8"))
    corpus = Corpus(texts, np.load(job["vectors"]), job["set"])
    peer = make(job, None)
    started = time.perf_counter()
    peer.index(corpus)
    seconds = getattr(peer, "seconds", time.perf_counter() - started)
    return {"seconds": seconds, "encoding": getattr(peer, "encoding", None), "version": told(job["peer"])}


def ask(job: dict[str, Any]) -> dict[str, Any]:
    vectors = dict(zip(job["questions"], np.load(job["question_vectors"]), strict=True))
    peer = make(job, vectors.__getitem__)
    peer.open()
    if hasattr(peer, "know"):
        peer.know(job["questions"])
    for question in job["questions"][:3]:
        peer.search(question, job["k"])
    seconds, found = [], []
    for question in job["questions"]:
        started = time.perf_counter()
        answer = peer.search(question, job["k"])
        seconds.append(time.perf_counter() - started)
        found.append(list(answer))
    return {"seconds": seconds, "found": found}


def whole(job: dict[str, Any]) -> dict[str, Any]:
    """Cold: from before the interpreter started (`job["begun"]`, by the wall clock) to the first answer."""
    model = None

    def embed(question: str):  # type: ignore[no-untyped-def]
        nonlocal model
        model = model or load(job["model"])
        return model.encode_query(question, normalize_embeddings=True, show_progress_bar=False)

    peer = make(job, embed)
    peer.open()
    first, *others = job["questions"]
    peer.search(first, job["k"])
    cold, seconds = time.time() - job["begun"], []
    for question in others:
        started = time.perf_counter()
        peer.search(question, job["k"])
        seconds.append(time.perf_counter() - started)
    return {"cold": cold, "seconds": seconds}


def make(job: dict[str, Any], embed):  # type: ignore[no-untyped-def]
    entry = PEERS[job["peer"]]
    return getattr(import_module(f"peers.{entry.module}"), entry.kind)(Path(job["folder"]), embed)


def load(folder: str):  # type: ignore[no-untyped-def]
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(folder, device="cpu", local_files_only=True)


def told(peer: str) -> str:
    """The version of a tool, as installed."""
    import sqlite3

    distribution = PEERS[peer].distribution
    return version(distribution) if distribution else f"SQLite {sqlite3.sqlite_version}" if "fts5" in peer else ""


def peak() -> float:
    """Most megabytes that this process held. Linux counts for the program alone; elsewhere what `getrusage` says."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)


if __name__ == "__main__":
    sys.exit(main())
