"""Amounts of money in a text, and candidates for what a case cost."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files

from kb.desk.proposals.context import Context
from kb.desk.proposals.records import Candidate
from kb.lint.figures import Figure, find_figures
from kb.records import Bilingual, Cost
from kb.text.sentences import sentences

BANDS = ((1e5, "under-100k"), (1e6, "100k-1m"), (1e7, "1m-10m"), (1e8, "10m-100m"), (1e9, "100m-1b"), (math.inf, "over-1b"))
"""Upper ends in US dollars of the bands of `corpus/taxonomy/cost_bands.yaml`."""

_COST_WORDS = re.compile(
    r"\b(?:cost|costs|budget|financ\w+|fund\w*|invest\w+|loan|credit|grant|expenditure|capital|programme of|project of)\b"
    r"|งบประมาณ|ค่าใช้จ่าย|ต้นทุน|เงินทุน|ลงทุน|วงเงิน|เงินกู้|สินเชื่อ|เงินให้เปล่า|มูลค่าโครงการ|ค่าก่อสร้าง",
    re.IGNORECASE,
)
_WHOLE = re.compile(r"\b(?:total|in all|altogether|whole|overall)\b|รวม|ทั้งหมด|ทั้งสิ้น|ทั้งโครงการ", re.IGNORECASE)
_SAVED = re.compile(
    r"\b(?:sav\w+|revenue|income|earn\w*|profit|loss\w*|damage\w*|collected|fine[sd]?)\b"
    r"|\bper (?:person|head|year|month|household)\b"
    r"|ประหยัด|รายได้|กำไร|ความเสียหาย|ขาดทุน|ค่าปรับ|ต่อคน|ต่อปี|ต่อเดือน|ต่อครัวเรือน",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Currency:
    code: str
    country: str
    to_dollar: float
    forms: tuple[str, ...]


@dataclass(frozen=True)
class Money:
    """An amount with its currency, and its place in the text with both."""

    amount: Decimal
    currency: Currency
    start: int
    end: int

    @property
    def dollars(self) -> float:
        return float(self.amount) / self.currency.to_dollar


def find_money(text: str) -> Iterator[Money]:
    """Every amount with a currency before or after it: "THB 1.2 billion", "1.2 billion baht", "๑,๒๐๐ ล้านบาท"."""
    for figure in find_figures(text):
        if found := _after(text, figure):
            yield Money(figure.value, found[0], figure.start, found[1])
        elif found := _before(text, figure):
            yield Money(figure.value, found[0], found[1], figure.end)


def band_of(dollars: float) -> str:
    return next(band for top, band in BANDS if dollars < top)


def currencies_in(context: Context) -> list[str]:
    """Countries of the money that the units name, once for each amount; other money than the region's is passed over."""
    found = (money.currency.country for unit in context.units for money in find_money(unit.text))
    return [country for country in found if country != "-"]


def costs(context: Context) -> list[Candidate]:
    """Amounts of money that a sentence may call the cost of the case; the value is a band with that sentence."""
    column = context.parts.learnt.sections.columns("section")["resources"]
    candidates = []
    largest = max(
        (money.dollars for number in context.telling for money in find_money(context.units[number].text)), default=0.0
    )
    for number in context.telling:
        unit = context.units[number]
        for start, end in sentences(unit.text):
            sentence = unit.text[start:end]
            for money in find_money(sentence):
                features = (
                    float(bool(_COST_WORDS.search(sentence))),
                    float(bool(_WHOLE.search(sentence))),
                    float(bool(_SAVED.search(sentence))),
                    1.0 if unit.announced == "resources" else float(context.section_scores[number, column]),
                    math.log10(max(money.dollars, 1)) / 10,
                    float(money.dollars >= largest),
                )
                side = Bilingual(sentence, "") if unit.language == "th" else Bilingual("", sentence)
                value = Cost(band_of(money.dollars), side)
                candidates.append(Candidate(value, features, number, start, end, "pattern"))
    return candidates


def _after(text: str, figure: Figure) -> tuple[Currency, int] | None:
    match = _written().match(text, figure.end + (text[figure.end : figure.end + 1] == " "))
    return (_by_form()[match[0].lower()], match.end()) if match else None


def _before(text: str, figure: Figure) -> tuple[Currency, int] | None:
    for match in _written().finditer(text, max(0, figure.start - 16), figure.start):
        if not text[match.end() : figure.start].strip():
            return _by_form()[match[0].lower()], match.start()
    return None


@cache
def currencies() -> tuple[Currency, ...]:
    rows = files("kb").joinpath("data/currencies.tsv").read_text(encoding="utf-8").splitlines()
    cells = [row.split("\t") for row in rows if row and not row.startswith("#")]
    return tuple(Currency(code, country, float(rate), tuple(forms.split("|"))) for code, country, rate, forms in cells)


@cache
def _by_form() -> dict[str, Currency]:
    return {form.lower(): currency for currency in currencies() for form in currency.forms}


@cache
def _written() -> re.Pattern[str]:
    forms = sorted(_by_form(), key=len, reverse=True)
    return re.compile("|".join(re.escape(form) + (r"(?![a-z])" if form[-1].isalpha() else "") for form in forms), re.IGNORECASE)
