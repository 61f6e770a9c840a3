"""Practices as a table, for editing in bulk in a spreadsheet program: one row a case.

The first row holds keys that never change, the second bilingual headings; either one is enough to read the table back, and
columns may be left out or moved. A column that is not there leaves its field as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kb.desk.table_cells import CellError
from kb.desk.table_columns import BASE, COLUMNS, FIXED, ID, Column, practice_of, values_of, written
from kb.desk.table_files import FORMULA, Format, Limits, Sheet, letters, read_grid, write_csv, write_xlsx
from kb.errors import TableError
from kb.records import Bilingual, Practice
from kb.store import content_hash
from kb.taxonomy import Taxonomy

HASH = 16
"""Characters of the checksum that tells from which state of a practice a row was exported."""

_HEAD_ROWS = 5


@dataclass(frozen=True)
class Problem:
    """What is wrong with one cell: row and column as the spreadsheet counts them, the column's key, and what to do."""

    row: int
    column: str
    key: str
    message: Bilingual


@dataclass(frozen=True)
class Row:
    """A row: values by column, the state it was exported from, and its problems, with which it cannot be used.

    `practice` has what the row alone says; where columns are missing, `kb.desk.table_preview` completes it.
    """

    number: int
    id: str
    exported: str
    values: Mapping[str, Any]
    practice: Practice | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table as it was read. `problems` are those of its headings; those of rows stand with the rows."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def all_problems(self) -> tuple[Problem, ...]:
        return (*self.problems, *(problem for row in self.rows for problem in row.problems))


def state_of(practice: Practice) -> str:
    """A short checksum of everything that a practice says."""
    return content_hash(practice)[:HASH]


def write_table(practices: Iterable[Practice], form: Format, taxonomy: Taxonomy | None = None) -> bytes:
    """The practices as a file. With a taxonomy, a workbook has a second sheet of all codes, and lists to choose from.

    Raises `TableError` where a workbook cannot hold a text.
    """
    columns = list(COLUMNS.values())
    rows = [list(COLUMNS), [_heading(column) for column in columns]]
    for practice in practices:
        cells = written(values_of(practice)) | {BASE: state_of(practice)}
        rows.append([cells[column.key] for column in columns])
    if form == "csv":
        return write_csv(rows)
    listed, choices = _code_sheet(taxonomy) if taxonomy else ([], [])
    sheets = [Sheet("practices", rows, [column.width for column in columns], 2, choices)]
    return write_xlsx([*sheets, Sheet("codes", listed, (24, 36, 44, 44))] if listed else sheets)


def _heading(column: Column) -> str:
    return f"{column.heading.th} · {column.heading.en}"


def _code_sheet(taxonomy: Taxonomy) -> tuple[list[list[str]], list[tuple[int, str]]]:
    """Rows of every code by list, and for each column with one code the range that it takes it from."""
    rows, ranges = [["list", "code", "ไทย", "English"]], {}
    for name in dict.fromkeys([*(c.form.codes for c in COLUMNS.values() if c.form.codes), "bases"]):
        first = len(rows) + 1
        rows += [[name, term.id, term.label.th, term.label.en] for term in taxonomy[name].values()]
        ranges[name] = f"codes!$B${first}:$B${len(rows)}"
    for key, values in FIXED.items():
        first = len(rows) + 1
        rows += [[key, value, "", ""] for value in values]
        ranges[key] = f"codes!$B${first}:$B${len(rows)}"
    choices = []
    for place, (key, column) in enumerate(COLUMNS.items(), 1):
        source = ranges.get(column.form.codes or key)
        if source and not column.form.several and key not in ("agencies", "lineage"):
            choices.append((place, source))
    return rows, choices


def read_table(data: bytes, name: str, taxonomy: Taxonomy, limits: Limits | None = None) -> Table:
    """Read a file that `write_table` wrote, or one made by hand with some of its columns; `name` is the file's, for people.

    Raises `TableError` where the file as a whole cannot be used. Problems of single cells are kept with their rows.
    """
    grid = read_grid(data, limits or Limits(), lambda cell: _key(cell) is not None)
    head = next((n for n, row in enumerate(grid[:_HEAD_ROWS]) if ID in (_key(cell) for cell in row)), None)
    if head is None:
        raise TableError(
            f"ไม่พบคอลัมน์รหัสกรณี ({ID}) ใน {_HEAD_ROWS} แถวแรก ให้ใช้ตารางที่ส่งออกจากระบบ",
            f"there is no column of ids ({ID}) in the first {_HEAD_ROWS} rows; begin from an exported table",
        )
    places, problems = _places(grid[head], head + 1)
    rows: list[Row] = []
    seen: dict[str, int] = {}
    for number, cells in enumerate(grid[head + 1 :], head + 2):
        if not any(cells) or (number - head <= 3 and _key(cells[places[ID]] if places[ID] < len(cells) else "") == ID):
            continue
        row = _row(number, cells, places, taxonomy, seen)
        seen.setdefault(row.id, number)
        rows.append(row)
    return Table(name, tuple(places), tuple(rows), tuple(problems))


@lru_cache(maxsize=1)
def _headings() -> Mapping[str, str]:
    """Key by everything that a heading may say: the key, both languages, one of them."""
    found: dict[str, str] = {}
    for key, column in COLUMNS.items():
        for text in (key, _heading(column), column.heading.th, column.heading.en):
            found.setdefault(_plain(text), key)
    return found


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _key(cell: str) -> str | None:
    return _headings().get(_plain(cell))


def _places(cells: list[str], number: int) -> tuple[dict[str, int], list[Problem]]:
    """The place of each column in a row, from 0, and the headings that cannot be used."""
    places: dict[str, int] = {}
    problems = []
    for place, cell in enumerate(cells):
        key = _key(cell)
        if key is None and cell:
            message = Bilingual(
                f"ไม่รู้จักคอลัมน์ “{cell[:60]}” จึงไม่อ่าน ให้แก้ชื่อหรือลบคอลัมน์",
                f"there is no column “{cell[:60]}”, it is not read; mend its name or delete it",
            )
            problems.append(Problem(number, letters(place + 1), "", message))
        elif key in places:
            message = Bilingual(
                "คอลัมน์นี้ซ้ำกับคอลัมน์ก่อนหน้า จึงไม่อ่าน ให้เก็บไว้คอลัมน์เดียว",
                "this column stands twice, it is not read; keep one of the two",
            )
            problems.append(Problem(number, letters(place + 1), key, message))
        elif key is not None:
            places[key] = place
    return places, problems


def _row(number: int, cells: list[str], places: Mapping[str, int], taxonomy: Taxonomy, seen: Mapping[str, int]) -> Row:
    values: dict[str, Any] = {}
    problems: list[Problem] = []

    def fail(key: str, message: Bilingual) -> None:
        problems.append(Problem(number, letters(places.get(key, places[ID]) + 1), key, message))

    for key, place in places.items():
        text = cells[place] if place < len(cells) else ""
        try:
            values[key] = _value(key, text, taxonomy)
        except CellError as exc:
            fail(key, exc.message)
    if len(cells) > (last := max(places.values()) + 1) and any(cells[last:]) and not problems:
        fail(
            ID,
            Bilingual(
                "แถวนี้มีข้อมูลเกินคอลัมน์สุดท้าย ให้ตรวจว่าข้อมูลเลื่อนคอลัมน์หรือไม่",
                "this row goes beyond the last column; check whether cells have shifted",
            ),
        )
    named = str(values.get(ID) or "")
    if named in seen:
        fail(
            ID,
            Bilingual(
                f"รหัสซ้ำกับแถวที่ {seen[named]} ให้เก็บไว้แถวเดียว", f"the id stands in row {seen[named]} too; keep one of the two"
            ),
        )
    practice = None
    if not problems:
        try:
            practice = practice_of(values)
        except CellError as exc:
            fail("verified_day", exc.message)
    return Row(number, named, str(values.pop(BASE, "") or ""), values, practice, tuple(problems))


def _value(key: str, text: str, taxonomy: Taxonomy) -> Any:
    if text == FORMULA:
        raise CellError(
            "เซลล์นี้เป็นสูตรหรือค่าผิดพลาด ให้คัดลอกแล้ววางเป็นค่า",
            "this cell holds a formula or an error; copy it and paste it as a value",
        )
    if key == ID and not text:
        raise CellError(
            "แถวนี้ไม่มีรหัสกรณี ให้ใส่รหัส เช่น th-traffy-fondue", "this row has no id; give it one, such as th-traffy-fondue"
        )
    return COLUMNS[key].form.read(text, taxonomy)
