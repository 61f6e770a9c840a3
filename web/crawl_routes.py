"""What programs ask for that follow a site: `robots.txt`, `sitemap.xml` and the feed of the newest practices."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from kb.store import Store
from web.addresses import base_url, with_whole_addresses
from web.atom import NEWEST, Entry, newest_feed
from web.i18n import LANGUAGES
from web.pages import Say
from web.render import say_in, searcher_in
from web.routes import Language
from web.site_map import addresses, part_of, parts, site_map_index_xml, site_map_xml

router = APIRouter(include_in_schema=False)

SEARCH_PARAMETERS = (
    *("q", "country", "priority", "principle", "level", "status", "face", "kind", "decade", "from", "to", "undo", "redo"),
    *("sort", "show", "page"),
)
_COSTLY = (
    *(f"?{name}=" for name in SEARCH_PARAMETERS),
    "feed.atom",
    "results.csv",
    "compare?id=",
    "list?id=",
    "fit?fit=",
    "fit.json",
    "briefing.",
)
"""Beginnings of addresses, below the language, that make the server search or put a file together; there is no end of such
addresses. Each is a plain beginning: not all crawlers know wildcards, and some drop a question mark that stands at the end."""


def _store(request: Request) -> Store:
    return searcher_in(request).store


@router.get("/robots.txt")
def robots(request: Request) -> Response:
    """All pages may be read but answers to questions, which are without number and cost the server a search each."""
    lines = ["User-agent: *"]
    lines += [f"Disallow: /{language}/{end}" for language in LANGUAGES for end in _COSTLY]
    lines += ["Disallow: /api/v1/search", "Disallow: /api/v1/suggest", "", f"Sitemap: {base_url(request)}/sitemap.xml", ""]
    return with_whole_addresses(request, "\n".join(lines), "text/plain")


@router.get("/sitemap.xml")
def sitemap(request: Request) -> Response:
    """All pages, or the list of files with them where they are too many for one."""
    pages, base = addresses(_store(request).dated()), base_url(request)
    count = parts(len(pages))
    content = site_map_xml(pages, base) if count == 1 else site_map_index_xml(count, base)
    return with_whole_addresses(request, content, "application/xml")


@router.get("/sitemap-{number}.xml")
def sitemap_part(request: Request, number: int) -> Response:
    """One of several files of the site map."""
    pages = addresses(_store(request).dated())
    count = parts(len(pages))
    if count == 1 or not 1 <= number <= count:
        raise HTTPException(404)
    return with_whole_addresses(request, site_map_xml(part_of(pages, number), base_url(request)), "application/xml")


@router.get("/{language}/new.atom")
def newest(request: Request, language: Language) -> Response:
    """The practices that came in last."""
    say, store = say_in(request, language.value), _store(request)
    dates = [entry for entry in store.dated() if entry.kind == "practice"][:NEWEST]
    ids = [entry.id for entry in dates]
    rows, values = store.rows(ids), store.facet_values(ids)
    entries = [Entry(rows[entry.id], entry, _labels(entry.id, values, say)) for entry in dates]
    return with_whole_addresses(request, newest_feed(entries, base_url(request), say), "application/atom+xml")


def _labels(record: str, values: dict[str, dict[str, set[str]]], say: Say) -> tuple[str, ...]:
    """The country, priorities and status of a record, in words."""
    return tuple(
        say.facet(facet, value)
        for facet in ("country", "priority", "status")
        for value, records in values[facet].items()
        if record in records
    )
