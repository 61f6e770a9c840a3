"""The results page: an answer of the engine as one frozen dataclass for its template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from kb.search.engine import Request, Result
from kb.search.sorting import SORTS
from kb.termbase import TermEntry
from kb.text.years import to_buddhist_era
from web.atlas import MapView, map_view
from web.hits import HitView, hit_view
from web.links import PAGE_SIZE, SHOWS, search_url, toggled
from web.nearest import Help, help_with
from web.pages import Link, Say
from web.understood import StepView, literal_url, steps

_FACETS_SHOWN = 8


@dataclass(frozen=True)
class Addresses:
    """Addresses of searches in the page's language that keep how results are shown."""

    language: str
    show: str = "full"

    def __call__(self, request: Request, page: int = 1) -> str:
        return search_url(self.language, request, page, self.show)

    def file(self, name: str, request: Request) -> str:
        """The same search as a file."""
        return f"/{self.language}/{name}?{search_url(self.language, request).partition('?')[2]}"


@dataclass(frozen=True)
class Choice:
    """One of several ways to see the same search."""

    text: str
    url: str
    chosen: bool


@dataclass(frozen=True)
class FacetLine:
    """One value of a facet: its label, how many records, whether it is chosen, and the address that toggles it."""

    label: str
    count: int
    selected: bool
    url: str


@dataclass(frozen=True)
class FacetGroup:
    name: str
    lines: tuple[FacetLine, ...]
    more: tuple[FacetLine, ...]
    open: bool


@dataclass(frozen=True)
class SearchPage:
    """The results page: with words it shows answers, without it lists everything."""

    text: str
    hidden: tuple[tuple[str, str], ...]
    """Chosen facet values, which a new question keeps."""
    switched: tuple[tuple[str, str], ...]
    """Steps taken back or applied, which hold for this question only."""
    year_from: str
    year_to: str
    searched: bool
    close: bool
    truncated: bool
    total: int
    hits: tuple[HitView, ...]
    first: int
    groups: tuple[FacetGroup, ...]
    chosen: tuple[Link, ...]
    clear_url: str
    previous_url: str
    next_url: str
    api_url: str
    feed_url: str
    csv_url: str
    sort: str
    show: str
    sorts: tuple[Choice, ...]
    shows: tuple[Choice, ...]
    sorted_note: str
    """Which records were sorted, where not all were."""
    map: MapView
    help: Help | None
    steps: tuple[StepView, ...] = ()
    literal_url: str = ""
    """The address that reads the question word by word, where anything was understood."""
    error: str = ""


def search_page(result: Result, page: int, show: str, say: Say, terms: Mapping[str, TermEntry]) -> SearchPage:
    """Build the results page from an answer; `terms` are the entries of the termbase by id, `show` is one of `SHOWS`."""
    request = result.request
    address = Addresses(say.language, show)
    last = (page - 1) * PAGE_SIZE + len(result.hits)
    keep = [("face" if facet == "language" else facet, value) for facet, values in request.filters.items() for value in values]
    return SearchPage(
        text=request.text[:2000],
        hidden=tuple(keep),
        switched=(*(("undo", key) for key in sorted(request.undo)), *(("redo", key) for key in sorted(request.redo))),
        year_from=_year_text(request.year_from, say),
        year_to=_year_text(request.year_to, say),
        searched=not result.query.empty,
        close=result.verdict == "match",
        truncated=result.query.truncated,
        total=result.total,
        hits=tuple(hit_view(hit, say, request.text) for hit in result.hits),
        first=(page - 1) * PAGE_SIZE + 1,
        groups=tuple(_groups(result, say, address)),
        chosen=tuple(_chosen(request, say, address)),
        clear_url=address(Request(request.text, sort=request.sort)),
        previous_url=address(request, page - 1) if page > 1 else "",
        next_url=address(request, page + 1) if last < result.total else "",
        api_url=f"/api/v1/search?{search_url(say.language, request).partition('?')[2]}&reader={say.language}",
        feed_url=Addresses(say.language).file("feed.atom", request),
        csv_url=Addresses(say.language).file("results.csv", request),
        sort=request.sort,
        show=show,
        sorts=tuple(_sorts(result, say, address)),
        shows=tuple(_shows(request, show, say)),
        sorted_note=_sorted_note(result, say),
        map=map_view(result.facets["country"], lambda code: address(toggled(request, "country", code)), say),
        help=help_with(result, say, terms),
        steps=tuple(steps(result, say, address, terms)),
        literal_url=literal_url(result, address),
    )


def _sorts(result: Result, say: Say, address: Addresses) -> Iterator[Choice]:
    """The orders; without a question, best first means newest first."""
    names = {"best": say("Best first"), "newest": say("Newest first"), "evidence": say("Strongest evidence first")}
    request = result.request
    chosen = "newest" if result.query.empty and request.sort == "best" else request.sort
    for sort in SORTS:
        if sort != "best" or not result.query.empty:
            yield Choice(names[sort], address(replace(request, sort=sort)), sort == chosen)


def _shows(request: Request, show: str, say: Say) -> Iterator[Choice]:
    names = {"full": say("Full"), "compact": say("Compact")}
    for way in SHOWS:
        yield Choice(names[way], Addresses(say.language, way)(request), way == show)


def _sorted_note(result: Result, say: Say) -> str:
    if not 0 < result.sorted < result.total:
        return ""
    text = (
        say("Only the {count} records nearest to the question are sorted by year; the others follow, best first.")
        if result.request.sort == "newest"
        else say("Only the {count} records nearest to the question are sorted by evidence; the others follow, best first.")
    )
    return text.format(count=result.sorted)


def _year_text(year: int | None, say: Say) -> str:
    if year is None:
        return ""
    return str(to_buddhist_era(year) if say.language == "th" else year)


def _groups(result: Result, say: Say, address: Addresses) -> list[FacetGroup]:
    groups = []
    for facet, values in result.facets.items():
        lines = [
            FacetLine(
                say.facet(facet, value.value),
                value.count,
                value.selected,
                address(toggled(result.request, facet, value.value)),
            )
            for value in values
        ]
        if facet == "decade":
            order = sorted(range(len(lines)), key=lambda i: values[i].value, reverse=True)
            lines = [lines[i] for i in order]
        if len(lines) > 1 or any(line.selected for line in lines):
            groups.append(
                FacetGroup(
                    say.facet_name(facet),
                    tuple(lines[:_FACETS_SHOWN]),
                    tuple(lines[_FACETS_SHOWN:]),
                    facet in ("country", "priority") or any(line.selected for line in lines),
                )
            )
    return groups


def _chosen(request: Request, say: Say, address: Addresses) -> list[Link]:
    """What narrows the search, each with the address without it."""
    chips = [
        Link(
            f"{say.facet_name(facet)}: {say.facet(facet, value)}",
            address(toggled(request, facet, value)),
        )
        for facet, values in request.filters.items()
        for value in values
    ]
    if request.year_from is not None:
        text = say("begun in {year} or later").format(year=say.year(request.year_from))
        chips.append(Link(text, address(replace(request, year_from=None))))
    if request.year_to is not None:
        text = say("begun in {year} or earlier").format(year=say.year(request.year_to))
        chips.append(Link(text, address(replace(request, year_to=None))))
    return chips
