"""The page of a practice: one face or both side by side, who says so, where it came from, and what is like it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from kb.records import HEADINGS, LANGUAGES, SECTIONS, Bilingual, Face, Lang, Practice, Related
from kb.search.marking import Marker
from kb.search.similar import Similar
from kb.store import RecordRow
from kb.text.years import format_date
from web.glance import FactView, bases, glance, more_facts
from web.i18n import NAMES
from web.links import record_url
from web.marks import Marks, MarksBar
from web.pages import Link, Say, SimilarView, similar_view
from web.section_text import FaceText, statements

LATER = ("replaced-by", "spread-to")
"""Relations of a lineage that tell what followed a practice, not where it came from."""
VIEWS = ("th", "en", "both")


@dataclass(frozen=True)
class Reading:
    """What a reader asks of a practice's page: which faces, and a question whose words are marked."""

    view: str = ""
    question: str = ""
    marker: Marker | None = None


@dataclass(frozen=True)
class Surroundings:
    """What is known around a practice: rows of the cases it refers to, those found near it, how often it was opened since which
    month, and the day on which the page is read."""

    rows: Mapping[str, RecordRow]
    similar: Sequence[Similar]
    today: date
    opened: tuple[int, date] | None = None


@dataclass(frozen=True)
class SectionView:
    """A section in one language; `html` is empty where that face lacks it; `other` leads to the other face's."""

    key: str
    anchor: str
    language: str
    heading: str
    html: Markup
    other: Link | None


@dataclass(frozen=True)
class FaceView:
    """A face that is shown: its language, what kind of text it is, and whether it is behind the other face."""

    language: str
    name: str
    title: str
    state: str
    stale: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class ClaimView:
    """A claim: its words as a face has them, on what basis, from which sources, and where in the text it stands."""

    number: int
    words: str
    words_language: str
    figures: str
    basis: str
    sources: tuple[Link, ...]
    note: str
    places: tuple[Link, ...]


@dataclass(frozen=True)
class SourceView:
    number: int
    title: str
    publisher: str
    year: str
    url: str
    copy: bool
    claims: tuple[int, ...]


@dataclass(frozen=True)
class KinView:
    """A case or a thing outside that this one is tied to: in what way, and why."""

    relation: str
    text: str
    link: Link | None
    facts: str = ""


@dataclass(frozen=True)
class PracticePage:
    """A practice: at a glance, its sections in one language or both, who says so, sources, lineage, and cases like it."""

    id: str
    titles: Bilingual
    title: str
    title_language: str
    summary: str
    view: str
    views: tuple[Link, ...]
    marks: MarksBar | None
    glance: tuple[FactView, ...]
    transfer: tuple[Link, ...]
    """The sections that help to judge whether it could work elsewhere."""
    contents: tuple[Link, ...]
    faces: tuple[FaceView, ...]
    rows: tuple[tuple[SectionView, ...], ...]
    bases: tuple[tuple[str, str, int], ...]
    claims: tuple[ClaimView, ...]
    sources: tuple[SourceView, ...]
    lineage: tuple[KinView, ...]
    study_visit: str
    lead: str
    place: str
    more: tuple[FactView, ...]
    related: tuple[KinView, ...]
    similar: tuple[SimilarView, ...]
    opened: str
    stable_url: str


def practice_page(practice: Practice, reading: Reading, around: Surroundings, say: Say) -> PracticePage:
    """Build the page of a practice."""
    view, shown = chosen_view(practice, reading.view, say.language)
    faces = [practice.faces[lang] for lang in shown]
    marks = Marks(reading.marker, say)
    texts = {lang: FaceText(lang, say("Claim"), marks) for lang in shown}
    address = _Address(practice, reading.question, say)
    rows = tuple(_rows(practice, shown, texts, address))
    similar = [found for found in around.similar if found.id not in {item.id for item in practice.related}]
    page_face = practice.faces[shown[0]]
    return PracticePage(
        id=practice.id,
        titles=Bilingual(practice.title.get("th"), practice.title.get("en")),
        title=page_face.title,
        title_language=page_face.language,
        summary=" ".join(page_face.sections.get("summary", "").split())[:300],
        view=view,
        views=tuple(_views(practice, address)),
        marks=address.bar(marks, view) if reading.question else None,
        glance=glance(practice, say, around.today),
        transfer=tuple(_contents([row for row in rows if row[0].key in ("enabling", "resources", "transfer")], say)),
        contents=tuple(_contents(rows, say)),
        faces=tuple(_face_view(face, practice.faces, say) for face in faces),
        rows=rows,
        bases=bases(practice, say),
        claims=tuple(_claims(practice, faces, texts, say)),
        sources=tuple(_sources(practice)),
        lineage=tuple(_lineage(practice, around.rows, say)),
        study_visit=practice.study_visit.get(say.language) if practice.study_visit else "",
        lead=practice.agencies[0].name.get(say.language) if practice.agencies else "",
        place=practice.place.get(say.language),
        more=more_facts(practice, say),
        related=tuple(_related(practice.related, around.rows, say)),
        similar=tuple(similar_view(found, say) for found in similar),
        opened=_opened(around.opened, say),
        stable_url=f"/practices/{practice.id}",
    )


def chosen_view(practice: Practice, wanted: str, language: str) -> tuple[str, tuple[Lang, ...]]:
    """The view (`th`, `en`, `both`) and the languages it shows, the reader's own first; what there is not is not shown."""
    languages: tuple[Lang, ...] = tuple(lang for lang in LANGUAGES if lang in practice.faces)
    own: Lang = "th" if language == "th" else "en"
    if len(languages) == 2 and wanted == "both":
        return "both", tuple(sorted(languages, key=lambda lang: lang != own))
    single = next((lang for lang in languages if lang == wanted), own if own in languages else languages[0])
    return single, (single,)


@dataclass(frozen=True)
class _Address:
    """Addresses of this page in its other views, with the question kept."""

    practice: Practice
    question: str
    say: Say

    def of(self, view: str, anchor: str = "", question: bool = True) -> str:
        query = self.question if question else ""
        return record_url(self.say.language, "practice", self.practice.id, anchor, view, query=query)

    def bar(self, marks: Marks, view: str) -> MarksBar:
        return MarksBar(self.question, marks.at, "#m1", self.of(view, question=False), marks.at + 1)


def _views(practice: Practice, address: _Address) -> Iterator[Link]:
    """One link a face, and one for both; without a choice there is none."""
    if len(practice.faces) == 2:
        yield from (Link(NAMES[lang], address.of(lang), lang) for lang in LANGUAGES)
        yield Link(address.say("Side by side"), address.of("both"))


def _rows(
    practice: Practice, shown: Sequence[Lang], texts: Mapping[Lang, FaceText], address: _Address
) -> Iterator[tuple[SectionView, ...]]:
    """Sections in order, each in every language shown; a section that one face lacks keeps its place there, empty."""
    for key in SECTIONS:
        if any(key in practice.faces[lang].sections for lang in shown):
            yield tuple(_section(practice, key, lang, texts[lang], address) for lang in shown)


def _section(practice: Practice, key: str, language: Lang, text: FaceText, address: _Address) -> SectionView:
    markdown = practice.faces[language].sections.get(key, "")
    other: Lang = "en" if language == "th" else "th"
    link = None
    if other in practice.faces and key in practice.faces[other].sections:
        words = address.say("Read this section in Thai") if other == "th" else address.say("Read this section in English")
        link = Link(words, address.of(other, f"{key}-{other}"), other)
    html = text.section(key, markdown) if markdown else Markup()
    return SectionView(key, f"{key}-{language}", language, HEADINGS[language][key], html, link)


def _contents(rows: Sequence[tuple[SectionView, ...]], say: Say) -> Iterator[Link]:
    """The sections by their names in the language of the page."""
    for row in rows:
        yield Link(say.section(row[0].key), f"#section-{row[0].key}")


def _face_view(face: Face, faces: Mapping[Lang, Face], say: Say) -> FaceView:
    notes = []
    if face.state == "machine":
        notes.append(say("This text was translated by machine."))
    if not face.checked:
        notes.append(say("No native editor has checked this text yet."))
    if face.unchecked_names:
        notes.append(say("Names not yet verified: {names}").format(names=", ".join(face.unchecked_names)))
    stale = ""
    other = next((twin for lang, twin in faces.items() if lang != face.language), None)
    if other is not None and face.made_from is not None and face.made_from < other.revision:
        pattern = say("Made from revision {made} of the other text, which is now at revision {now}: it may lack what changed.")
        stale = pattern.format(made=face.made_from, now=other.revision)
    state = say("{state}, revision {revision}").format(state=say.label("face_states", face.state), revision=face.revision)
    return FaceView(face.language, say.tongue(face.language), face.title, state, stale, tuple(notes))


def _claims(practice: Practice, faces: Sequence[Face], texts: Mapping[Lang, FaceText], say: Say) -> Iterator[ClaimView]:
    """Claims with their words in the first face shown that has them."""
    words = [(face.language, statements(face)) for face in faces]
    for claim in practice.claims:
        language, said = next(((lang, found[claim.number]) for lang, found in words if claim.number in found), ("", ""))
        named = [(number, practice.sources[number - 1]) for number in claim.sources if 0 < number <= len(practice.sources)]
        yield ClaimView(
            claim.number,
            said,
            language,
            ", ".join(claim.figures),
            say.label("bases", claim.basis),
            tuple(Link(s.publisher + (f" ({s.year})" if s.year else ""), f"#source-{number}") for number, s in named),
            claim.note.get(say.language) if claim.note else "",
            tuple(_places(claim.number, texts)),
        )


def _places(claim: int, texts: Mapping[Lang, FaceText]) -> Iterator[Link]:
    """Where a claim is cited in the faces shown."""
    for language, text in texts.items():
        for place in range(1, text.places[claim] + 1):
            yield Link(f"{language}-{place}", f"#cite-{language}-{claim}-{place}", language)


def _sources(practice: Practice) -> Iterator[SourceView]:
    for number, source in enumerate(practice.sources, 1):
        cited = tuple(claim.number for claim in practice.claims if number in claim.sources)
        year = str(source.year or "")
        yield SourceView(number, source.title, source.publisher, year, source.url or "", source.copy, cited)


def _lineage(practice: Practice, rows: Mapping[str, RecordRow], say: Say) -> Iterator[KinView]:
    """Where it came from, then what came after, each with a link where it is a case here."""
    names = {
        "adapted-from": say("Adapted from"),
        "inspired-by": say("Inspired by"),
        "replaced": say("Took the place of"),
        "replaced-by": say("Was replaced by"),
        "spread-to": say("Spread to"),
    }
    for item in sorted(practice.lineage, key=lambda item: item.relation in LATER):
        row = rows.get(item.id) if item.id else None
        link = _case_link(row, say) if row else None
        yield KinView(names[item.relation], item.text.get(say.language), link, _row_facts(row, say) if row else "")


def _related(related: Sequence[Related], rows: Mapping[str, RecordRow], say: Say) -> Iterator[KinView]:
    for item in related:
        if row := rows.get(item.id):
            yield KinView("", item.reason.get(say.language), _case_link(row, say), _row_facts(row, say))


def _case_link(row: RecordRow, say: Say) -> Link:
    own = bool(row.title.th if say.language == "th" else row.title.en)
    language = say.language if own else ("en" if say.language == "th" else "th")
    return Link(row.title.get(say.language), record_url(say.language, row.kind, row.id), language)


def _row_facts(row: RecordRow, say: Say) -> str:
    country = say.label("countries", row.country) if row.country else ""
    return " · ".join(filter(None, (country, say.year(row.start) if row.start else "")))


def _opened(opened: tuple[int, date] | None, say: Say) -> str:
    """How often the case was opened: openings, not people, and since which month they are counted."""
    if opened is None:
        return ""
    times, since = opened
    pattern = say("Opened once since {month}.") if times == 1 else say("Opened {count} times since {month}.")
    month = format_date(since, say.language).split(" ", 1)[1]
    return pattern.format(count=f"{times:,}", month=month)
