"""Unanswered searches at the desk, and the call that is drafted from them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from desk_visits import Visit, visit
from fastapi import FastAPI

from kb.desk.asked import NO_PRECEDENT, AskedQuestions
from kb.desk.rights import Role

QUESTION = "rocket launch <licence> in Laos"


@pytest.fixture
def reviewer(app: FastAPI, tmp_path: Path) -> Iterator[Visit]:
    """Signed in, with one question that was asked on two days."""
    before = app.state.asked
    today = datetime.now(UTC).date()
    for day in (today - timedelta(days=3), today):
        app.state.asked = AskedQuestions(tmp_path / "searches.db", lambda day=day: day)
        app.state.asked.record(QUESTION, "en", NO_PRECEDENT)
        app.state.asked.flush()
    with visit(app, f"{tmp_path.name}@curate.example", Role.REVIEWER) as (_, visitor):
        yield visitor
    app.state.asked = before


@pytest.mark.parametrize("language", ["th", "en"])
def test_a_group_is_listed_and_a_call_drafted_in_both_languages(reviewer: Visit, language: str) -> None:
    page = reviewer.get(f"/{language}/desk/unanswered").text
    assert "rocket launch &lt;licence&gt; in Laos" in page
    answer = reviewer.post(f"/{language}/desk/unanswered/call", text=QUESTION)
    assert 'id="letter-th" lang="th"' in answer.text
    assert 'id="letter-en" lang="en"' in answer.text
    assert "<licence>" not in answer.text


FORMS = [("txt", b"Call for good practices"), ("docx", b"PK")]


@pytest.mark.parametrize(("form", "holds"), FORMS)
def test_the_call_as_a_file(reviewer: Visit, form: str, holds: bytes) -> None:
    answer = reviewer.post("/en/desk/unanswered/call", text=QUESTION, form=form)
    assert holds in answer.content
    assert answer.headers["content-disposition"].startswith("attachment")


def test_a_question_that_nobody_asked_has_no_call(reviewer: Visit) -> None:
    assert reviewer.post("/en/desk/unanswered/call", text="something else").status_code == 404


def test_a_server_that_keeps_no_questions_says_so(app: FastAPI, reviewer: Visit) -> None:
    app.state.asked = None
    assert "keeps no questions" in reviewer.get("/en/desk/unanswered").text
