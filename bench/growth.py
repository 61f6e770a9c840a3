"""What ten times as many passages cost, three times over: the query path, the index, memory, disk and recall.

    python bench/growth.py                          10,000, 100,000 and 1,000,000 passages
    python bench/growth.py --counts 10000 100000    others
    python bench/growth.py --place folder           where to work (10 GB for a million); a temporary folder otherwise

Passages, questions and vectors are made (see `bench/generator.py`) from the corpus and the vectors that `kb ingest` made of it;
four passages of a language are a document, with a year. Texts repeat after `TEXTS`, vectors do not. Nothing is encoded: a
question's vector is given, so the times are those of everything else, from the text of the question to ranked and explained
results with facets and highlights, 20 a page, in one thread, warm.

The baseline, in the same run over the same passages: one bare FAISS search for 10 neighbours in the same index, and one bare
FTS5 query for the 10 best by its own BM25, any of the question's words.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from bounds import at_least, at_most
from generator import Question, corpus, passages, question_vectors, questions, vectors
from numpy.typing import NDArray

from kb.ingest.passages import passages_of
from kb.migrations import FTS_TOKENIZER
from kb.records import Document, Part
from kb.repository import Repository
from kb.search.engine import Request, Searcher
from kb.settings import load_settings
from kb.store import IndexedPassage, Store

COUNTS = (10_000, 100_000, 1_000_000)
TEXTS = 50_000
"""Passages with a text of their own; more of them take their texts in turn."""

ASKED = 100
"""Topics that are asked about, each in both languages."""

RECALL_ASKED = 100
SHOWN = 20
PARTS = 4
"""Passages of a document."""

TURNS = 3
"""How often all searches take turns: a noisy minute of the machine meets each. Every figure is the median of the turns."""

NOISE = np.random.default_rng(0).normal(0, 0.02, (64, 384)).astype(np.float32)
"""What a window's vector lies beside its passage's; 384 numbers, as the default model has."""

FILTERS = {
    "no filter": Request(limit=SHOWN),
    "one language (half)": Request(limit=SHOWN, filters={"language": ("th",)}),
    "three years of 36 (8 %)": Request(limit=SHOWN, year_from=2022, year_to=2024),
}


@dataclass(frozen=True)
class Place:
    """A repository of made passages, and the plain FTS5 table beside it."""

    repository: Repository
    store: Store
    plain: sqlite3.Connection


def main() -> int:
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n", 1)[0])
    parser.add_argument("--counts", type=int, nargs="+", default=COUNTS)
    parser.add_argument("--place", type=Path)
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--asked", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.one, options.place)))
        return 0
    if options.asked:
        print(json.dumps(asked(options.asked, options.place)))
        return 0
    found = {}
    with tempfile.TemporaryDirectory(prefix="kb-growth-") as folder:
        for count in options.counts:
            place = (options.place or Path(folder)) / str(count)
            command = [sys.executable, __file__, "--one", str(count), "--place", str(place)]
            run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            found[count] = json.loads(run.stdout.splitlines()[-1])
            shutil.rmtree(place, ignore_errors=True)
            if options.json:
                options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(f"{os.cpu_count()} cores, {2 * ASKED} questions, {TURNS} turns, {SHOWN} records a page, one thread")
    print(f"FAISS {faiss.__version__}, SQLite {sqlite3.sqlite_version}\n")
    print(f"{'':44}" + "".join(f"{count:>14,}" for count in found))
    for name in next(iter(found.values())):
        print(f"{name:44}" + "".join(f"{row[name]:>14,.2f}" for row in found.values()))
    for count, row in found.items():
        for name in FILTERS:
            at_most(
                f"search of {count:,} passages, {name}, times the bare two", row[f"{name}, times the bare two (medians)"], 2
            )
        at_least(f"recall@10 of the vectors of {count:,} passages", row["recall@10 of the vectors"], 0.98)
    return 0


def measure(count: int, place: Path) -> dict[str, float]:
    """The figures of one size, in a process of its own."""
    found: dict[str, float] = {}
    base = encoded()
    started = time.perf_counter()
    made = make(count, place, base)
    found["filling the database, s"] = time.perf_counter() - started
    memory = peak()
    started = time.perf_counter()
    made.repository.searcher(made.store)
    found["building the index, s"] = time.perf_counter() - started
    found["peak memory before, MB"] = memory
    found["peak memory while building, MB"] = peak()
    found["database, MB"] = size(made.repository.settings.database)
    found["index, MB"] = sum(size(path) for path in made.repository.index_folder.iterdir())
    child = [sys.executable, __file__, "--asked", str(count), "--place", str(place)]
    run = subprocess.run(child, stdout=subprocess.PIPE, text=True, check=True)
    return found | json.loads(run.stdout.splitlines()[-1])


def asked(count: int, place: Path) -> dict[str, float]:
    """The query path, in a process that did not build the index."""
    faiss.omp_set_num_threads(1)
    base = np.load(place / "base.npy")
    asking = questions(count, min(ASKED, count // 8))
    found: dict[str, float] = {}
    repository = opened(place)
    with repository.store(readonly=True) as store:
        before = memory_now()
        started = time.perf_counter()
        searcher = repository.searcher(store)
        found["opening, s"] = time.perf_counter() - started
        given = project(repository, base, asking)
        searcher.embed = lambda text, _: given[text]  # type: ignore[method-assign]
        plain = sqlite3.connect(place / "plain.db")
        plain.execute("PRAGMA mmap_size = 8000000000")
        jobs: dict[str, Callable[[Question], object]] = {
            "bare FAISS": lambda q: bare_faiss(searcher, given[q.text]),
            "bare FTS5": lambda q: bare_fts(plain, searcher, q.text),
        }
        for name, request in FILTERS.items():
            jobs[name] = lambda q, request=request: searcher.search(replace(request, text=q.text, undo=LITERAL))
        turns: list[dict[str, float]] = []
        for _ in range(TURNS):
            times = {name: clocked(job, asking) for name, job in jobs.items()}
            times["both"] = [sum(pair) for pair in zip(times["bare FAISS"], times["bare FTS5"], strict=True)]
            turn: dict[str, float] = {}
            for name in ("bare FAISS", "bare FTS5", "both", *FILTERS):
                turn |= {f"{name}, p50 ms": middle(times[name]), f"{name}, p95 ms": late(times[name])}
                if name in FILTERS:
                    turn[f"{name}, times the bare two (medians)"] = middle(times[name]) / middle(times["both"])
            turns.append(turn)
        found |= {name: middle([turn[name] for turn in turns]) for name in turns[0]}
        read = clocked(lambda q: searcher.reader.read(q.text, frozenset(), frozenset()), asking)
        found["of it reading the question, p50 ms"] = middle(read)
        found["memory for the index, MB"] = memory_now() - before
        found["recall@10 of the vectors"] = recall(searcher, repository, store, np.concatenate(list(given.values())))
    return found


LITERAL = frozenset({"all"})
"""Words of many topics in one question are names of countries and years; they are read word by word here."""


def make(count: int, place: Path, base: NDArray[np.float32]) -> Place:
    """Fill a database with made passages, and a plain FTS5 table with their words."""
    shutil.rmtree(place, ignore_errors=True)
    repository = opened(place)
    store = repository.store()
    np.save(place / "base.npy", base)
    plain = sqlite3.connect(place / "plain.db")
    plain.executescript(
        f"PRAGMA synchronous = OFF; CREATE VIRTUAL TABLE t USING fts5(words, tokenize='{FTS_TOKENIZER}', content='');"
    )
    store.set_meta("text_state", repository.text_state)
    store.database.execute("PRAGMA synchronous = OFF")
    texts = indexed(min(count, TEXTS), repository)
    draw = random.Random(count)
    moved = (row for block in vectors(base, count) for row in block)
    number = 0
    while number < count:
        with store.transaction():
            for first in range(number, min(number + 4000, count), 2 * PARTS):
                numbers = range(first, min(first + 2 * PARTS, count))
                own = {at: next(moved) for at in numbers}
                for offset, language in enumerate(("en", "th")):
                    chosen = [at for at in numbers if at % 2 == offset]
                    if chosen:
                        put(store, repository, first, language, {at: (texts[at % len(texts)], own[at]) for at in chosen}, draw)
        plain.executemany(
            "INSERT INTO t (rowid, words) VALUES (?, ?)",
            ((at + 1, texts[at % len(texts)].words) for at in range(number, min(number + 4000, count))),
        )
        plain.commit()
        number += 4000
    plain.execute("INSERT INTO t (t) VALUES ('optimize')")
    plain.commit()
    return Place(repository, store, plain)


def put(
    store: Store,
    repository: Repository,
    first: int,
    language: str,
    rows: dict[int, tuple[IndexedPassage, Any]],
    draw: random.Random,
) -> None:
    """One document of made passages, each under a key of its own."""
    record = f"made-{first:08}-{language}"
    items, known = [], {}
    for place, (at, (item, vector)) in enumerate(rows.items()):
        own = {"key": f"{record}/{place}", "record": record, "language": language, "part": place + 1, "ordinal": place}
        passage = replace(item.passage, **own)
        items.append(replace(item, passage=passage, vector=f"{at:012}"))
        known[f"{at:012}"] = np.vstack([vector, *(vector + NOISE[: item.windows])])
    year = draw.randrange(1990, 2026)
    title = items[0].passage.text[:60]
    document = Document(record, title, language, "text", (Part(1, "section", "", title),), date=f"{year}-01-01", source=record)
    store.put(document, items, known, repository.encoder.fingerprint)


def indexed(count: int, repository: Repository) -> list[IndexedPassage]:
    """Made passages with their words, as ingestion makes them."""
    found = []
    for made in passages(count):
        document = Document(made.id, made.title, made.language, "text", (Part(1, "section", "", made.text),))
        found.append(passages_of(document, repository.segmenter)[0])
    return found


def encoded() -> NDArray[np.float32]:
    """Vectors of the real passages that the made ones stem from, as they were ingested."""
    repository = Repository(load_settings())
    with repository.store(readonly=True) as store:
        rows = store.database.execute("SELECT hash, vector FROM vectors WHERE model = ?", [repository.encoder.fingerprint])
        known = dict(rows.fetchall())
    hashes = [hashlib.sha256(text.encode()).hexdigest() for text in corpus().texts()]
    if not all(key in known for key in hashes):
        sys.exit("the corpus is not read in as it is now; run: kb ingest")
    return np.frombuffer(b"".join(known[key] for key in hashes), dtype="<f4").reshape(len(hashes), -1)


def opened(place: Path) -> Repository:
    settings = load_settings()
    (place / "var").mkdir(parents=True, exist_ok=True)
    for name in ("models", "runtime", "spaces"):
        link = place / "var" / name
        if not link.exists() and (settings.home / name).exists():
            link.symlink_to((settings.home / name).resolve())
    return Repository(replace(settings, home=place / "var", index=place / "index"))


def project(repository: Repository, base: NDArray[np.float32], asking: Sequence[Question]) -> dict[str, NDArray[np.float32]]:
    """Question -> its vector in the common space, shape (1, dimension)."""
    raw = question_vectors(base, asking)
    moved = repository.space.project(raw, [question.language for question in asking], "document")
    return {question.text: row[None] for question, row in zip(asking, moved, strict=True)}


def bare_faiss(searcher: Searcher, vector: NDArray[np.float32]) -> None:
    """One search over all passages: the indexes of both languages, one after the other."""
    for language in searcher.index.vectors.languages:
        searcher.index.vectors.search(language, vector, 10)


def bare_fts(plain: sqlite3.Connection, searcher: Searcher, text: str) -> None:
    words = searcher.reader.read(text, LITERAL, frozenset()).keywords
    expression = " OR ".join('"' + word.replace('"', '""') + '"' for word in words)
    plain.execute("SELECT rowid FROM t WHERE t MATCH ? ORDER BY rank LIMIT 10", [expression]).fetchall()


def recall(searcher: Searcher, repository: Repository, store: Store, given: NDArray[np.float32]) -> float:
    """Share of the ten nearest passages, by all vectors as they are, that the index finds; mean of both languages."""
    given = given[: 2 * RECALL_ASKED]
    shares = []
    for language in searcher.index.vectors.languages:
        exact = faiss.IndexFlatIP(given.shape[1])
        for block in blocks(store.passage_vectors(repository.encoder.fingerprint, language)):
            exact.add(repository.space.project(block, [language] * len(block), "document"))
        wanted = exact.search(given, 10)[1]
        found = searcher.index.vectors.search(language, given, 10)[1] - searcher.index.catalogue.spans[language][0]
        shares += [len(set(a) & set(b)) / 10 for a, b in zip(wanted.tolist(), found.tolist(), strict=True)]
    return float(np.mean(shares))


def blocks(rows: Iterator[bytes], size: int = 20_000) -> Iterator[NDArray[np.float32]]:
    block: list[bytes] = []
    for row in rows:
        block.append(row)
        if len(block) == size:
            yield np.frombuffer(b"".join(block), dtype="<f4").reshape(len(block), -1)
            block = []
    if block:
        yield np.frombuffer(b"".join(block), dtype="<f4").reshape(len(block), -1)


def clocked(do: Callable[[Question], object], asking: Sequence[Question]) -> list[float]:
    """Milliseconds of each question, after all were asked once."""
    times = []
    for turn in range(2):
        for question in asking:
            started = time.perf_counter()
            do(question)
            if turn:
                times.append((time.perf_counter() - started) * 1000)
    return times


def middle(times: Sequence[float] | NDArray[np.float64]) -> float:
    return float(np.median(times))


def late(times: Sequence[float] | NDArray[np.float64]) -> float:
    return float(np.percentile(times, 95))


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def memory_now() -> float:
    """Resident memory without what is only mapped from files, in MB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("RssAnon"))


def size(path: Path) -> float:
    return path.stat().st_size / 1_000_000


if __name__ == "__main__":
    sys.exit(main())
