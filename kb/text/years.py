"""Years and dates in two eras and two sets of digits. Buddhist era (B.E., พ.ศ.) = Common Era + 543.

Thailand has begun its year on 1 January since B.E. 2484 (1941 CE); January to March before that belong to the next CE year,
which whole-year conversion cannot see. Everything in the repository is later.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

ERA_OFFSET = 543
FIRST_YEAR, LAST_YEAR = 1900, 2100

_THAI_MONTHS = (
    "มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน",
    "กรกฎาคม", "สิงหาคม", "กันยายน", "ตุลาคม", "พฤศจิกายน", "ธันวาคม",
)  # fmt: skip
_THAI_SHORT = ("ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค.")
_ENGLISH_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTHS = (
    {name: number for number, name in enumerate(_THAI_MONTHS, 1)}
    | {name: number for number, name in enumerate(_THAI_SHORT, 1)}
    | {name: number for number, name in enumerate(_ENGLISH_MONTHS, 1)}
    | {name[:3]: number for number, name in enumerate(_ENGLISH_MONTHS, 1)}
    | {"sept": 9}
)
_MONTH_NAMES = "|".join(sorted(map(re.escape, _MONTHS), key=len, reverse=True))

_YEAR = re.compile(  # case matters: "it will be 2018" names no era
    r"(?:(?P<era>พ\.?\s?ศ\.?|ค\.?\s?ศ\.?|พุทธศักราช|คริสต์ศักราช|(?<![A-Za-z])(?:B\.?\s?E|C\.?\s?E|A\.?\s?D)\.?)\s?|(?<![\d.,]))"
    r"(?P<year>\d{4})(?!\d|[.,]\d)"
    r"(?:\s?(?P<after>B\.?E\.?|C\.?E\.?)(?![A-Za-z]))?"
)
_DAY_MONTH_YEAR = re.compile(
    rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s*(?P<month>{_MONTH_NAMES})\.?,?\s*"
    r"(?P<era>พ\.?\s?ศ\.?|ค\.?\s?ศ\.?)?\s*(?P<year>\d{4}|\d{2})(?!\d)",
    re.IGNORECASE,
)
_MONTH_DAY_YEAR = re.compile(
    rf"(?<![^\W\d_])(?P<month>{_MONTH_NAMES})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<era>(?!))?(?P<year>\d{{4}})(?!\d)",
    re.IGNORECASE,
)
_ISO = re.compile(r"(?<!\d)(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?!\d)")
_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")


@dataclass(frozen=True)
class YearMention:
    """A year in a text: `ce` is the year in the Common Era, `era` how it was written (`be` or `ce`), then its place."""

    ce: int
    era: str
    start: int
    end: int


def years(text: str) -> list[YearMention]:
    """Four-digit years of 1900 to 2100 CE in `text`, in either era and either set of digits, in order.

    A year with an era mark is read in that era; without one, a number from 2443 to 2643 is a Buddhist-era year.
    """
    found = []
    for match in _YEAR.finditer(text.translate(_DIGITS)):
        year = int(match["year"])
        mark = (match["era"] or match["after"] or "").replace(".", "").replace(" ", "").lower()
        if mark in ("พศ", "พุทธศักราช", "be"):
            era = "be"
        elif mark:
            era = "ce"
        else:
            era = "be" if FIRST_YEAR + ERA_OFFSET <= year <= LAST_YEAR + ERA_OFFSET else "ce"
        ce = year - ERA_OFFSET if era == "be" else year
        if FIRST_YEAR <= ce <= LAST_YEAR:
            found.append(YearMention(ce, era, match.start(), match.end()))
    return found


def to_common_era(year: int) -> int:
    """A bare year number in the Common Era: 2561 -> 2018, 2018 -> 2018."""
    return year - ERA_OFFSET if year >= FIRST_YEAR + ERA_OFFSET else year


def to_buddhist_era(year: int) -> int:
    """A year of the Common Era in the Buddhist era: 2018 -> 2561."""
    return year + ERA_OFFSET


def format_year(year: int, language: str) -> str:
    """A year as readers of `language` expect it; Thai shows both eras."""
    return f"พ.ศ. {to_buddhist_era(year)} (ค.ศ. {year})" if language == "th" else str(year)


def format_date(day: date, language: str) -> str:
    """A date in words: 6 มิถุนายน 2554 in Thai, 6 June 2011 in English."""
    if language == "th":
        return f"{day.day} {_THAI_MONTHS[day.month - 1]} {to_buddhist_era(day.year)}"
    return f"{day.day} {_ENGLISH_MONTHS[day.month - 1].capitalize()} {day.year}"


def parse_date(text: str) -> date | None:
    """The first full date in `text`: "6 มิถุนายน 2554", "๖ มิ.ย. ๕๔", "6 June 2011", "June 6, 2011", "2011-06-06".

    A two-digit year is Buddhist-era after a Thai month name and refused otherwise. `None` where there is no real date.
    """
    text = text.translate(_DIGITS)
    for pattern in (_ISO, _DAY_MONTH_YEAR, _MONTH_DAY_YEAR):
        for match in pattern.finditer(text):
            name = match["month"].lower()
            month = int(name) if name.isdigit() else _MONTHS[name]
            year = int(match["year"])
            if len(match["year"]) == 2:
                if name[0] < "\u0e00":
                    continue
                year += 2500
            era = (match.groupdict().get("era") or "").replace(".", "").replace(" ", "")
            ce = year if era == "คศ" else to_common_era(year)
            try:
                return date(ce, month, int(match["day"]))
            except ValueError:
                continue
    return None
