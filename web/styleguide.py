"""The living page of the design: tokens and components with sample data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kb.search.engine import Result
from kb.termbase import TermEntry
from web.nearest import Help
from web.pages import Link, Say, SimilarView
from web.results import SearchPage, search_page

COLOURS = (
    "ground", "raised", "line", "text", "soft", "accent", "on-accent", "link", "mark", "note", "note-line", "good",
    "map-0", "map-1", "map-2", "map-3", "map-4",
)  # fmt: skip


@dataclass(frozen=True)
class StylePage:
    """Tokens by name, and a results page whose parts fill the components."""

    colours: tuple[str, ...]
    results: SearchPage
    help: Help
    similar: tuple[SimilarView, ...]


def style_page(sample: Result, say: Say, terms: Mapping[str, TermEntry]) -> StylePage:
    """Build the page from an answer."""
    results = search_page(sample, 1, "full", say, terms)
    links = tuple(Link(hit.title, hit.url, hit.title_language) for hit in results.hits)
    near = tuple(SimilarView(link, "2018", link.text, link.language, link.text) for link in links)
    return StylePage(COLOURS, results, Help(("zebra",), links[:1], links, links), near)
