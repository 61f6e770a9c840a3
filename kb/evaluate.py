"""Relevance of the production search on test collections: BEIR folders, and topics judged on the repository itself."""

from __future__ import annotations

import json
import math
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kb.errors import EvaluationError
from kb.ingest.embedding import embed
from kb.ingest.passages import passages_of
from kb.ingest.progress import Progress
from kb.records import Document, Part, Practice
from kb.repository import Repository
from kb.search.engine import Searcher
from kb.search.query import query_language
from kb.store import Store
from kb.text.language import detect

DEPTH = 100
"""Records that are asked for: the deepest cut-off that is reported."""

_BATCH = 256


@dataclass(frozen=True)
class Topic:
    """A judged question; `relevant` maps a record id to a grade from 1 to 3 and is empty where there is no precedent.

    `of` is the topic that this one is another way of typing, if any.
    """

    qid: str
    language: str
    kind: str
    text: str
    relevant: Mapping[str, int]
    of: str = ""


# Metrics. A ranking is a list of ids, best first; `relevant` maps ids to grades above 0.


def dcg(grades: Iterable[int]) -> float:
    """Discounted cumulative gain with linear gains, as trec_eval and BEIR have it: sum of grade / log2(rank + 1)."""
    return sum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))


def ndcg(ranking: Sequence[str], relevant: Mapping[str, int], k: int) -> float:
    """nDCG@k (Järvelin and Kekäläinen, 2002)."""
    ideal = dcg(sorted(relevant.values(), reverse=True)[:k])
    return dcg(relevant.get(key, 0) for key in ranking[:k]) / ideal if ideal else 0.0


def reciprocal_rank(ranking: Sequence[str], relevant: Mapping[str, int], k: int) -> float:
    """1 / rank of the first relevant record within k, else 0."""
    return next((1 / rank for rank, key in enumerate(ranking[:k], 1) if relevant.get(key, 0) > 0), 0.0)


def recall(ranking: Sequence[str], relevant: Mapping[str, int], k: int) -> float:
    """Share of the relevant records that stand within k."""
    wanted = {key for key, grade in relevant.items() if grade > 0}
    return len(wanted & set(ranking[:k])) / len(wanted) if wanted else 0.0


def success(ranking: Sequence[str], relevant: Mapping[str, int], k: int, grade: int = 2) -> float:
    """1 where a record of at least `grade` stands within k, else 0."""
    return float(any(relevant.get(key, 0) >= grade for key in ranking[:k]))


_BEIR_METRICS: dict[str, Callable[[Sequence[str], Mapping[str, int]], float]] = {
    "ndcg@10": lambda ranking, relevant: ndcg(ranking, relevant, 10),
    "mrr@10": lambda ranking, relevant: reciprocal_rank(ranking, relevant, 10),
    "recall@1": lambda ranking, relevant: recall(ranking, relevant, 1),
    "recall@10": lambda ranking, relevant: recall(ranking, relevant, 10),
    "recall@100": lambda ranking, relevant: recall(ranking, relevant, 100),
}
_TOPIC_METRICS = _BEIR_METRICS | {
    "success@1": lambda ranking, relevant: success(ranking, relevant, 1),
    "success@3": lambda ranking, relevant: success(ranking, relevant, 3),
}


def evaluate_beir(folder: Path, repository: Repository, run: Path | None, progress: Progress) -> dict[str, Any]:
    """Index a BEIR folder with the production code in a throwaway place, ask all queries, and report.

    Raises `EvaluationError` where the folder lacks a file or a line cannot be read.
    """
    documents = _beir_documents(folder / "corpus.jsonl")
    queries = {row["_id"]: row["text"] for row in _beir_rows(folder / "queries.jsonl")}
    judged = _qrels(folder / "qrels" / "test.tsv")
    with tempfile.TemporaryDirectory(prefix="kb-beir-") as place:
        own = replace(repository.settings, home=Path(place) / "var", index=Path(place) / "index")
        throwaway = Repository(own, repository.encoder)
        throwaway.space = repository.space
        with throwaway.store() as store:
            index_records(documents, throwaway, store, progress)
            searcher = throwaway.searcher(store)
            asked = [qid for qid in queries if qid in judged]
            rankings = _ask(searcher, {qid: queries[qid] for qid in asked}, progress)
    if run is not None:
        write_run(run, rankings)
    languages = {document.id: document.language for document in documents}
    groups: dict[str, list[str]] = defaultdict(list)
    for qid in asked:
        source = query_language(queries[qid])
        for target in {languages[key] for key in judged[qid] if key in languages}:
            groups[f"{source}->{target}"].append(qid)
    order = {qid: [key for key, _ in rankings[qid]] for qid in asked}
    return {
        "overall": _means(asked, order, judged, _BEIR_METRICS),
        "by_language": {name: _means(qids, order, judged, _BEIR_METRICS) for name, qids in sorted(groups.items())},
    }


@dataclass(frozen=True)
class Asked:
    """A topic with the answer it got: the verdict, and record ids, best first."""

    topic: Topic
    verdict: str
    ranking: tuple[str, ...]

    @property
    def standing(self) -> str:
        """Where the first record of grade 2 or more stands, `-` if nowhere; of an unanswerable topic, the verdict."""
        if not self.topic.relevant:
            return self.verdict
        best = max(self.topic.relevant.values())
        wanted = {key for key, grade in self.topic.relevant.items() if grade >= min(best, 2)}
        return next((str(rank) for rank, key in enumerate(self.ranking, 1) if key in wanted), "-")


def ask_topics(file: Path, searcher: Searcher) -> list[Asked]:
    """Ask the topics of a JSON-lines file on the present repository. Raises `EvaluationError` where a line cannot be read."""
    topics = [_topic(row, file) for row in _json_lines(file)]
    answers = ((topic, searcher.rank(topic.text, DEPTH)) for topic in topics)
    return [Asked(topic, verdict, tuple(key for key, _ in ranking)) for topic, (verdict, ranking) in answers]


def evaluate_topics(file: Path, searcher: Searcher) -> dict[str, Any]:
    """Ask the topics of a JSON-lines file on the present repository, and report."""
    return report_topics(ask_topics(file, searcher))


def report_topics(asked: Sequence[Asked]) -> dict[str, Any]:
    """Figures of topics that were asked, over all, by kind, by language, and by both.

    A topic without relevant records asks for the honest answer: `recognised` is how often `no-close-precedent` was
    given to those, `false_alarm` how often it was wrongly given to the others.
    """
    order = {row.topic.qid: row.ranking for row in asked}
    judged = {row.topic.qid: row.topic.relevant for row in asked}
    groups: dict[str, dict[str, list[str]]] = {name: defaultdict(list) for name in ("by_kind", "by_language", "by_both")}
    for row in asked:
        if row.topic.relevant:
            topic = row.topic
            groups["by_kind"][topic.kind].append(topic.qid)
            groups["by_language"][topic.language].append(topic.qid)
            groups["by_both"][f"{topic.kind}/{topic.language}"].append(topic.qid)
    silent = {row.topic.qid for row in asked if row.verdict == "no-close-precedent"}
    none = [row.topic.qid for row in asked if not row.topic.relevant]
    some = [row.topic.qid for row in asked if row.topic.relevant]
    return {
        "overall": _means(some, order, judged, _TOPIC_METRICS),
        **{
            name: {key: _means(qids, order, judged, _TOPIC_METRICS) for key, qids in sorted(group.items())}
            for name, group in groups.items()
        },
        "no_precedent": {
            "recognised": _share(none, silent),
            "false_alarm": _share(some, silent),
            "queries": len(none),
        },
    }


def moved(asked: Sequence[Asked], before: Mapping[str, str]) -> list[str]:
    """A line for each topic that stands elsewhere than `before` (qid -> standing) says, worst losses first."""
    changes = [(row, before[row.topic.qid]) for row in asked if before.get(row.topic.qid, row.standing) != row.standing]
    changes.sort(key=lambda change: (_place(change[1]) - _place(change[0].standing), change[0].topic.qid))
    return [f"{row.topic.qid}: {old} -> {row.standing}  {row.topic.text[:80]}" for row, old in changes]


def _place(standing: str) -> int:
    """A standing as a number that is higher the worse it is."""
    return int(standing) if standing.isdecimal() else DEPTH + 1


def save_standings(path: Path, asked: Sequence[Asked]) -> None:
    """Write where each topic stands, for `moved`."""
    standings = {row.topic.qid: row.standing for row in asked}
    try:
        path.write_text(json.dumps(standings, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    except OSError as exc:
        raise EvaluationError(f"{path} cannot be written ({exc.strerror})") from exc


def read_standings(path: Path) -> dict[str, str]:
    """What `save_standings` wrote; raises `EvaluationError` where it cannot be read."""
    try:
        return {str(qid): str(standing) for qid, standing in json.loads(path.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError, AttributeError) as exc:
        raise EvaluationError(f"{path} holds no standings; write them with: kb eval topics FILE --save {path}") from exc


def write_run(path: Path, rankings: Mapping[str, Sequence[tuple[str, float]]]) -> None:
    """Write a TREC run: query, Q0, document, rank, score, name."""
    lines = [
        f"{qid} Q0 {key} {rank} {score:.6f} kb"
        for qid, ranking in rankings.items()
        for rank, (key, score) in enumerate(ranking, 1)
    ]
    try:
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as exc:
        raise EvaluationError(f"{path} cannot be written ({exc.strerror})") from exc


def _share(wanted: Sequence[str], found: set[str]) -> float:
    return round(sum(qid in found for qid in wanted) / len(wanted), 4) if wanted else 0.0


def _means(
    qids: Sequence[str],
    order: Mapping[str, Sequence[str]],
    judged: Mapping[str, Mapping[str, int]],
    metrics: Mapping[str, Callable[[Sequence[str], Mapping[str, int]], float]],
) -> dict[str, float | int]:
    means: dict[str, float | int] = {
        name: round(sum(metric(order[qid], judged[qid]) for qid in qids) / max(len(qids), 1), 4)
        for name, metric in metrics.items()
    }
    return means | {"queries": len(qids)}


def _ask(searcher: Searcher, queries: Mapping[str, str], progress: Progress) -> dict[str, list[tuple[str, float]]]:
    rankings = {}
    with progress.stage("asking", len(queries)) as stage:
        for qid, text in queries.items():
            rankings[qid] = searcher.rank(text, DEPTH)[1]
            stage.advance(1, 0)
    return rankings


def index_records(records: Sequence[Practice | Document], repository: Repository, store: Store, progress: Progress) -> None:
    """Put records into an empty store with the production steps: cut, segment, embed, write."""
    encoder, segmenter = repository.encoder, repository.segmenter
    store.set_meta("text_state", repository.text_state)
    done = 0
    with progress.stage("indexing", len(records)) as stage:
        for start in range(0, len(records), _BATCH):
            batch = records[start : start + _BATCH]
            indexed = {record.id: passages_of(record, segmenter) for record in batch}
            vectors = embed((item for items in indexed.values() for item in items), encoder)
            done += len(vectors)
            with store.transaction():
                for record in batch:
                    own = {item.vector: vectors[item.vector] for item in indexed[record.id]}
                    store.put(record, indexed[record.id], own, encoder.fingerprint)
            stage.advance(len(batch), done)


def _beir_documents(path: Path) -> list[Document]:
    documents = []
    for row in _beir_rows(path):
        title, text = row["title"].strip(), row["text"].strip()
        body = text or title
        language = detect(body)
        parts = (Part(1, "section", "", body),)
        documents.append(Document(row["_id"], title, language, "text", parts))
    return documents


def _beir_rows(path: Path) -> list[dict[str, str]]:
    rows = []
    for row in _json_lines(path):
        if "_id" not in row or not isinstance(row.get("text"), str):
            raise EvaluationError(f"{path}: the line of {row.get('_id')!r} lacks _id or text; mend or remove it")
        rows.append({"_id": str(row["_id"]), "title": str(row.get("title") or ""), "text": row["text"]})
    return rows


def _json_lines(path: Path) -> list[dict[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")  # JSON may hold U+2028, at which splitlines cuts
    except (OSError, UnicodeDecodeError) as exc:
        raise EvaluationError(f"{path} cannot be read; check that it is a UTF-8 file of this collection") from exc
    rows = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as exc:
            raise EvaluationError(f"{path}:{number}: not a JSON object; mend or remove the line") from exc
        if not isinstance(row, dict):
            raise EvaluationError(f"{path}:{number}: not a JSON object; mend or remove the line")
        rows.append(row)
    return rows


def _qrels(path: Path) -> dict[str, dict[str, int]]:
    """Judgements above 0 by query; the first line is a header."""
    judged: dict[str, dict[str, int]] = defaultdict(dict)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()[1:]
        for line in lines:
            qid, key, grade = line.split("\t")
            if int(grade) > 0:
                judged[qid][key] = int(grade)
    except (OSError, ValueError) as exc:
        raise EvaluationError(f"{path} cannot be read as qrels (query, document, grade in tabs): {exc}") from exc
    return dict(judged)


def _topic(row: dict[str, Any], path: Path) -> Topic:
    try:
        return Topic(
            str(row["qid"]),
            str(row["lang"]),
            str(row["kind"]),
            str(row["text"]),
            {str(key): int(grade) for key, grade in dict(row["relevant"]).items()},
            str(row.get("of", "")),
        )
    except (KeyError, TypeError, ValueError) as exc:
        raise EvaluationError(f"{path}: topic {row.get('qid')!r} lacks a field or has a bad one ({exc})") from exc
