"""The JSON answer, field by field: programs read it, so a field may be added but never renamed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from made_records import put

from kb.repository import Repository
from kb.search.answer import answer_as_json
from kb.search.engine import Request, Searcher
from kb.store import FACETS


def _answer(searcher: Searcher, request: Request) -> dict[str, Any]:
    """The answer after a round trip, as a program gets it."""
    answer: dict[str, Any] = json.loads(json.dumps(answer_as_json(searcher.search(request))))
    return answer


@pytest.fixture(scope="module")
def answer(searcher: Searcher) -> dict[str, Any]:
    return _answer(searcher, Request("น้ำท่วม ๒๕๕๓", {"country": ("TH",), "status": ()}, 2005, 2020, limit=5))


def test_the_answer(answer: dict[str, Any]) -> None:
    assert {"query", "interpretation", "verdict", "hits", "facets"} <= answer.keys()
    assert answer["query"] == "น้ำท่วม ๒๕๕๓"
    assert answer["verdict"] in ("match", "no-close-precedent")
    assert (answer["limit"], answer["offset"]) == (5, 0)
    assert len(answer["hits"]) == answer["total"] > 1


def test_the_interpretation_says_what_was_understood(answer: dict[str, Any]) -> None:
    assert answer["interpretation"] == {
        "text": "น้ำท่วม 2553",
        "language": "th",
        "keywords": ["น้ำท่วม", "2553"],
        "parts": [str(2553 - 543)],
        "truncated": False,
        "filters": {"country": ["TH"]},
        "year_from": 2005,
        "year_to": 2020,
    }


def test_a_hit(answer: dict[str, Any], searcher: Searcher) -> None:
    for hit in answer["hits"]:
        assert {"id", "kind", "title", "country", "score", "legs", "passages"} <= hit.keys()
        row = searcher.store.rows([hit["id"]])[hit["id"]]
        assert (hit["kind"], hit["country"]) == ("practice", "TH")
        assert hit["title"] == {"th": row.title.th, "en": row.title.en}
        assert isinstance(hit["score"], float)
        for leg in hit["legs"]:
            assert leg.keys() == {"leg", "language", "rank", "score"}
            assert leg["leg"] in ("meaning", "keyword")


def test_a_passage(answer: dict[str, Any], searcher: Searcher) -> None:
    passages = [passage for hit in answer["hits"] for passage in hit["passages"]]
    assert passages
    stored = searcher.store.passages_by_key([passage["key"] for passage in passages])
    for passage in passages:
        assert {"lang", "section", "text", "highlights"} <= passage.keys()
        source = stored[passage["key"]]
        assert (passage["lang"], passage["section"], passage["text"]) == (source.language, source.section, source.text)
        assert all(0 <= start < end <= len(passage["text"]) for start, end in passage["highlights"])
    marked = {passage["text"][start:end] for passage in passages for start, end in passage["highlights"]}
    assert "น้ำท่วม" in marked


def test_facets_are_lists_of_values_with_counts(answer: dict[str, Any]) -> None:
    assert tuple(answer["facets"]) == FACETS
    assert all(value.keys() == {"value", "count", "selected"} for values in answer["facets"].values() for value in values)
    assert [value["value"] for value in answer["facets"]["country"] if value["selected"]] == ["TH"]


def test_an_empty_question_lists_hits_without_passages(searcher: Searcher) -> None:
    answer = _answer(searcher, Request(limit=2))
    assert [(hit["passages"], hit["legs"], hit["score"]) for hit in answer["hits"]] == [([], [], 0.0)] * 2
    assert (answer["total"], answer["verdict"]) == (24, "match")


def test_a_document_cites_its_part_and_has_a_title_in_its_language_only(repository: Repository) -> None:
    with repository.store() as store:
        put(repository, store)
        answer = _answer(repository.searcher(store), Request("municipal budgets", {"kind": ("document",)}))
    (hit,) = answer["hits"]
    assert (hit["id"], hit["kind"], hit["country"], hit["start"]) == ("file-report", "document", None, 2011)
    assert hit["title"] == {"th": "", "en": "file-report"}
    assert [(passage["section"], passage["part"]) for passage in hit["passages"]] == [("section", 1)]


@pytest.mark.parametrize("text", ["flood \ud800", "\udfff", "น้ำ\x00ท่วม", "a" * 10_000])
def test_any_question_can_be_written_as_json(searcher: Searcher, text: str) -> None:
    written = json.dumps(answer_as_json(searcher.search(Request(text))), ensure_ascii=False).encode()
    assert json.loads(written)["query"] == text.encode("utf-8", "replace").decode()[:2000]
