"""Coverage: where the repository has cases and where it has none, how fresh they are, and what needs hands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, cast
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from kb.desk.radar import Ending, FaceGap, Radar, Square
from kb.desk.rights import Action
from kb.desk.table_files import write_csv
from kb.records import Bilingual, Practice
from kb.text.years import format_date, format_year
from web.desk.access import Seat, reads
from web.desk.frame import language_of, show
from web.links import record_url
from web.pages import Say
from web.render import say_in

router = APIRouter(include_in_schema=False)

STEPS = ((1, 1), (2, 2), (5, 3))
"""From how many cases on a cell has which step of shade; step 0 is for none."""
SHOWN = 100
"""Cases of one list that are shown at once."""
UNKNOWN = "none"
"""Stands for "not known when it began" in an address."""
MAX_CODE = 60


@dataclass(frozen=True)
class Cell:
    """How many cases, the step of shade, and the list of them; no address where there is none."""

    count: int
    step: int
    url: str


@dataclass(frozen=True)
class MatrixRow:
    name: str
    cells: tuple[Cell, ...]
    total: Cell


@dataclass(frozen=True)
class CountryRow:
    """How the cases of a country are: newest change, confirmed, old, stopped, and how many have each grade of evidence."""

    name: str
    cases: int
    changed: str
    confirmed: int
    old: int
    stopped: int
    grades: tuple[int, ...]


@dataclass(frozen=True)
class CaseLine:
    """A case that needs hands, and why."""

    url: str
    title: str
    title_language: str
    country: str
    why: str


@dataclass(frozen=True)
class CaseList:
    """Cases with one thing to be done; `more` is how many are not shown."""

    heading: str
    lines: tuple[CaseLine, ...]
    count: int
    more: int


@dataclass(frozen=True)
class Choice:
    value: str
    name: str
    chosen: bool


@dataclass(frozen=True)
class CoveragePage:
    cases: int
    day: str
    by_year: bool
    columns: tuple[str, ...]
    rows: tuple[MatrixRow, ...]
    totals: tuple[Cell, ...]
    total: int
    firsts: tuple[Choice, ...]
    lasts: tuple[Choice, ...]
    priorities: tuple[Choice, ...]
    grades: tuple[str, ...]
    countries: tuple[CountryRow, ...]
    lists: tuple[CaseList, ...]


@dataclass(frozen=True)
class CasesPage:
    heading: str
    lines: tuple[CaseLine, ...]
    more: int


@router.get("/{language}/desk/coverage")
def coverage(
    request: Request,
    seat: Seat = reads(Action.PLAN),
    by: Annotated[str, Query(max_length=MAX_CODE)] = "",
    priority: Annotated[str, Query(max_length=MAX_CODE)] = "",
    first: Annotated[str, Query(alias="from", max_length=MAX_CODE)] = "",
    last: Annotated[str, Query(alias="to", max_length=MAX_CODE)] = "",
) -> Response:
    """Countries by priority, or by the year in which cases began."""
    say, seen = say_in(request, language_of(request)), seat.desk.radar()
    asked = _Asked(by == "year", priority, _year(first, seen), _year(last, seen))
    return show(request, seat, "desk/coverage.html", _page(seen, asked, say))


@router.get("/{language}/desk/coverage.csv")
def coverage_csv(request: Request, seat: Seat = reads(Action.PLAN)) -> Response:
    """Cases by country, priority and year; squares without a case have a row with 0."""
    say, seen = say_in(request, language_of(request)), seat.desk.radar()
    names = ("Country", "Country's name", "Priority", "Priority's name", "Begun", "Cases")
    rows = [[say(name) for name in names]]
    for square in seen.squares:
        labels = [
            square.country,
            say.label("countries", square.country),
            square.priority,
            say.label("priorities", square.priority),
        ]
        years = sorted(square.years, key=lambda year: year or 0)
        rows += [[*labels, str(year or ""), str(square.years[year])] for year in years] or [[*labels, "", "0"]]
    headers = {"Content-Disposition": 'attachment; filename="coverage.csv"', "Cache-Control": "private, no-store"}
    return Response(write_csv(rows), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/{language}/desk/coverage/cases")
def cases(
    request: Request,
    seat: Seat = reads(Action.PLAN),
    country: Annotated[str, Query(max_length=MAX_CODE)] = "",
    priority: Annotated[str, Query(max_length=MAX_CODE)] = "",
    first: Annotated[str, Query(alias="from", max_length=MAX_CODE)] = "",
    last: Annotated[str, Query(alias="to", max_length=MAX_CODE)] = "",
) -> Response:
    """The cases that a cell counts."""
    say = say_in(request, language_of(request))
    years = _Years(_number(first), _number(last), first == UNKNOWN)
    found = [
        practice
        for practice, _, _ in seat.desk.store.practices()
        if country in ("", practice.country) and priority in ("", practice.priority) and years.hold(practice.start)
    ]
    parts = (
        say.label("countries", country) if country else "",
        say.label("priorities", priority) if priority else "",
        say("Year not known") if first == UNKNOWN else _span(years, say),
    )
    heading = " · ".join(part for part in parts if part) or say("All cases")
    lines = tuple(_case(practice, say) for practice in sorted(found, key=lambda one: (one.country, -(one.start or 0), one.id)))
    return show(
        request, seat, "desk/coverage_cases.html", CasesPage(heading, lines[: 5 * SHOWN], max(len(lines) - 5 * SHOWN, 0))
    )


@dataclass(frozen=True)
class _Years:
    """A span of years, each end open where it is `None`; `unknown` holds only cases whose year nobody knows."""

    first: int | None = None
    last: int | None = None
    unknown: bool = False

    def hold(self, year: int | None) -> bool:
        if year is None:
            return self.unknown or (self.first is None and self.last is None)
        return not self.unknown and (self.first is None or year >= self.first) and (self.last is None or year <= self.last)


@dataclass(frozen=True)
class _Asked:
    """What a reader of the matrix chose."""

    by_year: bool
    priority: str
    first: int | None
    last: int | None

    @property
    def years(self) -> _Years:
        return _Years(self.first, self.last)


def _page(seen: Radar, asked: _Asked, say: Say) -> CoveragePage:
    taxonomy = say.taxonomy
    keys: tuple[object, ...] = (*seen.years, None) if asked.by_year else tuple(taxonomy["priorities"])
    count = _counter(seen, asked)
    address = _addresses(asked, say)
    countries = tuple(taxonomy["countries"])
    return CoveragePage(
        cases=seen.cases,
        day=format_date(seen.day, say.language),
        by_year=asked.by_year,
        columns=tuple(_column(key, asked.by_year, say) for key in keys),
        rows=tuple(
            MatrixRow(
                say.label("countries", country),
                tuple(_cell(count((country,), (key,)), address(country, key)) for key in keys),
                _cell(count((country,), keys), address(country, ALL)),
            )
            for country in countries
        ),
        totals=tuple(_cell(count(countries, (key,)), address("", key)) for key in keys),
        total=count(countries, keys),
        firsts=_year_choices(seen, asked.first, say),
        lasts=_year_choices(seen, asked.last, say),
        priorities=tuple(
            Choice(name, say.label("priorities", name), name == asked.priority) for name in taxonomy["priorities"]
        ),
        grades=tuple(say.label("evidence", grade) for grade in taxonomy["evidence"]),
        countries=tuple(_country(seen.row(country), say) for country in countries if any(s.count for s in seen.row(country))),
        lists=_lists(seen, say),
    )


ALL = object()
"""Stands for all columns of the matrix."""


def _counter(seen: Radar, asked: _Asked) -> Callable[[Iterable[str], Iterable[object]], int]:
    """How many cases some countries have in some columns."""
    totals: Counter[tuple[str, object]] = Counter()
    for square in seen.squares:
        for year, count in square.years.items():
            if asked.by_year and asked.priority in ("", square.priority):
                totals[square.country, year] += count
            if not asked.by_year and asked.years.hold(year):
                totals[square.country, square.priority] += count
    return lambda countries, keys: sum(totals[country, key] for country in countries for key in keys)


def _addresses(asked: _Asked, say: Say) -> Callable[[str, object], str]:
    """The list of the cases of a country and a column."""

    def address(country: str, key: object) -> str:
        values: dict[str, object] = {"country": country}
        if asked.by_year:
            values["priority"] = asked.priority
            values["from"] = "" if key is ALL else UNKNOWN if key is None else key
            values["to"] = "" if key is ALL or key is None else key
        else:
            values |= {"priority": "" if key is ALL else key, "from": asked.first or "", "to": asked.last or ""}
        return f"/{say.language}/desk/coverage/cases?" + urlencode({name: value for name, value in values.items() if value})

    return address


def _cell(count: int, url: str) -> Cell:
    step = max((step for least, step in STEPS if count >= least), default=0)
    return Cell(count, step, url if count else "")


def _column(key: object, by_year: bool, say: Say) -> str:
    if not by_year:
        return say.label("priorities", cast(str, key))
    return say("Not known") if key is None else format_year(cast(int, key), say.language)


def _country(squares: tuple[Square, ...], say: Say) -> CountryRow:
    days = [square.changed for square in squares if square.changed]
    return CountryRow(
        name=say.label("countries", squares[0].country),
        cases=sum(square.count for square in squares),
        changed=format_date(max(days), say.language) if days else "",
        confirmed=sum(square.confirmed for square in squares),
        old=sum(square.old for square in squares),
        stopped=sum(square.stopped for square in squares),
        grades=tuple(sum(square.evidence.get(grade, 0) for square in squares) for grade in say.taxonomy["evidence"]),
    )


def _lists(seen: Radar, say: Say) -> tuple[CaseList, ...]:
    """What needs hands, the gravest first; lists without a case are left out."""
    gaps = {gap: [one for one in seen.gaps if one.gap == gap] for gap in ("missing", "behind", "unchecked")}
    found = (
        (say("Verifications that have ended"), [_ending(one, say) for one in seen.ended]),
        (say("Verifications that end within 90 days"), [_ending(one, say) for one in seen.ending]),
        (say("A language is missing"), [_gap(one, say) for one in gaps["missing"]]),
        (say("A language is behind the other"), [_gap(one, say) for one in gaps["behind"]]),
        (say("A language is not checked by a native editor"), [_gap(one, say) for one in gaps["unchecked"]]),
    )
    return tuple(
        CaseList(heading, tuple(lines[:SHOWN]), len(lines), max(len(lines) - SHOWN, 0)) for heading, lines in found if lines
    )


def _gap(gap: FaceGap, say: Say) -> CaseLine:
    return _line(gap.id, gap.title, gap.country, say.tongue(gap.language), say)


def _ending(ending: Ending, say: Say) -> CaseLine:
    return _line(ending.id, ending.title, ending.country, format_date(ending.until, say.language), say)


def _case(practice: Practice, say: Say) -> CaseLine:
    return _line(
        practice.id, practice.title, practice.country, format_year(practice.start, say.language) if practice.start else "", say
    )


def _line(record: str, title: Bilingual, country: str, why: str, say: Say) -> CaseLine:
    own, other = (title.th, title.en) if say.language == "th" else (title.en, title.th)
    language = say.language if own or not other else ("en" if say.language == "th" else "th")
    return CaseLine(
        record_url(say.language, "practice", record), own or other or record, language, say.label("countries", country), why
    )


def _year_choices(seen: Radar, chosen: int | None, say: Say) -> tuple[Choice, ...]:
    return tuple(Choice(str(year), format_year(year, say.language), year == chosen) for year in seen.years)


def _year(text: str, seen: Radar) -> int | None:
    """One of the years that are offered; anything else is no limit."""
    number = _number(text)
    return number if number in seen.years else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) == 4 else None


def _span(years: _Years, say: Say) -> str:
    first, last = (format_year(year, say.language) if year else "" for year in (years.first, years.last))
    return first if first == last else f"{first} - {last}"
