"""One practice on paper: all that its PDF and Word files say, in one language or side by side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kb.records import HEADINGS, LANGUAGES, SECTIONS, Bilingual, Claim, Face, Lang, Practice, Source
from kb.text.language import detect
from kb.text.years import format_date, to_buddhist_era
from web.pages import Say
from web.takeaway.blocks import Block, blocks
from web.takeaway.facts import Fact, facts


@dataclass(frozen=True)
class Section:
    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Labels:
    """Fixed words of the paper in one language."""

    repository: str
    facts: str
    claims: str
    claim: str
    figures: str
    basis: str
    sources: str
    address: str
    printed: str
    licence: str
    unshown: str
    """What to say where the fonts lack letters of the text."""
    page: str
    """`{page} {pages}` are put in by the writer."""


@dataclass(frozen=True)
class FaceText:
    """One language's share. Facts and sections stand in the same order in both languages."""

    language: Lang
    title: str
    notices: tuple[str, ...]
    facts: tuple[Fact, ...]
    sections: tuple[Section, ...]
    labels: Labels


@dataclass(frozen=True)
class ClaimLine:
    """A claim's line in the table; `basis` and `note` have one text for each face that is shown."""

    number: int
    figures: str
    basis: tuple[str, ...]
    note: tuple[str, ...]
    sources: str


@dataclass(frozen=True)
class SourceLine:
    number: int
    title: str
    publisher: str
    year: str
    url: str
    copy: tuple[str, ...]
    """That it is a third party's copy, for each face, where it is one."""
    language: str
    """The language of the title, as far as it can be seen."""


@dataclass(frozen=True)
class Handout:
    """A practice as it is printed: one or two faces, the claims with who says so, the sources, and where it comes from."""

    title: str
    faces: tuple[FaceText, ...]
    claims: tuple[ClaimLine, ...]
    sources: tuple[SourceLine, ...]
    address: str


def faces_shown(practice: Practice, view: str, language: str) -> tuple[Lang, ...]:
    """The faces that a view means, the reader's own first; `view` may be empty. Empty where the practice lacks that face."""
    there = [lang for lang in LANGUAGES if lang in practice.faces]
    own_first = sorted(there, key=lambda lang: lang != language)
    if view == "both":
        return tuple(own_first)
    if not view:
        return tuple(own_first[:1])
    return tuple(lang for lang in there if lang == view)


def handout(practice: Practice, speakers: tuple[Say, ...], address: str, day: date) -> Handout:
    """The paper of a practice in the languages of `speakers`; `address` is that of its page, `day` the day of printing."""
    languages: tuple[Lang, ...] = tuple("th" if say.language == "th" else "en" for say in speakers)
    keys = tuple(key for key in SECTIONS if any(key in practice.faces[language].sections for language in languages))
    pairs = list(zip(languages, speakers, strict=True))
    return Handout(
        title=practice.title.get(languages[0]),
        faces=tuple(_face(practice, practice.faces[language], keys, _Told(say, day)) for language, say in pairs),
        claims=tuple(_claim(claim, speakers) for claim in practice.claims),
        sources=tuple(source_line(number, source, speakers) for number, source in enumerate(practice.sources, 1)),
        address=address,
    )


@dataclass(frozen=True)
class _Told:
    """In which words, and on which day."""

    say: Say
    day: date


def _face(practice: Practice, face: Face, keys: tuple[str, ...], told: _Told) -> FaceText:
    """One language's share with the sections `keys`; one that the face lacks stays empty beside the other's."""
    say = told.say
    return FaceText(
        language=face.language,
        title=face.title,
        notices=(verification(practice, say), *_state(face, say)),
        facts=facts(practice, say),
        sections=tuple(Section(HEADINGS[face.language][key], blocks(face.sections.get(key, ""))) for key in keys),
        labels=labels(say, told.day),
    )


def labels(say: Say, day: date) -> Labels:
    """The fixed words in the language of `say`, with the day of printing in both eras."""
    return Labels(
        repository=say("ASEAN good practices"),
        facts=say("At a glance"),
        claims=say("Who says so"),
        claim=say("Claim"),
        figures=say("Figures"),
        basis=say("Basis"),
        sources=say("Sources"),
        address=say("Address of this case"),
        printed=say("Printed on {day}").format(day=both_eras(day, say.language)),
        licence=say("Compiled from public sources. Texts: CC BY 4.0."),
        unshown=unshown(say),
        page=say("Page {page} of {pages}"),
    )


def unshown(say: Say) -> str:
    """That letters were left out of a file."""
    return say("Letters that this file has no font for are shown as a question mark; the Word file has them all.")


def both_eras(day: date, language: str) -> str:
    """A date in words with its year in both eras."""
    other = f"ค.ศ. {day.year}" if language == "th" else f"B.E. {to_buddhist_era(day.year)}"
    return f"{format_date(day, language)} ({other})"


def verification(practice: Practice, say: Say) -> str:
    """Whether the agency has confirmed what the practice says."""
    if practice.verification == "confirmed":
        return say("Confirmed by the agency.")
    return say("Compiled from public sources; not yet confirmed by the agency.")


def _state(face: Face, say: Say) -> tuple[str, ...]:
    """What a reader should know of a face: its translation, its check, its names."""
    notes = []
    if face.state == "machine":
        notes.append(say("This text was translated by machine."))
    if not face.checked:
        notes.append(say("No native editor has checked this text yet."))
    if face.unchecked_names:
        notes.append(say("Names not yet verified: {names}").format(names=", ".join(face.unchecked_names)))
    return tuple(notes)


def _claim(claim: Claim, speakers: tuple[Say, ...]) -> ClaimLine:
    note = claim.note or Bilingual("", "")
    return ClaimLine(
        claim.number,
        ", ".join(claim.figures),
        tuple(say.label("bases", claim.basis) for say in speakers),
        tuple(note.get(say.language) for say in speakers),
        ", ".join(str(number) for number in claim.sources),
    )


def source_line(number: int, source: Source, speakers: tuple[Say, ...]) -> SourceLine:
    """A source as it is listed."""
    copy = tuple(say("a third party's copy") for say in speakers) if source.copy else ()
    return SourceLine(
        number, source.title, source.publisher, str(source.year or ""), source.url or "", copy, detect(source.title)
    )
