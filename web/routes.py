"""Pages: each route parses, calls one function of the engine, and renders."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response

from kb.search.engine import Searcher
from web.i18n import preferred_language
from web.links import PAGE_SIZE, record_url
from web.pages import document_page, practice_page, search_page
from web.parameters import MAX_PAGE, SearchParameters, search_parameters
from web.render import render, say_in

router = APIRouter(include_in_schema=False)


class Language(StrEnum):
    """The languages of the interface, as the first folder of every page's address."""

    TH = "th"
    EN = "en"


def _searcher(request: Request) -> Searcher:
    found: Searcher = request.app.state.current.get()
    return found


@router.get("/")
def start(request: Request) -> Response:
    """To the reader's own language."""
    language = preferred_language(request.headers.get("accept-language", ""))
    return RedirectResponse(f"/{language}/", 302, headers={"Vary": "Accept-Language"})


@router.get("/{language}/")
def search(
    request: Request,
    language: Language,
    parameters: SearchParameters,
    page: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 1,
) -> Response:
    """The search page."""
    say = say_in(request, language.value)
    asked = search_parameters(parameters, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
    result = _searcher(request).search(asked)
    return render(request, "search.html", search_page(result, page, say), say)


@router.get("/{language}/practices/{record}")
def practice(request: Request, language: Language, record: str, view: str = "") -> Response:
    """A practice with one face or both."""
    say = say_in(request, language.value)
    store = _searcher(request).store
    found = store.practice(record)
    if found is None:
        if store.document(record) is not None:
            return RedirectResponse(record_url(language.value, "document", record), 301)
        raise HTTPException(404, "There is no such practice; it may have been moved or withdrawn.")
    rows = store.rows([item.id for item in found.related])
    return render(request, "practice.html", practice_page(found, view, rows, say), say)


@router.get("/{language}/documents/{record}")
def document(request: Request, language: Language, record: str) -> Response:
    """A document with its text by page."""
    say = say_in(request, language.value)
    found = _searcher(request).store.document(record)
    if found is None:
        raise HTTPException(404, "There is no such document; it may have been removed.")
    return render(request, "document.html", document_page(found, say), say)


@router.get("/{language}/about")
def about(request: Request, language: Language) -> Response:
    """What this is, where the texts come from, how search works."""
    say = say_in(request, language.value)
    counts = _searcher(request).store.counts()
    return render(request, "about.html", counts, say)
