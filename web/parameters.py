"""Search parameters, the same for pages and for the API, with a limit on each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Query

from kb.errors import QueryError
from kb.search.engine import Request
from kb.text.normalise import THAI_DIGITS
from kb.text.years import FIRST_YEAR, LAST_YEAR, to_common_era

MAX_TEXT = 20_000
MAX_VALUES = 30
MAX_PAGE = 500
MAX_KEY = 250

_Values = Annotated[list[str], Query(max_length=MAX_VALUES)]


@dataclass(frozen=True)
class _Parameters:
    """What stands in the address."""

    text: str
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    year_from: int | None = None
    year_to: int | None = None
    undo: frozenset[str] = frozenset()
    redo: frozenset[str] = frozenset()
    sort: str = "best"


def _parameters(
    q: Annotated[str, Query(max_length=MAX_TEXT, description="The question, in Thai or English; empty lists everything.")] = "",
    country: _Values = [],  # noqa: B006  # FastAPI copies defaults
    priority: _Values = [],  # noqa: B006
    principle: _Values = [],  # noqa: B006
    level: _Values = [],  # noqa: B006
    status: _Values = [],  # noqa: B006
    face: Annotated[list[str], Query(max_length=MAX_VALUES, description="Languages of the text.")] = [],  # noqa: B006
    kind: _Values = [],  # noqa: B006
    decade: _Values = [],  # noqa: B006
    year_from: Annotated[str, Query(alias="from", max_length=10, description="Begun in this year or later, CE or B.E.")] = "",
    year_to: Annotated[str, Query(alias="to", max_length=10, description="Begun in this year or earlier, CE or B.E.")] = "",
    undo: Annotated[
        list[str], Query(max_length=MAX_VALUES, description="Keys of steps taken back; `all`: read literally.")
    ] = [],  # noqa: B006
    redo: Annotated[list[str], Query(max_length=MAX_VALUES, description="Keys of offered steps to apply.")] = [],  # noqa: B006
    sort: Annotated[str, Query(max_length=20, description="`best`, `newest` or `evidence`.")] = "best",
) -> _Parameters:
    given = {
        "country": country,
        "priority": priority,
        "principle": principle,
        "level": level,
        "status": status,
        "language": face,
        "kind": kind,
        "decade": decade,
    }
    filters = {name: tuple(dict.fromkeys(value[:60] for value in values)) for name, values in given.items() if values}
    taken_back, applied = (frozenset(key[:MAX_KEY] for key in keys) for keys in (undo, redo))
    return _Parameters(q, filters, _year(year_from), _year(year_to), taken_back, applied, sort or "best")


SearchParameters = Annotated[_Parameters, Depends(_parameters)]


def search_parameters(parameters: _Parameters, limit: int, offset: int) -> Request:
    """The engine's request for these parameters and this page."""
    return Request(
        parameters.text,
        parameters.filters,
        parameters.year_from,
        parameters.year_to,
        limit=limit,
        offset=offset,
        undo=parameters.undo,
        redo=parameters.redo,
        sort=parameters.sort,
    )


def _year(text: str) -> int | None:
    """A year in either era and either set of digits; empty is none. Raises `QueryError` for anything else."""
    text = text.strip().translate(THAI_DIGITS)
    if not text:
        return None
    year = to_common_era(int(text)) if text.isdecimal() and len(text) == 4 else 0
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise QueryError("A year has four digits, such as 2018 or 2561.")
    return year
