"""Grids of text to and from CSV and XLSX files, which may come from anywhere and hold anything.

A file is read by what it holds, not by its name. CSV may be UTF-8 (with or without a mark), UTF-16 or Windows-874, with commas,
semicolons or tabs. Of a workbook the first sheet is read; formulas are not computed but told. A part with a document type is
refused, so that no entity is expanded.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from kb.cells import guarded, unguarded
from kb.errors import ReadError, TableError
from kb.ingest.plain import decode
from kb.ingest.readers import packed_names

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

Format = Literal["csv", "xlsx"]
FORMATS: tuple[Format, Format] = ("xlsx", "csv")

EXCEL_CELL = 32_767
"""Characters that a cell of a workbook can hold."""

FORMULA = "\0formula"
"""Stands for a cell that holds a formula or an error in place of a value."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DELIMITERS = (",", ";", "\t")
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_HELD = re.compile(r"_x(00[01][0-9A-Fa-f]|005F|FFF[EFef])_")
_DOCTYPE = (b"<!DOCTYPE", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))


@dataclass(frozen=True)
class Limits:
    """What is read of a file at most: bytes, bytes unpacked, rows, columns, and characters of a cell."""

    bytes: int = 32 << 20
    unpacked: int = 128 << 20
    rows: int = 5000
    columns: int = 200
    cell: int = EXCEL_CELL


@dataclass(frozen=True)
class Sheet:
    """A grid to write: the first `head` rows stay in sight, `widths` are in characters, `choices` are lists for columns."""

    name: str
    rows: Sequence[Sequence[str]]
    widths: Sequence[int] = ()
    head: int = 1
    choices: Sequence[tuple[int, str]] = ()
    """Column from 1, and the range of another sheet that its cells take their values from."""


def write_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with a mark, by which Excel knows it, each cell in quotes."""
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([[guarded(cell) for cell in row] for row in rows])
    return out.getvalue().encode("utf-8-sig")


def write_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """A workbook whose cells all hold text, never a formula. Raises `TableError` for a text that no cell can hold."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for sheet in sheets:
        _fill(book.create_sheet(sheet.name), sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(place: Worksheet, sheet: Sheet) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.worksheet.datavalidation import DataValidation

    top, bold = Alignment(vertical="top", wrap_text=True), Font(bold=True)
    for number, row in enumerate(sheet.rows, 1):
        for column, text in enumerate(row, 1):
            if not text:
                continue
            cell = place.cell(number, column)
            cell.value = _writable(guarded(text), number, column)
            cell.data_type = "s"  # `#N/A` is a text too
            cell.number_format, cell.alignment = "@", top
            if number <= sheet.head:
                cell.font = bold
        if number > sheet.head:
            place.row_dimensions[number].height = 60
    for column, width in enumerate(sheet.widths, 1):
        place.column_dimensions[letters(column)].width = width
    place.freeze_panes = place.cell(sheet.head + 1, 2)
    for column, source in sheet.choices:
        choice = DataValidation(type="list", formula1=source, allow_blank=True)
        choice.add(f"{letters(column)}{sheet.head + 1}:{letters(column)}{sheet.head + 5000}")
        place.add_data_validation(choice)


def _writable(text: str, row: int, column: int) -> str:
    """The text as the format holds it: control characters by their number."""
    found = _UNWRITABLE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)
    if len(found) > EXCEL_CELL:
        raise TableError(
            f"เซลล์ {letters(column)}{row} ยาวเกิน {EXCEL_CELL:,} อักขระซึ่ง Excel เก็บไม่ได้ ให้ส่งออกเป็น CSV",
            f"cell {letters(column)}{row} is longer than the {EXCEL_CELL:,} characters that Excel holds; export as CSV instead",
        )
    return found


def read_grid(data: bytes, limits: Limits, known: Callable[[str], bool]) -> list[list[str]]:
    """The rows of a file, without the guard against formulas; `known` tells the heading of a column.

    Raises `TableError` where the file is too large, damaged, no table, or goes beyond the limits.
    """
    if len(data) > limits.bytes:
        _refuse(
            f"แฟ้มมีขนาด {len(data) / 1e6:.0f} MB เกินขีดจำกัด {limits.bytes / 1e6:.0f} MB ให้แบ่งเป็นหลายแฟ้ม",
            f"the file has {len(data) / 1e6:.0f} MB, the limit is {limits.bytes / 1e6:.0f} MB; split it",
        )
    if not data.strip(b"\0 \t\r\n"):
        _refuse("แฟ้มว่างเปล่า ให้บันทึกใหม่อีกครั้ง", "the file is empty; save it again")
    if data.startswith(_OLE):
        _refuse(
            "เป็นแฟ้ม Excel รุ่นเก่าหรือมีรหัสผ่าน ให้บันทึกเป็น .xlsx โดยไม่ใส่รหัสผ่าน",
            "an old or encrypted Excel file; save it as .xlsx without a password",
        )
    grid = _read_xlsx(data, limits) if data.startswith(b"PK") else _read_csv(data, limits, known)
    return [[unguarded(_settled(cell)) for cell in row] for row in grid]


def _settled(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _read_csv(data: bytes, limits: Limits, known: Callable[[str], bool]) -> list[list[str]]:
    try:
        text = decode(data)
    except (ReadError, UnicodeDecodeError) as exc:
        raise TableError(
            "ไม่รู้จักรหัสอักขระของแฟ้ม ให้บันทึกเป็น CSV UTF-8 หรือ .xlsx",
            "the encoding of the file is not known; save it as CSV UTF-8, or as .xlsx",
        ) from exc
    try:
        delimiter = max(_DELIMITERS, key=lambda mark: _recognised(text, mark, known))
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return [_within(row, number, limits) for number, row in enumerate(rows, 1)]
    except csv.Error as exc:
        raise TableError(
            f"แฟ้ม CSV เสียหาย ({exc}) ให้เปิดในโปรแกรมตารางแล้วบันทึกใหม่",
            f"the CSV file is damaged ({exc}); open it in a spreadsheet program and save it again",
        ) from exc


def _recognised(text: str, delimiter: str, known: Callable[[str], bool]) -> int:
    """How many headings the first rows have if `delimiter` stands between cells."""
    found = 0
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text[:100_000], newline=""), delimiter=delimiter)):
            found = max(found, sum(map(known, row)))
            if number == 4:
                break
    except csv.Error:
        return 0
    return found


def _within(row: list[str], number: int, limits: Limits) -> list[str]:
    """The row, or `TableError` where it goes beyond the limits."""
    if number > limits.rows + 5:
        _refuse(
            f"ตารางมีเกิน {limits.rows:,} แถว ให้แบ่งเป็นหลายแฟ้ม",
            f"the table has more than {limits.rows:,} rows; split it into several files",
        )
    if len(row) > limits.columns:
        _refuse(
            f"แถวที่ {number} มี {len(row)} คอลัมน์ เกินขีดจำกัด {limits.columns} คอลัมน์ ให้ลบคอลัมน์ที่ไม่ใช้",
            f"row {number} has {len(row)} columns, the limit is {limits.columns}; delete the columns that are not needed",
        )
    for column, cell in enumerate(row, 1):
        if len(cell) > limits.cell + 1:
            _refuse(
                f"เซลล์ {letters(column)}{number} ยาวเกิน {limits.cell:,} อักขระ ให้ตัดให้สั้นลง",
                f"cell {letters(column)}{number} has more than {limits.cell:,} characters; shorten it",
            )
    return row


def _read_xlsx(data: bytes, limits: Limits) -> list[list[str]]:
    try:
        names = packed_names(data, limits.unpacked)
        _refuse_document_types(data)
    except TableError:
        raise
    except ReadError as exc:
        raise TableError("แฟ้มเสียหาย มีรหัสผ่าน หรือขยายแล้วใหญ่ผิดปกติ จึงไม่เปิด ให้บันทึกใหม่", str(exc)) from exc
    if "xl/workbook.xml" not in names:
        _refuse("แฟ้มนี้ไม่ใช่ .xlsx หรือ .csv ให้บันทึกเป็นชนิดใดชนิดหนึ่ง", "neither .xlsx nor .csv; save it as one of the two")
    try:
        return _first_sheet(data, limits)
    except TableError:
        raise
    except Exception as exc:  # openpyxl raises many kinds for one cause: the file is no sound workbook
        raise TableError(
            "แฟ้ม .xlsx เสียหาย ให้เปิดใน Excel แล้วบันทึกใหม่", "the .xlsx file is damaged; open it in Excel and save it again"
        ) from exc


def _refuse_document_types(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                if name.lower().endswith((".xml", ".rels", ".vml")) and any(mark in archive.read(name) for mark in _DOCTYPE):
                    _refuse(
                        "แฟ้มมีเนื้อหาที่ไม่ปลอดภัย จึงไม่เปิด",
                        "the file declares a document type, which no workbook needs; it is not opened",
                    )
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError, zlib.error) as exc:
        raise ReadError("the file is truncated or damaged; save it again") from exc


def _first_sheet(data: bytes, limits: Limits) -> list[list[str]]:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its own size is not believed
        rows = sheet.iter_rows(max_row=limits.rows + 6, max_col=limits.columns + 1)
        return [_within(_trimmed([_text(cell) for cell in row]), number, limits) for number, row in enumerate(rows, 1)]
    finally:
        book.close()


def _trimmed(row: list[str]) -> list[str]:
    while row and not row[-1]:
        row.pop()
    return row


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type in ("f", "e"):
        return FORMULA
    if isinstance(value, datetime) and (value.hour, value.minute, value.second) == (0, 0, 0):
        return value.date().isoformat()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return _HELD.sub(lambda match: chr(int(match[1], 16)), str(value))


def letters(column: int) -> str:
    """A column's name in a spreadsheet, from 1: A, B, … Z, AA."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def _refuse(th: str, en: str) -> NoReturn:
    raise TableError(th, en)
