"""Tables of practices: nothing is lost on the way out and back, people may write what they see, and errors name their cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_practices import practices
from made_records import practice

from kb.corpus import practice_files, read_practice
from kb.desk.table import Row, Table, read_table, state_of, write_table
from kb.desk.table_columns import COLUMNS
from kb.desk.table_files import FORMATS, Format
from kb.errors import TableError
from kb.records import Bilingual, Claim, Practice, Source
from kb.taxonomy import Taxonomy, load_taxonomy

TAXONOMY = load_taxonomy(Path(__file__).parents[2] / "corpus")
KEYS = list(COLUMNS)


@pytest.fixture(scope="module")
def held(corpus: Path, taxonomy: Taxonomy) -> list[Practice]:
    return [read_practice(path, taxonomy) for path in practice_files(corpus)]


def as_csv(*rows: list[str], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode(encoding)


def only(table: Table) -> Row:
    assert len(table.rows) == 1
    return table.rows[0]


def read_one(cells: Mapping[str, str]) -> Row:
    given = {"id": "th-flood", **cells}
    return only(read_table(as_csv(list(given), list(given.values())), "t.csv", TAXONOMY))


@pytest.mark.parametrize("form", FORMATS)
def test_every_practice_comes_back_as_it_went(form: Format, held: list[Practice]) -> None:
    table = read_table(write_table(held, form, TAXONOMY), f"all.{form}", TAXONOMY)
    assert table.all_problems == ()
    assert list(table.columns) == KEYS
    assert [row.practice for row in table.rows] == held
    assert [row.exported for row in table.rows] == [state_of(practice) for practice in held]


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(made=st.lists(practices(TAXONOMY), min_size=1, max_size=3, unique_by=lambda practice: practice.id))
def test_any_practice_comes_back_as_it_went(form: Format, made: list[Practice]) -> None:
    table = read_table(write_table(made, form), "made", TAXONOMY)
    assert table.all_problems == ()
    assert [row.practice for row in table.rows] == made


@pytest.mark.parametrize("form", FORMATS)
def test_an_exported_file_holds_no_formula(form: Format) -> None:
    """Of any cell that begins as a formula does, with any number of the marks that guard it, none begins so in the file."""
    hostile = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "'=1", "''@x"]
    made = replace(
        practice("th-x", {"en": "x"}),
        status="implemented",
        partners=tuple(Bilingual(text, "x") for text in hostile),
        place=Bilingual(*hostile[:2]),
    )
    data = write_table([made], form)
    assert read_table(data, "t", TAXONOMY).rows[0].practice == made
    if form == "csv":
        cells = [cell for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")) for cell in row]
    else:
        from openpyxl import load_workbook

        found = [cell for row in load_workbook(io.BytesIO(data)).worksheets[0].iter_rows() for cell in row if cell.value]
        assert {cell.data_type for cell in found} == {"s"}
        cells = [str(cell.value) for cell in found]
    assert "'=1+1" in cells
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "＝", "\t")]


def test_a_cell_is_quoted_in_a_csv_so_that_a_semicolon_ends_none() -> None:
    made = replace(practice("th-x", {"en": "x"}), principles=("participation", "efficiency"))
    assert b'"participation; efficiency"' in write_table([made], "csv")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp874"])
def test_files_of_excel_are_read_whatever_it_wrote(delimiter: str, encoding: str) -> None:
    text = "เทศบาลแจ้งเตือนน้ำท่วมด้วยธงสี, ประชาชนย้ายของ; ขึ้นที่สูงได้ทัน"
    row = only(read_table(as_csv(["id", "summary.th"], ["th-x", text], delimiter=delimiter, encoding=encoding), "t", TAXONOMY))
    assert row.practice is not None
    assert row.practice.summary.th == text


@pytest.mark.parametrize(
    ("head", "why"),
    [
        (["id", "place.th", "priority"], "keys"),
        (["รหัสกรณี", "พื้นที่ (ไทย)", "ประเด็นสำคัญหลัก"], "Thai headings"),
        (["Case id", "Place (Thai)", "Main priority"], "English headings"),
        (["รหัสกรณี · Case id", "พื้นที่ (ไทย) · Place (Thai)", " PRIORITY "], "both, and a key in other letters"),
    ],
)
def test_headings_are_known_by_key_and_by_name(head: list[str], why: str) -> None:
    row = only(read_table(as_csv(["ของเรา"], head, ["th-x", "เมือง", "service-delivery"]), "t", TAXONOMY))
    assert row.practice is not None, why
    assert (row.practice.place.th, row.practice.priority) == ("เมือง", "service-delivery"), why
    assert row.number == 3, "rows count as the spreadsheet counts them"


@pytest.mark.parametrize(
    ("key", "cell", "expected", "why"),
    [
        ("country", "ไทย", "TH", "a Thai label"),
        ("country", "viet nam", "VN", "an English label in small letters"),
        ("country", "พม่า", "MM", "another name of a state"),
        ("priority", "service-delivery", "service-delivery", "a code"),
        ("principles", "participation, efficiency", ("participation", "efficiency"), "codes with a comma"),
        ("principles", "participation\nefficiency;participation", ("participation", "efficiency"), "lines; one value twice"),
        ("sdgs", "3; 16", (3, 16), "goals by number"),
        ("sdgs", "3.0", (3,), "a number as a spreadsheet writes it"),
        ("start", "2561", 2018, "a Buddhist year"),
        ("start", "พ.ศ. 2561", 2018, "a Buddhist year with its name"),
        ("start", "2018.0", 2018, "a number as a spreadsheet writes it"),
        ("start", "", None, "nothing"),
        ("partners", "ก|A\n\n ข | B ", (Bilingual("ก", "A"), Bilingual("ข", "B")), "bars without space, an empty line"),
        ("sources", "T | P | 2560", (Source("T", "P", 2017),), "a source without an address"),
        ("claims", "1 | 1, 2 | press | 5; 1,000", (Claim(1, (1, 2), "press", ("5", "1,000")),), "figures with commas"),
    ],
)
def test_people_may_write_what_they_know(key: str, cell: str, expected: object, why: str) -> None:
    row = read_one({key: cell})
    assert row.problems == (), why
    assert row.values[key] == expected, why


@pytest.mark.parametrize(
    "name", ["countries", "levels", "priorities", "principles", "status", "evidence", "beneficiaries", "sdgs"]
)
def test_every_label_in_both_languages_is_its_code(name: str) -> None:
    key = next(key for key, column in COLUMNS.items() if column.form.codes == name)
    for term in TAXONOMY[name].values():
        for cell in (term.id, term.label.th, term.label.en):
            assert COLUMNS[key].form.write(COLUMNS[key].form.read(cell, TAXONOMY)) == term.id, cell


@pytest.mark.parametrize(
    ("cells", "key", "said", "why"),
    [
        ({"country": "Atlantis"}, "country", "is not known", "no such state"),
        ({"principles": "participation; luck"}, "principles", "“luck” is not known", "one of two codes"),
        ({"start": "last year"}, "start", "no year", "words"),
        ({"start": "61"}, "start", "no year", "two digits"),
        ({"id": "../../etc"}, "id", "not well formed", "a path"),
        ({"id": "", "title.en": "x"}, "id", "no id", "a row without an id"),
        ({"sources": "T | P | x"}, "sources", "no year", "a bad year in a list"),
        ({"sources": "T | P | | javascript:alert(1)"}, "sources", "web address", "a script in place of an address"),
        ({"sources": "a|b|c|d|e|f"}, "sources", "entry 1 has 6 parts", "bars inside a text"),
        ({"claims": "x | 1 | press"}, "claims", "no whole number", "a claim without a number"),
        ({"agencies": "ก | A | boss"}, "agencies", "use one of", "an unknown role"),
        ({"verified_day": "31/5/2026"}, "verified_day", "2026-05-31", "a day whose parts may be turned round"),
        ({"verified_by.en": "UN"}, "verified_day", "no day", "a confirmation without a day"),
        ({"checked.th": "maybe"}, "checked.th", "yes or no", "neither"),
        ({"title.en": "\0formula"}, "title.en", "as a value", "the sign of a formula"),
    ],
)
def test_a_cell_that_cannot_be_used_is_named(cells: dict[str, str], key: str, said: str, why: str) -> None:
    row = read_one(cells)
    assert row.practice is None, why
    (problem,) = row.problems
    assert (problem.row, problem.key) == (2, key), why
    assert said in problem.message.en, why
    assert problem.message.th, why
    assert "\n" not in problem.message.th + problem.message.en, why


def test_problems_name_row_and_column_as_the_spreadsheet_does() -> None:
    data = as_csv(["id", "title.en", "start"], ["th-a", "A", "2018"], ["", "", ""], ["th-b", "B", "soon"], ["th-a", "C", ""])
    table = read_table(data, "t.csv", TAXONOMY)
    assert [(problem.row, problem.column) for problem in table.all_problems] == [(4, "C"), (5, "A")]
    assert [row.practice is None for row in table.rows] == [False, True, True]


def test_unknown_and_repeated_columns_are_told_and_left_out() -> None:
    table = read_table(as_csv(["id", "notes", "start", "start"], ["th-a", "x", "2018", "2019"]), "t.csv", TAXONOMY)
    assert [(problem.column, problem.key) for problem in table.problems] == [("B", ""), ("D", "start")]
    assert only(table).values["start"] == 2018


def test_a_row_whose_cells_have_shifted_is_not_taken() -> None:
    table = read_table(as_csv(["id", "title.en"], ["th-a", "one", "two"]), "t.csv", TAXONOMY)
    assert "shifted" in only(table).problems[0].message.en


def test_a_file_without_ids_is_no_table() -> None:
    with pytest.raises(TableError, match="no column of ids") as told:
        read_table(b"a,b\n1,2\n", "t.csv", TAXONOMY)
    assert "ไม่พบคอลัมน์" in told.value.th


def test_a_workbook_offers_the_codes() -> None:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(write_table([practice("th-x", {"en": "x"})], "xlsx", TAXONOMY)))
    codes = {(row[0], row[1]) for row in book["codes"].iter_rows(values_only=True)}
    assert {("countries", "TH"), ("bases", next(iter(TAXONOMY["bases"]))), ("verification", "confirmed")} <= codes
    choices = {
        str(choice.sqref).partition(":")[0]: choice.formula1 for choice in book["practices"].data_validations.dataValidation
    }
    from kb.desk.table_files import letters

    source = choices[f"{letters(KEYS.index('country') + 1)}3"]
    first, last = (int(part) for part in source.replace("codes!$B$", "").split(":$B$"))
    assert [book["codes"].cell(n, 2).value for n in range(first, last + 1)] == list(TAXONOMY["countries"])
    assert book["practices"].freeze_panes == "B3"


def test_a_text_too_long_for_a_workbook_is_refused_and_fits_a_csv() -> None:
    long = practice("th-x", {"en": "x" * 40_000})
    with pytest.raises(TableError, match="export as CSV"):
        write_table([long], "xlsx")
    assert b"x" * 40_000 in write_table([long], "csv")
