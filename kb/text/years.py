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
_MONTH_YEAR = re.compile(  # no letter right before: "may" is no month in "dismay 2020"
    rf"(?<![^\W\d_\u0e00-\u0e7f])(?P<month>{_MONTH_NAMES})\.?,?\s*(?:\d{{1,2}}(?:st|nd|rd|th)?,\s*)?"
    r"(?:(?P<era>พ\.?\s?ศ\.?|ค\.?\s?ศ\.?)\s*)?(?P<year>\d{4}|\d{2})(?!\d|[.,]\d)",
    re.IGNORECASE,
)
_NUMERIC = re.compile(r"(?<![\d/])(?:\d{1,2}/)?(?P<month>\d{1,2})/(?P<year>\d{4})(?![\d/])")
_ISO = re.compile(r"(?<!\d)(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?!\d)")
_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")

_NUMBERS = {
    word: number
    for words in (
        "one two three four five six seven eight nine ten",
        "หนึ่ง สอง สาม สี่ ห้า หก เจ็ด แปด เก้า สิบ",
    )
    for number, word in enumerate(words.split(), 1)
}
_BEGUN_EN = r"(?:start(?:ed|ing)?|beg[au]n|launch(?:ed)?|introduced|established|founded|created|set\ up|dating|piloted)"
_BEGUN_TH = (
    r"(?:ที่)?(?:เริ่ม|ริเริ่ม|ก่อตั้ง|จัดตั้ง|(?<!เลือก)(?<!แต่ง)ตั้ง|เปิดตัว|เปิดใช้|เปิด|เกิด|ประกาศใช้|นำร่อง)"
    r"(?:ต้น|ใช้|ขึ้น|ดำเนินการ|ดำเนินงาน|ทำ|งาน|มา)*"
)
_PLACE_TH = r"(?:เมื่อ|ใน|ช่วง|ระหว่าง)*\s*(?:ปี\s*)?(?:งบประมาณ\s*)?"
_BEFORE = re.compile(
    rf"""(?:
      (?P<since>(?:{_BEGUN_EN}\s+)?(?<![a-z])(?:since|from|starting\s(?:in|from)|(?:no|not)\s(?:earlier\sthan|before))(?:\s+the)?(?:\s+year)?\s+
        |(?:{_BEGUN_TH})?\s*(?:นับ)?ตั้งแต่\s*{_PLACE_TH})
    | (?P<after>(?:{_BEGUN_EN}\s+)?(?<![a-z])(?:after|(?<!no\s)later\sthan|newer\sthan|post[-\s])\s*
        |(?:{_BEGUN_TH})?\s*(?:ภาย)?หลัง(?:จาก)?\s*{_PLACE_TH})
    | (?P<before>(?:{_BEGUN_EN}\s+)?(?<![a-z])(?:(?<!not\s)before|prior\sto|(?<!no\s)earlier\sthan|older\sthan|pre[-\s])\s*
        |(?:{_BEGUN_TH})?\s*ก่อน(?:หน้า)?\s*{_PLACE_TH})
    | (?P<until>(?:{_BEGUN_EN}\s+)?(?<![a-z])(?:until|up\sto|by|no\slater\sthan)\s+|(?:จนถึง|ไม่เกิน)\s*{_PLACE_TH})
    | (?P<between>(?:{_BEGUN_EN}\s+)?(?<![a-z])between\s+|(?:{_BEGUN_TH})?\s*(?:ใน)?(?:ช่วง|ระหว่าง)+\s*{_PLACE_TH})
    | (?P<begun>{_BEGUN_EN}\s+(?:in|during)?\s*|{_BEGUN_TH}\s*{_PLACE_TH})
    | (?P<plain>(?<![a-z])(?:in|during|of|for|from)\s+(?:the\s+year\s+)?
        |(?:ของ|ใน|เมื่อ|ช่วง|ประจำ)*\s*ปี\s*(?:งบประมาณ\s*)?)
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
_JOINED = re.compile(
    r"\s*(?P<word>-|to|up\s+to|until|till|through|and|ถึง|จนถึง|และ|กับ)\s*(?:ปี\s*)?(?:พ\.ศ\.\s*|ค\.ศ\.\s*)?", re.IGNORECASE
)
_SHORT_END = re.compile(r"\s*(?:-|/|ถึง)\s*(?P<year>\d{2})(?!\d)")
_SHORT_YEAR = re.compile(r"(?:ใน|เมื่อ|ช่วง)*ปี\s*'?(?P<year>[3-7]\d)(?![\d.,]|\s*(?:ปี|คน|แห่ง|%))")
_ONWARDS = re.compile(
    r"\s*(?:,?\s*(?:onwards?|or\s+(?:later|after|newer)|and\s+(?:later|after))(?![a-z])|(?:เป็นต้นมา|เป็นต้นไป|ขึ้นไป|จนถึงปัจจุบัน|ถึงปัจจุบัน))",
    re.IGNORECASE,
)
_UP_TO = re.compile(r"\s*(?:or|and)\s+(?:earlier|before|older)(?![a-z])|\s*หรือก่อนหน้า", re.IGNORECASE)
_UNIT = re.compile(
    r"\s*(?:baht|dollars?|rupiah|pesos?|ringgit|kip|riels?|dong|kyats?|people|persons|officials|households|villages|cases"
    r"|บาท|คน|ราย|แห่ง|ครัวเรือน|หมู่บ้าน|เรื่อง|ล้าน|ดอลลาร์|เปโซ|รูเปียห์|ริงกิต)",
    re.IGNORECASE,
)
"""What is counted: a number before it is an amount, not a year."""

_DECADE = re.compile(
    rf"(?:{_BEGUN_EN}\s+)?(?:(?<![a-z])(?:in|during|from|of)\s+)?(?:the\s+)?(?:(?:early|mid|late)[-\s])?"
    r"(?P<en>(?:19|20)\d0)'?s(?![a-z])"
    r"|(?:ใน)?(?:ช่วง)?(?:ทศวรรษ|ยุค)(?:ที่)?\s*(?P<th>\d{3}0)(?!\d)",
    re.IGNORECASE,
)
_EN_NUMBERS, _TH_NUMBERS = "|".join(list(_NUMBERS)[:10]), "|".join(list(_NUMBERS)[10:])
_LAST_YEARS = re.compile(
    r"(?:(?<![a-z])(?:in|over|within|during)\s+)?(?:the\s+)?(?<![a-z])(?:last|past|recent)\s+"
    rf"(?P<en>\d{{1,2}}|{_EN_NUMBERS})\s+years"
    rf"|(?:ใน)?(?:ช่วง|รอบ|ระยะ)?\s*(?P<th>\d{{1,2}}|{_TH_NUMBERS})\s*ปี(?:ที่ผ่านมา|หลังสุด|ล่าสุด|หลัง)",
    re.IGNORECASE,
)


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


@dataclass(frozen=True)
class YearRange:
    """A wish for a time in a question: years CE from `first` to `last` (either may be open), and its place in the text.

    `explicit` says that the words ask for the beginning or a span (since, before, started in ...); a bare "in 2011" may as well
    name an event.
    """

    first: int | None
    last: int | None
    start: int
    end: int
    explicit: bool


def year_range(text: str, today: date) -> YearRange | None:
    """The first time that a question asks for: "since 2015", "ก่อนปี ๒๕๔๘", "2554-2559", "the 1990s", "ใน 5 ปีที่ผ่านมา"."""
    text = text.translate(_DIGITS)
    if match := _LAST_YEARS.search(text):
        number = match["en"] or match["th"]
        span = int(number) if number.isdigit() else _NUMBERS[number.lower()]
        return YearRange(today.year - span, None, match.start(), match.end(), True)
    if match := _DECADE.search(text):
        first = to_common_era(int(match["en"] or match["th"]))
        return YearRange(first, first + 9, match.start(), match.end(), True)
    mentions = [mention for mention in years(text) if not _UNIT.match(text, mention.end)]
    if not mentions:
        if match := _SHORT_YEAR.search(text):
            ce = 2500 + int(match["year"]) - ERA_OFFSET
            return YearRange(ce, ce, match.start(), match.end(), False)
        return None
    one = mentions[0]
    start, relation = _relation(text, one.start)
    if len(mentions) > 1 and (joined := _JOINED.fullmatch(text, one.end, mentions[1].start)):
        listed = joined["word"].lower() in ("and", "และ", "กับ")
        if relation in ("between", "since") or not listed:
            first, last = sorted((one.ce, mentions[1].ce))
            return YearRange(first, last, start, mentions[1].end, True)
    if (short := _SHORT_END.match(text, one.end)) and len(mentions) == 1:
        written = one.ce + ERA_OFFSET if one.era == "be" else one.ce
        last = one.ce + int(short["year"]) - written % 100
        if last > one.ce:
            return YearRange(one.ce, last, start, short.end(), True)
    if onwards := _ONWARDS.match(text, one.end):
        return YearRange(one.ce, None, start, onwards.end(), True)
    if up_to := _UP_TO.match(text, one.end):
        return YearRange(None, one.ce, start, up_to.end(), True)
    bounds = {
        "since": (one.ce, None),
        "after": (one.ce + 1, None),
        "before": (None, one.ce - 1),
        "until": (None, one.ce),
    }
    first_year, last_year = bounds.get(relation, (one.ce, one.ce))
    return YearRange(first_year, last_year, start, one.end, relation not in ("", "plain", "between"))


def _relation(text: str, before: int) -> tuple[int, str]:
    """Where the words that belong to a year begin, and what they say about it (a group of `_BEFORE`, or nothing)."""
    match = _BEFORE.search(text, 0, before)
    return (match.start(), str(match.lastgroup)) if match else (before, "")


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
            named = _month_and_year(match)
            if named is None:
                continue
            month, ce = named
            try:
                return date(ce, month, int(match["day"]))
            except ValueError:
                continue
    return None


def _month_and_year(match: re.Match[str]) -> tuple[int, int] | None:
    """(month, year CE) of a date that was found; `None` for a two-digit year without a Thai month."""
    name = match["month"].lower()
    month = int(name) if name.isdigit() else _MONTHS[name]
    year = int(match["year"])
    if len(match["year"]) == 2:
        if name[0] < "\u0e00":
            return None
        year += 2500
    era = (match.groupdict().get("era") or "").replace(".", "").replace(" ", "")
    return month, year if era == "คศ" else to_common_era(year)


def months(text: str) -> set[tuple[int, int]]:
    """(year CE, month) of every month that `text` names with its year, in either era: "มิ.ย. ๖๕", "20 March 2020", "28/03/2020".

    In a date of figures alone the day comes first, as it does in the region; a two-digit year is read after a Thai month only.
    """
    text = text.translate(_DIGITS)
    found = set()
    for pattern in (_ISO, _MONTH_YEAR, _NUMERIC):
        for match in pattern.finditer(text):
            named = _month_and_year(match)
            if named is not None and 1 <= named[0] <= 12 and FIRST_YEAR <= named[1] <= LAST_YEAR:
                found.add((named[1], named[0]))
    return found
