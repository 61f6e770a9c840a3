"""Cross-language retrieval on the corpus itself: each case's two faces as documents, its questions as queries.

    python bench/faces.py

A document is what a face says of problem, action and results, cut to 900 characters at a sentence; title, summary and questions
are left out, so that no query stands in a document. Queries are the questions that a face answers, in its own language. Four
collections, searched by the production code: each language alone, both versions of every case, and each case in one language
only. The figures are nDCG@10.

The questions were written by those who wrote the case, with it in sight, as in SQuAD; nothing in the search was fitted to them.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from kb.corpus import practice_files, questions, read_practice
from kb.evaluate import evaluate_beir
from kb.ingest.progress import Progress
from kb.records import LANGUAGES, Face, Practice
from kb.repository import Repository
from kb.settings import load_settings
from kb.text.sentences import sentences

LONGEST = 900
SECTIONS = ("problem", "action", "results")
Wanted = Callable[[Practice, str], bool]


def main() -> int:
    repository = Repository(load_settings())
    practices = [read_practice(path, repository.taxonomy) for path in practice_files(repository.settings.corpus)]
    practices = [practice for practice in practices if len(practice.faces) == 2]
    print(f"{len(practices)} cases with two faces, model {repository.encoder.fingerprint}\n")
    print("| documents | questions | nDCG@10 | Recall@1 |\n|---|---|---|---|")
    for name, holds in collections():
        with tempfile.TemporaryDirectory() as folder:
            write_set(Path(folder), practices, holds)
            figures = evaluate_beir(Path(folder), repository, None, Progress(quiet=True))
        for asked in LANGUAGES:
            mine = {key: value for key, value in figures["by_language"].items() if key.startswith(f"{asked}->")}
            for key, value in sorted(mine.items()):
                print(f"| {name} | {key} | {value['ndcg@10']:.3f} | {value['recall@1']:.3f} |")
        print(f"| {name} | all | {figures['overall']['ndcg@10']:.3f} | {figures['overall']['recall@1']:.3f} |")
    return 0


def collections() -> Iterator[tuple[str, Wanted]]:
    """Name, and which faces a collection holds."""
    yield "Thai only", lambda _, language: language == "th"
    yield "English only", lambda _, language: language == "en"
    yield "both versions", lambda *_: True
    yield "each case in one language", lambda practice, language: language == LANGUAGES[_half(practice.id)]


def _half(record: str) -> int:
    return hashlib.sha256(record.encode()).digest()[0] % 2


def write_set(folder: Path, practices: list[Practice], holds: Wanted) -> None:
    """A BEIR folder of the faces that `holds` wants, with all questions in both languages."""
    documents, queries, judgements = [], [], ["query-id\tcorpus-id\tscore"]
    for practice in practices:
        held = [language for language in LANGUAGES if holds(practice, language)]
        documents += [
            {"_id": f"{practice.id}/{language}", "title": "", "text": text_of(practice.faces[language])} for language in held
        ]
        for language in LANGUAGES:
            for number, question in enumerate(questions(practice.faces[language].sections.get("questions", ""))):
                query = f"{practice.id}/{language}/{number}"
                queries.append({"_id": query, "text": question})
                judgements += [f"{query}\t{practice.id}/{one}\t1" for one in held]
    for name, rows in (("corpus", documents), ("queries", queries)):
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    (folder / "qrels").mkdir()
    (folder / "qrels" / "test.tsv").write_text("\n".join(judgements) + "\n", encoding="utf-8")


def text_of(face: Face) -> str:
    """The opening of what a face says, to a whole sentence."""
    kept: list[str] = []
    length = 0
    for section in SECTIONS:
        text = face.sections.get(section, "")
        for start, end in sentences(text):
            if kept and length + end - start > LONGEST:
                return " ".join(kept)
            kept.append(text[start:end].strip())
            length += end - start
    return " ".join(kept)


if __name__ == "__main__":
    raise SystemExit(main())
