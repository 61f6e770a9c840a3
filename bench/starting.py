"""Starting: `kb search` in a new process, and `kb serve` until its first page, its first question and the ones after it.

    python bench/starting.py

The disk is warm: everything runs once before it counts. The baseline is a new process that imports sentence-transformers, loads
the same model and encodes one question. Medians of rounds in which both take turns.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

from bench_questions import distinct_questions
from bounds import at_most

from kb.encoder import model_folder
from kb.repository import Repository
from kb.settings import load_settings

ROUNDS = 5
LATER = 20
"""Questions that are asked of the server after the first one."""


def main() -> int:
    repository = Repository(load_settings())
    questions = (text for _, text in distinct_questions(repository.settings.corpus))
    model = str(model_folder(repository.settings))
    load = f"from sentence_transformers import SentenceTransformer as S; S({model!r}).encode(['x'])"
    found: dict[str, list[float]] = {name: [] for name in ("baseline", "search", "page", "first", "later")}
    memory = 0.0
    for number in range(ROUNDS + 1):
        times = {
            "baseline": new_process(["-c", load]),
            "search": new_process(["-m", "kb.cli", "search", next(questions), "--limit", "3"]),
            **served([next(questions) for _ in range(1 + LATER)]),
        }
        if number:  # the first round warms the disk
            memory = max(memory, times["memory"])
            for name, seconds in found.items():
                seconds.append(times[name])
    middle = {name: statistics.median(seconds) for name, seconds in found.items()}
    print(f"{os.cpu_count()} cores, model {repository.encoder.fingerprint}, {ROUNDS} rounds, load {os.getloadavg()[0]:.1f}")
    print(f"import, load, one question with sentence-transformers: {middle['baseline']:.2f} s")
    print(f"kb search in a new process: {middle['search']:.2f} s, ratio {middle['search'] / middle['baseline']:.2f}")
    print(f"kb serve: first page after {middle['page']:.2f} s, first question {1000 * middle['first']:.0f} ms,")
    print(f"  later ones {1000 * middle['later']:.0f} ms (medians of {LATER}); peak memory {memory:.0f} MB")
    at_most("kb search in a new process, to its results", middle["search"], 1.5, " s")
    at_most("kb serve, until the first page", middle["page"], 3.0, " s")
    at_most("kb serve, the first question after that", 1000 * middle["first"], 300, " ms")
    return 0


def new_process(arguments: list[str]) -> float:
    """Seconds that a new Python takes from its start to its end."""
    started = time.perf_counter()
    done = subprocess.run([sys.executable, *arguments], check=False, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    if done.returncode > 1:  # 1: nothing close was found
        sys.exit(done.stderr)
    return seconds


def served(questions: list[str]) -> dict[str, float]:
    """Seconds until `kb serve` has given its first page, and of its first and later questions; its peak memory in MB."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "kb.cli", "serve", "--port", "0"],
        env={**os.environ, "KB_RATE": "0", "KB_COUNT_READERS": "0"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        found = re.search(r"http://[^:]+:(\d+)/", process.stdout.readline() if process.stdout else "")
        if not found:
            sys.exit("kb serve did not start")
        port = int(found[1])
        while True:
            with contextlib.suppress(ConnectionRefusedError):
                asked(port, "/th/")
                break
            time.sleep(0.01)
        page = time.perf_counter() - started
        times = [asked(port, f"/th/?q={quote(question)}") for question in questions]
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
        memory = next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))
        return {"page": page, "first": times[0], "later": statistics.median(times[1:]), "memory": memory}
    finally:
        process.terminate()
        process.wait(30)


def asked(port: int, path: str) -> float:
    """Seconds until a whole page has come."""
    started = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        if answer.status != http.client.OK:
            sys.exit(f"{path}: {answer.status}")
    finally:
        connection.close()
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
