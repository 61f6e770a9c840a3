"""Pages: each route parses, calls one function of the engine, and renders."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from kb.errors import QueryError
from kb.search.similar import MAX_TEXT as MAX_SIMILAR_TEXT
from kb.search.similar import similar_to_text
from web.i18n import preferred_language
from web.pages import SimilarPage, how_page, similar_view
from web.render import render, say_in, searcher_in

router = APIRouter(include_in_schema=False)

SIMILAR_SHOWN = 10
MAX_POSTED = 4 * MAX_SIMILAR_TEXT
"""Characters of a posted text that are taken in, so that one that is too long gets a clear answer."""


class Language(StrEnum):
    """The languages of the interface, as the first folder of every page's address."""

    TH = "th"
    EN = "en"


@router.get("/")
def start(request: Request) -> Response:
    """To the reader's own language."""
    language = preferred_language(request.headers.get("accept-language", ""))
    return RedirectResponse(f"/{language}/", 302, headers={"Vary": "Accept-Language"})


@router.get("/{language}/how")
def how(request: Request, language: Language) -> Response:
    """How search works, with its thresholds and the curves that they were chosen from."""
    say = say_in(request, language.value)
    searcher = searcher_in(request)
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
        found = similar_to_text(searcher_in(request), text, SIMILAR_SHOWN)
    except QueryError:
        long = say("The text is too long; paste at most {limit} characters.").format(limit=MAX_SIMILAR_TEXT)
        problem = long if len(text) > MAX_SIMILAR_TEXT else say("The text has no words; paste a page of your draft.")
        return render(request, "similar.html", SimilarPage(text, MAX_SIMILAR_TEXT, (), False, problem), say, 422)
    views = tuple(similar_view(row, say) for row in found)
    return render(request, "similar.html", SimilarPage(text, MAX_SIMILAR_TEXT, views, True), say)
