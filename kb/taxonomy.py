"""The controlled lists of `corpus/taxonomy`: ids with labels and definitions in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kb.errors import CorpusError
from kb.overlay import NO_CHANGES, Changes, Row, overlaid
from kb.records import Bilingual
from kb.termbase import TermEntry, load_termbase
from kb.yaml_lists import load_numbered_rows

LISTS = (
    "countries",
    "regions",
    "priorities",
    "principles",
    "levels",
    "status",
    "evidence",
    "bases",
    "beneficiaries",
    "cost_bands",
    "face_states",
    "sdgs",
)


@dataclass(frozen=True)
class Term:
    """One entry of a list, in its place: `names` are other names that readers use, `cities` cities that stand for their state,
    `members` the states of a region."""

    id: str
    label: Bilingual
    definition: Bilingual
    names: tuple[str, ...] = ()
    cities: tuple[str, ...] = ()
    members: tuple[str, ...] = ()


class Taxonomy:
    """All lists: `taxonomy["countries"]["TH"].label.en`."""

    def __init__(self, lists: dict[str, dict[str, Term]]) -> None:
        self._lists = {name: MappingProxyType(terms) for name, terms in lists.items()}

    def __getitem__(self, name: str) -> MappingProxyType[str, Term]:
        return self._lists[name]

    def label(self, name: str, term: str, language: str) -> str:
        """The label of `term` in `language`; the id itself where the list does not know it."""
        entry = self._lists[name].get(term)
        return entry.label.get(language) if entry else term


def list_file(corpus: Path, name: str) -> Path:
    """The file of a list of the taxonomy."""
    return corpus / "taxonomy" / f"{name}.yaml"


def load_taxonomy(corpus: Path, cache: Path | None = None, changes: Changes = NO_CHANGES) -> Taxonomy:
    """Read `corpus/taxonomy`, with what the desk changed in it; raises `CorpusError` where a list is missing or an entry is
    incomplete.

    An entry has labels of its own (`th`, `en`), or names a `term` of the termbase, which then gives them.
    """
    termbase = {entry.id: entry for entry in load_termbase(corpus, cache, changes)}
    paths = {name: list_file(corpus, name) for name in LISTS}
    rows = {name: overlaid(load_numbered_rows(path, cache), changes.get(name, {})) for name, path in paths.items()}
    return Taxonomy({name: read_list(rows[name], termbase, path) for name, path in paths.items()})


def read_list(rows: Iterable[tuple[int, Row]], termbase: Mapping[str, TermEntry], path: Path) -> dict[str, Term]:
    """The entries of numbered rows. Raises `CorpusError` on a bad one."""
    terms: dict[str, Term] = {}
    for number, (_, row) in enumerate(rows, 1):
        try:
            key = str(row["id"])
            label = _label(row, termbase)
            definition = Bilingual(**row.get("definition", {"th": "", "en": ""}))
            names, cities = (
                tuple(name for side in row.get(key, {}).values() for name in _texts(side)) for key in ("names", "cities")
            )
            members = tuple(_texts(row.get("members", [])))
        except (KeyError, TypeError, AttributeError) as exc:
            raise CorpusError(path, 1, f"entry {number} is incomplete ({exc})", "give it id, th and en") from exc
        if key in terms:
            raise CorpusError(path, 1, f"id {key!r} stands twice", "keep one of the two entries")
        terms[key] = Term(key, label, definition, names, cities, members)
    return terms


def _label(row: Mapping[str, Any], termbase: Mapping[str, TermEntry]) -> Bilingual:
    """The entry's own label, or that of its term. Raises `KeyError` where there is none, or both, or no such term."""
    if "term" not in row:
        return Bilingual(str(row["th"]), str(row["en"]))
    if row["term"] not in termbase:
        raise KeyError(f"term {row['term']!r} is not in the termbase")
    if "th" in row or "en" in row:
        raise KeyError(f"th and en stand beside the term {row['term']!r}, which has the label")
    return termbase[row["term"]].label


def _texts(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TypeError(f"{value!r} is not a list of texts")
    return value
