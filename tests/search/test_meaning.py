"""What the search is for, with the real model: a question finds the case that answers it, in whatever language that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from questions import ENGLISH, OFF_TOPIC, THAI

from kb.search.engine import MAX_LIMIT, HitPassage, Request, Searcher

if TYPE_CHECKING:
    from conftest import OneFace

pytestmark = pytest.mark.model


def _ranks(searcher: Searcher, questions: list[tuple[str, str]]) -> dict[str, int]:
    """Question -> rank of the practice that answers it."""
    found = {}
    for question, expected in questions:
        ids = [hit.id for hit in searcher.search(Request(question, limit=MAX_LIMIT)).hits]
        found[question] = ids.index(expected) + 1
    return found


def _check(ranks: dict[str, int], first: float, third: float) -> None:
    """Shares of the questions whose practice is the first, among the first three, and among the first ten (nearly all)."""
    missed = {question: rank for question, rank in ranks.items() if rank > 1}
    for most, floor in ((1, first), (3, third), (10, 0.95)):
        assert sum(rank <= most for rank in ranks.values()) / len(ranks) >= floor, missed


@pytest.mark.parametrize(
    ("asked", "questions"), [pytest.param("en", THAI, id="Thai to English"), pytest.param("th", ENGLISH, id="English to Thai")]
)
def test_a_case_that_exists_in_the_other_language_only_is_found(
    one_face: OneFace, asked: str, questions: list[tuple[str, str]]
) -> None:
    assert len(questions) >= 20
    ranks = _ranks(getattr(one_face, asked), questions)
    _check(ranks, first=0.45, third=0.7)  # measured: 75 % and 88 % from Thai, 50 % and 79 % from English


@pytest.mark.parametrize("questions", [pytest.param(THAI, id="Thai"), pytest.param(ENGLISH, id="English")])
def test_a_case_with_both_faces_is_found_in_either_language(real_searcher: Searcher, questions: list[tuple[str, str]]) -> None:
    ranks = _ranks(real_searcher, questions)
    _check(ranks, first=0.65, third=0.8)  # measured: 88 % and 96 % from Thai, 71 % and 88 % from English


@pytest.mark.parametrize(
    ("questions", "other"), [pytest.param(THAI, "en", id="Thai"), pytest.param(ENGLISH, "th", id="English")]
)
def test_the_other_language_has_its_share_of_the_best_passages(
    real_searcher: Searcher, questions: list[tuple[str, str]], other: str
) -> None:
    shares, both = [], 0
    for question, expected in questions:
        hits = real_searcher.search(Request(question, limit=MAX_LIMIT)).hits
        passages = sorted(
            ((passage.score, hit.id, passage) for hit in hits for passage in hit.passages),
            key=lambda item: -item[0],
        )[:10]
        shares.append(_share(other, [passage for _, _, passage in passages]))
        both += {passage.language for _, key, passage in passages if key == expected} == {"th", "en"}
    assert sum(shares) / len(shares) >= 0.25  # measured: 0.65 from Thai, 0.61 from English
    assert both / len(questions) >= 0.6  # measured: 0.92 from Thai, 0.67 from English


def _share(language: str, passages: list[HitPassage]) -> float:
    return sum(passage.language == language for passage in passages) / len(passages)


@pytest.mark.parametrize(("asked", "questions"), [("en", THAI), ("th", ENGLISH)], ids=["Thai to English", "English to Thai"])
def test_a_case_in_the_other_language_only_is_not_called_far(
    one_face: OneFace, asked: str, questions: list[tuple[str, str]]
) -> None:
    searcher: Searcher = getattr(one_face, asked)
    verdicts = [searcher.rank(question, 1)[0] for question, _ in questions]
    assert verdicts.count("match") / len(verdicts) >= 0.8  # measured: 0.92 from Thai, 1.0 from English


@pytest.mark.parametrize("questions", [pytest.param(THAI, id="Thai"), pytest.param(ENGLISH, id="English")])
def test_a_question_that_the_corpus_answers_is_mostly_a_match(
    real_searcher: Searcher, questions: list[tuple[str, str]]
) -> None:
    verdicts = [real_searcher.rank(question, 1)[0] for question, _ in questions]
    assert verdicts.count("match") / len(verdicts) >= 0.85  # measured: 0.96 and 1.0


def test_a_question_about_something_else_is_mostly_told_so(real_searcher: Searcher) -> None:
    verdicts = {question: real_searcher.rank(question, 1)[0] for question in OFF_TOPIC}
    wrong = [question for question, verdict in verdicts.items() if verdict == "match"]
    assert len(wrong) <= len(OFF_TOPIC) / 5, wrong  # measured: 1 of 10
