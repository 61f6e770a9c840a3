"""Which questions are handed on to be kept, because no case is close to them. See `kb.desk.asked` for what is kept."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request

from kb.desk.asked import AskedQuestions
from kb.search.engine import Result
from web.counts import by_a_program


def keep_unanswered(request: Request, result: Result) -> None:
    """Hand on the first page of a question that was not narrowed by hand, where its reader does not object."""
    asked: AskedQuestions | None = request.app.state.asked
    if asked is not None and _whole(result) and not by_a_program(request.headers) and not objects(request.headers):
        asked.record(result.request.text, result.query.language, result.verdict)


def _whole(result: Result) -> bool:
    given = result.request
    narrowed = any(given.filters.values()) or (given.year_from, given.year_to) != (None, None)
    return not (narrowed or given.undo or given.redo or given.offset)


def objects(headers: Mapping[str, str]) -> bool:
    """Whether the browser says that its reader wants nothing of this kind kept."""
    return headers.get("sec-gpc") == "1" or headers.get("dnt") == "1"
