"""Reading in: how much of the time the encoder works, against the bare encoder on the same passages in the same run.

    python bench/ingestion.py --documents 200          also: --stand-in 20000, memory only, with a stand-in

Text files are made by `bench/generator.py`: Thai and English in turns, two to eight paragraphs each. The encoder's share is the
time inside its `encode` over that of the whole ingestion, without building the index. The bare encoder gets what ingestion
gave it, in the same calls, right after. Then a run in a process of its own is ended with SIGKILL half way, and the next one
tells what it had to do. Settings are those of the repository; a stand-in's vectors are of the model's dimension.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import generator
import numpy as np
from bounds import at_least, at_most

from kb.encoder import Encoder, Role, open_encoder
from kb.ingest.batch import BUFFER
from kb.ingest.pipeline import ingest
from kb.ingest.progress import Progress
from kb.ingest.report import Report
from kb.repository import Repository
from kb.settings import load_settings

if TYPE_CHECKING:
    from numpy.typing import NDArray

PARAGRAPHS = (2, 8)
QUIET = Progress(quiet=True)


class Watched:
    """An encoder that keeps what it was given and the seconds that it took; without one inside, a stand-in."""

    def __init__(self, inner: Encoder | None, dimension: int = 384) -> None:
        self.inner = inner
        self.fingerprint = inner.fingerprint if inner else "stand-in"
        self.dimension = inner.dimension if inner else dimension
        self.calls: list[list[str]] = []
        self.seconds = 0.0

    def encode(self, texts: Sequence[str], role: Role | Sequence[Role]) -> NDArray[np.float32]:
        started = time.perf_counter()
        if self.inner is None:
            vectors = np.full((len(texts), self.dimension), self.dimension**-0.5, dtype=np.float32)
        else:
            self.calls.append(list(texts))
            vectors = self.inner.encode(texts, role)
        self.seconds += time.perf_counter() - started
        return vectors

    def warm(self) -> None:
        if self.inner:
            self.inner.warm()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--stand-in", type=int, default=0, metavar="DOCUMENTS")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        run(Path(given.child[0]), Path(given.child[1]), Watched(open_encoder(load_settings())))
        return
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        files = place / "files"
        make(files, given.stand_in or given.documents)
        if given.stand_in:
            report = run(files, place / "home", Watched(None))
            print(
                f"{given.stand_in} documents, {report.embedded} passages, {report.seconds:.0f} s, peak memory {peak():.0f} MB"
            )
            at_most(f"peak memory of reading {given.stand_in:,} documents in", peak(), 1500, " MB")
            return
        measure(files, place)
        interrupt(files, place)


def measure(files: Path, place: Path) -> None:
    encoder = Watched(open_encoder(load_settings()))
    encoder.warm()
    encoder.encode(["warm"] * 32, "document")
    encoder.calls.clear()
    encoder.seconds = 0.0
    report = run(files, place / "whole", encoder)
    memory, inside, calls = peak(), encoder.seconds, encoder.calls
    started = time.perf_counter()
    for texts in calls:
        assert encoder.inner is not None
        encoder.inner.encode(texts, "document")
    bare = time.perf_counter() - started
    print(f"{os.cpu_count()} cores, {encoder.fingerprint}, batches of {BUFFER} passages, load {os.getloadavg()[0]:.1f}")
    print(f"{len(report.added)} documents, {report.embedded} passages in {report.seconds:.1f} s, peak memory {memory:.0f} MB")
    print(f"the encoder works {inside / report.seconds:.1%} of the time")
    print(f"{report.embedded / report.seconds:.1f} passages/s; bare encoder {report.embedded / bare:.1f}/s")
    print(f"of the bare encoder's speed: {bare / report.seconds:.2f}")
    at_least("reading text files in, share of the time that the encoder works", inside / report.seconds, 0.9)


def interrupt(files: Path, place: Path) -> None:
    home = place / "killed"
    total = sum(1 for _ in files.iterdir())
    child = subprocess.Popen([sys.executable, __file__, "--child", str(files), str(home)])
    while child.poll() is None and stored(home) < total / 2:
        time.sleep(0.2)
    os.kill(child.pid, signal.SIGKILL) if child.poll() is None else None
    child.wait()
    kept = stored(home)
    encoder = Watched(open_encoder(load_settings()))
    report = run(files, home, encoder)
    print(f"killed with {kept} of {total} documents written: the next run read {len(report.added)}, "
          f"took {report.seconds:.1f} s and embedded {report.embedded} passages")  # fmt: skip
    assert (len(report.unchanged), len(report.added)) == (kept, total - kept)


def stored(home: Path) -> int:
    """Documents that are in the database."""
    import sqlite3

    try:
        with sqlite3.connect(f"file:{home / 'kb.db'}?mode=ro", uri=True) as database:
            return int(database.execute("SELECT count(*) FROM files").fetchone()[0])
    except sqlite3.Error:
        return 0


def run(files: Path, home: Path, encoder: Watched) -> Report:
    repository = Repository(replace(load_settings(), home=home, index=home / "index"), encoder)
    repository.segmenter.warm()
    with repository.store() as store:
        return ingest([files], repository._parts(store), QUIET)


def make(folder: Path, count: int) -> None:
    """Text files of a title and paragraphs, every second one in Thai."""
    folder.mkdir()
    source, draw, number = generator.corpus(), random.Random(generator.SEED), 0
    for file in range(count):
        texts = []
        for _ in range(draw.randint(*PARAGRAPHS)):
            made = generator.passage(2 * number + file % 2, source=source)
            texts += [made.text] if texts else [made.title, made.text]
            number += 1
        (folder / f"{file:06}.txt").write_text("\n\n".join(texts), encoding="utf-8")


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
