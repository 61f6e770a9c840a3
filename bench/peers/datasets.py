"""The sets that everyone is asked on, cut into passages by this repository, so that all index the same texts."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kb.corpus import practice_files, read_practice
from kb.errors import EvaluationError
from kb.evaluate import _beir_documents, _beir_rows, _json_lines, _qrels, _topic
from kb.ingest.passages import cut, embedded_text
from kb.records import Document, Lang, Part, Practice
from kb.repository import Repository
from kb.search.query import query_language
from kb.settings import load_settings

sys.path.append(str(Path(__file__).parent.parent))
import generator

TOPICS = Path(__file__).parent.parent / "topics" / "practices-dev.jsonl"
MADE_TOPICS = 150
"""Topics that are asked about in a made set, each in both languages."""


@dataclass(frozen=True)
class Asked:
    """A question, its language, and the records that answer it with their grades."""

    id: str
    language: str
    text: str
    relevant: Mapping[str, int]


@dataclass(frozen=True)
class Dataset:
    """Records, their passages as `texts` with `owners` beside them, and questions."""

    name: str
    records: Sequence[Practice | Document]
    questions: Sequence[Asked]

    def passages(self) -> tuple[list[str], list[str]]:
        """Texts as they are embedded, and the record of each."""
        pieces = [passage for record in self.records for passage in cut(record)]
        return [embedded_text(passage) for passage in pieces], [passage.record for passage in pieces]

    def groups(self) -> dict[str, dict[str, Mapping[str, int]]]:
        """Pair of languages -> question -> its answers in that language; `mixed` holds all answers."""
        languages = {record.id: _language(record) for record in self.records}
        groups: dict[str, dict[str, Mapping[str, int]]] = {}
        for asked in self.questions:
            for target in sorted({languages[key] for key in asked.relevant}):
                name = "mixed" if target == "both" else f"{asked.language}->{target}"
                held = {key: grade for key, grade in asked.relevant.items() if languages[key] == target}
                groups.setdefault(name, {})[asked.id] = held
        if len(set(languages.values())) > 1:
            groups["mixed"] = {asked.id: asked.relevant for asked in self.questions}
        return groups


def _language(record: Practice | Document) -> str:
    if isinstance(record, Document):
        return record.language
    return "both" if len(record.faces) == 2 else next(iter(record.faces))


def names() -> list[str]:
    """All sets but the made ones: the repository's own in both languages and in one, and the BEIR folders below KB_EVAL."""
    place = os.environ.get("KB_EVAL", "")
    folders = sorted(path.parent.name for path in Path(place).glob("*/corpus.jsonl")) if place else []
    return ["practices", "practices-th", "practices-en", *folders]


def open_dataset(name: str, limit: int = 0) -> Dataset:
    """A set by its name; `made:10000` is that many made passages. `limit` questions are taken evenly, 0 for all."""
    if name.startswith("made:"):
        found = _made(name, int(name.partition(":")[2]))
    elif name.partition("-")[0] == "practices":
        found = _practices(name)
    else:
        found = _beir(name, Path(os.environ.get("KB_EVAL", "")) / name)
    if not limit or limit >= len(found.questions):
        return found
    step = len(found.questions) / limit
    return replace(found, questions=[found.questions[int(number * step)] for number in range(limit)])


def _practices(name: str) -> Dataset:
    repository = Repository(load_settings())
    faces: tuple[Lang, ...] = ("th", "en") if name == "practices" else ("th",) if name.endswith("th") else ("en",)
    practices = [read_practice(path, repository.taxonomy) for path in practice_files(repository.settings.corpus)]
    kept = [replace(p, faces={lang: p.faces[lang] for lang in faces if lang in p.faces}) for p in practices]
    topics = [_topic(row, TOPICS) for row in _json_lines(TOPICS)]
    return Dataset(name, kept, [Asked(t.qid, t.language, t.text, t.relevant) for t in topics if t.relevant])


def _beir(name: str, folder: Path) -> Dataset:
    if not (folder / "corpus.jsonl").is_file():
        raise EvaluationError(f"{folder} is no BEIR folder; set KB_EVAL to the folder that holds {name}")
    judged = _qrels(folder / "qrels" / "test.tsv")
    rows = [row for row in _beir_rows(folder / "queries.jsonl") if row["_id"] in judged]
    asked = [Asked(row["_id"], query_language(row["text"]), row["text"], judged[row["_id"]]) for row in rows]
    return Dataset(name, _beir_documents(folder / "corpus.jsonl"), asked)


def _made(name: str, count: int) -> Dataset:
    made = generator.passages(count)
    records = [Document(row.id, row.title, row.language, "text", (Part(1, "section", "", row.text),)) for row in made]
    asked = [
        Asked(row.id, row.language, row.text, {records[2 * row.topic + n].id: 1 for n in (0, 1)})
        for row in generator.questions(count, MADE_TOPICS)
    ]
    return Dataset(name, records, asked)


def made_vectors(dataset: Dataset, owners: Sequence[str], base: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Vectors of a made set's passages (a record that was cut has the same for each) and of its questions."""
    numbers = {record.id: number for number, record in enumerate(dataset.records)}
    rows = np.array([numbers[owner] for owner in owners])
    blocks = (generator.vectors_of(base, rows[at : at + generator.BLOCK]) for at in range(0, len(rows), generator.BLOCK))
    topics = {asked.id: numbers[next(iter(asked.relevant))] // 2 for asked in dataset.questions}
    questions = [generator.Question(q.id, topics[q.id], q.language, q.text) for q in dataset.questions]  # type: ignore[arg-type]
    return np.concatenate(list(blocks)), generator.question_vectors(base, questions)


def base_texts() -> list[str]:
    return generator.corpus().texts()
