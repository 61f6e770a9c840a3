"""Passages by position and records by ordinal: filters, counts against a plain count, browsing, and files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_records import FLOOD_TH, RECORDS, document, in_order, passage_ids, practice, put

from kb.catalogue import ARRAYS, NAMES, Catalogue, build_catalogue, read_catalogue, write_catalogue
from kb.records import FACTS, Document, Practice
from kb.repository import Repository
from kb.store import FACETS, facets_of

MORE = (*RECORDS, document("file-undated", "Notes."), practice("th-undated", {"th": FLOOD_TH}, "VN", start=None))
EMPTY = document("file-empty", "")
"""A record without passages."""


def catalogue_of(repository: Repository, records: Sequence[Practice | Document]) -> Catalogue:
    with repository.store() as store:
        put(repository, store, records)
        return build_catalogue(store)


@pytest.fixture
def made(repository: Repository) -> Catalogue:
    """Three practices and two documents, of which one record each has no year."""
    return catalogue_of(repository, MORE)


def named(catalogue: Catalogue, mask: np.ndarray | None) -> set[str] | None:  # type: ignore[type-arg]
    return None if mask is None else {catalogue.records[place] for place in np.flatnonzero(mask)}


# What it says of the database


def test_a_position_has_its_row_its_record_and_whether_it_lists_names(repository: Repository) -> None:
    with repository.store() as store:
        put(repository, store, [*MORE, EMPTY])
        catalogue, rows = build_catalogue(store), list(store.passage_rows())
    assert catalogue.rows.tolist() == [row for row, *_ in rows]
    assert [catalogue.records[owner] for owner in catalogue.owners] == [record for _, record, _, _ in rows]
    assert catalogue.listed.tolist() == [section == FACTS for *_, section in rows]
    assert any(catalogue.listed)
    for language, (first, last) in catalogue.spans.items():
        assert {row[2] for row in rows[first:last]} == {language}
    assert sum(last - first for first, last in catalogue.spans.values()) == len(rows)


def test_a_record_has_its_kind_faces_and_place_in_the_order_of_ids(made: Catalogue) -> None:
    assert list(made.records) == ["file-report", "file-undated", "kh-water", "th-flood", "th-undated"]
    assert made.documents.tolist() == [True, True, False, False, False]
    assert made.two_faced.tolist() == [False, False, True, True, False]
    assert [made.ordinal(record) for record in made.records] == list(range(5))


@pytest.mark.parametrize("record", ["", "a", "th-", "th-floods", "zz", "น้ำท่วม"])
def test_an_unknown_record_has_no_ordinal_and_is_in_no_mask(made: Catalogue, record: str) -> None:
    assert made.ordinal(record) is None
    assert named(made, made.mask([record, "th-flood"])) == {"th-flood"}
    assert named(made, made.mask([record])) == named(made, made.mask([])) == set()


def test_positions_of_rows_are_in_order_and_unknown_ones_are_passed_over(made: Catalogue) -> None:
    rows = made.rows.tolist()
    mixed = [*rows[::-2], 0, -5, 10**9, max(rows) + 1]
    assert made.positions(mixed).tolist() == sorted(rows.index(row) for row in rows[::-2])
    assert made.positions([]).tolist() == made.positions([10**9]).tolist() == []
    assert named(made, made.owning([])) == set()


def test_a_records_passages_are_found_from_it_and_it_from_them(repository: Repository) -> None:
    with repository.store() as store:
        put(repository, store, [*MORE, EMPTY])
        catalogue = build_catalogue(store)
        for ordinal, record in enumerate(catalogue.records):
            own = passage_ids(store, record)
            assert catalogue.rows[catalogue.positions_of(ordinal)].tolist() == own
            assert named(catalogue, catalogue.owning(own)) == ({record} if own else set())


# Browsing


def test_browsing_lists_practices_first_and_the_newest_first(made: Catalogue) -> None:
    order = [made.records[place] for place in made.browse]
    assert order == ["th-flood", "kh-water", "th-undated", "file-report", "file-undated"]


def test_records_without_passages_are_browsed_and_counted_as_well(repository: Repository) -> None:
    with repository.store() as store:
        put(repository, store, [*MORE, EMPTY])
        catalogue = build_catalogue(store)
        assert [catalogue.records[place] for place in catalogue.browse] == in_order(store)
    ordinal = catalogue.ordinal("file-empty")
    assert ordinal is not None
    assert catalogue.positions_of(ordinal).tolist() == []
    assert named(catalogue, catalogue.matching({"kind": ("document",)}, None, None)) == {
        "file-empty", "file-report", "file-undated",
    }  # fmt: skip
    assert catalogue.counts(np.array([ordinal]))["kind"] == {"document": 1}


def test_records_of_one_year_are_browsed_by_id(repository: Repository) -> None:
    records = [practice(key, {"en": "Flags."}, start=2018) for key in ("th-b", "kh-c", "vn-a")]
    catalogue = catalogue_of(repository, records)
    assert [catalogue.records[place] for place in catalogue.browse] == ["kh-c", "th-b", "vn-a"]


# Filters


@pytest.mark.parametrize(
    ("filters", "first", "last", "expected"),
    [
        pytest.param({}, None, None, None, id="nothing is filtered"),
        pytest.param({"country": ()}, None, None, None, id="a facet without values filters nothing"),
        pytest.param({"country": ("TH",)}, None, None, {"th-flood"}, id="one value"),
        pytest.param({"country": ("TH", "KH")}, None, None, {"th-flood", "kh-water"}, id="any value within a facet"),
        pytest.param({"country": ("TH", "ZZ")}, None, None, {"th-flood"}, id="also where nothing has one of them"),
        pytest.param({"country": ("TH",), "decade": ("1990",)}, None, None, set(), id="all facets together"),
        pytest.param({"kind": ("document",)}, None, None, {"file-report", "file-undated"}, id="documents"),
        pytest.param({"language": ("th",)}, None, None, {"th-flood", "kh-water", "th-undated"}, id="with a Thai face"),
        pytest.param({}, 2011, None, {"th-flood", "file-report"}, id="from a year, which is within"),
        pytest.param({}, None, 2011, {"kh-water", "file-report"}, id="to a year, which is within"),
        pytest.param({}, -9999, 9999, {"th-flood", "kh-water", "file-report"}, id="any year, but there is one"),
        pytest.param({"kind": ("practice",)}, 2011, 2017, set(), id="years and facets together"),
        pytest.param({"country": ("' OR 1=1 --",)}, None, None, set(), id="a value is never SQL"),
        pytest.param({"colour": ("red",)}, None, None, set(), id="a facet that nothing has"),
    ],
)
def test_filters(
    made: Catalogue, filters: dict[str, tuple[str, ...]], first: int | None, last: int | None, expected: set[str] | None
) -> None:
    assert named(made, made.matching(filters, first, last)) == expected


@pytest.mark.parametrize(
    ("filters", "first", "last", "expected"),
    [
        pytest.param({}, None, None, None, id="nothing is filtered"),
        pytest.param(
            {"country": ("TH",)}, None, None, {"th-flood", "file-report", "file-undated"}, id="no document has a state"
        ),
        pytest.param({"priority": ("x",)}, None, None, {"file-report", "file-undated"}, id="nor a priority"),
        pytest.param({"kind": ("practice",)}, None, None, {"th-flood", "kh-water", "th-undated"}, id="but each has a kind"),
        pytest.param({"language": ("th",)}, None, None, {"th-flood", "kh-water", "th-undated"}, id="and a language"),
        pytest.param({}, 2015, None, {"th-flood", "file-undated"}, id="a document without a date passes, another does not"),
        pytest.param({}, None, 2000, {"kh-water", "file-undated"}, id="to a year"),
        pytest.param({"country": ("KH",)}, 2015, None, {"file-undated"}, id="years and facets together"),
        pytest.param({"country": ()}, 2018, 2018, {"th-flood", "file-undated"}, id="a facet without values filters nothing"),
    ],
)
def test_lenient_filters_let_documents_pass_of_which_it_is_not_known(
    made: Catalogue, filters: dict[str, tuple[str, ...]], first: int | None, last: int | None, expected: set[str] | None
) -> None:
    found = named(made, made.matching(filters, first, last, lenient=True))
    assert found == expected
    strict = named(made, made.matching(filters, first, last))
    assert (found is None and strict is None) or (found is not None and strict is not None and strict <= found)


# Counts


def test_counts_are_of_the_asked_records_only_by_mask_or_by_ordinal(made: Catalogue) -> None:
    mask = made.mask(["th-flood", "file-report"])
    counts = made.counts(mask)
    assert list(counts) == list(FACETS)
    assert counts["kind"] == {"practice": 1, "document": 1}
    assert counts["language"] == {"th": 1, "en": 2}
    assert made.counts(np.flatnonzero(mask)) == counts
    assert made.counts(np.zeros(len(made.records), dtype=bool)) == {facet: {} for facet in FACETS}
    assert made.counts(np.empty(0, dtype=np.int64)) == {facet: {} for facet in FACETS}


PAIRS = [(facet, value) for facet in FACETS for value in "abc"]
HAVING = st.lists(st.sets(st.sampled_from(PAIRS), max_size=6), max_size=8)


def with_pairs(having: Sequence[set[tuple[str, str]]]) -> Catalogue:
    """A catalogue of records of which only the facets matter."""
    pairs = sorted(set().union(*having))
    codes = [sorted(pairs.index(pair) for pair in own) for own in having]
    none = np.zeros(len(having), dtype=np.int16)
    return Catalogue(
        [f"{number:03}" for number in range(len(having))],
        {},
        pairs,
        np.empty(0, dtype=np.int64),
        np.empty(0, dtype=np.int32),
        np.empty(0, dtype=bool),
        np.arange(len(having)) % 2 == 1,
        none.astype(bool),
        none,
        none.astype(np.int32),
        np.array([code for own in codes for code in own], dtype=np.int32),
        np.cumsum([0, *map(len, codes)]).astype(np.int64),
    )


@settings(deadline=None)
@given(HAVING, st.data())
def test_counts_and_filters_are_those_of_a_plain_loop(having: list[set[tuple[str, str]]], data: st.DataObject) -> None:
    catalogue = with_pairs(having)
    chosen = data.draw(st.lists(st.booleans(), min_size=len(having), max_size=len(having)))
    expected: dict[str, dict[str, int]] = {facet: {} for facet in FACETS}
    for own in (own for own, taken in zip(having, chosen, strict=True) if taken):
        for facet, value in own:
            expected[facet][value] = expected[facet].get(value, 0) + 1
    assert catalogue.counts(np.array(chosen, dtype=bool)) == expected
    filters = data.draw(st.dictionaries(st.sampled_from(FACETS), st.lists(st.sampled_from("abcd"), min_size=1), min_size=1))
    for lenient in (False, True):
        passing = [
            all(
                any((facet, value) in own for value in values)
                or (lenient and number % 2 == 1 and not any((facet, value) in own for value in "abc"))
                for facet, values in filters.items()
            )
            for number, own in enumerate(having)
        ]
        found = catalogue.matching(filters, None, None, lenient)
        assert found is not None
        assert found.tolist() == passing


def test_the_facets_of_a_catalogue_are_those_of_its_records(made: Catalogue) -> None:
    for record in MORE:
        counts = made.counts(made.mask([record.id]))
        assert {(facet, value) for facet, values in counts.items() for value in values} == facets_of(record)


# Files


@pytest.mark.parametrize(
    "records",
    [
        pytest.param((*MORE, EMPTY, document("file-ตลาด", "ตลาด", "th")), id="records of all kinds"),
        pytest.param((EMPTY,), id="one record without passages"),
        pytest.param((), id="nothing"),
    ],
)
def test_a_catalogue_is_read_as_it_was_written(
    repository: Repository, tmp_path: Path, records: Sequence[Practice | Document]
) -> None:
    catalogue = catalogue_of(repository, records)
    write_catalogue(tmp_path, catalogue)
    again = read_catalogue(tmp_path)
    for name in (field.name for field in fields(Catalogue)):
        np.testing.assert_array_equal(getattr(again, name), getattr(catalogue, name))
    for name in ("rows", "owners", "starts", "codes", "bounds"):
        assert getattr(again, name).dtype == getattr(catalogue, name).dtype
    assert list(again.spans.items()) == list(catalogue.spans.items())
    assert named(again, again.matching({"kind": ("document",)}, None, None)) == {
        record.id for record in records if isinstance(record, Document)
    }


@pytest.mark.parametrize("name", [ARRAYS, NAMES])
def test_a_lost_file_is_an_error_of_its_reader(made: Catalogue, tmp_path: Path, name: str) -> None:
    write_catalogue(tmp_path, replace(made, records=["x"]))
    (tmp_path / name).unlink()
    with pytest.raises(OSError, match=name):
        read_catalogue(tmp_path)
