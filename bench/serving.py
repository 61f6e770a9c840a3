"""How many readers at once: results pages and searches of the API a second, at a p95 of at most 150 ms.

    python bench/serving.py                     starts `kb serve` on a free port, prints Markdown for docs/benchmarks.md
    python bench/serving.py --url http://127.0.0.1:8000         a server that runs, with KB_RATE=0
    also: --seconds 20 (a rate), --workers 2, --only pages, --bound 150 (ms)

Every question is asked once (`bench_questions.py`), Thai and English in turns, so no cache of vectors or answers helps; the
server encodes each. Requests leave at a constant rate and latency counts from when they were due (`open_loop.py`). The rate is
doubled until the bound breaks, then narrowed to a twelfth; the rate found is run once more. The generator shares the machine
with the server: its own use of the processor is printed beside the server's, and what it takes the server does not have. The
last column is what all else took, the host of a virtual machine included: where it is not near 0, the rates are too low.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import numpy as np
from bench_questions import distinct_questions

from kb.settings import load_settings

BOUND_MS = 150.0
FIRST_RATE = 4.0
CLOSE_ENOUGH = 1.08
CONNECTIONS = 64
WARM = 60
GIVE_UP = 5.0
"""Seconds after which a run is given up: the server has fallen behind for good."""

KINDS = {"pages": "results pages", "api": "API searches"}


@dataclass(frozen=True)
class Served:
    """A server under measurement. `pid` is 0 where it is not ours: its processor time and memory are not read then."""

    host: str
    port: int
    pid: int


@dataclass(frozen=True)
class Step:
    """One rate: requests a second asked for, latencies in ms, cores used, and the server's memory in MB at its end."""

    rate: float
    latencies: Any
    failed: list[str]
    skipped: int
    latest: float
    server_cores: float
    generator_cores: float
    other_cores: float
    memory: float
    bytes_each: float

    def at(self, rank: float) -> float:
        return float(np.percentile(self.latencies, rank))

    def holds(self, bound: float) -> bool:
        return not self.failed and not self.skipped and self.at(95) <= bound


class Bench:
    """Runs rates against one server with questions that never come twice."""

    def __init__(self, served: Served, seconds: float) -> None:
        self._served, self._seconds = served, seconds
        self._questions = distinct_questions(load_settings().corpus)

    def step(self, kind: str, rate: float, requests: int = 0) -> Step:
        paths = [self._path(kind) for _ in range(requests or max(int(rate * self._seconds), 40))]
        job = {"host": self._served.host, "port": self._served.port, "rate": rate}
        job |= {"connections": CONNECTIONS, "give_up": GIVE_UP, "paths": paths}
        before, taken = cpu_seconds(self._served.pid), machine_seconds()
        generator = [sys.executable, str(Path(__file__).with_name("open_loop.py"))]
        done = subprocess.run(generator, input=json.dumps(job), check=True, capture_output=True, text=True)
        out = json.loads(done.stdout)
        server = (cpu_seconds(self._served.pid) - before) / out["wall"]
        generator_cores = out["generator_seconds"] / out["wall"]
        return Step(
            rate=rate,
            latencies=np.array(out["latencies"]) * 1000,
            failed=out["failed"],
            skipped=out["skipped"],
            latest=out["latest"] * 1000,
            server_cores=server,
            generator_cores=generator_cores,
            other_cores=max((machine_seconds() - taken) / out["wall"] - server - generator_cores, 0.0),
            memory=memory_mb(self._served.pid),
            bytes_each=out["received"] / max(len(out["latencies"]), 1),
        )

    def _path(self, kind: str) -> str:
        language, question = next(self._questions)
        return (
            f"/{language}/?q={quote(question)}" if kind == "pages" else f"/api/v1/search?q={quote(question)}&reader={language}"
        )

    def search(self, kind: str, bound: float) -> list[Step]:
        """All rates that were tried, in order; the last one is the highest that held, run once more."""
        steps, good, bad = [], 0.0, 0.0
        rate = FIRST_RATE
        while not bad or bad / max(good, FIRST_RATE / 4) > CLOSE_ENOUGH:
            steps.append(told(self.step(kind, rate)))
            if steps[-1].holds(bound):
                good = rate
            else:
                bad = rate
            if bad and bad <= FIRST_RATE / 4:
                break
            rate = 2 * good if not bad else ((good * bad) ** 0.5 if good else bad / 2)
            time.sleep(1)  # what an overrun left behind is done
        confirmed = told(self.step(kind, good)) if good else steps[-1]
        while not confirmed.holds(bound) and good > FIRST_RATE / 4:
            good /= CLOSE_ENOUGH
            confirmed = told(self.step(kind, good))
        return [*steps, confirmed]


def told(step: Step) -> Step:
    lost = f", {len(step.failed)} failed, {step.skipped} given up" if step.failed or step.skipped else ""
    print(
        f"  {step.rate:6.1f}/s: p95 {step.at(95):7.1f} ms, server {step.server_cores:.2f} cores, others "
        f"{step.other_cores:.2f}{lost}",
        file=sys.stderr,
    )
    return step


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--url", help="a server that runs already, with KB_RATE=0")
    parser.add_argument("--seconds", type=float, default=20.0, help="length of a run at one rate")
    parser.add_argument("--bound", type=float, default=BOUND_MS, help="highest p95 in ms")
    parser.add_argument("--workers", type=int, default=1, help="processes of kb serve")
    parser.add_argument("--only", choices=KINDS, help="measure one kind of request")
    asked = parser.parse_args()
    rows = []
    with server(asked.url, asked.workers) as served:
        bench = Bench(served, asked.seconds)
        for kind in (asked.only,) if asked.only else KINDS:
            bench.step(kind, 8.0, WARM)
            rows += table(KINDS[kind], bench.search(kind, asked.bound), asked.bound)
    print(heading(asked.workers, asked.seconds))
    print("\n".join(rows))
    return 0


def heading(workers: int, seconds: float) -> str:
    load = os.getloadavg()
    return (
        f"{os.cpu_count()} cores, {processor()}, Python {platform.python_version()}; {datetime.now(UTC):%d %B %Y}; "
        f"`python bench/serving.py --workers {workers} --seconds {seconds:g}`; load average at the end {load[0]:.1f}\n\n"
        "| what | requests/s | p50, ms | p95, ms | p99, ms | server, cores | generator, cores | "
        "other work, cores | server, MB | kB an answer |\n"
        "|---|---|---|---|---|---|---|---|---|---|"
    )


def table(name: str, steps: list[Step], bound: float) -> list[str]:
    """Markdown rows: some rates that held and the first that did not, lowest first; then the highest that held."""
    best = steps[-1]
    tried = {step.rate: step for step in steps[:-1]}
    below = [tried[rate] for rate in sorted(tried) if rate < 0.8 * best.rate][-2:]
    above = [tried[rate] for rate in sorted(tried) if rate > best.rate and not tried[rate].holds(bound)][:1]
    return [row(name, step, step is best and step.holds(bound)) for step in (*below, best, *above)]


def row(name: str, step: Step, best: bool) -> str:
    rate = f"**{step.rate:.1f}**" if best else f"{step.rate:.1f}"
    lost = f", {len(step.failed)} failed, {step.skipped} given up" if step.failed or step.skipped else ""
    return (
        f"| {name}{lost} | {rate} | {step.at(50):.0f} | {step.at(95):.0f} | {step.at(99):.0f} | {step.server_cores:.2f} | "
        f"{step.generator_cores:.2f} | {step.other_cores:.2f} | {step.memory:.0f} | {step.bytes_each / 1000:.0f} |"
    )


@contextlib.contextmanager
def server(url: str | None, workers: int) -> Iterator[Served]:
    """The server at an address, or one of our own on a free port that is stopped at the end."""
    if url:
        parts = urlsplit(url)
        yield Served(parts.hostname or "127.0.0.1", parts.port or 80, 0)
        return
    command = [sys.executable, "-m", "kb.cli", "serve", "--port", "0", *(["--workers", str(workers)] if workers > 1 else [])]
    environment = {**os.environ, "KB_RATE": "0", "KB_COUNT_READERS": "0"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        found = re.search(r"http://[^:]+:(\d+)/", process.stdout.readline() if process.stdout else "")
        if not found:
            sys.exit("kb serve did not start")
        yield Served("127.0.0.1", int(found[1]), process.pid)
    finally:
        process.terminate()
        process.wait(30)


def family(pid: int) -> list[int]:
    """A process and those that it started."""
    if not pid:
        return []
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *(one for child in children for one in family(int(child)))]


def cpu_seconds(pid: int) -> float:
    """Processor time of a process and those that it started; 0 for no process."""
    total = 0
    for one in family(pid):
        fields = Path(f"/proc/{one}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def machine_seconds() -> float:
    """Processor time of everything on the machine, and what its host took away from it."""
    user, nice, system, _, _, irq, softirq, steal = map(int, Path("/proc/stat").read_text(encoding="ascii").split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> float:
    """Memory of a process and those that it started, in MB; what they share is counted once."""
    sums = [Path(f"/proc/{one}/smaps_rollup").read_text(encoding="utf-8") for one in family(pid)]
    return sum(int(re.search(r"^Pss:\s+(\d+)", text, re.M)[1]) for text in sums) / 1024  # type: ignore[index]


def processor() -> str:
    found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return found[1] if found else platform.machine()


if __name__ == "__main__":
    sys.exit(main())
