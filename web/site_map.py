"""The site map: for readers as a page, for search engines as XML after sitemaps.org."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from kb.search.engine import Searcher
from kb.store import RecordDates, RecordRow
from web.i18n import DEFAULT_LANGUAGE, LANGUAGES
from web.links import record_url
from web.pages import Link, Say

MAX_ADDRESSES = 50_000
"""Addresses in one file of a site map, by its standard."""

_LISTED = ("", "similar", "how", "help", "faq", "about", "accessibility", "privacy", "site-map")
"""Pages that search engines may list, by the end of their addresses."""


@dataclass(frozen=True)
class CountedLink:
    text: str
    url: str
    count: int


@dataclass(frozen=True)
class LinkGroup:
    """Links under a heading: the records of each value of a facet, with how many there are."""

    key: str
    name: str
    lines: tuple[CountedLink, ...]


@dataclass(frozen=True)
class CountryCases:
    """The cases of a country, newest beginning first."""

    key: str
    name: str
    links: tuple[Link, ...]


@dataclass(frozen=True)
class SiteMapPage:
    """All pages, all values of three facets with their numbers, all cases by country, and all documents."""

    pages: tuple[Link, ...]
    groups: tuple[LinkGroup, ...]
    countries: tuple[CountryCases, ...]
    documents: tuple[Link, ...]


def site_map_page(searcher: Searcher, say: Say) -> SiteMapPage:
    """Build the page from what the database holds."""
    store, ids = searcher.store, searcher.index.catalogue.listing()
    rows = store.rows(ids)
    records = [rows[record] for record in ids]
    values = store.facet_values(ids)
    groups = []
    for facet, listed in (("priority", "priorities"), ("principle", "principles"), ("country", "countries")):
        found = values[facet]
        lines = [
            CountedLink(say.facet(facet, value), f"/{say.language}/?{facet}={value}", len(found[value]))
            for value in say.taxonomy[listed]
            if value in found
        ]
        groups.append(LinkGroup(facet, say.facet_name(facet), tuple(lines)))
    return SiteMapPage(
        pages=_pages(say),
        groups=tuple(groups),
        countries=tuple(
            CountryCases(f"cases-{code.lower()}", say.label("countries", code), links)
            for code in say.taxonomy["countries"]
            if (links := tuple(_record_links((row for row in records if row.country == code), say)))
        ),
        documents=tuple(_record_links((row for row in records if row.kind == "document"), say)),
    )


def _pages(say: Say) -> tuple[Link, ...]:
    named = (
        ("", say("Search")),
        ("similar", say("Find cases like a page of your draft")),
        ("list", say("My list")),
        ("context", say("Will it work here?")),
        ("how", say("How search works")),
        ("help", say("Help")),
        ("faq", say("Questions and answers")),
        ("about", say("About")),
        ("accessibility", say("Accessibility")),
        ("privacy", say("Privacy")),
        ("new.atom", say("Newest cases (Atom feed)")),
    )
    links = [Link(name, f"/{say.language}/{path}") for path, name in named]
    return (*links, Link(say("Data for programs (API)"), "/api/v1/openapi.json", "en"))


def _record_links(rows: Iterable[RecordRow], say: Say) -> Iterator[Link]:
    for row in rows:
        own = row.title.th if say.language == "th" else row.title.en
        other = "en" if say.language == "th" else "th"
        yield Link(row.title.get(say.language), record_url(say.language, row.kind, row.id), say.language if own else other)


@dataclass(frozen=True)
class Address:
    """A page in all languages of the interface: the ends of its addresses, and the day on which it last changed, if known."""

    ends: tuple[str, ...]
    changed: str = ""


def addresses(dates: Sequence[RecordDates]) -> list[Address]:
    """All pages that search engines may list."""
    pages = [Address(tuple(f"/{language}/{end}" for language in LANGUAGES)) for end in _LISTED]
    records = [
        Address(tuple(record_url(language, entry.kind, entry.id) for language in LANGUAGES), entry.changed) for entry in dates
    ]
    return pages + records


def parts(count: int, most: int = MAX_ADDRESSES) -> int:
    """Into how many files so many pages go; each page is listed once a language."""
    return max(1, -(-count // (most // len(LANGUAGES))))


def part_of(pages: Sequence[Address], number: int, most: int = MAX_ADDRESSES) -> Sequence[Address]:
    """The pages of one file, counted from 1."""
    size = most // len(LANGUAGES)
    return pages[(number - 1) * size : number * size]


def site_map_xml(pages: Iterable[Address], base: str) -> str:
    """A file of addresses, each with its counterparts in the other language."""
    root = ElementTree.Element(
        "urlset", {"xmlns": "http://www.sitemaps.org/schemas/sitemap/0.9", "xmlns:xhtml": "http://www.w3.org/1999/xhtml"}
    )
    for page in pages:
        alternates = dict(zip(LANGUAGES, page.ends, strict=True))
        for end in page.ends:
            url = ElementTree.SubElement(root, "url")
            ElementTree.SubElement(url, "loc").text = base + end
            if page.changed:
                ElementTree.SubElement(url, "lastmod").text = page.changed
            for language, other in (*alternates.items(), ("x-default", alternates[DEFAULT_LANGUAGE])):
                ElementTree.SubElement(url, "xhtml:link", {"rel": "alternate", "hreflang": language, "href": base + other})
    return _document(root)


def site_map_index_xml(count: int, base: str) -> str:
    """The list of `count` files."""
    root = ElementTree.Element("sitemapindex", {"xmlns": "http://www.sitemaps.org/schemas/sitemap/0.9"})
    for number in range(1, count + 1):
        ElementTree.SubElement(ElementTree.SubElement(root, "sitemap"), "loc").text = f"{base}/sitemap-{number}.xml"
    return _document(root)


def _document(root: ElementTree.Element) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode")
