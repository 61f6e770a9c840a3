"""Relevance of the production search, printed as tables.

    python bench/relevance.py                      the repository's own development topics
    KB_EVAL=path/to/sets python bench/relevance.py the same, and every BEIR folder below that path

Development topics are asked three times: of the whole corpus, and of a copy that holds only the face in the *other* language,
so that a Thai question can find nothing but English text and an English one nothing but Thai.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bounds import at_least

from kb.corpus import practice_files, read_practice
from kb.evaluate import evaluate_beir, evaluate_topics, index_records
from kb.ingest.progress import Progress
from kb.records import Lang
from kb.repository import Repository
from kb.search.engine import Searcher
from kb.settings import load_settings

TOPICS = Path(__file__).parent / "topics" / "practices-dev.jsonl"
QUIET = Progress(quiet=True)

BOUNDS = {"iapp-th": ("ndcg@10", 0.985), "tatoeba-th-en": ("recall@1", 0.945), "tatoeba-en-th": ("recall@1", 0.935)}
"""Set -> measure, and the least that it has to be."""


def main() -> int:
    repository = Repository(load_settings())
    print(f"model {repository.encoder.fingerprint}, {len(practice_files(repository.settings.corpus))} practices\n")
    show("development topics, both faces", topics(repository, ("th", "en"), None))
    show("Thai questions, English faces only", topics(repository, ("en",), "th"))
    show("English questions, Thai faces only", topics(repository, ("th",), "en"))
    place = os.environ.get("KB_EVAL", "")
    sets = sorted(path.parent for path in Path(place).glob("*/corpus.jsonl")) if place else []
    if not sets:
        print("public sets: skipped; set KB_EVAL to a folder that holds BEIR folders")
    for folder in sets:
        figures = evaluate_beir(folder, repository, None, QUIET)
        show(folder.name, figures)
        if folder.name in BOUNDS:
            metric, bound = BOUNDS[folder.name]
            at_least(f"{folder.name}, {metric}", figures["overall"][metric], bound)
    return 0


def topics(repository: Repository, faces: tuple[Lang, ...], asked_in: str | None) -> dict[str, Any]:
    """Evaluate the topics (those in one language, or all) on a throwaway copy that holds only these faces."""
    lines = [line for line in TOPICS.read_text(encoding="utf-8").splitlines() if line.strip()]
    with copy_with_faces(repository, faces) as searcher, tempfile.NamedTemporaryFile("w", encoding="utf-8") as chosen:
        chosen.write("\n".join(line for line in lines if asked_in is None or f'"lang": "{asked_in}"' in line))
        chosen.flush()
        return evaluate_topics(Path(chosen.name), searcher)


@contextmanager
def copy_with_faces(repository: Repository, faces: tuple[Lang, ...]) -> Iterator[Searcher]:
    """A searcher over a throwaway copy of the corpus that holds only these faces."""
    practices = [read_practice(path, repository.taxonomy) for path in practice_files(repository.settings.corpus)]
    kept = [replace(p, faces={lang: p.faces[lang] for lang in faces if lang in p.faces}) for p in practices]
    with tempfile.TemporaryDirectory(prefix="kb-bench-") as place:
        own = replace(repository.settings, home=Path(place) / "var", index=Path(place) / "index")
        copy = Repository(own, repository.encoder)
        copy.space = repository.space
        with copy.store() as store:
            index_records(kept, copy, store, QUIET)
            yield copy.searcher(store)


def show(name: str, figures: dict[str, Any]) -> None:
    print(name)
    rows = [("overall", figures["overall"]), *figures.get("by_kind", {}).items(), *figures["by_language"].items()]
    names = list(figures["overall"])
    print("  " + "".ljust(12) + "".join(label.rjust(12) for label in names))
    for label, means in rows:
        print("  " + label.ljust(12) + "".join(f"{means[key]:12.4g}" for key in names))
    if "no_precedent" in figures:
        print("  no precedent: " + ", ".join(f"{key} {value}" for key, value in figures["no_precedent"].items()))
    print(flush=True)


if __name__ == "__main__":
    sys.exit(main())
