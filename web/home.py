"""The home page: one question, three ways to browse with counts, the map, and the newest cases."""

from __future__ import annotations

from dataclasses import dataclass

from kb.search.engine import Request, Result
from web.atlas import MapView, map_view
from web.hits import HitView, hit_view
from web.links import search_url
from web.pages import Link, Say

NEWEST = 6
"""Newest cases that are shown."""

EXAMPLES = {
    "th": ("เตือนภัยน้ำท่วมล่วงหน้า", "ลดขั้นตอนขอใบอนุญาต", "รับเรื่องร้องเรียนผ่านแอป", "หลักประกันสุขภาพคนยากจน"),
    "en": (
        "flood early warning",
        "cutting red tape for licences",
        "citizen complaints by app",
        "integrity in public procurement",
    ),
}
"""Questions that the repository answers well, in both languages; a test with the real model keeps them so."""


@dataclass(frozen=True)
class BrowseLine:
    """A value of a facet, what it means, and how many cases have it."""

    label: str
    definition: str
    count: int
    url: str


@dataclass(frozen=True)
class HomePage:
    """What a reader sees first."""

    practices: int
    countries: int
    examples: tuple[Link, ...]
    priorities: tuple[BrowseLine, ...]
    principles: tuple[BrowseLine, ...]
    map: MapView
    newest: tuple[HitView, ...]
    all_url: str
    stopped_url: str


def home_page(result: Result, practices: int, say: Say) -> HomePage:
    """Build the page from an answer to the empty question."""
    drawn = map_view(result.facets["country"], lambda code: _address(say, "country", code), say)
    other = "en" if say.language == "th" else "th"
    asked = [(text, say.language) for text in EXAMPLES[say.language]] + [(EXAMPLES[other][0], other)]
    return HomePage(
        practices=practices,
        countries=sum(state.count > 0 for state in drawn.states),
        examples=tuple(Link(text, search_url(say.language, Request(text)), language) for text, language in asked),
        priorities=_lines(result, "priority", "priorities", say),
        principles=_lines(result, "principle", "principles", say),
        map=drawn,
        newest=tuple(hit_view(hit, say) for hit in result.hits),
        all_url=search_url(say.language, Request(sort="newest")),
        stopped_url=_address(say, "status", "stopped"),
    )


def _lines(result: Result, facet: str, taxonomy: str, say: Say) -> tuple[BrowseLine, ...]:
    """The values of a facet in the order of the taxonomy, with their counts."""
    counts = {value.value: value.count for value in result.facets[facet]}
    return tuple(
        BrowseLine(
            term.label.get(say.language), term.definition.get(say.language), counts.get(key, 0), _address(say, facet, key)
        )
        for key, term in say.taxonomy[taxonomy].items()
    )


def _address(say: Say, facet: str, value: str) -> str:
    return search_url(say.language, Request(filters={facet: (value,)}))
