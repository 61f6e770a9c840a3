"""This repository beside the tools that a team would pick instead: the same passages, questions and model folder.

    python bench/bench_peers.py                        everything; `make bench-peers` installs the tools first
    python bench/bench_peers.py --sets practices,made:2000 --peers faiss,chroma --questions 50

Each tool runs in processes of its own: one that indexes, one that is asked with question vectors given (so that only the search
is timed), and, on the repository's own set, one that loads the encoder and answers from the first question on. Passages are
embedded once, by sentence-transformers, for all but this repository, which embeds with its own runtime. A tool that ranks
passages is asked for 100 of them and its records are ranked by their best passage. A tool that fails is listed with the
error. Results go to bench/results/peers.json, tables and plots of them to docs/: see `--write`. Vectors of
sentence-transformers are kept in bench/results between runs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from peers.datasets import Dataset, base_texts, made_vectors, names, open_dataset
from peers.protocol import OURS, PEERS
from peers.report import write_report

from kb.encoder import model_folder
from kb.evaluate import ndcg, recall
from kb.repository import Repository
from kb.settings import load_settings

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "bench" / "results"
PYTHON = ROOT / ".venv-peers" / "bin" / "python"
WHOLE_SET = "practices"
DEPTH = 100
"""Passages that a tool is asked for: enough for ten records, and for the fusion of two rankings."""

LIMIT_SECONDS = 900
COLD_RUNS = 2


def main() -> int:
    options = arguments()
    repository = Repository(load_settings())
    model = model_folder(repository.settings)
    if model is None:
        print("KB_MODEL must be a folder here, so that all tools read the same one", file=sys.stderr)
        return 2
    RESULTS.mkdir(parents=True, exist_ok=True)
    results: dict[str, Any] = {
        "machine": machine(),
        "date": time.strftime("%-d %B %Y"),
        "command": " ".join(["make bench-peers"] if len(sys.argv) == 1 else ["python", *sys.argv]),
        "model": repository.encoder.fingerprint,
        "versions": {},
        "sets": {},
    }
    if options.add:
        results |= {
            name: json.loads((RESULTS / "peers.json").read_text(encoding="utf-8"))[name]
            for name in ("sets", "versions", "command")
        }
    bank = Vectors(model, repository.encoder.fingerprint)
    for name in options.sets:
        dataset = open_dataset(name, options.questions)
        with tempfile.TemporaryDirectory(prefix="kb-peers-") as place:
            bench = Bench(dataset, Path(place), str(model), bank)
            about = {"passages": len(bench.texts), "records": len(dataset.records), "questions": len(dataset.questions)}
            tools = results["sets"].get(name, {}).get("tools", {}) if options.add else {}
            results["sets"][name] = about | {"tools": tools}
            for peer in options.peers:
                tools[peer] = bench.measure(peer, options.whole if name == WHOLE_SET else 0)
                if version := tools[peer].get("index", {}).pop("version", ""):
                    results["versions"][peer] = version
                print(name, peer, summary(tools[peer]), flush=True)
                results["encoding"] = bank.told
                (RESULTS / "peers.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(write_report(results, None))
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n", 1)[0])
    parser.add_argument("--sets", type=listed, default=[*names(), "made:10000"], help="sets, with commas between them")
    parser.add_argument("--peers", type=listed, default=list(PEERS), help=f"tools, of: {', '.join(PEERS)}")
    parser.add_argument("--questions", type=int, default=0, help="questions a set, taken evenly; all where it is not given")
    parser.add_argument("--whole", type=int, default=40, help="questions with the encoder in the same process (40)")
    parser.add_argument("--add", action="store_true", help="add to the last results instead of beginning anew")
    parser.add_argument("--write", action="store_true", help="only write tables and plots of the last results into docs/")
    options = parser.parse_args()
    if options.write:
        write_report(json.loads((RESULTS / "peers.json").read_text(encoding="utf-8")), ROOT / "docs" / "benchmarks.md")
        plots = [PYTHON, "-m", "peers.plots", RESULTS / "peers.json", ROOT / "docs" / "images"]
        sys.exit(subprocess.run(plots, env=os.environ | {"PYTHONPATH": str(ROOT / "bench")}, check=False).returncode)
    if unknown := set(options.peers) - set(PEERS):
        parser.error(f"unknown tools: {', '.join(sorted(unknown))}")
    return options


def listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


class Vectors:
    """Vectors of sentence-transformers for texts, kept in a file between runs. `told` says how long they took."""

    def __init__(self, model: Path, fingerprint: str) -> None:
        self.model = str(model)
        self.file = RESULTS / f"vectors-{hashlib.sha256(fingerprint.encode()).hexdigest()[:12]}"
        self.told: dict[str, dict[str, float]] = {}
        self.known: dict[str, dict[str, np.ndarray]] = {"document": {}, "query": {}}
        if self.file.with_suffix(".json").exists():
            stored = json.loads(self.file.with_suffix(".json").read_text(encoding="utf-8"))
            self.told = stored["told"]
            with np.load(self.file.with_suffix(".npz")) as arrays:
                self.known = {role: dict(zip(stored[role], arrays[role], strict=True)) for role in self.known}

    def of(self, texts: Sequence[str], role: str) -> np.ndarray:
        missing = [text for text in dict.fromkeys(texts) if text not in self.known[role]]
        if missing:
            with tempfile.TemporaryDirectory(prefix="kb-encode-") as place:
                job = {"work": "encode", "model": self.model, "role": role, "texts": missing, "vectors": f"{place}/vectors.npy"}
                answer = run(job, Path(place), PYTHON, LIMIT_SECONDS * 2)
                if "error" in answer:
                    raise SystemExit(f"sentence-transformers cannot embed: {answer['error']}")
                self.known[role] |= dict(zip(missing, np.load(job["vectors"]), strict=True))
            before = self.told.get(role, {"texts": 0, "seconds": 0.0, "peak_mb": 0.0})
            self.told[role] = {
                "texts": before["texts"] + len(missing),
                "seconds": round(before["seconds"] + answer["seconds"], 1),
                "peak_mb": round(max(before["peak_mb"], answer["peak_mb"])),
            }
            self._save()
        return np.stack([self.known[role][text] for text in texts])

    def _save(self) -> None:
        np.savez(
            self.file.with_suffix(".npz"),
            **{role: np.stack(list(v.values())) if v else np.empty(0) for role, v in self.known.items()},
        )
        stored = {"told": self.told} | {role: list(vectors) for role, vectors in self.known.items()}
        self.file.with_suffix(".json").write_text(json.dumps(stored, ensure_ascii=False), encoding="utf-8")


class Bench:
    """One set, written once for all tools; a folder for each tool."""

    def __init__(self, dataset: Dataset, place: Path, model: str, bank: Vectors) -> None:
        self.dataset, self.place, self.model = dataset, place, model
        self.texts, self.owners = dataset.passages()
        self.groups = dataset.groups()
        asked = [question.text for question in dataset.questions]
        if dataset.name.startswith("made:"):
            vectors, questions = made_vectors(dataset, self.owners, bank.of(base_texts(), "document"))
        else:
            vectors, questions = bank.of(self.texts, "document"), bank.of(asked, "query")
        np.save(place / "vectors.npy", vectors)
        np.save(place / "questions.npy", questions)
        (place / "texts.json").write_text(json.dumps(self.texts), encoding="utf-8")

    def measure(self, peer: str, whole: int) -> dict[str, Any]:
        folder = self.place / peer.replace(" ", "-")
        folder.mkdir()
        python = Path(sys.executable) if peer == OURS else PYTHON
        asked = [question.text for question in self.dataset.questions]
        job: dict[str, Any] = {
            "peer": peer,
            "folder": str(folder),
            "set": self.dataset.name,
            "model": self.model,
            "k": min(DEPTH, len(self.texts)),
        }
        files = {"texts": f"{self.place}/texts.json", "vectors": f"{self.place}/vectors.npy"}
        index = run(job | {"work": "index"} | files, folder, python, LIMIT_SECONDS)
        if "error" in index:
            return {"error": index["error"]}
        index["disk_mb"] = round(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6, 1)
        given = {"questions": asked, "question_vectors": f"{self.place}/questions.npy"}
        answer = run(job | {"work": "ask"} | given, folder, python, LIMIT_SECONDS)
        if "error" in answer:
            return {"index": index, "error": answer["error"]}
        found = answer.pop("found")
        measured = {"index": index, "ask": times(answer), "relevance": self.relevance(found)}
        if whole:
            step = max(len(asked) // whole, 1)
            first = run(job | {"work": "whole", "questions": asked[:1]}, folder, python, LIMIT_SECONDS)
            full = run(job | {"work": "whole", "questions": asked[::step][:whole]}, folder, python, LIMIT_SECONDS)
            failed = first.get("error") or full.get("error")
            measured |= {"error": failed} if failed else {"whole": times(full) | {"cold": min(first["cold"], full["cold"])}}
        return measured

    def relevance(self, found: Sequence[Sequence[int | str]]) -> dict[str, dict[str, float]]:
        """Means over the questions of each pair of languages. A record stands where its best passage does."""
        rankings = {
            asked.id: list(dict.fromkeys(key if isinstance(key, str) else self.owners[key] for key in keys if key != -1))
            for asked, keys in zip(self.dataset.questions, found, strict=True)
        }
        return {name: means(rankings, judged) for name, judged in self.groups.items()}


def means(rankings: Mapping[str, Sequence[str]], judged: Mapping[str, Mapping[str, int]]) -> dict[str, float]:
    return {
        "ndcg@10": round(float(np.mean([ndcg(rankings[qid], grades, 10) for qid, grades in judged.items()])), 4),
        "recall@10": round(float(np.mean([recall(rankings[qid], grades, 10) for qid, grades in judged.items()])), 4),
        "questions": len(judged),
    }


def run(job: Mapping[str, Any], place: Path, python: Path, limit: float) -> dict[str, Any]:
    """The answer of a job in a new process, or {"error": last line}."""
    with tempfile.TemporaryDirectory(prefix="kb-job-") as own:
        answer, written = Path(own) / "answer.json", Path(own) / "job.json"
        told = dict(job) | {"answer": str(answer), "begun": 0.0}
        environment = os.environ | {"PYTHONPATH": f"{ROOT / 'bench'}:{ROOT}", "HF_HUB_OFFLINE": "1"}
        told["begun"] = time.time()
        written.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        try:
            here = place if python == PYTHON else ROOT
            command = [python, "-m", "peers", written]
            done = subprocess.run(
                command, cwd=here, env=environment, capture_output=True, text=True, timeout=limit, check=False
            )
        except subprocess.TimeoutExpired:
            return {"error": f"no answer within {limit:.0f} s"}
        if done.returncode or not answer.exists():
            lines = [line for line in done.stderr.splitlines() if line.strip()] or [f"exit status {done.returncode}"]
            RESULTS.mkdir(parents=True, exist_ok=True)
            (RESULTS / "last-error.txt").write_text(done.stderr, encoding="utf-8")
            return {"error": lines[-1][:300]}
        return dict(json.loads(answer.read_text(encoding="utf-8")))


def times(answer: dict[str, Any]) -> dict[str, Any]:
    milliseconds = np.array(answer.pop("seconds")) * 1000
    p50, p95 = np.percentile(milliseconds, (50, 95))
    return answer | {"p50": round(float(p50), 2), "p95": round(float(p95), 2), "peak_mb": round(answer["peak_mb"])}


def summary(measured: Mapping[str, Any]) -> str:
    if "ask" not in measured:
        return f"failed: {measured['error']}"
    relevance = ", ".join(f"{name} {figures['ndcg@10']:.3f}" for name, figures in measured["relevance"].items())
    index, ask = measured["index"], measured["ask"]
    whole = measured.get("whole", {})
    answered = f"; whole p50 {whole['p50']} ms, cold {whole['cold']:.1f} s, {whole['peak_mb']} MB" if whole else ""
    failed = f"; failed: {measured['error']}" if "error" in measured else ""
    return f"index {index['seconds']:.1f} s, {index['disk_mb']} MB; p50 {ask['p50']} ms; nDCG@10 {relevance}{answered}{failed}"


def machine() -> str:
    names_of = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    cpu = next(
        (line.partition(":")[2].strip() for line in names_of.splitlines() if line.startswith("model name")), platform.machine()
    )
    return f"{os.cpu_count()} cores, {cpu}, {platform.system()}, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main())
