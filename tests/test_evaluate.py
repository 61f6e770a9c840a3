"""Metrics against their formulas, and both kinds of test collection with the production search."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_records import share

from kb.errors import EvaluationError
from kb.evaluate import (
    Asked,
    Topic,
    dcg,
    evaluate_beir,
    evaluate_topics,
    moved,
    ndcg,
    read_standings,
    recall,
    reciprocal_rank,
    save_standings,
    success,
    write_run,
)
from kb.ingest.progress import Progress
from kb.repository import Repository

QUIET = Progress(quiet=True)
RELEVANT = {"a": 3, "b": 1, "c": 2}
IDEAL = 3 / math.log2(2) + 2 / math.log2(3) + 1 / math.log2(4)


@pytest.mark.parametrize(
    ("grades", "expected"),
    [([], 0.0), ([3], 3 / math.log2(2)), ([0, 2, 1], 2 / math.log2(3) + 1 / math.log2(4))],
)
def test_dcg_has_linear_gains(grades: list[int], expected: float) -> None:
    assert dcg(grades) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("ranking", "k", "expected"),
    [
        pytest.param("acb", 10, 1.0, id="the ideal order"),
        pytest.param("bca", 10, (1 / math.log2(2) + 2 / math.log2(3) + 3 / math.log2(4)) / IDEAL, id="turned around"),
        pytest.param("xa", 10, (3 / math.log2(3)) / IDEAL, id="one found, at rank 2"),
        pytest.param("xa", 1, 0.0, id="found below the cut-off"),
        pytest.param("c", 1, 2 / 3, id="the ideal is cut at k as well"),
        pytest.param("", 10, 0.0, id="nothing found"),
    ],
)
def test_ndcg(ranking: str, k: int, expected: float) -> None:
    assert ndcg(ranking, RELEVANT, k) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("ranking", "k", "expected"),
    [("xxb", 10, 1 / 3), ("bxa", 10, 1.0), ("xxb", 2, 0.0), ("", 10, 0.0)],
)
def test_reciprocal_rank_is_that_of_the_first_relevant_record(ranking: str, k: int, expected: float) -> None:
    assert reciprocal_rank(ranking, RELEVANT, k) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("ranking", "k", "expected"),
    [("axb", 10, 2 / 3), ("axb", 1, 1 / 3), ("xyz", 10, 0.0), ("cba", 3, 1.0)],
)
def test_recall_is_the_share_of_the_relevant_records(ranking: str, k: int, expected: float) -> None:
    assert recall(ranking, RELEVANT, k) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("ranking", "k", "expected"),
    [
        pytest.param("bxa", 3, 1.0, id="grade 3 within k"),
        pytest.param("bxa", 2, 0.0, id="grade 1 alone is no success"),
        pytest.param("c", 1, 1.0, id="grade 2 is enough"),
    ],
)
def test_success_needs_grade_2(ranking: str, k: int, expected: float) -> None:
    assert success(ranking, RELEVANT, k) == expected


@pytest.mark.parametrize("metric", [ndcg, reciprocal_rank, recall, success])
def test_nothing_relevant_scores_0(metric: Callable[..., float]) -> None:
    assert metric("abc", {}, 10) == 0.0


@settings(deadline=None)
@given(st.permutations("abcdef"), st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 3), min_size=1))
def test_every_metric_lies_between_0_and_1(ranking: list[str], relevant: dict[str, int]) -> None:
    for metric in (ndcg, reciprocal_rank, recall, success):
        assert 0.0 <= metric(ranking, relevant, 4) <= 1.0 + 1e-12


# BEIR

DOCUMENTS = {
    "d1": ("เตือนภัยน้ำท่วม", "เทศบาลใช้ธงสีแจ้งเตือนน้ำท่วมให้ประชาชนในตลาด"),
    "d2": ("", "The water authority put a meter on every connection."),
    "d3": ("Petroleum fund", "Oil receipts go into one fund.\u2028The central bank invests it."),
    "d4": ("สุขภาพ", "อาสาสมัครสาธารณสุขประจำหมู่บ้านเยี่ยมผู้ป่วย"),
    "d5": ("Only a title", ""),
}
QUERIES = {
    "q1": "ธงสีแจ้งเตือนน้ำท่วม",
    "q2": "who put a meter on every connection?",
    "q3": "central bank invests oil receipts",
    "q4": "มาตรวัดน้ำ",
    "q5": "not judged, so not asked",
}
JUDGED = {"q1": {"d1": 2, "d4": 1}, "q2": {"d2": 1, "d3": 0}, "q3": {"d3": 1}, "q4": {"d2": 1}, "q9": {"d1": 1}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "beir"
    (place / "qrels").mkdir(parents=True)
    documents = [{"_id": key, "title": title, "text": text} for key, (title, text) in DOCUMENTS.items()]
    _lines(place / "corpus.jsonl", documents)
    _lines(place / "queries.jsonl", [{"_id": key, "text": text, "metadata": {}} for key, text in QUERIES.items()])
    rows = [f"{qid}\t{key}\t{grade}" for qid, grades in JUDGED.items() for key, grade in grades.items()]
    (place / "qrels" / "test.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *rows]) + "\n")
    return place


def _lines(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n", encoding="utf-8")


def _read_run(path: Path) -> dict[str, list[str]]:
    """Query -> documents in order, checked to be a well-formed TREC run."""
    found: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        qid, q0, key, rank, score, name = line.split(" ")
        found[qid].append((key, float(score)))
        assert (q0, int(rank), name) == ("Q0", len(found[qid]), "kb")
    for ranking in found.values():
        scores = [score for _, score in ranking]
        assert scores == sorted(scores, reverse=True)
    return {qid: [key for key, _ in ranking] for qid, ranking in found.items()}


def test_beir_figures_are_those_of_the_run(repository: Repository, folder: Path, tmp_path: Path) -> None:
    figures = evaluate_beir(folder, share(repository), tmp_path / "run.trec", QUIET)
    run = _read_run(tmp_path / "run.trec")
    relevant = {qid: {key: grade for key, grade in grades.items() if grade} for qid, grades in JUDGED.items()}
    assert run.keys() == QUERIES.keys() - {"q5"} == relevant.keys() - {"q9"}

    def means(qids: list[str]) -> dict[str, float]:
        def mean(metric: Callable[..., float], k: int) -> float:
            return round(sum(metric(run[qid], relevant[qid], k) for qid in qids) / len(qids), 4)

        return {
            "ndcg@10": mean(ndcg, 10),
            "mrr@10": mean(reciprocal_rank, 10),
            "recall@1": mean(recall, 1),
            "recall@10": mean(recall, 10),
            "recall@100": mean(recall, 100),
            "queries": len(qids),
        }

    assert figures == {
        "overall": means(["q1", "q2", "q3", "q4"]),
        "by_language": {"en->en": means(["q2", "q3"]), "th->en": means(["q4"]), "th->th": means(["q1"])},
    }


def test_beir_finds_by_words_what_words_can_find(repository: Repository, folder: Path, tmp_path: Path) -> None:
    evaluate_beir(folder, share(repository), tmp_path / "run.trec", QUIET)
    run = _read_run(tmp_path / "run.trec")
    assert [run[qid][0] for qid in ("q1", "q2", "q3")] == ["d1", "d2", "d3"]
    assert {key for ranking in run.values() for key in ranking} == set(DOCUMENTS)  # a title alone is searched too


def test_beir_leaves_the_repository_alone(repository: Repository, folder: Path) -> None:
    evaluate_beir(folder, share(repository), None, QUIET)
    assert not repository.settings.database.exists()
    assert not repository.settings.index.exists()


def _remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def _write(name: str, data: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(data) and None


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        pytest.param(_remove("corpus.jsonl"), "corpus.jsonl cannot be read", id="no corpus"),
        pytest.param(_remove("queries.jsonl"), "queries.jsonl cannot be read", id="no queries"),
        pytest.param(_remove("qrels/test.tsv"), "test.tsv cannot be read as qrels", id="no judgements"),
        pytest.param(_write("corpus.jsonl", b"{"), "corpus.jsonl:1: not a JSON object", id="corpus cut off"),
        pytest.param(_write("corpus.jsonl", b'{"_id": "a", "text": ""}\n[1]'), "corpus.jsonl:2: not a", id="a list"),
        pytest.param(_write("corpus.jsonl", b'{"text": "a"}'), "lacks _id or text", id="a document without an id"),
        pytest.param(_write("corpus.jsonl", b'{"_id": "a"}'), "'a' lacks _id or text", id="a document without a text"),
        pytest.param(_write("queries.jsonl", b'{"_id": "q1"}'), "'q1' lacks _id or text", id="a query without a text"),
        pytest.param(_write("queries.jsonl", b"\xff\xfe"), "queries.jsonl cannot be read", id="no UTF-8"),
        pytest.param(_write("qrels/test.tsv", b"h\nq1 d1 1"), "as qrels", id="judgements without tabs"),
        pytest.param(_write("qrels/test.tsv", b"h\nq1\td1\thigh"), "as qrels", id="a grade that is no number"),
    ],
)  # fmt: skip
def test_a_bad_folder_gives_one_line(repository: Repository, folder: Path, damage: Callable[[Path], None], reason: str) -> None:
    damage(folder)
    with pytest.raises(EvaluationError, match=reason) as caught:
        evaluate_beir(folder, share(repository), None, QUIET)
    assert "\n" not in str(caught.value)


def test_a_run_that_cannot_be_written_gives_one_line(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="cannot be written"):
        write_run(tmp_path / "missing" / "run.trec", {"q1": [("d1", 0.5)]})


# Topics

TOPICS = [
    {"qid": "1", "lang": "th", "kind": "topical", "text": "ระบบเตือนภัยน้ำท่วมหาดใหญ่ ต้นแบบที่หลายฝ่ายยกย่อง",
     "relevant": {"th-hat-yai-flood-warning": 3, "id-petabencana": 2}},
    {"qid": "2", "lang": "en", "kind": "topical", "text": "conditional cash for poor families",
     "relevant": {"ph-4ps-cash-transfer": 3}},
    {"qid": "3", "lang": "en", "kind": "known-item", "text": "PRIME-HRM", "relevant": {"ph-prime-hrm": 1}},
    {"qid": "4", "lang": "th", "kind": "none", "text": "ฟฟฟฟ ๆๆๆ ฬฬฬฬ", "relevant": {}},
    {"qid": "5", "lang": "en", "kind": "none", "text": "TraceTogether contact tracing", "relevant": {}},
    {"qid": "6", "lang": "en", "kind": "known-item", "text": "xqzw jjkq vvv", "relevant": {"vn-papi": 2}},
]  # fmt: skip


def test_topic_figures(fake_corpus_repository: Repository, tmp_path: Path) -> None:
    _lines(tmp_path / "topics.jsonl", TOPICS)
    with fake_corpus_repository.store(readonly=True) as store:
        searcher = share(fake_corpus_repository).searcher(store)
        figures = evaluate_topics(tmp_path / "topics.jsonl", searcher)
        answers = {str(topic["qid"]): searcher.rank(str(topic["text"]), 100) for topic in TOPICS}
    order = {qid: [key for key, _ in ranking] for qid, (_, ranking) in answers.items()}
    relevant: dict[str, Any] = {str(topic["qid"]): topic["relevant"] for topic in TOPICS}

    def mean(metric: Callable[..., float], k: int, qids: str) -> float:
        return round(sum(metric(order[qid], relevant[qid], k) for qid in qids) / len(qids), 4)

    for means, qids in (
        (figures["overall"], "1236"),
        (figures["by_kind"]["topical"], "12"),
        (figures["by_kind"]["known-item"], "36"),
        (figures["by_language"]["th"], "1"),
        (figures["by_language"]["en"], "236"),
        (figures["by_both"]["topical/th"], "1"),
        (figures["by_both"]["topical/en"], "2"),
        (figures["by_both"]["known-item/en"], "36"),
    ):
        assert means == {
            "ndcg@10": mean(ndcg, 10, qids),
            "mrr@10": mean(reciprocal_rank, 10, qids),
            "recall@1": mean(recall, 1, qids),
            "recall@10": mean(recall, 10, qids),
            "recall@100": mean(recall, 100, qids),
            "success@1": mean(success, 1, qids),
            "success@3": mean(success, 3, qids),
            "queries": len(qids),
        }
    assert figures.keys() == {"overall", "by_kind", "by_language", "by_both", "no_precedent"}
    assert figures["by_kind"].keys() == {"topical", "known-item"}
    assert figures["by_both"].keys() == {"topical/th", "topical/en", "known-item/en"}
    silent = {qid for qid, (verdict, _) in answers.items() if verdict == "no-close-precedent"}
    assert "4" in silent  # or the two shares would be proven on nothing
    assert "1" not in silent
    assert figures["no_precedent"] == {
        "recognised": len(silent & {"4", "5"}) / 2,
        "false_alarm": len(silent & {"1", "2", "3", "6"}) / 4,
        "queries": 2,
    }


def _asked(qid: str, relevant: dict[str, int], ranking: str, verdict: str = "match") -> Asked:
    return Asked(Topic(qid, "en", "topical", f"question {qid}", relevant), verdict, tuple(ranking))


@pytest.mark.parametrize(
    ("asked", "standing"),
    [
        pytest.param(_asked("1", {"c": 3}, "abc"), "3", id="the rank of the right record"),
        pytest.param(_asked("1", {"a": 1, "b": 2, "c": 3}, "abc"), "2", id="the first of grade 2 or more"),
        pytest.param(_asked("1", {"b": 1}, "abc"), "2", id="where nothing is better, grade 1 is enough"),
        pytest.param(_asked("1", {"x": 3}, "abc"), "-", id="nowhere"),
        pytest.param(_asked("1", {"x": 3}, "", "no-close-precedent"), "-", id="nowhere, and no answer"),
        pytest.param(_asked("1", {}, "abc", "no-close-precedent"), "no-close-precedent", id="unanswerable: the verdict"),
        pytest.param(_asked("1", {}, "abc"), "match", id="unanswerable, and not recognised"),
    ],
)
def test_where_a_topic_stands(asked: Asked, standing: str) -> None:
    assert asked.standing == standing


def test_what_moved_is_told_with_the_worst_losses_first() -> None:
    asked = [
        _asked("gain", {"a": 3}, "abc"),
        _asked("loss", {"c": 3}, "abc"),
        _asked("same", {"b": 3}, "abc"),
        _asked("lost", {"x": 3}, "abc"),
        _asked("new", {"a": 3}, "abc"),
        _asked("none", {}, "abc"),
    ]
    before = {"gain": "3", "loss": "1", "same": "2", "lost": "1", "none": "no-close-precedent", "gone": "1"}
    assert moved(asked, before) == [
        "lost: 1 -> -  question lost",
        "loss: 1 -> 3  question loss",
        "none: no-close-precedent -> match  question none",
        "gain: 3 -> 1  question gain",
    ]
    assert moved(asked, {row.topic.qid: row.standing for row in asked}) == moved(asked, {}) == []


def test_standings_come_back_as_they_were_saved(tmp_path: Path) -> None:
    asked = [_asked("คำถาม", {"b": 3}, "abc"), _asked("none", {}, "")]
    save_standings(tmp_path / "standings.json", asked)
    assert read_standings(tmp_path / "standings.json") == {"คำถาม": "2", "none": "match"}


def test_standings_that_cannot_be_written_give_one_line(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="cannot be written"):
        save_standings(tmp_path / "missing" / "standings.json", [])


@pytest.mark.parametrize("data", [None, b"{", b"[1]", b"\xff", b"3"])
def test_standings_that_cannot_be_read_give_one_line(tmp_path: Path, data: bytes | None) -> None:
    path = tmp_path / "standings.json"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(EvaluationError, match=r"standings\.json") as caught:
        read_standings(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param('{"qid": "1", "lang": "th", "kind": "topical", "text": "น้ำ"}', "topic '1' lacks a field", id="field"),
        pytest.param('{"qid": "1", "lang": "th", "kind": "a", "text": "น้ำ", "relevant": {"x": "high"}}', "has a bad one",
                     id="grade"),
        pytest.param('{"qid": "1", "lang": "th", "kind": "a", "text": "น้ำ", "relevant": ["x"]}', "has a bad one", id="list"),
        pytest.param("น้ำ", "topics.jsonl:1: not a JSON object", id="no JSON"),
    ],
)  # fmt: skip
def test_a_bad_topic_gives_one_line(fake_corpus_repository: Repository, tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "topics.jsonl"
    path.write_text(text, encoding="utf-8")
    with fake_corpus_repository.store(readonly=True) as store:
        searcher = share(fake_corpus_repository).searcher(store)
        with pytest.raises(EvaluationError, match=reason) as caught:
            evaluate_topics(path, searcher)
    assert "\n" not in str(caught.value)
