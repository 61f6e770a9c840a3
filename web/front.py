"""Routes of the home page and of a search: as a page, a feed, a table, and for the browser's own search box."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Annotated
from xml.sax.saxutils import escape, quoteattr

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import JSONResponse, Response

from kb.search.engine import MAX_LIMIT, Result
from kb.search.engine import Request as Asked
from web.addresses import base_url
from web.feeds import Feed, atom, table
from web.home import NEWEST, home_page
from web.links import PAGE_SIZE, search_url
from web.parameters import MAX_PAGE, SearchParameters, search_parameters
from web.render import render, say_in, searcher_in
from web.results import search_page
from web.routes import Language
from web.styleguide import style_page
from web.unanswered import keep_unanswered

router = APIRouter(include_in_schema=False)

FEED_ENTRIES = 50
CSV_ROWS = 1000


class Show(StrEnum):
    """How much of each result is shown."""

    FULL = "full"
    COMPACT = "compact"


@router.get("/{language}/")
def search(
    request: Request,
    language: Language,
    parameters: SearchParameters,
    page: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 1,
    show: Show = Show.FULL,
) -> Response:
    """The home page where nothing is asked, else the results."""
    say = say_in(request, language.value)
    searcher = searcher_in(request)
    if not request.url.query:
        newest = searcher.search(Asked(filters={"kind": ("practice",)}, limit=NEWEST))
        return render(request, "home.html", home_page(newest, searcher.store.counts()["practices"], say), say)
    asked = search_parameters(parameters, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
    result = searcher.search(replace(asked, reader=language.value))
    keep_unanswered(request, result)
    terms = request.app.state.repository.names.terms
    return render(request, "search.html", search_page(result, page, show.value, say, terms), say)


@router.get("/{language}/feed.atom")
def feed(request: Request, language: Language, parameters: SearchParameters) -> Response:
    """The records near a question, or all, newest first; a reader of feeds is told of new ones."""
    say = say_in(request, language.value)
    asked = replace(search_parameters(parameters, limit=FEED_ENTRIES, offset=0), sort="newest")
    searcher = searcher_in(request)
    result = searcher.search(asked)
    hits = result.hits if result.query.empty else result.hits[: result.sorted]
    site = base_url(request)
    title = " · ".join(filter(None, (asked.text[:200], say("ASEAN good practices"))))
    changed = {entry.id: entry.changed for entry in searcher.store.dated()}
    head = Feed(title, site + search_url(language.value, asked), str(request.url), site, changed)
    return Response(atom(head, hits, say), media_type="application/atom+xml; charset=utf-8")


@router.get("/{language}/results.csv")
def results(request: Request, language: Language, parameters: SearchParameters) -> Response:
    """Up to `CSV_ROWS` records of a search, in its order."""
    say = say_in(request, language.value)
    searcher = searcher_in(request)
    answers: list[Result] = []
    for offset in range(0, CSV_ROWS, MAX_LIMIT):
        answers.append(searcher.search(search_parameters(parameters, limit=MAX_LIMIT, offset=offset)))
        if offset + MAX_LIMIT >= answers[-1].total:
            break
    hits = [hit for answer in answers for hit in answer.hits]
    content = table(hits, base_url(request), say)
    headers = {"Content-Disposition": 'attachment; filename="results.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/opensearch-{language}.xml")
def opensearch(request: Request, language: Language) -> Response:
    """How a browser adds this search to its own box."""
    say = say_in(request, language.value)
    site, code = base_url(request), language.value
    addresses = (
        ("text/html", f"{site}/{code}/?q={{searchTerms}}"),
        ("application/atom+xml", f"{site}/{code}/feed.atom?q={{searchTerms}}"),
        ("application/x-suggestions+json", f"{site}/{code}/suggestions.json?q={{searchTerms}}"),
    )
    name, short = escape(say("ASEAN good practices")), escape(say("ASEAN practices"))  # short: at most 16 characters
    urls = "".join(f"<Url type={quoteattr(kind)} template={quoteattr(address)}/>" for kind, address in addresses)
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">'
        f"<ShortName>{short}</ShortName><LongName>{name}</LongName>"
        f"<Description>{escape(say('Cases in both languages are found, whichever you ask in.'))}</Description>{urls}"
        f"<Language>{code}</Language><InputEncoding>UTF-8</InputEncoding><OutputEncoding>UTF-8</OutputEncoding>"
        "</OpenSearchDescription>\n"
    )
    return Response(text, media_type="application/opensearchdescription+xml; charset=utf-8")


@router.get("/{language}/suggestions.json")
def suggestions(request: Request, language: Language, q: Annotated[str, Query(max_length=200)] = "") -> Response:  # noqa: ARG001
    """Suggestions in the form that browsers read: the words typed, and a list of completions."""
    found = searcher_in(request).suggester.suggest(q, 8)
    return JSONResponse([q, [entry.text for entry in found]], media_type="application/x-suggestions+json")


@router.get("/{language}/styleguide")
def styleguide(request: Request, language: Language) -> Response:
    """Every token and component with sample data; only where the setting `dev` is on."""
    if not request.app.state.repository.settings.dev:
        raise HTTPException(404)
    say = say_in(request, language.value)
    sample = searcher_in(request).search(Asked("flood warning น้ำท่วม", limit=2, reader=language.value))
    return render(request, "styleguide.html", style_page(sample, say, request.app.state.repository.names.terms), say)
