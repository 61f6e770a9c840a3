"""Coverage: every record is counted once in its country, and what is thin is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from made_records import practice

from kb.corpus import practice_files, read_practice
from kb.coverage import LISTS, Coverage, coverage, coverage_as_json, coverage_as_text
from kb.records import Practice
from kb.taxonomy import Taxonomy

FACES = {"th": "ก", "en": "a"}
RECORDS = [
    practice("th-a", FACES, start=2018),  # type: ignore[arg-type]
    practice("th-b", FACES, start=2010, secondary_priorities=("service-delivery",)),  # type: ignore[arg-type]
    practice("kh-a", {"en": "a"}, country="KH", start=1999),
    replace(practice("kh-b", FACES, country="KH", start=None), principles=("participation", "efficiency")),  # type: ignore[arg-type]
]


@pytest.fixture
def counted(taxonomy: Taxonomy) -> Coverage:
    return coverage(RECORDS, taxonomy)


TABLES = [
    ("priority", "crisis-and-disaster-management", {"TH": 2, "KH": 2}, "the first priority"),
    ("priority", "service-delivery", {}, "a further priority does not count"),
    ("principle", "participation", {"TH": 2, "KH": 2}, "a principle"),
    ("principle", "efficiency", {"KH": 1}, "a second principle counts too"),
    ("status", "failed", {}, "a status that no record has"),
    ("evidence", "press", {"TH": 2, "KH": 2}, "a grade of evidence"),
    ("decade", "2010s", {"TH": 2}, "the first and a later year of a decade"),
    ("decade", "1990s", {"KH": 1}, "the last year of a decade"),
    ("decade", "unknown", {"KH": 1}, "no year"),
]


@pytest.mark.parametrize(("table", "value", "expected", "reason"), TABLES, ids=[row[3] for row in TABLES])
def test_records_are_counted_by_country(
    counted: Coverage, taxonomy: Taxonomy, table: str, value: str, expected: dict[str, int], reason: str
) -> None:
    found = next(known for known in counted.tables if known.name == table).counts[value]
    assert found == dict.fromkeys(taxonomy["countries"], 0) | expected


def test_decades_are_in_order_and_the_unknown_one_is_last(counted: Coverage) -> None:
    assert list(counted.tables[-1].counts) == ["1990s", "2010s", "unknown"]


def checked(record: Practice, lang: str, **facts: object) -> Practice:
    faces = {key: replace(face, **facts) if key == lang else face for key, face in record.faces.items()}  # type: ignore[arg-type]
    return replace(record, faces=faces)


CHECKED = [
    (RECORDS[0], {"th": 1, "en": 1}, "as it was written"),
    (checked(RECORDS[0], "th", checked=True), {"th": 0, "en": 1}, "an editor checked one face"),
    (checked(RECORDS[0], "en", state="human-checked"), {"th": 1, "en": 0}, "the face's state says so"),
    (checked(RECORDS[0], "en", state="machine"), {"th": 1, "en": 1}, "a translation"),
    (RECORDS[2], {"th": 0, "en": 1}, "one face only"),
]


@pytest.mark.parametrize(("record", "expected", "reason"), CHECKED, ids=[row[2] for row in CHECKED])
def test_faces_without_an_editor_are_counted(
    record: Practice, expected: dict[str, int], reason: str, taxonomy: Taxonomy
) -> None:
    unchecked = coverage([record], taxonomy).unchecked.counts
    assert {lang: sum(counts.values()) for lang, counts in unchecked.items()} == expected


def test_what_no_or_one_record_covers_is_thin(counted: Coverage, taxonomy: Taxonomy) -> None:
    thin = {(found.table, found.value): found for found in counted.thin}
    others = tuple(country for country in taxonomy["countries"] if country not in ("TH", "KH"))
    assert thin["principle", "participation"].none == others
    assert thin["principle", "participation"].one == ()
    assert thin["principle", "efficiency"].one == ("KH",)
    assert thin["status", "failed"].none == tuple(taxonomy["countries"])
    assert {table for table, _ in thin} <= set(LISTS)


def test_what_every_country_has_twice_is_not_thin(taxonomy: Taxonomy) -> None:
    records = [practice(f"{country}-{n}", {}, country=country) for country in taxonomy["countries"] for n in range(2)]
    found = coverage(records, taxonomy)
    assert ("principle", "participation") not in {(thin.table, thin.value) for thin in found.thin}
    assert ("principle", "efficiency") in {(thin.table, thin.value) for thin in found.thin}


def test_nothing_at_all_is_covered_by_nothing(taxonomy: Taxonomy) -> None:
    found = coverage([], taxonomy)
    assert set(found.practices.values()) == {0}
    assert found.tables[-1].counts == {}
    assert coverage_as_text(found)[0] == "0 practices, 0 faces"


def test_json_has_every_table_by_name(counted: Coverage) -> None:
    data = coverage_as_json(counted)
    assert data.keys() == {"practices", "faces", *LISTS, "decade", "unchecked", "thin"}
    assert (data["practices"]["TH"], data["faces"]) == (2, 7)
    assert data["decade"]["1990s"]["KH"] == 1
    assert {"table": "principle", "value": "efficiency"}.items() <= next(
        thin for thin in data["thin"] if thin["one"] == ["KH"]
    ).items()


def test_the_tables_are_plain_columns_with_a_sum(counted: Coverage, taxonomy: Taxonomy) -> None:
    lines = coverage_as_text(counted)
    assert lines[0] == "4 practices, 7 faces"
    heading = next(line for line in lines if "BN" in line.split())
    assert heading.split() == [*taxonomy["countries"], "all"]
    row = next(line for line in lines if line.startswith("2010s "))
    end = heading.index("TH") + 2
    assert (row[end - 6 : end].strip(), row.split()[-1]) == ("2", "2")
    assert len(row) == len(heading)
    assert any(line.startswith("efficiency ") and line.endswith("; one: KH") for line in lines)


def test_sums_agree_over_the_corpus(corpus: Path, taxonomy: Taxonomy) -> None:
    records = [read_practice(path, taxonomy) for path in practice_files(corpus)]
    found = coverage(records, taxonomy)
    assert sum(found.practices.values()) == len(records)
    for table in found.tables:
        total = sum(sum(counts.values()) for counts in table.counts.values())
        assert total == (sum(len(record.principles) for record in records) if table.name == "principle" else len(records))
    assert all(count >= 5 for count in found.practices.values())
