"""What the repository covers: records of each country by priority, principle, decade, status and evidence, and what is thin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from kb.records import LANGUAGES, Practice
from kb.taxonomy import Taxonomy

UNKNOWN = "unknown"

LISTS: dict[str, tuple[str, Callable[[Practice], tuple[str, ...]]]] = {
    "priority": ("priorities", lambda practice: (practice.priority,)),
    "principle": ("principles", lambda practice: practice.principles),
    "status": ("status", lambda practice: (practice.status,)),
    "evidence": ("evidence", lambda practice: (practice.evidence,)),
}
"""Tables with a fixed list of values: the taxonomy's list, and the values of a practice. Only the first priority counts."""


@dataclass(frozen=True)
class Table:
    """Records by value and country: `counts[value][country]`, with every country and every value there."""

    name: str
    counts: dict[str, dict[str, int]]


@dataclass(frozen=True)
class Thin:
    """A value that some countries have in no record, and some in one."""

    table: str
    value: str
    none: tuple[str, ...]
    one: tuple[str, ...]


@dataclass(frozen=True)
class Coverage:
    """`practices` are records by country; `unchecked` are faces that no native editor has checked, by language."""

    practices: dict[str, int]
    faces: int
    tables: tuple[Table, ...]
    unchecked: Table
    thin: tuple[Thin, ...]


def coverage(practices: Iterable[Practice], taxonomy: Taxonomy) -> Coverage:
    """Count the records of every country of the taxonomy, also of one that has none.

    Decades are not looked at for what is thin: an empty one is past and nobody can fill it.
    """
    held = list(practices)
    countries = list(taxonomy["countries"])
    listed = [_table(name, list(taxonomy[terms]), countries, held, values_of) for name, (terms, values_of) in LISTS.items()]
    decades = sorted({_decade(practice) for practice in held}, key=lambda decade: (decade == UNKNOWN, decade))
    by_decade = _table("decade", decades, countries, held, lambda practice: (_decade(practice),))
    by_country = Counter(practice.country for practice in held)
    return Coverage(
        practices={country: by_country[country] for country in countries},
        faces=sum(len(practice.faces) for practice in held),
        tables=(*listed, by_decade),
        unchecked=_table("not checked", list(LANGUAGES), countries, held, _unchecked),
        thin=tuple(_thin(table, value) for table in listed for value in table.counts if _is_thin(table.counts[value])),
    )


def _table(
    name: str,
    values: list[str],
    countries: list[str],
    practices: list[Practice],
    values_of: Callable[[Practice], tuple[str, ...]],
) -> Table:
    found = Counter((value, practice.country) for practice in practices for value in values_of(practice))
    return Table(name, {value: {country: found[value, country] for country in countries} for value in values})


def _decade(practice: Practice) -> str:
    return f"{practice.start // 10 * 10}s" if practice.start else UNKNOWN


def _unchecked(practice: Practice) -> tuple[str, ...]:
    return tuple(lang for lang, face in practice.faces.items() if not face.checked and face.state != "human-checked")


def _is_thin(counts: dict[str, int]) -> bool:
    return min(counts.values()) <= 1


def _thin(table: Table, value: str) -> Thin:
    counts = table.counts[value]
    return Thin(
        table.name,
        value,
        tuple(country for country, count in counts.items() if count == 0),
        tuple(country for country, count in counts.items() if count == 1),
    )


def coverage_as_json(found: Coverage) -> dict[str, Any]:
    """For programs: tables by name, each `{value: {country: count}}`."""
    return {
        "practices": found.practices,
        "faces": found.faces,
        **{table.name: table.counts for table in found.tables},
        "unchecked": found.unchecked.counts,
        "thin": [
            {"table": thin.table, "value": thin.value, "none": list(thin.none), "one": list(thin.one)} for thin in found.thin
        ],
    }


def coverage_as_text(found: Coverage) -> list[str]:
    """Lines of plain tables: countries across, values down."""
    countries = list(found.practices)
    values = [value for table in found.tables for value in table.counts]
    width = max(len(value) for value in [*values, *(table.name for table in found.tables), found.unchecked.name])
    lines = [
        f"{sum(found.practices.values())} practices, {found.faces} faces",
        "",
        _row("", [*countries, "all"], width),
        _row("practices", [*found.practices.values(), sum(found.practices.values())], width),
    ]
    for table in (*found.tables, found.unchecked):
        lines += ["", table.name]
        lines += [_row(value, [*counts.values(), sum(counts.values())], width) for value, counts in table.counts.items()]
    lines += ["", "thin (countries with no record, and with one)"]
    return lines + [f"{thin.value.ljust(width)}  {_countries(thin)}" for thin in found.thin]


def _row(name: str, cells: list[str] | list[int], width: int) -> str:
    return name.ljust(width) + "".join(str(cell or "-").rjust(6) for cell in cells)


def _countries(thin: Thin) -> str:
    return "; ".join(f"{name}: {' '.join(some)}" for name, some in (("none", thin.none), ("one", thin.one)) if some)
