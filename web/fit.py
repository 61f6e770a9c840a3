"""Routes on fit: the reader's context, a case beside it, and cases ordered by it. Nothing of a context is kept here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from kb.errors import QueryError
from kb.fit.book import NeedsBook
from kb.fit.judge import Fit, best_first, judge, read_context, write_context
from kb.search.engine import Request as Asked
from kb.search.engine import Searcher
from web.fit_pages import (
    FitListAsked,
    FitPage,
    compact,
    context_page,
    fit_box,
    fit_list_page,
    fit_url,
)
from web.links import PAGE_SIZE, record_url
from web.pages import Say
from web.parameters import MAX_PAGE
from web.render import render, say_in, searcher_in
from web.routes import Language

router = APIRouter(include_in_schema=False)

MAX_TEXT = 1000
MAX_FOUND = 100
"""Cases that answer a question and are then ordered by fit."""
MAX_ORDERED = 100


def _book(request: Request) -> NeedsBook:
    found: NeedsBook = request.app.state.repository.fit
    return found


def context_of(fit: str, book: NeedsBook, say: Say) -> tuple[dict[str, str], str]:
    """The context in the address, and a line for the reader where it cannot be read."""
    try:
        return read_context(fit, book.rules), ""
    except QueryError:
        return {}, say("The context in the address could not be read. State it again, or go on without it.")


def fits_of(names: list[str], searcher: Searcher, book: NeedsBook, context: dict[str, str]) -> list[tuple[str, Fit]]:
    """The practices among `names` with their fit, best first; cases of the reader's own country first among equals."""
    needs = book.needs(names, searcher.store)
    fits = {name: judge(needs[name], context, book.rules) for name in names if name in needs}
    country = context.get("country")
    catalogue = searcher.index.catalogue
    near = catalogue.listing(catalogue.matching({"country": [country]}, None, None)) if country else ()
    return [(name, fits[name]) for name in best_first(fits.items(), near)]


@router.get("/{language}/context")
def context_form(
    request: Request,
    language: Language,
    fit: str = "",
    record: Annotated[str, Query(alias="for")] = "",
    given: Annotated[str, Query(alias="set")] = "",
) -> Response:
    """The form; a form that was sent is answered with the address that carries its answers."""
    say, book = say_in(request, language.value), _book(request)
    if given:
        answers = ",".join(
            f"{name}:{value[:60]}" for name in book.rules.questions if (value := request.query_params.get(name, ""))
        )
        context, problem = context_of(answers, book, say)
        if not problem:
            return RedirectResponse(_after_form(language.value, write_context(context, book.rules), record), 303)
    else:
        context, problem = context_of(fit, book, say)
    return render(
        request, "context.html", context_page(context, record, problem, book.rules, say), say, 422 if problem else 200
    )


def _after_form(language: str, fit: str, record: str) -> str:
    if record:
        return fit_url(language, record, fit)
    return f"/{language}/context" + (f"?{compact([('fit', fit)])}" if fit else "")


@router.get("/{language}/practices/{record}/fit")
def practice_fit(request: Request, language: Language, record: str, fit: str = "", part: str = "") -> Response:
    """A case's preconditions beside the context: a page, or with `part=box` the box alone for a page that has it."""
    say, book, searcher = say_in(request, language.value), _book(request), searcher_in(request)
    row = searcher.store.rows([record]).get(record)
    if row is None or row.kind != "practice":
        raise HTTPException(404, "There is no such practice; it may have been moved or withdrawn.")
    context, _ = context_of(fit, book, say)
    needs = book.needs([record], searcher.store).get(record, ())
    box = fit_box(record, judge(needs, context, book.rules), context, book.rules, say)
    if part == "box":
        return render(request, "fit_box.html", box, say)
    page = FitPage(row.title.get(say.language), record_url(say.language, "practice", record), box)
    return render(request, "fit_practice.html", page, say)


@router.get("/{language}/fit")
def fit_list(
    request: Request,
    language: Language,
    fit: str = "",
    priority: str = "",
    q: str = "",
    page: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 1,
) -> Response:
    """Cases of a priority, or that answer a question, ordered by fit."""
    say, book, searcher = say_in(request, language.value), _book(request), searcher_in(request)
    context, problem = context_of(fit, book, say)
    filters: Mapping[str, tuple[str, ...]] = {"priority": (priority,)} if priority in say.taxonomy["priorities"] else {}
    text = q.strip()[:MAX_TEXT]
    ordered = fits_of(_matching(searcher, text, filters), searcher, book, context)
    shown = [name for name, _ in ordered[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]]
    asked = FitListAsked(context, next(iter(filters.get("priority", ())), ""), text, page, problem)
    built = fit_list_page(asked, ordered, searcher.store.rows(shown), book.rules, say)
    return render(request, "fit_list.html", built, say)


def _matching(searcher: Searcher, text: str, filters: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Ids of records that pass the filters and, where there is a question, are among those found for it."""
    if text:
        return [hit.id for hit in searcher.search(Asked(text, filters, limit=MAX_FOUND)).hits]
    catalogue = searcher.index.catalogue
    return catalogue.listing(catalogue.matching(filters, None, None))


@router.get("/{language}/fit.json")
def fit_order(
    request: Request,
    language: Language,
    fit: str = "",
    id: Annotated[list[str], Query()] = [],  # noqa: A002, B006  # FastAPI copies defaults
) -> Response:
    """The given practices ordered by fit, for the script of the reader's own list."""
    say, book, searcher = say_in(request, language.value), _book(request), searcher_in(request)
    context, problem = context_of(fit, book, say)
    names = list(dict.fromkeys(name[:200] for name in id[:MAX_ORDERED]))
    rows: list[dict[str, Any]] = [
        {"id": name, "score": round(found.score, 4), **{key: found.count(key) for key in ("met", "missing", "unknown")}}
        for name, found in fits_of(names, searcher, book, context)
    ]
    return JSONResponse({"stated": bool(context), "problem": problem, "practices": rows})
