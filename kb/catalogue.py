"""What each passage and each record of the index is, as arrays, so that a search asks the database only for what it shows.

A *position* numbers the passages of an index: language after language, and in the order of their row ids within one. An
*ordinal* numbers its records, in the order of their ids.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kb.records import FACTS
from kb.store import FACETS, Store

if TYPE_CHECKING:
    from numpy.typing import NDArray

ARRAYS, NAMES = "catalogue.npz", "catalogue.json"
"""The files beside the vectors."""

_NO_YEAR = -32768


@dataclass(frozen=True)
class Catalogue:
    """Passages by position: `rows` (row ids), `owners` (ordinals of their records) and `listed` (whether they only list names).

    Records by ordinal: `documents`, `two_faced` (a Thai and an English face) and `starts` (years). `browse` has all ordinals in
    the order of an empty query. `spans` maps a language to the positions of its passages. `pairs` are all (facet, value); which
    of them a record has stands in `codes` from `bounds[ordinal]` to `bounds[ordinal + 1]`.
    """

    records: Sequence[str]
    spans: Mapping[str, tuple[int, int]]
    pairs: Sequence[tuple[str, str]]
    rows: NDArray[np.int64]
    owners: NDArray[np.int32]
    listed: NDArray[np.bool_]
    documents: NDArray[np.bool_]
    two_faced: NDArray[np.bool_]
    starts: NDArray[np.int16]
    browse: NDArray[np.int32]
    codes: NDArray[np.int32]
    bounds: NDArray[np.int64]

    def ordinal(self, record: str) -> int | None:
        """The ordinal of a record, or `None` where the index was made without it."""
        place = bisect_left(self.records, record)
        return place if place < len(self.records) and self.records[place] == record else None

    def mask(self, records: Iterable[str]) -> NDArray[np.bool_]:
        """Which records these are, shape (records,)."""
        chosen = np.zeros(len(self.records), dtype=bool)
        chosen[[place for place in map(self.ordinal, records) if place is not None]] = True
        return chosen

    def owning(self, rows: Sequence[int]) -> NDArray[np.bool_]:
        """Which records have a passage with one of these row ids, shape (records,)."""
        chosen = np.zeros(len(self.records), dtype=bool)
        chosen[self.owners[self.positions(rows)]] = True
        return chosen

    def positions(self, rows: Sequence[int]) -> NDArray[np.int64]:
        """Positions of the passages with these row ids, in order; unknown ones are passed over."""
        wanted = np.sort(np.asarray(rows, dtype=np.int64))
        found = []
        for first, last in self.spans.values():
            own = self.rows[first:last]
            places = np.searchsorted(own, wanted)
            inside = places < len(own)
            known = places[inside][own[places[inside]] == wanted[inside]]
            found.append(first + known)
        return np.sort(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)

    def listing(self, passing: NDArray[np.bool_] | None = None) -> list[str]:
        """Ids of the records in a mask, or of all, in the order of an empty query."""
        chosen = self.browse if passing is None else self.browse[passing[self.browse]]
        return [self.records[ordinal] for ordinal in chosen.tolist()]

    def positions_of(self, ordinal: int) -> NDArray[np.int64]:
        """Positions of a record's passages."""
        return np.flatnonzero(self.owners == ordinal)

    def matching(
        self, filters: Mapping[str, Sequence[str]], first: int | None, last: int | None, lenient: bool = False
    ) -> NDArray[np.bool_] | None:
        """Which records pass: any value within a facet, all facets, and a start year from `first` to `last`.

        `lenient` lets documents pass of which a facet or the year is not known. `None` means that nothing is filtered.
        """
        passing: list[NDArray[np.bool_]] = []
        for facet, values in filters.items():
            if values:
                having = self._having([(facet, value) for value in values])
                passing.append(having | self.documents & ~self._with_facet(facet) if lenient else having)
        known = self.starts != _NO_YEAR
        unknown = self.documents & ~known if lenient else np.zeros_like(known)
        if first is not None:
            passing.append(known & (self.starts >= first) | unknown)
        if last is not None:
            passing.append(known & (self.starts <= last) | unknown)
        return np.logical_and.reduce(passing) if passing else None

    def counts(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> dict[str, dict[str, int]]:
        """Facet -> value -> how many of the records in a mask, or with these ordinals, have it."""
        ordinals = np.flatnonzero(chosen) if chosen.dtype == bool else chosen
        lengths = self.bounds[ordinals + 1] - self.bounds[ordinals]
        ends = np.cumsum(lengths)
        places = np.repeat(self.bounds[ordinals] - ends + lengths, lengths) + np.arange(ends[-1] if len(ends) else 0)
        totals = np.bincount(self.codes[places], minlength=len(self.pairs))
        found: dict[str, dict[str, int]] = {facet: {} for facet in FACETS}
        for code in np.flatnonzero(totals).tolist():
            facet, value = self.pairs[code]
            found[facet][value] = int(totals[code])
        return found

    def _having(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.bool_]:
        chosen = np.zeros(len(self.records), dtype=bool)
        for pair in pairs:
            code = self._code.get(pair)
            if code is not None:
                chosen[self._by_code[self._code_bounds[code] : self._code_bounds[code + 1]]] = True
        return chosen

    def _with_facet(self, facet: str) -> NDArray[np.bool_]:
        return self._having([pair for pair in self.pairs if pair[0] == facet])

    @cached_property
    def _code(self) -> dict[tuple[str, str], int]:
        return {pair: code for code, pair in enumerate(self.pairs)}

    @cached_property
    def _by_code(self) -> NDArray[np.int64]:
        """Ordinals of the records of each code, code after code."""
        return np.repeat(np.arange(len(self.records)), np.diff(self.bounds))[np.argsort(self.codes, kind="stable")]

    @cached_property
    def _code_bounds(self) -> NDArray[np.int64]:
        return np.concatenate([[0], np.cumsum(np.bincount(self.codes, minlength=len(self.pairs)))])


def build_catalogue(store: Store) -> Catalogue:
    """Read the catalogue of everything in the database."""
    known = sorted(store.listing())
    records = [row[0] for row in known]
    ordinal_of = {record: place for place, record in enumerate(records)}
    kinds = np.array([kind == "document" for _, kind, _ in known], dtype=bool)
    starts = np.array([_NO_YEAR if start is None else start for _, _, start in known], dtype=np.int16)
    two_faced = np.zeros(len(records), dtype=bool)
    two_faced[[ordinal_of[record] for record in store.two_faced()]] = True
    codes: dict[tuple[str, str], int] = {}
    having = np.array(
        [(ordinal_of[record], codes.setdefault((facet, value), len(codes))) for record, facet, value in store.facet_rows()],
        dtype=np.int64,
    ).reshape(-1, 2)
    having = having[np.argsort(having[:, 0], kind="stable")]
    rows: list[int] = []
    owners: list[int] = []
    listed: list[bool] = []
    spans: dict[str, tuple[int, int]] = {}
    for row, record, language, section in store.passage_rows():
        first, _ = spans.get(language, (len(rows), 0))
        rows.append(row)
        owners.append(ordinal_of[record])
        listed.append(section == FACTS)
        spans[language] = (first, len(rows))
    return Catalogue(
        records,
        spans,
        list(codes),
        np.array(rows, dtype=np.int64),
        np.array(owners, dtype=np.int32),
        np.array(listed, dtype=bool),
        kinds,
        two_faced,
        starts,
        np.lexsort((np.arange(len(records)), -starts.astype(np.int32), starts == _NO_YEAR, kinds)).astype(np.int32),
        having[:, 1].astype(np.int32),
        np.concatenate([[0], np.cumsum(np.bincount(having[:, 0], minlength=len(records)))]).astype(np.int64),
    )


_ARRAYS = ("rows", "owners", "listed", "documents", "two_faced", "starts", "browse", "codes", "bounds")


def write_catalogue(folder: Path, catalogue: Catalogue) -> None:
    """Write a catalogue into an index folder."""
    names = {"records": catalogue.records, "spans": catalogue.spans, "pairs": catalogue.pairs}
    (folder / NAMES).write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")
    arrays: dict[str, Any] = {name: getattr(catalogue, name) for name in _ARRAYS}
    np.savez(folder / ARRAYS, **arrays)


def read_catalogue(folder: Path) -> Catalogue:
    """The catalogue in an index folder; raises `OSError`, `ValueError` or `KeyError` where it is missing or damaged."""
    names = json.loads((folder / NAMES).read_text(encoding="utf-8"))
    with np.load(folder / ARRAYS, allow_pickle=False) as arrays:
        return Catalogue(
            names["records"],
            {language: (first, last) for language, (first, last) in names["spans"].items()},
            [(facet, value) for facet, value in names["pairs"]],
            **{name: arrays[name] for name in _ARRAYS},
        )
