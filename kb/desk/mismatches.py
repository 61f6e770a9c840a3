"""What one face of a section says and the other does not: figures, percentages, money, years and names, each with its place.

The rules are those of the lint (`kb.lint`), section against section; they are meant for a page that shows both while someone
writes, so they prefer to say nothing where a translation may well differ.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from kb.lint.entry import Piece, Surroundings
from kb.lint.facts import LATIN_NAME, LINK_TARGET, NamesSaid, years_said
from kb.lint.figures import Figure, figures, in_words, number_names
from kb.records import LANGUAGES, SECTIONS, Lang, Practice
from kb.termbase import TermEntry

MismatchKind = Literal["figure", "percentage", "money", "year", "name"]

_RANGE = r"[\d,.]+\s?(?:[-–]|ถึง|เป็น|และ)\s?"
_PERCENT_AFTER = re.compile(r"(?:\s?(?:[-–]|to|and|ถึง|และ)\s?[\d,.]+)?[\s-]?(?:%|per ?cent|เปอร์เซ็นต์|จุด(?:ร้อยละ|เปอร์เซ็นต์))")
_POINTS_AFTER = re.compile(r"\s?(?:จุด|points?\b)")
_PERCENT_BEFORE = re.compile(rf"(?:ร้อยละ|อัตรา)\s?(?:กว่า\s?|ราว\s?|ประมาณ\s?)?(?:{_RANGE})?$")
_CURRENCIES = {
    "baht": r"baht|THB|บาท|฿",
    "dollar": r"(?:US|S|B|Singapore |Brunei )?dollars?|(?:US|S|B)?\$|USD|SGD|BND|(?:เหรียญ|ดอลลาร์)",
    "rupiah": r"rupiah|Rp\.?|IDR|รูเปียห?์",
    "peso": r"pesos?|PHP|₱|เปโซ",
    "ringgit": r"ringgit|RM|MYR|ริงกิต",
    "dong": r"dong|VND|₫|ด่อง|ดอง",
    "kip": r"kip|LAK|₭|กีบ",
    "riel": r"riels?|KHR|៛|เรียล",
    "kyat": r"kyats?|MMK|จ๊าต|จ๊าด",
    "euro": r"euros?|EUR|€|ยูโร",
    "yen": r"yen|JPY|¥|เยน",
    "won": r"won\b|KRW|₩|วอน",
    "pound": r"pounds?|GBP|£|ปอนด์",
}  # fmt: skip
_MONEY_AFTER = {name: re.compile(rf"\s?(?:{forms})(?![A-Za-z])") for name, forms in _CURRENCIES.items()}
_MONEY_BEFORE = {name: re.compile(rf"(?<![A-Za-z])(?:{forms})\s?$") for name, forms in _CURRENCIES.items()}
_NAMED = frozenset({"agency", "programme", "asean"})
"""Domains of the termbase whose entries are proper names."""
_BARE_THAI = re.compile("[\u0e01-\u0e4e]+")
_SHORT = 6
"""Thai letters up to which a form without dots must stand apart from other letters, as an abbreviation does."""


@dataclass(frozen=True)
class Mismatch:
    """Something that stands in one face of a section only: its half-open place in the text of that face.

    `section` is a key of `SECTIONS` or `title`. `text` is as written there; `value` is the same in both languages: a number,
    a year CE, or the name.
    """

    section: str
    kind: MismatchKind
    language: Lang
    start: int
    end: int
    text: str
    value: str


class TwinNames:
    """The proper names of a termbase, ready to be looked for in both languages.

    Those of another country than that of the case are left out: each has a ministry of the interior.
    """

    def __init__(self, terms: Iterable[TermEntry] = (), country: str = "") -> None:
        self.terms = tuple(terms)
        self.country = country
        self.surroundings = Surroundings(terms=self.terms)
        self._named = [term for term in self.terms if term.domain in _NAMED and term.country in (None, country)]

    def of(self, country: str) -> TwinNames:
        """The names for cases of a country. Keep what this returns: it reads the forms once."""
        found = TwinNames(self.terms, country)
        found.surroundings = self.surroundings
        return found

    @cached_property
    def _forms(self) -> dict[Lang, list[tuple[str, str]]]:
        """(form, id) by language, longer forms first."""
        both: dict[Lang, list[tuple[str, str]]] = {"th": [], "en": []}
        for term in self._named:
            for lang, forms in (("th", term.th), ("en", term.en)):
                both[lang] += [(form, term.id) for form in forms if form not in term.ambiguous]  # type: ignore[index]
        return {lang: sorted(forms, key=lambda form: (-len(form[0]), form)) for lang, forms in both.items()}

    @cached_property
    def _all_forms(self) -> dict[str, tuple[str, ...]]:
        return {term.id: (*term.th, *term.en) for term in self._named}

    def found(self, text: str, language: Lang) -> list[tuple[int, int, frozenset[str]]]:
        """Names in a text with the ids that they may mean; a name inside a longer one is not found."""
        hits: dict[tuple[int, int], set[str]] = {}
        for form, key in self._forms[language]:
            if form in text:
                for start, end in _places(form, text):
                    if not any(first <= start and end <= last and (first, last) != (start, end) for first, last in hits):
                        hits.setdefault((start, end), set()).add(key)
        return [(start, end, frozenset(ids)) for (start, end), ids in sorted(hits.items())]

    def said(self, ids: Iterable[str], text: NamesSaid) -> bool:
        """Whether a text has any form of one of these concepts, ambiguous ones and those of the other language too."""
        return any(form in text for key in ids for form in self._all_forms[key])


NO_NAMES = TwinNames()
NO_TEXTS: Mapping[Lang, str] = MappingProxyType({})


def mismatches(practice: Practice, names: TwinNames = NO_NAMES) -> tuple[Mismatch, ...]:
    """Mismatches of all titles and sections that both faces have, in order; none for a practice with one face.

    A name counts as said where it stands anywhere in the other face.
    """
    if set(practice.faces) != set(LANGUAGES):
        return ()
    names = names if names.country == practice.country else names.of(practice.country)
    th, en = practice.faces["th"], practice.faces["en"]
    whole = {face.language: "\n".join([face.title, *face.sections.values()]) for face in (th, en)}
    found = list(section_mismatches("title", th.title, en.title, names, whole))
    for section in SECTIONS:
        found += section_mismatches(section, th.sections.get(section, ""), en.sections.get(section, ""), names, whole)
    return tuple(found)


def section_mismatches(
    section: str, thai: str, english: str, names: TwinNames = NO_NAMES, whole: Mapping[Lang, str] = NO_TEXTS
) -> tuple[Mismatch, ...]:
    """Mismatches of one section, by place, Thai before English; none where either text is empty.

    `whole` has the texts of both faces, where a name may stand elsewhere; without it the section has to say it.
    """
    if not thai.strip() or not english.strip():
        return ()
    th, en = Piece("th", section, 1, thai), Piece("en", section, 1, english)
    found: list[Mismatch] = []
    for mine, other in ((th, en), (en, th)):
        marks = [*_figures(mine, other), *_years(mine, other), *_names(mine, whole.get(other.lang, other.plain), names)]
        found += sorted(marks, key=lambda mark: (mark.start, mark.end))
    return tuple(found)


def _mark(piece: Piece, kind: MismatchKind, place: tuple[int, int], value: str) -> Mismatch:
    start, end = place
    return Mismatch(piece.section, kind, piece.lang, start, end, piece.text[start:end], value)


def _figures(mine: Piece, other: Piece) -> Iterator[Mismatch]:
    have = figures(other.plain) | number_names(other.plain)
    for figure in mine.quantities:
        currency = _currency(mine.plain, figure)
        percent = _is_percent(mine.plain, figure)
        twins = [twin for twin in other.quantities if twin.value == figure.value]
        if figure.value in have or in_words(figure.value, other.plain):
            currencies = {found for twin in twins if (found := _currency(other.plain, twin))}
            foreign = currency and currencies and currency not in currencies
            bare = percent and twins and not any(_may_be_percent(other.plain, twin) for twin in twins)
            if not foreign and not bare:
                continue
        kind: MismatchKind = "percentage" if percent else "money" if currency else "figure"
        yield _mark(mine, kind, (figure.start, figure.end), f"{figure.value.normalize():f}")


def _is_percent(text: str, figure: Figure) -> bool:
    if not figure.written[-1].isdigit():  # 6.3 million or 26%
        return False
    return bool(_PERCENT_AFTER.match(text, figure.end) or _PERCENT_BEFORE.search(text, max(0, figure.start - 40), figure.start))


def _may_be_percent(text: str, figure: Figure) -> bool:
    return _is_percent(text, figure) or bool(_POINTS_AFTER.match(text, figure.end))


def _currency(text: str, figure: Figure) -> str | None:
    after = next((name for name, pattern in _MONEY_AFTER.items() if pattern.match(text, figure.end)), None)
    begin = max(0, figure.start - 12)
    return after or next((name for name, found in _MONEY_BEFORE.items() if found.search(text, begin, figure.start)), None)


def _years(mine: Piece, other: Piece) -> Iterator[Mismatch]:
    have = years_said(other)
    for year in mine.years:
        if year.ce not in have:
            yield _mark(mine, "year", (year.start, year.end), str(year.ce))


def _names(mine: Piece, other: str, names: TwinNames) -> Iterator[Mismatch]:
    """Names of the termbase in either text; names in Latin letters in a Thai text whether the termbase has them or not."""
    marked: list[tuple[int, int]] = []
    said = NamesSaid(other, names.surroundings)
    for start, end, ids in names.found(mine.plain, mine.lang):
        marked.append((start, end))
        if not names.said(ids, said):
            yield _mark(mine, "name", (start, end), mine.plain[start:end])
    if mine.lang == "th":
        for match in LATIN_NAME.finditer(LINK_TARGET.sub(lambda link: " " * len(link[0]), mine.plain)):
            if not _overlaps(match.span(), marked) and match[0] not in said:
                yield _mark(mine, "name", match.span(), match[0])


def _overlaps(place: tuple[int, int], others: Sequence[tuple[int, int]]) -> bool:
    return any(start < place[1] and place[0] < end for start, end in others)


def _places(form: str, text: str) -> Iterator[tuple[int, int]]:
    """Where a form stands as a name of its own."""
    thai = _BARE_THAI.fullmatch(form)
    edge = "[\u0e01-\u0e4e]" if thai and len(form) <= _SHORT else "" if thai else "[A-Za-z0-9]"
    pattern = re.escape(form) if not edge else rf"(?<!{edge}){re.escape(form)}(?!{edge})"
    for match in re.finditer(pattern, text):
        yield match.span()
