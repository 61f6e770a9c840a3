"""The fields of a form as a practice, with what is wrong in them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from kb.corpus import RELATIONS, ROLES
from kb.records import (
    LANGUAGES,
    SECTIONS,
    Agency,
    Award,
    Bilingual,
    Claim,
    Cost,
    Face,
    Lang,
    Lineage,
    Practice,
    Related,
    Source,
)
from kb.taxonomy import Taxonomy
from kb.text.years import ERA_OFFSET, FIRST_YEAR, LAST_YEAR
from web.desk.edit_answers import LISTS, Answers

MAX_TITLE = 300
MAX_SECTION = 20_000
MAX_TEXT = 2000
MAX_LINE = 500
MAX_NUMBER = 999

_LISTS_OF_CODES = {
    "levels": "levels", "principles": "principles", "secondary_priorities": "priorities", "beneficiaries": "beneficiaries",
    "sdgs": "sdgs", "country": "countries", "status": "status", "priority": "priorities", "evidence": "evidence",
    "cost.band": "cost_bands", "basis": "bases",
}  # fmt: skip
CONFIDENCES = ("high", "medium", "low")
_ID = re.compile(r"[a-z]{2,5}(?:-[a-z0-9]+)+")
_YEAR = re.compile(r"(?:พ\.?\s?ศ\.?|ค\.?\s?ศ\.?|B\.?E\.?|C\.?E\.?|A\.?D\.?)?\s*(\d{4})\s*(?:B\.?E\.?|C\.?E\.?)?", re.IGNORECASE)
_URL = re.compile(r"https?://\S+")
_HEADING = re.compile(r"^#{1,2} ", re.MULTILINE)
_HTML = re.compile(r"<[A-Za-z!/][^>]*>")
_THAI_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")


@dataclass(frozen=True)
class Problem:
    """What is wrong with a field: a message with `{places}` and what stands there."""

    message: str
    places: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Parsed:
    """The practice that a form says, and problems by field; with problems the practice is not to be saved."""

    practice: Practice
    problems: dict[str, Problem]


def practice_of(answers: Answers, base: Practice, taxonomy: Taxonomy) -> Parsed:
    """The practice that was typed. What the form does not show (verification, states of faces) is kept from `base`."""
    reader = _Reader(answers, taxonomy)
    practice = replace(
        base,
        id=reader.reference("id"),
        country=reader.code("country"),
        place=reader.pair("place"),
        status=reader.code("status"),
        priority=reader.code("priority"),
        evidence=reader.code("evidence"),
        confidence=reader.choice("confidence", CONFIDENCES) or "medium",
        start=reader.year("start"),
        end=reader.year("end"),
        levels=reader.codes("levels"),
        principles=reader.codes("principles"),
        secondary_priorities=reader.codes("secondary_priorities"),
        beneficiaries=reader.codes("beneficiaries"),
        sdgs=tuple(int(goal) for goal in reader.codes("sdgs")),
        cost=Cost(reader.code("cost.band") or "unknown", reader.pair("cost")),
        study_visit=reader.optional_pair("study_visit"),
        faces=reader.faces(base),
    )
    practice = reader.with_lists(practice)
    if practice.start and practice.end and practice.end < practice.start:
        reader.problems["end"] = Problem("The end lies before the beginning.")
    if practice.id and practice.country and not practice.id.startswith(f"{practice.country.lower()}-"):
        reader.problems["id"] = Problem("Begin the address with {code}-.", {"code": practice.country.lower()})
    return Parsed(practice, reader.problems)


class _Reader:
    """Reads fields and notes what is wrong with each."""

    def __init__(self, answers: Answers, taxonomy: Taxonomy) -> None:
        self._answers = answers
        self._taxonomy = taxonomy
        self.problems: dict[str, Problem] = {}

    def text(self, name: str, limit: int = MAX_TEXT) -> str:
        found = self._answers.one(name).strip()
        if len(found) > limit:
            self.problems[name] = Problem("This is longer than {limit} characters; shorten it.", {"limit": f"{limit:,}"})
        return found

    def line(self, name: str) -> str:
        return " ".join(self.text(name, MAX_LINE).split("\n"))

    def pair(self, name: str) -> Bilingual:
        return Bilingual(*(self.text(f"{name}.{lang}") for lang in LANGUAGES))

    def optional_pair(self, name: str) -> Bilingual | None:
        found = self.pair(name)
        return found if found.th or found.en else None

    def code(self, name: str) -> str:
        return self.choice(name, self._codes(name))

    def choice(self, name: str, known: tuple[str, ...]) -> str:
        found = self._answers.one(name)
        if found and found not in known:
            self.problems[name] = Problem("Choose one from the list.")
            return ""
        return found

    def codes(self, name: str) -> tuple[str, ...]:
        known = self._codes(name)
        found = tuple(dict.fromkeys(self._answers.all(name)))
        if any(code not in known for code in found):
            self.problems[name] = Problem("Choose one from the list.")
        return tuple(code for code in found if code in known)

    def _codes(self, name: str) -> tuple[str, ...]:
        return tuple(map(str, self._taxonomy[_LISTS_OF_CODES[name if name in _LISTS_OF_CODES else name.rpartition(".")[2]]]))

    def reference(self, name: str) -> str:
        found = self.text(name, 120)
        if found and not _ID.fullmatch(found):
            self.problems[name] = Problem("An address of a case is like th-traffy-fondue: small letters, digits and hyphens.")
        return found

    def year(self, name: str) -> int | None:
        found = self.text(name, 30).translate(_THAI_DIGITS)
        if not found:
            return None
        match = _YEAR.fullmatch(found)
        year = int(match[1]) if match else 0
        year -= ERA_OFFSET if year > LAST_YEAR else 0
        if not FIRST_YEAR <= year <= LAST_YEAR:
            self.problems[name] = Problem("Write a year of four digits, B.E. or CE, such as 2561 or 2018.")
            return None
        return year

    # Faces

    def faces(self, base: Practice) -> dict[Lang, Face]:
        found: dict[Lang, Face] = {}
        for lang in LANGUAGES:
            title = self.line_of_title(f"{lang}.title")
            sections = {key: text for key in SECTIONS if (text := self.section(f"{lang}.{key}"))}
            if title or sections:
                found[lang] = replace(base.faces.get(lang) or Face(lang, "", {}), title=title, sections=sections)
        return found

    def line_of_title(self, name: str) -> str:
        return " ".join(self.text(name, MAX_TITLE).split("\n"))

    def section(self, name: str) -> str:
        text = self.text(name, MAX_SECTION)
        if _HEADING.search(text):
            self.problems[name] = Problem("A section holds no headings; take out the # at the beginning of a line.")
        elif html := _HTML.search(text):
            self.problems[name] = Problem("HTML is not accepted; take out {mark}.", {"mark": html[0][:40]})
        return text

    # Lists

    def with_lists(self, practice: Practice) -> Practice:
        """The practice with the lists that were typed."""
        sources = self._kept("sources")
        places = {row + 1: place for place, row in enumerate(sources, 1)}
        return replace(
            practice,
            agencies=tuple(
                Agency(self.pair(f"agencies.{row}"), self.choice(f"agencies.{row}.role", ROLES) or None)
                for row in self._kept("agencies")
            ),
            partners=tuple(self.pair(f"partners.{row}") for row in self._kept("partners")),
            awards=tuple(Award(self.pair(f"awards.{row}"), self.year(f"awards.{row}.year")) for row in self._kept("awards")),
            lineage=tuple(self._lineage(f"lineage.{row}") for row in self._kept("lineage")),
            related=tuple(
                Related(self._needed_reference(f"related.{row}.id"), self.pair(f"related.{row}"))
                for row in self._kept("related")
            ),
            sources=tuple(self._source(f"sources.{row}") for row in sources),
            claims=self._claims(places),
        )

    def _kept(self, name: str) -> list[int]:
        """Rows that say something and were not taken out."""
        passive = {"role", "relation", "basis", "copy", "gone"} | ({"number"} if name == "claims" else set())
        parts = [part for part in LISTS[name] if part not in passive]
        return [
            row
            for row in self._answers.rows(name)
            if not self._answers.one(f"{name}.{row}.gone")
            and any(self._answers.one(f"{name}.{row}.{part}").strip() for part in parts)
        ]

    def _needed_reference(self, name: str) -> str:
        found = self.reference(name)
        if not found:
            self.problems[name] = Problem("Name the case by its address, such as th-traffy-fondue.")
        return found

    def _lineage(self, name: str) -> Lineage:
        relation = self.choice(f"{name}.relation", RELATIONS)
        return Lineage(relation or RELATIONS[0], self.pair(name), self.reference(f"{name}.id") or None)

    def _source(self, name: str) -> Source:
        url = self.text(f"{name}.url", MAX_TEXT)
        if url and not _URL.fullmatch(url):
            self.problems[f"{name}.url"] = Problem("A web address begins with http:// or https:// and has no blanks.")
        title, publisher = self.line(f"{name}.title"), self.line(f"{name}.publisher")
        copy = bool(self._answers.one(f"{name}.copy"))
        return Source(title, publisher, self.year(f"{name}.year"), url or None, copy)

    def _claims(self, places: dict[int, int]) -> tuple[Claim, ...]:
        found: dict[int, Claim] = {}
        for row in self._kept("claims"):
            name = f"claims.{row}"
            number = self._number(f"{name}.number")
            if number in found:
                self.problems[f"{name}.number"] = Problem("Another claim has this number already.")
            figures = tuple(line.strip() for line in self.text(f"{name}.figures").split("\n") if line.strip())
            found[number] = Claim(
                number, self._cited(f"{name}.sources", places), self.code(f"{name}.basis"), figures, self.optional_pair(name)
            )
        return tuple(found[number] for number in sorted(found))

    def _number(self, name: str) -> int:
        text = self.text(name, 10).translate(_THAI_DIGITS)
        if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= MAX_NUMBER):
            self.problems[name] = Problem("Write a whole number from 1 to {most}.", {"most": str(MAX_NUMBER)})
            return -len(self.problems)
        return int(text)

    def _cited(self, name: str, places: dict[int, int]) -> tuple[int, ...]:
        """Numbers of sources as they stand on the form, in the numbering of the sources that stay."""
        parts = [part for part in re.split(r"[\s,;]+", self.text(name, 200).translate(_THAI_DIGITS)) if part]
        numbers = [int(part) if part.isascii() and part.isdecimal() and len(part) < 4 else 0 for part in parts]
        for part, number in zip(parts, numbers, strict=True):
            if number not in places:
                self.problems[name] = Problem(
                    "There is no source {number}; write numbers of the sources above.", {"number": part}
                )
        return tuple(places[number] for number in numbers if number in places)
