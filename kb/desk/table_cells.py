"""How values stand in the cells of a table, and how they are read back: texts, years, codes, and lists with an entry a line.

An entry of several parts is written `part | part | part`; a bar, a backslash or a line break inside a part is written with a
backslash: `\\|`, `\\\\`, `\\n`. Space around a cell or a part is no content. Reading raises `CellError`, which says in both
languages what to do.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kb.records import Bilingual
from kb.taxonomy import Taxonomy
from kb.text.years import to_common_era

YES, NO = "yes", "no"
_TRUTHS = {"yes": True, "true": True, "1": True, "ใช่": True, "จริง": True, "": False, "no": False, "false": False, "0": False}
_TRUTHS |= {"ไม่ใช่": False, "ไม่": False, "เท็จ": False}
_ESCAPED = (("\\\\", "\\"), ("\\n", "\n"), ("\\r", "\r"), ("\\|", "|"))


class CellError(Exception):
    """A cell that cannot be used; `message` is one line in both languages that says what to do."""

    def __init__(self, th: str, en: str) -> None:
        self.message = Bilingual(th, en)
        super().__init__(en)


@dataclass(frozen=True)
class Form:
    """How one kind of value stands in a cell. `write(read(text, taxonomy)) == text` for what `write` made."""

    write: Callable[[Any], str]
    read: Callable[[str, Taxonomy], Any]
    codes: str = ""
    """The taxonomy's list that the cell takes its values from, if it does."""
    several: bool = False


def entry(parts: Iterable[str], least: int = 1) -> str:
    """Parts of an entry in one line, empty ones at its end left out, but `least` of them written."""
    written = [_escape(part.strip()) for part in parts]
    while len(written) > least and not written[-1]:
        written.pop()
    return " | ".join(written).strip()


def entries(text: str, most: int) -> list[list[str]]:
    """The entries of a cell, each with exactly `most` parts; missing ones are empty. Raises `CellError` for too many."""
    found = []
    for number, line in enumerate((line for line in text.split("\n") if line.strip()), 1):
        parts = [_unescape(part.strip()) for part in split(line, "|")]
        if len(parts) > most:
            raise CellError(
                f"รายการที่ {number} มี {len(parts)} ส่วน แต่มีได้ไม่เกิน {most} ส่วน หากเป็นขีดตั้งในข้อความ ให้พิมพ์เป็น \\|",
                f"entry {number} has {len(parts)} parts and may have {most}; write a bar inside a text as \\|",
            )
        found.append(parts + [""] * (most - len(parts)))
    return found


def split(text: str, mark: str) -> list[str]:
    """Text between marks; a mark after a backslash does not count. Backslashes stay."""
    found, start, escaped = [], 0, False
    for place, character in enumerate(text):
        if character == mark and not escaped:
            found.append(text[start:place])
            start = place + 1
        escaped = character == "\\" and not escaped
    return [*found, text[start:]]


def _escape(text: str) -> str:
    for mark, meaning in _ESCAPED:
        text = text.replace(meaning, mark)
    return text


def _unescape(text: str) -> str:
    meanings = dict(_ESCAPED)
    return re.sub(r"\\.", lambda match: meanings.get(match[0], match[0]), text)


def whole(text: str, name: Bilingual) -> int:
    """A whole number from 1; a spreadsheet's `3.0` is one too."""
    match = re.fullmatch(r"([0-9]{1,9})(?:\.0+)?", text.strip())
    if match is None or int(match[1]) < 1:
        raise CellError(
            f"{name.th} “{short(text)}” ไม่ใช่จำนวนเต็ม ให้พิมพ์ตัวเลข เช่น 1",
            f"{name.en} “{short(text)}” is no whole number; write a number such as 1",
        )
    return int(match[1])


def year(text: str) -> int | None:
    """A year CE; a Buddhist year is turned into one."""
    if not text.strip():
        return None
    match = re.fullmatch(r"(?:พ\.?ศ\.?|ค\.?ศ\.?|B\.?E\.?|C\.?E\.?)?\s*([0-9]{4})(?:\.0+)?", text.strip())
    number = to_common_era(int(match[1])) if match else 0
    if not 1900 <= number <= 2100:
        raise CellError(
            f"“{short(text)}” ไม่ใช่ปี ให้พิมพ์ปี ค.ศ. หรือ พ.ศ. สี่หลัก เช่น 2018 หรือ 2561",
            f"“{short(text)}” is no year; write four digits, CE or B.E., such as 2018 or 2561",
        )
    return number


def day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10] if re.fullmatch(r"\d{4}-\d\d-\d\d[T ]00:00:00", text) else text)
    except ValueError:
        raise CellError(
            f"“{short(text)}” ไม่ใช่วันที่ ให้พิมพ์ปี ค.ศ. เดือน และวัน เช่น 2026-05-31",
            f"“{short(text)}” is no date; write year CE, month and day, such as 2026-05-31",
        ) from None


def truth(text: str) -> bool:
    if text.strip().lower() not in _TRUTHS:
        raise CellError(f"“{short(text)}” ใช้ไม่ได้ ให้พิมพ์ yes หรือ no", f"“{short(text)}” cannot be used; write yes or no")
    return _TRUTHS[text.strip().lower()]


def one_of(known: Iterable[str], text: str) -> str:
    """A value of a fixed list, or nothing."""
    values = list(known)
    if text and text not in values:
        listed = ", ".join(values)
        raise CellError(
            f"“{short(text)}” ไม่อยู่ในรายการ ให้ใช้ค่าใดค่าหนึ่งต่อไปนี้: {listed}",
            f"“{short(text)}” is not in the list; use one of: {listed}",
        )
    return text


def code(name: str, text: str, taxonomy: Taxonomy) -> str:
    """The code that `text` is, or the label of, in either language; states by their other names too."""
    if not text:
        return ""
    found = _spellings(name, taxonomy).get(_folded(text))
    if found is None:
        listed = ", ".join(list(taxonomy[name])[:20])
        raise CellError(
            f"ไม่รู้จัก “{short(text)}” ให้ใช้รหัสหรือชื่อจากรายการ: {listed}",
            f"“{short(text)}” is not known; use a code or a label of the list: {listed}",
        )
    return found


def codes(name: str, text: str, taxonomy: Taxonomy) -> tuple[str, ...]:
    """Codes with semicolons or line breaks between them; commas do too where no label has one."""
    pieces = [piece.strip() for piece in re.split(r"[;\n]", text) if piece.strip()]
    spellings = _spellings(name, taxonomy)
    pieces = [
        part.strip()
        for piece in pieces
        for part in ([piece] if _folded(piece) in spellings else piece.split(","))
        if part.strip()
    ]
    return tuple(dict.fromkeys(code(name, piece, taxonomy) for piece in pieces))


def _spellings(name: str, taxonomy: Taxonomy) -> Mapping[str, str]:
    found = {}
    for term in taxonomy[name].values():
        for spelling in (*term.names, term.label.th, term.label.en, term.id):
            found[_folded(spelling)] = term.id
    return found


def _folded(text: str) -> str:
    """As it is compared: compatible letters alike, no difference of case or spacing, `3.0` as `3`."""
    return re.sub(r"^(\d+)\.0+$", r"\1", " ".join(unicodedata.normalize("NFKC", text).casefold().split()))


def short(text: str) -> str:
    """A text as an error quotes it, in one line."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"
