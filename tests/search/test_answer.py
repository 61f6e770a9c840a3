"""The JSON answer, field by field: programs read it, so a field may be added but never renamed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from made_records import in_order, put

from kb.repository import Repository
from kb.search.answer import answer_as_json
from kb.search.engine import Request, Searcher
from kb.store import FACETS


def _answer(searcher: Searcher, request: Request) -> dict[str, Any]:
    """The answer after a round trip, as a program gets it."""
    answer: dict[str, Any] = json.loads(json.dumps(answer_as_json(searcher.search(request))))
    return answer


QUESTION = Request('น้ำทวม ๒๕๕๓ เทศบาล "ธงพันสี"', {"country": ("TH",), "status": ()}, 2005, 2020, limit=5, reader="en")
"""A question with a slip, a year, a term, a level of government and a phrase that stands nowhere."""


@pytest.fixture(scope="module")
def answer(searcher: Searcher) -> dict[str, Any]:
    return _answer(searcher, QUESTION)


def test_the_answer(answer: dict[str, Any]) -> None:
    assert answer.keys() == {"query", "interpretation", "verdict", "total", "limit", "offset", "hits", "facets"}
    assert answer["query"] == QUESTION.text
    assert answer["verdict"] in ("match", "no-close-precedent")
    assert (answer["limit"], answer["offset"]) == (5, 0)
    assert len(answer["hits"]) == answer["total"] > 1


def test_the_interpretation_says_what_was_understood(answer: dict[str, Any]) -> None:
    steps = {step["kind"]: step for step in answer["interpretation"].pop("steps")}
    assert answer["interpretation"] == {
        "text": "น้ำท่วม 2553 เทศบาล ธงพันสี",
        "language": "th",
        "keywords": ["น้ำท่วม", "2553", "เทศบาล", "ธง", "พัน", "สี"],
        "parts": [str(2553 - 543)],
        "truncated": False,
        "meaning": "น้ำท่วม 2553 เทศบาล ธงพันสี",
        "filters": {"country": ["TH"]},
        "year_from": 2005,
        "year_to": 2020,
        "preferred": {"level": ["local"]},
    }
    assert steps["spelling"] == {
        "kind": "spelling",
        "said": "น้ำทวม",
        "value": "น้ำท่วม",
        "applied": True,
        "key": "spelling:น้ำท่วม",
    }
    assert (steps["phrase"]["said"], steps["phrase"]["applied"]) == ('"ธงพันสี"', False)
    assert all(step.keys() == steps["spelling"].keys() for step in steps.values())


def test_a_hit(answer: dict[str, Any], searcher: Searcher) -> None:
    for hit in answer["hits"]:
        assert hit.keys() == {
            "id", "kind", "title", "summary", "country", "start", "score", "legs", "passages", "missing",
        }  # fmt: skip
        row = searcher.store.rows([hit["id"]])[hit["id"]]
        assert (hit["kind"], hit["country"], hit["start"]) == ("practice", "TH", row.start)
        assert hit["title"] == {"th": row.title.th, "en": row.title.en}
        assert hit["summary"] == {"th": row.summary.th, "en": row.summary.en}
        assert isinstance(hit["score"], float)
        for leg in hit["legs"]:
            assert leg.keys() == {"leg", "language", "rank", "score", "share"}
            assert leg["leg"] in ("meaning", "keyword")
        assert sum(leg["share"] for leg in hit["legs"]) == pytest.approx(1, abs=1e-3)


def test_words_are_missing_only_where_nothing_is_close(searcher: Searcher) -> None:
    far = _answer(searcher, Request("tomato soup recipe", limit=2))
    near = _answer(searcher, Request("Traffy Fondue", limit=2))
    assert (far["verdict"], near["verdict"]) == ("no-close-precedent", "match")
    assert set(far["hits"][0]["missing"]) <= {"tomato", "soup", "recipe"}
    assert far["hits"][0]["missing"]
    assert [hit["missing"] for hit in near["hits"]] == [[], []]


def test_a_passage(answer: dict[str, Any], searcher: Searcher) -> None:
    passages = [passage for hit in answer["hits"] for passage in hit["passages"]]
    assert passages
    stored = searcher.store.passages_by_key([passage["key"] for passage in passages])
    for passage in passages:
        assert passage.keys() == {
            "lang", "section", "part", "text", "highlights", "score", "key", "twin", "why", "matches", "aligned",
        }  # fmt: skip
        source = stored[passage["key"]]
        assert (passage["lang"], passage["section"], passage["text"]) == (source.language, source.section, source.text)
        assert passage["twin"] == source.twin
        assert all(0 <= start < end <= len(passage["text"]) for start, end in passage["highlights"])
        assert passage["why"] == ("words" if passage["highlights"] else "meaning")
    marked = {passage["text"][start:end] for passage in passages for start, end in passage["highlights"]}
    assert "น้ำท่วม" in marked


def test_a_match(answer: dict[str, Any]) -> None:
    passages = [passage for hit in answer["hits"] for passage in hit["passages"]]
    matches = [(match, passage["text"]) for passage in passages for match in passage["matches"]]
    for match, text in matches:
        assert match.keys() == {"start", "end", "text", "term", "form"}
        assert text[match["start"] : match["end"]] == match["text"]
    assert {match["form"] for match, _ in matches} >= {"corrected", "expanded"}


def test_a_thai_passage_is_aligned_with_an_english_one_for_an_english_reader(
    answer: dict[str, Any], searcher: Searcher
) -> None:
    aligned = [passage for hit in answer["hits"] for passage in hit["passages"] if passage["aligned"]]
    assert aligned
    for passage in aligned:
        assert passage["aligned"].keys() == {"lang", "section", "text", "key"}
        assert (passage["lang"], passage["aligned"]["lang"]) == ("th", "en")
        assert passage["aligned"]["key"] == passage["twin"]
        (source,) = searcher.store.passages_by_key([passage["twin"]]).values()
        assert (passage["aligned"]["section"], passage["aligned"]["text"]) == (source.section, source.text)


def test_facets_are_lists_of_values_with_counts(answer: dict[str, Any]) -> None:
    assert tuple(answer["facets"]) == FACETS
    assert all(value.keys() == {"value", "count", "selected"} for values in answer["facets"].values() for value in values)
    assert [value["value"] for value in answer["facets"]["country"] if value["selected"]] == ["TH"]


def test_an_empty_question_lists_hits_without_passages(searcher: Searcher) -> None:
    answer = _answer(searcher, Request(limit=2))
    assert [(hit["passages"], hit["legs"], hit["score"]) for hit in answer["hits"]] == [([], [], 0.0)] * 2
    assert (answer["total"], answer["verdict"]) == (len(in_order(searcher.store)), "match")


def test_a_document_cites_its_part_and_has_a_title_in_its_language_only(repository: Repository) -> None:
    with repository.store() as store:
        put(repository, store)
        answer = _answer(repository.searcher(store), Request("municipal budgets", {"kind": ("document",)}))
    (hit,) = answer["hits"]
    assert (hit["id"], hit["kind"], hit["country"], hit["start"]) == ("file-report", "document", None, 2011)
    assert hit["title"] == {"th": "", "en": "file-report"}
    assert [(passage["section"], passage["part"]) for passage in hit["passages"]] == [("section", 1)]


@pytest.mark.parametrize(
    "text",
    [
        "flood \ud800", "\udfff", "น้ำ\x00ท่วม", "a" * 10_000, '"flood \ud800"', "title:a\ud800 flood", "flood -a\ud800",
        "country:\ud800", "flooodd\ud800", "since 2015\ud800",
    ],
)  # fmt: skip
def test_any_question_can_be_written_as_json(searcher: Searcher, text: str) -> None:
    written = json.dumps(answer_as_json(searcher.search(Request(text))), ensure_ascii=False).encode()
    assert json.loads(written)["query"] == text.encode("utf-8", "replace").decode()[:2000]
