"""The page of a practice: one face or both side by side, who says so, where it came from, and what is like it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from kb.desk.checks import Tally
from kb.records import HEADINGS, LANGUAGES, SECTIONS, Bilingual, Face, Lang, Practice
from kb.search.marking import Marker
from kb.search.similar import Similar
from kb.store import RecordRow
from kb.text.years import format_date
from web.first_look import first_look
from web.glance import FactView, bases, glance, more_facts
from web.i18n import NAMES
from web.links import record_url
from web.marks import Marks, MarksBar
from web.pages import Link, Say, SimilarView, similar_view
from web.references import ClaimView, KinView, SourceView, claim_views, lineage_views, related_views, source_views
from web.schema import json_ld
from web.section_text import FaceText
from web.takeaway.offer import TakeAway, take_away

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
    address: str = ""
    """The whole address of the page, for what is read elsewhere."""
    checks: Tally | None = None
    """How the checks of the case's claims stand, where it was on the desk."""


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
    lineage: tuple[tuple[str, tuple[KinView, ...]], ...]
    """(where it came from, or what came after; the cases and things there)."""
    study_visit: str
    lead: str
    place: str
    more: tuple[FactView, ...]
    related: tuple[KinView, ...]
    similar: tuple[SimilarView, ...]
    opened: str
    stable_url: str
    offer: TakeAway
    json_ld: str


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
        glance=first_look(practice, page_face, glance(practice, say, around.today, around.checks), say),
        transfer=tuple(_contents([row for row in rows if row[0].key in ("enabling", "resources", "transfer")], say)),
        contents=tuple(_contents(rows, say)),
        faces=tuple(_face_view(face, practice.faces, say) for face in faces),
        rows=rows,
        bases=bases(practice, say),
        claims=tuple(claim_views(practice, faces, texts, say)),
        sources=tuple(source_views(practice)),
        lineage=tuple(lineage_views(practice, around.rows, say)),
        study_visit=practice.study_visit.get(say.language) if practice.study_visit else "",
        lead=practice.agencies[0].name.get(say.language) if practice.agencies else "",
        place=practice.place.get(say.language),
        more=more_facts(practice, say),
        related=tuple(related_views(practice.related, around.rows, say)),
        similar=tuple(similar_view(found, say) for found in similar),
        opened=_opened(around.opened, say),
        stable_url=f"/practices/{practice.id}",
        offer=take_away(practice, around.address, around.today, say),
        json_ld=json_ld(practice, around.address),
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


def _opened(opened: tuple[int, date] | None, say: Say) -> str:
    """How often the case was opened: openings, not people, and since which month they are counted."""
    if opened is None:
        return ""
    times, since = opened
    pattern = say("Opened once since {month}.") if times == 1 else say("Opened {count} times since {month}.")
    month = format_date(since, say.language).split(" ", 1)[1]
    return pattern.format(count=f"{times:,}", month=month)
