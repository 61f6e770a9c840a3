"""The values that the whole engine passes around: frozen dataclasses, no behaviour beyond reading them.

A score is always "higher is better". Languages are ISO 639-1 codes; `mixed` and `und` stand for passages in Thai and English at
once and for text without letters.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Kind = Literal["practice", "document"]
Lang = Literal["th", "en"]

LANGUAGES: tuple[Lang, Lang] = ("th", "en")

SECTIONS = ("summary", "problem", "action", "results", "lessons", "enabling", "resources", "transfer", "questions")
"""Sections of a face, in order. The title stands beside them."""

FACTS = "facts"
"""The section of the passage that holds a practice's shared facts: names, place and year."""

HEADINGS: dict[Lang, dict[str, str]] = {
    "th": dict(
        zip(
            SECTIONS,
            (
                "สรุป",
                "ปัญหา",
                "การดำเนินงาน",
                "ผลลัพธ์",
                "บทเรียน",
                "เงื่อนไขที่เอื้อ",
                "ทรัพยากร",
                "การนำไปใช้ที่อื่น",
                "คำถามที่กรณีนี้ตอบ",
            ),
            strict=True,
        )
    ),
    "en": dict(
        zip(
            SECTIONS,
            (
                "Summary",
                "Problem",
                "Action",
                "Results",
                "Lessons",
                "Enabling conditions",
                "Resources",
                "Transfer",
                "Questions this case answers",
            ),
            strict=True,
        )
    ),
}


@dataclass(frozen=True)
class Bilingual:
    """A text in both languages; either may be empty where a record has one face."""

    th: str
    en: str

    def get(self, language: str) -> str:
        """The text in `language`, or the other one where that is empty."""
        return (self.th or self.en) if language == "th" else (self.en or self.th)


@dataclass(frozen=True)
class Agency:
    name: Bilingual
    role: str | None = None


@dataclass(frozen=True)
class Award:
    name: Bilingual
    year: int | None = None


@dataclass(frozen=True)
class Cost:
    band: str
    text: Bilingual


@dataclass(frozen=True)
class Lineage:
    """Where a practice came from or went to: `id` is a practice here, or `None` for something outside."""

    relation: str
    text: Bilingual
    id: str | None = None


@dataclass(frozen=True)
class Related:
    id: str
    reason: Bilingual


@dataclass(frozen=True)
class Source:
    title: str
    publisher: str
    year: int | None = None
    url: str | None = None
    copy: bool = False
    """Whether the link is a third party's copy."""


@dataclass(frozen=True)
class Claim:
    """A statement with figures that both faces make, and who says so; `figures` are in English notation."""

    number: int
    sources: tuple[int, ...]
    basis: str
    figures: tuple[str, ...] = ()
    note: Bilingual | None = None


@dataclass(frozen=True)
class Verified:
    """Who confirmed a case, on which day, and until when that holds (`None`: no end was set)."""

    by: Bilingual
    day: date
    until: date | None = None


@dataclass(frozen=True)
class Face:
    """A practice in one language. `sections` maps a key of `SECTIONS` to Markdown text."""

    language: Lang
    title: str
    sections: dict[str, str]
    state: str = "original"
    revision: int = 1
    made_from: int | None = None
    checked: bool = False
    unchecked_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Practice:
    """A case with its shared facts and one or two faces. Years are CE; codes are ids of `corpus/taxonomy`."""

    id: str
    country: str
    place: Bilingual
    levels: tuple[str, ...]
    agencies: tuple[Agency, ...]
    status: str
    priority: str
    principles: tuple[str, ...]
    evidence: str
    faces: dict[Lang, Face]
    start: int | None = None
    end: int | None = None
    secondary_priorities: tuple[str, ...] = ()
    beneficiaries: tuple[str, ...] = ()
    sdgs: tuple[int, ...] = ()
    cost: Cost = field(default_factory=lambda: Cost("unknown", Bilingual("", "")))
    partners: tuple[Bilingual, ...] = ()
    awards: tuple[Award, ...] = ()
    study_visit: Bilingual | None = None
    lineage: tuple[Lineage, ...] = ()
    related: tuple[Related, ...] = ()
    verification: str = "compiled"
    confidence: str = "medium"
    sources: tuple[Source, ...] = ()
    claims: tuple[Claim, ...] = ()
    verified: Verified | None = None
    """Who stands behind `verification`, where it is `confirmed` and that is known."""

    @property
    def title(self) -> Bilingual:
        return Bilingual(*(self.faces[lang].title if lang in self.faces else "" for lang in LANGUAGES))

    @property
    def summary(self) -> Bilingual:
        return Bilingual(*(self.faces[lang].sections.get("summary", "") if lang in self.faces else "" for lang in LANGUAGES))


@dataclass(frozen=True)
class Part:
    """A page, slide or section of a document. `doubts` names damage that could not be repaired."""

    number: int
    kind: Literal["page", "slide", "section"]
    heading: str
    text: str
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """A file that is no practice: proceedings, news, a report. `date` is ISO 8601 or empty."""

    id: str
    title: str
    language: str
    format: str
    parts: tuple[Part, ...]
    date: str = ""
    source: str = ""
    """The file's path as it was given, for people."""


@dataclass(frozen=True)
class Passage:
    """A piece of a record that is embedded and found as one.

    `section` is a key of `SECTIONS` or `title` for a practice, and the part's kind for a document; `part` is the part's
    number (0 for a practice). `start` and `end` are offsets in the section's or part's text. `context` is prepended when the
    passage is embedded. `twin` is the key of the aligned passage in the other face.
    """

    key: str
    record: str
    language: str
    section: str
    part: int
    ordinal: int
    text: str
    start: int
    end: int
    context: str = ""
    twin: str | None = None
