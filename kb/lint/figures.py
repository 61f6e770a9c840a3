"""Figures of a text as values, in both languages: `1.37 million`, `1.37 ล้าน` and `1,370,000` are one figure.

Values are `Decimal`: in binary fractions 8.44 billion is not 8,440 million.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from kb.text.years import years

_POWERS = {
    "ล้านล้าน": 12, "แสนล้าน": 11, "หมื่นล้าน": 10, "พันล้าน": 9, "ร้อยล้าน": 8, "ล้าน": 6, "แสน": 5, "หมื่น": 4, "พัน": 3,
    "trillion": 12, "billion": 9, "million": 6, "thousand": 3,
}  # fmt: skip
_DIGIT = re.compile(r"\d")
_FIGURE = re.compile(  # [^3] is the mark of a claim; พันธมิตร (allies) and พันธุ์ (species) count no thousands
    r"(?<![\d.,^])(?P<number>\d[\d,]*(?:\.\d+)?)(?:\s?(?P<times>" + "|".join(_POWERS) + r")(?!ธ))?", re.IGNORECASE
)
_CURRENCY = r"(?:USD|EUR|SGD|THB|PHP|IDR|MYR|RM|Rp)"
_GLUED_BEFORE = re.compile(rf"(?:(?<![A-Za-z]){_CURRENCY}|(?P<name>[A-Za-z\u0e01-\u0e4e]-|[A-Za-z]))$")
_MONTHS = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|มกราคม|กุมภาพันธ์|มีนาคม|เมษายน|พฤษภาคม|มิถุนายน|กรกฎาคม|สิงหาคม|กันยายน|ตุลาคม|พฤศจิกายน|ธันวาคม)"
)
_DAYS = r"\d{1,2}(?:(?:-|, | and | to | or | ถึง | และ )\d{1,2})*"
_DATE = re.compile(rf"(?<!\d){_DAYS} ?{_MONTHS}|{_MONTHS} {_DAYS}(?![\d.,]\d|\d| \w+illion)|วันที่ {_DAYS}")
_SHORT_YEAR = re.compile(r"[-/]\d{2}(?!\d)")
_KIND = (
    r"(?i:\b(?:act|order|decision|decree|law|resolution|circular|article|section|chapter|region|project|phase|version|goal"
    r"|no\.|number|hotline|line|dial(?:led)?)|ฉบับที่|มาตรา|เลขที่|ข้อ|หมายเลข|สายด่วน|โครงการ|ศตวรรษที่)"
)
_NAME_BEFORE = re.compile(rf"(?:{_KIND},? ?|(?:\b[A-Z][\w'-]+ )+[A-Z][a-z][\w'-]* )$")
_NAME_AFTER = re.compile(r" (?:hot)?line\b")
_VERSION_BEFORE = re.compile(r"\b[A-Z]\w+ $")
_WORDS = (  # the word's place is its value
    "zero ศูนย์|one first once หนึ่ง แรก|two second twice double both II สอง คู่|three third III สาม|four fourth IV สี่"
    "|five fifth ห้า|six sixth VI หก|seven seventh VII เจ็ด|eight eighth VIII แปด|nine ninth IX เก้า|ten tenth สิบ"
    "|eleven eleventh XI สิบเอ็ด|twelve twelfth dozen XII สิบสอง โหล"
).split("|")


@dataclass(frozen=True)
class Figure:
    """A figure as written, its value, and its place in the text."""

    written: str
    value: Decimal
    start: int
    end: int


def find_figures(text: str) -> Iterator[Figure]:
    """Every number of `text` but the marks of claims, in order, with the word for millions or thousands that belongs to it."""
    for match in _FIGURE.finditer(text):
        number = match["number"].rstrip(",")
        power = _POWERS.get((match["times"] or "").lower(), 0)
        end = match.end() if match["times"] else match.start() + len(number)
        yield Figure(text[match.start() : end], Decimal(number.replace(",", "")).scaleb(power), match.start(), end)


def figures(text: str) -> set[Decimal]:
    """The values of all numbers in `text`, years among them."""
    return {figure.value for figure in find_figures(text)}


def quantities(text: str) -> list[Figure]:
    """Figures that are no year and no part of a word, as 19 is of COVID-19 and 4 of 4Ps; days of a month are among them."""
    if not _DIGIT.search(text):
        return []
    spans = []
    for year in years(text):
        short = _SHORT_YEAR.match(text, year.end)
        spans.append((year.start, short.end() if short else year.end))
    return [figure for figure in find_figures(text) if not _within(figure, spans) and not _glued(text, figure)]


def amounts(text: str) -> list[Figure]:
    """Quantities that state a fact: no days of a month, and no numbers that are names (`Act 9485`, `hotline 1022`)."""
    if not _DIGIT.search(text):
        return []
    days = [match.span() for match in _DATE.finditer(text)]
    return [figure for figure in quantities(text) if not _within(figure, days) and not _is_name(text, figure)]


def number_names(text: str) -> set[Decimal]:
    """Values that stand in `text` as a name or as part of a word."""
    return {figure.value for figure in find_figures(text) if _glued(text, figure) or _is_name(text, figure)}


def in_words(value: Decimal, text: str) -> bool:
    """Whether `text` says a number of up to twelve in words, as one language often does where the other has digits."""
    if value != int(value) or not 0 <= value < len(_WORDS):
        return False
    return any(
        re.search(rf"\b{word}\b", text, 0 if word.isupper() else re.IGNORECASE) if word.isascii() else word in text
        for word in _WORDS[int(value)].split()
    )


def _within(figure: Figure, spans: list[tuple[int, int]]) -> bool:
    return any(start < figure.end and figure.start < end for start, end in spans)


def _glued(text: str, figure: Figure) -> bool:
    """Whether the number is part of a word in Latin script, or tied to a word by a hyphen."""
    before = _GLUED_BEFORE.search(text, max(0, figure.start - 4), figure.start)
    after = text[figure.end : figure.end + 1]
    return (before is not None and before["name"] is not None) or (after.isascii() and after.isalpha())


def _is_name(text: str, figure: Figure) -> bool:
    if text.startswith("%", figure.end):
        return False
    before = _VERSION_BEFORE if figure.written.endswith(".0") else _NAME_BEFORE
    return bool(before.search(text, max(0, figure.start - 60), figure.start) or _NAME_AFTER.match(text, figure.end))
