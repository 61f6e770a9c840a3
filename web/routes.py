"""Pages: each route parses, calls one function of the engine, and renders."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from kb.errors import QueryError
from kb.search.engine import Searcher
from kb.search.similar import MAX_TEXT as MAX_SIMILAR_TEXT
from kb.search.similar import similar_to_record, similar_to_text
from web.i18n import preferred_language
from web.links import record_url
from web.pages import SimilarPage, document_page, how_page, practice_page, similar_view
from web.render import render, say_in

router = APIRouter(include_in_schema=False)

SIMILAR_SHOWN = 10
MAX_POSTED = 4 * MAX_SIMILAR_TEXT
"""Characters of a posted text that are taken in, so that one that is too long gets a clear answer."""


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
    similar = similar_to_record(_searcher(request), record)
    return render(request, "practice.html", practice_page(found, view, rows, similar, say), say)


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


@router.get("/{language}/how")
def how(request: Request, language: Language) -> Response:
    """How search works, with its thresholds and the curves that they were chosen from."""
    say = say_in(request, language.value)
    searcher = _searcher(request)
    counts = searcher.store.counts()
    records = counts["practices"] + counts["documents"]
    page = how_page(searcher.calibration, records, len(request.app.state.repository.termbase), say)
    return render(request, "how.html", page, say)


@router.get("/{language}/similar")
def similar_form(request: Request, language: Language) -> Response:
    """A form for a page of a draft."""
    say = say_in(request, language.value)
    return render(request, "similar.html", SimilarPage("", MAX_SIMILAR_TEXT, (), False), say)


@router.post("/{language}/similar")
def similar(request: Request, language: Language, text: Annotated[str, Form(max_length=MAX_POSTED)] = "") -> Response:
    """Records like a page of a draft; nothing of it is kept."""
    say = say_in(request, language.value)
    text = text.replace("\r\n", "\n")
    try:
        found = similar_to_text(_searcher(request), text, SIMILAR_SHOWN)
    except QueryError:
        long = say("The text is too long; paste at most {limit} characters.").format(limit=MAX_SIMILAR_TEXT)
        problem = long if len(text) > MAX_SIMILAR_TEXT else say("The text has no words; paste a page of your draft.")
        return render(request, "similar.html", SimilarPage(text, MAX_SIMILAR_TEXT, (), False, problem), say, 422)
    views = tuple(similar_view(row, say) for row in found)
    return render(request, "similar.html", SimilarPage(text, MAX_SIMILAR_TEXT, views, True), say)
