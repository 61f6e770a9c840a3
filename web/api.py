"""The public interface for programs: `/api/v1`, and `/healthz`."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, Field

from kb.index import read_manifest
from kb.moved import Moved
from kb.records import Practice
from kb.search.answer import answer_as_json
from kb.search.engine import MAX_LIMIT
from kb.search.similar import MAX_TEXT, similar_to_record, similar_to_text
from web.parameters import SearchParameters, search_parameters
from web.render import searcher_in
from web.unanswered import keep_unanswered

router = APIRouter()


class Titles(BaseModel):
    """A text in both languages; empty where a record has one face."""

    th: str
    en: str


class LegModel(BaseModel):
    """One reason why a record was found."""

    leg: str = Field(description="`meaning` or `keyword`")
    language: str = Field(description="Language of the passages that this leg searched")
    rank: int = Field(description="Place of the record's best passage in this leg, from 1")
    score: float = Field(description="Cosine, or share of the question's keywords, of that passage")
    share: float = Field(description="Share of the record's evidence; all shares of a record add up to 1")


class MatchModel(BaseModel):
    """A word of a passage that the question matched."""

    start: int
    end: int
    text: str
    term: str = Field(description="The indexed word, or the words of the question for a form of a term")
    form: str = Field(description="`exact`, `inflected`, `part`, `year`, `expanded` or `corrected`")


class AlignedModel(BaseModel):
    """The passage of the other face that says the same, in the reader's language."""

    lang: str
    section: str
    text: str
    key: str


class PassageModel(BaseModel):
    """A passage of the record's text."""

    lang: str
    section: str = Field(description="Section of a practice, or page, slide or section of a document")
    part: int = Field(description="Number of the page, slide or section; 0 for a practice")
    text: str
    highlights: list[tuple[int, int]] = Field(description="Half-open spans of `text`, in code points")
    score: float
    key: str
    twin: str | None = Field(description="Key of the aligned passage in the other language")
    why: str = Field(description="`words` where words of the question stand in it, else `meaning`")
    matches: list[MatchModel]
    aligned: AlignedModel | None


class HitModel(BaseModel):
    """A record, with why it is here."""

    id: str
    kind: str
    title: Titles
    summary: Titles
    country: str | None
    start: int | None
    score: float
    legs: list[LegModel]
    passages: list[PassageModel]
    missing: list[str] = Field(description="Words of the question that the record lacks; only where no precedent is close")


class FacetModel(BaseModel):
    value: str
    count: int
    selected: bool


class StepModel(BaseModel):
    """One thing that was understood; give `key` as `undo` to take it back, or as `redo` to apply one that is only offered."""

    kind: str
    said: str
    value: str
    applied: bool
    key: str


class Interpretation(BaseModel):
    """How the question was read."""

    text: str
    language: str
    keywords: list[str]
    parts: list[str]
    truncated: bool
    filters: dict[str, list[str]]
    year_from: int | None
    year_to: int | None
    meaning: str = Field(description="What the text model reads")
    preferred: dict[str, list[str]]
    steps: list[StepModel]


class Answer(BaseModel):
    """The answer to a search."""

    query: str
    interpretation: Interpretation
    verdict: str = Field(description="`match` or `no-close-precedent`")
    total: int
    limit: int
    offset: int
    hits: list[HitModel]
    facets: dict[str, list[FacetModel]]


class Problem(BaseModel):
    """An error: one line that says what to do."""

    error: str


class Withdrawn(Problem):
    """A practice that was withdrawn: on which day, in ISO 8601, and why."""

    id: str
    day: str
    reason: Titles


_ELSEWHERE: dict[int | str, dict[str, Any]] = {
    301: {"description": "The practice has another id now; `Location` leads to it"},
    404: {"model": Problem},
    410: {"model": Withdrawn},
}


def _elsewhere(request: Request, record: str, below: str = "") -> Response:
    """Where an id that is no practice leads, as on the pages: to its new address, or to why it was withdrawn."""
    moved: Moved | None = request.app.state.moved.find(record)
    if moved is None:
        raise HTTPException(404, "There is no such practice; it may have been moved or withdrawn.")
    if moved.to is None:
        reason = Titles(th=moved.reason.th, en=moved.reason.en)
        day = moved.day.isoformat()
        gone = Withdrawn(error=f"This practice was withdrawn on {day}: {reason.en}", id=record, day=day, reason=reason)
        return JSONResponse(gone.model_dump(), 410)
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/api/v1/practices/{quote(moved.to)}{below}{query}", 301)


@router.get(
    "/api/v1/search",
    tags=["search"],
    summary="Search practices and documents",
    responses={422: {"model": Problem}, 429: {"model": Problem}},
)
def search(
    request: Request,
    parameters: SearchParameters,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 20,
    offset: Annotated[int, Query(ge=0, le=10_000)] = 0,
    reader: Annotated[Literal["", "th", "en"], Query(description="Language of aligned passages; empty: the question's.")] = "",
) -> Answer:
    """Records in both languages for a question in either one, grouped by record, with passages, reasons and facets."""
    asked = replace(search_parameters(parameters, limit, offset), reader=reader)
    result = searcher_in(request).search(asked)
    keep_unanswered(request, result)
    return Answer.model_validate(answer_as_json(result))


class SuggestionModel(BaseModel):
    """A suggestion: its text, its counterpart in the other language, and the record it leads to, if any."""

    text: str
    other: str
    kind: str = Field(description="`term`, `title`, `agency` or `question`")
    language: str
    record: str | None


@router.get("/api/v1/suggest", tags=["search"], summary="Suggest while a question is typed")
def suggest(
    request: Request,
    q: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=20)] = 8,
) -> list[SuggestionModel]:
    """Titles, terms, agencies and questions with a word that begins with what is typed, in either script."""
    found = searcher_in(request).suggester.suggest(q, limit)
    return [SuggestionModel(text=e.text, other=e.other, kind=e.kind, language=e.language, record=e.record) for e in found]


class SimilarModel(BaseModel):
    """A similar record with the passage that is nearest, and the passage of the source that it is near to."""

    id: str
    kind: str
    title: Titles
    summary: Titles
    country: str | None
    start: int | None
    score: float
    passage: dict[str, Any]


class Draft(BaseModel):
    """A text to find similar records for."""

    text: str = Field(max_length=MAX_TEXT)
    limit: int = Field(5, ge=1, le=20)


@router.get(
    "/api/v1/practices/{id}/similar",
    tags=["practices"],
    summary="Records like this practice",
    response_model=list[SimilarModel],
    responses=_ELSEWHERE,
)
def similar(
    request: Request,
    id: str,  # noqa: A002
    limit: Annotated[int, Query(ge=1, le=20)] = 5,
) -> list[SimilarModel] | Response:
    """Best first, in either language, without the practice itself."""
    searcher = searcher_in(request)
    if not searcher.store.rows([id]):
        return _elsewhere(request, id, "/similar")
    return [SimilarModel.model_validate(asdict(found)) for found in similar_to_record(searcher, id, limit)]


@router.post(
    "/api/v1/similar",
    tags=["search"],
    summary="Records like a text",
    responses={422: {"model": Problem}, 429: {"model": Problem}},
)
def similar_text(request: Request, draft: Draft) -> list[SimilarModel]:
    """Records like a page of a draft in either language, best first. Nothing of the text is kept."""
    found = similar_to_text(searcher_in(request), draft.text, draft.limit)
    return [SimilarModel.model_validate(asdict(row)) for row in found]


@router.get(
    "/api/v1/practices/{id}",
    tags=["practices"],
    summary="One practice with both faces",
    response_model=Practice,
    responses=_ELSEWHERE,
)
def practice(request: Request, id: str) -> Practice | Response:  # noqa: A002  # the name in the address
    """All fields of `docs/editors/format.md`: the shared facts, claims, sources, and the sections of each face."""
    found: Practice | None = searcher_in(request).store.practice(id)
    return _elsewhere(request, id) if found is None else found


@router.get("/healthz", tags=["operation"], summary="Whether the service can answer")
def health(request: Request) -> dict[str, Any]:
    """`ok` with the number of passages in the index; an error status where database or index cannot be read."""
    current = searcher_in(request)
    counts = current.store.counts()
    manifest = read_manifest(request.app.state.repository.index_folder)
    return {
        "status": "ok",
        "practices": counts["practices"],
        "documents": counts["documents"],
        "passages": sum(manifest.counts.values()),
    }
