"""What each page shows: one frozen dataclass a template, built from the engine's values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from gettext import NullTranslations

from markupsafe import Markup

from kb.records import HEADINGS, LANGUAGES, SECTIONS, Bilingual, Claim, Document, Face, Lang, Practice, Source
from kb.search.calibration import Calibration
from kb.search.similar import Similar
from kb.store import RecordRow
from kb.taxonomy import Taxonomy
from kb.text.language import detect
from kb.text.years import format_date, format_year, to_buddhist_era
from web.links import record_url
from web.markdown import render

_FACET_LISTS = {
    "country": "countries",
    "priority": "priorities",
    "principle": "principles",
    "level": "levels",
    "status": "status",
}

LATER = ("replaced-by", "spread-to")
"""Relations of a lineage that tell what followed a practice, not where it came from."""


@dataclass(frozen=True)
class Say:
    """How a page speaks: its language, gettext, and labels of the taxonomy."""

    language: str
    translations: NullTranslations
    taxonomy: Taxonomy

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
class SectionView:
    key: str
    heading: str
    html: Markup


@dataclass(frozen=True)
class FaceView:
    """A face as it is shown: its language, the state of its text, and its sections."""

    language: str
    title: str
    state: str
    notes: tuple[str, ...]
    sections: tuple[SectionView, ...]


@dataclass(frozen=True)
class ClaimView:
    number: int
    figures: str
    basis: str
    sources: tuple[int, ...]
    note: str


@dataclass(frozen=True)
class SourceView:
    number: int
    title: str
    publisher: str
    year: str
    url: str
    copy: bool


@dataclass(frozen=True)
class SimilarView:
    """A similar record: its link, facts, and the passage that is nearest to one of the source."""

    link: Link
    facts: str
    passage: str
    passage_language: str
    source: str


@dataclass(frozen=True)
class PracticePage:
    """A practice: the facts in a box, one face or both side by side, who says so, sources, related cases."""

    id: str
    title: str
    title_language: str
    view: str
    views: tuple[Link, ...]
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    faces: tuple[FaceView, ...]
    rows: tuple[tuple[SectionView, SectionView], ...]
    claims: tuple[ClaimView, ...]
    sources: tuple[SourceView, ...]
    related: tuple[tuple[Link, str], ...]
    similar: tuple[SimilarView, ...]
    verified: bool


def practice_page(
    practice: Practice, view: str, rows: dict[str, RecordRow], similar: Sequence[Similar], say: Say
) -> PracticePage:
    """Build the page of a practice; `rows` knows the titles of the cases it refers to, `similar` are those found near it."""
    languages: list[Lang] = [lang for lang in LANGUAGES if lang in practice.faces]
    own: Lang = "th" if say.language == "th" else "en"
    if view not in ("th", "en", "both") or (view != "both" and view not in languages):
        view = own if own in languages else languages[0]
    if len(languages) == 1:
        view = languages[0]
    shown = (
        [own, *(lang for lang in languages if lang != own)] if view == "both" else [lang for lang in languages if lang == view]
    )
    faces = [_face_view(practice.faces[lang], say) for lang in shown]
    both = list(zip(*(face.sections for face in faces), strict=True)) if view == "both" else []
    labels = {"th": "ไทย", "en": "English", "both": say("Side by side")}
    return PracticePage(
        id=practice.id,
        title=practice.title.get(say.language if view == "both" else view),
        title_language=faces[0].language,
        view=view,
        views=tuple(
            Link(
                labels[name],
                record_url(say.language, "practice", practice.id, view=name),
                name if name != "both" else "",
            )
            for name in ((*languages, "both") if len(languages) == 2 else languages)
        ),
        facts=tuple(_facts(practice, say)),
        faces=tuple(faces),
        rows=tuple((left, right) for left, right in both),
        claims=tuple(_claim_view(claim, say) for claim in practice.claims),
        sources=tuple(_source_view(number, source) for number, source in enumerate(practice.sources, 1)),
        related=tuple(
            (
                Link(rows[item.id].title.get(say.language), record_url(say.language, "practice", item.id)),
                item.reason.get(say.language),
            )
            for item in practice.related
            if item.id in rows
        ),
        similar=tuple(similar_view(found, say) for found in similar if found.id not in {item.id for item in practice.related}),
        verified=practice.verification == "confirmed",
    )


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


def _face_view(face: Face, say: Say) -> FaceView:
    notes = []
    if face.state == "machine":
        notes.append(say("This text was translated by machine."))
    if not face.checked:
        notes.append(say("No native editor has checked this text yet."))
    if face.unchecked_names:
        notes.append(say("Names not yet verified: {names}").format(names=", ".join(face.unchecked_names)))
    return FaceView(
        language=face.language,
        title=face.title,
        state=say.label("face_states", face.state),
        notes=tuple(notes),
        sections=tuple(
            SectionView(key, HEADINGS[face.language][key], render(face.sections[key], say("Claim"), f"claim-{face.language}"))
            for key in SECTIONS
            if key in face.sections
        ),
    )


def _facts(practice: Practice, say: Say) -> list[tuple[str, tuple[str, ...]]]:
    """The box at the top: (name, values)."""
    text: Callable[[Bilingual], str] = lambda value: value.get(say.language)  # noqa: E731
    codes: Callable[[str, Sequence[str]], tuple[str, ...]] = lambda name, values: tuple(  # noqa: E731
        say.label(name, value) for value in values
    )
    facts: list[tuple[str, tuple[str, ...]]] = [
        (say("Country"), (say.label("countries", practice.country),)),
        (say("Place"), (text(practice.place),)),
        (say("Level of government"), codes("levels", practice.levels)),
        (say("Agencies"), tuple(text(agency.name) for agency in practice.agencies)),
        (say("Years"), (_period(practice, say),)),
        (say("Status"), codes("status", [practice.status])),
        (say("Priority"), codes("priorities", [practice.priority, *practice.secondary_priorities])),
        (say("Governance principle"), codes("principles", practice.principles)),
        (say("For whom"), codes("beneficiaries", practice.beneficiaries)),
        (
            say("Sustainable Development Goals"),
            tuple(f"{goal} {say.label('sdgs', str(goal))}" for goal in practice.sdgs),
        ),
        (say("Cost"), tuple(filter(None, (*codes("cost_bands", [practice.cost.band]), text(practice.cost.text))))),
        (say("Partners"), tuple(text(partner) for partner in practice.partners)),
        (
            say("Awards"),
            tuple(text(award.name) + (f" ({say.year(award.year)})" if award.year else "") for award in practice.awards),
        ),
        (say("Study visit"), (text(practice.study_visit),) if practice.study_visit else ()),
        (say("Came from"), tuple(text(item.text) for item in practice.lineage if item.relation not in LATER)),
        (say("What came after"), tuple(text(item.text) for item in practice.lineage if item.relation in LATER)),
        (say("Evidence"), codes("evidence", [practice.evidence])),
    ]
    return [(name, values) for name, values in facts if values and any(values)]


def _period(practice: Practice, say: Say) -> str:
    if practice.start is None:
        return say("not known")
    if practice.end is None:
        return say("since {year}").format(year=say.year(practice.start))
    if practice.end == practice.start:
        return say.year(practice.start)
    return f"{say.year(practice.start)} - {say.year(practice.end)}"


def _claim_view(claim: Claim, say: Say) -> ClaimView:
    note = claim.note.get(say.language) if claim.note else ""
    return ClaimView(claim.number, ", ".join(claim.figures), say.label("bases", claim.basis), claim.sources, note)


def _source_view(number: int, source: Source) -> SourceView:
    return SourceView(number, source.title, source.publisher, str(source.year or ""), source.url or "", source.copy)


@dataclass(frozen=True)
class PartView:
    number: int
    name: str
    heading: str
    language: str
    paragraphs: tuple[str, ...]
    doubt: str


@dataclass(frozen=True)
class DocumentPage:
    """A document: its text by page, slide or section, each with an anchor."""

    id: str
    title: str
    language: str
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    contents: tuple[Link, ...]
    parts: tuple[PartView, ...]


def document_page(document: Document, say: Say) -> DocumentPage:
    """Build the page of a document."""
    day = format_date(date.fromisoformat(document.date), say.language) if document.date else say("not known")
    parts = []
    for part in document.parts:
        doubt = ""
        if "no-text" in part.doubts:
            doubt = say("This page has no text layer; it cannot be searched.")
        elif part.doubts:
            doubt = say("The text of this page may be damaged; check it against the original file.")
        language = detect(part.text)
        parts.append(
            PartView(
                part.number,
                f"{say.section(part.kind)} {part.number}",
                part.heading,
                language if language not in ("mixed", "und") else "",
                tuple(line for line in part.text.split("\n") if line.strip()),
                doubt,
            )
        )
    return DocumentPage(
        id=document.id,
        title=document.title,
        language=document.language,
        facts=(
            (say("Date"), (day,)),
            (say("Language"), (say.tongue(document.language),)),
            (say("File"), (f"{document.source} ({document.format.upper()})",)),
        ),
        contents=tuple(Link(part.heading or part.name, f"#p{part.number}") for part in parts),
        parts=tuple(parts),
    )


@dataclass(frozen=True)
class ErrorPage:
    """Something went wrong: what, and what to do."""

    status: int
    message: str
