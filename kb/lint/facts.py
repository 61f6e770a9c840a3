"""Rules for one entry: references, claims and figures, years and names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from itertools import pairwise

from kb.lint.entry import Entry, Finding, Piece, Surroundings, lines_of
from kb.lint.figures import Figure, figures, in_words, number_names
from kb.text.segment import stem
from kb.text.years import YearMention, years


def in_its_folder(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    country, folder = entry.practice.country, entry.path.parent.name
    if folder != country.lower():
        yield Finding(entry.path, 1, f"a {country} case lies in {folder}/; move the file")


def references_exist(entry: Entry, known: Surroundings) -> Iterator[Finding]:
    practice = entry.practice
    for other in [item.id for item in practice.related] + [item.id for item in practice.lineage if item.id]:
        if other == practice.id:
            line = next(n for n, text in enumerate(lines_of(entry.text), 1) if other in text and not text.startswith("id:"))
            yield Finding(entry.path, line, "the case refers to itself; remove it")
        elif other not in known.ids:
            yield entry.at(other, f"{other!r} is not in this repository; mend the id or remove it")


def publishers_named(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    for source in entry.practice.sources:
        for field, value in (("title", source.title), ("publisher", source.publisher)):
            if PLACEHOLDER.fullmatch(value):
                yield entry.at(source.title, f"the {field} of a source is {value!r}; name it, or leave the source out")


PLACEHOLDER = re.compile(r"\W*|n/?a|none|unknown|anonymous|to ?do|tbd|xxx+|ไม่ทราบ|ไม่มี|ไม่ระบุ|รอเขียน|รอเติม", re.IGNORECASE)


# One entry: claims and figures


def claims_cited(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    for lang in entry.practice.faces:
        cited = {number for piece in entry.face(lang) for number in _cited(piece.text)}
        for claim in entry.practice.claims:
            if claim.number not in cited:
                message = f"the {lang} face does not cite claim {claim.number}; add [^{claim.number}]"
                yield entry.at(f"{{lang={lang}}}", message)


def claimed_figures_stand(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    for lang in entry.practice.faces:
        have = {value for piece in entry.face(lang) for value in figures(piece.plain)}
        for claim in entry.practice.claims:
            for figure in claim.figures:
                if not figures(figure) <= have:
                    message = f"figure {figure!r} of claim {claim.number} is not in the {lang} face; add or mend it"
                    yield entry.at(f"{{lang={lang}}}", message)


def figures_claimed(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    """Each amount belongs to a claim, and its paragraph cites a claim that has it; titles and questions need not cite."""
    claims = {claim.number: {value for figure in claim.figures for value in figures(figure)} for claim in entry.practice.claims}
    named = {value for piece in entry.pieces for value in number_names(piece.plain)}
    for piece in entry.pieces:
        cited = {value for number in _cited(piece.text) for value in claims.get(number, ())}
        for figure in piece.amounts:
            owners = [number for number, values in claims.items() if figure.value in values]
            if not owners and not (figure.value in named and (piece.lang == "th" or figure.value >= 100)):
                message = f"figure {figure.written!r} has no claim; add it to one under claims, and cite it"
                yield entry.find(piece, figure.start, message)
            elif owners and figure.value not in cited and piece.section not in ("title", "questions"):
                message = f"figure {figure.written!r} is of claim {owners[0]}, not cited here; add [^{owners[0]}] after it"
                yield entry.find(piece, figure.start, message)


def _cited(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\[\^(\d+)\]", text)]


def figures_in_both_faces(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    if entry.two_faced:
        yield from _one_sided_figures(entry, entry.face("th"), entry.face("en"))
    for th, en in entry.pairs:
        yield from _one_sided_figures(entry, [th], [en])


def _one_sided_figures(entry: Entry, thai: list[Piece], english: list[Piece]) -> Iterator[Finding]:
    for mine, others, missing in ((thai, english, "English"), (english, thai, "Thai")):
        text = "\n".join(piece.plain for piece in others)
        have = figures(text)
        for piece, figure in _first_of_each(mine):
            if figure.value not in have and not in_words(figure.value, text):
                message = f"figure {figure.written!r} is not in the {missing} text; add it there or mend one of the two"
                yield entry.find(piece, figure.start, message)


def _first_of_each(pieces: list[Piece]) -> Iterator[tuple[Piece, Figure]]:
    seen: set[Decimal] = set()
    for piece in pieces:
        for figure in piece.quantities:
            if figure.value not in seen:
                seen.add(figure.value)
                yield piece, figure


# One entry: years and names


def eras_agree(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    """`พ.ศ. 2561 (ค.ศ. 2018)`: years in brackets are those just before them, in the other era."""
    for piece in entry.all_pieces():
        for bracket in _IN_BRACKETS.finditer(piece.plain):
            before = [year for year in piece.years if year.end <= bracket.start()]
            inside = years(bracket[0])
            if not inside or not before or bracket.start() - before[-1].end > 1 or inside[-1].era == before[-1].era:
                continue
            count = len(inside) if len(inside) == len(before) else 1
            if [year.ce for year in before[-count:]] != [year.ce for year in inside[-count:]]:
                said = piece.plain[before[-count].start : bracket.end()]
                yield entry.find(piece, bracket.start(), f"the years of {said!r} do not agree; B.E. is CE + 543, mend one")


_IN_BRACKETS = re.compile(r"\((?:[^()]*(?:ค\.\s?ศ\.|พ\.\s?ศ\.|B\.?\s?E\.|C\.?E\.)[^()]*|\d{4}(?:\s?[-–]\s?\d{4})?)\)")


def years_in_both_faces(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    if entry.two_faced:
        yield from _one_sided_years(entry, entry.face("th"), entry.face("en"))
    for th, en in entry.pairs:
        yield from _one_sided_years(entry, [th], [en])


def _one_sided_years(entry: Entry, thai: list[Piece], english: list[Piece]) -> Iterator[Finding]:
    for mine, others, missing in ((thai, english, "English"), (english, thai, "Thai")):
        have = {year for piece in others for year in years_said(piece)}
        seen: set[int] = set()
        for piece in mine:
            for year in piece.years:
                if year.ce not in have | seen:
                    seen.add(year.ce)
                    message = f"the year {year.ce} is not in the {missing} text; add it there or mend one of the two"
                    yield entry.find(piece, year.start, message)


def years_said(piece: Piece) -> set[int]:
    """Years of a piece, with those inside its ranges and its decades."""
    said = {year.ce for year in piece.years}
    for one, next_one in pairwise(piece.years):
        if _TO.fullmatch(piece.plain, one.end, next_one.start):
            said |= set(range(one.ce, next_one.ce))
    for one in piece.years:
        if _is_decade(piece.plain, one):
            said |= set(range(one.ce, one.ce + 10))
    return said


_TO = re.compile(r"(?:\s|\([^)]*\)|\)|พ\.ศ\.|ค\.ศ\.)*(?:-|–|to|until|through|ถึง|จนถึง)(?:\s|พ\.ศ\.|ค\.ศ\.)*")


def _is_decade(text: str, year: YearMention) -> bool:
    after = re.match(r"'?s\b", text[year.end :])
    return bool(after) or "ทศวรรษ" in text[max(0, year.start - 25) : year.start]


def paragraphs_agree(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    """A figure or year that is in the other face, but not in the same paragraph; `that year` may stand for a year."""
    for th, en in entry.twins():
        for mine, other in ((th, en), (en, th)):
            have = figures(other.plain)
            odd = [f.written for f in mine.quantities if f.value not in have and not in_words(f.value, other.plain)]
            if mine.years and other.years:
                said = years_said(other)
                odd += [str(year.ce) for year in mine.years if year.ce not in said]
            if odd:
                message = f"{', '.join(odd)} is not in the twin paragraph on line {other.line}; see that both say the same"
                yield entry.find(mine, 0, message, error=False)


def names_in_both_faces(entry: Entry, known: Surroundings) -> Iterator[Finding]:
    """A name in Latin letters in the Thai face stands in the English one, in full, in short or in another known form."""
    if not entry.two_faced:
        return
    english = "\n".join([*(piece.plain for piece in entry.face("en")), entry.text.split("\n---", 1)[0]])
    names = NamesSaid(english, known)
    for piece in entry.face("th"):
        for match in LATIN_NAME.finditer(LINK_TARGET.sub(lambda link: " " * len(link[0]), piece.plain)):
            if match[0] not in names:
                message = f"the name {match[0]!r} is in the Thai face only; say it in the English face too"
                yield entry.find(piece, match.start(), message, error=False)


LATIN_NAME = re.compile(r"(?<![\w@/.])(?:[A-Z][\w&'’.+-]*[A-Za-z0-9]|[a-z]+[A-Z]\w*)")
LINK_TARGET = re.compile(r"(?<=\])\([^)]*\)|https?://\S+")


class NamesSaid:
    """The names that an English text has, in any of their forms."""

    def __init__(self, text: str, known: Surroundings) -> None:
        self.original = text
        self.text = text.lower()
        self.forms = known.forms

    @cached_property
    def stems(self) -> set[str]:
        return {stem(word) for word in re.findall(r"\w+", self.original)}

    @cached_property
    def initials(self) -> tuple[str, str]:
        """First letters of all words, and of all but the small ones."""
        words = [word for word in re.findall(r"[a-z]+", self.text) if len(word) > 1]
        return "".join(word[0] for word in words), "".join(word[0] for word in words if word not in _SMALL_WORDS)

    def __contains__(self, name: str) -> bool:
        lowered = name.lower()
        if lowered in self.text or any(form in self.text for form in self.forms.get(lowered, ())):
            return True
        letters = name.removesuffix("s")
        if letters.isupper() and len(letters) > 2 and any(letters.lower() in initials for initials in self.initials):
            return True
        return all(stem(part) in self.stems for part in re.findall(r"\w+", name))


_SMALL_WORDS = frozenset("of and the for in on to at by with".split())
