"""What stands behind a practice: its claims and who makes them, sources, lineage, and the cases it is tied to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kb.ingest.statements import statements
from kb.records import Face, Lang, Practice, Related
from kb.store import RecordRow
from web.links import record_url
from web.pages import Link, Say
from web.section_text import FaceText

LATER = ("replaced-by", "spread-to")
"""Relations of a lineage that tell what followed a practice, not where it came from."""


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


def claim_views(practice: Practice, faces: Sequence[Face], texts: Mapping[Lang, FaceText], say: Say) -> Iterator[ClaimView]:
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


def source_views(practice: Practice) -> Iterator[SourceView]:
    for number, source in enumerate(practice.sources, 1):
        cited = tuple(claim.number for claim in practice.claims if number in claim.sources)
        year = str(source.year or "")
        yield SourceView(number, source.title, source.publisher, year, source.url or "", source.copy, cited)


def lineage_views(practice: Practice, rows: Mapping[str, RecordRow], say: Say) -> Iterator[tuple[str, tuple[KinView, ...]]]:
    """Where it came from, then what came after, each with a link where it is a case here."""
    names = {
        "adapted-from": say("Adapted from"),
        "inspired-by": say("Inspired by"),
        "replaced": say("Took the place of"),
        "replaced-by": say("Was replaced by"),
        "spread-to": say("Spread to"),
    }
    for name, later in ((say("Came from"), False), (say("What came after"), True)):
        kin = []
        for item in practice.lineage:
            if (item.relation in LATER) is later:
                row = rows.get(item.id) if item.id else None
                link, facts = (_case_link(row, say), _row_facts(row, say)) if row else (None, "")
                kin.append(KinView(names[item.relation], item.text.get(say.language), link, facts))
        if kin:
            yield name, tuple(kin)


def related_views(related: Sequence[Related], rows: Mapping[str, RecordRow], say: Say) -> Iterator[KinView]:
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
