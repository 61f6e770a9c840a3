"""Addresses of pages: the language comes first, a search keeps all that was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from urllib.parse import quote, quote_plus, urlencode

from kb.search.engine import Request

PAGE_SIZE = 20

MAX_MARKED = 200
"""Characters of a question that a link to a record carries, for marking its words there: a Thai letter takes nine bytes."""


SHOWS = ("full", "compact")
"""Ways to show results: with passages and reasons, or a title, a line and a sentence each."""


@lru_cache(maxsize=256)
def _quoted(text: str, safe: str = "", encoding: str | None = None, errors: str | None = None) -> str:
    """`quote_plus`, remembered: a page of results has the same question in about seventy addresses."""
    return quote_plus(text, safe, encoding, errors)


def search_url(language: str, request: Request, page: int = 1, show: str = "full") -> str:
    """The address of a search with its words, facets, years, order and page; without any of them, of all records."""
    parts: list[tuple[str, str]] = [("q", request.text)] if request.text else []
    for facet, values in request.filters.items():
        parts += [("face" if facet == "language" else facet, value) for value in values]
    for name, value in (("from", request.year_from), ("to", request.year_to)):
        if value is not None:
            parts.append((name, str(value)))
    parts += [("undo", key) for key in sorted(request.undo)] + [("redo", key) for key in sorted(request.redo)]
    if request.sort != "best":
        parts.append(("sort", request.sort))
    if show != "full":
        parts.append(("show", show))
    if page > 1:
        parts.append(("page", str(page)))
    return f"/{language}/?{urlencode(parts or [('sort', 'newest')], quote_via=_quoted)}"


def toggled(request: Request, facet: str, value: str) -> Request:
    """The request with one facet value put in, or taken out if it was there."""
    chosen = request.filters.get(facet, ())
    values = tuple(v for v in chosen if v != value) if value in chosen else (*chosen, value)
    filters: Mapping[str, tuple[str, ...]] = {**request.filters, facet: values}
    return replace(request, filters={name: kept for name, kept in filters.items() if kept})


def switched(request: Request, key: str, applied: bool) -> Request:
    """The request with one step of its understanding taken back, if it was applied, or applied, if it was not."""
    undo, redo = request.undo - {key}, request.redo - {key}
    if applied and key not in request.redo:
        undo |= {key}
    elif not applied and key not in request.undo:
        redo |= {key}
    return replace(request, undo=undo, redo=redo)


def record_url(
    language: str, kind: str, record: str, anchor: str = "", view: str = "", *, page: int = 0, query: str = ""
) -> str:
    """The address of a practice or a document: `view` of a practice, `page` of a long document, and a question to mark."""
    folder = "practices" if kind == "practice" else "documents"
    given = {"view": view, "page": str(page or ""), "q": query[:MAX_MARKED].strip()}
    asked = urlencode({name: value for name, value in given.items() if value}, quote_via=_quoted)
    return f"/{language}/{folder}/{quote(record)}" + (f"?{asked}" if asked else "") + (f"#{anchor}" if anchor else "")


def anchor_of(kind: str, section: str, part: int, language: str) -> str:
    """The place of a passage on its record's page."""
    return f"{section}-{language}" if kind == "practice" else f"p{part}"
