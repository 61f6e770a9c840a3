"""Files that were made to do harm, or are no table at all: refused in one line in both languages."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from made_records import practice
from openpyxl import Workbook

from kb.desk.table import read_table, write_table
from kb.desk.table_files import Limits, letters
from kb.errors import TableError
from kb.taxonomy import Taxonomy, load_taxonomy

TAXONOMY: Taxonomy = load_taxonomy(Path(__file__).parents[2] / "corpus")
SMALL = Limits(bytes=1_000_000, unpacked=1_000_000, rows=3, columns=5, cell=50)


def packed(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def changed(data: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """A packed file with one of its parts changed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {entry: archive.read(entry) for entry in archive.namelist()}
    assert old in files[name]
    return packed(files | {name: files[name].replace(old, new)})


PLAIN = workbook(("id", "title.en"), ("th-x", "x"))
SHEET = "xl/worksheets/sheet1.xml"
LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><worksheet'


@pytest.mark.parametrize(
    ("data", "said", "why"),
    [
        (b"", "empty", "nothing"),
        (b"\r\n \n", "empty", "nothing but space"),
        (b"x" * 1_000_001, "split it", "too many bytes"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 100, "without a password", "an old Excel file"),
        (b"PK\x03\x04broken", "damaged", "half a packed file"),
        (packed({"a.txt": b"x"}), "neither .xlsx nor .csv", "some other packed file"),
        (packed({"xl/workbook.xml": b"<a/>"}), "damaged", "a workbook of one part"),
        (packed({"xl/workbook.xml": b"<a/>", "xl/x.xml": b"\0" * 2_000_000}), "zip bomb", "a bomb"),
        (changed(PLAIN, SHEET, b"<worksheet", LAUGHS), "document type", "entities that multiply"),
        (changed(PLAIN, SHEET, b"</row>", b"<row>"), "damaged", "no well-formed part"),
        (b"id,title.en\n" + b"th-x,y\n" * 9, "more than 3 rows", "too many rows"),
        (b"id,a,b,c,d,e\n", "6 columns", "too many columns"),
        (b"id,title.en\nth-x," + b"y" * 60, "cell B2", "a cell too long"),
        (b'id,title.en\nth-x,"y', "damaged", "a quotation that does not end"),
        (b"id,title.en\nth-x," + "น้ำ".encode("cp874") * 3 + b"\xff\xfe\xfc\xdb\xdc", "encoding", "bytes of no encoding"),
        (workbook(("id",), *[("th-x",)] * 9), "more than 3 rows", "too many rows of a workbook"),
        (workbook(("id", *"abcdef")), "columns", "too many columns of a workbook"),
        (workbook(("id", "title.en"), ("th-x", "y" * 60)), "cell B2", "a cell of a workbook too long"),
    ],
)
def test_harmful_and_damaged_files_are_refused(data: bytes, said: str, why: str) -> None:
    with pytest.raises(TableError) as told:
        read_table(data, "x", TAXONOMY, SMALL)
    assert said in told.value.en, why
    assert any("ก" <= letter <= "๛" for letter in told.value.th), why
    assert "\n" not in told.value.th + told.value.en, why


def test_a_row_that_says_it_is_the_millionth_is_not_waited_for() -> None:
    """Rows that a workbook leaves out are read as empty ones; a number of a row must not make a million of them."""
    data = changed(PLAIN, SHEET, b'<row r="2"', b'<row r="1048576"')
    data = changed(data, SHEET, b'r="A2"', b'r="A1048576"')
    data = changed(data, SHEET, b'r="B2"', b'r="B1048576"')
    with pytest.raises(TableError, match="more than 3 rows"):
        read_table(data, "x", TAXONOMY, SMALL)


def test_formulas_and_errors_in_a_workbook_are_told_and_not_read() -> None:
    data = workbook(("id", "title.en", "title.th"), ("th-x", "=1+1", "#N/A"))
    row = read_table(data, "x", TAXONOMY).rows[0]
    assert row.practice is None
    assert [problem.column for problem in row.problems] == ["B", "C"]
    assert all("paste it as a value" in problem.message.en for problem in row.problems)


def test_numbers_days_and_truths_of_a_workbook_are_read_as_people_see_them() -> None:
    from datetime import date, datetime

    head = ("id", "start", "revision.en", "checked.en", "verified_day", "verified_until", "title.en")
    data = workbook(head, ("th-x", 2018.0, 2, True, datetime(2026, 5, 31), date(2027, 5, 31), 1.5))  # noqa: DTZ001
    row = read_table(data, "x", TAXONOMY).rows[0]
    assert row.problems == ()
    assert [row.values[key] for key in head[1:]] == [2018, 2, True, date(2026, 5, 31), date(2027, 5, 31), "1.5"]


def test_the_limits_hold_what_a_secretariat_needs() -> None:
    one = replace(practice("th-x", {"en": "x"}), status="implemented")
    made = [replace(one, id=f"th-x{number}") for number in range(Limits().rows)]
    table = read_table(write_table(made, "csv"), "x", TAXONOMY)
    assert len(table.rows) == Limits().rows
    assert table.all_problems == ()


@pytest.mark.parametrize(("number", "name"), [(1, "A"), (26, "Z"), (27, "AA"), (52, "AZ"), (702, "ZZ"), (703, "AAA")])
def test_columns_are_named_as_in_a_spreadsheet(number: int, name: str) -> None:
    assert letters(number) == name
