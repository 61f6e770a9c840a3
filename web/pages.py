"""What each page shows: one frozen dataclass a template, built from the engine's values."""

from __future__ import annotations

from dataclasses import dataclass, field
from gettext import NullTranslations

from kb.records import HEADINGS, SECTIONS
from kb.search.calibration import Calibration
from kb.search.similar import Similar
from kb.taxonomy import Taxonomy
from kb.text.years import format_year, to_buddhist_era
from web.links import record_url
from web.names import WholeNames

_FACET_LISTS = {
    "country": "countries",
    "priority": "priorities",
    "principle": "principles",
    "level": "levels",
    "status": "status",
}


@dataclass(frozen=True)
class Say:
    """How a page speaks: its language, gettext, and labels of the taxonomy."""

    language: str
    translations: NullTranslations
    taxonomy: Taxonomy
    whole: WholeNames = field(default_factory=WholeNames)

    def __call__(self, message: str) -> str:
        return self.translations.gettext(message)

    def label(self, taxonomy: str, value: str) -> str:
        return self.taxonomy.label(taxonomy, value, self.language)

    def facet(self, facet: str, value: str) -> str:
        """The label of a facet value."""
        if facet in _FACET_LISTS:
            return self.label(_FACET_LISTS[facet], value)
        if facet == "decade":
            first = int(value)
            be = to_buddhist_era(first)
            return f"พ.ศ. {be}-{be + 9} (ค.ศ. {first}-{first + 9})" if self.language == "th" else f"{first}-{first + 9}"
        if facet == "kind":
            return self("Practice") if value == "practice" else self("Document")
        return self.tongue(value)

    def tongue(self, code: str) -> str:
        """The name of a language."""
        names = {
            "th": self("Thai"),
            "en": self("English"),
            "mixed": self("Thai and English"),
            "und": self("no language"),
            "lo": self("Lao"),
            "my": self("Burmese"),
            "km": self("Khmer"),
            "ms": self("Malay"),
            "id": self("Indonesian"),
            "vi": self("Vietnamese"),
            "tl": self("Filipino"),
            "zh": self("Chinese"),
            "ta": self("Tamil"),
        }
        return names.get(code, code)

    def facet_name(self, facet: str) -> str:
        names = {
            "country": self("Country"),
            "priority": self("Priority"),
            "principle": self("Governance principle"),
            "level": self("Level of government"),
            "status": self("Status"),
            "language": self("Language"),
            "kind": self("Kind"),
            "decade": self("Begun in"),
        }
        return names[facet]

    def section(self, section: str) -> str:
        """The name of a passage's place."""
        if section in SECTIONS:
            return HEADINGS["th" if self.language == "th" else "en"][section]
        return {"page": self("page"), "slide": self("slide"), "facts": self("At a glance")}.get(section, self("section"))

    def year(self, year: int) -> str:
        return format_year(year, self.language)


@dataclass(frozen=True)
class Link:
    text: str
    url: str
    language: str = ""


@dataclass(frozen=True)
class SimilarView:
    """A similar record: its link, facts, and the passage that is nearest to one of the source."""

    link: Link
    facts: str
    passage: str
    passage_language: str
    source: str


def similar_view(found: Similar, say: Say) -> SimilarView:
    """A similar record as it is listed."""
    own = say.language if (found.title.th if say.language == "th" else found.title.en) else found.passage.language
    facts = [say.label("countries", found.country)] if found.country else [say("Document")]
    if found.start:
        facts.append(say.year(found.start))
    passage = found.passage
    return SimilarView(
        Link(found.title.get(say.language), record_url(say.language, found.kind, found.id), own),
        " · ".join(facts),
        passage.text,
        passage.language if passage.language not in ("mixed", "und") else "",
        passage.source,
    )


@dataclass(frozen=True)
class SimilarPage:
    """More like a pasted text: the text, what was found, and what is wrong with the text, if anything."""

    text: str
    limit: int
    found: tuple[SimilarView, ...]
    searched: bool
    error: str = ""


@dataclass(frozen=True)
class CurveRow:
    """A threshold of "no close precedent": the share of unanswerable questions it recognises, and of false alarms."""

    threshold: str
    recognised: str
    false_alarm: str
    chosen: bool


@dataclass(frozen=True)
class CurveView:
    name: str
    chosen: str
    rows: tuple[CurveRow, ...]


@dataclass(frozen=True)
class HowPage:
    """How search works: what is counted, and the thresholds with the curves that they were chosen from."""

    records: int
    terms: int
    false_alarm: str
    curves: tuple[CurveView, ...]


def how_page(calibration: Calibration, records: int, terms: int, say: Say) -> HowPage:
    """Build the page from the shipped calibration."""
    curves = []
    for (asked, found), threshold in sorted(calibration.close.items()):
        curve = calibration.curves.get((asked, found))
        rows = list(zip(curve.thresholds, curve.recognised, curve.false_alarm, strict=True)) if curve else []
        nearest = min(range(len(rows)), key=lambda row: abs(rows[row][0] - threshold), default=-1)
        name = say("question in {asked}, nearest case in {found}").format(asked=say.tongue(asked), found=say.tongue(found))
        curves.append(
            CurveView(
                name,
                f"{threshold:.4f}",
                tuple(
                    CurveRow(f"{value:.4f}", f"{recognised:.0%}", f"{false:.0%}", number == nearest)
                    for number, (value, recognised, false) in enumerate(rows)
                ),
            )
        )
    return HowPage(records, terms, f"{calibration.false_alarm:.1%}", tuple(curves))


@dataclass(frozen=True)
class ErrorPage:
    """Something went wrong: what, and what to do."""

    status: int
    message: str
