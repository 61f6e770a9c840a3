"""The public interface for programs: `/api/v1`, and `/healthz`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from pydantic import BaseModel, Field

from kb.records import Practice
from kb.search.answer import answer_as_json
from kb.search.engine import MAX_LIMIT
from kb.vectors import read_manifest
from web.parameters import SearchParameters, search_parameters

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
    score: float


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


class FacetModel(BaseModel):
    value: str
    count: int
    selected: bool


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
) -> Answer:
    """Records in both languages for a question in either one, grouped by record, with passages, reasons and facets."""
    result = request.app.state.current.get().search(search_parameters(parameters, limit, offset))
    return Answer.model_validate(answer_as_json(result))


@router.get(
    "/api/v1/practices/{id}",
    tags=["practices"],
    summary="One practice with both faces",
    responses={404: {"model": Problem}},
)
def practice(request: Request, id: str) -> Practice:  # noqa: A002  # the name in the address
    """All fields of `docs/editors/format.md`: the shared facts, claims, sources, and the sections of each face."""
    found: Practice | None = request.app.state.current.get().store.practice(id)
    if found is None:
        raise HTTPException(404, "There is no such practice; it may have been moved or withdrawn.")
    return found


@router.get("/healthz", tags=["operation"], summary="Whether the service can answer")
def health(request: Request) -> dict[str, Any]:
    """`ok` with the number of passages in the index; an error status where database or index cannot be read."""
    current = request.app.state.current.get()
    counts = current.store.counts()
    manifest = read_manifest(request.app.state.repository.index_folder)
    return {
        "status": "ok",
        "practices": counts["practices"],
        "documents": counts["documents"],
        "passages": sum(manifest.counts.values()),
    }
